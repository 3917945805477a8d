"""GEGLU: the hand-sized example, the range of its gate, real widths.

Source: Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202,
section 2; GELU is Hendrycks and Gimpel, arXiv:1606.08415, section 2.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Gate = Callable[[Array], Array]
Weights = tuple[Array, Array, Array]  # W, V, W2


# --8<-- [start:geglu]
def normal_cdf(g: Array) -> Array:
    erf = np.vectorize(math.erf, otypes=[float])
    out: Array = (1 + erf(g / math.sqrt(2))) / 2
    return out


def gelu(g: Array) -> Array:
    return g * normal_cdf(g)


def gelu_tanh(g: Array) -> Array:
    inner = math.sqrt(2 / math.pi) * (g + 0.044715 * g**3)
    out: Array = g / 2 * (1 + np.tanh(inner))
    return out


def geglu_ffn(x: Array, weights: Weights, gate: Gate) -> Array:
    """(GELU(x W) * x V) W2; the activation is on the gate alone."""
    w, v, w2 = weights
    return (gate(x @ w) * (x @ v)) @ w2


# --8<-- [end:geglu]

X = np.array([1.0, -1.0])
W = np.array([[1.0, 0, 2], [0, 1, 1]])
V = np.array([[0.5, 1, -1], [1, -1, 0]])
W2 = np.array([[1.0, 0], [0, 1], [1, 1]])


def sigmoid(g: Array) -> Array:
    out: Array = 1 / (1 + np.exp(-g))
    return out


def silu(g: Array) -> Array:
    return g * sigmoid(g)


def relu(g: Array) -> Array:
    return np.maximum(g, 0)


def cells(values: Array, width: int = 10) -> str:
    return "".join(f"{value + 0.0:{width}.6f}" for value in values)


def check_by_hand() -> None:
    g, u = X @ W, X @ V
    print("by hand, d = 2, d_ff = 3")
    print(f"x W       {cells(g)}")
    print(f"x V       {cells(u)}")
    for name, gate in (("GELU", gelu), ("tanh GELU", gelu_tanh)):
        print(f"\n{name}")
        print(f"  gate    {cells(gate(g))}")
        print(f"  hidden  {cells(gate(g) * u)}")
        print(f"  output  {cells(geglu_ffn(X, (W, V, W2), gate))}")
    exact = geglu_ffn(X, (W, V, W2), gelu)
    rough = geglu_ffn(X, (W, V, W2), gelu_tanh)
    np.testing.assert_allclose(exact, [-1.262017, -1.158655], atol=5e-7)
    np.testing.assert_allclose(rough, [-1.261788, -1.158808], atol=5e-7)

    wrong = {
        "GELU on the value": (g * gelu(u)) @ W2,
        "GELU on both": (gelu(g) * gelu(u)) @ W2,
        "GELU after the product": gelu(g * u) @ W2,
    }
    print("\nnot GEGLU                         output")
    for name, out in wrong.items():
        print(f"{name:22}{cells(out)}")
        assert np.abs(out - exact).max() > 0.1


def check_gates() -> None:
    grid = np.linspace(-6, 6, 1_200_001)
    low = grid[gelu(grid).argmin()]
    points = np.array([-3, -1, low, 0, 1, 2])
    print("\nwhat multiplies the value")
    print(f"{'g':>9}{'sigmoid':>10}{'ReLU':>9}{'GELU':>9}{'SiLU':>9}")
    for g in points:
        row = [gate(g) for gate in (sigmoid, relu, gelu, silu)]
        print(f"{g:9.4f}{row[0]:10.4f}", end="")
        print("".join(f"{float(value):9.4f}" for value in row[1:]))
    np.testing.assert_allclose(low, -0.7518, atol=5e-5)
    np.testing.assert_allclose(gelu(low), -0.169971, atol=5e-7)
    assert gelu(np.array(2.0)) > 1 > sigmoid(np.array(2.0))


def check_identities() -> None:
    rng = np.random.default_rng(0)
    g, u = 2 * rng.normal(size=(2, 1000))
    # GEGLU is the bilinear unit times a gate between 0 and 1.
    np.testing.assert_allclose(gelu(g) * u, normal_cdf(g) * (g * u))
    # Near 0: GELU starts at g / 2, and x times t gives at most t^2.
    small = g / 1000
    near = small / 2 + small**2 / math.sqrt(2 * math.pi)
    np.testing.assert_allclose(gelu(small), near, atol=1e-9)
    assert np.all(np.abs(sigmoid(9 * g) * 9 * u) <= 9 * np.abs(u))
    np.testing.assert_allclose(gelu(np.array(90.0)) * 9, 9 * 90)
    # GELU'(g) = Phi(g) + g phi(g) lies between -0.129 and 1.129.
    grid = np.linspace(-6, 6, 120_001)
    density = np.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi)
    slope = normal_cdf(grid) + grid * density
    assert round(slope.min(), 3) == -0.129 and round(slope.max(), 3) == 1.129
    step = 1e-6
    difference = (gelu(g + step) - gelu(g - step)) / (2 * step)
    density = np.exp(-(g**2) / 2) / math.sqrt(2 * math.pi)
    exact = normal_cdf(g) + g * density
    np.testing.assert_allclose(exact, difference, atol=1e-8)
    print("\ntwo units, phi(g) u - phi(-g) u, against g u, 1,000 points")
    gates = {
        "ReLU": relu,
        "GELU": gelu,
        "tanh GELU": gelu_tanh,
        "SiLU": silu,
        "sigmoid": sigmoid,
    }
    for name, gate in gates.items():
        error = np.abs(gate(g) * u - gate(-g) * u - g * u).max()
        print(f"{name:10}largest difference {error:7.3f}")
        assert (error < 1e-12) == (name != "sigmoid")
    # Four GELU units without a gate come close, for e to 0: GELU is even
    # plus linear, GELU(t) + GELU(-t) = sqrt(2 / pi) t^2 + O(t^4).
    errors = []
    for e in (0.1, 0.01):
        plus, minus = e * (g + u), e * (g - u)
        four = gelu(plus) + gelu(-plus) - gelu(minus) - gelu(-minus)
        four *= math.sqrt(math.pi / 2) / (4 * e**2)
        errors.append(float(np.abs(four - g * u).max()))
    assert errors[1] < errors[0] / 50 and errors[1] < 0.1


def check_tanh() -> None:
    grid = np.linspace(-6, 6, 120_001)
    error = np.abs(gelu_tanh(grid) - gelu(grid))
    print("\ntanh GELU against GELU, largest difference over g")
    print("    value u   hidden unit")
    for u in (1.0, 10.0, 100.0):
        print(f"{u:11.0f}{(error * u).max():14.2e}")
    np.testing.assert_allclose(error.max(), 4.73e-4, rtol=1e-3)


@dataclass
class Model:
    name: str
    d: int
    d_ff: int


MODELS = [
    Model("T5 v1.1 small", 512, 1024),
    Model("T5 v1.1 base", 768, 2048),
    Model("T5 v1.1 large", 1024, 2816),
    Model("T5 v1.1 XL", 2048, 5120),
    Model("T5 v1.1 XXL", 4096, 10240),
    Model("LaMDA 137B", 8192, 65536),
    Model("GLM-130B", 12288, 32768),
    Model("Gemma 7B", 3072, 24576),
    Model("Gemma 2 9B", 3584, 14336),
    Model("ModernBERT base", 768, 1152),
]


def check_sizes() -> None:
    print("\nGEGLU models         d    d_ff  d_ff/d  3 d d_ff / 8 d^2")
    for model in MODELS:
        d, d_ff = model.d, model.d_ff
        size = 3 * d * d_ff / (8 * d * d)
        print(f"{model.name:15}{d:8}{d_ff:8}{d_ff / d:8.2f}{size:18.3f}")
    assert round(1 - math.exp(1.633 - 1.677), 3) == 0.043  # perplexity
    base, glm = MODELS[1], MODELS[6]
    assert 3 * base.d_ff == 8 * base.d and 3 * glm.d_ff == 8 * glm.d
    # LaMDA: 64 layers, 128 heads of 128; d_ff is the width of one branch.
    lamda = MODELS[5]
    ffn = 3 * lamda.d * lamda.d_ff * 64
    attention = 4 * lamda.d * 128 * 128 * 64
    total = (ffn + attention) / 1e9
    print(f"\nLaMDA from its shapes: {total:.1f} billion parameters")
    assert round(total) == 137


if __name__ == "__main__":
    check_by_hand()
    check_gates()
    check_identities()
    check_tanh()
    check_sizes()
