"""Where GPU memory goes in inference: a budget and a caching allocator.

The allocator follows the segment and splitting rules of PyTorch,
c10/cuda/CUDACachingAllocator.cpp: one stream, no limit on splitting.
"""

from __future__ import annotations

import bisect
import json
import math
import random
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

KIB, MIB, GIB = 2**10, 2**20, 2**30

# Llama-2-7B
LAYERS, WIDTH, INNER, VOCABULARY = 32, 4096, 11_008, 32_000
BATCH = 8


@dataclass(eq=False)
class Block:
    """A piece of a segment; prev and next are its neighbours there."""

    size: int
    small: bool
    number: int
    live: bool = False
    prev: Block | None = None
    next: Block | None = None


# --8<-- [start:allocator]
def segment_size(size: int) -> int:
    """What one cudaMalloc asks for when no cached block fits."""
    if size <= MIB:
        return 2 * MIB
    if size < 10 * MIB:
        return 20 * MIB
    return math.ceil(size / (2 * MIB)) * 2 * MIB


@dataclass
class Allocator:
    expandable: bool = False
    allocated: int = 0
    reserved: int = 0
    peak: int = 0
    free: dict[bool, list[tuple[int, int, Block]]] = field(
        default_factory=lambda: {True: [], False: []}
    )
    tail: dict[bool, Block] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)

    def malloc(self, size: int) -> Block:
        size = math.ceil(size / 512) * 512
        small = size <= MIB
        cached = self.free[small]
        found = bisect.bisect_left(cached, (size,))  # smallest that fits
        fits = found < len(cached)
        block = cached.pop(found)[2] if fits else self.extend(size, small)
        rest = block.size - size
        if rest >= 512 and (small or self.expandable or rest > MIB):
            self.split(block, size)
        block.live = True
        self.allocated += block.size
        self.peak = max(self.peak, self.allocated)
        return block

    # --8<-- [end:allocator]
    def extend(self, size: int, small: bool) -> Block:
        """A new segment, or more pages for the one that expands."""
        tail = self.tail.get(small) if self.expandable else None
        if tail is None:
            page = 2 * MIB if small else 20 * MIB
            grown = segment_size(size)
            if self.expandable:
                grown = math.ceil(size / page) * page
            self.reserved += grown
            block = Block(grown, small, next(self.numbers))
            self.tail[small] = block
            return block
        page = 2 * MIB if small else 20 * MIB
        missing = size if tail.live else size - tail.size
        grown = math.ceil(missing / page) * page
        self.reserved += grown
        if tail.live:
            block = Block(grown, small, next(self.numbers), prev=tail)
            tail.next = self.tail[small] = block
            return block
        self.forget(tail)
        tail.size += grown
        return tail

    def split(self, block: Block, size: int) -> None:
        rest = Block(block.size - size, block.small, next(self.numbers))
        rest.prev, rest.next, block.size = block, block.next, size
        if rest.next is not None:
            rest.next.prev = rest
        if self.tail.get(block.small) is block:
            self.tail[block.small] = rest
        block.next = rest
        self.keep(rest)

    def keep(self, block: Block) -> None:
        entry = (block.size, block.number, block)
        bisect.insort(self.free[block.small], entry)

    def forget(self, block: Block) -> None:
        cached = self.free[block.small]
        cached.pop(bisect.bisect_left(cached, (block.size, block.number)))

    def release(self, block: Block) -> None:
        """Free a tensor: merge with free neighbours, keep for later."""
        block.live = False
        self.allocated -= block.size
        for other in (block.prev, block.next):
            if other is None or other.live:
                continue
            self.forget(other)
            block.size += other.size
            if other is block.prev:
                block.prev = other.prev
                if block.prev is not None:
                    block.prev.next = block
            else:
                block.next = other.next
                if block.next is not None:
                    block.next.prev = block
            if self.tail.get(block.small) is other:
                self.tail[block.small] = block
        self.keep(block)

    def empty_cache(self) -> None:
        """Give back segments that hold no live tensor (not expandable)."""
        for small, cached in self.free.items():
            whole = [e for e in cached if e[2].prev is None is e[2].next]
            self.reserved -= sum(entry[0] for entry in whole)
            self.free[small] = [e for e in cached if e not in whole]


BLOCK = 4 * WIDTH**2 + 3 * WIDTH * INNER + 2 * WIDTH
PARAMETERS = LAYERS * BLOCK + 2 * VOCABULARY * WIDTH + WIDTH
WEIGHTS, TOKEN = 2 * PARAMETERS, 2 * LAYERS * WIDTH * 2
CACHE, LOGITS = BATCH * 4096 * TOKEN, 4096 * VOCABULARY * 4


