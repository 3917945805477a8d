"""Preference labels in bulk: rankings, an LLM judge asked twice, and cost.

Prices are placeholders of the right order, not quotations.
"""

from itertools import combinations
from math import comb, sqrt

import numpy as np

PAIRS = 50_000
HUMAN_PRICE = 1.50  # dollars a pair
TOKENS_IN, TOKENS_OUT = 1_500, 300  # a judgement
PRICE_IN, PRICE_OUT = 0.15, 0.60  # dollars a million tokens
JUDGE_PRICE = (TOKENS_IN * PRICE_IN + TOKENS_OUT * PRICE_OUT) / 1e6
SCORES, BIAS = 1_000, 0.3


# --8<-- [start:judge]
def both_orders(
    accuracy: float, bias: float = 0.0, shared: float = 0.0
) -> tuple[float, float]:
    """Ask the judge in both orders, keep the pair if it names one winner.

    accuracy: of one judgement, averaged over the orders;
    bias: position bias; the verdict is right with accuracy + bias where
        the better answer stands first, accuracy - bias where second;
    shared: share of pairs whose two verdicts come from one and the same
        cause, such as length, and hence agree.
    Returns the share of pairs kept and the accuracy of these.
    """
    first, second = accuracy + bias, accuracy - bias
    right = first * second
    wrong = (1 - first) * (1 - second)
    right = (1 - shared) * right + shared * accuracy
    wrong = (1 - shared) * wrong + shared * (1 - accuracy)
    return right + wrong, right / (right + wrong)


def kappa(observed: float, chance: float) -> float:
    """Cohen's kappa: agreement beyond chance."""
    return (observed - chance) / (1 - chance)


def score_error(judged: float, audited: float, bias: float) -> float:
    """RMS error of each of SCORES scores; labels have noise 1.

    A label a score at least: with fewer, some scores have no estimate.
    The judge adds bias * length (length has variance 1). `judged` labels
    are spread over the scores; `audited` human labels serve to estimate
    the one coefficient, the rest of the bias stays.
    """
    assert judged >= SCORES
    noise = SCORES / judged
    left = (1 + noise) / audited if audited else bias**2
    return sqrt(noise + left)


# --8<-- [end:judge]


def check_rankings() -> None:
    print("responses ranked  pairs  forward passes: pairwise, shared")
    for k in (2, 4, 9):
        pairs = len(list(combinations(range(k), 2)))
        assert pairs == comb(k, 2)
        print(f"{k:16}{pairs:7}{2 * pairs:26}{k:8}")


def check_cost() -> None:
    human, once = PAIRS * HUMAN_PRICE, PAIRS * JUDGE_PRICE
    print(
        f"\nassumed: {HUMAN_PRICE:.2f} dollars a human pair; a judgement reads"
    )
    print(f"{TOKENS_IN:,} tokens at {PRICE_IN:.2f} a million, ", end="")
    print(f"writes {TOKENS_OUT} at {PRICE_OUT:.2f}")
    print(f"{PAIRS:,} pairs                      dollars")
    print(f"people, one label          {human:15,.2f}")
    print(f"judge, one order           {once:15,.2f}")
    print(f"judge, both orders         {2 * once:15,.2f}")
    np.testing.assert_allclose(2 * once, 40.5)


def check_judge() -> None:
    print("\njudge                    one order   kept  right of these")
    rng = np.random.default_rng(0)
    for name, a, bias, shared in (
        ("errors independent", 0.7, 0.0, 0.0),
        ("position bias 0.2", 0.7, 0.2, 0.0),
        ("half of errors shared", 0.7, 0.0, 0.5),
        ("all errors shared", 0.7, 0.0, 1.0),
    ):
        kept, right = both_orders(a, bias, shared)
        print(f"{name:24}{a:10.2f}{kept:7.2f}{right:16.3f}")
        n = 400_000  # the same by simulation
        common = rng.random(n) < shared
        one = rng.random(n) < a + bias
        two = np.where(common, one, rng.random(n) < a - bias)
        agree = one == two
        np.testing.assert_allclose(agree.mean(), kept, atol=0.005)
        np.testing.assert_allclose(one[agree].mean(), right, atol=0.005)
    # Asking twice helps if errors differ, and not at all if they do not.
    np.testing.assert_allclose(both_orders(0.7)[1], 0.49 / 0.58)
    np.testing.assert_allclose(both_orders(0.7, shared=1.0)[1], 0.7)


def check_kappa() -> None:
    print("\nagreement  by chance  kappa")
    for observed, chance in ((0.73, 0.50), (0.73, 0.58)):
        print(f"{observed:9.2f}{chance:11.2f}{kappa(observed, chance):7.2f}")
    # What coins would agree on counts for nothing, agreeing always for 1.
    assert kappa(0.58, 0.58) == 0 and kappa(1.0, 0.58) == 1


def errors(budget: float) -> tuple[float, float, float]:
    """People alone, judge alone, half the money on each."""
    people = score_error(budget / HUMAN_PRICE, 0, 0.0)
    judge = score_error(budget / (2 * JUDGE_PRICE), 0, BIAS)
    mixed = score_error(
        budget / 2 / (2 * JUDGE_PRICE), budget / 2 / HUMAN_PRICE, BIAS
    )
    return people, judge, mixed


def check_budget() -> None:
    print(f"\nerror of each of {SCORES:,} scores")
    print("dollars   people    judge   judge + audit")
    for budget in (2_000, 10_000, 75_000):
        people, judge, mixed = errors(budget)
        print(f"{budget:7,}{people:9.3f}{judge:9.3f}{mixed:12.3f}")
        assert mixed < judge and mixed < people
    # The formula against a simulation: fit the bias on audited answers.
    # So many judgements that what is left is mostly the error of the fit.
    rng, got = np.random.default_rng(1), []
    judged, audited = 1_000_000, 300
    for _ in range(4_000):
        quality, length = rng.normal(size=(2, SCORES))
        noise = rng.normal(size=SCORES) * sqrt(SCORES / judged)
        score = quality + BIAS * length + noise
        some = rng.choice(SCORES, audited, replace=False)
        human = quality[some] + rng.normal(size=audited)
        excess = (score[some] - human) @ length[some]
        excess /= length[some] @ length[some]
        got.append(np.mean((score - excess * length - quality) ** 2))
    expected = score_error(judged, audited, BIAS)
    assert expected**2 > 4 * SCORES / judged
    np.testing.assert_allclose(sqrt(np.mean(got)), expected, rtol=0.03)


if __name__ == "__main__":
    check_rankings()
    check_cost()
    check_judge()
    check_kappa()
    check_budget()
