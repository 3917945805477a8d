"""Each rule for a question finds its mistake, with file, line and remedy."""

import pytest
from conftest import Project
from study_guide import question_checks
from study_guide.content_cache import ContentCache
from study_guide.problems import Problem


def check(project: Project, cache: ContentCache) -> list[Problem]:
    library = project.library(cache)
    question = library.catalogue.questions["rope-idea"]
    return list(question_checks.check(question, library))


def test_the_exemplar_is_without_fault(
    project: Project, cache: ContentCache
) -> None:
    assert check(project, cache) == []


# (file, old, new, rule, whether the line of `old` is named, part of message)
BREAKS = [
    ("index.en.md", "$d_k=2$", r"$d_k=\frac{2$", "tex", True, "frac"),
    ("index.zh.md", "$d_k=2$", r"$d_k=二$", "tex", True, "二"),
    ("index.en.md", "accTitle: Where", "accTtle: Where", "mermaid", False, ""),
    ("index.en.md", "xn[", "xn[[(", "mermaid", False, ""),
    (
        "index.en.md",
        "## Follow-ups { #follow-ups }",
        "",
        "parts",
        False,
        "foll",
    ),
    ("index.en.md", "{ #follow-ups }", "{ #more }", "parts", True, "more"),
    ("index.en.md", "{ #goal }", "", "heading", True, "no ascii id"),
    (
        "index.en.md",
        "{ #goal }",
        "{ #frequencies }",
        "heading",
        False,
        "twice",
    ),
    (
        "index.en.md",
        "### The goal",
        "### The $x$ goal",
        "heading",
        True,
        "form",
    ),
    ("index.en.md", "### The goal", "#### The goal", "heading", True, "###"),
    (
        "index.en.md",
        "# What is the idea",
        "# What is this",
        "title",
        True,
        "tax",
    ),
    (
        "index.en.md",
        "[@sun2022xpos]",
        "[@sun2099xpos]",
        "citation",
        True,
        "2099",
    ),
    (
        "index.en.md",
        "<!-- references -->",
        "",
        "references",
        False,
        "no place",
    ),
    ("index.en.md", "../kv-cache/", "../kv-cash/", "link", True, "kv-cash"),
    (
        "index.en.md",
        "(rotation.en.svg)",
        "(rotation.en.svg){ explorable=nothing }",
        "explorable",
        True,
        "no explorable nothing",
    ),
    (
        "index.en.md",
        "(rotation.en.svg)",
        "(rotation.en.svg){ explorable=sampling, top_p }",
        "explorable",
        True,
        "cannot be read",
    ),
    (
        "index.en.md",
        "(rotation.en.svg)",
        "(rotation.en.svg){ explorable=sampling }",
        "parity",
        False,
        "explorables",
    ),
    (
        "index.en.md",
        "../kv-cache/index.md",
        "https://a.b",
        "link",
        True,
        "out",
    ),
    ("index.en.md", "](rotation.en", "](spin.en", "image", True, "no file"),
    (
        "index.en.md",
        "](rotation.en",
        "](rotation.zh",
        "image",
        True,
        "language",
    ),
    (
        "index.en.md",
        "example.py:rope",
        "example.py:r",
        "include",
        True,
        "no sec",
    ),
    ("index.en.md", "example.out", "exam.out", "include", False, "no file"),
    ("index.en.md", "-1.5864753207", "-1.5864753208", "number", True, "3208"),
    (
        "index.en.md",
        "/// mistake | RoPE is a",
        "/// error | R",
        "block",
        True,
        "",
    ),
    ("index.en.md", "Pair up", "TODO Pair up", "placeholder", True, ""),
    ("index.en.md", "Pair up", "Pair\u200b up", "character", True, "U+200B"),
    (
        "index.zh.md",
        "把每个头的",
        "把每个头\u2f00的",
        "character",
        True,
        "KANGXI",
    ),
    ("index.zh.md", "两两配对，", "两两配对,", "chinese-type", True, "half"),
    (
        "index.zh.md",
        "看成一个复数；",
        "看成1个复数；",
        "chinese-type",
        True,
        "no sp",
    ),
    (
        "index.en.md",
        "Pair up",
        "[Pair](../kv-cache/index.md)",
        "short-answer",
        True,
        "link",
    ),
    (
        "index.en.md",
        "Pair up",
        "word " * 40 + "Pair up",
        "short-answer",
        True,
        "70",
    ),
    ("index.en.md", "aliases: [", "aliases: [[", "front-matter", False, ""),
    ("index.en.md", "points:", "hints:", "front-matter", False, "points"),
    ("index.en.md", "|f(q,m)|=|q|", "|f(q,m)|=|k|", "parity", False, "inline"),
    (
        "index.en.md",
        r"\langle q,k\rangle .",
        r"\langle k\rangle .",
        "parity",
        False,
        "display",
    ),
    (
        "index.en.md",
        " [@su2021roformer]. Find",
        ". Find",
        "parity",
        False,
        "cit",
    ),
    (
        "index.en.md",
        'title="example.py"',
        'title="rope.py"',
        "parity",
        True,
        "code",
    ),
    ("example.py", "assert", "print", "worked-example", False, "cannot fail"),
    (
        "example.py",
        "import numpy as np",
        "import numpy as np" + " " * 70,
        "worked-example",
        True,
        "80",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "named", "message"),
    BREAKS,
    ids=[f"{one[3]}-{number}" for number, one in enumerate(BREAKS)],
)
def test_a_mistake_is_found(
    project: Project,
    cache: ContentCache,
    file: str,
    old: str,
    new: str,
    rule: str,
    named: bool,
    message: str,
) -> None:
    text = (project.question / file).read_text(encoding="utf-8")
    line = text[: text.find(old)].count("\n") + 1
    project.change(file, old, new)
    found = [p for p in check(project, cache) if p.rule == rule]
    assert found, f"rule {rule} is silent"
    hit = [
        p
        for p in found
        if p.file == f"docs/questions/rope-idea/{file}"
        and (not named or p.line == line)
        and message in p.message
    ]
    assert hit, [str(p) for p in found]
    assert hit[0].remedy


def test_a_missing_translation_is_found(
    project: Project, cache: ContentCache
) -> None:
    (project.question / "index.en.md").unlink()
    rules = {(p.rule, p.file) for p in check(project, cache)}
    file = "docs/questions/rope-idea/index.en.md"
    assert ("translation", file) in rules


def test_missing_output_is_found(
    project: Project, cache: ContentCache
) -> None:
    (project.question / "example.out").unlink()
    assert "recorded-output" in {p.rule for p in check(project, cache)}


def test_parts_out_of_order_are_found(
    project: Project, cache: ContentCache
) -> None:
    project.change("index.en.md", "{ #follow-ups }", "{ #x }")
    project.change("index.en.md", "{ #common-mistakes }", "{ #follow-ups }")
    project.change("index.en.md", "{ #x }", "{ #common-mistakes }")
    messages = [p.message for p in check(project, cache) if p.rule == "parts"]
    assert any("common-mistakes is out of order" in one for one in messages)


@pytest.mark.parametrize(
    ("text", "language", "size"),
    [
        ("把 $x_1$ 与 KV 缓存", "zh", 6),
        ("Turn $x_1$ by two-thirds, don't ask.", "en", 6),
    ],
)
def test_a_formula_counts_as_one(text: str, language: str, size: int) -> None:
    assert question_checks.measure(text, language) == size
