"""Measuring repetition: rates, their dependence on length, a loop detector.

Source of seq-rep-n: Welleck et al., arXiv:1908.04319. Words are tokens here.
"""

import math
import random
import zlib
from collections.abc import Sequence

PROSE = """A river does not choose its bed in one year. Snow melts in the high
valleys, water gathers behind a fallen trunk, and for a week the stream runs
two ways round the same island. Then one arm silts up. What was a ford becomes
a meadow; the farmer moves his fence, and his daughter learns to fish where
cattle used to drink. Maps are drawn, and drawn again, because people insist
on writing down what has already shifted. Old bridges end in dry grass. Still
the town keeps its name, its market on Thursdays, and the long argument about
who should pay for dredging the harbour, which nobody under forty has ever
seen full of ships."""


# --8<-- [start:metrics]
def seq_rep(tokens: Sequence[str], n: int) -> float:
    """1 - unique n-grams / n-grams of one text."""
    grams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return 1 - len(set(grams)) / len(grams)


def rep_w(tokens: Sequence[str], w: int) -> float:
    """Share of tokens that occur among the w tokens before them."""
    seen = [tokens[i] in tokens[max(0, i - w) : i] for i in range(len(tokens))]
    return sum(seen) / len(tokens)


def first_loop(
    tokens: Sequence[str], copies: int = 3, longest: int = 64, least: int = 12
) -> tuple[int, int] | None:
    """Position and period at which the text has become a loop.

    run[p] counts how long tokens[t] == tokens[t - p] has held. At least
    `copies` copies of a period, and at least `least` repeated tokens.
    """
    run = [0] * (longest + 1)
    for t, token in enumerate(tokens):
        for p in range(1, min(t, longest) + 1):
            run[p] = run[p] + 1 if token == tokens[t - p] else 0
            if run[p] >= max((copies - 1) * p, least):
                return t, p
    return None


# --8<-- [end:metrics]


def words(text: str) -> list[str]:
    return text.replace(",", " ,").replace(".", " .").lower().split()


PROSE_WORDS = words(PROSE)
PHRASE = words("the river runs to the sea and")
LOOP = (PHRASE * 20)[: len(PROSE_WORDS)]
LATE = PROSE_WORDS + PHRASE * 6
RECORDS = [
    token
    for i in range(10)
    for token in f"{{ id : {i} , unit : mm , required : true }} ,".split()
]
SAME = words(
    "The service is down because the disk is full. Storage has run out, "
    "hence the outage. With no space left, the server stopped. What took "
    "the system offline was a lack of room on its drive."
)
TEXTS = {
    "prose": PROSE_WORDS,
    "loop of 7 words": LOOP,
    "prose, then a loop": LATE,
    "ten JSON records": RECORDS,
    "said four times": SAME,
}


def check_small() -> None:
    cats = words("the cat sat on the mat") * 3
    rates = [seq_rep(cats, n) for n in (1, 2, 3, 4)]
    cells = " ".join(f"{rate:.3f}" for rate in rates)
    print(f"'the cat sat on the mat' x 3: rep-1 .. rep-4  {cells}")
    assert rates == [
        1 - u / t for u, t in ((5, 18), (6, 17), (6, 16), (6, 15))
    ]


def check_texts() -> None:
    print("\ntext                 words  rep-1  rep-4  rep-16w  loop found")
    loops = {}
    for name, text in TEXTS.items():
        found = loops[name] = first_loop(text)
        where = f"word {found[0]}, period {found[1]}" if found else "-"
        cells = f"{seq_rep(text, 1):7.3f}{seq_rep(text, 4):7.3f}"
        print(f"{name:20}{len(text):6}{cells}{rep_w(text, 16):9.3f}  {where}")
    assert {n for n, f in loops.items() if f} == {
        "loop of 7 words",
        "prose, then a loop",
    }
    # Words come back in any prose; four in a row do not.
    assert seq_rep(PROSE_WORDS, 1) > 0.25 and seq_rep(PROSE_WORDS, 4) == 0
    # A loop at the end is diluted by the good text before it.
    tail = LATE[-42:]
    print(
        f"rep-4 of the last 42 words of the late loop: {seq_rep(tail, 4):.3f}"
    )
    assert seq_rep(tail, 4) > 3 * seq_rep(LATE, 4)
    # Synonyms are invisible to n-grams.
    assert seq_rep(SAME, 4) == 0
    for text, small in (PROSE_WORDS, False), (LOOP, True):
        raw = " ".join(text).encode()
        assert (len(zlib.compress(raw, 9)) < 0.15 * len(raw)) is small


def loop_rate(length: int, period: int, n: int = 4) -> float:
    """seq-rep-n of a pure loop with `period` different tokens."""
    return 1 - period / (length - n + 1)


def zipf_text(length: int) -> list[str]:
    """Independent words, word i with probability ~ 1 / i, 2,000 of them."""
    rng = random.Random(0)
    weights = [1 / i for i in range(1, 2001)]
    return [str(i) for i in rng.choices(range(2000), weights, k=length)]


def check_length() -> None:
    print("\nseq-rep    loop, period 20       independent words")
    print("length       n = 4            n = 1    n = 2    n = 4")
    text = zipf_text(4000)
    for length in (50, 100, 400, 4000):
        loop = [str(i % 20) for i in range(length)]
        rate = seq_rep(loop, 4)
        assert math.isclose(rate, loop_rate(length, 20))
        a, b, c = (seq_rep(text[:length], n) for n in (1, 2, 4))
        print(f"{length:6,}{rate:12.3f}{a:17.2f}{b:9.2f}{c:9.3f}")
    assert a > 0.6 > 0.3 > b > c
    detected = first_loop([str(i % 20) for i in range(400)])
    print(f"the detector reports the loop at word {detected}")
    assert detected == (59, 20)  # after three copies, whatever follows
    laugh = [*PROSE_WORDS[:20], "ha", "ha", "ha", "."]
    assert first_loop(laugh) is None and first_loop(laugh, least=2)
    # A period beyond the longest one that is compared is not seen.
    assert first_loop([str(i % 65) for i in range(400)]) is None


def check_cost() -> None:
    print("\nanswers of 800 tokens, limit 8,192: mean tokens by loop rate")
    for rate in (0.0, 0.01, 0.05):
        mean = (1 - rate) * 800 + rate * 8192
        print(f"{rate:6.0%}{mean:9,.0f}   {mean / 800:.2f} times")


if __name__ == "__main__":
    check_small()
    check_texts()
    check_length()
    check_cost()
