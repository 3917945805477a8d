"""Accuracy over the number of steps, and pass@k over k."""

from collections.abc import Callable

import numpy as np
from example import BASE, IDEAL, LOST, checked, coverage
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "whole": "整条链正确的概率",
        "steps": "步数",
        "checked": "0.95，带检查",
        "cover": "pass@k",
        "samples": "采样次数 k",
        "ideal": "理想 RL",
        "base": "基座",
        "narrow": "丢了难题",
    },
    "en": {
        "whole": "whole chain correct",
        "steps": "steps",
        "checked": "0.95, checked",
        "cover": "pass@k",
        "samples": "samples k",
        "ideal": "ideal RL",
        "base": "base",
        "narrow": "hard one lost",
    },
}
Draw = Callable[[Axes, dict[str, str]], None]
DASHED, DOTTED = (0, (6, 2)), (0, (2, 2))


def style(ax: Axes, title: str, below: str) -> None:
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title(title, loc="left", fontsize=12, color=INK, pad=6)
    ax.set_xlabel(below, loc="right", fontsize=12, color=INK)


def draw_steps(ax: Axes, label: dict[str, str]) -> None:
    n = np.arange(0, 61)
    for p, colour, dash, name, at in [
        (checked(0.95, 0.9), BLUE, "-", label["checked"], (22, 0.93)),
        (0.99, INK, DOTTED, "0.99", (40, 0.48)),
        (0.95, ORANGE, DASHED, "0.95", (27, 0.3)),
    ]:
        ax.plot(n, p**n, color=colour, ls=dash, lw=2)
        ax.text(*at, name, color=INK, fontsize=12)
    style(ax, label["whole"], label["steps"])
    ax.set(xlim=(0, 60), ylim=(-0.03, 1.05), yticks=[0, 0.25, 0.5, 0.75, 1])


def draw_coverage(ax: Axes, label: dict[str, str]) -> None:
    k = np.unique(np.geomspace(1, 4096, 97).astype(int))
    for p, colour, dash, name, at in [
        (IDEAL, INK, DOTTED, label["ideal"], (4, 0.88)),
        (BASE, BLUE, "-", label["base"], (6, 0.3)),
        (LOST, ORANGE, DASHED, label["narrow"], (190, 0.58)),
    ]:
        values = [coverage(p, int(each)) for each in k]
        ax.plot(k, values, color=colour, ls=dash, lw=2)
        ax.text(*at, name, color=INK, fontsize=12, ha="left")
    style(ax, label["cover"], label["samples"])
    ax.set(xscale="log", xlim=(1, 4096), ylim=(0, 1.07))
    ax.set(yticks=[0, 0.25, 0.5, 0.75, 1])
    ax.set_xticks([1, 16, 128, 1024], ["1", "16", "128", "1,024"])
    ax.minorticks_off()


def wide(language: str, draw: Draw) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    ax = figure.subplots()
    figure.subplots_adjust(0.065, 0.17, 0.985, 0.9)
    draw(ax, LABELS[language])
    return figure


def narrow(language: str, draw: Draw) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    ax = figure.subplots()
    figure.subplots_adjust(0.115, 0.17, 0.97, 0.9)
    draw(ax, LABELS[language])
    return figure


def steps(language: str) -> Figure:
    return wide(language, draw_steps)


def steps_narrow(language: str) -> Figure:
    return narrow(language, draw_steps)


def passes(language: str) -> Figure:
    return wide(language, draw_coverage)


def passes_narrow(language: str) -> Figure:
    return narrow(language, draw_coverage)


FIGURES = {"steps": steps, "passes": passes}
NARROW = {"steps": steps_narrow, "passes": passes_narrow}
