"""One memory ledger for training, fine-tuning and inference.

Sources: Rajbhandari et al., arXiv:1910.02054 (16 bytes a parameter);
Korthikanti et al., arXiv:2205.05198 (34 + 5 h T / d); Dettmers et al.,
arXiv:2305.14314 (NF4 with double quantization). LLaMA-7B's shape.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LAYERS, D, D_FF, HEADS, VOCABULARY = 32, 4096, 11_008, 32, 32_000
LINEAR = LAYERS * (4 * D * D + 3 * D * D_FF)  # what LoRA and NF4 act on
TOTAL = LINEAR + 2 * VOCABULARY * D + (2 * LAYERS + 1) * D
TOKENS = 8192  # in one micro-batch, B T
GB = 1e9


# --8<-- [start:ledger]
# A block's tensors that backward reads, FlashAttention, bf16: bytes per
# token / d, and for whom. 'flow' is the gradient that goes on to the layer
# below; otherwise the linear layers whose weight gradient needs it.
F = D_FF / D
SAVED = [
    ("input of norm 1", 2, "flow"),
    ("output of norm 1", 2, "q k v"),
    ("q, k, v", 6, "flow"),
    ("attention output", 2, "flow o"),
    ("input of norm 2", 2, "flow"),
    ("output of norm 2", 2, "gate up"),
    ("gate, up, SiLU(gate)", 6 * F, "flow"),
    ("input of down", 2 * F, "down"),
]


def kept(trained: str) -> float:
    """Bytes per token and unit of d if these linear layers are trained."""
    wanted = {"flow", *trained.split()}
    return sum(b for _, b, use in SAVED if wanted & set(use.split()))


def activations(tokens: int, trained: str, group: int = 0) -> float:
    """All blocks; with group > 0 a checkpoint every `group` blocks.

    The entry of the group at hand stands in `block` already.
    """
    unit, block = tokens * D, kept(trained)
    if not group:
        return LAYERS * block * unit
    return (2 * (-(-LAYERS // group) - 1) + group * block) * unit


# --8<-- [end:ledger]

ALL = "q k v o gate up down"
NF4 = 4 + 8 / 64 + 32 / (64 * 256)  # bits: value, its scale, scale's scale


@dataclass(frozen=True)
class Row:
    name: str
    weights: float
    gradients: float
    optimizer: float  # master copy included
    activations: float
    logits: float

    def parts(self) -> tuple[float, float, float, float]:
        """GB: weights, gradients and optimizer, activations, logits."""
        values = (
            self.weights,
            self.gradients + self.optimizer,
            self.activations,
            self.logits,
        )
        a, b, c, d = (value / GB for value in values)
        return a, b, c, d

    def total(self) -> float:
        return sum(self.parts())


def lora(rank: int) -> int:
    """Parameters of LoRA on the seven linear layers."""
    return LAYERS * rank * (4 * 2 * D + 3 * (D + D_FF))


def ledger() -> list[Row]:
    full = activations(TOKENS, ALL)
    logits = 8.0 * TOKENS * VOCABULARY  # fp32 logits and their gradient
    r = 16
    a = lora(r)
    adapted = full + 2 * 7 * r * LAYERS * TOKENS  # the x A of 7 adapters
    low = activations(TOKENS, ALL, 1) + 2 * 7 * r * TOKENS
    q = LINEAR * NF4 / 8 + 2 * (TOTAL - LINEAR)
    n, base = float(TOTAL), 2.0 * (TOTAL + a)
    return [
        Row("AdamW", 2 * n, 2 * n, 12 * n, full, logits),
        Row("8-bit Adam", 2 * n, 2 * n, 6 * n, full, logits),
        Row("ZeRO-3, 8 GPUs", n / 4, n / 4, 1.5 * n, full, logits),
        Row("LoRA", base, 2.0 * a, 12.0 * a, adapted, logits),
        Row("QLoRA", q + 2 * a, 2.0 * a, 12.0 * a, adapted, logits),
        Row("+ checkpoints", q + 2 * a, 2.0 * a, 12.0 * a, low, logits),
        Row("+ loss in 8", q + 2 * a, 2.0 * a, 12.0 * a, low, logits / 8),
    ]


def show_states() -> None:
    print(f"LLaMA-7B: L = {LAYERS}, d = {D}, d_ff = {D_FF}")
    print(f"{TOTAL:,} parameters, {LINEAR:,} in linear layers")
    assert (TOTAL, LINEAR) == (6_738_415_616, 6_476_005_376)
    print("bytes a parameter    weight  grad  master  state    sum     GB")
    rows = {
        "Adam, all fp32": (4, 4, 0, 8),
        "AdamW, mixed": (2, 2, 4, 8),
        "  gradients in fp32": (2, 4, 4, 8),
        "8-bit Adam": (2, 2, 4, 2),
        "Muon, hidden layers": (2, 2, 4, 4),
        "Adafactor, no m": (2, 2, 4, 0),
        "LOMO": (2, 0, 0, 0),
    }
    for name, parts in rows.items():
        cells, each = "".join(f"{p:7}" for p in parts), sum(parts)
        whole = each * TOTAL
        if "Muon" in name:  # the other parameters stay with AdamW
            whole = each * LINEAR + 16 * (TOTAL - LINEAR)
        print(f"{name:20}{cells}{each:7}{whole / GB:7.1f}")
    assert sum(rows["AdamW, mixed"]) == sum(rows["Adam, all fp32"]) == 16
    # Adafactor's row and column sums of v are not exactly nothing.
    sums = LAYERS * (4 * 2 * D + 3 * (D + D_FF)) + 2 * (VOCABULARY + D)
    print(f"Adafactor's row and column sums {4 * sums / 1e6:.1f} MB")
    assert sums / TOTAL < 1e-3
    print(f"NF4 with double quantization: {NF4:.3f} bits")
    print(f"LoRA r = 16 on all seven linear layers: {lora(16):,}")
    assert lora(16) == 39_976_960 and round(NF4, 3) == 4.127


def show_activations() -> None:
    # Korthikanti et al.: a GPT block with dropout, 16 bits.
    attention = 2 + 4 + 2 + 2 + 1  # QKV input, q and k, v, o, mask
    mlp, norms = 2 + 8 + 8 + 1, 2 + 2
    b, t = 1, 2048
    score = 5 * HEADS * t / D  # softmax 2, mask 1, dropped-out weights 2
    plain = attention + mlp + norms
    print("\nGPT block, B = 1, T = 2048, d = 4096, h = 32")
    for name, per in (("34 + 5hT/d", plain + score), ("34", plain)):
        print(f"{name:12}{per:7.1f} bytes{b * t * D * per / 2**20:8.0f} MiB")
    assert plain == 34 and b * t * D * (plain + score) == 912 * 2**20

    print("\nLLaMA block, bytes per token and unit of d")
    for name, size, use in SAVED:
        print(f"{name:22}{size:7.3f}  {use}")
    for name, trained in (
        ("all weights", ALL),
        ("LoRA on all seven", ALL),
        ("LoRA on q, v", "q v"),
        ("nothing trained here", ""),
    ):
        print(f"{name:22}{kept(trained):7.3f}{kept(trained) / kept(ALL):7.0%}")
    assert kept(ALL) == 37.5 and 0.8 < kept("q v") / kept(ALL) < 0.81

    print("\ncheckpoint every k blocks, units of bytes BTd")
    print("  L      k = 1      2      3      4      8  sqrt(L)   none")
    for layers in (32, 80):
        peaks = [2 * (-(-layers // k) - 1) + 37.5 * k for k in (1, 2, 3, 4, 8)]
        root = round(layers**0.5)
        at_root = 2 * (-(-layers // root) - 1) + 37.5 * root
        cells = "".join(f"{p:7.1f}" for p in peaks)
        print(f"{layers:3}    {cells}{at_root:9.1f}{37.5 * layers:7.0f}")
        if layers == LAYERS:
            by_hand = [activations(1, ALL, k) / D for k in (1, 2, 3, 4, 8)]
            assert by_hand == peaks
        best = int(np.argmin(peaks)) + 1
        assert best == {32: 1, 80: 2}[layers]
        # The continuous optimum is sqrt(2 L / 37.5), not sqrt(L).
        assert abs((2 * layers / 37.5) ** 0.5 - best) < 0.5


def inference() -> list[tuple[str, float, float]]:
    """GB of weights and of cache for TOKENS."""
    kv = 2 * LAYERS * D * 2 * TOKENS / GB
    w4 = (LINEAR * (4 + 20 / 128) / 8 + 2 * (TOTAL - LINEAR)) / GB
    kv4 = kv * (4 + 32 / 128) / 16
    return [
        ("16 bits", 2.0 * TOTAL / GB, kv),
        ("4-bit weights", w4, kv),
        ("and 4-bit cache", w4, kv4),
    ]


def show_ledger() -> None:
    print(f"\nGB, {TOKENS:,} tokens in a micro-batch")
    print("                 weights  gr + opt     act  logits   total")
    rows = ledger()
    for row in rows:
        cells = "".join(f"{p:9.2f}" for p in row.parts())
        print(f"{row.name:15}{cells}{row.total():8.1f}")
    total = {row.name: row.total() for row in rows}
    # LoRA on one GPU is as large as ZeRO-3 on each of eight.
    assert abs(total["LoRA"] - total["ZeRO-3, 8 GPUs"]) < 1
    assert total["QLoRA"] > 24 > total["+ checkpoints"]
    w, s, _, _ = rows[3].parts()
    both = w + s + rows[5].parts()[2] + rows[6].parts()[3]
    print(f"LoRA, 16 bits, with both{both:36.1f}")
    assert both < 24
    large = 8 * TOKENS * 128_256 / GB
    print(f"logits with a vocabulary of 128,256: {large:.2f}")
    print("FLOPs a parameter and token   plain  checkpointed")
    for name, plain in (("all weights", 6), ("LoRA", 4)):
        more = 2 / plain
        print(f"{name:27}{plain:8}{plain + 2:8}  +{more:.0%}")

    print(f"\ninference, GB, {TOKENS:,} tokens cached")
    for name, w, c in inference():
        print(f"{name:16}{w:6.2f} +{c:5.2f} ={w + c:6.2f}")
    (_, whole, kv), (_, w4, _), _ = inference()
    assert w4 < kv < whole
    seconds = 2 * TOTAL / 25e9
    print(f"weights over a link of 25 GB/s: {seconds:.2f} s a pass")


def chunked_loss(
    x: Array, w: Array, target: NDArray[np.int64], chunks: int
) -> tuple[float, Array, Array]:
    """Cross-entropy and its gradients; logits of one chunk at a time."""
    loss, dw = 0.0, np.zeros_like(w)
    dx = np.empty_like(x)
    for rows in np.array_split(np.arange(len(x)), chunks):
        z = x[rows] @ w
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        hit = np.arange(len(rows)), target[rows]
        loss -= np.log(p[hit]).sum() / len(x)
        p[hit] -= 1
        p /= len(x)
        dx[rows] = p @ w.T
        dw += x[rows].T @ p
    return loss, dx, dw


def check_exact() -> None:
    """Checkpoints, micro-batches, chunks: the same gradients."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(48, 16)), rng.normal(size=(16, 300))
    target = rng.integers(300, size=48)
    whole = chunked_loss(x, w, target, 1)
    parts = chunked_loss(x, w, target, 8)
    chunk = max(
        float(np.abs(np.subtract(whole[i], parts[i])).max()) for i in range(3)
    )

    layers = [rng.normal(size=(16, 16)) / 4 for _ in range(12)]

    def gradients(inputs: Array, k: int) -> tuple[list[Array], int]:
        """d sum(y^2)/2 of 12 tanh layers; k = 12 keeps everything."""
        checkpoints, y = [], inputs
        for i, m in enumerate(layers):
            if i % k == 0:
                checkpoints.append(y)
            y = np.tanh(y @ m)
        g, peak = y, 0
        grads: list[Array] = []
        for start in reversed(range(0, 12, k)):
            inner = [checkpoints[start // k]]
            for m in layers[start : start + k]:
                inner.append(np.tanh(inner[-1] @ m))
            peak = max(peak, start // k + len(inner) - 1)
            for i in reversed(range(start, start + k)):
                g = g * (1 - inner[i - start + 1] ** 2)
                grads.append(inner[i - start].T @ g)
                g = g @ layers[i].T
        return grads, peak

    kept_all, peak = gradients(x, 12)
    redone, low = gradients(x, 3)
    halves = [gradients(half, 12)[0] for half in (x[:24], x[24:])]
    summed = [a + b for a, b in zip(*halves, strict=True)]
    check = max(
        np.abs(a - b).max() for a, b in zip(kept_all, redone, strict=True)
    )
    accumulate = max(
        np.abs(a - b).max() for a, b in zip(kept_all, summed, strict=True)
    )
    print("\nlargest change of loss and gradients")
    for name, value in (
        ("loss in 8 chunks", chunk),
        ("checkpoint every 3 of 12", check),
        ("two micro-batches", accumulate),
    ):
        assert value < 1e-12
        print(f"{name:25} < 1e-12")
    print(f"layers held at once: {peak}, with checkpoints {low}")
    assert (peak, low) == (12, 6)


if __name__ == "__main__":
    show_states()
    show_activations()
    show_ledger()
    check_exact()
