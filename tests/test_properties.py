"""What holds for any input, however strange: found by Hypothesis."""

import contextlib
import json
import re

import pytest
import yaml
from conftest import ROOT
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree, html
from study_guide import (
    articles,
    catalogue,
    diagrams,
    formulas,
    search_index,
    search_text,
    typst_markup,
)
from study_guide.content_cache import ContentCache

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


class NoCache(ContentCache):
    """Keeps nothing: strange input is met once."""

    def __init__(self) -> None:
        pass

    def get(self, made_from, make):
        return make()


# ── taxonomy ───────────────────────────────────────────────────────────────

_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
_KEYS = st.sampled_from(
    [
        "topics",
        "plans",
        "slug",
        "zh",
        "en",
        "title",
        "description",
        "questions",
        "id",
        "level",
        "checked",
        "aliases",
        "parts",
    ]
) | st.text(max_size=4)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6)
    ),
    max_leaves=25,
)


@quick
@given(tree=_TREES)
def test_any_taxonomy_is_read_or_its_mistakes_are_named(
    tree, tmp_path_factory
) -> None:
    docs = tmp_path_factory.mktemp("docs")
    text = yaml.safe_dump({"topics": tree}, allow_unicode=True)
    (docs / "taxonomy.yml").write_text(text, encoding="utf-8")
    found, problems = catalogue.load(docs)
    for one in problems:
        assert one.message
        assert one.file
    assert len({q.id for q in found.questions.values()}) == len(
        found.questions
    )


@quick
@given(text=st.text(max_size=200))
def test_any_text_is_read_as_taxonomy_or_its_mistake_is_named(
    text, tmp_path_factory
) -> None:
    docs = tmp_path_factory.mktemp("docs")
    (docs / "taxonomy.yml").write_text(text, encoding="utf-8")
    found, problems = catalogue.load(docs)
    assert problems or not found.questions


# ── TeX ────────────────────────────────────────────────────────────────────

_TEX = st.lists(
    st.sampled_from(
        [
            r"x",
            r"_",
            r"^",
            r"{",
            r"}",
            r"\frac",
            r"\sqrt",
            r"\left(",
            r"\right)",
            r"&",
            r"\\",
            r"\text{",
            r"\href{",
            r"\mathbf",
            r"\begin{aligned}",
            r"\end{aligned}",
            r"$",
            r"%",
            r"~",
            r"'",
            r"<",
            r">",
            r"\"",
            r"好",
            r"\htmlId{a}",
            r"\includegraphics{x}",
            r"\def\a{\a}\a",
            r"\rule{9em}{9em}",
            r"&lt;",
        ]
    )
    | st.characters(),
    max_size=14,
).map(" ".join)


@quick
@given(tex=_TEX, display=st.booleans())
def test_any_tex_is_well_formed_and_harmless_or_refused(
    tex: str, display: bool
) -> None:
    try:
        made = formulas.render(tex, display=display, cache=NoCache())
    except formulas.TexError as error:
        assert str(error)
        return
    tree = html.fragment_fromstring(made)
    for one in tree.iter():
        assert one.tag not in ("script", "img", "iframe", "a", "object")
        assert not [key for key in one.attrib if key.startswith("on")]
    etree.fromstring(made.replace("&nbsp;", " "))


@quick
@given(text=st.text(max_size=40))
def test_plain_text_with_formulas_becomes_markup_that_says_the_same(
    text: str,
) -> None:
    plain = re.sub(r"[$`\x00-\x1f\x7f-\x9f]", "", text)
    made = articles.inline_formulas(plain)
    shown = html.fragment_fromstring(made, create_parent="div")
    assert shown.text_content().strip() == plain.strip()
    assert len(shown) == 0


# ── Mermaid ────────────────────────────────────────────────────────────────

_LABELS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20
)


