"""AWQ on one linear layer: the scale found by its grid search.

Source: Lin et al., AWQ, arXiv:2306.00978, sections 3.1 and 3.2, and the
authors' code, mit-han-lab/llm-awq, awq/quantize/auto_scale.py, auto_clip.py.
As in the paper W is out x in: an input channel is a column.
"""

import numpy as np
from numpy.typing import NDArray

# tolerance: 1e-3
Array = NDArray[np.float64]
BITS, GROUP = 3, 64
SALIENT = [7, 100]
GRID = np.arange(20) / 20


# --8<-- [start:awq]
def steps(w: Array) -> Array:
    """Step size of every group of 64 weights along the input."""
    groups = w.reshape(len(w), -1, GROUP)
    result: Array = np.ptp(groups, axis=2, keepdims=True) / (2**BITS - 1)
    return result


def quantize(w: Array) -> Array:
    """Asymmetric INT3, nearest, one step and zero point a group."""
    groups, delta = w.reshape(len(w), -1, GROUP), steps(w)
    zero = -np.rint(groups.min(2, keepdims=True) / delta)
    codes = np.clip(np.rint(groups / delta) + zero, 0, 2**BITS - 1)
    result: Array = ((codes - zero) * delta).reshape(w.shape)
    return result


def scale(x: Array, alpha: float) -> Array:
    """One s per input channel: mean|x| over the tokens, to the alpha."""
    result: Array = np.abs(x).mean(0) ** alpha
    return result


def awq(w: Array, x: Array, alpha: float) -> Array:
    """W as the layer sees it: Q(W diag(s)) diag(1/s)."""
    s = scale(x, alpha)
    result: Array = quantize(w * s) / s
    return result


def search(w: Array, x: Array) -> float:
    """The alpha of 0, 0.05, ..., 0.95 with the least output error."""
    losses = [error(awq(w, x, alpha), w, x) for alpha in GRID]
    return float(GRID[np.argmin(losses)])


# --8<-- [end:awq]


def error(w_hat: Array, w: Array, x: Array) -> float:
    """Mean square of the difference of the outputs."""
    return float(np.mean((x @ (w_hat - w).T) ** 2))


def predicted(w: Array, x: Array, alpha: float) -> float:
    """The same if each rounding error were uniform and independent."""
    s = scale(x, alpha)
    power = ((x**2).mean(0) / s**2).reshape(-1, GROUP).sum(1)
    return float(np.mean((steps(w * s)[:, :, 0] ** 2 / 12 * power).sum(1)))


def clip(w: Array, x: Array) -> Array:
    """For each group the range, 1 to 0.55 of it, with the least error."""
    groups = w.reshape(len(w), -1, GROUP)
    inputs = x.reshape(len(x), -1, GROUP)
    gram = np.einsum("tgi,tgj->gij", inputs, inputs) / len(x)
    edge = np.abs(groups).max(2, keepdims=True)
    best, least = groups.copy(), np.full(groups.shape[:2], np.inf)
    for shrink in np.arange(10) / 20:
        cut = np.clip(groups, -edge * (1 - shrink), edge * (1 - shrink))
        off = quantize(cut.reshape(w.shape)).reshape(groups.shape) - groups
        loss = np.einsum("ogi,gij,ogj->og", off, gram, off)
        better = loss < least
        best[better], least[better] = cut[better], loss[better]
    result: Array = best.reshape(w.shape)
    return result


def layer() -> tuple[Array, Array, Array]:
    """Weights, calibration inputs and held-out inputs."""
    rng = np.random.default_rng(0)
    w = 0.02 * rng.standard_normal((64, 256))
    x = rng.standard_normal((2, 512, 256))
    x[:, :, SALIENT] *= 20
    return w, x[0], x[1]


def methods() -> dict[str, Array]:
    """The weights that each method leaves in the layer."""
    w, x, _ = layer()
    alpha = search(w, x)
    s = scale(x, alpha)
    kept = {}
    heavy = np.argsort((w**2).sum(0))[-2:]  # the two largest columns
    for name, columns in ("large x", SALIENT), ("large w", heavy):
        mixed = quantize(w)
        mixed[:, columns] = w[:, columns]
        kept[f"2 in FP16, {name}"] = mixed
    return {
        "nearest": quantize(w),
        "AWQ": awq(w, x, alpha),
        "AWQ, clipped": quantize(clip(w * s, x / s)) / s,
    } | kept


