"""Voting, coverage and an imperfect verifier, from example.py."""

import numpy as np
from example import coverage, majority, selected
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "title": "单次正确率 p = {}",
        "x": "采样数 n",
        "coverage": "覆盖率",
        "verifier": "不完美的验证器",
        "majority": "多数投票",
    },
    "en": {
        "title": "p = {} for one sample",
        "x": "samples n",
        "coverage": "coverage",
        "verifier": "imperfect verifier",
        "majority": "majority vote",
    },
}
PLACES = {
    0.6: {
        "coverage": (6, 1.03),
        "verifier": (5, 0.9),
        "majority": (7, 0.62),
    },
    0.4: {
        "coverage": (12, 1.03),
        "verifier": (11, 0.65),
        "majority": (9, 0.28),
    },
}


def draw(ax: Axes, language: str, p: float, bottom: bool) -> None:
    label = LABELS[language]
    ns = np.arange(1, 102, 2)
    for name, ys, colour, dash in [
        ("coverage", [coverage(p, int(n)) for n in ns], BLUE, "-"),
        (
            "verifier",
            [selected(p, int(n), 0.9, 0.2) for n in ns],
            INK,
            (0, (6, 2)),
        ),
        ("majority", [majority(p, int(n)) for n in ns], ORANGE, "-"),
    ]:
        ax.plot(ns, ys, color=colour, ls=dash, lw=2)
        ax.text(*PLACES[p][name], label[name], color=INK, fontsize=11)
    ax.set(xlim=(1, 101), ylim=(0, 1.13), xscale="log")
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.minorticks_off()
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    text = label["title"].format(p)
    ax.set_title(text, fontsize=12, color=INK, loc="left", pad=6)
    if bottom:
        ax.set_xlabel(label["x"], fontsize=12, color=INK, loc="right")


def samples(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.06, 0.17, 0.97, 0.9, wspace=0.16)
    for ax, p in zip(axes, PLACES, strict=True):
        draw(ax, language, p, bottom=True)
    return figure


def samples_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.4))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.11, 0.1, 0.95, 0.94, hspace=0.25)
    for ax, p in zip(axes, PLACES, strict=True):
        draw(ax, language, p, bottom=p == 0.4)
    return figure


FIGURES = {"samples": samples}
NARROW = {"samples": samples_narrow}
