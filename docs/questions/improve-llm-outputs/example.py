"""What voting, sampling and selecting gain, and where each stops.

Exact binomial sums for majority voting and coverage (Wang et al.,
arXiv:2203.11171; Brown et al., arXiv:2407.21787). The imperfect verifier is
our own model: it accepts a right answer with one chance and a wrong one with
another, and an accepted answer is taken at random.
"""

from math import comb, isclose

import numpy as np


# --8<-- [start:sampling]
def majority(p: float, n: int) -> float:
    """Two possible answers, odd n: the right one has more than half."""
    return sum(
        comb(n, k) * p**k * (1 - p) ** (n - k)
        for k in range(n // 2 + 1, n + 1)
    )


def coverage(p: float, n: int) -> float:
    """At least one of n is right: what a perfect verifier would find."""
    return 1 - (1 - p) ** n


def selected(p: float, n: int, hit: float, slip: float) -> float:
    """Best of n by a verifier that accepts right answers with chance `hit`
    and wrong ones with chance `slip`; none accepted: any of the n."""
    accept = p * hit + (1 - p) * slip
    some = 1 - (1 - accept) ** n
    among_accepted = p * hit / accept
    among_refused = p * (1 - hit) / (1 - accept)
    return some * among_accepted + (1 - some) * among_refused


# --8<-- [end:sampling]


def simulate(p: float, n: int, hit: float, slip: float, runs: int) -> float:
    """The same selection, sampled."""
    rng = np.random.default_rng(0)
    right = rng.random((runs, n)) < p
    accepted = rng.random((runs, n)) < np.where(right, hit, slip)
    score = accepted + rng.random((runs, n)) * 0.5
    best = score.argmax(axis=1)
    return float(right[np.arange(runs), best].mean())


def check_curves() -> None:
    print("one problem, chance of a right answer")
    print("    p    n  majority  coverage  imperfect verifier")
    for p in (0.6, 0.4):
        for n in (1, 5, 15, 101):
            row = majority(p, n), coverage(p, n), selected(p, n, 0.9, 0.2)
            print(f"  {p}  {n:3}" + "".join(f"{x:10.4f}" for x in row))
    assert majority(0.6, 15) > majority(0.6, 5) > 0.6
    assert majority(0.4, 15) < majority(0.4, 5) < 0.4
    for p in (0.6, 0.4, 0.1):
        limit = p * 0.9 / (p * 0.9 + (1 - p) * 0.2)
        assert isclose(selected(p, 10_000, 0.9, 0.2), limit)
        assert isclose(selected(p, 1, 0.9, 0.2), p)
        print(f"  p = {p}: the verifier's precision is {limit:.4f}")
        measured = simulate(p, 5, 0.9, 0.2, 200_000)
        assert abs(measured - selected(p, 5, 0.9, 0.2)) < 0.005


def check_set() -> None:
    print("\na set: half the problems p = 0.9, half p = 0.01")
    print("      n  coverage  with the mean p  majority")
    mean = (0.9 + 0.01) / 2
    for n in (1, 9, 101, 1001):
        true = (coverage(0.9, n) + coverage(0.01, n)) / 2
        vote = (majority(0.9, n) + majority(0.01, n)) / 2
        naive = coverage(mean, n)
        print(f"  {n:5}{true:10.3f}{naive:17.3f}{vote:10.3f}")
        assert naive >= true - 1e-12  # Jensen
    assert abs(vote - 0.5) < 1e-6 and true > 0.99


PROBABILITIES = {
    "right": 0.35,
    "wrong A": 0.25,
    "wrong B": 0.2,
    "wrong C": 0.2,
}
SHIFTED = {"right": 0.35, "wrong A": 0.45, "wrong B": 0.1, "wrong C": 0.1}


def plurality(answers: dict[str, float], n: int, runs: int = 20_000) -> float:
    """The most frequent of n answers is the right one; ties at random."""
    rng = np.random.default_rng(1)
    counts = rng.multinomial(n, list(answers.values()), size=runs)
    best = (counts + rng.random(counts.shape) * 0.5).argmax(axis=1)
    return float((best == 0).mean())


def check_mode() -> None:
    print("\nright answer 0.35; voting depends on the rest, not on one half")
    print("      n   wrong 0.25, 0.2, 0.2   wrong 0.45, 0.1, 0.1")
    for n in (1, 15, 101, 1001):
        a, b = plurality(PROBABILITIES, n), plurality(SHIFTED, n)
        print(f"  {n:5}{a:23.2f}{b:23.2f}")
    assert a > 0.99 > 0.01 > b


if __name__ == "__main__":
    check_curves()
    check_set()
    check_mode()
