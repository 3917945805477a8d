"""What the tests share: a small project to break, the real site, a browser."""

import functools
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import quickjs
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from study_guide import (
    benchmarks,
    bibliography,
    catalogue,
    chromium,
    mkdocs_adapter,
    words,
)
from study_guide.articles import Article, Workshop
from study_guide.book_material import Material
from study_guide.catalogue import Catalogue
from study_guide.content_cache import ContentCache
from study_guide.languages import LANGUAGES, Language
from study_guide.question_checks import Library

TAXONOMY = """\
topics:
- slug: positional-encoding
  zh: {title: 位置编码, description: 位置怎样进入注意力。}
  en: {title: Positional encoding, description: How position enters.}
  questions:
  - id: 84
    slug: rope-idea
    level: intermediate
    zh: 旋转位置编码 RoPE 的思路是什么？
    en: What is the idea behind rotary position embedding (RoPE)?
  - {id: 21, slug: kv-cache, level: basic, zh: KV 缓存, en: KV cache}
  - {id: 41, slug: why-positional-encoding, level: basic, zh: 为何, en: Why}
  - {id: 82, slug: absolute-positional-encoding, level: basic, zh: 绝对, en: A}
  - {id: 85, slug: rope-advantages, level: basic, zh: 优点, en: Advantages}
  - {id: 86, slug: length-extrapolation-problem, level: basic, zh: 外推, en: L}
  - id: 87
    slug: length-extrapolation-solutions
    level: advanced
    zh: 解法
    en: Solutions
"""


@dataclass(frozen=True)
class Project:
    """A copy of the project with one published question, rope-idea."""

    root: Path

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def question(self) -> Path:
        return self.docs / "questions" / "rope-idea"

    def library(self, cache: ContentCache) -> Library:
        found, _ = catalogue.load(self.docs)
        references, _ = bibliography.load(self.docs / "references.bib")
        return Library(self.root, self.docs, found, references, cache)

    def change(self, file: str, old: str, new: str) -> None:
        """Replace `old`, which must be there, in a file of the question."""
        path = self.question / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`guide.py` with these arguments, in this copy."""
        return subprocess.run(
            [sys.executable, "-m", "study_guide", *arguments],
            cwd=self.root,
            env={
                **os.environ,
                "PYTHONPATH": str(self.root / "scripts"),
                "PYTHONUTF8": "1",
                "NO_MKDOCS_2_WARNING": "1",
            },
            capture_output=True,
            text=True,
            encoding="utf-8",
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in "scripts", "overrides":
        shutil.copytree(
            ROOT / name,
            tmp_path / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    # Making what all pages share takes ten seconds; once is enough.
    kept = ROOT / ".cache" / "content.sqlite"
    kept.parent.mkdir(exist_ok=True)
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "content.sqlite").symlink_to(kept)
    docs = tmp_path / "docs"
    docs.mkdir()
    for path in (ROOT / "docs").iterdir():
        if path.name == "questions":
            shutil.copytree(
                path / "rope-idea", docs / "questions" / "rope-idea"
            )
        elif path.name == "taxonomy.yml":
            (docs / path.name).write_text(TAXONOMY, encoding="utf-8")
        elif path.is_dir():
            shutil.copytree(path, docs / path.name)
        else:
            shutil.copy(path, docs)
    return Project(tmp_path)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> ContentCache:
    return ContentCache(tmp_path_factory.mktemp("cache") / "content.sqlite")


@pytest.fixture
def shop(project: Project, cache: ContentCache) -> Workshop:
    library = project.library(cache)
    return Workshop(
        library.catalogue,
        library.references,
        words.load(project.docs)["en"],
        cache,
    )


@dataclass(frozen=True)
class Rendered:
    """What rendering the real site gives besides its files."""

    catalogue: Catalogue
    articles: Mapping[Language, Mapping[str, Article]]
    words: Mapping[Language, Mapping[str, str]]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site, built once for all processes; nobody writes into it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "site"
    with FileLock(shared / "site.lock"):
        if not folder.exists():
            made = shared / "site.made"
            warnings: list[str] = []
            mkdocs_adapter.render(made, warnings.append)
            assert not warnings
            build = mkdocs_adapter._build
            rendered = Rendered(build.catalogue, build.articles, build.words)
            (shared / "site.pickle").write_bytes(pickle.dumps(rendered))
            made.rename(folder)
    return folder


@pytest.fixture(scope="session")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the real site is served, below a sub-path."""
    root = tmp_path_factory.mktemp("www")
    (root / "guide").symlink_to(site)
    with benchmarks.serving(root) as base:
        yield base + "guide/"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    program = str(chromium.ensure())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(chromium.FLAGS)
        )
        # What the service worker fetches for later costs each test a second;
        # tests of the worker allow it.
        browser.new_context = functools.partial(
            browser.new_context, service_workers="block"
        )
        yield browser
        browser.close()


def until(page: Any, expression: str, argument: object = None) -> None:
    """Waits for what JavaScript says; the pages' policy forbids what
    Playwright's own waiting does."""
    for _ in range(200):
        if page.evaluate(expression, argument):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {expression}")


@pytest.fixture(scope="session")
def rendered(site: Path) -> Rendered:
    """What rendering gave, whichever process did it."""
    stored: Rendered = pickle.loads(site.with_name("site.pickle").read_bytes())
    return stored


@pytest.fixture(scope="session")
def materials(rendered: Rendered) -> dict[Language, Material]:
    """What the books of the real site are made of."""
    contents = ContentCache(mkdocs_adapter.CACHE)
    return {
        language: Material(
            language,
            rendered.catalogue,
            rendered.articles[language],
            rendered.words[language],
            ROOT / "docs",
            "https://example.org/",
            datetime(2026, 11, 24, tzinfo=UTC),
            contents,
            ROOT / ".cache",
        )
        for language in LANGUAGES
    }


@pytest.fixture(scope="session")
def browser_text() -> quickjs.Context:
    """The search's way with text, as the reader's browser runs it."""
    context = quickjs.Context()
    for name in "text.js", "engine.js":
        path = ROOT / "docs" / "assets" / "scripts" / "search" / name
        context.eval(path.read_text(encoding="utf-8"))
    context.eval(
        """function taken(text) {
          const {fold, runs, words, elements} = guideSearch;
          const folded = fold(text);
          return JSON.stringify([folded, runs(folded).flatMap(words),
            elements(folded).map((one) => one && one.key)]);
        }"""
    )
    return context
