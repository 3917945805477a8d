"""What holds for any input, however strange: found by Hypothesis."""

import contextlib
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date

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
from study_guide.problems import Problem

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

_SAID = {
    "zh": {"title": "题", "description": "述"},
    "en": {"title": "t", "description": "d"},
}
_GOOD = {
    "topics": [
        {
            "slug": topic,
            **_SAID,
            "questions": [
                {
                    "id": number,
                    "slug": slug,
                    "level": "basic",
                    "checked": date(2026, 11, 24),
                    "zh": "问",
                    "en": "q",
                }
                for number, slug in questions
            ],
        }
        for topic, questions in [
            ("a", [(1, "b"), (2, "c-1")]),
            ("d", [(3, "e")]),
        ]
    ],
    "plans": [
        {"slug": "f", **_SAID, "days": [["b", "e"], ["c-1"]]},
        {"slug": "g", **_SAID, "days": "topics"},
    ],
}


def _places(node: object, path: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """Path -> what stands there, of all of a tree."""
    yield path, node
    pairs = node.items() if isinstance(node, dict) else ()
    for key, child in enumerate(node) if isinstance(node, list) else pairs:
        yield from _places(child, (*path, key))


_TOPIC, _PLAN = _GOOD["topics"][0], _GOOD["plans"][0]
_STRANGE = st.sampled_from(
    [
        *(None, True, 0, 1, "", "A b", "a", "b", "f", [], {}, [[]], [{}]),
        *(_TOPIC, _TOPIC["questions"][0], _PLAN),
    ]
)


def _broken(changes: list[tuple[tuple, object]]) -> object:
    """The good taxonomy with something else in some places."""
    tree = {"": deepcopy(_GOOD)}
    for path, part in changes:
        node = tree
        for key in ("", *path)[:-1]:
            node = node[key]
        node[("", *path)[-1]] = deepcopy(part)
    return tree[""]


def _loaded(
    content: bytes, folders: pytest.TempPathFactory
) -> tuple[catalogue.Catalogue, list[Problem]]:
    """What the loader makes of a taxonomy with this content."""
    docs = folders.mktemp("docs")
    (docs / "taxonomy.yml").write_bytes(content)
    return catalogue.load(docs)


@settings(quick, max_examples=800)
@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from([path for path, _ in _places(_GOOD)]), _STRANGE
        ),
        max_size=1,
    )
)
def test_any_taxonomy_is_read_or_its_mistakes_are_named(
    changes, tmp_path_factory
) -> None:
    tree = _broken(changes)
    text = yaml.safe_dump(tree, allow_unicode=True)
    found, problems = _loaded(text.encode(), tmp_path_factory)
    for one in problems:
        assert one.message
        assert one.remedy
        assert one.file
    read = [one for topic in found.topics for one in topic.questions]
    for one in read:
        assert type(one.id) is int
        assert one.level in catalogue.LEVELS
        assert one.titles["zh"].strip()
    if not problems:  # then all that was written was read, each thing once
        assert [one.slug for one in read] == [
            one["slug"]
            for topic in tree["topics"]
            for one in topic["questions"]
        ]
        for names in (
            [one.id for one in read],
            [one.slug for one in read],
            [one.slug for one in found.topics],
            [one.slug for one in found.plans],
        ):
            assert len(set(names)) == len(names)


@quick
@given(content=st.binary(max_size=40))
def test_a_taxonomy_of_any_bytes_is_read_or_its_mistake_is_named(
    content, tmp_path_factory
) -> None:
    found, problems = _loaded(content, tmp_path_factory)
    assert problems or not found.questions


@quick
@given(text=st.text(max_size=200))
def test_any_text_is_read_as_taxonomy_or_its_mistake_is_named(
    text, tmp_path_factory
) -> None:
    found, problems = _loaded(text.encode(), tmp_path_factory)
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


# Commands that would lead somewhere, load or name something.
_LEADING = st.sampled_from(
    [
        r"\href{javascript:a()}{x}",
        r"\url{https://x.example/}",
        r"\includegraphics[alt=x]{https://x.example/x.png}",
        r"\htmlClass{x}{y}",
        r"\htmlData{onclick=x}{y}",
        r"\htmlStyle{position: fixed}{y}",
        r"\text{<script>a()</script>}",
        r"\textcolor{red}{\text{<img src=x onerror=a()>}}",
    ]
)
_INSIDE = st.sampled_from([r"{}", r"\frac{{{}}}{{2}}", r"x_{{{}}}", "{} = 1"])


@quick
@given(
    tex=_TEX
    | st.builds(lambda tex, where: where.format(tex), _LEADING, _INSIDE),
    display=st.booleans(),
)
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
    st.sampled_from("<>&\"'/=;#|[](){}%-ab好 ")
    | st.characters(blacklist_categories=["Cs", "Cc"]),
    max_size=20,
)
_LINES = st.sampled_from(
    [
        "flowchart TB",
        "flowchart",
        "sequenceDiagram",
        "accTitle: t",
        "accDescr: d",
        'a["A"] --> b["B"]',
        "a --> b",
        "subgraph s",
        "end",
        "class a key",
        'click a "javascript:x()"',
        'click a href "https://x.example/"',
        "style a fill:url(https://x.example/x)",
        '%%{init: {"securityLevel": "loose"}}%%',
        'a["<img src=x onerror=x()>"]',
        'a@{ img: "https://x.example/x.png" }',
        "x" * 5000,
    ]
)


@settings(quick, max_examples=120)
@given(
    source=st.builds(
        'flowchart TB\n  accTitle: {0}\n  accDescr: {0}\n  a["{1}"] --> b["B"]'.format,
        _LABELS,
        _LABELS,
    )
    | st.lists(_LINES | st.text(max_size=20), max_size=9).map("\n".join)
    | st.lists(_LINES, max_size=4).map(
        lambda some: "\n".join(
            ["flowchart TB", "accTitle: t", "accDescr: d", "a --> b", *some]
        )
    )
)
def test_any_diagram_is_drawn_without_harm_or_refused(source: str) -> None:
    try:
        svg = diagrams.render(source, "any-diagram-1", NoCache())
    except diagrams.DiagramError as error:
        assert str(error)
        return
    tree = etree.fromstring(svg)
    for one in tree.iter(etree.Element):
        name = etree.QName(one).localname
        assert name not in ("script", "foreignObject", "image", "img", "a")
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


# What means something in Typst, and the rest.
_MARKS = st.sampled_from(
    r"\`*_{}[]()#+-.!~^$<>@=/'\"|&:;,/1a好"
) | st.characters(blacklist_categories=["Cs", "Cc"])


@quick
@given(plain=st.text(_MARKS))
@example(plain="// a")
@example(plain="a -- b --- -?")
@example(plain="= a")
@example(plain="+ a")
@example(plain='\\"\\n')
@example(plain="1. a")
def test_any_text_survives_typst(plain: str, typst_text) -> None:
    said = typst_text(typst_markup.text(plain))
    assert _words(said) == _words(plain)
    assert typst_text(f"#{typst_markup.string(plain)}") == plain


def _words(text: str) -> str:
    """Blanks apart, which Typst joins, and quotes, which it may set."""
    return re.sub(r"\s+|[\"'’‘“”]", "", text)


_INLINE = st.recursive(
    st.text(_MARKS, max_size=12),
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