def one_channel() -> None:
    """A scaled weight, step unchanged: the error shrinks on average."""
    w = np.linspace(0, 6, 60_001)
    print("1. error of Q(w s)/s, step 1")
    print("   s     mean  largest     at w = 1")
    for s in (1.0, 1.5, 2.0, 4.0):
        off = np.abs(np.rint(w * s) / s - w)
        single = abs(np.rint(s) / s - 1)
        print(f"{s:4.1f}{off.mean():9.4f}{off.max():9.4f}{single:13.4f}")
        np.testing.assert_allclose(off.mean(), 0.25 / s, rtol=0.01)
        np.testing.assert_allclose(off.max(), 0.5 / s, rtol=0.01)


def whole_layer() -> None:
    w, x, held_out = layer()
    # The ends of the family: s = 1 is plain rounding, s = mean|x| the other.
    mean = np.abs(x).mean(0)
    np.testing.assert_allclose(scale(x, 0.5) ** 2, mean, rtol=1e-12)
    np.testing.assert_array_equal(awq(w, x, 0.0), quantize(w))
    np.testing.assert_allclose(awq(w, x, 1.0), quantize(w * mean) / mean)
    print("\n2. output error x 1000, INT3, groups of 64")
    print("alpha   measured  predicted  ratio   step")
    first = steps(w)
    for alpha in (0.0, 0.2, 0.35, 0.5, 0.7, 0.95):
        s = scale(x, alpha)
        measured = 1000 * error(awq(w, x, alpha), w, x)
        expected = 1000 * predicted(w, x, alpha)
        ratio = s[SALIENT].mean() / np.median(s)
        # The steps of the groups that hold a salient channel.
        grown = (steps(w * s) / first)[:, np.array(SALIENT) // GROUP].mean()
        grown /= np.median(s)
        print(f"{alpha:5.2f}{measured:11.2f}{expected:11.2f}", end="")
        print(f"{ratio:7.2f}{grown:7.2f}")
        if alpha < 0.6:  # beyond, most weights are smaller than a step
            np.testing.assert_allclose(measured, expected, rtol=0.03)
    alpha = search(w, x)
    print(f"grid search: alpha = {alpha:.2f}")
    assert 0.2 < alpha < 0.6
    # A common factor in s changes nothing: the steps grow with it.
    s = scale(x, alpha)
    even = s / np.sqrt(s.max() * s.min())
    np.testing.assert_allclose(
        quantize(w * s) / s, quantize(w * even) / even, atol=1e-12
    )

    print("\n3. output error x 1000    calibration   held out")
    found = {}
    for name, w_hat in methods().items():
        row = [1000 * error(w_hat, w, inputs) for inputs in (x, held_out)]
        found[name] = row[1]
        print(f"{name:24}{row[0]:13.2f}{row[1]:11.2f}")
    assert found["nearest"] > 2 * found["AWQ"] > 2 * found["AWQ, clipped"]
    assert found["2 in FP16, large x"] < found["AWQ"]
    assert found["2 in FP16, large w"] > 0.95 * found["nearest"]


def folding() -> None:
    """1/s moves into what comes before; nothing is divided at run time."""
    rng = np.random.default_rng(1)
    h, gain = rng.standard_normal((8, 16)), rng.uniform(0.5, 2, 16)
    w_gate, w_up, w_down = (rng.standard_normal((16, 16)) for _ in range(3))
    s, t = rng.uniform(0.5, 4, (2, 16))

    def swiglu(gain: Array, gate: Array, up: Array, down: Array) -> Array:
        x = h / np.sqrt((h**2).mean(1, keepdims=True)) * gain
        a = x @ gate.T
        result: Array = (a / (1 + np.exp(-a)) * (x @ up.T)) @ down.T
        return result

    before = swiglu(gain, w_gate, w_up, w_down)
    after = swiglu(gain / s, w_gate * s, w_up * s / t[:, None], w_down * t)
    np.testing.assert_allclose(after, before)
    # Not so with the gate: SiLU lets no factor through.
    wrong = swiglu(gain / s, w_gate * s / t[:, None], w_up * s, w_down * t)
    assert np.abs(wrong - before).max() > 0.1


if __name__ == "__main__":
    one_channel()
    whole_layer()
    folding()
