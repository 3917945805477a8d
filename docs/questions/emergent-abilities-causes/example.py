"""Exact match as p^L: what it explains of a jump, and what it cannot.

Source: Schaeffer et al., arXiv:2304.15004, section 2 (p^L and a power law).
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GAMMA = 0.5  # exponent of the task's loss per token in compute
GUESS = 0.1  # probability of guessing one digit


# --8<-- [start:worlds]
def token_loss(decades: Array | float, gamma: float = GAMMA) -> Array:
    """-ln p of a correct token; a pure guess at 0 decades of compute."""
    return -math.log(GUESS) * 10.0 ** (-gamma * np.asarray(decades))


def smooth_world(decades: Array | float, length: int) -> tuple[Array, Array]:
    """Every token is right with probability p: (exact match, token score)."""
    p = np.exp(-token_loss(decades))
    return p**length, p


def rule_world(mastered: Array, length: int) -> tuple[Array, Array]:
    """A share of items is fully mastered, the other digits are guessed."""
    exact = mastered + (1 - mastered) * GUESS**length
    return exact, mastered + (1 - mastered) * GUESS


def share_for(exact: Array, length: int) -> Array:
    """The mastered share at which rule_world has this exact match."""
    share: Array = (exact - GUESS**length) / (1 - GUESS**length)
    return share


# --8<-- [end:worlds]


def decades_at(exact: float, length: int, gamma: float = GAMMA) -> float:
    """Where p^length reaches exact, in decades of compute."""
    loss = -math.log(exact) / length
    return math.log10(-math.log(GUESS) / loss) / gamma


def check_power() -> None:
    print("L = 10     p     p^10   reads 0 on 100   items for one hit (95%)")
    for p in (0.5, 0.8, 0.9, 0.95, 0.99):
        exact = p**10
        blank = (1 - exact) ** 100
        needed = math.ceil(math.log(0.05) / math.log(1 - exact))
        print(f"{p:12.2f}{exact:9.5f}{blank:17.3f}{needed:26,}")
        assert (1 - exact) ** needed <= 0.05 < (1 - exact) ** (needed - 1)
    assert round(0.5**10, 5) == 0.00098
    assert round((1 - 0.5**10) ** 100, 3) == 0.907


def check_shift() -> None:
    print("\ndecades of compute where p^L reaches (loss = 2.303 C^-0.5)")
    print("   L      0.1      0.5      0.9   0.1 to 0.9")
    widths = []
    for length in (1, 10, 100):
        at = [decades_at(exact, length) for exact in (0.1, 0.5, 0.9)]
        widths.append(at[2] - at[0])
        cells = "".join(f"{value:9.2f}" for value in at)
        print(f"{length:4}{cells}{widths[-1]:13.2f}")
        score = smooth_world(np.array(at), length)[0]
        np.testing.assert_allclose(score, [0.1, 0.5, 0.9])
    # A longer answer moves the curve and does not make it steeper.
    np.testing.assert_allclose(widths, widths[0])
    x = np.linspace(0, 4, 9)
    moved = smooth_world(x + math.log10(10) / GAMMA, 10)[0]
    np.testing.assert_allclose(moved, smooth_world(x, 1)[0])

    factor = math.log(0.1) / math.log(0.9)
    print(f"from 0.1 to 0.9 the loss per token falls {factor:.2f}-fold")
    print("exponent   decades of compute for that")
    for gamma in (0.05, 0.5, 1.0):
        print(f"{gamma:8.2f}{math.log10(factor) / gamma:14.2f}")
    print(f"exponent for one decade {math.log10(factor):.2f}")
    np.testing.assert_allclose(widths[0], math.log10(factor) / GAMMA)
    floor = math.exp(-1.69)
    print(f"e^-1.69 = {floor:.3f}, to the 10th {floor**10:.1e}")
    assert floor**10 < 1e-7


def check_slope() -> None:
    """d ln EM / d ln C = gamma ln(1 / EM): steepest where EM looks flat."""
    print("\n      EM   slope of ln EM in ln C")
    for exact in (0.001, 0.1, 0.9):
        at, step = decades_at(exact, 10), 1e-5
        high, low = (smooth_world(at + s, 10)[0] for s in (step, -step))
        slope = math.log(high / low) / (2 * step * math.log(10))
        print(f"{exact:8.3f}{slope:14.2f}")
        assert abs(slope - GAMMA * math.log(1 / exact)) < 1e-4


def check_worlds() -> None:
    print("\ntwo worlds with the same exact match at L = 10")
    print("               token score         exact match at L = 5")
    print("decades    EM  smooth   rule         smooth   rule")
    x = np.arange(1.0, 6.0)
    exact, smooth = smooth_world(x, 10)
    share = share_for(exact, 10)
    same, rule = rule_world(share, 10)
    np.testing.assert_allclose(same, exact, rtol=1e-12)
    short = smooth_world(x, 5)[0], rule_world(share, 5)[0]
    for row in zip(x, exact, smooth, rule, *short, strict=True):
        one = f"{row[0]:7.0f}{row[1]:6.3f}{row[2]:8.3f}{row[3]:7.3f}"
        print(f"{one}{row[4]:15.3f}{row[5]:7.3f}")
    # Before the jump only one of the two shows progress, token by token.
    assert exact[0] < 0.001 and smooth[0] > 0.4 and rule[0] < 0.101
    # Half the length: the square root of EM there, nearly the same EM here.
    np.testing.assert_allclose(short[0], np.sqrt(exact))
    assert np.abs(short[1] - exact).max() < 1e-4


def check_mixture() -> None:
    items = np.array([0.1, 0.9])
    mean, exact = items.mean(), (items**10).mean()
    print("\nhalf the items at p = 0.1, half at 0.9, L = 10")
    print(f"mean p {mean:.1f}   exact match {exact:.3f}", end="")
    print(f"   (mean p)^10 {mean**10:.5f}")
    # Jensen: the mean of p^L is at least the L-th power of the mean.
    assert exact > 100 * mean**10

    print("\nslope of -ln(-ln EM) in ln C, L = 10, at 1 to 5 decades")
    x, step = np.arange(1.0, 6.0), 1e-4
    rows = []
    for name, factors in (
        ("equal items", [1.0]),
        ("loss 1/4 and 4", [0.25, 4]),
    ):
        high, low = (
            np.mean(
                [np.exp(-10 * f * token_loss(at)) for f in factors], axis=0
            )
            for at in (x + step, x - step)
        )
        rise = np.log(np.log(low) / np.log(high))
        rows.append(rise / (2 * step * math.log(10)))
        print(f"{name:<15}" + "".join(f"{value:7.2f}" for value in rows[-1]))
    # Items of unequal difficulty bend the line; no new mechanism is needed.
    np.testing.assert_allclose(rows[0], GAMMA, rtol=1e-6)
    assert rows[1].min() < GAMMA / 2 and rows[1][4] > 2 * rows[1][2]


if __name__ == "__main__":
    check_power()
    check_shift()
    check_slope()
    check_worlds()
    check_mixture()
