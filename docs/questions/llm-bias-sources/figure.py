"""Majority share of the output against its share in the data."""

import numpy as np
from example import output
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "out": "说法 A 在输出里的比例",
        "data": "说法 A 在数据里的比例",
        "greedy": "贪心",
    },
    "en": {
        "out": "share of wording A in the output",
        "data": "share of wording A in the data",
        "greedy": "greedy",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    data = np.linspace(0.02, 0.98, 97)
    for temperature, colour, dash, text, at in (
        (1.0, BLUE, "-", "τ = 1", (0.83, 0.74)),
        (0.5, ORANGE, (0, (6, 3)), "τ = 0.5", (0.71, 0.88)),
    ):
        out = [output(float(x), (1, 1), 0, temperature) for x in data]
        ax.plot(data, out, color=colour, lw=2, ls=dash)
        side = "left" if temperature == 1.0 else "right"
        ax.text(*at, text, fontsize=size, color=INK, ha=side)
    ax.plot([0, 0.5, 0.5, 1], [0, 0, 1, 1], color=OCHRE, lw=2, ls=(0, (2, 2)))
    ax.text(0.48, 0.84, label["greedy"], fontsize=size, color=INK, ha="right")
    ax.plot(0.6, output(0.6, (1, 1), 0, 1), "o", color=BLUE, ms=6)
    ax.plot(0.6, output(0.6, (1, 1), 0, 0.5), "o", color=ORANGE, ms=6)
    ax.plot(0.6, 1, "o", color=OCHRE, ms=6, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(0, 1.04))
    ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    ax.set_xticklabels(["0", "0.2", "0.4", "0.6", "0.8", "1"])
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["data"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["out"], fontsize=size, color=INK, loc="left", pad=6)


def sharpening_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    draw(figure.add_axes((0.06, 0.17, 0.91, 0.72)), language, 12)
    return figure


def sharpening_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.2))
    draw(figure.add_axes((0.09, 0.18, 0.87, 0.71)), language, 11)
    return figure


FIGURES = {"sharpening": sharpening_wide}
NARROW = {"sharpening": sharpening_narrow}
