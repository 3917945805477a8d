"""The figures of this page, drawn from what example.py computes."""

import numpy as np
from example import (
    BITS,
    WEIGHTS,
    loss_of_three,
    network_errors,
    one_weight_course,
    quantize,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "forward": "前向：取整后的值",
        "surrogate": "反向：当作这条线",
        "weight": "影子权重 w",
        "steps": "更新步数",
        "threshold": "阈值 0.5",
        "optimum": "最优值 0.3",
        "shadow": "影子权重",
        "code": "编码",
        "bits": "比特数",
        "error": "留出集平方误差",
        "nearest": "就近取整",
        "feedback": "误差反馈",
        "late": "QAT 末 100 步",
        "best": "QAT 最好一步",
        "float": "全精度",
        "grid": "{bits} 比特，损失 {loss:.4f}",
    },
    "en": {
        "forward": "forward: rounded",
        "surrogate": "backward: as if this line",
        "weight": "shadow weight w",
        "steps": "update",
        "threshold": "threshold 0.5",
        "optimum": "optimum 0.3",
        "shadow": "shadow weight",
        "code": "code",
        "bits": "bits",
        "error": "held-out squared error",
        "nearest": "nearest",
        "feedback": "error feedback",
        "late": "QAT, last 100",
        "best": "QAT, best step",
        "float": "full precision",
        "grid": "{bits} bits, loss {loss:.4f}",
    },
}


def plain(ax: Axes) -> None:
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def staircase(ax: Axes, label: dict[str, str]) -> None:
    w = np.linspace(-2.2, 2.2, 881)
    q = quantize(w, np.ones(1), 2)
    ax.plot(w, q, color=BLUE, lw=2)
    line = np.clip(w, -1.5, 1.5)
    inside = np.abs(w) <= 1.5
    ax.plot(w[inside], line[inside], "--", color=ORANGE, lw=1.8)
    for edge in (-1.5, 1.5):
        way = [edge, np.sign(edge) * 2.2]
        ax.plot(way, [edge, edge], "--", color=ORANGE, lw=1.8)
    ax.text(-2.2, 2.0, label["surrogate"], color=ORANGE, size=12)
    ax.text(2.25, -1.9, label["forward"], color=BLUE, size=12, ha="right")
    ax.set(xlim=(-2.3, 2.3), ylim=(-2.2, 2.4), xticks=[-2, -1, 0, 1, 2])
    ax.set(yticks=[-1, 0, 1])
    ax.set_xlabel(label["weight"], size=12, color=MUTED)
    plain(ax)


def course(ax: Axes, label: dict[str, str]) -> None:
    w, code = one_weight_course(81).T
    ax.plot(code, "o", color=BLUE, ms=4)
    ax.plot(w, color=ORANGE, lw=2)
    ax.axhline(0.5, color=MUTED, lw=1, ls=":")
    ax.axhline(0.3, color=MUTED, lw=1, ls=":")
    ax.text(80, 0.55, label["threshold"], color=INK, size=12, ha="right")
    ax.text(80, 0.2, label["optimum"], color=INK, size=12, ha="right")
    ax.text(1, 0.55, label["shadow"], color=ORANGE, size=12)
    ax.text(1, 0.06, label["code"], color=BLUE, size=12)
    ax.set(xlim=(-1, 81), ylim=(-0.08, 1.08), yticks=[0, 0.5, 1])
    ax.set(xticks=[0, 20, 40, 60, 80])
    ax.set_xlabel(label["steps"], size=12, color=MUTED)
    plain(ax)


def estimator(language: str) -> Figure:
    """The staircase with what stands for it, and one weight under it."""
    figure = Figure(figsize=(6.4, 3.0))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(0.05, 0.18, 0.985, 0.97, wspace=0.18)
    staircase(left, LABELS[language])
    course(right, LABELS[language])
    return figure


def estimator_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.8))
    top, bottom = figure.subplots(2, 1)
    figure.subplots_adjust(0.09, 0.09, 0.97, 0.985, hspace=0.3)
    staircase(top, LABELS[language])
    course(bottom, LABELS[language])
    return figure


