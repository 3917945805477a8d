"""PEFT methods: parameters, stored activations, FLOPs, LoRA's first step.

Sources: the papers of the methods, cited on the page; the size of
Llama-7B from Touvron et al., arXiv:2302.13971.
"""

# tolerance: 2e-2

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import (
    rms_norm,
    scaled_dot_product_attention,
    silu,
)
from torch.utils.flop_counter import FlopCounterMode

torch.set_num_threads(1)

# --8<-- [start:counts]
D, FFN, LAYERS, VOCABULARY = 4096, 11008, 32, 32000  # Llama-7B
# (output, input) of Q, K, V, O, gate, up and down
LINEAR = [(D, D)] * 4 + [(FFN, D)] * 2 + [(D, FFN)]
LAYER = sum(o * i for o, i in LINEAR) + 2 * D  # two norms
FULL = LAYERS * LAYER + 2 * VOCABULARY * D + D


def lora(shapes: list[tuple[int, int]], r: int) -> int:
    return LAYERS * sum(r * (o + i) for o, i in shapes)


def adapters(each: int, m: int) -> int:
    return LAYERS * each * (2 * D * m + m + D)


COUNTS = {
    "BitFit": 0,  # there are no biases
    "prompt tuning, 20": 20 * D,
    "RMSNorm weights": (2 * LAYERS + 1) * D,
    "(IA)^3": LAYERS * (D + D + FFN),
    "VeRA, r = 256": LAYERS * sum(256 + o for o, _ in LINEAR),
    "LoRA q,v, r = 8": lora([(D, D)] * 2, 8),
    "prefix, 30": LAYERS * 2 * 30 * D,
    "adapter, one a layer": adapters(1, 64),
    "LoRA all, r = 8": lora(LINEAR, 8),
    "adapters, two a layer": adapters(2, 64),
    "last two layers": 2 * LAYER,
    "full fine-tuning": FULL,
}
# --8<-- [end:counts]


def check_counts() -> None:
    print("Llama-7B              trainable        share   MB at 16 bits")
    for name, count in COUNTS.items():
        share = 100 * count / FULL
        print(f"{name:22}{count:13,}{share:9.4f}%{2 * count / 1e6:13,.1f}")
    assert FULL == 6_738_415_616
    assert COUNTS["LoRA all, r = 8"] == 19_988_480
    assert COUNTS["(IA)^3"] == 614_400
    assert COUNTS["adapters, two a layer"] == 33_820_672
    assert round(COUNTS["VeRA, r = 256"] / 1e6, 1) == 1.4  # the preprint
    assert list(COUNTS.values()) == sorted(COUNTS.values())


class Linear(nn.Module):
    """A bias-free linear map, with LoRA beside it on demand."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5)
        self.a: nn.Parameter | None = None
        self.b: nn.Parameter | None = None

    def add_lora(self, r: int) -> None:
        outputs, inputs = self.w.shape
        self.a = nn.Parameter(torch.randn(r, inputs) / inputs**0.5)
        self.b = nn.Parameter(torch.zeros(outputs, r))

    def forward(self, x: Tensor) -> Tensor:
        y = x @ self.w.T
        if self.a is not None and self.b is not None:
            y = y + (x @ self.a.T) @ self.b.T
        return y


WIDTH, INNER, LENGTH, HEADS = 256, 688, 64, 2  # 688 / 256 = 11008 / 4096
NAMES = ["q", "k", "v", "o", "gate", "up", "down"]


class Block(nn.Module):
    """One layer of a Llama: RMSNorm, attention, RMSNorm, SwiGLU."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ParameterList([torch.ones(WIDTH) for _ in range(2)])
        sizes = [(WIDTH, WIDTH)] * 4 + [(WIDTH, INNER)] * 2 + [(INNER, WIDTH)]
        self.linear = nn.ModuleDict(
            {
                name: Linear(*size)
                for name, size in zip(NAMES, sizes, strict=True)
            }
        )

    def forward(self, x: Tensor) -> Tensor:
        f = self.linear
        n = rms_norm(x, (WIDTH,), self.norms[0])
        q, k, v = (
            f[name](n).view(1, LENGTH, HEADS, -1).transpose(1, 2)
            for name in "qkv"
        )
        a = scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + f["o"](a.transpose(1, 2).reshape(LENGTH, WIDTH))
        n = rms_norm(x, (WIDTH,), self.norms[1])
        return x + f["down"](silu(f["gate"](n)) * f["up"](n))


