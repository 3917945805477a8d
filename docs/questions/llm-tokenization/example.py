"""Byte-level BPE on Chinese words, a Unigram model, and recorded splits.

Sources: Sennrich et al., arXiv:1508.07909 (BPE); Kudo, arXiv:1804.10959
(Unigram). The splits under real vocabularies were recorded with the npm
packages js-tiktoken 1.0.21, llama-tokenizer-js 1.2.2 and
llama3-tokenizer-js 1.2.0 (2026-11); nothing is downloaded here.
"""

import math
from collections import Counter
from itertools import accumulate, pairwise

Pair = tuple[bytes, bytes]


# --8<-- [start:tokenizers]
def merge(parts: list[bytes], pair: Pair) -> list[bytes]:
    out: list[bytes] = []
    for part in parts:
        if out and (out[-1], part) == pair:
            out[-1] += part
        else:
            out.append(part)
    return out


def train_bpe(words: dict[str, int], merges: int) -> list[tuple[Pair, int]]:
    """Merge the most frequent pair of neighbours; the earliest wins ties."""
    split = {w: [bytes([b]) for b in w.encode()] for w in words}
    learned = []
    for _ in range(merges):
        pairs: Counter[Pair] = Counter()
        for word, count in words.items():
            for pair in pairwise(split[word]):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: pairs[pair])
        learned.append((best, pairs[best]))
        split = {word: merge(parts, best) for word, parts in split.items()}
    return learned


def viterbi(text: str, p: dict[str, float]) -> list[str]:
    """The segmentation with the largest product of probabilities."""
    best = [(1.0, [""])] + [(0.0, [""])] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(end):
            q, path = best[start]
            q *= p.get(text[start:end], 0.0)
            if q > best[end][0]:
                best[end] = q, [*path, text[start:end]]
    return best[-1][1][1:]


# --8<-- [end:tokenizers]


def encode(text: str, merges: list[Pair]) -> list[bytes]:
    """Replay the merges in the order in which they were learned."""
    parts = [bytes([b]) for b in text.encode()]
    for pair in merges:
        parts = merge(parts, pair)
    return parts


def show(part: bytes) -> str:
    """Whole characters as such, other bytes as hex."""
    try:
        return part.decode()
    except UnicodeDecodeError:
        return part.hex().upper()


def alphabet() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = [b for b in range(256) if b not in printable]
    table = {b: chr(b) for b in printable}
    return table | {b: chr(256 + i) for i, b in enumerate(other)}


BYTE_CORPUS = {"语言": 4, "词语": 3, "说话": 2}
BYTE_MERGES = 6


def check_bytes() -> None:
    learned = train_bpe(BYTE_CORPUS, BYTE_MERGES)
    merges = [pair for pair, _ in learned]
    print("byte-level BPE: 语言 x 4, 词语 x 3, 说话 x 2")
    for i, (pair, count) in enumerate(learned, 1):
        left, right = map(show, pair)
        print(f"  merge {i}: {left} + {right}, {count} times")
    assert show(b"".join(merges[0])) == "E8AF"
    assert show(b"".join(merges[1])) == "语"
    for text in ("语言", "语文", "诗", "a"):
        parts = encode(text, merges)
        shown = " | ".join(map(show, parts))
        print(f"  {text} -> {shown}")
        assert b"".join(parts) == text.encode()  # any text, no UNK
    table = alphabet()
    assert len(set(table.values())) == 256
    printed = "".join(table[b] for b in "语".encode())
    print(f"  GPT-2 prints 语 as {printed} and a space as {table[32]}")
    assert printed == "è¯Ń"


def segmentations(text: str, vocabulary: set[str]) -> list[list[str]]:
    if not text:
        return [[]]
    return [
        [text[:i], *rest]
        for i in range(1, len(text) + 1)
        if text[:i] in vocabulary
        for rest in segmentations(text[i:], vocabulary)
    ]


CORPUS = {"研究": 5, "研究生": 2, "生命": 6, "研究生命": 1, "生": 2, "命": 1}


def probability(parts: list[str], p: dict[str, float]) -> float:
    return math.prod(p[part] for part in parts)


def em(vocabulary: set[str], rounds: int) -> tuple[dict[str, float], float]:
    """Fit token probabilities; returns them and the log-likelihood."""
    tally: Counter[str] = Counter()
    for word, count in CORPUS.items():
        for token in vocabulary:
            hits = sum(word.startswith(token, i) for i in range(len(word)))
            tally[token] += count * hits
    p = {token: n / tally.total() for token, n in tally.items()}
    likelihoods = []
    for _ in range(rounds):
        expected, total = dict.fromkeys(sorted(vocabulary), 0.0), 0.0
        for word, count in CORPUS.items():
            ways = segmentations(word, vocabulary)
            mass = sum(probability(way, p) for way in ways)
            total += count * math.log(mass)
            for way in ways:
                for token in way:
                    expected[token] += count * probability(way, p) / mass
        p = {k: v / sum(expected.values()) for k, v in expected.items()}
        likelihoods.append(total)
    assert all(b >= a - 1e-9 for a, b in pairwise(likelihoods))
    return p, likelihoods[-1]


