"""LoRA, adapters and prefix tuning: what each adds, and which can be merged.

Sources: Hu et al., LoRA, arXiv:2106.09685, tables 1 and 4; He et al.,
Towards a Unified View, arXiv:2110.04366, section 3.1. Columns, as in both.
"""

# tolerance: 2e-3

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:forms]
def lora(x: Array, w: Array, a: Array, b: Array, s: float) -> Array:
    """Beside a matrix: W x + s B A x, with s = alpha / r."""
    return w @ x + s * (b @ (a @ x))


def adapter(h: Array, down: Array, up: Array) -> Array:
    """Behind a sublayer: h + W_up relu(W_down h)."""
    return h + up @ np.maximum(down @ h, 0)


def attend(q: Array, k: Array, v: Array) -> tuple[Array, Array]:
    """Weights and output of one query over rows of K and V."""
    e = np.exp(k @ q / np.sqrt(q.size))
    return e / e.sum(), (e / e.sum()) @ v


def prefix(
    q: Array, k: Array, v: Array, p_k: Array, p_v: Array
) -> tuple[Array, Array]:
    """In front of K and V: p trained rows each."""
    return attend(q, np.vstack([p_k, k]), np.vstack([p_v, v]))


# --8<-- [end:forms]


def check_merge() -> None:
    rng = np.random.default_rng(0)
    d, m, n = 64, 16, 20_000
    w, x = rng.normal(size=(d, d)), rng.normal(size=(d, n))
    a, b, s = rng.normal(size=(8, d)), rng.normal(size=(d, 8)), 2.0
    gap = np.abs(lora(x, w, a, b, s) - (w + s * b @ a) @ x).max()
    assert gap < 1e-10
    # With B = 0 the first step is the base model, whatever A is.
    assert (lora(x, w, a, 0 * b, s) == w @ x).all()
    # An adapter without its nonlinearity folds into the matrix before it.
    down = np.linalg.qr(rng.normal(size=(d, m)))[0].T  # orthonormal rows
    up = rng.normal(size=(d, m))
    linear = w @ x + up @ (down @ (w @ x))
    fold = np.abs(linear - (w + up @ down @ w) @ x).max()
    assert fold < 1e-10
    # With it, the best affine map of h still misses a fixed share.
    h = x
    added = adapter(h, down, up) - h
    design = np.vstack([h, np.ones(n)]).T
    fit = design @ np.linalg.lstsq(design, added.T, rcond=None)[0]
    centred = added.T - added.T.mean(axis=0)
    missed = ((added.T - fit) ** 2).sum() / (centred**2).sum()
    exact = (1 / 4 - 1 / (2 * np.pi)) / (1 / 2 - 1 / (2 * np.pi))
    np.testing.assert_allclose(missed, exact, atol=0.01)
    print("can one matrix do the same?       largest gap, or share missed")
    print(f"LoRA, merged                      {gap:.10f}")
    print(f"adapter without nonlinearity      {fold:.10f}")
    print(f"ReLU adapter, best affine map     {exact:.4f} of the variance")


def heads() -> dict[str, tuple[Array, Array]]:
    """Weights and output of one query: base, with prefix, with LoRA."""
    rng = np.random.default_rng(2)
    d, t, p = 16, 5, 2
    x, w_q = rng.normal(size=d), rng.normal(size=(d, d)) / 5
    k, v = rng.normal(size=(t, d)), rng.normal(size=(t, d))
    p_k, p_v = 1.5 * rng.normal(size=(p, d)), rng.normal(size=(p, d))
    a, b = rng.normal(size=(2, d)) / 4, rng.normal(size=(d, 2))
    return {
        "base": attend(w_q @ x, k, v),
        "prefix": prefix(w_q @ x, k, v, p_k, p_v),
        "LoRA on W_Q": attend(lora(x, w_q, a, b, 1.0), k, v),
        "prefix alone": attend(w_q @ x, p_k, p_v),
        "zeros": prefix(w_q @ x, k, v, 0 * p_k, 0 * p_v),
    }


def check_heads() -> None:
    found = heads()
    base, with_prefix = found["base"], found["prefix"]
    share = with_prefix[0][:2].sum()
    print("\none query, five tokens      weights on the tokens      w1 / w2")
    for name in ("base", "prefix", "LoRA on W_Q"):
        w = found[name][0][-5:]
        cells = "".join(f"{value:7.3f}" for value in w)
        print(f"{name:14}{cells}{w[0] / w[1]:14.3f}")
    zero = found["zeros"][0][:2].sum()
    print(f"lambda of the prefix {share:.3f}, of two zero rows {zero:.3f}")
    # The prefix shrinks all token weights by 1 - lambda ...
    np.testing.assert_allclose(with_prefix[0][2:], (1 - share) * base[0])
    # ... and adds its own head, gated by lambda.
    mixed = (1 - share) * base[1] + share * found["prefix alone"][1]
    np.testing.assert_allclose(with_prefix[1], mixed)
    ratio = found["LoRA on W_Q"][0] / base[0]
    assert np.ptp(np.log(ratio)) > 0.5
    assert zero > 0.1  # an untrained prefix is not the base model


def bf16(x: Array) -> Array:
    """Round to bfloat16, ties to even; returned as float64."""
    bits = x.astype(np.float32).view(np.uint32)
    bits = bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)
    rounded = (bits & np.uint32(0xFFFF0000)).view(np.float32)
    return rounded.astype(np.float64)


