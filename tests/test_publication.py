"""What is published beside the pages: parsed as those who read it would."""

import json
import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlparse

import lxml.html
import pytest
from conftest import ROOT, Project
from fontTools.ttLib import TTFont
from lxml import etree
from PIL import Image
from study_guide import cards, catalogue, errata, feeds, llms_text, words
from study_guide.cards import Card, Ink
from study_guide.catalogue import Catalogue
from study_guide.languages import LANGUAGES, Language, site_path

HOME = "https://example.org/"
INK = Ink("#fdfdfc", "#1d2226", "#0d5c75")


@pytest.fixture(scope="module")
def found() -> Catalogue:
    return catalogue.load(ROOT / "docs")[0]


def page(site: Path, path: str) -> lxml.html.HtmlElement:
    text = (site / path / "index.html").read_text(encoding="utf-8")
    return lxml.html.document_fromstring(text)


def found_pages(site: Path) -> list[Path]:
    """The pages that are meant to be found."""
    return [
        path
        for path in sorted(site.rglob("index.html"))
        if 'content="noindex"' not in path.read_text(encoding="utf-8")
    ]


def file_of(site: Path, address: str) -> Path:
    """The file behind an address of the site."""
    assert address.startswith(HOME), address
    path = site / urlparse(address).path.lstrip("/")
    return path / "index.html" if address.endswith("/") else path


# ── sitemap ────────────────────────────────────────────────────────────────


def test_the_sitemap_names_every_page_with_alternates_and_days(
    site: Path, found: Catalogue
) -> None:
    root = etree.parse(str(site / "sitemap.xml")).getroot()
    space = {
        "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "x": "http://www.w3.org/1999/xhtml",
    }
    entries = {
        entry.findtext("s:loc", namespaces=space): entry
        for entry in root.findall("s:url", space)
    }
    built = set(found_pages(site))
    assert len(list(site.rglob("index.html"))) == len(built) + len(LANGUAGES)
    assert {file_of(site, address) for address in entries} == built
    for address, entry in entries.items():
        alternates = {
            link.get("hreflang"): link.get("href")
            for link in entry.findall("x:link", space)
        }
        assert alternates.keys() == {"zh", "en", "x-default"}
        assert address in alternates.values()
        assert set(alternates.values()) <= entries.keys()
    for question in found.published:
        for language in LANGUAGES:
            entry = entries[HOME + question.url(language)]
            day = entry.findtext("s:lastmod", namespaces=space)
            assert date.fromisoformat(day) == question.changed_on
    assert "Sitemap: https://example.org/sitemap.xml" in (
        site / "robots.txt"
    ).read_text(encoding="utf-8")


# ── feed ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_feed_is_rss_that_leads_to_the_questions(
    site: Path, found: Catalogue, language: Language
) -> None:
    path = site / site_path(language, feeds.NAME)
    channel = etree.parse(str(path)).getroot().find("channel")
    # What the specification asks for.
    for name in "title", "link", "description":
        assert channel.findtext(name)
    own = channel.find("{http://www.w3.org/2005/Atom}link")
    assert file_of(site, own.get("href")) == path
    items = channel.findall("item")
    assert 20 <= len(items) <= 60
    guids = [item.findtext("guid") for item in items]
    assert len(set(guids)) == len(items)
    days = [parsedate_to_datetime(one.findtext("pubDate")) for one in items]
    assert days == sorted(days, reverse=True)
    titles = {question.titles[language] for question in found.published}
    for item in items:
        assert file_of(site, item.findtext("link")).is_file()
        assert item.findtext("title") in titles
        assert len(item.findtext("description")) > 40


def test_a_changed_question_and_its_erratum_are_news(
    project: Project, shop
) -> None:
    taxonomy = project.docs / "taxonomy.yml"
    text = taxonomy.read_text(encoding="utf-8")
    text = text.replace(
        "level: intermediate",
        "level: intermediate\n    checked: 2026-11-27",
        1,
    )
    taxonomy.write_text(text, encoding="utf-8")
    (project.docs / "errata.yml").write_text(
        "- {date: 2026-12-02, question: rope-idea, zh: 底数写错了。, "
        "en: The base was wrong.}\n",
        encoding="utf-8",
    )
    topics, _ = catalogue.load(project.docs)
    entries, problems = errata.load(project.docs, topics)
    assert ["changed: 2026-12-02" in one.remedy for one in problems] == [True]
    assert not entries

    text = text.replace("-11-27", "-11-27\n    changed: 2026-12-02")
    taxonomy.write_text(text, encoding="utf-8")
    topics, _ = catalogue.load(project.docs)
    entries, problems = errata.load(project.docs, topics)
    assert problems == []

    class Article:
        short_answer_text = "Turn q and k."

    feed = feeds.text(
        "en",
        topics,
        {"rope-idea": Article()},
        entries,
        words.load(project.docs)["en"],
        HOME,
    )
    items = etree.fromstring(feed.encode()).findall("channel/item")
    assert [one.findtext("pubDate")[:16] for one in items] == [
        "Wed, 02 Dec 2026"
    ] * 2
    assert {one.findtext("description") for one in items} == {
        "Turn q and k.",
        "The base was wrong.",
    }


