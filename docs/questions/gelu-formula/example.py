"""GELU: the definition, its derivative, and two approximations measured.

Source: Hendrycks and Gimpel, Gaussian Error Linear Units (GELUs),
arXiv:1606.08415. Where the two constants come from is computed here.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:gelu]
ROOT = math.sqrt(2 / math.pi)


def normal_cdf(x: Array) -> Array:
    """Phi(x) = (1 + erf(x / sqrt 2)) / 2; erfc does not cancel."""
    root2 = math.sqrt(2)
    return np.array([math.erfc(-v / root2) / 2 for v in x.flat])


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def gelu(x: Array) -> Array:
    return x * normal_cdf(x)


def gelu_tanh(x: Array, a: float = 0.044715) -> Array:
    gate: Array = 0.5 * (1 + np.tanh(ROOT * (x + a * x**3)))
    return x * gate


def gelu_sigmoid(x: Array, c: float = 1.702) -> Array:
    return x * sigmoid(c * x)


def gelu_slope(x: Array) -> Array:
    """Phi(x) + x phi(x), phi the density."""
    density: Array = np.exp(-(x**2) / 2) * ROOT / 2
    return normal_cdf(x) + x * density


# --8<-- [end:gelu]

GRID: Array = np.arange(1, 8001) / 1000  # 0.001 to 8; the errors are even
PHI = normal_cdf(GRID)


def one(f: Callable[[Array], Array], x: float) -> float:
    return float(f(np.array([x]))[0])


def check_values() -> None:
    x = np.array([-3, -2, -1, -0.5, 0.5, 1, 2, 3])
    exact, tanh, sig = gelu(x), gelu_tanh(x), gelu_sigmoid(x)
    print("     x      exact       tanh    sigmoid")
    for cells in zip(x, exact, tanh, sig, strict=True):
        print(f"{cells[0]:6.1f}" + "".join(f"{c:11.6f}" for c in cells[1:]))
    forms = gelu, gelu_tanh, gelu_sigmoid
    at_one = [one(f, 1) for f in forms]
    np.testing.assert_allclose(at_one, [0.841345, 0.841192, 0.845796], 1e-6)
    # GELU(x) - GELU(-x) = x, for all three.
    for f in forms:
        np.testing.assert_allclose(f(x) - f(-x), x, atol=1e-14)
    # The tanh form is a sigmoid form: (1 + tanh u) / 2 = sigmoid(2u).
    as_sigmoid = x * sigmoid(2 * ROOT * (x + 0.044715 * x**3))
    np.testing.assert_allclose(as_sigmoid, tanh, atol=1e-14)


def check_mask() -> None:
    """E[x m] with m ~ Bernoulli(Phi(x)): keep x where a normal is below."""
    draws = np.random.default_rng(0).normal(size=1_000_000)
    print("\nmean of x * [N <= x] over 1,000,000 normal draws N")
    for x in (-1.0, 1.0):
        mean = float(np.mean(x * (draws <= x)))
        print(f"{x:6.1f}{mean:11.3f}   GELU{one(gelu, x):11.3f}")
        assert abs(mean - one(gelu, x)) < 2e-3


def zero(f: Callable[[Array], Array], low: float, high: float) -> float:
    """Bisection; f changes sign once between low and high."""
    for _ in range(60):
        middle = (low + high) / 2
        same = (one(f, middle) > 0) == (one(f, low) > 0)
        low, high = (middle, high) if same else (low, middle)
    return (low + high) / 2


def check_shape() -> None:
    bottom = zero(gelu_slope, -1.5, 0)
    root2 = math.sqrt(2)
    print("\n               x      GELU     slope")
    for name, x in [
        ("minimum", bottom),
        ("origin", 0.0),
        ("steepest", root2),
        ("its mirror", -root2),
        ("far left", -5.0),
    ]:
        y, slope = one(gelu, x), one(gelu_slope, x)
        print(f"{name:10}{x:8.4f}{y:10.6f}{round(slope, 6) + 0.0:10.6f}")
    np.testing.assert_allclose(
        [bottom, one(gelu, bottom)], [-0.7518, -0.17], atol=1e-4
    )
    # The formula of the slope, against differences of the function.
    points, h = np.arange(-40, 41) / 10, 1e-5
    differences = (gelu(points + h) - gelu(points - h)) / (2 * h)
    np.testing.assert_allclose(gelu_slope(points), differences, atol=1e-9)
    # Slopes at x and -x add to 1; the largest, over a grid, is at sqrt 2.
    both = gelu_slope(points) + gelu_slope(-points)
    np.testing.assert_allclose(both, 1, atol=1e-14)
    slopes = gelu_slope(GRID)
    assert abs(GRID[slopes.argmax()] - root2) < 1e-3
    assert slopes.max() <= one(gelu_slope, root2) + 1e-12


def best(loss: Callable[[float], float], low: float, high: float) -> float:
    """Golden-section search for the lowest loss."""
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return (low + high) / 2


def tanh_gate(a: float) -> Array:
    return (1 + np.tanh(ROOT * (GRID + a * GRID**3))) / 2


def sigmoid_gate(c: float) -> Array:
    return sigmoid(c * GRID)


Gate = Callable[[float], Array]
TAYLOR_A = (4 - math.pi) / (6 * math.pi)
TAYLOR_C = math.sqrt(8 / math.pi)


def phi_error(gate: Gate, p: float) -> float:
    return float(abs(gate(p) - PHI).max())


def gelu_error(gate: Gate, p: float) -> float:
    return float((GRID * abs(gate(p) - PHI)).max())


def compare(name: str, gate: Gate, taylor: float, used: float) -> float:
    """Print the errors of four constants; return the one best for Phi."""
    low, high = 0.9 * used, 1.1 * used
    for_phi = best(partial(phi_error, gate), low, high)
    for_gelu = best(partial(gelu_error, gate), low, high)
    for kind, p in [
        ("Taylor at 0", taylor),
        ("best for Phi", for_phi),
        ("used", used),
        ("best for GELU", for_gelu),
    ]:
        at = GRID[(GRID * abs(gate(p) - PHI)).argmax()]
        errors = f"{phi_error(gate, p):11.2e}{gelu_error(gate, p):11.2e}"
        print(f"{name:11}{kind:14}{p:10.6f}{errors}{at:6.2f}")
    return for_phi


def check_constants() -> None:
    print(
        "\nlargest error                constant        Phi       GELU    at"
    )
    a = compare("tanh, a", tanh_gate, TAYLOR_A, 0.044715)
    c = compare("sigmoid, c", sigmoid_gate, TAYLOR_C, 1.702)
    # What is used fits Phi best, to the digits that it is given with.
    assert round(a, 6) == 0.044715
    assert round(c, 3) == 1.702
    np.testing.assert_allclose(gelu_error(tanh_gate, 0.044715), 4.73e-4, 2e-3)
    np.testing.assert_allclose(gelu_error(sigmoid_gate, 1.702), 0.0203, 2e-3)


def bfloat16(x: Array) -> Array:
    """Round to bfloat16: 8 significant bits, ties to even."""
    bits = x.astype(np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return rounded.astype(np.uint32).view(np.float32).astype(np.float64)


def check_bfloat16() -> None:
    """All bfloat16 numbers with 1/128 <= |x| < 8."""
    patterns = np.arange(0x3C00, 0x4100, dtype=np.uint32) << 16
    right = patterns.view(np.float32).astype(np.float64)
    print("\nbfloat16 outputs that differ from exact GELU's")
    print("inputs                  count       tanh    sigmoid")
    for name, x in [("1/128 <= x < 8", right), ("-8 < x <= -1/128", -right)]:
        exact = bfloat16(gelu(x))
        # Evaluated as x * sigmoid(2u): tanh would cancel for x << 0.
        gate = sigmoid(2 * ROOT * (x + 0.044715 * x**3))
        counts = [
            int((bfloat16(y) != exact).sum())
            for y in (x * gate, gelu_sigmoid(x))
        ]
        print(f"{name:18}{x.size:11}{counts[0]:11}{counts[1]:11}")
        share = counts[0] / x.size
        assert share < 0.01 if x[0] > 0 else 0.2 < share < 0.3


def check_tail() -> None:
    """In fp32 1 + erf has cancelled where the true value has not."""
    print("\nfp32        x (1 + erf) / 2   x erfc / 2")
    for x in (-3.0, -5.0, -5.6):
        u = x / math.sqrt(2)
        naive = np.float32(x) / 2 * (1 + np.float32(math.erf(u)))
        stable = np.float32(x) / 2 * np.float32(math.erfc(-u))
        print(f"x = {x:4.1f}{naive + 0.0:19.3e}{stable:13.3e}")
        error = abs(naive / stable - 1)
        assert error < 1e-4 if x == -3 else error > 0.03
    assert naive == 0
    assert -1e-7 < stable < -1e-8


if __name__ == "__main__":
    check_values()
    check_mask()
    check_shape()
    check_constants()
    check_bfloat16()
    check_tail()
