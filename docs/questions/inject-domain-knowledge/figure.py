"""Accuracy on unseen wordings over their number, from example.py."""

from functools import cache

from example import accuracy, train
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

# All forms of the figure show the same.
trained = cache(train)

LABELS = {
    "zh": {
        "x": "每条事实的说法数 n",
        "y": "没训练过的说法，准确率",
        "same": "同一句重复 n 次",
    },
    "en": {
        "x": "wordings n of each fact",
        "y": "accuracy on an unseen wording",
        "same": "one wording, n times",
    },
}
COUNTS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300)
LINES = ((10.0, BLUE, "o"), (30.0, ORANGE, "s"), (100.0, OCHRE, "^"))


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    for kappa, colour, marker in LINES:
        y = [accuracy(trained(n, kappa)[1]) for n in COUNTS]
        ax.plot(COUNTS, y, color=colour, lw=2, marker=marker, ms=4.5)
        at = y.index(1.0)
        ax.text(
            COUNTS[at] * (0.84 if kappa == 10 else 1.08),
            1.03,
            f"κ = {kappa:.0f}",
            fontsize=size,
            color=INK,
            ha="center",
            va="bottom",
        )
    flat = accuracy(trained(1, 30.0)[1])
    ax.plot([1, 300], [flat, flat], color=MUTED, lw=1.6, ls=(0, (2, 2)))
    ax.text(
        300,
        flat - 0.03,
        label["same"],
        fontsize=size,
        color=INK,
        ha="right",
        va="top",
    )
    ax.set(xscale="log", xlim=(0.9, 330), ylim=(0, 1.13))
    ax.set_xticks(
        [1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"]
    )
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, size - 1)
    ax.set_title(label["y"], fontsize=size, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["x"], fontsize=size, color=INK, loc="right")


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    draw(figure.add_axes((0.07, 0.17, 0.91, 0.72)), language, 12.5)
    return figure


def small(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    draw(figure.add_axes((0.11, 0.17, 0.87, 0.71)), language, 11)
    return figure


FIGURES = {"wordings": wide}
NARROW = {"wordings": small}
