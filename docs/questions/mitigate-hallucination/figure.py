"""Unavoidable errors of a guesser, by the size of the corpus."""

import numpy as np
from example import popularity, unseen_and_once
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "wrong": "没见过的概率（线），只见过一次的比例（点）",
        "narrow": "没见过（线），只见一次（点）",
        "mentions": "语料里提到生日的次数",
        "heavy": "长尾重",
        "light": "长尾轻",
    },
    "en": {
        "wrong": "mass never seen (lines), share seen once (dots)",
        "narrow": "never seen (lines), once (dots)",
        "mentions": "mentions of a birthday in the corpus",
        "heavy": "heavy tail",
        "light": "light tail",
    },
}


def draw(ax: Axes, language: str, size: float, title: str) -> None:
    label = LABELS[language]
    sizes = np.logspace(3, 6, 40).astype(int)
    rng = np.random.default_rng(0)
    for exponent, colour, dash, name, at in (
        (1.0, BLUE, "-", "heavy", (1.25e4, 0.48)),
        (1.3, ORANGE, (0, (6, 3)), "light", (2.2e3, 0.07)),
    ):
        p = popularity(exponent)
        mass = [unseen_and_once(p, int(n))[0] for n in sizes]
        ax.plot(sizes, mass, color=colour, lw=2, ls=dash)
        for n in (1_000, 10_000, 100_000, 1_000_000):
            once = (rng.multinomial(n, p) == 1).sum() / n
            ax.plot(n, once, "o", color=colour, ms=6, clip_on=False, zorder=3)
        ax.text(*at, label[name], fontsize=size, color=INK)
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.set(xlim=(8e2, 1.15e6), ylim=(0, 0.8))
    ticks = {"zh": ["1 千", "1 万", "10 万", "100 万"]}
    ticks["en"] = ["1,000", "10,000", "100,000", "1 million"]
    ax.set_xticks([1e3, 1e4, 1e5, 1e6], ticks[language])
    for text, side in zip(
        ax.get_xticklabels(),
        ("left", "center", "center", "right"),
        strict=True,
    ):
        text.set_horizontalalignment(side)
    ax.set_yticks([0, 0.2, 0.4, 0.6, 0.8])
    ax.grid(axis="y", color=GRID, lw=0.8)
    bare_axes(ax, size - 1)
    ax.set_xlabel(label["mentions"], fontsize=size, color=INK, loc="right")
    ax.set_title(label[title], fontsize=size, color=INK, loc="left", pad=6)


def unseen_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    draw(figure.add_axes((0.06, 0.18, 0.91, 0.71)), language, 12, "wrong")
    return figure


def unseen_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.0))
    draw(figure.add_axes((0.1, 0.19, 0.85, 0.7)), language, 11, "narrow")
    return figure


FIGURES = {"unseen": unseen_wide}
NARROW = {"unseen": unseen_narrow}
