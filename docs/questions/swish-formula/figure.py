"""Swish for several beta, and where its slope and its bend are."""

from typing import Any

import numpy as np
from example import W, Z, swish, swish_curvature, swish_slope
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import (
    BLUE,
    GREEN,
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
        "minima": "各最小值",
        "slope": "一阶导数",
        "bend": "二阶导数",
        "left": "f → 0",
        "right": "f → x",
    },
    "en": {
        "minima": "minima",
        "slope": "first derivative",
        "bend": "second derivative",
        "left": "f → 0",
        "right": "f → x",
    },
}
# beta, colour, dash, mark of the minimum, label at the right end
SERIES: list[tuple[float, str, Any, str, str]] = [
    (0.0, GREEN, (0, (12, 4)), "", "β = 0"),
    (0.5, VIOLET, (0, (10, 3, 2, 3)), "D", "0.5"),
    (1.0, BLUE, "-", "o", "1"),
    (1.702, ORANGE, (0, (6, 3)), "s", "1.702"),
    (10.0, OCHRE, (0, (2, 2)), "^", "10"),
]


def plain(ax: Axes, size: float) -> None:
    ax.grid(color=GRID, lw=0.7, axis="y")
    bare_axes(ax, size - 1)
    ax.tick_params(axis="x", pad=6)
    ax.set_axisbelow(True)


def draw_family(ax: Axes, label: dict[str, str], size: float) -> None:
    x = np.linspace(-4.2, 1.2, 541)
    ax.plot(x, np.maximum(x, 0), color=MUTED, lw=1)
    ray = np.array([-3.55, 0])
    ax.plot(ray, W / (1 + W) * ray, color=MUTED, lw=1, ls=(0, (3, 3)))
    ax.text(-3.6, -0.76, label["minima"], fontsize=size, color=INK, ha="right")
    for beta, colour, dash, mark, name in SERIES:
        ax.plot(x, swish(x, beta), color=colour, ls=dash, lw=2)
        if beta:
            at = -(1 + W) / beta, -W / beta
            ax.plot(*at, mark, color=colour, ms=6)
        end = float(swish(np.array(1.2), beta))
        ax.text(1.27, end, name, fontsize=size, color=INK, va="center")
    ax.text(-4.15, 0.05, "ReLU", fontsize=size, color=INK)
    ax.set(xlim=(-4.2, 1.22), ylim=(-0.85, 1.28))
    ax.set(xticks=[-4, -3, -2, -1, 0, 1], yticks=[-0.5, 0, 0.5, 1])
    plain(ax, size)


def draw_slope(ax: Axes, label: dict[str, str], size: float) -> None:
    x = np.linspace(-6, 6, 481)
    ax.plot(x, swish_slope(x), color=BLUE, lw=2)
    ax.plot([-2 * Z, 2 * Z], [(1 - Z) / 2, (1 + Z) / 2], "s", color=ORANGE)
    ax.plot(-1 - W, 0, "o", color=BLUE, ms=6)
    ax.set(xlim=(-6, 6), ylim=(-0.2, 1.25), xticks=[-6, -3, 0, 3, 6])
    ax.set(yticks=[0, 0.5, 1], yticklabels=["0", "0.5", "1"])
    ax.set_title(label["slope"], loc="left", fontsize=size, color=INK, pad=7)
    plain(ax, size)


def draw_bend(ax: Axes, label: dict[str, str], size: float) -> None:
    x = np.linspace(-6, 6, 481)
    ax.plot(x, swish_curvature(x), color=BLUE, lw=2)
    ax.plot([-2 * Z, 2 * Z], [0, 0], "s", color=ORANGE)
    ax.text(-4.4, 0.07, label["left"], fontsize=size, color=INK, ha="center")
    ax.text(4.4, 0.07, label["right"], fontsize=size, color=INK, ha="center")
    ax.set(xlim=(-6, 6), ylim=(-0.1, 0.56), xticks=[-6, -3, 0, 3, 6])
    ax.set(yticks=[0, 0.25, 0.5], yticklabels=["0", "0.25", "0.5"])
    ax.set_title(label["bend"], loc="left", fontsize=size, color=INK, pad=7)
    plain(ax, size)


def family_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.6))
    ax = figure.add_axes((0.07, 0.09, 0.82, 0.88))
    draw_family(ax, LABELS[language], 12.5)
    return figure


def family_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.add_axes((0.115, 0.09, 0.74, 0.89))
    draw_family(ax, LABELS[language], 11)
    return figure


def derivatives_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.6))
    left = figure.add_axes((0.055, 0.12, 0.41, 0.75))
    right = figure.add_axes((0.57, 0.12, 0.42, 0.75))
    draw_slope(left, LABELS[language], 12.5)
    draw_bend(right, LABELS[language], 12.5)
    return figure


def derivatives_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.6))
    top = figure.add_axes((0.115, 0.57, 0.86, 0.36))
    bottom = figure.add_axes((0.115, 0.07, 0.86, 0.36))
    draw_slope(top, LABELS[language], 11)
    draw_bend(bottom, LABELS[language], 11)
    return figure


FIGURES = {"family": family_wide, "derivatives": derivatives_wide}
NARROW = {"family": family_narrow, "derivatives": derivatives_narrow}
