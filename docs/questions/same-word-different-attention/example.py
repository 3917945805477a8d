"""When do two copies of a word get equal attention, and when not?

Source: Vaswani et al., arXiv:1706.03762, section 3.2. The sentence is A B A
with x_A = (1, 0), x_B = (0, 1) and W_Q = W_K = W_V = I, so d_k = 2.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layer = tuple[Array, Array, Array]

EYE = np.eye(2)
SWAP = EYE[::-1]
SENTENCE = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])  # A B A


# --8<-- [start:weights]
def weights(scores: Array, causal: bool = False) -> Array:
    """Softmax over the keys, row by row."""
    if causal:
        scores = np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = e / e.sum(axis=1, keepdims=True)
    return result


def content_scores(x: Array, w_k: Array = EYE) -> Array:
    """q . k / sqrt(d_k): nothing here knows of positions."""
    scores: Array = x @ (x @ w_k).T / np.sqrt(x.shape[1])
    return scores


def rope_scores(x: Array) -> Array:
    """The same with RoPE on its single pair of channels, theta = 1."""
    turned = (x[:, 0] + 1j * x[:, 1]) * np.exp(1j * np.arange(len(x)))
    scores: Array = (turned[:, None] * turned.conj()).real
    scores /= np.sqrt(2)
    return scores


def second_layer(x: Array, causal: bool = False) -> Array:
    """Weights of a second layer that reads x + Attn(x)."""
    first = weights(content_scores(x), causal)
    return weights(content_scores(x + first @ x), causal)


# --8<-- [end:weights]


def tables() -> dict[str, Array]:
    """Every table of weights that the page shows, by name."""
    x = SENTENCE
    place = np.arange(3)
    bias = -np.abs(place[:, None] - place) / 2
    return {
        "no position, layer 1": weights(content_scores(x)),
        "no position, layer 2": second_layer(x),
        "no position, another head": weights(content_scores(x, SWAP)),
        "RoPE": weights(rope_scores(x)),
        "bias -|i - j| / 2": weights(content_scores(x) + bias),
        "causal, layer 1": weights(content_scores(x), causal=True),
        "causal, layer 2": second_layer(x, causal=True),
    }


def check_tables() -> None:
    for name, table in tables().items():
        print(f"{name:<27}     A       B       A")
        for word, row in zip("ABA", table, strict=True):
            cells = "".join(f"{value:8.4f}" for value in row)
            print(f"{'query ' + word:>27}{cells}")
        np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-14)
    found = tables()
    # Without positions and mask the copies tie, in both layers and heads.
    for name in found:
        if name.startswith("no position"):
            np.testing.assert_allclose(found[name][:, 0], found[name][:, 2])
    assert abs(found["RoPE"][0, 0] - found["RoPE"][0, 2]) > 0.1
    bias = found["bias -|i - j| / 2"]
    assert bias[0, 0] - bias[0, 2] > 0.1  # from the first A
    assert bias[1, 0] == bias[1, 2]  # from B, halfway between
    first, second = found["causal, layer 1"], found["causal, layer 2"]
    assert first[2, 0] == first[2, 2]  # the last A sees both
    assert second[2, 0] - second[2, 2] > 0.05
    # Rows add up to 1, columns do not.
    columns = found["no position, layer 1"].sum(axis=0)
    cells = "".join(f"{value:8.4f}" for value in columns)
    print(f"\n{'columns of the first table':>27}{cells}")
    assert np.abs(columns - 1).min() > 0.05


def check_sharing() -> None:
    """A second copy takes a share, and the word gains in total."""
    print("\nattention of a query A   each A  all A's")
    totals = []
    for sentence, x in (("A B", SENTENCE[:2]), ("A B A", SENTENCE)):
        row = weights(content_scores(x))[0]
        total = row[x[:, 0] == 1].sum()
        totals.append(total)
        print(f"  {sentence:<21}{row[0]:8.4f}{total:9.4f}")
    assert totals[1] > totals[0] + 0.1


def random_layers(count: int, d: int, rng: np.random.Generator) -> list[Layer]:
    shape = (count, 3, d, d)
    return [(w[0], w[1], w[2]) for w in rng.normal(size=shape) / np.sqrt(d)]


def queries_and_keys(
    sentence: str, layers: list[Layer], causal: bool
) -> list[tuple[Array, Array]]:
    """q and k of every token, layer by layer; x <- x + Attn(x)."""
    rng = np.random.default_rng(1)
    words = {word: rng.normal(size=len(layers[0][0])) for word in "ABCS"}
    x = np.array([words[word] for word in sentence])
    out = []
    for w_q, w_k, w_v in layers:
        q, k = x @ w_q, x @ w_k
        out.append((q, k))
        scores = q @ k.T / np.sqrt(len(w_q))
        x = x + weights(scores, causal) @ x @ w_v
    return out


def check_depth() -> None:
    layers = random_layers(4, 4, np.random.default_rng(0))
    print("\nno positions: largest difference of the keys of two copies")
    print("sentence  copies  mask     layer 1 layer 2 layer 3 layer 4")
    first_break = []
    for sentence, i, j, causal in [
        ("ABA", 0, 2, False),
        ("ABA", 0, 2, True),
        ("ABAB", 1, 3, True),
        ("AAA", 0, 2, True),
        ("SAAA", 1, 3, True),
    ]:
        gaps = [
            float(np.abs(k[i] - k[j]).max())
            for _, k in queries_and_keys(sentence, layers, causal)
        ]
        apart = [layer for layer, gap in enumerate(gaps, 1) if gap > 1e-9]
        first_break.append(min(apart, default=0))
        mask = "causal" if causal else "none"
        cells = "".join(f"{gap:8.4f}" for gap in gaps)
        print(f"{' '.join(sentence):<10}{i} and {j} {mask:<8}{cells}")
    # Never, from layer 2, from layer 3, never, from layer 2.
    assert first_break == [0, 2, 3, 0, 2]

    print("the word A in A B and in A C: difference of its queries")
    pairs = zip(
        queries_and_keys("AB", layers, False),
        queries_and_keys("AC", layers, False),
        strict=True,
    )
    gaps = [float(np.abs(one[0][0] - two[0][0]).max()) for one, two in pairs]
    print(f"{'':25}" + "".join(f"{gap:8.4f}" for gap in gaps))
    assert gaps[0] == 0
    assert min(gaps[1:]) > 0.01


if __name__ == "__main__":
    check_tables()
    check_sharing()
    check_depth()
