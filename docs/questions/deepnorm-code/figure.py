"""The figure of this page, drawn from what example.py computes."""

from functools import cache

from example import DEPTHS, decoder_of, update
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from study_guide.plots import (
    BLUE,
    GRID,
    INK,
    OCHRE,
    ORANGE,
    VIOLET,
    bare_axes,
)

LABELS = {
    "zh": {
        "x": "解码器层数 N（对数）",
        "y": "一步 SGD 之后输出的改变量 |ΔF|（对数）",
        "narrow": "一步 SGD 之后的 |ΔF|（对数）",
        "post-LN": "Post-LN",
        "alpha on the branch": "α 乘在分支上",
        "V misses beta": "V 漏了 β",
        "as in the paper": "论文的 DeepNorm",
    },
    "en": {
        "x": "decoder layers N (log scale)",
        "y": "change of the output |ΔF| after one SGD step (log scale)",
        "narrow": "|ΔF| after one SGD step (log scale)",
        "post-LN": "post-LN",
        "alpha on the branch": "α on the branch",
        "V misses beta": "V misses β",
        "as in the paper": "DeepNorm",
    },
}
STYLES = {
    "as in the paper": (BLUE, "o", "-"),
    "post-LN": (ORANGE, "s", "--"),
    "alpha on the branch": (OCHRE, "^", ":"),
    "V misses beta": (VIOLET, "D", "-."),
}


NARROW_PLACES = {
    "as in the paper": (15, 0.0033, "center"),
    "post-LN": (14, 4.0, "right"),
    "alpha on the branch": (20, 0.22, "left"),
    "V misses beta": (14, 0.026, "right"),
}


@cache
def measured(name: str) -> list[float]:
    return [update(decoder_of(name), n) for n in DEPTHS]


def draw(language: str, narrow: bool) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 3.9) if narrow else (6.4, 3.7))
    ax = figure.subplots()
    left, right = (0.14, 0.98) if narrow else (0.09, 0.78)
    figure.subplots_adjust(left, 0.15, right, 0.9)
    for name, (colour, marker, dash) in STYLES.items():
        values = measured(name)
        ax.plot(DEPTHS, values, dash, marker=marker, color=colour, lw=2, ms=7)
        if narrow:
            x, y, align = NARROW_PLACES[name]
            ax.text(x, y, label[name], color=INK, fontsize=11, ha=align)
        else:
            ax.text(
                74,
                values[-1],
                label[name],
                color=INK,
                fontsize=12,
                va="center",
            )
    ax.set(xscale="log", yscale="log", xlim=(3.5, 73), ylim=(2.5e-3, 14))
    title = label["narrow" if narrow else "y"]
    ax.set_title(title, loc="left", fontsize=11.5, color=INK, pad=8)
    ax.set_xlabel(label["x"], fontsize=11.5, color=INK, loc="right")
    ax.set(xticks=list(DEPTHS), yticks=[0.01, 0.1, 1, 10])
    for axis in ax.xaxis, ax.yaxis:
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        axis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, 11)
    return figure


def bugs(language: str) -> Figure:
    return draw(language, narrow=False)


def bugs_narrow(language: str) -> Figure:
    return draw(language, narrow=True)


FIGURES = {"bugs": bugs}
NARROW = {"bugs": bugs_narrow}
