"""What demonstrations in a prompt can do while no weight changes.

Three computations: demonstrations as evidence about the task (after Xie et
al., 2021; the task model is our own), linear attention as one step of
gradient descent (von Oswald et al., 2022), contextual calibration (Zhao et
al., 2021).
"""

from math import comb, log

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FORMATS = 4  # ways to answer that an instruction leaves open
NATURAL = 0.95  # prior belief that labels mean what they say
CORRECT = 0.9  # how often a demonstration's label fits its mapping


# --8<-- [start:demonstrations]
def follows(
    shots: int, agree: float, natural: float = NATURAL, noise: float = 0.0
) -> float:
    """Chance that after `shots` demonstrations the natural mapping is the
    more probable one; each label agrees with it with chance `agree`.
    `noise` is the prior belief that the labels were drawn by lot."""
    total = 0.0
    for j in range(shots + 1):
        fits = CORRECT**j * (1 - CORRECT) ** (shots - j)
        misses = (1 - CORRECT) ** j * CORRECT ** (shots - j)
        lot = noise * 0.5**shots
        odds = log(natural / (1 - natural))
        odds += log((1 - noise) * fits + lot)
        odds -= log((1 - noise) * misses + lot)
        chance = comb(shots, j) * agree**j * (1 - agree) ** (shots - j)
        total += chance * (0.5 if abs(odds) < 1e-12 else float(odds > 0))
    return total


def right_format(shots: int) -> float:
    """One demonstration shows the format; without any it is a guess."""
    return 1.0 if shots else 1 / FORMATS


def attend(keys: Array, values: Array, query: Array, rate: float) -> float:
    """Linear attention: values weighted by the products of key and query."""
    return float(rate / len(keys) * (values @ (keys @ query)))


def calibrated(p: Array, content_free: Array) -> Array:
    """Class probabilities over those of an input without content."""
    q = p / content_free
    return q / q.sum()


# --8<-- [end:demonstrations]


def main() -> None:
    print("accuracy by the labels of the demonstrations")
    print("shots   right  random  prior 0.999  noise 0.5  flipped")
    table = []
    for shots in (0, 1, 2, 4, 8, 16):
        row = (
            right_format(shots) * follows(shots, CORRECT),
            right_format(shots) * follows(shots, 0.5),
            right_format(shots) * follows(shots, 0.5, 0.999),
            right_format(shots) * follows(shots, 0.5, noise=0.5),
            right_format(shots) * (1 - follows(shots, 1 - CORRECT)),
        )
        table.append(row)
        print(
            f"{shots:5} {row[0]:7.3f} {row[1]:7.3f} {row[2]:12.3f}"
            f" {row[3]:10.3f} {row[4]:8.3f}"
        )
    assert table[0][0] == table[0][1] == 0.25
    # One demonstration with a random label still shows the format.
    assert table[1][1] == 1.0 and table[-1][4] > 0.99
    # Where labels may be noise, random ones stop adding up to evidence.
    assert table[-1][3] > table[-1][1] + 0.2
    assert table[4][2] > 0.85 > table[4][1] + 0.2
    print("shots until flipped labels win half the time, by prior")
    for natural in (0.6, 0.95, 0.999):
        shots = next(
            k for k in range(100) if follows(k, 1 - CORRECT, natural) < 0.5
        )
        print(f"{natural:9.3f} {shots:4}")

    rng = np.random.default_rng(0)
    x = rng.standard_normal((12, 5))
    y = x @ rng.standard_normal(5)
    query = rng.standard_normal(5)
    rate = 0.3
    gradient = -(y - x @ np.zeros(5)) @ x / len(x)
    step = (np.zeros(5) - rate * gradient) @ query
    seen = attend(x, y, query, rate)
    print(f"\nlinear attention {seen:.6f}, one gradient step {step:.6f}")
    assert abs(seen - step) < 1e-12
    shuffled = rng.permutation(len(x))
    assert abs(attend(x[shuffled], y[shuffled], query, rate) - seen) < 1e-12

    free = np.array([0.7, 0.3])
    p = np.array([0.6, 0.4])
    print("\n                     class 0  class 1")
    for name, q in (
        ("input", p),
        ("input, calibrated", calibrated(p, free)),
        ("without content", calibrated(free, free)),
    ):
        print(f"{name:20} {q[0]:8.3f} {q[1]:8.3f}")
    assert p.argmax() == 0 and calibrated(p, free).argmax() == 1

    # A balanced test whose scores carry one bias for all inputs.
    truth = rng.integers(0, 2, 20_000)
    score = np.where(truth, 1.0, -1.0) + rng.standard_normal(len(truth))
    biased = 1 / (1 + np.exp(-(score - 1.5)))
    base = 1 / (1 + np.exp(1.5))
    odds = biased / (1 - biased) * (1 - base) / base
    print("accuracy under a bias of 1.5 logits")
    print(f"  as it is {np.mean((biased > 0.5) == truth):.3f},", end=" ")
    print(f"calibrated {np.mean((odds > 1) == truth):.3f}")
    assert np.mean((odds > 1) == truth) > 0.83


if __name__ == "__main__":
    main()
