"""The one module that knows MkDocs: its events on one side, the engine on
the other.

MkDocs builds the languages one after the other, each as a build of its own;
the default language comes first and is the last to end.
"""

import copy
import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache
from mkdocs.commands import build as mkdocs_build
from mkdocs.commands import serve as mkdocs_serve
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from study_guide import (
    articles,
    bibliography,
    book_pictures,
    books,
    catalogue_file,
    errata,
    error_report,
    explorables,
    failures,
    feeds,
    finished_pages,
    folder_edition,
    glossary,
    joined_assets,
    navigation,
    notices,
    page_context,
    practice_cards,
    problems,
    publication,
    question_checks,
    search_index,
    structured_data,
    web_app,
    words,
)
from study_guide import catalogue as catalogue_module
from study_guide.articles import Article, Workshop
from study_guide.book_material import BookError, Material
from study_guide.books import Book
from study_guide.catalogue import Catalogue, Topic
from study_guide.content_cache import ContentCache
from study_guide.finished_pages import Finished
from study_guide.joined_assets import JoinedAsset
from study_guide.languages import (
    DEFAULT,
    LANGUAGES,
    Language,
    other,
    site_path,
)
from study_guide.page_context import (
    EVERYTHING_BYTES,
    EVERYTHING_SIZE,
    SITE_SIZE,
    Download,
    Guide,
    PlanView,
    QuestionView,
    TopicView,
    megabytes,
)
from study_guide.publication import Publication
from study_guide.web_app import Colours

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "content.sqlite"

# Templates by kind of page; what is not here keeps MkDocs' own.
_TEMPLATES = {
    "question": "question.html",
    "topic": "topic.html",
    "questions": "questions.html",
    "glossary": "glossary.html",
    "practice": "practice.html",
    "plan": "plan.html",
    "offline": "offline.html",
}


@dataclass(frozen=True)
class Stage:
    """What MkDocs writes the pages of a language with."""

    config: MkDocsConfig
    environment: Any
    files: Files


@dataclass
class Build:
    """One build of the site in all languages."""

    docs: Path
    catalogue: Catalogue
    words: Mapping[Language, Mapping[str, str]]
    shops: Mapping[Language, Workshop]
    articles: dict[Language, dict[str, Article]]
    sheets: Sequence[str]
    scripts: Mapping[str, JoinedAsset]
    explorables: Mapping[str, JoinedAsset]
    publication: Publication
    language: Language = DEFAULT
    topics: dict[Language, tuple[TopicView, ...]] = field(default_factory=dict)
    views: dict[Language, Mapping[str, QuestionView]] = field(
        default_factory=dict
    )
    plans: dict[Language, tuple[PlanView, ...]] = field(default_factory=dict)
    # A digest of the names of all files: a link is good or not by these.
    names: dict[Language, str] = field(default_factory=dict)
    books: dict[Language, list[Book]] = field(default_factory=dict)
    downloads: dict[Language, tuple[Download, ...]] = field(
        default_factory=dict
    )
    book_errors: list[BookError] = field(default_factory=list)
    stages: dict[Language, Stage] = field(default_factory=dict)
    # Source of a question's page -> what it was written as, to do it again.
    written: dict[str, tuple[Language, Page, Navigation]] = field(
        default_factory=dict
    )
    finished: Finished | None = None
    cards: dict[Language, Mapping[str, str]] = field(default_factory=dict)


_build: Build

# Told the name of each book before it is made; None: no books are made.
_report_book: Callable[[str], None] | None = None


def _begin(config: MkDocsConfig) -> Build:
    docs = Path(config.docs_dir)
    catalogue, _ = catalogue_module.load(docs)
    references, _ = bibliography.load(docs / "references.bib")
    interface = {
        language: {
            key: words.counted(text, catalogue) for key, text in said.items()
        }
        for language, said in words.load(docs).items()
    }
    cache = ContentCache(CACHE)
    shops = {
        language: Workshop(catalogue, references, interface[language], cache)
        for language in LANGUAGES
    }
    made: dict[Language, dict[str, Article]] = {one: {} for one in LANGUAGES}
    found, _ = errata.load(docs, catalogue)
    address = config.site_url or ""
    return Build(
        docs,
        catalogue,
        interface,
        shops,
        made,
        [str(one) for one in config.extra_css],
        {
            name: joined_assets.script(docs, files, cache, name)
            for name, files in _scripts(config).items()
        },
        explorables.scripts(docs, cache),
        Publication(
            docs, address, catalogue, found, references, interface, made
        ),
    )


