"""The figures of this page: the axes, and the geometry for d = 3."""

from typing import Any

import numpy as np
from example import Array, normalize
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, ORANGE

LABELS = {
    "zh": {
        "token": "一个 token",
        "sequences": "B 个序列",
        "channels": "d 个通道",
        "positions": "T 个位置",
        "statistics": "μ, σ²",
        "own": "每个 token 一对",
        "affine": "γ, β",
        "shared": "所有 token 共用",
        "ones": "全 1 方向",
        "project": "① 减均值：投影到平面",
        "scale": "② 除以标准差：移到圆周",
    },
    "en": {
        "token": "one token",
        "sequences": "B sequences",
        "channels": "d channels",
        "positions": "T positions",
        "statistics": "μ, σ²",
        "own": "one pair a token",
        "affine": "γ, β",
        "shared": "shared by all tokens",
        "ones": "all-ones direction",
        "project": "① subtract the mean: onto the plane",
        "scale": "② divide by s.d.: onto the circle",
    },
}


def sheets(
    ax: Axes, corner: tuple[float, float], rows: int, columns: int
) -> None:
    """A grid of unit cells and, behind it, the edges of two more."""
    x, y = corner
    for i in range(rows):
        for j in range(columns):
            ax.add_patch(
                Rectangle((x + j, y + i), 1, 1, fc="none", ec=MUTED, lw=0.8)
            )
    if rows == 1:
        return
    for k in (0.45, 0.9):
        left, right, top = x + k, x + columns + k, y + rows + k
        ax.plot(
            [left, left, right, right, right - 0.45],
            [top - 0.45, top, top, y + k, y + k],
            color=MUTED,
            lw=0.8,
        )


def filled(ax: Axes, corner: tuple[float, float], columns: int) -> None:
    ax.add_patch(
        Rectangle(corner, columns, 1, fc=BLUE, ec="none", alpha=0.3, zorder=0)
    )


def block(ax: Axes, label: dict[str, str], size: float, column: float) -> None:
    """X (B, T, d) with one token marked, its statistics, gamma and beta."""
    t, d = 4, 6
    sheets(ax, (0, 0), t, d)
    filled(ax, (0, 2), d)
    sheets(ax, (column, 0), t, 1)
    filled(ax, (column, 2), 1)
    arrow(ax, (d + 0.1, 2.5), (column - 0.1, 2.5), BLUE)
    ax.text(d / 2 + 0.9, t + 1.4, label["channels"], **text(size))
    ax.text(-0.25, t / 2, label["positions"], **text(size, "right"))
    ax.text(d / 2, 2.48, label["token"], **text(size))
    arrow(ax, (d + 0.15, -0.35), (d + 1.05, 0.55))
    ax.text(d + 0.5, -0.68, label["sequences"], **text(size, "left"))


def text(size: float, ha: str = "center") -> dict[str, Any]:
    return {"ha": ha, "va": "center", "fontsize": size, "color": INK}


def arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: str = INK,
) -> None:
    ax.annotate(
        "",
        end,
        start,
        arrowprops={
            "arrowstyle": "-|>,head_width=0.2,head_length=0.4",
            "color": colour,
            "lw": 1.4,
            "shrinkA": 0,
            "shrinkB": 0,
        },
        zorder=5,
    )


def axes_wide(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(6.4, 3.5))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-3.2, 13.4), ylim=(-2.8, 6.4), aspect="equal")
    ax.axis("off")
    block(ax, label, 13, 9.6)
    ax.text(10.5, 6.05, label["statistics"], **text(13))
    ax.text(10.5, 5.4, label["own"], **text(12.5))
    sheets(ax, (0, -2.4), 1, 6)
    ax.text(6.3, -1.6, label["affine"], **text(13, "left"))
    ax.text(6.3, -2.24, label["shared"], **text(12.5, "left"))
    return figure


