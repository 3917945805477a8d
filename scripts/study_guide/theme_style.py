"""The rules of style sheets written for every site, without those that match
nothing of this one.

Material's sheet is written for all that Material can show and KaTeX's for
all that TeX can say; a page uses a small part of either. A rule stays if all
classes, ids, elements and attributes that its selector names occur somewhere
in the pages or scripts; so a new kind of page brings its rules by itself.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import tinycss2

from study_guide.content_cache import ContentCache

# At-rules that hold rules, and are kept where one of these is.
_GROUPS = {"media", "supports", "layer", "container"}


@dataclass(frozen=True)
class Rule:
    """A style rule; `around` are the at-rules that it stands in, `selectors`
    is empty for an at-rule without selectors, such as @font-face, whose text
    is then the only declaration."""

    around: tuple[str, ...]
    selectors: tuple[str, ...]
    declarations: tuple[tuple[str, str], ...]


def rules(sheet: str, cache: ContentCache) -> list[Rule]:
    """The rules of a style sheet, in order."""

    def read() -> str:
        found = _rules(tinycss2.parse_stylesheet(sheet, True, True), ())
        return json.dumps(
            [[one.around, one.selectors, one.declarations] for one in found]
        )

    rows = json.loads(cache.get(("style rules", "2", sheet), read))
    return [
        Rule(tuple(around), tuple(selectors), tuple(map(tuple, declarations)))
        for around, selectors, declarations in rows
    ]


def _rules(nodes: Iterable[object], around: tuple[str, ...]) -> Iterator[Rule]:
    for node in nodes:
        if isinstance(node, tinycss2.ast.ParseError):
            raise ValueError(f"style sheet: {node.message}")
        if isinstance(node, tinycss2.ast.QualifiedRule):
            yield Rule(
                around,
                tuple(_selectors(node.prelude)),
                tuple(_declarations(node.content)),
            )
        elif isinstance(node, tinycss2.ast.AtRule):
            if node.lower_at_keyword in _GROUPS and node.content is not None:
                prelude = tinycss2.serialize(node.prelude).strip()
                inner = tinycss2.parse_rule_list(node.content, True, True)
                yield from _rules(
                    inner, (*around, f"@{node.lower_at_keyword} {prelude}")
                )
            elif node.lower_at_keyword != "charset":
                name = tinycss2.serialize(node.prelude).strip()
                yield Rule(around, (), ((name, node.serialize()),))


def _selectors(prelude: Sequence[object]) -> Iterator[str]:
    part: list[object] = []
    for token in [*prelude, None]:
        if token is None or token == ",":
            yield tinycss2.serialize(part).strip()
            part = []
        else:
            part.append(token)


def _declarations(content: Sequence[object]) -> Iterator[tuple[str, str]]:
    for node in tinycss2.parse_blocks_contents(content, True, True):
        if isinstance(node, tinycss2.ast.Declaration):
            yield node.lower_name, node.serialize()
        else:  # a rule within the rule
            yield "", node.serialize()


# ── what the site has ──────────────────────────────────────────────────────


class PageNames:
    """The names that occur in a page, or a piece of one. It is looked through
    once, however many vocabularies it belongs to."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def classes(self) -> set[str]:
        lists = set(re.findall(r' class="([^"]*)"', self.text))
        return {name for names in lists for name in names.split()}

    @cached_property
    def ids(self) -> set[str]:
        return set(re.findall(r' id="([^"]*)"', self.text))

    @cached_property
    def elements(self) -> set[str]:
        return set(re.findall(r"<([a-z][\w-]*)", self.text))


class Vocabulary:
    """The names that occur in pages and scripts."""

    def __init__(
        self, pages: Sequence[PageNames], scripts: Sequence[str]
    ) -> None:
        self._pages = pages
        self._scripts = scripts
        self._attributes: dict[tuple[str, str], bool] = {}

    @cached_property
    def words(self) -> set[str]:
        """Names in scripts, where any word may become a class."""
        return {
            word
            for script in self._scripts
            for word in re.findall(r"[A-Za-z_][\w-]*", script)
        }

    @cached_property
    def classes(self) -> set[str]:
        return set[str]().union(*(page.classes for page in self._pages))

    @cached_property
    def ids(self) -> set[str]:
        return set[str]().union(*(page.ids for page in self._pages))

    @cached_property
    def elements(self) -> set[str]:
        return set[str]().union(*(page.elements for page in self._pages))

    def attribute(self, name: str, value: str) -> bool:
        """Whether an attribute occurs, with this value where there is one."""
        key = (name, value)
        if key not in self._attributes:
            text = f' {name}="{value}"' if value else f" {name}"
            self._attributes[key] = (
                name in self.words and (not value or value in self.words)
            ) or any(text in page.text for page in self._pages)
        return self._attributes[key]


