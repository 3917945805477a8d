"""Level lines of one hidden unit: a plain one, and two with a gate."""

import numpy as np
from example import GATES, Array, V, W, X
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE

LABELS = {
    "zh": {
        "plain": "无门控：max(0, xw)",
        "GLU": "GLU：σ(xw)·(xv)",
        "Bilinear": "Bilinear：(xw)·(xv)",
        "at": "x 处为 ",
        "key": "实线：正|虚线：负|细线：0|相邻两条差 0.5",
    },
    "en": {
        "plain": "no gate: max(0, xw)",
        "GLU": "GLU: σ(xw)·(xv)",
        "Bilinear": "Bilinear: (xw)·(xv)",
        "at": "at x: ",
        "key": "solid: positive|dashed: negative|thin: 0|steps of 0.5",
    },
}
UNIT = 0  # the first hidden unit of the example
SPAN = 1.6
STEPS = np.arange(0.5, 8.1, 0.5)


def unit(name: str, points: Array) -> Array:
    a, b = points @ W[:, UNIT], points @ V[:, UNIT]
    values: Array = np.maximum(a, 0) if name == "plain" else GATES[name](a) * b
    return values


def arrow(
    ax: Axes, tip: Array, label: str, size: float, shift: tuple[float, float]
) -> None:
    ax.annotate(
        "",
        (float(tip[0]), float(tip[1])),
        (0, 0),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.2,head_length=0.4",
            "color": INK,
            "lw": 1.4,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    at = tip + np.array(shift)
    ax.text(at[0], at[1], label, fontsize=size, color=INK)


def panel(ax: Axes, name: str, label: dict[str, str], size: float) -> None:
    axis = np.linspace(-SPAN, SPAN, 121)
    points = np.stack(np.meshgrid(axis, axis), axis=-1)
    z = unit(name, points)
    if z.min() < 0:
        levels = -STEPS[::-1]
        ax.contour(
            axis,
            axis,
            z,
            levels=levels,
            colors=[ORANGE],
            linestyles=[(0, (4, 2.5))],
            linewidths=1.3,
        )
    # A ReLU unit is 0 on a half-plane; its border is where x w = 0.
    zero = points @ W[:, UNIT] if name == "plain" else z
    ax.contour(axis, axis, zero, levels=[0], colors=[INK], linewidths=1.0)
    ax.contour(axis, axis, z, levels=STEPS, colors=[BLUE], linewidths=1.8)
    arrow(ax, W[:, UNIT], "w", size, (-0.3, -0.33))
    if name != "plain":
        arrow(ax, V[:, UNIT], "v", size, (-0.42, -0.2))
    ax.plot(*X, "o", color=INK, ms=5)
    value = f"{float(unit(name, X)):.2f}".replace("-", "−")
    ax.text(X[0] + 0.12, X[1] - 0.04, "x", fontsize=size, color=INK)
    ax.text(-SPAN, -2.02, label["at"] + value, fontsize=size, color=INK)
    ax.set_title(label[name], fontsize=size, color=INK, loc="left", pad=6)
    ax.set(xlim=(-SPAN, SPAN), ylim=(-SPAN, SPAN), aspect="equal")
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_color(GRID)


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.68))
    for i, name in enumerate(["plain", "GLU", "Bilinear"]):
        ax = figure.add_axes((0.004 + 0.338 * i, 0.125, 0.316, 0.755))
        panel(ax, name, LABELS[language], 12.5)
    return figure


def narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.5))
    places = {"plain": (0.01, 0.56), "GLU": (0.01, 0.06)}
    places["Bilinear"] = (0.53, 0.06)
    for name, corner in places.items():
        ax = figure.add_axes((*corner, 0.455, 0.369))
        panel(ax, name, LABELS[language], 11)
    for i, line in enumerate(LABELS[language]["key"].split("|")):
        figure.text(0.53, 0.87 - 0.06 * i, line, fontsize=11, color=INK)
    return figure


FIGURES = {"unit": wide}
NARROW = {"unit": narrow}
