"""Saturation of the softmax, and where the FLOPs go, from example.py."""

import numpy as np
from example import flops, saturation
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "entropy": "权重的熵",
        "scaled": "除以 √d_k",
        "unscaled": "不除",
        "uniform": "均匀：ln 128",
        "width": "头的宽度 d_k",
        "flops": "每 token 每层 MFLOPs",
        "ffn": "FFN",
        "projections": "Q、K、V、O 投影",
        "mixing": "打分与\n加权求和",
        "length": "序列长度 T",
        "half": "各占一半",
    },
    "en": {
        "entropy": "entropy of the weights",
        "scaled": "divided by √d_k",
        "unscaled": "not divided",
        "uniform": "uniform: ln 128",
        "width": "width d_k of the head",
        "flops": "MFLOPs per token and layer",
        "ffn": "FFN",
        "projections": "projections Q, K, V, O",
        "mixing": "scores and\nweighted sum",
        "length": "sequence length T",
        "half": "half each",
    },
}


def bare(ax: Axes) -> None:
    bare_axes(ax, 11)


def draw_entropy(ax: Axes, label: dict[str, str]) -> None:
    widths = 2 ** np.arange(0, 11)
    for scaled, colour, style in [(True, BLUE, "-"), (False, ORANGE, "--")]:
        line = [saturation(int(width), scaled)[0] for width in widths]
        ax.plot(widths, line, style, color=colour, lw=2, marker="o", ms=4)
    ax.axhline(np.log(128), color=MUTED, lw=1, ls=":")
    ax.text(1, np.log(128) + 0.13, label["uniform"], fontsize=11.5, color=INK)
    ax.text(64, 3.55, label["scaled"], fontsize=12, color=BLUE, ha="center")
    ax.text(26, 1.35, label["unscaled"], fontsize=12, color=ORANGE)
    ax.set_xscale("log", base=2)
    ax.set(xlim=(0.9, 1200), ylim=(0, 5.6), yticks=range(5))
    ax.set_xticks([1, 4, 16, 64, 256, 1024])
    ax.set_xticklabels(["1", "4", "16", "64", "256", "1024"])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare(ax)
    ax.set_title(label["entropy"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["width"], fontsize=12, color=INK, loc="right")


def draw_flops(ax: Axes, label: dict[str, str]) -> None:
    d, end = 4096, 40_960
    t = np.array([1, end])
    ffn = np.full(2, 16 * d * d / 1e6)
    fixed = np.array([flops(int(n), d)[0] / n / 1e6 for n in t])
    total = fixed + np.array([flops(int(n), d)[1] / n / 1e6 for n in t])
    ax.fill_between(t, 0, ffn, color=BLUE, alpha=0.4, lw=0)
    ax.fill_between(t, ffn, fixed, color=BLUE, alpha=0.18, lw=0)
    ax.fill_between(t, fixed, total, color=ORANGE, alpha=0.3, lw=0)
    for line, colour in ((ffn, BLUE), (fixed, BLUE), (total, ORANGE)):
        ax.plot(t, line, color=colour, lw=1.6)
    ax.text(1200, 115, label["ffn"], color=INK, fontsize=12)
    ax.text(1200, 313, label["projections"], color=INK, fontsize=12)
    for i, part in enumerate(label["mixing"].split("\n")):
        at = (end - 700, 640 - 75 * i)
        ax.text(*at, part, color=INK, fontsize=12, ha="right")
    x = 6 * d
    height = sum(flops(x, d)) / x / 1e6
    ax.plot([x, x], [0, height], color=INK, lw=1.2, ls=(0, (4, 2)))
    ax.plot(x, height, "o", color=INK, ms=5)
    for text, y in ((f"T = 6d = {x:,}", 104), (label["half"], 18)):
        at = (x - 800, height + y)
        ax.text(*at, text, fontsize=12, color=INK, ha="right")
    ax.set(xlim=(0, end), ylim=(0, 1130), yticks=[0, 200, 400, 600, 800, 1000])
    ax.set_xticks([0, 8192, 24_576, 40_960])
    ax.set_xticklabels(["0", "8,192", "24,576", "40,960"])
    bare(ax)
    ax.set_title(label["flops"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["length"], fontsize=12, color=INK, loc="right")


def entropy(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.9))
    ax = figure.add_axes((0.05, 0.19, 0.92, 0.70))
    draw_entropy(ax, LABELS[language])
    return figure


def entropy_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    ax = figure.add_axes((0.055, 0.19, 0.885, 0.70))
    draw_entropy(ax, LABELS[language])
    return figure


def cost(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.add_axes((0.09, 0.16, 0.86, 0.76))
    draw_flops(ax, LABELS[language])
    return figure


def cost_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.add_axes((0.14, 0.16, 0.775, 0.76))
    draw_flops(ax, LABELS[language])
    return figure


FIGURES = {"entropy": entropy, "cost": cost}
NARROW = {"entropy": entropy_narrow, "cost": cost_narrow}
