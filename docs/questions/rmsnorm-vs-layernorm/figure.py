"""The figure of this page: both norms in the plane of mean and deviation."""

from typing import Any

import numpy as np
from example import Array, layer_norm, rms_norm
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "mean": "均值 μ",
        "deviation": "标准差 σ",
        "ln": "LayerNorm\n同一个点",
        "rms": "RMSNorm：到圆上",
    },
    "en": {
        "mean": "mean μ",
        "deviation": "s.d. σ",
        "ln": "LayerNorm\none point",
        "rms": "RMSNorm: to the circle",
    },
}


def position(x: Array) -> tuple[float, float]:
    """(mu, sigma); by their squares they add up to the mean square."""
    return float(x.mean()), float(x.std())


def arrow(ax: Axes, start: Any, end: Any, colour: str, dash: str) -> None:
    ax.annotate(
        "",
        end,
        start,
        arrowprops={
            "arrowstyle": "-|>,head_width=0.2,head_length=0.4",
            "color": colour,
            "lw": 1.6,
            "ls": dash,
            "shrinkA": 4,
            "shrinkB": 4,
        },
    )


def draw(ax: Axes, label: dict[str, str], size: float) -> None:
    base = 1.6 * layer_norm(np.random.default_rng(0).normal(size=64))
    turn = np.linspace(0, np.pi / 2, 91)
    ax.plot(np.cos(turn), np.sin(turn), color=MUTED, lw=1.4)
    ax.plot([0, 0], [0, 2.0], color=GRID, lw=1)
    ax.plot([0, 4.6], [0, 0], color=GRID, lw=1)
    for mean, name in (0.0, "x"), (2.0, "x + 2"), (4.0, "x + 4"):
        x = base + mean
        start, rms, ln = map(position, (x, rms_norm(x), layer_norm(x)))
        assert np.isclose(np.hypot(*rms), 1)
        assert np.allclose(ln, (0, 1))
        if mean > 0:
            arrow(ax, start, rms, ORANGE, "-")
            ax.plot(*rms, "s", color=ORANGE, ms=8, zorder=4)
            arrow(ax, start, (mean - 1.92, start[1]), BLUE, ":")
        ax.plot(*start, "o", color=INK, ms=7, zorder=4)
        ax.text(
            mean + 0.08,
            1.72,
            name,
            va="bottom",
            fontsize=size,
            color=INK,
        )
    arrow(ax, (0, 1.6), (0, 1.04), BLUE, "-")
    ax.plot(0, 1, "o", mfc="none", mec=BLUE, mew=2.4, ms=12, zorder=5)
    style: dict[str, Any] = {"fontsize": size, "color": INK}
    ax.text(4.6, -0.1, label["mean"], ha="right", va="top", **style)
    ax.text(0, 2.06, label["deviation"], ha="center", va="bottom", **style)
    ax.text(-0.2, 0.95, label["ln"], va="center", ha="right", **style)
    ax.text(1.3, 0.3, label["rms"], va="center", **style)
    ax.text(1.0, -0.1, "1", ha="center", va="top", **style)
    ax.set(aspect="equal")
    ax.axis("off")


def plane_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    ax = figure.add_axes((0, 0, 1, 1))
    draw(ax, LABELS[language], 13)
    ax.set(xlim=(-1.5, 4.8), ylim=(-0.5, 2.45))
    return figure


def plane_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 1.75))
    ax = figure.add_axes((0, 0, 1, 1))
    draw(ax, LABELS[language], 11)
    ax.set(xlim=(-1.95, 4.75), ylim=(-0.6, 2.6))
    return figure


FIGURES = {"plane": plane_wide}
NARROW = {"plane": plane_narrow}
