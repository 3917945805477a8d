"""Vectors for retrieval: temperature, common offset, truncation, storage.

Sources: Zhang et al., Qwen3 Embedding, arXiv:2506.05176 (the loss);
Kusupati et al., Matryoshka Representation Learning, arXiv:2205.13147.
The vectors are synthetic: a query is its document plus noise.
"""

# tolerance: 1e-2

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
D, DOCS, QUERIES = 1024, 1500, 400
DIMS = [16, 32, 64, 128, 256, 512, 1024]


# --8<-- [start:retrieval]
def normalize(x: Array) -> Array:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def info_nce(positive: float, negatives: Array, tau: float) -> float:
    scores = np.concatenate([[positive], negatives]) / tau
    return float(np.log(np.exp(scores - scores[0]).sum()))


def hardest_share(negatives: Array, tau: float) -> float:
    """dL/ds_j is proportional to exp(s_j / tau) over the negatives."""
    weights = np.exp((negatives - negatives.max()) / tau)
    return float(weights.max() / weights.sum())


def recall_at_1(queries: Array, docs: Array) -> float:
    """Query i belongs to document i."""
    hits = (queries @ docs.T).argmax(axis=1) == np.arange(len(queries))
    return float(hits.mean())


def truncated_recall(queries: Array, docs: Array, dim: int) -> float:
    cut = slice(0, dim)
    return recall_at_1(normalize(queries[:, cut]), normalize(docs[:, cut]))


# --8<-- [end:retrieval]


def check_loss() -> None:
    negatives = np.array([0.7, 0.5, 0.3])
    print("positive 0.8, negatives 0.7, 0.5, 0.3")
    print("tau        loss   share of the hardest negative")
    for tau in (1.0, 0.05, 0.01):
        share = hardest_share(negatives, tau)
        print(f"{tau:<6g}{info_nce(0.8, negatives, tau):10.6f}{share:8.3f}")
        # The gradient by differences: shares of the three negatives.
        step = 1e-6
        slopes = [
            info_nce(0.8, negatives + step * e, tau)
            - info_nce(0.8, negatives - step * e, tau)
            for e in np.eye(3)
        ]
        np.testing.assert_allclose(slopes[0] / sum(slopes), share, atol=1e-5)


def pairs(spread: Array, sigma: float = 1.6) -> tuple[Array, Array]:
    """Documents with the given deviation per dimension, and queries."""
    rng = np.random.default_rng(7)
    docs = rng.normal(size=(DOCS, D)) * spread
    noise = sigma * rng.normal(size=(QUERIES, D))  # the same everywhere
    return docs[:QUERIES] + noise, docs


def decaying() -> Array:
    """Most variance in the first dimensions, as MRL training aims for."""
    spread = np.arange(1, D + 1) ** -0.5
    result: Array = spread * np.sqrt(D) / np.linalg.norm(spread)
    return result


def rotation() -> Array:
    rng = np.random.default_rng(3)
    return np.linalg.qr(rng.normal(size=(D, D)))[0]


def check_offset() -> None:
    queries, docs = pairs(np.ones(D))
    offset = np.zeros(D)
    offset[0] = 2 * np.sqrt(D)  # one direction shared by all texts
    print("\n                 right pairs     other pairs")
    print("               mean   > 0.6    mean   > 0.6   recall@1")
    mean = (docs + offset).mean(axis=0)
    stats = {}
    for name, q, x in [
        ("no offset", queries, docs),
        ("offset", queries + offset, docs + offset),
        ("mean removed", queries + offset - mean, docs + offset - mean),
    ]:
        scores = normalize(q) @ normalize(x).T
        right = scores[np.arange(QUERIES), np.arange(QUERIES)]
        other = scores[~np.eye(QUERIES, DOCS, dtype=bool)]
        above = (other > 0.6).mean()
        recall = recall_at_1(normalize(q), normalize(x))
        stats[name] = (right.mean(), other.mean(), above, recall)
        # A threshold of 0.6 takes all the right pairs or none of them.
        assert (right > 0.6).mean() == float(name == "offset")
        print(
            f"{name:14}{right.mean():5.2f}{(right > 0.6).mean():8.2f}"
            f"{abs(other.mean()):8.2f}{above:8.3f}{recall:11.2f}"
        )
    # The mean of the documents is the offset up to sampling error.
    np.testing.assert_allclose(mean, offset, atol=0.15)
    assert abs(stats["no offset"][1]) < 0.01
    assert stats["offset"][1] > 0.6
    assert stats["no offset"][2] == 0
    assert stats["offset"][2] > 0.99
    assert stats["offset"][3] > 0.95
    np.testing.assert_allclose(
        stats["mean removed"][:2], stats["no offset"][:2], atol=0.01
    )


def curves() -> dict[str, list[float]]:
    queries, docs = pairs(decaying(), 4.0)
    turn = rotation()
    q, x = queries @ turn, docs @ turn
    axes = np.linalg.eigh(x.T @ x)[1][:, ::-1]  # largest variance first
    return {
        "ordered": [truncated_recall(queries, docs, k) for k in DIMS],
        "rotated": [truncated_recall(q, x, k) for k in DIMS],
        "rotated, PCA": [
            truncated_recall(q @ axes, x @ axes, k) for k in DIMS
        ],
        "unscaled": [
            recall_at_1(queries[:, :k], normalize(docs)[:, :k]) for k in DIMS
        ],
    }


def check_truncation() -> None:
    print("\nrecall@1 by dims" + "".join(f"{k:7d}" for k in DIMS))
    result = curves()
    for name, row in result.items():
        print(f"{name:16}" + "".join(f"{value:7.2f}" for value in row))
    ordered, rotated = result["ordered"], result["rotated"]
    # A rotation leaves all cosines alone, so the full vectors agree.
    assert abs(ordered[-1] - rotated[-1]) < 0.005
    at = DIMS.index(64)
    assert ordered[at] > rotated[at] + 0.2
    assert result["rotated, PCA"][at] > ordered[at] - 0.01
    assert result["unscaled"][at] < ordered[at] - 0.02
    assert result["unscaled"][-1] == ordered[-1]


def check_storage() -> None:
    print("\n10,000,000 vectors             bytes each      GB")
    rows = [("fp32", 1024, 4.0), ("int8", 1024, 1.0), ("binary", 1024, 1 / 8)]
    rows += [("fp32", 256, 4.0), ("fp32", 4096, 4.0)]
    for kind, dim, size in rows:
        each = dim * size
        print(f"{kind:8}{dim:6d} dims{each:22,.0f}{each * 1e7 / 1e9:8.2f}")
    queries, docs = pairs(np.ones(D), 5.0)
    q, x = np.sign(queries), np.sign(docs)
    full, signs = truncated_recall(queries, docs, D), recall_at_1(q, x)
    print(f"recall@1, fp32 {full:.2f}, signs only {signs:.2f}")
    assert signs < full - 0.1


if __name__ == "__main__":
    check_loss()
    check_offset()
    check_truncation()
    check_storage()
