"""The pages about the guide itself: contributors', glossary, errata, licences."""

import re
from datetime import date
from pathlib import Path

import lxml.html
import pytest
import yaml
from conftest import ROOT, Project
from study_guide import catalogue, errata, text_checks, words
from study_guide.errata import Erratum
from study_guide.languages import LANGUAGES, Language, site_path
from study_guide.navigation import CONTRIBUTING
from study_guide.problems import RULES

DOCS = ROOT / "docs"


def page(site: Path, path: str) -> lxml.html.HtmlElement:
    text = (site / path / "index.html").read_text(encoding="utf-8")
    return lxml.html.document_fromstring(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_explained(language: Language) -> None:
    path = DOCS / "contributing" / f"style.{language}.md"
    text = path.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]*) \| .{4,} \|$", text, re.MULTILINE)
    explained = [one for row in rows for one in re.findall(r"`([^`]+)`", row)]
    assert sorted(explained) == sorted(RULES)


def test_the_pages_about_the_guide_are_without_fault() -> None:
    assert [str(one) for one in text_checks.check(ROOT, DOCS)] == []
    assert len(text_checks.pages(DOCS)) >= len(CONTRIBUTING) + 4


def test_a_mistake_in_such_a_page_is_found(project: Project) -> None:
    folder = project.docs / "contributing"
    (folder / "design.en.md").unlink()
    path = folder / "style.zh.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("带单位", "带GPU单位"), encoding="utf-8")
    path = folder / "answers.en.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{ #making }", "{ #made }"), encoding="utf-8")
    found = {
        (one.file, one.rule)
        for one in text_checks.check(project.root, project.docs)
    }
    assert found == {
        ("docs/contributing/design.en.md", "translation"),
        ("docs/contributing/style.zh.md", "chinese-type"),
        ("docs/contributing/answers.en.md", "parity"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_leads_to_the_other_contributors_pages(
    site: Path, language: Language
) -> None:
    for name in CONTRIBUTING:
        path = "contributing/" + ("" if name == "index" else f"{name}/")
        tree = page(site, site_path(language, path))
        links = tree.xpath("//*[@id='rail']//ol//a")
        assert len(links) == len(CONTRIBUTING)
        assert tree.xpath("//*[@id='rail']//a[@aria-current='page']")
        assert tree.find(".//h1").text_content().strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_names_all_terms_and_leads_to_questions(
    site: Path, language: Language
) -> None:
    tree = page(site, site_path(language, "glossary/"))
    terms = yaml.safe_load((DOCS / "glossary.yml").read_text(encoding="utf-8"))
    listed = {one.get("id") for one in tree.xpath("//dl/div")}
    assert listed == {one["id"] for one in terms}
    lost = [one.get("id") for one in tree.xpath("//dl/div[not(.//a)]")]
    assert not lost, "docs/glossary.yml: give these terms their `questions`"
    by_term = {one["id"]: one.get("questions", []) for one in terms}
    for one in tree.xpath("//dl/div"):
        wanted = [f"../questions/{slug}/" for slug in by_term[one.get("id")]]
        assert one.xpath(".//a/@href") == wanted or not wanted
    (entry,) = tree.xpath("//dl/div[@id='alibi']")
    targets = entry.xpath(".//a/@href")
    assert "../questions/alibi-idea/" in targets
    markdown = site / site_path(language, "glossary/") / "index.md"
    assert "ALiBi" in markdown.read_text(encoding="utf-8")


def test_an_erratum_stands_on_its_page(project: Project) -> None:
    topics, _ = catalogue.load(project.docs)
    entry = Erratum(
        date(2026, 12, 2), "rope-idea", {"zh": "底数。", "en": "The base."}
    )
    text = words.load(project.docs)["en"]
    shown = errata.markdown([entry], topics, "en", text)
    assert shown.startswith("## 2026-12-02 { #rope-idea-2026-12-02 }")
    assert "(../questions/rope-idea/index.md)" in shown
    assert "The base." in shown
    assert errata.markdown([], topics, "en", text) == text["errata_none"]


@pytest.mark.parametrize(
    "entry",
    [
        "- {date: soon, question: rope-idea, zh: a, en: b}",
        "- {date: 2026-12-02, question: nowhere, zh: a, en: b}",
        "- {date: 2020-01-01, question: rope-idea, zh: a}",
        "- a text",
    ],
)
def test_a_malformed_erratum_is_reported(project: Project, entry: str) -> None:
    (project.docs / "errata.yml").write_text(entry, encoding="utf-8")
    topics, _ = catalogue.load(project.docs)
    entries, problems = errata.load(project.docs, topics)
    assert entries == ()
    assert problems
    assert all(one.rule == "errata" and one.remedy for one in problems)


@pytest.mark.parametrize("language", LANGUAGES)
def test_notices_name_everything_vendored(
    site: Path, language: Language
) -> None:
    text = page(site, site_path(language, "licences/")).text_content()
    for path in (DOCS / "assets" / "vendor").rglob("vendored.yml"):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert str(entry["name"]) in text
            assert str(entry["version"]) in text
            assert str(entry["licence"]) in text


def test_the_licence_is_the_same_everywhere(site: Path) -> None:
    named = {
        "README.md": r"CC BY[\w-]*",
        "docs/interface.yml": r"CC BY[\w-]*",
        "scripts/study_guide/epub.py": r"CC BY[\w-]*",
        "docs/licences/index.en.md": r"CC BY[\w-]*",
        "docs/licences/index.zh.md": r"CC BY[\w-]*",
    }
    for file, pattern in named.items():
        found = re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"))
        assert set(found) == {"CC BY-SA"}, file
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Attribution-ShareAlike 4.0" in licence
    assert "MIT License" in licence
    for path in "questions/rope-idea", "en/contributing":
        footer = page(site, path).find(".//footer")
        (link,) = footer.xpath(".//a[@rel='license']")
        assert "CC BY-SA 4.0" in link.text_content()


def test_links_between_the_repositorys_own_files() -> None:
    for path in ROOT.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (ROOT / target).exists(), f"{path.name}: {target}"
