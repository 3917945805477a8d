"""Results are recorded, and any difference beyond the tolerance is found."""

from pathlib import Path

import pytest
from study_guide import recording
from study_guide.content_cache import ContentCache


def question(tmp_path: Path, script: str) -> Path:
    folder = tmp_path / "some-question"
    folder.mkdir()
    (folder / "example.py").write_text(script, encoding="utf-8")
    return folder


def test_what_is_recorded_is_found_again(tmp_path: Path) -> None:
    folder = question(tmp_path, "print('a', 1.5)")
    assert recording.record(folder) == ["example.out"]
    assert recording.record(folder) == []
    assert recording.differences(folder) == []
    (folder / "example.out").write_text("a 1.6\n")
    assert "line 1 was 'a 1.6'" in recording.differences(folder)[0]


def test_a_stated_tolerance_is_used(tmp_path: Path) -> None:
    folder = question(tmp_path, "# tolerance: 1e-2\nprint('a', 1.500)")
    (folder / "example.out").write_text("a 1.505\n")
    assert recording.differences(folder) == []
    (folder / "example.out").write_text("a 1.600\n")
    assert recording.differences(folder)
    (folder / "example.out").write_text("b 1.500\n")
    assert recording.differences(folder)


def test_what_was_verified_is_run_again_when_it_changes(
    tmp_path: Path,
) -> None:
    folder = question(tmp_path, "open('runs', 'a').write('x')\nprint(1)")
    cache = ContentCache(tmp_path / "cache.sqlite")
    (folder / "example.out").write_text("1\n")
    for _ in range(2):
        recording.verify(folder, cache)
    assert (folder / "runs").read_text() == "x"
    (folder / "example.out").write_text("2\n")
    for _ in range(2):
        with pytest.raises(recording.RecordingError, match="line 1"):
            recording.verify(folder, cache)
    assert (folder / "runs").read_text() == "xxx"


def test_an_example_that_fails_says_so(tmp_path: Path) -> None:
    folder = question(tmp_path, "assert 1 == 2, 'claim'")
    with pytest.raises(recording.RecordingError, match="claim"):
        recording.record(folder)


def test_figures_are_recorded_for_each_language_and_phones(
    tmp_path: Path,
) -> None:
    folder = question(tmp_path, "print(1)")
    (folder / "figure.py").write_text(
        """
from matplotlib.figure import Figure
from study_guide.plots import BLUE

def draw(language):
    figure = Figure(figsize=(2, 1))
    ax = figure.subplots()
    ax.plot([0, 1], [0, 0.123456], color=BLUE)
    ax.set_title("0.123456")
    return figure

FIGURES = {"line": draw}
NARROW = {"line": draw}
""",
        encoding="utf-8",
    )
    recording.record(folder)
    names = sorted(path.name for path in folder.glob("*.svg"))
    assert names == [
        "line.en.narrow.svg",
        "line.en.svg",
        "line.zh.narrow.svg",
        "line.zh.svg",
    ]
    svg = (folder / "line.en.svg").read_text()
    assert "var(--figure-blue, #2461c7)" in svg
    assert ">0.123456<" in svg, "text is not rounded"
    assert recording.differences(folder) == []
    (folder / "old.en.svg").write_text("<svg/>")
    assert "drawn by nobody" in recording.differences(folder)[0]
