"""Byte-level merges on three words, and splits under five vocabularies."""

from example import (
    BYTE_CORPUS,
    BYTE_MERGES,
    CHINESE,
    RECORDED,
    cuts,
    encode,
    show,
    train_bpe,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, INK, MUTED, ORANGE

UNIT = {"zh": "token 数", "en": "tokens"}
COUNT = {"zh": "{} 个 token", "en": "{} tokens"}
BEFORE = {"zh": "字节", "en": "bytes"}


def strip(ax: Axes, y: float, lengths: list[int]) -> None:
    at = 0.0
    for length, cut in zip(lengths, cuts(CHINESE, lengths), strict=True):
        width = length / 3  # in characters
        # Colour does not stand alone: cut characters are lower, too.
        colour, height = (ORANGE, 0.3) if cut else (BLUE, 0.5)
        if length:
            box = Rectangle(
                (at + 0.06, y),
                width - 0.12,
                height,
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


def merge_names(language: str) -> list[str]:
    """What each row of the merges shows, the bytes first."""
    learned = train_bpe(BYTE_CORPUS, BYTE_MERGES)
    return [
        BEFORE[language],
        *(
            f"{i}  {show(left)} + {show(right)}"
            for i, ((left, right), _) in enumerate(learned, 1)
        ),
    ]


def draw_merges(
    ax: Axes, language: str, size: float, left: float, step: float
) -> None:
    """A row for each merge, a block for each token, six bytes a word."""
    merges = [pair for pair, _ in train_bpe(BYTE_CORPUS, BYTE_MERGES)]
    top = (BYTE_MERGES + 1) * step
    for column, (word, count) in enumerate(BYTE_CORPUS.items()):
        x = column * 6.6
        text = f"{word} × {count}"
        ax.text(x + 3, top + 0.3, text, fontsize=size, color=INK, ha="center")
        for row in range(BYTE_MERGES + 1):
            y, at = top - (row + 1) * step, x
            for part in encode(word, merges[:row]):
                text = show(part)
                whole = text != part.hex().upper()
                box = Rectangle(
                    (at + 0.05, y),
                    len(part) - 0.1,
                    0.76,
                    facecolor=BLUE if whole else ORANGE,
                    alpha=0.35,
                    lw=0,
                )
                ax.add_patch(box)
                ax.text(
                    at + len(part) / 2,
                    y + 0.37,
                    text,
                    fontsize=size - 2.5,
                    color=INK,
                    ha="center",
                    va="center",
                )
                at += len(part)
    for row, name in enumerate(merge_names(language)):
        y = top - (row + 1) * step
        y += 0.37 if left else 1.0
        ax.text(
            -left,
            y,
            name,
            fontsize=size - 1,
            color=MUTED,
            va="center",
        )
    ax.set(xlim=(-left - 0.1, 19.3), ylim=(-0.1, top + 1.1))
    ax.axis("off")


def merges(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.9))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    draw_merges(ax, language, 12.5, left=7.4, step=1.0)
    return figure


def merges_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.1))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    draw_merges(ax, language, 11.5, left=0, step=1.5)
    return figure


FIGURES = {"merges": merges, "splits": splits}
NARROW = {"merges": merges_narrow, "splits": splits_narrow}
