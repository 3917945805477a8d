"""What MkDocs makes of a question is completed: numbers, lists, figures."""

import re

import pytest
from conftest import Project
from study_guide import articles
from study_guide.articles import Article, Workshop

HTML = r"""
<h1 id="t">What is RoPE?<a class="headerlink" href="#t">¶</a></h1>
<h2 id="short-answer">Short answer</h2>
<p>It turns <span class="arithmatex">\(q\)</span>, not <code>v</code>.</p>
<h2 id="worked-answer">Worked answer</h2>
<h3 id="goal">The goal</h3>
<p>A claim [@su2021roformer; @vaswani2017attention]. Again [@su2021roformer].
See <a href="../kv-cache/index.md">KV cache</a> (<span class="arithmatex">\(x\)</span>).</p>
<div class="arithmatex">\[
a=b
\]</div>
<figure><p><img alt="circles" src="rotation.en.svg"></p>
<figcaption><p>One <span class="arithmatex">\(\theta\)</span>.</p></figcaption></figure>
<figure><table><tr><td>1</td></tr></table><figcaption><p>Rows.</p></figcaption></figure>
<h2 id="worked-example">Worked example</h2>
<div class="highlight"><span class="filename">example.py</span><pre><span></span><code>print(1)</code></pre></div>
<div class="highlight"><span class="filename">example.out</span><pre><span></span><code>1 &lt; 2
</code></pre></div>
<h2 id="references">References</h2>
<!-- references -->
"""


@pytest.fixture
def article(project: Project, shop: Workshop) -> Article:
    question = shop.catalogue.questions["rope-idea"]
    meta = {"points": ["`v` stays, $q$ turns"], "aliases": ["RoPE"]}
    return articles.make(HTML, question, "en", meta, shop)


def test_parts(article: Article) -> None:
    assert article.title == "What is RoPE?"
    assert article.short_answer_text == "It turns q, not v."
    assert [s.id for s in article.sections if s.level == 2] == [
        "short-answer",
        "worked-answer",
        "worked-example",
        "references",
    ]
    assert "short-answer" not in article.body
    assert article.points == (
        '<code>v</code> stays, <span class="arithmatex">\\(q\\)</span> turns',
    )


def test_citations_are_numbered_in_order_of_appearance(
    article: Article,
) -> None:
    numbers = re.findall(r'<a class="cite" href="#ref-(\d)">', article.body)
    assert numbers == ["1", "2", "1"]
    listed = article.body[article.body.index('<ol class="refs">') :]
    assert listed.index("RoFormer") < listed.index("Attention Is All")
    assert "[@" not in article.body


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_citation_is_held_to_what_it_follows(
    shop: Workshop, language: str
) -> None:
    question = shop.catalogue.questions["rope-idea"]
    html = (
        '<h2 id="worked-answer">A</h2><p>One [@su2021roformer], two '
        "[@sun2022xpos]. <code>x</code> [@su2021roformer; @sun2022xpos]."
        '<span class="arithmatex">\\(y\\)</span> [@sun2022xpos]; z</p>'
    )
    body = articles.make(html, question, language, {}, shop).body
    cite = '<a class="cite" href="#ref-{0}">[{0}]</a>'
    first, second = cite.format(1), cite.format(2)
    if language == "en":
        assert f"One\u00a0{first}, two\u00a0{second}. " in body
        both = f'<span class="nb">{first}{second}</span>'
        assert f"</code>\u00a0{both}." in body
    else:
        assert f'On<span class="nb">e{first}</span>, tw' in body
        assert f'tw<span class="nb">o{second}</span>. ' in body
        assert f'<span class="nb"><code>x</code>{first}{second}</span>.' in (
            body
        )
        assert f"</span>{second}</span>; z" in body


def test_formulas_figures_tables_and_listings_carry_the_number(
    article: Article,
) -> None:
    assert '<a class="n" href="#eq-1">(84.1)</a>' in article.body
    assert "<b>Figure\u00a084.1</b> One" in article.body
    assert "<b>Table\u00a084.1</b> Rows." in article.body
    assert "<b>Program\u00a084.1</b>" in article.body or (
        "<b>Listing\u00a084.1</b>" in article.body
    )


def test_recorded_output_stands_under_its_code(article: Article) -> None:
    listing = article.body[article.body.index('id="listing-1"') :]
    assert '<pre class="out"' in listing[: listing.index("</div>\n<h2")]
    assert "1 &lt; 2" in listing
    assert "../../../questions/rope-idea/example.py" in listing


