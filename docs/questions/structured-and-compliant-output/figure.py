"""The figure of this page: step-by-step masking against the conditional."""

import numpy as np
from example import FIRST, SECOND, local_and_exact
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "in": "P(x|a)：前缀 a 之后走向合法结尾的概率",
        "short": "P(x|a)",
        "out": "输出 ax 的概率",
        "local": "逐步掩码",
        "exact": "真正的条件分布",
    },
    "en": {
        "in": "P(x|a): chance that prefix a ends well",
        "short": "P(x|a)",
        "out": "probability of ax",
        "local": "masked step by step",
        "exact": "true conditional",
    },
}


def draw(ax: Axes, label: dict[str, str], size: float) -> None:
    grid = np.linspace(0.002, 1, 400)
    local, exact = [], []
    for u in grid:
        second = SECOND | {"a": {"x": float(u), "y": 1 - float(u)}}
        masked, conditional = local_and_exact(FIRST, second)
        local.append(masked["a"])
        exact.append(conditional["a"])
    ax.plot(grid, local, color=ORANGE, lw=2, ls=(0, (6, 3)))
    ax.plot(grid, exact, color=BLUE, lw=2)
    here = local_and_exact(FIRST, SECOND)[1]["a"]
    ax.plot(0.1, 0.9, "s", color=ORANGE, ms=7)
    ax.plot(0.1, here, "o", color=BLUE, ms=7)
    ax.plot(0.8, 0.9, "D", color=INK, ms=6)
    ax.text(0.14, here - 0.03, "0.529", fontsize=size, color=INK, va="top")
    ax.text(
        0.1, 0.85, "0.900", fontsize=size, color=INK, ha="center", va="top"
    )
    ax.text(0.27, 1.025, label["local"], fontsize=size, color=INK)
    ax.text(0.36, 0.62, label["exact"], fontsize=size, color=INK)
    ax.set(xlim=(0, 1), ylim=(0, 1.13))
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ticks = ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ticks)
    ax.set_title(label["out"], loc="left", fontsize=size, color=INK, pad=8)
    ax.grid(color=GRID, lw=0.7, axis="y")
    bare_axes(ax, size - 1)
    ax.tick_params(axis="x", pad=8)


def distortion_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.add_axes((0.09, 0.2, 0.88, 0.69))
    draw(ax, LABELS[language], 13)
    ax.set_xlabel(LABELS[language]["in"], fontsize=13, color=INK)
    return figure


def distortion_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    ax = figure.add_axes((0.14, 0.21, 0.82, 0.67))
    draw(ax, LABELS[language], 11)
    ax.set_xlabel(LABELS[language]["short"], fontsize=11, color=INK)
    return figure


FIGURES = {"distortion": distortion_wide}
NARROW = {"distortion": distortion_narrow}
