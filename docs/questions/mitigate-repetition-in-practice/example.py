"""Diagnosing loops: penalties to the digit, DRY, and a guard that resamples.

Sources: huggingface/transformers and vLLM (penalties as implemented); DRY
as in llama.cpp. Natural logarithms.
"""

# tolerance: 3e-2
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ids = list[int]


def softmax(z: Array) -> Array:
    weights = np.exp(z - z.max())
    share: Array = weights / weights.sum()
    return share


def as_implemented(z: Array, seen: Array, penalty: float) -> Array:
    return np.where(seen, np.where(z > 0, z / penalty, z * penalty), z)


def check_penalties() -> None:
    z, seen = np.array([2.0, 1.0, -0.5]), np.array([True, False, True])
    right = as_implemented(z, seen, 1.2)
    wrong = np.where(seen, z / 1.2, z)
    subtracted = z - np.array([3 * 0.5 + 0.4, 0, 0])
    print("tokens 0, 2 seen         logits              probabilities")
    for name, x in [
        ("none", z),
        ("multiplicative 1.2", right),
        ("always divided", wrong),
        ("0.5 x 3 + 0.4, token 0", subtracted),
    ]:
        logits = "".join(f"{v:7.3f}" for v in x)
        print(f"{name:22}{logits}  {''.join(f'{p:7.3f}' for p in softmax(x))}")
    # The seen token 2 gains either way; divided, its logit is raised too.
    assert right[2] < z[2] < wrong[2]
    assert softmax(wrong)[2] > softmax(right)[2] > softmax(z)[2]


# --8<-- [start:dry]
def repeats(path: Ids, breakers: set[int]) -> dict[int, int]:
    """Token -> longest match before it that it would extend verbatim."""
    longest: dict[int, int] = {}
    for i in range(1, len(path)):  # path[i] followed path[:i] once
        if path[i - 1] != path[-1]:
            continue
        n = 0
        while n < i and path[i - 1 - n] == path[-1 - n]:
            if path[-1 - n] in breakers:
                break
            n += 1
        if n and path[i] not in breakers:
            longest[path[i]] = max(longest.get(path[i], 0), n)
    return longest


def dry(path: Ids, breakers: set[int]) -> dict[int, float]:
    """What to subtract from each token's logit: 0.8, 1.75, length 2."""
    return {
        token: 0.8 * 1.75 ** (n - 2)
        for token, n in repeats(path, breakers).items()
        if n >= 2
    }


# --8<-- [end:dry]


def check_dry() -> None:
    print("\nDRY 0.8, 1.75, 2")
    lengths = (1, 2, 3, 5, 8, 12)
    print("match length" + "".join(f"{n:8d}" for n in lengths))
    cells = (0.8 * 1.75 ** (n - 2) if n >= 2 else 0.0 for n in lengths)
    print("subtracted  " + "".join(f"{x:8.2f}" for x in cells))
    phrase = [1, 2, 3, 4, 5, 6]
    assert repeats(phrase + phrase[:5], set()) == {6: 5}
    assert math.isclose(dry(phrase + phrase[:5], set())[6], 0.8 * 1.75**3)
    assert repeats([9, 1, 2, 9, 1], {1}) == {}  # stopped at a breaker
    assert dry([1, 2, 1], set()) == {}  # too short to count


# A copier: mass lam on what followed the longest match, rest on a bigram.
STATES, END, LIMIT = 40, 39, 400
RNG = np.random.default_rng(7)
BASE = RNG.dirichlet(np.full(STATES, 0.3), STATES)
BASE[:, END] = 0.0
BASE = 0.98 * BASE / BASE.sum(axis=1, keepdims=True)
BASE[:, END] = 0.02


def next_token(path: Ids) -> Array:
    """Bigram, plus copying that grows with the matched length."""
    found = repeats(path, set())
    if not found:
        row: Array = BASE[path[-1]]
        return row
    token, n = max(found.items(), key=lambda item: (item[1], item[0]))
    weight = 0.97 * (1 - 0.7**n)
    p: Array = (1 - weight) * BASE[path[-1]]
    p[token] += weight
    return p


def loop_length(path: Ids, longest: int = 40) -> int:
    """Period p if the text ends in 3 copies of p tokens, 12 at least."""
    for p in range(1, min(longest, len(path) - 1) + 1):
        if path[-1 - p] != path[-1]:
            continue
        size = max(3 * p, 12)
        tail = path[-size:]
        if len(tail) == size and tail[p:] == tail[:-p]:
            return p
    return 0


BREAKERS = {0, 1}  # two of the 40 tokens play newline and colon


def penalized(z: Array, path: Ids, method: str) -> Array:
    counts = np.bincount(path, minlength=len(z))
    if method == "presence 1.5":
        return z - 1.5 * (counts > 0)
    if method == "frequency 0.5":
        return z - 0.5 * counts
    if method.startswith("DRY"):
        z = z.copy()
        breakers = BREAKERS if "breakers" in method else set()
        for token, size in dry(path, breakers).items():
            z[token] -= size
    return z


