"""Passes with and without a cache, and its size, from example.py."""

from collections.abc import Callable

import numpy as np
from example import MODELS, RECORD, measured_row, work
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "without": "没有缓存：每一遍重算前缀",
        "with": "有缓存：只算新的 token",
        "prefill": "预填充",
        "step": "第 {} 步",
        "sum": "共算 {} 个",
        "computed": "算 k、v",
        "read": "从缓存读",
        "tokens": "缓存的 token 数",
        "matrices": "7B 的权重矩阵",
        "kept": "有缓存",
        "again": "重算整个前缀",
        "bound": "点线：只算读写 / 运算",
        "length": "已有的 token 数",
        "ms": "毫秒每 token",
    },
    "en": {
        "without": "no cache: redo the prefix",
        "with": "cache: the new token only",
        "prefill": "prefill",
        "step": "step {}",
        "sum": "{} computed",
        "computed": "k, v computed",
        "read": "read from the cache",
        "tokens": "tokens cached",
        "matrices": "weights of 7B",
        "kept": "with a cache",
        "again": "whole prefix again",
        "bound": "dotted: bytes or FLOP alone",
        "length": "tokens so far",
        "ms": "ms a token",
    },
}

PROMPT, NEW = 4, 4


def panel(ax: Axes, label: dict[str, str], cached: bool) -> None:
    """One row a pass, one cell a position."""
    last = PROMPT + NEW - 1
    ax.set(xlim=(-2.3, last + 0.1), ylim=(NEW + 1.0, -1.0), aspect="equal")
    ax.axis("off")
    ax.text(
        -2.25,
        -0.45,
        label["with" if cached else "without"],
        color=INK,
        fontsize=12,
    )
    for step in range(NEW):
        name = label["step"].format(step) if step else label["prefill"]
        ax.text(-0.25, step + 0.62, name, color=INK, fontsize=11, ha="right")
        for position in range(PROMPT + step):
            new = not cached or step == 0 or position == PROMPT + step - 1
            ax.add_patch(
                Rectangle(
                    (position + 0.06, step + 0.06),
                    0.88,
                    0.88,
                    facecolor=ORANGE if new else "none",
                    edgecolor=ORANGE if new else BLUE,
                    lw=1.5,
                )
            )
    total = work(PROMPT, NEW)[1 if cached else 0]
    ax.text(
        last,
        NEW + 0.7,
        label["sum"].format(total),
        color=INK,
        fontsize=12,
        ha="right",
    )


def key(figure: Figure, label: dict[str, str], y: float, x: float) -> None:
    """What the two kinds of cell mean."""
    ax = figure.add_axes((x, y, 1 - x, 0.09))
    width = figure.get_figwidth() * (1 - x)
    ax.set(xlim=(0, width), ylim=(0, figure.get_figheight() * 0.09))
    ax.axis("off")
    side = 0.16
    for at, face, edge, name in [
        (0.05, ORANGE, ORANGE, "computed"),
        (1.75, "none", BLUE, "read"),
    ]:
        ax.add_patch(
            Rectangle((at, 0.06), side, side, facecolor=face, edgecolor=edge)
        )
        ax.text(at + 0.26, 0.085, label[name], color=INK, fontsize=12)


def passes(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.45))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.0, 0.08, 1.0, 1.0, wspace=0.05)
    for ax, cached in zip(axes, (False, True), strict=True):
        panel(ax, LABELS[language], cached)
    key(figure, LABELS[language], 0.0, 0.12)
    return figure


def passes_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.1))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.0, 0.06, 1.0, 1.0, hspace=0.02)
    for ax, cached in zip(axes, (False, True), strict=True):
        panel(ax, LABELS[language], cached)
    key(figure, LABELS[language], 0.0, 0.02)
    return figure


