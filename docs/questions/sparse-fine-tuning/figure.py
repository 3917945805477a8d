"""Three updates of a matrix; Fisher against gradient."""

import numpy as np
from example import NEW, WIDE, D, scores, task, updates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "dense": "全参数",
        "LoRA": "LoRA，r = 1",
        "sparse": "稀疏",
        "numbers": "{} 个数，秩 {}",
        "Fisher": "Fisher F",
        "gradient": "梯度 |g|",
        "wrong wide": "要改的特征方差大",
        "others wide": "别的特征方差大",
        "new": "要改的 10 个",
        "new, broken": "要改的\n10 个",
        "wide": "方差大，本来就对",
        "rest": "其余",
    },
    "en": {
        "dense": "all weights",
        "LoRA": "LoRA, r = 1",
        "sparse": "sparse",
        "numbers": "{} numbers, rank {}",
        "Fisher": "Fisher F",
        "gradient": "gradient |g|",
        "wrong wide": "wrong weights, wide features",
        "others wide": "other features are wide",
        "new": "10 wrong weights",
        "new, broken": "10 wrong\nweights",
        "wide": "wide, already right",
        "rest": "the rest",
    },
}
SIDE = 24


def draw_update(ax: Axes, language: str, name: str, size: float) -> None:
    label = LABELS[language]
    update = updates(SIDE, 2 * SIDE)[name]
    shade = np.abs(update) / np.quantile(np.abs(update[update != 0]), 0.95)
    for (i, j), value in np.ndenumerate(shade):
        if value:
            ax.add_patch(
                Rectangle(
                    (j, i),
                    1,
                    1,
                    facecolor=BLUE,
                    # in steps that nobody sees, which keep the page light
                    alpha=float(min(1, max(0.05, round(20 * value) / 20))),
                    lw=0,
                )
            )
    ax.add_patch(Rectangle((0, 0), SIDE, SIDE, fill=False, ec=MUTED, lw=1))
    numbers = SIDE * SIDE if name == "dense" else 2 * SIDE
    rank = np.linalg.matrix_rank(update)
    ax.text(0, -1.2, label[name], fontsize=size, color=INK)
    ax.text(
        0,
        SIDE + 3.1,
        label["numbers"].format(numbers, rank),
        fontsize=size,
        color=INK,
    )
    ax.set(xlim=(-0.3, SIDE + 0.3), ylim=(SIDE + 4, -4), aspect="equal")
    ax.axis("off")


def updates_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.75))
    for i, name in enumerate(("dense", "LoRA", "sparse")):
        ax = figure.add_axes((0.003 + 0.335 * i, 0, 0.322, 1))
        draw_update(ax, language, name, 12)
    return figure


def updates_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 1.75))
    for i, name in enumerate(("dense", "LoRA", "sparse")):
        ax = figure.add_axes((0.003 + 0.335 * i, 0, 0.322, 1))
        draw_update(ax, language, name, 8.2)
    return figure


def draw_scores(ax: Axes, language: str, case: str, size: float) -> None:
    label, t = LABELS[language], task(case, 0)
    found = scores(t.theta, t.x, t.y)
    fisher, slope = found["Fisher F"], found["gradient |g|"]
    rest = np.ones(D, bool)
    rest[NEW] = False
    if case == "others wide":
        rest[WIDE] = False
        ax.plot(fisher[WIDE], slope[WIDE], "s", color=BLUE, ms=6)
        ax.text(
            1.6,
            0.15,
            label["wide"],
            fontsize=size,
            color=BLUE,
            ha="center",
        )
    ax.plot(fisher[rest], slope[rest], ".", color=MUTED, ms=4)
    ax.plot(fisher[NEW], slope[NEW], "o", color=ORANGE, ms=6)
    first = case == "wrong wide"
    ax.text(
        0.05,
        0.5 if first else 0.108,
        label["new" if first else "new, broken"],
        fontsize=size,
        color=ORANGE,
        ha="left",
    )
    ax.text(0.42, -0.002, label["rest"], fontsize=size, color=MUTED)
    ax.set_title(label[case], fontsize=size, color=INK, loc="left", pad=6)
    ax.set(xlim=(0, 2.6), ylim=(-0.01, 0.62 if first else 0.165))
    ax.set_yticks([0, 0.2, 0.4, 0.6] if first else [0, 0.05, 0.1, 0.15])
    ax.grid(color=GRID, lw=0.7)
    ax.set_xlabel(label["Fisher"], fontsize=size, color=INK, loc="right")
    ax.set_ylabel(label["gradient"], fontsize=size, color=INK, loc="top")
    bare_axes(ax, size - 1)


def scores_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    for i, case in enumerate(("wrong wide", "others wide")):
        ax = figure.add_axes((0.09 + 0.5 * i, 0.16, 0.4, 0.72))
        draw_scores(ax, language, case, 11)
    return figure


def scores_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.6))
    for i, case in enumerate(("wrong wide", "others wide")):
        ax = figure.add_axes((0.17, 0.59 - 0.505 * i, 0.8, 0.36))
        draw_scores(ax, language, case, 11)
    return figure


FIGURES = {"updates": updates_wide, "scores": scores_wide}
NARROW = {"updates": updates_narrow, "scores": scores_narrow}
