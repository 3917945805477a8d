"""Sparse fine-tuning: which weights to train, and what a mask costs.

Sources: Sung et al., Training Neural Networks with Fixed Sparse Masks,
arXiv:2111.09839 (Fisher mask); Ansell et al., Composable Sparse
Fine-Tuning, arXiv:2110.07560 (change, then rewind).
"""

# tolerance: 1e-2

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
D, K, TRAIN, TEST = 200, 10, 400, 10_000
NEW, WIDE = slice(0, 10), slice(10, 20)


# --8<-- [start:masks]
def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def tune(theta: Array, x: Array, y: Array, mask: Array) -> Array:
    """Gradient descent; only masked-in entries have a gradient at all."""
    chosen = mask.nonzero()[0]
    fixed, part = x @ theta, x[:, chosen]
    delta = np.zeros(chosen.size)
    for _ in range(1000):
        error = sigmoid(fixed + part @ delta) - y
        delta -= 0.1 * part.T @ error / y.size
    tuned = theta.copy()
    tuned[chosen] += delta
    return tuned


def scores(theta: Array, x: Array, y: Array) -> dict[str, Array]:
    """One number a weight; the mask takes the K largest."""
    p = sigmoid(x @ theta)
    fisher = (p * (1 - p)) @ x**2 / y.size  # no labels in it
    gradient = x.T @ (p - y) / y.size
    return {
        "Fisher F": fisher,
        "empirical F": (p - y) ** 2 @ x**2 / y.size,  # with labels
        "gradient |g|": np.abs(gradient),
        "g^2 / F": gradient**2 / np.maximum(fisher, 1e-9),
    }


def largest(score: Array) -> Array:
    mask = np.zeros_like(score)
    mask[np.argsort(score)[-K:]] = 1
    return mask


# --8<-- [end:masks]


class Task(NamedTuple):
    """A target domain: the first ten weights are wrong, the rest right."""

    theta: Array  # pretrained
    target: Array
    x: Array
    y: Array
    x_test: Array
    y_test: Array


@cache
def task(case: str, seed: int) -> Task:
    rng = np.random.default_rng(seed)
    scale = np.ones(D)
    if case == "wrong wide":
        scale[NEW] = 3
    elif case == "others wide":
        scale[WIDE] = 3
    theta = 0.15 * rng.normal(size=D)
    theta[NEW] = 0
    target = theta.copy()
    target[NEW] = np.resize([0.6, -0.6], K)
    xs = [scale * rng.normal(size=(n, D)) for n in (TRAIN, TEST)]
    ys = [(rng.random(len(x)) < sigmoid(x @ target)) * 1.0 for x in xs]
    return Task(theta, target, xs[0], ys[0], xs[1], ys[1])


def accuracy(theta: Array, t: Task) -> float:
    return float(((t.x_test @ theta > 0) == (t.y_test > 0.5)).mean())


CASES = ["wrong wide", "all alike", "others wide"]
SEEDS = range(6)


def check_masks() -> None:
    print("test accuracy (weights found of 10), mean of 6 seeds")
    print(" " * 14 + "".join(f"{case:>15}" for case in CASES))
    table: dict[str, list[tuple[float, float]]] = {}
    for case in CASES:
        columns: dict[str, list[tuple[float, float]]] = {}
        for seed in SEEDS:
            t = task(case, seed)
            rng = np.random.default_rng(100 + seed)
            masks = {"none": np.zeros(D), "random": largest(rng.random(D))}
            masks |= {
                name: largest(score)
                for name, score in scores(t.theta, t.x, t.y).items()
            }
            full = tune(t.theta, t.x, t.y, np.ones(D))
            masks["change"] = largest(np.abs(full - t.theta))
            tuned = {
                name: tune(t.theta, t.x, t.y, mask)
                for name, mask in masks.items()
            }
            tuned["all weights"], masks["all weights"] = full, np.ones(D)
            for name, weights in tuned.items():
                pair = accuracy(weights, t), float(masks[name][NEW].sum())
                columns.setdefault(name, []).append(pair)
            pair = accuracy(t.target, t), float(K)
            columns.setdefault("true weights", []).append(pair)
        for name, pairs in columns.items():
            mean = np.mean(pairs, axis=0)
            table.setdefault(name, []).append((mean[0], mean[1]))
    for name, row in table.items():
        cells = "".join(f"{a:8.2f} ({n:4.1f})" for a, n in row)
        print(f"{name:14}{cells}")
    fisher, best = table["Fisher F"], table["g^2 / F"]
    empirical = table["empirical F"]
    assert all(
        abs(e[1] - f[1]) < 1.5 for e, f in zip(empirical, fisher, strict=True)
    )
    assert fisher[0][1] == 10 and fisher[1][1] < 3 and fisher[2][1] < 1
    assert all(found > 7 for _, found in best)
    assert best[2][1] > table["gradient |g|"][2][1] + 1
    assert fisher[0][0] > table["all weights"][0][0] > table["random"][0][0]
    assert abs(fisher[2][0] - table["none"][2][0]) < 0.02
    for column in range(3):
        assert best[column][0] > table["all weights"][column][0]


def check_fisher() -> None:
    """In logistic regression the Fisher is the Hessian's diagonal."""
    t, h, i = task("wrong wide", 0), 1e-4, 3

    def loss(change: float) -> float:
        theta = t.theta.copy()
        theta[i] += change
        z = t.x @ theta
        return float((np.logaddexp(0, z) - t.y * z).mean())

    curvature = (loss(h) - 2 * loss(0) + loss(-h)) / h**2
    slope = (loss(h) - loss(-h)) / (2 * h)
    found = scores(t.theta, t.x, t.y)
    np.testing.assert_allclose(found["Fisher F"][i], curvature, rtol=1e-5)
    np.testing.assert_allclose(found["gradient |g|"][i], abs(slope), rtol=1e-5)
    # The best step on this weight alone gains g^2 / 2F, to second order.
    moves = np.linspace(-3, 3, 6001)
    best = max(slope * x - curvature * x * x / 2 for x in moves)
    np.testing.assert_allclose(found["g^2 / F"][i] / 2, best, rtol=1e-5)


