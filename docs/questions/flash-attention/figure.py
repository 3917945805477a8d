"""The walk over the tiles and the HBM traffic, from example.py."""

from collections.abc import Callable

from example import (
    RECORD,
    measured_row,
    traffic_dense,
    traffic_fa1,
    traffic_fa2,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "hbm": "HBM：Q、K、V、O",
        "chip": "片上：一格分数",
        "state": "与每行的 m、ℓ、o",
        "skip": "空白格：全被掩码，跳过",
        "dense": "标准：写出、读回 S 与 P",
        "keys": "K、V 在外（FA1）",
        "queries": "Q 在外（FA2）",
        "again": "反复读写的 Q、O、m、ℓ",
        "kv": "反复读的 K、V",
        "axis": "百万个元素",
        "naive": "朴素",
        "flash": "FA2",
        "cudnn": "cuDNN",
        "moved": "点线：只算朴素的搬运",
        "length": "长度",
        "ms": "毫秒",
    },
    "en": {
        "hbm": "HBM: Q, K, V, O",
        "chip": "on chip: one tile of scores",
        "state": "and m, ℓ, o of its rows",
        "skip": "blank: all masked, skipped",
        "dense": "standard: S and P out and back",
        "keys": "K, V outside (FA1)",
        "queries": "Q outside (FA2)",
        "again": "Q, O, m, ℓ again and again",
        "kv": "K, V again and again",
        "axis": "million elements",
        "naive": "naive",
        "flash": "FA2",
        "cudnn": "cuDNN",
        "moved": "dotted: naive traffic alone",
        "length": "length",
        "ms": "ms",
    },
}

TILES, ROW, DONE = 5, 3, 2


def box(
    ax: Axes, x: float, y: float, w: float, h: float, edge: str, face: str
) -> None:
    ax.add_patch(
        Rectangle((x, y), w, h, facecolor=face, edgecolor=edge, lw=1.5)
    )


def draw_walk(ax: Axes) -> None:
    """Row tile ROW, its tiles up to DONE - 1 folded in, DONE on the chip."""
    ax.set(xlim=(-1.15, TILES + 0.95), ylim=(TILES + 0.1, -1.95))
    ax.set_aspect("equal")
    ax.axis("off")
    for i in range(TILES):
        here = i == ROW
        edge = ORANGE if here else MUTED
        box(ax, -1.0, i + 0.06, 0.6, 0.88, edge, "none")
        ax.text(-0.7, i + 0.6, f"Q{i}", color=INK, fontsize=12, ha="center")
        box(ax, TILES + 0.2, i + 0.06, 0.6, 0.88, edge, "none")
        ax.text(
            TILES + 0.5, i + 0.6, f"O{i}", color=INK, fontsize=12, ha="center"
        )
        edge = ORANGE if i == DONE else MUTED
        for y, name in ((-1.85, "K"), (-1.0, "V")):
            box(ax, i + 0.06, y, 0.88, 0.7, edge, "none")
            ax.text(
                i + 0.5,
                y + 0.48,
                f"{name}{i}",
                color=INK,
                fontsize=12,
                ha="center",
            )
        for j in range(i + 1):
            current, folded = here and j == DONE, here and j < DONE
            box(
                ax,
                j + 0.06,
                i + 0.06,
                0.88,
                0.88,
                ORANGE if current else BLUE if folded else GRID,
                ORANGE if current else "none",
            )
            if folded:
                ax.plot(
                    [j + 0.3, j + 0.45, j + 0.72],
                    [i + 0.55, i + 0.7, i + 0.35],
                    color=BLUE,
                    lw=1.8,
                )
    ax.annotate(
        "",
        (DONE + 1.75, ROW + 0.5),
        (DONE + 0.95, ROW + 0.5),
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.5},
    )


def walk(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(6.4, 3.3))
    ax = figure.add_axes((0.0, 0.0, 0.56, 1.0))
    draw_walk(ax)
    for y, name, colour in [
        (0.86, "hbm", MUTED),
        (0.47, "chip", ORANGE),
        (0.39, "state", ORANGE),
        (0.25, "skip", MUTED),
    ]:
        if name != "state":
            figure.add_artist(
                Rectangle(
                    (0.59, y - 0.005),
                    0.022,
                    0.045,
                    facecolor=colour if name == "chip" else "none",
                    edgecolor=colour if name != "skip" else "none",
                )
            )
        figure.text(0.63, y, label[name], color=INK, fontsize=12)
    return figure


