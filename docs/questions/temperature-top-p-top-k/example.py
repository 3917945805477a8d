"""Temperature, top-k, top-p and min-p on one distribution, and their order.

Sources: Fan et al., arXiv:1805.04833 (top-k); Holtzman et al.,
arXiv:1904.09751 (top-p); Nguyen et al., arXiv:2407.01082 (min-p).
Logits are sorted in descending order throughout; logarithms are natural.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Step = Callable[[Array], Array]

LOGITS = np.array([2.0, 1.0, 0.0, -1.0])
TEMPERATURES = (0.5, 1.0, 2.0)


# --8<-- [start:samplers]
def softmax(z: Array) -> Array:
    weight = np.exp(z - z.max())
    result: Array = weight / weight.sum()
    return result


def temperature(t: float) -> Step:
    return lambda z: z / t


def top_k(k: int) -> Step:
    return lambda z: np.where(np.arange(z.size) < k, z, -np.inf)


def top_p(p: float) -> Step:
    """Keep a token if the mass before it is below p: the first stays."""
    return lambda z: np.where(
        np.cumsum(softmax(z)) - softmax(z) < p, z, -np.inf
    )


def min_p(base: float) -> Step:
    return lambda z: np.where(z >= z.max() + math.log(base), z, -np.inf)


def chain(z: Array, *steps: Step) -> Array:
    """Each step sees what the one before has left."""
    for step in steps:
        z = step(z)
    return softmax(z)


# --8<-- [end:samplers]


def top_n_sigma(n: float) -> Step:
    return lambda z: np.where(z >= z.max() - n * z.std(), z, -np.inf)


def row(name: str, p: Array) -> None:
    cells = " ".join(f"{x:.4f}" if x else "     -" for x in p)
    print(f"{name:30}{cells}   keeps {np.count_nonzero(p)}")


def entropy(p: Array) -> float:
    q = p[p > 0]
    return -float((q * np.log(q)).sum())


def check_temperature() -> None:
    print("logits                            2      1      0     -1")
    for t in TEMPERATURES:
        p = chain(LOGITS, temperature(t))
        cells = " ".join(f"{x:.4f}" for x in p)
        print(f"temperature T = {t:<14}{cells}   H = {entropy(p):.3f} nats")
        assert (np.diff(p) < 0).all()  # the ranking stays
        # dH/dT = Var(z) / T^3, against a central difference.
        mean = float(p @ LOGITS)
        slope = float(p @ (LOGITS - mean) ** 2) / t**3
        ends = [entropy(softmax(LOGITS / s)) for s in (t - 1e-5, t + 1e-5)]
        np.testing.assert_allclose(slope, (ends[1] - ends[0]) / 2e-5, 1e-4)
    grid = np.linspace(0.2, 8, 400)
    second = np.array([softmax(LOGITS / t)[1] for t in grid])
    peak = int(second.argmax())
    print(f"token 2 is largest at T = {grid[peak]:.1f}: {second[peak]:.3f}")
    assert second[0] < second[peak] > second[-1] > 0.25


def check_truncation() -> None:
    print("\nT = 1")
    for name, step in [
        ("top-k 2", top_k(2)),
        ("top-p 0.9", top_p(0.9)),
        ("min-p 0.2", min_p(0.2)),
    ]:
        p, q = softmax(LOGITS), chain(LOGITS, step)
        row(name, q)
        mass = float(p[q > 0].sum())
        # q is p given the kept set: KL(q || p) = -ln mass, TV = 1 - mass.
        kept = q > 0
        divergence = float((q[kept] * np.log(q[kept] / p[kept])).sum())
        np.testing.assert_allclose(divergence, -math.log(mass))
        np.testing.assert_allclose(np.abs(q - p).sum() / 2, 1 - mass)


RULES = {
    "top-k 2": top_k(2),
    "top-n-sigma 1": top_n_sigma(1.0),
    "top-p 0.9": top_p(0.9),
    "min-p 0.2": min_p(0.2),
}


def kept(rule: str, t: float) -> int:
    return int(np.count_nonzero(chain(LOGITS, temperature(t), RULES[rule])))


def check_sets() -> None:
    print("\ntokens kept, temperature first   T = 0.5   T = 1   T = 2")
    for rule in RULES:
        a, b, c = (kept(rule, t) for t in TEMPERATURES)
        print(f"{rule:30}{a:9}{b:8}{c:8}")
        fixed = rule in ("top-k 2", "top-n-sigma 1")
        assert (a == b == c) if fixed else a < b < c


def check_order() -> None:
    print("\norder")
    t2, p9, m1 = temperature(2.0), top_p(0.9), min_p(0.1)
    first, last = chain(LOGITS, t2, p9), chain(LOGITS, p9, t2)
    row("T = 2, then top-p 0.9", first)
    row("top-p 0.9, then T = 2", last)
    assert np.count_nonzero(first) == 4 and np.count_nonzero(last) == 3
    after, before = chain(LOGITS, p9, m1), chain(LOGITS, m1, p9)
    row("top-p 0.9, then min-p 0.1", after)
    row("min-p 0.1, then top-p 0.9", before)
    assert np.count_nonzero(after) == 3 and np.count_nonzero(before) == 2
    narrowed = chain(LOGITS, top_k(3), p9)
    row("top-k 3, then top-p 0.9", narrowed)
    # Not the intersection: either rule alone keeps three tokens.
    assert np.count_nonzero(narrowed) == 2
    assert np.count_nonzero(chain(LOGITS, top_k(3))) == 3
    assert np.count_nonzero(chain(LOGITS, p9)) == 3


LONG = -1.1 * np.log(np.arange(1, 50_001))


def tail_sizes(t: float) -> tuple[int, int, int]:
    """Tokens kept of 50,000 with z_i = -1.1 ln i, by three rules."""
    z = LONG / t
    rules = (top_k(50), top_p(0.9), min_p(0.05))
    sizes = [int(np.isfinite(rule(z)).sum()) for rule in rules]
    return sizes[0], sizes[1], sizes[2]


def check_tail() -> None:
    print("\n50,000 tokens, z_i = -1.1 ln i: tokens kept")
    print("     T   top-k 50   top-p 0.9   min-p 0.05")
    for t in (0.5, 0.7, 1.0, 1.5):
        by_k, by_p, by_min = tail_sizes(t)
        print(f"{t:6}{by_k:11}{by_p:12,}{by_min:13}")
        # Min-p keeps i <= base ** (-T / 1.1), whatever the vocabulary.
        assert by_min == math.floor(0.05 ** (-t / 1.1))
    mass = float(softmax(LONG)[:50].sum())
    print(f"mass of the first 50 at T = 1: {mass:.3f}")
    assert tail_sizes(1.5)[1] > 1000 * tail_sizes(0.5)[1]


def check_race() -> None:
    """argmax of p_i / E_i, E_i exponential, draws i with probability p_i."""
    p = softmax(LOGITS)
    noise = np.random.default_rng(0).exponential(size=(200_000, 4))
    counts = np.bincount((p / noise).argmax(axis=1), minlength=4)
    assert np.abs(counts / 200_000 - p).max() < 0.005


if __name__ == "__main__":
    check_temperature()
    check_truncation()
    check_sets()
    check_order()
    check_tail()
    check_race()
