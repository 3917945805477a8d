"""How far generated texts stray: two bounds, and slips with recovery."""

import numpy as np
from example import distance
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "distance": "与真实分布的距离",
        "naive": "1 − (1 − e)ⁿ",
        "pinsker": "√(nε/2)",
        "exact": "精确值",
        "tokens": "生成的 token 数 n",
        "track": "还在正轨上的概率",
        "never": "回不来",
        "back": "每步 10% 回来",
    },
    "en": {
        "distance": "distance from the true distribution",
        "naive": "1 − (1 − e)ⁿ",
        "pinsker": "√(nε/2)",
        "exact": "exact",
        "tokens": "generated tokens n",
        "track": "probability of being on track",
        "never": "never back",
        "back": "back with 10% a token",
    },
}


def dress(ax: Axes, title: str, x: str) -> None:
    ax.set_title(title, loc="left", size=12, color=INK, pad=6)
    ax.set_xlabel(x, size=12, color=INK)
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11)


def draw_distance(ax: Axes, label: dict[str, str]) -> None:
    steps = np.arange(1, 12)
    exact, pinsker, naive = np.array([distance(int(n)) for n in steps]).T
    ax.plot(steps, naive, color=ORANGE, lw=1.8, ls=(0, (5, 1.5)))
    ax.plot(steps, pinsker, color=MUTED, lw=1.8, ls=(0, (1, 1.2)))
    ax.plot(steps, exact, "o-", color=BLUE, lw=1.8, ms=5)
    ax.text(6.6, 0.31, label["naive"], color=ORANGE, size=12, ha="right")
    ax.text(9.2, 0.215, label["pinsker"], color=MUTED, size=12, ha="right")
    ax.text(8.2, 0.095, label["exact"], color=BLUE, size=12)
    ax.set(xlim=(0.6, 11.3), ylim=(0, 0.43))
    ax.set_xticks([1, 3, 5, 7, 9, 11])
    ax.set_yticks([0, 0.1, 0.2, 0.3, 0.4])
    dress(ax, label["distance"], label["tokens"])


def draw_track(ax: Axes, label: dict[str, str]) -> None:
    error, back = 0.01, 0.1
    n = np.geomspace(1, 1000, 200)
    settled = back / (error + back)
    returning = settled + (1 - settled) * (1 - error - back) ** n
    ax.plot(n, (1 - error) ** n, color=ORANGE, lw=1.8, ls=(0, (5, 1.5)))
    ax.plot(n, returning, color=BLUE, lw=1.8)
    ax.text(55, 0.42, label["never"], color=ORANGE, size=12, ha="right")
    ax.text(990, 0.985, label["back"], color=BLUE, size=12, ha="right")
    ax.set(xscale="log", xlim=(0.9, 1100), ylim=(0, 1.1))
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.minorticks_off()
    dress(ax, label["track"], label["tokens"])


def errors(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.9))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.06, 0.175, 0.965, 0.9, wspace=0.22)
    draw_distance(axes[0], LABELS[language])
    draw_track(axes[1], LABELS[language])
    return figure


def errors_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.6))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.125, 0.085, 0.96, 0.95, hspace=0.38)
    draw_distance(axes[0], LABELS[language])
    draw_track(axes[1], LABELS[language])
    return figure


FIGURES = {"errors": errors}
NARROW = {"errors": errors_narrow}
