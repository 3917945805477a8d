"""Publishing: the workflow, the site below a sub-path, the way to report."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import lxml.html
import pytest
import yaml
from conftest import ROOT, Project

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEMPLATES = ROOT / ".github" / "ISSUE_TEMPLATE"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda one: one.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: *(.*)", text)
    assert used
    for one in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)


def test_the_workflow_calls_what_there_is() -> None:
    text = "".join(one.read_text(encoding="utf-8") for one in WORKFLOWS)
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for name in "SITE_URL", "REPO_URL":
        assert name in text
        assert name in config
    assert "SOURCE_DATE_EPOCH" in text
    commands = set(re.findall(r"guide\.py (\w+)", text))
    help_text = (ROOT / "scripts" / "guide.py").read_text(encoding="utf-8")
    for one in commands:
        assert f"guide.py {one}" in help_text


def test_each_list_of_packages_is_audited_for_known_weaknesses() -> None:
    jobs = yaml.safe_load(
        (ROOT / ".github/workflows/audit.yml").read_text(encoding="utf-8")
    )["jobs"]
    runs = [step.get("run", "") for step in jobs["audit"]["steps"]]
    audits = [one for one in runs if one.startswith("pip-audit --strict ")]
    for path in ROOT.glob("requirements*.txt"):
        assert any(f" {path.name} " in one for one in audits), path.name


def built(project: Project, **variables: str) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "study_guide", "build", "--no-books"],
        cwd=project.root,
        env={
            **os.environ,
            "PYTHONPATH": str(project.root / "scripts"),
            "NO_MKDOCS_2_WARNING": "1",
            **variables,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return project.root / "site"


def test_a_projects_sub_path_and_its_reports(project: Project) -> None:
    address = "https://someone.github.io/guide/"
    repository = "https://github.com/someone/guide"
    site = built(project, SITE_URL=address, REPO_URL=repository)

    for path in "404.html", "en/questions/rope-idea/index.html":
        text = (site / path).read_text(encoding="utf-8")
        assert "example.org" not in text
    for path in "sitemap.xml", "feed.xml", "en/llms.txt", "robots.txt":
        text = (site / path).read_text(encoding="utf-8")
        assert address in text
        assert "example.org" not in text
    lost = lxml.html.parse(str(site / "404.html"))
    for one in lost.xpath("//@href | //@action"):
        assert one.startswith("/guide/"), one
    tree = lxml.html.parse(str(site / "en/questions/rope-idea/index.html"))
    for one in tree.xpath("//@href | //@src"):
        assert not one.startswith("/"), f"{one} leaves the sub-path"
    picture = tree.xpath("//meta[@property='og:image']/@content")[0]
    assert (site / picture.removeprefix(address)).is_file()

    links = tree.xpath("//a[contains(@href, '/issues/new')]/@href")
    assert len(links) == 2
    for link in links:
        assert link.startswith(repository)
        asked = parse_qs(urlparse(link).query)
        form = yaml.safe_load(
            (TEMPLATES / asked["template"][0]).read_text(encoding="utf-8")
        )
        fields = {one.get("id") for one in form["body"]}
        assert {"page", "section"} <= fields
        assert asked["page"] == [f"{address}en/questions/rope-idea/"]
        assert asked["title"][0].startswith("84 What is the idea")


def test_without_a_repository_nothing_is_offered(project: Project) -> None:
    site = built(project, REPO_URL="")
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "issues/new" not in text
        assert "data-report" not in text
