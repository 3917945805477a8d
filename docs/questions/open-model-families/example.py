"""Total and active parameters of a mixture of experts, and what each costs.

Sources: Mixtral's shape from Jiang et al., arXiv:2401.04088, table 1; the
totals below from the model cards and repositories that the page cites.
"""

import math
from typing import NamedTuple

import numpy as np


# --8<-- [start:moe]
class Shape(NamedTuple):
    """SwiGLU experts, RMSNorm, a linear router, no biases, untied head."""

    d: int
    layers: int
    d_ff: int
    experts: int
    kv_heads: int
    d_k: int
    vocabulary: int


def parameters(s: Shape, counted: int) -> int:
    """All parameters, with `counted` of the experts in each layer."""
    attention = 2 * s.d**2 + 2 * s.d * s.kv_heads * s.d_k
    router = s.d * s.experts
    norms = 2 * s.d
    layer = attention + router + norms + counted * 3 * s.d * s.d_ff
    return s.layers * layer + 2 * s.vocabulary * s.d + s.d


def touched(experts: int, chosen: int, tokens: int) -> float:
    """Expected share of a layer's experts that a batch reads."""
    return 1 - (1 - chosen / experts) ** tokens


# --8<-- [end:moe]

MIXTRAL = Shape(4096, 32, 14336, 8, 8, 128, 32_000)


class Model(NamedTuple):
    """One row of the page's table; parameters in billions."""

    name: str
    date: str
    total: float
    active: float
    licence: str  # "open", "clause" or "own"


MODELS = (
    Model("Pythia-12B", "2023-04", 12, 12, "open"),
    Model("Mixtral 8x7B", "2023-12", 46.7, 12.9, "open"),
    Model("DeepSeek-V3", "2024-12", 671, 37, "own"),
    Model("DeepSeek-R1", "2025-01", 671, 37, "open"),
    Model("Llama 4 Maverick", "2025-04", 400, 17, "own"),
    Model("Qwen3-235B", "2025-04", 235, 22, "open"),
    Model("Kimi K2", "2025-07", 1000, 32, "clause"),
    Model("GLM-4.5", "2025-07", 355, 32, "open"),
    Model("gpt-oss-120b", "2025-08", 117, 5.1, "open"),
    Model("MiniMax-M2", "2025-10", 230, 10, "clause"),
    Model("Olmo 3 32B", "2025-11", 32, 32, "open"),
    Model("Qwen3.5-397B", "2026-02", 397, 17, "open"),
    Model("GLM-5", "2026-02", 744, 40, "open"),
    Model("Mistral Small 4", "2026-03", 119, 6.5, "open"),
    Model("Gemma 4 26B", "2026-04", 26, 4, "open"),
    Model("DeepSeek-V4-Pro", "2026-04", 1600, 49, "open"),
    Model("Kimi K3", "2026-07", 2800, 104, "own"),
)


def mixtral_table() -> None:
    total = parameters(MIXTRAL, MIXTRAL.experts)
    active, one = parameters(MIXTRAL, 2), parameters(MIXTRAL, 1)
    print("1. Mixtral 8x7B from its configuration")
    print(f"total, 8 experts    {total:>15,}")
    print(f"active, 2 experts   {active:>15,}  {active / total:.1%}")
    print(f"with 1 expert       {one:>15,}, times 8 {8 * one:,}")
    assert total == 46_702_792_704 and active == 12_879_925_248
    # Only the experts are copied: that is the whole difference.
    experts = 32 * 3 * 4096 * 14336
    assert total - one == 7 * experts and active - one == experts
    assert total < 8 * one


def cost_table() -> None:
    """Weights alone, in GB of 10^9 bytes; no KV cache, scales, activations."""
    print("\n2. weights in GB, 80 GB cards for 4 bits, GFLOPs a token")
    print("model              total  active   share   16 bit  4 bit", end="")
    print("  cards  forward")
    for m in MODELS:
        cards = math.ceil(m.total / 2 / 80)
        print(
            f"{m.name:17}{m.total:7g}{m.active:8g}{m.active / m.total:8.1%}"
            f"{2 * m.total:9,.0f}{m.total / 2:7,.0f}{cards:7}"
            f"{2 * m.active:9g}"
        )
    by_name = {m.name: m for m in MODELS}
    large, dense = by_name["DeepSeek-V4-Pro"], by_name["Olmo 3 32B"]
    weights, forward = large.total / dense.total, large.active / dense.active
    print(f"DeepSeek-V4-Pro over Olmo 3 32B: {weights:.0f} times the weights,")
    print(f"{forward:.1f} times the forward pass")
    assert weights > 30 * forward  # memory and compute part company
    share = {m.name: m.active / m.total for m in MODELS if m.active < m.total}
    less = {n for n, s in share.items() if s < 0.1}
    assert set(share) - less == {"Mixtral 8x7B", "Gemma 4 26B"}
    factors = [1 / s for s in share.values()]
    assert 3.6 < min(factors) < 3.7 and 32 < max(factors) < 33


ROUTERS = (
    ("Mixtral 8x7B", 8, 2),
    ("Gemma 4 26B", 128, 8),
    ("Kimi K2", 384, 8),
    ("Kimi K3", 896, 16),
)


def batch_table() -> None:
    print("\n3. share of a layer's routed experts read by a batch")
    print("model            chosen     1 token       8      64     512")
    for name, experts, chosen in ROUTERS:
        shares = [touched(experts, chosen, n) for n in (1, 8, 64, 512)]
        print(
            f"{name:17}{chosen:2} of {experts:3}"
            f"{shares[0]:11.1%}"
            + "".join(f"{share:8.1%}" for share in shares[1:])
        )
    rng = np.random.default_rng(0)
    seen = [
        np.unique([rng.permutation(128)[:8] for _ in range(8)]).size / 128
        for _ in range(2000)
    ]
    np.testing.assert_allclose(np.mean(seen), touched(128, 8, 8), atol=0.005)


if __name__ == "__main__":
    mixtral_table()
    cost_table()
    batch_table()
