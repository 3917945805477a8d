"""Active and total parameters of the page's models, from example.py."""

from example import MODELS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE

LABELS = {
    "zh": {
        "open": "Apache-2.0 / MIT",
        "clause": "MIT 加条款",
        "own": "自订许可证",
        "x": "参数（10 亿）",
        "ends": "空心：激活，实心：总数",
    },
    "en": {
        "open": "Apache-2.0 / MIT",
        "clause": "MIT + clause",
        "own": "own licence",
        "x": "parameters (billions)",
        "ends": "hollow: active, solid: total",
    },
}
STYLE = {
    "open": (BLUE, "o"),
    "clause": (OCHRE, "^"),
    "own": (ORANGE, "s"),
}


def rows(ax: Axes, language: str, size: float, wide: bool) -> None:
    label = LABELS[language]
    for row, m in enumerate(MODELS):
        colour, marker = STYLE[m.licence]
        if m.active < m.total:
            start = m.active * (1.09 if wide else 1.24)
            ax.plot([start, m.total], [row, row], color=colour, lw=1.4)
            ax.plot(
                m.active,
                row,
                marker,
                ms=5.5,
                mfc="none",
                mec=colour,
                mew=1.4,
            )
        ax.plot(m.total, row, marker, color=colour, ms=6.5)
    ax.set(xscale="log", xlim=(2.8, 4200), ylim=(len(MODELS) + 0.1, -0.8))
    ax.set_xticks([10, 100, 1000])
    ax.set_xticklabels(["10", "100", "1,000"])
    ax.set_yticks(range(len(MODELS)))
    space = "   " if wide else "  "
    ax.set_yticklabels([m.name + space + m.date for m in MODELS])
    ax.tick_params(axis="y", colors=INK, labelsize=size, length=0)
    ax.tick_params(axis="x", colors=MUTED, labelsize=size, length=0)
    ax.set_xlabel(label["x"], size=size, color=MUTED, loc="right")
    ax.grid(axis="x", color=GRID, lw=0.7)
    ax.minorticks_off()
    for side in ax.spines.values():
        side.set_visible(False)


def key(
    figure: Figure, language: str, size: float, places: list[float]
) -> None:
    """The three marks with their names in a line above the rows."""
    label = LABELS[language]
    ax = figure.add_axes((0, 0.915, 1, 0.085))
    ax.set(xlim=(0, 1), ylim=(0, 2))
    ax.axis("off")
    for x, (name, (colour, marker)) in zip(places, STYLE.items(), strict=True):
        ax.plot(x, 1.5, marker, color=colour, ms=6.5)
        ax.text(x + 0.02, 1.5, label[name], color=INK, size=size, va="center")
    ax.text(
        0.995,
        0.3,
        label["ends"],
        color=MUTED,
        size=size,
        ha="right",
        va="center",
    )


def sizes(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 5.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.33, 0.095, 0.985, 0.915)
    rows(ax, language, 11.5, True)
    key(figure, language, 11.5, [0.02, 0.36, 0.68])
    return figure


def sizes_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.5, 0.09, 0.97, 0.92)
    rows(ax, language, 10.5, False)
    key(figure, language, 10, [0.025, 0.39, 0.69])
    return figure


FIGURES = {"sizes": sizes}
NARROW = {"sizes": sizes_narrow}
