"""What carries rules is found in Markdown, with its line."""

from pathlib import Path

from study_guide import source, text_checks

PAGE = """\
---
aliases: [a]
---

# Title

## Short { #short-answer }

A formula $x_1$ costs \\$5, `$not$` code. See [it](../kv-cache/index.md) [@a; @b].

$$
a
=b
$$

```python title="x"
--8<-- "questions/q/example.py:part"
# no heading
$no$
```

/// mistake | $x$ is y.
body
///
"""


def read(tmp_path: Path, text: str = PAGE) -> source.Source:
    path = tmp_path / "index.en.md"
    path.write_text(text, encoding="utf-8")
    return source.read(path, "en")


def test_formulas_are_found_outside_code(tmp_path: Path) -> None:
    found = read(tmp_path).formulas
    assert [(f.line, f.tex, f.display) for f in found] == [
        (9, "x_1", False),
        (11, "a\n=b", True),
        (22, "x", False),
    ]


def test_explorables_are_found_and_are_no_prose(tmp_path: Path) -> None:
    image = "![a](b.en.svg)"
    page = read(
        tmp_path,
        f"{image}{{ explorable=sampling top_p=0.9 shape=tail }}\n"
        f"{image}{{explorable=masks}}\n{image}{{ .wide }}\n",
    )
    assert [(one.name, one.start) for one in page.explorables] == [
        ("sampling", "top_p=0.9&shape=tail"),
        ("masks", ""),
        ("", ""),
    ]
    assert not [text for _, text in page.prose if "{" in text]


def test_links_citations_includes_and_blocks(tmp_path: Path) -> None:
    page = read(tmp_path)
    assert [(one.line, one.target) for one in page.links] == [
        (9, "../kv-cache/index.md")
    ]
    assert [c.key for c in page.citations] == ["a", "b"]
    assert [(i.line, i.path, i.section) for i in page.includes] == [
        (17, "questions/q/example.py", "part")
    ]
    assert [(b.kind, b.title) for b in page.blocks] == [
        ("mistake", "$x$ is y.")
    ]
    assert [h.id for h in page.headings] == ["", "short-answer"]


def test_what_is_not_closed_is_noted(tmp_path: Path) -> None:
    page = read(tmp_path, "# T\n\n$$\na\n")
    assert page.unclosed == [(3, "a display formula")]
    page = read(tmp_path, "# T\n\n```python\na\n")
    assert page.unclosed == [(3, "a code fence")]


def test_broken_front_matter_has_a_line(tmp_path: Path) -> None:
    page = read(tmp_path, "---\naliases: [a\npoints: x\n---\n")
    assert page.meta_error is not None
    assert page.meta_error[0] in (2, 3)


def test_html_in_a_page_is_named_and_what_looks_like_it_is_not(
    tmp_path: Path,
) -> None:
    page = tmp_path / "index.en.md"
    page.write_text(
        "# A <b>title</b>\n\n"
        "<img src=x onerror=a()>\n\n"
        "Seen: `<b>`, $a<b$, 1 < 2, <https://example.org/a>\n\n"
        "<!-- references -->\n\n"
        "```html\n<script>a()</script>\n```\n\n"
        "</div>\n",
        encoding="utf-8",
    )
    found = text_checks.check_characters(source.read(page, "en"), "f")
    assert [(one.line, one.rule) for one in found] == [
        (1, "raw-markup"),
        (3, "raw-markup"),
        (13, "raw-markup"),
    ]
