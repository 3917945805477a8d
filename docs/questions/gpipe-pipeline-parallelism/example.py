"""Pipeline schedules simulated: idle time, activations held, gradients.

Sources: Huang et al., GPipe, arXiv:1811.06965, section 2; Narayanan et al.,
arXiv:2104.04473, section 2.2; Qi et al., Zero Bubble, arXiv:2401.10241.
A stage's forward of one micro-batch takes 1 unit, its backward 2 (1 for the
gradient of the input, 1 for that of the weights); sending takes no time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Task = tuple[str, int]  # what: F, B or W; which micro-batch


@dataclass
class Block:
    """One task on the time axis of a stage."""

    stage: int
    what: str
    micro: int
    start: int
    end: int


# --8<-- [start:schedules]
def gpipe(p: int, m: int) -> list[list[Task]]:
    """All forwards, then all backwards, in the same order on each stage."""
    order = [("F", i) for i in range(m)] + [("B", i) for i in range(m)]
    return [order for _ in range(p)]


def one_f_one_b(p: int, m: int) -> list[list[Task]]:
    """Warm up with p - 1 - s forwards, then one forward, one backward."""
    orders = []
    for s in range(p):
        warm = min(p - 1 - s, m)
        order: list[Task] = [("F", i) for i in range(warm)]
        for i in range(m - warm):
            order += [("F", i + warm), ("B", i)]
        orders.append(order + [("B", i) for i in range(m - warm, m)])
    return orders


def simulate(
    orders: Sequence[Sequence[Task]], cost: dict[str, int]
) -> list[Block]:
    """Each stage does its tasks in order, each as soon as it can start."""
    done: dict[tuple[str, int, int], int] = {}
    free, at = [0] * len(orders), [0] * len(orders)
    blocks: list[Block] = []
    while len(blocks) < sum(map(len, orders)):
        for s, order in enumerate(orders):
            if at[s] == len(order):
                continue
            what, i = order[at[s]]
            needs = before(what, s, i, len(orders))
            if any(task not in done for task in needs):
                continue
            start = max([free[s]] + [done[task] for task in needs])
            free[s] = done[what, s, i] = start + cost[what]
            at[s] += 1
            blocks.append(Block(s, what, i, start, free[s]))
    return blocks


# --8<-- [end:schedules]


def before(what: str, s: int, i: int, p: int) -> list[tuple[str, int, int]]:
    """What has to be finished first: activations in, gradients in."""
    if what == "F":
        return [("F", s - 1, i)] if s > 0 else []
    if what == "W":
        return [("B", s, i)]
    if what == "R":
        return [("F", s, i)]
    return [("F", s, i)] + ([("B", s + 1, i)] if s + 1 < p else [])


def zero_bubble(p: int, m: int) -> list[list[Task]]:
    """Backward in two: B, the input's gradient, at once; W put off by s."""
    orders = []
    for s in range(p):
        warm = min(p - s, m)
        order: list[Task] = [("F", i) for i in range(warm)]
        for i in range(m):
            order.append(("B", i))
            if i >= s:
                order.append(("W", i - s))
            if warm + i < m:
                order.append(("F", warm + i))
        orders.append(order + [("W", i) for i in range(max(m - s, 0), m)])
    return orders


