"""One part's run: it measures cases and writes the pages' records."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from study_guide.gpu import records, timing
from study_guide.gpu.records import Record

Tensor = Any
_NOT_ENOUGH = "does not fit into the card's memory"
# What tells a case from others, besides its part.
_IDENTITY = {
    "case",
    "way",
    "batch",
    "context",
    "tokens",
    "length",
    "kv_heads",
    "width",
    "outputs",
    "layers",
}


@dataclass
class Bench:
    """One part's run: where it measures, and the records it writes."""

    part: str
    device: str
    tiny: bool
    into: Path
    blank: Record
    clocks: timing.Clocks
    counting: bool = False

    def __post_init__(self) -> None:
        self.pages: dict[str, Record] = {}

    def pick(self, full: Any, tiny: Any) -> Any:
        """The size to use."""
        return tiny if self.tiny else full

    def row(self, slug: str, case: str, **fields: Any) -> None:
        """Add a row to a page's record and write it."""
        path = self.into / slug / "gpu.json"
        if slug not in self.pages:
            self.pages[slug] = self._begin(slug, path)
        record = self.pages[slug]
        if self.counting:
            self._add_kernels(record, {"case": case, **fields})
            path.write_text(records.as_text(record), encoding="utf-8")
            return
        row = {"part": self.part, "case": case, **fields}
        record.rows.append(
            {name: one for name, one in row.items() if one is not None}
        )
        record.clocks[self.part] = self.clocks.spread()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(records.as_text(record), encoding="utf-8")

    def _add_kernels(self, record: Record, fields: dict[str, Any]) -> None:
        """Kernels counted for a case, into the rows of its times."""
        given = {
            name: one
            for name, one in fields.items()
            if name in _IDENTITY and one is not None
        }
        for row in records.select(record.rows, part=self.part, **given):
            for name in ("kernels", "kernel"):
                if fields.get(name) and isinstance(row, dict):
                    row[name] = fields[name]

    def kernels(self, call: Callable[[], object]) -> dict[str, Any]:
        """How many kernels, and which takes longest; in a pass of its own,
        since launches are slower once the profiler has been used."""
        names = []
        if self.counting:
            names = timing.kernels(call, self.device)
        longest = names[0][:120] if names else None
        return {"kernels": len(names) or None, "kernel": longest}

    def _begin(self, slug: str, path: Path) -> Record:
        """What other parts measured on the same card stays."""
        clocks = dict(self.blank.clocks)
        new = replace(self.blank, question=slug, rows=[], clocks=clocks)
        if not path.is_file():
            return new
        old = Record(**json.loads(path.read_text(encoding="utf-8")))
        if self.counting:
            return old
        same = (old.device, old.versions) == (new.device, new.versions)
        if same:
            for row in old.rows:
                if row["part"] != self.part:
                    new.rows.append(row)
            new.clocks.update(old.clocks | self.blank.clocks)
        return new

    @contextmanager
    def attempt(self, slug: str, case: str, **fields: Any) -> Iterator[None]:
        """A case that the card or PyTorch may refuse; the row says so."""
        try:
            yield
        except torch.cuda.OutOfMemoryError:
            self.row(slug, case, **fields, refused=_NOT_ENOUGH)
        except (RuntimeError, ValueError, WrongResult) as error:
            line = (str(error).strip() or repr(error)).splitlines()[0][:200]
            self.row(slug, case, **fields, refused=line)
        timing.clean(self.device)

    def graph(
        self, call: Callable[[], object], inside: int = 1
    ) -> dict[str, float | int]:
        if self.counting:
            return {}
        return timing.time_graph(call, self.device, inside).fields()

    def eager(
        self, call: Callable[[], object], inside: int = 1
    ) -> dict[str, float | int]:
        if self.counting:
            return {}
        return timing.time(call, self.device, inside=inside).fields()

    def timed(
        self, way: str, call: Callable[[], object], inside: int = 1
    ) -> dict[str, float | int]:
        """`way` is graph or eager; per one of `inside` parts."""
        measure = self.graph if way == "graph" else self.eager
        return measure(call, inside)


class WrongResult(Exception):
    """What is about to be timed computes something else."""


def relative_error(made: Tensor, wanted: Tensor, most: float = 0.02) -> float:
    """Of the Frobenius norms, in float64; raises WrongResult above `most`."""
    made, wanted = made.double(), wanted.double()
    error = float((made - wanted).norm() / wanted.norm())
    if not error <= most:
        raise WrongResult(f"relative error {error:.3g}, more than {most}")
    return float(f"{error:.3g}")


def hidden_pairs(length: int, device: str) -> Tensor:
    """True where the causal mask hides a key, (length, length)."""
    ones = torch.ones(length, length, dtype=torch.bool, device=device)
    return ones.triu_(1)
