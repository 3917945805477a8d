"""The rules for a question's folder, each with an id.

Every function takes what it checks and yields problems; none stops at the
first. `docs/contributing/` lists the rules for authors.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from study_guide import (
    bibliography,
    catalogue,
    diagrams,
    explorables,
    formulas,
    source,
    text_checks,
)
from study_guide.articles import PARTS
from study_guide.bibliography import Reference
from study_guide.catalogue import Catalogue, Question
from study_guide.content_cache import ContentCache
from study_guide.languages import LANGUAGES, Language
from study_guide.problems import Problem, Rule
from study_guide.question_template import PLACEHOLDER
from study_guide.source import Source

SHORT_ANSWER_LIMIT = {"zh": 120, "en": 70}


@dataclass(frozen=True)
class Library:
    """What a question is held against."""

    root: Path
    docs: Path
    catalogue: Catalogue
    references: Mapping[str, Reference]
    cache: ContentCache

    def problem(
        self, path: Path, line: int, rule: Rule, message: str, remedy: str
    ) -> Problem:
        file = path.relative_to(self.root).as_posix()
        return Problem(file, line, rule, message, remedy)


def check_all(
    root: Path, docs: Path, cache: ContentCache, slugs: Sequence[str] = ()
) -> Iterator[Problem]:
    """What is wrong with the taxonomy, the bibliography and the sources of
    `slugs`, or of all published questions."""
    found, taxonomy_problems = catalogue.load(docs)
    references, bib_problems = bibliography.load(docs / "references.bib")
    yield from taxonomy_problems
    yield from bib_problems
    library = Library(root, docs, found, references, cache)
    for question in found.published:
        if not slugs or question.slug in slugs:
            yield from check(question, library)


def check(question: Question, library: Library) -> Iterator[Problem]:
    """All problems of a published question."""
    pages: dict[Language, Source] = {}
    for language in LANGUAGES:
        path = question.source(language)
        if path.is_file():
            pages[language] = source.read(path, language)
        else:
            yield library.problem(
                path,
                0,
                "translation",
                "the page is missing in this language",
                "Write it: every question has a page in each language.",
            )
    for page in pages.values():
        for rule in _PAGE_RULES:
            yield from rule(page, question, library)
    if len(pages) == len(LANGUAGES):
        yield from _parity(pages["zh"], pages["en"], library)
    yield from _example(question, library)


def _front_matter(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    def wrong(line: int, message: str, remedy: str) -> Problem:
        return library.problem(
            page.path, line, "front-matter", message, remedy
        )

    if page.meta_error:
        yield wrong(*page.meta_error, "Mend the YAML between the --- lines.")
        return
    aliases, points = page.meta.get("aliases"), page.meta.get("points")
    if not (isinstance(aliases, list) and aliases):
        yield wrong(
            1, "no aliases", "List the search terms: `aliases: [RoPE, …]`."
        )
    if not (isinstance(points, list) and 3 <= len(points) <= 5):
        yield wrong(
            1,
            "not three to five points",
            "List what a full answer has, each a short line, under `points:`.",
        )
    for key in page.meta.keys() - {"aliases", "points"}:
        yield wrong(
            1, f"{key!r} means nothing here", "Keep aliases and points."
        )


def _headings(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    def wrong(line: int, rule: Rule, message: str, remedy: str) -> Problem:
        return library.problem(page.path, line, rule, message, remedy)

    titles = [h for h in page.headings if h.level == 1]
    title = question.titles[page.language]
    if len(titles) != 1 or page.headings[0] is not titles[0]:
        yield wrong(
            titles[-1].line if titles else page.body_start + 1,
            "title",
            f"{len(titles)} headings with one #",
            "Begin the page with the question as its one # heading.",
        )
    elif titles[0].text != title:
        yield wrong(
            titles[0].line,
            "title",
            f"the title is not that of the taxonomy: {title}",
            "Make the two the same.",
        )
    parts = [h for h in page.headings if h.level == 2]
    found = [h.id for h in parts]
    if found != list(PARTS):
        for missing in (one for one in PARTS if one not in found):
            yield wrong(
                0,
                "parts",
                f"the part {missing} is missing",
                f"Add `## … {{ #{missing} }}`.",
            )
        for extra in (h for h in parts if h.id not in PARTS):
            yield wrong(
                extra.line,
                "parts",
                f"the part {extra.id or extra.text!r} is none of the six",
                f"The six are {', '.join(PARTS)}.",
            )
        known = [one for one in found if one in PARTS]
        if known != sorted(set(known), key=PARTS.index):
            late = next(
                h
                for h, before in zip(parts[1:], parts, strict=False)
                if h.id in PARTS
                and before.id in PARTS
                and PARTS.index(h.id) <= PARTS.index(before.id)
            )
            yield wrong(
                late.line,
                "parts",
                f"the part {late.id} is out of order",
                f"The order is {', '.join(PARTS)}.",
            )
    seen: set[str] = set()
    for heading in page.headings:
        if heading.level > 3:
            yield wrong(
                heading.line,
                "heading",
                "a heading below ###",
                "Use ## for the parts and ### inside them.",
            )
        if heading.level == 3 and not heading.id:
            yield wrong(
                heading.line,
                "heading",
                "no ascii id",
                "Write it behind the text: `{ #two-dimensions }`.",
            )
        if heading.id in seen:
            yield wrong(
                heading.line,
                "heading",
                f"the id {heading.id} is used twice",
                "Give each heading an id of its own.",
            )
        if heading.id:
            seen.add(heading.id)
        if "$" in heading.text:
            yield wrong(
                heading.line,
                "heading",
                "a formula in a heading",
                "Say it in words.",
            )


def _short_answer(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    start, end = page.part(PARTS[0])
    if not start:
        return

    def wrong(line: int, message: str, remedy: str) -> Problem:
        return library.problem(
            page.path, line, "short-answer", message, remedy
        )

    lines = [
        (number, text)
        for number, text in enumerate(
            page.lines[start - 1 : end - 1], start=start
        )
        if text.strip()
    ]
    if len(lines) != 1:
        yield wrong(
            lines[1][0] if lines else start,
            f"{len(lines)} paragraphs",
            "Say it in one paragraph, on one line, without lists or formulas "
            "on lines of their own.",
        )
        return
    number, text = lines[0]
    if text.lstrip().startswith(("- ", "* ", "1. ", "$$")):
        yield wrong(number, "it is a list or a formula", "Write prose.")
    for kind, items in (("link", page.links), ("citation", page.citations)):
        if any(one.line == number for one in items):
            yield wrong(
                number,
                f"it has a {kind}",
                "It becomes a card and a description: move it further down.",
            )
    size, limit = measure(text, page.language), SHORT_ANSWER_LIMIT
    if size > limit[page.language]:
        unit = "characters" if page.language == "zh" else "words"
        yield wrong(
            number,
            f"{size} {unit}, more than {limit[page.language]}",
            "Cut it to what is said in 30 seconds.",
        )


def measure(text: str, language: Language) -> int:
    """Length of a short answer: Chinese characters, or English words. In
    both a formula, and in Chinese a Latin word or a number, counts as one."""
    text = re.sub(r"\$[^$]+\$", " X ", text)
    text = re.sub(r"[*`]", "", text)
    if language == "en":
        return len(re.findall(r"[\w'’.,%/+-]*\w[\w'’.,%/+-]*", text))
    words = re.findall(r"[A-Za-z0-9][A-Za-z0-9.,%_/+-]*", text)
    han = re.findall(r"[\u3400-\u9fff]", text)
    return len(words) + len(han)


def _formulas(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    for formula in page.formulas:
        try:
            formulas.render(
                formula.tex.strip(),
                display=formula.display,
                cache=library.cache,
            )
        except formulas.TexError as error:
            before = formula.tex[: error.position or 0]
            line = formula.line + before.count("\n") + formula.display
            excerpt = " ".join(formula.tex.split())
            yield library.problem(
                page.path,
                line,
                "tex",
                f"{error} in {excerpt[:80]}",
                "Mend the formula; KaTeX's documentation lists its functions.",
            )
    for start, what in page.unclosed:
        yield library.problem(
            page.path,
            start,
            "unclosed",
            f"{what} is not closed",
            "Close it on a line of its own.",
        )
    for number, text in page.prose:
        if "$$" in text:
            yield library.problem(
                page.path,
                number,
                "display-formula",
                "$$ inside a line, a list or a table",
                "Put $$ on lines of their own, not indented, blank lines "
                "around.",
            )
    for number, text in enumerate(page.lines, start=1):
        if text.strip() == "$$" and text != "$$":
            yield library.problem(
                page.path,
                number,
                "display-formula",
                "an indented $$ stays raw",
                "Move the formula out of the list.",
            )


def _diagrams(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    drawn = 0
    for fence in page.fences:
        if fence.language != "mermaid":
            continue
        drawn += 1
        try:
            diagrams.render(
                fence.text, f"{question.slug}-diagram-{drawn}", library.cache
            )
        except diagrams.DiagramError as error:
            yield library.problem(
                page.path,
                fence.line,
                "mermaid",
                str(error),
                "Mend the diagram; accTitle: and accDescr: come first.",
            )
    if not drawn and not page.images:
        yield library.problem(
            page.path,
            0,
            "figure",
            "the page has no figure",
            "Add a plot or a diagram that carries the explanation.",
        )


def _citations(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    for citation in page.citations:
        if citation.key not in library.references:
            yield library.problem(
                page.path,
                citation.line,
                "citation",
                f"the key {citation.key} is unknown",
                "Add the source to docs/references.bib.",
            )
    start, end = page.part(PARTS[5])
    if start and source.REFERENCES not in page.lines[start - 1 : end - 1]:
        yield library.problem(
            page.path,
            start,
            "references",
            "no place for the list of references",
            f"Write {source.REFERENCES} under the heading.",
        )


def _links(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    for link in page.links:
        message, remedy = _link_mistake(page, link.target, library)
        if message:
            yield library.problem(
                page.path, link.line, "link", message, remedy
            )
    for image in page.images:
        message, remedy = _image_mistake(page, image)
        if message:
            yield library.problem(
                page.path, image.line, "image", message, remedy
            )


def _link_mistake(
    page: Source, target: str, library: Library
) -> tuple[str, str]:
    """What is wrong with a link and what to do; empty where nothing is."""
    if re.match(r"[a-z]+:", target):
        return (
            f"a link out of the guide, {target}",
            "Cite the source: external links come from references.bib.",
        )
    file, _, anchor = target.partition("#")
    here = page.path.parent
    if not file:
        other: Path | None = page.path
    elif not file.endswith(".md"):
        found = (here / file).is_file()
        return ("", "") if found else (f"no file {file}", "Mend the path.")
    else:
        folder = (here / file).parent.resolve()
        slug = folder.name
        if folder.parent == here.parent and (
            slug not in library.catalogue.questions
        ):
            return (
                f"no question {slug}",
                "Take a slug of docs/taxonomy.yml: ../<slug>/index.md",
            )
        stem = Path(file).stem
        other = folder / f"{stem}.{page.language}.md"
        if not other.is_file():
            if folder.parent == here.parent and not folder.is_dir():
                return "", ""  # not written yet: shown as plain text
            return f"no page {file}", "Mend the path."
    if anchor and other:
        ids = {h.id for h in source.read(other, page.language).headings}
        if anchor not in ids:
            return (
                f"no heading #{anchor} in {file or 'this page'}",
                "Take the id of a heading there.",
            )
    return "", ""


def _explorables(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    known = explorables.names(library.docs)
    for one in page.explorables:
        if one.name not in known:
            yield library.problem(
                page.path,
                one.line,
                "explorable",
                f"no explorable {one.name}"
                if one.name
                else "the braces behind the figure cannot be read",
                "Write { explorable=<name> <control>=<value> … }, with a name "
                f"of {', '.join(known)} and as many controls as you like.",
            )
        after = (line for line in page.lines[one.line :] if line.strip())
        if next(after, "").strip() != "/// caption":
            yield library.problem(
                page.path,
                one.line,
                "explorable",
                "an explorable without a caption",
                "Put `/// caption` behind it: in the books its link to the "
                "page stands there.",
            )


def _image_mistake(page: Source, image: source.Link) -> tuple[str, str]:
    if not image.text.strip():
        return (
            f"no text alternative for {image.target}",
            "Say between the brackets what is seen, numbers included.",
        )
    if not image.target.endswith(f".{page.language}.svg"):
        return (
            f"{image.target} is no SVG of this language",
            f"Name the file <figure>.{page.language}.svg.",
        )
    if not (page.path.parent / image.target).is_file():
        return (
            f"no file {image.target}",
            "Record it: guide.py record <slug>.",
        )
    return "", ""


def _includes(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    for include in page.includes:
        path = library.docs / include.path
        message = ""
        if not path.is_file():
            message = f"no file {include.path} below docs/"
        elif include.section:
            marker = f"--8<-- [start:{include.section}]"
            if marker not in path.read_text(encoding="utf-8"):
                message = f"no section {include.section} in {include.path}"
        if message:
            yield library.problem(
                page.path,
                include.line,
                "include",
                message,
                "Mend the path or mark the section; output is recorded by "
                "guide.py record.",
            )
    shown = {Path(one.path).name for one in page.includes}
    for name in "example.py", "example.out":
        if name not in shown:
            yield library.problem(
                page.path,
                0,
                "worked-example",
                f"the page does not show {name}",
                f'Include it: --8<-- "questions/{question.slug}/{name}".',
            )


_BLOCKS = {"caption", "mistake", "follow-up", "note"}


def _blocks(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    for block in page.blocks:
        if block.kind not in _BLOCKS:
            yield library.problem(
                page.path,
                block.line,
                "block",
                f"no block is called {block.kind}",
                f"There are {', '.join(sorted(_BLOCKS))}.",
            )
        elif block.kind in ("mistake", "follow-up") and not block.title:
            yield library.problem(
                page.path,
                block.line,
                "block",
                f"a {block.kind} without a title",
                f"Write it behind the bar: /// {block.kind} | …",
            )
    for kind, low, high in ("mistake", 2, 5), ("follow-up", 2, 4):
        count = sum(block.kind == kind for block in page.blocks)
        if not low <= count <= high:
            yield library.problem(
                page.path,
                0,
                "block",
                f"{count} blocks of kind {kind}",
                f"A page has {low} to {high}.",
            )


def _placeholders(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    for number, line in enumerate(page.lines, start=1):
        if re.search(rf"\b{PLACEHOLDER}\b", line):
            yield library.problem(
                page.path,
                number,
                "placeholder",
                f"{PLACEHOLDER} is still there",
                "Write what belongs in its place.",
            )


def _characters(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    file = page.path.relative_to(library.root).as_posix()
    return text_checks.check_characters(page, file)


_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])")


def _numbers(text: str) -> Iterator[str]:
    for found in _NUMBER.finditer(text):
        yield found[0].rstrip(",").replace(",", "")


def _sourced_numbers(
    page: Source, question: Question, library: Library
) -> Iterator[Problem]:
    """Numbers of the worked example's prose stand in the recorded output,
    or are the difference of two that do."""
    start, end = page.part(PARTS[2])
    output = question.folder / "example.out"
    script = question.folder / "example.py"
    if not start or not output.is_file() or not script.is_file():
        return
    recorded = output.read_text(encoding="utf-8")
    known = set(_numbers(recorded))
    known |= set(_numbers(script.read_text(encoding="utf-8")))
    values = sorted({float(one) for one in _numbers(recorded)})
    fences = {
        line
        for fence in page.fences
        for line in range(fence.line, fence.line + fence.text.count("\n") + 3)
    }
    for number in range(start, min(end, len(page.lines) + 1)):
        line = page.lines[number - 1]
        if number in fences or _skipped(line):
            continue
        line = source.CITATION.sub("", line)
        for one in _numbers(line):
            small = "." not in one and len(one) < 3
            if small or one in known or _derived(one, values):
                continue
            yield library.problem(
                page.path,
                number,
                "number",
                f"{one} is not in example.out",
                "Let the example print it, or take the printed number.",
            )


def _skipped(line: str) -> bool:
    return line.startswith(("![", "#"))


def _derived(number: str, values: Sequence[float]) -> bool:
    digits = len(number.partition(".")[2])
    wanted, tolerance = float(number), 0.5 * 10**-digits * 1.0001
    if any(abs(value - wanted) <= tolerance for value in values):
        return True
    return any(
        abs(abs(a - b) - wanted) <= tolerance
        or abs(a + b - wanted) <= tolerance
        for a in values
        for b in values
    )


PageRule = Callable[[Source, Question, Library], Iterator[Problem]]

_PAGE_RULES: tuple[PageRule, ...] = (
    _front_matter,
    _headings,
    _short_answer,
    _formulas,
    _diagrams,
    _citations,
    _links,
    _explorables,
    _includes,
    _blocks,
    _placeholders,
    _characters,
    _sourced_numbers,
)


# ── both languages ─────────────────────────────────────────────────────────


def _parity(zh: Source, en: Source, library: Library) -> Iterator[Problem]:
    def wrong(line: int, message: str) -> Problem:
        return library.problem(
            en.path,
            line,
            "parity",
            f"{message} (compared with {zh.path.name})",
            "Both languages say the same: bring the two pages together.",
        )

    yield from _same_order(
        "heading ids",
        [(h.line, h.id) for h in zh.headings if h.level > 1],
        [(h.line, h.id) for h in en.headings if h.level > 1],
        wrong,
    )
    yield from _same_order(
        "display formulas",
        [(f.line, f.tex) for f in zh.formulas if f.display],
        [(f.line, f.tex) for f in en.formulas if f.display],
        wrong,
    )
    yield from _same_set(
        "inline formulas",
        [(f.line, f.tex) for f in zh.formulas if not f.display],
        [(f.line, f.tex) for f in en.formulas if not f.display],
        wrong,
    )
    yield from _same_order(
        "code",
        [(f.line, _code(f)) for f in zh.fences],
        [(f.line, _code(f)) for f in en.fences],
        wrong,
    )
    yield from _same_order(
        "figures",
        [(i.line, i.target.removesuffix(".zh.svg")) for i in zh.images],
        [(i.line, i.target.removesuffix(".en.svg")) for i in en.images],
        wrong,
    )
    yield from _same_order(
        "explorables",
        [(e.line, f"{e.name}?{e.start}") for e in zh.explorables],
        [(e.line, f"{e.name}?{e.start}") for e in en.explorables],
        wrong,
    )
    yield from _same_order(
        "blocks",
        [(b.line, b.kind) for b in zh.blocks],
        [(b.line, b.kind) for b in en.blocks],
        wrong,
    )
    for part in PARTS:
        yield from _same_bag(
            f"citations in {part}",
            _within(part, zh, [(c.line, c.key) for c in zh.citations]),
            _within(part, en, [(c.line, c.key) for c in en.citations]),
            wrong,
        )
        yield from _same_bag(
            f"links in {part}",
            _within(part, zh, [(one.line, one.target) for one in zh.links]),
            _within(part, en, [(one.line, one.target) for one in en.links]),
            wrong,
        )
    points = [
        re.findall(r"\$([^$]+)\$", str(page.meta.get("points", "")))
        for page in (zh, en)
    ]
    if Counter(points[0]) != Counter(points[1]):
        yield wrong(1, "the points have different formulas")


Places = Sequence[tuple[int, str]]
Wrong = Callable[[int, str], Problem]


def _code(fence: source.Fence) -> str:
    """A diagram's words differ by language, its shape does not."""
    if fence.language != "mermaid":
        return f"{fence.info}\n{fence.text}"
    return f"mermaid, {len(fence.text.splitlines())} lines"


