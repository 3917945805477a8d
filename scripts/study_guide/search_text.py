"""Text to words, for the search index.

`docs/assets/scripts/search/text.js` does the same in the reader's browser,
for titles and for queries; a test holds the two together.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import normalize

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LATIN = r"A-Za-z0-9\u0370-\u03ff"
_SUPERSCRIPTS = re.compile(r"[⁰¹²³⁴-⁹]")
_MARKS = re.compile(r"[\u0300-\u036f]")
# A word of Latin letters, digits and Greek with the marks that hold its
# pieces together, or a run of Han.
_RUN = re.compile(rf"[{_LATIN}]+(?:[-_.'’^]+[{_LATIN}]+)*|[{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_JOINTS = re.compile(r"(?<![0-9])\.|\.(?![0-9])|[-_'’^]+")
_PIECES = re.compile(
    r"[0-9]+(?:\.[0-9]+)?|[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])"
    r"|[A-Z]?[a-z]+|[\u0370-\u03ff]+"
)
# What may stand between two words of one term.
# Not \s: JavaScript's and Python's differ in control characters.
_GAP = re.compile(
    r"[\t-\r \u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\-_./(]*"
)
_PLURAL = re.compile(r".*[a-z]s\Z(?<!ss)(?<!us)(?<!is)")

Simplified = Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """A word or a run of Han characters; `start` counts characters."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def han(self) -> bool:
        return bool(_IS_HAN.match(self.text))


def fold(text: str, simplified: Simplified | None = None) -> str:
    """One width, no accents, simplified characters; case is kept."""
    text = _SUPERSCRIPTS.sub(lambda one: "^" + normalize("NFKD", one[0]), text)
    text = normalize("NFC", _MARKS.sub("", normalize("NFKD", text)))
    if simplified:
        text = "".join(simplified.get(one, one) for one in text)
    return text


def runs(text: str) -> list[Run]:
    """The words and runs of Han of a folded text."""
    return [Run(found[0], found.start()) for found in _RUN.finditer(text)]


def _pieces(word: str) -> list[str]:
    return [piece for piece in _JOINTS.split(word) if piece]


def parts(word: str) -> list[str]:
    """The parts of `KVCache`, `past_key_values`, `int8`, in lower case.

    One part where splitting would give crumbs (`RoPE`, `W4A16`).
    """
    found: list[str] = []
    for piece in _pieces(word):
        crumbs = _PIECES.findall(piece) or [piece]
        letters = [one for one in crumbs if not one[0].isdigit()]
        digits = len(letters) < len(crumbs)
        good = all(len(one) > 1 for one in letters) and (
            digits or any(len(one) > 2 for one in letters)
        )
        found.extend(crumbs if len(crumbs) > 1 and good else [piece])
    return [one.lower() for one in found]


def whole(word: str) -> str:
    """The word without its joints: `past_key_values` -> `pastkeyvalues`."""
    return "".join(_JOINTS.split(word)).lower()


def bigrams(run: str) -> list[str]:
    if len(run) < 2:
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def words(run: Run) -> list[str]:
    """All index words of a run.

    A Latin word whole, by its pieces and by their parts; Han by twos.
    """
    if run.han:
        return bigrams(run.text)
    pieces = [piece.lower() for piece in _pieces(run.text)]
    return list(dict.fromkeys([whole(run.text), *pieces, *parts(run.text)]))


def singular(word: str) -> str:
    """`models` -> `model`: enough grammar to find a term in the plural."""
    return word[:-1] if len(word) > 3 and _PLURAL.match(word) else word


def elements(text: str) -> list[str | None]:
    """The smallest things that terms are made of, in a folded text.

    Parts of Latin words and single Han characters; None where a term cannot
    go on.
    """
    found: list[str | None] = []
    end = 0
    for run in runs(text):
        if found and not _GAP.fullmatch(text, end, run.start):
            found.append(None)
        if run.han:
            found.extend(run.text)
        else:
            found.extend(singular(part) for part in parts(run.text))
        end = run.end
    return found


def term_keys(name: str, simplified: Simplified | None = None) -> list[str]:
    """Every key under which a term's name is found.

    Its elements, and a Latin name also written as one word.
    """
    keys = [one for one in elements(fold(name, simplified)) if one]
    latin = all(re.match("[a-z0-9]", key) for key in keys)
    joined = [singular("".join(keys))] if latin and len(keys) > 1 else []
    return [" ".join(keys), *joined] if keys else []


TermTable = Mapping[str, Sequence[int]]


def term_table(keys: Sequence[Sequence[str]]) -> TermTable:
    """Key -> numbers of the terms that bear the name."""
    table: dict[str, list[int]] = {}
    for number, names in enumerate(keys):
        for key in dict.fromkeys(names):
            table.setdefault(key, []).append(number)
    return table


def find_terms(text: str, table: TermTable, longest: int) -> Iterator[int]:
    """The numbers of the terms in a folded text, nested ones included."""
    found = elements(text)
    for first, start in enumerate(found):
        if start is None:
            continue
        key = start
        for last in range(first, min(first + longest, len(found))):
            element = found[last]
            if element is None:
                break
            if last > first:
                key = f"{key} {element}"
            yield from table.get(key, ())


def longest_terms(text: str, table: TermTable, longest: int) -> Iterator[int]:
    """The terms in a folded text, from left to right the longest that begins
    at each place and in none before."""
    found = elements(text)
    first = 0
    while first < len(found):
        best: tuple[int, Sequence[int]] = (first, ())
        key: list[str] = []
        for last, element in enumerate(found[first : first + longest], first):
            if element is None:
                break
            key.append(element)
            terms = table.get(" ".join(key))
            if terms:
                best = last, terms
        yield from best[1]
        first = best[0] + 1
