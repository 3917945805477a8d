"""The gated FFN: a hand-sized example, its gradients, layouts and sizes.

Sources: Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202,
section 2; Dauphin et al., arXiv:1612.08083, section 3 (GLU against GTU).
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Gate = Callable[[Array], Array]
Weights = tuple[Array, Array, Array]  # W, V, W2


# --8<-- [start:glu]
def sigmoid(a: Array) -> Array:
    out: Array = 1 / (1 + np.exp(-a))
    return out


def glu_ffn(x: Array, weights: Weights, gate: Gate) -> Array:
    """(gate(x W) * x V) W2; W, V: d by d_ff, W2: d_ff by d."""
    w, v, w2 = weights
    return (gate(x @ w) * (x @ v)) @ w2


def fused(x: Array, wv: Array, w2: Array, first: bool) -> Array:
    """One product for both branches; is the gate its first half?"""
    a, b = np.split(x @ wv, 2, axis=-1)
    gate, value = (a, b) if first else (b, a)
    return (sigmoid(gate) * value) @ w2


GATES: dict[str, Gate] = {
    "GLU": sigmoid,
    "Bilinear": lambda a: a,
    "ReGLU": lambda a: np.maximum(a, 0),
}
# --8<-- [end:glu]

X = np.array([1.0, -1.0])
W = np.array([[1.0, 0, 2], [0, 1, 1]])
V = np.array([[0.5, 1, -1], [1, -1, 0]])
W2 = np.array([[1.0, 0], [0, 1], [1, 1]])


def cells(values: Array, width: int = 10) -> str:
    return "".join(f"{value + 0.0:{width}.6f}" for value in values)


def check_by_hand() -> None:
    g, u = X @ W, X @ V
    print("by hand, d = 2, d_ff = 3")
    print(f"gate branch  x W     {cells(g)}")
    print(f"value branch x V     {cells(u)}")
    print(f"gate sigmoid(x W)    {cells(sigmoid(g))}")
    print(f"\n{'hidden':>33}{'output':>28}")
    outputs = {}
    for name, gate in GATES.items():
        outputs[name] = glu_ffn(X, (W, V, W2), gate)
        print(f"{name:9}{cells(gate(g) * u)}  {cells(outputs[name])}")
    np.testing.assert_allclose(g, [1, -1, 1])
    np.testing.assert_allclose(u, [-0.5, 2, -1])
    np.testing.assert_allclose(
        outputs["GLU"], [-1.096588, -0.193176], atol=5e-7
    )
    np.testing.assert_allclose(outputs["Bilinear"], [-1.5, -3])
    np.testing.assert_allclose(outputs["ReGLU"], [-1.5, -1])
    # Unit by unit: sum over j of sigmoid(x w_j) (x v_j) u_j.
    units = [sigmoid(X @ W[:, j]) * (X @ V[:, j]) * W2[j] for j in range(3)]
    np.testing.assert_allclose(np.sum(units, axis=0), outputs["GLU"])
    # A sigmoid gate can neither flip the value's sign nor enlarge it.
    assert np.all(np.sign(sigmoid(g) * u) == np.sign(u))
    assert np.all(np.abs(sigmoid(g) * u) < np.abs(u))


def check_layouts() -> None:
    gate_first, value_first = np.hstack([W, V]), np.hstack([V, W])
    right = glu_ffn(X, (W, V, W2), sigmoid)
    rows = {
        "[W | V], gate = first half": fused(X, gate_first, W2, True),
        "[V | W], gate = second half": fused(X, value_first, W2, False),
        "[W | V], gate = second half": fused(X, gate_first, W2, False),
    }
    print("\nGLU output from one fused product")
    for name, out in rows.items():
        print(f"{name:29}{cells(out)}")
    first, second, swapped = rows.values()
    np.testing.assert_allclose(first, right, atol=1e-12)
    np.testing.assert_allclose(second, right, atol=1e-12)
    assert np.abs(swapped - right).min() > 0.1
    # Tensor parallelism: the same units of W, V and W2 on a device.
    parts = [
        glu_ffn(X, (W[:, part], V[:, part], W2[part]), sigmoid)
        for part in (slice(0, 1), slice(1, 3))
    ]
    np.testing.assert_allclose(parts[0] + parts[1], right)
    # Bilinear alone is symmetric in its branches.
    np.testing.assert_allclose(
        glu_ffn(X, (V, W, W2), GATES["Bilinear"]), [-1.5, -3]
    )


def check_gradients() -> None:
    """d/du of sigmoid(g) u (GLU) and of sigmoid(g) tanh(u) (GTU)."""
    step, g = 1e-6, np.array(2.0)

    def glu(u: Array) -> Array:
        return sigmoid(g) * u

    def gtu(u: Array) -> Array:
        out: Array = sigmoid(g) * np.tanh(u)
        return out

    print("\nd unit / du, open gate g = 2")
    print("       u       GLU       GTU")
    for u in (0.0, 1.0, 2.0, 4.0):
        at = np.array(u)
        exact = sigmoid(g), sigmoid(g) * (1 - np.tanh(at) ** 2)
        print(f"{u:8.1f}{exact[0]:10.4f}{exact[1]:10.4f}")
        for unit, value in zip((glu, gtu), exact, strict=True):
            slope = (unit(at + step) - unit(at - step)) / (2 * step)
            np.testing.assert_allclose(slope, value, atol=1e-8)


def check_product() -> None:
    """Two GLU units, with gates e g and -e g, approach the product g u."""
    rng = np.random.default_rng(0)
    g, u = rng.uniform(-2, 2, size=(2, 1000))
    print("\ntwo units for the product g u, 1,000 points, |g|, |u| <= 2")
    print("     e  largest error")
    errors = []
    for e in (1.0, 0.5, 0.1):
        pair = 2 / e * (sigmoid(e * g) * u - sigmoid(-e * g) * u)
        errors.append(float(np.abs(pair - g * u).max()))
        print(f"{e:6.1f}{errors[-1]:15.4f}")
        np.testing.assert_allclose(pair, 2 / e * np.tanh(e * g / 2) * u)
    assert errors[0] > errors[1] > errors[2] and errors[2] < 0.02
    # The expansion at 0: u / 2 + g u / 4 - g^3 u / 48.
    e = g / 20
    series = 1 / 2 + e / 4 - e**3 / 48
    np.testing.assert_allclose(sigmoid(e), series, atol=1e-7)
    # The sum of the two gates is 1: the pair can also be linear.
    np.testing.assert_allclose(sigmoid(g) * u + sigmoid(-g) * u, u)


def check_sizes() -> None:
    d = 4096
    plain = 2 * d * 4 * d
    third = Fraction(8, 3) * d
    assert 3 * d * third == plain == 8 * d * d
    rounded = 256 * -(-int(third) // 256)  # LLaMA-7B's width
    rows = [
        ("2 matrices, 4d", 2, 4 * d),
        ("3 matrices, 4d", 3, 4 * d),
        ("3 matrices, 8/3 d, floor", 3, int(third)),
        ("3 matrices, up to 256 k", 3, rounded),
    ]
    print(
        "\nd = 4096, no biases         d_ff   parameters  FLOPs/token   ratio"
    )
    for name, matrices, d_ff in rows:
        size = matrices * d * d_ff
        print(f"{name:25}{d_ff:7,}{size:13,}{2 * size:13,}{size / plain:8.4f}")
    assert rounded == 11008 and 3 * d * rounded == 135_266_304
    assert 3 * d * 4 * d * 2 == 3 * plain
    t5 = 2 * 768 * 3072, 3 * 768 * 2048
    print(f"\nT5 base, d = 768: 2 x 3072 {t5[0]:,}   3 x 2048 {t5[1]:,}")
    assert t5[0] == t5[1]


if __name__ == "__main__":
    check_by_hand()
    check_layouts()
    check_gradients()
    check_product()
    check_sizes()
