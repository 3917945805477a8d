"""Two courses behind one loss, and two schedules, from example.py."""

import numpy as np
from example import FEATURES, RATES, REF, iteration_time, train_pair
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

STEPS = 200
GENERATE, LEARN = 0.7, 0.3
LABELS = {
    "zh": {
        "separate": "三个互不相关的回答",
        "similar": "被选与被拒相似",
        "y": "概率",
        "x": "步",
        "chosen": "被选",
        "rejected": "被拒",
        "unseen": "没见过",
        "wait": "轮流等待",
        "overlap": "异步重叠",
        "generate": "生成",
        "learn": "训练",
        "time": "时间",
    },
    "en": {
        "separate": "three unrelated answers",
        "similar": "chosen and rejected alike",
        "y": "probability",
        "x": "step",
        "chosen": "chosen",
        "rejected": "rejected",
        "unseen": "unseen",
        "wait": "taking turns",
        "overlap": "overlapped",
        "generate": "generate",
        "learn": "train",
        "time": "time",
    },
}
CURVES = (
    ("chosen", BLUE, "-"),
    ("rejected", OCHRE, (0, (2, 2))),
    ("unseen", ORANGE, (0, (6, 2.5))),
)
PLACES = {
    "separate": [(60, 0.72), (70, 0.31), (12, 0.14)],
    "similar": [(72, 0.16), (15, 0.01), (108, 0.83)],
}


def plain(ax: Axes) -> None:
    bare_axes(ax, 11.5)


def panel(ax: Axes, language: str, name: str) -> None:
    label = LABELS[language]
    policies = train_pair(FEATURES[name], REF, STEPS, RATES[name])
    for i, (key, colour, dash) in enumerate(CURVES):
        ax.plot(policies[:, i], color=colour, ls=dash, lw=2)
        ax.text(*PLACES[name][i], label[key], color=INK, size=12)
    ax.set(xlim=(0, STEPS), ylim=(-0.02, 1.03), xticks=[0, 50, 100, 150, 200])
    ax.set_xticklabels(["0", "50", "100", "150", ""])
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.set_title(label[name], loc="left", size=13, color=INK, pad=22)
    ax.text(0, 1.04, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    plain(ax)


def displacement(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.05, 0.16, 0.98, 0.81, wspace=0.16)
    for ax, name in zip(axes, FEATURES, strict=True):
        panel(ax, language, name)
    return figure


def displacement_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.4))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.09, 0.09, 0.97, 0.9, hspace=0.55)
    for ax, name in zip(axes, FEATURES, strict=True):
        panel(ax, language, name)
    return figure


def draw_schedule(ax: Axes, language: str, batches: int, size: float) -> None:
    """Two rows a schedule: the generating pool above the training pool."""
    label = LABELS[language]
    span = iteration_time(GENERATE, LEARN, overlap=False)
    for key, top, period in (
        ("wait", 0.0, span),
        (
            "overlap",
            3.3,
            iteration_time(GENERATE, LEARN, overlap=True),
        ),
    ):
        for i in range(batches):
            start = i * period
            bars = ((0, start, GENERATE, BLUE), (1, start, LEARN, ORANGE))
            for row, at, width, colour in bars:
                at = at + GENERATE if row else at
                ax.barh(
                    top + row, width - 0.02, 0.8, at, color=colour, alpha=0.25
                )
                ax.barh(
                    top + row,
                    width - 0.02,
                    0.8,
                    at,
                    fc="none",
                    ec=colour,
                    lw=1.4,
                )
                ax.text(
                    at + width / 2 - 0.01,
                    top + row,
                    str(i + 1),
                    color=INK,
                    size=size,
                    ha="center",
                    va="center",
                )
        ax.text(0, top - 0.72, label[key], color=INK, size=size + 1)
        for row, name, colour in (
            (0, "generate", BLUE),
            (1, "learn", ORANGE),
        ):
            ax.text(
                -0.06,
                top + row,
                label[name],
                color=colour,
                size=size,
                ha="right",
                va="center",
            )
    ax.set(xlim=(-0.85, batches + 0.02), ylim=(5.0, -1.2))
    ax.set_xticks(np.arange(batches + 1))
    ax.set_yticks([])
    ax.set_xlabel(label["time"], size=size, color=MUTED, loc="right")
    ax.grid(axis="x", color=GRID, lw=0.7)
    ax.set_axisbelow(True)
    plain(ax)


def schedule(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.0, 0.19, 0.99, 1.0)
    draw_schedule(ax, language, 4, 12)
    return figure


def schedule_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.0, 0.19, 0.98, 1.0)
    draw_schedule(ax, language, 3, 11.5)
    return figure


FIGURES = {"displacement": displacement, "schedule": schedule}
NARROW = {"displacement": displacement_narrow, "schedule": schedule_narrow}
