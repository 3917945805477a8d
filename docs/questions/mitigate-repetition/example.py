"""Penalties against a loop: what each can and cannot break.

Sources: Keskar et al., arXiv:1909.05858 (division); huggingface/transformers
(multiplies negative scores); the presence and frequency penalties of OpenAI's
API; Welleck et al., arXiv:1908.04319 (unlikelihood). Natural logarithms.
"""

# tolerance: 2e-3
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ids = list[int]


def softmax(z: Array) -> Array:
    weights = np.exp(z - z.max())
    share: Array = weights / weights.sum()
    return share


# --8<-- [start:penalties]
def divide(z: Array, c: Array, penalty: float) -> Array:
    """The paper's formula: every seen logit is divided."""
    return np.where(c > 0, z / penalty, z)


def multiplicative(z: Array, c: Array, penalty: float) -> Array:
    """As implemented: positive divided, negative multiplied, seen once."""
    moved = np.where(z > 0, z / penalty, z * penalty)
    return np.where(c > 0, moved, z)


def additive(z: Array, c: Array, frequency: float, presence: float) -> Array:
    return z - frequency * c - presence * (c > 0)


# --8<-- [end:penalties]


def row(name: str, z: Array) -> None:
    cells = "".join(f"{p:8.4f}" for p in softmax(z))
    print(f"{name:34}{cells}")


def check_shift() -> None:
    """The same distribution twice: logits shifted by a constant."""
    z, low, seen = np.array([3.0, 2, 1]), np.array([-1.0, -2, -3]), np.eye(3)
    once, four = seen[0], 4 * seen[0]
    print("softmax of three tokens, token 0 seen" + " " * 5 + "p0, p1, p2")
    row("logits 3, 2, 1", z)
    row("  divide by 1.3", divide(z, once, 1.3))
    row("  as implemented, 1.3", multiplicative(z, once, 1.3))
    row("  frequency 0.5 x 4, presence 0.2", additive(z, four, 0.5, 0.2))
    row("logits -1, -2, -3", low)
    row("  divide by 1.3", divide(low, once, 1.3))
    row("  as implemented, 1.3", multiplicative(low, once, 1.3))
    row("  frequency 0.5 x 4, presence 0.2", additive(low, four, 0.5, 0.2))
    plain = softmax(z)[0]
    assert np.isclose(plain, softmax(low)[0])
    # Division rewards a seen token whose logit is negative.
    assert softmax(divide(low, once, 1.3))[0] > plain
    high, shifted = (softmax(multiplicative(x, once, 1.3)) for x in (z, low))
    assert shifted[0] < plain and abs(high[0] - shifted[0]) > 0.09
    a, b = (softmax(additive(x, four, 0.5, 0.2)) for x in (z, low))
    assert np.allclose(a, b)
    # On log-probabilities it is p -> p^1.3: a sure loop is hardly touched.
    for p in (0.5, 0.99):
        logs = np.log(np.array([p, 1 - p]))
        after = softmax(multiplicative(logs, np.array([1.0, 0]), 1.3))[0]
        print(f"on log-probabilities, 1.3: p = {p:.2f} becomes {after:.4f}")
        assert np.isclose(after, p**1.3 / (p**1.3 + 1 - p))


STATES, STEPS = 10, 60
P = np.full((STATES, STATES), 0.06)
P[np.arange(STATES), (np.arange(STATES) + 1) % 3] += 0.40
Rule = Callable[[Array, Array, Ids], Array]


def decode(rule: Rule, shift: float, steps: int = STEPS) -> Ids:
    """Greedy from state 0; logits are log P plus a constant."""
    path = [0]
    while len(path) < steps:
        counts = np.bincount(path, minlength=STATES).astype(float)
        z = rule(np.log(P[path[-1]]) + shift, counts, path)
        path.append(int(z.argmax()))
    return path


def no_repeat(z: Array, path: Ids, n: int) -> Array:
    """Ban each token that would complete an n-gram already there."""
    z = z.copy()
    for i in range(len(path) - n + 1):
        if path[i : i + n - 1] == path[len(path) - n + 1 :]:
            z[path[i + n - 1]] = -np.inf
    return z


def seq_rep(path: Ids, n: int = 4) -> float:
    grams = [tuple(path[i : i + n]) for i in range(len(path) - n + 1)]
    return 1 - len(set(grams)) / len(grams)


def breaks(path: Ids) -> int:
    """Position of the first token that is not the loop's; 0: none."""
    return next((t for t, x in enumerate(path) if x != t % 3), 0)


