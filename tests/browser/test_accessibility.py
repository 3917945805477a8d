"""WCAG 2.2 AA: axe over all kinds of page, and what axe cannot see."""

import json
import re
from pathlib import Path
from unicodedata import normalize

import page_kinds
import pytest
from playwright.sync_api import Browser, Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
TAGS = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
]
RUN = """async (runOnly) => {
  const found = await axe.run(document, {
    resultTypes: ["violations"], runOnly});
  return found.violations.flatMap((one) => one.nodes.map((node) =>
    [one.id, node.target.join(" "), node.failureSummary]));
}"""

PHONE, DESK = (390, 844), (1440, 900)
# Each kind of page is seen at both widths and, for its colours, in both schemes
# in each language; those that readers see most, in each scheme at both widths.
VIEWS = {
    "zh": [("light", PHONE), ("dark", DESK)],
    "en": [("dark", PHONE), ("light", DESK)],
}
FEW = {"zh": [("light", PHONE)], "en": [("dark", DESK)]}
SEEN_MOST = {"home", "questions", "questions/*", "topics/*", "practice"}


def opened(browser: Browser, url: str, scheme: str, size) -> Page:
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url, wait_until="load")
    return page


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate(RUN, {"type": "tag", "values": TAGS})
    return [json.dumps(one, ensure_ascii=False) for one in found]


def violations_in_the_other_scheme(page: Page) -> list[str]:
    """What only the colours can make wrong; axe is on the page already."""
    page.evaluate(
        """() => {
          const { dataset } = document.body;
          const dark = dataset.mdColorScheme === "slate";
          dataset.mdColorScheme = dark ? "default" : "slate";
        }"""
    )
    rules = ["color-contrast", "link-in-text-block"]
    found = page.evaluate(RUN, {"type": "rule", "values": rules})
    return [json.dumps(one, ensure_ascii=False) for one in found]


def test_axe_finds_nothing_on_any_kind_of_page(
    browser: Browser, address: str, site: Path
) -> None:
    wrong = []
    for kind, language, path in page_kinds.typical(site):
        views = VIEWS if kind in SEEN_MOST else FEW
        for scheme, size in views[language]:
            page = opened(browser, address + path, scheme, size)
            page.evaluate(
                "document.querySelectorAll('details')"
                ".forEach((one) => { one.open = true; })"
            )
            wrong += [
                f"{path or '/'} {scheme} {size[0]}: {one}"
                for one in violations(page)
            ]
            if views is FEW:
                wrong += [
                    f"{path or '/'} not {scheme}: {one}"
                    for one in violations_in_the_other_scheme(page)
                ]
            page.context.close()
    assert not wrong, "\n".join(wrong)


# A question known, one being learnt and one due.
PROGRESS = """() => {
  const day = 864e5, now = Date.now();
  const record = (due, days) =>
    ({reviews: [[now - 2 * day, 3]], schedule: {due, days, state: 2}});
  localStorage.setItem("study-guide", JSON.stringify({
    version: 2, begun: now - 9 * day, questions: {
      "rope-idea": {mark: ["known", now]},
      "kv-cache": record(now + 4 * day, 6),
      "flash-attention": record(now - day, 1),
    }}));
}"""


