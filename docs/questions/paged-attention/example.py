"""PagedAttention: the block table, sharing, and the waste of three policies.

Source: Kwon et al., arXiv:2309.06180, sections 3 and 4.
"""

import json
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:blocks]
@dataclass
class Pool:
    """Physical blocks of one size, with reference counts."""

    size: int  # tokens a block
    free: deque[int]
    users: Counter[int] = field(default_factory=Counter)
    copies: int = 0

    def take(self) -> int:
        block = self.free.popleft()
        self.users[block] = 1
        return block

    def drop(self, block: int) -> None:
        self.users[block] -= 1
        if self.users[block] == 0:
            self.free.append(block)


@dataclass
class Sequence:
    pool: Pool
    length: int = 0
    table: list[int] = field(default_factory=list)

    def append(self) -> tuple[int, int]:
        """Make room for a token: its physical block and its place there."""
        if self.length % self.pool.size == 0:
            self.table.append(self.pool.take())  # on demand
        elif self.pool.users[self.table[-1]] > 1:  # copy on write
            old, self.table[-1] = self.table[-1], self.pool.take()
            self.pool.drop(old)  # a real engine copies k and v here
            self.pool.copies += 1
        self.length += 1
        return self.slot(self.length - 1)

    def slot(self, t: int) -> tuple[int, int]:
        """Where token t lies."""
        return self.table[t // self.pool.size], t % self.pool.size

    def fork(self) -> "Sequence":
        """A second continuation; its blocks are shared, not copied."""
        for block in self.table:
            self.pool.users[block] += 1
        return Sequence(self.pool, self.length, list(self.table))


# --8<-- [end:blocks]


def attend(q: Array, k: Array, v: Array) -> Array:
    """Attention of one query over keys and values of shape (t, d)."""
    score = k @ q / np.sqrt(q.size)
    weight = np.exp(score - score.max())
    result: Array = weight @ v / weight.sum()
    return result


def check_kernel() -> None:
    """Gathering through the table gives what contiguous storage gives."""
    rng = np.random.default_rng(0)
    d, tokens, size = 16, 100, 16
    q, k, v = rng.normal(size=d), *rng.normal(size=(2, tokens, d))
    pool = Pool(size, deque(int(b) for b in rng.permutation(12)))
    memory = np.full((2, 12, size, d), np.nan)  # nothing written yet
    sequence = Sequence(pool)
    for t in range(tokens):
        block, place = sequence.append()
        memory[:, block, place] = k[t], v[t]
    gathered = memory[:, sequence.table].reshape(2, -1, d)[:, :tokens]
    error = np.abs(attend(q, *gathered) - attend(q, k, v)).max()
    print(f"100 tokens, blocks of 16, table {sequence.table}")
    print(f"token 70 lies in block, place {sequence.slot(70)}")
    print(f"difference from contiguous attention {error:.4f}")
    assert error < 1e-12
    # Read past the length, and what was never written leaks in.
    whole = memory[:, sequence.table].reshape(2, -1, d)
    assert np.isnan(attend(q, *whole)).all()


def check_static() -> None:
    lengths = [100, 500, 37, 1000]
    blocks = [-(-n // 16) for n in lengths]
    used, slots = sum(lengths), 16 * sum(blocks)
    print(f"\nlengths {lengths}, {used:,} tokens in all")
    print(f"  2,048 slots each {used / 8192:19.2%}")
    print(f"  {sum(blocks)} blocks of 16: {slots:,} slots{used / slots:9.2%}")
    assert all(16 * b - n < 16 for b, n in zip(blocks, lengths, strict=True))


def samples_of(
    prompt: int, samples: int, new: int, free: list[int]
) -> tuple[list[Sequence], Pool]:
    """One prompt continued several times, in turn; blocks of 16."""
    pool = Pool(16, deque(free))
    first = Sequence(pool)
    for _ in range(prompt):
        first.append()
    sequences = [first, *(first.fork() for _ in range(samples - 1))]
    for sequence in sequences:
        for _ in range(new):
            sequence.append()
    return sequences, pool


def check_sharing() -> None:
    samples, pool = samples_of(37, 4, 20, list(range(64)))
    shared = len({b for s in samples for b in s.table})
    alone = sum(len(s.table) for s in samples)
    print("\nprompt 37, four samples of 20 tokens     blocks  copies  again")
    print(f"  no sharing {alone:34}{0:8}{3 * 37:7}")
    print(f"  copy on write {shared:31}{pool.copies:8}{0:7}")
    # Full blocks alone are shared: each sample computes the rest itself.
    full = 37 // 16
    print(f"  full blocks alone {full + 4 * (4 - full):27}{0:8}", end="")
    print(f"{3 * (37 - 16 * full):7}")
    for s in samples:
        print("  table", s.table)
    assert (shared, alone, pool.copies) == (10, 16, 3)
    # Freed one by one, every block comes back, and once.
    for s in samples:
        for block in s.table:
            pool.drop(block)
    assert sorted(pool.free) == list(range(64))


MAX, SLOTS, REQUESTS = 2048, 16_384, 400


@dataclass(eq=False)
class Request:
    prompt: int
    output: int
    stored: int = 0  # tokens whose keys and values are held
    done: int = 0  # output tokens so far
    start: int = 0  # first slot, if contiguous
    held: int = 0  # slots allocated

    @property
    def final(self) -> int:
        return self.prompt + self.output


def trace() -> list[Request]:
    """Prompts and outputs of 1 to 1,023 tokens, mostly short."""
    u = np.random.default_rng(0).integers(1, 1024, size=(REQUESTS, 4))
    return [
        Request(1 + int(a * b) // 1024, 1 + int(c * e) // 1024)
        for a, b, c, e in u
    ]


@dataclass
class Result:
    tokens: float  # of the pool, time average while requests wait
    later: float  # allocated, will be written by its request
    never: float  # allocated, will not be written
    unallocated: float
    batch: float
    steps: int
    preempted: int
    again: int  # tokens computed again after a preemption


def gap(running: list[Request], need: int) -> int | None:
    """First hole of `need` slots between the running requests."""
    at = 0
    for r in sorted(running, key=lambda r: r.start):
        if r.start - at >= need:
            return at
        at = r.start + r.held
    return at if SLOTS - at >= need else None


def simulate(policy: str, size: int = 16, back: float = 0.0) -> Result:
    """Serve the trace; every step each running request adds a token.

    A share `back` of the pool is kept from new requests, for running ones.
    """
    waiting, running = deque(trace()), list[Request]()
    sums, loaded, steps, preempted, again = np.zeros(5), 0, 0, 0, 0

    def blocks(tokens: int) -> int:
        return -(-tokens // size) * size

    def admit(r: Request) -> bool:
        context = r.prompt + r.done
        if policy == "paged":
            need = blocks(context + 1)
            limit = (1 - back) * SLOTS if running else SLOTS
            if sum(x.held for x in running) + need > limit:
                return False
        else:
            need = MAX if policy == "max" else r.final
            start = gap(running, need)
            if start is None:
                return False
            r.start = start
        r.held, r.stored = need, context
        return True

    while waiting or running:
        while waiting and admit(waiting[0]):
            running.append(waiting.popleft())
        if policy == "paged":
            for r in list(running):  # the oldest first
                if r not in running:
                    continue
                r.held = max(r.held, blocks(r.stored + 1))
                while sum(x.held for x in running) > SLOTS:
                    last = running.pop()  # the newest goes
                    preempted, again = preempted + 1, again + last.stored
                    last.held = last.stored = 0
                    waiting.appendleft(last)
        for r in running:
            r.stored, r.done = r.stored + 1, r.done + 1
        if waiting:
            loaded += 1
            held = sum(r.held for r in running)
            full = sum(r.stored for r in running)
            over = sum(max(r.held - r.final, 0) for r in running)
            ahead = held - full - over
            sums += full, ahead, over, SLOTS - held, len(running)
        running = [r for r in running if r.done < r.output]
        steps += 1
    tokens, later, never, free, batch = (float(x) for x in sums / loaded)
    return Result(
        tokens / SLOTS,
        later / SLOTS,
        never / SLOTS,
        free / SLOTS,
        batch,
        steps,
        preempted,
        again,
    )


POLICIES = [
    ("2,048 each", "max", 16, 0.0),
    ("final length known", "oracle", 16, 0.0),
    ("blocks of 256", "paged", 256, 0.0),
    ("blocks of 16", "paged", 16, 0.0),
    ("16, 5% held back", "paged", 16, 0.05),
]


def check_simulation() -> None:
    requests = trace()
    prompt = sum(r.prompt for r in requests) / REQUESTS
    output = sum(r.output for r in requests) / REQUESTS
    print(f"\n{REQUESTS} requests, mean prompt {prompt:.1f}, output ", end="")
    print(f"{output:.1f}; {SLOTS:,} slots")
    print("share of the pool, mean while requests wait")
    print("                    tokens  later  never   free  batch  steps")
    results = {}
    for name, policy, size, back in POLICIES:
        r = results[name] = simulate(policy, size, back)
        parts = r.tokens, r.later, r.never, r.unallocated
        cells = "".join(f"{x:7.3f}" for x in parts)
        print(f"{name:<19}{cells}{r.batch:7.1f}{r.steps:7,}")
        assert abs(sum(parts) - 1) < 1e-12
    print("preempted, tokens computed again")
    for name, r in results.items():
        if r.preempted:
            of = r.again / (REQUESTS * (prompt + output))
            print(f"  {name:<17}{r.preempted:5}{r.again:9,}{of:8.3f} of all")
    whole, oracle, coarse, paged, careful = results.values()
    assert whole.batch == 8 and whole.tokens < oracle.tokens < paged.tokens
    assert paged.tokens > 0.9 > coarse.tokens
    assert paged.steps < careful.steps < oracle.steps < whole.steps
    assert careful.again < paged.again / 10


def check_unfilled() -> None:
    """Slots left empty in the last block, over the trace's final lengths."""
    print("\nblock   empty slots a sequence   of the slots")
    finals = np.array([r.final for r in trace()])
    for size in (1, 16, 64, 256):
        empty = -finals % size
        share = empty.sum() / (finals + empty).sum()
        print(f"{size:5}{empty.mean():20.1f}{share:18.3f}")
        assert empty.max() <= size - 1
        assert abs(empty.mean() - (size - 1) / 2) < 0.1 * size


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
    """Steps of the simulation times the measured time of a step."""
    print(f"\n{RECORD['device']['name']}, {RECORD['measured']}, ", end="")
    print("Llama 3 8B's shape, context 512, bf16")
    print("                        batch  ms a step   steps  seconds")
    total = {}
    for name, batch, steps in [
        ("2,048 each", 8, 12_583),
        ("final length known", 20, 5_489),
        ("blocks of 16", 32, 3_522),
    ]:
        ms = measured_row("decode", batch=batch)["ms"]
        total[name] = ms * steps / 1e3
        print(f"  {name:20}{batch:7}{ms:11.2f}{steps:8,}", end="")
        print(f"{total[name]:9.1f}")
    ratio = total["2,048 each"] / total["blocks of 16"]
    print(f"  first over last: {ratio:.2f} times")
    assert 3 < ratio < 12_583 / 3_522
    few, many = (measured_row("decode", batch=batch) for batch in (8, 32))
    more = many["moved_bytes"] - few["moved_bytes"]  # cache, 24 sequences
    read = 1e3 * more / RECORD["ceilings"]["read_bytes_per_s"]
    print(f"  32 less 8: {many['ms'] - few['ms']:.2f} ms, ", end="")
    print(f"reading the cache {read:.2f}")
    for few, many in ((8, 32), (128, 512)):
        times = [measured_row("decode", batch=n)["ms"] for n in (few, many)]
        gain = many / few * times[0] / times[1]
        print(f"  batch {few} to {many}: {times[0]:.2f} to ", end="")
        print(f"{times[1]:.2f} ms, {gain:.2f} times the throughput")


if __name__ == "__main__":
    check_kernel()
    check_static()
    check_sharing()
    check_simulation()
    check_unfilled()
    check_gpu()
