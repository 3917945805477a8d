"""The figure of this page, drawn from what example.py computes."""

import numpy as np
from example import (
    FORMATS,
    GPU_TOKENS,
    W,
    X,
    codes,
    gpu_speedup,
    ridge,
    seconds,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "y": "相对 FP16 的加速上限",
        "x": "一次处理的 token 数",
        "W8A16": "W8A16",
        "W8A8 fused": "W8A8，量化并入",
        "W8A8 apart": "W8A8，量化另跑",
        "measured": "相对 FP16 的实测加速",
        "fp8": "FP8 乘积",
        "int8": "INT8 乘积",
        "kernels": "W8A8",
        "w8a16": "W8A16",
        "apart": "W8A16，另还原",
        "row": "{name}，一步 {step:.4f}",
        "sum": "编码相乘再相加：{total}，乘两个步长：{value:.4f}",
    },
    "en": {
        "y": "speed-up over FP16, at most",
        "x": "tokens at once",
        "W8A16": "W8A16",
        "W8A8 fused": "W8A8, fused",
        "W8A8 apart": "W8A8, apart",
        "measured": "speed-up over FP16, measured",
        "fp8": "FP8 product",
        "int8": "INT8 product",
        "kernels": "W8A8",
        "w8a16": "W8A16",
        "apart": "W8A16 apart",
        "row": "{name}, one step is {step:.4f}",
        "sum": "products of codes, summed: {total}, times both steps: {value:.4f}",
    },
}
LINES = {
    "W8A8 fused": (BLUE, "-", 2.05),
    "W8A8 apart": (BLUE, (0, (5, 2)), 1.52),
    "W8A16": (ORANGE, "-", 1.05),
}


def draw(ax: Axes, language: str, narrow: bool = False) -> None:
    label, tokens = (
        LABELS[language],
        np.unique(np.logspace(0, 13, 400, base=2)),
    )
    base = np.array([seconds(b, FORMATS["FP16"]) for b in tokens])
    for name, (colour, dash, height) in LINES.items():
        times = np.array([seconds(b, FORMATS[name]) for b in tokens])
        ax.plot(tokens, base / times, color=colour, ls=dash, lw=2)
        text = label[name]
        if narrow and name == "W8A8 apart":  # two lines below its own
            text, height = text.replace("，", "\n").replace(", ", "\n"), 1.41
        ax.text(8192, height, text, color=INK, size=12, ha="right")
    for name, side in ("W8A16", "right"), ("FP16", "left"):
        at = ridge(FORMATS[name])[1]
        ax.axvline(at, ymax=0.78, color=MUTED, lw=1, ls=":")
        ax.text(at, 0.86, f" {at:.0f} ", color=MUTED, size=11.5, ha=side)
    ax.set(xscale="log", xlim=(1, 8192), ylim=(0.82, 2.2), yticks=[1, 1.5, 2])
    ax.set_xticks([1, 8, 64, 1024, 8192], ["1", "8", "64", "1024", "8192"])
    ax.minorticks_off()
    ax.set_xlabel(label["x"], size=12, color=MUTED)
    text = label["y"]
    ax.text(0, 1.03, text, color=MUTED, size=12, transform=ax.transAxes)
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def speedup(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.16, 0.96, 0.9)
    draw(ax, language)
    return figure


def speedup_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.1, 0.16, 0.93, 0.9)
    draw(ax, language, narrow=True)
    return figure


MEASURED = {
    "fp8": ("fp8 product", BLUE, "-", (1, 1.47)),
    "int8": ("int8 product", BLUE, (0, (5, 2)), (8192, 1.42)),
    "kernels": ("w8a8 kernels", INK, (0, (2, 2)), (1, 0.5)),
    "w8a16": ("w8a16 fused", ORANGE, "-", (1, 1.23)),
    "apart": ("w8a16 apart", ORANGE, (0, (5, 2)), (1, 0.28)),
}


def draw_measured(ax: Axes, language: str) -> None:
    """Speed-ups of a 4096 x 4096 layer over FP16, against the tokens."""
    label = LABELS[language]
    for height in (1, 2):
        ax.axhline(height, color=MUTED, lw=1, ls=":")
    for name, (case, colour, dash, spot) in MEASURED.items():
        points = [(n, gpu_speedup(case, n)) for n in GPU_TOKENS]
        known = [(n, gain) for n, gain in points if gain is not None]
        ax.plot(
            [n for n, _ in known],
            [gain for _, gain in known],
            color=colour,
            ls=dash,
            lw=2,
            marker="o",
            ms=3.5,
        )
        side = "right" if spot[0] > 1 else "left"
        ax.text(*spot, label[name], color=INK, size=12, ha=side)
    ax.set(xscale="log", xlim=(0.9, 9000), ylim=(0, 2.3), yticks=[0, 1, 2])
    ax.set_xticks([1, 8, 64, 1024, 8192], ["1", "8", "64", "1024", "8192"])
    ax.minorticks_off()
    ax.set_xlabel(label["x"], size=12, color=MUTED)
    text = label["measured"]
    ax.text(0, 1.03, text, color=MUTED, size=12, transform=ax.transAxes)
    bare_axes(ax, 11.5)


def measured(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.05, 0.16, 0.97, 0.9)
    draw_measured(ax, language)
    return figure


def measured_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.2))
    ax = figure.subplots()
    figure.subplots_adjust(0.07, 0.13, 0.95, 0.92)
    draw_measured(ax, language)
    return figure


def signed(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def integers(language: str) -> Figure:
    """The dot product of the example: values above, their codes below."""
    label, figure = LABELS[language], Figure(figsize=(6.4, 2.6))
    (q_x, s_x), (q_w, s_w) = codes(X), codes(W)
    rows = ("x", X, q_x, s_x), ("w", W, q_w, s_w)
    for row, (name, values, integer, step) in enumerate(rows):
        ax = figure.add_axes((0.0, 0.57 - 0.4 * row, 1.0, 0.43))
        ax.plot([-127, 127], [0, 0], color=MUTED, lw=0.8)
        for end in (-127, 0, 127):
            ax.plot([end, end], [-0.1, 0.1], color=MUTED, lw=0.8)
        for value, code in zip(values, integer, strict=True):
            ax.plot(code, 0, "o", color=BLUE, ms=6)
            # The one next to 0.5 gives way.
            side = "right" if code == -1 else "center"
            ax.text(code, 0.3, signed(value), color=INK, size=11.5, ha=side)
            ax.text(
                code,
                -0.3,
                signed(code),
                color=MUTED,
                size=11.5,
                ha="center",
                va="top",
            )
        text = label["row"].format(name=name, step=step)
        ax.text(-127, 0.95, text, color=INK, size=12)
        ax.set(xlim=(-136, 136), ylim=(-0.9, 1.5))
        ax.axis("off")
    total = int(q_x.astype(int) @ q_w.astype(int))
    text = label["sum"].format(total=total, value=total * s_x * s_w)
    figure.text(0.033, 0.05, text, color=INK, size=12)
    return figure


def integers_narrow(language: str) -> Figure:
    figure = integers(language)
    figure.set_size_inches(3.65, 2.8)
    for ax in figure.axes:
        ax.set_xlim(-136, 144)  # room for half of the last code
    text = figure.texts[0].get_text()
    text = text.replace("，", "\n").replace(", times", "\ntimes")
    figure.texts[0].set(text=text, y=0.02)
    return figure


FIGURES = {
    "integers": integers,
    "measured": measured,
    "speedup": speedup,
}
NARROW = {
    "integers": integers_narrow,
    "measured": measured_narrow,
    "speedup": speedup_narrow,
}
