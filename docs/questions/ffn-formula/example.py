"""The feed-forward block: a hand-sized example, its properties, its size.

Source: Vaswani et al., Attention Is All You Need, arXiv:1706.03762,
section 3.3; the memory view is Geva et al., arXiv:2012.14913, section 2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:ffn]
def relu(a: Array) -> Array:
    return np.maximum(0, a)


def ffn(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Array:
    """max(0, x W1 + b1) W2 + b2; x (..., d), W1 (d, d_ff), W2 (d_ff, d)."""
    return relu(x @ w1 + b1) @ w2 + b2


def memory(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Array:
    """The same, unit by unit: key = column of W1, value = row of W2."""
    out = np.broadcast_to(b2, x.shape)
    for key, bias, value in zip(w1.T, b1, w2, strict=True):
        out = out + relu(x @ key + bias)[..., None] * value
    return out


def ranks(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Array:
    """Two ranks, each with half the columns of W1, half the rows of W2."""
    first, second = np.split(np.arange(b1.size), 2)
    partial = [relu(x @ w1[:, s] + b1[s]) @ w2[s] for s in (first, second)]
    all_reduced: Array = partial[0] + partial[1]
    return all_reduced + b2  # b2 once, after the sum


# --8<-- [end:ffn]

X = np.array([1.0, -1.0])
W1 = np.array([[1.0, 0, -1, 2], [0, 1, 1, 1]])
B1 = np.array([0.0, 0.5, 0, -0.5])
W2 = np.array([[1.0, 0], [0, 1], [1, 1], [-1, 0.5]])
B2 = np.array([0.1, -0.1])


def cells(values: Array, width: int = 7) -> str:
    return "".join(f"{value + 0.0:{width}.2f}" for value in values)


def check_by_hand() -> None:
    before, out = X @ W1 + B1, ffn(X, W1, B1, W2, B2)
    print("by hand, d = 2, d_ff = 4")
    print(f"x W1 + b1  {cells(before)}")
    print(f"after ReLU {cells(relu(before))}")
    print(f"output     {cells(out)}")
    np.testing.assert_allclose(before, [1, -0.5, -2, 0.5], atol=1e-12)
    np.testing.assert_allclose(out, [0.6, 0.15], atol=1e-12)

    print("\nunit           key  weight         value  weight x value")
    for i, weight in enumerate(relu(before)):
        key, value = cells(W1[:, i]), cells(W2[i])
        print(f"{i + 1:4}{key}{weight:8.2f}{value}{cells(weight * W2[i], 8)}")
    print(f"  b2{cells(B2, 8):>52}")
    print(f" sum{cells(memory(X, W1, B1, W2, B2), 8):>52}")
    np.testing.assert_allclose(memory(X, W1, B1, W2, B2), out, atol=1e-12)


def convolve(x: Array, kernel: Array, bias: Array) -> Array:
    """1-d convolution without padding; x (T, d_in), kernel (k, d_in, d_out)."""
    starts = range(len(x) - len(kernel) + 1)
    windows = [x[i : i + len(kernel)] for i in starts]
    sums = [np.einsum("ki,kio->o", window, kernel) for window in windows]
    return np.array(sums) + bias


def check_properties() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 8))
    w1, b1 = rng.normal(size=(8, 32)), rng.normal(size=32)
    w2, b2 = rng.normal(size=(32, 8)), rng.normal(size=8)
    out = ffn(x, w1, b1, w2, b2)

    touched = x.copy()
    touched[2] += 1
    change = np.abs(ffn(touched, w1, b1, w2, b2) - out).max(axis=1)
    changed = np.flatnonzero(change > 1e-9)
    hidden = relu(convolve(x, w1[None], b1))
    shards = ranks(x, w1, b1, w2, b2)
    # W1 cut by rows: each rank has part of the sum, and ReLU is not additive.
    by_rows = relu(x[:, :4] @ w1[:4] + b1) + relu(x[:, 4:] @ w1[4:])
    same = [
        ("sum over keys and values", memory(x, w1, b1, w2, b2)),
        ("two convolutions of width 1", convolve(hidden, w2[None], b2)),
        ("two ranks, one all-reduce", shards),
    ]
    other = [
        ("two ranks, b2 added on each", shards + b2),
        ("two ranks, W1 cut by rows", by_rows @ w2 + b2),
        ("no activation", (x @ w1 + b1) @ w2 + b2),
    ]
    print("\nrandom weights, T = 6, d = 8, d_ff = 32")
    print(f"token 2 changed: rows that change {changed}")
    print("compared with ffn(x)             largest difference")
    for name, result in same + other:
        gap = np.abs(result - out).max()
        print(f"{name:33}{gap if gap > 1e-9 else 0:18.3f}")
    assert changed.tolist() == [2]
    for _, result in same:
        np.testing.assert_allclose(result, out, atol=1e-12)
    for _, result in other:
        assert np.abs(result - out).max() > 0.1
    # Without an activation the block is one d x d matrix.
    np.testing.assert_allclose(
        other[2][1], x @ (w1 @ w2) + (b1 @ w2 + b2), atol=1e-12
    )


@dataclass(frozen=True)
class Layer:
    """The matrices of one layer; d_k = d / heads."""

    name: str
    d: int
    d_ff: int
    heads: int
    kv_heads: int
    gated: bool
    biases: bool
    experts: int = 1
    active: int = 1

    def attention(self) -> int:
        """W_Q and W_O are d x d, W_K and W_V d x (d kv_heads / heads)."""
        kv = self.d * self.kv_heads // self.heads
        weights = 2 * self.d * self.d + 2 * self.d * kv
        return weights + self.biases * (2 * self.d + 2 * kv)

    def expert(self) -> int:
        """Two matrices, or three with a gate; biases b1, b2."""
        matrices = 3 if self.gated else 2
        biases = self.biases * (self.d_ff + self.d)
        return matrices * self.d * self.d_ff + biases

    def ffn(self, *, used: bool = False) -> int:
        """All experts and the router, or what one token uses of them."""
        router = self.d * self.experts if self.experts > 1 else 0
        return (self.active if used else self.experts) * self.expert() + router


LAYERS = [
    Layer("GPT-2 small", 768, 3072, 12, 12, gated=False, biases=True),
    Layer("LLaMA-7B", 4096, 11008, 32, 32, gated=True, biases=False),
    Layer("Llama 3 8B", 4096, 14336, 32, 8, gated=True, biases=False),
    Layer("Mixtral 8x7B", 4096, 14336, 32, 8, True, False, 8, 2),
]


def check_sizes() -> None:
    base = Layer("base", 512, 2048, 8, 8, gated=False, biases=True)
    print(f"\nTransformer base FFN, d = 512, d_ff = 2048: {base.ffn():,}")
    print("\nparameters    d_ff/d    attention            FFN   ratio")
    for layer in LAYERS:
        a, f = layer.attention(), layer.ffn()
        row = f"{layer.d_ff / layer.d:8.2f}{a:13,}{f:15,}{f / a:8.2f}"
        print(f"{layer.name:12}{row}")
    mixtral = LAYERS[3]
    a, f = mixtral.attention(), mixtral.ffn(used=True)
    print(f"{'  per token':12}{3.5:8.2f}{a:13,}{f:15,}{f / a:8.2f}")
    assert base.ffn() == 8 * 512**2 + 5 * 512 == 2_099_712
    gpt2, llama, llama3, _ = LAYERS
    assert (gpt2.attention(), gpt2.ffn()) == (2_362_368, 4_722_432)
    assert (llama.attention(), llama.ffn()) == (67_108_864, 135_266_304)
    assert (llama3.attention(), llama3.ffn()) == (41_943_040, 176_160_768)
    assert mixtral.ffn() == 8 * llama3.ffn() + 32_768
    assert mixtral.ffn(used=True) == 2 * llama3.ffn() + 32_768
    # The ratio is about n r / (2 (1 + h_kv / h)), experts apart.
    for layer in (gpt2, llama, llama3):
        n, r = 3 if layer.gated else 2, layer.d_ff / layer.d
        formula = n * r / (2 * (1 + layer.kv_heads / layer.heads))
        np.testing.assert_allclose(
            layer.ffn() / layer.attention(), formula, rtol=1e-3
        )


def check_flops() -> None:
    """Matrix products only: 2 FLOPs a weight; full attention over T keys."""
    d, d_ff = 768, 3072
    feed_forward = 2 * 2 * d * d_ff
    print("\nFLOPs a token and layer, d = 768, d_ff = 4d, T keys")
    print("    T        FFN  attention: projections   scores, sums")
    for t in (1024, 1536, 8192):
        projections, mixing = 2 * 4 * d * d, 2 * 2 * t * d
        row = f"{t:5}{feed_forward:11,}{projections:24,}{mixing:15,}"
        print(row)
        assert feed_forward == 16 * d * d
        # Attention overtakes the FFN beyond T = 2d = 1536.
        assert (projections + mixing > feed_forward) == (t > 2 * d)
        assert (projections + mixing == feed_forward) == (t == 2 * d)


if __name__ == "__main__":
    check_by_hand()
    check_properties()
    check_sizes()
    check_flops()
