"""The figures of this page, drawn from what example.py computes."""

import numpy as np
from example import EPS, ITERATIONS, METHODS, clipped, runs
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "ratio": "概率比 ρ",
        "good": "A = +1：好动作",
        "bad": "A = −1：坏动作",
        "raw": "不裁剪：ρA",
        "flat": "梯度为 0",
        "one step": "每批一步",
        "no clip": "不裁剪",
        "PPO": "PPO",
        "TRPO": "TRPO",
        "gap": "从参考策略到最优，走完的比例",
        "update": "更新次数",
    },
    "en": {
        "ratio": "ratio ρ",
        "good": "A = +1: good action",
        "bad": "A = −1: bad action",
        "raw": "unclipped: ρA",
        "flat": "gradient 0",
        "one step": "one step",
        "no clip": "no clip",
        "PPO": "PPO",
        "TRPO": "TRPO",
        "gap": "share of the way, reference to optimum",
        "update": "update",
    },
}
STYLE = {
    "one step": (MUTED, (0, (1, 1.5))),
    "no clip": (OCHRE, (0, (3, 2))),
    "PPO": (ORANGE, "-"),
    "TRPO": (BLUE, (0, (7, 2))),
}
PLACES = {
    "one step": (39.6, 0.70),
    "no clip": (29, 0.33),
    "PPO": (21, 0.89),
    "TRPO": (13, 1.03),
}


def tidy(ax: Axes) -> None:
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11.5)
    ax.minorticks_off()


def clip_panel(ax: Axes, language: str, advantage: float) -> None:
    label, ratio = LABELS[language], np.linspace(0, 2, 401)
    adv = np.full_like(ratio, advantage)
    ax.plot(ratio, ratio * adv, ":", color=MUTED, lw=1.8)
    ax.plot(ratio, clipped(ratio, adv), color=BLUE, lw=2.4)
    ax.plot(1, advantage, "o", color=INK, ms=6)
    flat, other = (1.5, 0.5) if advantage > 0 else (0.5, 1.5)
    for at, colour in ((flat, ORANGE), (other, BLUE)):
        value = float(clipped(np.array(at), np.array(advantage)))
        ax.plot(at, value, "s", color=colour, ms=7)
    if advantage > 0:
        ax.text(1.3, 0.97, label["flat"], color=ORANGE, size=12)
        ax.text(1.02, 1.72, label["raw"], color=MUTED, size=12, ha="center")
    else:
        ax.text(0.38, -1.03, label["flat"], color=ORANGE, size=12, ha="center")
        ax.text(0.36, -0.26, label["raw"], color=MUTED, size=12)
    ax.axvspan(1 - EPS, 1 + EPS, color=GRID, alpha=0.55, lw=0)
    low, high = (0, 2) if advantage > 0 else (-2, 0)
    ax.set(xlim=(0, 2), ylim=(low, high), yticks=np.linspace(low, high, 5))
    ax.set(xticks=[0, 0.5, 0.8, 1.2, 1.5, 2])
    ax.set_xticklabels(["0", "0.5", "0.8", "1.2", "1.5", "2"])
    name = label["good" if advantage > 0 else "bad"]
    ax.set_title(name, loc="left", size=12.5, color=INK)
    ax.set_xlabel(label["ratio"], size=12, color=MUTED, loc="right")
    tidy(ax)


def clip(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.075, 0.17, 0.98, 0.9, wspace=0.22)
    for ax, advantage in zip(axes, (1.0, -1.0), strict=True):
        clip_panel(ax, language, advantage)
    return figure


def clip_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.6))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.13, 0.09, 0.97, 0.945, hspace=0.42)
    for ax, advantage in zip(axes, (1.0, -1.0), strict=True):
        clip_panel(ax, language, advantage)
    return figure


def gap_panel(ax: Axes, language: str) -> None:
    label, update = LABELS[language], np.arange(ITERATIONS + 1)
    for method in METHODS:
        colour, dash = STYLE[method]
        gap = np.r_[0, runs(method, "gap").mean(axis=0)]
        ax.plot(update, gap, color=colour, ls=dash, lw=2)
        x, y = PLACES[method]
        side = "right" if method == "one step" else "left"
        ink = INK if colour == OCHRE else colour  # too pale to read
        ax.text(x, y, label[method], color=ink, size=12, ha=side)
    ax.axhline(1, color=INK, lw=0.9)
    ax.set(xlim=(0, ITERATIONS), ylim=(0, 1.14))
    ax.set(xticks=[0, 10, 20, 30, 40], yticks=[0, 0.25, 0.5, 0.75, 1])
    ax.set_yticklabels(["0", "0.25", "0.5", "0.75", "1"])
    ax.set_title(label["gap"], loc="left", size=12.5, color=INK)
    ax.set_xlabel(label["update"], size=12, color=MUTED, loc="right")
    tidy(ax)


def training(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.075, 0.15, 0.98, 0.92)
    gap_panel(ax, language)
    return figure


def training_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.5))
    ax = figure.subplots()
    figure.subplots_adjust(0.12, 0.145, 0.97, 0.92)
    gap_panel(ax, language)
    ax.set_title(LABELS[language]["gap"], x=-0.12, loc="left", size=12)
    return figure


FIGURES = {"clip": clip, "training": training}
NARROW = {"clip": clip_narrow, "training": training_narrow}
