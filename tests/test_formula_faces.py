"""KaTeX's faces, cut down to what the site's formulas use."""

import base64
import io
import re
from pathlib import Path

import pytest
from conftest import ROOT
from fontTools.ttLib import TTFont
from study_guide import formula_faces, formulas, theme_style

KATEX = ROOT / "docs" / "assets" / "vendor" / "katex"
TEX = {
    r"\mathbf{W}": ("KaTeX_Main-Bold", "W"),
    r"\boldsymbol{\beta}": ("KaTeX_Math-BoldItalic", "β"),
    r"\mathit{id}": ("KaTeX_Main-Italic", "id"),
    r"\theta": ("KaTeX_Math-Italic", "θ"),
    r"\mathbb{E}": ("KaTeX_AMS-Regular", "E"),
    r"\lesssim": ("KaTeX_AMS-Regular", "≲"),
    r"\mathcal{L}": ("KaTeX_Caligraphic-Regular", "L"),
    r"\mathfrak{g}": ("KaTeX_Fraktur-Regular", "g"),
    r"\mathscr{S}": ("KaTeX_Script-Regular", "S"),
    r"\mathsf{T}": ("KaTeX_SansSerif-Regular", "T"),
    r"\mathtt{x}": ("KaTeX_Typewriter-Regular", "x"),
    r"\text{if } \textbf{so}": ("KaTeX_Main-Bold", "so"),
    r"\sum_i": ("KaTeX_Size2-Regular", "∑"),
    r"\textstyle\sum_i": ("KaTeX_Size1-Regular", "∑"),
    r"\bigl(": ("KaTeX_Size1-Regular", "("),
    r"\Bigl(": ("KaTeX_Size2-Regular", "("),
    r"\biggl(": ("KaTeX_Size3-Regular", "("),
    r"\Biggl(": ("KaTeX_Size4-Regular", "("),
    r"\begin{cases}a\\b\\c\\d\end{cases}": ("KaTeX_Size4-Regular", "⎧⎨⎩"),
}


@pytest.fixture(scope="session")
def rules(cache):
    return theme_style.rules((KATEX / "katex.css").read_text("utf-8"), cache)


@pytest.mark.parametrize("tex", TEX)
def test_characters_belong_to_the_face_they_are_set_in(
    tex: str, rules, cache
) -> None:
    face, text = TEX[tex]
    html = formulas.render(tex, display=True, cache=cache)
    used = formula_faces.characters([f"<p>{html}</p>"], rules)
    assert set(text) <= used[face]
    assert (KATEX / "fonts" / f"{face}.woff2").is_file()


def test_no_formulas_no_faces(rules) -> None:
    assert formula_faces.characters(["<p>plain</p>"], rules) == {}


def test_a_face_is_cut_to_the_characters_it_has(cache) -> None:
    path = KATEX / "fonts" / "KaTeX_Size1-Regular.woff2"
    content = formula_faces.cut(path, {"(", "∑", "好"}, cache)
    with TTFont(io.BytesIO(content)) as font:
        assert set(map(chr, font.getBestCmap())) == {"(", "∑"}
    assert len(content) < path.stat().st_size / 3
    again = formula_faces.cut(path, {"∑", "("}, cache)
    assert again == content


def test_the_site_has_every_character_of_its_formulas(
    browser, address: str, site: Path
) -> None:
    """By Chromium's own account of what is set in which face."""
    sheet = next((site / "assets").glob("faces.*.css")).read_text("utf-8")
    there: dict[str, set[str]] = {}
    for family, style, weight, content in re.findall(
        r"font-family:(\w+);font-style:(\w+);font-weight:(\d+);"
        r'.*?base64,([^"]+)"',
        sheet,
    ):
        with TTFont(io.BytesIO(base64.b64decode(content))) as font:
            there[f"{family} {style} {weight}"] = set(
                map(chr, font.getBestCmap())
            )
    assert "KaTeX_Main normal 400" in there
    page = browser.new_page()
    page.goto(address + "en/questions/rope-idea/")
    pieces = page.evaluate(
        """async (paths) => {
          const formulas = new Map();
          for (const path of paths) {
            const text = await (await fetch(path)).text();
            const tree = new DOMParser().parseFromString(text, "text/html");
            for (const one of tree.querySelectorAll(".katex-html"))
              formulas.set(one.innerHTML, one.closest(".katex"));
          }
          const all = document.createElement("div");
          all.hidden = true;
          all.append(...formulas.values());
          document.body.append(all);
          const found = {};
          for (const one of all.querySelectorAll(".katex-html *")) {
            const text = [...one.childNodes].filter(
              (node) => node.nodeType === 3).map((node) => node.data).join("");
            if (!text || one.matches(".nb, .vlist-s")) continue;
            const style = getComputedStyle(one);
            const face = [style.fontFamily.split(",")[0].replaceAll('"', ""),
              style.fontStyle, style.fontWeight].join(" ");
            (found[face] ??= new Set()).add(text);
          }
          return Object.fromEntries(Object.entries(found).map(
            ([face, texts]) => [face, [...texts].join("")]));
        }""",
        [
            f"../{path.parent.name}/"
            for path in sorted((site / "en/questions").glob("*/index.html"))
        ],
    )
    page.close()
    assert len(pieces) > 5
    missing = {
        face: lost
        for face, text in pieces.items()
        if (lost := set(text) - there.get(face, set()) - {"\xa0"})
    }
    assert missing == {}
