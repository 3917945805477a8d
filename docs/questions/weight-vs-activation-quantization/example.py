"""INT8 weights and activations: outliers against granularity of scales.

Smoothing: Xiao et al., SmoothQuant, arXiv:2211.10438. Decomposition:
Dettmers et al., LLM.int8(), arXiv:2208.07339. Rotation: Ashkboos et al.,
QuaRot, arXiv:2404.00456.
"""

import numpy as np
from numpy.typing import NDArray

# tolerance: 1e-3
Array = NDArray[np.float64]
TOKENS, CHANNELS, OUTPUTS = 256, 64, 64
OUTLIER = 5  # the channel that is large
MASSIVE = 7  # the token that is


# --8<-- [start:scales]
def quantize(x: Array, axis: int | None, bits: int = 8) -> Array:
    """Round to nearest; one scale for all that lies along `axis`."""
    qmax = 2 ** (bits - 1) - 1
    scale = np.abs(x).max(axis=axis, keepdims=True) / qmax
    result: Array = scale * np.rint(x / scale)
    return result


def per_tensor(x: Array, w: Array) -> Array:
    return quantize(x, None) @ quantize(w, None)


def per_token(x: Array, w: Array) -> Array:
    """A scale per token (row of x) and per output (column of w)."""
    return quantize(x, 1) @ quantize(w, 0)


def smooth(x: Array, w: Array, alpha: float = 0.5) -> tuple[Array, Array]:
    """SmoothQuant: x w = (x / s)(s w), one s per input channel."""
    s = np.abs(x).max(0) ** alpha / np.abs(w).max(1) ** (1 - alpha)
    return x / s, s[:, None] * w


def rotate(x: Array, w: Array) -> tuple[Array, Array]:
    """x w = (x H)(H^T w) with an orthogonal Hadamard matrix H."""
    h = np.ones((1, 1))
    while len(h) < x.shape[1]:
        h = np.block([[h, h], [h, -h]]) / np.sqrt(2)
    return x @ h, h.T @ w


def decompose(x: Array, w: Array) -> Array:
    """LLM.int8(): channels with an entry of 6 or more stay exact."""
    large = (np.abs(x) >= 6).any(0)
    exact: Array = x[:, large] @ w[large]
    return exact + per_token(x[:, ~large], w[~large])


# --8<-- [end:scales]


def layer() -> tuple[dict[str, Array], Array]:
    """Activations of three kinds, and the weights."""
    rng = np.random.default_rng(0)
    plain = rng.standard_normal((TOKENS, CHANNELS))
    w = rng.standard_normal((CHANNELS, OUTPUTS))
    channel, entry = plain.copy(), plain.copy()
    channel[:, OUTLIER] *= 100
    entry[MASSIVE, OUTLIER] = 1000
    return {"none": plain, "channel": channel, "entry": entry}, w


def by_hand() -> None:
    x = np.array([[0.7, 100.0], [-1.0, 40.0]])
    w = np.array([[0.9, -1.0], [1.0, 0.3]])
    smooth_x, smooth_w = smooth(x, w)
    print("1. two channels, the second large; one scale per tensor")
    print("               codes of x            largest output error")
    largest = []
    for name, a, b in ("as it is", x, w), ("smoothed", smooth_x, smooth_w):
        codes = np.rint(a / np.abs(a).max() * 127).astype(int)
        largest.append(np.abs(per_tensor(a, b) - x @ w).max())
        text = np.array2string(codes).replace("\n", "")
        print(f"{name:12}{text:32}{largest[-1]:8.4f}")
    print(
        f"s = {x[0] / smooth_x[0]}, largest |x| now {np.abs(smooth_x).max(0)}"
    )
    np.testing.assert_allclose(smooth_x @ smooth_w, x @ w)
    assert largest[1] < largest[0] / 2


def zeros() -> None:
    kinds, _ = layer()
    others = np.arange(CHANNELS) != OUTLIER
    print("\n2. entries of the other channels that round to 0")
    for kind in ("none", "channel"):
        x = kinds[kind]
        share = [
            np.mean(quantize(x, axis)[:, others] == 0) for axis in (None, 1)
        ]
        print(f"{kind:8} per tensor{share[0]:7.1%}  per token{share[1]:7.1%}")
        assert (share[1] > 0.2) == (kind == "channel")


