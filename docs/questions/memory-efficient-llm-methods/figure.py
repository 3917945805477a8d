"""The ledger of example.py and its inference as stacked bars."""

from example import inference, ledger
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, INK, MUTED, OCHRE, ORANGE

LABELS = {
    "zh": {
        "parts": ["权重", "梯度与优化器", "激活", "logits"],
        "rows": [
            "AdamW",
            "8 位 Adam",
            "ZeRO-3，8 卡",
            "LoRA",
            "QLoRA",
            "再加检查点",
            "再把损失分块",
        ],
        "inference": ["16 位", "4 位权重", "缓存也 4 位"],
        "stored": ["权重", "KV 缓存"],
    },
    "en": {
        "parts": ["weights", "gradients, optimizer", "activations", "logits"],
        "rows": [
            "AdamW",
            "8-bit Adam",
            "ZeRO-3, 8 GPUs",
            "LoRA",
            "QLoRA",
            "+ checkpoints",
            "+ loss chunks",
        ],
        "inference": ["16 bits", "4-bit weights", "and 4-bit cache"],
        "stored": ["weights", "KV cache"],
    },
}
COLOURS = (BLUE, ORANGE, OCHRE, MUTED)


def bars(ax: Axes, language: str, size: float, narrow: bool) -> None:
    label = LABELS[language]
    if narrow and language == "en":
        label = label | {
            "parts": ["weights", "grad., optim.", "activat.", "logits"]
        }
    end = 190.0 if narrow else 180.0
    for y, row in enumerate(ledger()):
        left = 0.0
        for i, part in enumerate(row.parts()):
            ax.barh(y, part, left=left, height=0.62, color=COLOURS[i])
            if y == 0:
                low = narrow and i in (0, 3)
                ax.text(
                    left + (part / 2 if i < 3 else 0.0),
                    -0.44 if not low else -1.0,
                    label["parts"][i],
                    fontsize=size - 1,
                    color=INK,
                    ha="center" if i < 3 else "left",
                    va="bottom",
                )
            left += part
        ax.text(
            end,
            y,
            f"{row.total():.1f}",
            fontsize=size,
            color=INK,
            ha="right",
            va="center",
        )
    ax.text(
        end,
        -0.44,
        "GB",
        fontsize=size - 1,
        color=MUTED,
        ha="right",
        va="bottom",
    )
    ax.set(xlim=(0, end), ylim=(6.5, -1.55 if narrow else -1.0), xticks=[])
    ax.set_yticks(range(7), label["rows"])
    ax.tick_params(axis="y", colors=INK, labelsize=size, length=0)
    for side in ax.spines.values():
        side.set_visible(False)


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.2))
    bars(figure.add_axes((0.23, 0.0, 0.77, 1.0)), language, 12.5, False)
    return figure


def small(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.2))
    bars(figure.add_axes((0.345, 0.0, 0.655, 1.0)), language, 10.5, True)
    return figure


def stored(language: str, width: float = 6.4) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(width, 1.65))
    ax = figure.add_axes((1.3 / width, 0.0, 1 - 1.3 / width, 1.0))
    for y, (_, weights, cache) in enumerate(inference()):
        ax.barh(y, weights, height=0.55, color=BLUE)
        ax.barh(y, cache, left=weights, height=0.55, color=ORANGE)
        end = weights + cache
        total = f"{end:.2f} GB" if y == 0 else f"{end:.2f}"
        ax.text(end + 0.3, y, total, fontsize=11.5, color=INK, va="center")
        if y == 0:
            for at, name in zip(
                (weights / 2, weights + cache / 2),
                label["stored"],
                strict=True,
            ):
                ax.text(at, -0.42, name, fontsize=11, color=INK, ha="center")
    ax.set(xlim=(0, 22 if width > 5 else 28), ylim=(2.5, -0.9), xticks=[])
    ax.set_yticks(range(3), label["inference"])
    ax.tick_params(axis="y", colors=INK, labelsize=11.5, length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    return figure


def stored_narrow(language: str) -> Figure:
    return stored(language, 3.65)


FIGURES = {"inference": stored, "ledger": wide}
NARROW = {"inference": stored_narrow, "ledger": small}