# ── structured data ────────────────────────────────────────────────────────

# What schema.org's consumers require of each type that is used.
REQUIRED = {
    "QAPage": {"mainEntity"},
    "Question": {"name", "answerCount", "acceptedAnswer"},
    "Answer": {"text"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
    "ImageObject": {"url"},
    "Thing": {"name"},
}


def typed(data: object):
    """Every object of JSON-LD that has a type."""
    if isinstance(data, dict):
        if "@type" in data:
            yield data
        for value in data.values():
            yield from typed(value)
    elif isinstance(data, list):
        for value in data:
            yield from typed(value)


def structured(tree: lxml.html.HtmlElement) -> list[dict]:
    scripts = tree.xpath("//script[@type='application/ld+json']")
    data = [json.loads(one.text) for one in scripts]
    assert all(one["@context"] == "https://schema.org" for one in data)
    return [one for each in data for one in typed(each)]


def test_structured_data_is_complete_and_says_what_the_page_says(
    site: Path, found: Catalogue
) -> None:
    for question in found.published:
        for language in LANGUAGES:
            tree = page(site, question.url(language))
            objects = structured(tree)
            for one in objects:
                missing = REQUIRED[one["@type"]] - one.keys()
                assert not missing, (question.slug, one["@type"], missing)
                assert all(one[name] for name in REQUIRED[one["@type"]])
            by_type = {one["@type"]: one for one in objects}
            asked = by_type["Question"]
            heading = tree.find(".//h1").text_content()
            assert asked["name"].rstrip("?？") in heading
            short = tree.xpath("//*[@id='short-answer']")
            anchor = urlparse(by_type["Answer"]["url"])
            assert short
            assert anchor.fragment == "short-answer"
            assert (
                by_type["Answer"]["text"]
                == (tree.xpath("//meta[@name='description']/@content")[0])
            )
            trail = by_type["BreadcrumbList"]["itemListElement"]
            assert [one["position"] for one in trail] == [1, 2, 3]
            for step in trail:
                assert file_of(site, step["item"]).is_file()
            assert trail[-1]["item"] == HOME + question.url(language)
            datetime.fromisoformat(by_type["QAPage"]["dateModified"])
    topic = structured(page(site, "en/topics/normalization"))
    assert {one["@type"] for one in topic} == {"BreadcrumbList", "ListItem"}


# ── link previews ──────────────────────────────────────────────────────────


def test_every_page_names_a_card_of_its_own_size(
    site: Path, found: Catalogue
) -> None:
    seen = set()
    for path in found_pages(site):
        tree = page(site, path.parent.relative_to(site).as_posix())
        head = {
            one.get("property") or one.get("name"): one.get("content")
            for one in tree.xpath("//head/meta")
        }
        for name in "og:title", "og:description", "og:type", "og:url":
            assert head[name], path
        assert head["twitter:card"] == "summary_large_image"
        picture = file_of(site, head["og:image"])
        assert head["og:image"] == head["twitter:image"]
        assert picture.is_file(), path
        seen.add(picture)
    drawn = set((site / "assets" / "cards").rglob("*.png"))
    assert seen == drawn
    questions = len(list(found.published)) * len(LANGUAGES)
    assert len(drawn) >= questions
    for picture in drawn:
        content = picture.read_bytes()
        assert len(content) <= 60_000, picture
        assert Image.open(BytesIO(content)).size == (1200, 630)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cards_fonts_have_every_letter(
    found: Catalogue, language: Language
) -> None:
    known = {
        name: set(TTFont(str(cards.font_file(font[language]))).getBestCmap())
        for name, font in (
            ("title", cards.TITLE_FONTS),
            ("note", cards.NOTE_FONTS),
        )
    }
    text = words.load(ROOT / "docs")[language]
    titles = [one.titles[language] for one in found.questions.values()]
    titles += [one.titles[language] for one in found.topics]
    notes = [one.descriptions[language] for one in found.topics]
    notes += [text["card_note"], text["site_name"], *titles, " · "]
    titles.append(text["card_title"])
    for name, texts in (("title", titles), ("note", notes)):
        missing = {ord(one) for one in "".join(texts)} - known[name]
        assert not missing, {chr(one) for one in missing}


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "What does one do? " * 9),
        ("zh", "如果模型太大、显存不够，应该怎么办（举例说明）？" * 4),
    ],
)
def test_a_long_title_stays_on_its_card(
    tmp_path: Path, language: Language, title: str
) -> None:
    card = Card(language, "Guide", "104", title, "Topic · Basic")
    content = cards.png(card, INK, tmp_path)
    picture = Image.open(BytesIO(content)).convert("L")
    paper = picture.getpixel((0, 0))
    margin = picture.crop((1130, 0, 1200, 630))
    assert margin.getextrema() == (paper, paper)
    above_the_bar = picture.crop((80, 506, 1120, 522))
    assert above_the_bar.getextrema() == (paper, paper)
    assert picture.crop((80, 150, 1120, 500)).getextrema()[0] < 80


