"""Budget of a pre-training run: compute, days, duplicates, tokens a parameter.

6ND is the rule of Kaplan et al. (2020); the loss is Hoffmann et al. (2022)
with the constants of Besiroglu et al. (2024); the bands are FineWeb's.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PEAK = 989e12  # dense BF16 FLOP/s of an H100 SXM or H800
DAY = 86_400
A, B, E, ALPHA, BETA = 482.01, 2085.43, 1.8172, 0.3478, 0.3658
BANDS, ROWS = 14, 8


# --8<-- [start:budget]
def flops(parameters: float, tokens: float) -> float:
    """Training compute: 2 for the forward pass, 4 for the backward pass,
    for each parameter that works on a token, and each token."""
    return 6 * parameters * tokens


def days(compute: float, gpus: int, utilization: float) -> float:
    return compute / (gpus * PEAK * utilization) / DAY


def tokens_for(loss: float, parameters: Array) -> Array:
    """Tokens that bring a model of this size to `loss`; inf if none do."""
    left = loss - E - A / parameters**ALPHA
    return np.where(
        left > 0, (B / np.maximum(left, 1e-9)) ** (1 / BETA), np.inf
    )


def cheapest(loss: float, served: float) -> tuple[float, float, float]:
    """(parameters, tokens, FLOPs) of the model that reaches `loss` and then
    processes `served` tokens, at least cost for both together."""
    n = np.geomspace(1e8, 1e12, 400_001)
    d = tokens_for(loss, n)
    cost = 6 * n * d + 2 * n * served
    i = int(cost.argmin())
    return n[i], d[i], cost[i]


def found(similarity: Array | float) -> Array | float:
    """Chance that locality-sensitive hashing proposes a pair of documents:
    one of BANDS bands agrees in all its ROWS hashes."""
    return 1 - (1 - similarity**ROWS) ** BANDS


# --8<-- [end:budget]


def simulated(
    similarity: float, pairs: int, rng: np.random.Generator
) -> float:
    """The same with real MinHash over pairs of sets of that similarity."""
    size, hits = 300, 0
    common = round(2 * size * similarity / (1 + similarity))
    union = 2 * size - common
    for _ in range(pairs):
        # A random order of the union for each hash; the smallest element.
        order = rng.random((BANDS * ROWS, union))
        first = order[:, :size].argmin(axis=1)
        shifted = np.r_[np.arange(common), np.arange(size, union)]
        second = shifted[order[:, shifted].argmin(axis=1)]
        same = (first == second).reshape(BANDS, ROWS)
        hits += bool(same.all(axis=1).any())
    return hits / pairs


def main() -> None:
    print("model             N, B     D, T   tokens/N     6ND")
    runs = (
        ("GPT-3", 174.6, 0.3),
        ("Chinchilla", 70.0, 1.4),
        ("Llama 3 8B", 8.03, 15.0),
        ("Llama 3.1 405B", 405.0, 15.6),
        ("DeepSeek-V3", 37.0, 14.8),
    )
    compute = {}
    for name, n, d in runs:
        compute[name] = flops(n * 1e9, d * 1e12)
        print(
            f"{name:16} {n:6.1f} {d:8.1f} {d * 1e3 / n:10,.0f}"
            f" {compute[name]:8.2e}"
        )
    print(f"DeepSeek-V3 with all 671B: {671 / 37:.1f} times too much")
    assert abs(compute["Llama 3.1 405B"] / 3.8e25 - 1) < 0.01

    small = flops(7e9, 2e12)
    print(f"\n7B, 2T tokens: {small:.1e} FLOPs;", end=" ")
    print(f"1,024 H100 at 40%: {days(small, 1024, 0.4):.2f} days")
    assert abs(days(small, 1024, 0.4) * DAY - 207_359) < 1
    print("GPU hours reported    TFLOP/s a GPU   of BF16 peak")
    for name, hours in (("Llama 3.1 405B", 30.84e6), ("DeepSeek-V3", 2.664e6)):
        rate = compute[name] / (hours * 3600)
        print(f"{name:15} {hours / 1e6:5.2f}M {rate / 1e12:13.0f}", end="")
        print(f" {rate / PEAK:14.1%}")

    print("\nsame loss, training and serving together")
    print("served, T   N, B    D, T  tokens/N  training  all, 1e22 FLOPs")
    target = E + A / 8e9**ALPHA + B / (20 * 8e9) ** BETA
    table = []
    for served in (0.0, 1e12, 1e13, 1e14):
        n, d, cost = cheapest(target, served)
        table.append((n, d, cost))
        print(
            f"{served / 1e12:9.0f} {n / 1e9:6.2f} {d / 1e12:7.3f}"
            f" {d / n:9.0f} {6 * n * d / 1e22:9.2f} {cost / 1e22:10.2f}"
        )
    # More serving asks for a smaller model and more tokens.
    assert all(a[0] > b[0] and a[1] < b[1] for a, b in pairwise(table))
    # Without serving, parameters and tokens weigh alike in the loss.
    n, d, _ = table[0]
    assert abs(ALPHA * A / n**ALPHA / (BETA * B / d**BETA) - 1) < 1e-3
    assert 15 < d / n < 30

    print("\nMinHash, 14 bands of 8: chance that a pair is found")
    print("similarity   formula  simulated")
    rng = np.random.default_rng(0)
    for similarity in (0.5, 0.7, 0.75, 0.8, 0.85):
        tried = simulated(similarity, 400, rng)
        exact = float(found(similarity))
        print(f"{similarity:10} {exact:9.3f} {tried:10.2f}")
        assert abs(tried - exact) < 4 * np.sqrt(exact * (1 - exact) / 400)


if __name__ == "__main__":
    main()
