"""RMSNorm against LayerNorm: one decomposition, one exact conversion.

Sources: Zhang and Sennrich, arXiv:1910.07467; Jiang et al.,
Pre-RMSNorm and Pre-CRMSNorm Transformers, arXiv:2305.14858.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:conversion]
def rms_norm(x: Array, eps: float = 0.0) -> Array:
    return np.asarray(x / np.sqrt((x * x).mean(-1, keepdims=True) + eps))


def layer_norm(x: Array, eps: float = 0.0) -> Array:
    return rms_norm(x - x.mean(-1, keepdims=True), eps)


def pre_ln(x: Array, layers: list[dict[str, Array]]) -> Array:
    """x + relu((gamma LN(x) + beta) W1 + b1) W2 + b2, then a last LN."""
    for p in layers:
        y = p["gamma"] * layer_norm(x, 1e-5) + p["beta"]
        x = x + np.maximum(y @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"]
    return layer_norm(x, 1e-5)


def pre_rms(x: Array, layers: list[dict[str, Array]]) -> Array:
    """The same function: whatever enters the stream is centred."""
    centre = np.eye(x.shape[-1]) - 1 / x.shape[-1]
    x = x @ centre  # in practice folded into the embedding matrix
    for p in layers:
        w1 = p["gamma"][:, None] * p["W1"]  # gain into the rows of W1
        b1 = p["b1"] + p["beta"] @ p["W1"]  # LN's bias into b1
        w2, b2 = p["W2"] @ centre, p["b2"] @ centre
        x = x + np.maximum(rms_norm(x, 1e-5) @ w1 + b1, 0) @ w2 + b2
    return rms_norm(x, 1e-5)


# --8<-- [end:conversion]


def angle(x: Array) -> float:
    """Degrees between x and the all-ones vector."""
    cosine = x.mean() / np.sqrt((x * x).mean())
    return float(np.degrees(np.arccos(cosine)))


def check_vectors() -> None:
    x = np.array([1.0, 2, 3, 4])
    print(f"{'eps = 0, no gain':54}{'mean':>9}")
    for name, row in [
        ("LN(x)", layer_norm(x)),
        ("RMSNorm(x)", rms_norm(x)),
        ("LN(x + 10)", layer_norm(x + 10)),
        ("RMSNorm(x + 10)", rms_norm(x + 10)),
        ("RMSNorm(x - mean)", rms_norm(x - x.mean())),
    ]:
        cells = "".join(f"{value:9.4f}" for value in row)
        print(f"{name:18}{cells}{round(row.mean(), 4) + 0.0:9.4f}")
    by_definition = (x - x.mean()) / x.std()
    np.testing.assert_allclose(layer_norm(x), by_definition, rtol=1e-14)
    shifted = layer_norm(x + 10)
    np.testing.assert_allclose(shifted, by_definition, rtol=1e-12)
    assert np.abs(rms_norm(x + 10) - rms_norm(x)).max() > 0.3
    np.testing.assert_allclose(rms_norm(5 * x), rms_norm(x), rtol=1e-14)


def check_decomposition() -> None:
    print("\nRMSNorm(x) = offset + share * LN(x), x of d = 4096")
    print("mean/deviation   offset    share  degrees to all-ones")
    rng = np.random.default_rng(0)
    unit = layer_norm(rng.normal(size=4096))
    for ratio in (0.0, 0.01, 0.1, 1.0, 10.0):
        x = 3 * (unit + ratio)
        offset = ratio / np.hypot(1, ratio)  # mu/r
        share = 1 / np.hypot(1, ratio)  # sigma/r
        print(f"{ratio:14g}{offset:9.4f}{share:9.4f}{angle(x):21.2f}")
        out = rms_norm(x)
        expected = offset + share * layer_norm(x)
        np.testing.assert_allclose(out, expected, atol=1e-11)
        np.testing.assert_allclose(offset**2 + share**2, 1, rtol=1e-14)
        np.testing.assert_allclose(np.linalg.norm(out), 64, rtol=1e-12)


def check_random_directions() -> None:
    """How far a random direction is from being orthogonal to all-ones."""
    print("\nrandom direction      d   s.d. of mean/RMS   1/sqrt(d)")
    rng = np.random.default_rng(1)
    for d in (64, 1024, 4096):
        x = rng.normal(size=(4000, d))
        spread = float(rms_norm(x).mean(axis=1).std())
        print(f"{d:23}{spread:19.3f}{d**-0.5:12.3f}")
        np.testing.assert_allclose(spread, d**-0.5, rtol=0.05)


def check_conversion() -> None:
    rng = np.random.default_rng(2)
    d, inner, depth = 16, 32, 6
    layers = []
    for _ in range(depth):
        layers.append(
            {
                "gamma": rng.normal(1, 0.3, d),
                "beta": rng.normal(0, 0.3, d),
                "W1": rng.normal(0, d**-0.5, (d, inner)),
                "b1": rng.normal(0, 0.3, inner),
                "W2": rng.normal(0, inner**-0.5, (inner, d)),
                "b2": rng.normal(0.5, 0.3, d),  # pushes the mean up
            }
        )
    x = rng.normal(size=(3, 5, d)) + 2
    gap = np.abs(pre_ln(x, layers) - pre_rms(x, layers)).max()
    print(f"\n{depth} pre-LN layers, d = {d}, eps = 1e-5")
    print(f"converted to RMSNorm, gap below 1e-12: {gap < 1e-12}")
    assert gap < 1e-12
    # Without centring the stream the two differ.
    raw = x + 0
    for p in layers:
        y = p["gamma"] * rms_norm(raw, 1e-5) + p["beta"]
        raw = raw + np.maximum(y @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"]
    off = np.abs(rms_norm(raw, 1e-5) - pre_ln(x, layers)).max()
    print(f"LN merely replaced by RMSNorm, gap {off:.2f}")
    assert off > 0.1


def check_doubling() -> None:
    """LN of (x, -x) is RMSNorm of x: the reverse, at twice the width."""
    x = np.random.default_rng(3).normal(1, 2, size=(5, 16))
    both = layer_norm(np.concatenate([x, -x], axis=-1))
    np.testing.assert_allclose(both[:, :16], rms_norm(x), rtol=1e-12)


def check_limits() -> None:
    """A redundant channel in the centred stream; post-LN needs a matrix."""
    rng = np.random.default_rng(4)
    d = 16
    centre = np.eye(d) - 1 / d
    x = rng.normal(1, 2, size=(5, d)) @ centre
    short = x[:, :-1]  # d - 1 channels; the last one is minus their sum
    square = (short**2).sum(-1) + short.sum(-1) ** 2
    scaled = short / np.sqrt(square / d)[:, None]
    np.testing.assert_allclose(scaled, layer_norm(x)[:, :-1], rtol=1e-12)

    gamma, beta = rng.normal(size=(2, d))
    hat, branch = layer_norm(rng.normal(size=(5, d))), rng.normal(size=(5, d))
    after = layer_norm(gamma * hat + beta + branch)
    matrix = np.diag(gamma) @ centre  # no identity on the residual branch
    converted = rms_norm(hat @ matrix + beta @ centre + branch @ centre)
    np.testing.assert_allclose(converted, after, rtol=1e-10)


def check_parameters() -> None:
    print("\nnorm parameters, d = 4096             LayerNorm      RMSNorm")
    d, norms = 4096, 2 * 32 + 1  # two a layer, 32 layers, one at the end
    print(f"one norm{2 * d:39,}{d:13,}")
    print(f"{norms} norms (LLaMA-2 7B){2 * norms * d:25,}{norms * d:13,}")
    assert (2 * d, d, norms * d) == (8192, 4096, 266_240)
    # Arithmetic intensity: FLOP a channel over bytes moved, bf16 in and out.
    print("\na channel, forward      FLOP   bytes   FLOP/byte")
    work = {
        "LayerNorm": "sum, subtract, square, sum, scale, gain, bias",
        "RMSNorm": "square, sum, scale, gain",
    }
    for name, steps in work.items():
        flop = len(steps.split(", "))
        print(f"{name:24}{flop:4}{4:8}{flop / 4:12.2f}")
    assert [steps.count(",") + 1 for steps in work.values()] == [7, 4]


if __name__ == "__main__":
    check_vectors()
    check_decomposition()
    check_random_directions()
    check_conversion()
    check_doubling()
    check_limits()
    check_parameters()
