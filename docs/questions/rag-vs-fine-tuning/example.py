"""RAG or fine-tuning: how fresh, at what price, and which lever moves.

Prices are assumptions, in dollars. The model of change: each fact is
replaced at a constant rate, independently of the others.
"""

import math

import numpy as np

TRAINING = 500.0  # one fine-tuning run, evaluation included
ENDPOINT = 2.0 * 730  # a dedicated endpoint, a month
EXTRA_TOKENS, PER_TOKEN = 2000, 1e-6  # retrieved text and its price
PER_QUERY = EXTRA_TOKENS * PER_TOKEN


# --8<-- [start:decision]
def fresh(rate: float, period: float) -> float:
    """Mean share of facts still true, if retrained every period months.

    At age t a fact is still true with probability exp(-rate t).
    """
    return -math.expm1(-rate * period) / (rate * period)


def longest_period(rate: float, target: float) -> float:
    """Months between trainings that keep the mean share at target."""
    low, high = 1e-6, 100.0  # rate * period
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if fresh(1.0, middle) > target else (low, middle)
        )
    return low / rate


def break_even(period: float, hosting: float = 0.0) -> float:
    """Queries a month above which fine-tuning costs less than RAG."""
    return (TRAINING / period + hosting) / PER_QUERY


def accuracy(recall: float, given: float, without: float) -> float:
    """Right with evidence, or right without it."""
    return recall * given + (1 - recall) * without


# --8<-- [end:decision]


def simulated(rate: float, period: float) -> float:
    """The share of fresh facts by drawing changes and moments of use."""
    rng = np.random.default_rng(0)
    change = rng.exponential(1 / rate, 400_000)
    age = rng.uniform(0, period, 400_000)
    return float(np.mean(change > age))


def check_freshness() -> None:
    print("mean share of facts still true")
    print("rate of change   retrained every")
    print("  a month       1 month  3 months  12 months  for 95%, months")
    for rate in (0.01, 0.05, 0.2):
        shares = [fresh(rate, period) for period in (1, 3, 12)]
        months = longest_period(rate, 0.95)
        print(
            f"{rate:9.0%}{shares[0]:14.3f}{shares[1]:10.3f}{shares[2]:11.3f}"
            f"{months:17.2f}"
        )
        for period, share in zip((1, 3, 12), shares, strict=True):
            assert abs(simulated(rate, period) - share) < 0.003
        np.testing.assert_allclose(fresh(rate, months), 0.95, atol=1e-9)
        # To first order the stale share is half of rate times period.
        assert abs(rate * months / 2 - 0.05) < 0.003


def check_cost() -> None:
    print(f"\none training ${TRAINING:.0f}   RAG ${PER_QUERY:.3f} a query")
    print("break-even, queries a month      shared  dedicated endpoint")
    rows = [("retrained monthly", 1.0), ("retrained yearly", 12.0)]
    for rate in (0.01, 0.05, 0.2):
        name = f"rate {rate:.0%}, 95% true"
        rows.append((name, longest_period(rate, 0.95)))
    for name, period in rows:
        values = (break_even(period), break_even(period, ENDPOINT))
        print(f"{name:28}{values[0]:11,.0f}{values[1]:20,.0f}")
    np.testing.assert_allclose(break_even(1), 250_000)
    np.testing.assert_allclose(break_even(1, ENDPOINT), 980_000)
    # Twice the rate of change, twice the trainings, twice the volume.
    one, two = (break_even(longest_period(r, 0.95)) for r in (0.05, 0.1))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-6)

    params, speed = 7e9, 4e14
    seconds = 2 * params * EXTRA_TOKENS / speed
    print(
        f"reading 2,000 tokens, 7e9 parameters, 4e14 FLOP/s: {seconds:.3f} s"
    )
    np.testing.assert_allclose(seconds, 0.07)


def check_lever() -> None:
    print("\n                        right   recall + 0.1   given + 0.1")
    gains = []
    for name, recall, given in (
        ("retrieval is weak", 0.55, 0.90),
        ("use is weak", 0.95, 0.60),
    ):
        base = accuracy(recall, given, 0.1)
        more_recall = accuracy(min(recall + 0.1, 1), given, 0.1) - base
        more_use = accuracy(recall, given + 0.1, 0.1) - base
        gains.append((more_recall, more_use))
        print(f"{name:20}{base:9.3f}{more_recall:+15.3f}{more_use:+14.3f}")
    assert gains[0][0] > gains[0][1]
    assert gains[1][0] < gains[1][1]


if __name__ == "__main__":
    check_freshness()
    check_cost()
    check_lever()
