"""GPT-1 and BERT: one stack of blocks, two attention masks.

Sources: Radford et al. 2018 (GPT-1); Devlin et al., arXiv:1810.04805 (BERT).
"""

# tolerance: 1e-3

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
T, D, HEADS = 6, 16, 2


def layer_norm(x: Array) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    normed: Array = centred / np.sqrt((centred**2).mean(-1, keepdims=True))
    return normed


# --8<-- [start:mask]
def block(x: Array, weights: list[Array], mask: Mask) -> Array:
    """One post-LN block of either model (ReLU for GELU); x is (T, d)."""
    w_qkv, w_o, w_1, w_2 = weights
    q, k, v = np.split((x @ w_qkv).reshape(len(x), HEADS, -1), 3, axis=2)
    scores = np.einsum("ihc,jhc->hij", q, k) / np.sqrt(q.shape[-1])
    scores = np.where(mask, scores, -np.inf)
    weight = np.exp(scores - scores.max(-1, keepdims=True))
    weight /= weight.sum(-1, keepdims=True)
    heads = np.einsum("hij,jhc->ihc", weight, v).reshape(x.shape)
    x = layer_norm(x + heads @ w_o)
    return layer_norm(x + np.maximum(x @ w_1, 0) @ w_2)


def causal(tokens: int) -> Mask:
    return np.tri(tokens, dtype=bool)  # GPT: position i sees j <= i


def bidirectional(tokens: int) -> Mask:
    return np.ones((tokens, tokens), dtype=bool)  # BERT: i sees every j


def target_hidden(tokens: int) -> Mask:
    """Both sides, except that i may not attend to its target i + 1."""
    return ~np.eye(tokens, k=1, dtype=bool)


# --8<-- [end:mask]


def model(layers: int) -> list[list[Array]]:
    rng = np.random.default_rng(0)
    shapes = [(D, 3 * D), (D, D), (D, 4 * D), (4 * D, D)]
    return [
        [rng.normal(size=s) / np.sqrt(s[0]) for s in shapes]
        for _ in range(layers)
    ]


def run(x: Array, layers: int, mask: Mask) -> Array:
    for weights in model(layers):
        x = block(x, weights, mask)
    return x


def sample() -> Array:
    return layer_norm(np.random.default_rng(1).normal(size=(T + 1, D)))


def influence(layers: int, mask: Mask) -> Mask:
    """[i, j] is true where another token at j moves output i."""
    x = sample()[:T]
    other = layer_norm(np.random.default_rng(2).normal(size=(T, D)))
    base = run(x, layers, mask)
    moved = np.zeros((T, T), dtype=bool)
    for j in range(T):
        changed = x.copy()
        changed[j] = other[j]
        delta = np.abs(run(changed, layers, mask) - base).max(1)
        assert ((delta < 1e-12) | (delta > 1e-3)).all()
        moved[:, j] = delta > 1e-3
    return moved


def check_masks() -> None:
    print(f"1. which inputs reach which outputs, T = {T}")
    print("                       depth   mask   reached   sees target")
    for mask_of in causal, target_hidden, bidirectional:
        mask = mask_of(T)
        for layers in 1, 2:
            moved = influence(layers, mask)
            sees = int(np.diagonal(moved, 1).sum())
            print(
                f"{mask_of.__name__:20}{layers:8}{mask.sum():7}"
                f"{moved.sum():10}{sees:10} / {T - 1}"
            )
            if mask_of is causal:
                assert (moved == mask).all()
                assert (influence(6, mask) == mask).all()  # at any depth
            elif mask_of is bidirectional:
                assert moved.all()
            else:  # hidden in one layer, leaked from the second on
                assert sees == (0 if layers == 1 else T - 1)


def check_append() -> None:
    print("\n2. append one token: change of the earlier outputs")
    print("                       least  largest")
    for mask_of in causal, bidirectional:
        longer = run(sample(), 2, mask_of(T + 1))[:T]
        shorter = run(sample()[:T], 2, mask_of(T))
        change = np.abs(longer - shorter).max(1)  # one a position
        print(f"{mask_of.__name__:20}{change.min():8.2f}{change.max():9.2f}")
        if mask_of is causal:
            assert change.max() < 1e-12
        else:
            assert change.min() > 0.1  # none of them stays


def signals(tokens: int) -> None:
    """Loss terms in one training sequence, as the two code bases cut it."""
    chosen = round(0.15 * tokens)
    print(f"\n3. loss terms in a sequence of {tokens} tokens")
    print(f"GPT, targets x_1 .. x_{tokens - 1}{tokens - 1:10}")
    print(f"BERT, 15% selected{chosen:14}")
    parts = [share * chosen for share in (0.8, 0.1, 0.1)]
    print("  mean: [MASK] {:.1f}, random {:.1f}, kept {:.1f}".format(*parts))
    print(f"ratio {(tokens - 1) / chosen:26.1f}")


def stack(d: int, layers: int) -> int:
    """12 d^2 + 13 d a block: shapes of weights, biases and LayerNorms."""
    shapes = [
        *[(d, 3 * d), (3 * d,), (d, d), (d,)],  # attention
        *[(d, 4 * d), (4 * d,), (4 * d, d), (d,)],  # FFN
        *[(d,), (d,), (d,), (d,)],  # gain and bias of two LayerNorms
    ]
    per_block = sum(int(np.prod(shape)) for shape in shapes)
    assert per_block == 12 * d**2 + 13 * d
    return layers * per_block


def check_parameters() -> None:
    d = 768
    parts = {
        "token embedding": (40_478 * d, 30_522 * d, 50_257 * d),
        "position embedding": (512 * d, 512 * d, 1024 * d),
        "segment embedding": (0, 2 * d, 0),
        "LN on the embeddings": (0, 2 * d, 0),
        "12 blocks": (stack(d, 12),) * 3,
        "final LN": (0, 0, 2 * d),
        "pooler on [CLS]": (0, d**2 + d, 0),
    }
    print("\n4. parameters, d = 768, output matrix = token embedding")
    print(f"{'':20}{'GPT-1':>13}{'BERT-base':>13}{'GPT-2 small':>13}")
    for name, row in parts.items():
        print(f"{name:20}" + "".join(f"{n:13,}" for n in row))
    total = [sum(column) for column in zip(*parts.values(), strict=True)]
    print(f"{'total':20}" + "".join(f"{n:13,}" for n in total))
    assert total == [116_534_784, 109_482_240, 124_439_808]
    embedding = parts["token embedding"][0] - parts["token embedding"][1]
    others = total[0] - total[1] - embedding
    print(f"GPT-1 less BERT-base: token embedding {embedding:+,}", end="")
    print(f", the rest {others:+,}")
    heads = (d**2 + d + 2 * d + 30_522) + (2 * d + 2)
    print("BERT-base, millions: without the pooler ", end="")
    print(f"{(total[1] - d**2 - d) / 1e6:.1f}, with it {total[1] / 1e6:.1f}")
    print(
        f"  with it and the MLM and NSP heads {(total[1] + heads) / 1e6:.1f}"
    )
    large = (30_522 + 512 + 2 + 2 + 1024 + 1) * 1024 + stack(1024, 24)
    print(f"BERT-large, d = 1024, 24 blocks {large:,}")
    assert large == 335_141_888


if __name__ == "__main__":
    check_masks()
    check_append()
    signals(512)
    check_parameters()
