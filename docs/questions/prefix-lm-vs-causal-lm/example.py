"""Causal and prefix masks: what is visible, cached, and learned in context.

Sources: Raffel et al., arXiv:1910.10683, section 3.2 (the masks); Ding et
al., arXiv:2308.06912 (in-context regression under the two masks).
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SIZE, PREFIX = 8, 4
LAYERS = (1, 10, 100, 1000, 10_000)


# --8<-- [start:masks]
def visible(level: list[int]) -> Mask:
    """Row i sees column j if level[j] <= level[i]; levels never fall."""
    steps = np.array(level)
    seen: Mask = steps[None, :] <= steps[:, None]
    return seen


def levels(size: int, prefix: int) -> list[int]:
    """All of the prefix on level 0, then one level a token."""
    return [max(0, i - prefix + 1) for i in range(size)]


def in_context(x: Array, y: Array, mask: Mask, layers: int) -> Array:
    """Linear attention as regression: each row keeps a residual, y at first.

    A layer lowers residual j by step * sum of residual i * x_i . x_j over
    the rows i that j sees. The query sees all rows; returns its weights.
    """
    gram = x @ x.T
    step = 1 / np.linalg.eigvalsh(gram)[-1]
    residual, weights = y.copy(), np.zeros(x.shape[1])
    for _ in range(layers):
        weights = weights + step * x.T @ residual
        residual = residual - step * np.where(mask, gram, 0.0) @ residual
    return weights


def one_pass(x: Array, y: Array) -> Array:
    """Kaczmarz: take the examples in turn, fit each one exactly."""
    weights = np.zeros(x.shape[1])
    for row, target in zip(x, y, strict=True):
        weights = weights + (target - row @ weights) / (row @ row) * row
    return weights


# --8<-- [end:masks]


def causal(size: int) -> Mask:
    return visible(levels(size, 1))


def prefix_mask(size: int, prefix: int) -> Mask:
    return visible(levels(size, prefix))


def attend(x: Array, mask: Mask) -> Array:
    """One attention layer with a residual, all projections the identity."""
    score = np.where(mask, x @ x.T / math.sqrt(x.shape[1]), -np.inf)
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    output: Array = x + weight / weight.sum(axis=1, keepdims=True) @ x
    return output


def changed(x: Array, other: Array, mask: Mask, same: Mask) -> Mask:
    """Which rows of two layers' output differ, of those present in both."""
    before = attend(attend(x, mask), mask)
    after = attend(attend(other, same), same)
    shared = min(len(before), len(after))
    gap = np.abs(before[:shared] - after[:shared]).max(axis=1)
    moved: Mask = gap > 1e-12  # rounding may differ with the shapes
    return moved


def check_masks() -> None:
    one, two = causal(SIZE), prefix_mask(SIZE, PREFIX)
    assert np.array_equal(one, np.tri(SIZE, dtype=bool))
    for i in range(SIZE):
        for j in range(SIZE):
            assert two[i, j] == (j <= i or j < PREFIX)
    print("n = 8, prefix 4   causal             prefix")
    for a, b in zip(one, two, strict=True):
        cells = [" ".join("1" if v else "." for v in row) for row in (a, b)]
        print(f"{'':18}{cells[0]}    {cells[1]}")
    pairs = int(one.sum()), int(two.sum())
    print(f"pairs{pairs[0]:15}{pairs[1]:19}")
    assert pairs == (36, 42)
    assert pairs[1] == SIZE * (SIZE + 1) // 2 + PREFIX * (PREFIX - 1) // 2
    # A row may be trained on its next token if it does not see it.
    honest = [
        int(sum(not mask[i, i + 1] for i in range(SIZE - 1)))
        for mask in (one, two)
    ]
    print(f"losses{honest[0]:14}{honest[1]:19}")
    assert honest == [SIZE - 1, SIZE - PREFIX]


