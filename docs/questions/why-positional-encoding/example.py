"""Self-attention without positions is permutation-equivariant.

Source: Vaswani et al., arXiv:1706.03762, sections 3.2 and 3.5.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layer = dict[str, Array]


# --8<-- [start:attention]
def attention(q: Array, k: Array, v: Array, causal: bool) -> Array:
    """softmax(q k^T / sqrt(d_k)) v; token i sees j <= i if causal."""
    scores = q @ k.T / np.sqrt(q.shape[1])
    if causal:
        later = np.triu(np.ones(scores.shape, dtype=bool), k=1)
        scores = np.where(later, -np.inf, scores)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    out: Array = weights @ v
    return out


WORDS = {"dog": [1.0, 0.0], "bites": [0.0, 1.0], "man": [1.0, 1.0]}


def read(sentence: str, positions: bool, causal: bool) -> dict[str, Array]:
    """One layer with Q = K = V = X, d = 2: the output of each word."""
    words = sentence.split()
    x = np.array([WORDS[word] for word in words])
    if positions:
        p = np.arange(len(words))
        x = x + np.stack([np.sin(p), np.cos(p)], axis=1)
    out = attention(x, x, x, causal)
    return dict(zip(words, out, strict=True))


# --8<-- [end:attention]

SENTENCES = ("dog bites man", "man bites dog")
SETTINGS = {
    "no positions": (False, False),
    "positions added": (True, False),
    "causal mask": (False, True),
}


def check_sentences() -> None:
    largest: list[float] = []
    for setting, (positions, causal) in SETTINGS.items():
        first, second = (read(s, positions, causal) for s in SENTENCES)
        print(f"{setting:<18}{SENTENCES[0]:>16}{SENTENCES[1]:>18}")
        for word in WORDS:
            cells = "".join(
                "  [" + ", ".join(f"{value:.4f}" for value in out[word]) + "]"
                for out in (first, second)
            )
            print(f"  {word:<14}{cells}")
        change = [np.abs(first[word] - second[word]).max() for word in WORDS]
        largest.append(max(change))
        print(f"  largest change{largest[-1]:>18.4f}\n")
    # Word by word, both sentences give the same vectors: equivariance.
    assert largest[0] < 1e-12
    # The last word sees the whole sentence, mask or no mask.
    for sentence in SENTENCES:
        last = sentence.split()[-1]
        seen, masked = (read(sentence, False, c)[last] for c in (False, True))
        np.testing.assert_allclose(seen, masked, atol=1e-12)
    # Adding positions, or masking the future, ends it.
    np.testing.assert_allclose(largest[1:], [0.9717, 0.5989], atol=5e-5)


def sinusoids(length: int, d: int) -> Array:
    """The encoding of Vaswani et al.: sine and cosine in turn."""
    angle = np.arange(length)[:, None] / 10_000 ** (np.arange(0, d, 2) / d)
    out: Array = np.stack([np.sin(angle), np.cos(angle)], axis=2)
    return out.reshape(length, d)


def random_layers(count: int, d: int, rng: np.random.Generator) -> list[Layer]:
    """Weights of `count` blocks: attention, then a feed-forward block."""
    shapes = {"q": d, "k": d, "v": d, "o": d, "up": 4 * d}
    layers = []
    for _ in range(count):
        layer: Layer = {
            name: rng.normal(size=(d, width)) / np.sqrt(d)
            for name, width in shapes.items()
        }
        layer["down"] = rng.normal(size=(4 * d, d)) / np.sqrt(4 * d)
        layers.append(layer)
    return layers


def norm(x: Array) -> Array:
    """Layer normalization of each token, without gain and bias."""
    centred = x - x.mean(axis=1, keepdims=True)
    out: Array = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True))
    return out


def stack(x: Array, layers: list[Layer], causal: bool, heads: int) -> Array:
    """Pre-LN Transformer blocks, no position encoding inside."""
    for w in layers:
        y = norm(x)
        parts = [np.split(y @ w[name], heads, axis=1) for name in "qkv"]
        mixed = [
            attention(q, k, v, causal) for q, k, v in zip(*parts, strict=True)
        ]
        x = x + np.concatenate(mixed, axis=1) @ w["o"]
        x = x + np.maximum(norm(x) @ w["up"], 0) @ w["down"]
    return x


def check_stack() -> None:
    rng = np.random.default_rng(0)
    x, layers = rng.normal(size=(5, 8)), random_layers(2, 8, rng)
    order = np.array([3, 1, 4, 0, 2])

    print("max|F(PX) - P F(X)|, 2 heads    1 layer  2 layers")
    rows: dict[str, list[float]] = {}
    for setting, (positions, causal) in SETTINGS.items():
        added = sinusoids(5, 8) if positions else np.zeros((5, 8))
        rows[setting] = []
        for depth in (1, 2):
            kept = stack(x + added, layers[:depth], causal, heads=2)
            moved = stack(x[order] + added, layers[:depth], causal, heads=2)
            rows[setting].append(np.abs(moved - kept[order]).max())
        cells = "".join(f"{value:10.3f}" for value in rows[setting])
        print(f"  {setting:<27}{cells}")
    assert max(rows["no positions"]) < 1e-12
    assert min(rows["positions added"] + rows["causal mask"]) > 0.1

    # Causal mask: reorder what precedes the last token, keep that token.
    before = np.array([2, 0, 3, 1, 4])
    changes = []
    for depth in (1, 2):
        kept = stack(x, layers[:depth], True, heads=2)
        moved = stack(x[before], layers[:depth], True, heads=2)
        changes.append(np.abs(moved[-1] - kept[-1]).max())
    cells = "".join(f"{value:10.3f}" for value in changes)
    print(f"  {'causal, change in last token':<27}{cells[1:]}")
    # One causal layer sees a set of predecessors, two see their order.
    assert changes[0] < 1e-12
    assert changes[1] > 0.1


def check_equal_tokens() -> None:
    rng = np.random.default_rng(2)
    bos, token = rng.normal(size=(1, 8)), rng.normal(size=(1, 8))
    layers = random_layers(2, 8, rng)
    same = np.repeat(token, 4, axis=0)

    print("\nfour equal tokens, 2 layers: max difference of their outputs")
    spreads: dict[str, float] = {}
    for name, x, causal in [
        ("no mask", np.vstack([bos, same]), False),
        ("no mask, positions added", np.vstack([bos, same]), False),
        ("causal mask", same, True),
        ("causal mask after <bos>", np.vstack([bos, same]), True),
    ]:
        if "positions" in name:
            x = x + sinusoids(len(x), 8)
        out = stack(x, layers, causal, heads=2)[-4:]
        spreads[name] = np.ptp(out, axis=0).max()
        print(f"  {name:<28}{spreads[name]:8.3f}")
    assert max(spreads["no mask"], spreads["causal mask"]) < 1e-12
    assert spreads["no mask, positions added"] > 0.1
    assert spreads["causal mask after <bos>"] > 0.1

    # Equal scores, and a value that is 1 at <bos> and 0 elsewhere.
    value, zeros = np.eye(6)[:, :1], np.zeros((6, 1))
    count = attention(zeros, zeros, value, causal=True)[:, 0]
    print("\nposition m                  0      1      2      3      4      5")
    print("attention to <bos>   " + "".join(f"{c:7.4f}" for c in count))
    np.testing.assert_allclose(count, 1 / np.arange(1, 7), rtol=1e-14)


if __name__ == "__main__":
    check_sentences()
    check_stack()
    check_equal_tokens()
