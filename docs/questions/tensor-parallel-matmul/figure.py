"""Which rank holds which part of the matrices, p = 2."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "copy": "每卡一份",
        "column": "按列切",
        "slice": "各卡一片",
        "row": "按行切",
        "sum": "求和：all-reduce",
    },
    "en": {
        "copy": "replicated",
        "column": "cut by columns",
        "slice": "a slice a rank",
        "row": "cut by rows",
        "sum": "sum: all-reduce",
    },
}
TOKENS, WIDTH, INNER = 2.6, 3.6, 7.2  # T, d, d_ff in drawing units


def block(
    ax: Axes,
    corner: tuple[float, float],
    shape: tuple[float, float],
    colour: str,
    name: str,
    size: float,
) -> None:
    (x, y), (height, width) = corner, shape
    fill = "none" if colour == MUTED else colour
    ax.add_patch(
        Rectangle((x, y), width, height, facecolor=fill, alpha=0.28, lw=0)
    )
    ax.add_patch(
        Rectangle((x, y), width, height, fill=False, edgecolor=colour, lw=1.4)
    )
    ax.text(
        x + width / 2,
        y + height / 2,
        name,
        fontsize=size,
        color=INK,
        ha="center",
        va="center",
    )


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]

    def note(x: float, y: float, text: str, colour: str = MUTED) -> None:
        ax.text(x, y, text, fontsize=size - 1, color=colour, ha="center")

    def sign(x: float, y: float, text: str) -> None:
        ax.text(
            x, y, text, fontsize=size + 1, color=INK, ha="center", va="center"
        )

    # X times A, then GELU
    top, half = 11.3, INNER / 2
    block(ax, (0, top), (TOKENS, WIDTH), MUTED, "X", size)
    note(WIDTH / 2, top - 0.95, label["copy"])
    sign(WIDTH + 0.6, top + TOKENS / 2, "×")
    x = WIDTH + 1.2
    block(ax, (x, top - 0.5), (WIDTH, half), BLUE, "A₁", size)
    block(ax, (x + half, top - 0.5), (WIDTH, half), ORANGE, "A₂", size)
    note(x + half, top - 1.4, label["column"])
    note(x + INNER + 1.4, top + TOKENS / 2 - 0.3, "GELU", INK)
    x += INNER + 2.8
    block(ax, (x, top), (TOKENS, half), BLUE, "Y₁", size)
    block(ax, (x + half, top), (TOKENS, half), ORANGE, "Y₂", size)
    note(x + half, top - 0.95, label["slice"])
    # Y times B, then the sum
    low = 3.6
    block(ax, (0, low), (TOKENS, half), BLUE, "Y₁", size)
    block(ax, (half, low), (TOKENS, half), ORANGE, "Y₂", size)
    note(half, low - 0.95, label["slice"])
    sign(INNER + 0.6, low + TOKENS / 2, "×")
    x, base = INNER + 1.2, low + TOKENS / 2 - half
    block(ax, (x, base + half), (half, WIDTH), BLUE, "B₁", size)
    block(ax, (x, base), (half, WIDTH), ORANGE, "B₂", size)
    note(x + WIDTH / 2, base - 0.95, label["row"])
    sign(x + WIDTH + 0.6, low + TOKENS / 2, "=")
    x += WIDTH + 1.2
    gap = 0.5
    for y, colour, name in (
        (low + TOKENS / 2 + gap, BLUE, "Y₁B₁"),
        (low + TOKENS / 2 - gap - TOKENS, ORANGE, "Y₂B₂"),
    ):
        block(ax, (x, y), (TOKENS, WIDTH), colour, name, size)
    sign(x + WIDTH / 2, low + TOKENS / 2, "+")
    sign(x + WIDTH + 0.7, low + TOKENS / 2, "=")
    note(x + WIDTH / 2 + 2.0, base - 0.95, label["sum"], INK)
    x += WIDTH + 1.4
    block(ax, (x, low), (TOKENS, WIDTH), MUTED, "Z", size)
    note(x + WIDTH / 2, low - 0.95, label["copy"])
    ax.set(xlim=(-0.2, x + WIDTH + 0.9), ylim=(0.0, 14.7), aspect="equal")
    ax.axis("off")


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.2))
    draw(figure.add_axes((0.0, 0.0, 1.0, 1.0)), language, 12.5)
    return figure


def narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.5))
    draw(figure.add_axes((0.0, 0.0, 1.0, 1.0)), language, 9.5)
    return figure


FIGURES = {"split": wide}
NARROW = {"split": narrow}