def check_budget() -> None:
    weights, token = WEIGHTS, TOKEN
    print("Llama-2-7B, 16 bits                            GiB")
    rows = [
        ("weights", weights),
        ("KV cache, 8 x 4,096 tokens", CACHE),
        ("fp32 logits of 4,096 positions", LOGITS),
        ("  of the last position only", VOCABULARY * 4),
        ("token ids, 8 x 4,096, int64", 8 * 4096 * 8),
        ("Llama-3 fp32 logits, 8,192 x 128,256", 8192 * 128_256 * 4),
    ]
    for name, size in rows:
        print(f"{name:40}{size / GIB:10.4f}")
    pool = 0.92 * 80 * GIB - weights - GIB
    print(f"KV pool, 0.92 of 80 GiB, 1 GiB activations{pool / GIB:8.4f}")
    print(f"  tokens at {token // KIB} KiB {pool / token:25,.0f}")
    assert PARAMETERS == 6_738_415_616
    assert rows[1][1] > weights > pool / 8


def check_rules() -> None:
    print("\nrequest       allocated   reserved, MiB")
    memory, blocks = Allocator(), []
    expected = [2, 22, 22, 52]
    for size, reserved in zip((0.5, 1.5, 12, 30), expected, strict=True):
        blocks.append(memory.malloc(int(size * MIB)))
        print(f"{size:7} MiB{memory.allocated / MIB:11.1f}", end="")
        print(f"{memory.reserved / MIB:11.0f}")
        assert memory.reserved == reserved * MIB
    for block in (blocks[0], blocks[2], blocks[3]):
        memory.release(block)
    for name in ("free 3 of 4", "empty_cache"):
        if name == "empty_cache":
            memory.empty_cache()
        print(f"{name:11}{memory.allocated / MIB:11.1f}", end="")
        print(f"{memory.reserved / MIB:11.0f}")
    # 1.5 MiB hold a segment of 20.
    assert memory.reserved == 20 * MIB
    memory.release(blocks[1])
    memory.empty_cache()
    assert memory.allocated == memory.reserved == 0


def check_conservation() -> None:
    """Nothing is lost by splitting and merging, in either mode."""
    rng = random.Random(0)
    for expandable in (False, True):
        memory, blocks = Allocator(expandable), []
        for _ in range(2000):
            if blocks and rng.random() < 0.5:
                memory.release(blocks.pop(rng.randrange(len(blocks))))
            else:
                blocks.append(memory.malloc(rng.randrange(1, 40 * MIB)))
        cached = sum(
            entry[0] for kept in memory.free.values() for entry in kept
        )
        assert memory.allocated + cached == memory.reserved
        assert memory.allocated == sum(block.size for block in blocks)
        for block in blocks:
            memory.release(block)
        if not expandable:
            memory.empty_cache()
            assert memory.reserved == 0


Trace = list[tuple[str, int, int]]


def load(memory: Allocator) -> None:
    """The weights, which stay."""
    for _ in range(LAYERS):
        for columns in (WIDTH,) * 4 + (INNER,) * 3:
            memory.malloc(2 * WIDTH * columns)
        for _ in range(2):
            memory.malloc(2 * WIDTH)
    for _ in range(2):
        memory.malloc(2 * VOCABULARY * WIDTH)
    memory.malloc(2 * WIDTH)


def layer(memory: Allocator, tokens: int) -> list[Block]:
    """One layer's activations besides its keys and values."""
    widths = (WIDTH,) * 6 + (INNER,) * 3
    return [memory.malloc(2 * tokens * width) for width in widths]


def request(
    memory: Allocator, prompt: int, new: int, trace: Trace, graph: bool = False
) -> None:
    """Prefill BATCH prompts; decode, the cache growing by concatenation."""

    def note(phase: str) -> None:
        trace.append((phase, memory.allocated, memory.reserved))

    cache, kept = [], []
    for _ in range(LAYERS):
        cache += [memory.malloc(2 * BATCH * prompt * WIDTH) for _ in range(2)]
        inner = layer(memory, BATCH * prompt)
        note("prefill")
        if graph:
            kept += inner
        else:
            for block in inner:
                memory.release(block)
    logits = memory.malloc(4 * BATCH * prompt * VOCABULARY)
    note("logits")
    memory.release(logits)
    for block in kept:
        memory.release(block)
    note("prefilled")
    for length in range(prompt + 1, prompt + new + 1):
        for i, old in enumerate(cache):
            cache[i] = memory.malloc(2 * BATCH * length * WIDTH)
            memory.release(old)
        if length % 16 == 0:
            note("decode")
    note("decoded")
    for block in cache:
        memory.release(block)
    note("finished")


def run(expandable: bool) -> tuple[Allocator, Trace]:
    """Load, then two requests of different lengths."""
    memory, trace = Allocator(expandable), [("start", 0, 0)]
    load(memory)
    trace.append(("loaded", memory.allocated, memory.reserved))
    request(memory, 1024, 512, trace)
    request(memory, 1500, 512, trace)
    return memory, trace


