"""Which cells a new turn computes, and the spectra of example.py."""

import numpy as np
from example import TOKENS, Mask, causal, full_prefix, spectra, turn_by_turn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import (
    BLUE,
    GRID,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    bare_axes,
)

OLD, ALL = 5, 8  # turn 1: input 3, reply 2; turn 2: input 3
LABELS = {
    "zh": {
        "causal": "因果",
        "turn": "前缀，逐轮",
        "prefix": "前缀，全部历史",
        "count": "新算 {} / {}",
        "first": "第 1 轮",
        "second": "第 2 轮",
        "scores": "softmax 之前",
        "free": "双向",
        "bound": "因果",
        "x": "奇异值序号",
        "y": "奇异值",
    },
    "en": {
        "causal": "causal",
        "turn": "prefix, by turn",
        "prefix": "prefix, all history",
        "count": "{} of {} new",
        "first": "turn 1",
        "second": "turn 2",
        "scores": "before softmax",
        "free": "bidirectional",
        "bound": "causal",
        "x": "singular value no.",
        "y": "singular value",
    },
}


def cells(ax: Axes, before: Mask, after: Mask) -> tuple[int, int]:
    """Blue: as cached from turn 1. Orange: computed when turn 2 arrives."""
    kept = np.zeros_like(after)
    if (after[:OLD, OLD:]).sum() == 0:  # old rows see nothing new
        np.testing.assert_array_equal(after[:OLD, :OLD], before)
        kept[:OLD, :OLD] = before
    for m in range(ALL):
        for n in range(ALL):
            if not after[m, n]:
                face, edge = "none", GRID
            else:
                face = BLUE if kept[m, n] else ORANGE
                edge = face
            ax.add_patch(
                Rectangle(
                    (n + 0.06, m + 0.06),
                    0.88,
                    0.88,
                    facecolor=face,
                    edgecolor=edge,
                    lw=0.6,
                )
            )
            if after[m, n] and not kept[m, n]:
                ax.plot(n + 0.5, m + 0.5, "o", ms=2.4, color=PAPER)
    return int(after.sum() - kept.sum()), int(after.sum())


def panels(
    figure: Figure, axes: list[Axes], language: str, size: float
) -> None:
    label = LABELS[language]
    cases = {
        "causal": (causal(OLD), causal(ALL)),
        "turn": (turn_by_turn([(3, 2)]), turn_by_turn([(3, 2), (3, 0)])),
        "prefix": (full_prefix(OLD, 3), full_prefix(ALL, ALL)),
    }
    for ax, (name, (before, after)) in zip(axes, cases.items(), strict=True):
        new, visible = cells(ax, before, after)
        ax.set(xlim=(-0.1, ALL + 0.1), ylim=(ALL + 0.1, -0.1), aspect="equal")
        ax.axis("off")
        ax.plot([-0.1, ALL + 0.1], [OLD, OLD], color=INK, lw=0.9)
        ax.plot([OLD, OLD], [-0.1, ALL + 0.1], color=INK, lw=0.9)
        ax.set_title(label[name], size=size, color=INK, pad=18)
        for at, turn in ((OLD / 2, "first"), ((OLD + ALL) / 2, "second")):
            ax.text(
                at,
                -0.35,
                label[turn],
                color=MUTED,
                size=size - 1.5,
                ha="center",
            )
        ax.text(
            ALL / 2,
            ALL + 0.35,
            label["count"].format(new, visible),
            color=INK,
            size=size,
            ha="center",
            va="top",
        )


def masks(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.75))
    axes = list(figure.subplots(1, 3))
    figure.subplots_adjust(0.01, 0.1, 0.99, 0.82, wspace=0.12)
    panels(figure, axes, language, 12.5)
    return figure


def masks_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 8.6))
    axes = list(figure.subplots(3, 1))
    figure.subplots_adjust(0.06, 0.04, 0.94, 0.94, hspace=0.42)
    panels(figure, axes, language, 13)
    return figure


def spectrum_in(figure: Figure, language: str) -> Figure:
    label, values = LABELS[language], spectra()
    ax = figure.subplots()
    number = np.arange(1, TOKENS + 1)
    styles = {
        "scores": (MUTED, (0, (2, 2)), "^", 1.5),
        "bidirectional": (BLUE, "-", "o", 1.9),
        "causal": (ORANGE, (0, (6, 2.5)), "s", 1.9),
    }
    for name, (colour, dash, marker, width) in styles.items():
        s = values[name][:8] if name == "scores" else values[name]
        ax.plot(number[: s.size], s, color=colour, ls=dash, lw=width)
        ax.plot(s.size, s[-1], marker, color=colour, ms=6)
    ax.set(yscale="log", xlim=(0, 68), ylim=(1e-15, 1e3))
    ax.set_yticks([1e-12, 1e-8, 1e-4, 1])
    ax.set_yticklabels(["10⁻¹²", "10⁻⁸", "10⁻⁴", "1"])
    ax.set_xticks([1, 16, 32, 48, 64])
    ax.text(9.5, 12, label["scores"], color=INK, size=12, va="center")
    ax.text(61, 3e-5, label["free"], color=INK, size=12, ha="right", va="top")
    ax.text(62, 3e-11, label["bound"], color=INK, size=12, ha="right")
    ax.text(0, 1.03, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)
    ax.minorticks_off()
    figure.subplots_adjust(0.1, 0.16, 0.99, 0.9)
    return figure


def spectrum(language: str) -> Figure:
    return spectrum_in(Figure(figsize=(6.4, 3.4)), language)


def spectrum_narrow(language: str) -> Figure:
    figure = spectrum_in(Figure(figsize=(3.65, 3.6)), language)
    figure.subplots_adjust(0.15, 0.15, 0.99, 0.91)
    return figure


FIGURES = {"masks": masks, "spectrum": spectrum}
NARROW = {"masks": masks_narrow, "spectrum": spectrum_narrow}
