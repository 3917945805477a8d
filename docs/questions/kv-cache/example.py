"""KV cache: decoding with it equals the full pass; what it saves and costs.

Sources: Shazeer, arXiv:1911.02150 (incremental decoding); sizes from the
published configurations of Llama 2, Llama 3 and DeepSeek-V3.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LAYERS, D, H, H_KV, D_K, T = 3, 64, 4, 2, 16, 32


# --8<-- [start:cache]
@dataclass
class Cache:
    """Keys and values of the past, one (h_kv, t, d_k) array a layer each."""

    k: list[Array] = field(default_factory=list)
    v: list[Array] = field(default_factory=list)

    def append(self, layer: int, k: Array, v: Array) -> tuple[Array, Array]:
        if layer == len(self.k):  # the first chunk of this layer
            self.k.append(k)
            self.v.append(v)
        else:
            self.k[layer] = np.concatenate([self.k[layer], k], axis=1)
            self.v[layer] = np.concatenate([self.v[layer], v], axis=1)
        return self.k[layer], self.v[layer]


def forward(x: Array, cache: Cache, mask: str = "lower right") -> Array:
    """Run the chunk x, (c, d), behind what the cache holds."""
    start = cache.k[0].shape[1] if cache.k else 0
    position = start + np.arange(len(x))  # not arange(c): RoPE needs it
    for layer, w in enumerate(WEIGHTS):
        y = rms_norm(x)
        q, k, v = (heads(y @ w[name]) for name in ("q", "k", "v"))
        q, k = rope(q, position), rope(k, position)
        k, v = cache.append(layer, k, v)
        k, v = (np.repeat(a, H // H_KV, axis=0) for a in (k, v))
        score = q @ k.swapaxes(1, 2) / np.sqrt(D_K)
        if mask != "none":  # row i of the chunk stands at start + i
            row = position if mask == "lower right" else position - start
            later = np.arange(k.shape[1]) > row[:, None]
            score = np.where(later, -np.inf, score)
        out = softmax(score) @ v
        x = x + out.swapaxes(0, 1).reshape(len(x), -1) @ w["o"]
        x = x + np.maximum(rms_norm(x) @ w["up"], 0) @ w["down"]
    return x


# --8<-- [end:cache]


def make_weights() -> list[dict[str, Array]]:
    rng = np.random.default_rng(0)
    shapes = {
        "q": (D, H * D_K),
        "k": (D, H_KV * D_K),
        "v": (D, H_KV * D_K),
        "o": (H * D_K, D),
        "up": (D, 4 * D),
        "down": (4 * D, D),
    }
    return [
        {
            name: rng.normal(size=shape) / np.sqrt(shape[0])
            for name, shape in shapes.items()
        }
        for _ in range(LAYERS)
    ]


WEIGHTS = make_weights()


def rms_norm(x: Array) -> Array:
    result: Array = x / np.sqrt((x**2).mean(axis=-1, keepdims=True))
    return result


def heads(x: Array) -> Array:
    """(c, n * d_k) to (n, c, d_k)."""
    return x.reshape(len(x), -1, D_K).swapaxes(0, 1)


def rope(x: Array, position: NDArray[np.int64]) -> Array:
    """Rotate x, (n, c, d_k), by its positions; half-split channels."""
    theta = 10_000.0 ** (-np.arange(0, D_K, 2) / D_K)
    angle = np.tile(position[:, None] * theta, 2)
    half = D_K // 2
    turned = np.concatenate([-x[..., half:], x[..., :half]], axis=-1)
    result: Array = x * np.cos(angle) + turned * np.sin(angle)
    return result


def softmax(score: Array) -> Array:
    weight = np.exp(score - score.max(axis=-1, keepdims=True))
    result: Array = weight / weight.sum(axis=-1, keepdims=True)
    return result


def run(x: Array, chunks: list[int]) -> Array:
    """Feed x in chunks of these lengths through one cache."""
    cache, parts, start = Cache(), [], 0
    for length in chunks:
        parts.append(forward(x[start : start + length], cache))
        start += length
    assert start == len(x)
    return np.concatenate(parts)


def tokens() -> Array:
    return np.random.default_rng(1).normal(size=(T, D))


def line(name: str, error: float) -> str:
    return f"  {name:<38}{error:7.4f}"


def check_exact() -> None:
    x = tokens()
    full = forward(x, Cache())
    print(f"{LAYERS} layers, {T} tokens, h = {H}, h_kv = {H_KV}")
    print("largest difference from one pass without a cache")
    for name, chunks in [
        ("one token at a time", [1] * T),
        ("prefill 20, then one at a time", [20] + [1] * 12),
        ("prefill 20, chunk of 7, one at a time", [20, 7] + [1] * 5),
    ]:
        error = float(np.abs(run(x, chunks) - full).max())
        print(line(name, error))
        assert error < 1e-12


def check_broken() -> None:
    """Ways to break it, seen in the last token's hidden state."""
    x = tokens()
    full = forward(x, Cache())[-1]
    edited = x.copy()
    edited[0] = -edited[0]

    def error(past: Array, prefill: str, step: str, shift: int = 0) -> float:
        cache = Cache()
        forward(past[:-1], cache, prefill)
        # Rotating all cached keys by 31 is what the last token sees if its
        # own position restarts at 0: scores depend on the offset alone.
        for layer, k in enumerate(cache.k):
            cache.k[layer] = rope(k, np.full(k.shape[1], shift))
        return float(np.abs(forward(x[-1:], cache, step)[0] - full).max())

    right = "lower right"
    print("the last token after a cache of 31")
    errors = {
        "correct": error(x, right, right),
        "its position restarts at 0": error(x, right, right, T - 1),
        "its mask aligned to the upper left": error(x, right, "upper left"),
        "token 0 edited after caching": error(edited, right, right),
        "prefill without the causal mask": error(x, "none", right),
    }
    for name, value in errors.items():
        print(line(name, value))
        assert value < 1e-12 if name == "correct" else value > 0.1


