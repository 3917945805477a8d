"""Records of measurements: what `gpu.json` beside a page may hold.

A record says on what, when and how it was measured, and has a flat row for
each case. Names carry their unit: `ms` (median; `ms_low` and `ms_high` are
the quartiles), `…_bytes`, `…_flop`, `…_per_s`. A row without `ms` is a count
(bytes of an allocator) or says in `refused` why nothing could be timed.

Uses the standard library alone, so that a page's example can read its record
and whoever measures needs PyTorch and nothing else.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

FORMAT = 1
FEWEST_REPEATS = 10
# A result above what was measured as the card's ceiling is a mistake of the
# count or of the clock; clocks drift by a few per cent.
_ABOVE_CEILING = 1.1


@dataclass(frozen=True)
class Record:
    """One page's measurements. Rates in `ceilings` are medians, a second."""

    question: str
    measured: str
    device: dict[str, Any]
    host: dict[str, Any]
    versions: dict[str, str]
    method: str
    ceilings: dict[str, float]
    clocks: dict[str, dict[str, list[float]]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    format: int = FORMAT


# What a row may name: its type and, for numbers, the least and greatest value.
_COUNT = (int, 1, 10**7)
_TIME = (float, 1e-5, 1e6)
_BYTES = (int, 0, 10**13)
FIELDS: Mapping[str, tuple[type, float, float] | type] = {
    "part": str,
    "case": str,
    "way": str,
    "device": str,
    "dtype": str,
    "phase": str,
    "refused": str,
    "kernel": str,
    "causal": bool,
    "backward": bool,
    "batch": _COUNT,
    "context": _COUNT,
    "heads": _COUNT,
    "kv_heads": _COUNT,
    "head_width": _COUNT,
    "kernels": _COUNT,
    "layers": _COUNT,
    "length": _COUNT,
    "steps": _COUNT,
    "tokens": _COUNT,
    "width": _COUNT,
    "outputs": _COUNT,
    "repeats": (int, FEWEST_REPEATS, 10**5),
    "ms": _TIME,
    "ms_low": _TIME,
    "ms_high": _TIME,
    "flop": (float, 1, 1e18),
    "error": (float, 0, 1),
    "moved_bytes": _BYTES,
    "peak_bytes": _BYTES,
    "formula_bytes": _BYTES,
    "allocated_bytes": _BYTES,
    "reserved_bytes": _BYTES,
    "inactive_bytes": _BYTES,
    "driver_bytes": _BYTES,
    "driver_calls": (int, 0, 10**7),
}
_RATES = {
    "copy_bytes_per_s",
    "read_bytes_per_s",
    "cpu_copy_bytes_per_s",
    "cpu_read_bytes_per_s",
    "to_device_bytes_per_s",
    "to_device_pageable_bytes_per_s",
    "from_device_bytes_per_s",
    "bf16_flop_per_s",
    "fp16_flop_per_s",
    "tf32_flop_per_s",
    "fp32_flop_per_s",
    "int8_flop_per_s",
    "fp8_flop_per_s",
    "launch_ms",
    "graph_launch_ms",
}
_DEVICE = {"name": str, "memory_bytes": int, "driver": str, "capability": str}


def problems(record: Record) -> Iterator[str]:
    """What no measurement can have given, a sentence each."""
    if record.format != FORMAT:
        yield f"format {record.format} is not {FORMAT}"
    try:
        date.fromisoformat(record.measured)
    except ValueError:
        yield f"{record.measured!r} is no date"
    for name, kind in _DEVICE.items():
        if not isinstance(record.device.get(name), kind):
            yield f"device.{name} is not a {kind.__name__}"
    for name in ("python", "torch", "cuda"):
        if not record.versions.get(name):
            yield f"versions.{name} is missing"
    if len(record.method) < 80:
        yield "the method is not told"
    for name, rate in record.ceilings.items():
        if name not in _RATES:
            yield f"ceilings.{name} is unknown"
        elif not rate > 0:
            yield f"ceilings.{name} is {rate}"
    for part, readings in record.clocks.items():
        for name, spread in readings.items():
            if len(spread) != 3 or list(spread) != sorted(spread):
                yield f"clocks.{part}.{name} is not in order: {spread}"
    if not record.rows:
        yield "no rows"
    for number, row in enumerate(record.rows, start=1):
        # Without a GPU the command is only tried; its rates mean nothing.
        real = record.device.get("capability") != "none"
        for found in _row_problems(row, record.ceilings if real else {}):
            yield f"row {number} ({row.get('case')}): {found}"


def _row_problems(row: Row, ceilings: Mapping[str, float]) -> Iterator[str]:
    if not {"part", "case"} <= row.keys():
        yield "no part or no case"
    for name, value in row.items():
        expected = FIELDS.get(name)
        if expected is None:
            yield f"{name} is unknown"
        elif isinstance(expected, type):
            if type(value) is not expected:
                yield f"{name} is no {expected.__name__}: {value!r}"
        else:
            kind, least, greatest = expected
            number = isinstance(value, kind | int)
            if not number or isinstance(value, bool):
                yield f"{name} is no {kind.__name__}: {value!r}"
            elif not least <= value <= greatest:
                yield f"{name} is {value}, not in {least:g} … {greatest:g}"
    if "ms" not in row:
        counts = {"refused", "allocated_bytes", "formula_bytes", "kernels"}
        if not counts & row.keys():
            yield "neither a time nor a count nor why there is none"
        return
    if not {"ms_low", "ms_high", "repeats"} <= row.keys():
        yield "a time without quartiles and repeats"
        return
    times = row["ms_low"], row["ms"], row["ms_high"]
    if not all(isinstance(one, float | int) for one in times):
        return
    if list(times) != sorted(times):
        yield "the median is outside the quartiles"
    if row.get("device") == "cpu":
        return
    seconds = row["ms"] / 1e3
    if moved := row.get("moved_bytes"):
        top = ceilings.get("read_bytes_per_s", 0)
        if top and moved / seconds > _ABOVE_CEILING * top:
            yield f"{moved / seconds:.3g} bytes a second, above {top:.3g}"
    if flop := row.get("flop"):
        tops = [ceilings.get(f"{kind}_flop_per_s", 0) for kind in _KINDS]
        if max(tops) and flop / seconds > _ABOVE_CEILING * max(tops):
            yield f"{flop / seconds:.3g} FLOP/s, above {max(tops):.3g}"


_KINDS = ("bf16", "fp16", "int8", "fp8")


def read(path: Path) -> Record:
    """The record in `path`; raises ValueError where it is not one."""
    try:
        record = Record(**json.loads(path.read_text(encoding="utf-8")))
    except TypeError as error:
        raise ValueError(f"{path.name}: {error}") from error
    found = list(problems(record))
    if found:
        raise ValueError(f"{path.name}: " + "; ".join(found))
    return record


def as_text(record: Record) -> str:
    """JSON with a line for each row, which reads and compares well."""
    whole = asdict(record)
    rows = whole.pop("rows")
    head = json.dumps(whole, ensure_ascii=False, indent=1)
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    return f'{head[:-2]},\n "rows": [\n{lines}\n ]\n}}\n'


def select(rows: Sequence[Row], **wanted: object) -> list[Row]:
    """The rows whose fields are as `wanted`."""
    return [
        row
        for row in rows
        if all(row.get(name) == value for name, value in wanted.items())
    ]
