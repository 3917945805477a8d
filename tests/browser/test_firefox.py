"""What a reader does first, in Firefox: the other tests run in Chromium."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import page_kinds
import pytest
from conftest import ROOT
from firefox_session import Firefox, running
from study_guide import explorables, firefox, source

# Firefox's own word on it is no help: see `firefox_session`.
WHOLE_FORMULAS = """Object.entries({
  mfrac: 2, mover: 2, mroot: 2, msub: 2, msup: 2, munder: 2,
  msubsup: 3, munderover: 3,
}).every(([name, operands]) => [...document.querySelectorAll(name)]
  .every((one) => one.childElementCount === operands))"""
REFUSED = """globalThis.__refused = [];
document.addEventListener("securitypolicyviolation", (one) =>
  __refused.push(`${one.effectiveDirective} ${one.blockedURI}`));
"""
ITEMS = ".md-search-result__item"


@pytest.fixture(scope="module")
def started() -> Iterator[Firefox]:
    program = firefox.find()
    if program is None:
        pytest.skip(firefox.HOW)
    with running(program) as session:
        session.before_each_page(REFUSED)
        yield session


@pytest.fixture
def reader(started: Firefox, address: str) -> Iterator[Firefox]:
    """A reader; at the end there were no errors and no request elsewhere."""
    started.size(1440, 900)
    started.open(address + "404.html")
    started.get("(localStorage.clear(), sessionStorage.clear())")
    started.faults.clear()
    started.requests.clear()
    yield started
    assert started.get("__refused") == []
    assert started.faults == []
    own = (address.removesuffix("guide/"), "data:", "blob:", "file:")
    assert [one for one in started.requests if not one.startswith(own)] == []


def seen(selector: str) -> str:
    """Whether an element is there and takes room."""
    return (
        f"(document.querySelector({json.dumps(selector)})"
        "?.getBoundingClientRect().width ?? 0) > 0"
    )


def text(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)}).innerText"


def test_each_kind_of_page_is_shown_and_refuses_nothing(
    reader: Firefox, address: str, site: Path
) -> None:
    wrong = []
    for _, language, path in page_kinds.typical(site):
        reader.size(390 if language == "zh" else 1440, 844)
        reader.open(address + path)
        for name in reader.get(
            f"""Object.entries({{
              heading: document.querySelector("h1").offsetWidth > 0,
              width: document.documentElement.scrollWidth <= innerWidth,
              faces: !document.querySelector(".katex")
                || [...document.fonts].some((one) => one.status === "loaded"),
              formulas: {WHOLE_FORMULAS},
              policy: __refused.length === 0,
            }}).filter(([, right]) => !right).map(([name]) => name)"""
        ):
            wrong.append(f"{path or '/'}: {name}")
    assert not wrong, "\n".join([*wrong, *reader.faults])


def test_a_formula_of_which_half_has_arrived_is_no_fault(
    reader: Firefox,
) -> None:
    class Halting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path == "/":
                self.wfile.write(b"<!doctype html>" + b"text " * 2_000)
                self.wfile.write(b"<math><mfrac><mi>a</mi>")
                time.sleep(1)
                self.wfile.write(b"<mi>b</mi></mfrac></math>")

        def log_message(self, *arguments: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Halting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        reader.open(f"http://127.0.0.1:{server.server_port}/")
        assert reader.get(WHOLE_FORMULAS)
        server.shutdown()
    assert reader.faults == []
    reader.requests.clear()


def test_formulas_and_figures_are_drawn(reader: Firefox, address: str) -> None:
    reader.open(address + "en/questions/rope-idea/")
    # A fraction is taller than a line, and a face of KaTeX is wider than none.
    assert reader.get(
        """[...document.querySelectorAll(".eq .katex-html")].every((one) => {
          const box = one.getBoundingClientRect();
          return box.width > 20 && box.height > 15;
        })"""
    )
    assert reader.get(
        "[...document.querySelectorAll('figure svg')]"
        ".filter((one) => one.getBoundingClientRect().width)"
        ".every((one) => one.getBBox().width > 100)"
    )
    assert reader.get('document.fonts.check("16px KaTeX_Math", "x")')


def test_search_is_typed_walked_and_opened(
    reader: Firefox, address: str
) -> None:
    reader.open(address + "en/")
    reader.press("/", *"rotary")
    reader.wait(seen(ITEMS))
    reader.press("ArrowDown")
    reader.wait(
        f"document.activeElement === document.querySelector('{ITEMS} > a')"
    )
    reader.press("Enter")
    reader.wait("location.pathname.includes('/en/questions/rope-idea/')")
    reader.wait(seen("#content mark"))


def test_a_round_of_practice(reader: Firefox, address: str) -> None:
    reader.open(address + "practice/")
    reader.wait("!!document.querySelector('[data-begin-today]')")
    reader.click("[data-begin-today]")
    title = "[data-session] [data-title]"
    reader.wait(seen(title))
    first = reader.get(text(title))
    reader.press("Space")
    reader.wait(seen("[data-back]"))
    reader.press("3")
    reader.wait(f"{text(title)} !== {json.dumps(first)}")
    kept = reader.get("JSON.parse(localStorage.getItem('study-guide'))")
    (record,) = kept["questions"].values()
    assert [grade for _, grade in record["reviews"]] == [3]


def first_places() -> dict[str, str]:
    """Explorable -> the first question that has it."""
    found: dict[str, str] = {}
    for page in sorted((ROOT / "docs" / "questions").glob("*/index.en.md")):
        for one in source.read(page, "en").explorables:
            found.setdefault(one.name, page.parent.name)
    return found


def test_what_can_be_moved_moves(reader: Firefox, address: str) -> None:
    places = first_places()
    assert places.keys() == set(explorables.names(ROOT / "docs"))
    for name, slug in places.items():
        reader.open(f"{address}en/questions/{slug}/")
        host = f"explorable-{name}.live"
        reader.wait(seen(f"{host} .tell"))
        before = reader.get(text(f"{host} .tell"))
        reader.get(
            f"""[...document.querySelectorAll(
              "{host} input[type=range]:enabled, {host} select")]
              .find((one) => one.offsetWidth).focus()"""
        )
        reader.press("ArrowRight")
        moved = f"{text(f'{host} .tell')} !== {json.dumps(before)}"
        try:
            reader.wait(moved, seconds=2)
        except TimeoutError:  # it stood at its end
            reader.press("ArrowUp", "ArrowUp")
            reader.wait(moved)
        reader.wait(f"location.hash.startsWith('#{name}?')")


def test_scheme_and_language_are_changed(
    reader: Firefox, address: str
) -> None:
    reader.open(address + "questions/rope-idea/#frequencies")
    dark = "document.body.dataset.mdColorScheme === 'slate'"
    for _ in range(3):
        if reader.get(dark):
            break
        reader.click("label[for^=__palette]:not([hidden])")
    assert reader.get(dark)
    paper = reader.get("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(20, 24, 27)"
    reader.click("header a[hreflang=en]")
    reader.wait(
        "location.href.endsWith('/en/questions/rope-idea/#frequencies')"
    )
    reader.wait(dark)


def test_it_works_from_a_folder(reader: Firefox, site: Path) -> None:
    for path in "questions/rope-idea/index.html", "en/index.html":
        reader.open((site / path).as_uri())
        reader.press("/", *"LoRA")
        reader.wait(seen(f"{ITEMS} mark"))
        reader.press("Escape")
        assert reader.get("__refused") == []
