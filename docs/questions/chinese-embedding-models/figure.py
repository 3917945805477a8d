"""The figure of this page: what is left when vectors are truncated."""

from functools import cache

from example import DIMS, curves
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "in": "保留的前几维（满维 1024）",
        "out": "recall@1",
        "ordered": "信息集中在前面",
        "rotated": "旋转之后",
    },
    "en": {
        "in": "leading dimensions kept (of 1024)",
        "out": "recall@1",
        "ordered": "signal in front",
        "rotated": "after a rotation",
    },
}
data = cache(curves)


def draw(ax: Axes, label: dict[str, str], size: float) -> None:
    rows = data()
    ax.plot(DIMS, rows["ordered"], "o-", color=BLUE, lw=2, ms=6)
    dash = (0, (6, 3))
    ax.plot(DIMS, rows["rotated"], "s", ls=dash, color=ORANGE, lw=2, ms=6)
    ax.text(40, 0.6, label["ordered"], fontsize=size, color=INK)
    ax.text(255, 0.3, label["rotated"], fontsize=size, color=INK)
    ax.set(xscale="log", xlim=(14, 1200), ylim=(-0.04, 1.08))
    ax.set_xticks(DIMS, [str(k) for k in DIMS])
    ax.minorticks_off()
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.set_xlabel(label["in"], fontsize=size, color=INK)
    ax.set_title(label["out"], loc="left", fontsize=size, color=INK, pad=8)
    ax.grid(color=GRID, lw=0.7, axis="y")
    bare_axes(ax, size - 1)
    ax.tick_params(axis="x", pad=8)


def truncation_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.add_axes((0.09, 0.2, 0.88, 0.68))
    draw(ax, LABELS[language], 13)
    return figure


def truncation_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    ax = figure.add_axes((0.14, 0.21, 0.82, 0.67))
    draw(ax, LABELS[language], 11)
    return figure


FIGURES = {"truncation": truncation_wide}
NARROW = {"truncation": truncation_narrow}
