"""The figure of this page, drawn from what example.py computes."""

import numpy as np
from example import GRID, awq, error, layer, methods, predicted, search
from matplotlib.figure import Figure
from study_guide.plots import BLUE, INK, MUTED, ORANGE, bare_axes
from study_guide.plots import GRID as LINES

LABELS = {
    "zh": {
        "error": "输出误差 × 1000",
        "nearest": "就近取整",
        "best": "网格搜索",
        "theory": "均匀噪声的预测",
        "mixed": "2 个通道留 FP16（混合精度）",
        "clipped": "再搜索截断",
    },
    "en": {
        "error": "output error × 1000",
        "nearest": "nearest",
        "best": "grid search",
        "theory": "predicted, uniform noise",
        "mixed": "2 channels in FP16 (mixed)",
        "clipped": "and clipped",
    },
}


def curve(language: str) -> Figure:
    """Output error over alpha."""
    label, (w, x, _) = LABELS[language], layer()
    measured = [1000 * error(awq(w, x, alpha), w, x) for alpha in GRID]
    theory = [1000 * predicted(w, x, alpha) for alpha in GRID]
    figure = Figure(figsize=(6.4, 3.7))
    ax = figure.subplots()
    figure.subplots_adjust(0.07, 0.15, 0.98, 0.9)
    ax.plot(GRID, theory, "--", color=MUTED, lw=1.6)
    ax.plot(GRID, measured, "o-", color=BLUE, ms=5, lw=1.8)
    best = search(w, x)
    low = 1000 * error(awq(w, x, best), w, x)
    ax.plot(best, low, "o", ms=13, mfc="none", mec=ORANGE, mew=2)
    kwargs = {"color": INK, "size": 12}
    ax.text(0.02, 17.2, label["nearest"], **kwargs)
    ax.text(best, 8.3, label["best"], ha="center", **kwargs)
    ax.text(0.87, 26, label["theory"], ha="right", **kwargs)
    ways = methods()
    for name, key, shift in (
        ("AWQ, clipped", "clipped", 0.35),
        ("2 in FP16, large x", "mixed", -2.4),
    ):
        height = 1000 * error(ways[name], w, x)
        ax.axhline(height, color=MUTED, lw=1, ls=":")
        ax.text(0.97, height + shift, label[key], ha="right", **kwargs)
    ax.set(xlim=(-0.02, 0.98), ylim=(0, 30), yticks=[0, 10, 20, 30])
    ax.set(xticks=np.arange(0, 1, 0.2))
    ax.set_xlabel("α", size=13, color=MUTED)
    text = label["error"]
    ax.text(0, 1.03, text, color=MUTED, size=12, transform=ax.transAxes)
    ax.grid(axis="y", color=LINES, lw=0.7)
    bare_axes(ax, 11.5)
    return figure


def curve_narrow(language: str) -> Figure:
    figure = curve(language)
    figure.set_size_inches(3.65, 3.8)
    figure.subplots_adjust(0.1, 0.14, 0.98, 0.9)
    return figure


FIGURES = {"curve": curve}
NARROW = {"curve": curve_narrow}
