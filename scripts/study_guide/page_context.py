"""What a template gets to know: the `guide` of each page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from study_guide import diagrams, practice_cards, web_app
from study_guide.articles import Article, with_formulas
from study_guide.catalogue import Catalogue, Question, Topic
from study_guide.content_cache import ContentCache
from study_guide.glossary import Groups
from study_guide.languages import DEFAULT, Language, other, site_path


@dataclass(frozen=True)
class QuestionView:
    """A question as lists, maps and cards show it."""

    id: int
    slug: str
    title: str
    url: str
    level: str
    level_number: int
    published: bool
    short_answer: str
    minutes: int
    checked: str
    topic: str
    aliases: tuple[str, ...]
    follow_ups: int


@dataclass(frozen=True)
class TopicView:
    """A topic as lists and the map show it; `number` counts from 1."""

    number: int
    slug: str
    title: str
    description: str
    url: str
    questions: list[QuestionView]

    @property
    def published(self) -> int:
        return sum(question.published for question in self.questions)


@dataclass(frozen=True)
class PlanPartView:
    """A day of a study plan, or one of its topics: then `title` is set."""

    title: str
    questions: list[QuestionView]


@dataclass(frozen=True)
class PlanView:
    """A study plan as lists and its own page show it."""

    slug: str
    title: str
    description: str
    url: str
    parts: tuple[PlanPartView, ...]

    @property
    def questions(self) -> list[QuestionView]:
        return [one for part in self.parts for one in part.questions]


@dataclass(frozen=True)
class PartView:
    """A part of a page (h2) or what stands in it (h3)."""

    id: str
    title: str
    children: tuple["PartView", ...] = ()


@dataclass(frozen=True)
class ArticleView:
    """An article with its formulas rendered."""

    short_answer: str
    body: str
    parts: tuple[PartView, ...]
    related: tuple[QuestionView, ...]
    example: str | None
    points: tuple[str, ...]


@dataclass(frozen=True)
class Download:
    """A file offered for download: `size` as 4.1 MB, `date` as 2026-11-24."""

    url: str
    title: str
    size: str
    date: str


# Stand in pages for what is known when all of them are written.
SITE_SIZE = "{site-size}"
EVERYTHING_SIZE = "{everything-size}"
EVERYTHING_BYTES = "{everything-bytes}"


def megabytes(size: int) -> str:
    """`size` in bytes as readers are told it."""
    return f"{size / 1e6:.{1 if size < 1e7 else 0}f} MB"


@dataclass
class Guide:
    """The variable `guide` of a template. Urls are relative to the root.

    `card` is the page's picture for previews, `feed` the language's feed,
    `markdown` the page's text as Markdown, `structured_data` its JSON-LD,
    `report` where to report a mistake in it, `glossary` its terms.
    """

    kind: str
    language: Language
    url: str
    text: Mapping[str, str]
    topics: Sequence[TopicView]
    other_url: str
    topic: TopicView | None = None
    question: QuestionView | None = None
    previous: QuestionView | None = None
    next: QuestionView | None = None
    article: ArticleView | None = None
    downloads: Sequence[Download] = field(default_factory=tuple)
    scripts: Mapping[str, str] = field(default_factory=dict)
    explorables: Sequence[str] = field(default_factory=tuple)
    worker: str = ""
    card: str = ""
    feed: str = ""
    markdown: str = ""
    structured_data: str = ""
    report: str = ""
    glossary: Groups = ()
    plans: Sequence[PlanView] = field(default_factory=tuple)
    plan: PlanView | None = None

    @property
    def other_language(self) -> Language:
        return other(self.language)

    @property
    def home_url(self) -> str:
        return site_path(self.language, "") or "."

    @property
    def questions_url(self) -> str:
        return site_path(self.language, "questions/")

    @property
    def practice_url(self) -> str:
        return practice_cards.page_url(self.language)

    @property
    def everything_size(self) -> str:
        return EVERYTHING_SIZE

    @property
    def everything_bytes(self) -> str:
        return EVERYTHING_BYTES

    @property
    def manifest(self) -> str:
        return site_path(self.language, web_app.MANIFEST)

    @property
    def site_name(self) -> str:
        return self.text["site_name"]


def question_view(
    question: Question, language: Language, article: Article | None
) -> QuestionView:
    """`article` is None for a question that is not published."""
    return QuestionView(
        question.id,
        question.slug,
        question.titles[language],
        question.url(language) if article else "",
        question.level,
        question.level_number,
        article is not None,
        article.short_answer_text if article else "",
        article.minutes if article else 0,
        question.checked.isoformat() if question.checked else "",
        question.topic,
        article.aliases if article else (),
        article.follow_ups if article else 0,
    )


def topic_views(
    catalogue: Catalogue,
    language: Language,
    articles: Mapping[str, Article],
) -> tuple[TopicView, ...]:
    """All topics; `articles` maps slugs to the articles of `language`."""
    return tuple(
        TopicView(
            number,
            topic.slug,
            topic.titles[language],
            topic.descriptions[language],
            topic.url(language),
            [
                question_view(one, language, articles.get(one.slug))
                for one in topic.questions
            ],
        )
        for number, topic in enumerate(catalogue.topics, start=1)
    )


def plan_views(
    catalogue: Catalogue,
    language: Language,
    topics: Sequence[TopicView],
) -> tuple[PlanView, ...]:
    """All study plans; `topics` are those of `language`."""
    views = {one.slug: one for topic in topics for one in topic.questions}
    return tuple(
        PlanView(
            plan.slug,
            plan.titles[language],
            plan.descriptions[language],
            plan.url(language),
            tuple(
                PlanPartView(
                    topics[at].title if plan.by_topic else "",
                    [views[one.slug] for one in part],
                )
                for at, part in enumerate(plan.parts)
            ),
        )
        for plan in catalogue.plans
    )


def article_view(
    article: Article,
    questions: Mapping[str, QuestionView],
    cache: ContentCache,
) -> ArticleView:
    """`questions` maps slugs to the views of the article's language."""
    example = article.question.folder / "example.py"
    return ArticleView(
        with_formulas(article.short_answer, cache),
        with_formulas(diagrams.without_style(article.body), cache),
        _parts(article),
        tuple(questions[one.slug] for one in article.related),
        f"{article.question.url(DEFAULT)}example.py"
        if example.is_file()
        else None,
        tuple(with_formulas(one, cache) for one in article.points),
    )


def _parts(article: Article) -> tuple[PartView, ...]:
    parts: list[PartView] = []
    for section in article.sections:
        if section.level == 2:
            parts.append(PartView(section.id, section.title))
        elif section.level == 3 and parts:
            last = parts[-1]
            child = PartView(section.id, section.title)
            parts[-1] = PartView(last.id, last.title, (*last.children, child))
    return tuple(parts)


def question_guide(
    question: Question,
    guide: Guide,
    views: Mapping[str, QuestionView],
    catalogue: Catalogue,
    article: Article,
    cache: ContentCache,
) -> Guide:
    """`guide` of a plain page, completed for the page of `question`; `views`
    maps slugs to the questions in the page's language."""
    before, after = catalogue.neighbours(question)
    guide.topic = next(t for t in guide.topics if t.slug == question.topic)
    guide.question = views[question.slug]
    guide.previous = views[before.slug] if before else None
    guide.next = views[after.slug] if after else None
    guide.article = article_view(article, views, cache)
    return guide


def topic_guide(topic: Topic, guide: Guide) -> Guide:
    """`guide` of a plain page, completed for the page of `topic`."""
    guide.topic = next(t for t in guide.topics if t.slug == topic.slug)
    return guide
