"""Who reads which KV head, and the cache on each GPU, from example.py."""

from example import GPUS, LATENT, ROPE_WIDTH, SCHEMES
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import (
    BLUE,
    GRID,
    INK,
    MUTED,
    OCHRE,
    ORANGE,
    VIOLET,
    bare_axes,
)

SHOWN = 8  # query heads drawn in the first figure
LABELS = {
    "zh": {
        "MHA": "缓存 8 个 KV 头",
        "GQA": "缓存 2 个 KV 头",
        "MQA": "缓存 1 个 KV 头",
        "MLA": "缓存 1 个潜向量",
        "gib": "每张 GPU 上的缓存，GiB",
        "gpus": "张量并行度",
    },
    "en": {
        "MHA": "8 KV heads cached",
        "GQA": "2 KV heads cached",
        "MQA": "1 KV head cached",
        "MLA": "1 latent cached",
        "gib": "cache on each GPU, GiB",
        "gpus": "tensor-parallel degree",
    },
}
STYLE = {
    "MHA": (BLUE, "-", "o"),
    "GQA-8": (ORANGE, (0, (6, 2.5)), "s"),
    "MQA": (OCHRE, (0, (2, 2)), "^"),
    "MLA": (VIOLET, (0, (9, 2, 2, 2)), "D"),
}


def square(ax: Axes, x: float, y: float, w: float, stored: bool) -> None:
    """A head, centred at x; what is cached is filled."""
    ax.add_patch(
        Rectangle(
            (x - w / 2, y),
            w,
            0.5,
            fc=BLUE if stored else "none",
            ec=BLUE if stored else INK,
            lw=1.2,
        )
    )


def sharing_panel(
    ax: Axes, label: dict[str, str], name: str, kv_heads: int
) -> None:
    ax.set(xlim=(-0.6, 7.6), ylim=(-0.5, 4.4))
    ax.axis("off")
    for i in range(SHOWN):
        square(ax, i, 2.7, 0.62, False)
    if name == "MLA":
        for i in range(SHOWN):
            ax.add_patch(
                Rectangle(
                    (i - 0.31, 1.3), 0.62, 0.5, fc="none", ec=MUTED, ls=":"
                )
            )
            ax.plot([i, i], [1.84, 2.66], color=INK, lw=1)
            ax.plot([i, 3.5], [1.26, 0.54], color=MUTED, lw=1, ls=":")
        # Widths as in the cache: 2.25 KV heads, one of which is 0.62 wide.
        square(ax, 3.5, 0, 0.62 * 2.25, True)
        at = 3.5 + 0.62 * 2.25 * (LATENT / (LATENT + ROPE_WIDTH) - 0.5)
        ax.plot([at, at], [0, 0.5], color=GRID, lw=1.2)
        ax.text(4.4, 0.12, f"{LATENT} + {ROPE_WIDTH}", color=INK, size=12)
    else:
        for i in range(SHOWN):
            group = i * kv_heads // SHOWN
            at = (group + 0.5) * SHOWN / kv_heads - 0.5
            ax.plot([i, at], [2.66, 0.54], color=INK, lw=1)
        for group in range(kv_heads):
            square(ax, (group + 0.5) * SHOWN / kv_heads - 0.5, 0, 0.62, True)
    ax.text(-0.35, 3.75, name, color=INK, size=13, fontweight="bold")
    ax.text(7.35, 3.75, label[name], color=MUTED, size=12, ha="right")


def sharing_axes(axes: list[Axes], language: str) -> None:
    counts = {"MHA": 8, "GQA": 2, "MQA": 1, "MLA": 0}
    for ax, (name, kv_heads) in zip(axes, counts.items(), strict=True):
        sharing_panel(ax, LABELS[language], name, kv_heads)


def sharing(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.3))
    axes = figure.subplots(2, 2)
    figure.subplots_adjust(0.0, 0.0, 1.0, 1.0, wspace=0.08, hspace=0.06)
    sharing_axes(list(axes.flat), language)
    return figure


def sharing_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 8.0))
    axes = figure.subplots(4, 1)
    figure.subplots_adjust(0.0, 0.0, 1.0, 1.0, hspace=0.04)
    sharing_axes(list(axes), language)
    return figure


def draw(ax: Axes, language: str) -> None:
    label = LABELS[language]
    ax.set(xscale="log", yscale="log", xlim=(0.93, 36), ylim=(0.09, 5.6))
    for one in SCHEMES:
        colour, dash, mark = STYLE[one.name]
        values = [one.per_gpu(t) for t in GPUS]
        ax.plot(GPUS, values, color=colour, ls=dash, lw=1.9)
        ax.plot(GPUS, values, mark, color=colour, ms=6)
    for name, x, y in [
        ("MHA", 1.12, 4.15),
        ("GQA-8", 1.12, 1.04),
        ("MLA", 1.0, 0.32),
        ("MQA", 1.0, 0.142),
    ]:
        ax.text(x, y, name, color=INK, size=12.5)
    ax.set_xticks(GPUS, [str(t) for t in GPUS])
    ax.set_yticks([0.125, 0.25, 0.5, 1, 2, 4])
    ax.set_yticklabels(["0.125", "0.25", "0.5", "1", "2", "4"])
    ax.minorticks_off()
    ax.set_title(label["gib"], loc="left", size=12.5, color=INK, pad=8)
    ax.set_xlabel(label["gpus"], size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def parallel(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.5))
    ax = figure.subplots()
    figure.subplots_adjust(0.085, 0.15, 0.985, 0.9)
    draw(ax, language)
    return figure


def parallel_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.5))
    ax = figure.subplots()
    figure.subplots_adjust(0.135, 0.15, 0.98, 0.9)
    draw(ax, language)
    return figure


FIGURES = {"sharing": sharing, "parallel": parallel}
NARROW = {"sharing": sharing_narrow, "parallel": parallel_narrow}
