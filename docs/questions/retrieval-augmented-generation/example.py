"""Retrieval for RAG: BM25, latent vectors, their fusion, recall@k.

Sources: Cormack et al., doi:10.1145/1571941.1572114 (reciprocal rank
fusion); Lewis et al., arXiv:2005.11401 (RAG-Sequence and RAG-Token).
"""

import re
from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# --8<-- [start:corpus]
CODES = ["E" + "".join(digits) for digits in permutations("0147")]
CORPUS = [
    "退货须在签收后七天内申请，商品保持完好。",
    "保修两年，自购买之日起算，电池除外。",
    "电机过热，断电冷却半小时。",
    "水箱缺水，加水后重启。",
    "尘盒未装好，重新装入。",
    "滤网每三个月清洗一次，晾干后再装。",
    "额定功率 1500 瓦，适用 220 伏电源。",
    "发票在发货后寄到下单的邮箱。",
    "Hold the power button for five seconds to join a wireless network.",
    "A refund is paid to the original card within five days.",
    "Charge the battery fully before first use.",
    "Delivery takes three working days.",
    "Store the machine in a dry place.",
    "Software updates are installed at night.",
    *(
        f"错误码 {code}，见手册第 {i + 20} 页。"
        for i, code in enumerate(CODES)
    ),
]
# --8<-- [end:corpus]
# What the latent space is trained on besides the corpus: 14 lines.
GLOSSARY = [
    "清洗 清洁 洗 clean wash",
    "滤网 过滤网 过滤器 filter",
    "保修 质保 warranty guarantee",
    "退款 退钱 refund money back",
    "退货 退回 不想要 return goods",
    "无线网络 上网 Wi-Fi wireless network",
    "充电 charge charging",
    "电池 battery",
    "送货 送到 发货 delivery shipping arrive",
    "过热 太烫 高温 overheat hot",
    "电机 马达 motor",
    "多久 几天 几个月 how often how long",
    "错误码 故障 报错 error code",
    "配件 型号 部件 part number model",
]
# kind, query, the one document that answers it
QUERIES = [
    *(
        ("identifier", f"{code} 怎么处理", i)
        for i, code in enumerate(CODES, 14)
    ),
    ("meaning", "马达太烫", 2),
    ("meaning", "不想要了怎么退回", 0),
    ("meaning", "get my money back", 9),
    ("meaning", "how long is shipping", 11),
    ("meaning", "如何连上无线网络", 8),
    ("meaning", "how to wash the filter", 5),
    ("meaning", "guarantee period", 1),
    ("meaning", "怎么充电", 10),
    ("unknown", "凭证", 7),
]
KINDS = ("identifier", "meaning", "unknown")
METHODS = ("BM25", "dense", "fused", "fused, stop list")
STOP = ("how", "is", "the", "to", "my", "in")
RANK = 12


def runs(text: str) -> list[str]:
    """Runs of Latin letters, digits and hyphens, and runs of Han."""
    return re.findall(r"[a-z0-9-]+|[\u4e00-\u9fff]+", text.lower())


def words(text: str) -> list[str]:
    """Tokens for BM25: whole Latin words, bigrams of Han."""
    found: list[str] = []
    for run in runs(text):
        cut = [run[i : i + 2] for i in range(len(run) - 1)]
        found += [run] if run.isascii() else cut or [run]
    return found


def pieces(text: str) -> list[str]:
    """Features for the vectors: trigrams of Latin, 1- and 2-grams of Han."""
    found: list[str] = []
    for run in runs(text):
        padded = f"_{run}_" if run.isascii() else run
        for n in (3,) if run.isascii() else (1, 2):
            found += [padded[i : i + n] for i in range(len(padded) - n + 1)]
    return found


