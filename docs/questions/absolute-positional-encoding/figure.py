"""The sinusoidal code and what its dot products depend on, from example.py."""

import numpy as np
from example import sinusoids
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

Array = NDArray[np.float64]

CHANNELS, POSITIONS, LEVELS = 32, 48, 10
WIDTH = 128
LABELS = {
    "zh": {
        "position": "位置 m →",
        "channel": "通道，d = 32",
        "raw": "A = I：两条重合",
        "mixed": "A 随机：两条不同",
        "offset": "相对位置 n − m",
    },
    "en": {
        "position": "position m →",
        "channel": "channel, d = 32",
        "raw": "A = I: the curves coincide",
        "mixed": "A random: they differ",
        "offset": "offset n − m",
    },
}


def heat_map(ax: Axes, label: dict[str, str]) -> None:
    """Palest -1, blue +1; equal neighbours share one rectangle."""
    code = sinusoids(np.arange(POSITIONS, dtype=np.float64), CHANNELS).T
    level = np.rint((code + 1) / 2 * LEVELS).astype(int)
    for value in range(1, LEVELS + 1):
        corners: list[tuple[float, float]] = []
        codes: list[np.uint8] = []
        for channel in range(CHANNELS):
            starts = np.flatnonzero(
                np.diff(np.r_[False, level[channel] == value, False])
            )
            for left, right in starts.reshape(-1, 2):
                low, high = channel, channel + 1
                corners += [(left, low), (right, low), (right, high)]
                corners += [(left, high), (left, low)]
                codes += [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
        if corners:
            ax.add_patch(
                PathPatch(
                    Path(corners, codes),
                    facecolor=BLUE,
                    alpha=round(value / LEVELS, 2),
                    linewidth=0,
                    antialiased=False,
                )
            )
    frame = [0, POSITIONS, POSITIONS, 0, 0]
    ax.plot(frame, [0, 0, CHANNELS, CHANNELS, 0], color=GRID, lw=0.8)
    ax.set(xlim=(0, POSITIONS), ylim=(CHANNELS, 0))
    ax.set(xticks=[0.5, 16.5, 32.5, 47.5], yticks=[0.5, 15.5, 31.5])
    ax.set_xticklabels(["0", "16", "32", "47"])
    ax.set_yticklabels(["0", "15", "31"])
    ax.set_xlabel(label["position"], fontsize=12, color=INK, loc="right")
    ax.set_title(label["channel"], fontsize=12, color=INK, loc="left", pad=5)
    plain(ax)


def products(ax: Axes, matrix: Array, title: str, named: bool) -> None:
    """p_m A p_n^T over n - m, a curve for m = 60 and one for m = 90."""
    offset = np.arange(-40, 41, dtype=np.float64)
    for m, colour, dash in (60, BLUE, "-"), (90, ORANGE, (0, (4, 4))):
        row = sinusoids(np.array([float(m)]), WIDTH)
        score = (row @ matrix @ sinusoids(m + offset, WIDTH).T)[0]
        ax.plot(offset, score, color=colour, ls=dash, lw=1.8)
        if named:
            ax.text(
                41,
                score[-1],
                f"m = {m}",
                color=INK,
                fontsize=12,
                va="center",
            )
    ax.set_title(title, fontsize=12, color=INK, loc="left", pad=5)
    ax.set(xlim=(-40, 40), xticks=[-40, -20, 0, 20, 40])
    ax.grid(color=GRID, lw=0.7)
    plain(ax)


def plain(ax: Axes) -> None:
    bare_axes(ax, 11)


def random_matrix() -> Array:
    rng = np.random.default_rng(0)
    w_q, w_k = rng.normal(size=(2, WIDTH, WIDTH)) / np.sqrt(WIDTH)
    product: Array = w_q @ w_k.T
    return product


def code(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.17, 0.985, 0.91)
    heat_map(ax, LABELS[language])
    return figure


def code_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.085, 0.2, 0.97, 0.9)
    heat_map(ax, LABELS[language])
    return figure


def offsets(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(6.4, 2.75))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.05, 0.19, 0.9, 0.89, wspace=0.2)
    products(axes[0], np.eye(WIDTH), label["raw"], False)
    products(axes[1], random_matrix(), label["mixed"], True)
    axes[0].set(ylim=(-2, 68), yticks=[0, 32, 64])
    axes[1].set_xlabel(label["offset"], fontsize=12, color=INK, loc="right")
    return figure


def offsets_narrow(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 4.5))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.1, 0.11, 0.82, 0.935, hspace=0.35)
    products(axes[0], np.eye(WIDTH), label["raw"], False)
    products(axes[1], random_matrix(), label["mixed"], True)
    axes[0].set(ylim=(-2, 68), yticks=[0, 32, 64])
    axes[1].set_xlabel(label["offset"], fontsize=12, color=INK, loc="right")
    return figure


FIGURES = {"code": code, "offsets": offsets}
NARROW = {"code": code_narrow, "offsets": offsets_narrow}
