"""The six pairs before the first merge, under three criteria."""

from example import first_pairs
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, INK, MUTED, ORANGE

TITLES = {
    "zh": ["频次（BPE）", "似然增益", "比值（× 1000）"],
    "en": ["frequency (BPE)", "likelihood gain", "ratio (× 1000)"],
}


def panel(ax: Axes, column: int, title: str, names: bool) -> None:
    rows = first_pairs()
    scale = 1000 if column == 3 else 1
    values = [row[column] * scale for row in rows]
    best = max(values)
    for i, (row, value) in enumerate(zip(rows, values, strict=True)):
        y = len(rows) - 1 - i
        top = value == best
        ax.barh(
            y,
            value,
            height=0.62,
            color=ORANGE if top else BLUE,
            alpha=0.9 if top else 0.55,
        )
        text = f"{value:.0f}" if column == 1 else f"{value:.1f}"
        ax.text(
            value + best * 0.04,
            y - 0.16,
            text,
            fontsize=11.5,
            color=INK,
            fontweight="bold" if top else "normal",
        )
        if names:
            ax.text(
                -best * 0.06,
                y - 0.16,
                " ".join(row[0]),
                fontsize=12,
                color=INK,
                ha="right",
            )
    ax.set(xlim=(0, best * 1.35), ylim=(-0.6, len(rows) - 0.4))
    ax.set_title(title, fontsize=12, color=INK, loc="left", pad=4)
    ax.set(xticks=[], yticks=[])
    for name, side in ax.spines.items():
        side.set_visible(name == "left")
        side.set_color(MUTED)


def criteria(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.5))
    for i, title in enumerate(TITLES[language]):
        ax = figure.add_axes((0.135 + 0.295 * i, 0.0, 0.265, 0.88))
        panel(ax, i + 1, title, names=i == 0)
    return figure


def criteria_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 6.3))
    for i, title in enumerate(TITLES[language]):
        ax = figure.add_axes((0.25, 0.675 - 0.335 * i, 0.72, 0.275))
        panel(ax, i + 1, title, names=True)
    return figure


FIGURES = {"criteria": criteria}
NARROW = {"criteria": criteria_narrow}
