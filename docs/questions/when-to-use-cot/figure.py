"""Accuracy of answering at once and of writing the steps, by their number."""

import numpy as np
from example import chain, direct
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "accuracy": "正确率（假设的参数）",
        "steps": "题目需要的步数",
        "direct": "直接作答",
        "chain": "写出步骤",
        "gain": "差距",
    },
    "en": {
        "accuracy": "accuracy (assumed parameters)",
        "steps": "steps that the question needs",
        "direct": "answer at once",
        "chain": "steps written out",
        "gain": "gain",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    steps = np.linspace(1, 16, 200)
    ax.fill_between(steps, direct(steps), chain(steps), color=GRID, alpha=0.4)
    ax.plot(steps, direct(steps), color=ORANGE, lw=2, ls=(0, (6, 3)))
    ax.plot(steps, chain(steps), color=BLUE, lw=2)
    ax.text(8, 0.87, label["chain"], fontsize=size, color=INK)
    ax.text(8, 0.17, label["direct"], fontsize=size, color=INK)
    ax.text(8, 0.55, label["gain"], fontsize=size, color=MUTED)
    ax.set(xlim=(0.8, 16), ylim=(0, 1.02))
    ax.set_xticks([1, 4, 8, 12, 16])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["steps"], fontsize=size, color=INK, loc="right")
    ax.set_title(
        label["accuracy"], fontsize=size, color=INK, loc="left", pad=6
    )


def steps_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    draw(figure.add_axes((0.07, 0.18, 0.92, 0.71)), language, 12)
    return figure


def steps_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    draw(figure.add_axes((0.11, 0.18, 0.87, 0.71)), language, 11)
    return figure


FIGURES = {"steps": steps_wide}
NARROW = {"steps": steps_narrow}