def axes_narrow(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 3.7))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-3.6, 10.3), ylim=(-5.4, 8.7), aspect="equal")
    ax.axis("off")
    block(ax, label, 11, 8.3)
    ax.text(10.2, 7.9, label["statistics"], **text(11, "right"))
    ax.text(10.2, 6.9, label["own"], **text(10.5, "right"))
    sheets(ax, (0, -2.6), 1, 6)
    ax.text(0, -3.5, label["affine"], **text(11, "left"))
    ax.text(0, -4.5, label["shared"], **text(10.5, "left"))
    return figure


def plane(x: Array) -> Array:
    """Coordinates of (n, 3) tokens: two in the plane of zero mean, one along
    the all-ones direction."""
    basis = np.array([[1, -1, 0], [1, 1, -2], [1, 1, 1]])
    turned: Array = x @ (basis / np.linalg.norm(basis, axis=1)[:, None]).T
    return turned


def screen(p: Array) -> Array:
    """An oblique view: the plane lies flat, the all-ones direction is up."""
    return np.stack([p[..., 0], 0.42 * p[..., 1] + 0.72 * p[..., 2]], -1)


def draw_geometry(ax: Axes, label: dict[str, str], size: float) -> None:
    tokens = np.array(
        [
            [4.0, 0.6, 0.9],
            [1.5, 1.9, 0.5],
            [0.2, 3.5, 0.9],
            [0.7, 1.9, 2.4],
            [1.5, 0.9, 1.6],
        ]
    )
    start = plane(tokens)
    flat = start * np.array([1, 1, 0])
    end = plane(normalize(tokens))
    assert np.allclose(end[:, 2], 0)
    assert np.allclose(np.hypot(end[:, 0], end[:, 1]), np.sqrt(3))
    turn = np.linspace(0, 2 * np.pi, 181)
    rim = np.sqrt(3) * np.stack([np.cos(turn), np.sin(turn), 0 * turn], -1)
    ax.plot(*screen(rim).T, color=BLUE, lw=1.6, zorder=2)
    corner = np.array([[-3, -2.6, 0], [3, -2.6, 0], [3, 2.6, 0], [-3, 2.6, 0]])
    ax.fill(*screen(corner).T, fc=GRID, ec=MUTED, lw=0.8, alpha=0.3, zorder=1)
    arrow(ax, (0, 0), (0, 3.3))
    ax.text(0, 3.5, label["ones"], **text(size))
    for above, below, on in zip(
        screen(start), screen(flat), screen(end), strict=True
    ):
        ax.plot(
            [above[0], below[0]],
            [above[1], below[1]],
            ls=":",
            color=ORANGE,
            lw=1.6,
            zorder=3,
        )
        arrow(ax, tuple(below), tuple(on), BLUE)
        ax.plot(*above, "o", color=ORANGE, ms=7, zorder=6)
        ax.plot(*below, "o", mfc="none", mec=ORANGE, ms=5, zorder=6)
        ax.plot(*on, "s", color=BLUE, ms=7, zorder=6)
    ax.axis("off")


def geometry_wide(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(6.4, 4.3))
    ax = figure.add_axes((0, 0, 1, 1))
    draw_geometry(ax, label, 13)
    ax.set(xlim=(-3.75, 3.75), ylim=(-2.35, 3.75))
    ax.text(-3.0, -1.48, label["project"], **text(13, "left"))
    ax.text(-3.0, -2.0, label["scale"], **text(13, "left"))
    return figure


def geometry_narrow(language: str) -> Figure:
    label = LABELS[language]
    figure = Figure(figsize=(3.65, 3.3))
    ax = figure.add_axes((0, 0, 1, 1))
    draw_geometry(ax, label, 11)
    ax.set(xlim=(-3.2, 3.2), ylim=(-2.55, 3.85))
    ax.text(-3.0, -1.62, label["project"], **text(11, "left"))
    ax.text(-3.0, -2.2, label["scale"], **text(11, "left"))
    return figure


FIGURES = {"axes": axes_wide, "geometry": geometry_wide}
NARROW = {"axes": axes_narrow, "geometry": geometry_narrow}
