"""Shifted exact-match curves, and two worlds behind one curve."""

import numpy as np
from example import rule_world, share_for, smooth_world
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "linear": "精确匹配率",
        "log": "同一条曲线，对数纵轴",
        "compute": "算力（数量级）",
        "unseen": "100 题\n测不出",
        "exact": "精确匹配率，L = 10",
        "token": "逐 token 正确率",
        "both": "两种世界",
        "same": "完全重合",
        "smooth": "平滑",
        "rule": "规则",
    },
    "en": {
        "linear": "exact match",
        "log": "same curves, log scale",
        "compute": "compute, decades",
        "unseen": "unseen in\n100 items",
        "exact": "exact match, L = 10",
        "token": "share of right tokens",
        "both": "both worlds",
        "same": "coincide",
        "smooth": "smooth",
        "rule": "rule",
    },
}
LENGTHS = ((1, BLUE, "-"), (10, ORANGE, (0, (6, 2))), (100, INK, (0, (2, 2))))


def style(ax: Axes, title: str, label: dict[str, str], end: int) -> None:
    ax.set(xlim=(0, end), xticks=range(0, end + 1))
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title(title, loc="left", fontsize=12, color=INK, pad=6)
    ax.set_xlabel(label["compute"], loc="right", fontsize=12, color=INK)


def lengths_linear(ax: Axes, label: dict[str, str]) -> None:
    x = np.linspace(0, 7, 281)
    for (length, colour, dash), at in zip(
        LENGTHS, [(1.15, 0.36), (3.15, 0.36), (5.15, 0.36)], strict=True
    ):
        exact = smooth_world(x, length)[0]
        ax.plot(x, exact, color=colour, ls=dash, lw=2)
        ax.text(*at, f"L = {length}", color=INK, fontsize=12)
    style(ax, label["linear"], label, 7)
    ax.set(ylim=(-0.03, 1.05), yticks=[0, 0.25, 0.5, 0.75, 1])


def lengths_log(ax: Axes, label: dict[str, str]) -> None:
    x = np.linspace(0, 7, 281)
    ax.axhspan(1e-9, 0.01, color=GRID, alpha=0.5, lw=0)
    ax.text(6.85, 2.0e-6, label["unseen"], color=INK, fontsize=12, ha="right")
    for (length, colour, dash), at in zip(
        LENGTHS, [(0.4, 0.08), (1.2, 7e-4), (3.3, 7e-4)], strict=True
    ):
        exact = smooth_world(x, length)[0]
        ax.plot(x, exact, color=colour, ls=dash, lw=2)
        ax.text(*at, f"L = {length}", color=INK, fontsize=12)
    style(ax, label["log"], label, 7)
    ax.set(yscale="log", ylim=(1e-6, 2))
    ax.set_yticks([1, 1e-2, 1e-4, 1e-6], ["1", "10⁻²", "10⁻⁴", "10⁻⁶"])
    ax.minorticks_off()
    ax.tick_params(length=0)


def worlds_exact(ax: Axes, label: dict[str, str]) -> None:
    x = np.linspace(0, 6, 241)
    exact = smooth_world(x, 10)[0]
    same = rule_world(share_for(exact, 10), 10)[0]
    ax.plot(x, exact, color=BLUE, lw=4.5)
    ax.plot(x, same, color=ORANGE, lw=2, ls=(0, (4, 3)))
    ax.text(0.55, 0.62, label["both"], color=INK, fontsize=12)
    ax.text(0.55, 0.53, label["same"], color=INK, fontsize=12)
    style(ax, label["exact"], label, 6)
    ax.set(ylim=(-0.03, 1.05), yticks=[0, 0.25, 0.5, 0.75, 1])


def worlds_token(ax: Axes, label: dict[str, str]) -> None:
    x = np.linspace(0, 6, 241)
    exact, smooth = smooth_world(x, 10)
    rule = rule_world(share_for(exact, 10), 10)[1]
    ax.plot(x, smooth, color=BLUE, lw=2)
    ax.plot(x, rule, color=ORANGE, lw=2, ls=(0, (6, 2)))
    ax.text(1.85, 0.64, label["smooth"], color=INK, fontsize=12)
    ax.text(2.75, 0.3, label["rule"], color=INK, fontsize=12)
    style(ax, label["token"], label, 6)
    ax.set(ylim=(-0.03, 1.05), yticks=[0, 0.25, 0.5, 0.75, 1])


def wide() -> tuple[Figure, Axes, Axes]:
    figure = Figure(figsize=(6.4, 3.0))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(0.065, 0.17, 0.985, 0.9, wspace=0.22)
    return figure, left, right


def narrow() -> tuple[Figure, Axes, Axes]:
    figure = Figure(figsize=(3.65, 5.7))
    top, bottom = figure.subplots(2, 1)
    figure.subplots_adjust(0.115, 0.09, 0.97, 0.95, hspace=0.42)
    return figure, top, bottom


def lengths(language: str) -> Figure:
    figure, left, right = wide()
    lengths_linear(left, LABELS[language])
    lengths_log(right, LABELS[language])
    return figure


def lengths_narrow(language: str) -> Figure:
    figure, top, bottom = narrow()
    lengths_linear(top, LABELS[language])
    lengths_log(bottom, LABELS[language])
    return figure


def worlds(language: str) -> Figure:
    figure, left, right = wide()
    worlds_exact(left, LABELS[language])
    worlds_token(right, LABELS[language])
    return figure


def worlds_narrow(language: str) -> Figure:
    figure, top, bottom = narrow()
    worlds_exact(top, LABELS[language])
    worlds_token(bottom, LABELS[language])
    return figure


FIGURES = {"lengths": lengths, "worlds": worlds}
NARROW = {"lengths": lengths_narrow, "worlds": worlds_narrow}
