"""The Markdown of a page for those who read it as such: what its author
wrote, with the shown files, the references and the figures' texts in place."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

from markdown import Markdown

from study_guide import bibliography, source
from study_guide.bibliography import Reference
from study_guide.languages import Language

# An explorable's braces go with the figure.
_IMAGE = re.compile(
    r"^!\[(.*)\]\([^)\s]+\.svg\)(?:\{[^}\n]*\})?$", re.MULTILINE
)
_PAGE_LINK = re.compile(r"\]\(([\w./-]+\.md(?:#[\w-]+)?)\)")
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>')
_HEADING_ID = re.compile(r"^(#{1,6} .*?) +\{ *#[\w-]+ *\} *$", re.MULTILINE)


def resolved(
    markdown: str,
    language: Language,
    references: Mapping[str, Reference],
    docs: Path,
    address: str,
) -> str:
    """`markdown`, complete in itself. `address` is that of the page, which
    the text names; it is the place to see the figures. A page that cites
    nothing has no `references`."""
    text = _with_snippets(markdown, docs)
    text = _with_references(text, language, references)
    # The figures stand in the page alone; what they show is said here.
    text = _IMAGE.sub(lambda found: f"> {found[1]}", text)
    text = _HEADING_ID.sub(r"\1", text).strip()
    # Whole addresses: the text is read far from its folder.
    text = _PAGE_LINK.sub(
        lambda found: f"]({urljoin(address, found[1])})", text
    )
    title, _, rest = text.partition("\n")
    return f"{title}\n\n<{address}>\n{rest}\n"


def _with_snippets(markdown: str, docs: Path) -> str:
    """The included files in place, as MkDocs' own extension puts them."""
    reader = Markdown(
        extensions=["pymdownx.snippets"],
        extension_configs={
            "pymdownx.snippets": {
                "base_path": [str(docs)],
                "check_paths": True,
            }
        },
    )
    lines = reader.preprocessors["snippet"].run(markdown.split("\n"))
    # A section of a program ends in blank lines, its fence does not.
    return re.sub(r"\n{2,}```\n", "\n```\n", "\n".join(lines))


def _with_references(
    markdown: str, language: Language, references: Mapping[str, Reference]
) -> str:
    """Numbers for the citation keys, and the list that they point into."""
    order: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        keys = [one.strip().removeprefix("@") for one in found[1].split(";")]
        known = [key for key in keys if key in references]
        numbers = [order.setdefault(key, len(order) + 1) for key in known]
        return "".join(f"[{one}]" for one in numbers) or found[0]

    text = source.CITATION.sub(number, markdown)
    listed = "\n".join(
        f"{position}. {_plain(bibliography.listed(references[key], language))}"
        for key, position in order.items()
    )
    return text.replace(source.REFERENCES, listed) if order else text


def _plain(html: str) -> str:
    html = _LINK.sub(r"[\2](\1)", html)
    return unescape(re.sub(r"</?i>", "*", html))