def _within(part: str, page: Source, places: Places) -> Places:
    start, end = page.part(part)
    return [one for one in places if start <= one[0] < end]


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 70 else text[:69] + "…"


def _same_order(
    what: str, zh: Places, en: Places, wrong: Wrong
) -> Iterator[Problem]:
    for (_, one), (line, other) in zip(zh, en, strict=False):
        if one != other:
            yield wrong(
                line,
                f"{what} differ: {_excerpt(other)} here, {_excerpt(one)} there",
            )
            return
    if len(zh) != len(en):
        yield wrong(0, f"{len(en)} {what} here, {len(zh)} there")


def _same_set(
    what: str, zh: Places, en: Places, wrong: Wrong
) -> Iterator[Problem]:
    there, here = {text for _, text in zh}, {text for _, text in en}
    for line, text in en:
        if text not in there:
            yield wrong(line, f"{what} differ: {_excerpt(text)} only here")
    for text in sorted(there - here):
        yield wrong(0, f"{what} differ: {_excerpt(text)} only there")


def _same_bag(
    what: str, zh: Places, en: Places, wrong: Wrong
) -> Iterator[Problem]:
    there = Counter(text for _, text in zh)
    here = Counter(text for _, text in en)
    for text in sorted(there.keys() | here.keys()):
        if there[text] != here[text]:
            line = next((at for at, one in en if one == text), 0)
            yield wrong(
                line,
                f"{what} differ: {_excerpt(text)} {here[text]} times here, "
                f"{there[text]} there",
            )


# ── the example ────────────────────────────────────────────────────────────


def _example(question: Question, library: Library) -> Iterator[Problem]:
    script = question.folder / "example.py"
    if not script.is_file():
        yield library.problem(
            script,
            0,
            "worked-example",
            "there is no example",
            "Write example.py: it computes and asserts what the page claims.",
        )
        return
    if not (question.folder / "example.out").is_file():
        yield library.problem(
            script,
            0,
            "recorded-output",
            "its output is not recorded",
            f"Run guide.py record {question.slug}.",
        )
    text = script.read_text(encoding="utf-8")
    if "assert" not in text:
        yield library.problem(
            script,
            0,
            "worked-example",
            "it cannot fail",
            "Assert the claim that it shows.",
        )
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > 80:
            yield library.problem(
                script,
                number,
                "worked-example",
                f"{len(line)} characters, more than 80",
                "Break the line: it is shown at 80 columns.",
            )
