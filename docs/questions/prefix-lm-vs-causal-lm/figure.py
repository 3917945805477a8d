"""Four masks from one rule, and regression in context under two of them."""

import numpy as np
from example import (
    PREFIX,
    SIZE,
    causal,
    data,
    in_context,
    levels,
    one_pass,
    visible,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "causal": "因果",
        "prefix": "前缀 p = 4",
        "full": "全部可见",
        "turns": "每轮一块",
        "pairs": "对",
        "comma": "，",
        "layers": "层数",
        "error": "权重的相对误差",
        "causal_line": "因果",
        "prefix_line": "前缀",
        "limit": "顺序学一遍：",
    },
    "en": {
        "causal": "causal",
        "prefix": "prefix, p = 4",
        "full": "all visible",
        "turns": "a block a turn",
        "pairs": "pairs",
        "comma": ", ",
        "layers": "layers",
        "error": "relative error of the weights",
        "causal_line": "causal",
        "prefix_line": "prefix",
        "limit": "one pass: ",
    },
}
PANELS = {
    "causal": levels(SIZE, 1),
    "prefix": levels(SIZE, PREFIX),
    "full": [0] * SIZE,
    "turns": [0, 0, 0, 1, 1, 1, 2, 2],
}


def panel(
    ax: Axes, name: str, label: dict[str, str], narrow: bool = False
) -> None:
    """Blue: visible; a dot: the next token, hidden, so it can be a target."""
    level = PANELS[name]
    mask = visible(level)
    for i in range(SIZE):
        for j in range(SIZE):
            early = name == "prefix" and i < PREFIX and j < PREFIX
            ax.add_patch(
                Rectangle(
                    (j + 0.05, i + 0.05),
                    0.9,
                    0.9,
                    facecolor=BLUE if mask[i, j] else "none",
                    alpha=(0.85 if early else 0.5) if mask[i, j] else 1,
                    edgecolor="none" if mask[i, j] else GRID,
                    linewidth=0.9,
                )
            )
        if i + 1 < SIZE and not mask[i, i + 1]:
            ax.add_patch(Circle((i + 1.5, i + 0.5), 0.22, color=ORANGE, lw=0))
        ax.text(
            i + 0.5,
            -0.12,
            str(level[i]),
            color=MUTED,
            size=11,
            ha="center",
            va="bottom",
        )
    ax.text(-0.1, -0.12, "c", color=MUTED, size=11, ha="right", va="bottom")
    comma = "\n" if narrow else label["comma"]
    title = f"{label[name]}{comma}{mask.sum()} {label['pairs']}"
    ax.text(
        SIZE / 2, -1.2, title, color=INK, size=12, ha="center", va="bottom"
    )
    top = -3.6 if narrow else -2.3
    ax.set(xlim=(-0.9, SIZE + 0.5), ylim=(SIZE + 0.35, top))
    ax.set_aspect("equal")
    ax.axis("off")


def masks(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 5.4))
    axes = figure.subplots(2, 2)
    figure.subplots_adjust(0.06, 0, 0.94, 1, wspace=0.1, hspace=0.02)
    for ax, name in zip(axes.flat, PANELS, strict=True):
        panel(ax, name, LABELS[language])
    return figure


def masks_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.8))
    axes = figure.subplots(2, 2)
    figure.subplots_adjust(0, 0, 1, 1, wspace=0.02, hspace=0.02)
    for ax, name in zip(axes.flat, PANELS, strict=True):
        panel(ax, name, LABELS[language], narrow=True)
    return figure


def draw_depth(ax: Axes, language: str) -> None:
    label = LABELS[language]
    x, y, true = data(0.0)
    depth = np.unique(np.geomspace(1, 1000, 40).astype(int))
    scale = np.linalg.norm(true)

    def error(weights: NDArray[np.float64]) -> float:
        return float(np.linalg.norm(weights - true) / scale)

    whole, lower = np.ones((16, 16), dtype=bool), causal(16)
    for mask, colour, style in (
        (whole, BLUE, "-"),
        (lower, ORANGE, (0, (5, 1.5))),
    ):
        line = [error(in_context(x, y, mask, int(n))) for n in depth]
        ax.plot(depth, line, color=colour, lw=2, ls=style)
    limit = error(one_pass(x, y))
    ax.axhline(limit, color=MUTED, lw=1.1, ls=(0, (1, 2)))
    ax.text(
        950,
        limit * 0.84,
        f"{label['limit']}{limit:.4f}",
        color=MUTED,
        size=12,
        ha="right",
        va="top",
    )
    ax.text(22, 0.135, str(label["causal_line"]), color=ORANGE, size=12.5)
    ax.text(
        12,
        0.0015,
        str(label["prefix_line"]),
        color=BLUE,
        size=12.5,
        ha="right",
    )
    ax.set(xscale="log", yscale="log", xlim=(0.9, 1100), ylim=(2e-4, 1))
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    ax.set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    ax.minorticks_off()
    ax.set_xlabel(str(label["layers"]), size=12, color=INK)
    ax.set_title(str(label["error"]), loc="left", size=12, color=INK, pad=6)
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11)


def depth_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    ax = figure.subplots()
    figure.subplots_adjust(0.09, 0.165, 0.98, 0.905)
    draw_depth(ax, language)
    return figure


def depth_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.15, 0.16, 0.95, 0.905)
    draw_depth(ax, language)
    return figure


FIGURES = {"masks": masks, "depth": depth_wide}
NARROW = {"masks": masks_narrow, "depth": depth_narrow}
