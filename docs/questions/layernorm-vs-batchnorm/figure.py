"""The figures of this page: the two axes, the noise of BN's statistics."""

from functools import cache
from typing import Any

import numpy as np
from example import measured, noise
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

# All forms of the figure show the same.
spread = cache(measured)

LABELS = {
    "zh": {
        "ln": "LayerNorm：一个 token 的 d 个通道",
        "bn": "BatchNorm：一个通道的全部 token",
        "sequence": "序列",
        "positions": "T",
        "channels": "d",
        "padding": "× 填充",
        "batch": "batch 大小 B（序列数，每个 128 个 token）",
        "batch-n": "B（每个序列 128 个 token）",
        "sd": "BN 的 batch 均值的标准差（通道标准差 = 1）",
        "sd-n": "batch 均值的标准差",
        "rho": "序列内相关 ",
        "none": "token 互相独立",
    },
    "en": {
        "ln": "LayerNorm: the d channels of one token",
        "bn": "BatchNorm: all tokens of one channel",
        "sequence": "sequence",
        "positions": "T",
        "channels": "d",
        "padding": "× padding",
        "batch": "batch size B (sequences of 128 tokens each)",
        "batch-n": "B (sequences of 128 tokens)",
        "sd": "s.d. of BN's batch mean (channel s.d. = 1)",
        "sd-n": "s.d. of the batch mean",
        "rho": "correlation ",
        "none": "independent tokens",
    },
}
LENGTHS = (4, 2, 3)


def row_of_sheets(
    ax: Axes, label: dict[str, str], size: float, top: float, batch: bool
) -> None:
    """Three sequences, each T x d cells; what is normalized together."""
    t, d = 4, 5
    style: dict[str, Any] = {"fontsize": size, "color": INK}
    name = label["bn"] if batch else label["ln"]
    ax.text(0, top + 1.45, name, va="bottom", **style)
    for k, length in enumerate(LENGTHS):
        left = k * 6.2
        for i in range(t):
            for j in range(d):
                at = left + j, top - 1 - i
                ax.add_patch(Rectangle(at, 1, 1, fc="none", ec=MUTED, lw=0.8))
                if i >= length:
                    ax.plot(at[0] + 0.5, at[1] + 0.5, "x", color=MUTED, ms=4)
                chosen = j == 1 if batch else (k, i) == (0, 1)
                if chosen and i < length:
                    fill = ORANGE if batch else BLUE
                    ax.add_patch(
                        Rectangle(
                            at, 1, 1, fc=fill, ec="none", alpha=0.4, zorder=0
                        )
                    )
        ax.text(
            left + d / 2,
            top + 0.22,
            f"{label['sequence']} {k + 1}",
            ha="center",
            va="bottom",
            **style,
        )
    ax.text(
        -0.3, top - t / 2, label["positions"], ha="right", va="center", **style
    )
    ax.text(
        d / 2,
        top - t - 0.15,
        label["channels"],
        ha="center",
        va="top",
        **style,
    )


def axes_figure(
    language: str, size: float, shape: tuple[float, float], gap: float
) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=shape)
    ax = figure.add_axes((0, 0, 1, 1))
    row_of_sheets(ax, label, size, 0, batch=False)
    row_of_sheets(ax, label, size, -gap, batch=True)
    ax.text(
        17.4,
        -gap - 4.15,
        label["padding"],
        ha="right",
        va="top",
        fontsize=size,
        color=INK,
    )
    ax.set(xlim=(-1.4, 18.2), ylim=(-gap - 5.6, 3.0), aspect="equal")
    ax.axis("off")
    return figure


def axes_wide(language: str) -> Figure:
    return axes_figure(language, 13, (6.4, 5.2), 7.6)


def axes_narrow(language: str) -> Figure:
    return axes_figure(language, 11, (3.65, 3.5), 8.9)


def noise_plot(language: str, size: float, narrow: bool) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 3.3) if narrow else (6.4, 3.5))
    box = (0.15, 0.2, 0.81, 0.68) if narrow else (0.085, 0.19, 0.89, 0.7)
    ax = figure.add_axes(box)
    sizes = np.array([1, 2, 4, 8, 16, 32, 64])
    some = sizes[::2]
    curves: list[tuple[float, str, Any, str]] = [
        (0.2, ORANGE, "-", "s"),
        (0.0, BLUE, (0, (6, 3)), "o"),
    ]
    for rho, colour, dash, mark in curves:
        line = [noise(int(b), 128, rho) for b in sizes]
        ax.plot(sizes, line, color=colour, ls=dash, lw=2)
        found = [spread(int(b), 128, rho, 1000) for b in some]
        ax.plot(some, found, mark, color=colour, ms=7)
        name = f"{label['rho']}{rho:g}" if rho else label["none"]
        at = 2.3, noise(2, 128, rho) * 1.12
        ax.text(*at, name, fontsize=size, color=INK, va="bottom")
    ax.set(xscale="log", yscale="log", xlim=(0.9, 70), ylim=(0.008, 0.75))
    ax.set_xticks(sizes, [str(b) for b in sizes])
    ticks = [0.01, 0.03, 0.1, 0.3]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    end = "-n" if narrow else ""
    ax.set_xlabel(label["batch" + end], fontsize=size, color=INK)
    ax.set_title(
        label["sd" + end], loc="left", fontsize=size, color=INK, pad=8
    )
    ax.grid(color=GRID, lw=0.7, axis="y")
    bare_axes(ax, size - 1)
    return figure


FIGURES = {
    "axes": axes_wide,
    "noise": lambda language: noise_plot(language, 13, narrow=False),
}
NARROW = {
    "axes": axes_narrow,
    "noise": lambda language: noise_plot(language, 11, narrow=True),
}
