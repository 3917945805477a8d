"""LayerNorm: the formula, its invariances, its gradient, its variance in fp32.

Source: Ba, Kiros and Hinton, Layer Normalization, arXiv:1607.06450.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:layernorm]
def layer_norm(
    x: Array, gamma: Array, beta: Array, eps: float = 1e-5
) -> tuple[Array, Array, Array]:
    """x: (..., d), gamma and beta: (d,). Returns y, x_hat and 1/s."""
    mu = x.mean(axis=-1, keepdims=True)  # (..., 1)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)  # 1/d, not 1/(d-1)
    rstd = 1 / np.sqrt(var + eps)  # eps under the root
    x_hat = (x - mu) * rstd
    return gamma * x_hat + beta, x_hat, rstd


def layer_norm_backward(
    dy: Array, gamma: Array, x_hat: Array, rstd: Array
) -> tuple[Array, Array, Array]:
    """Gradients of the loss by x, gamma and beta, given dy = dL/dy."""
    g = gamma * dy
    mean_g = g.mean(axis=-1, keepdims=True)
    mean_gx = (g * x_hat).mean(axis=-1, keepdims=True)
    dx = rstd * (g - mean_g - x_hat * mean_gx)
    tokens = tuple(range(dy.ndim - 1))  # gamma and beta serve all tokens
    return dx, (dy * x_hat).sum(axis=tokens), dy.sum(axis=tokens)


# --8<-- [end:layernorm]


def normalize(x: Array, eps: float = 0.0) -> Array:
    """x_hat alone: gamma = 1, beta = 0."""
    one = np.ones(x.shape[-1])
    return layer_norm(x, one, 0 * one, eps)[1]


def jacobian(x: Array, eps: float) -> Array:
    """d x_hat_i / d x_j = (I - 11'/d - x_hat x_hat'/d) / s, shape (d, d)."""
    d = x.size
    one = np.ones(d)
    _, x_hat, rstd = layer_norm(x, one, 0 * one, eps)
    inner = np.eye(d) - 1 / d - np.outer(x_hat, x_hat) / d
    result: Array = rstd * inner
    return result


def difference(f: Callable[[Array], Array], x: Array) -> Array:
    """Central differences of f at x: rows f's values, columns x's entries."""
    step = 1e-5
    columns = []
    for e in step * np.eye(x.size):
        shift = e.reshape(x.shape)
        columns.append((f(x + shift) - f(x - shift)).ravel() / (2 * step))
    return np.stack(columns, axis=1)


def check_formula() -> None:
    x = np.array([1.0, 2, 3, 4])
    unbiased = (x - x.mean()) / (x.std(ddof=1) + 1e-6)
    rows = {
        "x - mean": x - x.mean(),
        "(x - mean)^2": (x - x.mean()) ** 2,
        "x, eps = 0": normalize(x),
        "x, eps = 1e-5": normalize(x, 1e-5),
        "x + 10, eps = 0": normalize(x + 10),
        "3 x, eps = 0": normalize(3 * x),
        "-x, eps = 0": normalize(-x),
        "1/(d-1), std + eps": unbiased,
    }
    print(f"x = [1, 2, 3, 4]   mean {x.mean():.4f}   variance {x.var():.4f}")
    for name, row in rows.items():
        print(f"{name:20}" + "".join(f"{value:11.6f}" for value in row))

    exact = np.array([-3, -1, 1, 3]) / np.sqrt(5)
    np.testing.assert_allclose(rows["x, eps = 0"], exact, rtol=1e-14)
    for name in "x + 10, eps = 0", "3 x, eps = 0":
        np.testing.assert_allclose(rows[name], exact, rtol=1e-12)
    np.testing.assert_allclose(rows["-x, eps = 0"], -exact, rtol=1e-14)
    # Zero mean and length sqrt(d); with eps a little shorter.
    assert abs(exact.sum()) < 1e-15
    np.testing.assert_allclose(np.linalg.norm(exact), 2)
    shrink = np.sqrt(1.25 / (1.25 + 1e-5))
    np.testing.assert_allclose(rows["x, eps = 1e-5"], exact * shrink)
    # The unbiased variance shrinks everything by sqrt((d-1)/d).
    np.testing.assert_allclose(unbiased, exact * np.sqrt(3 / 4), rtol=1e-5)
    # With eps > 0 a shift still changes nothing; a scale acts on eps.
    np.testing.assert_allclose(normalize(x + 10, 0.5), normalize(x, 0.5))
    np.testing.assert_allclose(normalize(3 * x, 0.5), normalize(x, 0.5 / 9))
    # Two channels leave nothing but a sign.
    two = normalize(np.array([[0.3, 5.0], [9.0, -2.0]]))
    np.testing.assert_allclose(two, [[-1, 1], [1, -1]])
    assert normalize(np.array([3.0]), 1e-5) == 0

    sd, eps = 1e-4, 1e-5
    right, wrong = np.sqrt(sd**2 + eps), sd + eps
    print(f"s.d. 0.0001, eps 1e-5: under the root {right:.6f}", end="")
    print(f", eps outside {wrong:.6f}, ratio {right / wrong:.1f}")
    assert right > 28 * wrong


def check_axes() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4))  # (B, T, d)
    gamma, beta = rng.normal(size=4), rng.normal(size=4)
    y, _, rstd = layer_norm(x, gamma, beta)
    print(f"\nX {x.shape}, mean and 1/s {rstd.shape}, gamma {gamma.shape}")

    other = x.copy()
    other[0, 1:] = 100.0  # all other tokens of that sequence
    other[1] = -7.0  # and the other sequence
    change = np.abs(layer_norm(other, gamma, beta)[0][0, 0] - y[0, 0]).max()
    centred = x - x.mean(axis=(1, 2), keepdims=True)
    wrong = centred / np.sqrt(x.var(axis=(1, 2), keepdims=True) + 1e-5)
    gap = np.abs(gamma * wrong + beta - y).max()
    print(f"token (0, 0) when all others change: change {change:.1f}")
    print(f"statistics over (T, d) instead of d: gap {gap:.3f}")
    assert change == 0
    assert gap > 0.1


def check_gradient() -> None:
    x = np.array([1.0, 2, 3, 4])
    j = jacobian(x, 0.0)
    x_hat = normalize(x)
    print("\nJacobian of x_hat at x, eps = 0           row sum  times x_hat")
    for row in j:
        cells = "".join(f"{value:9.4f}" for value in row)
        print(f"{cells}{abs(row.sum()):13.4f}{abs(row @ x_hat):13.4f}")
    print(f"rank {np.linalg.matrix_rank(j, tol=1e-9)} of {x.size}")
    np.testing.assert_allclose(j, difference(normalize, x), atol=1e-9)
    np.testing.assert_allclose(j.sum(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose(j @ x_hat, 0, atol=1e-14)
    assert np.linalg.matrix_rank(j, tol=1e-9) == x.size - 2
    np.testing.assert_allclose(jacobian(10 * x, 0.0), j / 10, atol=1e-14)

    # The same formula is exact for eps > 0, where J x_hat = eps/s^3 x_hat.
    eps = 0.5
    j, x_hat, s = jacobian(x, eps), normalize(x, eps), np.sqrt(1.25 + eps)
    fd = difference(lambda v: normalize(v, eps), x)
    np.testing.assert_allclose(j, fd, atol=1e-9)
    np.testing.assert_allclose(j @ x_hat, eps / s**3 * x_hat, atol=1e-14)

    # All three gradients of L = sum(dy * y), a batch of 2 x 3 tokens.
    rng = np.random.default_rng(1)
    batch, dy = rng.normal(size=(2, 2, 3, 4))
    gamma, beta = rng.normal(size=(2, 4))
    _, x_hats, rstd = layer_norm(batch, gamma, beta)
    found = layer_norm_backward(dy, gamma, x_hats, rstd)
    losses: list[Callable[[Array], Array]] = [
        lambda v: np.sum(dy * layer_norm(v, gamma, beta)[0]),
        lambda v: np.sum(dy * layer_norm(batch, v, beta)[0]),
        lambda v: np.sum(dy * layer_norm(batch, gamma, v)[0]),
    ]
    print("\nbackward against differences")
    for name, gradient, loss, at in zip(
        ["dx", "dgamma", "dbeta"],
        found,
        losses,
        [batch, gamma, beta],
        strict=True,
    ):
        gap = np.abs(gradient.ravel() - difference(loss, at)[0]).max()
        print(f"{name:7}{gradient.shape!s:11} gap below 1e-8: {gap < 1e-8}")
        assert gap < 1e-8


def check_folding() -> None:
    """Gain and bias fold into the next layer; scaling the layer before."""
    rng = np.random.default_rng(2)
    x, w, b = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), np.ones(3)
    gamma, beta = rng.normal(size=(2, 4))
    y, x_hat, _ = layer_norm(x, gamma, beta)
    folded = x_hat @ (gamma[:, None] * w) + (b + beta @ w)
    np.testing.assert_allclose(folded, y @ w + b, atol=1e-12)

    u, before, dy = (rng.normal(size=s) for s in ((5, 6), (6, 4), (5, 4)))
    gradients = []
    for a in (1, 3):
        out, x_hat, rstd = layer_norm(u @ (a * before), gamma, beta, 0.0)
        dx = layer_norm_backward(dy, gamma, x_hat, rstd)[0]
        gradients.append((out, u.T @ dx))
    np.testing.assert_allclose(gradients[0][0], gradients[1][0])
    np.testing.assert_allclose(gradients[0][1], 3 * gradients[1][1])
    assert abs(np.sum(gradients[0][1] * before)) < 1e-10  # orthogonal to W


def variances(x: NDArray[np.float32]) -> tuple[float, float]:
    """Biased variance in fp32: E[x^2] - E[x]^2, and Welford's recurrence."""
    total = squares = mean = moment = np.float32(0)
    for count, value in enumerate(x, start=1):
        total, squares = total + value, squares + value * value
        delta = value - mean
        mean = mean + delta / np.float32(count)
        moment = moment + delta * (value - mean)
    n = np.float32(x.size)
    naive = squares / n - (total / n) * (total / n)
    return float(naive), float(moment / n)


def check_numerics() -> None:
    print("\nvariance of offset + [1, 2, 3, 4] in fp32")
    print("offset    E[x^2]-E[x]^2    Welford")
    for offset in (0, 1_000, 10_000):
        x = np.arange(1, 5, dtype=np.float32) + np.float32(offset)
        naive, welford = variances(x)
        print(f"{offset:6}{naive:17.4f}{welford:11.4f}")
        assert welford == 1.25
        assert (naive == 1.25) == (offset < 10_000)


if __name__ == "__main__":
    check_formula()
    check_axes()
    check_gradient()
    check_folding()
    check_numerics()
