"""Why decoding loops: greedy on a bigram model, its mode, and copying.

Sources: Holtzman et al., arXiv:1904.09751 (maximization degenerates); Olsson
et al., arXiv:2209.11895 (induction: [A][B] ... [A] -> [B]); Fu et al.,
arXiv:2012.14660 (inflow). Logarithms are natural.
"""

# tolerance: 2e-2
import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ids = list[int]

TEXT = """the keeper of the light wrote the log of the day in the evening .
the wind came from the west and the sea was the colour of slate . a ship
passed the point at noon and the keeper raised the flag . in the night the
fog came in from the sea and the horn called to the ships . the keeper slept
in the day and the boy kept the light . a letter came from the town with the
boat and the boy read it to the keeper . in the winter the boat came once in
a month and the log of the light was the only book on the rock ."""
CORPUS = TEXT.split()
WORDS = sorted(set(CORPUS))
IDS = [WORDS.index(word) for word in CORPUS]


# --8<-- [start:model]
def bigram() -> Array:
    """p[previous, next] from counts: the maximum-likelihood model."""
    counts = np.zeros((len(WORDS), len(WORDS)))
    np.add.at(counts, (IDS, IDS[1:] + IDS[:1]), 1)  # the end wraps around
    table: Array = counts / counts.sum(axis=1, keepdims=True)
    return table


def following(p: Array, context: Ids, copy: float) -> Array:
    """Next-word distribution; with weight `copy` an induction head:

    the words that came after earlier occurrences of the current word.
    """
    now = context[-1]
    after = [b for a, b in pairwise(context) if a == now]
    if not after:
        return p[now]
    seen = np.bincount(after, minlength=len(p)) / len(after)
    mixed: Array = (1 - copy) * p[now] + copy * seen
    return mixed


def generate(p: Array, copy: float, t: float, steps: int, seed: int) -> Ids:
    """Sample at temperature t; t = 0 is greedy."""
    rng, context = np.random.default_rng(seed), [WORDS.index("a")]
    for _ in range(steps):
        q = following(p, context, copy)
        if t == 0:
            context.append(int(q.argmax()))
            continue
        q = q ** (1 / t) / (q ** (1 / t)).sum()
        context.append(int(np.searchsorted(q.cumsum(), rng.random())))
    return context


# --8<-- [end:model]


def most_probable(p: Array, start: int, steps: int) -> Ids:
    """The exact mode of all paths of this length (Viterbi): a full beam."""
    log_p = np.log(np.maximum(p, 1e-300))
    log_p = log_p - 1e-9 * np.arange(len(p))  # ties: the earlier word
    best, back = np.full(len(p), -np.inf), []
    best[start] = 0
    for _ in range(steps):
        scores = best[:, None] + log_p
        back.append(scores.argmax(axis=0))
        best = scores.max(axis=0)
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


def cycle_of(path: Ids) -> tuple[int, int]:
    """Steps before a word comes back for the first time, and the period."""
    first: dict[int, int] = {}
    for t, word in enumerate(path):
        if word in first:
            return first[word], t - first[word]
        first[word] = t
    raise ValueError("no repetition")


def seq_rep(path: Ids, n: int = 4) -> float:
    grams = [tuple(path[i : i + n]) for i in range(len(path) - n + 1)]
    return 1 - len(set(grams)) / len(grams)


def nll(p: Array, path: Ids) -> float:
    """Mean negative log-probability of a step."""
    return -float(np.log([p[a, b] for a, b in pairwise(path)]).mean())


def show(path: Ids) -> str:
    return " ".join(WORDS[i] for i in path)


def check_greedy(p: Array) -> None:
    print(
        f"{len(IDS)} words, {len(WORDS)} different; bigram model by counting"
    )
    start = WORDS.index("a")
    print(f"greedy: {show(generate(p, 0, 0, 13, 0))}")
    cycles, longest = set(), 0
    for word in range(len(WORDS)):
        path = [word]
        while len(path) < 200:
            path.append(int(p[path[-1]].argmax()))
        before, period = cycle_of(path)
        # Pigeonhole: a word comes back within as many steps as words.
        assert before + period <= len(WORDS)
        assert path[before:150] == path[before + period : 150 + period]
        longest = max(longest, before)
        cycles.add(frozenset(path[before : before + period]))
    (cycle,) = cycles
    print(f"all {len(WORDS)} starts end in one cycle of {len(cycle)}", end=" ")
    print(f"words, after at most {longest} steps")
    inflow = p.sum(axis=0)
    order = np.argsort(-inflow, kind="stable")[:4]
    print("inflow: " + ", ".join(f"{WORDS[i]} {inflow[i]:.1f}" for i in order))
    assert order[0] in cycle
    assert start not in cycle


