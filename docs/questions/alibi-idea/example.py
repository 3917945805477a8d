"""ALiBi: a linear penalty on distance, one slope a head.

Source: Press, Smith, Lewis, arXiv:2108.12409, section 3.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def softmax(scores: Array) -> Array:
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    normalized: Array = weights / weights.sum(axis=-1, keepdims=True)
    return normalized


# --8<-- [start:alibi]
def slopes(heads: int) -> Array:
    """2^(-8r/heads) for r = 1 .. heads, a power of two."""
    assert heads & (heads - 1) == 0
    rates: Array = 2.0 ** (-8 * np.arange(1, heads + 1) / heads)
    return rates


def attention(
    q: Array, k: Array, v: Array, slope: float
) -> tuple[Array, Array]:
    """One causal head: rows of q, k, v are tokens; v stays as it is."""
    position = np.arange(len(q))
    distance = position[:, None] - position  # m - n
    scores = q @ k.T / np.sqrt(q.shape[1])
    scores = scores - slope * distance  # not divided by sqrt(d_k)
    weights = softmax(np.where(distance < 0, -np.inf, scores))
    return weights, weights @ v


# --8<-- [end:alibi]


def equal_content(length: int, slope: float) -> Array:
    """Weights of the last query when all content scores are equal."""
    zeros = np.zeros((length, 1))
    weights: Array = attention(zeros, zeros, zeros, slope)[0][-1]
    return weights


def beyond(trained: int, length: int, slope: float) -> float:
    """Share of the weight at distances trained .. length - 1."""
    near, far = np.exp(-slope * trained), np.exp(-slope * length)
    return float((near - far) / (1 - far))


def show_slopes() -> None:
    for heads in 8, 16:
        names = [f"2^-{8 * r / heads:g}" for r in range(1, heads + 1)]
        print(f"{heads:>2} heads: {names[0]}, {names[1]} .. {names[-1]}")
    eight, sixteen = slopes(8), slopes(16)
    np.testing.assert_allclose(eight, [0.5**r for r in range(1, 9)])
    # 16 heads: the 8 slopes, and geometric means of neighbours.
    np.testing.assert_allclose(sixteen[1::2], eight)
    np.testing.assert_allclose(
        sixteen[2::2], np.sqrt(eight[:-1] * eight[1:]), rtol=1e-14
    )


def show_weights() -> None:
    print("\nequal content, query at position 4")
    print("slope   " + "".join(f"   n = {n}" for n in range(5)))
    table = {}
    for slope in (1 / 2, 1 / 16, 1 / 256):
        table[slope] = equal_content(5, slope)
        cells = "".join(f"{w:8.4f}" for w in table[slope])
        print(f"1/{1 / slope:<6g}{cells}")
    ratios = table[1 / 2][1:] / table[1 / 2][:-1]
    np.testing.assert_allclose(ratios, np.exp(0.5))
    print(f"each step nearer, slope 1/2: times{ratios[0]:9.4f}")


def show_identities() -> None:
    rng = np.random.default_rng(0)
    length, d_k = 6, 64
    q, k, v = rng.normal(size=(3, length, d_k))
    position = np.arange(length)
    distance = position[:, None] - position
    content = np.where(distance < 0, -np.inf, q @ k.T / np.sqrt(d_k))
    weights, output = attention(q, k, v, 0.5)

    decayed = softmax(content) * np.exp(-0.5 * np.maximum(distance, 0))
    decayed /= decayed.sum(axis=1, keepdims=True)
    outside = np.abs(decayed - weights).max()
    print("\nd_k = 64, random q, k, v, slope 1/2: largest difference")
    print(f"  decay the weights, normalize again{outside:12.4f}")
    assert outside < 1e-12

    unnormalized = softmax(content) * np.exp(-0.5 * np.maximum(distance, 0))
    total = unnormalized.sum(axis=1)[-1]
    print(f"  without normalizing, sum of last row{total:10.4f}")
    assert total < 0.9

    # Put inside the scaling, 1/2 becomes 1/2 / 8 = 1/16: head 4's slope.
    inside = (q @ k.T - 0.5 * distance) / np.sqrt(d_k)
    inside = softmax(np.where(distance < 0, -np.inf, inside))
    wrong = np.abs(inside - weights).max()
    fourth = np.abs(inside - attention(q, k, v, 1 / 16)[0]).max()
    print(f"  bias divided by sqrt(d_k) as well{wrong:13.4f}")
    print(f"  the same, against slope 1/16{fourth:18.4f}")
    assert wrong > 0.05 and fourth < 1e-12

    # 100 tokens further on, nothing changes: only m - n enters.
    long_q, long_k, long_v = (
        np.concatenate([rng.normal(size=(100, d_k)), x]) for x in (q, k, v)
    )
    later, _ = attention(long_q, long_k, long_v, 0.5)
    ratio = later[-1, 100:] / later[-1, 100:].sum()
    np.testing.assert_allclose(ratio, weights[-1], rtol=1e-10)
    assert np.all(output == weights @ v)


def show_beyond() -> None:
    print("\nequal content: share of weight at distances not trained on")
    print("slope    T_0 512, T 1,024   T_0 1,024, T 2,048")
    for power in (4, 6, 7, 8):
        slope = 2.0**-power
        first, second = beyond(512, 1024, slope), beyond(1024, 2048, slope)
        print(f"1/{2**power:<6}{first:15.4f}{second:21.4f}")
        for trained, share in ((512, first), (1024, second)):
            weights = equal_content(2 * trained, slope)
            assert abs(weights[:trained].sum() - share) < 1e-12
            assert abs(1 / (1 + np.exp(slope * trained)) - share) < 1e-12
    none = equal_content(1024, 0.0)[:512].sum()
    print(f"no bias {none:15.4f}{none:21.4f}")
    assert abs(none - 0.5) < 1e-12


if __name__ == "__main__":
    show_slopes()
    show_weights()
    show_identities()
    show_beyond()