# --8<-- [start:retrieval]
def bm25(
    query: str, stop: Sequence[str] = (), k1: float = 1.2, b: float = 0.75
) -> Array:
    """A score for each document; 0 where no word is shared."""
    docs = [words(text) for text in CORPUS]
    mean, n = np.mean([len(doc) for doc in docs]), len(docs)
    score = np.zeros(n)
    for word in words(query):
        if word in stop:
            continue
        df = sum(word in doc for doc in docs)
        idf = np.log(1 + (n - df + 0.5) / (df + 0.5))
        for i, doc in enumerate(docs):
            tf, length = doc.count(word), 1 - b + b * len(doc) / mean
            score[i] += idf * tf * (k1 + 1) / (tf + k1 * length)
    return score


def ranking(score: Array) -> list[int]:
    """Documents that scored above 0, best first."""
    order = np.argsort(-score, kind="stable")
    return [int(i) for i in order if score[i] > 1e-9]


def fuse(rankings: Sequence[Sequence[int]], k: int = 60) -> Array:
    """Reciprocal rank fusion: an absent document adds nothing."""
    score = np.zeros(len(CORPUS))
    for ranked in rankings:
        for place, doc in enumerate(ranked, start=1):
            score[doc] += 1 / (k + place)
    return score


# --8<-- [end:retrieval]


class Latent:
    """Latent semantic analysis: a truncated SVD of TF-IDF rows."""

    def __init__(self, texts: Sequence[str], rank: int) -> None:
        counts = [pieces(text) for text in texts]
        self.index = {
            p: i for i, p in enumerate(sorted({p for c in counts for p in c}))
        }
        df = np.zeros(len(self.index))
        for c in counts:
            for p in set(c):
                df[self.index[p]] += 1
        self.idf: Array = np.log(len(texts) / df) + 1
        rows = np.stack([self.row(text) for text in texts])
        _, _, right = np.linalg.svd(rows, full_matrices=False)
        self.basis: Array = right[:rank].T

    def row(self, text: str) -> Array:
        row = np.zeros(len(self.index))
        for piece in pieces(text):
            if piece in self.index:
                row[self.index[piece]] += 1
        row *= self.idf
        norm = np.linalg.norm(row)
        result: Array = row / norm if norm > 0 else row
        return result

    def vector(self, text: str) -> Array:
        v = self.row(text) @ self.basis
        norm = np.linalg.norm(v)
        result: Array = v / norm if norm > 1e-9 else v
        return result


def rankings(query: str, model: Latent) -> dict[str, list[int]]:
    docs = np.stack([model.vector(text) for text in CORPUS])
    lexical, dense = ranking(bm25(query)), ranking(docs @ model.vector(query))
    strict = ranking(bm25(query, STOP))
    return {
        "BM25": lexical,
        "dense": dense,
        "fused": ranking(fuse([lexical, dense])),
        "fused, stop list": ranking(fuse([strict, dense])),
    }


def places(model: Latent) -> dict[str, list[int]]:
    """Rank of the right document for each query; 0: not retrieved."""
    result: dict[str, list[int]] = {method: [] for method in METHODS}
    for _, query, target in QUERIES:
        for method, ranked in rankings(query, model).items():
            found = ranked.index(target) + 1 if target in ranked else 0
            result[method].append(found)
    return result


def recall(at: Sequence[int], kind: str, k: int) -> float:
    """Share of the queries of a kind whose document is among the top k."""
    own = [p for p, query in zip(at, QUERIES, strict=True) if query[0] == kind]
    return float(np.mean([0 < place <= k for place in own]))


def sweep(ranks: Sequence[int], kind: str) -> list[float]:
    """recall@1 of the vectors alone, by the number of dimensions."""
    return [recall(dense(rank), kind, 1) for rank in ranks]


def dense(rank: int) -> list[int]:
    model = Latent(CORPUS + GLOSSARY, rank)
    docs = np.stack([model.vector(text) for text in CORPUS])
    found = []
    for _, query, target in QUERIES:
        ranked = ranking(docs @ model.vector(query))
        found.append(ranked.index(target) + 1 if target in ranked else 0)
    return found


