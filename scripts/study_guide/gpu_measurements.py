"""The measurements on a GPU behind the pages on speed and memory.

    python3 scripts/guide.py bench gpu --into docs/questions

writes `<slug>/gpu.json` for each page that shows measurements; with
`PYTHONPATH=scripts python3 -m study_guide.gpu_measurements` any Python that
has PyTorch does it. Each part runs in a process of its own, so that none
finds memory or settings that another left, and what is done is written at
once. `--device cpu --tiny` walks through everything in a minute without a
GPU; its numbers mean nothing.

Sizes are those of the pages: the geometry of Llama 3 8B, a 4096 x 4096 layer,
the two requests of the allocator's example. The full run takes about five
minutes and 80 GB of GPU memory; what does not fit is left out and said so.
"""

import argparse
import json
import math
import multiprocessing
import os
import platform
import subprocess
import sys
import time as clock
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from study_guide import gpu_records, gpu_timing
from study_guide.gpu_decoder import (
    LLAMA_3_8B,
    SMALL,
    Decoder,
    Geometry,
    attend_folded,
)
from study_guide.gpu_records import Record
from study_guide.gpu_timing import time, time_graph

Tensor = Any
MIB, GIB = 2**20, 2**30
_NOT_ENOUGH = "does not fit into the card's memory"


@dataclass
class Bench:
    """One part's run: where it measures, and the records it writes."""

    part: str
    device: str
    tiny: bool
    into: Path
    blank: Record
    clocks: gpu_timing.Clocks
    counting: bool = False

    def __post_init__(self) -> None:
        self.records: dict[str, Record] = {}

    def pick(self, full: Any, tiny: Any) -> Any:
        """The size to use."""
        return tiny if self.tiny else full

    def row(self, slug: str, case: str, **fields: Any) -> None:
        """Add a row to a page's record and write it."""
        path = self.into / slug / "gpu.json"
        if slug not in self.records:
            self.records[slug] = self._begin(slug, path)
        record = self.records[slug]
        if self.counting:
            self._add_kernels(record, {"case": case, **fields})
            path.write_text(gpu_records.as_text(record), encoding="utf-8")
            return
        row = {"part": self.part, "case": case, **fields}
        record.rows.append(
            {name: one for name, one in row.items() if one is not None}
        )
        record.clocks[self.part] = self.clocks.spread()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(gpu_records.as_text(record), encoding="utf-8")

    def _add_kernels(self, record: Record, fields: dict[str, Any]) -> None:
        """Kernels counted for a case, into the rows of its times."""
        given = {
            name: one
            for name, one in fields.items()
            if name in _IDENTITY and one is not None
        }
        for row in gpu_records.select(record.rows, part=self.part, **given):
            for name in ("kernels", "kernel"):
                if fields.get(name) and isinstance(row, dict):
                    row[name] = fields[name]

    def kernels(self, call: Callable[[], object]) -> dict[str, Any]:
        """How many kernels, and which takes longest; in a pass of its own,
        since launches are slower once the profiler has been used."""
        names = []
        if self.counting:
            names = gpu_timing.kernels(call, self.device)
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
        gpu_timing.clean(self.device)

    def graph(
        self, call: Callable[[], object], inside: int = 1
    ) -> dict[str, float | int]:
        if self.counting:
            return {}
        return time_graph(call, self.device, inside).fields()

    def eager(
        self, call: Callable[[], object], inside: int = 1
    ) -> dict[str, float | int]:
        if self.counting:
            return {}
        return time(call, self.device, inside=inside).fields()

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


# ── What the card can do ──────────────────────────────────────────────────


def ceilings(device: str, tiny: bool) -> dict[str, float]:
    """Rates a second that the other measurements are held against."""
    found: dict[str, float] = {}
    bulk = MIB if tiny else 4 * GIB

    def rate(name: str, amount: float, call: Callable[[], object]) -> None:
        try:
            found[name] = amount / time(call, device).ms * 1e3
        except (RuntimeError, NotImplementedError) as error:
            print(f"{name}: {str(error).splitlines()[0]}", flush=True)

    source = torch.empty(bulk, dtype=torch.uint8, device=device).random_()
    target = torch.empty_like(source)
    rate("copy_bytes_per_s", 2 * bulk, lambda: target.copy_(source))
    floats = source.view(torch.int32)
    rate("read_bytes_per_s", bulk, lambda: floats.amax())

    n = 128 if tiny else 8192
    a = torch.randn(n, n, device=device)
    b = torch.randn(n, n, device=device)
    for name, dtype in ("bf16", torch.bfloat16), ("fp16", torch.float16):
        x, y = a.to(dtype), b.to(dtype)
        rate(f"{name}_flop_per_s", 2.0 * n**3, lambda x=x, y=y: x @ y)  # type: ignore[misc]
    rate("fp32_flop_per_s", 2.0 * n**3, lambda: a @ b)
    torch.set_float32_matmul_precision("high")
    rate("tf32_flop_per_s", 2.0 * n**3, lambda: a @ b)
    torch.set_float32_matmul_precision("highest")
    x8 = torch.randint(-127, 128, (n, n), dtype=torch.int8, device=device)
    w8 = torch.randint(-127, 128, (n, n), dtype=torch.int8, device=device)
    rate("int8_flop_per_s", 2.0 * n**3, lambda: torch._int_mm(x8, w8.t()))
    xf, wf = (one.to(torch.float8_e4m3fn) for one in (a, b))
    unit = torch.ones((), device=device)

    def fp8() -> Tensor:
        return torch._scaled_mm(
            xf,
            wf.t(),
            unit,
            unit,
            out_dtype=torch.bfloat16,
            use_fast_accum=True,
        )

    rate("fp8_flop_per_s", 2.0 * n**3, fp8)

    one = torch.zeros(1, device=device)
    many = 50 if tiny else 500

    def launches() -> None:
        for _ in range(many):
            one.add_(1)

    found["launch_ms"] = time(launches, device, inside=many).ms
    found["graph_launch_ms"] = time_graph(launches, device, many).ms
    if device != "cpu":
        size = MIB if tiny else GIB
        host = torch.empty(size, dtype=torch.uint8, pin_memory=True)
        host.random_()
        there = target[:size]
        rate("to_device_bytes_per_s", size, lambda: there.copy_(host))
        rate("from_device_bytes_per_s", size, lambda: host.copy_(there))
        plain = host.clone()
        rate(
            "to_device_pageable_bytes_per_s", size, lambda: there.copy_(plain)
        )
    return {name: float(f"{value:.5g}") for name, value in found.items()}


