"""The figure of this page, drawn from what example.py computes."""

from functools import cache

import numpy as np
from example import BIAS, measure
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

BLOCKS = 24
LABELS = {
    "zh": {
        "post": "Post-LN",
        "pre": "Pre-LN",
        "bare": "Pre-LN，去掉末尾的 LN",
        "blocks": "注意力 + FFN",
        "constant": "只有 FFN，外加常向量",
        "x": "块",
        "skip": "跳跃路径",
        "y": "W₂ 的梯度范数",
    },
    "en": {
        "post": "post-LN",
        "pre": "pre-LN",
        "bare": "pre-LN without final LN",
        "blocks": "attention + FFN",
        "constant": "FFNs only, plus a constant",
        "x": "block",
        "skip": "skip path",
        "y": "gradient norm of W₂",
    },
}
STYLE = {
    "post": (BLUE, "-", "o"),
    "pre": (ORANGE, (0, (6, 2.5)), "s"),
    "bare": (OCHRE, (0, (2, 2)), "^"),
}


@cache
def norms(place: str, attention: bool) -> NDArray[np.float64]:
    """Geometric mean over the seeds, block by block."""
    samples, _ = measure(BLOCKS, place, attention, 0 if attention else BIAS)
    if not attention:  # two FFNs a block: show the second
        samples = samples[:, 1::2]
    result: NDArray[np.float64] = np.exp(np.log(samples).mean(0))
    return result


def panel(
    ax: Axes, language: str, attention: bool, places: dict[str, float]
) -> None:
    """One panel; `places` maps a line to where its label stands."""
    label, block = LABELS[language], np.arange(1, BLOCKS + 1)
    for place, height in places.items():
        colour, dash, marker = STYLE[place]
        values = norms(place, attention)
        ax.plot(block, values, color=colour, ls=dash, lw=1.8)
        ends = [0, BLOCKS - 1]
        ax.plot(block[ends], values[ends], marker, color=colour, ms=6)
        ax.text(BLOCKS, height, label[place], color=INK, size=12, ha="right")
    ax.set(yscale="log", xlim=(0, 25), xticks=[1, 6, 12, 18, 24])
    name = label["blocks" if attention else "constant"]
    ax.set_title(name, loc="left", size=12.5, color=INK, pad=22)
    ax.text(0, 1.03, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)
    ax.minorticks_off()


def both(axes: tuple[Axes, Axes], language: str) -> None:
    panel(axes[0], language, True, {"bare": 5.4, "post": 1.17, "pre": 0.104})
    panel(axes[1], language, False, {"post": 1.3, "pre": 0.104})
    axes[0].set(ylim=(0.07, 14), yticks=[0.1, 1, 10])
    axes[0].set_yticklabels(["0.1", "1", "10"])
    axes[1].set(ylim=(0.006, 3), yticks=[0.01, 0.1, 1])
    axes[1].set_yticklabels(["0.01", "0.1", "1"])


def gradients(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.5))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.06, 0.15, 0.99, 0.83, wspace=0.2)
    both(tuple(axes), language)
    return figure


def gradients_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 6.2))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.11, 0.085, 0.98, 0.905, hspace=0.5)
    both(tuple(axes), language)
    return figure


def layout(ax: Axes, language: str, place: str) -> None:
    """One sub-layer, bottom to top: skip path left, branch right."""
    label = LABELS[language]
    ax.set(xlim=(-1.75, 1.9), ylim=(-0.45, 5.95), aspect="equal")
    ax.axis("off")
    boxes = {"F": (1.0, 1.9)} if place == "post" else {"F": (1.0, 2.5)}
    boxes["LN"] = (0.0, 4.05) if place == "post" else (1.0, 1.5)
    for name, (x, y) in boxes.items():
        ax.add_patch(
            FancyBboxPatch(
                (x - 0.38, y - 0.28),
                0.76,
                0.56,
                boxstyle="round,pad=0,rounding_size=0.07",
                fc="none",
                ec=BLUE if name == "LN" else INK,
                lw=1.8 if name == "LN" else 1.1,
            )
        )
        ax.text(x, y, name, color=INK, size=13, ha="center", va="center")
    gaps = [(0.7, 1.62), (2.18, 3.2)]
    if place == "pre":
        gaps = [(0.7, 1.22), (1.78, 2.22), (2.78, 3.2)]
    for low, high in gaps:
        ax.plot([1, 1], [low, high], color=INK, lw=1.2)
    for y, start in ((0.7, 0.06), (3.2, 0.2)):
        ax.plot([start, 1], [y, y], color=INK, lw=1.2)
    ax.plot([0, 0], [0.25, 3.0], color=ORANGE, lw=2.8)
    ax.plot(0, 3.2, "o", ms=16, mfc="none", mec=INK, mew=1.1)
    ax.text(0, 3.2, "+", color=INK, size=14, ha="center", va="center")
    top = 3.4
    if place == "post":
        ax.plot([0, 0], [top, 3.77], color=ORANGE, lw=2.8)
        top = 4.33
    arrow = {"arrowstyle": "-|>", "color": ORANGE, "lw": 2.8, "shrinkA": 0}
    ax.annotate("", (0, 5.0), (0, top), arrowprops=arrow)
    ax.text(0, -0.1, "xₗ", color=INK, size=14, ha="center", va="center")
    ax.text(0.2, 4.95, "xₗ₊₁", color=INK, size=14, va="center")
    ax.text(-0.14, 1.9, label["skip"], color=INK, size=12, ha="right")
    ax.text(0.5, 5.5, label[place], color=INK, size=13, ha="center")


def sublayers(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.6))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0, 0, 1, 1, wspace=0)
    for ax, place in zip(axes, ("post", "pre"), strict=True):
        layout(ax, language, place)
    return figure


def sublayers_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 7.6))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0, 0, 1, 1, hspace=0.02)
    for ax, place in zip(axes, ("post", "pre"), strict=True):
        layout(ax, language, place)
    return figure


FIGURES = {"sublayers": sublayers, "gradients": gradients}
NARROW = {"sublayers": sublayers_narrow, "gradients": gradients_narrow}
