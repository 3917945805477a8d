"""TeX becomes KaTeX's HTML with MathML; what is wrong is refused."""

import re
from xml.etree import ElementTree

import pytest
from study_guide import formulas
from study_guide.content_cache import ContentCache


def test_html_and_mathml(cache: ContentCache) -> None:
    html = formulas.render(r"\frac{a}{b}", display=True, cache=cache)
    assert "<mfrac>" in html
    assert 'class="katex-html"' in html
    assert "katex-display" in html


def test_inline_is_not_display(cache: ContentCache) -> None:
    html = formulas.render("a", display=False, cache=cache)
    assert "katex-display" not in html


@pytest.mark.parametrize("tex", [r"\frac{1", r"\unknown", "中文"])
def test_mistakes_are_refused_each_time(tex: str, cache: ContentCache) -> None:
    for _ in range(2):
        with pytest.raises(formulas.TexError):
            formulas.render(tex, display=False, cache=cache)


def test_a_formula_cannot_link_out(cache: ContentCache) -> None:
    html = formulas.render(r"\href{http://a}{b}", display=False, cache=cache)
    assert "<a " not in html


def test_what_is_said_of_a_formula(cache: ContentCache) -> None:
    for tex, text in (
        (r"\theta_i=b^{-2i/d_k}", "θᵢ = b^(−2i/dₖ)"),
        (r"\operatorname{softmax}(x)", "softmax(x)"),
        (r"\frac{a}{b+1}\sqrt{d}", "a/(b+1)√d"),
        (r"q^\top k", "qᵀk"),
        (r"\frac{1", r"\frac{1"),
    ):
        assert formulas.spoken(tex, cache) == text


@pytest.mark.parametrize(
    ("tex", "element", "operands"),
    [
        (r"T_{\max}", "msub", 2),
        (r"T_{\max}^2", "msubsup", 3),
        (r"\frac{\max}{2}", "mfrac", 2),
        (r"\max_x f", "msub", 2),
    ],
)
def test_mathml_is_valid_where_an_operand_is_a_function(
    tex: str, element: str, operands: int, cache: ContentCache
) -> None:
    html = formulas.render(tex, display=False, cache=cache)
    start, end = html.index("<math"), html.index("<annotation")
    found = re.search(rf"<{element}>.*</{element}>", html[start:end])
    assert len(ElementTree.fromstring(found[0])) == operands
    assert "max" in formulas.spoken(tex, cache)
