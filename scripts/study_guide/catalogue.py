"""The catalogue: topics, questions and study plans of `docs/taxonomy.yml`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from study_guide import data_files
from study_guide.languages import LANGUAGES, Language, site_path
from study_guide.problems import Problem

LEVELS = ("basic", "intermediate", "advanced")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Question:
    """A question of the taxonomy; published once its folder is there.

    `id` is its number in the source list, `line` its line in the taxonomy,
    `checked` the day on which its page was last held against its sources,
    `changed` the day on which what it says last changed, where that is not
    the day of `checked`.
    """

    id: int
    slug: str
    level: str
    titles: Mapping[Language, str]
    topic: str
    checked: date | None
    folder: Path
    line: int
    changed: date | None = None

    @property
    def published(self) -> bool:
        return self.folder.is_dir()

    @property
    def changed_on(self) -> date | None:
        """Since when the page says what it says."""
        return self.changed or self.checked

    @property
    def level_number(self) -> int:
        """1 for basic, 2 for intermediate, 3 for advanced."""
        return LEVELS.index(self.level) + 1

    def url(self, language: Language) -> str:
        """Relative to the site's root, with the slash at its end."""
        return site_path(language, f"questions/{self.slug}/")

    def source(self, language: Language) -> Path:
        return self.folder / f"index.{language}.md"


@dataclass(frozen=True)
class Topic:
    """A topic and its questions in learning order."""

    slug: str
    titles: Mapping[Language, str]
    descriptions: Mapping[Language, str]
    questions: tuple[Question, ...]

    @property
    def published(self) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.published)

    def url(self, language: Language) -> str:
        """Relative to the site's root, with the slash at its end."""
        return site_path(language, f"topics/{self.slug}/")


@dataclass(frozen=True)
class Plan:
    """An order to study in: `parts` are its days, or the topics where
    `by_topic`."""

    slug: str
    titles: Mapping[Language, str]
    descriptions: Mapping[Language, str]
    parts: tuple[tuple[Question, ...], ...]
    by_topic: bool

    def url(self, language: Language) -> str:
        """Relative to the site's root, with the slash at its end."""
        return site_path(language, f"plans/{self.slug}/")


@dataclass(frozen=True)
class Catalogue:
    """All topics in reading order, and the study plans."""

    topics: tuple[Topic, ...]
    plans: tuple[Plan, ...] = ()

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Slug -> question, in reading order."""
        return {q.slug: q for topic in self.topics for q in topic.questions}

    @property
    def published(self) -> Iterator[Question]:
        return (q for q in self.questions.values() if q.published)

    def topic(self, slug: str) -> Topic:
        return next(topic for topic in self.topics if topic.slug == slug)

    def plan(self, slug: str) -> Plan:
        return next(plan for plan in self.plans if plan.slug == slug)

    def neighbours(
        self, question: Question
    ) -> tuple[Question | None, Question | None]:
        """The published questions before and after, within the topic."""
        row = self.topic(question.topic).published
        at = row.index(question)
        before = row[at - 1] if at else None
        after = row[at + 1] if at + 1 < len(row) else None
        return before, after


class _Lines(data_files.Loader):  # type: ignore[misc]  # chosen at run time
    """Gives each mapping its line, counted from 1, under the key `line`."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        mapping["line"] = node.start_mark.line + 1
        return mapping


