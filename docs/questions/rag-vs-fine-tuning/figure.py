"""Above which volume fine-tuning is cheaper, by how fast facts change."""

import numpy as np
from example import ENDPOINT, break_even, longest_period
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "volume": "每月查询数",
        "rate": "每月的更新率 λ",
        "shared": "共享端点",
        "dedicated": "专用端点",
        "tune": "微调更省",
        "rag": "RAG 更省",
    },
    "en": {
        "volume": "queries a month",
        "rate": "rate of change λ, a month",
        "shared": "shared endpoint",
        "dedicated": "dedicated endpoint",
        "tune": "fine-tuning is cheaper",
        "rag": "RAG is cheaper",
    },
}


def draw(ax: Axes, label: dict[str, str], size: float) -> None:
    rates = np.logspace(-3, np.log10(0.3), 60)
    months = [longest_period(float(rate), 0.95) for rate in rates]
    for hosting, colour, dash in (
        (0.0, BLUE, "-"),
        (ENDPOINT, ORANGE, (0, (6, 3))),
    ):
        values = [break_even(period, hosting) for period in months]
        ax.plot(rates, values, color=colour, ls=dash, lw=2)
    for x, y, key, side in (
        (0.0011, 1.2e6, "dedicated", "left"),
        (0.006, 3.6e3, "shared", "left"),
        (0.0011, 4.6e6, "tune", "left"),
        (0.28, 1.6e3, "rag", "right"),
    ):
        weight = "bold" if key in ("tune", "rag") else "normal"
        ax.text(
            x,
            y,
            label[key],
            fontsize=size,
            color=INK,
            ha=side,
            weight=weight,
        )
    ax.set(xscale="log", yscale="log", xlim=(1e-3, 0.3), ylim=(1e3, 1.2e7))
    ax.set_xticks([1e-3, 1e-2, 1e-1], ["0.1%", "1%", "10%"])
    ax.set_yticks(
        [1e3, 1e4, 1e5, 1e6, 1e7], ["10³", "10⁴", "10⁵", "10⁶", "10⁷"]
    )
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.tick_params(axis="x", pad=9)
    ax.set_xlabel(label["rate"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["volume"], fontsize=size, color=INK, loc="left", pad=6)


def volume_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    draw(figure.add_axes((0.07, 0.18, 0.91, 0.72)), LABELS[language], 12)
    return figure


def volume_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.1))
    draw(figure.add_axes((0.11, 0.18, 0.86, 0.72)), LABELS[language], 11)
    return figure


FIGURES = {"volume": volume_wide}
NARROW = {"volume": volume_narrow}
