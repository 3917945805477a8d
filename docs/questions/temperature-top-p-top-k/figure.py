"""What the rules keep of one distribution, from example.py."""

import numpy as np
from example import LOGITS, RULES, TEMPERATURES, chain, softmax, tail_sizes
from example import temperature as scaled
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "size": "留下的 token 数（对数轴）",
        "t": "温度 T",
    },
    "en": {
        "size": "tokens kept (log scale)",
        "t": "temperature T",
    },
}
COLUMNS = ("top-k 2", "top-p 0.9", "min-p 0.2")


def bars(ax: Axes, rule: str, t: float, short: bool) -> None:
    before = softmax(LOGITS / t)
    after = chain(LOGITS, scaled(t), RULES[rule])
    x = np.arange(4)
    ax.bar(x, before, 0.78, fill=False, edgecolor=MUTED, lw=1, ls=":")
    ax.bar(x, after, 0.78, color=BLUE)
    for i in range(4):
        height = max(before[i], after[i])
        text = f"{after[i]:.2f}" if after[i] else "×"
        text = text.removeprefix("0") if short else text
        colour = INK if after[i] else ORANGE
        ax.text(i, height + 0.03, text, color=colour, fontsize=11, ha="center")
    ax.set(xlim=(-0.6, 3.6), ylim=(0, 1.2), xticks=[], yticks=[])
    for name, side in ax.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(MUTED)


def kept(language: str, width: float = 6.4) -> Figure:
    figure = Figure(figsize=(width, 4.3))
    axes = figure.subplots(3, 3)
    left = 0.1 if width > 5 else 0.0
    figure.subplots_adjust(left, 0.02, 1.0, 0.93, wspace=0.06, hspace=0.12)
    for line, t in zip(axes, TEMPERATURES, strict=True):
        for ax, rule in zip(line, COLUMNS, strict=True):
            bars(ax, rule, t, short=width < 5)
        if width > 5:
            line[0].text(
                -2.0, 0.5, f"T = {t:g}", color=INK, fontsize=12, va="center"
            )
        else:
            for ax in line:
                ax.text(
                    3.5,
                    0.82,
                    f"T = {t:g}",
                    color=INK,
                    fontsize=11,
                    ha="right",
                )
    for ax, rule in zip(axes[0], COLUMNS, strict=True):
        ax.set_title(rule, fontsize=12.5, color=INK, pad=6)
    return figure


def kept_narrow(language: str) -> Figure:
    return kept(language, 3.65)


def draw_tail(ax: Axes, label: dict[str, str]) -> None:
    ts = np.linspace(0.4, 1.6, 61)
    sizes = np.array([tail_sizes(float(t)) for t in ts]).T
    for line, name, colour, style, at in [
        (sizes[0], "top-k 50", INK, (0, (1.5, 1.5)), (0.42, 125)),
        (sizes[1], "top-p 0.9", ORANGE, "-", (0.5, 2600)),
        (sizes[2], "min-p 0.05", BLUE, (0, (6, 2)), (1.08, 5.2)),
    ]:
        ax.plot(ts, line, color=colour, lw=2, ls=style)
        ax.text(*at, name, color=colour, fontsize=12)
    ax.set(xlim=(0.4, 1.6), ylim=(1, 60_000), yscale="log")
    ax.set_xticks([0.5, 0.75, 1.0, 1.25, 1.5], ["0.5", "", "1", "", "1.5"])
    ax.set_yticks([1, 10, 100, 1000, 10_000])
    ax.set_yticklabels(["1", "10", "100", "1,000", "10,000"])
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title(label["size"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["t"], fontsize=12, color=INK, loc="right")


def tail(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    ax = figure.subplots()
    figure.subplots_adjust(0.1, 0.17, 0.98, 0.9)
    draw_tail(ax, LABELS[language])
    return figure


def tail_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.2))
    ax = figure.subplots()
    figure.subplots_adjust(0.17, 0.17, 0.97, 0.9)
    draw_tail(ax, LABELS[language])
    ax.set_xticks([0.5, 1.0, 1.5], ["0.5", "1", "1.5"])
    return figure


FIGURES = {"kept": kept, "tail": tail}
NARROW = {"kept": kept_narrow, "tail": tail_narrow}