def merge_errors(size: float) -> tuple[float, float, float, float]:
    """Of Delta W with `size` times the norm of W, in bfloat16.

    Returns the share of entries that stay as they were, the share of
    Delta W that arrives (its projection), the error of the merged matrix
    and the drift after 20 swaps, both over |Delta W|.
    """
    rng = np.random.default_rng(5)
    d, r = 512, 8
    w = bf16(0.02 * rng.normal(size=(d, d)))
    deltas = [
        rng.normal(size=(d, r)) @ rng.normal(size=(r, d)) for _ in range(2)
    ]
    norm = size * np.linalg.norm(w)
    deltas = [norm * delta / np.linalg.norm(delta) for delta in deltas]
    merged = bf16(w + deltas[0])
    error = float(np.linalg.norm(merged - w - deltas[0]) / norm)
    same = float((merged == w).mean())
    kept = float(((merged - w) * deltas[0]).sum() / norm**2)
    now = w
    for step in range(20):  # put one in, take it out, put the other in
        now = bf16(bf16(now + deltas[step % 2]) - deltas[step % 2])
    return same, kept, error, float(np.linalg.norm(now - w) / norm)


def check_precision() -> None:
    print("\nmerging into bfloat16, r = 8")
    print("|Delta W|/|W|  unchanged  arrives   error  after 20 swaps")
    rows = []
    for size in (0.1, 0.03, 0.01, 0.003, 0.001):
        rows.append(merge_errors(size))
        same, kept, error, drift = rows[-1]
        cells = f"{same:11.2f}{kept:9.2f}{error:8.2f}{drift:16.2f}"
        print(f"{size:13.3f}{cells}")
    assert rows[0][2] < 0.03 and rows[-1][2] > 0.7
    assert all(drift > 0 for *_, drift in rows)


def check_budget() -> None:
    """The same 4,194,304 parameters in Llama-7B: d = 4096, L = 32."""
    d, layers, budget = 4096, 32, 4_194_304
    r, m, p = 8, 8, 16
    lora_count = layers * 2 * (r * d + d * r)  # W_Q and W_V
    lora_flops = layers * 2 * (2 * r * d + 2 * d * r)
    adapter_count = layers * 2 * (m * d + d * m)  # two, no biases
    adapter_flops = layers * 2 * (2 * m * d + 2 * d * m)
    prefix_count = layers * 2 * p * d
    prefix_flops = layers * (2 * p * d + 2 * p * d)  # q.P_k and weights.P_v
    print("\nLlama-7B                    LoRA q,v   adapters     prefix")
    print(f"size                   {'r = 8':>13}{'m = 8':>11}{'p = 16':>11}")
    counts = lora_count, adapter_count, prefix_count
    print(f"parameters             {'':2}{counts[0]:11,}", end="")
    print(f"{counts[1]:11,}{counts[2]:11,}")
    flops = lora_flops, adapter_flops, prefix_flops
    print(f"FLOPs a token          {'':2}{flops[0]:11,}", end="")
    print(f"{flops[1]:11,}{flops[2]:11,}")
    steps = [len(path) - len(PATHS["merged"]) for path in PATHS.values()]
    print(f"steps added to a layer {steps[1]:13}{steps[2]:11}{steps[3]:11}")
    print(f"  once merged          {0:13}{'-':>11}{'-':>11}")
    cache = 2 * 2 * layers * p * d
    print(f"KV cache, MB           {0:13}{0:11}{cache / 1e6:11.1f}")
    assert set(counts) == {budget} and set(flops) == {2 * budget}
    assert cache == 2 * prefix_count  # the parameters are the cache
    assert steps == [0, 1, 4, 0]


# Matrix steps that wait for one another in one layer.
PATHS = {
    "merged": ["QKV", "attn", "O", "up", "down"],
    "unmerged": ["A", "B", "attn", "O", "up", "down"],
    "adapter": [
        "QKV",
        "attn",
        "O",
        "d→m",
        "m→d",
        "up",
        "down",
        "d→m",
        "m→d",
    ],
    "prefix": ["QKV", "attn", "O", "up", "down"],
}


def check_paper() -> None:
    print("\nGPT-3, LoRA on W_Q and W_V")
    for r in (1, 4, 8):
        count = 96 * 2 * (2 * 12288 * r)
        share = 175_255_800_000 / count
        size = 2 * count / 1e6
        print(f"r = {r}{count:14,}   1/{share:,.0f}   {size:5.1f} MB in fp16")
    assert 96 * 2 * 2 * 12288 * 4 == 18_874_368
    speed = 43.1 / 32.5
    print(f"training, tokens/s: 43.1 / 32.5 = {speed:.2f}", end="")
    print(f", so the time falls by {1 - 1 / speed:.2f}")
    # GPT-2 medium, Quadro RTX 8000: milliseconds of a forward pass.
    weights = 24 * 12 * 1024**2 + 50257 * 1024
    print("\nGPT-2 medium             32 x 512   16 x 256    1 x 128")
    table = np.array(
        [[1449.4, 338.0, 19.8], [1482.0, 354.8, 23.9], [1492.2, 366.3, 25.8]]
    )
    sizes = np.array([0.5e6, 11.09e6, 11.09e6])
    share = 100 * sizes / weights
    print(f"{'adapter FLOPs, %':22}" + "".join(f"{s:11.2f}" for s in share))
    for name, row, count in (
        ("one a layer", table[1], 24),
        ("two a layer", table[2], 48),
    ):
        extra = row - table[0]
        percent = 100 * extra / table[0]
        cells = "".join(f"{value:11.1f}" for value in percent)
        print(f"{name + ', time, %':22}{cells}")
        cells = "".join(f"{value:11.2f}" for value in extra / count)
        print(f"{'  ms an adapter':22}{cells}")
        assert (percent > share).all()


if __name__ == "__main__":
    check_merge()
    check_heads()
    check_precision()
    check_budget()
    check_paper()
