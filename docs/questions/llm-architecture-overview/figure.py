"""Where the parameters of nine LLMs are, stored and used by one token."""

from example import MODELS, total
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, INK, ORANGE, VIOLET, bare_axes

LABELS = {
    "zh": {
        "attention": "注意力",
        "FFN": "FFN、专家",
        "embeddings": "嵌入",
        "stored": "存储",
        "used": "每 token",
        "axis": "百分比",
    },
    "en": {
        "attention": "attention",
        "FFN": "FFN, experts",
        "embeddings": "embeddings",
        "stored": "stored",
        "used": "per token",
        "axis": "percent",
    },
}
COLOURS = {"attention": BLUE, "FFN": VIOLET, "embeddings": ORANGE}


def draw(
    ax: Axes, language: str, size: float, heads: tuple[float, float, float]
) -> None:
    label, ticks, names, y = LABELS[language], [], [], 0.0
    for m in MODELS:
        ticks.append(y + 0.4 * bool(m.experts))
        names.append(m.name)
        for used in (False, True) if m.experts else (False,):
            whole, left = m.parts(used=used), 0.0
            for name, colour in COLOURS.items():
                share = 100 * whole[name] / total(m, used=used)
                ax.barh(y, share, left=left, height=0.68, color=colour)
                left += share
            billions = total(m, used=used) / 1e9
            text = f"{billions:.0f}B" if billions > 30 else f"{billions:.1f}B"
            if m.experts:
                text += " " + label["used" if used else "stored"]
            ax.text(
                101.5, y, text, fontsize=size - 0.5, color=INK, va="center"
            )
            y += 0.8
        y += 0.35
    for x, (name, colour) in zip(heads, COLOURS.items(), strict=True):
        ink = INK if name == "FFN" else colour
        ax.text(x, -0.65, label[name], fontsize=size, color=ink)
    ax.set_yticks(ticks, names)
    ax.set(xlim=(0, 100), ylim=(y - 0.6, -0.5), xticks=[0, 50, 100])
    bare_axes(ax, size - 1)
    ax.tick_params(axis="y", colors=INK, labelsize=size)
    ax.set_xlabel(label["axis"], fontsize=size, color=INK, loc="left")


def shares_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 5.0))
    draw(figure.add_axes((0.225, 0.1, 0.59, 0.84)), language, 12, (0, 36, 80))
    return figure


def shares_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.9))
    draw(
        figure.add_axes((0.335, 0.1, 0.385, 0.84)), language, 10, (-60, -8, 62)
    )
    return figure


FIGURES = {"shares": shares_wide}
NARROW = {"shares": shares_narrow}
