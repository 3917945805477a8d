"""The figure of this page: sizes from example.py, release dates below."""

from example import GPT_1, GPT_2, GPT_3, GPT_OSS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "y": "参数（对数刻度）",
        "open": "旗舰规模未公布",
        "align": "对齐",
        "reason": "模态、推理",
        "ticks": ["1 亿", "10 亿", "100 亿", "1000 亿"],
    },
    "en": {
        "y": "parameters (log scale)",
        "open": "sizes not published",
        "align": "alignment",
        "reason": "modes, reasoning",
        "ticks": ["0.1B", "1B", "10B", "100B"],
    },
}
# Name, year as a fraction, label above (1) or below (-1), its alignment.
LANES = {
    "align": [
        ("Codex", 2021.52, 1, "right"),
        ("InstructGPT", 2022.07, -1, "center"),
        ("ChatGPT", 2022.91, 1, "left"),
    ],
    "reason": [
        ("GPT-4", 2023.20, 1, "center"),
        ("GPT-4o", 2024.37, -1, "right"),
        ("o1", 2024.70, 1, "center"),
        ("o3", 2025.29, -1, "center"),
        ("GPT-5", 2025.60, 1, "left"),
        ("GPT-6", 2026.67, -1, "center"),
    ],
}


def sizes(ax: Axes, language: str) -> None:
    label = LABELS[language]
    known = [
        ("GPT-1", 2018.44, GPT_1.parameters()),
        ("GPT-2", 2019.12, GPT_2[-1].parameters()),
        ("GPT-3", 2020.41, GPT_3.parameters()),
    ]
    ax.axvspan(2022.91, 2027.5, color=GRID, alpha=0.45, lw=0)
    ax.text(2025.2, 3e11, label["open"], color=MUTED, size=12, ha="center")
    ax.plot(
        *zip(*[(x, n) for _, x, n in known], strict=True), "o-", color=BLUE
    )
    for name, x, n in known:
        if name == "GPT-3":
            at, side = (x - 0.3, n * 0.95), "right"
        else:
            at, side = (x + 0.25, n * 0.72), "left"
        ax.text(*at, name, color=BLUE, size=12, ha=side)
    for name, model in GPT_OSS.items():
        n = model.parameters()
        ax.plot(2025.59, n, "s", color=ORANGE, ms=7)
        ax.text(
            2025.4,
            n * 0.8,
            name,
            color=ORANGE,
            size=12,
            ha="right",
            va="center",
        )
    ax.set(yscale="log", ylim=(5e7, 9e11), yticks=[1e8, 1e9, 1e10, 1e11])
    ax.set_yticklabels(label["ticks"])
    ax.minorticks_off()
    ax.text(0, 1.03, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.grid(axis="y", color=GRID, lw=0.7)


def lanes(ax: Axes, language: str) -> None:
    label = LABELS[language]
    for row, (lane, events) in enumerate(LANES.items()):
        y = -row
        ax.plot([2018, 2027.5], [y, y], color=GRID, lw=1, zorder=0)
        ax.text(2018.0, y - 0.34, label[lane], color=MUTED, size=12)
        for name, x, side, align in events:
            ax.plot(x, y, "o", color=BLUE, ms=6)
            ax.text(
                {"left": x - 0.1, "right": x + 0.35}.get(align, x),
                y + (0.14 if side > 0 else -0.17),
                name,
                color=INK,
                size=11.5,
                ha=align,
                va="bottom" if side > 0 else "top",
            )
    ax.set(ylim=(-1.55, 0.5), yticks=[])


def timeline(language: str, size: tuple[float, float], left: float) -> Figure:
    figure = Figure(figsize=size)
    axes = figure.subplots(2, 1, sharex=True, height_ratios=[1.6, 1])
    figure.subplots_adjust(left, 0.06, 0.99, 0.94, hspace=0.06)
    sizes(axes[0], language)
    lanes(axes[1], language)
    axes[1].set(xlim=(2017.9, 2027.6), xticks=[2018, 2020, 2022, 2024, 2026])
    for ax in axes:
        bare_axes(ax, 11.5)
    return figure


def evolution(language: str) -> Figure:
    left = 0.105 if language == "zh" else 0.08
    return timeline(language, (6.4, 4.5), left)


def evolution_narrow(language: str) -> Figure:
    left = 0.19 if language == "zh" else 0.145
    return timeline(language, (3.65, 5.0), left)


FIGURES = {"evolution": evolution}
NARROW = {"evolution": evolution_narrow}
