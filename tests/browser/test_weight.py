"""The gates on what a first visit costs, in Chromium, for all kinds of page."""

from pathlib import Path

import page_kinds
from page_kinds import MOST
from playwright.sync_api import Browser
from study_guide import page_bench


def test_each_kind_of_page_is_light_and_stays_where_it_is(
    browser: Browser, address: str, site: Path
) -> None:
    wrong = []
    sizes = {"zh": (390, 844), "en": (1440, 900)}
    movable = next(
        path
        for path in page_kinds.by_kind(site)["questions/*", "zh"]
        if "/explorables/" in page_kinds.file(site, path).read_text("utf-8")
    )
    pages = [*page_kinds.heaviest(site), ("movable", "zh", movable)]
    for kind, language, path in pages:
        size = sizes[language]
        load = page_bench.load(browser, address + path, size=size)
        most, requests = MOST.get(kind, MOST["*"])
        outside = [
            one
            for one in load.requests
            if not one.startswith(address.removesuffix("guide/"))
        ]
        if load.bytes > most + 1_000 * len(load.requests):  # headers
            wrong.append(f"{path}: {load.bytes} bytes, {load.sizes}")
        if len(load.requests) > requests:
            wrong.append(f"{path}: {load.requests}")
        if load.shift > 0:
            wrong.append(f"{path} at {size[0]} px shifts {load.shift}")
        wrong += [f"{path} asks for {one}" for one in outside]
        wrong += [f"{path}: {one}" for one in load.errors]
    assert not wrong, "\n".join(wrong)
