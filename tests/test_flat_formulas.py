"""KaTeX's HTML with fewer elements; that it looks the same is for a browser
to say."""

import re

import pytest
from conftest import ROOT
from study_guide import flat_formulas, formulas

KATEX = ROOT / "docs" / "assets" / "vendor" / "katex" / "katex.css"


def picture(tex: str) -> str:
    html = flat_formulas.flattened(formulas.by_katex(tex, display=False))
    return html[html.index('<span class="katex-html"') :]


@pytest.mark.parametrize(
    ("tex", "elements"),
    [
        ("x=2(y+1)", 13),
        ("x_i", 5),
        ("x_i^2", 7),
        (r"\frac{a}{b}", 9),
        (r"\hat a", 6),
    ],
)
def test_few_elements_are_left(tex: str, elements: int) -> None:
    assert picture(tex).count("<span") == elements


def test_no_rule_sets_anything_by_what_is_taken_out() -> None:
    named = set(re.findall(r"\.([a-z][\w-]*)", KATEX.read_text("utf-8")))
    assert "mathnormal" in named
    assert not named & flat_formulas.IDLE


def test_what_sets_something_stays() -> None:
    assert "color:red" in picture(r"\color{red}x")
    assert "padding-left" in picture(r"\sqrt{x}")
    assert "<path" in picture(r"\sqrt{x}")
    assert 'aria-hidden="true"' in picture("x")


def test_what_is_around_the_picture_is_as_it_was() -> None:
    html = formulas.by_katex(r"\frac{a}{b}\tag{1}", display=True)
    flat = flat_formulas.flattened(html)
    start = html.index('<span class="katex-html"')
    assert flat[:start] == html[:start]
    assert flat.count("<span") == flat.count("</span>")
    assert flat.endswith("</span></span></span>")
