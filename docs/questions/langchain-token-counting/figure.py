"""The real length of what each counter lets through, from example.py."""

from example import BUDGET, COUNTERS, history, kept, rendered
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "title": "放行的历史实际有多少 token",
        "budget": "预算 {:,}",
        "rounds": "{}：放行 {} 轮",
        "GPT-2 fallback": "GPT-2 兜底",
        "the model's own": "模型自己的",
        "chars/4, scaled": "字符数 / 4，再校正",
        "chars/4": "字符数 / 4",
    },
    "en": {
        "title": "real tokens of the history let through",
        "budget": "budget {:,}",
        "rounds": "{}: {} rounds",
        "GPT-2 fallback": "GPT-2 fallback",
        "the model's own": "the model's own",
        "chars/4, scaled": "chars/4, scaled",
        "chars/4": "chars/4",
    },
}


def draw(ax: Axes, language: str) -> None:
    label = LABELS[language]
    for row, (name, count) in enumerate(COUNTERS.items()):
        rounds = kept(count, BUDGET)
        real = rendered(history(rounds))
        colour = BLUE if real <= BUDGET else ORANGE
        ax.barh(-row, real, 0.36, color=colour)
        ax.text(
            max(real, BUDGET if real > BUDGET / 2 else 0) + 350,
            -row,
            f"{real:,}",
            color=INK,
            fontsize=12,
            va="center",
        )
        ax.plot([BUDGET] * 2, [-row - 0.2, -row + 0.2], color=INK, lw=1.5)
        text = label["rounds"].format(label[name], rounds)
        ax.text(0, 0.27 - row, text, color=INK, fontsize=12)
    ax.text(
        BUDGET + 200,
        0,
        "← " + label["budget"].format(BUDGET),
        color=MUTED,
        fontsize=12,
        va="center",
    )
    ax.set(xlim=(0, 21_500), ylim=(-3.35, 0.85))
    ax.axis("off")
    ax.set_title(label["title"], fontsize=12, color=INK, loc="left", pad=6)


def budget(language: str, width: float = 6.4) -> Figure:
    figure = Figure(figsize=(width, 3.3))
    ax = figure.add_axes((0.01, 0.01, 0.98, 0.89))
    draw(ax, language)
    return figure


def budget_narrow(language: str) -> Figure:
    return budget(language, 3.65)


FIGURES = {"budget": budget}
NARROW = {"budget": budget_narrow}
