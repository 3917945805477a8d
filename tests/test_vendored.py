"""What is vendored is what its licence, version and hash say."""

import hashlib

import yaml
from conftest import ROOT

LISTS = sorted((ROOT / "docs" / "assets" / "vendor").rglob("vendored.yml"))


def test_every_vendored_file_is_listed_with_its_hash() -> None:
    listed = {}
    for path in LISTS:
        for one in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert one["version"]
            assert one["licence"]
            assert one["source"]
            listed.update(one["files"])
    for name, digest in listed.items():
        content = (ROOT / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
    present = {
        path.relative_to(ROOT).as_posix()
        for folder in (
            ROOT / "docs" / "assets" / "vendor",
            ROOT / "scripts" / "study_guide" / "vendor",
            ROOT / "tests" / "browser" / "vendor",
        )
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("vendored.yml", "VENDORED.md")
    }
    assert present == set(listed)


def test_pinned_versions_are_the_ones_named_in_the_code() -> None:
    from importlib.metadata import version

    from study_guide import diagrams, formulas, minified_scripts

    assert version("merman") == diagrams.MERMAN_VERSION
    versions = {
        one["name"]: one["version"]
        for path in LISTS
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))
    }
    assert versions["KaTeX"] == formulas.KATEX_VERSION
    assert versions["Terser"] == minified_scripts.TERSER_VERSION
