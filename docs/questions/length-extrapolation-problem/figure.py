"""Angles swept in training, and a score outside them, from example.py."""

import numpy as np
from example import TRAINED, features, fit, frequencies, recency
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Circle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "plane": "平面",
        "turns": "圈",
        "score": "分数",
        "as_is": "原样使用",
        "squeezed": "位置除以 4",
        "learned": "训练范围",
        "distance": "距离 m − n",
    },
    "en": {
        "plane": "plane",
        "turns": "turns",
        "score": "score",
        "as_is": "as is",
        "squeezed": "positions / 4",
        "learned": "trained",
        "distance": "distance m − n",
    },
}


def circle(ax: Axes, i: int, label: dict[str, str]) -> None:
    """Blue: angles of positions 0 to 4,095; orange: those up to 8,191."""
    theta = frequencies()[i]
    seen = float(np.rad2deg((TRAINED - 1) * theta))
    longer = float(np.rad2deg((2 * TRAINED - 1) * theta))
    ax.set(xlim=(-1.4, 1.4), ylim=(-1.95, 1.4), aspect="equal")
    ax.axis("off")
    ax.add_patch(Circle((0, 0), 1, fill=False, color=GRID, lw=1))
    if seen >= 360:
        ax.add_patch(Circle((0, 0), 1, fill=False, color=BLUE, lw=4))
    else:
        new = min(longer, 360)
        for low, high, colour, style in [
            (0.0, seen, BLUE, "-"),
            (seen, new, ORANGE, (0, (1.1, 0.7))),
        ]:
            ax.add_patch(
                Arc(
                    (0, 0),
                    2,
                    2,
                    theta1=low,
                    theta2=high,
                    color=colour,
                    lw=4,
                    ls=style,
                )
            )
    ax.plot([0, 1], [0, 0], color=MUTED, lw=1)
    turns = (TRAINED - 1) * theta / (2 * np.pi)
    ax.text(
        0,
        -1.42,
        f"{label['plane']} {i}",
        color=INK,
        fontsize=12.5,
        ha="center",
    )
    ax.text(
        0,
        -1.85,
        f"{turns:.3f} {label['turns']}",
        color=INK,
        fontsize=12.5,
        ha="center",
    )


PLANES = (32, 46, 54, 63)


def angles(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 1.95))
    axes = figure.subplots(1, 4)
    figure.subplots_adjust(0.0, 0.01, 1.0, 1.0, wspace=0.0)
    for ax, i in zip(axes, PLANES, strict=True):
        circle(ax, i, LABELS[language])
    return figure


def angles_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.3))
    axes = figure.subplots(2, 2)
    figure.subplots_adjust(0.0, 0.01, 1.0, 1.0, wspace=0.0, hspace=0.0)
    for ax, i in zip(axes.flat, PLANES, strict=True):
        circle(ax, i, LABELS[language])
    return figure


def draw_score(ax: Axes, label: dict[str, str]) -> None:
    weights = fit(recency())
    end = 4 * TRAINED
    x = np.arange(0, end + 1, 32.0)
    seen = x[x <= TRAINED]
    ax.axvspan(0, TRAINED, color=GRID, alpha=0.45, lw=0)
    ax.text(
        TRAINED / 2,
        2.15,
        label["learned"],
        color=INK,
        fontsize=12,
        ha="center",
    )
    beyond = x[x >= TRAINED]
    ax.plot(seen, features(seen) @ weights, color=BLUE, lw=2)
    ax.plot(
        beyond,
        features(beyond) @ weights,
        color=ORANGE,
        lw=2,
        ls=(0, (6, 2.5)),
    )
    ax.plot(
        x,
        features(x / 4) @ weights,
        color=INK,
        lw=1.6,
        ls=(0, (1.5, 2)),
    )
    ax.text(7000, 1.1, label["as_is"], color=INK, fontsize=12, ha="left")
    ax.text(11_200, -4.7, label["squeezed"], color=INK, fontsize=12, ha="left")
    ax.set(xlim=(0, end), ylim=(-8.6, 2.8), yticks=[-8, -6, -4, -2, 0, 2])
    ax.set_yticklabels(["−8", "−6", "−4", "−2", "0", "2"])
    ax.set_xticks(
        [0, 4096, 8192, 12_288, end],
        ["0", "4,096", "8,192", "12,288", "16,384"],
    )
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title(label["score"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["distance"], fontsize=12, color=INK, loc="right")


def score(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.055, 0.16, 0.955, 0.91)
    draw_score(ax, LABELS[language])
    return figure


def score_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.085, 0.16, 0.93, 0.91)
    draw_score(ax, LABELS[language])
    ax.set_xticks([0, 4096, 8192, 16_384], ["0", "4,096", "8,192", "16,384"])
    return figure


FIGURES = {"angles": angles, "score": score}
NARROW = {"angles": angles_narrow, "score": score_narrow}
