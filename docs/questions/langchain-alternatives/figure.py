"""Totals of the decision matrix against one weight, from example.py."""

import numpy as np
from example import NAMES, crossing, demo_weights, totals
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "y": "加权总分",
        "x": "「首个演示」的权重",
        "names": (
            "智能体框架",
            "图运行时",
            "数据/RAG 框架",
            "低代码平台",
            "不用框架",
        ),
    },
    "en": {
        "y": "weighted total",
        "x": "weight of 'first demo'",
        "names": NAMES,
    },
}
STYLE = {
    0: (ORANGE, (0, (6, 2))),
    1: (BLUE, "-"),
    3: (OCHRE, (0, (2, 2))),
    4: (MUTED, (0, (5, 2, 1, 2))),
}
PLACE = {0: (0.8, 3.71), 1: (0.03, 4.67), 3: (0.1, 2.48), 4: (0.03, 3.5)}


def draw(language: str, width: float, height: float) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(width, height))
    ax = figure.subplots()
    figure.subplots_adjust(
        0.36 / width, 0.62 / height, 0.965, 1 - 0.42 / height
    )
    shares = np.linspace(0, 0.8, 81)
    values = np.array([totals(demo_weights(float(s))) for s in shares])
    for i, (colour, dash) in STYLE.items():
        ax.plot(shares, values[:, i], color=colour, ls=dash, lw=2)
        x, y = PLACE[i]
        ax.text(
            x,
            y,
            label["names"][i],
            color=INK,
            size=12,
            ha="right" if i == 0 else "left",
        )
    for first, second in ((1, 0), (0, 3)):
        tie = crossing(first, second)
        level = totals(demo_weights(tie))[first]
        ax.plot(tie, level, "o", color=INK, ms=6)
    ax.text(0, 1.04, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.set(xlim=(0, 0.8), ylim=(2.1, 5), xticks=[0.2, 0.4, 0.6, 0.8])
    ax.set_yticks([3, 4, 5])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)
    return figure


def weights(language: str) -> Figure:
    return draw(language, 6.4, 3.7)


def weights_narrow(language: str) -> Figure:
    return draw(language, 3.65, 4.0)


FIGURES = {"weights": weights}
NARROW = {"weights": weights_narrow}
