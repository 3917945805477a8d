"""The figure of this page, drawn from the rows of example.py."""

from example import ROWS, Row
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, ORANGE, bare_axes

LABELS = {
    "zh": [
        "LayerNorm，Post-LN",
        "LayerNorm，Pre-LN",
        "RMSNorm，Pre-LN",
        "RMSNorm，Pre-LN，另加 QK-norm",
        "RMSNorm，在分支末端也有（或只有）",
        "DeepNorm 一类",
    ],
    "en": [
        "LayerNorm, post-LN",
        "LayerNorm, pre-LN",
        "RMSNorm, pre-LN",
        "RMSNorm, pre-LN, with QK-norm",
        "RMSNorm at the end of the branch",
        "DeepNorm family",
    ],
}
YEARS = range(2017, 2027)


def lane(row: Row) -> int:
    """The line of the figure that a model belongs to, from the top."""
    if row.place == "deepnorm":
        return 5
    if row.place in ("both", "output"):
        return 4
    if row.norm == "RMS":
        return 3 if row.qk else 2
    return 1 if row.place == "pre" else 0


def draw(
    language: str, figure: Figure, size: float, step: float, every: int
) -> None:
    ax = figure.subplots()
    for i, label in enumerate(LABELS[language]):
        ax.axhline(-i - 0.5, color=GRID, lw=0.8)
        ax.text(2016.55, -i + 0.33, label, color=INK, size=12, va="center")
        for year in YEARS:
            here = [r for r in ROWS if r.year == year and lane(r) == i]
            for k, row in enumerate(here):
                x = year + (k % 3 - (min(len(here), 3) - 1) / 2) * step
                y = -i - 0.02 - (k // 3) * 0.17
                layer = row.norm == "LN"
                ax.plot(
                    x,
                    y,
                    "s" if layer else "o",
                    ms=size,
                    color=ORANGE if layer else BLUE,
                )
    ax.set(xlim=(2016.5, 2026.5), ylim=(-5.55, 0.62), yticks=[])
    ax.set_xticks(YEARS[::every])
    bare_axes(ax, 12)


def timeline(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 5.2))
    draw(language, figure, 6, 0.2, 1)
    figure.subplots_adjust(0.0, 0.06, 1.0, 1.0)
    return figure


def timeline_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 5.4))
    draw(language, figure, 5, 0.26, 3)
    figure.subplots_adjust(0.0, 0.06, 1.0, 1.0)
    return figure


FIGURES = {"timeline": timeline}
NARROW = {"timeline": timeline_narrow}
