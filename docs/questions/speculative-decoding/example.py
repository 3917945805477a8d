"""Speculative sampling: exact and simulated law of the output, and speed.

Sources: Leviathan et al., arXiv:2211.17192; Chen et al., arXiv:2302.01318;
block verification: Sun et al., arXiv:2403.10444.
"""

import itertools
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Law = dict[tuple[int, ...], float]

# Next-token laws of a target and a draft, a row for each previous token.
TARGET = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.1, 0.7, 0.2]])
DRAFT = np.array([[0.2, 0.5, 0.3], [0.1, 0.15, 0.75], [0.1, 0.65, 0.25]])
GAMMA, START = 4, 0


def residual(p: Array, q: Array) -> Array:
    """(p - q)+ normalized: the law of the token after a rejection."""
    excess: Array = np.maximum(p - q, 0.0)
    return excess / excess.sum() if excess.any() else p


# --8<-- [start:round]
def draw(law: Array, rng: np.random.Generator) -> int:
    return int(np.searchsorted(np.cumsum(law), rng.random()))


def one_round(
    last: int, gamma: int, rng: np.random.Generator
) -> tuple[list[int], int]:
    """Draft gamma tokens, verify them: (tokens kept, tokens accepted)."""
    draft, token = [], last
    for _ in range(gamma):  # gamma runs of the draft model
        token = draw(DRAFT[token], rng)
        draft.append(token)
    # One run of the target model gives gamma + 1 rows at once.
    rows = TARGET[[last, *draft]]
    kept: list[int] = []
    for x, p, q in zip(draft, rows, DRAFT[[last, *draft]], strict=False):
        if rng.random() >= min(1.0, p[x] / q[x]):
            return [*kept, draw(residual(p, q), rng)], len(kept)
        kept.append(x)
    return [*kept, draw(rows[gamma], rng)], gamma


# --8<-- [end:round]


def exact_law(
    length: int, gamma: int, after: Callable[[Array, Array], Array]
) -> Law:
    """Law of the first `length` tokens, summed over each branch of a round.

    `after(p, q)` is the law from which a rejected token is replaced.
    """

    @cache
    def rest(last: int, left: int, wanted: int) -> tuple[float, ...]:
        """Law of the next `wanted` tokens, `left` drafts from the bonus."""
        if wanted == 0:
            return (1.0,)
        p, q = TARGET[last], DRAFT[last]
        law = np.zeros((3, 3 ** (wanted - 1)))
        for x in range(3):
            if left == 0:
                law[x] += p[x] * np.array(rest(x, gamma, wanted - 1))
                continue
            accept = min(1.0, p[x] / q[x])
            kept = np.array(rest(x, left - 1, wanted - 1))
            law[x] += q[x] * accept * kept
            for y, share in enumerate(after(p, q)):
                fresh = np.array(rest(y, gamma, wanted - 1))
                law[y] += q[x] * (1 - accept) * share * fresh
        return tuple(law.ravel())

    words = itertools.product(range(3), repeat=length)
    return dict(zip(words, rest(START, gamma, length), strict=True))


def target_law(length: int) -> Law:
    """The same law from plain sampling, a run of the target a token."""
    law = {}
    for word in itertools.product(range(3), repeat=length):
        steps = zip((START, *word), word, strict=False)
        law[word] = float(np.prod([TARGET[a, b] for a, b in steps]))
    return law


def distance(one: Law, other: Law) -> float:
    """Total variation distance of two laws on the same words."""
    return sum(abs(one[word] - other[word]) for word in one) / 2


def tokens_per_run(alpha: float, gamma: int) -> float:
    """(1 - alpha^(gamma+1)) / (1 - alpha), summed term by term."""
    return sum(alpha**k for k in range(gamma + 1))


def speedup(alpha: float, gamma: int, c: float) -> float:
    return tokens_per_run(alpha, gamma) / (gamma * c + 1)


def best(alpha: float, c: float) -> int:
    return max(range(41), key=lambda gamma: speedup(alpha, gamma, c))


# Llama-3-8B in 16 bits on an A100 80GB SXM at its peak rates.
PARAMETERS, LAYERS, WIDTH, CACHE = 8_030_261_248, 32, 4096, 131_072
BANDWIDTH, RATE = 2.039e12, 312e12


def step(batch: int, context: int, tokens: int) -> float:
    """Seconds of a target run over `tokens` positions of each sequence."""
    read = 2 * PARAMETERS + batch * context * CACHE
    each = 2 * PARAMETERS + 4 * LAYERS * WIDTH * context
    return max(read / BANDWIDTH, batch * tokens * each / RATE)


def batch_speedup(
    batch: int, context: int, alpha: float = 0.8, c: float = 0.05
) -> float:
    plain, verify = (step(batch, context, n) for n in (1, GAMMA + 1))
    return tokens_per_run(alpha, GAMMA) * plain / (GAMMA * c * plain + verify)