def walk_narrow(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 4.75))
    ax = figure.add_axes((0.0, 0.21, 1.0, 0.79))
    draw_walk(ax)
    for y, name in [(0.15, "hbm"), (0.1, "chip"), (0.055, "state")]:
        if name != "state":
            figure.add_artist(
                Rectangle(
                    (0.06, y - 0.003),
                    0.035,
                    0.027,
                    facecolor=ORANGE if name == "chip" else "none",
                    edgecolor=ORANGE if name == "chip" else MUTED,
                )
            )
        figure.text(0.13, y, label[name], color=INK, fontsize=12)
    figure.text(0.13, 0.008, label["skip"], color=INK, fontsize=12)
    return figure


def draw_traffic(ax: Axes, label: dict[str, str]) -> None:
    n, d = 4096, 64
    whole = [
        traffic_dense(n, d),
        traffic_fa1(n, d, 98_304),
        traffic_fa2(n, d, 128),
    ]
    # Each input and the output once; the rest is what the method adds.
    once = [4 * n * d, 2 * n * d, 2 * n * d]
    for y, (total, base) in enumerate(zip(whole, once, strict=True)):
        ax.barh(y, base / 1e6, height=0.42, color=BLUE)
        ax.barh(
            y,
            (total - base) / 1e6,
            left=base / 1e6,
            height=0.42,
            color=ORANGE,
        )
        name = label[("dense", "keys", "queries")[y]]
        what = label["again"] if y == 1 else label["kv"]
        ax.text(0, y - 0.32, name, color=INK, fontsize=12)
        ax.text(
            70,
            y - 0.32,
            f"{total / 1e6:.1f}",
            color=INK,
            fontsize=12,
            ha="right",
        )
        if y:
            ax.text(total / 1e6 + 1.2, y + 0.06, what, color=INK, fontsize=12)
    ax.set(xlim=(0, 70), ylim=(2.35, -0.62))
    ax.set_yticks([])
    ax.set_xticks([0, 20, 40, 60])
    ax.set_axisbelow(True)
    ax.grid(axis="x", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.set_xlabel(label["axis"], fontsize=12, color=INK, loc="right")


def traffic(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.7))
    ax = figure.subplots()
    figure.subplots_adjust(0.02, 0.2, 0.98, 1.0)
    draw_traffic(ax, LABELS[language])
    return figure


def traffic_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.9))
    ax = figure.subplots()
    figure.subplots_adjust(0.03, 0.19, 0.97, 1.0)
    draw_traffic(ax, LABELS[language])
    return figure


LENGTHS = [2**i for i in range(9, 16)]


def draw_measured(ax: Axes, label: dict[str, str]) -> None:
    """Milliseconds of 16 heads of 64 without a mask, against length."""
    what = {"way": "graph", "head_width": 64, "causal": False}
    copy = RECORD["ceilings"]["copy_bytes_per_s"]
    moved = [1e3 * 32 * traffic_dense(n, 64) / copy for n in LENGTHS]
    ax.plot(LENGTHS, moved, color=MUTED, lw=1.4, ls=(0, (2, 2)))
    ax.text(500, 25, label["moved"], color=MUTED, fontsize=11.5)
    for case, colour, dash, rise in [
        ("naive", ORANGE, "-", 1.25),
        ("flash", BLUE, (0, (5, 2)), 1.0),
        ("cudnn", BLUE, "-", 0.72),
    ]:
        times = [measured_row(case, length=n, **what)["ms"] for n in LENGTHS]
        ax.plot(LENGTHS, times, color=colour, ls=dash, lw=2, marker="o", ms=4)
        ax.text(
            LENGTHS[-1] * 1.15,
            times[-1] * rise,
            label[case],
            color=INK,
            fontsize=12,
            va="center",
        )
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set(xlim=(460, 2**15 * 1.1), ylim=(0.006, 90))
    ticks = [512, 2048, 8192, 32768]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11)
    ax.minorticks_off()
    ax.set_title(label["ms"], fontsize=12, color=INK, loc="left", pad=5)
    ax.set_xlabel(label["length"], fontsize=12, color=INK, loc="right")


def measured(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.08, 0.15, 0.88, 0.91)
    draw_measured(ax, LABELS[language])
    return figure


def measured_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.13, 0.15, 0.8, 0.91)
    draw_measured(ax, LABELS[language])
    return figure


Draw = Callable[[str], Figure]
FIGURES: dict[str, Draw] = {
    "walk": walk,
    "traffic": traffic,
    "measured": measured,
}
NARROW: dict[str, Draw] = {
    "walk": walk_narrow,
    "traffic": traffic_narrow,
    "measured": measured_narrow,
}
