"""Causal and masked language modelling: who sees what, and what it costs.

Sources: Devlin et al., arXiv:1810.04805 (selection and 80/10/10); Nie et
al., arXiv:2502.09992 (masking rate drawn uniformly, weight 1/rate).
Logarithms are natural.
"""

import math
from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

CHAIN = np.array([[0.80, 0.15, 0.05], [0.05, 0.80, 0.15], [0.15, 0.05, 0.80]])
LENGTH = 10


def causal(size: int) -> Mask:
    return np.tri(size, dtype=bool)


def full(size: int) -> Mask:
    return np.ones((size, size), dtype=bool)


def attend(x: Array, mask: Mask) -> Array:
    """One attention layer with a residual; x is (T, d), W = I throughout."""
    score = np.where(mask, x @ x.T / math.sqrt(x.shape[1]), -np.inf)
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    output: Array = x + weight / weight.sum(axis=1, keepdims=True) @ x
    return output


def seen(mask: Mask, layers: int) -> Mask:
    """[i, j]: token j reaches row i after so many layers, no residual."""
    return np.linalg.matrix_power(mask.astype(int), layers) > 0


def check_masks() -> None:
    size, changed = 6, 3
    x = np.random.default_rng(0).normal(size=(size, 8))
    other = x.copy()
    other[changed] += 1.0
    print("token 3 of 0..5 changed, two layers: which outputs change")
    for name, mask in ("causal", causal(size)), ("full", full(size)):
        before = attend(attend(x, mask), mask)
        after = attend(attend(other, mask), mask)
        moved = np.abs(after - before).max(axis=1) > 0
        print(f"  {name:<8}" + " ".join("yes" if m else " no" for m in moved))
        wanted = np.arange(size) >= changed if name == "causal" else True
        assert np.all(moved == wanted)

    hollow = full(size) & ~np.eye(size, dtype=bool)
    print("does row i get to see its target?")
    print("  layers  causal, i + 1  all but itself, i")
    for layers in (1, 2, 3):
        leak = bool(seen(hollow, layers).diagonal().any())
        ahead = bool(np.triu(seen(causal(size), layers), 1).any())
        words = ["yes" if answer else "no" for answer in (ahead, leak)]
        print(f"{layers:8}{words[0]:>15}{words[1]:>19}")
        assert not ahead  # a triangle times a triangle is a triangle
        assert leak == (layers > 1)


def check_counts() -> None:
    tokens, rate = 512, 0.15
    chosen = rate * tokens
    print("\na sequence of 512 tokens")
    print(f"  CLM targets, no start token {tokens - 1:11}")
    print(f"  MLM targets, 15%, expected {chosen:12.1f}")
    print(f"  ratio {(tokens - 1) / chosen:33.2f}")
    for name, share in (("[MASK]", 0.8), ("random", 0.1), ("kept", 0.1)):
        print(f"  of these {name:<7}{share * chosen:23.2f}")
    assert round(chosen, 1) == 76.8 and round(0.8 * chosen, 1) == 61.4


def check_pair() -> None:
    """A language of two sentences: New York and Los Angeles."""
    first, second = ("New", "Los"), ("York", "Angeles")
    print("\nNew York 1/2, Los Angeles 1/2   joint  in parallel  pseudo")
    sums = np.zeros(3)
    for i, j in product(range(2), range(2)):
        joint = 0.5 * (i == j)  # p(x1) p(x2 | x1), left to right
        parallel = 0.5 * 0.5  # both masked: product of the marginals
        pseudo = float(i == j) * float(i == j)  # one masked at a time
        sums += joint, parallel, pseudo
        cells = f"{joint:7.2f}{parallel:13.2f}{pseudo:8.2f}"
        print(f"  {first[i]} {second[j]:<25}{cells}")
    print(f"  {'sum':<29}{sums[0]:7.2f}{sums[1]:13.2f}{sums[2]:8.2f}")
    assert sums.tolist() == [1, 1, 2]


# --8<-- [start:curve]
def joint_table() -> Array:
    """p(x) of every text of LENGTH tokens: a Markov chain, 3 tokens."""
    table = np.full(3, 1 / 3)
    for _ in range(LENGTH - 1):
        table = table[..., None] * CHAIN  # one axis a position
    return table


@cache
def entropy(positions: tuple[int, ...]) -> float:
    """H of the tokens at these positions, exact, in nats."""
    hidden = tuple(t for t in range(LENGTH) if t not in positions)
    p = joint_table().sum(axis=hidden)
    return float(-(p * np.log(p)).sum())


def loss_per_target(hidden: int) -> float:
    """Least MLM loss, averaged over all sets of so many hidden tokens."""
    losses = []
    for targets in combinations(range(LENGTH), hidden):
        shown = tuple(t for t in range(LENGTH) if t not in targets)
        for t in targets:  # H(x_t | shown) = H(x_t, shown) - H(shown)
            with_t = tuple(sorted((*shown, t)))
            losses.append(entropy(with_t) - entropy(shown))
    return float(np.mean(losses))


# --8<-- [end:curve]


def curve() -> Array:
    return np.array([loss_per_target(k) for k in range(1, LENGTH + 1)])


def check_curve() -> None:
    least = curve()
    whole = entropy(tuple(range(LENGTH)))
    print("\nMarkov chain, 10 tokens: least loss of an exact model, nats")
    print("hidden  a target  a text (hidden x a target)")
    for k, loss in enumerate(least, start=1):
        print(f"{k:6}{loss:10.4f}{k * loss:9.4f}")
    print(f"mean{least.mean():12.4f}")
    print(f"CLM {whole / LENGTH:12.4f}{whole:9.4f}")
    print(f"pseudo-likelihood, a text {LENGTH * least[0]:.4f}")
    # The chain rule in random order: the curve's mean is the CLM loss.
    np.testing.assert_allclose(least.sum(), whole)
    assert np.all(np.diff(least) > 0)
    left = sum(
        entropy(tuple(range(t + 1))) - entropy(tuple(range(t)))
        for t in range(LENGTH)
    )
    np.testing.assert_allclose(left, whole)
    # Rate t uniform, weight 1/t: a set of k gets 1 / (k C(T, k)).
    rate = (np.arange(200_000) + 0.5) / 200_000
    for k in (1, 4, LENGTH):
        weight = (rate ** (k - 1) * (1 - rate) ** (LENGTH - k)).mean()
        exact = 1 / (k * math.comb(LENGTH, k))
        np.testing.assert_allclose(weight, exact, rtol=1e-4)


def check_kept() -> None:
    size = 30_522
    print("\nshown at a selected place, not [MASK]: P(it is the original)")
    print("p(shown | context)       1/100   1/V   1/(100 V)")
    values = []
    for p in (0.01, 1 / size, 0.01 / size):
        kept = p + p / size  # left alone, or drawn at random all the same
        replaced = (1 - p) / size
        values.append(kept / (kept + replaced))
        odds = p * size  # kept : drawn at random
        np.testing.assert_allclose(values[-1], odds / (1 + odds), rtol=1e-4)
    print(f"{values[0]:30.3f}{values[1]:6.3f}{values[2]:12.3f}")


if __name__ == "__main__":
    check_masks()
    check_counts()
    check_pair()
    check_curve()
    check_kept()
