"""Two forms of the bias, and the slopes for several head counts."""

import math

import numpy as np
from example import bias_matrix, bias_rows, slopes
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

Array = NDArray[np.float64]

SIZE = 5
HEADS = (6, 8, 12, 16, 24)
LABELS = {
    "zh": {
        "matrix": "矩阵：−(m − n)",
        "row": "行向量：n",
        "key": "key n →",
        "query": "query m ←",
        "heads": "头数",
        "slope": "斜率",
        "main": "p 个头的数列",
        "extra": "取自 2p 个头的数列",
    },
    "en": {
        "matrix": "matrix: −(m − n)",
        "row": "row: n",
        "key": "key n →",
        "query": "query m ←",
        "heads": "heads",
        "slope": "slope",
        "main": "sequence for p heads",
        "extra": "from that for 2p heads",
    },
}


def panel(ax: Axes, values: Array, colour: str, title: str) -> None:
    for m in range(SIZE):
        for n in range(m + 1):
            value = round(float(values[m, n]))
            ax.add_patch(
                Rectangle(
                    (n + 0.03, m + 0.03),
                    0.94,
                    0.94,
                    facecolor=colour,
                    alpha=round(0.07 + 0.11 * abs(value), 3),
                    linewidth=0,
                )
            )
            ax.text(
                n + 0.5,
                m + 0.52,
                str(value).replace("-", "−"),
                color=INK,
                fontsize=12,
                ha="center",
                va="center",
            )
    ax.set(xlim=(0, SIZE), ylim=(SIZE, 0), aspect="equal")
    ax.axis("off")
    ax.set_title(title, fontsize=12, color=INK, loc="left", pad=5)


def draw_forms(axes: list[Axes], label: dict[str, str]) -> None:
    slope = slopes(8)[0]
    matrix = bias_matrix(8, SIZE)[0] / slope
    row = np.broadcast_to(bias_rows(8, SIZE)[0] / slope, (SIZE, SIZE))
    panel(axes[0], matrix, ORANGE, label["matrix"])
    panel(axes[1], row, BLUE, label["row"])
    axes[0].text(
        0, SIZE + 0.15, label["key"], va="top", fontsize=11, color=MUTED
    )
    axes[0].text(
        -0.12,
        SIZE,
        label["query"],
        rotation=90,
        ha="right",
        va="bottom",
        fontsize=11,
        color=MUTED,
    )


def forms(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.75))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.05, 0.09, 0.99, 0.9, wspace=0.02)
    draw_forms(list(axes), LABELS[language])
    return figure


def forms_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.15))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.065, 0.09, 0.99, 0.88, wspace=0.08)
    draw_forms(list(axes), LABELS[language])
    return figure


def draw_slopes(ax: Axes, label: dict[str, str]) -> None:
    for line, heads in enumerate(HEADS):
        power = 2 ** int(math.log2(heads))
        places = -np.log2(slopes(heads))
        small = 4.5 if heads == 24 else 7
        ax.axhline(line, color=GRID, lw=0.8, zorder=0)
        ax.plot(
            places[:power],
            [line] * power,
            "o",
            color=BLUE,
            ms=small,
            mew=0,
        )
        ax.plot(
            places[power:],
            [line] * (heads - power),
            "D",
            mfc="none",
            mec=ORANGE,
            mew=1.6,
            ms=small,
        )
    ax.set(xlim=(0, 8.25), ylim=(len(HEADS) - 0.4, -0.5))
    ax.set_yticks(range(len(HEADS)), [f"h = {heads}" for heads in HEADS])
    ax.set_xticks(
        [0, 1, 2, 4, 6, 8], ["1", "1/2", "1/4", "1/16", "1/64", "1/256"]
    )
    bare_axes(ax, 11)
    ax.tick_params(axis="y", labelcolor=INK)
    ax.set_xlabel(label["slope"], fontsize=11, color=INK, loc="right")
    ax.text(
        8, 0.5, label["main"], fontsize=11, color=INK, ha="right", va="center"
    )


def label_extra(ax: Axes, label: dict[str, str], x: float) -> None:
    ax.text(x, 1.5, label["extra"], fontsize=11, color=INK, va="center")


def sequences(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.5))
    ax = figure.subplots()
    figure.subplots_adjust(0.105, 0.19, 0.99, 0.99)
    draw_slopes(ax, LABELS[language])
    label_extra(ax, LABELS[language], 0.4)
    return figure


def sequences_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.7))
    ax = figure.subplots()
    figure.subplots_adjust(0.175, 0.185, 0.95, 0.99)
    draw_slopes(ax, LABELS[language])
    label_extra(ax, LABELS[language], 0.3)
    ax.set_xticks([0, 1, 2, 4, 6, 8], ["1", "½", "¼", "1/16", "1/64", "1/256"])
    return figure


FIGURES = {"forms": forms, "sequences": sequences}
NARROW = {"forms": forms_narrow, "sequences": sequences_narrow}
