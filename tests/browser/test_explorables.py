"""The explorables in Chromium: by mouse, by keyboard, by their addresses."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT
from playwright.sync_api import Browser, Locator, Page, expect
from study_guide import explorables, source

DOCS = ROOT / "docs"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PHONE, DESK = (390, 844), (1440, 900)


@dataclass(frozen=True)
class Place:
    """Where an explorable stands."""

    name: str
    slug: str

    def path(self, language: str, hash: str = "") -> str:
        folder = {"zh": "", "en": "en/"}[language]
        return f"{folder}questions/{self.slug}/{hash}"


def places() -> list[Place]:
    found = []
    for page in sorted((DOCS / "questions").glob("*/index.zh.md")):
        for one in source.read(page, "zh").explorables:
            found.append(Place(one.name, page.parent.name))
    return found


PLACES = places()
# One page for each explorable.
FIRST = list({place.name: place for place in reversed(PLACES)}.values())
ids = str


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[object]:
    """Opens a page; at the end there were no errors and no outside request."""
    faults: list[str] = []
    contexts = []

    def open_page(
        path: str,
        size: tuple[int, int] = DESK,
        scheme: str = "light",
        **options: object,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(_SHIFTS)
        page.on("pageerror", lambda error: faults.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(f"{path}: {message.text}")
                if message.type == "error"
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:", "blob:"))
                else faults.append(f"{path} asks for {request.url}")
            ),
        )
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  // An instrument that came late would push down what is below it; a face of a
  // formula that does moves its line sideways.
  const down = ({ previousRect: a, currentRect: b }) => Math.abs(a.y - b.y) > 1;
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput && entry.sources.some(down))
      window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def host(page: Page, place: Place) -> Locator:
    return page.locator(f"explorable-{place.name}.live").first


def sentence(page: Page, place: Place) -> Locator:
    return host(page, place).locator(".tell")


def first_control(page: Page, place: Place) -> Locator:
    """A slider, or a list where there is none."""
    here = host(page, place)
    sliders = here.locator("input[type=range]:visible:not(:disabled)")
    return (sliders if sliders.count() else here.locator("select")).first


def state(page: Page, place: Place) -> dict[str, object]:
    """What its controls stand at."""
    text = page.evaluate(
        "name => JSON.stringify(document.querySelector(name).state)",
        f"explorable-{place.name}",
    )
    return json.loads(text)


def test_every_explorable_stands_somewhere() -> None:
    assert {place.name for place in PLACES} == set(explorables.names(DOCS))


@pytest.mark.parametrize("place", PLACES, ids=ids)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_comes_alive_and_nothing_moves(
    visit, site: Path, place: Place, language: str
) -> None:
    html = (site / place.path(language) / "index.html").read_text("utf-8")
    figure = re.search(
        rf'<figure[^>]* id="([\w-]+)"[^>]*>\s*<explorable-{place.name}\b',
        html,
    )
    # Where the reader lands at it, what is below would be seen to move.
    page = visit(place.path(language, f"#{figure[1]}"), PHONE)
    expect(host(page, place)).to_be_visible()
    expect(host(page, place).locator(".figure-pair")).to_be_hidden()
    page.wait_for_load_state("load")
    page.wait_for_timeout(100)
    # A face of a formula may come late; an instrument that does, is seen.
    assert page.evaluate("shifts") < 0.002
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    small = host(page, place).evaluate(
        """host => [...host.querySelectorAll("input, select, textarea, button")]
          .filter((one) => one.offsetParent && !one.closest("label"))
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24)
          .map(([html]) => html)"""
    )
    assert small == []


@pytest.mark.parametrize("place", FIRST, ids=ids)
def test_by_keyboard(visit, place: Place) -> None:
    page = visit(place.path("en"))
    said = sentence(page, place)
    before, at_first = said.inner_text(), state(page, place)
    first_control(page, place).focus()
    page.keyboard.press("ArrowDown")
    if state(page, place) == at_first:  # it stood at its end
        page.keyboard.press("ArrowUp")
    expect(said).not_to_have_text(before)
    assert state(page, place) != at_first
    # It is told to who cannot see it, and stands in the address.
    moved = said.inner_text()
    expect(host(page, place).locator("[role=status]")).to_have_text(moved)
    expect(page).to_have_url(re.compile(rf"#{place.name}\?"))
    for drawn in host(page, place).locator("svg.picture").all():
        assert len(drawn.get_attribute("aria-label")) > 20
    for name in "Copy link", "Reset", "Static figure":
        button = host(page, place).get_by_role("button", name=name)
        for _ in range(40):
            if button.evaluate("one => one === document.activeElement"):
                break
            page.keyboard.press("Shift+Tab")
        else:
            pytest.fail(f"{name} cannot be reached")
        page.keyboard.press("Enter")
    expect(host(page, place).locator(".figure-pair")).to_be_visible()
    page.keyboard.press("Enter")
    expect(said).to_have_text(before)
    expect(page).not_to_have_url(re.compile(r"\?"))


@pytest.mark.parametrize("place", FIRST, ids=ids)
def test_by_mouse_and_address(visit, place: Place) -> None:
    page = visit(place.path("en"))
    control = first_control(page, place)
    before = sentence(page, place).inner_text()
    control.scroll_into_view_if_needed()
    if control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(
            index=1 - control.evaluate("one => Math.min(one.selectedIndex, 1)")
        )
    else:
        box = control.bounding_box()
        at = float(control.evaluate("one => one.value / one.max"))
        page.mouse.click(
            box["x"] + box["width"] * (0.3 if at > 0.5 else 0.7),
            box["y"] + box["height"] / 2,
        )
    expect(sentence(page, place)).not_to_have_text(before)
    expect(page).to_have_url(re.compile(rf"#{place.name}\?"))
    moved, there = sentence(page, place).inner_text(), state(page, place)
    copy = visit(page.url.partition("/guide/")[2], PHONE)
    expect(sentence(copy, place)).to_have_text(moved)
    assert state(copy, place) == there
    # The link leads to the explorable.
    top = host(copy, place).evaluate("one => one.getBoundingClientRect().top")
    assert -10 <= top < PHONE[1] / 2


@pytest.mark.parametrize("place", FIRST, ids=ids)
def test_a_foreign_address_is_harmless(visit, place: Place) -> None:
    page = visit(place.path("en"))
    names = list(state(page, place))
    for value in (
        "<img src=x onerror=alert(1)>",
        "%ZZ",
        "1e999",
        "-1e9",
        "NaN",
        "",
        "__proto__",
        "9" * 400,
    ):
        query = "&".join(f"{name}={value}" for name in [*names, "other"])
        page.evaluate(
            "hash => { location.hash = hash }", f"{place.name}?{query}"
        )
        page.wait_for_timeout(50)
        assert host(page, place).locator("img").count() == 0
        shown = host(page, place).inner_text()
        for word in "NaN", "Infinity", "undefined":
            # A sentence to type may say so.
            assert word == value or word not in shown, value
    page.evaluate("location.hash = 'worked-example'")
    page.wait_for_timeout(50)
    heading = page.locator("#worked-example")
    assert abs(heading.bounding_box()["y"]) < 200


def test_bars_are_dragged(visit) -> None:
    place = Place("sampling", "temperature-top-p-top-k")
    page = visit(place.path("en"))
    handle = host(page, place).locator("[data-handle='1']")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 60, steps=4)
    page.mouse.up()
    logits = host(page, place).get_by_label("Logits")
    expect(logits).not_to_have_value("2, 1, 0, -1")
    first, second, *rest = (
        float(one) for one in logits.input_value().split(", ")
    )
    assert (first, rest) == (2, [0, -1])
    assert second > 2
    logits.fill("3; 1 junk 0")
    logits.press("Tab")
    expect(logits).to_have_value("3, 1, 0")
    assert host(page, place).locator(".handle").count() == 3


def test_bars_follow_a_finger_and_the_page_stays(visit) -> None:
    place = Place("sampling", "temperature-top-p-top-k")
    page = visit(place.path("en"), PHONE, has_touch=True, is_mobile=True)
    handle = host(page, place).locator("[data-handle='2']")
    handle.scroll_into_view_if_needed()
    box, before = handle.bounding_box(), page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for kind, up in [
        ("touchStart", 0),
        *(("touchMove", 10 * i) for i in range(1, 7)),
        ("touchEnd", None),
    ]:
        points = [] if up is None else [{"x": x, "y": y - up}]
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
        )
        page.wait_for_timeout(30)
    third = page.get_by_label("Logits").input_value().split(", ")[2]
    assert float(third) > 1
    assert page.evaluate("scrollY") == before


def test_a_model_fills_in_its_dimensions(visit) -> None:
    place = Place("memory", "kv-cache")
    page = visit(place.path("en"))
    here = host(page, place)
    here.get_by_label("Change the model").check()
    here.get_by_label("Model", exact=True).select_option("Llama 3 70B")
    expect(here.get_by_label("Layers L")).to_have_value("80")
    expect(here.get_by_role("radio", name="GQA")).to_be_checked()
    here.get_by_label("Layers L").fill("81")
    expect(here.get_by_label("Model", exact=True)).to_have_value("own")
    here.get_by_label("Layers L").fill("100000")
    expect(here.get_by_label("Layers L")).to_have_attribute(
        "aria-invalid", "true"
    )
    here.get_by_label("Layers L").press("Tab")
    expect(here.get_by_label("Layers L")).to_have_value("200")
    expect(page).to_have_url(re.compile("layers=200"))


def test_it_turns_with_the_phone(visit) -> None:
    place = PLACES[0]
    page = visit(place.path("en"), PHONE)
    drawn = host(page, place).locator("svg.picture").first
    before = drawn.get_attribute("viewBox")
    page.set_viewport_size({"width": 844, "height": 390})
    expect(drawn).not_to_have_attribute("viewBox", before)


@pytest.mark.parametrize("place", FIRST, ids=ids)
@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [("zh", DESK, "light"), ("en", PHONE, "dark")],
    ids=["desk", "phone"],
)
def test_accessibility(
    visit, place: Place, language: str, size: tuple[int, int], scheme: str
) -> None:
    page = visit(place.path(language), size, scheme)
    expect(host(page, place)).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """name => axe.run(name, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
                    "best-practice"] })
          .then((one) => one.violations.map((bad) =>
            [bad.id, bad.nodes.map((node) => node.html.slice(0, 120))]))""",
        f"explorable-{place.name}",
    )
    assert found == []


def test_without_javascript_the_figure_stands(visit) -> None:
    place = PLACES[0]
    page = visit(place.path("zh"), java_script_enabled=False)
    figure = page.locator(f"explorable-{place.name} .figure-pair")
    expect(figure).to_be_visible()
    assert page.locator(".instrument").count() == 0


def test_a_page_without_one_loads_none(visit) -> None:
    page = visit("questions/post-ln-vs-pre-ln/")
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert loaded
    assert not [one for one in loaded if "/explorables/" in one]


def test_on_paper_the_figure_stands(visit) -> None:
    place = PLACES[0]
    page = visit(place.path("en"))
    page.emulate_media(media="print")
    expect(page.locator(f"explorable-{place.name} .fig-w")).to_be_visible()
    expect(page.locator(".instrument").first).to_be_hidden()


def test_the_language_link_takes_the_state_along(visit) -> None:
    place = PLACES[0]
    page = visit(place.path("zh"))
    first_control(page, place).focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile(rf"#{place.name}\?"))
    there = state(page, place)
    page.locator("[data-language-link]:visible").first.evaluate(
        "link => link.click()"
    )
    page.wait_for_url(f"**/{place.path('en')}#{place.name}?*")
    assert state(page, place) == there
