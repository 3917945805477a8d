"""Recorded figures as they stand in a page: slim, and the same picture."""

import re

import pytest
from conftest import ROOT
from lxml import etree
from study_guide import figures

QUESTIONS = ROOT / "docs" / "questions"

SVG = """<?xml version="1.0"?>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="460.8pt" height="230pt"
 viewBox="0 0 460.8 230.4" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="figure_1"><g id="patch_1"><path d="M 0 230 L 460 230 z"
  style="fill: none"/></g>
  %s
 </g>
 <defs><clipPath id="p1"><rect x="1" y="2" width="3" height="4"/></clipPath>
 </defs>
</svg>
"""


def made(inside: str, tmp_path, cache) -> str:
    path = tmp_path / "plot.en.svg"
    path.write_text(SVG % inside, encoding="utf-8")
    return figures.inline(path, 'a "text" & more', cache)


def absolute(path: str) -> list[tuple[str, list[float]]]:
    """The steps of any path in absolute coordinates, by a reader of its own
    (SVG 2, 9.3) that knows nothing of how it was written."""
    count = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "q": 4, "z": 0}
    tokens = re.findall(r"[a-zA-Z]|-?(?:\d+\.?\d*|\.\d+)", path)
    at, x, y, start = 0, 0.0, 0.0, (0.0, 0.0)
    steps, command = [], ""
    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        number = count[command.lower()]
        values = [float(one) for one in tokens[at : at + number]]
        at += number
        kind = command.lower()
        if kind == "z":
            x, y = start
            steps.append(("z", []))
            continue
        if kind == "h":
            values = [values[0] + x * command.islower(), y]
        elif kind == "v":
            values = [x, values[0] + y * command.islower()]
        elif command.islower():
            values = [
                one + (y if place % 2 else x)
                for place, one in enumerate(values)
            ]
        x, y = values[-2:]
        steps.append(("l" if kind in "hv" else kind, values))
        if kind == "m":
            start = (x, y)
            command = "l" if command == "m" else "L"
    return steps


def test_a_short_path_draws_the_same() -> None:
    """Every path of every recorded figure, to a twentieth of a point."""
    seen = set()
    for path in sorted((ROOT / "docs/questions").glob("*/*.en.svg")):
        seen.update(re.findall(r'\sd="([^"]+)"', path.read_text("utf-8")))
    assert len(seen) > 1000
    for path in seen:
        short = figures.short_path(path)
        before, after = absolute(path), absolute(short)
        assert [one for one, _ in before] == [one for one, _ in after]
        for (_, old), (_, new) in zip(before, after, strict=True):
            assert new == pytest.approx(old, abs=0.051), path


def test_a_path_with_other_commands_stays() -> None:
    for path in "M 1.234 2 A 5 5 0 0 1 3 4", "m 1 2 l 3.333 4", "L 1 2 3", "":
        assert figures.short_path(path) == path


def test_what_nobody_sees_or_names_is_left_out(tmp_path, cache) -> None:
    svg = made(
        '<g id="line"><path id="x" d="M 1 2 L 3 4" clip-path="url(#p1)" '
        'style="fill: none; stroke: var(--figure-ink, #1f2429)"/></g>'
        '<text id="t" x="1.234" transform="rotate(-0 1 2)">a &lt; b</text>',
        tmp_path,
        cache,
    )
    root = etree.fromstring(svg)
    assert root.get("aria-label") == 'a "text" & more'
    assert [one.get("id") for one in root.iter() if one.get("id")] == [
        "plot-en-p1"
    ]
    assert len(root.findall(".//path")) == 1
    assert "url(#plot-en-p1)" in svg
    assert "rotate" not in svg
    assert root.find(".//text").text == "a < b"
    assert "<style" not in svg


def test_neighbours_share_their_style_and_keep_their_own_opacity(
    tmp_path, cache
) -> None:
    squares = "".join(
        f'<g id="patch_{n}"><path d="M {n} 1 L 9 9 z" clip-path="url(#p1)" '
        f'style="fill: #abc; opacity: 0.{n}0"/></g>'
        for n in range(1, 6)
    )
    root = etree.fromstring(made(squares, tmp_path, cache))
    groups = root.findall(".//g[@style]")
    assert [one.get("style") for one in groups] == ["fill:#abc"]
    assert groups[0].get("clip-path") == "url(#plot-en-p1)"
    assert [one.get("fill-opacity") for one in groups[0]] == [
        ".1",
        ".2",
        ".3",
        ".4",
        ".5",
    ]


def test_a_figure_without_its_size_is_a_mistake(tmp_path, cache) -> None:
    path = tmp_path / "plot.en.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    with pytest.raises(ValueError, match=r"plot.en.svg has no viewBox"):
        figures.inline(path, "", cache)


_NUMBERED = re.compile(
    r"\b(?:fill|stroke|stop-color)(?:: ?|=\")(?=[#a-z])(?!none|var|url)([^;\"]+)"
)


def test_recorded_figures_name_their_colours() -> None:
    """A colour by its number would stay as it is in the dark."""
    wrong = {
        f"{path.relative_to(QUESTIONS)}: {colour}"
        for path in sorted(QUESTIONS.glob("*/*.svg"))
        for colour in _NUMBERED.findall(path.read_text(encoding="utf-8"))
    }
    assert not wrong
