"""Errors over many steps: what a chain, a check and a retry are worth.

Success of n steps in a row, with a check after each step and one retry; and
the two ways of counting k trials, pass@k and pass^k (Yao et al.,
arXiv:2406.12045), on two sets of tasks with the same mean.
"""

from math import isclose, log

import numpy as np


# --8<-- [start:steps]
def chain(p: float, n: int) -> float:
    """n independent steps, all of which must succeed."""
    return p**n


def checked(p: float, n: int, catch: float) -> float:
    """A check finds a failed step with chance `catch` and has it tried once
    more; it never rejects a good step."""
    return (p + (1 - p) * catch * p) ** n


def needed(n: int, target: float) -> float:
    """Success of one step such that n in a row reach the target."""
    return target ** (1 / n)


def pass_at(ps: list[float], k: int) -> float:
    """At least one of k trials, averaged over tasks."""
    return float(np.mean([1 - (1 - p) ** k for p in ps]))


def pass_all(ps: list[float], k: int) -> float:
    """Each of k trials, averaged over tasks: pass^k."""
    return float(np.mean([p**k for p in ps]))


# --8<-- [end:steps]


def check_steps() -> None:
    print("p of a step  steps    chain  check 0.5  check 1.0")
    for p, n in ((0.99, 50), (0.95, 5), (0.95, 20), (0.95, 50)):
        row = chain(p, n), checked(p, n, 0.5), checked(p, n, 1.0)
        print(f"  {p:9}{n:7}" + "".join(f"{x:10.3f}" for x in row)[1:])
        assert row[0] < row[1] < row[2]
        assert isclose(row[2], (1 - (1 - p) ** 2) ** n)
    rng = np.random.default_rng(0)
    shape = (50_000, 20)
    first, second = rng.random(shape) < 0.95, rng.random(shape) < 0.95
    caught = rng.random(shape) < 0.5
    done = (first | (caught & second)).all(axis=1).mean()
    assert abs(done - checked(0.95, 20, 0.5)) < 0.01
    print("p of a step needed for 0.9 over all steps")
    for n in (5, 20, 50):
        p = needed(n, 0.9)
        print(f"  {n:3} steps {p:8.4f}")
        assert isclose(chain(p, n), 0.9)
    half = log(0.5) / log(0.95)
    print(f"at 0.95 a step, success is halved every {half:.1f} steps")


SETS = {
    "each task 0.6": [0.6, 0.6],
    "half 1.0, half 0.2": [1.0, 0.2],
}


def check_trials() -> None:
    print("\nk trials of each task      k   pass@k   pass^k")
    for name, ps in SETS.items():
        assert isclose(sum(ps) / 2, 0.6)
        for k in (1, 4, 8):
            row = pass_at(ps, k), pass_all(ps, k)
            print(f"  {name:<20}{k:6}{row[0]:9.3f}{row[1]:9.3f}")
            assert row[0] >= 0.6 - 1e-12 and row[1] <= 0.6 + 1e-12
    same, mixed = SETS.values()
    assert pass_all(mixed, 4) > 3 * pass_all(same, 4)
    assert pass_at(mixed, 4) < pass_at(same, 4)


if __name__ == "__main__":
    check_steps()
    check_trials()
