"""Tensor parallelism: split products equal the whole, and what they send.

Sources: Shoeybi et al., Megatron-LM, arXiv:1909.08053, section 3;
Korthikanti et al., arXiv:2205.05198, section 4.2.2. A list stands for the
ranks of a tensor-parallel group, one array a rank.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

RNG = np.random.default_rng(0)
T, D, D_FF = 4, 8, 32
X = RNG.normal(size=(T, D))
A = RNG.normal(size=(D, D_FF))
B = RNG.normal(size=(D_FF, D))
DZ = RNG.normal(size=(T, D))  # d loss / d output

erf = np.vectorize(math.erf)


def gelu(x: Array) -> Array:
    out: Array = x * (1 + erf(x / math.sqrt(2))) / 2
    return out


def gelu_slope(x: Array) -> Array:
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    slope: Array = (1 + erf(x / math.sqrt(2))) / 2 + x * density
    return slope


# --8<-- [start:tensor]
def columns(a: Array, p: int) -> list[Array]:
    return np.split(a, p, axis=1)


def rows(a: Array, p: int) -> list[Array]:
    return np.split(a, p, axis=0)


def all_reduce(parts: list[Array]) -> Array:
    """What every rank holds afterwards."""
    return np.sum(parts, axis=0)


def mlp(x: Array, a: Array, b: Array, dz: Array, p: int) -> list[Array]:
    """Z = GELU(X A) B on p ranks: Z, and d loss / d X, A, B from dz."""
    a_r, b_r = columns(a, p), rows(b, p)
    h_r = [x @ a_i for a_i in a_r]  # f: every rank has the whole x
    y_r = [gelu(h) for h in h_r]  # no communication before GELU
    z = all_reduce([y @ b_i for y, b_i in zip(y_r, b_r, strict=True)])  # g

    db = [y.T @ dz for y in y_r]  # g backward: dz is on every rank
    dh = [
        (dz @ b_i.T) * gelu_slope(h) for b_i, h in zip(b_r, h_r, strict=True)
    ]
    da = [x.T @ d for d in dh]
    dx = all_reduce([d @ a_i.T for d, a_i in zip(dh, a_r, strict=True)])  # f
    return [z, dx, np.hstack(da), np.vstack(db)]


# --8<-- [end:tensor]


def close(a: Array, b: Array) -> float:
    np.testing.assert_allclose(a, b, atol=1e-12, rtol=1e-12)
    return float(np.abs(a - b).max())


def check_products() -> None:
    whole = X @ A
    for p in (2, 4):
        close(np.hstack([X @ a for a in columns(A, p)]), whole)
        pairs = zip(columns(X, p), rows(A, p), strict=True)
        close(all_reduce([x @ a for x, a in pairs]), whole)
    print("shapes on one rank          p = 2      p = 4")
    for name, shape in (
        ("A_i, columns", lambda p: columns(A, p)[0].shape),
        ("Y_i = GELU(X A_i)", lambda p: (X @ columns(A, p)[0]).shape),
        ("B_i, rows", lambda p: rows(B, p)[0].shape),
        ("Y_i B_i, to be summed", lambda p: (T, D)),
    ):
        cells = [" x ".join(map(str, shape(p))) for p in (2, 4)]
        print(f"{name:23}{cells[0]:>10}{cells[1]:>11}")


def check_mlp() -> None:
    h = X @ A
    dh = (DZ @ B.T) * gelu_slope(h)
    dense = [gelu(h) @ B, dh @ A.T, X.T @ dh, gelu(h).T @ DZ]
    for p in (2, 4):
        for got, want in zip(mlp(X, A, B, DZ, p), dense, strict=True):
            close(got, want)
    # Slopes of the dense form against a difference.
    nudge = 1e-6 * np.eye(D)[0]
    rise = (gelu((X + nudge) @ A) - gelu((X - nudge) @ A)) @ B
    np.testing.assert_allclose(
        (rise * DZ).sum() / 2e-6, dense[1][:, 0].sum(), rtol=1e-6
    )
    print("\ncolumn, GELU, row: Z, dX, dA, dB equal the dense ones: < 1e-12")
    pairs = list(zip(columns(X, 2), rows(A, 2), strict=True))
    wrong = all_reduce([gelu(x @ a) for x, a in pairs])
    print("what goes wrong, p = 2: largest error (largest true value)")
    report("row first, no sync before GELU", wrong, gelu(X @ A))
    part = dh[:, : D_FF // 2] @ columns(A, 2)[0].T
    report("dX without the all-reduce f", part, dense[1])
    bias = RNG.normal(size=D)
    parts = zip(columns(gelu(h), 2), rows(B, 2), strict=True)
    twice = all_reduce([y @ b + bias for y, b in parts])
    report("bias added on every rank", twice, dense[0] + bias)


def report(name: str, got: Array, want: Array) -> None:
    error = np.abs(got - want).max()
    assert error > 0.1
    print(f"  {name:32}{error:8.2f} ({np.abs(want).max():.2f})")


def silu(x: Array) -> Array:
    out: Array = x / (1 + np.exp(-x))
    return out


def check_packed() -> None:
    """[gate | up] in one matrix: cut each half, not the whole."""
    gate, up = A, RNG.normal(size=(D, D_FF))
    want = (silu(X @ gate) * (X @ up)) @ B
    good, bad = [], []
    for r in range(2):
        g, u = columns(gate, 2)[r], columns(up, 2)[r]
        good.append((silu(X @ g) * (X @ u)) @ rows(B, 2)[r])
        slab = columns(np.hstack([gate, up]), 2)[r]
        g, u = columns(slab, 2)
        bad.append((silu(X @ g) * (X @ u)) @ rows(B, 2)[r])
    close(all_reduce(good), want)
    report("[gate | up] cut as one matrix", all_reduce(bad), want)


def softmax(s: Array) -> Array:
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    out: Array = e / e.sum(axis=-1, keepdims=True)
    return out


def attention(x: Array, wq: Array, wk: Array, wv: Array, wo: Array) -> Array:
    """Causal attention; wq (heads, D, d_k), wk and wv (kv heads, D, d_k),
    wo (heads, d_k, D). Query head i uses key head i // (heads / kv heads).
    """
    group = len(wq) // len(wk)
    mask = np.triu(np.full((T, T), -np.inf), 1)
    out = np.zeros((T, D))
    for i in range(len(wq)):
        q, k, v = x @ wq[i], x @ wk[i // group], x @ wv[i // group]
        weights = softmax(q @ k.T / math.sqrt(q.shape[1]) + mask)
        out += weights @ v @ wo[i]
    return out


def check_attention() -> None:
    heads, d_k = 8, 2
    for kv, p in ((8, 4), (4, 4), (2, 4)):
        wq = RNG.normal(size=(heads, D, d_k))
        wk, wv = RNG.normal(size=(2, kv, D, d_k))
        wo = RNG.normal(size=(heads, d_k, D))
        parts = []
        for r in range(p):
            mine = slice(r * heads // p, (r + 1) * heads // p)
            # kv < p: the key heads of this rank's queries, replicated
            first = r * kv // p
            theirs = slice(first, first + max(kv // p, 1))
            shard = wq[mine], wk[theirs], wv[theirs], wo[mine]
            parts.append(attention(X, *shard))
        close(all_reduce(parts), attention(X, wq, wk, wv, wo))
    print("attention, 8 heads on 4 ranks, 8, 4 or 2 key heads: < 1e-12")


def check_vocabulary() -> None:
    """Cross-entropy from logits that no rank ever sees whole."""
    vocab, p = 64, 4
    logits = 3 * RNG.normal(size=(T, vocab))
    target: Ints = RNG.integers(vocab, size=T)
    want = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(T), target]
    slabs, width = columns(logits, p), vocab // p
    top = np.max([s.max(axis=1) for s in slabs], axis=0)  # all-reduce, max
    total = all_reduce([np.exp(s - top[:, None]).sum(axis=1) for s in slabs])
    owned = []
    for r, s in enumerate(slabs):
        local = target - r * width
        here = (local >= 0) & (local < width)
        hit = s[np.arange(T), np.where(here, local, 0)]
        owned.append(np.where(here, hit, 0.0))
    close(np.log(total) + top - all_reduce(owned), want)
    print("cross-entropy from 4 slabs of the vocabulary:         < 1e-12")


def normalize(x: Array, gain: Array) -> Array:
    mean, var = x.mean(axis=1), x.var(axis=1)
    out: Array = (x - mean[:, None]) / np.sqrt(var + 1e-5)[:, None] * gain
    return out


def check_sequence() -> None:
    """LayerNorm on T/p tokens a rank; all-gather, MLP, reduce-scatter."""
    p, gain = 2, RNG.normal(size=D)
    x_r = rows(X, p)
    gathered = np.vstack([normalize(x, gain) for x in x_r])  # all-gather
    a_r, b_r = columns(A, p), rows(B, p)
    pairs = zip(a_r, b_r, strict=True)
    partial = [gelu(gathered @ a) @ b for a, b in pairs]
    scattered = rows(all_reduce(partial), p)  # reduce-scatter: own tokens
    close(np.vstack(scattered), gelu(normalize(X, gain) @ A) @ B)
    # The gain's gradient is a sum over tokens: partial on every rank.
    dy = RNG.normal(size=(T, D))
    full = (dy * normalize(X, np.ones(D))).sum(axis=0)
    pairs = zip(rows(dy, p), x_r, strict=True)
    part = [(g * normalize(x, np.ones(D))).sum(axis=0) for g, x in pairs]
    close(all_reduce(part), full)
    print("sequence parallel LayerNorm and MLP:                  < 1e-12")


def check_volume() -> None:
    tokens, d, size = 2048, 4096, 2
    tensor = tokens * d * size
    print(f"\nB T = 2048, d = 4096, fp16: one tensor {tensor / 2**20:.0f} MiB")
    print("MiB that one rank sends        p = 2   p = 4   p = 8")
    sent = [2 * (p - 1) / p * tensor / 2**20 for p in (2, 4, 8)]
    for name, times in (("an all-reduce", 1), ("a layer, 4 all-reduces", 4)):
        cells = "".join(f"{times * s:8.0f}" for s in sent)
        print(f"{name:28}{cells}")
    assert sent[2] == 28 and 4 * sent[2] == 112

    flops, fast, slow = 400e12, 450e9, 50e9
    print("\ncommunication / computation of a layer, 400 TFLOP/s a GPU")
    print("               450 GB/s: p = 2    p = 4    p = 8   50 GB/s: p = 8")
    for width in (4096, 16384):
        cells = [ratio(p, width, flops, fast) for p in (2, 4, 8)]
        text = "".join(f"{c:9.3f}" for c in cells)
        last = ratio(8, width, flops, slow)
        print(f"d = {width:5}        {text}{last:17.3f}")
    seconds = 4 * 2 * 7 / 8 * tensor / fast
    compute = 6 * 12 * d * d * tokens / 8 / flops
    np.testing.assert_allclose(seconds / compute, ratio(8, d, flops, fast))


def ratio(p: int, d: int, flops: float, link: float) -> float:
    """Four all-reduces of n d 2-byte numbers against 72 n d^2 / p FLOP."""
    return 2 / 9 * (p - 1) * flops / (d * link)


if __name__ == "__main__":
    check_products()
    check_mlp()
    check_packed()
    check_attention()
    check_vocabulary()
    check_sequence()
    check_volume()
