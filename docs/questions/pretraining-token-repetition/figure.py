"""The worth of repeated data, and where copies do the most harm."""

from functools import cache

import numpy as np
from example import R_DATA, averaged, measured, memorized, worth
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

# All forms of the figure show the same.
risk = cache(measured)

LABELS = {
    "zh": {
        "epochs": "训练的 epoch 数",
        "worth": "相当于几份新数据",
        "fresh": "全是新数据",
        "copies": "每个样本重复的次数",
        "risk": "超额误差，全新 = 1",
        "averaged": "只能平均",
        "memorized": "记住",
        "measured": "实测",
    },
    "en": {
        "epochs": "epochs trained",
        "worth": "worth, in sets of fresh data",
        "fresh": "all fresh",
        "copies": "copies of each example",
        "risk": "excess error, all new = 1",
        "averaged": "averaged",
        "memorized": "memorized",
        "measured": "measured",
    },
}
COPIES = (1, 2, 5, 10, 20, 40, 100, 200, 400)


def plain(ax: Axes, size: float) -> None:
    bare_axes(ax, size - 1)
    ax.grid(axis="y", color=GRID, lw=0.8)


def draw_worth(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    epochs = np.linspace(1, 60, 300)
    ax.plot(epochs, worth(epochs - 1, R_DATA), color=BLUE, lw=2)
    line = np.array([1, 18.5])
    ax.plot(line, line, color=ORANGE, lw=1.8, ls=(0, (6, 3)))
    ax.axhline(1 + R_DATA, color=MUTED, lw=1, ls=(0, (2, 3)))
    ax.text(60, 17.0, "16.39", fontsize=size, color=MUTED, ha="right")
    for at in (4, 16, 40):
        value = float(worth(at - 1, R_DATA))
        ax.plot(at, value, "o", color=BLUE, ms=6)
        ax.text(
            at + 1, value - 1.5, f"{at}: {value:.2f}", fontsize=size, color=INK
        )
    ax.text(19.3, 18.2, label["fresh"], fontsize=size, color=INK)
    ax.set(xlim=(0, 61), ylim=(0, 20))
    ax.set_xticks([1, 10, 20, 30, 40, 50, 60])
    ax.set_xlabel(label["epochs"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["worth"], fontsize=size, color=INK, loc="left", pad=6)
    plain(ax, size)


def draw_copies(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    n, width, share = 4000, 40, 0.1
    fine = np.geomspace(1, 46, 100)
    ax.plot(fine, averaged(share, fine), color=ORANGE, lw=1.8, ls=(0, (6, 3)))
    fine = np.geomspace(10, 400, 100)
    ax.plot(
        fine,
        memorized(n, width, share, fine),
        color=MUTED,
        lw=1.8,
        ls=(0, (2, 2)),
    )
    risks = [risk(n, width, share, one) for one in COPIES]
    ax.plot(COPIES, risks, "o-", color=BLUE, lw=2, ms=5)
    ax.text(27, 4.6, label["averaged"], fontsize=size, color=INK, ha="right")
    ax.text(115, 4.1, label["memorized"], fontsize=size, color=INK)
    ax.text(78, 2.45, label["measured"], fontsize=size, color=INK, ha="right")
    ax.set(xscale="log", xlim=(0.95, 430), ylim=(0, 5.5))
    ticks = [1, 10, 100, 400]
    ax.set_xticks(ticks, [str(one) for one in ticks])
    ax.minorticks_off()
    ax.set_xlabel(label["copies"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["risk"], fontsize=size, color=INK, loc="left", pad=6)
    plain(ax, size)


def worth_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    draw_worth(figure.add_axes((0.05, 0.17, 0.94, 0.72)), language, 12)
    return figure


def worth_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    draw_worth(figure.add_axes((0.08, 0.18, 0.9, 0.7)), language, 11)
    return figure


def copies_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    draw_copies(figure.add_axes((0.05, 0.17, 0.94, 0.72)), language, 12)
    return figure


def copies_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    draw_copies(figure.add_axes((0.08, 0.18, 0.9, 0.7)), language, 11)
    return figure


FIGURES = {"worth": worth_wide, "copies": copies_wide}
NARROW = {"worth": worth_narrow, "copies": copies_narrow}
