"""The ledger of example.py as stacked bars."""

from example import ledger
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
    },
}
COLOURS = (BLUE, ORANGE, OCHRE, MUTED)


def bars(ax: Axes, language: str, size: float, narrow: bool) -> None:
    label = LABELS[language]
    if narrow and language == "en":
        label = label | {
            "parts": ["weights", "grad., optim.", "activat.", "logits"]
        }
    end = 186.0 if narrow else 172.0
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


FIGURES = {"ledger": wide}
NARROW = {"ledger": small}
