"""What defaults keep, and questions solved over temperature."""

import numpy as np
from example import ENGINES, best, drawn_from, pass_at
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "share": "解出的题（比例）",
        "t": "温度 T",
        "kept": "留 {:,} 个",
    },
    "en": {
        "share": "share of questions solved",
        "t": "temperature T",
        "kept": "keeps {:,}",
    },
}


def draw(ax: Axes, label: dict[str, str]) -> None:
    ts = np.linspace(0.1, 1.8, 86)
    for k, colour, style in [
        (1, INK, "-"),
        (4, MUTED, (0, (6, 2))),
        (16, BLUE, (0, (4, 1.5, 1, 1.5))),
        (64, ORANGE, (0, (2, 1))),
    ]:
        line = [pass_at(k, float(t)) for t in ts]
        ax.plot(ts, line, color=colour, lw=2, ls=style)
        ax.text(
            1.83, line[-1], f"pass@{k}", color=colour, fontsize=12, va="center"
        )
        if k > 1:
            top = best(k)
            ax.plot(top, pass_at(k, top), "o", color=colour, ms=7)
    ax.set(xlim=(0.1, 1.8), ylim=(0.2, 1.02))
    ax.set_xticks([0.5, 1.0, 1.5], ["0.5", "1", "1.5"])
    ax.set_yticks([0.2, 0.4, 0.6, 0.8, 1.0])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title(label["share"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["t"], fontsize=12, color=INK, loc="right")


def solved(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.16, 0.87, 0.91)
    draw(ax, LABELS[language])
    return figure


def solved_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.1, 0.16, 0.76, 0.91)
    draw(ax, LABELS[language])
    return figure


def defaults(language: str, width: float = 6.4) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(width, 2.3))
    axes = figure.subplots(1, 3, sharey=True)
    figure.subplots_adjust(0.01, 0.03, 0.99, 0.74, wspace=0.1)
    for ax, name in zip(axes, ENGINES, strict=True):
        p = drawn_from(name)
        ax.bar(range(10), p[:10], 0.72, color=BLUE)
        ax.text(
            0.45,
            p[0],
            f"{p[0]:.3f}",
            color=INK,
            fontsize=11.5,
            va="top",
        )
        ax.set(xlim=(-0.6, 9.6), ylim=(0, 0.44), xticks=[], yticks=[])
        title = f"{name}\n{label['kept'].format(p.size)}"
        size = 12 if width > 5 else 11
        ax.set_title(title, fontsize=size, color=INK, loc="left", pad=6)
        for edge, side in ax.spines.items():
            side.set_visible(edge == "bottom")
            side.set_color(MUTED)
    return figure


def defaults_narrow(language: str) -> Figure:
    return defaults(language, 3.65)


FIGURES = {"defaults": defaults, "solved": solved}
NARROW = {"defaults": defaults_narrow, "solved": solved_narrow}
