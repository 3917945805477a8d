"""The hand example as a key-value memory: what matches, what is added up."""

import numpy as np
from example import B1, B2, W1, W2, Array, X, relu
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "keys": "键：x 与 W₁ 的各列匹配",
        "values": "值：W₂ 各行按权重相加",
        "weight": "，权重",
        "out": "输出",
    },
    "en": {
        "keys": "keys: x against W₁'s columns",
        "values": "values: weighted rows of W₂",
        "weight": ", weight",
        "out": "output",
    },
}
SUBSCRIPTS = "₁₂₃₄"


def arrow(
    ax: Axes, start: Array, end: Array, colour: str, width: float = 2
) -> None:
    ax.annotate(
        "",
        end,
        start,
        arrowprops={
            "arrowstyle": "-|>,head_width=0.22,head_length=0.45",
            "color": colour,
            "lw": width,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def plane(ax: Axes, title: str, size: float, x: Array, y: Array) -> None:
    ax.set(xlim=x, ylim=y, aspect="equal")
    ax.axhline(0, color=GRID, lw=0.8, zorder=0)
    ax.axvline(0, color=GRID, lw=0.8, zorder=0)
    ax.axis("off")
    ax.set_anchor("NW")
    ax.set_title(title, fontsize=size, color=INK, loc="left", pad=6)


def draw_keys(ax: Axes, label: dict[str, str], size: float) -> None:
    ranges = np.array([-2.15, 2.85]), np.array([-1.45, 1.75])
    plane(ax, label["keys"], size, *ranges)
    weights, zero = relu(X @ W1 + B1), np.zeros(2)
    arrow(ax, zero, X, INK)
    ax.text(1.08, -1.2, "x", fontsize=size + 1, color=INK)
    places = [(1.1, -0.4), (0.1, 1.2), (-2.05, 1.35), (1.2, 0.3)]
    for i, (key, weight) in enumerate(zip(W1.T, weights, strict=True)):
        arrow(ax, zero, key, BLUE if weight > 0 else MUTED)
        name = f"k{SUBSCRIPTS[i]}{label['weight']} {weight:g}"
        ax.text(*places[i], name, fontsize=size - 1, color=INK)


def draw_values(ax: Axes, label: dict[str, str], size: float) -> None:
    ranges = np.array([-0.2, 1.5]), np.array([-0.45, 0.6])
    plane(ax, label["values"], size, *ranges)
    at = B2
    arrow(ax, np.zeros(2), at, MUTED)
    ax.text(-0.02, -0.26, "b₂", fontsize=size - 1, color=INK)
    weights = relu(X @ W1 + B1)
    for i, (value, weight) in enumerate(zip(W2, weights, strict=True)):
        if weight == 0:
            continue
        end = at + weight * value
        arrow(ax, at, end, BLUE)
        middle = (at + end) / 2
        side = -0.16 if i == 0 else 0.06
        shift = 0.02 if i == 0 else 0.06
        ax.text(
            middle[0] + shift,
            middle[1] + side,
            f"{weight:g} v{SUBSCRIPTS[i]}",
            fontsize=size - 1,
            color=INK,
        )
        at = end
    arrow(ax, np.zeros(2), at, ORANGE, 2.4)
    ax.text(
        at[0] - 0.3,
        at[1] + 0.12,
        f"{label['out']} ({at[0]:.2f}, {at[1]:.2f})",
        fontsize=size - 1,
        color=INK,
    )


def memory_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.5))
    left = figure.add_axes((0.0, 0.0, 0.52, 0.87))
    right = figure.add_axes((0.54, 0.0, 0.46, 0.87))
    draw_keys(left, LABELS[language], 12.5)
    draw_values(right, LABELS[language], 12.5)
    return figure


def memory_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.1))
    top = figure.add_axes((0.0, 0.52, 1.0, 0.43))
    bottom = figure.add_axes((0.0, 0.0, 1.0, 0.43))
    draw_keys(top, LABELS[language], 12)
    draw_values(bottom, LABELS[language], 12)
    return figure


FIGURES = {"memory": memory_wide}
NARROW = {"memory": memory_narrow}