def check_cache() -> None:
    x = np.random.default_rng(0).normal(size=(SIZE, 8))
    other = x.copy()
    other[PREFIX - 1] += 1.0
    print("\ntoken 3 changed: outputs 0..7 that change")
    for name, mask in (
        ("causal", causal(SIZE)),
        ("prefix 4", prefix_mask(SIZE, PREFIX)),
    ):
        moved = changed(x, other, mask, mask)
        print(f"  {name:<20}" + " ".join("yes" if m else " no" for m in moved))
        wanted = np.arange(SIZE) >= PREFIX - 1 if name == "causal" else True
        assert np.all(moved == wanted)

    print("a turn of 4 tokens added: old outputs 0..3 that change")
    first = visible(levels(4, 4))
    for name, level, stays in (
        ("prefix grows to 8", [0] * 8, False),
        ("new turn causal", [0, 0, 0, 0, 1, 2, 3, 4], True),
        ("a block a turn", [0, 0, 0, 0, 1, 1, 1, 1], True),
    ):
        moved = changed(x[:4], x, first, visible(level))
        print(f"  {name:<20}" + " ".join("yes" if m else " no" for m in moved))
        assert np.all(moved != stays)

    turns, tokens = 10, 200
    again = sum(k * tokens for k in range(1, turns + 1))
    print(f"10 turns of 200 tokens: {turns * tokens:,} encoded once,", end=" ")
    print(f"{again:,} with re-encoding, {again / turns / tokens:.1f} times")
    assert again == 11_000


def data(noise: float) -> tuple[Array, Array, Array]:
    """16 examples of a linear map of 4 inputs: x, y, the true weights."""
    rng = np.random.default_rng(1)
    x, true = rng.normal(size=(16, 4)), rng.normal(size=4)
    return x, x @ true + noise * rng.normal(size=16), true


def errors(mask: Mask) -> list[float]:
    """Relative error of the weights after each of LAYERS, no noise."""
    x, y, true = data(0.0)
    scale = np.linalg.norm(true)
    return [
        float(np.linalg.norm(in_context(x, y, mask, n) - true) / scale)
        for n in LAYERS
    ]


def check_regression() -> None:
    x, y, true = data(0.0)
    whole, lower = np.ones((16, 16), dtype=bool), causal(16)
    print("\nin-context regression, 16 examples, 4 inputs: relative error")
    print("layers      prefix    causal")
    for n, a, b in zip(LAYERS, errors(whole), errors(lower), strict=True):
        print(f"{n:6,}{a:12.4f}{b:10.4f}")

    def error(weights: Array) -> float:
        return float(np.linalg.norm(weights - true) / np.linalg.norm(true))

    limit = one_pass(x, y)
    print(f"one pass of Kaczmarz {error(limit):7.4f}")
    np.testing.assert_allclose(
        in_context(x, y, lower, 10_000), limit, atol=1e-8
    )
    gram = np.tril(x @ x.T)
    np.testing.assert_allclose(limit, x.T @ np.linalg.solve(gram, y))
    np.testing.assert_allclose(in_context(x, y, whole, 10_000), true)

    backwards = in_context(x[::-1], y[::-1], lower, 10_000)
    print(f"causal, examples in reverse order {error(backwards):.4f}")
    assert abs(error(backwards) - error(limit)) > 1e-3
    reverse = in_context(x[::-1], y[::-1], whole, 10_000)
    np.testing.assert_allclose(reverse, in_context(x, y, whole, 10_000))

    print("causal, the examples repeated")
    last = math.inf
    for copies in (1, 2, 3):
        value = error(one_pass(np.tile(x, (copies, 1)), np.tile(y, copies)))
        print(f"  copies {copies} {value:9.6f}")
        assert value < last
        last = value

    x, y, _ = data(0.5)
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    np.testing.assert_allclose(in_context(x, y, whole, 10_000), best)


def check_noise() -> None:
    """Many examples with noise: mean squared error over 200 draws."""
    rng = np.random.default_rng(2)
    print("with noise, mean squared error of the weights, 200 draws")
    print("examples  least squares  one pass")
    table = []
    for count in (16, 64, 256, 1024):
        x = rng.normal(size=(200, count, 4))
        y = 0.5 * rng.normal(size=(200, count))  # the true weights are 0
        normal = np.einsum("bni,bnj->bij", x, x)
        right = np.einsum("bni,bn->bi", x, y)
        best = np.linalg.solve(normal, right[..., None])[..., 0]
        weights = np.zeros((200, 4))
        for n in range(count):
            row = x[:, n]
            miss = y[:, n] - (row * weights).sum(axis=1)
            weights += (miss / (row * row).sum(axis=1))[:, None] * row
        table.append([(w * w).sum(axis=1).mean() for w in (best, weights)])
        print(f"{count:8,}{table[-1][0]:15.4f}{table[-1][1]:10.3f}")
    errors = np.array(table)
    # One falls like 1/n, the other stays where it is.
    assert errors[3, 0] < errors[0, 0] / 40
    assert errors[:, 1].min() > 0.5 * errors[:, 1].max()


if __name__ == "__main__":
    check_masks()
    check_cache()
    check_regression()
    check_noise()
