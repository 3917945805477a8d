"""A new question: the files that `guide.py new` lays out to be written."""

from collections.abc import Mapping

from study_guide.catalogue import Question
from study_guide.languages import LANGUAGES, Language

# What stands here is to be replaced; `check` refuses a page that still has it.
PLACEHOLDER = "TODO"

_HEADINGS: Mapping[Language, tuple[str, ...]] = {
    "zh": ("简答", "详解", "算一算", "易错点", "追问", "参考文献"),
    "en": (
        "Short answer",
        "Worked answer",
        "Worked example",
        "Common mistakes",
        "Follow-ups",
        "References",
    ),
}

_PAGE = """\
---
aliases: [{todo}]
points:
  - '{todo}'
  - '{todo}'
  - '{todo}'
---

# {title}

## {short} {{ #short-answer }}

{todo}

## {answer} {{ #worked-answer }}

{todo}

```mermaid
flowchart TB
    accTitle: {todo}
    accDescr: {todo}
    a["{todo}"] --> b["{todo}"]
```

/// caption
{todo}
///

## {example} {{ #worked-example }}

{todo}

```python title="example.py"
--8<-- "questions/{slug}/example.py:{slug}"
```

```text title="example.out"
--8<-- "questions/{slug}/example.out"
```

## {mistakes} {{ #common-mistakes }}

/// mistake | {todo}
{todo}
///

/// mistake | {todo}
{todo}
///

## {follow_ups} {{ #follow-ups }}

/// follow-up | {todo}
{todo}
///

/// follow-up | {todo}
{todo}
///

## {references} {{ #references }}

<!-- references -->
"""

_EXAMPLE = '''\
"""{title}

Source: {todo}
"""


# --8<-- [start:{slug}]
def answer() -> int:
    """{todo}"""
    return 42


# --8<-- [end:{slug}]


if __name__ == "__main__":
    print(f"{{answer() = }}")
    assert answer() == 42
'''

# What `record` keeps of it, so that the page can be shown at once.
_OUTPUT = "answer() = 42\n"


def _page(question: Question, language: Language) -> str:
    names = ("short", "answer", "example", "mistakes", "follow_ups")
    headings = dict(
        zip((*names, "references"), _HEADINGS[language], strict=True)
    )
    return _PAGE.format(
        title=question.titles[language],
        slug=question.slug,
        todo=PLACEHOLDER,
        **headings,
    )


def files(question: Question) -> Mapping[str, str]:
    """File name -> text of a folder to begin `question` with."""
    pages = {f"index.{one}.md": _page(question, one) for one in LANGUAGES}
    example = _EXAMPLE.format(
        title=question.titles["en"], slug=question.slug, todo=PLACEHOLDER
    )
    return {**pages, "example.py": example, "example.out": _OUTPUT}
