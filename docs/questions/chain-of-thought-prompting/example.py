"""What voting over chains of thought gains, exactly.

Self-consistency (Wang et al., 2022) samples several chains and takes the
answer that most of them end in. Chains are independent here.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:vote]
def vote(answers: Array, n: int) -> float:
    """Chance that the first answer wins a vote of `n` independent chains,
    each ending in answer i with probability `answers[i]`; ties by lot."""
    total = 0.0
    for k in range(1, n + 1):  # votes for the first answer
        # others[m, t]: chance that the rest spend m votes, none of them more
        # than k on one answer, and t of them exactly k.
        others = np.zeros((n - k + 1, n // k + 1))
        others[0, 0] = 1.0
        for q in answers[1:]:
            spent = np.zeros_like(others)
            for c in range(min(k, n - k) + 1):
                ways = [float(comb(m + c, c)) for m in range(n - k - c + 1)]
                moved = (
                    others[: n - k - c + 1] * np.array(ways)[:, None] * q**c
                )
                if c < k:
                    spent[c:] += moved
                else:
                    spent[c:, 1:] += moved[:, :-1]
            others = spent
        lots = 1 / (1 + np.arange(others.shape[1]))
        total += comb(n, k) * answers[0] ** k * (others[n - k] @ lots)
    return float(total)


# --8<-- [end:vote]


def careless(answers: Array, n: int, rng: np.random.Generator) -> float:
    """The same by simulation, with argmax: every tie goes to index 0."""
    counts = rng.multinomial(n, answers, size=400_000)
    return float((counts.argmax(axis=1) == 0).mean())


def main() -> None:
    even = np.array([0.55, *[0.09] * 5])
    close = np.array([0.3, 0.4, 0.3])
    rng = np.random.default_rng(0)
    assert abs(vote(even, 1) - 0.55) < 1e-12
    # Brute force over all outcomes of four chains.
    brute = 0.0
    for outcome in np.ndindex(6, 6, 6, 6):
        counts = np.bincount(outcome, minlength=6)
        best = counts == counts.max()
        brute += np.prod(even[list(outcome)]) * best[0] / best.sum()
    assert abs(vote(even, 4) - brute) < 1e-12

    print("right 0.55, five wrong answers of 0.09 each")
    print("chains    vote  ties to index 0")
    for n in (1, 3, 5, 10, 20, 40):
        print(f"{n:6} {vote(even, n):8.5f} {careless(even, n, rng):10.3f}")
    assert careless(even, 5, rng) > vote(even, 5) + 0.07
    print("\nright 0.3, wrong 0.4 and 0.3")
    print("chains    vote")
    values = [vote(close, n) for n in (1, 5, 21, 101)]
    for n, value in zip((1, 5, 21, 101), values, strict=True):
        print(f"{n:6} {value:8.3f}")
    # The vote goes to the commonest answer, right or wrong.
    assert values == sorted(values, reverse=True) and vote(even, 40) > 0.999

    print("\n100 questions: chance of the right answer in one chain, by type")
    groups = ((60, np.array([0.7, 0.2, 0.1])), (40, close))
    print("chains  easy  misled  all")
    for n in (1, 5, 21, 101):
        each = [vote(answers, n) for _, answers in groups]
        mean = sum(w * a for (w, _), a in zip(groups, each, strict=True)) / 100
        print(f"{n:6} {each[0]:5.2f} {each[1]:7.2f} {mean:5.2f}")

    print("\nif chains share their errors: with chance s all copy the first")
    print("    s   vote of 40")
    for shared in (0.0, 0.5, 1.0):
        value = shared * vote(even, 1) + (1 - shared) * vote(even, 40)
        print(f"{shared:5.1f} {value:12.3f}")

    print("\npoints gained            before  after  gain")
    for name, before, after in (
        ("PaLM 540B, few-shot CoT", 17.9, 56.9),
        ("with self-consistency", 56.5, 74.4),
        ("zero-shot CoT, MultiArith", 17.7, 78.7),
        ("zero-shot CoT, GSM8K", 10.4, 40.7),
    ):
        print(f"{name:26} {before:5.1f} {after:6.1f} {after - before:5.1f}")


if __name__ == "__main__":
    main()
