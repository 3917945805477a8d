"""Cost of a model over its life, by size, at one and the same loss."""

import numpy as np
from example import ALPHA, BETA, A, B, E, cheapest, tokens_for
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "cost": "训练加推理，10²² 次浮点运算",
        "size": "参数，十亿",
        "served": ("只训练", "推理 1T token", "推理 10T"),
    },
    "en": {
        "cost": "training and serving, 10²² FLOPs",
        "size": "parameters, billions",
        "served": ("training alone", "1T served", "10T served"),
    },
}
TARGET = E + A / 8e9**ALPHA + B / (20 * 8e9) ** BETA


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    n = np.geomspace(1.3e9, 4e10, 400)
    for name, served, colour, dash, at in (
        (label["served"][0], 0.0, BLUE, "-", (11, 0.5)),
        (label["served"][1], 1e12, ORANGE, (0, (6, 3)), (5.4, 5.6)),
        (label["served"][2], 1e13, OCHRE, (0, (2, 2)), (3.0, 17)),
    ):
        cost = (6 * n * tokens_for(TARGET, n) + 2 * n * served) / 1e22
        ax.plot(n / 1e9, cost, color=colour, lw=2, ls=dash)
        best, _, least = cheapest(TARGET, served)
        ax.plot(best / 1e9, least / 1e22, "o", color=colour, ms=7)
        ax.text(*at, name, fontsize=size, color=INK)
        ax.text(
            best / 1e9,
            least / 1e22 * 1.22,
            f"{best / 1e9:.1f}B",
            fontsize=size,
            color=INK,
            ha="center",
            va="bottom",
        )
    ax.set(xscale="log", yscale="log", xlim=(1.3, 40), ylim=(0.3, 60))
    ax.set_xticks([2, 4, 8, 16, 32], ["2", "4", "8", "16", "32"])
    ax.set_yticks([1, 10], ["1", "10"])
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["size"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["cost"], fontsize=size, color=INK, loc="left", pad=6)


def cost_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    draw(figure.add_axes((0.05, 0.16, 0.94, 0.74)), language, 12)
    return figure


def cost_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    draw(figure.add_axes((0.08, 0.17, 0.9, 0.73)), language, 11)
    return figure


FIGURES = {"cost": cost_wide}
NARROW = {"cost": cost_narrow}
