"""Scores, penalty and weights of two heads; weights over the distance."""

import numpy as np
from example import attention, beyond, equal_content
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
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

Array = NDArray[np.float64]

SIZE = 4
LABELS = {
    "zh": {
        "content": "内容分数",
        "bias": "加偏置（× 斜率）",
        "steep": "斜率 1/2：权重 %",
        "shallow": "斜率 1/256：权重 %",
        "key": "key n →",
        "query": "query m ←",
        "weight": "权重，内容相同",
        "distance": "距离",
        "none": "无偏置",
        "trained": "训练长度",
    },
    "en": {
        "content": "content scores",
        "bias": "+ bias (× slope)",
        "steep": "1/2: weights, %",
        "shallow": "1/256: weights, %",
        "key": "key n →",
        "query": "query m ←",
        "weight": "weight at equal content",
        "distance": "distance",
        "none": "no bias",
        "trained": "trained length",
    },
}
TRAINED, LENGTH = 512, 1024
SLOPES = (
    (0.0, MUTED, (0, (1.5, 2))),
    (1 / 256, BLUE, "-"),
    (1 / 64, ORANGE, (0, (7, 3))),
    (1 / 16, OCHRE, (0, (2, 2))),
    (1 / 2, VIOLET, (0, (9, 3, 2, 3))),
)


def panel(
    ax: Axes, values: Array, texts: list[list[str]], colour: str, title: str
) -> None:
    top = float(np.abs(np.tril(values)).max())
    for m in range(SIZE):
        for n in range(m + 1):
            strength = 0.06 + 0.5 * abs(float(values[m, n])) / top
            ax.add_patch(
                Rectangle(
                    (n + 0.03, m + 0.03),
                    0.94,
                    0.94,
                    facecolor=colour,
                    alpha=round(strength, 3),
                    linewidth=0,
                )
            )
            ax.text(
                n + 0.5,
                m + 0.52,
                texts[m][n],
                color=INK,
                fontsize=11,
                ha="center",
                va="center",
            )
    ax.set(xlim=(0, SIZE), ylim=(SIZE, 0), aspect="equal")
    ax.axis("off")
    ax.set_title(title, fontsize=11.5, color=INK, loc="left", pad=4)


def draw(axes: list[Axes], label: dict[str, str]) -> None:
    rng = np.random.default_rng(3)
    q, k, v = rng.normal(size=(3, SIZE, 64))
    position = np.arange(SIZE)
    distance = position[:, None] - position
    content = q @ k.T / 8
    marks = [[f"{x:.1f}".replace("-", "−") for x in row] for row in content]
    panel(axes[0], content, marks, MUTED, label["content"])
    steps = [[f"−{x}" if x else "0" for x in row] for row in distance]
    panel(axes[1], distance.astype(float), steps, ORANGE, label["bias"])
    for ax, slope, name in (
        (axes[2], 1 / 2, "steep"),
        (axes[3], 1 / 256, "shallow"),
    ):
        weights = attention(q, k, v, slope)[0]
        percent = [[f"{100 * x:.0f}" for x in row] for row in weights]
        panel(ax, weights, percent, BLUE, label[name])
    for ax in axes[:1]:
        ax.text(
            0, SIZE + 0.15, label["key"], va="top", fontsize=11, color=MUTED
        )
        ax.text(
            -0.12,
            SIZE,
            label["query"],
            rotation=90,
            ha="right",
            va="bottom",
            fontsize=11,
            color=MUTED,
        )


def heads(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.1))
    axes = figure.subplots(1, 4)
    figure.subplots_adjust(0.035, 0.1, 0.995, 0.9, wspace=0.08)
    draw(list(axes), LABELS[language])
    return figure


def heads_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.1))
    axes = figure.subplots(2, 2)
    figure.subplots_adjust(0.065, 0.02, 0.99, 0.94, wspace=0.08, hspace=0.26)
    draw(list(axes.flat), LABELS[language])
    return figure


def draw_reach(ax: Axes, language: str) -> None:
    label, floor = LABELS[language], 1e-6
    for slope, colour, dash in SLOPES:
        weights = equal_content(LENGTH, slope)[::-1]  # by distance
        if slope:
            share = weights[TRAINED:].sum()
            assert abs(share - beyond(TRAINED, LENGTH, slope)) < 1e-9
        shown = weights[weights >= floor]
        ax.plot(shown, color=colour, ls=dash, lw=2)
        text = f"1/{1 / slope:g}" if slope else label["none"]
        inside = len(shown) < LENGTH
        ax.text(
            len(shown) + (6 if inside else 12),
            shown[-1] * (2.2 if inside else 1),
            text,
            fontsize=12,
            color=INK,
            va="center",
        )
    ax.axvspan(0, TRAINED, color=GRID, alpha=0.45, lw=0)
    ax.text(
        TRAINED - 12,
        0.35,
        label["trained"],
        fontsize=12,
        color=MUTED,
        ha="right",
        va="center",
    )
    ax.set(yscale="log", xlim=(0, LENGTH), ylim=(floor, 1))
    ax.set_yticks([1e-6, 1e-4, 1e-2, 1], ["10⁻⁶", "10⁻⁴", "0.01", "1"])
    ax.set_xticks(
        [0, 256, 512, 768, 1024], ["0", "256", "512", "768", "1,024"]
    )
    ax.minorticks_off()
    ax.set_title(label["weight"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["distance"], fontsize=12, color=INK, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def reach(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.075, 0.17, 0.89, 0.91)
    draw_reach(ax, language)
    return figure


def reach_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.13, 0.17, 0.81, 0.91)
    draw_reach(ax, language)
    return figure


FIGURES = {"heads": heads, "reach": reach}
NARROW = {"heads": heads_narrow, "reach": reach_narrow}
