"""Proxy and true reward over the distance from the reference policy."""

import numpy as np
from example import COST, best_of_n, tilted
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "proxy": "代理奖励",
        "curse": "真实奖励，c = 0",
        "fall": "真实奖励，c = 0.25",
        "best": "best-of-n",
        "y": "奖励的期望",
        "x": "√KL",
    },
    "en": {
        "proxy": "proxy reward",
        "curse": "true reward, c = 0",
        "fall": "true reward, c = 0.25",
        "best": "best of n",
        "y": "expected reward",
        "x": "√KL",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    d = np.linspace(0, 4, 161)
    proxy, fall = np.array([tilted(x, COST) for x in d]).T
    curse = np.array([tilted(x, 0.0)[1] for x in d])
    ax.plot(d, proxy, color=MUTED, lw=1.8, ls=(0, (2, 2)))
    ax.plot(d, curse, color=BLUE, lw=1.8, ls=(0, (6, 2.5)))
    ax.plot(d, fall, color=ORANGE, lw=2.2)
    dots = np.array(
        [best_of_n(n, COST)[::2] for n in (4, 16, 64, 256, 4096, 65536)]
    )
    ax.plot(*dots.T, "o", color=ORANGE, mfc="none", ms=6)
    ax.text(1.95, 4.35, label["proxy"], color=MUTED, size=size, ha="right")
    ax.text(3.98, 1.72, label["curse"], color=BLUE, size=size, ha="right")
    ax.text(2.8, 0.15, label["fall"], color=ORANGE, size=size, ha="right")
    ax.text(2.62, 1.28, label["best"], color=ORANGE, size=size)
    ax.set(xlim=(0, 4.02), ylim=(-0.1, 5.3), xticks=range(5))
    ax.set_yticks(range(6))
    ax.text(0, 1.03, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=INK, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def goodhart(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.05, 0.15, 0.99, 0.92)
    draw(ax, language, 13)
    return figure


def goodhart_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.08, 0.15, 0.98, 0.92)
    draw(ax, language, 12)
    return figure


FIGURES = {"goodhart": goodhart}
NARROW = {"goodhart": goodhart_narrow}
