"""Which token each decoder writes, position by position; from example.py."""

from example import PATHS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "greedy": "贪心",
        "presence 2.1": "存在惩罚 2.1",
        "frequency 0.5": "频率惩罚 0.5",
        "no repeated 3-gram": "禁止重复 3-gram",
        "x": "位置",
    },
    "en": {
        "greedy": "greedy",
        "presence 2.1": "presence 2.1",
        "frequency 0.5": "frequency 0.5",
        "no repeated 3-gram": "no repeated 3-gram",
        "x": "position",
    },
}
NAMES = ("greedy", "presence 2.1", "frequency 0.5", "no repeated 3-gram")


def draw(axes: list[Axes], label: dict[str, str], steps: int) -> None:
    for ax, name in zip(axes, NAMES, strict=True):
        path = PATHS[name][:steps]
        inside = [(t, x) for t, x in enumerate(path) if x < 3]
        outside = [(t, x) for t, x in enumerate(path) if x >= 3]
        ax.plot(range(steps), path, color=GRID, lw=1, zorder=1)
        ax.plot(*zip(*inside, strict=True), "o", color=BLUE, ms=4)
        if outside:
            ax.plot(*zip(*outside, strict=True), "^", color=ORANGE, ms=5)
        ax.set(xlim=(-1, steps), ylim=(-1, 10))
        ax.set_yticks([0, 2, 9], ["0", "2", "9"])
        ax.set_xticks([])
        bare_axes(ax, 11)
        ax.set_title(label[name], fontsize=12, color=INK, loc="left", pad=3)
    axes[-1].set_xticks(range(0, steps, 10))
    axes[-1].set_xlabel(label["x"], fontsize=12, color=INK, loc="right")


def tokens(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 5.0))
    axes = list(figure.subplots(4))
    figure.subplots_adjust(0.05, 0.1, 0.99, 0.94, hspace=0.45)
    draw(axes, LABELS[language], 60)
    return figure


def tokens_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.0))
    axes = list(figure.subplots(4))
    figure.subplots_adjust(0.07, 0.1, 0.98, 0.94, hspace=0.45)
    draw(axes, LABELS[language], 40)
    return figure


FIGURES = {"tokens": tokens}
NARROW = {"tokens": tokens_narrow}
