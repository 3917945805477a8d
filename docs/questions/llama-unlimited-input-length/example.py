"""What limits LLaMA's input: shapes, KV cache, attention, angles, fp32.

Sources: configurations of Llama 2 and Llama 3 (Touvron et al., arXiv:
2307.09288; Grattafiori et al., arXiv:2407.21783). GiB = 2**30 bytes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    name: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    ffn: int
    vocabulary: int
    window: int
    base: float


# --8<-- [start:budget]
def parameters(model: Model) -> int:
    kv = model.width * model.kv_heads // model.heads
    attention = 2 * model.width * model.width + 2 * model.width * kv
    block = attention + 3 * model.width * model.ffn + 2 * model.width
    ends = 2 * model.vocabulary * model.width + model.width
    return model.layers * block + ends  # nothing depends on the length


def kv_bytes(model: Model, tokens: int, element: int = 2) -> int:
    head = model.width // model.heads
    return 2 * model.layers * model.kv_heads * head * tokens * element


def attention_flops(model: Model, tokens: int) -> int:
    """Q K^T and the weighted sum of V, causal: half of 4 n^2 d L."""
    return 2 * tokens**2 * model.width * model.layers


def attention_share(model: Model, tokens: int) -> float:
    rest = 2 * parameters(model) * tokens
    attention = attention_flops(model, tokens)
    return attention / (attention + rest)


# --8<-- [end:budget]

MODELS = (
    Model("Llama 2 7B", 32, 4096, 32, 32, 11_008, 32_000, 4096, 1e4),
    Model("Llama 3 8B", 32, 4096, 32, 8, 14_336, 128_256, 8192, 5e5),
    Model("Llama 3 70B", 80, 8192, 64, 8, 28_672, 128_256, 8192, 5e5),
)
K = 1024


def frequencies(base: float, d_k: int = 128) -> Array:
    return base ** (-np.arange(0, d_k, 2) / d_k)


def attend(x: Array, base: float = 1e4) -> Array:
    """One causal head with RoPE and q = k = v = x, shape (n, d_k)."""
    angle = np.outer(np.arange(len(x)), frequencies(base, x.shape[1]))
    turned = (x[:, 0::2] + 1j * x[:, 1::2]) * np.exp(1j * angle)
    score = (turned @ turned.conj().T).real / np.sqrt(x.shape[1])
    score[np.triu_indices(len(x), 1)] = -np.inf
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    result: Array = weight / weight.sum(axis=1, keepdims=True) @ x
    return result


def check_shapes() -> None:
    """RoPE has no table of positions; a learned table has an end."""
    x = np.random.default_rng(0).normal(size=(96, 8))
    short, long = attend(x[:32]), attend(x)
    np.testing.assert_allclose(long[:32], short)
    assert np.isfinite(long).all()
    table = np.zeros((32, 8))
    try:
        table[np.arange(96)]
        raise AssertionError("a table of 32 rows took position 95")
    except IndexError:
        print("32 positions trained, 96 given: RoPE runs, a table cannot")


def check_memory() -> None:
    print("\nKV cache, 2 bytes a number, batch 1")
    lengths = (4 * K, 8 * K, 32 * K, 128 * K, 1024 * K)
    head = "".join(f"{f'{n // K:,}K':>8}" for n in lengths)
    print(f"model         bytes/token{head}  GiB")
    for model in MODELS:
        cells = ""
        for n in lengths:
            cells += f"{kv_bytes(model, n) / 2**30:8.2f}"
        print(f"{model.name:12}{kv_bytes(model, 1):13,}{cells}")
    two, three, large = MODELS
    assert kv_bytes(two, 1) == 524_288 and kv_bytes(three, 1) == 131_072
    assert kv_bytes(large, 1) == 327_680
    assert kv_bytes(two, 4 * K) == 2 * 2**30
    assert kv_bytes(two, 128 * K) == 64 * 2**30
    assert kv_bytes(three, 8 * K) == 2**30
    assert kv_bytes(large, 128 * K) == 40 * 2**30


def check_dilution() -> None:
    """RMSNorm bounds inputs, hence gaps, hence the weight of any key."""
    rng = np.random.default_rng(0)
    w_q, w_k = rng.normal(size=(2, 8, 8)) * 0.3
    # |x| = sqrt(8) after RMSNorm; rotations preserve lengths.
    norms = np.linalg.norm(w_q, 2) * np.linalg.norm(w_k, 2)
    gap = float(2 * norms * 8 / np.sqrt(8))
    for n in (100, 2000):
        x = rng.normal(size=(n, 8)) * 50
        x /= np.sqrt((x**2).mean(axis=1, keepdims=True))
        score = (x @ w_q) @ (x @ w_k).T / np.sqrt(8)
        assert np.ptp(score) <= gap
        weight = np.exp(score - score.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        assert weight.max() <= np.exp(gap) / (np.exp(gap) + n - 1)


def check_compute() -> None:
    print("\nattention's share of the prefill FLOPs")
    lengths = (4 * K, 32 * K, 128 * K, 1024 * K)
    head = "".join(f"{f'{n // K:,}K':>8}" for n in lengths)
    print(f"model           parameters{head}")
    for model in MODELS:
        cells = "".join(
            f"{100 * attention_share(model, n):7.1f}%" for n in lengths
        )
        print(f"{model.name:12}{parameters(model):14,}{cells}")
    two = MODELS[0]
    assert parameters(two) == 6_738_415_616
    assert round(attention_flops(two, 1024 * K) / attention_flops(two, K)) == (
        1024**2
    )
    np.testing.assert_allclose(attention_share(two, 4 * K), 0.0738, atol=1e-4)


def check_angles() -> None:
    print("\nplanes of 64 that do not complete a turn within the window")
    expected = {(1e4, 4096): 18, (5e5, 8192): 29, (5e5, 131_072): 15}
    for (base, window), count in expected.items():
        waves = 2 * np.pi / frequencies(base)
        found = int((waves > window).sum())
        print(
            f"  base {base:8,.0f}, window {window:7,}: {found}"
            f"   longest wavelength {waves[-1]:9,.0f}"
        )
        assert found == count


def check_float() -> None:
    """Positions and angles in float32."""
    last = np.float32(2**24)
    print(f"\nfloat32: {last:,.0f} + 1 = {last + np.float32(1):,.0f}")
    assert last + np.float32(1) == last
    theta = frequencies(5e5).astype(np.float32)
    print("position     rounding of m theta, rad   step to next / theta")
    errors, steps = [], []
    for position in (131_071, 1_000_000, 10_000_000):
        angle = (np.float32(position) * theta).astype(np.float64)
        error = np.abs(angle - position * theta.astype(np.float64)).max()
        errors.append(float(error))
        near = np.arange(position, position + 200, dtype=np.float32)
        turned = np.multiply.outer(near, theta).astype(np.float64)
        step = np.diff(turned, axis=0) / theta.astype(np.float64)
        steps.append((float(step.min()), float(step.max())))
        reach = f"{steps[-1][0]:.2f} to {steps[-1][1]:.2f}"
        print(f"{position:10,}{error:18.3f}{reach:>27}")
        assert np.all(step[:, 0] == 1)  # theta_0 = 1: no rounding
    assert errors[0] < 0.01 and errors[2] > 0.1
    assert steps[0][0] > 0.98 and steps[2][0] < 0.01 and steps[2][1] > 1.9


if __name__ == "__main__":
    check_shapes()
    check_memory()
    check_dilution()
    check_compute()
    check_angles()
    check_float()
