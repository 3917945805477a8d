"""KV cache and attention's share over the length, from example.py."""

import numpy as np
from example import MODELS, attention_share, kv_bytes
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "memory": "KV 缓存，GiB",
        "share": "注意力占预填充计算的比例",
        "tokens": "输入长度，token",
    },
    "en": {
        "memory": "KV cache, GiB",
        "share": "attention's share of prefill",
        "tokens": "input length, tokens",
    },
}
STYLE = {
    "Llama 2 7B": (BLUE, "-", "o"),
    "Llama 3 8B": (ORANGE, (0, (6, 2.5)), "s"),
    "Llama 3 70B": (OCHRE, (0, (2, 2)), "^"),
}
# Heights of the names at the lines' ends, apart from one another.
ENDS = {
    "Llama 2 7B": (640, 96),
    "Llama 3 8B": (78, 84),
    "Llama 3 70B": (225, 72),
}


def dress(ax: Axes, title: str) -> None:
    ax.set_title(title, fontsize=12.5, color=INK, loc="left", pad=6)
    ax.set(xscale="log", xlim=(1024, 2**20))
    ax.set_xticks(
        [1024, 4096, 16_384, 65_536, 2**18, 2**20],
        ["1K", "4K", "16K", "64K", "256K", "1M"],
    )
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def draw(axes: list[Axes], label: dict[str, str]) -> None:
    top, bottom = axes
    lengths = np.array([2**k for k in range(10, 21)])
    dress(top, label["memory"])
    dress(bottom, label["share"])
    top.set(yscale="log", ylim=(0.09, 700))
    top.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    top.minorticks_off()
    bottom.set(ylim=(0, 103), yticks=[0, 25, 50, 75, 100])
    bottom.set_yticklabels(["0", "25%", "50%", "75%", "100%"])
    for model in MODELS:
        colour, dash, mark = STYLE[model.name]
        memory = [kv_bytes(model, int(n)) / 2**30 for n in lengths]
        share = [100 * attention_share(model, int(n)) for n in lengths]
        for ax, values in ((top, memory), (bottom, share)):
            ax.plot(lengths, values, color=colour, ls=dash, lw=1.9)
            at = int(np.flatnonzero(lengths == model.window)[0])
            ax.plot(model.window, values[at], mark, color=colour, ms=8)
        for ax, end in zip(axes, ENDS[model.name], strict=True):
            ax.text(
                2**20 * 1.15,
                end,
                model.name,
                color=INK,
                fontsize=12,
                va="center",
            )
    bottom.set_xlabel(label["tokens"], fontsize=12, color=INK, loc="right")


def budget(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.7))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.085, 0.105, 0.80, 0.94, hspace=0.4)
    draw(list(axes), LABELS[language])
    return figure


def budget_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.7))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.13, 0.105, 0.69, 0.94, hspace=0.4)
    draw(list(axes), LABELS[language])
    for ax in axes:
        ax.set_xticks([1024, 16_384, 2**18], ["1K", "16K", "256K"])
    return figure


FIGURES = {"budget": budget}
NARROW = {"budget": budget_narrow}