def check_timeline() -> None:
    memory, trace = run(expandable=False)
    print("\ntwo requests, GiB        allocated   reserved")
    seen: dict[str, int] = {}
    for phase, allocated, reserved in trace:
        if phase in ("loaded", "logits", "decoded", "finished"):
            seen[phase] = seen.get(phase, 0) + 1
            name = f"{phase} {seen[phase]}" if phase != "loaded" else phase
            print(f"{name:22}{allocated / GIB:12.2f}{reserved / GIB:11.2f}")
    weights = trace[1][1]
    held = memory.reserved
    assert memory.allocated == weights < held
    memory.empty_cache()
    print(f"{'empty_cache':22}{weights / GIB:12.2f}", end="")
    print(f"{memory.reserved / GIB:11.2f}")
    assert memory.reserved < held
    grown, _ = run(expandable=True)
    print(f"{'expandable segments':22}{grown.allocated / GIB:12.2f}", end="")
    print(f"{grown.reserved / GIB:11.2f}")
    assert grown.reserved < held

    peaks = []
    for graph in (False, True):
        memory = Allocator()
        request(memory, 1024, 0, [], graph)
        peaks.append(memory.peak)
    tokens = BATCH * 1024
    cache, logits = 4 * LAYERS * tokens * WIDTH, 4 * tokens * VOCABULARY
    inner = 2 * tokens * (6 * WIDTH + 3 * INNER)
    for name, size in [
        ("prefill peak, freed by layer", peaks[0]),
        ("  KV cache", cache),
        ("  fp32 logits", logits),
        ("  activations of a layer", inner),
        ("prefill peak, kept for autograd", peaks[1]),
    ]:
        print(f"{name:32}{size / GIB:6.2f}")
    assert peaks[0] == cache + max(logits, inner)
    assert peaks[1] == cache + logits + LAYERS * inner


RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("gpu.json").read_text(encoding="utf-8")
)


def measured_row(case: str, **wanted: object) -> dict[str, Any]:
    """The one row of the measurements that is as wanted."""
    (found,) = (
        row
        for row in RECORD["rows"]
        if row["case"] == case and wanted.items() <= row.items()
    )
    return dict(found)


def check_gpu() -> None:
    """The same two requests on a GPU, against the simulation."""
    print(f"\n{RECORD['device']['name']}, {RECORD['measured']}, ", end="")
    print(f"torch {RECORD['versions']['torch']}, GiB")
    print("the same two requests     reserved  simulated  process")
    for way, expandable in (("default", False), ("expandable", True)):
        _, trace = run(expandable)
        rows = [
            row
            for row in RECORD["rows"]
            if row["case"] == "requests" and row["way"] == way
        ]
        assert [row["phase"] for row in rows[:-1]] == [t[0] for t in trace]
        off = 0
        for row, (phase, allocated, reserved) in zip(
            rows, trace, strict=False
        ):
            off = max(off, abs(row["reserved_bytes"] - reserved))
            if not expandable:
                assert row["allocated_bytes"] == allocated
            if phase in ("loaded", "finished"):
                sizes = [row["reserved_bytes"], reserved, row["driver_bytes"]]
                cells = "".join(f"{one / GIB:11.3f}" for one in sizes)
                print(f"{way:12}{phase:12}{cells}")
        print(
            f"  {len(trace)} readings, largest difference {off / MIB:.0f} MiB"
        )
        assert off <= (20 * MIB if expandable else 0)
    process = rows[0]["driver_bytes"] - rows[0]["reserved_bytes"]
    print(f"context alone {process / GIB:.3f}")
    print("ms                           median  cudaMalloc")
    for name, case in [
        ("step, cache in place", "in place"),
        ("step, cache concatenated", "concatenated"),
        ("  and empty_cache", "emptied"),
        ("a prefill's blocks", "blocks cached"),
        ("  and empty_cache", "blocks emptied"),
    ]:
        row = measured_row(case)
        print(f"{name:26}{row['ms']:9.2f}", end="")
        print(f"{row['driver_calls']:7} in {row['steps']}")
    # Concatenation reads the old cache and writes the new one, every step.
    moved = 2 * 2 * LAYERS * 2 * BATCH * 1024 * WIDTH
    copy = RECORD["ceilings"]["copy_bytes_per_s"]
    print(f"concatenating moves {moved / 1e9:.1f} GB a step, ", end="")
    print(f"{1e3 * moved / copy:.2f} at the rate of a copy")
    assert 1e3 * moved / copy < measured_row("concatenated")["ms"]


if __name__ == "__main__":
    check_budget()
    check_rules()
    check_conservation()
    check_timeline()
    check_gpu()
