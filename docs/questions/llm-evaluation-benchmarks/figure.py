"""Bradley-Terry scores with intervals, few votes and many."""

import math
from functools import cache

from example import NAMES, TRUE, fitted
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

# All forms of the figure show the same.
scores = cache(fitted)

LABELS = {
    "zh": {"x": "分数（均值为 0）", "votes": "{} 票", "true": "真值"},
    "en": {"x": "score (mean 0)", "votes": "{} votes", "true": "true"},
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    truth = TRUE - TRUE.mean()
    for votes, colour, shift in ((2000, ORANGE, -0.16), (20000, BLUE, 0.16)):
        score, covariance = scores(votes)
        for i in range(len(TRUE)):
            half = 1.96 * math.sqrt(covariance[i, i])
            low, high = score[i] - half, score[i] + half
            y = i + shift
            ax.plot([low, high], [y, y], color=colour, lw=2.2)
            ax.plot(score[i], y, "o", color=colour, ms=5)
        edge = score[0] - 1.96 * math.sqrt(covariance[0, 0])
        name = label["votes"].format(f"{votes:,}")
        ax.text(
            min(edge, 38) - 5,
            shift * 1.25,
            name,
            fontsize=size,
            color=INK,
            ha="right",
            va="center",
        )
    for i, value in enumerate(truth):
        ax.plot([value, value], [i - 0.4, i + 0.4], color=MUTED, lw=1.2)
    ax.text(
        truth[0],
        -0.62,
        label["true"],
        fontsize=size,
        color=INK,
        ha="center",
        va="center",
    )
    ax.set(xlim=(-110, 100), ylim=(5.6, -0.95))
    ax.set_yticks(range(len(TRUE)), list(NAMES))
    ax.set_xticks([-100, -50, 0, 50, 100])
    ax.grid(axis="x", color=GRID, lw=0.8)
    ax.set_xlabel(label["x"], fontsize=size, color=INK, loc="right")
    bare_axes(ax, size - 1)
    ax.tick_params(axis="y", colors=INK, labelsize=size)


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    draw(figure.add_axes((0.05, 0.16, 0.92, 0.83)), language, 12.5)
    return figure


def narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    draw(figure.add_axes((0.08, 0.15, 0.86, 0.84)), language, 11)
    return figure


FIGURES = {"scores": wide}
NARROW = {"scores": narrow}
