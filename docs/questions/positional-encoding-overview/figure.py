"""The scores of equal tokens under four schemes, from example.py."""

import numpy as np
from example import CONTENT, scores
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED

TOKENS = 12
LABELS = {
    "zh": {
        "none": "无位置",
        "sinusoidal": "正弦（绝对）",
        "RoPE": "RoPE",
        "ALiBi": "ALiBi",
        "key": "key 的位置 n →",
        "query": "query 的位置 m →",
    },
    "en": {
        "none": "none",
        "sinusoidal": "sinusoidal",
        "RoPE": "RoPE",
        "ALiBi": "ALiBi",
        "key": "key position n →",
        "query": "query position m →",
    },
}
SCHEMES = ("none", "sinusoidal", "RoPE", "ALiBi")


def heat_map(ax: Axes, scheme: str, title: str) -> None:
    """Scores for n <= m; the palest cell is the lowest, blue the highest."""
    s = scores(scheme, np.repeat(CONTENT[None], TOKENS, axis=0))
    seen = s[np.tril_indices(TOKENS)]
    low, high = seen.min(), seen.max()
    for m in range(TOKENS):
        for n in range(m + 1):
            flat = high - low < 1e-9
            share = 0.5 if flat else (s[m, n] - low) / (high - low)
            ax.add_patch(
                Rectangle(
                    (n, m),
                    0.94,
                    0.94,
                    facecolor=BLUE,
                    alpha=round(0.06 + 0.94 * float(share), 3),
                    linewidth=0,
                )
            )
    ax.plot([0, TOKENS, TOKENS], [0, 0, TOKENS], color=GRID, lw=0.8)
    ax.set(xlim=(-0.2, TOKENS + 0.2), ylim=(TOKENS + 0.2, -0.2))
    ax.set_aspect("equal")
    ax.axis("off")
    ax.set_title(title, fontsize=12.5, color=INK, loc="left", pad=4)


def axis_names(ax: Axes, label: dict[str, str]) -> None:
    style = {"fontsize": 12, "color": MUTED}
    ax.text(0, TOKENS + 0.5, label["key"], va="top", **style)
    ax.text(
        -0.4,
        TOKENS,
        label["query"].replace("→", "←"),
        rotation=90,
        ha="right",
        va="bottom",
        **style,
    )


def matrices(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(6.4, 2.15))
    axes = figure.subplots(1, 4)
    figure.subplots_adjust(0.045, 0.1, 0.995, 0.88, wspace=0.06)
    for ax, scheme in zip(axes, SCHEMES, strict=True):
        heat_map(ax, scheme, label[scheme])
    axis_names(axes[0], label)
    return figure


def matrices_narrow(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 4.1))
    axes = figure.subplots(2, 2)
    figure.subplots_adjust(0.08, 0.06, 0.99, 0.94, wspace=0.06, hspace=0.16)
    for ax, scheme in zip(axes.flat, SCHEMES, strict=True):
        heat_map(ax, scheme, label[scheme])
    axis_names(axes[1, 0], label)
    return figure


FIGURES = {"matrices": matrices}
NARROW = {"matrices": matrices_narrow}
