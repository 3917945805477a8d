"""Length extrapolation: unseen angles, an unconstrained score, dilution.

Sources: Liu et al., arXiv:2310.05209 (critical dimension); Chen et al.,
arXiv:2306.15595, section 2 (extrapolating a fitted score blows up).
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

D_K, TRAINED = 128, 4096


# --8<-- [start:score]
def frequencies(base: float = 10_000.0, d_k: int = D_K) -> Array:
    return base ** (-np.arange(0, d_k, 2) / d_k)


def features(distance: Array) -> Array:
    """cos and sin of distance * theta_i: a RoPE score is linear in them."""
    angle = np.outer(distance, frequencies())
    return np.hstack([np.cos(angle), np.sin(angle)])


def fit(target: Array, ridge: float = 1e-4) -> Array:
    """Coefficients whose score is closest to target on 0 .. len - 1."""
    seen = features(np.arange(float(len(target))))
    gram = seen.T @ seen / len(target) + ridge * np.eye(D_K)
    solution = np.linalg.solve(gram, seen.T @ target / len(target))
    return solution.astype(np.float64)


def top_weight(gap: float, keys: int) -> float:
    """Weight of one key that leads the others, all equal, by gap."""
    return math.exp(gap) / (math.exp(gap) + keys - 1)


# --8<-- [end:score]


def softmax(score: Array) -> Array:
    weight = np.exp(score - score.max())
    result: Array = weight / weight.sum()
    return result


def recency() -> Array:
    """What the head has learned: 0 nearby, -8 at the window's far end."""
    return -8.0 * np.arange(TRAINED) / TRAINED


def check_angles() -> None:
    print("d_k = 128, b = 10,000, trained on positions 0 to 4,095")
    print("plane  wavelength    turns  swept, deg.  at 8,191, deg.")
    theta = frequencies()
    waves = 2 * np.pi / theta
    for i in (0, 32, 45, 46, 54, 63):
        swept = np.rad2deg((TRAINED - 1) * theta[i])
        longer = np.rad2deg((2 * TRAINED - 1) * theta[i])
        cells = f"{(TRAINED - 1) / waves[i]:9.3f}{swept:13,.1f}{longer:16,.1f}"
        print(f"{i:5}{waves[i]:12,.1f}{cells}")
    assert round(float(np.rad2deg((TRAINED - 1) * theta[63])), 1) == 27.1

    print("\nplanes with a wavelength above the window, of 64")
    for base, window, expected in [
        (1e4, 2048, None),
        (1e4, 4096, 18),
        (5e5, 4096, 32),
        (5e5, 8192, 29),
        (5e5, 131_072, 15),
    ]:
        count = int((2 * np.pi / frequencies(base) > window).sum())
        print(f"  base {base:9,.0f}  window {window:7,}{count:5}")
        assert expected is None or count == expected
        # Liu et al.: 2 * ceil(d_k / 2 * log_b(window / 2 pi)) channels are
        # those of the planes that complete a turn.
        complete = math.ceil(64 * math.log(window / (2 * math.pi), base))
        assert 64 - complete == count
    assert 2 * math.ceil(64 * math.log(4096 / (2 * math.pi), 1e4)) == 92


def check_score() -> None:
    weights = fit(recency())
    error = np.abs(features(np.arange(float(TRAINED))) @ weights - recency())
    print("\na head that learned 0 -> -8 over distances 0 to 4,095")
    print(f"mean error in the window {error.mean():.3f}", end="")
    print(f"   |coefficients| {np.linalg.norm(weights):.1f}")
    print("distance  as is  interpolated by 4")
    distances = np.array([0.0, 2048, 4095, 5000, 6000, 8191, 16_383])
    plain = features(distances) @ weights
    squeezed = features(distances / 4) @ weights
    for row in zip(distances, plain, squeezed, strict=True):
        one, two = (round(float(value), 1) + 0.0 for value in row[1:])
        print(f"{row[0]:8,.0f}{one:7.1f}{two:19.1f}")
    assert error.mean() < 0.02
    # Beyond the window the score turns back up and is near 0 at 8,191.
    assert abs(plain[2] + 8) < 0.05 and plain[5] > -1.5
    assert np.all(np.diff(squeezed) < 0)

    print("share of the attention on distances above 4,095, equal content")
    for keys in (8192, 16_384):
        every = np.arange(float(keys))
        for name, shrink in (("as is", 1.0), ("interpolated", keys / TRAINED)):
            share = softmax(features(every / shrink) @ weights)
            far = share[TRAINED:].sum()
            print(f"  {keys:6,} keys, {name:<13}{far:6.3f}")
            # A true line of slope -8 / 4,096 would leave next to nothing.
            assert (far > 0.25) == (name == "as is")
    line = softmax(-8.0 * np.arange(16_384.0) / TRAINED)[TRAINED:].sum()
    print(f"  16,384 keys, a straight line {line:.4f}")
    assert line < 1e-3

    # The most a score w . f can be, if its mean square over the window plus
    # 1e-4 |w|^2 is at most 1: sqrt(f G^-1 f), by Cauchy-Schwarz.
    seen = features(np.arange(float(TRAINED)))
    gram = seen.T @ seen / TRAINED + 1e-4 * np.eye(D_K)
    at = features(np.arange(8192.0))
    worst = np.sqrt(np.einsum("id,di->i", at, np.linalg.solve(gram, at.T)))
    print("largest possible score, mean square + 1e-4 |w|^2 at most 1")
    print("distance       0   2,048   4,095   5,000   8,191")
    shown = worst[[0, 2048, 4095, 5000, 8191]]
    print("        " + "".join(f"{value:8.0f}" for value in shown))
    print(f"largest in the window {worst[:TRAINED].max():4.0f}")
    assert worst[:TRAINED].max() < 14 and shown[3:].min() > 400
    # The bound is reached: these coefficients satisfy the constraint.
    best = np.linalg.solve(gram, at[5000]) / worst[5000]
    np.testing.assert_allclose(best @ gram @ best, 1)
    np.testing.assert_allclose(at[5000] @ best, worst[5000])


def check_dilution() -> None:
    head = "weight at gap 5   gap for 1/2   8.32, log-n scaled"
    print(f"\n  keys   ln n   {head}")
    for keys in (128, 4096, 32_768):
        need = math.log(keys - 1)
        scaled = math.log(4095) * math.log(keys) / math.log(4096)
        cells = f"{need:14.2f}{top_weight(scaled, keys):21.3f}"
        weight = top_weight(5.0, keys)
        print(f"{keys:6,}{math.log(keys):7.2f}{weight:18.4f}{cells}")
        np.testing.assert_allclose(top_weight(need, keys), 0.5)
        uniform = softmax(np.zeros(keys))
        entropy = -(uniform * np.log(uniform)).sum()
        np.testing.assert_allclose(entropy, math.log(keys))
        # Scaling the gap of 8.32 by log_4096(n) keeps the weight at 1/2.
        assert abs(top_weight(scaled, keys) - 0.5) < 0.01
    unscaled = top_weight(math.log(4095), 32_768)
    print(f"gap 8.32 at 32,768 keys, not scaled {unscaled:.3f}")
    assert unscaled < 0.12


if __name__ == "__main__":
    check_angles()
    check_score()
    check_dilution()