def cpu_ceilings(tiny: bool) -> dict[str, float]:
    """Copying and reading in main memory, with all threads."""
    size = MIB if tiny else 2 * GIB
    source = torch.ones(size // 4)
    target = torch.zeros(size // 4)
    copy = time(lambda: target.copy_(source), "cpu").ms
    read = time(lambda: source.sum(), "cpu").ms
    return {
        "cpu_copy_bytes_per_s": float(f"{2 * size / copy * 1e3:.5g}"),
        "cpu_read_bytes_per_s": float(f"{size / read * 1e3:.5g}"),
    }


# ── Attention: naive against fused (flash-attention) ──────────────────────

_FLASH = "flash-attention"


def naive(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None) -> Tensor:
    """Scores written, read by softmax, weights written and read."""
    score = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if hidden is not None:
        score.masked_fill_(hidden, -math.inf)
    score = torch.softmax(score, dim=-1)
    return score @ v


def attention(bench: Bench) -> None:
    """Time and peak memory against length, heads of 64 and 128."""
    device, heads = bench.device, bench.pick(16, 2)
    lengths = bench.pick((512, 1024, 2048, 4096, 8192, 16384, 32768), (64,))
    for length in lengths:
        _naive_parts(bench, heads, length)
    for width in (128, 64):
        for length in lengths:
            shape = (1, heads, length, width)
            q, k, v = (
                torch.randn(shape, device=device, dtype=torch.bfloat16)
                for _ in range(3)
            )
            for causal in (False, True):
                pairs = length * (length + 1) / 2 if causal else length**2
                size = {
                    "head_width": width,
                    "length": length,
                    "heads": heads,
                    "causal": causal,
                    "flop": 4.0 * heads * width * pairs,
                }
                _naive_row(bench, (q, k, v), size)
                for case in _FUSED:
                    _fused_row(bench, case, (q, k, v), size)
    _training(bench, lengths)


_FUSED = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "cudnn": SDPBackend.CUDNN_ATTENTION,
}


def _naive_row(
    bench: Bench, given: Sequence[Tensor], size: dict[str, Any]
) -> None:
    q, k, v = given

    def whole() -> Tensor:
        hidden = None
        if size["causal"]:
            hidden = hidden_pairs(size["length"], bench.device)
        return naive(q, k, v, hidden)

    with bench.attempt(_FLASH, "naive", **size):
        peak = gpu_timing.peak_bytes(whole, bench.device)
        hidden = None
        if size["causal"]:
            hidden = hidden_pairs(size["length"], bench.device)
        for way in _ways(size):
            took = bench.timed(way, lambda: naive(q, k, v, hidden))
            bench.row(
                _FLASH, "naive", way=way, **size, **took, peak_bytes=peak
            )


def _ways(size: dict[str, Any]) -> tuple[str, ...]:
    """Short lengths are timed with their launches too."""
    return ("graph", "eager") if size["length"] <= 2048 else ("graph",)


def _naive_parts(bench: Bench, heads: int, length: int) -> None:
    """The three steps of naive attention, heads of 64, no mask."""
    q, k, v = torch.randn(
        3, 1, heads, length, 64, device=bench.device, dtype=torch.bfloat16
    )
    matrix = heads * length**2 * 2
    rows = heads * length * 64 * 2
    size = {"head_width": 64, "length": length, "heads": heads}
    with bench.attempt(_FLASH, "scores", **size):
        score = q @ k.mT
        cases: dict[str, tuple[Callable[[], Tensor], int]] = {
            "scores": (lambda: q @ k.mT, matrix + 2 * rows),
            "softmax": (lambda: torch.softmax(score, dim=-1), 2 * matrix),
            "weighted sum": (lambda: score @ v, matrix + 2 * rows),
        }
        for case, (call, moved) in cases.items():
            took = bench.graph(call)
            bench.row(_FLASH, case, **size, **took, moved_bytes=moved)


def _fused_row(
    bench: Bench, case: str, given: Sequence[Tensor], size: dict[str, Any]
) -> None:
    def run() -> Tensor:
        return F.scaled_dot_product_attention(*given, is_causal=size["causal"])

    with bench.attempt(_FLASH, case, **size), sdpa_kernel(_FUSED[case]):
        error = None
        if size["length"] <= 1024:
            hidden = None
            if size["causal"]:
                hidden = hidden_pairs(size["length"], bench.device)
            wanted = naive(*(one.float() for one in given), hidden)
            error = relative_error(run(), wanted)
        peak = gpu_timing.peak_bytes(run, bench.device)
        for way in _ways(size):
            bench.row(
                _FLASH,
                case,
                way=way,
                **size,
                **bench.timed(way, run),
                peak_bytes=peak,
                moved_bytes=4 * given[0].numel() * 2,
                error=error,
            )


def _training(bench: Bench, lengths: Sequence[int]) -> None:
    """Forward and backward, and the shape of the first paper's figure 2."""
    device = bench.device
    shapes = [
        (1, bench.pick(16, 2), n)
        for n in lengths
        if n in (64, 2048, 4096, 8192, 16384)
    ]
    shapes.append(bench.pick((64, 16, 1024), (2, 2, 64)))
    for batch, heads, length in shapes:
        shape = (batch, heads, length, 64)
        q, k, v = (
            torch.randn(
                shape, device=device, dtype=torch.bfloat16, requires_grad=True
            )
            for _ in range(3)
        )
        back = torch.randn(shape, device=device, dtype=torch.bfloat16)

        def plain(x: Any = (q, k, v)) -> Tensor:
            return naive(*x, None)

        def flash(x: Any = (q, k, v)) -> Tensor:
            with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
                return F.scaled_dot_product_attention(*x)

        for case, call, products in ("naive", plain, 6), ("flash", flash, 7):
            size = {"head_width": 64, "length": length, "heads": heads}
            size |= {"batch": batch, "causal": False, "backward": True}
            size["flop"] = 2.0 * products * batch * heads * length**2 * 64

            def both(
                call: Callable[[], Tensor] = call,
                x: Any = (q, k, v),
                back: Tensor = back,
            ) -> object:
                return torch.autograd.grad(call(), x, back)

            with bench.attempt(_FLASH, case, **size):
                peak = gpu_timing.peak_bytes(both, device)
                took = bench.eager(both)
                bench.row(_FLASH, case, **size, **took, peak_bytes=peak)


# ── Shared KV heads (mha-gqa-mqa) ─────────────────────────────────────────

_SHARED = "mha-gqa-mqa"


def sharing(bench: Bench) -> None:
    """Attention of a decoding step, and of prefill, by KV heads."""
    heads, width = bench.pick(32, 4), bench.pick(128, 16)
    for length in bench.pick((1024, 8192), (64,)):
        for kv_heads in bench.pick((32, 8, 4, 2, 1), (4, 2, 1)):
            size = {
                "heads": heads,
                "kv_heads": kv_heads,
                "length": length,
                "head_width": width,
            }
            _shared_decode(bench, bench.pick(32, 2), size)
            _shared_prefill(bench, size)


def _shared_decode(bench: Bench, batch: int, size: dict[str, int]) -> None:
    heads, kv_heads = size["heads"], size["kv_heads"]
    length, width = size["length"], size["head_width"]
    one = 2 * batch * kv_heads * length * width * 2
    # As many layers in turn as fill 2 GiB, but at most 16.
    layers = max(1, min(16, 2 * GIB // one))

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, device=bench.device, dtype=torch.bfloat16)

    with bench.attempt(_SHARED, "decode", batch=batch, **size):
        caches = normal(layers, 2, batch, kv_heads, length, width)
        q = normal(batch, heads, 1, width)

        def grouped() -> Tensor:
            for k, v in caches:
                o = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
            return o

        def repeated() -> Tensor:
            for both in caches:
                k, v = both.repeat_interleave(heads // kv_heads, dim=2)
                o = F.scaled_dot_product_attention(q, k, v)
            return o

        backends = [SDPBackend.FLASH_ATTENTION]
        if bench.device == "cpu":
            backends.append(SDPBackend.MATH)
        for case, call in ("decode", grouped), ("repeated", repeated):
            with sdpa_kernel(backends):
                error = relative_error(grouped(), repeated())
                bench.row(
                    _SHARED,
                    case,
                    batch=batch,
                    **size,
                    **bench.graph(call, layers),
                    moved_bytes=one,
                    flop=4.0 * batch * heads * width * length,
                    peak_bytes=gpu_timing.peak_bytes(call, bench.device),
                    error=error,
                )


def _shared_prefill(bench: Bench, size: dict[str, int]) -> None:
    heads, length, width = size["heads"], size["length"], size["head_width"]

    def normal(heads: int) -> Tensor:
        shape = (1, heads, length, width)
        return torch.randn(shape, device=bench.device, dtype=torch.bfloat16)

    with bench.attempt(_SHARED, "prefill", batch=1, **size):
        q, k, v = (normal(n) for n in (heads, *(size["kv_heads"],) * 2))
        took = bench.graph(
            lambda: F.scaled_dot_product_attention(
                q, k, v, is_causal=True, enable_gqa=True
            )
        )
        pairs = length * (length + 1) / 2
        flop = 4.0 * heads * width * pairs
        bench.row(_SHARED, "prefill", batch=1, **size, **took, flop=flop)


# ── A decoder: cache, batch, verification ─────────────────────────────────

_CACHE, _SPEED = "kv-cache", "llm-inference-speed-gpu-vs-cpu"
_PAGED, _DRAFTS = "paged-attention", "speculative-decoding"


class Steps:
    """Forward passes of a decoder with Llama 3 8B's geometry."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.geometry = bench.pick(LLAMA_3_8B, SMALL)
        self.room = bench.pick(512 * 1024, 4096)
        if bench.device != "cpu":  # weights and activations besides
            free, _ = torch.cuda.mem_get_info()
            spare = free - 2 * self.geometry.parameters - 8 * 10**9
            self.room = min(self.room, spare // self.geometry.token_bytes())
        self.exact = _check_decoder(bench)
        self.model = Decoder(
            self.geometry, bench.device, torch.bfloat16, self.room
        )

    def step(
        self, batch: int, context: int, tokens: int
    ) -> Callable[[], Tensor]:
        """`tokens` new tokens a sequence; they are the last of `context`."""
        model, device = self.model, self.bench.device
        start = context - tokens
        ids = torch.randint(
            self.geometry.vocabulary, (batch, tokens), device=device
        )
        caches = model.cache(batch, context)
        angles = model.angles(start, tokens)
        # A prompt's logits are needed at its end, drafts' everywhere.
        last = tokens == context
        return lambda: model.next_tokens(ids, caches, start, angles, last)

    def work(self, batch: int, context: int, tokens: int) -> dict[str, Any]:
        """Operations and bytes that the pass needs."""
        geometry, prompt = self.geometry, tokens == context
        flop = geometry.flop(
            batch * tokens, context / 2 if prompt else context
        )
        if prompt:  # logits of the last position only
            head = geometry.vocabulary * geometry.width
            flop -= 2.0 * batch * (tokens - 1) * head
        cache = 0 if prompt else batch * context * geometry.token_bytes()
        moved = 2 * geometry.parameters + cache
        return {"flop": float(flop), "moved_bytes": int(moved)}

    def measure(
        self,
        slugs: Sequence[str],
        case: str,
        batch: int,
        context: int,
        tokens: int = 1,
        way: str = "graph",
    ) -> None:
        """A row on each page of `slugs`; none where the cache is too large."""
        if batch * context > self.room:
            return
        size = {"way": way, "batch": batch, "context": context}
        size["tokens"] = tokens
        with self.bench.attempt(slugs[0], case, **size):
            call = self.step(batch, context, tokens)
            took = self.bench.timed(way, call)
            more = self.work(batch, context, tokens)
            if way == "eager":
                more |= self.bench.kernels(call)
            for slug in slugs:
                self.bench.row(slug, case, **size, **took, **more)


def launches(bench: Bench) -> None:
    """Steps whose kernels are issued one by one."""
    steps, short = Steps(bench), bench.pick(512, 16)
    for batch in bench.pick((1, 8, 64, 512), (1,)):
        steps.measure([_SPEED], "decode", batch, short, way="eager")
    context = bench.pick(1024, 64)
    steps.measure([_CACHE], "with cache", 1, context, way="eager")


def batches(bench: Bench) -> None:
    """Decoding steps by batch and context."""
    steps, short = Steps(bench), bench.pick(512, 16)
    powers = bench.pick((1, 2, 4, 8, 16, 32, 64, 128, 256, 384, 512), (1, 4))
    for batch in powers:
        slugs = [_SPEED] + ([_PAGED] if batch in (8, 32) else [])
        steps.measure(slugs, "decode", batch, short)
    steps.measure([_PAGED], "decode", bench.pick(20, 2), short)
    for batch in bench.pick((1, 4, 8, 16, 32, 59), (1,)):
        steps.measure([_SPEED], "decode", batch, bench.pick(8192, 256))
    if bench.device != "cpu":
        steps.model.compile()
        for batch in (1, 32):
            steps.measure([_SPEED], "compiled", batch, short)


def lengths(bench: Bench) -> None:
    """A token with a cache and by running the whole prefix again."""
    steps = Steps(bench)
    for length in bench.pick((128, 512, 1024, 2048, 4096, 8192, 16384), (64,)):
        steps.measure([_CACHE], "with cache", 1, length)
        slugs = [_CACHE, _SPEED]
        steps.measure(slugs, "whole prefix", 1, length, length)
    _cache_bytes(bench)


def drafting(bench: Bench) -> None:
    """A step of one token and passes that verify several."""
    steps, context = Steps(bench), bench.pick(1024, 64)
    grid = [
        (batch, context)
        for context in bench.pick((128, 1024, 8192), (64,))
        for batch in bench.pick((1, 8, 32, 64, 128, 256), (1, 4))
    ]
    for batch, length in grid:
        steps.measure([_DRAFTS], "step", batch, length)
        if steps.exact:
            steps.measure([_DRAFTS], "step", batch, length, 5)
    # The same with a group's queries as rows of one tile.
    steps.model.attend = attend_folded
    for batch, length in grid:
        steps.measure([_DRAFTS], "folded", batch, length, 5)
    for tokens in bench.pick((2, 3, 9, 17), (2,)):
        steps.measure([_DRAFTS], "folded", 1, context, tokens)


def _check_decoder(bench: Bench) -> bool:
    """Whether several tokens behind a cache give what one pass gives; that
    one token does is taken for granted, and raises WrongResult if not."""
    geometry = replace(bench.pick(LLAMA_3_8B, SMALL), layers=2, vocabulary=64)
    model = Decoder(geometry, bench.device, torch.bfloat16, 64)
    x = model.head[torch.arange(64, device=bench.device)][None]

    def passes(*sizes: int) -> Tensor:
        start, parts, caches = 0, [], model.cache(1, 64)
        for size in sizes:
            part = x[:, start : start + size]
            angles = model.angles(start, size)
            parts.append(model.hidden(part, caches, start, angles))
            start += size
        return torch.cat(parts, dim=1)

    whole = passes(64)
    one_each = (58, *(1,) * 6)
    print(f"cache: relative error {relative_error(passes(*one_each), whole)}")
    try:
        error = relative_error(passes(50, 8, 5, 1), whole)
    except (RuntimeError, WrongResult) as wrong:
        print(f"several tokens behind a cache: {wrong}")
        return False
    print(f"several tokens behind a cache: relative error {error}")
    return True


def _cache_bytes(bench: Bench) -> None:
    """What PyTorch counts as allocated for caches, against the formula."""
    if bench.device == "cpu":
        return
    base = replace(LLAMA_3_8B, vocabulary=64)
    for kv_heads in (32, 8, 1):
        for tokens in (1000, 4096):
            gpu_timing.clean(bench.device)
            shape = (1, kv_heads, tokens, base.head_width)
            before = torch.cuda.memory_allocated()
            held_before = torch.cuda.memory_reserved()
            held = [
                torch.empty(shape, dtype=torch.bfloat16, device=bench.device)
                for _ in range(2 * base.layers)
            ]
            geometry = replace(base, kv_heads=kv_heads)
            bench.row(
                _CACHE,
                "bytes",
                kv_heads=kv_heads,
                tokens=tokens,
                allocated_bytes=torch.cuda.memory_allocated() - before,
                reserved_bytes=torch.cuda.memory_reserved() - held_before,
                formula_bytes=tokens * geometry.token_bytes(),
            )
            del held


# ── INT8, FP8, FP16 (int8-vs-fp16-speed) ──────────────────────────────────

_INT8 = "int8-vs-fp16-speed"


def products(bench: Bench) -> None:
    """A linear layer in 16 and in 8 bits, by the number of tokens."""
    powers = bench.pick(tuple(2**i for i in range(14)), (1, 32))
    for outputs, inputs in bench.pick(
        ((4096, 4096), (14336, 4096)), ((512, 1024),)
    ):
        tokens = powers if outputs == inputs else powers[::3]
        _layer_products(bench, outputs, inputs, tokens, powers[::3])


def padded_product(x8: Tensor, w8: Tensor) -> Tensor:
    """INT8 product with INT32 sums; cuBLAS wants more than 16 rows here."""
    rows = x8.shape[0]
    if rows <= 16:
        x8 = F.pad(x8, (0, 0, 0, 32 - rows))
    return torch._int_mm(x8, w8.t())[:rows]


@dataclass(frozen=True)
class Product:
    """One way to multiply: what of x and w it reads and writes, in bytes a
    number, and how x has to be given."""

    call: Callable[[Tensor, int], Tensor]
    weight: int = 1
    given: int = 2
    result: int = 2
    prepare: Callable[[Tensor], Tensor] = lambda x: x
    whole: bool = True  # gives what the layer gives, not the product alone


def _layer_products(
    bench: Bench,
    outputs: int,
    inputs: int,
    tokens: Sequence[int],
    few: Sequence[int],
) -> None:
    """All ways for each number of `tokens`, those in `few` eagerly too."""
    device, kernels = bench.device, _triton_kernels(bench.device)
    layers = bench.pick(16 if outputs == inputs else 5, 2)
    weights = [
        torch.randn(outputs, inputs, device=device) * inputs**-0.5
        for _ in range(layers)
    ]
    scales = [one.abs().amax(dim=1) / 127 for one in weights]
    codes = [
        (one / scale[:, None]).round().to(torch.int8)
        for one, scale in zip(weights, scales, strict=True)
    ]
    halves = [one.half() for one in weights]
    eighths = [one.to(torch.float8_e4m3fn) for one in weights]
    scales16 = [one.half() for one in scales]
    unit = torch.ones((), device=device)

    def w8a16_apart(x: Tensor, i: int) -> Tensor:
        return F.linear(x, codes[i] * scales16[i][:, None])

    def w8a8_eager(x: Tensor, i: int) -> Tensor:
        step = x.abs().amax(dim=1, keepdim=True).float() / 127
        x8 = (x / step).round().to(torch.int8)
        return (padded_product(x8, codes[i]) * step * scales[i]).half()

    def w8a8_kernels(x: Tensor, i: int) -> Tensor:
        x8, step = kernels.quantize_rows(x)
        return kernels.rescale(padded_product(x8, codes[i]), step, scales[i])

    def fp8(x: Tensor, i: int) -> Tensor:
        return torch._scaled_mm(
            x,
            eighths[i].t(),
            unit,
            unit,
            out_dtype=torch.bfloat16,
            use_fast_accum=True,
        )

    ways = {
        "fp16": Product(lambda x, i: F.linear(x, halves[i]), weight=2),
        "w8a16 apart": Product(w8a16_apart),
        "w8a8 eager": Product(w8a8_eager),
        "int8 product": Product(
            lambda x, i: torch._int_mm(x, codes[i].t()),
            given=1,
            result=4,
            prepare=lambda x: (20 * x).to(torch.int8),
            whole=False,
        ),
        "fp8 product": Product(
            fp8,
            given=1,
            prepare=lambda x: x.to(torch.float8_e4m3fn),
            whole=False,
        ),
    }
    if kernels is not None:
        ways["w8a16 fused"] = Product(
            lambda x, i: kernels.w8a16(x, codes[i], scales[i])
        )
        ways["w8a8 kernels"] = Product(w8a8_kernels)
    for m in tokens:
        x = torch.randn(m, inputs, device=device, dtype=torch.float16)
        wanted = F.linear(x.float(), halves[0].float())
        for case, product in ways.items():
            given = product.prepare(x)
            moved = product.weight * outputs * inputs
            moved += product.given * m * inputs + product.result * m * outputs

            def all_layers(
                product: Product = product, given: Tensor = given
            ) -> None:
                for i in range(layers):
                    product.call(given, i)

            for way in ("graph", "eager"):
                if way == "eager" and not (product.whole and m in few):
                    continue
                size = {"way": way, "tokens": m, "outputs": outputs}
                size |= {"width": inputs, "flop": 2.0 * m * outputs * inputs}
                with bench.attempt(_INT8, case, **size):
                    error = None
                    if product.whole:
                        made = product.call(given, 0)
                        error = relative_error(made, wanted, 0.03)
                    count = bench.kernels(
                        lambda p=product, x=given: p.call(x, 0)  # type: ignore[misc]
                    )
                    bench.row(
                        _INT8,
                        case,
                        **size,
                        **bench.timed(way, all_layers, layers),
                        moved_bytes=moved,
                        error=error,
                        **count,
                    )


def _triton_kernels(device: str) -> Any:
    """The module of kernels, or None where Triton cannot run."""
    if device == "cpu" and not os.environ.get("TRITON_INTERPRET"):
        return None
    try:
        from study_guide import gpu_kernels
    except ImportError:
        return None
    return gpu_kernels


# ── The caching allocator (inference-gpu-memory-growth) ───────────────────

_MEMORY = "inference-gpu-memory-growth"
_LLAMA_2_7B = Geometry(32, 4096, 32, 32, 11_008, 32_000)


def allocator(bench: Bench) -> None:
    """The two requests of the page's example, with default segments."""
    _two_requests(bench, "default")
    _growth(bench)


def expandable(bench: Bench) -> None:
    """The same with expandable segments."""
    if bench.device == "cpu":
        return
    torch.cuda.init()
    new = getattr(torch._C, "_accelerator_setAllocatorSettings", None)
    choose = new or torch.cuda.memory._set_allocator_settings
    choose("expandable_segments:True")
    _two_requests(bench, "expandable")


def _two_requests(bench: Bench, way: str) -> None:
    if bench.device == "cpu":
        return
    torch.cuda.init()
    g, batch = _LLAMA_2_7B, 8
    step = 0

    def empty(size: int) -> Tensor:
        return torch.empty(size, dtype=torch.uint8, device=bench.device)

    def note(phase: str) -> None:
        nonlocal step
        step += 1
        stats = torch.cuda.memory_stats()
        free, total = torch.cuda.mem_get_info()
        bench.row(
            _MEMORY,
            "requests",
            way=way,
            phase=phase,
            steps=step,
            allocated_bytes=torch.cuda.memory_allocated(),
            reserved_bytes=torch.cuda.memory_reserved(),
            inactive_bytes=stats["inactive_split_bytes.all.current"],
            driver_bytes=total - free,
            driver_calls=stats["num_device_alloc"],
        )

    note("start")
    weights = []
    for _ in range(g.layers):
        for columns in (g.width,) * 4 + (g.inner,) * 3:
            weights.append(empty(2 * g.width * columns))
        weights += [empty(2 * g.width) for _ in range(2)]
    weights += [empty(2 * g.vocabulary * g.width) for _ in range(2)]
    weights.append(empty(2 * g.width))
    note("loaded")
    for prompt, new in (1024, 512), (1500, 512):
        cache = []
        for _ in range(g.layers):
            cache += [empty(2 * batch * prompt * g.width) for _ in range(2)]
            widths = (g.width,) * 6 + (g.inner,) * 3
            inner = [empty(2 * batch * prompt * one) for one in widths]
            note("prefill")
            while inner:  # in the order of the example
                inner.pop(0)
        logits = empty(4 * batch * prompt * g.vocabulary)
        note("logits")
        del logits
        note("prefilled")
        for length in range(prompt + 1, prompt + new + 1):
            for i in range(len(cache)):
                cache[i] = empty(2 * batch * length * g.width)
            if length % 16 == 0:
                note("decode")
        note("decoded")
        while cache:
            cache.pop(0)
        note("finished")
    torch.cuda.empty_cache()
    note("empty_cache")
    del weights


def _growth(bench: Bench) -> None:
    """A step's time where the cache grows by concatenation, and in place."""
    if bench.device == "cpu":
        return
    g, batch, prompt = _LLAMA_2_7B, 8, 1024
    new = torch.randn(
        batch, g.heads, 1, 128, dtype=torch.bfloat16, device=bench.device
    )

    def run(case: str) -> None:
        gpu_timing.clean(bench.device)
        length = prompt + (64 if case == "in place" else 0)
        shape = (batch, g.heads, length, 128)
        cache = [
            torch.zeros(shape, dtype=torch.bfloat16, device=bench.device)
            for _ in range(2 * g.layers)
        ]
        times = []
        calls = torch.cuda.memory_stats()["num_device_alloc"]
        for step in range(48):
            torch.cuda.synchronize()
            started = clock.perf_counter()
            for i, old in enumerate(cache):
                if case == "in place":
                    old[:, :, prompt + step : prompt + step + 1] = new
                else:
                    cache[i] = torch.cat((old, new), dim=2)
                    del old
            if case == "emptied":
                torch.cuda.empty_cache()
            torch.cuda.synchronize()
            if step >= 8:
                times.append(1e3 * (clock.perf_counter() - started))
        more = torch.cuda.memory_stats()["num_device_alloc"] - calls
        bench.row(
            _MEMORY,
            case,
            batch=batch,
            context=prompt,
            steps=48,
            **gpu_timing.summary(times, 1).fields(),
            driver_calls=more,
        )

    for case in ("in place", "concatenated", "emptied"):
        run(case)
    _prefill_allocations(bench)


def _prefill_allocations(bench: Bench) -> None:
    """The blocks of a prefill taken and freed, from the cache and after
    `empty_cache`; wall time, nothing is computed."""
    g, batch, prompt = _LLAMA_2_7B, 8, 1024

    def take() -> None:
        cache = []
        for _ in range(g.layers):
            sizes = (g.width,) * 8 + (g.inner,) * 3
            blocks = [
                torch.empty(
                    2 * batch * prompt * one,
                    dtype=torch.uint8,
                    device=bench.device,
                )
                for one in sizes
            ]
            cache += blocks[:2]

    for case in ("blocks cached", "blocks emptied"):
        times = []
        calls = torch.cuda.memory_stats()["num_device_alloc"]
        for repeat in range(23):
            torch.cuda.synchronize()
            started = clock.perf_counter()
            take()
            if case == "blocks emptied":
                torch.cuda.empty_cache()
            torch.cuda.synchronize()
            if repeat >= 3:
                times.append(1e3 * (clock.perf_counter() - started))
        more = torch.cuda.memory_stats()["num_device_alloc"] - calls
        bench.row(
            _MEMORY,
            case,
            batch=batch,
            context=prompt,
            steps=23,
            **gpu_timing.summary(times, 1).fields(),
            driver_calls=more,
        )


# ── GPU against CPU (llm-inference-speed-gpu-vs-cpu) ──────────────────────


def block(bench: Bench) -> None:
    """One decoder block of Llama 3 8B on the GPU and on the CPU."""
    geometry = replace(bench.pick(LLAMA_3_8B, SMALL), layers=1, vocabulary=16)
    context = bench.pick(512, 16)
    devices = (
        [bench.device] if bench.device == "cpu" else [bench.device, "cpu"]
    )
    for device in devices:
        for name, dtype in (
            ("bf16", torch.bfloat16),
            ("fp32", torch.float32),
            ("fp16", torch.float16),
        ):
            torch.set_float32_matmul_precision("highest")
            model = Decoder(geometry, device, dtype, 64 * context)
            for case, batch, tokens in (
                ("block", 1, 1),
                ("block", 64, 1),
                ("block prefill", 1, context),
            ):
                start = context - tokens
                x = torch.randn(
                    batch, tokens, geometry.width, device=device, dtype=dtype
                )
                caches = model.cache(batch, context)
                angles = model.angles(start, tokens)

                def call(
                    model: Decoder = model,
                    x: Tensor = x,
                    caches: Any = caches,
                    start: int = start,
                    angles: Any = angles,
                ) -> Tensor:
                    return model.hidden(x, caches, start, angles)

                number = 4 if name == "fp32" else 2
                moved = number * geometry.layer_parameters
                seen = context / 2 if tokens > 1 else context
                flop = batch * tokens * 2.0 * geometry.layer_parameters
                flop += 4.0 * batch * tokens * geometry.width * seen
                if tokens == 1:
                    moved += batch * context * geometry.token_bytes(number)
                size = {"batch": batch, "tokens": tokens, "context": context}
                where = "cpu" if device == "cpu" else "gpu"
                with bench.attempt(
                    _SPEED, case, device=where, dtype=name, **size
                ):
                    timing = (
                        time(call, "cpu")
                        if device == "cpu"
                        else time_graph(call, device)
                    )
                    bench.row(
                        _SPEED,
                        case,
                        device=where,
                        dtype=name,
                        way="eager" if device == "cpu" else "graph",
                        **size,
                        **timing.fields(),
                        moved_bytes=moved,
                        flop=flop,
                    )
            del model
            gpu_timing.clean(bench.device)


# ── Fusion and launches (deepspeed-inference-kernel-fusion) ───────────────

_FUSION = "deepspeed-inference-kernel-fusion"


@dataclass(frozen=True)
class PlainLayer:
    """A pre-LN layer with biases: (inputs, outputs) matrices, gains."""

    qkv: Tensor
    b_qkv: Tensor
    out: Tensor
    b_out: Tensor
    up: Tensor
    b_up: Tensor
    down: Tensor
    b_down: Tensor
    norms: tuple[Tensor, Tensor, Tensor, Tensor]


def _plain_layer(d: int, device: str) -> PlainLayer:
    def matrix(inputs: int, outputs: int) -> Tensor:
        made = torch.empty(inputs, outputs, device=device, dtype=torch.float16)
        return made.normal_(0, inputs**-0.5)

    def bias(size: int) -> Tensor:
        return torch.randn(size, device=device, dtype=torch.float16)

    return PlainLayer(
        matrix(d, 3 * d),
        bias(3 * d),
        matrix(d, d),
        bias(d),
        matrix(d, 4 * d),
        bias(4 * d),
        matrix(4 * d, d),
        bias(d),
        (bias(d), bias(d), bias(d), bias(d)),
    )


def one_by_one(x: Tensor, w: PlainLayer) -> Tensor:
    """The page's 18 steps, x (T, d), an operator each; no mask."""
    t, d = x.shape
    a = F.layer_norm(x, (d,), w.norms[0], w.norms[1])
    a = a @ w.qkv
    a = a + w.b_qkv
    q, k, v = a.view(t, 3, d // 128, 128).permute(1, 2, 0, 3).contiguous()
    s = torch.baddbmm(q.new_empty(()), q, k.mT, beta=0, alpha=128**-0.5)
    s = torch.softmax(s, dim=-1)
    o = s @ v
    o = o.transpose(0, 1).reshape(t, d)
    o = o @ w.out
    o = o + w.b_out
    x = o + x
    m = F.layer_norm(x, (d,), w.norms[2], w.norms[3])
    f = m @ w.up
    f = f + w.b_up
    f = F.gelu(f)
    f = f @ w.down
    f = f + w.b_down
    return f + x


def fused_attention(x: Tensor, w: PlainLayer) -> Tensor:
    """The same with attention as one operator."""
    t, d = x.shape
    a = F.layer_norm(x, (d,), w.norms[0], w.norms[1]) @ w.qkv + w.b_qkv
    q, k, v = a.view(1, t, 3, d // 128, 128).permute(2, 0, 3, 1, 4)
    o = F.scaled_dot_product_attention(q, k, v)
    o = o[0].transpose(0, 1).reshape(t, d)
    x = o @ w.out + w.b_out + x
    m = F.layer_norm(x, (d,), w.norms[2], w.norms[3])
    return F.gelu(m @ w.up + w.b_up) @ w.down + w.b_down + x


def products_only(x: Tensor, w: PlainLayer) -> Tensor:
    """The four matrix products with the weights."""
    a = x @ w.qkv
    o = a[:, : x.shape[1]] @ w.out
    return (o @ w.up) @ w.down


def stretch(
    y: Tensor, bias: Tensor, x: Tensor, gain: Tensor, shift: Tensor
) -> tuple[Tensor, Tensor]:
    """Bias, residual, LayerNorm: both results are used further on."""
    y = y + bias
    x = y + x
    return x, F.layer_norm(x, (x.shape[-1],), gain, shift)


def fusion(bench: Bench) -> None:
    """Launches and passes over memory, unfused and fused by the compiler."""
    device = bench.device
    compile_ = bench.device != "cpu"
    for d in bench.pick((1024, 4096, 2048, 8192), (128,)):
        # Weights of several times the L2 cache in turn.
        layers = max(1, math.ceil(bench.pick(600, 0) * 1e6 / (24 * d * d)))
        stack = [_plain_layer(d, device) for _ in range(layers)]
        ways: list[tuple[str, Callable[[Tensor, PlainLayer], Tensor]]] = [
            ("unfused", one_by_one),
            ("products", products_only),
        ]
        if compile_ and d in (1024, 4096):
            torch._dynamo.reset()
            ways += [
                ("attention fused", fused_attention),
                ("compiled", torch.compile(fused_attention, dynamic=False)),
            ]
        counts = bench.pick((1, 16, 4096) if d == 4096 else (1,), (1, 4))
        for tokens in counts:
            x = torch.randn(tokens, d, device=device, dtype=torch.float16)
            wanted = one_by_one(x, stack[0])
            for case, layer in ways:

                def all_layers(
                    layer: Callable[[Tensor, PlainLayer], Tensor] = layer,
                    x: Tensor = x,
                    stack: Sequence[PlainLayer] = stack,
                ) -> None:
                    for w in stack:
                        layer(x, w)

                size = {"width": d, "tokens": tokens, "layers": layers}
                with bench.attempt(_FUSION, case, **size):
                    made = layer(x, stack[0])
                    error = None
                    if case != "products":
                        error = relative_error(made, wanted)
                    count = bench.kernels(
                        lambda x=x, w=stack[0], f=layer: f(x, w)  # type: ignore[misc]
                    )
                    for way in ("graph", "eager"):
                        took = bench.timed(way, all_layers, layers)
                        bench.row(
                            _FUSION,
                            case,
                            way=way,
                            **size,
                            **took,
                            **count,
                            moved_bytes=24 * d * d,
                            flop=24.0 * tokens * d * d,
                            error=error,
                        )
        del stack
        gpu_timing.clean(device)
    _stretch(bench, compile_)


def _stretch(bench: Bench, compile_: bool) -> None:
    d, sets = bench.pick(4096, 64), 8
    for rows in bench.pick((4096, 1), (4,)):
        given = [
            [
                torch.randn(*shape, device=bench.device, dtype=torch.float16)
                for shape in ((rows, d), (d,), (rows, d), (d,), (d,))
            ]
            for _ in range(sets)
        ]
        cases: list[tuple[str, Any, int]] = [("stretch unfused", stretch, 7)]
        if compile_:
            made = torch.compile(stretch, dynamic=False)
            cases.append(("stretch compiled", made, 4))
        for case, call, passes in cases:

            def all_sets(call: Any = call, given: Any = given) -> None:
                for one in given:
                    call(*one)

            with bench.attempt(_FUSION, case, tokens=rows, width=d):
                count = bench.kernels(
                    lambda c=call, g=given[0]: c(*g)  # type: ignore[misc]
                )
                for way in ("graph", "eager"):
                    took = bench.timed(way, all_sets, sets)
                    bench.row(
                        _FUSION,
                        case,
                        way=way,
                        tokens=rows,
                        width=d,
                        **took,
                        **count,
                        moved_bytes=2 * passes * rows * d,
                    )


# ── All of it ─────────────────────────────────────────────────────────────

# What tells a case from others, besides its part.
_IDENTITY = {
    "case",
    "way",
    "batch",
    "context",
    "tokens",
    "width",
    "outputs",
    "layers",
}
# Parts with a second pass that counts kernels.
COUNTED = ("launches", "products", "fusion")
PARTS: dict[str, Callable[[Bench], None]] = {
    "batches": batches,
    "lengths": lengths,
    "drafting": drafting,
    "launches": launches,
    "attention": attention,
    "products": products,
    "allocator": allocator,
    "expandable": expandable,
    "sharing": sharing,
    "block": block,
    "fusion": fusion,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench gpu`."""
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="|".join(PARTS)
    )
    parser.add_argument("--into", type=Path, default=Path("docs/questions"))
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument(
        "--tiny", action="store_true", help="small sizes, to try the command"
    )
    parser.add_argument(
        "--seconds", type=float, default=900.0, help="end after so long"
    )


def run(options: argparse.Namespace) -> int:
    """Measure the parts named, or all; returns the exit status."""
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        print(f"No part is called {unknown[0]}; there are {', '.join(PARTS)}.")
        return 2
    method = (
        "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    )
    processes = multiprocessing.get_context(method)
    end = clock.monotonic() + options.seconds
    options.into.mkdir(parents=True, exist_ok=True)
    blank = options.into / ".gpu-header.json"
    blank.unlink(missing_ok=True)
    failed = []
    chosen = options.parts or list(PARTS)
    passes = [("", False)]
    for part in chosen:
        passes += [(part, False)] + [(part, True)] * (part in COUNTED)
    for part, counting in passes:
        started = clock.monotonic()
        if started >= end:
            failed.append(f"{part}: no time left")
            continue
        process = processes.Process(
            target=_run_part, args=(part, counting, options, blank)
        )
        process.start()
        process.join(end - started)
        if process.is_alive():
            process.terminate()
            process.join(5)
            failed.append(f"{part}: cut off")
        elif process.exitcode:
            failed.append(f"{part or 'ceilings'}: failed")
            if not part:
                break
        seconds = clock.monotonic() - started
        what = ", kernels" if counting else ""
        print(f"── {part or 'ceilings'}{what}: {seconds:.1f} s", flush=True)
    blank.unlink(missing_ok=True)
    for line in failed:
        print(line)
    return 1 if failed else 0


def _run_part(
    part: str, counting: bool, options: argparse.Namespace, blank: Path
) -> None:
    """In a process of its own: the header, or one part."""
    # Kernels are few: no pool of compilers has to start.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    torch.manual_seed(0)
    torch.set_grad_enabled(part == "attention")
    try:
        if not part:
            header = _header(options.device, options.tiny)
            blank.write_text(gpu_records.as_text(header), encoding="utf-8")
            print(json.dumps(header.device | header.host | header.versions))
            for name, rate in header.ceilings.items():
                print(f"{name:32}{rate:12.4g}", flush=True)
            return
        with gpu_timing.Clocks() as clocks:
            head = Record(**json.loads(blank.read_text(encoding="utf-8")))
            bench = Bench(
                part,
                options.device,
                options.tiny,
                options.into,
                head,
                clocks,
                counting,
            )
            PARTS[part](bench)
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        raise SystemExit(1) from None


def _header(device: str, tiny: bool) -> Record:
    """The record of a page that has no rows yet."""
    card: dict[str, Any] = {"name": "CPU", "memory_bytes": 0, "driver": "none"}
    card["capability"] = "none"
    if device != "cpu":
        properties = torch.cuda.get_device_properties(0)
        card = {
            "name": properties.name,
            "memory_bytes": properties.total_memory,
            "multiprocessors": properties.multi_processor_count,
            "l2_bytes": properties.L2_cache_size,
            "capability": f"{properties.major}.{properties.minor}",
            "driver": _asked("driver_version"),
            "power_limit_w": _asked("power.limit"),
        }
    with gpu_timing.Clocks() as clocks:
        rates = ceilings(device, tiny)
    rates |= cpu_ceilings(tiny)
    return Record(
        question="",
        measured=f"{datetime.now(UTC):%Y-%m-%d}",
        device=card,
        host={
            "processor": _processor(),
            "threads": torch.get_num_threads(),
            "matrix_unit": _matrix_unit(),
        },
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "cuda": torch.version.cuda or "none",
            "cudnn": str(torch.backends.cudnn.version() or "none"),
            "triton": _triton_version(),
        },
        method=gpu_timing.METHOD,
        ceilings=rates,
        clocks={"ceilings": clocks.spread()},
    )


def _asked(property: str) -> str:
    """What nvidia-smi says of the first card."""
    form = "--format=csv,noheader,nounits"
    done = subprocess.run(
        ["nvidia-smi", "--id=0", f"--query-gpu={property}", form],
        capture_output=True,
        text=True,
    )
    return (done.stdout.splitlines() or ["unknown"])[0].strip()


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _matrix_unit() -> str:
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    known = ("amx_bf16", "amx_fp16", "amx_int8", "avx512_fp16", "avx512_bf16")
    return " ".join(one for one in known if one in text.split()) or "none"


def _triton_version() -> str:
    try:
        import triton
    except ImportError:
        return "none"
    version: str = triton.__version__
    return version


def main() -> int:
    """The command without the guide's environment."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
