"""The guide as an app, in Chromium: the server is stopped, restarted and given
other editions of the site."""

import http.server
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, until
from playwright.sync_api import Browser, BrowserContext, Page, expect
from study_guide import web_app
from study_guide.content_cache import ContentCache

# Of the folders that hold one page each, those of the small site.
KEPT = {"kv-cache", "rope-idea", "ppo-vs-trpo", "alibi-idea"}
KEPT |= {"index.html", "positional-encoding", "week"}
LISTS = {"questions", "topics", "plans", "contributing"}
HASHED = re.compile(r"\.[0-9a-f]{8}(/|\.(css|js)$)")


class Server:
    """Serves `folder` below /guide/ with the headers that publishing.md
    gives, until it is stopped; starts again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.missing: list[str] = []
        self.port = 0
        self.start()
        self.address = f"http://127.0.0.1:{self.port}/guide/"

    def start(self) -> None:
        outer = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                pass

            def translate_path(self, path: str) -> str:
                name = path.partition("?")[0].removeprefix("/guide/")
                found = outer.folder / name
                if not found.exists():
                    outer.missing.append(name)
                return f"{found}/" if path.endswith("/") else str(found)

            def do_GET(self) -> None:
                # Editions are made within a second, which is all it tells.
                del self.headers["If-Modified-Since"]
                super().do_GET()

            def end_headers(self) -> None:
                lasting = HASHED.search(self.path.partition("?")[0])
                self.send_header(
                    "Cache-Control",
                    "max-age=31536000, immutable" if lasting else "no-cache",
                )
                super().end_headers()

        self.http = http.server.ThreadingHTTPServer(
            ("127.0.0.1", self.port), Handler
        )
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


def edition(
    site: Path, folder: Path, change: Callable[[Path], None] = lambda _: None
) -> Path:
    """The real site with few pages, `change`d, as its build ends."""

    def left_out(path: str, names: list[str]) -> set[str]:
        place = Path(path)
        if place.parent.name == "practice":
            return {one for one in names if Path(one).stem not in KEPT}
        if place.name == "text":  # what results say is no matter here
            return set(names)
        return set(names) - KEPT if place.name in LISTS else set()

    shutil.copytree(site, folder, ignore=left_out)
    change(folder)
    cache = ContentCache(folder.parent / "cache.sqlite")
    web_app.write_worker(folder, ROOT / "docs", cache)
    return folder


def marked(name: str) -> Callable[[Path], None]:
    """Makes an edition in which script, style and pages all say `name`."""

    def change(folder: Path) -> None:
        renamed = {}
        for kind, text in (
            ("js", f";document.documentElement.dataset.script='{name}';"),
            ("css", f":root{{--edition:{name}}}"),
        ):
            (path,) = (folder / "assets").glob(f"guide.*.{kind}")
            digit = {"B": "b", "C": "c"}[name]
            new = path.with_name(f"guide.{digit * 8}.{kind}")
            path.write_text(path.read_text("utf-8") + text, "utf-8")
            path.rename(new)
            renamed[path.name] = new.name
        for page in folder.rglob("*.html"):
            text = page.read_text("utf-8")
            for old, new_name in renamed.items():
                text = text.replace(old, new_name)
            # An attribute, for the policy of the page allows no further script.
            text = text.replace("<html ", f'<html data-page="{name}" ', 1)
            page.write_text(text, "utf-8")

    return change


@pytest.fixture(scope="module")
def first(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edition(site, tmp_path_factory.mktemp("first") / "site")


@pytest.fixture(scope="module")
def second(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edition(
        site, tmp_path_factory.mktemp("second") / "site", marked("B")
    )


@pytest.fixture
def server(first: Path) -> Iterator[Server]:
    server = Server(first)
    yield server
    server.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        locale="en-GB",
        service_workers="allow",
    )
    yield context
    context.close()


CONTROLLED = "navigator.serviceWorker.controller?.state === 'activated'"
HAS = """async (address) => Boolean(
  await caches.match(new URL(address, document.baseURI)))"""


def settled(page: Page, address: str) -> Page:
    """`page` at `address`, in the care of a worker, which has kept it."""
    page.goto(address)
    until(page, CONTROLLED)
    kept(page, page.url)
    return page


INDEXED = """async () => {
  const box = document.querySelector("[data-index]");
  const folder = new URL(`${box.dataset.index}/`, document.baseURI).href;
  const titles = await caches.match(`${folder}titles.js`);
  if (!titles) return false;
  const shards = Number(/"shards":(\\d+)/.exec(await titles.text())[1]);
  let count = 0;
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys())
      if (url.startsWith(`${folder}words/`)) count++;
  return count === shards;
}"""


def indexed(page: Page) -> None:
    """Waits until the index of the page's language is kept."""
    until(page, INDEXED)


