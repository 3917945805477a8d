"""The site as a folder: complete in itself, and the same for the same site."""

import base64
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlparse

import lxml.html
import pytest
from study_guide import folder_edition

DAY = datetime(2026, 11, 24, tzinfo=UTC)
NOWHERE = "https://example.org/"
HOME = "https://guide.example.com/g/"


@pytest.fixture(scope="module")
def small(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site with four questions: enough for all kinds of page."""
    folder = tmp_path_factory.mktemp("small") / "site"
    kept = {"kv-cache", "rope-idea", "ppo-vs-trpo", "gqa"}

    def left_out(path: str, names: list[str]) -> set[str]:
        is_list = Path(path).name == "questions"
        return set(names) - kept - {"index.html"} if is_list else set()

    shutil.copytree(site, folder, ignore=left_out)
    return folder


def packed(site: Path, address: str = NOWHERE) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(folder_edition.content(site, address, DAY)))


def pages(file: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    for name in file.namelist():
        if name.endswith(".html"):
            yield name, file.read(name).decode()


def test_every_link_leads_to_a_file_of_the_folder(
    site: Path, tmp_path: Path
) -> None:
    packed(site).extractall(tmp_path)
    lost = []
    count = 0
    for page in tmp_path.rglob("*.html"):
        tree = lxml.html.document_fromstring(page.read_text(encoding="utf-8"))
        for address in tree.xpath("//@href | //@src | //@action | //@data"):
            parts = urlparse(address)
            if parts.scheme or not parts.path:
                continue
            count += 1
            target = page.parent / unquote(parts.path)
            if not target.is_file():
                lost.append(f"{page.relative_to(tmp_path)}: {address}")
    cards = list(tmp_path.rglob("assets/practice/*/*.js"))
    for card in cards:
        language = card.parent.name.split(".")[0]
        top = tmp_path / folder_edition.FOLDER
        start = top / ("" if language == "zh" else language) / "practice"
        for address in re.findall(
            r'href=\\"([^"\\]*)', card.read_text(encoding="utf-8")
        ):
            parts = urlparse(unescape(address))
            if parts.scheme:
                continue
            count += 1
            if not (start / parts.path).is_file():
                lost.append(f"{card.name}: {address}")
    assert count > 10_000
    assert len(cards) == 208
    assert not lost, "\n".join(lost[:20])


def test_the_same_site_gives_the_same_bytes(small: Path) -> None:
    first = folder_edition.content(small, HOME, DAY)
    for path in small.rglob("*"):
        path.touch()
    assert folder_edition.content(small, HOME, DAY) == first
    with packed(small, HOME) as file:
        names = file.namelist()
        assert names == sorted(names)
        assert {one.date_time for one in file.infolist()} == {
            (2026, 11, 24, 0, 0, 0)
        }


def test_it_holds_pages_and_what_they_need_and_nothing_else(
    small: Path,
) -> None:
    with packed(small) as file:
        names = {
            one.removeprefix(f"{folder_edition.FOLDER}/")
            for one in file.namelist()
        }
        assert file.testzip() is None
    assert {"index.html", "en/index.html", "practice/index.html"} <= names
    assert "questions/kv-cache/example.py" in names
    wrong = re.compile(
        r"downloads/|assets/cards/|.*(\.xml|\.md)$|(en/)?(sw\.js|404\.html|llms[\w-]*\.txt)$"
    )
    assert not [one for one in names if wrong.match(one)]


def test_each_policy_still_fits_its_page(small: Path) -> None:
    with packed(small) as file:
        for name, text in pages(file):
            tree = lxml.html.document_fromstring(text)
            (policy,) = tree.xpath(
                "//meta[@http-equiv='Content-Security-Policy']/@content"
            )
            scripts = re.findall(
                r"<script(?![^>]*(?:src=|json))[^>]*>(.*?)</script>",
                text,
                re.DOTALL,
            )
            for script in scripts:
                digest = sha256(script.encode()).digest()
                assert base64.b64encode(digest).decode() in policy, name


def test_what_needs_a_server_is_gone(small: Path) -> None:
    with packed(small) as file:
        for name, text in pages(file):
            for gone in (
                "data-worker",
                "data-keep",
                'rel="manifest"',
                "og:image",
                'rel="canonical"',
                "ld+json",
                '="https://example.org/',
                'feed.xml"',
            ):
                assert gone not in text, (name, gone)


def test_with_an_address_it_leads_to_what_is_only_there(small: Path) -> None:
    top = f"{folder_edition.FOLDER}/"
    with packed(small, HOME) as file:
        page = file.read(f"{top}en/errata/index.html").decode()
        assert f'href="{HOME}en/feed.xml"' in page
        # A question that this small site lacks is still on the network.
        topic = file.read(f"{top}topics/positional-encoding/index.html")
        assert f'href="{HOME}questions/alibi-idea/"'.encode() in topic