def test_output_apart_from_its_code_has_a_frame(shop: Workshop) -> None:
    question = shop.catalogue.questions["rope-idea"]
    html = HTML.replace(
        "</code></pre></div>\n<div", "</code></pre></div>\n<p>So:</p><div"
    )
    body = articles.make(html, question, "en", {}, shop).body
    assert '<div class="highlight output"><pre class="out"' in body
    assert "example.out" not in body


def test_figures_are_inlined_with_their_alternative(article: Article) -> None:
    assert 'aria-label="circles"' in article.body
    assert "viewBox" in article.body
    assert "<img" not in article.body
    assert article.explorables == ()
    assert "explorable" not in article.body
    assert "var(--figure-blue" in article.body


def test_a_plot_whose_text_says_diagram_is_no_diagram(shop: Workshop) -> None:
    question = shop.catalogue.questions["rope-idea"]
    drawn = (
        '<figure><div class="diagram-source">flowchart TB\n accTitle: a\n'
        ' accDescr: b\n a["x"]</div><figcaption>c</figcaption></figure>'
    )
    html = HTML.replace('alt="circles"', 'alt="a diagram"')
    html = html.replace('<h2 id="references">', f'{drawn}<h2 id="references">')
    body = articles.make(html, question, "en", {}, shop).body
    assert re.findall('<figure class="(hang[^"]*)"', body) == [
        "hang",
        "hang diagram",
    ]


def test_an_explorable_stands_around_its_figure(shop: Workshop) -> None:
    question = shop.catalogue.questions["rope-idea"]
    html = HTML.replace(
        'alt="circles"',
        'alt="circles" explorable="sampling" top_p="0.9" shape="tail"',
    )
    made = articles.make(html, question, "en", {}, shop)
    assert made.explorables == ("sampling",)
    assert (
        '<explorable-sampling class="explorable"'
        ' start="top_p=0.9&amp;shape=tail"><div class="figure-pair">'
    ) in made.body
    assert re.search(
        r"</div></explorable-sampling>\s*<figcaption><b>Figure", made.body
    )


def test_links_to_unpublished_questions_become_text(article: Article) -> None:
    assert '<span class="unpublished">KV cache</span>' in article.body
    assert article.related == ()


def test_formulas_stay_with_their_punctuation(article: Article) -> None:
    assert (
        '<span class="nb">(<span class="arithmatex">\\(x\\)</span>).</span>'
        in article.body
    )


def test_a_long_formula_breaks_but_keeps_its_last_piece(
    shop: Workshop,
) -> None:
    tex = r"\alpha_1+\beta_2+\gamma_3=\delta_4+\epsilon_5+\zeta_6"
    html = (
        f'<span class="nb"><span class="arithmatex">\\({tex}\\)</span>.</span>'
    )
    made = articles.with_formulas(html, shop.cache)
    assert made.count("<math") == 1
    before, _, last = made.rpartition('<span class="nb">')
    assert before
    assert re.search(r"</span>\.</span>$", last)
    assert made.count("<span") == made.count("</span>")


@pytest.mark.parametrize(
    ("tex", "held"),
    [("m-n=3", True), ("x", False), (r"\alpha_1+\beta_2=\gamma_3+1", False)],
)
def test_a_short_formula_is_not_broken(
    shop: Workshop, tex: str, held: bool
) -> None:
    html = f'with <span class="arithmatex">\\({tex}\\)</span> and'
    made = articles.with_formulas(html, shop.cache)
    assert made.startswith('with <span class="nb">') == held
    assert made.count("<span") == made.count("</span>")
    both = f'<span class="nb">{html[5:-4]}<a class="cite">[1]</a></span>'
    assert articles.with_formulas(both, shop.cache).count('"nb"') == 1


def test_a_citation_behind_a_formula_ends_what_is_held(
    shop: Workshop,
) -> None:
    html = (
        '<span class="nb"><span class="arithmatex">\\(x\\)</span>'
        '<a class="cite">[1]</a></span> and <span class="nb">'
        '<span class="arithmatex">\\(y\\)</span>.</span>'
    )
    made = articles.with_formulas(html, shop.cache)
    assert '[1]</a></span> and <span class="nb">' in made


def test_a_page_that_is_no_question(project: Project, shop: Workshop) -> None:
    html = '<p><span class="arithmatex">\\(a\\)</span></p><table></table>'
    made = articles.complete(html, project.docs / "index.en.md", shop)
    assert "<math" in made
    assert '<div class="scroll" tabindex="0"><table>' in made
