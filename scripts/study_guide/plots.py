"""Recorded plots: the SVG files that a question's `figure.py` draws.

A `figure.py` holds functions `(language) -> Figure` and two tables of them:

`FIGURES`  name -> function, the plot at full width, 6.4 in;
`NARROW`   name -> function, optional: the same plot for a phone, 3.65 in.

The page names `<name>.<language>.svg`; the site shows
`<name>.<language>.narrow.svg`, where there is one, on narrow screens.
"""

import importlib
import io
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study_guide.languages import LANGUAGES

# Each colour stands for a variable of the site's style sheet; its value here
# is what a file shows that is opened alone.
INK, MUTED, GRID = "#1f2429", "#667079", "#d5dae0"
BLUE, ORANGE = "#2461c7", "#bf5209"
OCHRE, VIOLET, GREEN = "#bd8618", "#6f8edc", "#74886c"
PAPER = "#ffffff"
VARIABLES = {
    INK: "--figure-ink",
    MUTED: "--figure-muted",
    GRID: "--figure-grid",
    BLUE: "--figure-blue",
    ORANGE: "--figure-orange",
    OCHRE: "--figure-ochre",
    VIOLET: "--figure-violet",
    GREEN: "--figure-green",
    PAPER: "--figure-paper",
}

# A hundredth of a point is finer than any screen or press.
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_ATTRIBUTE = re.compile(r'="[^"]*"')

Draw = Callable[[str], Figure]


def bare_axes(ax: Axes, size: float) -> None:
    """Leave out frame and tick marks; write the ticks' labels in `size` points.

    The data carry the picture; a value is read off the labels and the grid.
    """
    ax.tick_params(colors=MUTED, labelsize=size, length=0)
    for side in ax.spines.values():
        side.set_visible(False)


def _round(attribute: re.Match[str]) -> str:
    return _LONG_NUMBER.sub(
        lambda found: f"{float(found[0]):.2f}", attribute[0]
    )


def svg(figure: Figure, name: str) -> str:
    """The figure as SVG with text kept as text and colours as CSS variables.

    `name` seeds the ids inside the file, so that the same figure gives the
    same bytes.
    """
    buffer = io.StringIO()
    with (
        mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}),
        warnings.catch_warnings(),
    ):
        # Text stays text: that matplotlib's own font lacks Han is no matter.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(
            buffer, format="svg", transparent=True, metadata={"Date": None}
        )
    text = re.sub(
        r"font-family: [^;\"]+",
        "font-family: var(--figure-font, sans-serif)",
        buffer.getvalue(),
    )
    # matplotlib's version is no part of the picture.
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, f"var({variable}, {colour})")
    text = _ATTRIBUTE.sub(_round, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def recordings(
    figures: Mapping[str, Draw], narrow: Mapping[str, Draw]
) -> Iterator[tuple[str, str]]:
    """Each (file name, SVG text) that the two tables of a `figure.py` give."""
    for language in LANGUAGES:
        for name, draw in figures.items():
            yield f"{name}.{language}.svg", svg(draw(language), name)
        for name, draw in narrow.items():
            yield (
                f"{name}.{language}.narrow.svg",
                svg(draw(language), f"{name}-narrow"),
            )


def draw_question(folder: Path) -> dict[str, str]:
    """Run `folder/figure.py`; returns file name -> SVG text."""
    sys.path.insert(0, str(folder))
    module = importlib.import_module("figure")
    return dict(recordings(module.FIGURES, getattr(module, "NARROW", {})))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    for file_name, drawn in draw_question(Path.cwd()).items():
        (target / file_name).write_text(drawn, encoding="utf-8")