SERIES = {
    "nearest": (BLUE, "-", "o"),
    "feedback": (BLUE, (0, (6, 2.5)), "s"),
    "late": (ORANGE, (0, (2, 2)), "^"),
    "best": (ORANGE, "-", "D"),
}


def errors(language: str) -> Figure:
    """Held-out error over the number of bits."""
    label = LABELS[language]
    table = {bits: network_errors(bits) for bits in BITS}
    figure = Figure(figsize=(6.4, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.1, 0.15, 0.98, 0.9)
    at = np.arange(len(BITS))
    for name, (colour, dash, marker) in SERIES.items():
        line = [table[bits][name] for bits in BITS]
        ax.plot(at, line, color=colour, ls=dash, marker=marker, ms=6, lw=1.8)
        kwargs = {"color": INK, "size": 12, "va": "center"}
        ax.text(3.12, line[-1], label[name], **kwargs)
    full = table[8]["float"]
    ax.axhline(full, color=MUTED, lw=1, ls=":")
    ax.text(
        4.3, full, label["float"], color=INK, size=12, va="bottom", ha="right"
    )
    ax.set(yscale="log", xlim=(-0.15, 4.3), ylim=(4e-5, 0.5))
    ax.set_xticks(at, [str(bits) for bits in BITS])
    ax.set_xlabel(label["bits"], size=12, color=MUTED)
    ax.text(
        0, 1.03, label["error"], color=MUTED, size=12, transform=ax.transAxes
    )
    plain(ax)
    ax.minorticks_off()
    return figure


def errors_narrow(language: str) -> Figure:
    figure = errors(language)
    figure.set_size_inches(3.65, 3.8)
    figure.subplots_adjust(0.14, 0.14, 0.98, 0.9)
    figure.axes[0].set(xlim=(-0.15, 5.4))
    for text in figure.axes[0].texts:
        if text.get_text() == LABELS[language]["float"]:
            text.set_x(5.4)
        elif text.get_text() != LABELS[language]["error"]:
            text.set_x(3.22)
    return figure


def one_grid(ax: Axes, language: str, bits: int) -> None:
    """The weights above, below them the nearest values of the grid."""
    top = 2 ** (bits - 1) - 1
    step = np.abs(WEIGHTS).max() / top
    codes = quantize(WEIGHTS, np.full(3, step), bits)
    ax.plot([-1, 1], [0, 0], color=MUTED, lw=0.8)
    for code in range(-top, top + 1):
        at = code * step
        ax.plot([at, at], [-0.13, 0.13], color=MUTED, lw=0.8)
        text = f"{code}".replace("-", "−")
        ax.text(at, -0.3, text, color=MUTED, size=11, ha="center", va="top")
    for w, q in zip(WEIGHTS, codes, strict=True):
        ax.plot([w, q], [0.75, 0], color=ORANGE, lw=1.2)
        ax.plot(w, 0.75, "o", color=BLUE, ms=6)
        ax.plot(q, 0, "o", color=INK, ms=5)
        if bits == 2:
            side = {0.35: "right", 0.45: "left"}.get(float(w), "center")
            ax.text(w, 1.0, f"{w:g}", color=INK, size=11.5, ha=side)
    title = LABELS[language]["grid"].format(
        bits=bits, loss=loss_of_three(codes)
    )
    ax.text(-1, 0.78, title, color=INK, size=12)
    ax.set(xlim=(-1.06, 1.06), ylim=(-0.85, 1.45))
    ax.axis("off")


def grids(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.0))
    for row, bits in enumerate((2, 3, 4)):
        ax = figure.add_axes((0.01, 0.67 - 0.33 * row, 0.98, 0.33))
        one_grid(ax, language, bits)
    return figure


def grids_narrow(language: str) -> Figure:
    figure = grids(language)
    figure.set_size_inches(3.65, 3.0)
    return figure


FIGURES = {"estimator": estimator, "errors": errors, "grids": grids}
NARROW = {
    "estimator": estimator_narrow,
    "errors": errors_narrow,
    "grids": grids_narrow,
}
