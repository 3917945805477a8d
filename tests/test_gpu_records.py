"""Measurements on a GPU: records that hold, pages that quote them rightly."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from study_guide import question_checks, source
from study_guide.gpu import records as gpu_records
from study_guide.gpu.records import Record
from study_guide.languages import LANGUAGES

RECORDS = sorted((ROOT / "docs" / "questions").glob("*/gpu.json"))
PART = "on-a-gpu"


def slug(path: Path) -> str:
    return path.parent.name


def test_the_pages_on_speed_and_memory_have_records() -> None:
    assert {slug(path) for path in RECORDS} >= {
        "deepspeed-inference-kernel-fusion",
        "flash-attention",
        "inference-gpu-memory-growth",
        "int8-vs-fp16-speed",
        "kv-cache",
        "llm-inference-speed-gpu-vs-cpu",
        "mha-gqa-mqa",
        "paged-attention",
        "speculative-decoding",
    }


@pytest.mark.parametrize("path", RECORDS, ids=slug)
def test_a_record_holds_what_a_measurement_can_give(path: Path) -> None:
    record = gpu_records.read(path)
    assert record.question == slug(path)
    assert record.device["capability"] != "none", "measured without a GPU"
    assert gpu_records.as_text(record) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", RECORDS, ids=slug)
def test_a_page_says_on_what_and_when_and_quotes_the_record(
    path: Path,
) -> None:
    record = gpu_records.read(path)
    printed = (path.parent / "example.out").read_text(encoding="utf-8")
    assert record.device["name"] in printed and record.measured in printed
    for language in LANGUAGES:
        page = source.read(path.parent / f"index.{language}.md", language)
        lines = [heading.line for heading in page.headings]
        number = [heading.id for heading in page.headings].index(PART)
        start, end = lines[number], lines[number + 1]
        text = "\n".join(page.lines[start - 1 : end - 1])
        assert record.device["name"] in text and record.measured in text
        torch = ".".join(record.versions["torch"].split(".")[:2])
        assert f"PyTorch {torch}" in text
        # The rule for prose leaves alternatives of pictures out.
        alternatives = " ".join(re.findall(r"!\[([^\]]*)\]", text))
        known = set(question_checks._numbers(printed))
        for number in question_checks._numbers(alternatives):
            small = "." not in number and len(number) < 3
            assert small or number in known, (language, number)


def broken(change: Callable[[dict], object]) -> list[str]:
    """What is said of a record after `change`."""
    path = next(one for one in RECORDS if slug(one) == "kv-cache")
    whole = json.loads(path.read_text(encoding="utf-8"))
    change(whole)
    return list(gpu_records.problems(Record(**whole)))


def test_an_impossible_record_is_found() -> None:
    def timed(whole: dict) -> dict:
        return next(row for row in whole["rows"] if "ms" in row)

    assert broken(lambda whole: None) == []
    for change, message in [
        (lambda w: w.update(measured="soon"), "no date"),
        (lambda w: w["device"].pop("driver"), "device.driver"),
        (lambda w: w["versions"].pop("torch"), "versions.torch"),
        (lambda w: w.update(rows=[]), "no rows"),
        (lambda w: timed(w).update(speed=3.0), "speed is unknown"),
        (lambda w: timed(w).update(repeats=3), "repeats is 3"),
        (lambda w: timed(w).update(ms="1.0"), "ms is no float"),
        (lambda w: timed(w).pop("ms_low"), "without quartiles"),
        (lambda w: timed(w).update(ms_low=9e5), "outside the quartiles"),
        # Faster than the card can read: 15 GB in a microsecond.
        (
            lambda w: timed(w).update(ms=1e-3, ms_low=1e-3, ms_high=1e-3),
            "bytes a second, above",
        ),
    ]:
        found = broken(change)
        assert any(message in one for one in found), (message, found)


def test_a_record_is_written_and_read_again(tmp_path: Path) -> None:
    record = gpu_records.read(RECORDS[0])
    path = tmp_path / "gpu.json"
    path.write_text(gpu_records.as_text(record), encoding="utf-8")
    assert gpu_records.read(path) == record
    rows = copy.deepcopy(record.rows)
    rows[0]["repeats"] = 1
    spoiled = replace(record, rows=rows)
    path.write_text(gpu_records.as_text(spoiled), encoding="utf-8")
    with pytest.raises(ValueError, match="repeats is 1"):
        gpu_records.read(path)


def test_the_measuring_command_runs_without_a_gpu(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "study_guide.gpu"]
    options = ["fusion", "--device=cpu", "--tiny", f"--into={tmp_path}"]
    done = subprocess.run(
        [*command, *options],
        cwd=ROOT / "scripts",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = tmp_path.glob("*/gpu.json")
    record = gpu_records.read(path)
    cases = {row["case"] for row in record.rows}
    assert {"unfused", "products", "stretch unfused"} <= cases
    assert all(row["repeats"] >= 10 for row in record.rows)
