"""What the causal mask gives, what it costs, and what its rank says.

Sources: Raffel et al., arXiv:1910.10683, section 3.2 (equal cost, twice the
parameters); the rest is computed here.
"""

# tolerance: 1e-2

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOKENS, HEAD = 64, 8  # of the rank example
DEPTH = 24


# --8<-- [start:rank]
def attention(q: Array, k: Array, mask: Mask) -> Array:
    """Softmax weights, T x T; row m sees the columns where mask[m]."""
    scores = np.where(mask, q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = weights / weights.sum(axis=1, keepdims=True)
    return result


def causal(tokens: int) -> Mask:
    return np.tri(tokens, dtype=bool)


def bidirectional(tokens: int) -> Mask:
    return np.ones((tokens, tokens), dtype=bool)


def smallest_singular_value(lower: Array) -> float:
    """Of a lower triangular matrix, by forward substitution: 1/|A^-1|."""
    inverse = np.eye(len(lower))
    for i, row in enumerate(lower):
        inverse[i] = (inverse[i] - row[:i] @ inverse[:i]) / row[i]
    return float(1 / np.linalg.norm(inverse, 2))


# --8<-- [end:rank]


def full_prefix(tokens: int, seen: int) -> Mask:
    """The first `seen` tokens see one another, the rest is causal."""
    mask = causal(tokens)
    mask[:seen, :seen] = True
    return mask


def turn_by_turn(turns: list[tuple[int, int]]) -> Mask:
    """(input, reply) lengths: inputs see themselves and all that is past."""
    mask, start = causal(sum(map(sum, turns))), 0
    for given, reply in turns:
        mask[start : start + given, start : start + given] = True
        start += given + reply
    return mask


def states(x: Array, mask: Mask, weights: Array) -> Array:
    """Two attention layers with residual connections, one head each."""
    for w_q, w_k, w_v in weights:
        x = x + attention(x @ w_q, x @ w_k, mask) @ (x @ w_v)
    return x


def trained_positions(mask: Mask) -> int:
    """How many positions have a next token that the mask hides from them.

    The mask is transitive (a token sees what those it sees have seen), so
    that more layers open no further path; checked.
    """
    np.testing.assert_array_equal(mask, (mask.astype(int) @ mask) > 0)
    ahead = np.arange(len(mask) - 1)
    return int((~mask[ahead, ahead + 1]).sum())


def mask_table() -> None:
    """Turn 1 (input 3, reply 2) is computed; the input of turn 2 arrives."""
    rng = np.random.default_rng(0)
    old, tokens, width = 5, 8, 16
    x = rng.normal(size=(tokens, width))
    weights = rng.normal(size=(2, 3, width, width)) / np.sqrt(width)
    cases = {
        "causal": (causal(old), causal(tokens)),
        "prefix, turn by turn": (
            turn_by_turn([(3, 2)]),
            turn_by_turn([(3, 2), (3, 0)]),
        ),
        "prefix, all history": (
            full_prefix(old, 3),
            full_prefix(tokens, tokens),
        ),
    }
    print("1. appending 3 tokens to 5, two layers")
    print("mask                  pairs  old states move by  next token hidden")
    moves, trained = {}, {}
    for name, (before, after) in cases.items():
        was = states(x[:old], before, weights)
        now = states(x, after, weights)[:old]
        moves[name] = float(abs(now - was).max())
        trained[name] = trained_positions(after)
        print(
            f"{name:20}{after.sum():7}{moves[name]:20.3f}"
            f"{trained[name]:15} of {tokens - 1}"
        )
    assert moves["causal"] < 1e-12
    assert moves["prefix, turn by turn"] < 1e-12
    assert moves["prefix, all history"] > 0.1
    assert list(trained.values()) == [7, 3, 0]
    assert trained_positions(full_prefix(tokens, 3)) == tokens - 3  # T - P
    # One pass over 8 tokens gives every prefix's prediction, causal only.
    whole = states(x, causal(tokens), weights)
    for t in range(1, tokens + 1):
        alone = states(x[:t], causal(t), weights)
        np.testing.assert_allclose(alone, whole[:t], atol=1e-12)


def cost_table() -> None:
    """Forward pass of one sequence, per d^2; L layers a stack, d_ff = 4d."""
    print("\n2. encoder-decoder (L + L layers) over decoder-only (L layers)")
    print("input  output  width  parameters  matmul FLOPs  with scores")
    for given, output, d in ((512, 128, 1024), (128, 512, 1024)):
        only_parameters = 4 * d**2 + 8 * d**2
        both_parameters = 2 * only_parameters + 4 * d**2
        only = 2 * only_parameters * (given + output)
        # cross-attention: K, V of the input, Q and O of the output
        both = 2 * (12 + 2) * d**2 * (given + output)
        total = given + output
        only_pairs = total * (total + 1) // 2
        both_pairs = given**2 + output * (output + 1) // 2 + given * output
        assert both_pairs - only_pairs == given * (given - 1) // 2
        scores = (both + 4 * d * both_pairs) / (only + 4 * d * only_pairs)
        print(
            f"{given:5}{output:8}{d:7}{both_parameters / only_parameters:12.3f}"
            f"{both / only:14.3f}{scores:13.3f}"
        )
        np.testing.assert_allclose(
            both_parameters / only_parameters, 2 * both / only
        )


def reuse_table() -> None:
    print("\n3. tokens that pass the network")
    print("                                   append    re-read   ratio")
    turns, given, reply = 10, 200, 300
    history, re_read = 0, 0
    for _ in range(turns):
        re_read += history + given + reply
        history += given + reply
    label = f"10 turns of {given} in, {reply} out"
    print(f"{label:32}{history:9,}{re_read:11,}{re_read / history:8.1f}")
    assert re_read / history == (turns + 1) / 2
    shared, own, requests = 4000, 200, 100
    once, each = shared + requests * own, requests * (shared + own)
    label = f"{requests} requests, {shared:,} shared + {own}"
    print(f"{label:32}{once:9,}{each:11,}{each / once:8.1f}")


def random_attention(rng: np.random.Generator, mask: Mask) -> Array:
    q, k = rng.normal(size=(2, len(mask), HEAD))
    return attention(q, k, mask)


def spectra() -> dict[str, Array]:
    """Singular values of the scores and of both softmax matrices."""
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, TOKENS, HEAD))
    matrices = {
        "scores": q @ k.T / np.sqrt(HEAD),
        "bidirectional": attention(q, k, bidirectional(TOKENS)),
        "causal": attention(q, k, causal(TOKENS)),
    }
    values = {n: np.linalg.svd(m)[1] for n, m in matrices.items()}
    # An SVD's error goes by the largest value and leaves this few digits.
    values["causal"][-1] = smallest_singular_value(matrices["causal"])
    return values


