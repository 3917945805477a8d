"""Signals of knowing: semantic entropy, calibration, labels from samples.

Entropy over meanings as in Kuhn et al. (2023), its discrete variant as in
Farquhar et al. (2024); calibration error as in Guo et al. (2017). The model
that is sampled is made up, so that what it knows is known.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SAMPLES = 10


# --8<-- [start:signals]
def entropy(counts: Array) -> Array:
    """Entropy in nats of the frequencies along the last axis."""
    shares = counts / counts.sum(axis=-1, keepdims=True)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return 0 - (shares * logs).sum(axis=-1)


def calibration_error(confidence: Array, right: Array, edges: Array) -> float:
    """Mean gap of accuracy and confidence over bins, weighted by size."""
    bins = np.searchsorted(edges, confidence)
    gaps = [
        abs(right[bins == b].mean() - confidence[bins == b].mean())
        * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(sum(gaps))


def labelled_known(p: float, least: int) -> float:
    """Chance that of SAMPLES answers, right with chance p, `least` are."""
    return sum(
        math.comb(SAMPLES, k) * p**k * (1 - p) ** (SAMPLES - k)
        for k in range(least, SAMPLES + 1)
    )


# --8<-- [end:signals]


def sampled(
    falsehoods: float, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """(entropy of the samples, whether the commonest answer is right).

    Answer 0 is the right one. A question is one that the model recalls, one
    where it guesses among many answers, or a falsehood that it has learnt:
    then one wrong answer takes the place of the right one.
    """
    guesses = 30
    recall = rng.beta(0.6, 0.6, n)  # many near 0, many near 1
    learnt_wrong = rng.random(n) < falsehoods
    p = np.repeat(((1 - recall) / guesses)[:, None], guesses + 1, axis=1)
    p[:, 0] = recall
    p[learnt_wrong] = p[learnt_wrong][:, ::-1]
    counts = rng.multinomial(SAMPLES, p).astype(float)
    shuffled = counts + 0.5 * rng.random(counts.shape)  # ties at random
    return entropy(counts), shuffled.argmax(axis=1) == 0


def auroc(score: Array, positive: Array) -> float:
    """Chance that a positive scores higher than a negative, ties a half."""
    _, inverse, counts = np.unique(
        score, return_inverse=True, return_counts=True
    )
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n1 = positive.sum()
    n0 = len(positive) - n1
    return float((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def risk_at(score: Array, right: Array, coverage: float) -> float:
    """Share of wrong answers among the `coverage` with the lowest score."""
    kept = np.argsort(score, kind="stable")[: round(coverage * len(score))]
    return float(1 - right[kept].mean())


def main() -> None:
    print("meanings of 10 samples   entropy, nats")
    for counts in ((10,), (8, 1, 1), (4, 3, 2, 1), (1,) * 10):
        value = float(entropy(np.array(counts, float)))
        print(f"{counts!s:32.32} {value:5.3f}")
    assert abs(float(entropy(np.ones(10))) - math.log(10)) < 1e-12

    confidence = np.array(
        [0.95, 0.95, 0.85, 0.85, 0.75, 0.65, 0.65, 0.55, 0.88, 0.58]
    )
    right = np.array([1, 1, 1, 0, 1, 0, 1, 0, 1, 0], float)
    print(f"\nmean confidence {confidence.mean():.3f},", end=" ")
    print(f"accuracy {right.mean():.2f},", end=" ")
    print(f"Brier {np.mean((confidence - right) ** 2):.4f}")
    for bins in (1, 2, 5, 10):
        edges = np.linspace(0.5, 1, bins + 1)[1:-1]
        gap = calibration_error(confidence, right, edges)
        print(f"  calibration error in {bins:2} bins {gap:.3f}")
    assert (
        abs(calibration_error(confidence, right, np.empty(0)) - 0.166) < 1e-9
    )

    print("\nchance of the label 'known', 10 samples")
    print("p right   at least 5   at least 7   all 10")
    for p in (0.3, 0.5, 0.7, 0.9):
        row = [labelled_known(p, least) for least in (5, 7, 10)]
        print(f"{p:7.1f} {row[0]:12.3f} {row[1]:12.3f} {row[2]:8.3f}")
        assert abs(labelled_known(p, 0) - 1) < 1e-12
        mean = sum(labelled_known(p, k) for k in range(1, SAMPLES + 1))
        assert abs(mean - SAMPLES * p) < 1e-12

    print("\nsemantic entropy as a signal, 40,000 questions")
    print("learnt falsehoods  accuracy  AUROC  wrong in the surest half")
    rng = np.random.default_rng(0)
    table = []
    for share in (0.0, 0.1, 0.2):
        score, correct = sampled(share, 40_000, rng)
        noise = score + 1e-9 * rng.random(len(score))  # ties at random
        row = (auroc(-score, correct), risk_at(noise, correct, 0.5))
        table.append(row)
        print(
            f"{share:17.1f} {correct.mean():9.3f} {row[0]:6.3f} {row[1]:16.3f}"
        )
    assert table[0][0] > 0.94 > table[1][0] > 0.82 > table[2][0]
    assert table[0][1] < 0.02 and table[1][1] > 0.05
    score, correct = sampled(0.2, 40_000, rng)
    sure = score == 0
    print(f"all 10 the same: {sure.mean():.3f} of the questions;", end=" ")
    print(f"of these wrong {1 - correct[sure].mean():.3f}")
    # These falsehoods are as consistent as knowledge: asking the same
    # question again does not tell them apart.
    assert abs(1 - correct[sure].mean() - 0.2) < 0.02


if __name__ == "__main__":
    main()
