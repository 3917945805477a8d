"""The matrix steps of one layer, and what a prefix does to attention."""

from example import PATHS, heads
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "merged": "原模型，或合并后的 LoRA",
        "unmerged": "未合并的 LoRA（Q、V）",
        "adapter": "适配器，每层两个",
        "prefix": "前缀",
        "attn": "注意力",
        "longer": "多读 p 个 KV",
        "beside": "与 QKV 并行",
        "token": "token",
        "lost": "前缀占去",
        "base": "原模型",
        "with prefix": "加前缀：同乘 {:.3f}",
        "lora": "W_Q 上的 LoRA",
    },
    "en": {
        "merged": "base model, or LoRA merged",
        "unmerged": "LoRA unmerged (Q and V)",
        "adapter": "adapters, two a layer",
        "prefix": "prefix",
        "attn": "attn",
        "longer": "p more KV to read",
        "beside": "beside QKV",
        "token": "token",
        "lost": "to the prefix",
        "base": "base model",
        "with prefix": "with prefix: all × {:.3f}",
        "lora": "LoRA on W_Q",
    },
}


def box(
    ax: Axes, x: float, y: float, width: float, name: str, new: bool, size: int
) -> None:
    ax.add_patch(
        Rectangle(
            (x + 0.04, y - 0.28),
            width - 0.08,
            0.56,
            facecolor=ORANGE if new else "none",
            edgecolor=ORANGE if new else BLUE,
            alpha=0.16 if new else 1,
            lw=1.4,
        )
    )
    ax.text(
        x + width / 2,
        y,
        name,
        ha="center",
        va="center",
        fontsize=size,
        color=INK,
    )


def draw_paths(ax: Axes, language: str, size: int) -> None:
    label = LABELS[language]
    y = 0.0
    for kind, path in PATHS.items():
        ax.text(0, y, label[kind], fontsize=size + 1, color=INK, va="center")
        y += 0.66
        x = 0.0
        for step in path:
            new = step in ("A", "B", "d→m", "m→d")
            width = 1.0
            if kind == "prefix" and step == "attn":
                width = 1.25
            name = label["attn"] if step == "attn" else step
            box(ax, x, y, width, name, new, size)
            x += width
        if kind == "unmerged":
            y += 0.66
            box(ax, 0, y, 1.0, "QKV", False, size)
        if kind == "prefix":
            ax.text(
                x + 0.15,
                y,
                label["longer"],
                fontsize=size,
                color=ORANGE,
                va="center",
            )
        y += 0.92
    ax.set(xlim=(0, 9.05), ylim=(y - 0.45, -0.35))
    ax.axis("off")


def paths_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.9))
    draw_paths(figure.add_axes((0.005, 0.0, 0.99, 1.0)), language, 12)
    return figure


def paths_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.9))
    draw_paths(figure.add_axes((0.005, 0.0, 0.99, 1.0)), language, 9)
    return figure


def draw_heads(ax: Axes, language: str, size: int) -> None:
    label, found = LABELS[language], heads()
    rows = [
        ("base", "base", MUTED),
        ("prefix", "with prefix", ORANGE),
        ("LoRA on W_Q", "lora", BLUE),
    ]
    for row, (key, text, colour) in enumerate(rows):
        weights = found[key][0]
        base = -row * 1.25
        own = weights[-5:]
        ax.text(
            -0.45,
            base + 1.0,
            label[text].format(weights[-5:].sum()),
            fontsize=size,
            color=INK,
            ha="left",
        )
        for i, value in enumerate(own):
            ax.bar(i, value, width=0.62, bottom=base, color=colour)
            ax.text(
                i,
                base + value + 0.03,
                f"{value:.3f}",
                fontsize=size - 1,
                color=INK,
                ha="center",
            )
        lost = weights[:-5].sum()
        if lost > 0:
            ax.bar(
                5.3,
                lost,
                width=0.62,
                bottom=base,
                facecolor="none",
                edgecolor=colour,
                lw=1.4,
                ls=(0, (3, 2)),
            )
            ax.text(
                5.3,
                base + lost + 0.03,
                f"{lost:.3f}",
                fontsize=size - 1,
                color=INK,
                ha="center",
            )
            ax.text(
                5.3,
                base - 0.13,
                label["lost"],
                fontsize=size - 1,
                color=INK,
                ha="center",
            )
        ax.plot([-0.45, 5.75], [base, base], color=GRID, lw=1)
    for i in range(5):
        ax.text(
            i,
            -2.65,
            f"{label['token']} {i + 1}",
            fontsize=size - 1,
            color=MUTED,
            ha="center",
        )
    ax.set(xlim=(-0.5, 5.95), ylim=(-2.72, 1.2))
    ax.axis("off")


def heads_wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.3))
    draw_heads(figure.add_axes((0.0, 0.0, 1.0, 1.0)), language, 13)
    return figure


def heads_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.0))
    draw_heads(figure.add_axes((0.0, 0.0, 1.0, 1.0)), language, 10)
    return figure


FIGURES = {"paths": paths_wide, "heads": heads_wide}
NARROW = {"paths": paths_narrow, "heads": heads_narrow}
