"""What makes the site an app: manifest, icons, worker and its list."""

import json
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import ROOT
from PIL import Image
from study_guide import web_app
from study_guide.content_cache import ContentCache
from study_guide.languages import LANGUAGES, Language, site_path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manifest_leads_to_what_there_is(
    site: Path, language: Language
) -> None:
    path = site / site_path(language, web_app.MANIFEST)
    manifest = json.loads(path.read_text(encoding="utf-8"))
    home = path.parent.resolve()
    assert manifest["lang"] == language
    assert len(manifest["short_name"]) <= 13
    assert (home / manifest["scope"]).resolve() == site.resolve()
    assert (home / manifest["start_url"] / "index.html").is_file()
    for shortcut in manifest["shortcuts"]:
        assert (home / shortcut["url"] / "index.html").is_file()
    purposes = set()
    for icon in manifest["icons"]:
        picture = Image.open(home / icon["src"]).convert("RGB")
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
        purposes.add((icon["sizes"], icon["purpose"]))
        ink = picture.getpixel((picture.width // 2, picture.height // 2))
        assert ink != picture.getpixel((0, 0))
        if icon["purpose"] == "maskable":  # a circle of 80 % is sure
            corner = round(picture.width * (0.5 - 0.4 / 2**0.5))
            assert picture.getpixel((corner, corner)) != ink
    assert purposes >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    page = (home / "index.html").read_text(encoding="utf-8")
    themes = re.findall(r'name="theme-color"[^>]*content="(#\w+)"', page)
    assert manifest["theme_color"] == themes[0]
    assert len(set(themes)) == 2


def test_the_list_has_all_that_pages_need(site: Path) -> None:
    listed = json.loads((site / web_app.EVERYTHING).read_text("utf-8"))
    files = {name: (size, digest) for name, size, digest in listed["files"]}
    assert listed["bytes"] == sum(size for size, _ in files.values())
    for name, (size, digest) in files.items():
        content = (site / name).read_bytes()
        assert len(content) == size
        if digest:
            assert sha256(content).hexdigest()[:16] == digest
        else:
            assert web_app.HASHED.search(name)
    pages = {
        path.relative_to(site).as_posix() for path in site.rglob("index.html")
    }
    assert pages <= files.keys()
    for page in sorted(pages):
        text = (site / page).read_text(encoding="utf-8")
        text = re.sub(r"<noscript>.*?</noscript>", "", text, flags=re.DOTALL)
        for address in re.findall(r'(?:src|href)="([^":]+\.\w+)"', text):
            target = (site / page).parent / address
            name = target.resolve().relative_to(site.resolve()).as_posix()
            wanted = re.search(r"\.(css|js|svg|png|py)$", name)
            if wanted:
                assert name in files, (page, address)
    # Assets come before the pages that name them.
    order = [bool(digest) for _, _, digest in listed["files"]]
    assert order == sorted(order)


def shell(site: Path) -> list[str]:
    text = (site / web_app.WORKER).read_text(encoding="utf-8")
    found: list[str] = json.loads(
        re.search(r"^const SHELL=(.*);$", text, re.MULTILINE)[1]
    )
    return found


def test_the_worker_fetches_what_there_is_and_not_too_much(
    site: Path,
) -> None:
    names = shell(site)
    for name in names:
        path = site / name
        assert (path / "index.html" if name.endswith("/") else path).is_file()
    for language in LANGUAGES:
        page = site / site_path(language, "offline/index.html")
        text = page.read_text(encoding="utf-8")
        assert 'content="noindex"' in text
        for file in re.findall(
            r'"[./]*(assets/[^"]*\.[0-9a-f]{8}\.(?:js|css))"',
            re.sub(r"<noscript>.*?</noscript>", "", text, flags=re.DOTALL),
        ):
            assert file in names
    assert sum((site / one).stat().st_size for one in names) < 1_300_000


def test_any_change_makes_a_new_version_and_none_makes_none(
    site: Path, tmp_path: Path
) -> None:
    cache = ContentCache(tmp_path / "cache.sqlite")

    def version(folder: Path) -> str:
        web_app.write_worker(folder, ROOT / "docs", cache)
        return (folder / web_app.WORKER).read_text(encoding="utf-8")

    folder = tmp_path / "site"

    def left_out(path: str, names: list[str]) -> set[str]:
        many = Path(path).name in ("questions", "words", "text", "cards")
        return set(sorted(names)[3:]) if many else set()

    shutil.copytree(site, folder, ignore=left_out)
    first = version(folder)
    assert version(folder) == first
    page = folder / "en" / "practice" / "index.html"
    page.write_text(page.read_text("utf-8") + " ", encoding="utf-8")
    second = version(folder)
    assert second != first
    assert second.split(";", 1)[1] == first.split(";", 1)[1]


def test_every_page_has_a_worker_and_the_list_of_its_language(
    site: Path,
) -> None:
    for path in site.rglob("index.html"):
        text = path.read_text(encoding="utf-8")
        (worker,) = set(re.findall(r'data-worker="([^"]*)"', text))
        assert (path.parent / worker).resolve() == (
            site / web_app.WORKER
        ).resolve()
        (keeper,) = set(re.findall(r'data-keeper="([^"]*)"', text))
        assert (path.parent / keeper).is_file()
