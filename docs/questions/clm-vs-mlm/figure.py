"""Two masks with their targets, and the loss a target over what is hidden."""

import numpy as np
from example import LENGTH, Mask, causal, curve, full
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "clm": "CLM：下三角",
        "mlm": "MLM：全部可见",
        "target": "目标",
        "clm_in": ["[始]", "猫", "坐", "在", "垫子"],
        "clm_out": ["猫", "坐", "在", "垫子", "上"],
        "mlm_in": ["猫", "[M]", "在", "垫子", "[M]"],
        "mlm_out": ["", "坐", "", "", "上"],
        "x": "10 个 token 里遮住几个",
        "y": "每个目标的损失（nat）",
        "one": "只遮 1 个：",
        "all": "全遮：",
        "line": "CLM 的平均，",
        "mean": "也是曲线的平均：",
    },
    "en": {
        "clm": "CLM: lower triangle",
        "mlm": "MLM: all visible",
        "target": "target",
        "clm_in": ["<s>", "cats", "sit", "on", "soft"],
        "clm_out": ["cats", "sit", "on", "soft", "mats"],
        "mlm_in": ["cats", "[M]", "on", "soft", "[M]"],
        "mlm_out": ["", "sit", "", "", "mats"],
        "x": "hidden tokens of 10",
        "y": "loss a target (nats)",
        "one": "one hidden: ",
        "all": "all hidden: ",
        "line": "mean of CLM",
        "mean": "and curve: ",
    },
}


def grid(
    ax: Axes, mask: Mask, shown: list[str], goals: list[str], title: str
) -> None:
    """Rows look at columns; a row with a target is bordered in orange."""
    size = len(mask)
    for i in range(size):
        for j in range(size):
            empty = shown[j] == "[M]"
            ax.add_patch(
                Rectangle(
                    (j + 0.04, i + 0.04),
                    0.92,
                    0.92,
                    facecolor=BLUE if mask[i, j] else "none",
                    alpha=(0.22 if empty else 0.6) if mask[i, j] else 1,
                    edgecolor="none" if mask[i, j] else GRID,
                    linewidth=1,
                )
            )
    for i, (word, goal) in enumerate(zip(shown, goals, strict=True)):
        ax.text(
            i + 0.5, -0.2, word, color=INK, size=11.5, ha="center", va="bottom"
        )
        ax.text(
            -0.15, i + 0.5, word, color=INK, size=11.5, ha="right", va="center"
        )
        ax.text(
            size + 0.2,
            i + 0.5,
            f"→ {goal}" if goal else "",
            color=ORANGE,
            size=12,
            va="center",
        )
    ax.text(
        size / 2, -1.25, title, color=INK, size=12.5, ha="center", va="bottom"
    )
    ax.set(xlim=(-1.35, size + 1.85), ylim=(size + 0.05, -1.9))
    ax.set_aspect("equal")
    ax.axis("off")


def both(axes: list[Axes], language: str) -> None:
    label = LABELS[language]
    for ax, name, mask in (
        (axes[0], "clm", causal(5)),
        (axes[1], "mlm", full(5)),
    ):
        shown, goals = label[f"{name}_in"], label[f"{name}_out"]
        grid(ax, mask, list(shown), list(goals), str(label[name]))


def masks(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.7))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0, 0, 1, 1, wspace=0)
    both(list(axes), language)
    return figure


def masks_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 6.1))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0, 0, 1, 1, hspace=0.02)
    both(list(axes), language)
    return figure


def draw_curve(ax: Axes, language: str) -> None:
    label, least = LABELS[language], curve()
    hidden = np.arange(1, LENGTH + 1)
    mean = least.mean()
    ax.plot(hidden, least, "o-", color=BLUE, lw=1.8, ms=6)
    ax.axhline(mean, color=ORANGE, lw=1.8, ls=(0, (5, 2)))
    lines = f"{label['line']}\n{label['mean']}{mean:.4f}"
    ax.text(1, mean + 0.025, lines, color=ORANGE, size=12, va="bottom")
    ax.text(
        1.35,
        least[0] - 0.012,
        f"{label['one']}{least[0]:.4f}",
        color=BLUE,
        size=12,
        va="top",
    )
    ax.text(
        LENGTH - 0.25,
        least[-1],
        f"{label['all']}{least[-1]:.4f}",
        color=BLUE,
        size=12,
        ha="right",
        va="center",
    )
    ax.set(xlim=(0.6, 10.4), ylim=(0.35, 1.15), xticks=hidden)
    ax.set_yticks([0.4, 0.6, 0.8, 1.0])
    ax.set_xlabel(str(label["x"]), size=12, color=INK)
    ax.set_title(str(label["y"]), loc="left", size=12, color=INK, pad=6)
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11)


def curve_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    ax = figure.subplots()
    figure.subplots_adjust(0.07, 0.16, 0.98, 0.91)
    draw_curve(ax, language)
    return figure


def curve_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.2))
    ax = figure.subplots()
    figure.subplots_adjust(0.11, 0.155, 0.98, 0.91)
    draw_curve(ax, language)
    return figure


FIGURES = {"masks": masks, "curve": curve_wide}
NARROW = {"masks": masks_narrow, "curve": curve_narrow}