def check_retrieval() -> None:
    table = places(Latent(CORPUS + GLOSSARY, RANK))
    counts = {
        kind: sum(query[0] == kind for query in QUERIES) for kind in KINDS
    }
    print(f"{len(CORPUS)} documents, {len(GLOSSARY)} glossary lines, ", end="")
    print(f"{RANK} latent dimensions")
    print("queries            " + "".join(f"{k:>18}" for k in KINDS[:2]))
    print(
        "number             " + "".join(f"{counts[k]:18}" for k in KINDS[:2])
    )
    print("recall@k           " + 2 * "     k = 1   k = 3")
    for method in METHODS:
        cells = [
            recall(table[method], k, n) for k in KINDS[:2] for n in (1, 3)
        ]
        row = f"{cells[0]:10.3f}{cells[1]:8.3f}{cells[2]:10.3f}{cells[3]:8.3f}"
        print(f"{method:19}{row}")

    print("\nrank of the right document\n BM25  dense  fused  stop list")
    for i in range(counts["identifier"], len(QUERIES)):
        row = [f"{table[method][i] or '-':>5}" for method in METHODS]
        print("  ".join(row) + "      " + QUERIES[i][1])

    assert recall(table["BM25"], "identifier", 1) == 1
    assert recall(table["BM25"], "meaning", 20) == 0
    assert recall(table["dense"], "identifier", 1) < 0.8
    assert recall(table["dense"], "meaning", 1) == 1
    # Fusion repairs the identifiers and loses some of the meaning,
    # which a stop list gives back.
    assert recall(table["fused"], "identifier", 1) == 1
    assert recall(table["fused"], "meaning", 1) < 1
    assert recall(table["fused, stop list"], "identifier", 1) == 1
    assert recall(table["fused, stop list"], "meaning", 1) == 1
    # A word that the latent space has not seen is found by none.
    assert all(table[method][-1] == 0 for method in METHODS)

    ranks = (4, 8, 12, 24, 36, 48)
    print("\nvectors alone, recall@1   dimensions")
    print("            " + "".join(f"{r:7}" for r in ranks))
    for kind in KINDS[:2]:
        values = sweep(ranks, kind)
        print(f"{kind:12}" + "".join(f"{v:7.3f}" for v in values))
    assert sweep((8,), "identifier")[0] < 0.2
    assert sweep((48,), "identifier")[0] == 1
    assert sweep((48,), "meaning")[0] <= 0.5


def check_fusion() -> None:
    score = fuse([[0, 1], [1, 2, 0]])  # A = 0: ranks 1, 3; B = 1: 2, 1
    print(f"\nRRF, k = 60   A {score[0]:.6f}   B {score[1]:.6f}")
    np.testing.assert_allclose(score[:2], [1 / 61 + 1 / 63, 1 / 62 + 1 / 61])
    assert score[1] > score[0]

    prior = np.array([0.6, 0.4])
    first, second = np.array([0.9, 0.1]), np.array([0.2, 0.8])
    sequence = float(prior @ (first * second))
    token = float((prior @ first) * (prior @ second))
    print(f"RAG-Sequence {sequence:.4f}   RAG-Token {token:.4f}")
    np.testing.assert_allclose([sequence, token], [0.14, 0.2552])
    # Both are distributions: over two tokens of two symbols each.
    one, two = np.stack([first, 1 - first]), np.stack([second, 1 - second])
    pairs = [(a, b) for a in one for b in two]
    np.testing.assert_allclose(sum(prior @ (a * b) for a, b in pairs), 1)
    total = sum((prior @ a) * (prior @ b) for a, b in pairs)
    np.testing.assert_allclose(total, 1)

    print("\nanswers right   recall@k 0.60   0.80   0.95")
    for given in (0.9, 0.95):
        values = [given * r + 0.1 * (1 - r) for r in (0.6, 0.8, 0.95)]
        row = "".join(f"{value:7.3f}" for value in values)
        print(f"P(right | evidence) {given:4.2f}   {row}")


if __name__ == "__main__":
    check_retrieval()
    check_fusion()
