"""Input tokens of a ReAct loop, computed by example.py."""

from example import input_tokens
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

LABELS = {
    "zh": {
        "y": "输入 token 总数（千）",
        "x": "模型调用次数 T",
        "sent": "发送",
        "new": "前缀缓存之外，须新预填充",
    },
    "en": {
        "y": "input tokens, total (thousands)",
        "x": "model calls T",
        "sent": "sent",
        "new": "prefilled anew, with prefix caching",
    },
}


def draw(language: str, width: float, height: float) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(width, height))
    ax = figure.subplots()
    left = 0.42 / width
    figure.subplots_adjust(left, 0.62 / height, 0.985, 1 - 0.42 / height)
    calls = list(range(1, 51))
    pairs = [input_tokens(800, 150, t) for t in calls]
    ax.plot(calls, [s / 1000 for s, _ in pairs], color=ORANGE, lw=2)
    new = [n / 1000 for _, n in pairs]
    ax.plot(calls, new, color=BLUE, lw=2, ls=(0, (6, 2)))
    ax.text(36, 140, label["sent"], color=INK, size=13, ha="right")
    ax.text(50, 16, label["new"], color=INK, size=12, ha="right")
    ax.text(0, 1.04, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.set(xlim=(0, 51), ylim=(0, 235), xticks=[1, 10, 20, 30, 40, 50])
    ax.set_yticks([0, 50, 100, 150, 200])
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)
    return figure


def tokens(language: str) -> Figure:
    return draw(language, 6.4, 3.3)


def tokens_narrow(language: str) -> Figure:
    return draw(language, 3.65, 3.3)


FIGURES = {"tokens": tokens}
NARROW = {"tokens": tokens_narrow}