def check_rows() -> None:
    """How far the cached keys of the first 31 tokens move, layer by layer."""
    x = tokens()
    edited = x.copy()
    edited[5] = -edited[5]
    print("\nlargest change of cached keys     layer 0  layer 1  layer 2")
    rows: list[tuple[str, list[float]]] = []
    for mask in ("lower right", "none"):
        before, after = Cache(), Cache()
        forward(x[:-1], before, mask)
        forward(x, after, mask)
        change = [
            float(np.abs(a[:, :-1] - b).max())
            for a, b in zip(after.k, before.k, strict=True)
        ]
        name = "no mask" if mask == "none" else "causal"
        rows.append((f"a token appended, {name}", change))
    plain, other = Cache(), Cache()
    forward(x, plain)
    forward(edited, other)
    for name, part in [
        ("token 5 edited, positions 0-4", slice(0, 5)),
        ("token 5 edited, positions 6-31", slice(6, T)),
    ]:
        change = [
            float(np.abs(a[:, part] - b[:, part]).max())
            for a, b in zip(other.k, plain.k, strict=True)
        ]
        rows.append((name, change))
    for name, change in rows:
        print(f"{name:<32}" + "".join(f"{value:9.4f}" for value in change))
    appended, unmasked, ahead, behind = (change for _, change in rows)
    assert max(appended) < 1e-12 and max(ahead) < 1e-12
    # Layer 0's keys see their own token alone: no mask is needed there.
    assert unmasked[0] < 1e-12 and min(unmasked[1:]) > 1e-2
    assert behind[0] < 1e-12 and min(behind[1:]) > 1e-2


