"""Two reward models as teachers of two policies, from example.py."""

from example import POLICIES, REWARDS, train
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE, bare_axes

STEPS = 2000
STYLE = {"A": (BLUE, "-"), "B": (ORANGE, (0, (6, 2.5)))}
LABELS = {
    "zh": {
        "weak": "弱策略",
        "strong": "强策略",
        "y": "真实质量的期望",
        "x": "步",
        "RM": "RM",
    },
    "en": {
        "weak": "weak policy",
        "strong": "strong policy",
        "y": "expected true quality",
        "x": "step",
        "RM": "RM",
    },
}
# Where each curve's label stands.
PLACES = {
    ("weak", "A"): (900, 0.14),
    ("weak", "B"): (620, 0.70),
    ("strong", "A"): (1000, 0.85),
    ("strong", "B"): (1000, 0.53),
}


def panel(ax: Axes, language: str, name: str) -> None:
    label = LABELS[language]
    for model, reward in REWARDS.items():
        colour, dash = STYLE[model]
        ax.plot(train(POLICIES[name], reward, STEPS), color=colour, ls=dash)
        ax.text(
            *PLACES[name, model],
            f"{label['RM']} {model}",
            color=colour,
            size=13,
        )
    ax.set(xlim=(0, STEPS), ylim=(0, 1.03), xticks=[0, 500, 1000, 1500, 2000])
    ax.set_xticklabels(["0", "500", "1,000", "1,500", ""])
    ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.set_title(label[name], loc="left", size=13, color=INK, pad=22)
    ax.text(0, 1.04, label["y"], color=MUTED, size=12, transform=ax.transAxes)
    ax.set_xlabel(label["x"], size=12, color=MUTED, loc="right")
    ax.grid(axis="y", color=GRID, lw=0.7)
    bare_axes(ax, 11.5)


def teachers(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.1))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.05, 0.16, 0.99, 0.81, wspace=0.16)
    for ax, name in zip(axes, POLICIES, strict=True):
        panel(ax, language, name)
    return figure


def teachers_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.4))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.09, 0.09, 0.98, 0.9, hspace=0.55)
    for ax, name in zip(axes, POLICIES, strict=True):
        panel(ax, language, name)
    return figure


FIGURES = {"teachers": teachers}
NARROW = {"teachers": teachers_narrow}
