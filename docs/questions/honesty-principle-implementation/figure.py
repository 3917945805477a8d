"""Expected score of answering, by confidence, for four penalties."""

import numpy as np
from example import answering
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import (
    BLUE,
    GRID,
    INK,
    MUTED,
    OCHRE,
    ORANGE,
    VIOLET,
    bare_axes,
)

LABELS = {
    "zh": {
        "score": "作答的期望得分，弃权 = 0",
        "p": "答对的概率 p",
        "wrong": "答错扣 ",
        "abstain": "弃权更好",
    },
    "en": {
        "score": "expected score of answering, abstaining = 0",
        "p": "chance p of being right",
        "wrong": "costs ",
        "abstain": "better abstain",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    p = np.linspace(0, 1, 200)
    ax.axhspan(-1.2, 0, color=GRID, alpha=0.35, lw=0)
    for t, colour, dash, at in (
        (0.0, BLUE, "-", (0.2, 0.34)),
        (0.5, ORANGE, (0, (6, 3)), (0.49, 0.1)),
        (0.75, OCHRE, (0, (2, 2)), (0.74, 0.1)),
        (0.9, VIOLET, (0, (8, 3, 2, 3)), (0.89, 0.1)),
    ):
        ax.plot(p, answering(p, t), color=colour, lw=2, ls=dash)
        ax.plot(t, 0, "o", color=colour, ms=6, clip_on=False, zorder=3)
        text = f"{t / (1 - t):.0f}"
        if t in (0.0, 0.5):
            text = label["wrong"] + text
        ax.text(*at, text, fontsize=size, color=INK, ha="right")
    ax.text(0.16, -0.92, label["abstain"], fontsize=size, color=MUTED)
    ax.set(xlim=(0, 1), ylim=(-1.2, 1.05))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.set_yticks([-1, 0, 1], ["−1", "0", "1"])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["p"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["score"], fontsize=size, color=INK, loc="left", pad=6)


def score_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    draw(figure.add_axes((0.05, 0.17, 0.93, 0.72)), language, 12)
    return figure


def score_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.2))
    draw(figure.add_axes((0.07, 0.17, 0.9, 0.73)), language, 11)
    return figure


FIGURES = {"score": score_wide}
NARROW = {"score": score_narrow}
