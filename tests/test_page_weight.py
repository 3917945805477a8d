"""What a page weighs, as files. Bytes and counts only: no machine is too
busy for them."""

from pathlib import Path

import lxml.html
import page_kinds
from page_kinds import MOST, MOST_OF_EXPLORABLES


def fetched(site: Path, address: str) -> list[Path]:
    """The page and all files that a browser fetches with it."""
    page = page_kinds.file(site, address)
    tree = lxml.html.parse(str(page)).getroot()
    addresses = tree.xpath(
        "//script/@src | //img/@src"
        " | //link[contains(' stylesheet icon preload manifest ',"
        " concat(' ', @rel, ' '))][not(ancestor::noscript)]/@href"
    )
    files = {page}
    for one in addresses:
        if not one.startswith("data:"):
            path = one.partition("?")[0]
            # 404.html stands for addresses of any depth.
            start = site if path.startswith("/") else page.parent
            files.add((start / path.lstrip("/")).resolve())
    return sorted(files)


EXPLORABLES = "/assets/explorables"


def test_no_page_is_heavy(site: Path) -> None:
    weights: dict[Path, int] = {}
    heavy = []
    for address in page_kinds.pages(site):
        kind, _ = page_kinds.kind(address)
        most, requests = MOST.get(kind, MOST["*"])
        files = fetched(site, address)
        for path in files:
            weights.setdefault(path, page_kinds.weight(path))
        moved = sum(
            weights[path] for path in files if EXPLORABLES in path.as_posix()
        )
        weight = sum(weights[path] for path in files) - moved
        if (
            weight > most
            or moved > MOST_OF_EXPLORABLES
            or len(files) > requests
        ):
            heavy.append(f"{address}: {weight} bytes, {len(files)} files")
    assert not heavy, "\n".join(heavy)


def test_pages_without_formulas_load_no_faces(site: Path) -> None:
    for address in page_kinds.pages(site):
        names = {path.name for path in fetched(site, address)}
        text = page_kinds.file(site, address).read_text(encoding="utf-8")
        wanted = 'class="katex"' in text or "data-formulas" in text
        loaded = any(name.startswith("faces.") for name in names)
        assert loaded == wanted, address
