"""Success over a number of steps, from example.py."""

import numpy as np
from example import chain, checked
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "title": "每步成功率 0.95，整个任务的成功率",
        "x": "步数 n",
        "none": "没有检查",
        "half": "发现一半的错",
        "all": "发现全部的错，重试一次",
    },
    "en": {
        "title": "success of the task, 0.95 for a step",
        "x": "steps n",
        "none": "no check",
        "half": "half the errors found",
        "all": "all errors found, one retry",
    },
}


def draw(ax: Axes, language: str) -> None:
    label = LABELS[language]
    ns = np.arange(1, 51)
    for ys, colour, dash, name, at in [
        (
            [checked(0.95, int(n), 1.0) for n in ns],
            BLUE,
            "-",
            "all",
            (16, 1.02),
        ),
        (
            [checked(0.95, int(n), 0.5) for n in ns],
            INK,
            (0, (6, 2)),
            "half",
            (22, 0.6),
        ),
        ([chain(0.95, int(n)) for n in ns], ORANGE, "-", "none", (2, 0.3)),
    ]:
        ax.plot(ns, ys, color=colour, ls=dash, lw=2)
        ax.text(*at, label[name], color=INK, fontsize=12)
    ax.set(xlim=(1, 50), ylim=(0, 1.09))
    ax.set_xticks([1, 10, 20, 30, 40, 50])
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title(label["title"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["x"], fontsize=12, color=INK, loc="right")


def steps(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.17, 0.98, 0.9)
    draw(ax, language)
    return figure


def steps_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.1, 0.17, 0.96, 0.9)
    draw(ax, language)
    return figure


FIGURES = {"steps": steps}
NARROW = {"steps": steps_narrow}
