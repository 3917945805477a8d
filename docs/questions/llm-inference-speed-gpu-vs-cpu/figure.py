"""Rooflines of a GPU and two CPUs, from the numbers of example.py."""

import numpy as np
from example import find, gpu_bounds, measured_row
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "server": "12 通道服务器",
        "desktop": "双通道台式机",
        "x": "算术强度，FLOP/B（16 位权重：每步的 token 数）",
        "x_short": "算术强度，FLOP/B",
        "y": "可达算力，TFLOP/s",
        "decode": "B = 1",
        "batch": "B = 32",
        "prefill": "预填充 4,096",
        "steps": "一步的毫秒数",
        "tokens": "批量",
        "bound": "总下界",
        "parts": "分项下界",
        "graph": "实测",
        "eager": "逐个启动",
    },
    "en": {
        "server": "12-channel server",
        "desktop": "two-channel desktop",
        "x": "intensity, FLOP/B (16-bit weights: tokens in a step)",
        "x_short": "intensity, FLOP/B",
        "y": "attainable TFLOP/s",
        "decode": "B = 1",
        "batch": "B = 32",
        "prefill": "prefill 4,096",
        "steps": "ms a step",
        "tokens": "batch",
        "bound": "bound",
        "parts": "by part",
        "graph": "measured",
        "eager": "launched one by one",
    },
}


def draw(ax: Axes, label: dict[str, str], wide: bool) -> None:
    x = np.geomspace(0.5, 8192, 200)
    for name, key, colour, style in [
        ("H100 SXM", "", BLUE, "-"),
        ("12 ch. DDR5-6400", "server", ORANGE, "-"),
        ("2 ch. DDR5-5600", "desktop", ORANGE, (0, (4, 2))),
    ]:
        device = find(name)
        assert device.flops
        roof = np.minimum(x * device.bandwidth, device.flops) / 1e12
        ax.plot(x, roof, color=colour, lw=2, ls=style)
        for tokens in (1, 32, 4096):
            at = min(tokens * device.bandwidth, device.flops) / 1e12
            ax.plot(tokens, at, "o", color=colour, ms=6)
        ax.text(
            8192,
            device.flops / 1e12 * 1.35,
            label[key] if key else "H100",
            color=colour,
            fontsize=12,
            ha="right",
        )
    for tokens, key in [(1, "decode"), (32, "batch"), (4096, "prefill")]:
        ax.axvline(tokens, color=GRID, lw=1, zorder=0)
        ax.text(
            tokens,
            0.021,
            label[key],
            color=INK,
            fontsize=12,
            ha="right" if key == "prefill" else "center",
            va="bottom",
        )
    ax.set(xscale="log", yscale="log", xlim=(0.5, 8192), ylim=(0.02, 3000))
    ax.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    ax.set_yticks([0.1, 1, 10, 100, 1000], ["0.1", "1", "10", "100", "1,000"])
    ax.minorticks_off()
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_title(label["y"], fontsize=12, color=INK, loc="left", pad=6)
    ax.set_xlabel(label["x" if wide else "x_short"], fontsize=12, color=INK)


def roofline(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.085, 0.14, 0.99, 0.92)
    draw(ax, LABELS[language], wide=True)
    return figure


def roofline_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.0))
    ax = figure.subplots()
    figure.subplots_adjust(0.14, 0.13, 0.985, 0.92)
    draw(ax, LABELS[language], wide=False)
    return figure


BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 384, 512)


def draw_measured(ax: Axes, label: dict[str, str]) -> None:
    """Milliseconds a step against the batch, context 512."""
    rows = [
        measured_row("decode", way="graph", batch=batch, context=512)
        for batch in BATCHES
    ]
    bounds = [gpu_bounds(row) for row in rows]
    ax.plot(
        BATCHES, [b[0] for b in bounds], color=MUTED, lw=1.4, ls=(0, (2, 2))
    )
    ax.plot(
        BATCHES, [b[1] for b in bounds], color=ORANGE, lw=1.8, ls=(0, (5, 2))
    )
    times = [row["ms"] for row in rows]
    ax.plot(BATCHES, times, color=BLUE, lw=2, marker="o", ms=4)
    few = (1, 8, 64, 512)
    eager = [
        measured_row("decode", way="eager", batch=batch)["ms"] for batch in few
    ]
    ax.plot(few, eager, "s", color=INK, ms=5)
    ax.text(1.1, 17.2, label["eager"], color=INK, fontsize=12)
    for name, y in (
        ("graph", times[-1]),
        ("parts", bounds[-1][1]),
        ("bound", bounds[-1][0]),
    ):
        ax.text(600, y, label[name], color=INK, fontsize=12, va="center")
    ax.set_xscale("log", base=2)
    ax.set(xlim=(0.9, 560), ylim=(0, 25), yticks=[0, 5, 10, 15, 20, 25])
    ticks = [1, 8, 64, 512]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.minorticks_off()
    ax.set_title(label["steps"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["tokens"], fontsize=12, color=INK, loc="right")


def measured(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.06, 0.15, 0.86, 0.91)
    draw_measured(ax, LABELS[language])
    return figure


def measured_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.1, 0.14, 0.75, 0.91)
    draw_measured(ax, LABELS[language])
    return figure


FIGURES = {"roofline": roofline, "measured": measured}
NARROW = {"roofline": roofline_narrow, "measured": measured_narrow}