@pytest.mark.parametrize(("start", "scheme"), [("", "light"), ("en/", "dark")])
def test_axe_finds_nothing_in_what_is_seen_at_times(
    browser: Browser, address: str, start: str, scheme: str
) -> None:
    """Marks of progress, the notice of what cannot be read, the offline
    control at work."""
    wrong = []
    page = opened(browser, address + start, scheme, PHONE)
    page.evaluate(PROGRESS)
    for path in "", "topics/positional-encoding/", "practice/":
        page.goto(address + start + path)
        assert page.locator(".known").count(), path
        page.evaluate(
            """() => document.querySelectorAll(
              "[data-aside-notice], [data-keep] [hidden], [data-aside-kept]")
              .forEach((one) => { one.hidden = false; })"""
        )
        wrong += [f"{path}: {one}" for one in violations(page)]
        wrong += [
            f"{path}: {one}" for one in violations_in_the_other_scheme(page)
        ]
    page.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("zh", "light", PHONE), ("en", "dark", DESK)],
)
def test_axe_finds_nothing_in_the_open_search_box(
    browser: Browser, address: str, language: str, scheme: str, size
) -> None:
    start = "en/" if language == "en" else ""
    page = opened(browser, address + start, scheme, size)
    page.keyboard.press("/")
    page.keyboard.type("RoPE")
    page.locator(".md-search-result__item mark").first.wait_for()
    wrong = violations(page)
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_each_kind_of_page_has_landmarks_and_a_way_to_its_text(
    browser: Browser, address: str, site: Path
) -> None:
    for kind, _, path in page_kinds.typical(site):
        page = opened(browser, address + path, "light", DESK)
        assert page.locator("main, [role=main]").count() == 1, path
        assert page.locator("h1:visible").count() == 1, path
        assert page.locator("html[lang]").count() == 1, path
        if page.locator("header").count():
            page.keyboard.press("Tab")
            skip = page.locator(":focus")
            assert skip.get_attribute("href").startswith("#"), path
            assert skip.bounding_box()["y"] >= 0, path
            page.keyboard.press("Enter")
            target = page.evaluate("document.activeElement.id")
            assert target == "content", f"{path} ({kind})"
        page.context.close()


