"""Relative position: the buckets of T5, clipping, and the skewing trick.

Sources: Raffel et al., arXiv:1910.10683, and _relative_position_bucket in
mesh_tensorflow/transformer/transformer_layers.py; Shaw et al.,
arXiv:1803.02155; Huang et al., arXiv:1809.04281, section 3.4.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


# --8<-- [start:relative]
def t5_bucket(
    offset: Integers,
    bidirectional: bool,
    buckets: int = 32,
    limit: int = 128,
) -> Integers:
    """Bucket of offset = n - m, key position minus query position."""
    first = np.zeros_like(offset)
    distance = np.maximum(-offset, 0)
    if bidirectional:
        buckets //= 2
        first = np.where(offset > 0, buckets, 0)
        distance = np.abs(offset)
    exact = buckets // 2
    share = np.log(np.maximum(distance, exact) / exact)
    share = share / np.log(limit / exact)
    far = exact + (share * (buckets - exact)).astype(np.int64)
    near = np.where(distance < exact, distance, far)
    return first + np.minimum(near, buckets - 1)


def skew(products: Array) -> Array:
    """Row m, column c moves to column n = m + c - (T-1)."""
    length = len(products)
    padded = np.pad(products, ((0, 0), (1, 0)))
    moved: Array = padded.reshape(length + 1, length)[1:]
    return moved


# --8<-- [end:relative]


def exact_bucket(distance: int, buckets: int, limit: int = 128) -> int:
    """The same bucket in integers: no logarithm, no rounding."""
    exact = buckets // 2
    if distance < exact:
        return distance
    span, step = buckets - exact, 0
    # (distance / exact) ** span >= (limit / exact) ** (step + 1)
    while step + 1 < span and distance**span * exact ** (
        step + 1
    ) >= exact**span * limit ** (step + 1):
        step += 1
    return exact + step


def check_buckets() -> None:
    distances = np.array([0, 7, 8, 15, 16, 32, 64, 90, 91, 112, 113, 1000])
    rows = {
        "decoder, n <= m": t5_bucket(-distances, False),
        "encoder, n <= m": t5_bucket(-distances, True),
        "encoder, n > m": t5_bucket(distances, True),
    }
    print("T5 buckets (32, limit 128)")
    widths = [4] * (len(distances) - 1) + [5]

    def line(name: str, row: Integers) -> str:
        cells = zip(row, widths, strict=True)
        return f"{name:<15}" + "".join(f"{v:{w}}" for v, w in cells)

    print(line("|m - n|", distances))
    for name, row in rows.items():
        text = line(name, row)
        if name == "encoder, n > m":  # distance 0 is in the row above
            text = text[:15] + " " * 4 + text[19:]
        print(text)

    every = np.arange(2000)
    causal = t5_bucket(-every, False)
    starts = np.searchsorted(causal, np.arange(16, 32))
    print("\ndecoder: smallest distance of buckets 16 to 31")
    for half in starts[:8], starts[8:]:
        print("  " + "".join(f"{value:5}" for value in half))

    np.testing.assert_array_equal(causal[:16], every[:16])
    for row, buckets, shift in [
        (causal, 32, 0),
        (t5_bucket(-every, True), 16, 0),
        (t5_bucket(every[1:], True), 16, 16),
    ]:
        distance = every[len(every) - len(row) :]
        expected = [exact_bucket(int(d), buckets) + shift for d in distance]
        np.testing.assert_array_equal(row, expected)
    # The last bucket begins before the limit of 128.
    assert (starts[-1], causal[112]) == (113, 30)
    assert list(rows["encoder, n <= m"][[7, 8]]) == [14, 15]
    # The buckets of past and future are disjoint.
    assert set(t5_bucket(-every, True)).isdisjoint(t5_bucket(every[1:], True))


def clip_rows(length: int, kappa: int) -> Integers:
    """Row of Shaw's table for every query m and key n: clip(n - m) + kappa."""
    position = np.arange(length)
    rows: Integers = (
        np.clip(position - position[:, None], -kappa, kappa) + kappa
    )
    return rows


def check_shaw() -> None:
    length, d_k, kappa = 6, 4, 2
    rng = np.random.default_rng(0)
    q, keys = rng.normal(size=(2, length, d_k))
    table = rng.normal(size=(2 * kappa + 1, d_k))
    rows = clip_rows(length, kappa)
    print("\nShaw, kappa = 2: clip(n - m), queries down, keys across")
    for row in rows - kappa:
        print("  " + "".join(f"{value:4}" for value in row))

    # (key + vector) first, or two products: the score is the same.
    direct = np.einsum("md,mnd->mn", q, keys + table[rows])
    split = q @ keys.T + np.take_along_axis(q @ table.T, rows, axis=1)
    difference = np.abs(direct - split).max()
    print(f"q.(k + a) - (q.k + q.a){difference:22.4f}")
    assert difference < 1e-12
    print(f"parameters, kappa = 16, d_k = 64{(2 * 16 + 1) * 64:13,}")
    assert (2 * 16 + 1) * 64 == 2112


def check_skew() -> None:
    length, d_k = 7, 4
    rng = np.random.default_rng(1)
    q = rng.normal(size=(length, d_k))
    vectors = rng.normal(size=(length, d_k))  # offsets -(T-1) .. 0
    m, n = np.tril_indices(length)
    tensor = vectors[np.clip(n - m + length - 1, 0, None)]
    naive = np.einsum("id,id->i", q[m], tensor)
    skewed = skew(q @ vectors.T)[m, n]
    difference = np.abs(naive - skewed).max()
    print(
        f"\nskewing, T = 7: difference from a vector per pair{difference:8.4f}"
    )
    assert difference < 1e-12
    assert np.abs(naive - (q @ vectors.T)[m, n]).max() > 0.1

    size, width = 2048, 64
    print("numbers held for one head, T = 2,048, d_k = 64")
    print(f"  a vector for each pair, T * T * d_k{size * size * width:14,}")
    print(f"  a vector for each offset, T * d_k{size * width:16,}")


def check_biases() -> None:
    heads, length = 12, 16
    table = np.random.default_rng(2).normal(size=(32, heads))
    position = np.arange(length)
    bias = table[t5_bucket(position - position[:, None], False)]
    spread = max(
        float(np.ptp(np.diagonal(bias, -k, 0, 1), axis=1).max())
        for k in range(length - 1)
    )
    print(f"\nT5 bias along a diagonal, max - min{spread:10.4f}")
    print(f"parameters, 32 buckets, 12 heads{table.size:13,}")
    assert spread == 0
    assert table.size == 384


if __name__ == "__main__":
    check_buckets()
    check_shaw()
    check_skew()
    check_biases()
