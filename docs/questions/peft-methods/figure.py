"""Trainable parameters of the methods on Llama-7B, log scale."""

from example import COUNTS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "additive": "加法式",
        "selective": "选择式",
        "low rank": "重参数化",
        "prompt tuning, 20": "提示微调，20 个",
        "(IA)^3": "(IA)³",
        "prefix, 30": "前缀，30 个",
        "adapter, one a layer": "适配器，每层 1 个",
        "adapters, two a layer": "适配器，每层 2 个",
        "BitFit": "BitFit",
        "RMSNorm weights": "RMSNorm 的权重",
        "last two layers": "最后两层",
        "full fine-tuning": "全参数",
        "VeRA, r = 256": "VeRA，r = 256",
        "LoRA q,v, r = 8": "LoRA q、v，r = 8",
        "LoRA all, r = 8": "LoRA 全部，r = 8",
    },
    "en": {
        "additive": "additive",
        "selective": "selective",
        "low rank": "reparameterized",
        "prompt tuning, 20": "prompt tuning, 20",
        "(IA)^3": "(IA)³",
        "prefix, 30": "prefix, 30",
        "adapter, one a layer": "adapters, 1 a layer",
        "adapters, two a layer": "adapters, 2 a layer",
        "BitFit": "BitFit",
        "RMSNorm weights": "RMSNorm weights",
        "last two layers": "last two layers",
        "full fine-tuning": "all weights",
        "VeRA, r = 256": "VeRA, r = 256",
        "LoRA q,v, r = 8": "LoRA q, v, r = 8",
        "LoRA all, r = 8": "LoRA all, r = 8",
    },
}
GROUPS = {
    "additive": (
        BLUE,
        [
            "prompt tuning, 20",
            "(IA)^3",
            "prefix, 30",
            "adapter, one a layer",
            "adapters, two a layer",
        ],
    ),
    "low rank": (
        ORANGE,
        ["VeRA, r = 256", "LoRA q,v, r = 8", "LoRA all, r = 8"],
    ),
    "selective": (
        OCHRE,
        ["BitFit", "RMSNorm weights", "last two layers", "full fine-tuning"],
    ),
}
LOW = 3e4


def draw(ax: Axes, language: str, size: float, right: float) -> None:
    label, y = LABELS[language], 0.0
    for group, (colour, names) in GROUPS.items():
        ax.text(
            -0.01,
            y,
            label[group],
            fontsize=size + 0.5,
            color=INK,
            fontweight="bold",
            ha="right",
            va="center",
            transform=ax.get_yaxis_transform(),
        )
        y += 1
        for name in names:
            count = COUNTS[name]
            if count:
                ax.barh(y, count - LOW, left=LOW, height=0.66, color=colour)
            ax.text(
                max(count, LOW) * 1.25,
                y,
                f"{count:,}",
                fontsize=size,
                color=INK,
                va="center",
            )
            ax.text(
                -0.01,
                y,
                label[name],
                fontsize=size,
                color=INK,
                ha="right",
                va="center",
                transform=ax.get_yaxis_transform(),
            )
            y += 1
    ax.set(xscale="log", xlim=(LOW, right), ylim=(y - 0.3, -0.6), yticks=[])
    ticks = [1e5, 1e6, 1e7, 1e8, 1e9]
    ax.set_xticks(ticks, ["10⁵", "10⁶", "10⁷", "10⁸", "10⁹"])
    ax.minorticks_off()
    ax.grid(axis="x", color=GRID, lw=0.8)
    ax.set_axisbelow(True)
    bare_axes(ax, size)


def counts_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.9))
    draw(figure.add_axes((0.26, 0.06, 0.735, 0.93)), language, 12, 2e12)
    return figure


def counts_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.7))
    draw(figure.add_axes((0.36, 0.06, 0.635, 0.93)), language, 9.5, 2e13)
    return figure


FIGURES = {"counts": counts_wide}
NARROW = {"counts": counts_narrow}
