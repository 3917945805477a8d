"""Self-reinforcement, and loops over temperature, from example.py."""

from example import WEIGHTS, bigram, mean_p, mean_rate
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "p": "每个词的概率（几何平均）",
        "copies": "上文里已有几遍",
        "rate": "seq-rep-4",
        "t": "温度 T",
        "copying": "复制权重",
    },
    "en": {
        "p": "probability of a word (geometric mean)",
        "copies": "copies in the context",
        "rate": "seq-rep-4",
        "t": "temperature T",
        "copying": "copying",
    },
}
STYLES = ((INK, "-", "o"), (BLUE, (0, (6, 2)), "s"), (ORANGE, "-", "^"))


def plain(ax: Axes) -> None:
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)


def draw_reinforcement(ax: Axes, label: dict[str, str]) -> None:
    p, copies = bigram(), [1, 2, 4, 8, 16, 32, 64]
    for weight, (colour, style, marker) in zip(WEIGHTS, STYLES, strict=True):
        line = [mean_p(p, weight, k) for k in copies]
        ax.plot(copies, line, color=colour, lw=2, ls=style, marker=marker)
        ax.text(
            75,
            line[-1],
            f"{label['copying']} {weight:g}",
            color=colour,
            fontsize=12,
            va="center",
        )
    ax.set(xlim=(0.93, 68), ylim=(0, 1), xscale="log")
    ax.set_xticks(copies, [str(k) for k in copies])
    ax.minorticks_off()
    ax.set_yticks([0, 0.5, 1.0], ["0", "0.5", "1"])
    plain(ax)
    ax.set_title(label["p"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["copies"], fontsize=12, color=INK, loc="right")


def reinforcement(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.8))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.19, 0.82, 0.9)
    draw_reinforcement(ax, LABELS[language])
    return figure


def reinforcement_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.8))
    ax = figure.subplots()
    figure.subplots_adjust(0.09, 0.19, 0.71, 0.9)
    draw_reinforcement(ax, LABELS[language])
    return figure


def draw_temperature(ax: Axes, label: dict[str, str]) -> None:
    p, ts = bigram(), [1.2, 1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3]
    for weight, (colour, style, marker) in zip(WEIGHTS, STYLES, strict=True):
        line = [mean_rate(p, weight, t) for t in ts]
        ax.plot(ts, line, color=colour, lw=2, ls=style, marker=marker)
        ax.text(
            1.24,
            line[0] + {0.0: -0.05, 0.5: 0.03, 0.8: 0.03}[weight],
            f"{label['copying']} {weight:g}",
            color=colour,
            fontsize=12,
            va="center",
        )
    greedy = mean_rate(p, 0.0, 0.0)
    ax.plot([0] * 3, [greedy] * 3, "o", color=INK, clip_on=False)
    ax.text(0.0, greedy - 0.13, "T = 0", color=INK, fontsize=12)
    ax.set(xlim=(0, 1.2), ylim=(0, 1))
    ax.set_xticks([0, 0.3, 0.5, 0.7, 1.0], ["0", "0.3", "0.5", "0.7", "1"])
    ax.set_yticks([0, 0.5, 1.0], ["0", "0.5", "1"])
    plain(ax)
    ax.set_title(label["rate"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["t"], fontsize=12, color=INK, loc="right")


def temperature(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.19, 0.82, 0.9)
    draw_temperature(ax, LABELS[language])
    return figure


def temperature_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.09, 0.19, 0.71, 0.9)
    draw_temperature(ax, LABELS[language])
    return figure


FIGURES = {"reinforcement": reinforcement, "temperature": temperature}
NARROW = {
    "reinforcement": reinforcement_narrow,
    "temperature": temperature_narrow,
}
