"""Accuracy of a vote over chains, for three kinds of questions."""

import numpy as np
from example import vote
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "accuracy": "投票答对的概率",
        "chains": "投票的链数 n",
        "even": "对 0.55",
        "mode": "对 0.35",
        "misled": "对 0.30",
    },
    "en": {
        "accuracy": "chance that the vote is right",
        "chains": "chains n",
        "even": "right 0.55",
        "mode": "right 0.35",
        "misled": "right 0.30",
    },
}
CHAINS = (1, 2, 3, 5, 8, 12, 20, 30, 45, 70, 100)


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    for name, answers, colour, dash, at in (
        ("even", [0.55, *[0.09] * 5], BLUE, "-", (1.05, 0.66)),
        ("mode", [0.35, 0.25, 0.2, 0.2], ORANGE, (0, (6, 3)), (14, 0.42)),
        ("misled", [0.3, 0.4, 0.3], OCHRE, (0, (2, 2)), (14, 0.1)),
    ):
        values = [vote(np.array(answers), n) for n in CHAINS]
        ax.plot(CHAINS, values, "o-", color=colour, lw=2, ms=4, ls=dash)
        ax.text(*at, label[name], fontsize=size, color=INK)
    ax.set(xscale="log", xlim=(0.95, 105), ylim=(0, 1.03))
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["chains"], fontsize=size, color=INK, loc="right")
    ax.set_title(
        label["accuracy"], fontsize=size, color=INK, loc="left", pad=6
    )


def vote_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    draw(figure.add_axes((0.05, 0.17, 0.94, 0.73)), language, 12)
    return figure


def vote_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.1))
    draw(figure.add_axes((0.08, 0.17, 0.9, 0.73)), language, 11)
    return figure


FIGURES = {"vote": vote_wide}
NARROW = {"vote": vote_narrow}
