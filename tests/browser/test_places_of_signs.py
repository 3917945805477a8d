"""Formulas with fewer elements look as KaTeX has them look."""

from collections.abc import Iterator

import pytest
from conftest import ROOT
from playwright.sync_api import Page, Route
from study_guide import flat_formulas, formulas, source
from study_guide.languages import LANGUAGES

VENDOR = "assets/vendor/katex/"
# Whatever KaTeX builds in a way of its own, and one inside of another.
CONSTRUCTIONS = (
    r"x_i x^2 x_i^2 x_{i_j} x^{2^k} {x_i}^2 x_{a_b^c}^{d_e^f} f'_a f''^2",
    r"{}_a^bX_c^d \quad \mathbf{W}_{qk} W_f P_T^{V} \Gamma_{f}^{f}",
    r"\frac{a}{b} \frac{a_i^2}{\sqrt{b}} \frac{\frac{a}{b}}{\frac{c}{d}}",
    r"\frac{1}{1+\frac{1}{1+\frac{1}{x}}} \dfrac{a}{b} \tfrac{a}{b}",
    r"\cfrac{1}{1+\cfrac{1}{x}} \binom{n}{k} \dbinom{n}{k} a^{\binom{n}{k}}",
    r"\genfrac[]{0pt}{1}{a}{b} {a \over b} {a \atop b} e^{-\frac{x^2}{2}}",
    r"\sum_{i=1}^{n} \sum\limits_i \sum\nolimits_i^n \prod_{\substack{i\\j}}",
    r"\int_0^1 \int\limits_0^1 \iint_D \oint \bigcup_i \bigoplus_{i}^{n}",
    r"\lim_{x\to0} \max_i \operatorname*{argmax}_{y\in Y} \log_2 x \Pr_x",
    r"\textstyle\sum_{i=1}^n x_i \displaystyle\sum_{i=1}^n x_i",
    r"\hat a \tilde x \bar W \vec v \dot x \ddot x \acute a \hat{\hat a}",
    r"\hat x_i^2 x_{\hat i} \widehat{ab} \widetilde{abc} \overline{ab}",
    r"\frac{\hat a}{\bar b} \hat f \hat{\mathbf x} \check a \mathring A",
    r"\underline{ab} \overbrace{a+b}^{n} \underbrace{a+b}_{n}",
    r"\overrightarrow{AB} \xrightarrow{abc} \xleftarrow[b]{a} \overset{a}{=}",
    r"\underset{a}{=} \stackrel{!}{=} \mathop{x}\limits_a^b \not= \neq",
    r"\sqrt{x} \sqrt[3]{x} \sqrt{\frac{a}{b}} \sqrt{x_i^2} x^{\sqrt{2}}",
    r"\left(\frac{a}{b}\right)^2_i \left.x\right|_{x=0} \bigl(\Bigl[\biggl\{",
    r"\left\{\begin{matrix}a_1\\b^2\end{matrix}\middle|\;c\right\}",
    r"\begin{pmatrix}a&b\\c&d\end{pmatrix} \begin{cases}a&b\\c&d\end{cases}",
    r"\begin{array}{l|c|r}a&b&c\\\hline d&e&f\end{array}_x^y",
    r"\mathrm{softmax} \text{if }x_i\text{ or }\textbf{so} \textit{it}",
    r"\mathcal{L}_i \mathbb{E}_x \mathfrak g^2 \mathscr S \mathsf T \mathtt x",
    r"\boldsymbol\beta_i \bm{x}^2 \pmb{a} \mathit{id}_a \operatorname{tr}^2",
    r"\color{red}x_i \textcolor{blue}{\frac{a}{b}} \colorbox{aqua}{$x_i$}",
    r"x_{\color{red}i}^{\textcolor{blue}{2}} \frac{\color{red}a}{b} \hat{\color{red}a}",
    r"\boxed{x_i} \cancel{x} \bcancel{5} \xcancel{x_i} \text{\sout{x}} \fbox{a}",
    r"\phantom{x_i} \hphantom{x} \vphantom{x^2} \smash{x_i} \llap{a} \rlap{b}",
    r"\mathllap{a}\mathrlap{b}\mathclap{c} \raisebox{1em}{$x_i$} \rule{1em}{2em}",
    r"\Large x_i \small x^2 \tiny\frac{a}{b} \Huge\hat x",
    r"a\,b\:c\;d\quad e\qquad f\!g\hspace{1em}h\mkern3mui\kern2pt j",
    r"a+b-c=d<e\le f\to g\mapsto h\mid i\parallel j,k;l:m!n?o",
    r"\ldots \cdots \vdots \ddots x_1,\ldots,x_n \infty \partial \nabla^2",
    r"\lVert x\rVert_2^2 |x| \lfloor x\rfloor \lceil x_i\rceil \langle a,b\rangle",
    r"x^{\top}_{\mathrm{in}} x^{*} x^{\prime\prime} \mathbb 1[a_i=a]",
    r"{\displaystyle\frac{\sum_{i}^n x_i}{\prod_j^m y_j}}^{\frac{a}{b}}",
    r"x_{\frac{a}{b}} x^{\frac{\frac{a}{b}}{c}} x_{\sum_i^n} \sum_{\frac{a}{b}}",
)
PLACES = """async () => {
  await Promise.all([...document.fonts].map((face) => face.load()));
  const near = (one, box) => {
    const {x, y, width, height} = one.getBoundingClientRect();
    return [x - box.x, y - box.y, width, height];
  };
  return [...document.querySelectorAll("main > div")].map((line) => {
    const box = line.getBoundingClientRect();
    const picture = line.querySelector(".katex-html");
    const found = [["line", 0, 0, box.width, box.height]];
    const walker = document.createTreeWalker(picture, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      const {color, fontFamily, fontSize, fontStyle, fontWeight} =
        getComputedStyle(node.parentElement);
      const ink = [color, fontFamily, fontSize, fontStyle, fontWeight].join();
      let at = 0;
      for (const sign of node.data) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at += sign.length);
        if (sign !== "\\u200b") found.push([`${sign} ${ink}`, ...near(range, box)]);
      }
    }
    for (const one of picture.querySelectorAll(
      ".frac-line, .overline-line, .underline-line, .katex-rule, svg"))
      found.push([one.localName, ...near(one, box)]);
    return found;
  });
}"""


