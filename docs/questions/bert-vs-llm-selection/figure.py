"""The figure of this page, drawn from what example.py computes."""

import numpy as np
from example import LARGE, SMALL, at_random, cascade
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "elsewhere": "大模型错在别处",
        "shared": "难题对两者都难",
        "random": "随机分流",
        "x": "交给大模型的比例",
        "y": "准确率",
        "small": "只用编码器",
        "large": "只用大模型",
    },
    "en": {
        "elsewhere": "the LLM errs elsewhere",
        "shared": "hard for both",
        "random": "split at random",
        "x": "share sent to the LLM",
        "y": "accuracy",
        "small": "encoder alone",
        "large": "LLM alone",
    },
}


def curves(ax: Axes, language: str, narrow: bool) -> None:
    label = LABELS[language]
    sent = np.linspace(0, 1, 101)
    flat = [cascade(s, False, 20_000) for s in sent]
    shared = [cascade(s, True, 20_000) for s in sent]
    ax.plot(sent, flat, color=BLUE, lw=1.9)
    ax.plot(sent, shared, color=ORANGE, lw=1.9, ls=(0, (6, 2.5)))
    ax.plot(sent, at_random(sent), color=OCHRE, lw=1.9, ls=(0, (2, 2)))
    ax.axhline(LARGE, color=MUTED, lw=0.9, zorder=0)
    equal = 1 - 0.7 ** (1 / 3)
    ax.plot(equal, cascade(equal, True), "s", color=ORANGE, ms=7)
    ax.text(
        equal + 0.025,
        LARGE - 0.001,
        f"{equal:.1%}",
        color=ORANGE,
        size=12,
        va="top",
    )
    ax.plot([0, 1], [SMALL, LARGE], "o", color=INK, ms=6)
    ax.text(0.03, SMALL - 0.0005, label["small"], color=INK, size=12, va="top")
    ax.text(1, LARGE - 0.0115, label["large"], color=INK, size=12, **RIGHT)
    ax.text(0.44, 0.9665, label["elsewhere"], color=BLUE, size=12)
    x = 0.23 if narrow else 0.22
    ax.text(x, 0.9355, label["shared"], color=ORANGE, size=12)
    ax.text(0.38, 0.9055, label["random"], color=INK, size=12)
    ax.set(xlim=(-0.02, 1.03), ylim=(0.893, 0.972))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])
    ax.set_yticks([0.90, 0.93, 0.96], ["0.90", "0.93", "0.96"])
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.text(0, 1.03, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


RIGHT = {"ha": "right", "va": "top"}


def routing(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.07, 0.15, 0.98, 0.91)
    curves(ax, language, narrow=False)
    return figure


def routing_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.12, 0.15, 0.97, 0.91)
    curves(ax, language, narrow=True)
    return figure


FIGURES = {"routing": routing}
NARROW = {"routing": routing_narrow}
