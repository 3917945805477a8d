"""What multiplies the value: the gates of GLU, GEGLU and SwiGLU."""

import numpy as np
from example import gelu, sigmoid, silu
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "x": "门的预激活 g",
        "y": "乘在值 u 上的数",
        "more": "放大",
        "less": "减弱",
        "flip": "变号",
    },
    "en": {
        "x": "gate pre-activation g",
        "y": "factor on the value u",
        "more": "enlarges",
        "less": "weakens",
        "flip": "flips the sign",
    },
}
LEFT, RIGHT = -4.0, 2.0


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    g = np.linspace(LEFT, RIGHT, 301)
    for level in (0, 1):
        ax.axhline(level, color=MUTED, lw=0.9, ls=(0, (3, 3)), zorder=0)
    ax.axvline(0, color=GRID, lw=0.8, zorder=0)
    for name, gate, colour, dash, at in (
        ("σ, GLU", sigmoid, OCHRE, (0, (7, 3)), 0.88),
        ("GELU, GEGLU", gelu, BLUE, "-", 2.0),
        ("SiLU, SwiGLU", silu, ORANGE, (0, (2, 2)), 1.68),
    ):
        ax.plot(g, gate(g), color=colour, lw=2.2, ls=dash)
        ax.text(RIGHT + 0.12, at, name, fontsize=size, color=INK, va="center")
    grid = np.linspace(-2, 0, 20_001)
    for gate, colour, marker in ((gelu, BLUE, "o"), (silu, ORANGE, "s")):
        low = gate(grid).argmin()
        ax.plot(grid[low], gate(grid)[low], marker, color=colour, ms=6)
    for key, at in (("more", 1.5), ("less", 0.7), ("flip", -0.47)):
        ax.text(LEFT + 0.05, at, label[key], fontsize=size, color=INK)
    ax.set(xlim=(LEFT, RIGHT), ylim=(-0.55, 2.1))
    ax.set(xticks=range(-4, 3), yticks=[0, 1, 2])
    ax.set_xticklabels([f"{x}".replace("-", "−") for x in range(-4, 3)])
    ax.set_xlabel(label["x"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["y"], fontsize=size, color=INK, loc="left", pad=6)
    bare_axes(ax, size - 1)


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    draw(figure.add_axes((0.04, 0.16, 0.74, 0.74)), language, 12.5)
    return figure


def narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    draw(figure.add_axes((0.05, 0.15, 0.62, 0.76)), language, 11)
    return figure


FIGURES = {"gates": wide}
NARROW = {"gates": narrow}
