"""Scores over the offset, drawn from what example.py computes."""

import numpy as np
from example import PLANES, curve, frequencies
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

Array = NDArray[np.float64]

LABELS = {
    "zh": {
        "same": "k = q：两种底数",
        "small": "b = 1 万",
        "large": "b = 50 万",
        "far": "k = R₁₀₀₀ q，b = 1 万",
        "peak": "在 1,000 处最高",
        "offset": "相对位置 m − n",
    },
    "en": {
        "same": "k = q, two bases",
        "small": "b = 10,000",
        "large": "b = 500,000",
        "far": "k = R₁₀₀₀ q, b = 10,000",
        "peak": "highest at 1,000",
        "offset": "offset m − n",
    },
}


def offsets(points: int) -> Array:
    found: Array = np.unique(np.geomspace(1, 100_000, points).round())
    return found


def dress(ax: Axes, title: str) -> None:
    ax.set_title(title, fontsize=12.5, color=INK, loc="left", pad=6)
    ax.set(xscale="log", xlim=(1, 100_000), ylim=(-20, 70))
    ax.set(yticks=[0, 32, 64])
    ax.set_xticks(
        [1, 10, 100, 1000, 10_000, 100_000],
        ["1", "10", "100", "1,000", "10⁴", "10⁵"],
    )
    ax.minorticks_off()
    ax.axhline(0, color=MUTED, lw=1, ls=(0, (3, 3)))
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def draw(axes: list[Axes], label: dict[str, str], points: int) -> None:
    x = offsets(points)
    top, bottom = axes
    dress(top, label["same"])
    top.plot(x, curve(x, 1e4), color=BLUE, lw=1.6)
    top.plot(x, curve(x, 5e5), color=ORANGE, lw=1.6, ls=(0, (6, 2.5)))
    top.text(1.6, 17, label["small"], color=INK, fontsize=12)
    top.text(35, 53, label["large"], color=INK, fontsize=12)
    dress(bottom, label["far"])
    near = np.unique(np.r_[x, np.arange(980.0, 1021.0)])
    shifted = np.cos(np.outer(near - 1000, frequencies(2 * PLANES))).sum(
        axis=1
    )
    bottom.plot(near, shifted, color=BLUE, lw=1.6)
    bottom.text(750, 57, label["peak"], color=INK, fontsize=12, ha="right")
    bottom.set_xlabel(label["offset"], fontsize=12, color=INK, loc="right")


def decay(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.6))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.055, 0.11, 0.965, 0.94, hspace=0.36)
    draw(list(axes), LABELS[language], 500)
    return figure


def decay_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.6))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.085, 0.11, 0.945, 0.94, hspace=0.36)
    draw(list(axes), LABELS[language], 300)
    return figure


FIGURES = {"decay": decay}
NARROW = {"decay": decay_narrow}
