"""What the practice page asks is taken from the articles."""

import json

import pytest
from conftest import Project
from study_guide import articles, practice_cards
from study_guide.articles import Article, Workshop
from study_guide.content_cache import ContentCache

HTML = r"""
<h1 id="t">What is RoPE?</h1>
<h2 id="short-answer">Short answer</h2>
<p>It turns <span class="arithmatex">\(q\)</span>.</p>
<h2 id="worked-answer">Worked answer</h2>
<div class="arithmatex">\[
a=b
\]</div>
<div class="arithmatex">\[
\theta_i=b^{-2i/d_k}
\]</div>
<div class="arithmatex">\[
q^\top k=m-n
\]</div>
<p>A claim [@su2021roformer].</p>
<h2 id="follow-ups">Follow-ups</h2>
<details class="follow-up question"><summary>Why not <span class="arithmatex">\(v\)</span>?</summary>
<p>See <a href="../kv-cache/">the cache</a>, [@su2021roformer] and
<a href="#goal">the goal</a>.</p>
<div class="arithmatex">\[
c=d
\]</div></details>
<details class="follow-up question"><summary>Second?</summary><p>Yes.</p></details>
<h2 id="references">References</h2>
<!-- references -->
"""


@pytest.fixture
def article(project: Project, shop: Workshop) -> Article:
    (project.docs / "questions" / "kv-cache").mkdir()
    question = shop.catalogue.questions["rope-idea"]
    meta = {"points": [r"$\theta_i=b^{-2i/d_k}$", "only $m-n$"]}
    return articles.make(HTML, question, "en", meta, shop)


def test_a_card_holds_what_is_asked(
    article: Article, cache: ContentCache
) -> None:
    card = practice_cards.card(article, cache)
    assert "katex" in card["short"]
    assert len(card["points"]) == 2
    assert article.follow_ups == 2
    assert [one["answer"] for one in card["followUps"]][1] == "<p>Yes.</p>"
    assert "summary" not in card["followUps"][0]["answer"]
    assert "Why not" in card["followUps"][0]["question"]


def test_the_key_formulas_are_those_of_the_points(
    article: Article, cache: ContentCache
) -> None:
    formulas = practice_cards.card(article, cache)["formulas"]
    assert len(formulas) == 2
    assert "(84.2)" in formulas[0]
    assert "(84.3)" in formulas[1]


def test_links_lead_from_the_practice_page(
    article: Article, cache: ContentCache
) -> None:
    card = practice_cards.card(article, cache)
    answer = card["followUps"][0]["answer"]
    assert 'href="../../en/questions/kv-cache/"' in answer
    assert 'href="../../en/questions/rope-idea/#goal"' in answer
    assert 'href="../../en/questions/rope-idea/#ref-1"' in answer
    assert 'href="../../en/questions/rope-idea/#eq-2"' in card["formulas"][0]


def test_cards_bring_no_ids(article: Article, cache: ContentCache) -> None:
    """Parts of several questions stand on one page."""
    assert ' id="' not in json.dumps(practice_cards.card(article, cache))


def test_a_file_hands_over_its_card(
    article: Article, cache: ContentCache
) -> None:
    files = practice_cards.files([article], cache)
    text = files["rope-idea.js"]
    start, end = 'guidePractice.receive("rope-idea",', ");\n"
    assert text.startswith(start)
    card = json.loads(text.removeprefix(start).removesuffix(end))
    assert card == practice_cards.card(article, cache)
