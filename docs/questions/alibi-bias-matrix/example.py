"""ALiBi's bias matrix, for any number of heads, and its cheaper forms.

Sources: Press, Smith, Lewis, arXiv:2108.12409, section 3; get_slopes in
github.com/ofirpress/attention_with_linear_biases.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:bias]
def slopes(heads: int) -> Array:
    """One slope a head, in the order of the official code."""
    power = 2 ** int(math.log2(heads))  # largest power of two <= heads
    main = 2.0 ** (-8 * np.arange(1, power + 1) / power)
    twice = 2.0 ** (-8 * np.arange(1, 2 * power + 1) / (2 * power))
    every: Array = np.concatenate([main, twice[0::2][: heads - power]])
    return every


def bias_matrix(heads: int, length: int) -> Array:
    """heads x length x length: -slope * (m - n), and -inf for n > m."""
    position = np.arange(length)
    offset = position - position[:, None]  # n - m
    bias = slopes(heads)[:, None, None] * offset
    full: Array = np.where(offset > 0, -np.inf, bias)
    return full


def bias_rows(heads: int, length: int) -> Array:
    """heads x 1 x length: slope * n, the same for all queries."""
    rows: Array = slopes(heads)[:, None, None] * np.arange(length)
    return rows


# --8<-- [end:bias]


def softmax(scores: Array) -> Array:
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    normalized: Array = weights / weights.sum(axis=-1, keepdims=True)
    return normalized


def official(heads: int) -> list[float]:
    """get_slopes as published: recursion and products, no exponents."""
    if math.log2(heads).is_integer():
        start = 2 ** (-(2 ** -(math.log2(heads) - 3)))
        return [start * start**i for i in range(heads)]
    power = 2 ** math.floor(math.log2(heads))
    extra = official(2 * power)[0::2][: heads - power]
    return official(power) + extra


def to_bfloat16(values: Array) -> Array:
    """Round to nearest, ties to even, kept in float64."""
    bits = values.astype(np.float32).view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    bits = (bits + np.uint32(0x7FFF) + odd) & np.uint32(0xFFFF0000)
    return bits.view(np.float32).astype(np.float64)


def show_matrix() -> None:
    print("2 heads, T = 4, slopes 1/16 and 1/256: head 1")
    bias = bias_matrix(2, 4)
    for row in bias[0]:
        print("  " + "".join(f"{v:9.4f}" for v in row))
    assert list(bias[0, 3]) == [-0.1875, -0.125, -0.0625, 0]
    assert np.all(np.diagonal(bias, axis1=1, axis2=2) == 0)
    for offset in range(4):  # Toeplitz
        diagonal = np.diagonal(bias, -offset, 1, 2)
        assert np.all(diagonal == diagonal[:, :1])
    position = np.arange(50.0)
    unmasked = position[:, None] - position
    assert np.linalg.matrix_rank(unmasked) == 2


def show_slopes() -> None:
    print("\n-log2 of the slopes, in the order of the heads")
    for heads in 8, 16, 12:
        powers = [f"{-np.log2(s):5g}" for s in slopes(heads)]
        for start in range(0, heads, 8):
            name = f"{heads:>2} heads" if start == 0 else " " * 8
            print(name + "".join(powers[start : start + 8]))


def show_head_counts() -> None:
    print("\nheads  from p  from 2p   largest  smallest")
    for heads in 6, 8, 12, 16, 24, 40, 112:
        rates = slopes(heads)
        power = 2 ** int(math.log2(heads))
        np.testing.assert_allclose(rates, official(heads), rtol=1e-12)
        assert len(set(rates)) == heads
        print(
            f"{heads:5}{power:8}{heads - power:9}"
            f"{rates.max():10.4f}{rates.min():10.6f}"
        )
    np.testing.assert_allclose(
        slopes(12)[8:], [0.707107, 0.353553, 0.176777, 0.088388], rtol=1e-5
    )
    naive = 2.0 ** (-8 * np.arange(1, 13) / 12)
    same = int(np.isclose(naive, slopes(12)).sum())
    print(f"12 heads: equal to 2^(-8r/12), head by head {same:8}")
    assert same == 0


def show_forms() -> None:
    rng = np.random.default_rng(0)
    heads, length, d_k = 8, 64, 16
    q, k = rng.normal(size=(2, heads, length, d_k))
    content = q @ k.swapaxes(1, 2) / np.sqrt(d_k)
    causal = np.triu(np.full((length, length), -np.inf), 1)
    matrix = softmax(content + bias_matrix(heads, length))
    rows = softmax(content + bias_rows(heads, length) + causal)

    # One more channel: q gets 1, k gets sqrt(d_k) * slope * n.
    ones = np.ones((heads, length, 1))
    extra = np.sqrt(d_k) * bias_rows(heads, length).swapaxes(1, 2)
    q_wide = np.concatenate([q, ones], axis=2)
    k_wide = np.concatenate([k, extra], axis=2)
    wide = softmax(q_wide @ k_wide.swapaxes(1, 2) / np.sqrt(d_k) + causal)

    print("\nweights against the matrix form, largest difference")
    print(f"  row slope * n, causal{np.abs(rows - matrix).max():12.4f}")
    print(f"  one more channel{np.abs(wide - matrix).max():17.4f}")
    assert np.abs(rows - matrix).max() < 1e-12
    assert np.abs(wide - matrix).max() < 1e-12

    position = np.arange(length)
    distance = np.abs(position[:, None] - position)
    symmetric = -slopes(heads)[:, None, None] * distance
    both = softmax(content + symmetric)
    wrong = np.abs(softmax(content + bias_rows(heads, length)) - both).max()
    print(f"  row form, no mask, against -slope * |m - n|{wrong:8.4f}")
    assert wrong > 0.5

    # Turned round, the symmetric bias gives the same weights turned round.
    mirrored = softmax(content[:, ::-1, ::-1] + symmetric)[:, ::-1, ::-1]
    print(f"  symmetric, text reversed{np.abs(mirrored - both).max():9.4f}")
    assert np.abs(mirrored - both).max() < 1e-12
    turned = softmax(
        content[:, ::-1, ::-1] + causal + bias_rows(heads, length)
    )
    assert np.abs(turned[:, ::-1, ::-1] - matrix).max() > 0.5


def show_storage() -> None:
    print("\nnumbers held, h = 32, T = 8,192")
    heads, length = 32, 8192
    for name, count in (
        ("matrix, h T T", heads * length**2),
        ("rows, h T", heads * length),
        ("slopes, h", heads),
    ):
        print(f"  {name:<14}{count:16,}")
    assert bias_matrix(4, 16).size == 4 * 16**2
    assert bias_rows(4, 16).size == 4 * 16


def show_rounding() -> None:
    n = np.arange(2040.0, 2048.0)
    far = to_bfloat16(0.5 * n)
    near = to_bfloat16(0.5 * (n - 2047))
    print("\nbfloat16, slope 1/2, query at 2047, keys 2040 .. 2047")
    for name, values in ("slope * n", far), ("-slope * (m - n)", near):
        print(f"{name:<17}" + "".join(f"{v:7g}" for v in values))
    exact, rounded = softmax(near), softmax(far)
    for name, values in (
        ("weights, exact", exact),
        ("  from slope * n", rounded),
    ):
        print(f"{name:<17}" + "".join(f"{v:7.4f}" for v in values))
    assert set(far) == {1020.0, 1024.0}
    np.testing.assert_array_equal(near, (n - 2047) / 2)
    assert np.ptp(rounded[4:]) == 0 and abs(exact - rounded).max() > 0.1

    n = np.arange(5000.0)
    limits = {}
    for slope in slopes(8):
        bias = slope * n
        half = bias.astype(np.float16).astype(np.float64)
        for name, kept in (("bfloat16", to_bfloat16(bias)), ("float16", half)):
            last = int(np.argmax(kept != bias)) - 1
            assert limits.setdefault(name, last) == last
    print("slopes 1/2 .. 1/256: slope * n is exact for all n up to")
    print("".join(f"  {name} {last:,}" for name, last in limits.items()))
    assert limits == {"bfloat16": 256, "float16": 2048}


def show_reach() -> None:
    print("\nslope   half at   1% at   0 in float32 from")
    for slope in 1 / 2, 1 / 16, 1 / 256:
        half, percent = np.log(2) / slope, np.log(100) / slope
        distance = np.arange(200 / slope)
        factor = np.exp(-slope * distance).astype(np.float32)
        zero = int(np.argmax(factor == 0))
        print(f"1/{1 / slope:<6g}{half:7.1f}{percent:8.1f}{zero:13,}")
        assert abs(np.exp(-slope * percent) - 0.01) < 1e-12
        assert zero == math.ceil(150 * np.log(2) / slope)


if __name__ == "__main__":
    show_matrix()
    show_slopes()
    show_head_counts()
    show_forms()
    show_storage()
    show_rounding()
    show_reach()
