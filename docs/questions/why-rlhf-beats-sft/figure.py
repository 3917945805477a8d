"""The figure of this page, drawn from what example.py computes."""

import numpy as np
from example import REF, REWARD, best_of, kl, overoptimized, tilt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "left": "三个答案：期望奖励",
        "right": "有漏洞的奖励模型",
        "kl": "KL(π‖参考)",
        "imitation": "模仿",
        "frontier": "π*，β 从大到小",
        "best": "n 选一",
        "bound": "按上界画",
        "proxy": "代理奖励",
        "gold": "真实质量",
    },
    "en": {
        "left": "three answers: expected reward",
        "right": "a reward model with a flaw",
        "kl": "KL(π‖reference)",
        "imitation": "imitation",
        "frontier": "π*, β falling",
        "best": "best of n",
        "bound": "at the bound",
        "proxy": "proxy reward",
        "gold": "true quality",
    },
}


def tidy(ax: Axes, title: str, language: str) -> None:
    ax.grid(color=GRID, lw=0.7)
    bare_axes(ax, 11.5)
    ax.set_title(title, loc="left", size=12.5, color=INK)
    ax.set_xlabel(LABELS[language]["kl"], size=12, color=MUTED, loc="right")


def frontier(ax: Axes, language: str) -> None:
    label = LABELS[language]
    policies = [
        tilt(REF, REWARD, beta) for beta in np.geomspace(0.09, 90, 300)
    ]
    ax.plot(
        [kl(p, REF) for p in policies],
        [p @ REWARD for p in policies],
        color=BLUE,
        lw=2.2,
    )
    ax.plot(0, REF @ REWARD, "o", color=INK, ms=7, clip_on=False)
    ax.text(0.07, 0.66, label["imitation"], color=INK, size=12)
    ax.text(0.42, 1.86, label["frontier"], color=BLUE, size=12, ha="center")
    for n in (2, 4, 8):
        p = best_of(REF, n)
        gain, bound = p @ REWARD, np.log(n) - (n - 1) / n
        ax.plot([kl(p, REF), bound], [gain, gain], ":", color=ORANGE, lw=1.2)
        ax.plot(kl(p, REF), gain, "s", color=ORANGE, ms=7)
        ax.plot(bound, gain, "s", mfc="none", mec=ORANGE, ms=7)
        ax.text(bound + 0.06, gain - 0.035, f"n = {n}", color=ORANGE, size=12)
    ax.text(0.85, 0.96, f"■ {label['best']}", color=ORANGE, size=12)
    ax.text(0.85, 0.83, f"□ {label['bound']}", color=ORANGE, size=12)
    ax.set(xlim=(-0.03, 1.7), ylim=(0.55, 2.06))
    ax.set(xticks=[0, 0.5, 1, 1.5], yticks=[0.75, 1, 1.25, 1.5, 1.75, 2])
    tidy(ax, label["left"], language)


def goodhart(ax: Axes, language: str) -> None:
    label = LABELS[language]
    kls, proxy, gold = overoptimized(np.linspace(0, 3, 241))
    ax.plot(kls, proxy, color=OCHRE, ls=(0, (6, 2.5)), lw=2)
    ax.plot(kls, gold, color=BLUE, lw=2.2)
    top = gold.argmax()
    ax.plot(kls[top], gold[top], "o", color=BLUE, ms=7)
    ax.text(5.2, 4.6, label["proxy"], color=INK, size=12, ha="right")
    ax.text(6.4, 1.55, label["gold"], color=BLUE, size=12)
    ax.set(xlim=(0, 12), ylim=(0, 6.4), xticks=[0, 3, 6, 9, 12])
    tidy(ax, label["right"], language)


def reward(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.3))
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.075, 0.16, 0.985, 0.91, wspace=0.2)
    frontier(axes[0], language)
    goodhart(axes[1], language)
    return figure


def reward_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 6.4))
    axes = figure.subplots(2, 1)
    figure.subplots_adjust(0.125, 0.08, 0.97, 0.955, hspace=0.38)
    frontier(axes[0], language)
    goodhart(axes[1], language)
    return figure


FIGURES = {"reward": reward}
NARROW = {"reward": reward_narrow}
