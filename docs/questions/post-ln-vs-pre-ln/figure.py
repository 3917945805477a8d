"""The figure of this page, drawn from what example.py computes."""

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE

from example import BIAS, measure

BLOCKS = 24
LABELS = {
    "zh": {
        "post": "Post-LN",
        "pre": "Pre-LN",
        "bare": "Pre-LN，去掉末尾的 LN",
        "blocks": "注意力 + FFN",
        "constant": "只有 FFN，外加常向量",
        "x": "块",
        "y": "W₂ 的梯度范数",
    },
    "en": {
        "post": "post-LN",
        "pre": "pre-LN",
        "bare": "pre-LN without final LN",
        "blocks": "attention + FFN",
        "constant": "FFNs only, plus a constant",
        "x": "block",
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
    ax.tick_params(colors=MUTED, labelsize=11.5, length=0)
    ax.minorticks_off()
    for side in ax.spines.values():
        side.set_visible(False)


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


FIGURES = {"gradients": gradients}
NARROW = {"gradients": gradients_narrow}
