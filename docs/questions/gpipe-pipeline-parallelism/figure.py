"""Three schedules on one time axis, as example.py simulates them."""

from example import (
    FULL,
    SPLIT,
    Block,
    gpipe,
    held,
    length,
    one_f_one_b,
    simulate,
    zero_bubble,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE

STAGES, MICRO = 4, 8
COLOURS = {"F": BLUE, "B": ORANGE, "W": OCHRE}
LABELS = {
    "zh": {
        "names": ["GPipe", "1F1B", "零气泡"],
        "title": "{name}：{time} 个单位，各段最多留 {held} 份激活",
        "F": "前向",
        "B": "反向",
        "W": "权重梯度",
        "idle": "空闲",
        "stage": "段",
    },
    "en": {
        "names": ["GPipe", "1F1B", "zero bubble"],
        "title": "{name}: {time} units, stages hold {held}",
        "F": "forward",
        "B": "backward",
        "W": "weight gradients",
        "idle": "idle",
        "stage": "stage",
    },
}


def schedules() -> list[tuple[list[Block], str]]:
    """Blocks of each schedule, and which task frees the activations."""
    return [
        (simulate(gpipe(STAGES, MICRO), FULL), "B"),
        (simulate(one_f_one_b(STAGES, MICRO), FULL), "B"),
        (simulate(zero_bubble(STAGES, MICRO), SPLIT), "W"),
    ]


def draw_one(
    ax: Axes, row: int, language: str, size: float, number: float
) -> None:
    label = LABELS[language]
    blocks, last = schedules()[row]
    ax.add_patch(Rectangle((0, 0), 33, STAGES, color=GRID, alpha=0.5, lw=0))
    for block in blocks:
        wide = block.end - block.start
        ax.add_patch(
            Rectangle(
                (block.start + 0.04, block.stage + 0.06),
                wide - 0.08,
                0.88,
                facecolor=COLOURS[block.what],
                alpha=0.5,
                lw=0,
            )
        )
        if number:
            ax.text(
                block.start + wide / 2,
                block.stage + 0.53,
                str(block.micro + 1),
                fontsize=number,
                color=INK,
                ha="center",
                va="center",
            )
    peaks = ", ".join(map(str, held(blocks, STAGES, last)))
    if language == "zh":
        peaks = peaks.replace(", ", "、")
    title = label["title"].format(
        name=label["names"][row], time=length(blocks), held=peaks
    )
    ax.set_title(title, fontsize=size, color=INK, loc="left", pad=5)
    ax.set(xlim=(0, 33), ylim=(STAGES, 0), yticks=[0.5, 1.5, 2.5, 3.5])
    ax.set_yticklabels(["1", "2", "3", "4"])
    ax.set_xticks([0, 8, 16, 24, 33])
    ax.tick_params(colors=MUTED, labelsize=size - 1.5, length=0, pad=2)
    for side in ax.spines.values():
        side.set_visible(False)


def keys(figure: Figure, language: str, size: float, step: float) -> None:
    """The colours by name, in one line at the bottom."""
    label, x = LABELS[language], 0.05
    for what, colour in (*COLOURS.items(), ("idle", GRID)):
        figure.patches.append(
            Rectangle(
                (x, 0.012),
                0.03,
                0.022,
                transform=figure.transFigure,
                facecolor=colour,
                alpha=0.5,
                lw=0,
            )
        )
        figure.text(
            x + 0.04, 0.013, label[what], fontsize=size, color=INK, va="bottom"
        )
        x += step * (1.45 if what == "W" else 1)


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.9))
    for row in range(3):
        ax = figure.add_axes((0.04, 0.735 - 0.315 * row, 0.94, 0.2))
        draw_one(ax, row, language, 12.5, 8.5)
    keys(figure, language, 11.5, 0.2)
    return figure


def narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.6))
    for row in range(3):
        ax = figure.add_axes((0.055, 0.745 - 0.315 * row, 0.915, 0.195))
        draw_one(ax, row, language, 10.0, 0)
    keys(figure, language, 9.5, 0.22)
    return figure


FIGURES = {"schedules": wide}
NARROW = {"schedules": narrow}