def interleaved(p: int, m: int, v: int) -> tuple[int, list[int]]:
    """Time and chunks held, with v small stages a device, m a multiple of p.

    A chunk's forward takes 1 unit, its backward 2; devices go through p
    micro-batches of a chunk before the next chunk, as in Megatron-LM.
    """
    orders = []
    for s in range(p):
        ahead = [(k // p % v, k // (p * v) * p + k % p) for k in range(m * v)]
        warm = min(2 * (p - 1 - s) + (v - 1) * p, m * v)
        order = [("F", c, i) for c, i in ahead[:warm]]
        for k in range(m * v):
            if warm + k < m * v:
                order.append(("F", *ahead[warm + k]))
            c, i = ahead[k]
            order.append(("B", v - 1 - c, i))
        orders.append(order)
    done: dict[tuple[str, int, int], int] = {}
    free, at, now, peak = ([0] * p for _ in range(4))
    while (left := sum(map(len, orders)) - sum(at)) > 0:
        for s in range(p):
            if at[s] == len(orders[s]):
                continue
            what, c, i = orders[s][at[s]]
            needs = before(what, c * p + s, i, v * p)  # as if v p stages
            if any(task not in done for task in needs):
                continue
            start = max([free[s]] + [done[task] for task in needs])
            free[s] = done[what, c * p + s, i] = start + FULL[what]
            at[s] += 1
            now[s] += 1 if what == "F" else -1
            peak[s] = max(peak[s], now[s])
        assert sum(map(len, orders)) - sum(at) < left, "devices wait in a ring"
    return max(free), peak


def recomputing(p: int, m: int) -> list[list[Task]]:
    """GPipe with re-materialization: R, a forward again, before each B."""
    order: list[Task] = [("F", i) for i in range(m)]
    for i in range(m):
        order += [("R", i), ("B", i)]
    return [order for _ in range(p)]


FULL, SPLIT = {"F": 1, "B": 2}, {"F": 1, "B": 1, "W": 1}


def length(blocks: list[Block]) -> int:
    return max(block.end for block in blocks)


def held(blocks: list[Block], p: int, last: str) -> list[int]:
    """Most micro-batches whose activations a stage holds at a time."""
    peaks = []
    for s in range(p):
        mine = [b for b in blocks if b.stage == s]
        events = [(b.start, 1) for b in mine if b.what == "F"]
        events += [(b.end, -1) for b in mine if b.what == last]
        count, peak = 0, 0
        for _, change in sorted(events):
            count += change
            peak = max(peak, count)
        peaks.append(peak)
    return peaks


def check_schedules() -> None:
    p, m = 4, 8
    print("4 stages, 8 micro-batches, forward 1, backward 2")
    print("schedule      time  busy  idle  idle/time  idle/busy  held")
    rows = [
        ("GPipe", simulate(gpipe(p, m), FULL), "B"),
        ("1F1B", simulate(one_f_one_b(p, m), FULL), "B"),
        ("zero bubble", simulate(zero_bubble(p, m), SPLIT), "W"),
    ]
    for name, blocks, last in rows:
        time, busy = length(blocks), 3 * m
        idle, peaks = time - busy, held(blocks, p, last)
        text = " ".join(map(str, peaks))
        cells = f"{time:6}{busy:6}{idle:6}{idle / time:11.1%}"
        print(f"{name:12}{cells}{idle / busy:11.1%}  {text}")
    assert length(rows[0][1]) == length(rows[1][1]) == (m + p - 1) * 3
    assert length(rows[2][1]) == m * 3 + (p - 1) * (1 + 2 - 2 * 1)
    assert held(rows[0][1], p, "B") == [m] * p
    assert held(rows[1][1], p, "B") == [p - s for s in range(p)]
    # The bubble formula, whatever the sizes and the cost of backward.
    for p in (1, 2, 3, 8):
        for m in (p, p + 1, 2 * p, 4 * p):
            for back in (1, 2, 3):
                for make in (gpipe, one_f_one_b):
                    time = length(simulate(make(p, m), {"F": 1, "B": back}))
                    assert time == (m + p - 1) * (1 + back)
    # Zero bubble: W no longer than F and B, or else it sets the pace.
    for p, m in ((2, 2), (4, 4), (4, 9), (8, 16)):
        for f, b, w in ((1, 1, 1), (3, 4, 2), (2, 3, 2), (4, 2, 1)):
            blocks = simulate(zero_bubble(p, m), {"F": f, "B": b, "W": w})
            ideal, back = m * (f + b + w), b + w
            assert length(blocks) == ideal + (p - 1) * (f + back - 2 * w)
            assert held(blocks, p, "W") == [p] * p
    late_w = simulate(zero_bubble(4, 8), {"F": 1, "B": 1, "W": 2})
    assert length(late_w) > 8 * 4 + 3 * (1 + 3 - 2 * 2)
    # R does not wait for the next stage's gradient: it fills idle time.
    p, m = 4, 16
    early = simulate(recomputing(p, m), {"F": 1, "R": 1, "B": 2})
    late = simulate(gpipe(p, m), {"F": 1, "B": 3})
    idle = [(length(b) - 4 * m) / length(b) for b in (late, early)]
    print("4 stages, 16 micro-batches, recomputing: idle/time")
    print(f"  after the gradient {idle[0]:.1%}, before it {idle[1]:.1%}")
    assert length(early) == 4 * m + 3 * (p - 1)
    # Unequal stages: the slowest sets the pace.
    assert length(simulate(gpipe(4, 8), FULL)) == 33
    slow = length(uneven(4, 8, 1, 2.0))
    print(f"GPipe, one stage of four twice as slow: time {slow}")
    assert slow == 57


def uneven(p: int, m: int, which: int, factor: float) -> list[Block]:
    """GPipe with one stage that takes `factor` times as long."""
    free = [0.0] * p
    done: dict[tuple[str, int, int], float] = {}
    blocks = []
    for what, cost, stages in (("F", 1, range(p)), ("B", 2, range(p)[::-1])):
        for i in range(m):
            for s in stages:
                needs = before(what, s, i, p)
                start = max([free[s]] + [done[task] for task in needs])
                end = start + cost * (factor if s == which else 1)
                free[s] = done[what, s, i] = end
                blocks.append(Block(s, what, i, int(start), int(end)))
    return blocks


def check_bubble() -> None:
    print("\nbubble (p-1)/(m+p-1)     m = 1    4      8     16     32     64")
    for p in (2, 4, 8, 16):
        cells = [(p - 1) / (m + p - 1) for m in (1, 4, 8, 16, 32, 64)]
        text = "".join(f"{c:7.1%}" for c in cells)
        print(f"p = {p:2}{text:>56}")
    four = [(p - 1) / (4 * p + p - 1) for p in (2, 4, 8, 16)]
    print("at m = 4p:" + "".join(f"{c:7.1%}" for c in four))
    assert max(four) < 1 / 5
    two, eight = (k * 32 / (32 + k - 1) for k in (2, 8))
    print(f"m = 32, from p = 2 to 8: {eight / two:.2f} times as fast")
    p, m, v = 4, 8, 2
    time, chunks = interleaved(p, m, v)
    busy = 3 * m * v  # in units of a chunk's forward
    counts = " ".join(f"{k / v:.1f}" for k in chunks)
    print(f"interleaved, v = 2: held {counts},", end=" ")
    print(f"idle/busy {(time - busy) / busy:.2%}")
    for p, m, v in ((2, 4, 3), (4, 8, 2), (4, 16, 4), (8, 16, 2)):
        time, chunks = interleaved(p, m, v)
        assert time == 3 * (m * v + p - 1)  # the bubble shrinks to 1 / v
        # The first device holds (p - 1) / v more than 1F1B's p.
        assert max(chunks) == chunks[0] == p * v + p - 1


def check_gradients() -> None:
    """Micro-batch gradients, weighted 1/m, are the gradient of the batch."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 6)), rng.normal(size=(32, 2))
    w1, w2 = rng.normal(size=(6, 8)), rng.normal(size=(8, 2))

    def gradients(x: Array, y: Array) -> Array:
        h = np.tanh(x @ w1)  # stage 1
        d = 2 * (h @ w2 - y) / y.size  # stage 2, mean squared error
        by_w1 = x.T @ ((d @ w2.T) * (1 - h * h))
        return np.concatenate([by_w1.ravel(), (h.T @ d).ravel()])

    whole, m = gradients(x, y), 8
    parts = zip(np.split(x, m), np.split(y, m), strict=True)
    summed = sum(gradients(a, b) for a, b in parts) / m
    np.testing.assert_allclose(summed, whole, atol=1e-14)
    print("\n8 micro-batches against the whole batch: difference < 1e-14")
    # Unequal micro-batches: means have to be weighted by their tokens.
    cut = [(x[:4], y[:4]), (x[4:], y[4:])]
    naive = (gradients(*cut[0]) + gradients(*cut[1])) / 2
    off = np.abs(naive - whole).max() / np.abs(whole).max()
    print(f"micro-batches of 4 and 28, plain mean: off by {off:.0%}")
    assert off > 0.05
    right = (4 * gradients(*cut[0]) + 28 * gradients(*cut[1])) / 32
    np.testing.assert_allclose(right, whole, atol=1e-14)


def check_memory() -> None:
    """Unit: what one layer keeps of one example for its backward."""
    layers, p, batch, m = 32, 4, 64, 16
    print("\n32 layers, 4 stages, batch 64, 16 micro-batches: kept, units")
    rows = {
        "one device           L B": layers * batch,
        "GPipe, all kept      L B / p": layers // p * batch,
        "1F1B, all kept       L B / m": layers // p * batch // m * p,
        "GPipe, recomputing   B + L B / (p m)": batch
        + layers // p * batch // m,
    }
    for name, units in rows.items():
        print(f"{name:38}{units:6}")
    assert list(rows.values()) == [2048, 512, 128, 96]


if __name__ == "__main__":
    check_schedules()
    check_bubble()
    check_gradients()
    check_memory()
