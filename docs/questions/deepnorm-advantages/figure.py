"""The figures of this page, drawn from what example.py computes."""

from functools import cache

from example import (
    DEPTHS,
    Measurement,
    measure_all,
    placements,
    train,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "sgd": "SGD：|ΔF|（对数）",
        "sign": "等幅步长：|ΔF|（对数）",
        "depth": "层数 N（对数）",
        "loss": "损失，24 层，Adam，无预热",
        "step": "步",
        "post-LN": "Post-LN",
        "pre-LN": "Pre-LN",
        "DeepNorm": "DeepNorm",
    },
    "en": {
        "sgd": "SGD: |ΔF| (log scale)",
        "sign": "equal steps: |ΔF| (log scale)",
        "depth": "layers N (log scale)",
        "loss": "loss, 24 layers, Adam, no warm-up",
        "step": "step",
        "post-LN": "post-LN",
        "pre-LN": "pre-LN",
        "DeepNorm": "DeepNorm",
    },
}
STYLES = {
    "DeepNorm": (BLUE, "o", "-"),
    "post-LN": (ORANGE, "s", "--"),
    "pre-LN": (OCHRE, "^", ":"),
}


@cache
def measured() -> dict[str, list[Measurement]]:
    return measure_all()


@cache
def losses(name: str) -> list[float]:
    return train(24, placements(24)[name])


def bare(ax: Axes) -> None:
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, 11)


def draw_updates(language: str, narrow: bool) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 6.2) if narrow else (6.4, 3.5))
    axes = figure.subplots(*((2, 1) if narrow else (1, 2)))
    if narrow:
        figure.subplots_adjust(0.15, 0.09, 0.76, 0.95, hspace=0.42)
    else:
        figure.subplots_adjust(0.08, 0.16, 0.87, 0.9, wspace=0.74)
    for ax, kind in zip(axes, ("sgd", "sign"), strict=True):
        for name, (colour, marker, dash) in STYLES.items():
            values = [getattr(m, kind) for m in measured()[name]]
            ax.plot(
                DEPTHS, values, dash, marker=marker, color=colour, lw=2, ms=7
            )
            ax.text(
                118,
                values[-1],
                label[name],
                color=INK,
                fontsize=11.5,
                va="center",
            )
        ax.set(xscale="log", yscale="log", xlim=(5.2, 111), ylim=(2e-3, 14))
        ax.set_title(label[kind], loc="left", fontsize=11.5, color=INK, pad=8)
        ax.set_xlabel(label["depth"], fontsize=11, color=INK, loc="right")
        ax.set(xticks=list(DEPTHS), yticks=[0.01, 0.1, 1, 10])
        for axis in ax.xaxis, ax.yaxis:
            axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
            axis.set_minor_formatter(NullFormatter())
        bare(ax)
    return figure


def draw_loss(language: str, narrow: bool) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 3.2) if narrow else (6.4, 3.2))
    ax = figure.subplots()
    left, right = (0.09, 0.74) if narrow else (0.05, 0.85)
    figure.subplots_adjust(left, 0.16, right, 0.9)
    for name, (colour, _, dash) in STYLES.items():
        values = losses(name)
        steps = range(1, len(values) + 1)
        ax.plot(steps, values, dash, color=colour, lw=2)
        ax.text(
            41,
            values[-1],
            label[name],
            color=INK,
            fontsize=11.5,
            va="center",
        )
    ax.set(xlim=(0.5, 40.5), ylim=(0, 5.4), xticks=[1, 10, 20, 30, 40])
    ax.set_title(label["loss"], loc="left", fontsize=11.5, color=INK, pad=8)
    ax.set_xlabel(label["step"], fontsize=11.5, color=INK, loc="right")
    bare(ax)
    return figure


def updates(language: str) -> Figure:
    return draw_updates(language, narrow=False)


def updates_narrow(language: str) -> Figure:
    return draw_updates(language, narrow=True)


def loss(language: str) -> Figure:
    return draw_loss(language, narrow=False)


def loss_narrow(language: str) -> Figure:
    return draw_loss(language, narrow=True)


FIGURES = {"updates": updates, "loss": loss}
NARROW = {"updates": updates_narrow, "loss": loss_narrow}