def test_a_card_is_drawn_once_and_anew_when_it_says_something_else(
    tmp_path: Path,
) -> None:
    card = Card("zh", "题解", "84", "旋转位置编码的思路是什么？", "位置编码")
    first = cards.png(card, INK, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"kept")
    assert cards.png(card, INK, tmp_path) == b"kept"
    other = Card("zh", "题解", "85", "旋转位置编码有什么优点？", "位置编码")
    assert cards.png(other, INK, tmp_path) not in (first, b"kept")


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_do_not_begin_with_closing_marks(language: Language) -> None:
    face = cards._face(cards.TITLE_FONTS[language], 60)
    text = {
        "zh": "为什么（在训练时）显存不够，参数、梯度与优化器各占多少？",
        "en": "Why (when training) is memory short: weights, states, both?",
    }[language]
    for width in range(200, 1000, 40):
        broken = cards.lines(text, face, width)
        assert re.sub(r"\s", "", "".join(broken)) == re.sub(r"\s", "", text)
        for line in broken:
            assert line[0] not in "，。？！、）：,.?!):;"
            assert line[-1] not in "（("


# ── Markdown and text for language models ──────────────────────────────────


def test_each_page_has_its_markdown_beside_it(
    site: Path, found: Catalogue
) -> None:
    for path in found_pages(site):
        tree = page(site, path.parent.relative_to(site).as_posix())
        (link,) = tree.xpath("//link[@type='text/markdown']/@href")
        assert (path.parent / link).resolve() == path.with_name("index.md")
        text = path.with_name("index.md").read_text(encoding="utf-8")
        assert text.startswith("# "), path
    for question in found.published:
        for language in LANGUAGES:
            path = site / question.url(language) / "index.md"
            text = path.read_text(encoding="utf-8")
            assert f"<{HOME}{question.url(language)}>" in text
            code = (question.folder / "example.out").read_text("utf-8")
            assert code.strip().splitlines()[-1].strip() in text
            outside = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
            for raw in "--8<--", "[@", "<!--", "](../", ".svg)", "{ #":
                assert raw not in outside, f"{path}: {raw}"
            cited = {int(one) for one in re.findall(r"\[(\d+)\]", outside)}
            listed = re.findall(r"^(\d+)\. .*\]\(https?:", text, re.M)
            assert cited == {int(one) for one in listed} != set(), path
            for target in re.findall(rf"\]\(({HOME}[^)#]*)", outside):
                assert file_of(site, target).is_file(), target


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_for_language_models(
    site: Path, found: Catalogue, language: Language
) -> None:
    folder = site / site_path(language, "")
    index = (folder / "llms.txt").read_text(encoding="utf-8")
    lines = index.splitlines()
    # The shape that llmstxt.org asks for: title, quote, text, lists of links.
    assert lines[0].startswith("# ")
    assert lines[2].startswith("> ")
    links = re.findall(r"^- \[[^\]]+\]\(([^)]+)\): .{30,}$", index, re.M)
    published = list(found.published)
    assert links == [f"{HOME}{one.url(language)}index.md" for one in published]
    assert all(file_of(site, one).is_file() for one in links)
    topics = [one for one in found.topics if one.published]
    assert index.count("\n## ") == len(topics)
    full = (folder / "llms-full.txt").read_text(encoding="utf-8")
    places = [full.index(f"# {one.titles[language]}\n") for one in published]
    assert places == sorted(places)
    assert llms_text.full(
        "zh", found, {}, {"site_name": "a", "site_description": "b"}
    )


# ── not found ──────────────────────────────────────────────────────────────


def test_the_page_for_wrong_addresses_offers_search_in_both_languages(
    site: Path,
) -> None:
    text = (site / "404.html").read_text(encoding="utf-8")
    tree = lxml.html.document_fromstring(text)
    forms = tree.findall(".//form")
    assert [form.get("action") for form in forms] == ["/", "/en/"]
    for form in forms:
        (field,) = form.findall("input")
        assert field.get("name") == "q"
        assert form.xpath(f"label[@for='{field.get('id')}']")
    # Whatever the address, nothing is asked for relative to it.
    for address in tree.xpath("//@href | //@action | //@src"):
        assert address.startswith("/")
