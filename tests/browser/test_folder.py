"""The site from a folder, in Chromium without a network."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from study_guide import folder_edition

RESULT = ".md-search-result__item a"


@pytest.fixture(scope="module")
def folder(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the ZIP file of the real site is unpacked."""
    top = tmp_path_factory.mktemp("unpacked")
    content = folder_edition.content(
        site, "https://example.org/", datetime(2026, 11, 24, tzinfo=UTC)
    )
    zipfile.ZipFile(BytesIO(content)).extractall(top)
    return top / folder_edition.FOLDER


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Page]:
    """A page that opens `index.html` and fails on any message of the
    browser."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, offline=True
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(f"{page.url}: {one.text}"))
    page.on("pageerror", lambda one: said.append(f"{page.url}: {one}"))
    page.goto((folder / "index.html").as_uri())
    yield page
    context.close()
    assert not said, "\n".join(said)


def test_from_home_to_a_question_and_to_the_other_language(
    page: Page,
) -> None:
    page.locator(".map a.t", has_text="位置编码").click()
    page.locator("ol.list a", has_text="RoPE").first.click()
    expect(page.locator("h1")).to_contain_text("RoPE")
    chinese = page.url
    assert chinese.endswith("/index.html")
    page.locator("header [data-language-link]").click()
    assert page.url == chinese.replace("/questions/", "/en/questions/")
    expect(page.locator("h1")).to_contain_text("RoPE")
    # The key n turns the page here, too.
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url != chinese and "/en/" in url)
    expect(page.locator("h1 + *, h1").first).to_be_visible()


def test_search_opens_the_section_that_it_found(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("旋转位置编码 外推")
    result = page.locator(RESULT).filter(has=page.locator("mark")).first
    expect(result.locator(".search-passage")).not_to_be_empty()
    page.locator(".md-search-result__more summary").first.click()
    link = page.locator(".md-search-result__more a").first
    target = link.get_attribute("href") or ""
    assert "/index.html?" in target
    link.click()
    page.wait_for_url(target)
    section = page.locator(f"[id='{target.rpartition('#')[2]}']")
    expect(section).to_be_in_viewport()
    expect(page.locator("#content mark").first).to_be_visible()


def test_practice_keeps_an_answer(page: Page) -> None:
    page.locator("header").get_by_role("link", name="练习").click()
    page.locator("[data-begin-today]").click()
    page.keyboard.press("Space")
    page.keyboard.press("3")
    expect(page.locator(".practice")).to_contain_text("第 2 题")
    page.reload()
    page.goto(page.url.replace("/practice/", "/"))
    expect(page.locator(".map .cell.learning")).to_have_count(1)


def test_an_explorable_answers(page: Page) -> None:
    page.goto(page.url.replace("index.html", "questions/rope-idea/index.html"))
    shown = page.locator(".instrument .shown").first
    before = shown.inner_html()
    page.locator(
        ".instrument input[type=range]:visible:not(:disabled)"
    ).first.press("ArrowRight")
    page.wait_for_timeout(300)
    assert shown.inner_html() != before
    expect(shown.locator("svg.picture")).to_be_visible()
