"""A Transformer layer, counted: shapes, parameters, FLOPs, and the scaling.

Source: Vaswani et al., Attention Is All You Need, arXiv:1706.03762.
"""

# tolerance: 1e-3
import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEDGER: dict[str, int] = {}


def product(a: Array, b: Array, name: str) -> Array:
    """a @ b, with 2 FLOPs for each multiply-add entered under name."""
    out: Array = a @ b
    LEDGER[name] = LEDGER.get(name, 0) + 2 * out.size * a.shape[-1]
    return out


# --8<-- [start:layer]
def softmax(score: Array) -> Array:
    weight = np.exp(score - score.max(axis=-1, keepdims=True))
    result: Array = weight / weight.sum(axis=-1, keepdims=True)
    return result


def attend(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """q (h, T, d_k), k and v (h, S, d_k), mask (T, S): 0 or -inf."""
    score = product(q, k.swapaxes(1, 2), "Q K^T") / np.sqrt(q.shape[-1])
    return product(softmax(score + mask), v, "A V")  # softmax over keys


def multi_head(
    x: Array, memory: Array, w: dict[str, Array], h: int, mask: Array
) -> Array:
    """Queries from x (T, d), keys and values from memory (S, d)."""
    q, k, v = (
        product(source, w[name], "Q, K, V").reshape(len(source), h, -1)
        for source, name in ((x, "Q"), (memory, "K"), (memory, "V"))
    )
    heads = attend(*(a.swapaxes(0, 1) for a in (q, k, v)), mask)
    joined = heads.swapaxes(0, 1).reshape(len(x), -1)  # (T, h d_k)
    return product(joined, w["O"], "W_O")


def layer(x: Array, w: dict[str, Array], h: int, mask: Array) -> Array:
    """Self-attention, then FFN; each with residual and norm, post-LN."""
    x = normalize(x + multi_head(x, x, w, h, mask))
    hidden = np.maximum(0, product(x, w["1"], "FFN"))
    return normalize(x + product(hidden, w["2"], "FFN"))


# --8<-- [end:layer]


def normalize(x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    result: Array = centred / centred.std(axis=-1, keepdims=True)
    return result


def weights(d: int, d_ff: int) -> dict[str, Array]:
    rng = np.random.default_rng(0)
    shapes = dict.fromkeys("QKVO", (d, d))
    shapes |= {"1": (d, d_ff), "2": (d_ff, d)}
    return {
        name: rng.normal(size=shape) / np.sqrt(shape[0])
        for name, shape in shapes.items()
    }


def causal(size: int) -> Array:
    """-inf above the diagonal: position m sees 0 .. m."""
    mask: Array = np.triu(np.full((size, size), -np.inf), 1)
    return mask


def check_layer() -> None:
    t, d, h = 12, 32, 4
    x = np.random.default_rng(1).normal(size=(t, d))
    w = weights(d, 4 * d)
    LEDGER.clear()
    out = layer(x, w, h, causal(t))
    print("one layer, T = 12, d = 32, h = 4, d_ff = 128: FLOPs counted")
    formula = {
        "Q, K, V": ("6 T d^2", 6 * t * d**2),
        "Q K^T": ("2 T^2 d", 2 * t**2 * d),
        "A V": ("2 T^2 d", 2 * t**2 * d),
        "W_O": ("2 T d^2", 2 * t * d**2),
        "FFN": ("16 T d^2", 16 * t * d**2),
    }
    for name, (text, value) in formula.items():
        print(f"  {name:<9}{text:<10}{LEDGER[name]:10,}")
        assert LEDGER[name] == value
    total = sum(LEDGER.values())
    print(f"  {'sum':<19}{total:10,}")
    assert total == 24 * t * d**2 + 4 * t**2 * d
    count = sum(matrix.size for matrix in w.values())
    print(f"weights, without biases and norms: {count:,} = 12 d^2")
    assert count == 12 * d**2

    # One masked pass gives each position what its own prefix alone gives:
    # training needs no loop over positions.
    for size in range(1, t + 1):
        prefix = layer(x[:size], w, h, causal(size))
        np.testing.assert_allclose(out[:size], prefix, atol=1e-12)
    # Without the mask every position changes but the last, which sees all.
    change = np.abs(out - layer(x, w, h, np.zeros((t, t)))).max(axis=1)
    assert change[:-1].min() > 1e-3 and change[-1] < 1e-12
    print("masked pass = passes over the 12 prefixes, one by one")

    # Concatenate, then W_O: the same as a sum over heads.
    zero, d_k = np.zeros((t, t)), d // h
    parts = np.zeros((t, d))
    for i in range(h):
        s = slice(i * d_k, (i + 1) * d_k)
        q, k, v = (x @ w[name][:, s] for name in "QKV")
        parts += softmax(q @ k.T / np.sqrt(d_k)) @ v @ w["O"][s]
    np.testing.assert_allclose(parts, multi_head(x, x, w, h, zero), atol=1e-12)
    print("concatenation times W_O = sum of head_i W_O,i")


def saturation(d_k: int, scaled: bool) -> tuple[float, float, float]:
    """1,000 queries, 128 keys, i.i.d. N(0, 1) entries.

    Returns the mean entropy of the weights in nats, the mean of the largest
    weight, and the median over keys of a_j (1 - a_j), the diagonal of the
    Jacobian of the softmax.
    """
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(1000, d_k)), rng.normal(size=(128, d_k))
    a = softmax(q @ k.T / (np.sqrt(d_k) if scaled else 1.0))
    entropy = -(a * np.log(np.maximum(a, 1e-300))).sum(axis=1).mean()
    slope = np.median(a * (1 - a))
    return float(entropy), float(a.max(axis=1).mean()), float(slope)


def check_scaling() -> None:
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 100_000, 64))
    score = (q * k).sum(axis=1)
    print("\nq, k with 64 independent N(0, 1) entries, 100,000 pairs")
    print(f"variance of q.k {score.var():.2f}, of q.k / 8 ", end="")
    print(f"{(score / 8).var():.4f}, of q.k / sqrt(512) ", end="")
    print(f"{(score / np.sqrt(512)).var():.3f}")
    assert abs(score.var() / 64 - 1) < 0.02

    print(f"\n128 keys; entropy at most ln 128 = {math.log(128):.3f}")
    print("  d_k  scaled  entropy  largest weight  median a(1-a)")
    for d_k in (16, 64, 256):
        for scaled in (False, True):
            entropy, top, slope = saturation(d_k, scaled)
            row = f"{entropy:9.3f}{top:16.3f}{slope:15.0e}"
            print(f"{d_k:5}{'yes' if scaled else 'no':>8}{row}")
            # Scaled, the weights do not depend on the width; unscaled they
            # saturate, and most keys get no gradient.
            assert (entropy > 4.2) == scaled and (top < 0.1) == scaled
            assert (slope > 1e-3) == scaled
            # Normal scores of variance 1 over n keys: about ln n - 1/2.
            if scaled:
                assert abs(entropy - math.log(128) + 0.5) < 0.05


