"""BERT or an LLM: compute per item, distillation, a cascade by confidence.

Sources: layer shapes of Devlin et al., arXiv:1810.04805, and Touvron et al.,
arXiv:2307.09288; the accuracies of part 3 are made up, as its title says.
"""

# tolerance: 1e-3

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TOKENS, DOCUMENTS = 256, 1_000_000


@dataclass(frozen=True)
class Model:
    """The blocks of a model; embeddings and output head are left out."""

    layers: int
    d: int
    parameters: int
    causal: bool

    def flops(self, tokens: int) -> float:
        """One forward pass: 2 a parameter and token, plus the scores.

        q.k and the weighted sum of v cost 4 T d a token and layer, half of
        that on average under a causal mask.
        """
        scores = 4 * self.layers * tokens * self.d / (1 + self.causal)
        return tokens * (2 * self.parameters + scores)


BERT = Model(12, 768, 12 * (12 * 768**2 + 13 * 768), causal=False)
LLAMA = Model(32, 4096, 32 * (4 * 4096**2 + 3 * 4096 * 11_008), causal=True)


def cost_table() -> float:
    print(f"1. forward pass, documents of {TOKENS} tokens")
    print(f"{'':29}{'BERT-base':>14}{'Llama-2-7B':>15}  ratio")
    pair = BERT, LLAMA
    rows = {
        "parameters in blocks": [m.parameters for m in pair],
        "FLOPs a token, 2N": [2 * m.parameters for m in pair],
        "  with attention scores": [m.flops(TOKENS) / TOKENS for m in pair],
        "GB of 16-bit weights": [2 * m.parameters / 1e9 for m in pair],
        "10^18 FLOPs, a million docs": [
            m.flops(TOKENS) * DOCUMENTS / 1e18 for m in pair
        ],
    }
    for name, (small, large) in rows.items():
        form = ",.3f" if small < 1 else ",.0f"
        print(f"{name:29}{small:14{form}}{large:15{form}}", end="")
        print(f"{large / small:7.1f}")
    assert BERT.parameters == 85_054_464 and LLAMA.parameters == 6_476_005_376
    return LLAMA.flops(TOKENS) / BERT.flops(TOKENS)


def distillation(ratio: float, labels: int = 20_000, epochs: int = 3) -> None:
    """Let the LLM label some, train BERT on them, let BERT do the rest."""
    # In units of one BERT forward pass; a training step costs three.
    once = labels * (ratio + 3 * epochs)
    even = labels * (1 + 3 * epochs / (ratio - 1))
    print(f"\n2. {labels:,} labels by the LLM, BERT trained {epochs} epochs")
    print(f"break-even at {even:,.0f} documents")
    for documents in (25_000, 100_000, DOCUMENTS):
        saved = documents * ratio / (once + documents - labels)
        print(f"{documents:12,} documents: {saved:6.1f} times cheaper")
    assert labels < even < 1.2 * labels
    np.testing.assert_allclose(once + even - labels, even * ratio)


# --8<-- [start:cascade]
SMALL, LARGE = 0.90, 0.93  # mean accuracies, assumed


def small_accuracy(u: Array) -> Array:
    """Of the small model on an item of hardness u, uniform in 0 .. 1.

    It is calibrated: this number is also the confidence that it reports.
    """
    return 1 - 0.5 * u**4


def large_accuracy(u: Array, hardness_shared: bool) -> Array:
    """Of the LLM: flat, or falling with the same hardness; mean 0.93."""
    return 1 - 0.14 * u if hardness_shared else np.full_like(u, LARGE)


def cascade(sent: float, hardness_shared: bool, bins: int = 100_000) -> float:
    """Accuracy if the share `sent` with the least confidence goes on."""
    u = (np.arange(bins) + 0.5) / bins
    kept = small_accuracy(u) >= small_accuracy(np.array(1 - sent))
    large = large_accuracy(u, hardness_shared)
    return float(np.where(kept, small_accuracy(u), large).mean())


def at_random(sent: float) -> float:
    return (1 - sent) * SMALL + sent * LARGE


# --8<-- [end:cascade]


def cascade_table(ratio: float) -> None:
    print("\n3. cascade: assumed accuracies 0.90 and 0.93")
    print("share sent   cost   accuracy, LLM errors")
    print("to the LLM          elsewhere   shared   at random")
    for sent in (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 1.0):
        cost = 1 / ratio + sent if sent < 1 else 1.0
        row = cascade(sent, False), cascade(sent, True), at_random(sent)
        print(f"{sent:10.0%}{cost:7.3f}{row[0]:12.3f}", end="")
        print(f"{row[1]:9.3f}{row[2]:12.3f}")
        if 0 < sent < 1:  # routing by confidence beats routing blindly
            assert row[0] > row[1] > row[2]
    # Best threshold: keep while the small model is the surer of the two.
    for shared, best in ((False, 1 - 0.14**0.25), (True, 1 - 0.28 ** (1 / 3))):
        shares = np.linspace(0, 1, 201)
        values = [cascade(s, shared, 20_000) for s in shares]
        assert abs(shares[int(np.argmax(values))] - best) < 0.01
        name = "shared" if shared else "elsewhere"
        print(f"best, {name}: send {best:.1%}", end="")
        print(f", accuracy {cascade(best, shared):.3f}")
    # 0.07 a^2 = 0.1 a^5 with a the share kept: as good as the LLM alone.
    equal = 1 - 0.7 ** (1 / 3)
    np.testing.assert_allclose(cascade(equal, True), LARGE, atol=1e-4)
    print(f"shared, as good as the LLM alone: send {equal:.1%}", end="")
    print(f", cost {equal + 1 / ratio:.3f}")


def simulate() -> None:
    """The same cascade item by item, without the closed form."""
    rng = np.random.default_rng(0)
    u = rng.random(400_000)
    confidence = small_accuracy(u)
    keep = confidence >= np.quantile(confidence, 0.2)
    right = np.where(
        keep,
        rng.random(u.size) < confidence,
        rng.random(u.size) < large_accuracy(u, True),
    )
    assert abs(right.mean() - cascade(0.2, True)) < 0.003


if __name__ == "__main__":
    times = cost_table()
    distillation(times)
    cascade_table(times)
    simulate()