RULES: dict[str, tuple[Rule, float]] = {
    "greedy": (lambda z, c, path: z, 0),
    "multiplicative 1.3, shift 0": (
        lambda z, c, path: multiplicative(z, c, 1.3),
        0,
    ),
    "multiplicative 1.3, shift +10": (
        lambda z, c, path: multiplicative(z, c, 1.3),
        10,
    ),
    "presence 2.0": (lambda z, c, path: additive(z, c, 0, 2.0), 0),
    "presence 2.1": (lambda z, c, path: additive(z, c, 0, 2.1), 0),
    "frequency 0.5": (lambda z, c, path: additive(z, c, 0.5, 0), 0),
    "no repeated 3-gram": (lambda z, c, path: no_repeat(z, path, 3), 0),
}
PATHS = {name: decode(rule, shift) for name, (rule, shift) in RULES.items()}


def sampled(seed: int, top_p: float) -> Ids:
    rng, path = np.random.default_rng(seed), [0]
    while len(path) < STEPS:
        p = P[path[-1]]
        order = np.argsort(-p, kind="stable")
        before = np.cumsum(p[order]) - p[order]
        kept = order[before < top_p - 1e-9]
        share = np.cumsum(p[kept]) / p[kept].sum()
        at = min(int(np.searchsorted(share, rng.random())), len(kept) - 1)
        path.append(int(kept[at]))
    return path


def period(path: Ids) -> int:
    """Period of the last 60 tokens; 0: they do not repeat."""
    for p in range(1, 31):
        if path[-60:] == path[-60 - p : -p]:
            return p
    return 0


def check_loop() -> None:
    print(
        "\ngreedy                  seq-rep-4 of 60  leaves at  ends in period"
    )
    long = {}
    for name, (rule, shift) in RULES.items():
        path = PATHS[name]
        long[name] = period(decode(rule, shift, 200))
        left = str(breaks(path) or "never")
        end = str(long[name] or "none")
        print(f"{name:30}{seq_rep(path):9.3f}{left:>11}{end:>16}")
    draws = [sampled(seed, 0.9) for seed in range(300)]
    rate = float(np.mean([seq_rep(d) for d in draws]))
    print(f"top-p 0.9 sampling, 300 seeds {rate:9.2f}")
    assert rate < 0.1
    assert math.isclose(seq_rep(PATHS["greedy"]), 1 - 3 / 57)
    # Same distribution, same penalty, other zero of the logits.
    flat, high = (f"multiplicative 1.3, shift {s}" for s in ("0", "+10"))
    assert breaks(PATHS[flat]) == 0 and breaks(PATHS[high]) > 0
    # Paid once: when all ten tokens are seen, it cancels; the loop is back.
    assert breaks(PATHS["presence 2.0"]) == 0
    assert breaks(PATHS["presence 2.1"]) > 0
    assert long["presence 2.1"] == long[high] == long["greedy"] == 3
    # Paid per use: leaves after ceil(gap / 0.5) uses, for a longer cycle.
    gap = math.log(0.46 / 0.06)
    uses = math.ceil(gap / 0.5)
    print(f"gap {gap:.3f}: frequency 0.5 needs {uses} uses of a token")
    path = PATHS["frequency 0.5"]
    assert path[: breaks(path)].count(breaks(path) % 3) == uses
    assert long["frequency 0.5"] == 10
    assert seq_rep(PATHS["no repeated 3-gram"], 3) == 0
    # A loop that holds under a price per use goes through every token.
    cycle = decode(RULES["frequency 0.5"][0], 0, 200)[-10:]
    assert sorted(cycle) == list(range(STATES))
    print("\nsmallest multiplicative penalty that makes greedy leave")
    for shift in (-10, 0, 2, 3, 10):
        print(f"shift {shift:>3}: {threshold(shift)}")


def threshold(shift: float) -> str:
    """Penalty at which the loop token falls to an unseen 0.06."""
    top, other = math.log(0.46) + shift, math.log(0.06) + shift
    if top <= 0:
        value = other / top
    elif other > 0:
        value = top / other
    else:
        return "none (0.46 above zero, 0.06 below)"
    for penalty, stays in ((value * 0.999, True), (value * 1.001, False)):
        z = multiplicative(np.array([top, other]), np.array([1.0, 0]), penalty)
        assert (z[0] > z[1]) == stays
    return f"{value:.3f}"


def check_unlikelihood() -> None:
    """Gradient of -log(1 - p_c) by finite differences."""
    z, c, h = np.array([2.0, 1.0, 0.0, -1.0]), 0, 1e-6
    p = softmax(z)
    exact = -p[c] * p / (1 - p[c])
    exact[c] = p[c]
    for j in range(4):
        up, down = z.copy(), z.copy()
        up[j] += h
        down[j] -= h
        loss = [-math.log(1 - softmax(x)[c]) for x in (up, down)]
        assert abs((loss[0] - loss[1]) / (2 * h) - exact[j]) < 1e-7
    print("\nunlikelihood, token 0 the unwanted one")
    print("p        " + "".join(f"{x:9.4f}" for x in p))
    print("gradient " + "".join(f"{x:9.4f}" for x in exact))
    assert abs(exact.sum()) < 1e-12


if __name__ == "__main__":
    check_shift()
    check_loop()
    check_unlikelihood()
