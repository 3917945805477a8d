"""MHA, GQA, MQA and MLA: what is cached, what is computed, what is the same.

Sources: Ainslie et al., GQA, arXiv:2305.13245; DeepSeek-AI, DeepSeek-V2,
arXiv:2405.04434, sections 2.1.2 and 2.1.3. Geometry of Llama 3 8B.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# tolerance: 1e-3

Array = NDArray[np.float64]

LAYERS, HEADS, HEAD_WIDTH, WIDTH = 32, 32, 128, 4096  # Llama 3 8B
LATENT, ROPE_WIDTH = 512, 64  # MLA of DeepSeek-V2 and V3
TOKENS, BYTES = 8192, 2
GPUS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True)
class Scheme:
    """One layer: values cached and FLOPs, both per cached token."""

    name: str
    kv_heads: int  # units that tensor parallelism can deal out
    values: int
    flops: int

    @property
    def intensity(self) -> float:
        """FLOPs per byte of cache that one decoding step reads."""
        return self.flops / (self.values * BYTES)

    def cache(self, layers: int = LAYERS) -> int:
        """Bytes of cache a token."""
        return layers * self.values * BYTES

    def per_gpu(self, gpus: int) -> float:
        """GiB of cache on each of `gpus` for one sequence of TOKENS."""
        held = max(1, self.kv_heads // gpus) / self.kv_heads
        return held * self.cache() * TOKENS / 2**30


def grouped(name: str, kv_heads: int, heads: int = HEADS) -> Scheme:
    """Count what broadcasting multiplies when one cached token is read."""
    k = np.empty((kv_heads, 1, HEAD_WIDTH))  # and v, of the same shape
    q = np.empty((kv_heads, heads // kv_heads, HEAD_WIDTH))
    products = int(np.prod(np.broadcast_shapes(q.shape, k.shape)))
    # A product and a sum each, once for the score and once for the output.
    return Scheme(name, kv_heads, 2 * k.size, 2 * 2 * products)


def latent(name: str, heads: int = HEADS) -> Scheme:
    """Absorbed MLA: every head reads a key of 576 and a value of 512."""
    key = LATENT + ROPE_WIDTH
    return Scheme(name, 1, key, 2 * heads * (key + LATENT))


SCHEMES = (
    grouped("MHA", 32),
    grouped("GQA-8", 8),
    grouped("MQA", 1),
    latent("MLA"),
)


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    result: Array = e / e.sum(-1, keepdims=True)
    return result


# --8<-- [start:gqa]
def attention(x: Array, w_q: Array, w_k: Array, w_v: Array) -> Array:
    """Causal attention of all heads; no key or value is copied.

    x (T, d), w_q (h, d, d_k), w_k and w_v (h_kv, d, d_k) -> (h, T, d_k).
    Query head i reads KV head i * h_kv // h.
    """
    h, h_kv = len(w_q), len(w_k)
    q = (x @ w_q).reshape(h_kv, h // h_kv, len(x), -1)
    k, v = (x @ w_k)[:, None], (x @ w_v)[:, None]  # broadcast in the group
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[-1])
    hidden = np.triu(np.full((len(x), len(x)), -np.inf), 1)
    out: Array = softmax(scores + hidden) @ v
    return out.reshape(h, len(x), -1)


def pool(w: Array, h_kv: int) -> Array:
    """Mean of the KV projections in each group: (h, d, d_k) -> (h_kv, ..)."""
    mean: Array = w.reshape(h_kv, -1, *w.shape[1:]).mean(1)
    return mean


# --8<-- [end:gqa]


def copied(
    x: Array, w_q: Array, w_k: Array, w_v: Array, lay: Callable[..., Array]
) -> Array:
    """MHA on copied KV projections, head by head."""
    times = len(w_q) // len(w_k)
    outs = [
        attention(x, q[None], k[None], v[None])[0]
        for q, k, v in zip(w_q, lay(w_k, times), lay(w_v, times), strict=True)
    ]
    return np.array(outs)


def in_turn(w: Array, times: int) -> Array:
    """Heads 0 1 0 1 ..: the wrong order, no error."""
    return np.concatenate([w] * times)


def in_blocks(w: Array, times: int) -> Array:
    """Heads 0 0 .. 1 1 ..: head i reads i // times."""
    return np.repeat(w, times, axis=0)


