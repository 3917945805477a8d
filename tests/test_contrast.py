"""Contrast of what axe does not compute: syntax colours, figures, states."""

import re
from pathlib import Path

import pytest
from conftest import ROOT
from lxml import etree

SHEET = (ROOT / "docs/assets/styles/guide.css").read_text(encoding="utf-8")


def tokens(scheme: str) -> dict[str, str]:
    start = SHEET.index(f"[data-md-color-scheme={scheme}]")
    block = SHEET[start : SHEET.index("}", start)]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block))


def luminance(colour: str) -> float:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(2 * one for one in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_code_is_legible_in_all_its_colours(scheme: str) -> None:
    found = tokens(scheme)
    for colour in "ink", "ink-2", "ink-3", "qing", "hl-str", "hl-num":
        for ground in "tint", "paper":
            assert contrast(found[colour], found[ground]) >= 4.5, colour


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_is_legible_on_every_ground(scheme: str) -> None:
    found = tokens(scheme)
    for colour, grounds in {
        "ink": ("paper", "tint", "qing-tint", "zhu-tint", "mark"),
        "ink-2": ("paper", "tint", "qing-tint"),
        "ink-3": ("paper", "tint"),
        "qing": ("paper", "tint", "qing-tint"),
        "qing-deep": ("paper", "tint", "qing-tint"),
        "zhu": ("paper", "tint", "zhu-tint"),
        "on-known": ("known",),
    }.items():
        for ground in grounds:
            ratio = contrast(found[colour], found[ground])
            assert ratio >= 4.5, f"{colour} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_lines_of_figures_and_edges_of_controls_are_seen(scheme: str) -> None:
    found = tokens(scheme)
    for colour in [f"s{number}" for number in range(1, 7)] + ["edge", "known"]:
        ratio = contrast(found[colour], found["paper"])
        assert ratio >= 3, f"{colour}: {ratio:.2f}"


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_labels_of_recorded_figures_are_legible(scheme: str) -> None:
    found = tokens(scheme)
    named = dict(re.findall(r"--figure-(\w+): var\(--([\w-]+)\)", SHEET))
    pale = {}
    for path in sorted((ROOT / "docs/questions").glob("*/*.svg")):
        colours = set(map(filling, labels(path)))
        assert colours, path.name
        for colour in colours:
            ratio = contrast(found[named[colour]], found["paper"])
            if ratio < 4.5:
                pale[path.name] = f"{colour}: {ratio:.2f}"
    assert pale == {}


def labels(path: Path) -> list[etree._Element]:
    """The pieces of text of a figure: a label, or each part of a formula."""
    texts = etree.parse(str(path)).iter("{*}text")
    return [
        one for text in texts for one in text.findall("{*}tspan") or [text]
    ]


def filling(label: etree._Element) -> str:
    """Which of the figures' colours a piece of text is painted in."""
    for one in label, *label.iterancestors():
        if found := re.search(r"\bfill: *([^;]+)", one.get("style", "")):
            return found[1].removeprefix("var(--figure-").partition(",")[0]
    return "black, which a dark page swallows"


def test_recorded_figures_use_no_other_colours() -> None:
    """A colour of its own would not follow the scheme, or be checked here.
    White is a dot on a coloured ground."""
    own = {}
    for path in sorted((ROOT / "docs/questions").glob("*/*.svg")):
        text = re.sub(
            r"var\(--[\w-]+, *#[0-9a-f]+\)",
            "",
            path.read_text(encoding="utf-8"),
        )
        found = set(re.findall(r"(?:fill|stroke): *(#[0-9a-fA-F]+)", text))
        found.discard("#ffffff")
        if found:
            own[path.name] = found
    assert own == {}
