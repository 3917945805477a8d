"""SwiGLU: the hand-sized example, beta, widths from d, growth of a unit.

Sources: Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202,
section 2; widths after Meta's llama/model.py, class FeedForward.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weights = tuple[Array, Array, Array]  # W, V, W2


# --8<-- [start:swiglu]
def sigmoid(g: Array) -> Array:
    out: Array = 1 / (1 + np.exp(-g))
    return out


def swish(g: Array, beta: float = 1.0) -> Array:
    return g * sigmoid(beta * g)


def swiglu_ffn(x: Array, weights: Weights) -> Array:
    """(Swish_1(x W) * x V) W2: down(silu(gate(x)) * up(x))."""
    gate, up, down = weights
    return (swish(x @ gate) * (x @ up)) @ down


def llama_d_ff(d: int, multiplier: float, multiple: int) -> int:
    """d_ff as in Meta's code: two thirds of 4 d, scaled, rounded up."""
    hidden = int(2 * (4 * d) / 3)
    hidden = int(multiplier * hidden)
    return multiple * ((hidden + multiple - 1) // multiple)


# --8<-- [end:swiglu]

X = np.array([1.0, -1.0])
W = np.array([[1.0, 0, 2], [0, 1, 1]])
V = np.array([[0.5, 1, -1], [1, -1, 0]])
W2 = np.array([[1.0, 0], [0, 1], [1, 1]])


def cells(values: Array, width: int = 10) -> str:
    return "".join(f"{value + 0.0:{width}.6f}" for value in values)


def check_by_hand() -> None:
    g, u = X @ W, X @ V
    glu, swiglu = sigmoid(g) * u, swish(g) * u
    print("by hand, d = 2, d_ff = 3")
    print(f"x W             {cells(g)}")
    print(f"x V             {cells(u)}")
    print(f"gate SiLU(x W)  {cells(swish(g))}")
    print(f"hidden, SwiGLU  {cells(swiglu)}")
    print(f"hidden, GLU     {cells(glu)}")
    out = swiglu_ffn(X, (W, V, W2))
    print(f"output, SwiGLU  {cells(out)}")
    print(f"output, GLU     {cells(glu @ W2)}")
    np.testing.assert_allclose(out, [-1.096588, -1.268941], atol=5e-7)
    # SiLU(g) = g sigmoid(g): SwiGLU is x W times GLU, element-wise.
    np.testing.assert_allclose(swiglu, g * glu)
    silu_on_up = (g * swish(u)) @ W2
    print(f"SiLU on up_proj {cells(silu_on_up)}")
    assert np.abs(silu_on_up - out).max() > 0.1


def check_beta() -> None:
    g, u = X @ W, X @ V
    print("\nbeta      hidden")
    for beta in (0.0, 1.0, 1.702, 1000.0):
        with np.errstate(over="ignore"):
            print(f"{beta:<6g}{cells(swish(g, beta) * u)}")
    with np.errstate(over="ignore"):
        relu_like = swish(g, 1000.0)
    np.testing.assert_allclose(swish(g, 0.0) * u, g * u / 2)
    np.testing.assert_allclose(relu_like, np.maximum(g, 0), atol=1e-12)
    # beta is absorbed by the weights: W -> beta W, V -> V / beta.
    rng = np.random.default_rng(0)
    x, w, v = (rng.normal(size=s) for s in ((5, 4), (4, 8), (4, 8)))
    for beta in (0.3, 1.702, 7.0):
        np.testing.assert_allclose(
            swish(x @ w, beta) * (x @ v),
            swish(x @ (beta * w)) * (x @ (v / beta)),
        )


@dataclass
class Model:
    name: str
    d: int
    multiplier: float
    multiple: int
    d_ff: int

    def width(self) -> int:
        return llama_d_ff(self.d, self.multiplier, self.multiple)


MODELS = [
    Model("LLaMA-7B", 4096, 1.0, 256, 11008),
    Model("LLaMA-13B", 5120, 1.0, 256, 13824),
    Model("LLaMA-33B", 6656, 1.0, 256, 17920),
    Model("LLaMA-65B", 8192, 1.0, 256, 22016),
    Model("Llama 2 70B", 8192, 1.3, 4096, 28672),
    Model("Llama 3 8B", 4096, 1.3, 1024, 14336),
    Model("Llama 3.1 405B", 16384, 1.2, 4096, 53248),
    Model("Llama 3.2 1B", 2048, 1.5, 256, 8192),
    Model("Llama 3.2 3B", 3072, 1.0, 256, 8192),
]


def check_widths() -> None:
    print("\n                    d   8d/3 alpha         M    d_ff  d_ff/d")
    for model in MODELS:
        third, width = int(8 * model.d / 3), model.width()
        row = f"{model.d:7}{third:7}{model.multiplier:6}{model.multiple:10}"
        print(f"{model.name:14}{row}{width:8}{width / model.d:8.2f}")
        assert width == model.d_ff
    d, plain = 4096, 8 * 4096**2
    print("\nFFN parameters of one layer, d = 4096, no biases")
    rows = [
        ("2 matrices, 4d", 2, 16384),
        ("3 matrices, 11008", 3, 11008),
        ("3 matrices, 14336", 3, 14336),
        ("3 matrices, 4d", 3, 16384),
    ]
    for name, matrices, d_ff in rows:
        size = matrices * d * d_ff
        print(f"{name:18}{size:13,}{size / plain:8.4f}")
    assert 3 * d * 11008 == 135_266_304


def glu(g: Array, u: Array) -> Array:
    return sigmoid(g) * u


def swiglu(g: Array, u: Array) -> Array:
    return swish(g) * u


def gpt_oss(g: Array, u: Array) -> Array:
    """gpt_oss/torch/model.py, function swiglu: limit 7, alpha 1.702."""
    g, u = np.minimum(g, 7), np.clip(u, -7, 7)
    return swish(g, 1.702) * (u + 1)


def situ(g: Array, u: Array) -> Array:
    """Kimi K3's SiTU-GLU, arXiv:2607.24653, with 4 and 25."""
    out: Array = 4 * np.tanh(g / 4) * sigmoid(g) * (25 * np.tanh(u / 25))
    return out


def check_growth() -> None:
    units = {"GLU": glu, "SwiGLU": swiglu, "gpt-oss": gpt_oss, "SiTU": situ}
    print("\none unit with g = u = s")
    print("      s" + "".join(f"{name:>14}" for name in units))
    for s in (0.1, 1.0, 10.0, 100.0, 1000.0):
        at = np.array(s)
        row = "".join(f"{float(f(at, at)):14.4f}" for f in units.values())
        print(f"{s:7.1f}{row}")
    ten, hundred = np.array(10.0), np.array(100.0)
    ratio = swiglu(hundred, hundred) / swiglu(ten, ten)
    np.testing.assert_allclose(ratio, 100, rtol=1e-4)
    np.testing.assert_allclose(glu(hundred, hundred), 100, rtol=1e-4)
    # Near 0 SiTU-GLU is SwiGLU; gpt-oss has a linear term, like GLU.
    tenth = np.array(0.1)
    np.testing.assert_allclose(
        situ(tenth, tenth), swiglu(tenth, tenth), rtol=1e-3
    )
    far = np.array(1e6)
    assert 55.9 < gpt_oss(far, far) < 56 and situ(far, far) <= 100


if __name__ == "__main__":
    check_by_hand()
    check_beta()
    check_widths()
    check_growth()