class _Reader:
    """Turns the taxonomy's YAML into a catalogue and notes what is wrong."""

    def __init__(self, docs: Path) -> None:
        self.folder = docs / "questions"
        self.file = f"{docs.name}/taxonomy.yml"
        self.problems: list[Problem] = []
        self.lines: dict[str, dict[Any, int]] = {
            name: {} for name in ("id", "slug", "topic", "plan")
        }

    def report(self, line: int, message: str, remedy: str) -> None:
        self.problems.append(
            Problem(self.file, line, "taxonomy", message, remedy)
        )

    def texts(
        self, entry: Mapping[str, Any], name: str, line: int
    ) -> Mapping[Language, str]:
        """entry[language][name] (or entry[language], for a question)."""
        found: dict[Language, str] = {}
        for language in LANGUAGES:
            value = entry.get(language)
            if isinstance(value, dict):
                value = value.get(name)
            if not (isinstance(value, str) and value.strip()):
                self.report(
                    line,
                    f"no {name} in '{language}'",
                    f"Write it under `{language}:`.",
                )
                value = ""
            found[language] = value
        return found

    def unique(self, name: str, value: Any, line: int) -> None:
        first = self.lines[name].get(value)
        if first is not None:
            self.report(
                line,
                f"{name} {value!r} stands on line {first} already",
                "Keep it for one of the two.",
            )
        self.lines[name][value] = line

    def question(self, entry: Any, topic: str, line: int) -> Question | None:
        if not isinstance(entry, dict):
            self.report(
                line,
                f"a question of topic {topic!r} is no mapping",
                "Write `- id: …`, `slug: …`, `level: …`, `zh: …`, `en: …`.",
            )
            return None
        line = entry["line"]
        before = len(self.problems)
        number: Any = entry.get("id")
        slug: Any = entry.get("slug")
        level: Any = entry.get("level")
        if type(number) is int and number > 0:  # `yes` is an int, too
            self.unique("id", number, line)
        else:
            self.report(
                line,
                f"id {number!r} is no positive integer",
                "Take the question's number in the source list.",
            )
        if isinstance(slug, str) and _SLUG.fullmatch(slug):
            self.unique("slug", slug, line)
        else:
            self.report(
                line,
                f"slug {slug!r} is no folder name",
                "Use lower-case letters, digits and single hyphens.",
            )
        if level not in LEVELS:
            self.report(
                line,
                f"level {level!r} is not known",
                f"Take one of {', '.join(LEVELS)}.",
            )
        days = {name: entry.get(name) for name in ("checked", "changed")}
        for name, day in days.items():
            if not (day is None or isinstance(day, date)):
                self.report(
                    line,
                    f"{name} {day!r} is no date",
                    "Write it as 2026-11-24.",
                )
        known = {"id", "slug", "level", "line", *days, *LANGUAGES}
        for key in entry.keys() - known:
            self.report(
                line,
                f"{key!r} means nothing here",
                f"A question has {', '.join(sorted(known - {'line'}))}.",
            )
        titles = self.texts(entry, "title", line)
        if len(self.problems) > before:
            return None
        return Question(
            number,
            slug,
            level,
            titles,
            topic,
            days["checked"],
            self.folder / slug,
            line,
            days["changed"],
        )

    def topic(self, entry: Any) -> Topic | None:
        if not isinstance(entry, dict) or not isinstance(
            entry.get("questions"), list
        ):
            line = entry["line"] if isinstance(entry, dict) else 0
            self.report(
                line,
                "a topic has no list of questions",
                "Write `- slug: …`, `zh: …`, `en: …`, `questions: […]`.",
            )
            return None
        slug, line = entry.get("slug"), entry["line"]
        if not (isinstance(slug, str) and _SLUG.fullmatch(slug)):
            self.report(
                line,
                f"slug {slug!r} is no folder name",
                "Use lower-case letters, digits and single hyphens.",
            )
            return None
        self.unique("topic", slug, line)
        questions = [
            self.question(one, slug, line) for one in entry["questions"]
        ]
        return Topic(
            slug,
            self.texts(entry, "title", line),
            self.texts(entry, "description", line),
            tuple(q for q in questions if q),
        )

    def plan(self, entry: Any, topics: Sequence[Topic]) -> Plan | None:
        if not isinstance(entry, dict):
            self.report(
                0,
                f"the plan {entry!r} is no mapping",
                "Write `- slug: …`, `zh: …`, `en: …`, `days: [[…], …]`.",
            )
            return None
        slug, line, days = entry.get("slug"), entry["line"], entry.get("days")
        if not (isinstance(slug, str) and _SLUG.fullmatch(slug)):
            self.report(
                line,
                f"slug {slug!r} is no folder name",
                "Use lower-case letters, digits and single hyphens.",
            )
            return None
        self.unique("plan", slug, line)
        by_topic = days == "topics"
        if by_topic:
            parts = [topic.questions for topic in topics]
        elif isinstance(days, list) and all(
            isinstance(day, list) for day in days
        ):
            parts = list(self.days(slug, days, topics, line))
        else:
            self.report(
                line,
                f"plan {slug!r} has no days",
                "Write `days:` as a list of lists of slugs, or `days: topics`.",
            )
            return None
        return Plan(
            slug,
            self.texts(entry, "title", line),
            self.texts(entry, "description", line),
            tuple(parts),
            by_topic,
        )

    def days(
        self,
        plan: str,
        days: Sequence[Sequence[Any]],
        topics: Sequence[Topic],
        line: int,
    ) -> Iterator[tuple[Question, ...]]:
        """The questions of each day; each at most once in a plan."""
        known = {q.slug: q for topic in topics for q in topic.questions}
        taken: set[str] = set()
        for day in days:
            part = []
            for slug in day:
                if not isinstance(slug, str) or slug not in known:
                    self.report(
                        line,
                        f"plan {plan!r} names {slug!r}, which no topic has",
                        "Name questions by their slug.",
                    )
                    continue
                if slug in taken:
                    self.report(
                        line,
                        f"plan {plan!r} names {slug!r} twice",
                        "Keep one of the two.",
                    )
                taken.add(slug)
                part.append(known[slug])
            yield tuple(part)

    def folders(self, known: set[str]) -> None:
        """Every folder of questions/ must stand in the taxonomy."""
        for folder in sorted(self.folder.glob("*/")):
            if folder.is_dir() and folder.name not in known:
                self.problems.append(
                    Problem(
                        f"{self.folder.parent.name}/questions/{folder.name}",
                        0,
                        "taxonomy",
                        "the taxonomy does not know this folder",
                        f"Add it to {self.file} or remove the folder.",
                    )
                )


def load(docs: Path) -> tuple[Catalogue, list[Problem]]:
    """Read `docs/taxonomy.yml`; malformed entries are left out and reported."""
    reader = _Reader(docs)
    path = docs / "taxonomy.yml"
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reader.report(
            mark.line + 1 if mark else 0,
            f"no YAML: {getattr(error, 'problem', error)}",
            "Mend the syntax there.",
        )
        return Catalogue(()), reader.problems
    except UnicodeDecodeError as error:
        reader.report(0, f"no UTF-8: {error.reason}", "Save it as UTF-8.")
        return Catalogue(()), reader.problems
    if not isinstance(data, dict) or not isinstance(data.get("topics"), list):
        reader.report(0, "no list `topics`", "Begin the file with `topics:`.")
        return Catalogue(()), reader.problems
    topics = [reader.topic(entry) for entry in data["topics"]]
    found = tuple(topic for topic in topics if topic)
    listed = data.get("plans") or []
    if not isinstance(listed, list):
        reader.report(
            0, "`plans` is no list", "Write each plan as `- slug: …`."
        )
        listed = []
    plans = [reader.plan(entry, found) for entry in listed]
    catalogue = Catalogue(found, tuple(plan for plan in plans if plan))
    reader.folders({str(slug) for slug in reader.lines["slug"]})
    return catalogue, reader.problems