def block(names: list[str] | None) -> Block:
    """All trainable (None), or frozen with LoRA on the named matrices."""
    torch.manual_seed(0)
    made = Block()
    if names is not None:
        made.requires_grad_(False)
        for name in names:
            made.linear[name].add_lora(1)
    return made


def stored(made: Block) -> float:
    """Numbers that autograd keeps for the backward pass, / (tokens d)."""
    weights = {p.untyped_storage().data_ptr() for p in made.parameters()}
    kept: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    x = torch.randn(LENGTH, WIDTH, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        made(x)
    size = sum(
        t.untyped_storage().nbytes() // t.element_size()
        for key, t in kept.items()
        if key not in weights
    )
    return size / (LENGTH * WIDTH)


def flops(made: Block) -> tuple[int, int]:
    """Of the matrix products with weights: forward, backward."""
    x = torch.randn(LENGTH, WIDTH, requires_grad=True)
    with FlopCounterMode(display=False) as forward:
        y = made(x)
    with FlopCounterMode(display=False) as backward:
        y.sum().backward()
    return forward.get_total_flops(), backward.get_total_flops()


def check_training() -> None:
    print("\none layer, PyTorch      stored, d a token   forward  backward")
    weights = sum(WIDTH * WIDTH for _ in range(4)) + 3 * WIDTH * INNER
    unit = 2 * LENGTH * weights
    rows = {
        "all weights train": None,
        "LoRA on all seven": NAMES,
        "LoRA on q and v": ["q", "v"],
        "nothing in the layer": [],
    }
    found = {}
    for name, names in rows.items():
        made = block(names)
        ahead, back = flops(made)
        found[name] = stored(made), ahead / unit, back / unit
        cells = "".join(f"{value:10.2f}" for value in found[name][1:])
        print(f"{name:22}{found[name][0]:15.2f}  {cells}")
    full, every, some, none = found.values()
    assert full[2] == 2 and none[2] == 1
    assert every[0] > 0.88 * full[0] and none[0] > 0.66 * full[0]
    # x, q, k, v, attention's output and x again; gate, up, silu(gate)
    np.testing.assert_allclose(none[0], 6 + 3 * INNER / WIDTH, atol=0.03)
    np.testing.assert_allclose(every[0], 8 + 4 * INNER / WIDTH, atol=0.06)
    np.testing.assert_allclose(some[0], 7 + 3 * INNER / WIDTH, atol=0.04)


def first_step(r: int, scale: float, adam: bool) -> float:
    """First-order fall of the loss by one step from B = 0, over the rate.

    h = W0 x + scale B A x; the gradient of A is zero while B is.
    """
    d, tokens, total = 512, 32, 0.0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        a = rng.normal(size=(r, d)) / np.sqrt(d)
        x, g = rng.normal(size=(d, tokens)), rng.normal(size=(d, tokens))
        slope = scale * g @ (a @ x).T  # d loss / dB
        step = np.sign(slope) if adam else slope
        total += float((slope * step).sum())
    return total / 8


def check_scale() -> None:
    print("\nfall of the loss in the first step, relative to r = 8")
    print("             SGD                         Adam")
    print("   r       alpha/r  alpha/sqrt r       alpha/r  alpha/sqrt r")
    table = np.array(
        [
            [
                first_step(r, r**power, adam)
                for adam in (False, True)
                for power in (-1.0, -0.5)
            ]
            for r in (8, 32, 128)
        ]
    )
    table /= table[0]
    for r, row in zip((8, 32, 128), table, strict=True):
        print(f"{r:4}" + "".join(f"{value:14.2f}" for value in row))
    # SGD: scale^2 r.  Adam: scale r.
    expected = [[1, 1, 1, 1], [1 / 4, 1, 1, 2], [1 / 16, 1, 1, 4]]
    np.testing.assert_allclose(table, expected, rtol=0.05)


if __name__ == "__main__":
    check_counts()
    check_training()
    check_scale()
