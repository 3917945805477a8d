"""The built site, as files: what a page holds, what the site offers."""

import gzip
import json
import re
from pathlib import Path

import lxml.html
import pytest
from conftest import ROOT
from study_guide import catalogue, formulas, site_checks
from study_guide.content_cache import ContentCache


@pytest.fixture(scope="session")
def found() -> catalogue.Catalogue:
    return catalogue.load(ROOT / "docs")[0]


def page(site: Path, path: str) -> lxml.html.HtmlElement:
    text = (site / path / "index.html").read_text(encoding="utf-8")
    return lxml.html.document_fromstring(text)


def test_the_site_is_without_fault(site: Path) -> None:
    assert [str(one) for one in site_checks.check(site)] == []


def test_every_published_question_has_its_page_in_both_languages(
    site: Path, found: catalogue.Catalogue
) -> None:
    for question in found.published:
        for language in "zh", "en":
            tree = page(site, question.url(language))
            heading = tree.find(".//h1").text_content().strip()
            assert question.titles[language].rstrip("？?。.") in heading
            parts = [
                one.get("id")
                for one in tree.xpath("//h2[@id] | //section[@id]")
            ]
            assert "short-answer" in parts
            assert parts[-1] == "references"


def test_figures_are_inside_the_page(
    site: Path, found: catalogue.Catalogue
) -> None:
    for question in found.published:
        for language in "zh", "en":
            tree = page(site, question.url(language))
            assert tree.xpath("//article//figure//*[local-name()='svg']")
            assert not tree.xpath("//article//img")


def test_ids_are_used_once(site: Path, found: catalogue.Catalogue) -> None:
    for question in found.published:
        tree = page(site, question.url("en"))
        ids = tree.xpath("//@id")
        twice = {one for one in ids if ids.count(one) > 1}
        assert not twice, question.slug


def test_catalogue_file(site: Path, found: catalogue.Catalogue) -> None:
    data = json.loads((site / "catalogue.json").read_text(encoding="utf-8"))
    assert len(data["questions"]) == len(found.questions)
    assert len(data["topics"]) == len(found.topics)
    assert {one["slug"] for one in data["plans"]} == {
        "afternoon",
        "week",
        "all",
    }
    for plan in data["plans"]:
        for language in "zh", "en":
            assert (site / plan[language]["url"] / "index.html").is_file()
    for record in data["questions"]:
        for language in "zh", "en":
            url = record[language]["url"]
            assert bool(url) == record["published"]
            if url:
                assert (site / url / "index.html").is_file()
                assert len(record[language]["short_answer"]) > 40


def test_unpublished_questions_have_no_page(
    site: Path, found: catalogue.Catalogue
) -> None:
    for question in found.questions.values():
        exists = (site / question.url("zh")).exists()
        assert exists == question.published


def test_the_head_names_the_other_language_absolutely(site: Path) -> None:
    tree = page(site, "en/questions/rope-idea")
    alternates = {
        link.get("hreflang"): link.get("href")
        for link in tree.xpath("//head/link[@rel='alternate'][@hreflang]")
    }
    assert alternates.keys() == {"zh", "en", "x-default"}
    assert alternates["zh"].endswith("/questions/rope-idea/")
    assert alternates["en"].endswith("/en/questions/rope-idea/")
    assert all(one.startswith("https://") for one in alternates.values())
    assert alternates["x-default"] == alternates["zh"]
    description = tree.xpath("//meta[@name='description']/@content")[0]
    assert "θᵢ" in description


def test_sources_are_not_published(site: Path) -> None:
    names = {path.name for path in site.rglob("*") if path.is_file()}
    assert "example.py" in names
    assert not names & {
        "figure.py",
        "example.out",
        "taxonomy.yml",
        "references.bib",
        "vendored.yml",
        "interface.yml",
        "glossary.yml",
    }
    assert not [one for one in names if re.match(r"index\.(zh|en)\.", one)]


def test_a_question_page_is_light(
    site: Path, found: catalogue.Catalogue
) -> None:
    for question in found.published:
        for language in "zh", "en":
            path = site / question.url(language) / "index.html"
            size = len(gzip.compress(path.read_bytes()))
            assert size < 75_000, f"{question.slug}: {size} bytes"


def test_the_english_page_has_curly_quotes(site: Path) -> None:
    text = page(site, "en/questions/rope-idea").find(".//article")
    for code in text.xpath(".//pre|.//code|.//annotation"):
        code.drop_tree()
    assert "head’s" in text.text_content()
    assert "head's" not in text.text_content()


def test_every_formula_of_the_sources_is_rendered(
    site: Path, found: catalogue.Catalogue, cache: ContentCache
) -> None:
    from study_guide import source

    for question in found.published:
        written = source.read(question.source("zh"), "zh").formulas
        tree = page(site, question.url("zh"))
        shown = {
            one.text_content().strip()
            for one in tree.xpath("//article//annotation")
        }
        missing = {one.tex.strip() for one in written} - shown
        # A reader's browser keeps no trailing blank in an annotation.
        assert not missing, f"{question.slug}: {missing}"
        assert formulas.ARITHMATEX.search(str(tree)) is None
