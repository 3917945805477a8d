"""The search box in Chromium, as a reader uses it."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from study_guide import scale_bench

ITEMS = ".md-search-result__item"
INPUT = ".md-search__input"
META = ".md-search-result__meta"


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[object]:
    """Opens a page; at the end there were no errors and nothing missing."""
    faults: list[str] = []
    contexts = []

    def failed(request: Request) -> None:
        # Leaving a page calls its requests off; the online site's preloaded
        # fonts are not for a folder.
        if "ABORTED" not in request.failure and "/fonts/" not in request.url:
            faults.append(request.url)

    def open_page(path: str, base: str = address) -> Page:
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", failed)
        page.goto(base + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def search(page: Page, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(text)


def test_nothing_is_fetched_before_the_box_is_used(visit) -> None:
    page = visit("questions/rope-idea/")
    page.wait_for_load_state("networkidle")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert not [one for one in loaded if re.search("search|minisearch", one)]
    page.keyboard.press("/")
    expect(page.locator(META)).not_to_be_empty()
    page.wait_for_load_state("networkidle")
    assert any(
        re.search(r"/search/zh\.[0-9a-f]{8}/titles\.js$", one)
        for one in requests
    )
    assert not any("assets/search/en" in one for one in requests)


def test_pages_without_questions_are_found_by_their_names(visit) -> None:
    page = visit("en/")
    search(page, "Glossary")
    link = page.locator(".search-empty a").first
    expect(link).to_have_text("Glossary")
    link.click()
    page.wait_for_url("**/en/glossary/")
    search(page, "zzzzqqqq")
    expect(page.locator(".search-empty a", has_text="Errata")).to_be_visible()


def test_a_result_shows_number_question_topic_and_passage(visit) -> None:
    page = visit("")
    search(page, "旋转位置编码")
    first = page.locator(ITEMS).first
    expect(first.locator(".search-number")).to_have_text("84")
    expect(first.locator(".search-title mark").first).to_have_text(
        "旋转位置编码 RoPE"
    )
    expect(first.locator(".search-topic")).not_to_be_empty()
    expect(first.locator(".search-passage mark").first).to_be_visible()
    expect(page.locator(META)).to_contain_text("题")


def test_sections_fold_under_their_question(visit) -> None:
    page = visit("")
    search(page, "RoPE")
    first = page.locator(ITEMS).first
    more = first.locator("details.md-search-result__more")
    expect(more).to_have_count(1)
    expect(more.locator("a").first).to_be_hidden()
    more.locator("summary").click()
    link = more.locator("a.md-search-result__link").first
    expect(link).to_be_visible()
    assert re.search(
        r"/questions/rope-idea/(\?[^#]*)?#[a-z0-9-]+$",
        link.get_attribute("href"),
    )


def test_arrow_keys_walk_and_enter_opens(visit) -> None:
    page = visit("en/")
    search(page, "rotary")
    links = page.locator(f"{ITEMS} > a")
    expect(links.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(links.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(INPUT)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/questions/rope-idea/**")


def test_the_words_are_marked_on_the_page_that_is_opened(visit) -> None:
    page = visit("")
    search(page, "RoPE")
    expect(page.locator(f"{ITEMS} mark").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/rope-idea/**")
    marks = page.locator("#content mark")
    expect(marks.filter(has_text="RoPE").first).to_be_visible()


def test_escape_closes(visit) -> None:
    page = visit("")
    search(page, "RoPE")
    expect(page.locator(ITEMS).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#__search")).not_to_be_checked()
    expect(page.locator(".md-search__inner")).to_have_css("opacity", "0")


def test_clearing_empties_the_list(visit) -> None:
    page = visit("")
    search(page, "RoPE")
    expect(page.locator(ITEMS).first).to_be_visible()
    page.locator(".md-search button[type=reset]").click()
    expect(page.locator(ITEMS)).to_have_count(0)
    expect(page.locator(INPUT)).to_be_focused()


def test_no_result_says_so_and_leads_to_the_topics(visit) -> None:
    page = visit("")
    search(page, "红烧肉 做法")
    expect(page.locator(META)).to_contain_text("红烧肉 做法")
    expect(page.locator(ITEMS)).to_have_count(0)
    topics = page.locator(".search-empty a")
    assert topics.count() > 0
    topics.first.click()
    page.wait_for_url("**/topics/**")


def test_a_query_in_the_address(visit) -> None:
    page = visit("en/?q=rotary")
    expect(page.locator(ITEMS).first).to_contain_text("84")
    expect(page.locator(INPUT)).to_have_value("rotary")
    expect(page.locator("#__search")).to_be_checked()


def test_the_share_link_carries_the_query(visit) -> None:
    page = visit("")
    search(page, "RoPE 思路")
    share = page.locator("[data-md-component=search-share]")
    expect(share).to_have_attribute("href", re.compile(r"\?q=RoPE\+%E6"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_results_are_in_the_language_of_the_page(visit, language) -> None:
    page = visit("en/" if language == "en" else "")
    search(page, "RoPE")
    expect(page.locator(ITEMS).first).to_be_visible()
    for link in page.locator(f"{ITEMS} a").all():
        assert ("/en/questions/" in link.get_attribute("href")) == (
            language == "en"
        )


def test_other_language_and_traditional_characters_find_the_page(
    visit,
) -> None:
    page = visit("en/")
    for query in "旋转位置编码", "旋轉位置編碼", "ＲｏＰＥ":
        search(page, query)
        number = page.locator(f"{ITEMS} .search-number").first
        expect(number).to_have_text("84")
        page.keyboard.press("Escape")


def test_nothing_is_searched_while_chinese_is_composed(visit) -> None:
    page = visit("")
    page.keyboard.press("/")
    expect(page.locator(META)).to_contain_text("术语")
    session = page.context.new_cdp_session(page)
    before = page.locator(META).inner_text()
    for letters in "w", "we", "wei", "wei z", "wei zhi":
        session.send(
            "Input.imeSetComposition",
            {
                "text": letters,
                "selectionStart": len(letters),
                "selectionEnd": len(letters),
            },
        )
        page.evaluate(
            "document.activeElement.dispatchEvent("
            "new KeyboardEvent('keyup', {key: 'Process', bubbles: true}))"
        )
    page.wait_for_timeout(300)
    assert page.locator(META).inner_text() == before
    expect(page.locator(ITEMS)).to_have_count(0)
    session.send("Input.insertText", {"text": "位置编码"})
    expect(page.locator(ITEMS).first).to_be_visible()
    expect(page.locator(INPUT)).to_have_value("位置编码")


def test_from_a_folder(visit, site: Path) -> None:
    page = visit("index.html", f"{site.as_uri()}/")
    search(page, "RoPE")
    first = page.locator(f"{ITEMS} > a").first
    expect(first.locator(".search-passage mark").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/rope-idea/index.html**")
    assert Path(page.url.split("://")[1].split("?")[0]).is_file()


def test_a_query_of_5000_characters(visit) -> None:
    page = visit("")
    page.keyboard.press("/")
    expect(page.locator(META)).to_contain_text("术语")
    page.keyboard.insert_text("旋转位置编码 RoPE attention " * 200)
    page.wait_for_timeout(300)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("x" * 5000)
    expect(page.locator(META)).to_contain_text("xxx…")
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, innerWidth]"
    )
    assert widths[0] <= widths[1]
    page.keyboard.press("Control+A")
    page.keyboard.type("RoPE")
    expect(page.locator(".search-number").first).to_have_text("84")


def test_markup_is_shown_as_text(visit) -> None:
    page = visit("")
    markup = '<img src=x onerror="document.title=1">'
    search(page, markup)
    expect(page.locator(META)).to_contain_text(markup)
    expect(page.locator(".md-search img")).to_have_count(0)
    page.keyboard.press("Control+A")
    page.keyboard.type('<b onclick="x">RoPE</b>')
    expect(page.locator(ITEMS).first).to_be_visible()
    expect(page.locator(".md-search b")).to_have_count(0)
    assert page.title() != "1"


def test_the_parts_of_a_term_typed_apart_are_marked(visit) -> None:
    """归一化 位置 is one term to the search, two words to the reader."""
    page = visit("")
    search(page, "归一化 位置")
    first = page.locator(ITEMS).first
    expect(first.locator(".search-number")).to_have_text("97")
    expect(first.locator(".search-title mark").first).to_have_text("位置")


def test_the_bench_counts_what_a_new_reader_fetches(
    browser: Browser, address: str, monkeypatch
) -> None:
    # With a service worker, as readers have it.
    allowing = functools.partial(browser.new_context, service_workers="allow")
    monkeypatch.setattr(browser, "new_context", allowing)
    size, seconds = scale_bench.first_result(browser, address)
    assert 20_000 < size < 130_000
    assert seconds < 30
