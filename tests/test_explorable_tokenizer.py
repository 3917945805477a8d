"""The tokenizer explorable gives the numbers of the pages' examples."""

import random
from itertools import pairwise
from pathlib import Path

import pytest
from explorable_arithmetic import arithmetic, example

call = arithmetic("tokenizer")
bytes_page = example("llm-tokenization")
page = example("wordpiece-vs-bpe")

CRITERIA = page.CRITERIA
BYTE_CORPORA = [
    {"语言": 4, "词语": 3, "说话": 2},
    {"语言": 1, "naïve": 3, "🙂🙃": 2, "模型的": 5, "aaa": 2},
    {"研究生": 3, "研究生命": 2, "生命": 7},
]
CORPORA = [
    page.CORPUS,
    {"the": 6, "her": 4, "over": 5},
    {"slow": 3, "slower": 2, "lowest": 4, "newest": 1, "the": 9},
]
ENCODED = ["语言", "语文", "诗", "a", "naive", "模型", "😀"]


def corpora(seed: int, letters: str) -> dict[str, int]:
    """Words without a letter twice in a row, which the page's gain leaves out."""
    rng = random.Random(seed)
    found = {}
    while len(found) < 8:
        word = "".join(rng.choices(letters, k=rng.randint(2, 7)))
        if all(a != b for a, b in pairwise(word)):
            found[word] = rng.randint(1, 12)
    return found


def text_of(corpus: dict[str, int]) -> str:
    return " ".join(f"{word}×{count}" for word, count in corpus.items())


def computed(corpus, unit, criterion, merges, word=""):
    return call(
        "compute",
        {
            "text": text_of(corpus),
            "unit": unit,
            "criterion": criterion,
            "merges": merges,
            "word": word,
        },
    )


def as_bytes(token: str) -> bytes:
    return token.encode("latin-1")


@pytest.mark.parametrize(
    "corpus", BYTE_CORPORA, ids=["page", "mixed", "unigram"]
)
@pytest.mark.parametrize("merges", [0, 1, 3, 6, 10])
def test_byte_merges_agree(corpus, merges) -> None:
    assert merges <= 10
    made = computed(corpus, "bytes", "frequency", merges, " ".join(ENCODED))
    learned = bytes_page.train_bpe(corpus, merges)
    assert [
        (tuple(map(as_bytes, one["pair"])), one["n"])
        for one in made["learned"]
    ] == learned
    pairs = [pair for pair, _ in learned]
    pieces = [
        part
        for word in made_pieces(ENCODED)
        for part in bytes_page.encode(word, pairs)
    ]
    assert [as_bytes(one) for one in made["replay"]] == pieces
    for word, parts in zip(corpus, made["state"]["split"], strict=True):
        assert list(map(as_bytes, parts)) == bytes_page.encode(word, pairs)


def made_pieces(words):
    """The words as the explorable takes them apart: the emoji is no letter."""
    return [word for [word, _] in call("corpusOf", " ".join(words))]


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(
    "corpus",
    [*CORPORA, corpora(1, "abcde"), corpora(2, "lowernst"), corpora(3, "ab")],
    ids=["page", "there", "slow", "random", "letters", "two"],
)
def test_character_merges_agree(corpus, criterion) -> None:
    known_tokens = {t for word in corpus for t in page.characters(word)}
    for merges in range(10):
        expected, split = page.train(corpus, CRITERIA[criterion], merges)
        # Where two tokens alike come together the page's formula for the gain
        # does not hold; see below.
        if any(a == b for word in split.values() for a, b in pairwise(word)):
            break
        counts = page.count(split, corpus)
        if not counts[1]:
            break
        made = computed(
            corpus, "characters", criterion, merges, "hugs them there"
        )
        assert [tuple(one["pair"]) for one in made["learned"]] == expected
        assert made["state"]["split"] == list(split.values())
        assert made["state"]["total"] == counts[0].total()
        assert made["state"]["logLikelihood"] == pytest.approx(
            page.log_likelihood(counts)
        )
        for one in made["state"]["pairs"]:
            pair = tuple(one["pair"])
            assert one["n"] == counts[1][pair]
            assert one["score"] == pytest.approx(
                CRITERIA[criterion](counts, pair)
            )
        vocabulary = page.vocabulary(corpus, expected)
        assert vocabulary >= known_tokens
        assert made["size"] == len(vocabulary)
        words = ["hugs", "them", "there"]
        assert made["longest"] == [
            part
            for word in words
            for part in page.longest_match(word, vocabulary)
        ]
        assert made["replay"] == [
            part if part in vocabulary else "[UNK]"
            for word in words
            for part in page.replay(word, expected)
        ]


def test_the_page_has_these_merges() -> None:
    """Seven merges of each criterion, as they are recorded."""
    text = Path(page.__file__).with_suffix(".out").read_text(encoding="utf-8")
    text = text.split("\nmerge ")[1].split("\n\n")[0].splitlines()[1:]
    columns = list(zip(*(row.split()[1:] for row in text), strict=True))
    for i, criterion in enumerate(("frequency", "likelihood", "ratio")):
        recorded = list(zip(columns[2 * i], columns[2 * i + 1], strict=True))
        made = computed(page.CORPUS, "characters", criterion, 7)
        assert [tuple(one["pair"]) for one in made["learned"]] == recorded


def test_the_gain_is_what_counting_again_gives() -> None:
    """Also of two tokens alike, which overlap in a row ("aaa")."""
    corpus = {"aaaa": 3, "baab": 2, "aaa": 5, "abab": 1}
    states = call(
        "train", list(map(list, corpus.items())), "characters", "likelihood", 4
    )
    alike = 0
    for state in states:
        split = dict(zip(corpus, state["split"], strict=True))
        before = page.log_likelihood(page.count(split, corpus))
        assert state["logLikelihood"] == pytest.approx(before)
        for one in state["pairs"]:
            pair = tuple(one["pair"])
            alike += pair[0] == pair[1]
            merged = {w: page.merge(parts, pair) for w, parts in split.items()}
            after = page.log_likelihood(page.count(merged, corpus))
            assert one["score"] == pytest.approx(after - before)
    assert alike


def test_training_ends_when_nothing_is_left() -> None:
    made = computed({"ab": 2, "b": 1}, "characters", "frequency", 9)
    assert made["merges"] == 1
    assert made["state"]["pairs"] == []
    empty = computed({}, "bytes", "likelihood", 3, "语")
    assert empty["merges"] == 0
    assert empty["state"]["total"] == 0
    assert len(empty["replay"]) == 3


@pytest.mark.parametrize(
    ("text", "corpus"),
    [
        ("hug×10 pug*5 hug", [["hug", 11], ["pug", 5]]),
        (
            "Don't stop.",
            [["Don", 1], ["'", 1], ["t", 1], ["stop", 1], [".", 1]],
        ),
        ("研究，2026 年", [["研究", 1], ["，", 1], ["2026", 1], ["年", 1]]),
        ("a×0 ×7 b", [["7", 1], ["b", 1]]),
        ("", []),
        ("<b>&amp;", [["<", 1], ["b", 1], [">&", 1], ["amp", 1], [";", 1]]),
    ],
)
def test_words_are_found_in_any_text(text, corpus) -> None:
    assert call("corpusOf", text) == corpus


def test_half_a_surrogate_pair_does_no_harm() -> None:
    made = call(
        "compute",
        {
            "text": "a\ud83d b",
            "unit": "bytes",
            "criterion": "frequency",
            "merges": 2,
            "word": "\ude00",
        },
    )
    assert made["state"]["total"] == 2
    assert made["replay"] == []
