"""Frequencies and stretch, plane by plane, from example.py."""

import numpy as np
from example import D_K, frequencies, schemes
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

Array = NDArray[np.float64]

S = 8.0
FIRST = 46  # the first plane that does not complete a turn
LABELS = {
    "zh": {
        "frequency": "频率 θ′，弧度/token",
        "stretch": "拉伸倍数 θ/θ′",
        "original": "原来",
        "code": "YaRN 代码",
        "unseen": "训练时转不满一圈",
        "plane": "平面 i",
    },
    "en": {
        "frequency": "frequency θ′, radians per token",
        "stretch": "stretch θ/θ′",
        "original": "original",
        "code": "YaRN code",
        "unseen": "no full turn in training",
        "plane": "plane i",
    },
}
STYLE = {
    "PI": (ORANGE, (0, (6, 2.5))),
    "NTK": (BLUE, "-"),
    "YaRN": (INK, (0, (9, 2, 2, 2))),
    "YaRN code": (OCHRE, (0, (1.5, 1.8))),
}


def dress(ax: Axes, title: str) -> None:
    ax.axvspan(FIRST - 0.5, D_K // 2 - 0.5, color=GRID, alpha=0.45, lw=0)
    ax.set_title(title, fontsize=12.5, color=INK, loc="left", pad=6)
    ax.set(xlim=(-0.5, D_K // 2 - 0.5), xticks=[0, 10, 21, 33, 46, 63])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def name(ax: Axes, x: float, y: float, text: str) -> None:
    ax.text(x, y, text, color=INK, fontsize=12, va="center")


def draw(axes: list[Axes], label: dict[str, str]) -> None:
    top, bottom = axes
    plane, theta, found = np.arange(D_K // 2), frequencies(), schemes(S)
    dress(top, label["frequency"])
    dress(bottom, label["stretch"])
    top.set(yscale="log", ylim=(8e-6, 1.6))
    top.set_yticks(
        [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5],
        ["1", "0.1", "0.01", "10⁻³", "10⁻⁴", "10⁻⁵"],
    )
    top.minorticks_off()
    top.plot(plane, theta, color=MUTED, lw=1.2)
    for key, new in found.items():
        colour, dash = STYLE[key]
        if key != "YaRN code":
            top.plot(plane, new, color=colour, ls=dash, lw=1.8)
        bottom.plot(plane, theta / new, color=colour, ls=dash, lw=1.8)
    name(top, 50.5, 4.5e-3, label["original"])
    top.plot([51, 51], [2.6e-3, theta[51]], color=MUTED, lw=0.8)
    name(top, 4, 0.03, "PI")
    bottom.set(ylim=(0.4, 9.4), yticks=[1, 2, 4, 6, 8])
    name(bottom, 1, 8.55, "PI")
    name(bottom, 9, 2.1, "NTK")
    bottom.text(
        31, 5.3, "YaRN", color=INK, fontsize=12, va="center", ha="right"
    )
    bottom.text(46.2, 1.45, label["code"], color=INK, fontsize=12, va="center")
    bottom.plot([45.5, 36.2], [1.55, 2.05], color=MUTED, lw=0.8)
    bottom.set_xlabel(label["plane"], fontsize=12, color=INK, loc="right")


def planes(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 5.4))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.075, 0.09, 0.985, 0.95, hspace=0.3)
    draw(list(axes), LABELS[language])
    axes[0].text(
        FIRST,
        0.6,
        LABELS[language]["unseen"],
        color=MUTED,
        fontsize=11.5,
        va="center",
    )
    return figure


def planes_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.4))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.125, 0.09, 0.975, 0.95, hspace=0.3)
    draw(list(axes), LABELS[language])
    return figure


FIGURES = {"planes": planes}
NARROW = {"planes": planes_narrow}
