"""The figures of this page: the placements drawn, and the variance."""

from typing import Any

from example import PLACEMENTS, SUBLAYERS, trace
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from study_guide.plots import (
    BLUE,
    GRID,
    INK,
    MUTED,
    OCHRE,
    ORANGE,
    VIOLET,
    bare_axes,
)

HALF = 0.24  # of the height of a box
LABELS = {
    "zh": {
        "post": "Post-LN",
        "deepnorm": "DeepNorm",
        "pre": "Pre-LN",
        "output": "输出归一化",
        "peri": "Peri-LN",
        "x": "子层 l",
        "y": "残差流的方差，v = 4",
        "pre line": "Pre-LN",
        "bounded": "输出归一化，Peri-LN",
        "scaled": "缩放的 Pre-LN",
        "reset": "Post-LN，DeepNorm",
    },
    "en": {
        "post": "post-LN",
        "deepnorm": "DeepNorm",
        "pre": "pre-LN",
        "output": "output norm",
        "peri": "peri-LN",
        "x": "sub-layer l",
        "y": "variance of the residual stream, v = 4",
        "pre line": "pre-LN",
        "bounded": "output norm, peri-LN",
        "scaled": "scaled pre-LN",
        "reset": "post-LN, DeepNorm",
    },
}
# What stands on the branch, bottom to top; what stands on the trunk.
BRANCH = {
    "post": ["F"],
    "deepnorm": ["F"],
    "pre": ["LN", "F"],
    "output": ["F", "LN"],
    "peri": ["LN", "F", "LN"],
}
SERIES = [
    ("pre", "pre line", ORANGE, (0, (6, 2.5)), "s"),
    ("peri", "bounded", BLUE, "-", "o"),
    ("scaled pre", "scaled", OCHRE, (0, (2, 2)), "^"),
    ("post", "reset", VIOLET, (0, (8, 2, 2, 2)), "D"),
]


def box(ax: Axes, x: float, y: float, name: str) -> None:
    norm = name == "LN"
    ax.add_patch(
        FancyBboxPatch(
            (x - 0.3, y - HALF),
            0.6,
            2 * HALF,
            boxstyle="round,pad=0,rounding_size=0.06",
            fc="none",
            ec=BLUE if norm else INK,
            lw=1.8 if norm else 1.1,
        )
    )
    ax.text(x, y, name, color=INK, size=12, ha="center", va="center")


def placement(ax: Axes, language: str, name: str) -> None:
    """One sub-layer: trunk at x = 0, branch at x = 0.85."""
    ax.set(xlim=(-0.62, 1.3), ylim=(-0.55, 6.35), aspect="equal")
    ax.axis("off")
    add, low = 4.0, 0.55
    parts = BRANCH[name]
    heights = [
        2.28 + 0.92 * (i - (len(parts) - 1) / 2) for i in range(len(parts))
    ]
    for part, height in zip(parts, heights, strict=True):
        box(ax, 0.85, height, part)
    # The branch, from box to box.
    starts = [low, *(height + HALF for height in heights)]
    ends = [*(height - HALF for height in heights), add]
    for start, end in zip(starts, ends, strict=True):
        ax.plot([0.85, 0.85], [start, end], color=INK, lw=1.2)
    ax.plot([0.05, 0.85], [low, low], color=INK, lw=1.2)
    ax.plot([0.2, 0.85], [add, add], color=INK, lw=1.2)
    # The trunk.
    trunk: dict[str, Any] = {"color": ORANGE, "lw": 2.4}
    start = 0.15
    if name == "deepnorm":
        box(ax, 0, 2.28, "×α")
        ax.plot([0, 0], [start, 2.28 - HALF], **trunk)
        start = 2.28 + HALF
    ax.plot([0, 0], [start, add - 0.19], **trunk)
    ax.text(0, -0.2, "x", color=INK, size=13, ha="center", va="center")
    ax.plot(0, add, "o", ms=14, mfc="none", mec=INK, mew=1.1)
    ax.text(0, add, "+", color=INK, size=13, ha="center", va="center")
    top = add + 0.19
    if name in ("post", "deepnorm"):
        ax.plot([0, 0], [top, add + 0.82 - HALF], **trunk)
        box(ax, 0, add + 0.82, "LN")
        top = add + 0.82 + HALF
    arrow = {"arrowstyle": "-|>", "shrinkA": 0, **trunk}
    ax.annotate("", (0, add + 1.75), (0, top), arrowprops=arrow)
    title = LABELS[language][name]
    ax.text(0.33, 6.0, title, color=INK, size=12, ha="center", va="center")


def placements(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.9))
    axes = figure.subplots(1, 5)
    figure.subplots_adjust(0, 0, 1, 1, wspace=0)
    for ax, name in zip(axes, BRANCH, strict=True):
        placement(ax, language, name)
    return figure


def placements_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 8.2))
    axes = figure.subplots(2, 3).ravel()
    figure.subplots_adjust(0, 0, 1, 1, wspace=0, hspace=0.04)
    for ax, name in zip(axes, BRANCH, strict=False):
        placement(ax, language, name)
    axes[5].axis("off")
    return figure


def curves(language: str, ax: Axes) -> None:
    label = LABELS[language]
    for name, key, colour, dash, marker in SERIES:
        assert name in PLACEMENTS
        values = trace(name, 4.0).variance
        ax.plot(range(SUBLAYERS + 1), values, color=colour, ls=dash, lw=1.8)
        ax.plot(SUBLAYERS, values[-1], marker, color=colour, ms=6)
        ax.text(
            SUBLAYERS - 1.5,
            values[-1] * 1.17,
            label[key],
            color=INK,
            size=12,
            ha="right",
        )
    ax.set(yscale="log", xlim=(0, 65.5), ylim=(0.75, 600))
    ax.set(xticks=range(0, 65, 16), yticks=[1, 10, 100])
    ax.set_yticklabels(["1", "10", "100"])
    ax.minorticks_off()
    ax.set_title(label["y"], loc="left", size=12, color=MUTED)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def variance(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.07, 0.15, 0.985, 0.9)
    curves(language, ax)
    return figure


def variance_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.11, 0.125, 0.975, 0.92)
    curves(language, ax)
    return figure


FIGURES = {"placements": placements, "variance": variance}
NARROW = {"placements": placements_narrow, "variance": variance_narrow}
