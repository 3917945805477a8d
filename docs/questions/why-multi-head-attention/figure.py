"""What one head loses, from example.py; the head ablation of the paper."""

import numpy as np
from example import residuals
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "error": "读出的均方误差",
        "weight": "单头在 v₁ 上的权重 a",
        "first": "v₁",
        "third": "v₃",
        "mean": "平均",
        "two": "两个头",
        "bleu": "newstest2013 上的 BLEU",
        "heads": "头数 h",
        "width": "头宽",
    },
    "en": {
        "error": "squared error of the read-out",
        "weight": "weight a of one head on v₁",
        "first": "v₁",
        "third": "v₃",
        "mean": "mean",
        "two": "two heads",
        "bleu": "BLEU on newstest2013",
        "heads": "heads h",
        "width": "width",
    },
}
# Vaswani et al., arXiv:1706.03762, table 3, rows (A) and base; d = 512.
BLEU = {1: 24.9, 4: 25.5, 8: 25.8, 16: 25.8, 32: 25.4}


def dress(ax: Axes, title: str, across: str) -> None:
    ax.set_title(title, loc="left", size=12.5, color=INK, pad=8)
    ax.set_xlabel(across, size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def draw_tradeoff(ax: Axes, label: dict[str, str]) -> None:
    a = np.linspace(0, 1, 201)
    first, third = np.array([residuals(x) for x in a]).T
    ax.plot(a, first, color=BLUE, lw=1.9)
    ax.plot(a, third, color=ORANGE, lw=1.9, ls=(0, (6, 2.5)))
    ax.plot(a, (first + third) / 2, color=INK, lw=1.6, ls=(0, (2, 2)))
    ax.plot(a, 0 * a, color=OCHRE, lw=2.6, ls=(0, (9, 2, 2, 2)))
    for text, x, y in [
        (label["first"], 0.31, 0.9),
        (label["third"], 0.62, 0.9),
        (label["mean"], 0.02, 0.54),
        (label["two"], 0.5, 0.04),
    ]:
        ha = "center" if text == label["two"] else "left"
        ax.text(x, y, text, color=INK, size=12.5, ha=ha)
    ax.set(xlim=(0, 1), ylim=(-0.04, 1.1))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    dress(ax, label["error"], label["weight"])


def tradeoff(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    figure.subplots_adjust(0.065, 0.16, 0.975, 0.89)
    draw_tradeoff(figure.subplots(), LABELS[language])
    return figure


def tradeoff_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    figure.subplots_adjust(0.1, 0.16, 0.95, 0.89)
    draw_tradeoff(figure.subplots(), LABELS[language])
    return figure


def draw_ablation(ax: Axes, label: dict[str, str]) -> None:
    heads = list(BLEU)
    ax.plot(heads, list(BLEU.values()), "o-", color=BLUE, lw=1.9, ms=7)
    for h, value in BLEU.items():
        ax.text(h, value + 0.09, f"{value}", color=INK, size=12, ha="center")
    ax.set(xscale="log", xlim=(0.8, 40), ylim=(24.7, 26.1))
    names = [
        f"{h}\n{label['width']} {512 // h}" if h == 1 else f"{h}\n{512 // h}"
        for h in heads
    ]
    ax.set_xticks(heads, names)
    ax.set_yticks([25.0, 25.5, 26.0], ["25.0", "25.5", "26.0"])
    ax.minorticks_off()
    dress(ax, label["bleu"], label["heads"])


def ablation(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    figure.subplots_adjust(0.075, 0.24, 0.985, 0.88)
    draw_ablation(figure.subplots(), LABELS[language])
    return figure


def ablation_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    figure.subplots_adjust(0.12, 0.24, 0.985, 0.88)
    draw_ablation(figure.subplots(), LABELS[language])
    return figure


FIGURES = {"tradeoff": tradeoff, "ablation": ablation}
NARROW = {"tradeoff": tradeoff_narrow, "ablation": ablation_narrow}