def check_one_token() -> None:
    p, q = TARGET[START], DRAFT[START]
    accepted = np.minimum(p, q)
    beta = accepted.sum()
    output = accepted + (1 - beta) * residual(p, q)
    wrong = accepted + (1 - beta) * p
    print("one token               A      B      C")
    for name, row in [
        ("target p", p),
        ("draft q", q),
        ("min(p, q)", accepted),
        ("residual", residual(p, q)),
        ("output", output),
        ("redrawn from p", wrong),
    ]:
        print(f"{name:16}" + "".join(f"{cell:7.2f}" for cell in row))
    gap = np.abs(wrong - p).sum() / 2
    print(f"accepted {beta:.2f}, TV(p, q) {1 - beta:.2f}, ", end="")
    print(f"TV of the wrong rule {gap:.2f}")
    np.testing.assert_allclose(output, p, atol=1e-15)
    assert gap > 0.1
    np.testing.assert_allclose(1 - beta, np.abs(p - q).sum() / 2)


def check_block() -> None:
    """Two drafts verified as a block (Sun et al., arXiv:2403.10444)."""
    p, q = TARGET[START], DRAFT[START]
    law, both_kept = np.zeros((3, 3)), 0.0
    for x, y in itertools.product(range(3), repeat=2):
        first = min(1.0, p[x] / q[x])
        second = min(1.0, first * TARGET[x, y] / DRAFT[x, y])
        excess = np.maximum(first * TARGET[x] - DRAFT[x], 0.0)
        stay = excess.sum() + 1 - first
        one = excess.sum() / stay if stay else 0.0
        weight = q[x] * DRAFT[x, y]
        both_kept += weight * second
        law[x, y] += weight * second
        if excess.any():
            law[x] += weight * (1 - second) * one * excess / excess.sum()
        none = weight * (1 - second) * (1 - one)
        law += none * residual(p, q)[:, None] * TARGET
    np.testing.assert_allclose(law, p[:, None] * TARGET, atol=1e-15)
    both = np.minimum(TARGET, DRAFT)
    in_turn = both[START] @ both.sum(axis=1)
    print(f"two drafts kept: in turn {in_turn:.3f}, ", end="")
    print(f"as a block {both_kept:.3f}")
    assert in_turn < both_kept - 0.01


def check_text() -> None:
    truth = target_law(3)
    exact = exact_law(3, GAMMA, residual)
    wrong = exact_law(3, GAMMA, lambda p, q: p)
    rng = np.random.default_rng(0)
    count, texts = dict.fromkeys(truth, 0), 40_000
    for _ in range(texts):
        text = [START]
        while len(text) < 4:
            text += one_round(text[-1], GAMMA, rng)[0]
        count[text[1], text[2], text[3]] += 1
    seen = {word: n / texts for word, n in count.items()}
    print(f"\nthree tokens, {len(truth)} texts   TV distance to the target")
    print(f"exact, all branches       {distance(exact, truth):10.4f}")
    print(f"{texts:,} simulated texts   {distance(seen, truth):10.4f}")
    print(f"exact, redrawn from p     {distance(wrong, truth):10.4f}")
    assert max(abs(exact[word] - truth[word]) for word in truth) < 1e-15
    assert distance(wrong, truth) > 0.1
    # Pearson's statistic: 26 degrees of freedom, 54.05 at one in a thousand.
    chi = sum((count[w] - texts * truth[w]) ** 2 / truth[w] for w in truth)
    print(f"chi-square, 26 degrees    {chi / texts:10.1f}")
    assert chi / texts < 54.05


def check_tokens() -> None:
    both = np.minimum(TARGET, DRAFT)
    beta = both.sum(axis=1)
    # ahead[s]: expected tokens from context s to the end of the round.
    ahead = np.ones(3)
    for _ in range(GAMMA):
        ahead = 1 + both @ ahead
    rng, rounds = np.random.default_rng(1), 40_000
    starts, seen, tokens, accepted = np.zeros(3), np.zeros(3), 0, 0
    last = START
    for _ in range(rounds):
        starts[last] += 1
        kept, right = one_round(last, GAMMA, rng)
        np.add.at(seen, [last, *kept[:-1]], 1)
        tokens, accepted, last = tokens + len(kept), accepted + right, kept[-1]
    alpha, exact = float(seen @ beta) / tokens, starts @ ahead / rounds
    print("\nbeta in contexts A, B, C   " + " ".join(f"{b:.2f}" for b in beta))
    print(f"alpha, mean beta of the text     {alpha:8.2f}")
    print(f"tokens per target run, simulated {tokens / rounds:8.2f}")
    print(f"  exact, by context              {exact:8.2f}")
    print(f"  formula with alpha             {tokens_per_run(alpha, 4):8.2f}")
    print(f"accepted / drafted               {accepted / rounds / 4:8.2f}")
    assert abs(tokens / rounds - exact) < 0.03
    # A round yields its accepted tokens and one of the target's own.
    assert tokens == accepted + rounds
    assert accepted / rounds / GAMMA < alpha


