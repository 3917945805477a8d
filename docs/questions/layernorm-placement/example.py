"""Placements of LN: what each does to the residual stream, measured.

Random linear sub-layers stand for attention and FFN: 64 of them (32 blocks),
a fresh W with entries N(0, v/d) in each, 400 tokens of width 256.
Sources: Xiong et al., arXiv:2002.04745 (post, pre); Ding et al.,
arXiv:2105.13290 (sandwich); OLMo 2, arXiv:2501.00656 (branch output);
Wang et al., arXiv:2203.00555 (DeepNorm); Sun et al., arXiv:2502.05795 (LNS).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Branch = Callable[[Array], Array]

WIDTH, TOKENS, SUBLAYERS = 256, 400, 64
ALPHA = float(SUBLAYERS) ** 0.25  # DeepNorm, (2L)^(1/4) with 2L = 64


def layer_norm(x: Array) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    y: Array = centred / np.sqrt((centred**2).mean(-1, keepdims=True))
    return y


# --8<-- [start:placements]
Step = Callable[[Array, Branch, int], Array]  # x, F_n, n = 1, 2, ...

PLACEMENTS: dict[str, Step] = {
    "post": lambda x, f, n: layer_norm(x + f(x)),
    "deepnorm": lambda x, f, n: layer_norm(ALPHA * x + f(x)),
    "pre": lambda x, f, n: x + f(layer_norm(x)),
    "scaled pre": lambda x, f, n: x + f(layer_norm(x) / np.sqrt(n)),
    "output": lambda x, f, n: x + layer_norm(f(x)),
    "peri": lambda x, f, n: x + layer_norm(f(layer_norm(x))),
}


# --8<-- [end:placements]


@dataclass
class Trace:
    """One forward pass."""

    variance: Array  # of the stream: x_0 .. x_64
    branch_input: float  # RMS of what the last F receives
    similarity: float  # cosine of the inputs of the last two sub-layers
    first_share: float  # of the variance of x_64 that stems from F_1
    last_share: float  # and from F_64


@cache
def trace(name: str, v: float, seed: int = 0) -> Trace:
    """Runs the stack; shares follow from how later steps rescale the stream.

    Contributions of different sub-layers are uncorrelated in expectation, so
    the variance that F_l has left in x_64 is the variance that it added,
    times the square of the factor that each later step puts on the stream.
    """
    rng = np.random.default_rng(seed)
    x = layer_norm(rng.normal(size=(TOKENS, WIDTH)))
    variance, normed = [1.0], []
    shares = np.zeros(SUBLAYERS)
    received = 0.0
    for depth in range(1, SUBLAYERS + 1):
        w = rng.normal(scale=np.sqrt(v / WIDTH), size=(WIDTH, WIDTH))

        def branch(z: Array, w: Array = w) -> Array:
            nonlocal received
            received = float(np.sqrt((z**2).mean()))
            return z @ w

        before, x = x, PLACEMENTS[name](x, branch, depth)
        normed.append(layer_norm(before))
        # The factor on the skip path: regress the new stream on the old one.
        factor = (x * before).sum() / (before**2).sum()
        shares *= factor**2
        shares[depth - 1] = ((x - factor * before) ** 2).mean()
        variance.append(float((x**2).mean()))
    cosine = float((normed[-1] * normed[-2]).mean())
    return Trace(
        np.array(variance),
        received,
        cosine,
        shares[0] / variance[-1],
        shares[-1] / variance[-1],
    )


def expected(name: str, v: float) -> Array:
    """Variance of x_0 .. x_64 in expectation."""
    depth = np.arange(SUBLAYERS + 1, dtype=np.float64)
    if name in ("post", "deepnorm"):
        return np.ones(depth.shape)
    if name == "pre":
        return 1.0 + v * depth
    if name == "scaled pre":
        return 1.0 + v * np.append(0.0, (1 / depth[1:]).cumsum())
    return 1.0 + depth  # output, peri: the branch is normalized, whatever v


def variance_table(v: float) -> None:
    print(f"\nvariance of the stream, v = {v:g}; in brackets: expected")
    print("placement          l = 1           l = 16           l = 64")
    for name in PLACEMENTS:
        measured, theory = trace(name, v).variance, expected(name, v)
        cells = "".join(
            f"{measured[n]:9.2f} ({theory[n]:6.2f})" for n in (1, 16, 64)
        )
        print(f"{name:11}{cells}")
        np.testing.assert_allclose(measured, theory, rtol=0.05)


def sharing_table(v: float) -> None:
    print(f"\nat l = 64, v = {v:g}")
    print("placement  input of F  cosine  share of F_1  share of F_64")
    traces = {name: trace(name, v) for name in PLACEMENTS}
    for name, t in traces.items():
        print(
            f"{name:11}{t.branch_input:10.2f}{t.similarity:8.3f}"
            f"{t.first_share:14.2g}{t.last_share:15.3f}"
        )
    # Post-LN with v = 1 halves each older contribution; pre-LN keeps them.
    post, pre = traces["post"], traces["pre"]
    np.testing.assert_allclose(post.last_share, v / (1 + v), rtol=0.05)
    assert post.first_share < 1e-15
    np.testing.assert_allclose(pre.last_share, v / (1 + 64 * v), rtol=0.1)
    np.testing.assert_allclose(pre.first_share, v / (1 + 64 * v), rtol=0.1)
    np.testing.assert_allclose(
        pre.similarity, np.sqrt((1 + 62 * v) / (1 + 63 * v)), rtol=0.005
    )
    # Scaled pre-LN shrinks deep increments: less for them, not more.
    scaled = traces["scaled pre"]
    assert scaled.last_share < pre.last_share / 3
    assert scaled.first_share > 5 * pre.first_share
    np.testing.assert_allclose(post.similarity, 1 / np.sqrt(1 + v), rtol=0.02)
    deep = traces["deepnorm"]
    keep = ALPHA**2 / (ALPHA**2 + v)
    np.testing.assert_allclose(
        deep.first_share, (1 - keep) * keep**63, rtol=0.3
    )
    # F sees unit RMS behind a norm, and the whole stream without one.
    assert abs(pre.branch_input - 1) < 1e-9
    assert abs(traces["peri"].branch_input - 1) < 1e-9
    np.testing.assert_allclose(traces["output"].branch_input, 8, rtol=0.05)


def check_logits() -> None:
    """Attention logits with an unnormalized input, with and without QK-norm."""
    print("\nstandard deviation of attention logits, one head of width 64")
    print("input RMS   no QK-norm   with QK-norm")
    rng = np.random.default_rng(0)
    w_q, w_k = rng.normal(scale=1 / np.sqrt(WIDTH), size=(2, WIDTH, 64))
    x = layer_norm(rng.normal(size=(TOKENS, WIDTH)))
    spread = {}
    for size in (1, 8):
        q, k = size * x @ w_q, size * x @ w_k
        plain = (q @ k.T / 8).std()
        normed = (layer_norm(q) @ layer_norm(k).T / 8).std()
        spread[size] = plain
        print(f"{size:9}{plain:13.2f}{normed:15.2f}")
        np.testing.assert_allclose(normed, 1, rtol=0.1)
    np.testing.assert_allclose(spread[8] / spread[1], 64, rtol=1e-9)


if __name__ == "__main__":
    print(f"{SUBLAYERS} sub-layers, width {WIDTH}, {TOKENS} tokens; ", end="")
    print(f"DeepNorm: alpha = {ALPHA:.3f}")
    variance_table(1.0)
    variance_table(4.0)
    sharing_table(1.0)
    check_logits()
