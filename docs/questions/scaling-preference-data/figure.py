"""What a budget buys: people, a judge, or a judge and an audit."""

import numpy as np
from example import errors
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "people": "只用人",
        "judge": "只用评审模型",
        "mixed": "评审模型 + 人工审计",
        "y": "每个分数的误差",
        "x": "预算（美元）",
    },
    "en": {
        "people": "people only",
        "judge": "judge only",
        "mixed": "judge + human audit",
        "y": "error of each score",
        "x": "budget (dollars)",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    budgets = np.logspace(np.log10(1_500), 5, 101)
    people, judge, mixed = np.array([errors(b) for b in budgets]).T
    ax.plot(budgets, people, color=OCHRE, lw=2, ls=(0, (2, 2)))
    ax.plot(budgets, judge, color=ORANGE, lw=2, ls=(0, (6, 2.5)))
    ax.plot(budgets, mixed, color=BLUE, lw=2.2)
    ax.text(3200, 1.1, label["people"], color=INK, size=size)
    ax.text(1600, 0.185, label["judge"], color=INK, size=size)
    ax.text(1600, 0.0118, label["mixed"], color=INK, size=size)
    ax.set(xscale="log", yscale="log", xlim=(1_400, 1e5), ylim=(0.006, 1.6))
    ax.set_xticks([2e3, 1e4, 5e4], ["2,000", "10,000", "50,000"])
    ax.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    ax.minorticks_off()
    ax.text(0, 1.03, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def budget(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.08, 0.17, 0.98, 0.91)
    draw(ax, language, 13)
    return figure


def budget_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.12, 0.17, 0.97, 0.91)
    draw(ax, language, 12)
    return figure


FIGURES = {"budget": budget}
NARROW = {"budget": budget_narrow}
