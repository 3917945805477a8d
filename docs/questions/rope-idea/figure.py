"""The figures of this page, drawn from what example.py computes."""

import numpy as np
from example import frequencies, plane_shares, sample
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Circle
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": {
        "angle": "夹角",
        "score": "内积",
        "comma": "，",
        "plane": "平面",
        "sum": "四项之和：分数",
        "offset": "相对位置 m − n",
    },
    "en": {
        "angle": "angle",
        "score": "dot product",
        "comma": ", ",
        "plane": "plane",
        "sum": "their sum: the score",
        "offset": "offset m − n",
    },
}


def rotation(language: str) -> Figure:
    """One plane: q and k turn with their positions, their angle by m - n."""
    label, theta = LABELS[language], 0.25
    q, k = np.exp(1j * 0.45), 0.8 * np.exp(1j * 0.10)
    figure = Figure(figsize=(6.4, 2.95))
    axes = figure.subplots(1, 3)
    figure.subplots_adjust(0.0, 0.03, 1.0, 0.97, wspace=0.0)
    for ax, (m, n) in zip(axes, [(0, 0), (5, 2), (9, 6)], strict=True):
        ax.set(xlim=(-1.35, 1.35), ylim=(-1.75, 1.7), aspect="equal")
        ax.axis("off")
        ax.add_patch(Circle((0, 0), 1, fill=False, color=GRID, lw=1))
        turned_q = q * np.exp(1j * m * theta)
        turned_k = k * np.exp(1j * n * theta)
        for name, start, tip, colour in [
            ("q", q, turned_q, BLUE),
            ("k", k, turned_k, ORANGE),
        ]:
            if start != tip:
                ax.plot([0, start.real], [0, start.imag], ":", color=colour)
            arrow(ax, tip, colour)
            at = tip * (1 + 0.16 / abs(tip))
            ax.text(
                at.real,
                at.imag - 0.07,
                name,
                color=colour,
                ha="center",
                fontsize=14,
                fontweight="bold",
            )
        low, high = np.angle(turned_k), np.angle(turned_q)
        arc = np.rad2deg([low, high])
        ax.add_patch(
            Arc((0, 0), 0.7, 0.7, theta1=arc[0], theta2=arc[1], color=INK)
        )
        score = (turned_q * np.conj(turned_k)).real
        ax.text(
            0,
            1.45,
            f"m = {m}{label['comma']}n = {n}",
            color=INK,
            ha="center",
            fontsize=13,
        )
        ax.text(
            0,
            -1.38,
            f"{label['angle']} {arc[1] - arc[0]:.0f}°",
            color=INK,
            ha="center",
            fontsize=13,
        )
        ax.text(
            0,
            -1.69,
            f"{label['score']} {score:.3f}",
            color=INK,
            ha="center",
            fontsize=13,
        )
    return figure


def arrow(ax: Axes, tip: complex, colour: str) -> None:
    ax.annotate(
        "",
        (tip.real, tip.imag),
        (0, 0),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.25,head_length=0.5",
            "color": colour,
            "lw": 2,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def score(language: str) -> Figure:
    """The score of example.py's q and k over the offset, plane by plane."""
    label, (q, k) = LABELS[language], sample()
    offsets = np.linspace(0, 64, 321)
    shares = np.array([plane_shares(q, k, offset) for offset in offsets]).T
    figure = Figure(figsize=(6.4, 4.9))
    axes = figure.subplots(5, 1, sharex=True, height_ratios=[1, 1, 1, 1, 2])
    figure.subplots_adjust(0.09, 0.11, 0.98, 0.95, hspace=0.62)
    for i, (ax, share, theta) in enumerate(
        zip(axes, shares, frequencies(8), strict=False)
    ):
        ax.plot(offsets, share, color=BLUE, lw=1.6)
        middle = (share.min() + share.max()) / 2
        ax.set(ylim=(middle - 0.55, middle + 0.55))
        ax.set_title(
            f"{label['plane']} {i}{label['comma']}θ = {theta:g}",
            loc="left",
            fontsize=12,
            color=BLUE,
            pad=3,
        )
    axes[4].plot(offsets, shares.sum(axis=0), color=INK, lw=1.8)
    axes[4].set_title(label["sum"], loc="left", fontsize=12, color=INK, pad=3)
    axes[4].set(xlim=(0, 64), xticks=range(0, 65, 8))
    axes[4].set(ylim=(-2.1, -0.1), yticks=[-2.0, -1.5, -1.0, -0.5])
    axes[4].set_xlabel(label["offset"], fontsize=12, color=INK)
    for offset, at in [(3, (4.0, -1.93)), (5, (2.2, -0.95))]:
        total = plane_shares(q, k, offset).sum()
        axes[4].plot(offset, total, "o", color=ORANGE, ms=6)
        text = f"{total:.4f}".replace("-", "−")
        axes[4].text(*at, text, color=ORANGE, fontsize=12)
    for ax in axes:
        ax.grid(color=GRID, lw=0.7)
        bare_axes(ax, 11)
    return figure


FIGURES = {"rotation": rotation, "score": score}