_NAME = r"((?:[\w-]|\\.)+)"
_CLASS = re.compile(r"\." + _NAME)
_ID = re.compile(r"#" + _NAME)
_ELEMENT = re.compile(r"(?:^|[\s>+~])([a-z][a-z0-9-]*)")
_ATTRIBUTE = re.compile(
    r"\[\s*([\w-]+)\s*(?:([~|^$*]?=)\s*[\"']?([^\"'\]]*)[\"']?[^\]]*)?\]"
)
_PSEUDO = re.compile(r"::?[\w-]+")


def _plain(selector: str) -> str:
    """A selector without what stands in the brackets of :not(…) and such:
    to keep too much does no harm."""
    kept, depth = [], 0
    for letter in selector:
        depth += letter == "("
        if not depth:
            kept.append(letter)
        depth -= letter == ")"
    return "".join(kept)


def occurs(selector: str, known: Vocabulary) -> bool:
    """Whether all that `selector` names is somewhere in the site."""
    text = _plain(selector)
    names = _PSEUDO.sub("", _ATTRIBUTE.sub("", text))
    for name in _CLASS.findall(names):
        name = name.replace("\\", "")
        if name not in known.classes and name not in known.words:
            return False
    if any(
        name not in known.ids and name not in known.words
        for name in _ID.findall(names)
    ):
        return False
    names = _ID.sub("", _CLASS.sub("", names))
    return all(
        name in known.elements or name in known.words
        for name in _ELEMENT.findall(names)
    ) and all(
        known.attribute(name, value if operator == "=" else "")
        for name, operator, value in _ATTRIBUTE.findall(text)
    )


# ── what is kept ───────────────────────────────────────────────────────────

_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")


def needed(
    sheet: Sequence[Rule], known: Vocabulary, others: Sequence[str]
) -> str:
    """The text of the rules that the site needs.

    `others` are texts that use the sheet's variables or animations: style
    sheets that come with it, scripts, style attributes.
    """
    kept = [
        Rule(rule.around, found, rule.declarations)
        for rule in sheet
        if (found := tuple(s for s in rule.selectors if occurs(s, known)))
        or not rule.selectors
    ]
    kept = _with_used_variables(kept, others)
    used = " ".join(
        [
            text
            for rule in kept
            for _, text in rule.declarations
            if rule.selectors
        ]
        + list(others)
    )
    return written([rule for rule in kept if _is_used(rule, used)])


def shared_out(
    sheet: Sequence[Rule],
    common: Vocabulary,
    groups: Mapping[str, Vocabulary],
) -> tuple[list[Rule], dict[str, list[Rule]]]:
    """The rules that all pages get and those that only a group of them needs.

    `common` is what there is outside the groups. What is found nowhere stays
    with all: it may be a state of which nobody has written the name.
    """
    everywhere: list[Rule] = []
    own: dict[str, list[Rule]] = {name: [] for name in groups}
    for rule in sheet:
        wanting = [
            name
            for name, known in groups.items()
            if any(occurs(one, known) for one in rule.selectors)
        ]
        if not wanting or any(occurs(one, common) for one in rule.selectors):
            everywhere.append(rule)
            continue
        for name in wanting:
            own[name].append(rule)
    return everywhere, own


def _with_used_variables(
    kept: Sequence[Rule], others: Sequence[str]
) -> list[Rule]:
    """The rules without variables that nothing refers to."""
    outside = {name for text in others for name in _VARIABLE.findall(text)}
    while True:
        used = outside | {
            name
            for rule in kept
            for _, text in rule.declarations
            for name in _VARIABLE.findall(text)
        }
        fewer = [
            Rule(
                rule.around,
                rule.selectors,
                tuple(
                    (name, text)
                    for name, text in rule.declarations
                    if not rule.selectors
                    or not name.startswith("--")
                    or name in used
                ),
            )
            for rule in kept
        ]
        fewer = [rule for rule in fewer if rule.declarations]
        if fewer == kept:
            return fewer
        kept = fewer


def _is_used(rule: Rule, text: str) -> bool:
    """Whether a rule is no animation, or one that `text` asks for."""
    name, own = rule.declarations[0]
    if own.startswith(("@keyframes", "@-webkit-keyframes")):
        return (
            re.search(rf"animation[^;}}]*\b{re.escape(name)}\b", text)
            is not None
        )
    return True


def written(kept: Iterable[Rule]) -> str:
    """The rules as text, those in the same at-rules together."""
    parts: list[str] = []
    around: tuple[str, ...] = ()
    for rule in kept:
        if rule.around != around:
            parts.append("}" * len(around))
            parts.extend(f"{one}{{" for one in rule.around)
            around = rule.around
        bodies = [text for _, text in rule.declarations]
        if rule.selectors:
            parts.append(f"{','.join(rule.selectors)}{{{';'.join(bodies)}}}")
        else:
            parts.extend(bodies)
    parts.append("}" * len(around))
    return "".join(parts)
