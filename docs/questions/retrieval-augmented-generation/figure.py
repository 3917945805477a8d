"""recall@1 of the vectors by the number of latent dimensions."""

from example import sweep
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "recall": "向量检索的 recall@1",
        "rank": "潜在维数",
        "identifier": "编号",
        "meaning": "换了说法或语言",
    },
    "en": {
        "recall": "recall@1 of the vectors",
        "rank": "latent dimensions",
        "identifier": "identifiers",
        "meaning": "other words, other language",
    },
}


def draw(ax: Axes, label: dict[str, str], size: float, narrow: bool) -> None:
    ranks = list(range(4, 51, 2))
    for kind, colour, dash, mark in (
        ("identifier", BLUE, "-", "o"),
        ("meaning", ORANGE, (0, (6, 3)), "s"),
    ):
        values = sweep(ranks, kind)
        ax.plot(
            ranks, values, color=colour, ls=dash, lw=2, marker=mark, ms=4.5
        )
    ax.text(9.6, 0.13, label["identifier"], fontsize=size, color=INK)
    meaning = label["meaning"].replace(", ", ",\n" if narrow else ", ")
    ax.text(39, 0.3, meaning, fontsize=size, color=INK, ha="right")
    ax.set(xlim=(3, 51), ylim=(0, 1.06), xticks=[4, 12, 20, 28, 36, 44])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["rank"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["recall"], fontsize=size, color=INK, loc="left", pad=6)


def dimensions_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    ax = figure.add_axes((0.07, 0.18, 0.92, 0.71))
    draw(ax, LABELS[language], 12, False)
    return figure


def dimensions_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    ax = figure.add_axes((0.12, 0.18, 0.86, 0.71))
    draw(ax, LABELS[language], 11, True)
    return figure


FIGURES = {"dimensions": dimensions_wide}
NARROW = {"dimensions": dimensions_narrow}
