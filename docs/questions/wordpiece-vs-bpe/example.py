"""BPE and WordPiece by hand: three criteria for a merge, two encoders.

Sources: Sennrich et al., arXiv:1508.07909 (BPE); Schuster and Nakajima,
ICASSP 2012 (likelihood); the corpus and the ratio score are those of the
Hugging Face LLM Course, chapter 6.
"""

import math
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

Pair = tuple[str, str]
Counts = tuple[Counter[str], Counter[Pair]]
Split = dict[str, list[str]]
CORPUS = {"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}


# --8<-- [start:criteria]
def frequency(counts: Counts, pair: Pair) -> float:
    """BPE, and WordPiece as trained by Hugging Face Tokenizers."""
    return counts[1][pair]


def gain(counts: Counts, pair: Pair) -> float:
    """Growth of the unigram log-likelihood if a != b are merged; exact."""
    tokens, pairs = counts
    n, total = pairs[pair], tokens.total()
    growth = xlogx(n) + xlogx(total) - xlogx(total - n)
    for part in pair:
        growth += xlogx(tokens[part] - n) - xlogx(tokens[part])
    return growth


def ratio(counts: Counts, pair: Pair) -> float:
    """The score of the tutorials: exp(PMI) up to a constant."""
    tokens, pairs = counts
    return pairs[pair] / (tokens[pair[0]] * tokens[pair[1]])


def replay(word: str, merges: list[Pair]) -> list[str]:
    """BPE: apply the learned merges in their order."""
    parts = characters(word)
    for pair in merges:
        parts = merge(parts, pair)
    return parts


def longest_match(word: str, vocabulary: set[str]) -> list[str]:
    """WordPiece: from the left, the longest token; else the word is lost."""
    parts, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            token = ("##" if start else "") + word[start:end]
            if token in vocabulary:
                break
        else:
            return ["[UNK]"]
        parts.append(token)
        start = end
    return parts


# --8<-- [end:criteria]


def xlogx(x: float) -> float:
    return x * math.log(x) if x else 0.0


def phi(r: float) -> float:
    """From 1 at r = 0 down to 0 at r = 1."""
    return -(1 - r) * math.log(1 - r) / r if r < 1 else 0.0


def characters(word: str) -> list[str]:
    return [word[0], *("##" + c for c in word[1:])]


def join(pair: Pair) -> str:
    return pair[0] + pair[1].removeprefix("##")


def merge(parts: list[str], pair: Pair) -> list[str]:
    out: list[str] = []
    for part in parts:
        if out and (out[-1], part) == pair:
            out[-1] = join(pair)
        else:
            out.append(part)
    return out


def count(split: Split, corpus: dict[str, int]) -> Counts:
    tokens: Counter[str] = Counter()
    pairs: Counter[Pair] = Counter()
    for word, times in corpus.items():
        for token in split[word]:
            tokens[token] += times
        for pair in pairwise(split[word]):
            pairs[pair] += times
    return tokens, pairs


def log_likelihood(counts: Counts) -> float:
    """Each token drawn with its relative frequency."""
    tokens = counts[0]
    return sum(map(xlogx, tokens.values())) - xlogx(tokens.total())


def train(
    corpus: dict[str, int],
    criterion: Callable[[Counts, Pair], float],
    merges: int,
) -> tuple[list[Pair], Split]:
    """Merge the pair with the largest criterion; the earliest wins ties."""
    split = {word: characters(word) for word in corpus}
    learned = []
    for _ in range(merges):
        counts = count(split, corpus)
        best = max(counts[1], key=lambda p: round(criterion(counts, p), 9))
        learned.append(best)
        split = {word: merge(parts, best) for word, parts in split.items()}
    return learned, split


CRITERIA = {"frequency": frequency, "likelihood": gain, "ratio": ratio}


def first_pairs() -> list[tuple[Pair, int, float, float]]:
    """Pair, count, gain and ratio before the first merge."""
    counts = count({w: characters(w) for w in CORPUS}, CORPUS)
    return [
        (pair, n, gain(counts, pair), ratio(counts, pair))
        for pair, n in counts[1].items()
    ]


def check_first_merge() -> None:
    split = {word: characters(word) for word in CORPUS}
    counts = count(split, CORPUS)
    tokens, total = counts[0], counts[0].total()
    print(f"before the first merge: {total} tokens")
    print("pair           n  c(a)  c(b)   ratio     PMI   shift    gain")
    for pair, n, growth, score in first_pairs():
        sizes = [tokens[part] for part in pair]
        pmi = math.log(n * total / math.prod(sizes))
        shift = phi(n / total) - sum(phi(n / size) for size in sizes)
        cells = "".join(f"{size:6}" for size in sizes)
        row = f"{f'1/{1 / score:.0f}':>8}{pmi:8.3f}{shift:8.3f}{growth:8.2f}"
        print(f"{' '.join(pair):<12}{n:4}{cells}{row}")
        assert math.isclose(growth, n * (pmi + shift))
        # The gain is what recounting after the merge gives.
        after = {word: merge(parts, pair) for word, parts in split.items()}
        recount = log_likelihood(count(after, CORPUS))
        assert math.isclose(growth, recount - log_likelihood(counts))
        assert count(after, CORPUS)[0].total() == total - n
    best = [max(first_pairs(), key=lambda r: r[i])[0] for i in (1, 2, 3)]
    assert best == [("##u", "##g"), ("##u", "##g"), ("##g", "##s")]


def check_merges() -> None:
    print("\nmerge  " + "".join(f"{name:<14}" for name in CRITERIA).rstrip())
    learned = {n: train(CORPUS, c, 7)[0] for n, c in CRITERIA.items()}
    for i, row in enumerate(zip(*learned.values(), strict=True), 1):
        cells = "".join(f"{' '.join(pair):<14}" for pair in row)
        print(f"{i:5}  {cells.rstrip()}")
    same = [
        a == b
        for a, b in zip(
            learned["frequency"], learned["likelihood"], strict=True
        )
    ]
    # Likelihood follows frequency for five merges, then prefers the pair
    # that is rarer but stickier; the ratio differs from the first.
    assert same == [True] * 5 + [False] * 2
    assert learned["ratio"][0] == ("##g", "##s")
    assert not set(learned["ratio"]) & set(learned["likelihood"])

    print("\nafter 4 merges      tokens  log-likelihood")
    tally = {}
    for name, criterion in CRITERIA.items():
        counts = count(train(CORPUS, criterion, 4)[1], CORPUS)
        tally[name] = counts[0].total()
        print(f"  {name:<14}{tally[name]:9}{log_likelihood(counts):16.1f}")
    assert tally["ratio"] > tally["frequency"]

    # The step where the course says that two pairs tie at 1/15.
    split = train(CORPUS, ratio, 2)[1]
    counts = count(split, CORPUS)
    print("\nratio, third merge")
    for pair in (("hu", "##gs"), ("hu", "##g")):
        n, (a, b) = counts[1][pair], (counts[0][part] for part in pair)
        print(f"  {' '.join(pair):<9}{n:3} / ({a} x {b}) = {n / (a * b):.4f}")
    assert ratio(counts, ("hu", "##gs")) > ratio(counts, ("hu", "##g"))


def vocabulary(corpus: dict[str, int], merges: list[Pair]) -> set[str]:
    letters = {token for word in corpus for token in characters(word)}
    return letters | {join(pair) for pair in merges}


def check_encoding() -> None:
    small = {"the": 6, "her": 4, "over": 5}
    merges = train(small, frequency, 3)[0]
    known = vocabulary(small, merges)
    print("\nthe x 6, her x 4, over x 5: ", end="")
    print(", ".join(" ".join(pair) for pair in merges))
    for word in ("there", "her", "them"):
        bpe, wordpiece = replay(word, merges), longest_match(word, known)
        lost = [part if part in known else "[UNK]" for part in bpe]
        print(f"  {word:<6} replay {' '.join(lost)}")
        print(f"  {'':<6} longest match {' '.join(wordpiece)}")
        assert (lost == wordpiece) == (word == "her")
    assert longest_match("them", known) == ["[UNK]"]


if __name__ == "__main__":
    check_first_merge()
    check_merges()
    check_encoding()