def gap(a: Array, b: Array) -> float:
    return float(np.abs(a - b).max())


def size_table() -> None:
    print(f"Llama 3 8B geometry, {TOKENS:,} tokens, {BYTES} bytes a value")
    print("        values a token  bytes a  cache  W_K + W_V  FLOP a token")
    print("             and layer    token    GiB          M     and layer")
    for one in SCHEMES:
        gib = one.cache() * TOKENS / 2**30
        weights = LAYERS * WIDTH * one.values / 1e6
        text = f"{weights:10.1f}" if one.name != "MLA" else f"{'-':>10}"
        print(
            f"{one.name:8}{one.values:14,}{one.cache():9,}{gib:7.3f} {text}"
            f"{one.flops:14,}"
        )
    mha, gqa, mqa, mla = SCHEMES
    assert mha.cache() * TOKENS == 4 * 2**30
    assert gqa.cache() * TOKENS == 2**30
    assert mqa.cache() * TOKENS == 2**27
    # Fewer KV heads: the same arithmetic; absorbed MLA: more of it.
    assert mha.flops == gqa.flops == mqa.flops < mla.flops
    groups = mla.values / (2 * HEAD_WIDTH)
    print(f"MLA caches as much as {groups} KV heads")
    assert groups == 2.25


def intensity_table() -> None:
    print("\nFLOP per byte of cache read while decoding, 2 bytes a value")
    for one in SCHEMES:
        print(f"{one.name:8}{one.intensity:8.1f}")
    for one in SCHEMES[:3]:
        assert one.intensity == HEADS / one.kv_heads
    v3, same = latent("MLA", 128), grouped("MHA", 128, 128)
    print(f"DeepSeek-V3, 128 heads: MLA {v3.intensity:.1f}")
    # Dealt out to 8 GPUs: 16 heads each, the whole latent on all of them.
    part = latent("MLA", 128 // 8)
    print(f"  on each of 8 GPUs, 16 heads: {part.intensity:.1f}")
    assert part.intensity == v3.intensity / 8
    share = v3.cache(61) / same.cache(61)
    print(f"  cache a token, 61 layers: {v3.cache(61):,} bytes")
    print(f"  MHA of 128 x 128: {same.cache(61):,} bytes; {share:.2%}")
    # Without absorption a head meets a key of 128 + 64, a value of 128.
    plain = 2 * 128 * (HEAD_WIDTH + ROPE_WIDTH + HEAD_WIDTH)
    print("  FLOP a cached token and layer:")
    print(f"  absorbed {v3.flops:,}, plain {plain:,}; ", end="")
    print(f"{v3.flops / plain:.1f} times")


def parallel_table() -> None:
    print("\ncache on each GPU, GiB, under tensor parallelism")
    print(f"{'GPUs':8}" + "".join(f"{t:9}" for t in GPUS))
    for one in SCHEMES:
        cells = "".join(f"{one.per_gpu(t):9.4f}" for t in GPUS)
        print(f"{one.name:8}{cells}")
    mha, gqa, mqa, mla = (one.per_gpu(8) for one in SCHEMES)
    # At 8 GPUs GQA-8 costs what MQA costs, and MLA more than either.
    assert gqa == mqa < mla < mha


def check_equivalence(rng: np.random.Generator) -> None:
    h, d, d_k, length = 8, 32, 8, 10
    x = rng.normal(size=(length, d))
    w_q, w_k, w_v = rng.normal(size=(3, h, d, d_k)) / np.sqrt(d)
    print("\nh = 8 query heads, largest difference of the outputs")
    full = copied(x, w_q, w_k, w_v, in_blocks)
    as_mha = gap(attention(x, w_q, w_k, w_v), full)
    one = attention(x, w_q, w_k[:1], w_v[:1])
    as_mqa = gap(one, copied(x, w_q, w_k[:1], w_v[:1], in_blocks))
    two = attention(x, w_q, w_k[:2], w_v[:2])
    right = gap(two, copied(x, w_q, w_k[:2], w_v[:2], in_blocks))
    wrong = gap(two, copied(x, w_q, w_k[:2], w_v[:2], in_turn))
    for name, value in [
        ("h_kv = 8 and MHA", as_mha),
        ("h_kv = 1 and MQA", as_mqa),
        ("h_kv = 2 and copies 0000 1111", right),
        ("h_kv = 2 and copies 0101 0101", wrong),
    ]:
        print(f"  {name:<34}{value:8.4f}")
    assert max(as_mha, as_mqa, right) < 1e-12
    assert wrong > 0.1


def check_pooling(rng: np.random.Generator) -> None:
    h, h_kv, d, d_k, length = 8, 2, 32, 8, 10
    x = rng.normal(size=(length, d))
    w_q, w_k, w_v = rng.normal(size=(3, h, d, d_k)) / np.sqrt(d)

    def loss(w_q: Array, w_k: Array, w_v: Array) -> float:
        """What pooling to h_kv heads changes."""
        whole = attention(x, w_q, w_k, w_v)
        return gap(whole, attention(x, w_q, pool(w_k, h_kv), pool(w_v, h_kv)))

    same_k, same_v = (in_blocks(w[:h_kv], h // h_kv) for w in (w_k, w_v))
    # Another basis in each head: the scores stay, q A^-T . k A = q . k.
    a = rng.normal(size=(h, d_k, d_k))
    turned_q = w_q @ np.linalg.inv(a).swapaxes(1, 2)
    turned_k = same_k @ a
    np.testing.assert_allclose(
        attention(x, turned_q, turned_k, same_v),
        attention(x, w_q, same_k, same_v),
        atol=1e-9,
    )
    losses = {
        "KV heads equal in a group": loss(w_q, same_k, same_v),
        "KV heads independent": loss(w_q, w_k, w_v),
        "equal, each key in its own basis": loss(turned_q, turned_k, same_v),
    }
    print("mean-pooling 8 KV heads to 2")
    for name, value in losses.items():
        print(f"  {name:<34}{value:8.4f}")
    equal, independent, turned = losses.values()
    assert equal < 1e-12
    assert min(independent, turned) > 0.1


def rotate(x: Array) -> Array:
    """RoPE on the last axis; the token's row is its position."""
    half = x.shape[-1] // 2
    angle = np.arange(x.shape[-2])[:, None] * 100.0 ** (
        -np.arange(half) / half
    )
    a, b = x[..., :half], x[..., half:]
    cos, sin = np.cos(angle), np.sin(angle)
    turned: Array = np.concatenate([a * cos - b * sin, a * sin + b * cos], -1)
    return turned


def check_mla(rng: np.random.Generator) -> None:
    """The last token's heads, keys rebuilt or up-projections absorbed."""
    h, d, d_k, d_c, d_r, length = 8, 64, 8, 16, 4, 10
    x = rng.normal(size=(length, d))
    w_q, w_qr, w_uk, w_uv, w_dkv, w_kr = (
        rng.normal(size=shape) / np.sqrt(shape[-2])
        for shape in [
            (h, d, d_k),
            (h, d, d_r),
            (h, d_c, d_k),
            (h, d_c, d_k),
            (d, d_c),
            (d, d_r),
        ]
    )
    c, k_r = x @ w_dkv, rotate(x @ w_kr)  # all that is cached
    q, q_r = (x @ w_q)[:, -1], rotate(x @ w_qr)[:, -1]
    scale = 1 / np.sqrt(d_k + d_r)

    keys, values = c @ w_uk, c @ w_uv  # (h, T, d_k), distinct in each head
    scores = np.einsum("hk,htk->ht", q, keys) + q_r @ k_r.T
    plain = np.einsum("ht,htk->hk", softmax(scores * scale), values)

    wide = np.concatenate([np.einsum("hk,hck->hc", q, w_uk), q_r], 1)
    shared = np.concatenate([c, k_r], 1)  # one key, its first d_c the value
    mixed = softmax(wide @ shared.T * scale) @ c
    absorbed = np.einsum("hc,hck->hk", mixed, w_uv)

    # GQA is a latent of width 2 h_kv d_k with up-projections of 0 and 1.
    h_kv = 2
    w_k, w_v = rng.normal(size=(2, h_kv, d, d_k)) / np.sqrt(d)
    c = np.concatenate([*(x @ w_k), *(x @ w_v)], 1)
    pick = np.eye(c.shape[1]).reshape(-1, 2 * h_kv, d_k).swapaxes(0, 1)
    group = np.arange(h) * h_kv // h
    grouped_k, grouped_v = c @ pick[group], c @ pick[h_kv + group]

    print("MLA")
    print(f"  {'absorbed and rebuilt keys':<34}{gap(absorbed, plain):8.4f}")
    same = max(
        gap(grouped_k, (x @ w_k)[group]), gap(grouped_v, (x @ w_v)[group])
    )
    print(f"  {'GQA as a latent, keys and values':<34}{same:8.4f}")
    assert gap(absorbed, plain) < 1e-12
    assert same < 1e-12
    # Every MLA head has a key of its own; GQA has one a group.
    count = [len(np.unique(k.round(9), axis=0)) for k in (keys, grouped_k)]
    print(f"  distinct keys of 8 heads: MLA {count[0]}, GQA-2 {count[1]}")
    assert count == [h, h_kv]


RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("gpu.json").read_text(encoding="utf-8")
)


def measured_row(case: str, **wanted: object) -> dict[str, Any]:
    """The one row of the measurements that is as wanted."""
    (found,) = (
        row
        for row in RECORD["rows"]
        if row["case"] == case and wanted.items() <= row.items()
    )
    return dict(found)


def check_gpu() -> None:
    """Measured: attention of a step, 32 query heads, 32 sequences."""
    print(
        f"\n{RECORD['device']['name']}, {RECORD['measured']}, bf16, ", end=""
    )
    print("8,192 tokens, us a layer")
    print("KV heads  cache MiB  32 sequences  TB/s  kernels  copied", end="")
    print("  prefill")
    for kv_heads in (32, 8, 4, 2, 1):
        step, copied, prefill = (
            measured_row(case, length=8192, kv_heads=kv_heads)
            for case in ("decode", "repeated", "prefill")
        )
        rate = step["moved_bytes"] / step["ms"] / 1e9
        print(f"{kv_heads:8}{step['moved_bytes'] / 2**20:11,.0f}", end="")
        print(f"{1e3 * step['ms']:14.1f}{rate:6.2f}", end="")
        print(f"{step['kernels']:9}", end="")
        print(f"{1e3 * copied['ms']:8.0f}{1e3 * prefill['ms']:9.0f}")
        assert copied["ms"] > 2.5 * step["ms"]
    read = RECORD["ceilings"]["read_bytes_per_s"] / 1e12
    print(f"reading alone: {read:.2f} TB/s", end="")
    most, least = (
        measured_row("decode", length=8192, kv_heads=n)["ms"] for n in (32, 1)
    )
    print(f"; 32 KV heads over 1: {most / least:.1f} times")
    many, one = (
        measured_row("prefill", length=8192, kv_heads=n)["ms"] for n in (32, 1)
    )
    assert abs(many / one - 1) < 0.1  # as much arithmetic
    flop = measured_row("prefill", length=8192, kv_heads=32)["flop"]
    print(f"prefill, 32 KV heads: {flop / many / 1e9:.0f} TFLOP/s")
    check_padding()


def check_padding() -> None:
    """Arithmetic of whole tiles, rows without a query and all."""
    print("KV heads  rows of a tile  with a query  TFLOP/s on all rows")
    rates = {}
    for kv_heads in (32, 8, 4, 2, 1):
        step = measured_row("decode", length=8192, kv_heads=kv_heads)
        # The kernel's name says: width of a head, rows, keys of a tile.
        _, rows, _ = (
            int(one)
            for one in step["kernel"].split("traits<")[1].split(",")[:3]
        )
        flop = 4 * rows * 8192 * 128 * 32 * kv_heads
        rates[kv_heads] = flop / step["ms"] / 1e9
        print(f"{kv_heads:8}{rows:16}{32 // kv_heads:14}", end="")
        print(f"{rates[kv_heads]:21.0f}")
    # Both are as fast as this kernel gets, whatever the bytes.
    assert abs(rates[32] / rates[8] - 1) < 0.1
    copied, plain = (
        measured_row(case, length=8192, kv_heads=kv_heads)["ms"]
        for case, kv_heads in (("repeated", 8), ("decode", 32))
    )
    print(f"copying 8 heads to 32: {1e3 * (copied - plain):.0f} us, ", end="")
    print(f"{5 * 2**30 / (copied - plain) / 1e9:.2f} TB/s")


if __name__ == "__main__":
    size_table()
    intensity_table()
    parallel_table()
    generator = np.random.default_rng(0)
    check_equivalence(generator)
    check_pooling(generator)
    check_mla(generator)
    check_gpu()