@quick
@given(label=_LABELS, title=_LABELS)
def test_any_label_is_drawn_as_text_or_refused(label: str, title: str) -> None:
    source = (
        f"flowchart TB\n  accTitle: {title}\n  accDescr: {title}\n"
        f'  a["{label}"] --> b["B"]'
    )
    try:
        svg = diagrams.render(source, "any-diagram-1", NoCache())
    except diagrams.DiagramError as error:
        assert str(error)
        return
    tree = etree.fromstring(svg)
    for one in tree.iter(etree.Element):
        name = etree.QName(one).localname
        assert name not in ("script", "foreignObject", "image", "a")
        assert not [key for key in one.attrib if key.startswith("on")]
        for key, value in one.attrib.items():
            if key.endswith("href"):
                assert value.startswith("#")
    assert "url(http" not in svg


# ── articles to Typst ──────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def typst_text():
    """The text of Typst markup, by Typst itself."""
    import typst

    def text(markup: str) -> str:
        source = f"#metadata([{markup}]) <it>".encode()
        found = json.loads(typst.query(source, "<it>"))
        return _plain(found[0]["value"])

    return text


def _plain(node) -> str:
    """The text of a content tree as Typst's query gives it."""
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return "".join(map(_plain, node))
    match node.get("func"):
        case "text" | "symbol":
            return node["text"]
        case "space":
            return " "
        case "smartquote":
            return '"' if node.get("double", True) else "'"
        case "linebreak":
            return "\n"
    return "".join(
        _plain(node[key])
        for key in ("children", "body", "child")
        if key in node
    )


@quick
@given(plain=st.text(st.characters(blacklist_categories=["Cs", "Cc"])))
def test_any_text_survives_typst(plain: str, typst_text) -> None:
    said = typst_text(typst_markup.text(plain))
    assert _words(said) == _words(plain)


def _words(text: str) -> str:
    """Blanks apart, which Typst joins, and quotes, which it may set."""
    return re.sub(r"\s+|[\"'’‘“”]", "", text)


_INLINE = st.recursive(
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12),
    lambda inner: st.tuples(
        st.sampled_from(["em", "strong", "code", "span"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


_DEFINED = (
    "#let code(it) = [#it];#let long-code(..parts) = parts.pos().join();"
)


@pytest.fixture(scope="module")
def typst_writer() -> typst_markup.Writer:
    found, _ = catalogue.load(ROOT / "docs")
    question = found.questions["rope-idea"]
    return typst_markup.Writer(question, "en", {}, NoCache(), "https://x/")


def _element(node) -> html.HtmlElement:
    name, children = node
    made = html.Element(name)
    last = None
    for child in children:
        if isinstance(child, str):
            if last is None:
                made.text = (made.text or "") + child
            else:
                last.tail = (last.tail or "") + child
        else:
            last = _element(child)
            made.append(last)
    return made


@quick
@given(children=st.lists(_INLINE, max_size=4))
def test_any_inline_markup_becomes_typst_that_says_the_same(
    children, typst_text, typst_writer
) -> None:
    paragraph = _element(("p", children))
    markup = typst_markup.inline(paragraph, typst_writer)
    said = typst_text(f"{_DEFINED}{markup}")
    assert _words(said) == _words(paragraph.text_content())


# ── search ─────────────────────────────────────────────────────────────────


_SEARCHED = st.text(
    st.sampled_from(
        "aBzZ09 _-.,()/$缓存位置编码KV²ᵢⅣＡﬁ½éßİıＫÅ·、。：\u200b\u0301"
    )
    # What this Python's Unicode does not know yet, the browser's may.
    | st.characters(blacklist_categories=["Cs", "Cn"]),
    max_size=40,
)


@settings(quick, max_examples=300)
@given(text=_SEARCHED)
def test_browser_and_build_take_any_text_apart_alike(
    text: str, browser_text
) -> None:
    folded = search_text.fold(text)
    runs = search_text.runs(folded)
    own = [
        folded,
        [word for run in runs for word in search_text.words(run)],
        search_text.elements(folded),
    ]
    assert json.loads(browser_text.get("taken")(text)) == own


@quick
@given(word=st.text(min_size=1, max_size=20), shards=st.integers(1, 500))
@example(word="0\U0001c841", shards=3)  # a character of two units
def test_browser_and_build_agree_on_the_shard_of_any_word(
    word: str, shards: int, browser_text
) -> None:
    with contextlib.suppress(UnicodeEncodeError):
        word.encode()
        there = browser_text.eval("guideSearch.shardOf")(word, shards)
        assert there == search_index.shard_of(word, shards)
