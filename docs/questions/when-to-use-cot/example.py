"""When is a chain of thought worth its tokens?

Accuracies, prices and lengths are assumed, to show the arithmetic; measure
your own. The test of the difference is McNemar's.
"""

from math import erf, log, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PRICE = 10 / 1e6  # dollars an output token
DIRECT, CHAIN = 20, 250  # tokens of an answer


# --8<-- [start:worth]
def break_even(gain: float, tokens: float) -> float:
    """Value of a right answer, in dollars, from which `gain` in accuracy
    pays for `tokens` more."""
    return PRICE * tokens / gain


def direct(steps: Array, guess: float = 0.25, each: float = 0.7) -> Array:
    """Accuracy of answering at once: all steps inside one pass, or luck."""
    whole = each**steps
    return whole + (1 - whole) * guess


def chain(steps: Array, each: float = 0.98, format_: float = 0.97) -> Array:
    """Accuracy with the steps written out; a chain can also go astray."""
    return format_ * each**steps


def best_budget(value: float, gain: float, scale: float) -> float:
    """Thinking tokens at which value x gain x (1 - e^(-tokens/scale)),
    less their price, is greatest."""
    return max(0.0, scale * log(value * gain / (scale * PRICE)))


# --8<-- [end:worth]


def questions_needed(
    gained: float, lost: float, power: float = 0.8
) -> tuple[int, float]:
    """(questions, power) to see a difference at 5% when a share `gained`
    turns right with the chain and a share `lost` turns wrong."""
    z = {0.8: 0.8416, 0.9: 1.2816}[power] + 1.96
    spread = gained + lost
    n = z**2 * (spread - (gained - lost) ** 2) / (gained - lost) ** 2
    return int(np.ceil(n)), power


def detected(gained: float, lost: float, n: int) -> float:
    """Share of simulated trials in which McNemar's test sees it."""
    rng = np.random.default_rng(0)
    b = rng.binomial(n, gained, 20_000)
    c = rng.binomial(n - b, lost / (1 - gained))
    z = np.abs(b - c) / np.sqrt(np.maximum(b + c, 1))
    return float((z > 1.96).mean())


def main() -> None:
    extra = CHAIN - DIRECT
    print(f"{extra} more tokens cost ${PRICE * extra:.4f} a question")
    print("gain   pays from a value of")
    for gain in (0.15, 0.05, 0.02, 0.005):
        print(f"{gain:5.3f} {break_even(gain, extra):12.4f} dollars")
    assert abs(break_even(0.15, 230) - 0.0153) < 1e-4

    print("\nsteps  direct  chain  gain")
    steps = np.array([1, 2, 3, 5, 8, 12])
    gains = chain(steps) - direct(steps)
    for k, a, b, g in zip(
        steps, direct(steps), chain(steps), gains, strict=True
    ):
        print(f"{k:5} {a:7.3f} {b:6.3f} {g:+6.3f}")
    easy = chain(np.array([1.0]))[0] - direct(np.array([1.0]), each=0.98)[0]
    print(f"one step, known by heart: {easy:+.3f}")
    one = np.array([1.0])  # a worded rule fits worse than the felt pattern
    pattern = chain(one, each=0.62)[0] - direct(one, each=0.85)[0]
    print(f"a pattern hard to put into words: {pattern:+.3f}")
    assert gains[-1] > gains[0] > 0 > easy > pattern

    print("\nvalue, $  best budget, tokens   utility there  at 4 times that")
    gain, scale = 0.3, 800.0
    for value in (0.02, 0.1, 1.0):
        budget = best_budget(value, gain, scale)

        def utility(tokens: float, value: float = value) -> float:
            return float(
                value * gain * (1 - np.exp(-tokens / scale)) - PRICE * tokens
            )

        grid = np.linspace(0, 20_000, 200_001)
        tried = value * gain * (1 - np.exp(-grid / scale)) - PRICE * grid
        assert abs(grid[tried.argmax()] - budget) < 0.2
        print(
            f"{value:8.2f} {budget:15.0f} {utility(budget):18.4f}"
            f" {utility(4 * budget):14.4f}"
        )

    print("\nshare turned right, wrong   questions for 80%  seen in trials")
    for gained, lost in ((0.20, 0.05), (0.10, 0.05), (0.06, 0.04)):
        n, _ = questions_needed(gained, lost)
        seen = detected(gained, lost, n)
        print(f"{gained:12.2f} {lost:10.2f} {n:14} {seen:18.3f}")
        assert abs(seen - 0.8) < 0.03
    # The quantile used for the power is that of the normal distribution.
    assert abs(0.5 * (1 + erf(0.8416 / sqrt(2))) - 0.8) < 1e-4


if __name__ == "__main__":
    main()
