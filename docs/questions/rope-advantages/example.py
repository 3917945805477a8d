"""RoPE: what the decay bound says, what scores can do, and which precision.

Sources: Su et al., RoFormer, arXiv:2104.09864, section 3.4.3; Men et al.,
arXiv:2405.14591 (the sum of cosines and the base).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Single = NDArray[np.float32]


# --8<-- [start:decay]
def frequencies(d_k: int, base: float = 10_000.0) -> Array:
    """theta_i = base ** (-2i / d_k)."""
    return base ** (-np.arange(0, d_k, 2) / d_k)


def score(h: NDArray[np.complex128], offset: int, base: float = 1e4) -> float:
    """Re sum_i h_i exp(1j offset theta_i), where h_i = q_i conj(k_i)."""
    turn = np.exp(1j * offset * frequencies(2 * len(h), base))
    return float((h * turn).sum().real)


def bound(h: NDArray[np.complex128], offset: int, base: float = 1e4) -> float:
    """RoFormer: max |h_{i+1} - h_i| * sum |S_{i+1}|, with h_{d_k/2} = 0."""
    turn = np.exp(1j * offset * frequencies(2 * len(h), base))
    steps = np.abs(np.diff(np.append(h, 0)))
    return float(steps.max() * np.abs(np.cumsum(turn)).sum())


def to_bfloat16(x: Single) -> Single:
    """Round to nearest, ties to even: keep the upper 16 bits of float32."""
    bits = x.view(np.uint32)
    half = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return ((bits + half) & np.uint32(0xFFFF0000)).view(np.float32)


# --8<-- [end:decay]

PLANES = 64  # d_k = 128


def curve(offsets: Array, base: float) -> Array:
    """sum_i cos(offset theta_i), the score of q = k with unit planes."""
    total: Array = np.cos(
        np.outer(offsets, frequencies(2 * PLANES, base))
    ).sum(axis=1)
    return total


def first_negative(base: float, limit: int = 400_000) -> int:
    values = curve(np.arange(float(limit)), base)
    below = np.flatnonzero(values < 0)
    return int(below[0])


def check_decay() -> None:
    ones = np.ones(PLANES, dtype=np.complex128)
    # The key k = R_1000 q: the same content, turned ahead by 1000 positions.
    far = np.exp(-1j * 1000 * frequencies(2 * PLANES))
    print("d_k = 128, b = 10,000, unit planes, D = m - n")
    print("      D   q = k  RoFormer bound  k = R_1000 q")
    offsets = [0, 1, 10, 100, 1000, 4096, 10_000]
    rows = []
    for offset in offsets:
        row = score(ones, offset), bound(ones, offset), score(far, offset)
        rows.append(row)
        print(f"{offset:7,}{row[0]:8.2f}{row[1]:16.0f}{row[2]:14.2f}")
    near, limit, distant = np.array(rows).T
    assert np.all(np.abs(near) <= limit)
    # The trivial bound is sum |h_i| = 64; RoFormer's stays above it here.
    assert np.all(limit > PLANES)
    # The bound falls at first and then goes up again.
    assert limit[offsets.index(4096)] > limit[offsets.index(1000)]
    # The curve oscillates and turns negative.
    assert near[offsets.index(4096)] < 0
    fine = curve(np.arange(10_001.0), 1e4)
    rises = int((np.diff(fine) > 0).sum())
    print(f"steps of D up to 10,000 at which the q = k score rises {rises:,}")
    assert rises > 1000
    # A head can prefer any distance: this one peaks at D = 1000.
    assert distant.argmax() == offsets.index(1000)
    np.testing.assert_allclose(distant.max(), PLANES)

    # The bound holds for random content as well.
    rng = np.random.default_rng(0)
    for offset in offsets:
        parts = rng.normal(size=(2, PLANES))
        h = parts[0] + 1j * parts[1]
        assert abs(score(h, offset)) <= bound(h, offset)


def check_bases() -> None:
    print("\n     base  longest wavelength  first D with a negative sum")
    firsts = []
    for base in (1e4, 1e5, 5e5, 1e6):
        longest = 2 * np.pi / frequencies(2 * PLANES, base)[-1]
        first = first_negative(base)
        firsts.append(first)
        print(f"{base:9,.0f}{longest:20,.0f}{first:29,}")
    assert firsts == sorted(firsts)
    assert curve(np.arange(float(firsts[0])), 1e4).min() >= 0


def check_cost() -> None:
    d = 4096
    rotate, project = 2 * 3 * d, 8 * d * d
    print(
        f"\nd = 4,096, one token, one layer: rotating q, k {rotate:11,} FLOPs"
    )
    print(f"                       projections q, k, v, o {project:11,} FLOPs")
    assert rotate / project < 2e-4

    # Norms survive; a key rotated once and cached gives the same scores.
    rng = np.random.default_rng(1)
    q, k = rng.normal(size=(2, PLANES)) + 1j * rng.normal(size=(2, PLANES))
    theta = frequencies(2 * PLANES)
    cached = k * np.exp(1j * 7 * theta)
    np.testing.assert_allclose(np.abs(cached), np.abs(k))
    for m in (7, 50, 5000):
        now = (q * np.exp(1j * m * theta) * np.conj(cached)).sum().real
        np.testing.assert_allclose(now, score(q * np.conj(k), m - 7))


def check_precision() -> None:
    print("\nposition as bfloat16")
    shown = np.array([256, 257, 4095, 100_000, 100_001], dtype=np.float32)
    for value, stored in zip(shown, to_bfloat16(shown), strict=True):
        print(f"{value:9,.0f} ->{stored:9,.0f}")
    for count in (4096, 131_072):
        kept = len(np.unique(to_bfloat16(np.arange(count, dtype=np.float32))))
        print(f"positions 0 to {count - 1:7,}: {kept:5,} distinct values")
    exact = np.arange(257, dtype=np.float32)
    np.testing.assert_array_equal(to_bfloat16(exact), exact)
    assert to_bfloat16(np.array([257], np.float32))[0] == 256
    # Equal to a rounding done in integers, ties to even.
    for value in range(100_000, 100_600):
        step = 512  # the spacing in [2**16, 2**17)
        low, rest = divmod(value, step)
        up = rest > step // 2 or (rest == step // 2 and low % 2 == 1)
        stored = to_bfloat16(np.array([value], np.float32))[0]
        assert stored == (low + up) * step

    theta = frequencies(2 * PLANES)
    last = np.float32(131_071)
    angle = (last * theta.astype(np.float32)).astype(np.float64)
    error = np.abs(angle - 131_071 * theta).max()
    coarse = to_bfloat16(np.array([last]))[0] * theta
    slip = np.abs(coarse - 131_071 * theta).max()
    print("largest angle error at m = 131,071, in radians")
    print(f"  float32 position and theta {error:7.4f}")
    print(f"  bfloat16 position          {slip:7.4f}")
    assert error < 0.003 and slip == 1.0


if __name__ == "__main__":
    check_decay()
    check_bases()
    check_cost()
    check_precision()