def _scripts(config: MkDocsConfig) -> Mapping[str, Sequence[str]]:
    """Name -> files below docs of each script but the explorables'."""
    own = [str(one) for one in config.extra_javascript]
    return {
        "guide": [*own, web_app.LEAVES if _serving else web_app.BEGINS],
        "search": search_index.SCRIPTS,
        "arrival": ("assets/scripts/search/arrival.js",),
        "questions": ("assets/scripts/questions.js",),
        "practice": practice_cards.SCRIPTS,
        "offline": (web_app.KEEPS,),
    }


def _current_language(config: MkDocsConfig) -> Language:
    plugin: Any = config.plugins["i18n"]
    language: Language = plugin.current_language
    return language


# ── events ─────────────────────────────────────────────────────────────────


@event_priority(-200)  # after i18n has set the language
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    global _build
    language = _current_language(config)
    if language == DEFAULT:
        _build = _begin(config)
    _build.language = language
    text = _build.words[language]
    config.site_name = text["site_name"]
    config.site_description = text["site_description"]
    config.nav = navigation.tree(_build.catalogue, language, text)
    config.theme.static_templates.discard("sitemap.xml")  # ours has dates
    config.extra_css = [finished_pages.STYLE_SHEET]
    config.extra_javascript = []  # main.html loads it, with its words
    _set_quotes(config, curly=language == "en")
    if _serving:  # `check`, after each build, says what is missing, and where
        config.mdx_configs["pymdownx.snippets"]["check_paths"] = False
    return config


def _set_quotes(config: MkDocsConfig, *, curly: bool) -> None:
    """English text gets typographic quotes; Chinese has its own, 「」."""
    extensions = [one for one in config.markdown_extensions if one != "smarty"]
    config.markdown_extensions = extensions + ["smarty"] * curly
    config.mdx_configs["smarty"] = {"smart_dashes": False}


def _generated() -> Mapping[str, str]:
    """Markdown file (without language) -> its text: pages that come from the
    taxonomy alone."""
    language = _build.language
    pages = {
        "questions/index": f"# {_build.words[language]['all_questions']}\n"
    }
    for topic in _build.catalogue.topics:
        pages[f"topics/{topic.slug}/index"] = (
            f"# {topic.titles[language]}\n\n{topic.descriptions[language]}\n"
        )
    for plan in _build.catalogue.plans:
        pages[f"plans/{plan.slug}/index"] = (
            f"# {plan.titles[language]}\n\n{plan.descriptions[language]}\n"
        )
    return pages


@event_priority(100)  # before i18n sorts the files by language
def _announce_generated(files: Files, config: MkDocsConfig) -> Files:
    for path in _generated():
        for language in LANGUAGES:
            files.append(
                File(
                    f"{path}.{language}.md",
                    config.docs_dir,
                    config.site_dir,
                    config.use_directory_urls,
                )
            )
    return files


@event_priority(-200)  # after i18n, which makes new File objects
def _fill_generated(files: Files, config: MkDocsConfig) -> Files:
    texts = _generated()
    for file in files.documentation_pages():
        text = texts.get(file.src_uri.removesuffix(f".{_build.language}.md"))
        if text is not None:
            file.content_string = text
    for file in [one for one in files if one.src_uri.startswith(_THEME)]:
        files.remove(file)
    if _build.language == DEFAULT:
        for asset in (
            *_build.scripts.values(),
            *_build.explorables.values(),
        ):
            files.append(
                File.generated(config, asset.path, content=asset.text)
            )
    names = "\0".join(sorted(files.src_uris))
    _build.names[_build.language] = sha256(names.encode()).hexdigest()
    return files


