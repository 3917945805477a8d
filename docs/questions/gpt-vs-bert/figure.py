"""The figure of this page, drawn from what example.py computes."""

from collections.abc import Callable

from example import Mask, T, bidirectional, causal, influence
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "causal": "GPT：因果掩码",
        "bidirectional": "BERT：双向，遮住 x₃",
        "target": "目标",
        "mask": "遮",
    },
    "en": {
        "causal": "GPT: causal mask",
        "bidirectional": "BERT: both sides, x₃ masked",
        "target": "target",
        "mask": "M",
    },
}
SELECTED = 3  # the position that the MLM panel hides


def panel(
    ax: Axes, language: str, mask_of: Callable[[int], Mask], depth: int = 2
) -> None:
    """Rows: output positions; columns: inputs that reach them; targets."""
    label, reached = LABELS[language], influence(depth, mask_of(T))
    gpt = mask_of is causal
    ax.set(xlim=(-0.9, T + 1.15), ylim=(T + 0.1, -1.9), aspect="equal")
    ax.axis("off")
    for i in range(T):
        trained = i < T - 1 if gpt else i == SELECTED
        for j in range(T):
            colour = (BLUE if trained else MUTED) if reached[i, j] else "none"
            ax.add_patch(
                Rectangle(
                    (j + 0.06, i + 0.06),
                    0.88,
                    0.88,
                    fc=colour,
                    ec=GRID,
                    lw=0.8,
                    alpha=1 if trained else 0.45,
                )
            )
        ax.text(-0.2, i + 0.5, f"{i}", color=MUTED, size=12, **RIGHT)
        goal = i + 1 if gpt else i
        text = f"x{'₀₁₂₃₄₅'[goal]}" if trained else "–"
        colour = ORANGE if trained else MUTED
        ax.text(T + 0.6, i + 0.5, text, color=colour, size=13, **MIDDLE)
    for j in range(T):
        hidden = not gpt and j == SELECTED
        text = label["mask"] if hidden else f"x{'₀₁₂₃₄₅'[j]}"
        colour = ORANGE if hidden else INK
        ax.text(j + 0.5, -0.35, text, color=colour, size=13, **MIDDLE)
    ax.text(T + 0.6, -0.35, label["target"], color=ORANGE, size=12, **MIDDLE)
    name = label["causal" if gpt else "bidirectional"]
    ax.text(T / 2, -1.4, name, color=INK, size=13, **MIDDLE)


MIDDLE = {"ha": "center", "va": "center"}
RIGHT = {"ha": "right", "va": "center"}


def masks(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0, 0, 1, 1, wspace=0)
    panel(axes[0], language, causal)
    panel(axes[1], language, bidirectional)
    return figure


def masks_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 7.0))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0, 0, 1, 1, hspace=0)
    panel(axes[0], language, causal)
    panel(axes[1], language, bidirectional)
    return figure


FIGURES = {"masks": masks}
NARROW = {"masks": masks_narrow}
