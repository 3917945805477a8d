"""Swish: values, closed forms of its extremes, its limits, its slope beta.

Source: Ramachandran et al., Searching for Activation Functions,
arXiv:1710.05941. The closed forms are derived on the page.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:swish]
def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)); exp of -|x| cannot overflow."""
    e: Array = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def swish(x: Array, beta: float = 1.0) -> Array:
    return x * sigmoid(beta * x)


def swish_slope(x: Array, beta: float = 1.0) -> Array:
    f = swish(x, beta)
    return beta * f + sigmoid(beta * x) * (1 - beta * f)


def swish_curvature(x: Array, beta: float = 1.0) -> Array:
    u = beta * x
    gate: Array = sigmoid(u)
    bend: Array = 2 - u * np.tanh(u / 2)
    return beta * gate * (1 - gate) * bend


def hard_swish(x: Array) -> Array:
    return x * np.clip(x + 3, 0, 6) / 6


# --8<-- [end:swish]

LINE: Array = np.arange(-20_000, 20_001) / 1000  # -20 to 20


def one(f: Callable[[Array], Array], x: float) -> float:
    return float(f(np.array([x]))[0])


def zero(f: Callable[[float], float], low: float, high: float) -> float:
    """Bisection; f changes sign once between low and high."""
    for _ in range(60):
        middle = (low + high) / 2
        same = (f(middle) > 0) == (f(low) > 0)
        low, high = (middle, high) if same else (low, middle)
    return (low + high) / 2


# W e^W = 1/e, so that the minimum of SiLU is -W; z tanh z = 1.
W = zero(lambda w: w * math.exp(w) - math.exp(-1), 0, 1)
Z = zero(lambda z: z * math.tanh(z) - 1, 1, 2)


def check_values() -> None:
    betas = (0.0, 0.5, 1.0, 1.702, 10.0)
    names = "".join(f"{f'beta={beta:g}':>13}" for beta in betas)
    print(f"   x{names}")
    for x in (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0):
        row = [float(swish(np.array(x), beta)) for beta in betas]
        cells = "".join(f"{round(y, 6) + 0.0:13.6f}" for y in row)
        print(f"{x:4.0f}{cells}")
    np.testing.assert_allclose(
        swish(np.array([-3.0, -2, -1, 1, 2, 3])),
        [-0.142278, -0.238406, -0.268941, 0.731059, 1.761594, 2.857722],
        atol=5e-7,
    )


def check_derivatives() -> None:
    x, h = np.arange(-60, 61) / 10, 1e-5
    for beta in (0.0, 0.5, 1.0, 1.702, 10.0):
        rise = (swish(x + h, beta) - swish(x - h, beta)) / (2 * h)
        np.testing.assert_allclose(swish_slope(x, beta), rise, atol=1e-7)
        bend = (swish_slope(x + h, beta) - swish_slope(x - h, beta)) / (2 * h)
        np.testing.assert_allclose(swish_curvature(x, beta), bend, atol=1e-6)
        # In beta: x^2 s (1 - s).
        gate = sigmoid(beta * x)
        rise = (swish(x, beta + h) - swish(x, beta - h)) / (2 * h)
        np.testing.assert_allclose(x**2 * gate * (1 - gate), rise, atol=1e-6)
    slope = one(swish_slope, 1)
    print(
        f"\nslope of SiLU at 0: {one(swish_slope, 0):.6f}, at 1: {slope:.6f}"
    )


def check_extremes() -> None:
    print(f"\nW = {W:.6f} solves W e^W = 1/e; z = {Z:.6f} solves z tanh z = 1")
    print("SiLU             x      value      slope")
    for name, at in [
        ("minimum", -1 - W),
        ("steepest", 2 * Z),
        ("its mirror", -2 * Z),
    ]:
        y, slope = one(swish, at), round(one(swish_slope, at), 6) + 0.0
        print(f"{name:10}{at:8.4f}{y:11.6f}{slope:11.6f}")
    f, slopes = swish(LINE), swish_slope(LINE)
    np.testing.assert_allclose(one(swish, -1 - W), -W, atol=1e-12)
    np.testing.assert_allclose(f.min(), -W, atol=1e-6)
    np.testing.assert_allclose(slopes.max(), (1 + Z) / 2, atol=1e-6)
    np.testing.assert_allclose(slopes.min(), (1 - Z) / 2, atol=1e-6)
    # The value at the minimum is x + 1; f(x) - f(-x) = x everywhere.
    np.testing.assert_allclose(one(swish, -1 - W), (-1 - W) + 1, atol=1e-12)
    np.testing.assert_allclose(f - f[::-1], LINE, atol=1e-12)


