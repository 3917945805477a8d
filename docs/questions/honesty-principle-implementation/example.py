"""What a score rewards: guessing, abstaining, or saying how sure one is.

The penalty t / (1 - t) is that of Kalai et al. (2025), the reward with the
squared error of the stated confidence that of Damani et al. (2025), the two
rates those of Yang et al. (2023); the model is a computation of our own.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:score]
def answering(p: Array | float, t: float) -> Array | float:
    """Expected score of answering with chance p of being right: 1 for right,
    -t / (1 - t) for wrong, where abstaining scores 0."""
    return p - (1 - p) * t / (1 - t)


def brier(p: Array, q: Array) -> Array:
    """Expected 1[right] - (q - 1[right])^2, q the stated confidence."""
    return p - (p * (1 - q) ** 2 + (1 - p) * q**2)


def log_score(p: Array, q: Array) -> Array:
    """Expected 1[right] + log of the probability given to what happened."""
    return p + p * np.log(q) + (1 - p) * np.log(1 - q)


def weighted(p: Array, weight: float) -> Array:
    """Expected 1[right] - weight x Brier at q = p, where it is greatest."""
    return p - weight * p * (1 - p)


# --8<-- [end:score]


def rates(known: Array, refused: Array) -> tuple[float, float, float]:
    """(prudence, over-conservativeness, honesty) of a model that refuses."""
    prudence = float(refused[~known].mean())
    over = float(refused[known].mean())
    return prudence, over, (prudence + 1 - over) / 2


def main() -> None:
    print("penalty     t  answer pays from p =")
    for t in (0.0, 0.5, 0.75, 0.9):
        p = np.linspace(0, 1, 100_001)
        first = p[np.asarray(answering(p, t)) > 1e-9][0]
        print(f"{t / (1 - t):7.0f} {t:5.2f} {first:13.2f}")
        assert abs(first - t) < 1e-4

    p = (np.arange(1_000_000) + 0.5) / 1_000_000  # confidence, uniform
    print("\nmean score       always answers  answers if p > 0.75")
    for name, t in (("wrong costs 0", 0.0), ("wrong costs 3", 0.75)):
        always = float(np.mean(answering(p, t)))
        chosen = float(np.mean(np.where(p > 0.75, answering(p, t), 0)))
        print(f"{name:16} {always:14.5f} {chosen:20.5f}")
        assert (always > chosen) == (t == 0)
    assert abs(always + 1) < 1e-6 and abs(chosen - 0.125) < 1e-6

    print("\nconfidence stated for the greatest reward, and that reward")
    print("  p     correct + Brier     correct + log")
    q = np.linspace(0.0005, 0.9995, 1000)
    best_log = []
    for one in (0.01, 0.1, 0.27, 0.5, 0.9):
        full = np.full_like(q, one)
        i, j = brier(full, q).argmax(), log_score(full, q).argmax()
        best_log.append(log_score(full, q)[j])
        print(
            f"{one:4.2f} {q[i]:10.2f} {brier(full, q)[i]:8.3f}"
            f" {q[j]:9.2f} {best_log[-1]:8.3f}"
        )
        assert abs(q[i] - one) < 1e-3 and abs(q[j] - one) < 1e-3
        assert abs(brier(full, q)[i] - one**2) < 1e-3
    # With the logarithm it pays to give an answer that is surely wrong.
    assert best_log[0] > best_log[1] > best_log[2] < best_log[3]
    turn = 1 / (1 + np.e)
    print(f"with the logarithm the reward falls until p = {turn:.3f},")
    p = np.linspace(0.0005, 0.9995, 100_000)
    truthful = log_score(p, p)
    assert abs(p[truthful.argmin()] - turn) < 1e-3
    # A wrong answer with q = 0 scores 0 for certain.
    even = p[truthful > 0][0]
    assert np.all(truthful[p < even] < 0)
    print(f"and a wrong answer with q = 0 is better up to p = {even:.3f}")
    np.testing.assert_allclose(weighted(p, 1.0), brier(p, p), atol=1e-12)
    print("weight of Brier  falls until p =")
    for weight in (0.5, 1.0, 2.0):
        lowest = float(p[weighted(p, weight).argmin()])
        # The derivative 1 - weight + 2 weight p vanishes here.
        assert abs(lowest - max(0, 1 - 1 / weight) / 2) < 1e-3
        print(f"{weight:15.1f} {lowest:16.2f}")
        # Heavier than the reward for being right, and it fails as well.
        assert (lowest > 0.01) == (weight > 1)

    print("\nagreeing with the user: odds a rater's taste multiplies")
    print("extra logit  beta 1.0  beta 0.1")
    for taste in (0.1, 0.5):
        odds = [np.exp(taste / beta) for beta in (1.0, 0.1)]
        print(f"{taste:11.1f} {odds[0]:9.1f} {odds[1]:9.1f}")

    rng = np.random.default_rng(0)
    n = 200_000
    own = rng.standard_normal(n)  # what this model can recall
    known = own + 0.3 * rng.standard_normal(n) > 0  # answers it right
    print("\nwho was asked for the labels  refuses  prudence  over  honesty")
    results = []
    for name, likeness in (
        ("this model", 1.0),
        ("a similar model", 0.6),
        ("nobody: a fixed set", 0.0),
    ):
        other = likeness * own
        other += np.sqrt(1 - likeness**2) * rng.standard_normal(n)
        asked = other + 0.3 * rng.standard_normal(n) > 0
        # 'I don't know' in the training set: whoever was asked was wrong.
        label = ~known if likeness == 1 else ~asked
        # The model can learn no more than P(label | own signal).
        edges = np.quantile(own, np.linspace(0, 1, 201))
        bin_of = np.clip(np.searchsorted(edges, own) - 1, 0, 199)
        share = np.bincount(bin_of, label) / np.bincount(bin_of)
        refused = rng.random(n) < share[bin_of]
        prudence, over, honesty = rates(known, refused)
        results.append(honesty)
        print(
            f"{name:29} {refused.mean():7.2f} {prudence:9.2f}"
            f" {over:5.2f} {honesty:8.2f}"
        )
    assert results[0] > 0.85 > results[1] > results[2]
    assert abs(results[2] - 0.5) < 0.01
    print(f"never refuses: {rates(known, np.zeros(n, bool))[2]:.2f}")


if __name__ == "__main__":
    main()
