"""Overlap of draft and target, and speed-up over gamma, from example.py."""

import numpy as np
from example import DRAFT, START, TARGET, best, speedup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "draft": "草稿抽到",
        "output": "输出",
        "kept": "接受",
        "rejected": "拒绝",
        "refilled": "补抽",
        "speed": "加速比（c = 0.05）",
        "gamma": "草稿长度 γ",
    },
    "en": {
        "draft": "drafted",
        "output": "output",
        "kept": "accepted",
        "rejected": "rejected",
        "refilled": "redrawn",
        "speed": "speed-up (c = 0.05)",
        "gamma": "draft length γ",
    },
}


def bare(ax: Axes) -> None:
    bare_axes(ax, 11)


def bars(ax: Axes, base: np.ndarray, top: np.ndarray, colour: str) -> None:
    """Accepted mass below, hatched mass of the given colour on top."""
    x = np.arange(3)
    ax.bar(x, base, 0.86, color=BLUE, alpha=0.28)
    ax.bar(x, base, 0.86, facecolor="none", edgecolor=BLUE, lw=1.4)
    ax.bar(
        x,
        top,
        0.86,
        bottom=base,
        facecolor="none",
        edgecolor=colour,
        hatch="////",
        lw=1.4,
    )
    for i, total in enumerate(base + top):
        ax.text(
            i,
            total + 0.015,
            f"{total:.1f}",
            color=INK,
            fontsize=12,
            ha="center",
        )
    ax.set(ylim=(0, 0.58), yticks=[], xlim=(-0.6, 2.6))
    ax.set_xticks(x, ["A", "B", "C"])
    bare(ax)
    ax.tick_params(colors=INK, labelsize=12)
    ax.axhline(0, color=MUTED, lw=1)


def draw_overlap(left: Axes, right: Axes, label: dict[str, str]) -> None:
    """q split into accepted and rejected; p made of accepted and redrawn."""
    p, q = TARGET[START], DRAFT[START]
    both = np.minimum(p, q)
    bars(left, both, q - both, ORANGE)
    bars(right, both, p - both, INK)
    left.set_title(f"{label['draft']} q", fontsize=13, color=INK, pad=6)
    right.set_title(f"{label['output']} p", fontsize=13, color=INK, pad=6)
    mass = (q - both).sum()
    for ax, x, y, text, colour in [
        (left, 1, 0.15, label["kept"], BLUE),
        (left, 1.47, 0.43, f"{label['rejected']} {mass:.1f}", ORANGE),
        (right, 0, 0.1, label["kept"], BLUE),
        (right, 0.47, 0.43, f"{label['refilled']} {mass:.1f}", INK),
    ]:
        inside = colour == BLUE
        ax.text(
            x,
            y,
            text,
            color=colour,
            fontsize=12,
            ha="center" if inside else "left",
            va="center",
        )


def overlap(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.7))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(0.01, 0.1, 0.99, 0.88, wspace=0.08)
    draw_overlap(left, right, LABELS[language])
    return figure


def overlap_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.8))
    left, right = figure.subplots(2, 1)
    figure.subplots_adjust(0.01, 0.06, 0.99, 0.93, hspace=0.35)
    draw_overlap(left, right, LABELS[language])
    return figure


def draw_speed(ax: Axes, label: dict[str, str]) -> None:
    gammas = np.arange(0, 17)
    for alpha, colour, style in [
        (0.9, BLUE, "-"),
        (0.8, INK, "-"),
        (0.7, BLUE, (0, (5, 2))),
        (0.6, INK, (0, (5, 2))),
    ]:
        line = [speedup(alpha, int(gamma), 0.05) for gamma in gammas]
        ax.plot(gammas, line, color=colour, ls=style, lw=1.8)
        top = best(alpha, 0.05)
        ax.plot(top, line[top], "o", color=ORANGE, ms=6)
        ax.text(
            16.3,
            line[-1],
            f"α = {alpha}",
            color=colour,
            fontsize=12,
            va="center",
        )
    ax.set(xlim=(0, 16), ylim=(0.8, 5), yticks=[1, 2, 3, 4, 5])
    ax.set_xticks([0, 4, 8, 12, 16])
    ax.grid(color=GRID, lw=0.7)
    bare(ax)
    ax.set_title(label["speed"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["gamma"], fontsize=12, color=INK)


def speed(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    ax = figure.subplots()
    figure.subplots_adjust(0.05, 0.16, 0.86, 0.9)
    draw_speed(ax, LABELS[language])
    return figure


def speed_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.07, 0.16, 0.79, 0.9)
    draw_speed(ax, LABELS[language])
    return figure


FIGURES = {"overlap": overlap, "speed": speed}
NARROW = {"overlap": overlap_narrow, "speed": speed_narrow}
