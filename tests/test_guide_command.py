"""`guide.py` from outside: mistakes end it with 1 and leave the last site."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Project
from study_guide import environment


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def break_everything(project: Project) -> None:
    """One mistake of every kind, all at once."""
    project.change("index.en.md", "$d_k=2$", r"$d_k=\frac{2$")
    project.change("index.en.md", "xn[", "xn[[(")
    project.change("index.en.md", "## Follow-ups { #follow-ups }", "")
    project.change("index.en.md", "../kv-cache/", "../kv-cash/")
    project.change("index.en.md", "#channel-layouts", "#channels")
    project.change("index.en.md", "[@sun2022xpos]", "[@sun2099xpos]")
    project.change(
        "index.en.md",
        "\n### Where it sits",
        "\n- $$\n  x\n  $$\n\n### Where it sits",
    )
    project.change("index.zh.md", "把每个头的", "把每个头\u2f00的")
    (project.question / "example.out").unlink()
    taxonomy = project.docs / "taxonomy.yml"
    text = taxonomy.read_text(encoding="utf-8")
    text = text.replace("id: 21", "id: 84").replace("id: 41", "id: x")
    taxonomy.write_text(text, encoding="utf-8")
    (project.docs / "questions" / "stray").mkdir()
    footer = project.root / "overrides" / "main.html"
    footer.write_text(
        footer.read_text(encoding="utf-8").replace(
            "{% block extrahead %}",
            '{% block extrahead %}<script src="https://cdn.example/x.js">'
            "</script>",
        ),
        encoding="utf-8",
    )


EXPECTED = {
    ("docs/questions/rope-idea/index.en.md", "tex"),
    ("docs/questions/rope-idea/index.en.md", "mermaid"),
    ("docs/questions/rope-idea/index.en.md", "parts"),
    ("docs/questions/rope-idea/index.en.md", "link"),
    ("docs/questions/rope-idea/index.en.md", "citation"),
    ("docs/questions/rope-idea/index.en.md", "parity"),
    ("docs/questions/rope-idea/index.en.md", "display-formula"),
    ("docs/questions/rope-idea/index.zh.md", "character"),
    ("docs/questions/rope-idea/example.py", "recorded-output"),
    ("docs/questions/rope-idea/index.en.md", "include"),
    ("docs/taxonomy.yml", "taxonomy"),
    ("docs/questions/stray", "taxonomy"),
}


def test_a_good_project_builds_and_a_bad_one_leaves_it(
    project: Project,
) -> None:
    good = project.run("build")
    assert good.returncode == 0, good.stdout + good.stderr
    site = project.root / "site"
    before = snapshot(site)
    assert "index.html" in before
    assert "en/questions/rope-idea/index.html" in before
    # Whoever cannot practise without scripts is offered the quick review.
    practice = (site / "practice" / "index.html").read_text(encoding="utf-8")
    pieces = re.findall(r"<noscript>(.*?)</noscript>", practice, re.DOTALL)
    offered = "".join(pieces)
    assert 'href="../downloads/llm-interview-review.zh.pdf"' in offered

    # The site as a folder is offered with its size, whatever stood there
    # before it was known.
    folder = site / "downloads" / "llm-interview-guide.site.zip"
    size = f"{folder.stat().st_size / 1e6:.1f} MB"
    for home in site / "index.html", site / "en" / "index.html":
        text = home.read_text(encoding="utf-8")
        offered = re.findall(rf"<a [^>]*{folder.name}.*?</a>", text)
        assert len(offered) == 2
        assert all(size in one for one in offered)
    for page in site.rglob("*.html"):
        assert not re.search(
            r"\{[a-z]+-(size|bytes)\}", page.read_text("utf-8")
        )

    break_everything(project)
    bad = project.run("build")
    assert bad.returncode == 1
    assert "Traceback" not in bad.stdout + bad.stderr
    assert snapshot(site) == before
    beside = {path.name for path in project.root.iterdir()}
    assert not [name for name in beside if name.startswith(".site")]

    check = project.run("check", "--json")
    assert check.returncode == 1
    problems = json.loads(check.stdout)
    found = {(one["file"], one["rule"]) for one in problems}
    assert found >= EXPECTED, EXPECTED - found
    assert all(one["message"] and one["remedy"] for one in problems)


def test_mistakes_that_only_the_built_page_shows(project: Project) -> None:
    main = project.root / "overrides" / "main.html"
    text = main.read_text(encoding="utf-8")
    script = '<script src="https://cdn.example/x.js"></script>'
    main.write_text(
        text.replace(
            "{% block extrahead %}", "{% block extrahead %}" + script
        ),
        encoding="utf-8",
    )
    project.change("index.en.md", "Does the split", "[@ x] Does the split")
    home = project.docs / "index.en.md"
    home.write_text(
        home.read_text(encoding="utf-8") + "\n[gone](nowhere/index.html)\n",
        encoding="utf-8",
    )
    check = project.run("check", "--json")
    assert check.returncode == 1, check.stderr
    rules = {one["rule"] for one in json.loads(check.stdout)}
    assert {"outside-resource", "raw-markup"} <= rules


def test_a_missing_translation_ends_check_with_one(project: Project) -> None:
    (project.question / "index.en.md").unlink()
    check = project.run("check")
    assert check.returncode == 1
    assert "docs/questions/rope-idea/index.en.md: [translation]" in (
        check.stdout
    )


def test_the_check_of_one_question_tells_of_the_bibliography(
    project: Project,
) -> None:
    (project.docs / "questions" / "stray").mkdir()
    file = project.docs / "references.bib"
    entry = "\n@misc{aaa2020last, author={A, B}, title={T}, year={2020}}\n"
    file.write_text(file.read_text(encoding="utf-8") + entry, encoding="utf-8")
    check = project.run("check", "--json", "rope-idea")
    assert check.returncode == 1, check.stderr
    files = {one["file"] for one in json.loads(check.stdout)}
    assert files == {"docs/references.bib"}


def test_new_lays_out_a_question_that_check_refuses_until_written(
    project: Project,
) -> None:
    made = project.run("new", "kv-cache")
    assert made.returncode == 0, made.stdout + made.stderr
    assert project.run("new", "kv-cache").returncode == 2
    assert project.run("new", "no-such").returncode == 2
    # The site can show it before anything is recorded.
    recorded = project.run("record", "kv-cache")
    assert recorded.returncode == 0
    assert "as it was" in recorded.stdout
    check = project.run("check", "--json", "kv-cache")
    rules = {one["rule"] for one in json.loads(check.stdout)}
    assert "placeholder" in rules
    assert rules <= {"placeholder", "number"}, rules


def test_the_stamp_tells_when_to_install_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "VENV", tmp_path)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1\n")
    assert not environment._installed(requirements)
    stamp = environment._stamp(requirements)
    stamp.write_text(environment._digest(requirements))
    assert environment._installed(requirements)
    requirements.write_text("a==2\n")
    assert not environment._installed(requirements)


def test_an_old_python_is_told_what_to_install() -> None:
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 1, 'final', 0);"
        f"runpy.run_path({str(ROOT / 'scripts' / 'guide.py')!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_link_leads_to_is_not_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    link = tmp_path / ".venv"
    link.symlink_to(elsewhere)
    monkeypatch.setattr(environment, "VENV", link)
    with pytest.raises(SystemExit, match="a link"):
        environment.prepare("build")
    assert [one.name for one in elsewhere.iterdir()] == ["kept"]