def rank_table() -> None:
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, TOKENS, HEAD))
    free = attention(q, k, bidirectional(TOKENS))
    bound = attention(q, k, causal(TOKENS))
    values = spectra()
    print(f"\n4. rank, T = {TOKENS}, d_k = {HEAD}")
    print("               largest  smallest  over 1% of largest")
    for name in ("bidirectional", "causal"):
        s = values[name]
        many = int((s > 0.01 * s[0]).sum())
        print(f"{name:13}{s[0]:9.2f}{s[-1]:10.1e}{many:20}")
    rank = int((values["scores"] > 1e-9).sum())
    log_det = float(np.log(np.diag(bound)).sum())
    print(f"rank of the scores {rank}; causal log det = {log_det:.1f}")
    assert rank == HEAD
    assert np.diag(bound).min() > 0
    assert np.linalg.matrix_rank(free) == TOKENS
    assert values["bidirectional"][-1] > 1e6 * values["causal"][-1]
    # d_k = 1: scores of rank 1, softmax of full rank.
    point = np.array([[-1.0], [-0.3], [0.4], [1.2]])
    tiny = attention(point, point, bidirectional(4))
    assert np.linalg.matrix_rank(point @ point.T) == 1
    assert np.linalg.matrix_rank(tiny) == 4 and np.linalg.det(tiny) > 1e-4
    print("d_k = 1, T = 4: rank of the scores 1, of the softmax 4")


def collapse_table() -> None:
    rng = np.random.default_rng(0)
    print(
        "\n5. attention alone, no residual: how far rows of the product differ"
    )
    print("layers  bidirectional      causal  log det of the causal product")
    free, bound, log_det = np.eye(TOKENS), np.eye(TOKENS), 0.0
    far = {}
    for layer in range(1, DEPTH + 1):
        free = random_attention(rng, bidirectional(TOKENS)) @ free
        factor = random_attention(rng, causal(TOKENS))
        bound = factor @ bound
        log_det += float(np.log(np.diag(factor)).sum())
        far[layer] = [float(np.ptp(p, axis=0).max()) for p in (free, bound)]
        if layer in (1, 4, 8):
            print(
                f"{layer:6}{far[layer][0]:15.1e}{far[layer][1]:12.1e}", end=""
            )
            print(f"{log_det:17.0f}")
        if layer == DEPTH:
            print(f"{layer:6}        < 1e-12      < 1e-4{log_det:17.0f}")
    assert far[DEPTH][0] < 1e-12 and far[DEPTH][1] < 1e-4
    assert far[8][1] > 1e3 * far[8][0]  # causal collapses more slowly
    assert np.isfinite(log_det)


if __name__ == "__main__":
    mask_table()
    cost_table()
    reuse_table()
    rank_table()
    collapse_table()
