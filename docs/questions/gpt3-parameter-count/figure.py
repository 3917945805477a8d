"""Where the parameters of the eight GPT-3 models are."""

from dataclasses import replace

from example import SIZES, parts, total
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, INK, ORANGE, VIOLET, bare_axes

LABELS = {
    "zh": {
        "attention": "注意力",
        "ffn": "FFN",
        "embedding": "嵌入",
        "axis": "占总参数的百分比",
    },
    "en": {
        "attention": "attention",
        "ffn": "FFN",
        "embedding": "embeddings",
        "axis": "percent of all parameters",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    models = [replace(m, d=5120) if m.name == "13B" else m for m in SIZES]
    for i, m in enumerate(models):
        whole = parts(m)
        share = {name: 100 * n / total(m) for name, n in whole.items()}
        attention, ffn = share["attention matrices"], share["FFN matrices"]
        embedding = share["token embedding"] + share["position embedding"]
        ax.barh(i, attention, height=0.7, color=BLUE)
        ax.barh(i, ffn, left=attention, height=0.7, color=VIOLET)
        ax.barh(
            i,
            100 - attention - ffn,
            left=attention + ffn,
            color=ORANGE,
            height=0.7,
        )
        ax.text(
            101.5,
            i,
            f"{embedding:.1f}" if embedding > 1 else f"{embedding:.2f}",
            fontsize=size,
            color=ORANGE,
            va="center_baseline",
        )
    for x, name, colour, side in (
        (0, "attention", BLUE, "left"),
        (45, "ffn", INK, "center"),
        (115, "embedding", ORANGE, "right"),
    ):
        ax.text(x, -0.62, label[name], fontsize=size, color=colour, ha=side)
    ax.set_yticks(range(len(models)), [m.name for m in models])
    ax.set(xlim=(0, 115), ylim=(len(models) - 0.5, -1.1), xticks=[0, 50, 100])
    bare_axes(ax, size - 1)
    ax.tick_params(axis="y", colors=INK, labelsize=size)
    ax.set_xlabel(label["axis"], fontsize=size, color=INK, loc="left")


def shares_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.7))
    draw(figure.add_axes((0.12, 0.13, 0.87, 0.86)), language, 12.5)
    return figure


def shares_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.5))
    draw(figure.add_axes((0.19, 0.13, 0.8, 0.86)), language, 11)
    return figure


FIGURES = {"shares": shares_wide}
NARROW = {"shares": shares_narrow}