def seed_vocabulary() -> set[str]:
    """All substrings of at most three characters."""
    return {
        word[i:j]
        for word in CORPUS
        for i in range(len(word))
        for j in range(i + 1, min(i + 3, len(word)) + 1)
    }


def pad(text: str, width: int) -> str:
    """Padded to width columns; a Chinese character takes two."""
    wide = sum(ord(character) >= 0x2E80 for character in text)
    return text + " " * (width - len(text) - wide)


def check_unigram() -> None:
    seed = seed_vocabulary()
    shown = ("研究", "生命", "研究生", "生", "命", "究生")
    print("\nUnigram, probabilities after rounds of EM")
    print("  round    " + "".join(pad(t, 9) for t in shown).rstrip())
    for rounds in (1, 2, 100):
        p = em(seed, rounds)[0]
        print(f"  {rounds:5} " + "".join(f"{p[t]:9.4f}" for t in shown))
    p, full = em(seed, 100)
    assert p["究生"] < 1e-6 < p["研究生"]

    text = "研究生命"
    ways = segmentations(text, {t for t in seed if p[t] > 1e-6})
    mass = sum(probability(way, p) for way in ways)
    print(f"  {text}: probability, share")
    for way in sorted(ways, key=lambda way: -probability(way, p)):
        q = probability(way, p)
        print(f"    {pad(' | '.join(way), 16)}{q:6.4f}{q / mass:8.1%}")
    assert viterbi(text, p) == ["研究", "生命"]
    longest = max((t for t in seed if text.startswith(t)), key=len)
    print(f"  longest match from the left starts with {longest}")
    assert longest == "研究生"

    print("  loss of log-likelihood without a token")
    for token in ("究生", "研究生", "生命", "研究"):
        loss = full - em(seed - {token}, 100)[1]
        print(f"    {pad(token, 8)}{abs(loss):6.2f}")
        assert (loss < 1e-6) == (token == "究生")


CHINESE = "大型语言模型中的注意力机制是如何工作的？"
ENGLISH = "How does the attention mechanism of a large language model work?"
DIGITS = "1234567890"
# Bytes of the text in each token; 0 is a lone word-boundary mark.
ONES, PAIRS = [1] * 10, [2, 1] * 5
RECORDED = {
    "GPT-2 (r50k)": (
        [3, 1, 1, 1, 2, *ONES, 3, 3, *PAIRS, 3, *PAIRS[:6], 3, 3, 1, 1, 1],
        [3, 5, 4, 10, 10, 3, 2, 6, 9, 6, 5, 1],
        [3, 2, 3, 2],
    ),
    "Llama 2": ([0, *[3] * 20], [3, 5, 4, 10, 10, 3, 2, 6, 9, 6, 5, 1], ONES),
    "cl100k": (
        [*[3] * 8, 6, *[3] * 10],
        [3, 5, 4, 10, 10, 3, 2, 6, 9, 6, 5, 1],
        [3, 3, 3, 1],
    ),
    "Llama 3": (
        [3, 3, 6, 6, 6, 6, 3, 3, 3, 3, 6, 6, 3, 3],
        [3, 5, 4, 10, 10, 3, 2, 6, 9, 6, 5, 1],
        [3, 3, 3, 1],
    ),
    "o200k": (
        [6, 6, 6, 6, 6, 3, 6, 3, 6, 9, 3],
        [3, 5, 4, 10, 10, 3, 2, 6, 9, 6, 5, 1],
        [3, 3, 3, 1],
    ),
}


def cuts(text: str, lengths: list[int]) -> list[bool]:
    """For each token, whether it begins or ends inside a character."""
    inside = set(range(len(text.encode()) + 1))
    inside -= set(accumulate((len(c.encode()) for c in text), initial=0))
    ends = accumulate(lengths, initial=0)
    return [a in inside or b in inside for a, b in pairwise(ends)]


def check_recorded() -> None:
    print(f"\nrecorded: {len(CHINESE)} Chinese characters, ", end="")
    print(f"{len(CHINESE.encode())} bytes; {len(ENGLISH)} bytes of English")
    print("                zh tokens   /char  in pieces   en tokens")
    for name, (zh, en, digits) in RECORDED.items():
        for text, part in ((CHINESE, zh), (ENGLISH, en), (DIGITS, digits)):
            assert sum(part) == len(text.encode())
        broken = sum(cuts(CHINESE, zh))
        rate = len(zh) / len(CHINESE)
        print(f"  {name:<14}{len(zh):9}{rate:8.2f}{broken:11}{len(en):12}")
        assert (broken > 0) == (name == "GPT-2 (r50k)")


def check_vocabularies() -> None:
    assert 256 + 50_000 + 1 == 50_257 and 128_000 + 256 == 128_256
    print("\nembedding and output layer, untied, d = 4096")
    for name, size, total in [
        ("Llama 2 7B", 32_000, 6_738_415_616),
        ("Llama 3 8B", 128_256, 8_030_261_248),
    ]:
        both = 2 * size * 4096
        print(f"  {name}  {size:7,}{both:15,}{both / total:7.1%}")


if __name__ == "__main__":
    check_bytes()
    check_unigram()
    check_recorded()
    check_vocabularies()
