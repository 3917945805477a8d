"""Repetition rates along a text and over its length, from example.py."""

import numpy as np
from example import (
    LATE,
    PROSE_WORDS,
    first_loop,
    loop_rate,
    seq_rep,
    zipf_text,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "rate": "rep-4",
        "whole": "从头算起",
        "window": "最近 42 个词",
        "begins": "循环开始",
        "found": "检测到",
        "word": "第几个词",
        "repeat": "seq-rep-n",
        "loop": "循环，n = 4",
        "plain": "独立的词，n = 1",
        "length": "长度（对数轴）",
    },
    "en": {
        "rate": "rep-4",
        "whole": "from the start",
        "window": "last 42 words",
        "begins": "loop begins",
        "found": "detected",
        "word": "word",
        "repeat": "seq-rep-n",
        "loop": "loop, n = 4",
        "plain": "independent words, n = 1",
        "length": "length (log scale)",
    },
}


def plain(ax: Axes) -> None:
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def draw_along(ax: Axes, label: dict[str, str]) -> None:
    ends = np.arange(42, len(LATE) + 1)
    whole = [seq_rep(LATE[:e], 4) for e in ends]
    window = [seq_rep(LATE[e - 42 : e], 4) for e in ends]
    start, found = len(PROSE_WORDS), first_loop(LATE)
    assert found
    ax.axvspan(start, found[0], color=GRID, alpha=0.6, lw=0)
    for text, height in (
        (f"{label['begins']} {start}", 0.86),
        (f"{label['found']} {found[0]}", 0.70),
    ):
        ax.text(start - 3, height, text, color=INK, fontsize=11.5, ha="right")
    ax.plot(ends, window, color=ORANGE, lw=2)
    ax.plot(ends, whole, color=BLUE, lw=2, ls=(0, (6, 2)))
    ax.text(177, window[-1], label["window"], color=ORANGE, fontsize=12)
    ax.text(177, whole[-1], label["whole"], color=BLUE, fontsize=12)
    ax.set(xlim=(42, 174), ylim=(-0.02, 1), xticks=[50, 100, 150])
    ax.set_yticks([0, 0.5, 1.0], ["0", "0.5", "1"])
    plain(ax)
    ax.set_title(label["rate"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["word"], fontsize=12, color=INK, loc="right")


def along(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.8))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.19, 0.79, 0.9)
    draw_along(ax, LABELS[language])
    return figure


def along_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.8))
    ax = figure.subplots()
    figure.subplots_adjust(0.09, 0.19, 0.66, 0.9)
    draw_along(ax, LABELS[language])
    return figure


def draw_length(ax: Axes, label: dict[str, str]) -> None:
    lengths = np.unique(np.geomspace(50, 4000, 60).astype(int))
    text = zipf_text(4000)
    loop = [loop_rate(int(x), 20) for x in lengths]
    ax.plot(lengths, loop, color=ORANGE, lw=2)
    ax.text(230, 0.83, label["loop"], color=ORANGE, fontsize=12)
    for n, style, shown in (
        (1, "-", label["plain"]),
        (2, (0, (6, 2)), "n = 2"),
        (4, (0, (1.5, 1.5)), "n = 4"),
    ):
        rates = [seq_rep(text[:x], n) for x in lengths]
        ax.plot(lengths, rates, color=BLUE, lw=2, ls=style)
        at = (400, 0.40) if n == 1 else (4200, rates[-1] - 0.02)
        ax.text(*at, shown, color=BLUE, fontsize=12)
    ax.set(xlim=(50, 4000), ylim=(-0.02, 1), xscale="log")
    ax.set_xticks([50, 200, 1000, 4000], ["50", "200", "1,000", "4,000"])
    ax.minorticks_off()
    ax.set_yticks([0, 0.5, 1.0], ["0", "0.5", "1"])
    plain(ax)
    ax.set_title(label["repeat"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["length"], fontsize=12, color=INK, loc="right")


def length(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.19, 0.9, 0.9)
    draw_length(ax, LABELS[language])
    return figure


def length_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.09, 0.19, 0.84, 0.9)
    draw_length(ax, LABELS[language])
    for text in ax.texts:
        if text.get_position() == (400, 0.40):
            text.set_position((330, 0.33))
    return figure


FIGURES = {"along": along, "length": length}
NARROW = {"along": along_narrow, "length": length_narrow}
