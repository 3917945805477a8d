"""Where a layer's time goes before and after fusion, from example.py."""

from example import Cost, scenarios
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "parts": ("GEMM", "逐行", "分数", "启动"),
        "names": ("解码，1 个 token", "解码，16 个 token", "预填充，4,096 个"),
        "states": ("未融合", "融合"),
        "axis": "未融合的总时间 = 100",
    },
    "en": {
        "parts": ("GEMM", "rows", "scores", "launch"),
        "names": ("decode, 1 token", "decode, 16 tokens", "prefill, 4,096"),
        "states": ("before", "after"),
        "axis": "total before fusion = 100",
    },
}


def segments(
    ax: Axes, y: float, row: Cost, whole: float, parts: tuple, least: float
) -> None:
    left = 0.0
    for value, name, colour, tint in zip(
        (row.gemm, row.rows, row.scores, row.launch),
        parts,
        (BLUE, ORANGE, ORANGE, INK),
        (0.28, 0.22, 0.5, 0.22),
        strict=True,
    ):
        width = 100 * value / whole
        if width < 0.3:
            continue
        ax.barh(y, width, 0.72, left, color=colour, alpha=tint, lw=0)
        ax.barh(
            y,
            width,
            0.72,
            left,
            facecolor="none",
            edgecolor=colour,
            lw=1.2,
        )
        if width > least:
            ax.text(
                left + width / 2,
                y,
                name,
                color=INK,
                fontsize=12,
                ha="center",
                va="center",
            )
        elif colour == ORANGE and width > 10:
            # Too thin for its name, which goes above the bar.
            ax.text(
                left + width / 2,
                y - 0.6,
                name,
                color=INK,
                fontsize=12,
                ha="center",
                va="center",
            )
        left += width
    ax.text(left + 1, y, f"{left:.0f}", color=INK, fontsize=12, va="center")


def draw(ax: Axes, label: dict[str, tuple], wide: bool) -> None:
    y = 0.0
    for (_, plain, four), name in zip(
        scenarios(), label["names"], strict=True
    ):
        ax.text(0, y - 0.62, name, color=INK, fontsize=12.5, va="center")
        for row, state in zip((plain, four), label["states"], strict=True):
            segments(
                ax,
                y,
                row,
                plain.total,
                label["parts"],
                9 if wide else 12,
            )
            ax.text(
                -1.5,
                y,
                state,
                color=MUTED,
                fontsize=12,
                ha="right",
                va="center",
            )
            y += 0.85
        y += 0.85
    ax.set(xlim=(0, 108 if wide else 114), ylim=(y - 1.0, -1.1), yticks=[])
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.grid(axis="x", color=GRID, lw=0.7)
    ax.set_axisbelow(True)
    bare_axes(ax, 11)
    ax.set_xlabel(label["axis"], fontsize=12, color=INK)


def shares(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.1, 0.12, 1.0, 1.0)
    draw(ax, LABELS[language], wide=True)
    return figure


def shares_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.16, 0.12, 1.0, 1.0)
    draw(ax, LABELS[language], wide=False)
    return figure


FIGURES = {"shares": shares}
NARROW = {"shares": shares_narrow}
