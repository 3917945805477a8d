"""The gate, widths of the Llama models, how one hidden unit grows."""

import numpy as np
from example import MODELS, W, X, glu, gpt_oss, situ, swiglu, swish
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import (
    BLUE,
    GRID,
    INK,
    MUTED,
    OCHRE,
    ORANGE,
    VIOLET,
    bare_axes,
)

LABELS = {
    "zh": {
        "unit": "隐藏单元的值，g = u = s",
        "gate": "乘在值 u 上的数",
        "g": "门的预激活 g",
        "s": "s",
    },
    "en": {
        "unit": "value of a hidden unit, g = u = s",
        "gate": "factor on the value u",
        "g": "gate pre-activation g",
        "s": "s",
    },
}


def draw_widths(ax: Axes, size: float, right: float) -> None:
    for i, model in enumerate(MODELS):
        ratio = model.width() / model.d
        ax.barh(i, ratio, height=0.62, color=BLUE)
        text = f"{model.width():,}"
        ax.text(
            right, i, text, fontsize=size, color=INK, ha="right", va="center"
        )
    ax.text(right, -0.85, "d_ff", fontsize=size, color=INK, ha="right")
    bottom = len(MODELS) - 0.4
    for level, name in ((8 / 3, "8/3"), (4.0, "4")):
        ax.plot(
            [level, level],
            [-0.75, bottom],
            color=MUTED,
            lw=1,
            ls=(0, (3, 3)),
        )
        ax.text(level, -0.85, name, fontsize=size, color=INK, ha="center")
    ax.set(xlim=(0, right + 0.03), ylim=(bottom, -1.3), xticks=range(5))
    ax.set_yticks(range(len(MODELS)), [model.name for model in MODELS])
    bare_axes(ax, size - 1)
    ax.tick_params(axis="y", colors=INK, labelsize=size)
    ax.set_xlabel("d_ff / d", fontsize=size, color=INK, loc="left")


def draw_growth(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    s = np.logspace(-1, 3, 401)
    for name, unit, colour, dash, at in (
        ("SwiGLU", swiglu, BLUE, "-", 1e6),
        ("GLU", glu, OCHRE, (0, (7, 3)), 1e3),
        ("SiTU-GLU", situ, ORANGE, (0, (2, 2)), 160.0),
        ("gpt-oss", gpt_oss, VIOLET, (0, (9, 3, 2, 3)), 33.0),
    ):
        ax.plot(s, unit(s, s), color=colour, lw=2, ls=dash)
        ax.text(1230, at, name, fontsize=size, color=INK, va="center")
    ax.set(xscale="log", yscale="log", xlim=(0.1, 1000), ylim=(4e-3, 2e6))
    ticks = [0.1, 1, 10, 100, 1000]
    ax.set_xticks(ticks, ["0.1", "1", "10", "100", "1,000"])
    ticks = [0.01, 1, 100, 1e4, 1e6]
    names = ["0.01", "1", "100", "10⁴", "10⁶"]
    ax.set_yticks(ticks, names)
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.8)
    ax.set_xlabel(label["s"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["unit"], fontsize=size, color=INK, loc="left", pad=6)
    bare_axes(ax, size - 1)


def widths_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.7))
    draw_widths(figure.add_axes((0.235, 0.13, 0.76, 0.87)), 12.5, 4.82)
    return figure


def widths_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.7))
    draw_widths(figure.add_axes((0.33, 0.13, 0.66, 0.87)), 10.5, 5.3)
    return figure


def growth_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    draw_growth(figure.add_axes((0.09, 0.14, 0.75, 0.76)), language, 12.5)
    return figure


def growth_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    draw_growth(figure.add_axes((0.125, 0.13, 0.61, 0.78)), language, 11)
    return figure


def draw_gate(ax: Axes, language: str, size: float) -> None:
    label, g = LABELS[language], np.linspace(-4, 2, 601)
    for level in (0, 1):
        ax.axhline(level, color=GRID, lw=0.8, zorder=0)
    for beta, colour, dash, at in (
        (0.0, VIOLET, (0, (9, 3, 2, 3)), 1.0),
        (1.0, BLUE, "-", 1.62),
        (1.702, OCHRE, (0, (2, 2)), 1.93),
        (10.0, ORANGE, (0, (7, 3)), 2.24),
    ):
        ax.plot(g, swish(g, beta), color=colour, ls=dash, lw=2)
        name = f"β = {beta:g}"
        ax.text(2.1, at, name, fontsize=size, color=INK, va="center")
    for unit, at in enumerate(X @ W, 1):
        ax.plot(at, swish(at), "o", color=BLUE, ms=6)
        if unit == 3:  # stands where unit 1 does
            continue
        name, shift = (
            ("1, 3", (0.1, -0.36)) if unit == 1 else ("2", (-0.3, -0.16))
        )
        ax.text(
            at + shift[0],
            float(swish(at)) + shift[1],
            name,
            fontsize=size,
            color=INK,
            va="center",
        )
    ax.set(xlim=(-4, 2), ylim=(-0.85, 2.2))
    ax.set(xticks=range(-4, 3), yticks=[0, 1, 2])
    ax.set_xticklabels([f"{x}".replace("-", "−") for x in range(-4, 3)])
    ax.set_xlabel(label["g"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["gate"], fontsize=size, color=INK, loc="left", pad=6)
    bare_axes(ax, size - 1)


def gate_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    draw_gate(figure.add_axes((0.04, 0.16, 0.8, 0.74)), language, 12.5)
    return figure


def gate_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    draw_gate(figure.add_axes((0.05, 0.15, 0.71, 0.76)), language, 11)
    return figure


FIGURES = {"gate": gate_wide, "widths": widths_wide, "growth": growth_wide}
NARROW = {
    "gate": gate_narrow,
    "widths": widths_narrow,
    "growth": growth_narrow,
}