def check_leak() -> None:
    """Gradients at right weights while others are wrong (first case).

    Stein: E[g_i] = theta_i s_i^2 (E[p'] at target - E[p'] at theta).
    """
    t = task("wrong wide", 0)
    scale = np.where(np.arange(D) < K, 3.0, 1.0)
    x = scale * np.random.default_rng(7).normal(size=(40_000, D))
    before, after = sigmoid(x @ t.theta), sigmoid(x @ t.target)
    g = x.T @ (after - before) / len(x)  # the expectation over labels
    slope = (after * (1 - after)).mean() - (before * (1 - before)).mean()
    fit = g[K:] @ t.theta[K:] / (t.theta[K:] @ t.theta[K:])
    r = np.corrcoef(g[K:], t.theta[K:])[0, 1]
    print("\nfirst case, the 190 right weights: E[g] = c theta")
    print(f"c {fit:.2f}, by Stein {slope:.2f}, correlation {r:.2f}")
    assert abs(fit - slope) < 0.01 and r < -0.95


def sum_of_two(seed: int) -> dict[str, float]:
    """Two domains, one delta each; their sum on a domain with both."""
    rng = np.random.default_rng(seed)
    theta = 0.15 * rng.normal(size=D)
    theta[: 2 * K] = 0
    signs = np.resize([0.6, -0.6], K)
    sums = {"none": theta, "sparse": theta, "all weights": theta}
    for part in (slice(0, K), slice(K, 2 * K)):
        active = np.ones(D)
        active[: 2 * K] = 0
        active[part] = 1
        target = theta.copy()
        target[part] = signs
        x = active * rng.normal(size=(TRAIN, D))
        y = (rng.random(TRAIN) < sigmoid(x @ target)) * 1.0
        mask = largest(scores(theta, x, y)["g^2 / F"])
        for name, m in (("sparse", mask), ("all weights", np.ones(D))):
            sums[name] = sums[name] + tune(theta, x, y, m) - theta
    sums["true weights"] = theta.copy()
    sums["true weights"][: 2 * K] = np.concatenate([signs, signs])
    x = rng.normal(size=(TEST, D))
    y = (rng.random(TEST) < sigmoid(x @ sums["true weights"])) * 1.0
    t = Task(theta, theta, x, y, x, y)
    return {name: accuracy(weights, t) for name, weights in sums.items()}


def check_sum() -> None:
    found = [sum_of_two(seed) for seed in SEEDS]
    print("\nsum of two deltas, tested where both shifts are present")
    mean = {name: np.mean([f[name] for f in found]) for name in found[0]}
    for name, value in mean.items():
        print(f"{name:14}{value:8.2f}")
    assert mean["sparse"] > mean["all weights"] + 0.03


def updates(d: int, count: int) -> dict[str, Array]:
    """Three updates of a d x d matrix; the last two have `count` numbers."""
    rng = np.random.default_rng(1)
    dense = rng.normal(size=(d, d))
    r = max(1, count // (2 * d))
    low = rng.normal(size=(d, r)) @ rng.normal(size=(r, d))
    sparse = np.zeros(d * d)
    sparse[rng.choice(d * d, count, replace=False)] = rng.normal(size=count)
    return {"dense": dense, "LoRA": low, "sparse": sparse.reshape(d, d)}


def check_rank() -> None:
    d = 400
    count = round(0.02 * d * d)
    print(f"\n{d} x {d}, {count:,} numbers (2%)       entries      rank")
    ranks = {}
    for name, update in updates(d, count).items():
        ranks[name] = int(np.linalg.matrix_rank(update))
        entries = int((update != 0).sum())
        print(f"{name:32}{entries:14,}{ranks[name]:10,}")
    assert ranks["LoRA"] == 4 and ranks["sparse"] > 0.97 * d
    # A pruned matrix with LoRA merged into it is dense again.
    rng = np.random.default_rng(2)
    w = rng.normal(size=(d, d))
    w[np.abs(w) < np.median(np.abs(w))] = 0
    merged = w + updates(d, count)["LoRA"]
    print(f"zeros of a pruned matrix    {(w == 0).mean():.2f}", end="")
    print(f", after merging LoRA {(merged == 0).mean():.2f}")
    assert (w == 0).mean() == 0.5 and (merged == 0).mean() == 0


def check_storage() -> None:
    full, density = 6_738_415_616, 0.005
    count = round(density * full)
    bits = -density * np.log2(density)
    bits -= (1 - density) * np.log2(1 - density)
    print(f"\nLlama-7B, 0.5% = {count:,} weights")
    rows = {
        "checkpoint, dense at 16 bits": 2 * full,
        "values at 16 bits, indices at 32": 6 * count,
        "values at 16 bits, indices coded": (2 + bits / density / 8) * count,
        "dense gradient at 16 bits": 2 * full,
        "dense Adam states at 32 bits": 8 * full,
        "sparse gradient, states, indices": (2 + 8 + 4) * count,
    }
    for name, size in rows.items():
        print(f"{name:34}{size / 1e9:9.3f} GB")
    print(f"an index needs at least {bits / density:.2f} bits")
    assert full > 2**32  # a flat 32-bit index does not reach the end
    assert round(6 * count / 1e6) == 202


if __name__ == "__main__":
    check_masks()
    check_fisher()
    check_leak()
    check_sum()
    check_rank()
    check_storage()
