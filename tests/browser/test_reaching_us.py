"""The page for wrong addresses and the report of a mistake, in Chromium."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("folder", "query", "title"),
    [("", "旋转位置编码", "RoPE"), ("en/", "rotary", "RoPE")],
)
def test_search_from_the_page_for_wrong_addresses(
    page: Page, address: str, folder: str, query: str, title: str
) -> None:
    page.goto(address + "404.html")
    # The site was built for the root of a host; here it lies below a path.
    form = page.locator("form").nth(1 if folder else 0)
    form.evaluate("(form, action) => (form.action = action)", address + folder)
    form.get_by_role("searchbox").fill(query)
    form.get_by_role("button").click()
    page.wait_for_url(f"{address}{folder}?q=*")
    results = page.locator(".md-search-result__item")
    expect(results.first).to_be_visible()
    assert title in (results.first.text_content() or "")


def test_a_report_names_the_section_in_view(page: Page, address: str) -> None:
    path = address + "en/questions/rope-idea/"

    def with_link(route) -> None:
        response = route.fetch()
        link = '<a href="https://github.com/a/b/issues/new?title=84" data-report>Report</a>'
        body = response.text().replace(
            '<div class="rail" id="rail">',
            f'<div class="rail" id="rail">{link}',
            1,
        )
        route.fulfill(response=response, body=body)

    page.route(path, with_link)
    page.goto(path)
    link = page.locator("[data-report]")
    page.evaluate(
        "document.getElementById('channel-layouts').scrollIntoView()"
    )
    page.wait_for_timeout(100)
    link.focus()
    asked = parse_qs(urlparse(link.get_attribute("href") or "").query)
    assert asked["title"] == ["84"]
    heading = page.locator("#channel-layouts").text_content() or ""
    assert asked["section"][0] in heading
    assert len(asked["section"][0]) > 10
    # At the top no section is read yet, so none is named.
    page.evaluate("scrollTo(0, 0)")
    link.blur()
    page.wait_for_timeout(100)
    link.focus()
    asked = parse_qs(urlparse(link.get_attribute("href") or "").query)
    assert "section" not in asked
