"""Accuracy against the number of demonstrations, by their labels."""

from example import CORRECT, follows, right_format
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, VIOLET, bare_axes

LABELS = {
    "zh": {
        "accuracy": "正确率（玩具模型）",
        "shots": "示例数 K",
        "right": "标签正确",
        "random": "随机标签",
        "flipped": "标签翻转",
    },
    "en": {
        "accuracy": "accuracy (toy model)",
        "shots": "demonstrations K",
        "right": "right labels",
        "random": "random labels",
        "flipped": "flipped labels",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    shots = [0, 1, 2, 4, 6, 8, 10, 12, 14, 16]
    for name, colour, dash, at, values in (
        (
            "random",
            ORANGE,
            (0, (6, 3)),
            (8.6, 0.5),
            [right_format(k) * follows(k, 0.5) for k in shots],
        ),
        (
            "flipped",
            VIOLET,
            (0, (2, 2)),
            (2.2, 0.25),
            [right_format(k) * (1 - follows(k, 1 - CORRECT)) for k in shots],
        ),
        (
            "right",
            BLUE,
            "-",
            (8.6, 1.04),
            [right_format(k) * follows(k, CORRECT) for k in shots],
        ),
    ):
        ax.plot(shots, values, color=colour, lw=2, ls=dash)
        ax.text(*at, label[name], fontsize=size, color=INK)
    ax.set(xlim=(-0.2, 16.2), ylim=(0, 1.12))
    ax.set_xticks([0, 1, 2, 4, 8, 12, 16])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["shots"], fontsize=size, color=INK, loc="right")
    ax.set_title(
        label["accuracy"], fontsize=size, color=INK, loc="left", pad=6
    )


def shots_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    draw(figure.add_axes((0.07, 0.17, 0.92, 0.73)), language, 12)
    return figure


def shots_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    draw(figure.add_axes((0.11, 0.17, 0.87, 0.73)), language, 10.5)
    return figure


FIGURES = {"shots": shots_wide}
NARROW = {"shots": shots_narrow}