def draw(path: Ids, t: float, method: str, rng: np.random.Generator) -> int:
    logits = np.log(np.maximum(next_token(path), 1e-12))
    p = softmax(penalized(logits, path, method) / t)
    at = int(np.searchsorted(np.cumsum(p), rng.random()))
    return min(at, STATES - 1)


def generate(seed: int, t: float, method: str = "") -> tuple[Ids, bool]:
    """Tokens, and whether they end in a loop (noted, then stopped)."""
    rng = np.random.default_rng(seed)
    path = [int(rng.integers(END))]
    while len(path) < LIMIT and path[-1] != END:
        path.append(draw(path, t, method, rng))
        if loop_length(path):
            return path, True
    return path, False


def guarded(seed: int, t: float, hot: float) -> tuple[Ids, bool, int]:
    """On a loop cut the copies off, go on hot for 20 tokens; 3 tries."""
    rng = np.random.default_rng(seed)
    path, tries, hot_until, drawn = [int(rng.integers(END))], 0, 0, 0
    while len(path) < LIMIT and path[-1] != END:
        now = hot if len(path) < hot_until else t
        path.append(draw(path, now, "", rng))
        drawn += 1
        p = loop_length(path)
        if p:
            tries += 1
            if tries > 3:
                return path, True, drawn
            path = path[: len(path) - max(3 * p, 12) + p]
            hot_until = len(path) + 20
    return path, False, drawn


def record(method: str, t: float) -> float:
    """P that a record of 12 tokens, once written, is written again.

    Each right token has 0.97 before the penalty, others 0.03 in all;
    every fourth token is a breaker.
    """
    size, other = 12, 50
    first = [x if x % 4 else 0 for x in range(10, 10 + size)]
    total, path = 1.0, [*first, 60]
    for token in first:
        z = np.full(61, -np.inf)
        z[token], z[other] = math.log(0.97), math.log(0.03)
        total *= float(softmax(penalized(z, path, method) / t)[token])
        path.append(token)
    return total


METHODS = (
    "none",
    "presence 1.5",
    "frequency 0.5",
    "DRY",
    "DRY with breakers",
)
SEEDS = range(100)


@cache
def runs(t: float, method: str) -> list[tuple[Ids, bool]]:
    return [generate(seed, t, method) for seed in SEEDS]


@cache
def guarded_runs() -> list[tuple[Ids, bool, int]]:
    return [guarded(seed, 0.7, 1.5) for seed in SEEDS]


def loop_rate(t: float, method: str) -> float:
    return float(np.mean([looped for _, looped in runs(t, method)]))


def table() -> dict[str, tuple[float, float]]:
    """Loop rate and chance that the record survives, by setting."""
    rows = {
        f"T = {t}": (loop_rate(t, "none"), record("none", t))
        for t in (0.3, 1.0)
    }
    for method in METHODS:
        name = "T = 0.7" + f", {method}" * (method != "none")
        rows[name] = (loop_rate(0.7, method), record(method, 0.7))
    rate = float(np.mean([looped for _, looped, _ in guarded_runs()]))
    rows["T = 0.7, guard"] = (rate, record("none", 0.7))
    return rows


def check_treatment() -> None:
    rows = table()
    print(f"\n{len(SEEDS)} samples             loop rate   record kept")
    for name, (rate, kept) in rows.items():
        print(f"{name:26}{rate:8.2f}{kept:14.2f}")
    plain = rows["T = 0.7"]
    assert rows["T = 0.3"][0] > plain[0] > rows["T = 1.0"][0] > 0.2
    # Token penalties lower the rate and the record's chance together.
    for name in ("presence 1.5", "frequency 0.5"):
        rate, kept = rows[f"T = 0.7, {name}"]
        assert rate < plain[0] - 0.1 and kept < plain[1] - 0.2
    assert rows["T = 0.7, DRY"][0] < 0.05 and rows["T = 0.7, DRY"][1] < 0.01
    assert rows["T = 0.7, DRY with breakers"][1] > plain[1] - 0.1
    assert rows["T = 0.7, guard"][0] < 0.2
    # Two copies of a record do not set the guard off.
    assert not loop_length([*range(10, 22), *range(10, 22)])
    # Two of three equal lines, four tokens each, are cut by the guard.
    assert loop_length([7, 8, 9, 0] * 3) == 4
    lengths = [
        LIMIT if looped else len(path) for path, looped in runs(0.7, "none")
    ]
    drawn = [count for _, _, count in guarded_runs()]
    print(
        f"limit {LIMIT}, drawn: {np.mean(lengths):.0f} without a guard",
        end=", ",
    )
    print(f"{np.mean(drawn):.0f} with it")
    assert np.mean(drawn) < np.mean(lengths) / 1.5
    print(f"four independent tries would leave {plain[0] ** 4:.2f}")
    before, after = 0.03, 0.01
    spread = before * (1 - before) + after * (1 - after)
    need = math.ceil((2.8 / (before - after)) ** 2 * spread)
    print(f"to see 3% fall to 1%: {need} samples each")
    print(f"0 loops in 300: at most {1 - 0.05 ** (1 / 300):.3f} (95%)")


if __name__ == "__main__":
    check_penalties()
    check_dry()
    check_treatment()