def errors() -> dict[str, dict[str, float]]:
    """Root mean square output error over the tokens but the massive one."""
    kinds, w = layer()
    ordinary = np.arange(TOKENS) != MASSIVE
    table: dict[str, dict[str, float]] = {}
    for kind, x in kinds.items():
        products = {
            "weights only": x @ quantize(w, 0),
            "activations only, per token": quantize(x, 1) @ w,
            "both, per tensor": per_tensor(x, w),
            "both, per token": per_token(x, w),
            "smoothed, per tensor": per_tensor(*smooth(x, w)),
            "smoothed, per token": per_token(*smooth(x, w)),
            "rotated, per token": per_token(*rotate(x, w)),
            "decomposed": decompose(x, w),
        }
        for name, product in products.items():
            difference = (product - x @ w)[ordinary]
            error = float(np.sqrt(np.mean(difference**2)))
            table.setdefault(name, {})[kind] = error
        for pair in smooth(x, w), rotate(x, w):  # nothing lost yet
            np.testing.assert_allclose(pair[0] @ pair[1], x @ w)
    return table


def check_errors() -> None:
    table = errors()
    print("\n3. INT8: error of the output, root mean square")
    print(f"{'large values in x:':30}   none  channel    entry")
    for name, row in table.items():
        cells = f"{row['none']:7.3f}{row['channel']:9.3f}{row['entry']:9.3f}"
        print(f"{name:30}{cells}")
    both = table["both, per token"]
    # Scales per token shut a large entry in its own token, not a channel.
    assert both["channel"] > 20 * both["none"]
    assert abs(both["entry"] - both["none"]) < 0.001
    assert table["both, per tensor"]["entry"] > 50 * both["entry"]
    # Weights suffer less than activations from a large channel.
    weights, activations = list(table.values())[:2]
    assert weights["channel"] < activations["channel"] / 3
    # What each remedy does; smoothing harms where one token is to blame.
    assert table["smoothed, per token"]["channel"] < both["channel"] / 5
    assert table["smoothed, per token"]["entry"] > 4 * both["entry"]
    assert table["rotated, per token"]["channel"] < both["channel"] / 2
    assert table["decomposed"]["channel"] < 1.01 * both["none"]


def e4m3(x: Array, axis: int) -> Array:
    """FP8 with 4 exponent and 3 mantissa bits, largest value 448."""
    scale = np.abs(x).max(axis=axis, keepdims=True) / 448
    size = np.maximum(np.abs(x / scale), 2.0**-6)  # below: subnormal
    step = 2.0 ** (np.floor(np.log2(size)) - 3)
    result: Array = scale * step * np.rint(x / scale / step)
    return result


def check_fp8() -> None:
    """What the 63 ordinary channels contribute to the error."""
    values = np.array([[448, 240, 1.125, 2.0**-6, 2.0**-9, 0]])
    np.testing.assert_array_equal(e4m3(values, 1), values)
    np.testing.assert_array_equal(
        e4m3(np.array([[448, 1.06, 2.0**-11]]), 1), [[448, 1, 0]]
    )
    kinds, w = layer()
    others = np.arange(CHANNELS) != OUTLIER
    print("\n4. both, per token, all tokens: all channels, the other 63 alone")
    print("            INT8 all   others    FP8 all   others")
    found: dict[str, list[float]] = {}
    for kind in ("none", "channel"):
        x = kinds[kind]
        row = found.setdefault(kind, [])
        for quantizer in (quantize, e4m3):
            difference = quantizer(x, 1) @ quantizer(w, 0) - x @ w
            part = (
                quantizer(x, 1)[:, others] @ quantizer(w, 0)[others]
                - x[:, others] @ w[others]
            )
            row += [float(np.sqrt(np.mean(d**2))) for d in (difference, part)]
        print(
            f"{kind:8}{row[0]:12.3f}{row[1]:9.3f}{row[2]:11.3f}{row[3]:9.3f}"
        )
    # The large channel costs INT8's ordinary channels, not FP8's ...
    assert found["channel"][1] > 20 * found["none"][1]
    assert found["channel"][3] < 1.05 * found["none"][3]
    # ... but FP8 is coarser from the start, and on large values.
    assert found["none"][2] > 4 * found["none"][0]
    assert found["channel"][2] > found["channel"][0]


def check_cache() -> None:
    """Scales of K and V that leave their sums: q * s, and a * s."""
    rng = np.random.default_rng(1)
    k_codes, v_codes = rng.integers(-7, 8, (2, 50, 16))
    channel, token = rng.uniform(0.1, 2, 16), rng.uniform(0.1, 2, 50)
    q, a = rng.standard_normal(16), rng.uniform(0, 1, 50)
    np.testing.assert_allclose(
        (channel * k_codes) @ q, k_codes @ (q * channel)
    )
    np.testing.assert_allclose(
        a @ (token[:, None] * v_codes), (a * token) @ v_codes
    )


if __name__ == "__main__":
    by_hand()
    zeros()
    check_errors()
    check_fp8()
    check_cache()
