"""How many keys a head uses as the input grows, from example.py."""

import numpy as np
from example import keys_in_use, prior
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {"keys": "在用的 key 数", "length": "序列长度", "none": "无偏置"},
    "en": {
        "keys": "keys in use",
        "length": "sequence length",
        "none": "no bias",
    },
}
SERIES = [
    (0.0, MUTED, (0, (1.5, 2))),
    (1 / 256, BLUE, "-"),
    (1 / 64, ORANGE, (0, (5, 3))),
    (1 / 16, BLUE, (0, (7, 2, 1.5, 2))),
    (1 / 2, ORANGE, "-"),
]


def draw(ax: Axes, label: dict[str, str], start: int) -> None:
    lengths = 2 ** np.arange(start, 14)
    for slope, colour, dash in SERIES:
        used = [keys_in_use(prior(slope, int(n))) for n in lengths]
        ax.plot(lengths, used, color=colour, ls=dash, lw=1.9)
        text = f"1/{1 / slope:g}" if slope else label["none"]
        ax.text(
            lengths[-1] * 1.1,
            used[-1],
            text,
            fontsize=12,
            color=INK,
            va="center",
        )
    ax.set(xscale="log", yscale="log", xlim=(lengths[0], lengths[-1]))
    ax.set_ylim(3.5, 11000)
    ax.set_xticks(
        lengths[::2] if start == 5 else lengths[::3],
        [f"{n:,}" for n in (lengths[::2] if start == 5 else lengths[::3])],
    )
    ax.set_yticks([10, 100, 1000, 8192], ["10", "100", "1,000", "8,192"])
    ax.minorticks_off()
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_xlabel(label["length"], fontsize=12, color=INK, loc="right")
    ax.set_title(label["keys"], fontsize=12, color=INK, loc="left", pad=5)


def keys(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.08, 0.165, 0.86, 0.92)
    draw(ax, LABELS[language], 5)
    return figure


def keys_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.2))
    ax = figure.subplots()
    figure.subplots_adjust(0.145, 0.17, 0.79, 0.92)
    draw(ax, LABELS[language], 7)
    return figure


FIGURES = {"keys": keys}
NARROW = {"keys": keys_narrow}