def check_speed() -> None:
    print("\n c = 0.05    gamma = 4                 best gamma")
    print("alpha   tokens  speed-up  operations  gamma  speed-up")
    for alpha in (0.6, 0.7, 0.8, 0.9):
        tokens, top = tokens_per_run(alpha, GAMMA), best(alpha, 0.05)
        work = (GAMMA * 0.05 + GAMMA + 1) / tokens
        cells = f"{tokens:9.4f}{speedup(alpha, GAMMA, 0.05):10.2f}"
        cells += f"{work:12.2f}{top:7}{speedup(alpha, top, 0.05):10.2f}"
        print(f"{alpha:5}{cells}")
        closed = (1 - alpha ** (GAMMA + 1)) / (1 - alpha)
        np.testing.assert_allclose(tokens, closed)
        # Some gamma > 0 pays if and only if alpha > c.
        for c in (alpha - 0.01, alpha, alpha + 0.01):
            assert (best(alpha, c) > 0) == (c < alpha)


def check_batch() -> None:
    print("\nspeed-up by batch, alpha = 0.8, gamma = 4, c = 0.05")
    print("context   B = 1      8     32     64    128    256")
    for context in (128, 1024, 8192):
        cells = ""
        for batch in (1, 8, 32, 64, 128, 256):
            held = 2 * PARAMETERS + batch * context * CACHE
            fits = held < 80e9
            shown = f"{batch_speedup(batch, context):7.2f}"
            cells += shown if fits else "      -"
        print(f"{context:7}{cells}")
    assert batch_speedup(256, 128) < 1 < 2.7 < batch_speedup(32, 8192)


RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("gpu.json").read_text(encoding="utf-8")
)


def measured_row(case: str, **wanted: object) -> dict[str, Any]:
    """The one row of the measurements that is as wanted."""
    (found,) = (
        row
        for row in RECORD["rows"]
        if row["case"] == case and wanted.items() <= row.items()
    )
    return dict(found)


def check_gpu() -> None:
    """Times measured; acceptance and the draft's share are assumed."""
    print(f"\n{RECORD['device']['name']}, {RECORD['measured']}, ", end="")
    print("Llama 3 8B's shape: ms a step")
    rates = RECORD["ceilings"]
    here = rates["bf16_flop_per_s"] / rates["read_bytes_per_s"]
    print(f"FLOP a byte: {here:.0f}; A100 {RATE / BANDWIDTH:.0f}")
    print("context  batch     1 token   5 tokens  folded   ratio  speed-up")
    gain = {}
    for context in (128, 1024, 8192):
        for batch in (1, 8, 32, 64, 128, 256):
            if batch * context > 64 * 8192:
                continue
            what = {"batch": batch, "context": context}
            plain, apart, folded = (
                measured_row(case, tokens=tokens, **what)["ms"]
                for case, tokens in (("step", 1), ("step", 5), ("folded", 5))
            )
            verify = min(apart, folded)
            share = GAMMA * 0.05 * plain + verify
            gain[context, batch] = tokens_per_run(0.8, GAMMA) * plain / share
            print(f"{context:7}{batch:7}{plain:12.2f}{apart:11.2f}", end="")
            print(f"{folded:8.2f}{verify / plain:8.2f}", end="")
            print(f"{gain[context, batch]:10.2f}")
    assert gain[128, 1] > 2.5 and gain[128, 256] < 1
    assert gain[8192, 32] > 2
    check_unfolded(rates["read_bytes_per_s"])
    # A draft of one layer and the output head, in weights read.
    layer = 4096 * (2 * 32 + 2 * 8) * 128 + 3 * 4096 * 14_336
    head = 128_256 * 4096
    share = (layer + head) / (32 * layer + head)
    plain, verify = (
        measured_row("step", batch=1, context=128, tokens=tokens)["ms"]
        for tokens in (1, 5)
    )
    speed = tokens_per_run(0.8, GAMMA) / (GAMMA * share + verify / plain)
    print(f"a draft of one layer and the head: c = {share:.2f}, ", end="")
    print(f"128 x 1: {speed:.2f}")


def check_unfolded(read: float) -> None:
    """5 queries of each head apart at 8,192: bytes, or empty rows?"""
    print("context 8,192, 5 tokens not folded: ms of attention, TFLOP/s")
    print("batch   4 reads of the cache  measured  128 rows a tile")
    for batch in (8, 32, 64):
        what = {"batch": batch, "context": 8192}
        one, five = (
            measured_row("step", tokens=tokens, **what)["ms"]
            for tokens in (1, 5)
        )
        cache = 1e3 * batch * 8192 * 131_072 / read
        attention = five - (one - cache)  # the rest as in a plain step
        # 32 layers of 32 heads, 128 rows where 5 hold a query.
        flop = 32 * 32 * batch * 4 * 128 * 8192 * 128
        rate = flop / attention / 1e9
        print(f"{batch:5}{4 * cache:23.1f}{attention:10.1f}{rate:17.0f}")
        assert attention > 1.5 * 4 * cache and 290 < rate < 350


if __name__ == "__main__":
    check_one_token()
    check_block()
    check_text()
    check_tokens()
    check_speed()
    check_batch()
    check_gpu()
