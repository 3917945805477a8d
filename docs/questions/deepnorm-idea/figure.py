"""The figure of this page, drawn from what example.py computes."""

from functools import cache

import numpy as np
from example import Constants, deepnorm, mean_update
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "x": "S = 4Nβ²/α²（对数）",
        "y": "一步 SGD 之后输出的改变量 |ΔF|（对数）",
        "narrow": "一步 SGD 之后的 |ΔF|（对数）",
        "line": "斜率 1",
        "here": "DeepNorm 取 S = 1",
        "post": "Post-LN",
        "comma": "，",
    },
    "en": {
        "x": "S = 4Nβ²/α² (log scale)",
        "y": "change of the output |ΔF| after one SGD step (log scale)",
        "narrow": "|ΔF| after one SGD step (log scale)",
        "line": "slope 1",
        "here": "DeepNorm: S = 1",
        "post": "post-LN",
        "comma": ", ",
    },
}
SERIES = {6: (BLUE, "o", "-"), 24: (ORANGE, "s", "--"), 96: (OCHRE, "^", ":")}


@cache
def measured() -> dict[int, tuple[list[float], list[float]]]:
    """Depth -> (S, update); the last entry is post-LN, alpha = beta = 1."""
    result = {}
    for n in SERIES:
        bounds = [s for s in (0.25, 1.0, 4.0, 16.0, 64.0) if s < 4 * n]
        updates = [mean_update(n, deepnorm(n, s)) for s in bounds]
        updates.append(mean_update(n, Constants(1, 1)))
        result[n] = [*bounds, 4.0 * n], updates
    return result


def draw(language: str, width: float, height: float, left: float) -> Figure:
    label, data = LABELS[language], measured()
    narrow = width < 5
    figure = Figure(figsize=(width, height))
    ax = figure.subplots()
    figure.subplots_adjust(left, 0.16 if narrow else 0.14, 0.98, 0.91)
    s = np.array([0.18, 700])
    unit = data[6][1][1]
    ax.plot(s, unit * s, color=MUTED, lw=1, dashes=(3, 3))
    ax.text(120, 0.3, label["line"], color=INK, fontsize=11)
    ax.axvline(1, ymax=0.66, color=MUTED, lw=1, dashes=(3, 3))
    ax.text(1.15, 0.0012, label["here"], color=INK, fontsize=11)
    for n, (colour, marker, dash) in SERIES.items():
        bounds, updates = data[n]
        ax.plot(bounds[:-1], updates[:-1], dash, color=colour, lw=2)
        ax.plot(bounds[:-1], updates[:-1], marker, color=colour, ms=6)
        ax.plot(
            bounds[-1],
            updates[-1],
            marker,
            color=colour,
            ms=9,
            mfc="none",
            mew=2,
        )
    for n, x, y, align in [
        (6, 17, 0.85, "right"),
        (24, 48, 3.6, "right"),
        (96, 1400 if narrow else 2500, 7.0, "right"),
    ]:
        text = f"{label['post']}{label['comma']}N = {n}"
        ax.text(x, y, text, color=INK, fontsize=11, ha=align)
    ax.text(74, 1.7, "N = 96", color=INK, fontsize=11)
    ax.set(
        xscale="log",
        yscale="log",
        xlim=(0.18, 1500 if narrow else 2600),
        ylim=(8e-4, 14),
    )
    title = label["narrow"] if narrow else label["y"]
    ax.set_title(title, loc="left", fontsize=11, color=INK, pad=8)
    ax.set_xlabel(label["x"], fontsize=11, color=INK, loc="right")
    plain = FuncFormatter(lambda x, _: f"{x:g}")
    ax.set(xticks=[0.25, 1, 4, 16, 64, 384], yticks=[0.001, 0.01, 0.1, 1, 10])
    for axis in ax.xaxis, ax.yaxis:
        axis.set_major_formatter(plain)
        axis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, 11)
    return figure


def update(language: str) -> Figure:
    return draw(language, 6.4, 3.9, 0.09)


def update_narrow(language: str) -> Figure:
    return draw(language, 3.65, 3.7, 0.14)


FIGURES = {"update": update}
NARROW = {"update": update_narrow}
