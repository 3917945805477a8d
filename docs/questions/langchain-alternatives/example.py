"""How much a weighted decision matrix says, and how much its weights do.

Source: own computation. The scores are an illustration on archetypes, for a
team that builds agents; they are no measurement of any product.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CRITERIA = (
    "control",
    "integrations",
    "first demo",
    "observability",
    "stability",
    "self-hosting",
)
WEIGHTS = np.array([0.25, 0.20, 0.20, 0.15, 0.10, 0.10])
SCORES = {  # 1 to 5, illustrative
    "agent framework": [3, 5, 4, 4, 3, 5],
    "graph runtime": [5, 4, 2, 5, 4, 5],
    "data / RAG framework": [3, 4, 4, 3, 3, 5],
    "low-code platform": [1, 3, 5, 3, 4, 4],
    "no framework": [5, 1, 2, 2, 5, 5],
}
NAMES, TABLE = tuple(SCORES), np.array(list(SCORES.values()), dtype=float)


# --8<-- [start:matrix]
def totals(weights: Array) -> Array:
    """Weighted mean of each option's scores."""
    result: Array = TABLE @ (weights / weights.sum())
    return result


def dominated(i: int) -> list[int]:
    """Options at least as good as i everywhere and better somewhere."""
    as_good = (TABLE[i] <= TABLE).all(1)
    return [
        int(j) for j in np.flatnonzero(as_good) if (TABLE[i] < TABLE[j]).any()
    ]


def nudged(factor: float) -> list[Array]:
    """The weights with one of them multiplied, then normalized."""
    cases = np.tile(WEIGHTS, (len(WEIGHTS), 1))
    cases[np.diag_indices(len(WEIGHTS))] *= factor
    return list(cases / cases.sum(1, keepdims=True))


def win_shares(draws: int, seed: int = 0) -> Array:
    """How often each option wins when nothing is known of the weights."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(len(WEIGHTS)), draws)
    winners = (weights @ TABLE.T).argmax(1)
    shares: Array = np.bincount(winners, minlength=len(NAMES)) / draws
    return shares


def flips() -> tuple[int, int]:
    """Single scores moved by one point: cases, and those with a new winner."""
    best, cases, new = int(totals(WEIGHTS).argmax()), 0, 0
    for i, j in np.ndindex(TABLE.shape):
        for moved in {TABLE[i, j] - 1, TABLE[i, j] + 1} & set(range(1, 6)):
            after = totals(WEIGHTS)
            after[i] += WEIGHTS[j] * (moved - TABLE[i, j])
            cases, new = cases + 1, new + int(after.argmax() != best)
    return cases, new


# --8<-- [end:matrix]


def demo_weights(share: float) -> Array:
    """The weights with that of 'first demo' set to `share`."""
    weights = WEIGHTS * (1 - share) / (1 - WEIGHTS[2])
    weights[2] = share
    result: Array = weights
    return result


def crossing(i: int, j: int) -> float:
    """Weight of 'first demo' at which options i and j tie."""
    none, whole = (totals(demo_weights(s)) for s in (0.0, 1.0))
    ahead, behind = none[i] - none[j], whole[j] - whole[i]
    return float(ahead / (ahead + behind))


def main() -> None:
    draws = 100_000
    shares = win_shares(draws)
    print(f"wins: share of {draws:,} random weightings")
    print("option                  total  wins  dominated by")
    for i, name in enumerate(NAMES):
        by = ", ".join(NAMES[j] for j in dominated(i)) or "-"
        total = totals(WEIGHTS)[i]
        print(f"{name:22}{total:7.2f}{shares[i]:6.0%}  {by}")
    # An option that another dominates cannot win, whatever the weights.
    assert dominated(2) == [0] and shares[2] == 0
    assert all(not dominated(i) and shares[i] > 0 for i in (0, 1, 3, 4))

    order = totals(WEIGHTS).argsort()[::-1].tolist()
    cases = nudged(0.8) + nudged(1.2)
    orders = [totals(w).argsort()[::-1].tolist() for w in cases]
    changed = [o for o in orders if o != order]
    print(f"\neach weight times 0.8, then 1.2: {len(cases)} cases")
    print(f"order changed: {len(changed)}, ", end="")
    print(f"winner changed: {sum(o[0] != order[0] for o in orders)}")
    assert all(o[:3] == order[:3] for o in orders) and len(changed) == 3

    cases_moved, flipped = flips()
    print(f"one score moved by one point: {cases_moved} cases, ", end="")
    print(f"winner changed: {flipped}")
    assert len(CRITERIA) == len(WEIGHTS) and flipped > 0

    print("\nweight of 'first demo', the others in proportion")
    for first, second in ((1, 0), (0, 3)):
        tie = crossing(first, second)
        print(f"{NAMES[first]} = {NAMES[second]} at {tie:.3f}")
        level = totals(demo_weights(tie))
        np.testing.assert_allclose(level[first], level[second])
        assert level.argmax() in (first, second)


if __name__ == "__main__":
    main()
