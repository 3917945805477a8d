"""What is wrong with the content: one record a mistake, told to people."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from json import dumps
from typing import Literal, get_args

# The rules, by what they look at: data, a page's source, both languages of a
# page, the finished site. docs/contributing/style says what breaks each.
Rule = Literal[
    "taxonomy",
    "bibliography",
    "errata",
    "front-matter",
    "title",
    "parts",
    "heading",
    "short-answer",
    "tex",
    "display-formula",
    "unclosed",
    "mermaid",
    "figure",
    "image",
    "explorable",
    "citation",
    "references",
    "link",
    "include",
    "worked-example",
    "recorded-output",
    "number",
    "block",
    "placeholder",
    "character",
    "chinese-type",
    "translation",
    "parity",
    "raw-markup",
    "outside-resource",
    "dead-link",
    "dead-anchor",
    "render",
    "book",
]
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in the content.

    `file` is relative to the repository, `line` counts from 1 (0: the whole
    file), `rule` is the id of the rule that is broken, `message` says what is
    wrong and `remedy` what to do about it.
    """

    file: str
    line: int
    rule: Rule
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: [{self.rule}] {self.message}\n    {self.remedy}"


def as_text(problems: Iterable[Problem]) -> str:
    """All problems, sorted by place, then how many there are."""
    lines = [str(problem) for problem in sorted(set(problems))]
    noun = "problem" if len(lines) == 1 else "problems"
    return "\n".join([*lines, f"{len(lines)} {noun}"])


def as_json(problems: Iterable[Problem]) -> str:
    """The problems for machines: a JSON array of objects."""
    records = [asdict(problem) for problem in sorted(set(problems))]
    return dumps(records, ensure_ascii=False, indent=1)