# All that takes the focus and shows no mark of it, or shows it out of sight.
UNMARKED = """() => {
  const marked = (one) => one && parseFloat(getComputedStyle(one).outlineWidth)
    >= 2 && getComputedStyle(one).outlineStyle !== "none";
  const unmarked = [];
  for (const one of document.querySelectorAll("a[href], button, input, " +
      "select, textarea, summary, [tabindex]:not([tabindex='-1'])")) {
    if (one.closest("[hidden], dialog:not([open])") || !one.checkVisibility())
      continue;
    if (one.tabIndex < 0 || one.disabled) continue;
    one.focus();
    if (document.activeElement !== one) continue;
    const box = one.getBoundingClientRect();
    const seen = marked(one) || marked(one.nextElementSibling)
      || marked(one.parentElement);
    if (!seen || box.bottom < 0 || box.top > innerHeight) unmarked.push(
      `${one.tagName} ${one.className} ${one.textContent.slice(0, 30)}`);
  }
  return unmarked;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_seen_wherever_it_goes(
    browser: Browser, address: str, site: Path, scheme: str
) -> None:
    unseen = []
    for _, language, path in page_kinds.typical(site):
        if language != "en":
            continue
        page = opened(browser, address + path, scheme, DESK)
        page.keyboard.press("Tab")  # it is by keys that focus moves
        unseen += [f"{path}: {one}" for one in page.evaluate(UNMARKED)]
        page.context.close()
    assert not unseen, "\n".join(unseen)


# What the Tab key must reach: of a group of radio buttons it reaches one.
REACHABLE = """() => {
  const groups = new Set();
  globalThis.reachable = [...document.querySelectorAll("*")].filter((one) => {
    if (one.tabIndex < 0 || one.disabled || one.closest("[inert]")
        || !one.matches("a[href], button, input, select, textarea, summary,"
          + " [tabindex], [contenteditable]")
        || !one.checkVisibility({visibilityProperty: true})) return false;
    if (one.type !== "radio") return true;
    const first = !groups.has(one.name);
    groups.add(one.name);
    return first;
  });
  globalThis.reached = new Set();
  document.addEventListener("focusin", (event) => reached.add(event.target));
  return reachable.length;
}"""
MISSED = """() => reachable.filter((one) => !reached.has(one)
  && !(one.type === "radio" && [...reached].some(
    (other) => other.type === "radio" && other.name === one.name)))
  .map((one) => one.outerHTML.slice(0, 80))"""


def test_the_tab_key_goes_through_each_kind_of_page(
    browser: Browser, address: str, site: Path
) -> None:
    """It reaches all that can be used, and is held nowhere."""
    wrong = []
    for _, language, path in page_kinds.typical(site):
        if language != "en":
            continue
        page = opened(browser, address + path, "light", DESK)
        for _ in range(page.evaluate(REACHABLE)):
            page.keyboard.press("Tab")
        if missed := page.evaluate(MISSED):
            last = page.evaluate("[...reached].at(-1)?.outerHTML")
            wrong.append(f"{path}: not {missed[:3]}, held at {last}")
        page.context.close()
    assert not wrong, "\n".join(wrong)


def test_nothing_moves_for_who_wants_it_still(
    browser: Browser, address: str, site: Path
) -> None:
    for _, _, path in page_kinds.typical(site):
        page = opened(browser, address + path, "light", DESK)
        moving = page.evaluate(
            """() => [...document.querySelectorAll("*")].filter((one) => {
              const style = getComputedStyle(one);
              const long = (list) => list.split(",").some(
                (time) => parseFloat(time) > 0.001);
              const scrolls = style.animationTimeline !== "auto";
              return long(style.transitionDuration)
                || (style.animationName !== "none" && !scrolls
                    && long(style.animationDuration));
            }).map((one) => `${one.tagName} ${one.className}`)"""
        )
        page.context.close()
        assert moving == [], path


# What a screen reader is to find: each formula that is not folded away, by its
# MathML without the TeX kept in it, and each figure.
READ = """() => {
  const seen = (all) => [...all].filter((one) => one.checkVisibility());
  return {
    formulas: seen(document.querySelectorAll("#content math")).map((one) => {
      const copy = one.cloneNode(true);
      copy.querySelectorAll("annotation").forEach((tex) => tex.remove());
      return copy.textContent;
    }),
    figures: seen(document.querySelectorAll("#content figure svg:not(svg svg)")).length,
    twice: document.querySelectorAll(
      "#content .katex-html:not([aria-hidden=true])").length,
  };
}"""


def plain(text: str) -> str:
    """Without blanks, and with letters for what MathML makes italic."""
    return re.sub(r"\s|\u2061", "", normalize("NFKC", text))


def read_aloud(page: Page) -> tuple[list[str], list[str]]:
    """Texts of the formulas and names of the figures, as Chromium gives them
    to a screen reader, of those far below the window too."""
    session = page.context.new_cdp_session(page)
    nodes = {
        one["nodeId"]: one
        for one in session.send("Accessibility.getFullAXTree")["nodes"]
    }

    def role(node: dict) -> str:
        return "" if node["ignored"] else node["role"]["value"]

    def text(node: dict) -> str:
        if role(node) == "StaticText":
            return plain(node["name"]["value"])
        inner = (nodes[one] for one in node["childIds"] if one in nodes)
        return "".join(map(text, inner))

    formulas = [
        text(one) for one in nodes.values() if role(one) == "MathMLMath"
    ]
    figures = [
        one["name"]["value"] for one in nodes.values() if role(one) == "image"
    ]
    return formulas, figures


def test_formulas_are_read_by_mathml_and_figures_by_text(
    browser: Browser, address: str, site: Path
) -> None:
    for path in page_kinds.by_kind(site)["questions/*", "en"][:3]:
        page = opened(browser, address + path, "light", PHONE)
        there = page.evaluate(READ)
        formulas, figures = read_aloud(page)
        assert len(formulas) > 50, path
        wanted = map(plain, there["formulas"])
        assert sorted(formulas) == sorted(wanted), path
        assert there["twice"] == 0, path
        assert len(figures) >= there["figures"] > 0, path
        assert all(len(one) > 10 for one in figures), path
        page.context.close()