def kept(page: Page, address: str) -> None:
    """Waits until the worker has kept a page."""
    until(page, HAS, address)


def test_a_page_that_was_read_opens_without_a_network(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address + "en/")
    # The page that was open before there was a worker is kept as well.
    page.goto(server.address + "en/questions/rope-idea")
    assert page.url.endswith("/rope-idea/")  # as the server has it
    kept(page, page.url)
    indexed(page)
    server.stop()
    page.goto(server.address + "en/questions/rope-idea")
    assert page.url.endswith("/rope-idea/")
    page.goto(server.address + "en/questions/rope-idea/index.html")
    expect(page.locator("h1")).to_contain_text("RoPE")
    errors: list[str] = []
    page.on("pageerror", lambda one: errors.append(str(one)))
    for address in (
        server.address + "en/questions/rope-idea/",
        server.address + "en/",
    ):
        page.goto(address)
        assert page.evaluate(
            "getComputedStyle(document.body).getPropertyValue('--paper')"
        )
    page.goto(server.address + "en/questions/rope-idea/#goal")
    expect(page.locator("h1")).to_contain_text("RoPE")
    expect(page.locator("#goal")).to_be_in_viewport()
    assert page.evaluate(
        "document.fonts.load('16px KaTeX_Main').then((all) => all.length)"
    )
    expect(page.locator("article figure svg").first).to_be_visible()
    expect(page.locator(".instrument").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("KV cache")
    first = page.locator(".md-search-result__item").first
    expect(first).to_contain_text("KV cache")
    assert not errors
    server.start()


def test_without_the_page_it_says_so_in_the_pages_language(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address + "questions/kv-cache/")
    indexed(page)
    server.stop()
    for folder, heading, button in (
        ("", "没有网络，这一页还没有存过", "搜索"),
        ("en/", "No network, and this page is not kept", "Search"),
    ):
        asked = f"{server.address}{folder}questions/alibi-idea/"
        page.goto(f"{asked}?h=x#mistakes")
        expect(page.locator("h1")).to_contain_text(heading)
        assert page.locator("html").get_attribute("lang") == (
            folder.strip("/") or "zh"
        )
        again = page.locator("[data-again]")
        expect(again).to_have_attribute("href", asked)
        shelf = page.locator("[data-group] li:visible")
        if folder:
            expect(shelf).to_have_count(0)
        else:
            expect(shelf).to_have_count(1)
            expect(shelf).to_contain_text("KV")
        page.locator("#content").get_by_role("button", name=button).click()
        page.keyboard.type("KV")
        if folder:  # no page in English was read
            said = page.locator(".md-search-result__meta")
            expect(said).to_contain_text("index is not kept")
        else:
            first = page.locator(".md-search-result__item").first
            expect(first).to_be_visible()
        page.keyboard.press("Escape")
    # What is kept opens from the list.
    page.goto(server.address + "questions/alibi-idea/")
    page.locator("[data-group] li:visible a").click()
    expect(page.locator("h1")).to_contain_text("KV")
    # And the rest when the network is back.
    page.goto(server.address + "questions/alibi-idea/")
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_url(server.address + "questions/alibi-idea/")
    expect(page.locator("h1")).to_contain_text("ALiBi")


def test_search_without_a_network_says_what_is_not_kept(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address + "en/")
    page.goto(server.address + "en/questions/kv-cache/")
    kept(page, page.url)
    page.keyboard.press("/")
    page.keyboard.type("KV cache")
    results = page.locator(".md-search-result__item")
    topic = results.locator(".search-topic")
    expect(topic.first).to_be_visible()
    expect(topic.filter(has_text="not kept")).to_have_count(0)
    indexed(page)
    server.stop()
    context.set_offline(True)
    page.keyboard.type("s")
    expect(topic.filter(has_text="not kept").first).to_be_visible()
    expect(topic.first).not_to_contain_text("not kept")
    context.set_offline(False)
    server.start()


def test_an_address_elsewhere_is_not_gone_to(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address)
    for bad in "https://attacker.example/", "javascript:1", "//x.example/":
        page.goto(f"{server.address}offline/?for={bad}")
        expect(page.locator("[data-again]")).to_have_attribute("href", "..")


def everything(folder: Path) -> list[str]:
    listed = json.loads((folder / "everything.json").read_text("utf-8"))
    return [path for path, _, _ in listed["files"]]


def test_everything_on_request_and_gone_again(
    context: BrowserContext, server: Server, first: Path
) -> None:
    page = settled(context.new_page(), server.address + "en/")
    control = page.locator("[data-keep]")
    say = control.get_by_role("status")
    bar = control.get_by_role("progressbar")
    place = "(one) => [one.offsetTop, one.offsetHeight]"
    before = control.evaluate(place)
    control.get_by_role("button", name="Keep everything").click()
    expect(bar).to_be_visible()
    assert control.evaluate(place) == before
    expect(say).to_contain_text("Everything is kept", timeout=60_000)
    assert control.evaluate(place) == before
    assert not server.missing
    server.stop()
    paths = everything(first)
    assert len(paths) > 200
    lost = page.evaluate(
        """async ([root, paths]) => {
          const lost = [];
          for (const path of paths) {
            const address = new URL(path.replace(/index\\.html$/, ""), root);
            if (!(await caches.match(address))) lost.push(path);
          }
          return lost;
        }""",
        [server.address, paths],
    )
    assert lost == []
    pages = [one for one in paths if one.endswith("index.html")]
    assert len(pages) > 20
    for path in pages:
        page.goto(server.address + path.removesuffix("index.html"))
        assert page.url.startswith(
            server.address + path.removesuffix("index.html")
        ), page.url
    # Practice asks for its cards one by one.
    page.goto(server.address + "en/practice/?question=kv-cache")
    page.keyboard.press("Space")
    expect(page.locator(".practice")).to_contain_text("points")
    page.keyboard.press("/")
    server.start()
    page.goto(server.address + "en/")
    control.get_by_role("button", name="Remove what is kept").click()
    expect(say).to_have_text("Removed.")
    expect(
        control.get_by_role("button", name="Keep everything")
    ).to_be_focused()
    assert not page.evaluate(HAS, server.address + "en/questions/kv-cache/")


def test_stopping_goes_on_where_it_was(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address + "en/")
    control = page.locator("[data-keep]")
    control.get_by_role("button", name="Keep everything").click()
    until(page, "document.querySelector('[data-keep-bar]').value > 0.1")
    control.get_by_role("button", name="Stop").click()
    expect(control.get_by_role("status")).to_contain_text("Stopped")
    assert not page.evaluate("localStorage['study-guide-offline']")
    number = "caches.keys().then((all) => Promise.all(all.map(async (one) => (await (await caches.open(one)).keys()).length))).then((all) => Math.max(...all))"
    assert page.evaluate(number) > 30
    server.stop()
    control.get_by_role("button", name="Keep everything").click()
    expect(control.get_by_role("status")).to_contain_text("network is gone")
    server.start()


def test_too_little_room_and_refused_storage_are_told(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address + "en/")
    control = page.locator("[data-keep]")
    session = context.new_cdp_session(page)
    session.send(
        "Storage.overrideQuotaForOrigin",
        {
            "origin": server.address.removesuffix("/guide/"),
            "quotaSize": 3_000_000,
        },
    )
    start = control.get_by_role("button", name="Keep everything")
    start.click()
    expect(control.get_by_role("status")).to_contain_text("too little room")
    # A browser that gives no estimate says so when it is full.
    page.evaluate("navigator.storage.estimate = async () => ({})")
    start.click()
    expect(control.get_by_role("status")).to_contain_text(
        "too little room", timeout=20_000
    )
    page.evaluate(
        "() => { caches.open = () => Promise.reject(new DOMException('', 'SecurityError')) }"
    )
    start.click()
    expect(control.get_by_role("status")).to_contain_text("keep nothing")


EDITION = """() => [document.documentElement.dataset.page ?? "A",
  document.documentElement.dataset.script ?? "A",
  getComputedStyle(document.documentElement)
    .getPropertyValue("--edition").trim() || "A"].join("")"""


def test_a_new_edition_is_never_mixed_with_the_old_one(
    context: BrowserContext, server: Server, first: Path, second: Path
) -> None:
    one, two = (
        server.address + "en/",
        server.address + "en/questions/kv-cache/",
    )
    page = settled(context.new_page(), one)
    page.goto(two)
    kept(page, two)
    old = context.new_page()
    old.goto(two)
    assert old.evaluate(EDITION) == "AAA"

    server.folder = second
    # Under the worker of the old edition: the new page with its own files.
    page.goto(one)
    assert page.evaluate(EDITION) == "BBB"
    kept(page, "../assets/guide.bbbbbbbb.js")
    until(
        page,
        "navigator.serviceWorker.getRegistration().then((one) => Boolean(one.waiting))",
    )
    # The old page is still open and finds what it loads late.
    old.keyboard.press("/")
    old.keyboard.type("RoPE")
    expect(old.locator(".md-search-result__item").first).to_be_visible()

    server.stop()
    page.goto(one)
    assert page.evaluate(EDITION) == "BBB"
    page.goto(two)  # not read since the new edition came
    assert page.evaluate(EDITION) == "AAA"
    server.start()

    # Once no page of the old worker is open the new one takes over.
    old.close()
    page.goto("about:blank")
    page.wait_for_timeout(300)
    page.goto(one)
    until(
        page,
        "navigator.serviceWorker.getRegistration()"
        ".then((one) => !one.waiting && one.active.state === 'activated')",
    )
    shells = page.evaluate(
        "caches.keys().then((all) => all.filter((one) => /shell/.test(one)))"
    )
    assert len(shells) == 1
    server.stop()
    # What was kept of the old edition still stands, whole.
    page.goto(two)
    assert page.evaluate(EDITION) == "AAA"
    page.goto(one)
    assert page.evaluate(EDITION) == "BBB"
    server.start()
    page.goto(two)
    assert page.evaluate(EDITION) == "BBB"
    old_style = next((first / "assets").glob("guide.*.css")).name
    kept(page, "../../../assets/guide.bbbbbbbb.css")
    assert old_style not in second.as_posix()


def test_who_keeps_everything_gets_what_is_new(
    context: BrowserContext, server: Server, second: Path
) -> None:
    page = settled(context.new_page(), server.address + "en/")
    page.evaluate("localStorage['study-guide-offline'] = 'an older version'")
    server.folder = second
    other = context.new_page()  # a visit of its own
    other.goto(server.address + "en/questions/kv-cache/")
    listed = json.loads((second / "everything.json").read_text("utf-8"))
    for _ in range(300):
        if listed["version"] == other.evaluate(
            "localStorage['study-guide-offline']"
        ):
            break
        other.wait_for_timeout(100)
    text = other.evaluate(
        "caches.match('../../plans/week/').then((one) => one.text())"
    )
    assert 'data-page="B"' in text
    server.stop()
    other.goto(server.address + "en/plans/week/")
    assert other.evaluate(EDITION) == "BBB"
    server.start()


def test_an_edition_whose_files_are_missing_takes_nothing_over(
    context: BrowserContext, server: Server, second: Path, tmp_path: Path
) -> None:
    page = settled(context.new_page(), server.address)
    broken = tmp_path / "site"
    shutil.copytree(second, broken)
    (broken / "assets" / "guide.bbbbbbbb.css").unlink()
    server.folder = broken
    page.evaluate(
        "navigator.serviceWorker.getRegistration()"
        ".then((one) => { one.update().catch(() => {}) })"
    )
    for _ in range(100):
        if "assets/guide.bbbbbbbb.css" in server.missing:
            break
        page.wait_for_timeout(50)
    until(
        page,
        "navigator.serviceWorker.getRegistration()"
        ".then((one) => !one.installing)",
    )
    assert not page.evaluate(
        "navigator.serviceWorker.getRegistration()"
        ".then((one) => Boolean(one.waiting))"
    )
    server.stop()
    page.goto(server.address)
    assert page.evaluate(EDITION) == "AAA"
    server.start()


def test_a_slow_network_gives_way_to_what_is_kept(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address)
    server.http.shutdown()  # takes connections and never answers
    page.goto(server.address, timeout=20_000)
    expect(page.locator("h1")).to_be_visible()
    server.http.server_close()
    server.start()


def test_serving_while_writing_takes_leave_of_the_worker(
    context: BrowserContext, server: Server, first: Path, tmp_path: Path
) -> None:
    page = settled(context.new_page(), server.address)
    served = tmp_path / "site"
    shutil.copytree(first, served)
    leaves = (ROOT / "docs" / web_app.LEAVES).read_text("utf-8")
    (path,) = (served / "assets").glob("guide.*.js")
    path.with_name("guide.dddddddd.js").write_text(leaves, "utf-8")
    home = served / "index.html"
    text = home.read_text("utf-8")
    text = re.sub(r' data-worker="[^"]*"', "", text)
    home.write_text(text.replace(path.name, "guide.dddddddd.js"), "utf-8")
    server.folder = served
    page.goto(server.address)
    until(
        page, "navigator.serviceWorker.getRegistration().then((one) => !one)"
    )
    # As the worker does that still keeps a page.
    page.evaluate(
        "(name) => caches.open(name).then(() => true)",
        f"{server.address} kept",
    )
    until(page, "caches.keys().then((all) => !all.length)")


def test_the_browser_takes_it_for_an_app(
    context: BrowserContext, server: Server
) -> None:
    page = settled(context.new_page(), server.address + "en/")
    session = context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert found["url"] == server.address + "en/manifest.webmanifest"
    assert manifest["lang"] == "en"
    parsed = found["manifest"]
    assert parsed["startUrl"] == server.address + "en/"
    assert parsed["scope"] == server.address
    errors = session.send("Page.getInstallabilityErrors")
    assert [
        one["errorId"]
        for one in errors["installabilityErrors"]
        if one["errorId"] != "in-incognito"
    ] == []