def work(prompt: int, new: int) -> tuple[int, int, int, int]:
    """Token passes and score pairs, without and with a cache.

    Pass i of `new` has prompt + i tokens to see. A pass without the cache
    scores a triangle, one with it a row; the first pass is the prefill.
    """
    lengths = [prompt + i for i in range(new)]
    plain_tokens = sum(lengths)
    plain_pairs = sum(n * (n + 1) // 2 for n in lengths)
    cached_tokens = prompt + new - 1
    cached_pairs = prompt * (prompt + 1) // 2 + sum(lengths[1:])
    return plain_tokens, cached_tokens, plain_pairs, cached_pairs


def check_work() -> None:
    print("\nprompt    new       token passes      score pairs a head, layer")
    print("                  without     with      without         with")
    for prompt, new in [(1, 1024), (1000, 200)]:
        a, b, c, d = work(prompt, new)
        print(f"{prompt:6,}{new:7,}{a:12,}{b:9,}{c:13,}{d:13,}")
        print(f"{'ratio':>13}{a / b:21.1f}{c / d:26.1f}")
    n = 1024
    assert work(1, n) == (
        n * (n + 1) // 2,
        n,
        n * (n + 1) * (n + 2) // 6,
        n * (n + 1) // 2,
    )


def kv_bytes(layers: int, h_kv: int, d_k: int, u: int = 2) -> int:
    """Bytes a token: a key and a value, each layer and KV head."""
    return 2 * layers * h_kv * d_k * u


MODELS = {
    "Llama 2 7B": kv_bytes(32, 32, 128),
    "Llama 3 70B": kv_bytes(80, 8, 128),
    "Llama 3 8B": kv_bytes(32, 8, 128),
    "DeepSeek-V3": (512 + 64) * 61 * 2,
}


def check_sizes() -> None:
    # The formula counts what a cache of these shapes holds.
    cache = Cache()
    forward(tokens(), cache)
    held = sum(a.size for a in cache.k + cache.v)
    assert held * 2 == T * kv_bytes(LAYERS, H_KV, D_K)

    print("\n16 bits             bytes a     KiB a    GiB at    GiB at")
    print("                      token     token     4,096   131,072")
    for name, size in MODELS.items():
        cells = "".join(f"{size * n / 2**30:10.2f}" for n in (4096, 2**17))
        print(f"{name:<18}{size:9,}{size / 1024:10.1f}{cells}")
    assert MODELS["Llama 2 7B"] * 4096 == 2 * 2**30
    assert MODELS["Llama 3 8B"] * 8192 == 2**30


def check_step() -> None:
    """One decoding step of Llama 2 7B: matrices against attention."""
    layers, d, d_ff, vocabulary = 32, 4096, 11_008, 32_000
    matrices = layers * (4 * d * d + 3 * d * d_ff) + d * vocabulary
    per_token = layers * 4 * d  # 4 h d_k FLOP a cached token and layer
    print(f"\nLlama 2 7B, one step: matrices {2 * matrices / 1e9:.2f} GFLOP,")
    print(f"attention {per_token:,} FLOP a cached token,")
    print(f"equal at {2 * matrices / per_token:,.0f} tokens")
    print("batch  FLOP a byte of weights  of cache   cache's share of bytes")
    for batch in (1, 16, 64):
        weights, cache = 2 * matrices, batch * 4096 * MODELS["Llama 2 7B"]
        of_weights = batch * 2 * matrices / weights
        of_cache = batch * 4096 * per_token / cache
        share = cache / (weights + cache)
        print(f"{batch:5}{of_weights:25.0f}{of_cache:10.0f}{share:25.3f}")
        assert of_weights == batch and of_cache == 1


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
    """Measured: Llama 3 8B's shape, random weights, one sequence."""
    rates = RECORD["ceilings"]
    print(f"\n{RECORD['device']['name']}, {RECORD['measured']}, ", end="")
    print("Llama 3 8B's shape, bf16: ms a token")
    print("length   with cache  bytes only   whole prefix  FLOP only  ratio")
    for n in (128, 512, 1024, 2048, 4096, 8192, 16_384):
        kept = measured_row("with cache", way="graph", context=n)
        again = measured_row("whole prefix", context=n)
        read = 1e3 * kept["moved_bytes"] / rates["read_bytes_per_s"]
        work = 1e3 * again["flop"] / rates["bf16_flop_per_s"]
        ratio = again["ms"] / kept["ms"]
        print(f"{n:6}{kept['ms']:13.2f}{read:12.2f}", end="")
        print(f"{again['ms']:15.2f}{work:11.2f}{ratio:7.1f}")
        assert kept["ms"] > read and again["ms"] > work
    eager = measured_row("with cache", way="eager", context=1024)
    print(f"launched one by one, 1,024: {eager['ms']:.2f}, ", end="")
    print(f"{eager['kernels']} kernels")

    print("allocated for the cache of 32 layers, MiB")
    print("KV heads  tokens  formula  allocated  reserved")
    for kv_heads in (32, 8, 1):
        for tokens in (1000, 4096):
            row = measured_row("bytes", kv_heads=kv_heads, tokens=tokens)
            sizes = [
                row[f"{name}_bytes"] / 2**20
                for name in ("formula", "allocated", "reserved")
            ]
            print(f"{kv_heads:8}{tokens:8,}{sizes[0]:9.1f}", end="")
            print(f"{sizes[1]:11.1f}{sizes[2]:10.1f}")
            assert 1 <= sizes[1] / sizes[0] < 1.03


if __name__ == "__main__":
    check_exact()
    check_broken()
    check_rows()
    check_work()
    check_sizes()
    check_step()
    check_gpu()
