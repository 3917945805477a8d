"""Which offsets share a parameter, from example.py."""

import numpy as np
from example import clip_rows, t5_bucket
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

Integers = NDArray[np.int64]

SIZE = 8
LABELS = {
    "zh": {
        "offset": "相对位置 n − m",
        "clip": "Shaw：截断到 ±2",
        "key": "key 的位置 n →",
        "query": "query 的位置 m ←",
        "bucket": "桶的编号",
        "distance": "距离 |m − n|",
        "causal": "解码器",
        "past": "编码器，n ≤ m",
        "future": "编码器，n > m",
    },
    "en": {
        "offset": "offset n − m",
        "clip": "Shaw: clipped to ±2",
        "key": "key position n →",
        "query": "query position m ←",
        "bucket": "bucket",
        "distance": "distance |m − n|",
        "causal": "decoder",
        "past": "encoder, n ≤ m",
        "future": "encoder, n > m",
    },
}


def matrix(ax: Axes, values: Integers, title: str) -> None:
    """One square a pair: blue for the past, orange for the future."""
    top = np.abs(values).max()
    for (m, n), value in np.ndenumerate(values):
        ax.add_patch(
            Rectangle(
                (n + 0.03, m + 0.03),
                0.94,
                0.94,
                facecolor=BLUE if value <= 0 else ORANGE,
                alpha=round(0.08 + 0.5 * abs(int(value)) / top, 3),
                linewidth=0,
            )
        )
        text = str(value).replace("-", "−")
        ax.text(
            n + 0.5,
            m + 0.52,
            text,
            color=INK,
            fontsize=11,
            ha="center",
            va="center",
        )
    ax.set(xlim=(0, SIZE), ylim=(SIZE, 0), aspect="equal")
    ax.axis("off")
    ax.set_title(title, fontsize=12.5, color=INK, loc="left", pad=5)


def axis_names(ax: Axes, label: dict[str, str]) -> None:
    ax.text(0, SIZE + 0.25, label["key"], va="top", fontsize=12, color=MUTED)
    ax.text(
        -0.2,
        SIZE,
        label["query"],
        rotation=90,
        ha="right",
        va="bottom",
        fontsize=12,
        color=MUTED,
    )


def pair_of_matrices() -> tuple[Integers, Integers]:
    position = np.arange(SIZE)
    return position - position[:, None], clip_rows(SIZE, 2) - 2


def offsets(language: str) -> Figure:
    label, (plain, clipped) = LABELS[language], pair_of_matrices()
    figure = Figure(figsize=(6.4, 3.35))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.05, 0.09, 0.99, 0.91, wspace=0.08)
    matrix(axes[0], plain, label["offset"])
    matrix(axes[1], clipped, label["clip"])
    axis_names(axes[0], label)
    return figure


def offsets_narrow(language: str) -> Figure:
    label, (plain, clipped) = LABELS[language], pair_of_matrices()
    figure = Figure(figsize=(3.65, 6.9))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.09, 0.05, 0.99, 0.955, hspace=0.1)
    matrix(axes[0], plain, label["offset"])
    matrix(axes[1], clipped, label["clip"])
    axis_names(axes[1], label)
    return figure


def draw_buckets(ax: Axes, label: dict[str, str], end: int) -> None:
    distance = np.arange(end + 1)
    series = [
        ("causal", t5_bucket(-distance, False), distance, BLUE, "-", -1.6),
        ("past", t5_bucket(-distance, True), distance, ORANGE, (0, (5, 3)), 0),
        (
            "future",
            t5_bucket(distance[1:], True),
            distance[1:],
            INK,
            (0, (1.5, 2)),
            1.6,
        ),
    ]
    for name, bucket, x, colour, dash, shift in series:
        ax.step(x, bucket, where="mid", color=colour, ls=dash, lw=1.8)
        ax.text(
            end + 3,
            bucket[-1] + (shift if name != "past" else 0),
            label[name],
            color=INK,
            fontsize=12,
            va="center",
        )
    ax.set(xlim=(0, end), ylim=(-0.8, 33.5), yticks=[0, 8, 16, 24, 31])
    ax.set(xticks=[0, 16, 32, 64, 91, 113, end])
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_xlabel(label["distance"], fontsize=12, color=INK, loc="right")
    ax.set_title(label["bucket"], fontsize=12, color=INK, loc="left", pad=5)


def buckets(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.16, 0.78, 0.92)
    draw_buckets(ax, LABELS[language], 140)
    return figure


def buckets_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.085, 0.16, 0.64, 0.92)
    draw_buckets(ax, LABELS[language], 140)
    ax.set(xticks=[0, 32, 64, 113])
    return figure


FIGURES = {"offsets": offsets, "buckets": buckets}
NARROW = {"offsets": offsets_narrow, "buckets": buckets_narrow}