def of_the_site() -> Iterator[tuple[str, bool]]:
    """Every fourth, some 800."""
    found = {
        (one.tex.strip(), one.display): None
        for language in LANGUAGES
        for path in sorted(ROOT.glob(f"docs/**/*.{language}.md"))
        for one in source.read(path, language).formulas
    }
    yield from list(found)[::4]


def constructions() -> Iterator[tuple[str, bool]]:
    for tex in CONSTRUCTIONS:
        yield tex, False
        yield tex, True


def page_of(pictures: list[str]) -> str:
    lines = "".join(f"<div>A {picture}</div>" for picture in pictures)
    return (
        f'<!doctype html><meta charset="utf-8">'
        f'<link rel="stylesheet" href="{VENDOR}katex.css">'
        f"<style>{rules()} div {{ white-space: nowrap }}</style>"
        f"<main>{lines}</main>"
    )


def rules() -> str:
    """Our own rules for what is inside a formula."""
    sheet = (ROOT / "docs/assets/styles/guide.css").read_text("utf-8")
    return "\n".join(
        line for line in sheet.splitlines() if line.startswith(".katex .")
    )


def places(page: Page, pictures: list[str]) -> list[list[list[object]]]:
    def answer(route: Route) -> None:
        _, _, path = route.request.url.partition("/" + VENDOR)
        if path:
            route.fulfill(path=ROOT / "docs" / VENDOR / path)
        else:
            route.fulfill(
                body=page_of(pictures), content_type="text/html; charset=utf-8"
            )

    page.route("**/*", answer)
    page.goto("http://formulas.test/")
    found: list[list[list[object]]] = page.evaluate(PLACES)
    page.unroute("**/*")
    return found


@pytest.mark.parametrize("which", [constructions, of_the_site])
def test_each_sign_stands_where_katex_puts_it(browser, which) -> None:
    wanted = []
    for tex, display in which():
        try:
            wanted.append((tex, formulas.by_katex(tex, display=display)))
        except formulas.TexError:
            assert which is of_the_site, tex  # pages show mistakes too
    assert len(wanted) > 50
    page = browser.new_page(viewport={"width": 3000, "height": 900})
    before = places(page, [html for _, html in wanted])
    after = places(page, [flat_formulas.flattened(html) for _, html in wanted])
    page.close()
    moved = []
    for (tex, _), was, now in zip(wanted, before, after, strict=True):
        same = [one[0] for one in was] == [one[0] for one in now] and all(
            abs(a - b) < 0.2
            for one, other in zip(was, now, strict=True)
            for a, b in zip(one[1:], other[1:], strict=True)
        )
        if not same:
            moved.append(tex)
    assert not moved, "\n".join(moved)
