"""What each remedy does to loops and to a legitimate repeat."""

from example import table
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "T = 0.3": "T = 0.3",
        "T = 1.0": "T = 1.0",
        "T = 0.7": "T = 0.7",
        "T = 0.7, presence 1.5": "存在惩罚 1.5",
        "T = 0.7, frequency 0.5": "频率惩罚 0.5",
        "T = 0.7, DRY": "DRY",
        "T = 0.7, DRY with breakers": "DRY，带断点",
        "T = 0.7, guard": "检测并退回",
        "loops": "▲ 循环率",
        "kept": "● 记录照抄成功",
    },
    "en": {
        "T = 0.3": "T = 0.3",
        "T = 1.0": "T = 1.0",
        "T = 0.7": "T = 0.7",
        "T = 0.7, presence 1.5": "presence 1.5",
        "T = 0.7, frequency 0.5": "frequency 0.5",
        "T = 0.7, DRY": "DRY",
        "T = 0.7, DRY with breakers": "DRY, breakers",
        "T = 0.7, guard": "guard",
        "loops": "▲ loop rate",
        "kept": "● record kept",
    },
}
ROWS = table()


def draw(ax: Axes, label: dict[str, str]) -> None:
    for y, (name, (rate, kept)) in enumerate(ROWS.items()):
        ax.plot([rate, kept], [y, y], color=GRID, lw=2, zorder=1)
        ax.plot([rate], [y], "^", color=ORANGE, ms=9, clip_on=False)
        ax.plot([kept], [y], "o", color=BLUE, ms=8, clip_on=False)
        ax.text(
            -0.04,
            y,
            label[name],
            fontsize=12,
            color=INK,
            ha="right",
            va="center",
        )
    ax.set(xlim=(0, 1), ylim=(len(ROWS) - 0.4, -1.3))
    ax.text(0, -1.0, label["loops"], fontsize=12, color=ORANGE, va="center")
    ax.text(
        1.0,
        -1.0,
        label["kept"],
        fontsize=12,
        color=BLUE,
        va="center",
        ha="right",
    )
    ax.set_yticks([])
    ax.set_xticks([0, 0.5, 1.0], ["0", "0.5", "1"])
    ax.grid(axis="x", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def tradeoff(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.25, 0.09, 0.96, 0.99)
    draw(ax, LABELS[language])
    return figure


def tradeoff_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.37, 0.09, 0.96, 0.99)
    draw(ax, LABELS[language])
    return figure


FIGURES = {"tradeoff": tradeoff}
NARROW = {"tradeoff": tradeoff_narrow}
