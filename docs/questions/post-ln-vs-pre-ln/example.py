"""Post-LN and pre-LN: gradient norms at initialization, measured.

Source: Xiong et al., On Layer Normalization in the Transformer Architecture,
arXiv:2002.04745. The backward pass is written out, so that the two places of
the norm can be compared line by line; finite differences check it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
Pull = Callable[[Array], Array]  # gradient of the output -> of the input

WIDTH, INNER, VOCABULARY, BATCH, TOKENS = 64, 256, 100, 4, 16
DEPTHS, SEEDS = (6, 24, 96), 8
# Forward and backward gain of one ReLU FFN with Xavier weights, squared.
GAIN = 0.5 * WIDTH * INNER * (2 / (WIDTH + INNER)) ** 2
BIAS = 0.5  # standard deviation of the constant that part 3 adds


def layer_norm(x: Array) -> tuple[Array, Pull]:
    """LN over the last axis, without gain and bias, and its pull-back."""
    centred = x - x.mean(-1, keepdims=True)
    sigma = np.sqrt((centred**2).mean(-1, keepdims=True))
    y: Array = centred / sigma

    def pull(grad: Array) -> Array:
        along = y * (grad * y).mean(-1, keepdims=True)
        result: Array = (grad - grad.mean(-1, keepdims=True) - along) / sigma
        return result

    return y, pull


# --8<-- [start:placements]
def post_ln(x: Array, sublayer: "SubLayer") -> tuple[Array, Pull]:
    """x -> LN(x + F(x))."""
    branch, branch_pull = sublayer.run(x)
    y, norm_pull = layer_norm(x + branch)

    def pull(grad: Array) -> Array:
        grad = norm_pull(grad)  # the skip path, too, is divided by sigma
        return grad + branch_pull(grad)

    return y, pull


def pre_ln(x: Array, sublayer: "SubLayer") -> tuple[Array, Pull]:
    """x -> x + F(LN(x))."""
    normed, norm_pull = layer_norm(x)
    branch, branch_pull = sublayer.run(normed)

    def pull(grad: Array) -> Array:
        return grad + norm_pull(branch_pull(grad))  # the skip path: identity

    return x + branch, pull


# --8<-- [end:placements]


def xavier(rng: np.random.Generator, rows: int, columns: int) -> Array:
    scale = float(np.sqrt(2 / (rows + columns)))
    return scale * rng.normal(size=(rows, columns))


def weight_gradient(x: Array, grad: Array) -> Array:
    """Gradient of W in y = x W, summed over all tokens."""
    total: Array = x.reshape(-1, x.shape[-1]).T @ grad.reshape(
        -1, grad.shape[-1]
    )
    return total


@dataclass
class Ffn:
    """ReLU FFN; `bias` is a constant vector added to its output."""

    w_1: Array
    w_2: Array
    bias: Array
    w_2_gradient: Array = field(default_factory=lambda: np.zeros(0))

    def run(self, x: Array) -> tuple[Array, Pull]:
        z = np.maximum(x @ self.w_1, 0)

        def pull(grad: Array) -> Array:
            self.w_2_gradient = weight_gradient(z, grad)
            result: Array = ((grad @ self.w_2.T) * (z > 0)) @ self.w_1.T
            return result

        return z @ self.w_2 + self.bias, pull


@dataclass
class Attention:
    """Causal self-attention with one head."""

    w_q: Array
    w_k: Array
    w_v: Array
    w_o: Array

    def run(self, x: Array) -> tuple[Array, Pull]:
        q, k, v = x @ self.w_q, x @ self.w_k, x @ self.w_v
        scale = 1 / np.sqrt(q.shape[-1])
        causal = np.triu(np.full((x.shape[1], x.shape[1]), -np.inf), 1)
        p = softmax(q @ k.swapaxes(1, 2) * scale + causal)

        def pull(grad: Array) -> Array:
            grad_heads = grad @ self.w_o.T
            grad_p = grad_heads @ v.swapaxes(1, 2)
            inner = (grad_p * p).sum(-1, keepdims=True)
            grad_s = p * (grad_p - inner) * scale
            grad_v = p.swapaxes(1, 2) @ grad_heads
            result: Array = (
                grad_s @ k @ self.w_q.T
                + grad_s.swapaxes(1, 2) @ q @ self.w_k.T
                + grad_v @ self.w_v.T
            )
            return result

        return p @ v @ self.w_o, pull


SubLayer = Ffn | Attention


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    result: Array = e / e.sum(-1, keepdims=True)
    return result


def build(
    rng: np.random.Generator, blocks: int, attention: bool, bias: float
) -> list[SubLayer]:
    """Two sub-layers a block: attention and FFN, or two FFNs."""
    layers: list[SubLayer] = []
    for i in range(2 * blocks):
        if attention and i % 2 == 0:
            layers.append(
                Attention(*(xavier(rng, WIDTH, WIDTH) for _ in "qkvo"))
            )
        else:
            layers.append(
                Ffn(
                    xavier(rng, WIDTH, INNER),
                    xavier(rng, INNER, WIDTH),
                    bias * rng.normal(size=WIDTH),
                )
            )
    return layers


@dataclass
class Run:
    loss: float
    variance: float  # of the residual stream after the last sub-layer
    input_gradient: Array
    w_2_norms: Array  # gradient norm of W_2, FFN by FFN, bottom to top


def propagate(
    x: Array, layers: list[SubLayer], head: Array, target: Tokens, place: str
) -> Run:
    """Cross-entropy of one batch and its gradients.

    `place` is "post", "pre" or "bare" (pre-LN without the final norm).
    """
    pulls: list[Pull] = []
    for layer in layers:
        x, pull = (post_ln if place == "post" else pre_ln)(x, layer)
        pulls.append(pull)
    variance = float(x.var(-1).mean())
    if place == "pre":
        x, pull = layer_norm(x)
        pulls.append(pull)
    p = softmax(x @ head)
    at = np.arange(BATCH)[:, None], np.arange(TOKENS), target
    loss = -np.log(p[at]).mean()
    p[at] -= 1
    grad: Array = (p / target.size) @ head.T
    for pull in reversed(pulls):
        grad = pull(grad)
    norms = [np.linalg.norm(f.w_2_gradient) for f in layers if type(f) is Ffn]
    return Run(float(loss), variance, grad, np.array(norms))


def sample(
    seed: int, blocks: int, place: str, attention: bool = True, bias: float = 0
) -> Run:
    rng = np.random.default_rng(seed)
    shape = BATCH, TOKENS
    tokens, target = rng.integers(VOCABULARY, size=(2, *shape))
    x = layer_norm(rng.normal(size=(VOCABULARY, WIDTH)))[0][tokens]
    head = xavier(rng, WIDTH, VOCABULARY)
    layers = build(rng, blocks, attention, bias)
    return propagate(x, layers, head, target, place)


def measure(
    blocks: int, place: str, attention: bool = True, bias: float = 0
) -> tuple[Array, float]:
    """W_2 gradient norms, (seeds, FFNs), and the mean final variance."""
    runs = [sample(s, blocks, place, attention, bias) for s in range(SEEDS)]
    variance = np.mean([run.variance for run in runs])
    return np.array([run.w_2_norms for run in runs]), float(variance)


def check_backward() -> None:
    """The written-out gradient against central differences."""
    rng = np.random.default_rng(0)
    x = layer_norm(rng.normal(size=(BATCH, TOKENS, WIDTH)))[0]
    target = rng.integers(VOCABULARY, size=(BATCH, TOKENS))
    head = xavier(rng, WIDTH, VOCABULARY)
    layers = build(rng, 2, True, BIAS)
    way, step = rng.normal(size=x.shape), 1e-5
    for place in ("post", "pre", "bare"):
        here = propagate(x, layers, head, target, place)
        up = propagate(x + step * way, layers, head, target, place).loss
        down = propagate(x - step * way, layers, head, target, place).loss
        slope = (up - down) / (2 * step)
        np.testing.assert_allclose(
            (here.input_gradient * way).sum(), slope, rtol=1e-5
        )


def blocks_table() -> None:
    print("1. Transformer blocks: gradient norm of W_2, mean of 8 seeds")
    print("placement       blocks  first   last  first, min-max  Var(x)")
    names = {"post": "post-LN", "pre": "pre-LN", "bare": "no final LN"}
    last, first, spread, scatter = {}, {}, {}, {}
    for place, name in names.items():
        for blocks in DEPTHS:
            norms, variance = measure(blocks, place)
            low, high = norms[:, 0].min(), norms[:, 0].max()
            spread[place, blocks] = variance
            scatter[place, blocks] = high / low
            first[place, blocks] = norms[:, 0].mean()
            last[place, blocks] = norms[:, -1].mean()
            print(
                f"{name:13} {blocks:8}{first[place, blocks]:7.3f}"
                f"{last[place, blocks]:7.3f}{low:8.2f} -{high:6.2f}"
                f"{variance:8.1f}"
            )
            if place == "post":
                np.testing.assert_allclose(variance, 1, rtol=1e-12)
    # Post-LN: the last gradient does not shrink with depth. Pre-LN: like
    # 1/sqrt(L), so by about 4 for 16 times the depth; its first does not.
    post, pre = ([last[p, n] for n in DEPTHS] for p in ("post", "pre"))
    print("last block, 6 blocks / 96 blocks: ", end="")
    print(f"post-LN {post[0] / post[2]:.2f}, pre-LN {pre[0] / pre[2]:.2f}")
    growth = np.sqrt(spread["pre", 96] / spread["pre", 6])
    print(f"growth of the pre-LN stream's standard deviation: {growth:.2f}")
    np.testing.assert_allclose(pre[0] / pre[2], growth, rtol=0.15)
    assert 0.6 < post[0] / post[2] < 1.2
    assert 3 < pre[0] / pre[2] < 5
    bottom = [first["pre", n] for n in DEPTHS]
    assert max(bottom) / min(bottom) < 1.25
    # Post-LN: single models scatter ever more widely with depth.
    assert scatter["post", 96] > 10 > 3 > scatter["pre", 96]
    # It is the final LN that takes the growth out of the pre-LN gradient.
    assert first["bare", 96] / first["bare", 6] > 4
    assert last["bare", 96] > last["bare", 6]


def predicted(place: str, blocks: int, forward: float) -> float:
    """First-block over last-block gradient norm; `forward` is v, GAIN w.

    The blocks here hold two FFNs; the first W_2 is that of sub-layer 0.
    """
    layers = np.arange(1, 2 * blocks)
    if place == "post":
        squares = np.full(layers.shape, (1 + GAIN) / (1 + forward))
    else:
        squares = 1 + GAIN / (1 + forward * layers)
    return float(np.sqrt(squares.prod()))


def theory_table(title: str, bias: float) -> None:
    print(f"\n{title}")
    print("           post-LN                pre-LN")
    print("blocks   measured  predicted   measured  predicted")
    forward = GAIN + bias**2
    for blocks in DEPTHS:
        row = []
        for place in ("post", "pre"):
            norms, variance = measure(blocks, place, False, bias)
            ratio = np.exp(np.log(norms[:, 0] / norms[:, -1]).mean())
            row += [float(ratio), predicted(place, blocks, forward)]
            if place == "pre":
                expected = 1 + 2 * blocks * forward
                np.testing.assert_allclose(variance, expected, rtol=0.08)
        digits = ".2f" if bias == 0 else ".1e"
        print(f"{blocks:6}{row[0]:11{digits}}{row[1]:11{digits}}", end="")
        print(f"{row[2]:11.2f}{row[3]:11.2f}")
        if bias == 0:
            np.testing.assert_allclose(row[1], 1)
            assert 0.5 < row[0] < 1.5
        else:
            # Vanishing, exponential in depth: the exponents agree.
            np.testing.assert_allclose(
                np.log(row[0]), np.log(row[1]), rtol=0.2
            )
        np.testing.assert_allclose(row[2], row[3], rtol=0.2)


def check_gpt2_scaling() -> None:
    """Last weights times 1/sqrt(2L): variance 1 + v, gradients level."""
    for blocks in (6, 24):
        runs = []
        for seed in range(SEEDS):
            rng = np.random.default_rng(seed)
            x = layer_norm(rng.normal(size=(BATCH, TOKENS, WIDTH)))[0]
            target = rng.integers(VOCABULARY, size=(BATCH, TOKENS))
            head = xavier(rng, WIDTH, VOCABULARY)
            layers = build(rng, blocks, False, 0)
            for layer in layers:
                assert isinstance(layer, Ffn)
                layer.w_2 /= np.sqrt(2 * blocks)
            runs.append(propagate(x, layers, head, target, "pre"))
        variance = np.mean([run.variance for run in runs])
        np.testing.assert_allclose(variance, 1 + GAIN, rtol=0.05)
        ratio = np.mean([run.w_2_norms[0] / run.w_2_norms[-1] for run in runs])
        np.testing.assert_allclose(ratio, np.sqrt(1 + GAIN), rtol=0.1)


def share_table() -> None:
    print("\n4. pre-LN stream, v = 1: variance and share of the last branch")
    for blocks in (6, 24, 48, 96):
        variance = 1 + 2 * blocks
        print(f"{blocks:6} blocks{variance:6}{1 / variance:9.2%}")


if __name__ == "__main__":
    check_backward()
    print(f"d = {WIDTH}, d_ff = {INNER}, {BATCH} x {TOKENS} tokens, ", end="")
    print(f"{SEEDS} seeds, Xavier weights")
    print("backward pass: agrees with finite differences to 1e-5")
    print(f"gain of an FFN, forward and backward: v = w = {GAIN:.2f}\n")
    blocks_table()
    theory_table("2. FFNs only, first / last gradient: v = w", 0.0)
    theory_table(f"3. plus a constant: v = w + {BIAS**2}", BIAS)
    check_gpt2_scaling()
    share_table()
