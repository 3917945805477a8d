"""Six tables of attention weights over A B A, from example.py."""

from example import tables
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "no position, layer 1": "无位置，第 1 层",
        "no position, another head": "无位置，另一个头",
        "no position, layer 2": "无位置，第 2 层",
        "RoPE": "RoPE，第 1 层",
        "causal, layer 1": "因果掩码，第 1 层",
        "causal, layer 2": "因果掩码，第 2 层",
    },
    "en": {
        "no position, layer 1": "no position, layer 1",
        "no position, another head": "… another head",
        "no position, layer 2": "no position, layer 2",
        "RoPE": "RoPE, layer 1",
        "causal, layer 1": "causal, layer 1",
        "causal, layer 2": "causal, layer 2",
    },
}
SHOWN = (
    "no position, layer 1",
    "no position, another head",
    "no position, layer 2",
    "RoPE",
    "causal, layer 1",
    "causal, layer 2",
)


def panel(ax: Axes, name: str, label: dict[str, str], digits: int) -> None:
    table = tables()[name]
    ax.set(xlim=(-0.85, 3.05), ylim=(3.15, -1.15), aspect="equal")
    ax.axis("off")
    for i, row in enumerate(table):
        ax.text(-0.45, i + 0.5, "ABA"[i], color=INK, size=12, va="center")
        ax.text(i + 0.5, -0.12, "ABA"[i], color=INK, size=12, ha="center")
        for j, value in enumerate(row):
            seen = value > 0
            ax.add_patch(
                Rectangle(
                    (j, i),
                    1,
                    1,
                    fc=BLUE if seen else "none",
                    ec=MUTED,
                    lw=0.6,
                    alpha=None if not seen else 0.1 + 0.5 * value,
                )
            )
            if seen:
                ax.text(
                    j + 0.5,
                    i + 0.5,
                    f"{value:.{digits}f}",
                    color=INK,
                    size=11.5,
                    ha="center",
                    va="center",
                )
        # The two copies, in the rows that see both of them.
        if row[2] > 0 and abs(row[0] - row[2]) > 1e-9:
            for j in (0, 2):
                ax.add_patch(
                    Rectangle(
                        (j + 0.05, i + 0.05),
                        0.9,
                        0.9,
                        fc="none",
                        ec=ORANGE,
                        lw=1.6,
                    )
                )
    ax.text(-0.75, -0.72, label[name], color=INK, size=12.5)


def draw(axes: list[Axes], language: str, digits: int) -> None:
    for ax, name in zip(axes, SHOWN, strict=True):
        panel(ax, name, LABELS[language], digits)


def heat(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.65))
    axes = figure.subplots(2, 3)
    figure.subplots_adjust(0.0, 0.0, 1.0, 1.0, wspace=0.0, hspace=0.0)
    draw(list(axes.flat), language, 3)
    return figure


def heat_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.95))
    axes = figure.subplots(3, 2)
    figure.subplots_adjust(0.0, 0.0, 1.0, 1.0, wspace=0.0, hspace=0.0)
    draw(list(axes.flat), language, 2)
    return figure


FIGURES = {"heat": heat}
NARROW = {"heat": heat_narrow}
