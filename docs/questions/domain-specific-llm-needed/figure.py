"""The ladder of compute, from example.py, on a logarithmic axis."""

from example import LADDER, gpu_hours
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED

ROWS = {
    "zh": [
        "7B，LoRA，2,000 万",
        "7B，全参数 SFT，2,000 万",
        "7B，继续预训练，100 亿",
        "7B，从零，2 万亿",
        "50B，从零，7,080 亿",
    ],
    "en": [
        "7B, LoRA, 20M",
        "7B, full SFT, 20M",
        "7B, continued, 10B",
        "7B, from scratch, 2T",
        "50B, from scratch, 708B",
    ],
}
UNIT = {"zh": "A100 小时", "en": "A100 hours"}


def draw(ax: Axes, language: str, size: float, inside: bool) -> None:
    rows = ROWS[language]
    for y, (_, n, d, factor) in enumerate(LADDER):
        hours = gpu_hours(n, d, factor)
        ax.plot([0.3, hours], [y, y], color=GRID, lw=1.2)
        ax.plot(hours, y, "o", color=BLUE, ms=8)
        shown = f"{hours:,.1f}" if hours < 10 else f"{hours:,.0f}"
        ax.text(
            hours * (1.9 if inside else 1.6),
            y,
            shown,
            fontsize=size,
            color=INK,
            ha="left",
            va="center",
        )
        if inside:
            ax.text(
                0.3,
                y - 0.2,
                rows[y],
                fontsize=size,
                color=INK,
                ha="left",
                va="bottom",
            )
    ax.set(xscale="log", xlim=(0.3, 6e7 if inside else 2e7))
    ax.set_ylim(4.45, -0.75 if inside else -0.5)
    ax.set_xticks([1, 100, 1e4, 1e6], ["1", "100", "10,000", "1,000,000"])
    ax.minorticks_off()
    ax.set_yticks([] if inside else range(5), [] if inside else rows)
    ax.grid(axis="x", color=GRID, lw=0.7)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", colors=INK, labelsize=size, length=0)
    ax.tick_params(axis="x", colors=MUTED, labelsize=size - 1, length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_xlabel(UNIT[language], fontsize=size, color=INK, loc="right")


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.6))
    left = 0.365
    box = (left, 0.21, 0.985 - left, 0.78)
    draw(figure.add_axes(box), language, 12.5, False)
    return figure


def small(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.2))
    draw(figure.add_axes((0.02, 0.17, 0.95, 0.83)), language, 11, True)
    return figure


FIGURES = {"ladder": wide}
NARROW = {"ladder": small}
