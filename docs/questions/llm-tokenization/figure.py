"""The recorded splits of one Chinese sentence under five vocabularies."""

from example import CHINESE, RECORDED, cuts
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, INK, MUTED, ORANGE

UNIT = {"zh": "token 数", "en": "tokens"}
COUNT = {"zh": "{} 个 token", "en": "{} tokens"}


def strip(ax: Axes, y: float, lengths: list[int]) -> None:
    at = 0.0
    for length, cut in zip(lengths, cuts(CHINESE, lengths), strict=True):
        width = length / 3  # in characters
        colour = ORANGE if cut else BLUE
        if length:
            box = Rectangle(
                (at + 0.06, y),
                width - 0.12,
                0.5,
                facecolor=colour,
                alpha=0.6,
                lw=0,
            )
            ax.add_patch(box)
        at += width


def draw(ax: Axes, language: str, size: float, left: bool) -> None:
    step = 1.0 if left else 1.35
    rows = list(RECORDED.items())
    top = len(rows) * step
    for i, character in enumerate(CHINESE):
        ax.text(
            i + 0.5,
            top + 0.15,
            character,
            fontsize=size,
            color=INK,
            ha="center",
        )
    if left:
        ax.text(20.3, top + 0.15, UNIT[language], fontsize=12, color=MUTED)
    for i, (name, (lengths, _, _)) in enumerate(rows):
        y = top - (i + 1) * step + (0.25 if left else 0.2)
        strip(ax, y, lengths)
        count = str(len(lengths))
        if left:
            ax.text(-0.3, y + 0.12, name, fontsize=12, color=INK, ha="right")
            ax.text(20.3, y + 0.12, count, fontsize=12, color=MUTED)
        else:
            ax.text(0, y + 0.62, name, fontsize=12, color=INK)
            ax.text(
                20,
                y + 0.62,
                COUNT[language].format(count),
                fontsize=12,
                color=MUTED,
                ha="right",
            )
    ax.set(xlim=(-5.0, 23.9) if left else (-0.1, 20.1), ylim=(0, top + 0.9))
    ax.axis("off")


def splits(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.6))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    draw(ax, language, 13, left=True)
    return figure


def splits_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.3))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    draw(ax, language, 11.5, left=False)
    return figure


FIGURES = {"splits": splits}
NARROW = {"splits": splits_narrow}
