"""The figures of this page; the second from what example.py computes."""

import numpy as np
from example import layer, smooth
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "x": "X：每行一个 token",
        "w": "W：每列一个输出",
        "token": "每行一个尺度",
        "output": "每列一个尺度",
        "both": "Y：两个尺度相乘",
        "inner": "对 k 求和：",
        "inside": "尺度提不出来",
        "before": "原样",
        "after": "平滑之后",
        "channel": "输入通道",
        "large": "最大绝对值",
        "activations": "激活 X",
        "weights": "权重 W",
    },
    "en": {
        "x": "X: a token a row",
        "w": "W: an output a column",
        "token": "a scale per row",
        "output": "a scale per column",
        "both": "Y: their product",
        "inner": "summed over k:",
        "inside": "scales stay inside",
        "before": "as it is",
        "after": "smoothed",
        "channel": "input channel",
        "large": "largest absolute value",
        "activations": "activations X",
        "weights": "weights W",
    },
}


def matrix(ax: Axes, x: float, y: float, rows: int, columns: int) -> None:
    for i in range(rows):
        for j in range(columns):
            ax.add_patch(
                Rectangle((x + j, y - i), 1, 1, fill=False, ec=GRID, lw=1)
            )
    ax.add_patch(
        Rectangle(
            (x, y - rows + 1), columns, rows, fill=False, ec=MUTED, lw=1.2
        )
    )


def scales_on(figure: Figure, language: str, size: float) -> Figure:
    """Where scales may stand in Y = X W."""
    label = LABELS[language]
    ax = figure.subplots()
    figure.subplots_adjust(0, 0, 1, 1)
    ax.set(xlim=(-0.3, 12.4), ylim=(-1.1, 8.6), aspect="equal")
    ax.axis("off")
    matrix(ax, 0, 2, 3, 4)  # X
    matrix(ax, 6.2, 6, 4, 4)  # W
    matrix(ax, 6.2, 2, 3, 4)  # Y
    for at, wide, high, colour, alpha in (
        ((0, 1), 4, 1, ORANGE, 0.35),
        ((8.2, 3), 1, 4, BLUE, 0.35),
        ((6.2, 1), 4, 1, ORANGE, 0.18),
        ((8.2, 0), 1, 3, BLUE, 0.18),
    ):
        ax.add_patch(Rectangle(at, wide, high, fc=colour, alpha=alpha, lw=0))
    ax.add_patch(Rectangle((8.2, 1), 1, 1, fill=False, ec=INK, lw=1.8))
    for x, y, name, colour in (
        (0, 3.4, "x", INK),
        (0, -0.55, "token", ORANGE),
        (6.2, 8.15, "w", INK),
        (6.2, 7.4, "output", BLUE),
        (6.2, -0.55, "both", INK),
        (0, 6.6, "inner", INK),
        (0, 5.85, "inside", INK),
    ):
        ax.text(x, y, label[name], color=colour, size=size, va="center")
    arrow = {"arrowstyle": "<->", "color": MUTED, "lw": 1.4}
    ax.annotate("", (4, 4.1), (0, 4.1), arrowprops=arrow)
    ax.annotate("", (5.8, 3), (5.8, 7), arrowprops=arrow)
    ax.text(2, 4.35, "k", color=MUTED, size=size + 1, ha="center")
    ax.text(5.5, 5, "k", color=MUTED, size=size + 1, va="center", ha="right")
    return figure


def scales(language: str) -> Figure:
    return scales_on(Figure(figsize=(6.4, 4.9)), language, 14)


def scales_narrow(language: str) -> Figure:
    return scales_on(Figure(figsize=(3.65, 2.8)), language, 10.5)


def panel(ax: Axes, language: str, smoothed: bool) -> None:
    label, (kinds, w) = LABELS[language], layer()
    x = kinds["channel"]
    if smoothed:
        x, w = smooth(x, w)
    channels = np.arange(len(w))
    for values, colour, marker, name, height in (
        (np.abs(x).max(0), ORANGE, "o", "activations", 60),
        (np.abs(w).max(1), BLUE, "s", "weights", 33),
    ):
        size = 6.5 if name == "activations" else 3.5
        fill = "none" if name == "activations" else colour
        ax.plot(channels, values, marker, color=colour, ms=size, mfc=fill)
        if not smoothed:
            ax.text(62, height, label[name], color=colour, size=12, ha="right")
    ax.set(yscale="log", ylim=(1, 500), xlim=(-2, 65), yticks=[1, 10, 100])
    ax.set_yticklabels(["1", "10", "100"])
    ax.set(xticks=[5, 20, 40, 60])
    name = label["after" if smoothed else "before"]
    ax.set_title(name, loc="left", size=12.5, color=INK, pad=6)
    ax.set_xlabel(label["channel"], size=12, color=MUTED)
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)
    ax.minorticks_off()


def channels(language: str) -> Figure:
    """Largest absolute value of each channel, before and after."""
    figure = Figure(figsize=(6.4, 3.2))
    left, right = figure.subplots(1, 2, sharey=True)
    figure.subplots_adjust(0.07, 0.17, 0.985, 0.83, wspace=0.08)
    panel(left, language, False)
    panel(right, language, True)
    text = LABELS[language]["large"]
    figure.text(0.02, 0.94, text, color=MUTED, size=12)
    return figure


def channels_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.6))
    top, bottom = figure.subplots(2, 1)
    figure.subplots_adjust(0.1, 0.09, 0.98, 0.9, hspace=0.42)
    panel(top, language, False)
    panel(bottom, language, True)
    text = LABELS[language]["large"]
    figure.text(0.02, 0.965, text, color=MUTED, size=12)
    return figure


FIGURES = {"scales": scales, "channels": channels}
NARROW = {"scales": scales_narrow, "channels": channels_narrow}
