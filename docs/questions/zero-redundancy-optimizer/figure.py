"""What a GPU holds at each stage, from example.py's byte count."""

from example import model_states
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, INK, MUTED, OCHRE, ORANGE

LABELS = {
    "zh": {
        "parts": ["参数", "梯度", "优化器状态"],
        "stage": ["数据并行", "第 1 级", "第 2 级", "第 3 级"],
        "unit": "GB",
        "volume": "通信",
    },
    "en": {
        "parts": ["param.", "grad.", "optimizer states"],
        "stage": ["replicated", "stage 1", "stage 2", "stage 3"],
        "unit": "GB",
        "volume": "sent",
    },
}
VOLUME = ["2Ψ", "2Ψ", "2Ψ", "3Ψ"]


def draw(
    ax: Axes, language: str, size: float, columns: float, narrow: bool = False
) -> None:
    label = LABELS[language]
    for stage in range(4):
        left = 0.0
        parts = model_states(7.5, 64, stage)
        for value, colour in zip(parts, (BLUE, ORANGE, OCHRE), strict=True):
            ax.barh(stage, value, left=left, height=0.56, color=colour)
            if stage == 0:
                name = label["parts"][(BLUE, ORANGE, OCHRE).index(colour)]
                ax.text(
                    left
                    + value / 2
                    + (12 if narrow and colour == OCHRE else 0),
                    -0.7 if narrow and colour == BLUE else -0.4,
                    name,
                    fontsize=size - 1,
                    color=INK,
                    ha="center",
                    va="bottom",
                )
            left += value
        total = sum(parts)
        for text, x in (
            (f"{total:.1f}", 120 + columns),
            (VOLUME[stage], 120 + 1.9 * columns),
        ):
            ax.text(
                x,
                stage,
                text,
                fontsize=size,
                color=INK,
                ha="right",
                va="center",
            )
    for text, x in (
        (label["unit"], 120 + columns),
        (label["volume"], 120 + 1.9 * columns),
    ):
        ax.text(
            x,
            -0.4,
            text,
            fontsize=size - 1,
            color=MUTED,
            ha="right",
            va="bottom",
        )
    ax.set(
        xlim=(0, 120 + 1.95 * columns),
        ylim=(3.45, -1.1 if narrow else -0.85),
        xticks=[],
    )
    ax.set_yticks(range(4), label["stage"])
    ax.tick_params(axis="y", colors=INK, labelsize=size, length=0)
    for side in ax.spines.values():
        side.set_visible(False)


def wide(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 2.5))
    draw(figure.add_axes((0.15, 0.0, 0.85, 1.0)), language, 12.5, 22)
    return figure


def small(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 2.5))
    draw(figure.add_axes((0.235, 0.0, 0.765, 1.0)), language, 10.5, 38, True)
    return figure


FIGURES = {"stages": wide}
NARROW = {"stages": small}
