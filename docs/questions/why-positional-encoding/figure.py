"""Outputs in two sentences, and scores over the distance, from example.py."""

import numpy as np
from example import SENTENCES, SETTINGS, WORDS, Array, read, sinusoids
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "no positions": "没有位置",
        "positions added": "加上位置向量",
        "causal mask": "因果掩码",
        "axes": "横轴：输出的通道 0，纵轴：通道 1",
        "score": "softmax 之前的分数",
        "distance": "距离 m − n",
        "none": "没有位置",
        "waves": "正弦，RoPE",
    },
    "en": {
        "no positions": "no positions",
        "positions added": "positions added",
        "causal mask": "causal mask",
        "axes": "across: output channel 0, up: channel 1",
        "score": "score before the softmax",
        "distance": "distance m − n",
        "none": "no positions",
        "waves": "sinusoids, RoPE",
    },
}
# Where each word's name stands, by setting: shift in points, alignment.
SHIFTS = {
    "no positions": {
        "dog": (9, -13, "left"),
        "bites": (-2, 10, "center"),
        "man": (10, -3, "left"),
    },
    "positions added": {
        "dog": (6, -4, "left"),
        "bites": (-6, -5, "right"),
        "man": (8, 4, "left"),
    },
    "causal mask": {
        "dog": (8, -4, "left"),
        "bites": (-10, -13, "right"),
        "man": (9, -7, "left"),
    },
}


def panel(ax: Axes, setting: str, language: str) -> None:
    label = LABELS[language]
    first, second = (read(s, *SETTINGS[setting]) for s in SENTENCES)
    for word in WORDS:
        start, end = first[word], second[word]
        if abs(start - end).max() > 1e-9:
            ax.annotate(
                "",
                end,
                start,
                arrowprops={
                    "arrowstyle": "-|>,head_width=0.2,head_length=0.4",
                    "color": MUTED,
                    "lw": 1,
                    "shrinkA": 3,
                    "shrinkB": 5,
                },
            )
        ax.plot(*start, "o", color=BLUE, ms=5)
        ax.plot(*end, "s", color=ORANGE, ms=9, mfc="none", mew=1.6)
        x, y, align = SHIFTS[setting][word]
        ax.annotate(
            word,
            (start + end) / 2,
            (x, y),
            textcoords="offset points",
            ha=align,
            fontsize=12.5,
            color=INK,
        )
    ax.set_title(label[setting], fontsize=12.5, color=INK, loc="left")
    ax.set(xlim=(-0.12, 1.95), ylim=(-0.12, 1.95), aspect="equal")
    ax.set(xticks=[0, 1], yticks=[0, 1])
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 12)


def key(figure: Figure, x: float, y: float, step: float) -> None:
    """The two markers and their sentences, on one line."""
    markers = [("o", BLUE, 5, BLUE), ("s", ORANGE, 9, "none")]
    for i, (marker, colour, size, face) in enumerate(markers):
        at = x + i * step
        dot = Line2D(
            [at],
            [y],
            marker=marker,
            color=colour,
            ms=size,
            mfc=face,
            mew=1.6,
            transform=figure.transFigure,
        )
        figure.add_artist(dot)
        figure.text(
            at + 0.13 / figure.get_figwidth(),
            y,
            SENTENCES[i],
            fontsize=12.5,
            color=INK,
            va="center",
        )


def outputs(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(6.4, 2.95))
    axes = figure.subplots(1, 3, sharey=True)
    figure.subplots_adjust(0.04, 0.18, 0.995, 0.79, wspace=0.08)
    for ax, setting in zip(axes, SETTINGS, strict=True):
        panel(ax, setting, language)
    figure.text(0.05, 0.03, label["axes"], fontsize=12, color=MUTED)
    key(figure, 0.05, 0.945, 0.3)
    return figure


def outputs_narrow(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 7.7))
    axes = figure.subplots(3, 1)
    figure.subplots_adjust(0.08, 0.085, 0.98, 0.915, hspace=0.32)
    for ax, setting in zip(axes, SETTINGS, strict=True):
        panel(ax, setting, language)
    figure.text(0.05, 0.015, label["axes"], fontsize=12, color=MUTED)
    key(figure, 0.06, 0.977, 0.48)
    return figure


REACH, WIDTH, SLOPE = 64, 128, 1 / 16


def equal_content() -> dict[str, Array]:
    """Scores over the distance when content does not tell keys apart."""
    codes = sinusoids(REACH + 1, WIDTH)
    added = codes @ codes[0]  # p_m . p_0
    # RoPE: every plane of q and of k is (1, 0); k is at position 0.
    planes = codes[:, 1::2]
    rotated = planes.sum(axis=1)
    np.testing.assert_allclose(rotated, added)
    distance = np.arange(REACH + 1)
    return {
        "none": 0.0 * distance,
        "waves": added / np.sqrt(WIDTH),
        "ALiBi": -SLOPE * distance,
    }


def draw_scores(ax: Axes, language: str) -> None:
    label = LABELS[language]
    styles = {
        "none": (OCHRE, (0, (2, 2))),
        "waves": (BLUE, "-"),
        "ALiBi": (ORANGE, (0, (7, 3))),
    }
    for name, score in equal_content().items():
        colour, dash = styles[name]
        ax.plot(score, color=colour, ls=dash, lw=2)
        ax.text(
            REACH + 1.5,
            score[-1],
            label.get(name, "ALiBi, 1/16"),
            fontsize=12,
            color=INK,
            va="center",
        )
    ax.set(xlim=(0, REACH), ylim=(-4.5, 6.2), yticks=[-4, -2, 0, 2, 4, 6])
    ax.set_yticklabels(["−4", "−2", "0", "2", "4", "6"])
    ax.set_xticks([0, 16, 32, 48, 64])
    ax.set_title(label["score"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["distance"], fontsize=12, color=INK, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def scores(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.05, 0.17, 0.77, 0.91)
    draw_scores(ax, language)
    return figure


def scores_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.075, 0.17, 0.645, 0.91)
    draw_scores(ax, language)
    return figure


FIGURES = {"outputs": outputs, "scores": scores}
NARROW = {"outputs": outputs_narrow, "scores": scores_narrow}