# Material's own files. None of its scripts is used, and of its style sheet
# what is needed goes into the guide's.
_THEME = (
    "assets/javascripts/",
    "assets/stylesheets/",
    "assets/images/favicon.png",
)


def _theme_sheet(config: MkDocsConfig) -> str:
    """The text of Material's style sheet. It counts on a script for what all
    browsers now know by themselves, when focus is to be seen."""
    for folder in config.theme.dirs:
        for path in Path(folder).glob("assets/stylesheets/main.*.min.css"):
            text = path.read_text(encoding="utf-8")
            return text.replace(".focus-visible", ":focus-visible")
    raise FileNotFoundError("Material's style sheet is not where it was.")


on_files = CombinedEvent(_announce_generated, _fill_generated)


def _kind(page: Page) -> tuple[str, str]:
    """The kind of a page and, where it is one of several, its slug."""
    path = Path(page.file.src_uri)
    match path.parts:
        case ("questions", slug, _) if slug in _build.catalogue.questions:
            return "question", slug
        case ("questions", _):
            return "questions", ""
        case ("topics", slug, _):
            return "topic", slug
        case ("glossary", _):
            return "glossary", ""
        case ("plans", slug, _):
            return "plan", slug
        case ("practice", _):
            return "practice", ""
        case ("offline", _):
            return "offline", ""
        case (_,) if path.name.startswith("index."):
            return "home", ""
    return "text", ""


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    kind, _ = _kind(page)
    if kind in _TEMPLATES:
        page.meta["template"] = _TEMPLATES[kind]
    if kind == "text":
        markdown = _with_lists(markdown)
    if kind == "home":
        markdown = words.counted(markdown, _build.catalogue)
    if kind not in ("topic", "questions", "plan", "offline"):  # have no text
        path = _folder(page)
        _build.publication.sources[_build.language][path] = markdown
    return markdown


def _with_lists(markdown: str) -> str:
    """A page about the guide, with what is filled in from data."""
    language = _build.language
    text = _build.words[language]
    lists = {
        errata.MARKER: errata.markdown(
            _build.publication.errata, _build.catalogue, language, text
        ),
        notices.MARKER: notices.markdown(_build.docs, language, text),
    }
    for marker, content in lists.items():
        markdown = markdown.replace(marker, content)
    return markdown


def _folder(page: Page) -> str:
    """The folder of a page below the site's root, with a slash at its end,
    whether or not urls name files; empty for the root."""
    return page.file.dest_uri.rpartition("index.html")[0]


