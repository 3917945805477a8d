"""Chains, votes, pass@k and sampling noise: reading evidence on reasoning.

Sources: Chen et al., arXiv:2107.03374 (pass@k); Wang et al.,
arXiv:2203.11171 (voting). All numbers are exact; nothing is sampled.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:reading]
def checked(p: float, caught: float, refused: float = 0.0) -> float:
    """Accuracy of a step that is redone until a checker accepts it.

    caught, refused: chance that it rejects a wrong, a right step.
    """
    right = p * (1 - refused)
    return right / (right + (1 - p) * (1 - caught))


def majority(p: float, votes: int) -> float:
    """Two possible answers, an odd number of independent votes."""
    return sum(
        math.comb(votes, k) * p**k * (1 - p) ** (votes - k)
        for k in range(votes // 2 + 1, votes + 1)
    )


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Unbiased: the chance that k of n samples hold a correct one."""
    return 1 - math.comb(n - correct, k) / math.comb(n, k)


def reweighted(p: Array, factor: float) -> Array:
    """KL-regularized optimum for a 0/1 reward: odds times exp(1/beta)."""
    result: Array = p * factor / (1 - p + p * factor)
    return result


def spread(items: Array, sets: int) -> tuple[float, float]:
    """Standard deviation of a set's score, mean gap best to worst set."""
    pmf = np.ones(1)
    for p in items:
        pmf = np.convolve(pmf, [1 - p, p])
    score, cdf = np.arange(pmf.size), np.cumsum(pmf)
    sd = math.sqrt(float(pmf @ score**2) - float(pmf @ score) ** 2)
    return sd, float(np.sum(1 - cdf**sets - (1 - cdf) ** sets))


# --8<-- [end:reading]

BASE = np.array([0.5, 0.05, 0.001])  # an easy, a medium, a hard problem
IDEAL = reweighted(BASE, 20.0)
LOST = IDEAL * np.array([1, 1, 0])  # the hard one is lost in training


def coverage(p: Array, k: int) -> float:
    """pass@k averaged over the problems, exact for known p."""
    return float(np.mean(1 - (1 - p) ** k))


def check_chain() -> None:
    print("per step            20 steps  checker catches 90%  20 steps")
    for p in (0.95, 0.99):
        better = checked(p, 0.9)
        cells = f"{p**20:20.3f}{better:19.4f}{better**20:12.3f}"
        print(f"{p:8.2f}{cells}")
        # The closed form against the first 60 rounds of redoing.
        rounds = [((1 - p) * 0.9) ** i for i in range(60)]
        np.testing.assert_allclose(sum(rounds) * p, better)
    for refused in (0.3, 0.9):
        print(f"0.95, right steps refused {refused:.1f}", end="")
        print(f"{checked(0.95, 0.9, refused):16.4f}")
    # A checker that rejects right and wrong alike is a coin.
    assert abs(checked(0.95, 0.9, 0.9) - 0.95) < 1e-12
    print("Hanoi, disks   moves   0.999 per move")
    for disks in (8, 10, 15):
        moves = 2**disks - 1
        print(f"{disks:12}{moves:8,}{0.999**moves:17.1e}")
    assert checked(0.95, 0.9) ** 20 > 2 * 0.95**20


def check_votes() -> None:
    print("\nvotes        1      5     15     41")
    for p in (0.6, 0.4):
        row = [majority(p, n) for n in (1, 5, 15, 41)]
        print(f"p = {p:.1f}" + "".join(f"{value:7.3f}" for value in row))
        # Voting amplifies whatever is above one half, right or wrong.
        assert (np.diff(row) > 0).all() == (p > 0.5)
    assert abs(majority(0.6, 15) + majority(0.4, 15) - 1) < 1e-12


def check_pass() -> None:
    print("\npass@k from 100 samples, 10 of them correct")
    row = [pass_at_k(100, 10, k) for k in (1, 10, 50)]
    print("k = 1, 10, 50" + "".join(f"{value:9.4f}" for value in row))
    # The estimator is the mean over all subsets; small case, by counting.
    every = [k for k in range(1 << 6) if k.bit_count() == 3]
    hits = sum((k & 0b000011) != 0 for k in every)
    assert abs(pass_at_k(6, 2, 3) - hits / len(every)) < 1e-12

    print("\npass@k, p = 0.5, 0.05, 0.001     k=1   k=16  k=128 k=1024")
    names = "base", "odds times 20", "hard one lost"
    table = []
    for name, p in zip(names, (BASE, IDEAL, LOST), strict=True):
        table.append([coverage(p, k) for k in (1, 16, 128, 1024)])
        cells = "".join(f"{value:7.3f}" for value in table[-1])
        print(f"{name:<29}{cells}")
    base, ideal, narrow = table
    # Exact reweighting never lowers pass@k; losing a problem makes it cross.
    assert all(b < i for b, i in zip(base, ideal, strict=True))
    assert narrow[0] > base[0] and narrow[3] < base[3]
    crossing = next(
        k for k in range(1, 2000) if coverage(BASE, k) > coverage(LOST, k)
    )
    print(f"base ahead of 'hard one lost' from k = {crossing}")
    # Zero of k says little: the upper 95% limit on p.
    for k in (16, 128, 1024):
        limit = 1 - 0.05 ** (1 / k)
        lifted = reweighted(np.array([limit]), 20.0)[0]
        print(f"0 of {k:5,} correct: p up to {limit:.4f},", end="")
        print(f" times 20 in odds {lifted:.3f}")
        assert limit < 3 / k


def check_noise() -> None:
    print("\n50 sets of 100 items, points    mean     sd    best - worst")
    equal = np.full(100, 0.8)
    mixed = np.r_[np.full(70, 0.95), np.full(30, 0.45)]
    for name, items in (("all items 0.80", equal), ("0.95 and 0.45", mixed)):
        sd, gap = spread(items, 50)
        print(f"{name:<28}{100 * items.mean():8.0f}{sd:8.2f}{gap:12.1f}")
    assert abs(spread(equal, 50)[0] - 4) < 1e-9
    # Two sets of one item differ by 1 with probability 2 p (1 - p).
    assert abs(spread(np.array([0.8]), 2)[1] - 2 * 0.8 * 0.2) < 1e-12
    # Unequal difficulty at the same mean narrows the spread.
    assert 12 < spread(mixed, 50)[1] < spread(equal, 50)[1]


if __name__ == "__main__":
    check_chain()
    check_votes()
    check_pass()
    check_noise()
