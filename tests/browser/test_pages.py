"""The built site in Chromium, as a reader meets it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

SIZES = [(390, 844), (1440, 900)]
PAGES = [
    "",
    "en/",
    "questions/",
    "en/questions/",
    "topics/normalization/",
    "practice/",
    "en/practice/",
    "plans/week/",
    "en/plans/all/",
    "en/topics/positional-encoding/",
    "questions/rope-idea/",
    "en/questions/rope-idea/",
]


@pytest.fixture
def visit(browser: Browser, address: str):
    """Opens a page; at the end there were no errors and no outside request."""
    faults: list[str] = []
    contexts = []

    def open_page(
        path: str,
        *,
        scheme: str = "light",
        size: tuple[int, int] = (1440, 900),
    ) -> Page:
        context = browser.new_context(
            color_scheme=scheme,
            viewport={"width": size[0], "height": size[1]},
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                faults.append(f"{path}: {message.text}")
                if message.type == "error"
                else None
            ),
        )
        page.on("pageerror", lambda error: faults.append(f"{path}: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:", "blob:"))
                else faults.append(f"{path} asks for {request.url}")
            ),
        )
        page.on(
            "response",
            lambda response: (
                faults.append(f"{path}: {response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )
        page.goto(address + path, wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("size", [(360, 740), *SIZES, (2560, 1300)])
def test_no_page_scrolls_sideways(visit, path: str, size) -> None:
    page = visit(path, size=size)
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert widths[0] <= widths[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["questions/rope-idea/", "en/questions/rope-idea/"]
)
def test_formulas_and_figures_are_seen(visit, path: str, scheme: str) -> None:
    page = visit(path, scheme=scheme)
    formula = page.locator(".eq .katex-html").first
    expect(formula).to_be_visible()
    assert formula.bounding_box()["width"] > 50
    diagram = page.locator("figure.diagram svg").first
    diagram.scroll_into_view_if_needed()
    expect(diagram).to_be_visible()
    colours = page.evaluate(
        """() => {
          const svg = document.querySelector('figure.diagram svg text');
          const plot = document.querySelector('svg.plot path[style*=stroke]');
          return [getComputedStyle(svg).fill, getComputedStyle(plot).stroke,
                  getComputedStyle(document.body).backgroundColor,
                  getComputedStyle(document.querySelector('.katex')).color];
        }"""
    )
    background = colours[2]
    assert all(colour != background for colour in (colours[0], colours[3]))
    dark = scheme == "dark"
    luminance = sum(map(int, re.findall(r"\d+", background)[:3])) / 3
    assert (luminance < 60) == dark
    label = sum(map(int, re.findall(r"\d+", colours[0])[:3])) / 3
    assert (label > 150) == dark


def test_the_switch_keeps_question_and_section(visit) -> None:
    page = visit("questions/rope-idea/#frequencies")
    page.get_by_role("link", name="English").first.click()
    page.wait_for_url("**/en/questions/rope-idea/#frequencies")
    expect(page.locator("h1")).to_contain_text("rotary position")
    page.get_by_role("link", name="中文").first.click()
    page.wait_for_url(re.compile(r"/guide/questions/rope-idea/#frequencies$"))
    expect(page.locator("h1")).to_contain_text("旋转位置编码")


def test_n_and_p_turn_the_pages(visit) -> None:
    page = visit("questions/rope-idea/")
    first = page.url
    page.keyboard.press("n")
    page.wait_for_url("**/questions/rope-advantages/")
    # A key that is pressed while the page is changed is lost.
    expect(page.locator("h1")).to_be_visible()
    page.keyboard.press("p")
    page.wait_for_url(first)


def test_the_colour_scheme_is_remembered(visit) -> None:
    page = visit("questions/rope-idea/")

    def scheme() -> str:
        return page.evaluate("document.body.dataset.mdColorScheme")

    assert scheme() == "default"
    seen = set()
    for _ in range(3):
        page.locator("label[for^=__palette]:visible").first.click()
        page.wait_for_timeout(100)
        seen.add(scheme())
    assert seen == {"default", "slate"}
    while scheme() != "slate":
        page.locator("label[for^=__palette]:visible").first.click()
        page.wait_for_timeout(100)
    page.goto(page.url.replace("questions/rope-idea/", "questions/"))
    assert scheme() == "slate"
    # The window's own scroll bar goes by the root.
    root = "getComputedStyle(document.documentElement).colorScheme"
    assert page.evaluate(root) == "dark"


def test_a_question_marked_as_known_is_known_everywhere(visit) -> None:
    page = visit("questions/rope-idea/")
    button = page.locator("[data-mark=known]")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    base = page.url.split("questions/")[0]
    for path in "", "en/", "en/questions/", "topics/positional-encoding/":
        page.goto(base + path, wait_until="networkidle")
        assert page.locator(".known").count() >= 1, path
    page.goto(base + "en/questions/rope-idea/", wait_until="networkidle")
    expect(page.locator("[data-mark=known]")).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.parametrize("stored", ["{", "[]", '{"version": 99}', "null"])
def test_foreign_stored_data_breaks_nothing(visit, stored: str) -> None:
    page = visit("questions/rope-idea/")
    page.evaluate("text => localStorage.setItem('study-guide', text)", stored)
    page.reload(wait_until="networkidle")
    expect(page.locator("h1")).to_be_visible()


def test_all_questions_are_filtered_without_reload(visit) -> None:
    page = visit("en/questions/")
    rows = page.locator("table.all tbody tr:visible")
    total = rows.count()
    assert total >= 104
    box = page.locator("[data-filters] [name=words]")
    box.fill("rotary")
    page.wait_for_timeout(300)
    assert 1 <= rows.count() < 10
    assert "rotary" in page.url
    page.reload(wait_until="networkidle")
    assert 1 <= rows.count() < 10


def test_the_list_works_without_scripts(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "questions/")
    assert page.locator("table.all tbody tr").count() == 104
    page.goto(address + "questions/rope-idea/")
    expect(page.locator(".katex").first).to_be_visible()
    context.close()


def test_keyboard_reaches_the_text_first(visit) -> None:
    page = visit("questions/rope-idea/")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert focused
    assert focused.startswith("#")


def test_follow_ups_are_folded_and_open(visit) -> None:
    page = visit("en/questions/rope-idea/")
    first = page.locator("details.follow-up").first
    assert first.get_attribute("open") is None
    first.locator("summary").click()
    expect(first.locator("p").first).to_be_visible()


def test_a_question_page_makes_few_requests(
    visit, browser: Browser, address: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda one: requests.append(one.url))
    page.goto(address + "questions/rope-idea/", wait_until="networkidle")
    context.close()
    # An explorable takes two more: its frame and its own script.
    moved = [one for one in requests if "/explorables/" in one]
    assert len(moved) <= 2, moved
    assert len(requests) - len(moved) <= 12, requests


def test_the_404_page_speaks_both_languages(
    visit, browser: Browser, address: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + "404.html")
    text = page.locator("body").inner_text()
    context.close()
    assert re.search("[\u4e00-\u9fff]", text)
    assert "no question here" in text


def test_no_question_scrolls_sideways_on_a_phone(visit) -> None:
    """Whatever is wider than the screen scrolls within the page."""
    page = visit("questions/", size=(360, 740))
    links = page.locator("table.all tbody a[href]").evaluate_all(
        "links => links.map(link => link.href)"
    )
    assert links
    wide = []
    for link in links:
        for url in link, link.replace("/guide/", "/guide/en/"):
            page.goto(url, wait_until="domcontentloaded")
            if page.evaluate("document.documentElement.scrollWidth") > 360:
                wide.append(url)
            assert page.locator(".nb .nb").count() == 0, url
    assert wide == []


def test_the_language_link_takes_the_part_in_view(visit) -> None:
    page = visit("questions/rope-idea/")
    page.evaluate(
        "document.getElementById('common-mistakes').scrollIntoView()"
    )
    page.wait_for_timeout(300)
    # Playwright's own click would scroll the sticky header into view first.
    page.locator("[data-language-link]:visible").first.evaluate(
        "link => link.click()"
    )
    page.wait_for_url("**/en/questions/rope-idea/#common-mistakes")


def test_the_rail_follows_the_reader(visit) -> None:
    page = visit("en/questions/rope-idea/")
    for part in "worked-example", "follow-ups":
        page.evaluate(
            "part => document.getElementById(part).scrollIntoView()", part
        )
        current = page.locator(f".toc a[href$='#{part}'][aria-current]")
        expect(current.first).to_be_visible()


def test_the_drawer_opens_and_closes_by_keyboard(visit) -> None:
    page = visit("en/questions/rope-idea/", size=(390, 844))
    opener = page.locator(".menu [role=button]")
    opener.focus()
    page.keyboard.press("Enter")
    here = page.get_by_role("link", name="What is the idea behind rotary")
    expect(here.first).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(here.first).not_to_be_in_viewport()


def test_the_page_behind_the_drawer_stands_still(visit) -> None:
    page = visit("questions/rope-idea/", size=(390, 844))
    page.evaluate("scrollTo({top: 1000, behavior: 'instant'})")
    page.mouse.click(358, 27)
    expect(page.locator(".rail")).to_be_visible()
    page.mouse.move(20, 500)
    for checked in True, False:
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(200)
        assert (page.evaluate("scrollY") == 1000) == checked
        page.mouse.click(20, 500)


def test_print_shows_what_is_folded_and_hides_the_shell(visit) -> None:
    page = visit("en/questions/rope-idea/", scheme="dark")
    page.emulate_media(media="print")
    for gone in ".md-header", ".rail", ".pager", ".known-action", ".md-footer":
        expect(page.locator(gone).first).not_to_be_visible()
    expect(page.locator("details.follow-up p").first).to_be_visible()
    for figure in page.locator("article figure:has(.fig-w)").all():
        expect(figure.locator(".fig-w")).to_be_visible()
    paper, ink = page.evaluate(
        """["backgroundColor", "color"].map((name) =>
          getComputedStyle(document.body)[name])"""
    )
    assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert ink == "rgb(0, 0, 0)"


def test_nothing_is_cut_off_on_paper(visit) -> None:
    """What scrolls on a screen is broken there, were the paper this small."""
    page = visit("en/questions/kv-cache/", size=(360, 950))
    page.emulate_media(media="print")
    cut = page.evaluate(
        """[...document.querySelectorAll("article pre, article pre code, .scroll")]
          .filter((one) => one.offsetWidth && one.scrollWidth > one.clientWidth + 1)
          .map((one) => `${one.tagName} ${one.className}`)"""
    )
    assert cut == []


def test_known_is_counted_where_questions_are_listed(visit) -> None:
    page = visit("en/questions/rope-idea/")
    page.locator("[data-mark=known]").click()
    base = page.url.split("en/questions/")[0]
    page.goto(base + "en/", wait_until="networkidle")
    expect(page.locator(".map").get_by_text("1/13")).to_be_visible()
    page.goto(base + "en/questions/?state=known", wait_until="networkidle")
    assert page.locator("table.all tbody tr:visible").count() == 1
    expect(page.locator("[data-known-found]")).to_have_text("1 known")
    topic = page.locator("option[value=positional-encoding]")
    expect(topic).to_have_text("Positional encoding and long context 1/13")
