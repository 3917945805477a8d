"""Fifty edits in a row: drift of old knowledge, loss of the first edit."""

from example import EDITS, sequence
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "drift": "旧知识的漂移",
        "first": "第一次编辑的误差",
        "x": "已做的编辑数",
        "plain": "不保护",
        "kept": "保护已编辑的键",
    },
    "en": {
        "drift": "drift of old knowledge",
        "first": "error on the first edit",
        "x": "edits made",
        "plain": "unprotected",
        "kept": "edited keys protected",
    },
}


def draw(axes: tuple[Axes, Axes], label: dict[str, str], size: float) -> None:
    count = list(range(1, EDITS + 1))
    plain, kept = sequence(), sequence(protect=True)
    places = (
        ((21, 0.62, "left", "top"), (33, 1.42, "right", "bottom")),
        ((20, 0.8, "right", "bottom"), (49, 0.07, "right", "bottom")),
    )
    for ax, at, title, top in (
        (axes[0], 0, label["drift"], 2.2),
        (axes[1], 1, label["first"], 1.1),
    ):
        ax.plot(count, plain[at], color=BLUE, lw=2)
        ax.plot(count, kept[at], color=ORANGE, lw=2, ls=(0, (6, 3)))
        for name, (x, y, side, base) in zip(
            ("plain", "kept"), places[at], strict=True
        ):
            text = label[name].replace("edited keys ", "edited keys\n")
            if name == "plain" or at == 1:
                text = label[name]
            ax.text(x, y, text, fontsize=size, color=INK, ha=side, va=base)
        ax.set(xlim=(0, 51), ylim=(-0.02 * top, top), xticks=[1, 25, 50])
        ticks = [0, 0.5, 1, 1.5, 2] if at == 0 else [0, 0.25, 0.5, 0.75, 1]
        ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.grid(axis="y", color=GRID, lw=0.8)
        bare_axes(ax, size - 1)
        ax.tick_params(axis="x", pad=7)
        ax.set_xlabel(label["x"], fontsize=size, color=INK, loc="right")
        ax.set_title(title, fontsize=size, color=INK, loc="left", pad=6)


def edits_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    left = figure.add_axes((0.055, 0.2, 0.42, 0.69))
    right = figure.add_axes((0.565, 0.2, 0.42, 0.69))
    draw((left, right), LABELS[language], 12)
    return figure


def edits_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.2))
    top = figure.add_axes((0.12, 0.6, 0.85, 0.34))
    bottom = figure.add_axes((0.12, 0.1, 0.85, 0.34))
    draw((top, bottom), LABELS[language], 11)
    return figure


FIGURES = {"edits": edits_wide}
NARROW = {"edits": edits_narrow}