def original(d: int, d_ff: int, vocabulary: int = 37_000) -> dict[str, int]:
    """Parameters of the 2017 model, 6 + 6 layers, tied embeddings."""
    attention, ffn, norm = 4 * d * d, 2 * d * d_ff + d_ff + d, 2 * d
    return {
        "encoder": 6 * (attention + ffn + 2 * norm),
        "decoder": 6 * (2 * attention + ffn + 3 * norm),
        "embedding": vocabulary * d,
    }


def check_parameters() -> None:
    print("\nthe model of 2017     base, d = 512   big, d = 1024")
    base, big = original(512, 2048), original(1024, 4096)
    for name in base:
        print(f"  {name:<16}{base[name]:17,}{big[name]:16,}")
    print("  (embedding: 37,000 rows)")
    sums = sum(base.values()), sum(big.values())
    print(f"  {'sum':<16}{sums[0]:17,}{sums[1]:16,}")
    print(f"  {'paper, Table 3':<16}{'65 million':>17}{'213 million':>16}")
    # The embedding table that would close the gap: the two models want
    # different sizes, by more than rounding to a million can explain.
    wanted, slack = [], []
    for model, d, reported in ((base, 512, 65e6), (big, 1024, 213e6)):
        layers = model["encoder"] + model["decoder"]
        wanted.append(int((reported - layers) / d))
        slack.append(0.5e6 / d)
        assert abs(sum(model.values()) / reported - 1) < 0.04
    print(f"  {'rows that fit':<16}{wanted[0]:17,}{wanted[1]:16,}")
    assert wanted[0] - slack[0] > wanted[1] + slack[1]
    # Table 3 has 36, 50 and 80 million for 2, 4 and 8 layers a side: the
    # slope is one encoder and one decoder layer, 28 d^2.
    slope, pair = (80 - 36) / 6, 28 * 512**2
    print(f"one layer more on each side: 28 d^2 = {pair:,}")
    print(f"Table 3: (80 - 36) / 6 = {slope:.2f} million")
    assert abs(slope * 1e6 / pair - 1) < 0.01


def flops(t: int, d: int) -> tuple[int, int]:
    """One layer, d_ff = 4d: (products with weights, QK^T and AV)."""
    return 24 * t * d * d, 4 * t * t * d


def check_flops() -> None:
    print("\none layer forward, d = 4096, d_ff = 4d, no causal saving")
    print("      T             weights         QK^T and AV   share")
    for t in (2048, 8192, 24_576, 131_072):
        fixed, mixing = flops(t, 4096)
        share = mixing / (fixed + mixing)
        print(f"{t:7,}{fixed:20,}{mixing:20,}{share:8.1%}")
        assert math.isclose(share, t / (t + 6 * 4096))
    fixed, mixing = flops(24_576, 4096)
    assert fixed == mixing
    total = sum(flops(2048, 4096))
    print(f"sum at T = 2,048: {total:,}")
    assert total == 893_353_197_568


if __name__ == "__main__":
    check_layer()
    check_scaling()
    check_parameters()
    check_flops()
