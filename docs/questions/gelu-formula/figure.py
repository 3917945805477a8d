"""GELU beside ReLU and SiLU, and the errors of its two approximations."""

from typing import Any

import numpy as np
from example import (
    TAYLOR_A,
    TAYLOR_C,
    Array,
    gelu,
    gelu_sigmoid,
    gelu_slope,
    gelu_tanh,
    sigmoid,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "function": "函数",
        "slope": "导数",
        "tanh": "tanh 近似 − 精确值（10⁻⁴）",
        "sigmoid": "sigmoid 近似 − 精确值（10⁻²）",
        "taylor": "泰勒",
    },
    "en": {
        "function": "function",
        "slope": "derivative",
        "tanh": "tanh form − exact (10⁻⁴)",
        "sigmoid": "sigmoid form − exact (10⁻²)",
        "taylor": "Taylor",
    },
}
DASHED: Any = (0, (6, 3))
DOTTED: Any = (0, (2, 3))


def plain(ax: Axes, title: str, size: float) -> None:
    ax.set_title(title, loc="left", fontsize=size, color=INK, pad=7)
    ax.grid(color=GRID, lw=0.7, axis="y")
    bare_axes(ax, size - 1)
    ax.tick_params(axis="x", pad=6)
    ax.set_axisbelow(True)


def draw_function(ax: Axes, label: dict[str, str], size: float) -> None:
    x = np.linspace(-4, 1.2, 261)
    ax.plot(x, np.maximum(x, 0), color=OCHRE, ls=DOTTED, lw=2)
    ax.plot(x, gelu_sigmoid(x, 1.0), color=ORANGE, ls=DASHED, lw=2)
    ax.plot(x, gelu(x), color=BLUE, lw=2)
    for at, mark, colour, y in [
        (-0.7518, "o", BLUE, -0.16997),
        (-1.2785, "s", ORANGE, -0.27846),
    ]:
        ax.plot(at, y, mark, color=colour, ms=6)
    for name, y in [("ReLU", 1.21), ("GELU", 1.05), ("SiLU", 0.89)]:
        ax.text(1.33, y, name, fontsize=size, color=INK, va="center")
    ax.set(xlim=(-4, 1.25), ylim=(-0.36, 1.25))
    ax.set(
        xticks=[-4, -3, -2, -1, 0, 1],
        yticks=[0, 0.5, 1],
        yticklabels=["0", "0.5", "1"],
    )
    plain(ax, label["function"], size)


def draw_slope(ax: Axes, label: dict[str, str], size: float) -> None:
    x = np.linspace(-4, 4, 321)
    gate = sigmoid(x)
    ax.plot([-4, 0, 0, 4], [0, 0, 1, 1], color=OCHRE, ls=DOTTED, lw=2)
    ax.plot(x, gate * (1 + x * (1 - gate)), color=ORANGE, ls=DASHED, lw=2)
    ax.plot(x, gelu_slope(x), color=BLUE, lw=2)
    root = float(np.sqrt(2))
    peak = float(gelu_slope(np.array([root]))[0])
    ax.plot([root, -root], [peak, 1 - peak], "o", color=BLUE, ms=6)
    ax.text(1.25, 1.16, "GELU", fontsize=size, color=INK, ha="right")
    ax.text(2.5, 1.16, "SiLU", fontsize=size, color=INK)
    ax.text(-0.2, 0.7, "ReLU", fontsize=size, color=INK, ha="right")
    ax.set(xlim=(-4, 4), ylim=(-0.2, 1.32))
    ax.set(
        xticks=[-4, -2, 0, 2, 4],
        yticks=[0, 0.5, 1],
        yticklabels=["0", "0.5", "1"],
    )
    plain(ax, label["slope"], size)


def draw_errors(
    ax: Axes,
    size: float,
    title: str,
    unit: float,
    lines: list[tuple[Array, str, Any, str, tuple[float, float]]],
) -> None:
    x = np.linspace(-5, 5, 501)
    for values, colour, dash, name, at in lines:
        ax.plot(x, values / unit, color=colour, ls=dash, lw=2)
        ax.text(
            *at,
            name,
            fontsize=size,
            color=INK,
            ha="center",
            va="center",
        )
    ax.set(xlim=(-5, 5), xticks=[-4, -2, 0, 2, 4])
    plain(ax, title, size)


def draw_both(
    top: Axes, bottom: Axes, label: dict[str, str], size: float
) -> None:
    x = np.linspace(-5, 5, 501)
    exact = gelu(x)
    draw_errors(
        top,
        size,
        label["tanh"],
        1e-4,
        [
            (
                gelu_tanh(x, TAYLOR_A) - exact,
                ORANGE,
                DASHED,
                f"{label['taylor']}\na = 0.045540",
                (0, 5.2),
            ),
            (gelu_tanh(x) - exact, BLUE, "-", "a = 0.044715", (0, -3.5)),
        ],
    )
    draw_errors(
        bottom,
        size,
        label["sigmoid"],
        1e-2,
        [
            (
                gelu_sigmoid(x, TAYLOR_C) - exact,
                ORANGE,
                DASHED,
                f"{label['taylor']}\nc = 1.596",
                (0, -2.5),
            ),
            (gelu_sigmoid(x) - exact, BLUE, "-", "c = 1.702", (0, 1.15)),
        ],
    )
    top.set(ylim=(-4.4, 8.2), yticks=[-4, 0, 4, 8])
    bottom.set(ylim=(-3.8, 1.7), yticks=[-3, -2, -1, 0, 1])
    top.tick_params(labelbottom=False)
    bottom.set_xlabel("x", fontsize=size, color=INK)


def curves_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.9))
    left = figure.add_axes((0.055, 0.11, 0.38, 0.78))
    right = figure.add_axes((0.595, 0.11, 0.39, 0.78))
    draw_function(left, LABELS[language], 12.5)
    draw_slope(right, LABELS[language], 12.5)
    return figure


def curves_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.2))
    top = figure.add_axes((0.1, 0.57, 0.74, 0.38))
    bottom = figure.add_axes((0.1, 0.06, 0.87, 0.38))
    draw_function(top, LABELS[language], 11.5)
    draw_slope(bottom, LABELS[language], 11.5)
    return figure


def errors_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.4))
    top = figure.add_axes((0.075, 0.57, 0.9, 0.36))
    bottom = figure.add_axes((0.075, 0.115, 0.9, 0.36))
    draw_both(top, bottom, LABELS[language], 12.5)
    return figure


def errors_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.6))
    top = figure.add_axes((0.1, 0.57, 0.87, 0.36))
    bottom = figure.add_axes((0.1, 0.115, 0.87, 0.36))
    draw_both(top, bottom, LABELS[language], 11)
    return figure


FIGURES = {"curves": curves_wide, "errors": errors_wide}
NARROW = {"curves": curves_narrow, "errors": errors_narrow}
