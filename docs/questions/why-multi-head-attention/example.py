"""What several attention heads can do in one layer and one head cannot.

Sources: Vaswani et al., arXiv:1706.03762, section 3.2.2; Bhojanapalli et al.,
Low-Rank Bottleneck in Multi-head Attention Models, arXiv:2002.07028.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# tolerance: 1e-3

WIDTH, LENGTH = 512, 1024
HEADS = (1, 8, 16, 32)
SAMPLES = 200_000
MIXES = (0.5, 0.7, 0.9, 1.0)


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    result: Array = e / e.sum(-1, keepdims=True)
    return result


# --8<-- [start:heads]
def concatenated(
    x: Array, w_q: Array, w_k: Array, w_v: Array, w_o: Array
) -> Array:
    """Concat(head_1, .., head_h) W_O; w_q, w_k, w_v (h, d, d_k)."""
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    weights = softmax(q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1]))
    heads = weights @ v
    out: Array = np.concatenate(list(heads), axis=1) @ w_o
    return out


def summed(x: Array, w_q: Array, w_k: Array, w_v: Array, w_o: Array) -> Array:
    """sum_i A_i X M_i with M_i = W_V^i W_O^i, a map of rank d_k."""
    d_k = w_q.shape[-1]
    out = np.zeros_like(x)
    for i in range(len(w_q)):
        q, k = x @ w_q[i], x @ w_k[i]
        pattern = softmax(q @ k.T / np.sqrt(d_k))  # A_i: where from
        moved = w_v[i] @ w_o[i * d_k : (i + 1) * d_k]  # M_i: what
        out += pattern @ x @ moved
    return out


def readout_error(seen: Array, wanted: Array) -> float:
    """Mean squared error of the best linear read-out, per coordinate."""
    best = np.linalg.lstsq(seen, wanted, rcond=None)[0]
    return float(((seen @ best - wanted) ** 2).mean())


# --8<-- [end:heads]


def residuals(a: float) -> tuple[float, float]:
    """Exact errors of v_1 and v_3, read from a v_1 + (1 - a) v_3."""
    power = a**2 + (1 - a) ** 2
    return 1 - a**2 / power, 1 - (1 - a) ** 2 / power


def cost_table() -> None:
    print(f"d = {WIDTH}, T = {LENGTH}: cost of one attention layer")
    print("heads  d_k  parameters  matmul MFLOP  softmax entries")
    seen = set()
    for h in HEADS:
        d_k = WIDTH // h
        shapes = [(h, WIDTH, d_k)] * 3 + [(h * d_k, WIDTH)]
        parameters = sum(int(np.prod(shape)) for shape in shapes)
        scores = h * 2 * (2 * LENGTH**2 * d_k)  # Q K^T and A V
        flops = 2 * LENGTH * parameters + scores
        seen.add((parameters, flops))
        print(f"{h:5}{d_k:5}{parameters:12,}", end="")
        print(f"{flops / 1e6:14,.1f}{h * LENGTH**2:17,}")
    # Heads divide the width: parameters and products do not depend on h.
    assert seen == {
        (4 * WIDTH**2, 8 * LENGTH * WIDTH**2 + 4 * LENGTH**2 * WIDTH)
    }


def check_sum() -> None:
    rng = np.random.default_rng(0)
    h, d, d_k, length = 4, 16, 4, 6
    x = rng.normal(size=(length, d))
    w_q, w_k, w_v = rng.normal(size=(3, h, d, d_k)) / 2
    w_o = rng.normal(size=(d, d)) / 4
    difference = np.abs(
        concatenated(x, w_q, w_k, w_v, w_o) - summed(x, w_q, w_k, w_v, w_o)
    ).max()
    ranks = [
        int(np.linalg.matrix_rank(w_v[i] @ w_o[i * d_k : (i + 1) * d_k]))
        for i in range(h)
    ]
    print(f"\nconcatenate then W_O, or add the heads: {difference:.4f} apart")
    print(f"d = {d}, {h} heads: ranks of W_V^i W_O^i {ranks}")
    assert difference < 1e-12
    assert ranks == [d_k] * h


def check_two_demands() -> None:
    """A query wants v_1 and v_3, independent N(0, 1), each for itself."""
    rng = np.random.default_rng(0)
    v = rng.normal(size=(4, SAMPLES, 2))
    wanted = np.concatenate([v[1], v[3]], axis=1)
    print(f"\nsquared error of reading v_1 and v_3, {SAMPLES:,} samples")
    print("                  v_1     v_3    mean  sampled")
    for a in MIXES:
        exact = residuals(a)
        one_head = a * v[1] + (1 - a) * v[3]
        sampled = readout_error(one_head, wanted)
        mean = sum(exact) / 2
        print(f"one head, a = {a}", end="")
        print(f"{exact[0]:7.3f}{exact[1]:8.3f}{mean:8.3f}{sampled:9.3f}")
        # Half of what is wanted is lost, whatever the weight.
        assert abs(mean - 0.5) < 1e-15
        assert abs(sampled - 0.5) < 5e-3
    weights = softmax(30.0 * np.eye(4)[[1, 3]])  # a logit gap of 30
    heads = np.concatenate(list(np.tensordot(weights, v, 1)), axis=1)
    sampled = readout_error(heads, wanted)
    print(f"two heads{'':35}{sampled:.3f}")
    assert sampled < 1e-11
    # One head in each of two layers, x + A x M: the content stands in
    # channels 0 and 1, each layer copies it to two channels of its own.
    x = np.concatenate([v.swapaxes(0, 1), np.zeros((SAMPLES, 4, 4))], axis=2)
    for row, slot in zip(weights, (2, 4), strict=True):
        move = np.zeros((6, 6))
        move[[0, 1], [slot, slot + 1]] = 1
        x = x + (row @ x @ move)[:, None]  # every query has the same row
    sampled = readout_error(x[:, 0], wanted)
    print(f"one head, two layers{'':24}{sampled:.3f}")
    assert sampled < 1e-11


def truncated(logits: Array, rank: int) -> Array:
    """The best approximation of that rank in the Frobenius norm."""
    u, s, v = np.linalg.svd(logits)
    out: Array = (u[:, :rank] * s[:rank]) @ v[:rank]
    return out


def rank_table() -> None:
    """Scores of a head have rank d_k at most; which weights can it give?"""
    rng = np.random.default_rng(0)
    length = 16
    target = softmax(2 * rng.normal(size=(length, length)))
    centred = np.log(target)
    centred -= centred.mean(1, keepdims=True)  # softmax sees no row shift
    rank = int(np.linalg.matrix_rank(centred))
    print(
        f"\n{length} x {length} weights, largest error of a head of width d_k"
    )
    print("d_k                  2       4       8      15")
    errors = [
        float(np.abs(softmax(truncated(centred, r)) - target).max())
        for r in (2, 4, 8, rank)
    ]
    print("random weights" + "".join(f"{e:8.4f}" for e in errors))
    assert rank == length - 1
    assert errors[-1] < 1e-12
    assert min(errors[:-1]) > 0.01

    # One-hot weights: keys on a circle, each query along its own key.
    angle = 2 * np.pi * np.arange(length) / length
    keys = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    order = rng.permutation(length)
    queries = 400 * keys[order]
    sharp = softmax(queries @ keys.T)
    error = float(np.abs(sharp - np.eye(length)[order]).max())
    print(f"any permutation{error:7.4f}   with two channels, logit", end=" ")
    print(f"gap {400 * (1 - np.cos(angle[1])):.1f}")
    assert error < 1e-9


if __name__ == "__main__":
    cost_table()
    check_sum()
    check_two_demands()
    rank_table()
