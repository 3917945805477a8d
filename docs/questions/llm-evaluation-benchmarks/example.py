"""Ranking by votes: Bradley-Terry, its error bars, Elo; what a set shows.

Sources: Bradley and Terry's model as used in Chiang et al., Chatbot
Arena, arXiv:2403.04132; Elo's sequential update; sizes of the benchmarks
as on the page.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NAMES = "ABCDEF"
TRUE = np.array([60.0, 40.0, 30.0, 0.0, -50.0, -80.0])  # Elo points
SCALE = 400 / math.log(10)


# --8<-- [start:bt]
def expected(a: Array, b: Array) -> Array:
    """Probability that a beats b, scores in Elo points."""
    out: Array = 1 / (1 + 10 ** ((b - a) / 400))
    return out


def fit(wins: Array) -> tuple[Array, Array]:
    """Maximum likelihood from wins[i, j] = times i beat j; covariance.

    Newton's method; the mean is fixed at 0, since differences alone count.
    """
    k, games, theta = len(wins), wins + wins.T, np.zeros(len(wins))
    for _ in range(30):
        p = 1 / (1 + np.exp(theta[None, :] - theta[:, None]))
        gradient = (wins - games * p).sum(1)
        weight = games * p * (1 - p)
        fisher = np.diag(weight.sum(1)) - weight
        inverse = np.linalg.inv(fisher + np.ones((k, k)) / k)
        theta = theta + inverse @ gradient
        theta -= theta.mean()
    covariance = inverse - np.ones((k, k)) / k
    return SCALE * theta, SCALE**2 * covariance


def elo(games: list[tuple[int, int]], k: int, step: float) -> Array:
    """Sequential updates: (winner, loser), in the order they came."""
    rating = np.zeros(k)
    for winner, loser in games:
        surprise = 1 - expected(rating[winner], rating[loser])
        rating[winner] += step * surprise
        rating[loser] -= step * surprise
    return rating


# --8<-- [end:bt]


def vote(rng: np.random.Generator, n: int) -> list[tuple[int, int]]:
    games = []
    for _ in range(n):
        i, j = (int(v) for v in rng.choice(len(TRUE), 2, replace=False))
        first = rng.random() < expected(TRUE[i], TRUE[j])
        games.append((i, j) if first else (j, i))
    return games


def table(games: list[tuple[int, int]]) -> Array:
    wins = np.zeros((len(TRUE), len(TRUE)))
    for winner, loser in games:
        wins[winner, loser] += 1
    return wins


def gap_se(covariance: Array, i: int, j: int) -> float:
    c = covariance
    return float(math.sqrt(c[i, i] + c[j, j] - 2 * c[i, j]))


def fitted(n: int) -> tuple[Array, Array]:
    return fit(table(vote(np.random.default_rng(7), n)))


def check_gaps() -> None:
    print("gap in Elo points   win rate")
    for gap in (10, 20, 50, 100, 200):
        p = float(expected(np.array(gap), np.array(0)))
        print(f"{gap:17}{100 * p:10.1f}%")
    assert round(float(expected(np.array(100), np.array(0))), 3) == 0.640


def check_fit() -> None:
    truth = TRUE - TRUE.mean()
    print("\nmodel   true   2,000 votes   20,000 votes")
    few, many = fitted(2000), fitted(20000)
    for i, name in enumerate(NAMES):
        row = f"{name:5}{truth[i]:7.0f}"
        for score, cov in (few, many):
            row += f"{score[i]:8.0f} +-{1.96 * math.sqrt(cov[i, i]):3.0f}"
        print(row)
    for votes, (score, cov) in (("2,000", few), ("20,000", many)):
        gap, se = score[0] - score[1], gap_se(cov, 0, 1)
        print(f"A - B, {votes:>6} votes: {gap:.0f} +- {1.96 * se:.0f}")
    ratio = gap_se(few[1], 0, 1) / gap_se(many[1], 0, 1)
    assert 2.9 < ratio < 3.4  # ten times the votes: sqrt(10)
    # At the maximum, expected wins equal observed wins.
    wins = table(vote(np.random.default_rng(7), 2000))
    score, cov = fit(wins)
    p = expected(score[:, None], score[None, :])
    np.testing.assert_allclose(((wins + wins.T) * p).sum(1), wins.sum(1))
    # Coverage of the interval of A - B, over repeated votes.
    rng, covered, runs = np.random.default_rng(0), 0, 200
    for _ in range(runs):
        score, cov = fit(table(vote(rng, 600)))
        off = score[0] - score[1] - (TRUE[0] - TRUE[1])
        covered += abs(off) < 1.96 * gap_se(cov, 0, 1)
    assert 0.9 < covered / runs <= 1


def check_order() -> None:
    games = vote(np.random.default_rng(7), 2000)
    rng = np.random.default_rng(1)
    print("\nsame 2,000 votes, order shuffled 200 times: A - B")
    print("the middle 95% of the 200")
    spreads = {}
    for step in (32.0, 4.0):
        gaps = []
        for _ in range(200):
            order = rng.permutation(len(games))
            rating = elo([games[t] for t in order], len(TRUE), step)
            gaps.append(rating[0] - rating[1])
        low, high = np.quantile(gaps, [0.025, 0.975])
        spreads[step] = high - low
        print(f"Elo, K = {step:2.0f}{round(low):12} to {round(high)}")
    shuffled = [games[t] for t in rng.permutation(len(games))]
    one, two = fit(table(games))[0], fit(table(shuffled))[0]
    print(f"Bradley-Terry{one[0] - one[1]:9.0f} in any order")
    np.testing.assert_allclose(one, two)
    assert spreads[32.0] > 2 * spreads[4.0] > 20


def check_style() -> None:
    """B writes longer and gains 40 points by it; B is worse by 20."""
    quality, bonus = -20.0, 40.0
    p = float(expected(np.array(quality + bonus), np.array(0.0)))
    print(f"\nworse by 20, longer by a bonus of 40: wins {100 * p:.1f}%")
    assert p > 0.5


SETS = [
    ("AIME, one year", 30),
    ("GPQA Diamond", 198),
    ("HumanEval", 164),
    ("SWE-bench Verified", 500),
    ("GSM8K", 1319),
    ("MMLU", 14042),
]


def half(p: float, n: int) -> float:
    return 196 * math.sqrt(p * (1 - p) / n)


def check_sets() -> None:
    print("\n95% half-width, points   items   at 50%   at 80%   at 95%")
    for name, n in SETS:
        row = "".join(f"{half(p, n):9.2f}" for p in (0.5, 0.8, 0.95))
        print(f"{name:23}{n:8}{row}")
    assert half(0.8, 164) > 9 * half(0.8, 14042)
    print("\nright by guessing   known 0%  known 60%  known 80%")
    for options in (4, 10):
        row = [100 * (k + (1 - k) / options) for k in (0.0, 0.6, 0.8)]
        print(f"{options:2} options" + "".join(f"{v:11.1f}" for v in row))
    wrong = 0.0649
    print(f"6.49% of keys wrong: a perfect model gets {100 * (1 - wrong):.2f}")
    known = (0.70 - 1 / 4) / (1 - 1 / 4)
    assert math.isclose(known, 0.6)


if __name__ == "__main__":
    check_gaps()
    check_fit()
    check_order()
    check_style()
    check_sets()