def check_scaling() -> None:
    print("\n  beta  minimum at     value  largest slope  max |Swish - ReLU|")
    for beta in (0.5, 1.0, 1.702, 10.0, 100.0):
        x = LINE / beta
        f, slope = swish(x, beta), swish_slope(x, beta)
        gap = np.abs(f - np.maximum(x, 0)).max()
        at = -(1 + W) / beta
        row = f"{at:12.4f}{f.min():10.6f}{slope.max():15.4f}"
        print(f"{beta:6g}{row}{gap:20.6f}")
        np.testing.assert_allclose(f, swish(beta * x) / beta, atol=1e-12)
        np.testing.assert_allclose([gap, -f.min()], W / beta, atol=1e-6)
        assert abs(x[f.argmin()] - at) <= 0.001 / beta
        assert abs(slope.max() - 1.0998) < 5e-5
    # Towards beta = 0 it is x/2 + beta x^2 / 4 and a term in beta^3.
    x, beta = np.array([-1.0, -0.5, 0.5, 1.0]), 0.01
    line = x / 2 + beta * x**2 / 4
    np.testing.assert_allclose(swish(x, beta), line, atol=1e-7)


def check_absorbed() -> None:
    """A slope beta in an FFN moves into its matrices."""
    rng = np.random.default_rng(0)
    x, beta = rng.normal(size=(6, 8)), 2.5
    w, v = rng.normal(size=(8, 32)), rng.normal(size=(8, 32))
    w2 = rng.normal(size=(32, 8))
    pairs = [
        (
            "plain",
            swish(x @ w, beta) @ w2,
            swish(x @ (beta * w)) @ (w2 / beta),
        ),
        (
            "gated",
            (swish(x @ w, beta) * (x @ v)) @ w2,
            (swish(x @ (beta * w)) * (x @ v)) @ (w2 / beta),
        ),
    ]
    print("\nFFN with beta = 2.5, against beta = 1 and rescaled matrices")
    for name, with_beta, without in pairs:
        gap = np.abs(with_beta - without).max()
        print(f"{name}: largest difference {gap if gap > 1e-9 else 0:.3f}")
        np.testing.assert_allclose(with_beta, without, atol=1e-10)
        assert np.abs(with_beta).max() > 1


def check_relatives() -> None:
    exact = LINE * [math.erfc(-v / math.sqrt(2)) / 2 for v in LINE]
    print("\nlargest difference        value     at |x|")
    rows = [
        ("SiLU, GELU", swish(LINE), exact),
        ("beta = 1.702, GELU", swish(LINE, 1.702), exact),
        ("hard-swish, SiLU", hard_swish(LINE), swish(LINE)),
    ]
    for name, one_curve, other in rows:
        gap = np.abs(one_curve - other)
        at = abs(LINE[gap.argmax()])
        print(f"{name:20}{gap.max():11.4f}{at:11.3f}")
    gaps = [np.abs(a - b).max() for _, a, b in rows]
    np.testing.assert_allclose(gaps, [0.1930, 0.0203, 0.1423], atol=5e-5)


def check_overflow() -> None:
    x = np.array([-1000.0, 1000.0])
    with np.errstate(over="ignore", invalid="ignore"):
        naive = x * np.exp(x) / (1 + np.exp(x))
    print(f"\nx e^x / (1 + e^x) at -1000, 1000: {naive[0] + 0.0}, {naive[1]}")
    print(
        f"x times sigmoid(x) above:         {swish(x)[0] + 0.0}, {swish(x)[1]}"
    )
    assert np.isnan(naive[1])
    np.testing.assert_array_equal(swish(x), [0, 1000])


if __name__ == "__main__":
    check_values()
    check_derivatives()
    check_extremes()
    check_scaling()
    check_absorbed()
    check_relatives()
    check_overflow()