def draw_size(ax: Axes, label: dict[str, str]) -> None:
    x = np.array([1024.0, 2**17])
    styles = {
        "Llama 2 7B": (ORANGE, "-"),
        "Llama 3 70B": (INK, (0, (7, 3))),
        "Llama 3 8B": (BLUE, "-"),
        "DeepSeek-V3": (MUTED, (0, (2, 2))),
    }
    for name, (colour, dash) in styles.items():
        y = MODELS[name] * x / 2**30
        ax.plot(x, y, color=colour, ls=dash, lw=2)
        ax.annotate(
            name,
            (x[1], y[1]),
            (6, 4 if name in ("Llama 2 7B", "Llama 3 8B") else -5),
            textcoords="offset points",
            color=INK,
            fontsize=12,
            va="center",
        )
    matrices = 2 * (32 * (4 * 4096**2 + 3 * 4096 * 11_008) + 4096 * 32_000)
    ax.axhline(matrices / 2**30, color=MUTED, lw=1, ls=(0, (3, 3)))
    ax.text(
        1100,
        matrices / 2**30 * 1.12,
        label["matrices"],
        color=INK,
        fontsize=11,
    )
    ax.plot(
        matrices / MODELS["Llama 2 7B"],
        matrices / 2**30,
        "o",
        color=ORANGE,
        ms=7,
    )
    ax.set_xscale("log", base=2)
    ax.set_yscale("log", base=2)
    ax.set(xlim=(1024, 2**17), ylim=(1 / 16, 80))
    ticks = [2**10, 2**12, 2**14, 2**17]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.set_yticks([0.125, 0.5, 2, 8, 32], ["0.125", "0.5", "2", "8", "32"])
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title("GiB", fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["tokens"], fontsize=12, color=INK, loc="right")


def size(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.08, 0.15, 0.8, 0.91)
    draw_size(ax, LABELS[language])
    return figure


def size_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.13, 0.15, 0.67, 0.91)
    draw_size(ax, LABELS[language])
    ax.set_xticks([2**10, 2**14, 2**17], ["1,024", "16,384", "131,072"])
    return figure


LENGTHS = [128, 512, 1024, 2048, 4096, 8192, 16_384]


def draw_measured(ax: Axes, label: dict[str, str]) -> None:
    """Milliseconds a token against the tokens so far, and the bounds."""
    rates = RECORD["ceilings"]
    kept = [
        measured_row("with cache", way="graph", context=n) for n in LENGTHS
    ]
    again = [measured_row("whole prefix", context=n) for n in LENGTHS]
    read = [1e3 * r["moved_bytes"] / rates["read_bytes_per_s"] for r in kept]
    # Short prefixes are bound by reading the weights, too.
    work = [
        max(low, 1e3 * r["flop"] / rates["bf16_flop_per_s"])
        for low, r in zip(read, again, strict=True)
    ]
    for bound in (read, work):
        ax.plot(LENGTHS, bound, color=MUTED, lw=1.4, ls=(0, (2, 2)))
    for rows, colour in ((kept, BLUE), (again, ORANGE)):
        times = [r["ms"] for r in rows]
        ax.plot(LENGTHS, times, color=colour, lw=2, marker="o", ms=4)
    ax.text(2200, 7.2, label["kept"], color=INK, fontsize=12)
    ax.text(1900, 150, label["again"], color=INK, fontsize=12, ha="right")
    ax.text(400, 2.3, label["bound"], color=MUTED, fontsize=11.5)
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set(xlim=(115, 18_000), ylim=(1.8, 800))
    ticks = [128, 1024, 4096, 16_384]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.set_yticks([2, 10, 100, 500], ["2", "10", "100", "500"])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.minorticks_off()
    ax.set_title(label["ms"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["length"], fontsize=12, color=INK, loc="right")


def measured(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.07, 0.16, 0.97, 0.91)
    draw_measured(ax, LABELS[language])
    return figure


def measured_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.11, 0.15, 0.95, 0.91)
    draw_measured(ax, LABELS[language])
    return figure


Draw = Callable[[str], Figure]
FIGURES: dict[str, Draw] = {
    "passes": passes,
    "size": size,
    "measured": measured,
}
NARROW: dict[str, Draw] = {
    "passes": passes_narrow,
    "size": size_narrow,
    "measured": measured_narrow,
}