def on_page_content(
    html: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    kind, slug = _kind(page)
    shop = _build.shops[_build.language]
    if kind == "question":
        article = articles.make(
            html,
            _build.catalogue.questions[slug],
            _build.language,
            page.meta,
            shop,
        )
        _build.articles[_build.language][slug] = article
        return html
    return articles.complete(html, _build.docs / page.file.src_uri, shop)


def on_env(environment: Any, config: MkDocsConfig, files: Files) -> Any:
    """Between the articles and the pages: the books, which the pages name."""
    language = _build.language
    environment.bytecode_cache = _compiled_templates()
    if _serving:  # i18n gives the next language's settings to this object
        kept = copy.copy(config)
        kept.data = dict(config.data)
        _build.stages[language] = Stage(kept, environment, files)
    if not (_report_book and _build.articles[language]):
        return environment
    edition = books.edition(_build.catalogue)
    material = Material(
        language,
        _build.catalogue,
        _build.articles[language],
        _build.words[language],
        _build.docs,
        config.site_url or "",
        edition,
        _build.shops[language].cache,
        CACHE.parent,
    )
    made: list[Book] = []
    try:
        made.extend(books.make(material, _report_book))
    except BookError as error:
        _build.book_errors.append(error)
    _build.books[language] = made
    day = edition.date().isoformat()
    _build.downloads[language] = (
        *(
            Download(
                f"{_DOWNLOADS}/{book.name}",
                book.title,
                megabytes(len(book.content)),
                day,
            )
            for book in made
        ),
        Download(
            f"{_DOWNLOADS}/{folder_edition.NAME}",
            _build.words[language]["download_site"],
            SITE_SIZE,
            day,
        ),
    )
    return environment


def _compiled_templates() -> FileSystemBytecodeCache:
    """Kept for the next language and the next build."""
    folder = CACHE.parent / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


_DOWNLOADS = "downloads"


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    language = _build.language
    kind, slug = _kind(page)
    if language not in _build.topics:
        _build.topics[language] = page_context.topic_views(
            _build.catalogue, language, _build.articles[language]
        )
        _build.plans[language] = page_context.plan_views(
            _build.catalogue, language, _build.topics[language]
        )
        _build.views[language] = {
            question.slug: question
            for topic in _build.topics[language]
            for question in topic.questions
        }
    guide = _guide(kind, page.url, slug)
    if kind == "question":
        _build.written[str(page.file.abs_src_path)] = (language, page, nav)
        question = _build.catalogue.questions[slug]
        article = _build.articles[language][slug]
        guide = page_context.question_guide(
            question,
            guide,
            _build.views[language],
            _build.catalogue,
            article,
            _build.shops[language].cache,
        )
        guide.explorables = explorables.addresses(
            article.explorables, _build.explorables
        )
        guide.structured_data = structured_data.question_page(
            article, _topic(question.topic), guide.card, *_home(config)
        )
        if config.repo_url:
            guide.report = error_report.address(
                config.repo_url, question, language, _home(config)[1]
            )
    elif kind == "topic":
        topic = _topic(slug)
        guide = page_context.topic_guide(topic, guide)
        guide.structured_data = structured_data.topic_page(
            topic, language, *_home(config)
        )
    elif kind == "glossary":
        guide.glossary = glossary.groups(
            _build.docs,
            language,
            _build.articles[language],
            _build.shops[language].cache,
        )
        _build.publication.sources[language][_folder(page)] += (
            "\n"
            + glossary.markdown(guide.glossary, language, _home(config)[1])
        )
    elif kind == "plan":
        guide.plan = next(one for one in guide.plans if one.slug == slug)
    elif kind == "practice":
        _build.cards[language] = practice_cards.files(
            list(_build.articles[language].values()),
            _build.shops[language].cache,
        )
    if kind == "offline":  # nobody looks for it
        context["guide"] = guide
        return context
    guide.markdown = f"{_folder(page)}index.md"
    if language == DEFAULT:
        _build.publication.pages[_folder(page)] = _changed_on(kind, slug)
    context["guide"] = guide
    return context


def _topic(slug: str) -> Topic:
    return _build.catalogue.topic(slug)


def _home(config: MkDocsConfig) -> tuple[str, str]:
    """Name and address of the site."""
    name = _build.words[_build.language]["site_name"]
    return name, config.site_url or ""


def _changed_on(kind: str, slug: str) -> date | None:
    """The day on which what a page shows last changed, where it is known."""
    match kind:
        case "question":
            return _build.catalogue.questions[slug].changed_on
        case "topic":
            return publication.last_change(_build.catalogue, slug)
        case "questions" | "plan" | "home":
            return publication.last_change(_build.catalogue)
    return None


def _guide(kind: str, url: str, slug: str = "") -> Guide:
    """What any page at `url` gets to know."""
    language = _build.language
    plain = url.removeprefix(site_path(language, ""))
    return Guide(
        kind,
        language,
        url,
        _build.words[language],
        _build.topics.get(language, ()),
        site_path(other(language), "" if plain == "." else plain) or ".",
        scripts={name: one.path for name, one in _build.scripts.items()},
        worker="" if _serving else web_app.WORKER,
        downloads=_build.downloads.get(language, ()),
        card=publication.card_path(language, kind, slug),
        feed=site_path(language, feeds.NAME),
        plans=_build.plans.get(language, ()),
    )


def on_template_context(
    context: dict[str, Any], template_name: str, config: MkDocsConfig
) -> dict[str, Any]:
    """Templates that are no pages (404.html) know the guide as well."""
    context["guide"] = _guide("text", "")
    context["words"] = _build.words
    return context


@event_priority(-200)  # after i18n has built the other languages
def on_post_build(config: MkDocsConfig) -> None:
    plugin: Any = config.plugins["i18n"]
    if plugin.building:  # this was not the last language
        return
    site = Path(config.site_dir)
    (site / "catalogue.json").write_text(
        catalogue_file.text(_build.catalogue, _build.articles),
        encoding="utf-8",
    )
    for book in chain.from_iterable(_build.books.values()):
        path = site / _DOWNLOADS / book.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(book.content)
    cache = _build.shops[DEFAULT].cache
    search_index.write(site, _build.docs, _build.articles, cache)
    publication.write(site, _build.publication, CACHE.parent / "cards")
    for language, cards in _build.cards.items():
        practice_cards.write(site, language, cards)
    _build.finished = finished_pages.finish(
        site, _build.docs, _theme_sheet(config), _build.sheets, cache
    )
    colours = book_pictures.light_colours(_build.docs)
    web_app.write_manifest(
        site, _build.words, Colours(colours["--paper"], colours["--qing"])
    )
    if not _serving:
        _complete(site, config.site_url or "")
    else:
        found = list(question_checks.check_all(ROOT, _build.docs, cache))
        if found:
            print(problems.as_text(found), flush=True)


def _complete(site: Path, address: str) -> None:
    """What is made of all the rest, once it stands: the site as a folder,
    sizes in pages, the service worker."""
    sizes = {}
    if _report_book:
        _report_book(folder_edition.NAME)
        packed = folder_edition.content(
            site, address, books.edition(_build.catalogue)
        )
        path = site / _DOWNLOADS / folder_edition.NAME
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(packed)
        sizes[SITE_SIZE] = megabytes(len(packed))
    total = sum(size for _, size, _ in web_app.everything(site))
    sizes[EVERYTHING_SIZE] = megabytes(total)
    sizes[EVERYTHING_BYTES] = str(total)
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        filled = text
        for place, size in sizes.items():
            filled = filled.replace(place, size)
        if filled != text:
            path.write_text(filled, encoding="utf-8")
    web_app.write_worker(site, _build.docs, _build.shops[DEFAULT].cache)


_serving = False


def on_startup(command: str, dirty: bool) -> None:
    global _serving
    _serving = command == "serve"


# ── serve: one page again ──────────────────────────────────────────────────

Stamps = Mapping[str, tuple[int, int]]


def on_serve(
    server: LiveReloadServer,
    config: MkDocsConfig,
    builder: Callable[[], None],
) -> LiveReloadServer:
    """Where nothing but texts of questions has changed since the last build,
    write their pages again and leave the rest."""
    seen: Stamps = _stamps()

    def rebuild() -> None:
        nonlocal seen
        now = _stamps()
        changed = {
            path
            for path in seen.keys() | now.keys()
            if seen.get(path) != now.get(path)
        }
        seen = now
        if changed and not all(map(_written_again, sorted(changed))):
            builder()

    server.builder = rebuild
    return server


def _stamps() -> Stamps:
    """Path -> time and size of all that a site is made from."""
    return {
        str(path): (found.st_mtime_ns, found.st_size)
        for folder in (_build.docs, ROOT / "overrides", ROOT / "scripts")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        for found in [path.stat()]
    } | {"mkdocs.yml": ((ROOT / "mkdocs.yml").stat().st_mtime_ns, 0)}


def _written_again(path: str) -> bool:
    """Write the page of one text of a question again; False where that is
    not enough, since other pages show what has changed."""
    if path not in _build.written or _build.finished is None:
        return False
    language, page, nav = _build.written[path]
    stage = _build.stages[language]
    _build.language = language
    plugin: Any = stage.config.plugins["i18n"]
    plugin.current_language = language
    _, slug = _kind(page)
    before = _build.articles[language][slug]
    mkdocs_build._populate_page(page, stage.config, stage.files)
    after = _build.articles[language][slug]
    if _elsewhere(before) != _elsewhere(after):
        return False
    mkdocs_build._build_page(
        page,
        stage.config,
        stage.files.documentation_pages(),
        nav,
        stage.environment,
    )
    target = Path(page.file.abs_dest_path)
    text = target.read_text(encoding="utf-8")
    if not _build.finished.suffices(text):
        return False
    target.write_text(_build.finished.completed(text), encoding="utf-8")
    cache = _build.shops[DEFAULT].cache
    found = list(question_checks.check_all(ROOT, _build.docs, cache, [slug]))
    print(
        problems.as_text(found)
        if found
        else f"{slug}: this page is new; search follows with the next build "
        "of all.",
        flush=True,
    )
    return True


def _elsewhere(article: Article) -> tuple[object, ...]:
    """What other pages show of an article."""
    return (
        article.title,
        article.short_answer,
        article.points,
        article.aliases,
        article.related,
        article.minutes,
    )


# ── Markdown once ──────────────────────────────────────────────────────────

_INCLUDED = re.compile(r'--8<-- *"([^":]+)')
_render = Page.render


def _render_once(page: Page, config: MkDocsConfig, files: Files) -> None:
    """Page.render for Markdown that was not rendered before: most of the time
    of a build would go into pages that have not changed since the last one.
    """
    if page.markdown is None:
        _render(page, config, files)
        return
    included = (
        _build.docs / name for name in _INCLUDED.findall(page.markdown)
    )
    # Functions among the settings show where they lie in memory.
    settings = re.sub(
        r" at 0x[0-9a-f]+",
        "",
        repr([config.markdown_extensions, config.mdx_configs]),
    )
    made_from = (
        "markdown",
        *_MARKDOWN,
        settings,
        page.file.src_uri,
        page.file.url,
        _build.names[_build.language],
        page.markdown,
        *(path.read_text("utf-8") for path in included if path.is_file()),
    )

    def make() -> str:
        _render(page, config, files)
        return json.dumps(
            [
                page.content,
                page._title_from_render,
                [_as_row(one) for one in page.toc],
                sorted(page.present_anchor_ids or ()),
            ]
        )

    kept = _build.shops[_build.language].cache.get(made_from, make)
    content, title, rows, anchors = json.loads(kept)
    page.content = content
    page.toc = TableOfContents([_from_row(one) for one in rows])
    page._title_from_render = title
    page.present_anchor_ids = set(anchors)


_MARKDOWN = tuple(
    f"{name} {version(name)}"
    for name in ("markdown", "mkdocs", "pymdown-extensions", "pygments")
)


def _as_row(link: AnchorLink) -> list[Any]:
    return [
        link.title,
        link.id,
        link.level,
        [_as_row(child) for child in link.children],
    ]


def _from_row(row: list[Any]) -> AnchorLink:
    title, identifier, level, children = row
    link = AnchorLink(title, identifier, level)
    link.children = [_from_row(child) for child in children]
    return link


setattr(Page, "render", _render_once)  # noqa: B010  # mypy takes no method for another


# ── from outside ───────────────────────────────────────────────────────────


class RenderError(Exception):
    """MkDocs could not build the site."""


def render(
    site: Path,
    report: Callable[[str], None],
    report_book: Callable[[str], None] | None = None,
) -> list[BookError]:
    """Build all pages into `site`, which is emptied first, and the books
    where there is somebody to tell the name of each: `report_book`.

    `report` is given what MkDocs warns of. Returns what kept books from
    being made. Raises RenderError, and what the machine refuses as it is.
    """
    global _report_book
    _report_book = report_book
    handler = _Handler(report)
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        config = load_config(
            str(ROOT / "mkdocs.yml"), site_dir=str(site), strict=False
        )
        config.plugins.on_startup(command="build", dirty=False)
        mkdocs_build.build(config)
        config.plugins.on_shutdown()
    except failures.EXPECTED:
        raise
    except Exception as error:  # plugins and extensions raise what they like
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise RenderError(
            f"{type(error).__name__}: {error} "
            f"({Path(where.filename).name}:{where.lineno})"
        ) from error
    finally:
        logger.removeHandler(handler)
        _report_book = None
    return _build.book_errors


class _Handler(logging.Handler):
    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report(record.getMessage())


def serve(address: str) -> None:
    """Show the site at `address` (host:port), rebuilt when a file changes.

    What is wrong with the content is said after each build; the site is
    shown all the same.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    mkdocs_serve.serve(
        str(ROOT / "mkdocs.yml"), livereload=True, dev_addr=address
    )
