"""Prefill compute and KV cache over the length, from example.py."""

import numpy as np
from example import FULL, MIXED, SLIDING, Cost, read
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, VIOLET

LABELS = {
    "zh": {
        "compute": "预填充的计算量，PFLOP",
        "memory": "KV 缓存，GiB",
        "tokens": "文本长度，token",
        "full": "全注意力",
        "mixed": "1/6 层全局",
        "sliding": "窗口 4,096",
        "retrieve": "检索 8,192",
    },
    "en": {
        "compute": "prefill compute, PFLOP",
        "memory": "KV cache, GiB",
        "tokens": "length of the text, tokens",
        "full": "full attention",
        "mixed": "1 in 6 global",
        "sliding": "window 4,096",
        "retrieve": "retrieve 8,192",
    },
}
STYLE = {
    "full": (BLUE, "-", "o"),
    "mixed": (ORANGE, (0, (6, 2.5)), "s"),
    "sliding": (OCHRE, (0, (2, 2)), "^"),
    "retrieve": (VIOLET, (0, (9, 2, 2, 2)), "D"),
}
# Heights of the names at the lines' ends, apart from one another.
ENDS = {
    "full": (300, 128),
    "mixed": (64, 20),
    "sliding": (17, 0.40),
    "retrieve": (0.15, 1.15),
}


def cost(name: str, n: int) -> Cost:
    if name == "retrieve":
        return read(8192, FULL)
    layers = {"full": FULL, "mixed": MIXED, "sliding": SLIDING}
    return read(n, layers[name])


def dress(ax: Axes, title: str) -> None:
    ax.set_title(title, fontsize=12.5, color=INK, loc="left", pad=6)
    ax.set(xscale="log", yscale="log", xlim=(8192, 2**20))
    ax.set_xticks(
        [8192, 32_768, 2**17, 2**20],
        ["8K", "32K", "128K", "1M"],
    )
    ax.grid(axis="y", color=GRID, lw=0.7)
    ax.tick_params(which="both", colors=MUTED, labelsize=11, length=0)
    for side in ax.spines.values():
        side.set_visible(False)


def draw(axes: list[Axes], label: dict[str, str]) -> None:
    top, bottom = axes
    lengths = np.array([2**k for k in range(13, 21)])
    dress(top, label["compute"])
    dress(bottom, label["memory"])
    top.set(ylim=(0.08, 600))
    top.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    bottom.set(ylim=(0.25, 220))
    bottom.set_yticks([1, 10, 100], ["1", "10", "100"])
    for name, (colour, dash, mark) in STYLE.items():
        every = [cost(name, int(n)) for n in lengths]
        compute = [one.total / 1e15 for one in every]
        memory = [one.cache / 2**30 for one in every]
        for ax, values in ((top, compute), (bottom, memory)):
            ax.minorticks_off()
            ax.plot(lengths, values, color=colour, ls=dash, lw=1.9)
            ax.plot(lengths[4], values[4], mark, color=colour, ms=7)
        for ax, end in zip(axes, ENDS[name], strict=True):
            ax.text(
                2**20 * 1.12,
                end,
                label[name],
                color=INK,
                fontsize=12,
                va="center",
            )
    bottom.set_xlabel(label["tokens"], fontsize=12, color=INK, loc="right")


def cost_curves(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.9))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.085, 0.10, 0.785, 0.945, hspace=0.38)
    draw(list(axes), LABELS[language])
    return figure


def cost_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.9))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.125, 0.10, 0.635, 0.945, hspace=0.38)
    draw(list(axes), LABELS[language])
    return figure


FIGURES = {"cost": cost_curves}
NARROW = {"cost": cost_narrow}
