"""Risk against coverage when the most consistent answers go out first."""

import numpy as np
from example import sampled
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "risk": "已作答题中的错误率",
        "coverage": "作答的比例，熵小者先",
        "share": "学错 ",
    },
    "en": {
        "risk": "share wrong among the answered",
        "coverage": "share answered, lowest entropy first",
        "share": "learnt wrong ",
    },
}


def draw(ax: Axes, language: str, size: float) -> None:
    label = LABELS[language]
    for share, colour, dash, height in (
        (0.0, BLUE, "-", 0.012),
        (0.1, ORANGE, (0, (6, 3)), 0.117),
        (0.2, OCHRE, (0, (2, 2)), 0.212),
    ):
        rng = np.random.default_rng(0)
        score, right = sampled(share, 40_000, rng)
        order = np.argsort(score + 1e-9 * rng.random(len(score)))
        n = np.arange(1, len(score) + 1)
        risk = np.cumsum(~right[order]) / n
        at = slice(1200, None, 200)
        ax.plot(n[at] / len(score), risk[at], color=colour, lw=2, ls=dash)
        text = f"{label['share']}{share:.0%}"
        ax.text(0.05, height, text, fontsize=size, color=INK, va="bottom")
    ax.set(xlim=(0, 1), ylim=(0, 0.45))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.set_yticks([0, 0.1, 0.2, 0.3, 0.4])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["coverage"], fontsize=size, color=INK, loc="right")
    ax.set_title(label["risk"], fontsize=size, color=INK, loc="left", pad=6)


def risk_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    draw(figure.add_axes((0.06, 0.18, 0.93, 0.71)), language, 12)
    return figure


def risk_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    draw(figure.add_axes((0.1, 0.18, 0.87, 0.71)), language, 11)
    return figure


FIGURES = {"risk": risk_wide}
NARROW = {"risk": risk_narrow}
