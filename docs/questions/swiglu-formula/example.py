"""SwiGLU: the hand-sized example, beta, widths from d, growth of a unit.

Sources: Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202,
section 2; widths after Meta's llama/model.py, class FeedForward; PaLM's
shapes: Chowdhery et al., arXiv:2204.02311, table 1.
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


def swish(g: Array, beta: float | Array = 1.0) -> Array:
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


def swiglu_slopes(g: Array, u: Array) -> tuple[Array, Array]:
    """dh/dg and dh/du of one unit, h = g sigmoid(g) u."""
    s = sigmoid(g)
    return u * s * (1 + g * (1 - s)), g * s


def check_unit() -> None:
    grid = np.linspace(-8, 8, 1_600_001)
    low = grid[swish(grid).argmin()]
    np.testing.assert_allclose(low, -1.278, atol=5e-4)
    np.testing.assert_allclose(swish(low), -0.278, atol=5e-4)
    slope = swiglu_slopes(grid, np.ones_like(grid))[0]
    assert round(slope.min(), 3) == -0.1 and round(slope.max(), 3) == 1.1
    # Two units make the product; near 0 there is no linear term.
    rng = np.random.default_rng(1)
    g, u = 2 * rng.normal(size=(2, 1000))
    np.testing.assert_allclose(swish(g) * u - swish(-g) * u, g * u)
    np.testing.assert_allclose(
        swish(g / 1000), g / 2000 + (g / 1000) ** 2 / 4, atol=1e-9
    )
    # Slopes against differences.
    step = 1e-6
    by_g = (swish(g + step) - swish(g - step)) * u / (2 * step)
    np.testing.assert_allclose(swiglu_slopes(g, u)[0], by_g, atol=1e-7)
    np.testing.assert_allclose(swiglu_slopes(g, u)[1], swish(g))
    # The whole layer, with y = h W2 and delta_y = d loss / dy.
    x, w, v = (rng.normal(size=s) for s in ((1, 4), (4, 8), (4, 8)))
    w2, delta_y = rng.normal(size=(8, 4)), rng.normal(size=(1, 4))
    delta = delta_y @ w2.T  # d loss / dh
    h = swish(x @ w) * (x @ v)
    by_w2 = h.T @ delta_y
    for i, j in np.ndindex(8, 4):
        nudge = np.zeros((8, 4))
        nudge[i, j] = step
        rise = h @ (w2 + nudge) - h @ (w2 - nudge)
        slope = (rise * delta_y).sum() / (2 * step)
        np.testing.assert_allclose(slope, by_w2[i, j], atol=1e-7)
    delta_g, delta_u = (delta * d for d in swiglu_slopes(x @ w, x @ v))
    by_w, by_v = x.T @ delta_g, x.T @ delta_u
    by_x = delta_g @ w.T + delta_u @ v.T  # both branches lead back to x
    for i, e in enumerate(step * np.eye(4)):
        up, down = (swish(p @ w) * (p @ v) for p in (x + e, x - e))
        slope = (delta * (up - down)).sum() / (2 * step)
        np.testing.assert_allclose(slope, by_x[0, i], atol=1e-7)
    for i, j in np.ndindex(4, 8):
        e = np.zeros((4, 8))
        e[i, j] = step
        up = swish(x @ (w + e)) * (x @ v) - swish(x @ (w - e)) * (x @ v)
        side = swish(x @ w) * (x @ (v + e)) - swish(x @ w) * (x @ (v - e))
        np.testing.assert_allclose(
            [(delta * up).sum() / 2 / step, (delta * side).sum() / 2 / step],
            [by_w[i, j], by_v[i, j]],
            atol=1e-7,
        )


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
    slopes: list[float | Array] = [-2.0, 0.3, 7.0, np.linspace(0.5, 2, 8)]
    for slope in slopes:  # the last: a beta for each unit
        np.testing.assert_allclose(
            swish(x @ w, slope) * (x @ v),
            swish(x @ (slope * w)) * (x @ (v / slope)),
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
    assert 256 * -(-10022 // 256) == 10240  # from the mistaken 10022
    check_palm()


def check_palm() -> None:
    """Parameters from d, layers, heads: is d_ff = 4d one branch?"""
    print("\nPaLM, billions of parameters   reported    4d   8d/3")
    rows = [(4096, 32, 16, 8.63), (8192, 64, 32, 62.5)]
    rows += [(18432, 118, 48, 540.35)]
    for d, layers, heads, reported in rows:
        # One key and value head of 256; 256,000 tied embeddings.
        attention = 2 * d * heads * 256 + 2 * d * 256
        rest = layers * attention + 256_000 * d
        wide = (rest + layers * 12 * d * d) / 1e9
        matched = (rest + layers * 8 * d * d) / 1e9
        print(f"d = {d:5}{reported:30.2f}{wide:8.2f}{matched:7.2f}")
        assert abs(wide - reported) < 0.01


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
    g, u = np.meshgrid(np.linspace(-60, 60, 601), np.linspace(-60, 60, 601))
    assert np.abs(gpt_oss(g, u)).max() < 56 and np.abs(situ(g, u)).max() <= 100


if __name__ == "__main__":
    check_by_hand()
    check_unit()
    check_beta()
    check_widths()
    check_growth()
