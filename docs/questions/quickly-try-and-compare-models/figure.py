"""Chance of finding the better model, by the number of decided pairs."""

from example import power
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "found": "看出差别的概率",
        "pairs": "分出胜负的对数",
        "rate": "真实胜率 ",
    },
    "en": {
        "found": "chance that the difference is found",
        "pairs": "decided pairs",
        "rate": "win rate ",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    sizes = range(10, 401, 10)
    for rate, colour, dash, at in (
        (0.7, BLUE, "-", (96, 0.885)),
        (0.6, ORANGE, (0, (6, 3)), (176, 0.62)),
        (0.55, OCHRE, (0, (2, 2)), (262, 0.2)),
    ):
        found = [power(n, rate) for n in sizes]
        ax.plot(list(sizes), found, color=colour, lw=2, ls=dash)
        text = f"{rate:.2f}"
        if rate == 0.7:
            text = label["rate"] + text
        ax.text(*at, text, fontsize=size, color=INK)
    ax.set(xlim=(0, 400), ylim=(0, 1.02))
    ax.set_xticks([0, 50, 100, 200, 300, 400])
    ax.set_yticks([0, 0.5, 0.8, 1], ["0", "0.5", "0.8", "1"])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["pairs"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["found"], fontsize=size, color=INK, loc="left", pad=6)


def power_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    draw(figure.add_axes((0.06, 0.18, 0.91, 0.71)), language, 12)
    return figure


def power_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    draw(figure.add_axes((0.09, 0.19, 0.86, 0.7)), language, 11)
    return figure


FIGURES = {"power": power_wide}
NARROW = {"power": power_narrow}
