"""The figure of this page: what epsilon does to small inputs."""

from typing import Any

import numpy as np
from example import normalize, rms
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {"in": "输入的 RMS", "out": "输出的 RMS", "at": "输入 RMS = √ε"},
    "en": {
        "in": "RMS of the input",
        "out": "RMS of the output",
        "at": "input RMS = √ε",
    },
}


def draw(ax: Axes, label: dict[str, str], size: float) -> None:
    x = normalize(np.array([1.0, -2, 3, 4]))
    inputs = np.logspace(-5, 1, 241)
    curves: list[tuple[float, str, Any, str, tuple[float, float]]] = [
        (1e-6, BLUE, "-", "ε = 10⁻⁶", (5.0e-4, 0.52)),
        (1e-5, ORANGE, (0, (6, 3)), "ε = 10⁻⁵", (2.8e-3, 0.52)),
    ]
    for eps, colour, dash, name, at in curves:
        out = [rms(normalize(value * x, eps)) for value in inputs]
        ax.plot(inputs, out, color=colour, ls=dash, lw=2)
        half = rms(normalize(np.sqrt(eps) * x, eps))
        left = eps == 1e-6
        mark = "o" if left else "s"
        ax.plot(np.sqrt(eps), half, mark, color=colour, ms=7)
        ax.text(
            *at,
            name,
            ha="right" if left else "left",
            fontsize=size,
            color=INK,
        )
    ax.axhline(np.sqrt(0.5), color=MUTED, lw=1, ls=(0, (3, 3)), zorder=0)
    ax.text(
        10,
        np.sqrt(0.5) - 0.03,
        label["at"],
        ha="right",
        va="top",
        fontsize=size,
        color=INK,
    )
    ax.set(xscale="log", xlim=(1e-5, 10), ylim=(0, 1.06))
    ax.set_yticks([0, 0.5, np.sqrt(0.5), 1], ["0", "0.5", "0.707", "1"])
    ticks = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10]
    names = ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "0.1", "1", "10"]
    ax.set_xticks(ticks, names)
    ax.minorticks_off()
    ax.set_xlabel(label["in"], fontsize=size, color=INK)
    ax.set_title(label["out"], loc="left", fontsize=size, color=INK, pad=8)
    ax.grid(color=GRID, lw=0.7, axis="y")
    bare_axes(ax, size - 1)
    ax.tick_params(axis="x", pad=8)


def epsilon_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.add_axes((0.085, 0.2, 0.885, 0.68))
    draw(ax, LABELS[language], 13)
    return figure


def epsilon_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    ax = figure.add_axes((0.13, 0.21, 0.83, 0.67))
    draw(ax, LABELS[language], 11)
    return figure


FIGURES = {"epsilon": epsilon_wide}
NARROW = {"epsilon": epsilon_narrow}
