"""What is installed is pinned, to the file."""

import re
import tomllib

import pytest
from conftest import ROOT

_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)(.*?)(?=^[\w#]|\Z)", re.M | re.S)


def pins(name: str) -> list[tuple[str, str, str]]:
    """(package, version, what else is said of it) in a requirements file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [(one.lower(), *rest) for one, *rest in _PIN.findall(text)]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("requirements.txt", 31),
        ("requirements-dev.txt", 31),
        (".github/requirements-audit.txt", 20),
        (".github/requirements-properdocs.txt", 10),
    ],
)
def test_each_package_has_hashes(name: str, least: int) -> None:
    found = pins(name)
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(found) == len(re.findall(r"^\w", text, re.M)) >= least
    for package, version, rest in found:
        assert "--hash=sha256:" in rest, f"{package} {version}"


def test_the_files_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for wanted, *names in (
        (project["project"]["dependencies"], "requirements.txt"),
        (
            project["dependency-groups"]["dev"],
            "requirements-dev.txt",
            "requirements-torch.txt",
        ),
        *(
            (
                project["dependency-groups"][group],
                f".github/requirements-{group}.txt",
            )
            for group in ("audit", "properdocs")
        ),
    ):
        there = {pin[:2] for name in names for pin in pins(name)}
        for one in wanted:
            package, _, version = re.sub(r"\[.*?\]", "", one).partition("==")
            assert (package, version) in there, f"{one} is not in {names}"


def test_the_workflows_install_nothing_without_hashes() -> None:
    installed = [
        line
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\bpip3? install\b", line)
    ]
    assert installed
    for line in installed:
        assert "--require-hashes --requirement " in line, line


def test_no_package_is_asked_for_in_two_versions() -> None:
    built, tested = pins("requirements.txt"), pins("requirements-dev.txt")
    versions = {package: version for package, version, _ in built}
    shared = [pin for pin in tested if pin[0] in versions]
    assert shared
    for package, version, _ in shared:
        assert versions[package] == version, package
