"""Four fused regions of a Transformer layer: same result, less traffic.

Sources: the four regions are those of the DeepSpeed Inference post of March
2021; tiling without exchange between blocks: Aminabadi et al.,
arXiv:2207.00032, section III.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Outputs = tuple[Array, ...]

TOKENS, WIDTH, HEADS = 6, 16, 2
INNER = 4 * WIDTH


@dataclass
class Gpu:
    """Counts kernels and what each reads from and writes to memory."""

    kernels: int = 0
    rows: int = 0  # elements of activations
    scores: int = 0  # elements of T x T matrices

    def run(self, kernel: Callable[..., Outputs], *inputs: Array) -> Outputs:
        outputs = kernel(*inputs)
        self.kernels += 1
        for array in (*inputs, *outputs):
            if array.shape[-2:] == (TOKENS, TOKENS):
                self.scores += array.size
            else:
                self.rows += array.size
        return outputs


@dataclass
class Layer:
    """Weights of a pre-LN layer with biases and GELU."""

    rng: np.random.Generator
    w: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, shape in [
            ("qkv", (WIDTH, 3 * WIDTH)),
            ("o", (WIDTH, WIDTH)),
            ("up", (WIDTH, INNER)),
            ("down", (INNER, WIDTH)),
        ]:
            self.w[name] = self.rng.normal(size=shape) / shape[0] ** 0.5
            self.w["b_" + name] = self.rng.normal(size=shape[1])
        for name in ("g1", "b1", "g2", "b2"):
            self.w[name] = self.rng.normal(size=WIDTH)


def norm(x: Array, gain: Array, bias: Array) -> Array:
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return gain * (x - mean) / np.sqrt(variance + 1e-5) + bias


def gelu(x: Array) -> Array:
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + np.tanh(inner))


def split(x: Array) -> Outputs:
    """T x 3d -> q, k, v of shape heads x T x d/heads."""
    heads = x.reshape(TOKENS, 3, HEADS, -1).transpose(1, 2, 0, 3)
    return heads[0], heads[1], heads[2]


def scores(q: Array, k: Array) -> Array:
    return q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])


def probabilities(s: Array) -> Array:
    masked = np.where(np.tri(TOKENS, dtype=bool), s, -np.inf)
    weight = np.exp(masked - masked.max(-1, keepdims=True))
    result: Array = weight / weight.sum(-1, keepdims=True)
    return result


def merge(o: Array) -> Array:
    return o.transpose(1, 0, 2).reshape(TOKENS, WIDTH)


def unfused(gpu: Gpu, layer: Layer, x: Array) -> Array:
    """A kernel an operation."""
    w = layer.w
    (a,) = gpu.run(lambda x: (norm(x, w["g1"], w["b1"]),), x)
    (a,) = gpu.run(lambda a: (a @ w["qkv"],), a)
    (a,) = gpu.run(lambda a: (a + w["b_qkv"],), a)
    q, k, v = gpu.run(split, a)
    (s,) = gpu.run(lambda q, k: (scores(q, k),), q, k)
    (s,) = gpu.run(lambda s: (probabilities(s),), s)
    (o,) = gpu.run(lambda s, v: (s @ v,), s, v)
    (o,) = gpu.run(lambda o: (merge(o),), o)
    (o,) = gpu.run(lambda o: (o @ w["o"],), o)
    (o,) = gpu.run(lambda o: (o + w["b_o"],), o)
    (x,) = gpu.run(lambda o, x: (o + x,), o, x)
    (m,) = gpu.run(lambda x: (norm(x, w["g2"], w["b2"]),), x)
    (f,) = gpu.run(lambda m: (m @ w["up"],), m)
    (f,) = gpu.run(lambda f: (f + w["b_up"],), f)
    (f,) = gpu.run(lambda f: (gelu(f),), f)
    (f,) = gpu.run(lambda f: (f @ w["down"],), f)
    (f,) = gpu.run(lambda f: (f + w["b_down"],), f)
    (x,) = gpu.run(lambda f, x: (f + x,), f, x)
    return x


# --8<-- [start:fused]
def tiled(x: Array, w: Array, b: Array, order: Array) -> Array:
    """x w + b by column tiles, in any order: no tile waits for another."""
    out = np.full((len(x), w.shape[1]), np.nan)
    tiles = np.array_split(np.arange(w.shape[1]), len(order))
    for tile in order:
        columns = tiles[tile]
        out[:, columns] = x @ w[:, columns] + b[columns]
    return out


def fused(gpu: Gpu, layer: Layer, x: Array) -> Array:
    """Four fused regions, and the two GEMMs that end in an all-reduce."""
    w, order = layer.w, layer.rng.permutation(4)

    def region1(x: Array) -> Outputs:
        a = norm(x, w["g1"], w["b1"])
        return (tiled(a, w["qkv"], w["b_qkv"], order),)

    def region2(a: Array) -> Outputs:
        q, k, v = split(a)
        return (merge(probabilities(scores(q, k)) @ v),)

    def region3(o: Array, x: Array) -> Outputs:
        x = o + w["b_o"] + x
        m = norm(x, w["g2"], w["b2"])
        return x, gelu(tiled(m, w["up"], w["b_up"], order))

    (a,) = gpu.run(region1, x)
    (o,) = gpu.run(region2, a)
    (o,) = gpu.run(lambda o: (o @ w["o"],), o)  # all-reduce after it
    x, f = gpu.run(region3, o, x)
    (f,) = gpu.run(lambda f: (f @ w["down"],), f)  # all-reduce after it
    (x,) = gpu.run(lambda f, x: (f + w["b_down"] + x,), f, x)  # region 4
    return x


# --8<-- [end:fused]


@dataclass
class Cost:
    """Microseconds a layer: 16 bits, A100 80GB, peak rates, 32 heads."""

    gemm: float
    rows: float
    scores: float
    launch: float

    @property
    def total(self) -> float:
        return self.gemm + self.rows + self.scores + self.launch


BANDWIDTH, RATE, LAUNCH = 2.039e12, 312e12, 5.0


def cost(
    tokens: int, passes: float, matrices: float, kernels: int, d: int = 4096
) -> Cost:
    """`passes` over tokens x d; `matrices` passes over 32 x tokens^2.

    GEMMs include the two of attention, masked half and all, except in
    decoding, where the cache is left out.
    """
    weights = 12 * d * d
    attention = 4 * tokens**2 * d if tokens > 16 else 0
    read = 2 * weights / BANDWIDTH
    compute = (2 * weights * tokens + attention) / RATE
    return Cost(
        1e6 * max(read, compute),
        1e6 * passes * tokens * d * 2 / BANDWIDTH,
        1e6 * matrices * 32 * tokens**2 * 2 / BANDWIDTH,
        LAUNCH * kernels,
    )


def counts() -> list[tuple[str, Gpu]]:
    layer = Layer(np.random.default_rng(0))
    x = layer.rng.normal(size=(TOKENS, WIDTH))
    plain, four = Gpu(), Gpu()
    before, after = unfused(plain, layer, x), fused(four, layer, x)
    np.testing.assert_allclose(after, before, atol=1e-12)
    return [("unfused", plain), ("four regions", four)]


def scenarios() -> list[tuple[str, Cost, Cost]]:
    (_, plain), (_, four) = counts()
    rows = []
    for name, tokens, prefill in [
        ("decode, 1 token", 1, False),
        ("decode, 16 tokens", 16, False),
        ("prefill, 4,096", 4096, True),
    ]:
        pair = [
            cost(
                tokens,
                gpu.rows / (TOKENS * WIDTH),
                gpu.scores / (HEADS * TOKENS**2) if prefill else 0,
                gpu.kernels,
            )
            for gpu in (plain, four)
        ]
        rows.append((name, pair[0], pair[1]))
    return rows


def check_counts() -> None:
    print("a layer         kernels  passes over T x d  over h x T x T")
    for name, gpu in counts():
        passes = gpu.rows / (TOKENS * WIDTH)
        matrices = gpu.scores / (HEADS * TOKENS**2)
        print(f"{name:16}{gpu.kernels:7}{passes:19.0f}{matrices:16.0f}")
    (_, plain), (_, four) = counts()
    assert (plain.kernels, four.kernels) == (18, 6)
    assert plain.rows == 64 * TOKENS * WIDTH
    assert four.rows == 25 * TOKENS * WIDTH
    assert plain.scores == 4 * HEADS * TOKENS**2 > four.scores == 0


def check_reduction() -> None:
    """Cut along the input, blocks hold partial sums: GELU may not follow."""
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(TOKENS, WIDTH)), rng.normal(size=(WIDTH, INNER))
    halves = [
        x[:, rows] @ w[rows]
        for rows in (slice(0, WIDTH // 2), slice(WIDTH // 2, WIDTH))
    ]
    early = gelu(halves[0]) + gelu(halves[1])
    error = np.abs(early - gelu(x @ w)).max()
    print(f"GELU before the partial sums meet: error {error:.1f}")
    assert error > 0.1
    np.testing.assert_allclose(gelu(sum(halves)), gelu(x @ w), atol=1e-12)


def check_cost() -> None:
    print("\nmicroseconds a layer, d = 4,096, launches not hidden")
    print("                     GEMM   rows  scores  launch   total  ratio")
    for name, plain, four in scenarios():
        for label, row in ((name, plain), ("  four regions", four)):
            cells = f"{row.gemm:7.1f}{row.rows:7.1f}{row.scores:8.1f}"
            cells += f"{row.launch:8.1f}{row.total:8.1f}"
            ratio = f"{plain.total / row.total:7.2f}"
            print(f"{label:18}{cells}{ratio}")
    for _, plain, four in scenarios():
        assert four.gemm == plain.gemm and four.total < plain.total

    print("\none token, us a layer   GEMM  18 launches  6 launches")
    for d in (1024, 2048, 4096, 8192):
        gemm = cost(1, 64, 0, 18, d).gemm
        print(f"d = {d:5,}{gemm:19.1f}{18 * LAUNCH:13.0f}{6 * LAUNCH:12.0f}")

    print("\nbias-add, residual, LayerNorm: 7 passes, fused 4, d = 4,096")
    for tokens in (1, 4096):
        times = [cost(tokens, n, 0, 0).rows for n in (7, 4)]
        print(f"{tokens:6,} rows{times[0]:10.3f} us{times[1]:10.3f} us")


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
    """Measured: the same layer in PyTorch, FP16, one token a step."""
    print(f"\n{RECORD['device']['name']}, {RECORD['measured']}, ", end="")
    print("one token, us a layer")
    print("          unfused: kernels  one by one  in a graph  GEMMs alone")
    for d in (1024, 2048, 4096, 8192):
        what = {"width": d, "tokens": 1}
        eager, graph = (
            measured_row("unfused", way=way, **what)
            for way in ("eager", "graph")
        )
        gemm = measured_row("products", way="graph", **what)
        times = [1e3 * row["ms"] for row in (eager, graph, gemm)]
        print(f"d = {d:5,}{eager['kernels']:17}{times[0]:12.1f}", end="")
        print(f"{times[1]:12.1f}{times[2]:13.1f}")
        assert times[0] > times[1] > times[2]
    read = RECORD["ceilings"]["read_bytes_per_s"]
    print(f"  weights of d = 1,024 read in {24e6 * 1024**2 / read:.1f}")
    print("fused by the compiler    kernels  one by one  in a graph")
    for d, tokens in ((1024, 1), (4096, 1), (4096, 16), (4096, 4096)):
        pair = [
            measured_row("compiled", way=way, width=d, tokens=tokens)
            for way in ("eager", "graph")
        ]
        print(f"d = {d:5,}, {tokens:5,} tokens", end="")
        print(f"{pair[0]['kernels']:12}", end="")
        print("".join(f"{1e3 * row['ms']:12.1f}" for row in pair))
    row = measured_row("unfused", way="eager", width=4096, tokens=16)
    print(f"unfused, d = 4,096, 16 tokens{row['kernels']:7}", end="")
    print(f"{1e3 * row['ms']:12.1f}")
    print("prefill of 4,096, in a graph")
    for case in ("unfused", "attention fused", "compiled", "products"):
        row = measured_row(case, way="graph", width=4096, tokens=4096)
        whole = measured_row("unfused", way="graph", tokens=4096)
        print(f"  {case:18}{1e3 * row['ms']:9.1f}", end="")
        print(f"{whole['ms'] / row['ms']:7.2f} times")
    scores = 4 * 32 * 4096**2 * 2 / RECORD["ceilings"]["copy_bytes_per_s"]
    print(f"  scores, 4 passes at the rate of a copy {1e6 * scores:.1f}")
    assert "SoftMax" in whole["kernel"]  # the longest of them
    pair = [
        measured_row(f"stretch {case}", way="graph", tokens=4096)
        for case in ("unfused", "compiled")
    ]
    print("bias-add, residual, LayerNorm, 4,096 rows: us, TB/s")
    for name, row in zip(("7 passes", "4 passes"), pair, strict=True):
        rate = row["moved_bytes"] / row["ms"] / 1e9
        print(f"  {name:10}{1e3 * row['ms']:8.1f}{rate:6.2f}")
    pair = [
        measured_row(f"stretch {case}", way="eager", tokens=1)
        for case in ("unfused", "compiled")
    ]
    print("the same, 1 row, one by one: kernels, us")
    for name, row in zip(("apart", "fused"), pair, strict=True):
        print(f"  {name:10}{row['kernels']:2}{1e3 * row['ms']:12.1f}")
    assert pair[0]["ms"] < pair[1]["ms"]  # calling what is compiled costs
    print(f"a small kernel: one by one {1e3 * launch('launch_ms'):.1f} us,")
    print(f"  in a graph {1e3 * launch('graph_launch_ms'):.1f} us")


def launch(name: str) -> float:
    """ms a kernel that does next to nothing."""
    return float(RECORD["ceilings"][name])


if __name__ == "__main__":
    check_counts()
    check_reduction()
    check_cost()
    check_gpu()
