"""Intervals with and without pairing; a judge that favours a position."""

import math

import numpy as np
from example import (
    BOTH,
    NEITHER,
    ONLY_A,
    ONLY_B,
    consistent,
    logistic,
    paired,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "rows": ["不配对", "配对"],
        "gap": "A 减 B（百分点）",
        "win": "A 的胜率（%）",
        "bias": "位置偏差 β",
        "first": "A 总在前",
        "both": "只算一致的",
        "mean": "两序平均",
        "fair": "无偏差",
    },
    "en": {
        "rows": ["unpaired", "paired"],
        "gap": "A minus B (points)",
        "win": "win rate of A (%)",
        "bias": "position bias β",
        "first": "A always first",
        "both": "consistent only",
        "mean": "mean of orders",
        "fair": "fair",
    },
}


def draw_gap(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    n = BOTH + ONLY_A + ONLY_B + NEITHER
    a, b = (BOTH + ONLY_A) / n, (BOTH + ONLY_B) / n
    gap, se, _ = paired(ONLY_A, ONLY_B, n)
    loose = math.sqrt((a * (1 - a) + b * (1 - b)) / n)
    for y, (width, colour) in enumerate(((loose, ORANGE), (se, BLUE))):
        low, high = 100 * (gap - 1.96 * width), 100 * (gap + 1.96 * width)
        ax.plot([low, high], [y, y], color=colour, lw=2.5)
        ax.plot(100 * gap, y, "o", color=colour, ms=6)
        for x in (low, high):
            ax.text(
                x,
                y - 0.26,
                f"{x:.1f}".replace("-", "−"),
                fontsize=size,
                color=INK,
                ha="center",
            )
    ax.plot([0, 0], [-0.6, 1.4], color=MUTED, lw=1, ls=(0, (3, 3)))
    ax.set(xlim=(-3, 11), ylim=(1.5, -0.75), xticks=[-2, 0, 2, 4, 6, 8, 10])
    ax.set_yticks([0, 1], label["rows"])
    bare_axes(ax, size - 1)
    ax.tick_params(axis="y", colors=INK, labelsize=size)
    ax.set_xlabel(label["gap"], fontsize=size, color=INK, loc="right")


def draw_judge(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    delta = 0.4
    bias = np.linspace(0, 2, 81)
    first = [100 * logistic(delta + x) for x in bias]
    mean = [50 * (logistic(delta + x) + logistic(delta - x)) for x in bias]
    both = [100 * consistent(delta, x)[1] for x in bias]
    fair = [100 * logistic(delta)] * len(bias)
    for values, name, colour, dash in (
        (first, "first", ORANGE, (0, (7, 3))),
        (both, "both", OCHRE, (0, (2, 2))),
        (fair, "fair", MUTED, (0, (9, 3, 2, 3))),
        (mean, "mean", BLUE, "-"),
    ):
        ax.plot(bias, values, color=colour, lw=2, ls=dash)
        ax.text(
            2.04,
            values[-1],
            label[name],
            fontsize=size,
            color=INK,
            va="center",
        )
    ax.set(xlim=(0, 2), ylim=(48, 96), xticks=[0, 0.5, 1, 1.5, 2])
    ax.set_yticks([50, 60, 70, 80, 90])
    ax.grid(axis="y", color=GRID, lw=0.8)
    ax.set_xlabel(label["bias"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["win"], fontsize=size, color=INK, loc="left", pad=6)
    bare_axes(ax, size - 1)


def gap_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 1.9))
    draw_gap(figure.add_axes((0.14, 0.27, 0.85, 0.72)), language, 12.5)
    return figure


def gap_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 1.9))
    draw_gap(figure.add_axes((0.22, 0.25, 0.77, 0.74)), language, 11)
    return figure


def judge_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    draw_judge(figure.add_axes((0.06, 0.17, 0.69, 0.73)), language, 12.5)
    return figure


def judge_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    draw_judge(figure.add_axes((0.09, 0.15, 0.57, 0.76)), language, 10.5)
    return figure


FIGURES = {"gap": gap_wide, "judge": judge_wide}
NARROW = {"gap": gap_narrow, "judge": judge_narrow}
