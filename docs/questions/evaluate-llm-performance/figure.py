"""Throughput against goodput, from example.py."""

import numpy as np
from example import attainment
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "title": "每秒完成的请求",
        "rate": "到达率（请求/秒）",
        "all": "吞吐",
        "good": "goodput",
        "top": "7.3 → 6.31",
    },
    "en": {
        "title": "requests completed per second",
        "rate": "arrival rate (requests/s)",
        "all": "throughput",
        "good": "goodput",
        "top": "7.3 → 6.31",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    rates = np.linspace(0.05, 9.95, 199)
    good = np.array([r * attainment(r) for r in rates])
    ax.plot(rates, rates, color=ORANGE, lw=2, ls=(0, (7, 3)))
    ax.plot(rates, good, color=BLUE, lw=2)
    top = int(good.argmax())
    ax.plot(rates[top], good[top], "o", color=BLUE, ms=6)
    for x, y, text, side in (
        (8.3, 9.1, label["all"], "right"),
        (9.1, 3.0, label["good"], "right"),
        (7.35, 5.2, label["top"], "center"),
    ):
        ax.text(x, y, text, fontsize=size, color=INK, ha=side, va="center")
    ax.set(xlim=(0, 10), ylim=(0, 10.2), xticks=range(0, 11, 2))
    ax.set_yticks(range(0, 11, 2))
    ax.grid(axis="y", color=GRID, lw=0.8)
    ax.set_xlabel(label["rate"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["title"], fontsize=size, color=INK, loc="left", pad=6)
    bare_axes(ax, size - 1)


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    draw(figure.add_axes((0.06, 0.17, 0.92, 0.73)), language, 12.5)
    return figure


def narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    draw(figure.add_axes((0.08, 0.16, 0.9, 0.74)), language, 11)
    return figure


FIGURES = {"goodput": wide}
NARROW = {"goodput": narrow}