def check_modes(p: Array) -> None:
    start, steps = WORDS.index("a"), 60
    looped = generate(p, 0, 0, steps, 0)
    mode = most_probable(p, start, steps)
    print(f"mode:   {show(mode[:14])}")
    draws = [generate(p, 0, 1, steps, seed) for seed in range(300)]
    losses = [nll(p, draw) for draw in draws]
    rates = [seq_rep(draw) for draw in draws]
    print("\n                 nats a step   seq-rep-4")
    for name, loss, rate in [
        ("the text", nll(p, IDS + IDS[:1]), seq_rep(IDS[:61])),
        ("300 samples", float(np.mean(losses)), float(np.mean(rates))),
        ("greedy", nll(p, looped), seq_rep(looped)),
        ("most probable", nll(p, mode), seq_rep(mode)),
    ]:
        print(f"{name:18}{loss:10.2f}{rate:12.2f}")
    # A perfect search loops as well; greedy is not even probable.
    assert seq_rep(mode) > 0.8 and seq_rep(looped) > 0.8
    assert nll(p, mode) < min(losses) and nll(p, looped) > nll(p, mode)
    assert np.mean(rates) < 0.15


TEMPERATURES = (1.0, 0.7, 0.5, 0.3, 0.0)
WEIGHTS = (0.0, 0.5, 0.8)


def mean_rate(p: Array, copy: float, t: float) -> float:
    """seq-rep-4 of the last 61 of 200 words, mean over 40 samples."""
    seeds = range(40 if t else 1)
    rates = [seq_rep(generate(p, copy, t, 200, s)[-61:]) for s in seeds]
    return float(np.mean(rates))


def check_copying(p: Array) -> None:
    print("\nseq-rep-4    T = 1.0     0.7     0.5     0.3  greedy")
    rows = [[mean_rate(p, c, t) for t in TEMPERATURES] for c in WEIGHTS]
    for copy, row in zip(WEIGHTS, rows, strict=True):
        cells = "".join(f"{x:8.2f}" for x in row)
        print(f"copying {copy:<4}{cells}")
        assert (np.diff(row) > 0).all()  # colder, more repetitive
    # Without copying sampling hardly loops; with it, it does.
    assert rows[0][2] < 0.2 and rows[2][2] > 0.8
    print("copying 0.8, T = 0.7:")
    words = generate(p, 0.8, 0.7, 60, 3)[-30:]
    print(show(words[:15]) + "\n" + show(words[15:]))


OTHER = (
    "in the night the fog came in from the sea and the horn called to the "
    "ships ."
)
LOOP = ["the", "keeper", "."]


def another(p: Array, copy: float, copies: int) -> list[float]:
    """P of each word of one more `the keeper .` after so many copies."""
    context = [WORDS.index(w) for w in OTHER.split() + LOOP * copies]
    steps = []
    for word in LOOP:
        steps.append(float(following(p, context, copy)[WORDS.index(word)]))
        context.append(WORDS.index(word))
    return steps


def mean_p(p: Array, copy: float, copies: int) -> float:
    """Geometric mean of `another`."""
    return math.exp(float(np.log(another(p, copy, copies)).mean()))


COPIES = (0, 1, 2, 4, 8, 16, 64)


def check_reinforcement(p: Array) -> None:
    print("\nprobability a word of one more 'the keeper .'")
    print("copies so far     0     1     2     4     8    16    64  ceiling")
    for copy in WEIGHTS:
        row = [mean_p(p, copy, k) for k in COPIES]
        base = another(p, 0, 0)
        top = [(1 - copy) * b + copy for b in base]
        ceiling = math.exp(float(np.log(top).mean()))
        cells = "".join(f"{x:6.2f}" for x in row)
        print(f"copying {copy:<5}{cells}{ceiling:9.2f}")
        if copy:
            assert (np.diff(row[1:]) > 0).all() and row[-1] < ceiling
        else:
            assert np.ptp(row) == 0
    # Of two sentences the likelier one gains more from the same copying.
    low, high = np.array([0.1, 0.2]), np.array([0.3, 0.2])
    gains = [np.prod(0.5 * b + 0.4) - np.prod(0.5 * b) for b in (low, high)]
    assert gains[1] > gains[0]
    loop = math.prod(another(p, 0.8, 64))
    plain = math.prod(another(p, 0, 64))
    print(f"one more copy: {loop:.2f} with copying 0.8, {plain:.3f} without")
    print(f"mean further copies {loop / (1 - loop):.1f} and", end=" ")
    print(f"{plain / (1 - plain):.2f}")
    assert loop > 20 * plain


if __name__ == "__main__":
    model = bigram()
    check_greedy(model)
    check_modes(model)
    check_copying(model)
    check_reinforcement(model)
