"""RMSNorm: the formula, what it is invariant to, its gradient, its epsilon.

Source: Zhang and Sennrich, Root Mean Square Layer Normalization,
arXiv:1910.07467.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:rmsnorm]
def rms_norm(
    x: Array, gain: Array, eps: float = 1e-6
) -> tuple[Array, Array, Array]:
    """x: (..., d), gain: (d,). Returns y, x_hat and 1/r."""
    mean_square = (x * x).mean(axis=-1, keepdims=True)  # (..., 1)
    rrms = 1 / np.sqrt(mean_square + eps)  # eps under the root
    x_hat = x * rrms
    return gain * x_hat, x_hat, rrms


def rms_norm_backward(
    dy: Array, gain: Array, x_hat: Array, rrms: Array
) -> tuple[Array, Array]:
    """Gradients of the loss by x and by the gain, given dy = dL/dy."""
    u = gain * dy
    dx = rrms * (u - x_hat * (u * x_hat).mean(axis=-1, keepdims=True))
    tokens = tuple(range(dy.ndim - 1))  # one gain serves all tokens
    return dx, (dy * x_hat).sum(axis=tokens)


# --8<-- [end:rmsnorm]


def normalize(x: Array, eps: float = 0.0) -> Array:
    """x_hat alone: gain = 1."""
    return rms_norm(x, np.ones(x.shape[-1]), eps)[1]


def rms(x: Array) -> float:
    return float(np.sqrt((x * x).mean()))


def jacobian(x: Array, eps: float) -> Array:
    """d x_hat_i / d x_j = (I - x_hat x_hat'/d) / r, shape (d, d)."""
    _, x_hat, rrms = rms_norm(x, np.ones(x.size), eps)
    result: Array = rrms * (np.eye(x.size) - np.outer(x_hat, x_hat) / x.size)
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
    rows = {
        "x, eps = 0": normalize(x),
        "x, eps = 1e-6": normalize(x, 1e-6),
        "100 x, eps = 0": normalize(100 * x),
        "x + 10, eps = 0": normalize(x + 10),
        "by the L2 norm": x / np.linalg.norm(x),
        "first half's RMS": x / rms(x[:2]),
    }
    squares = ", ".join(f"{value:.0f}" for value in x * x)
    print(f"x = [1, 2, 3, 4]   x^2 = [{squares}]")
    print(f"mean square {(x * x).mean():.6f}")
    print(f"mean^2 {x.mean() ** 2:.6f} + variance {x.var():.6f}")
    print(f"RMS {rms(x):.6f}   standard deviation {x.std():.6f}\n")
    for name, row in rows.items():
        values = "".join(f"{value:10.6f}" for value in row)
        print(f"{name:16}{values}   RMS {rms(row):.4f}")

    exact = x / np.sqrt(7.5)
    np.testing.assert_allclose(rows["x, eps = 0"], exact, rtol=1e-14)
    np.testing.assert_allclose(rows["100 x, eps = 0"], exact, rtol=1e-14)
    assert np.abs(rows["x, eps = 1e-6"] - exact).max() < 1e-7
    assert np.abs(rows["x + 10, eps = 0"] - exact).max() > 0.3
    np.testing.assert_allclose(rms(exact), 1, rtol=1e-14)
    # The L2 norm is sqrt(d) times the RMS.
    np.testing.assert_allclose(rows["by the L2 norm"], exact / 2, rtol=1e-14)
    np.testing.assert_allclose(rms(x) ** 2, x.mean() ** 2 + x.var())
    # Half the channels tell of an RMS that is sqrt(3) too small here.
    np.testing.assert_allclose(rms(rows["first half's RMS"]), np.sqrt(3))
    # The mean of the output is not zero, and RMS is not the deviation.
    np.testing.assert_allclose(exact.mean(), x.mean() / rms(x))
    np.testing.assert_allclose(exact.var(), 1 - (x.mean() / rms(x)) ** 2)
    assert exact.mean() > 0.9
    assert rms(x) > 2 * x.std()
    assert np.array_equal(normalize(-x), -normalize(x))


def check_gradient() -> None:
    x = np.array([1.0, 2, 3, 4])
    j, x_hat = jacobian(x, 0.0), normalize(x)
    print("\nJacobian of x_hat at x, eps = 0           row sum  times x_hat")
    for row in j:
        cells = "".join(f"{value:9.4f}" for value in row)
        total = round(float(row.sum()), 4) + 0.0  # no minus zero
        print(f"{cells}{total:13.4f}{abs(row @ x_hat):13.4f}")
    print(f"rank {np.linalg.matrix_rank(j, tol=1e-9)} of {x.size}")
    np.testing.assert_allclose(j, difference(normalize, x), atol=1e-9)
    np.testing.assert_allclose(j @ x_hat, 0, atol=1e-14)
    assert np.linalg.matrix_rank(j, tol=1e-9) == x.size - 1
    assert np.abs(j.sum(axis=1)).max() > 0.1

    # The same formula is exact for eps > 0, where J x_hat = eps/r^3 x_hat.
    eps = 0.5
    j, x_hat, r = jacobian(x, eps), normalize(x, eps), np.sqrt(7.5 + eps)
    fd = difference(lambda v: normalize(v, eps), x)
    np.testing.assert_allclose(j, fd, atol=1e-9)
    np.testing.assert_allclose(j @ x_hat, eps / r**3 * x_hat, atol=1e-14)

    rng = np.random.default_rng(1)
    batch, dy = rng.normal(size=(2, 2, 3, 4))
    gain = rng.normal(size=4)
    _, x_hats, rrms = rms_norm(batch, gain)
    dx, dgain = rms_norm_backward(dy, gain, x_hats, rrms)
    losses: list[Callable[[Array], Array]] = [
        lambda v: np.sum(dy * rms_norm(v, gain)[0]),
        lambda v: np.sum(dy * rms_norm(batch, v)[0]),
    ]
    for name, gradient, loss, at in [
        ("dx", dx, losses[0], batch),
        ("dgain", dgain, losses[1], gain),
    ]:
        gap = np.abs(gradient.ravel() - difference(loss, at)[0]).max()
        print(f"{name:6}against differences, gap below 1e-8: {gap < 1e-8}")
        assert gap < 1e-8


def check_epsilon() -> None:
    print("\nRMS of the output     input RMS")
    sizes = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    print("eps         " + "".join(f"{size:9g}" for size in sizes))
    x = normalize(np.array([1.0, -2, 3, 4]))
    for eps in (1e-6, 1e-5):
        out = np.array([rms(normalize(size * x, eps)) for size in sizes])
        print(f"{eps:<12g}" + "".join(f"{value:9.4f}" for value in out))
        formula = np.array(sizes) / np.sqrt(np.array(sizes) ** 2 + eps)
        np.testing.assert_allclose(out, formula, rtol=1e-12)
    half = rms(normalize(np.sqrt(1e-6) * x, 1e-6))
    np.testing.assert_allclose(half, np.sqrt(0.5), rtol=1e-12)


def bf16(x: float) -> float:
    """Round a positive number to 8 significant bits, as bf16 stores it."""
    mantissa, exponent = np.frexp(x)
    return float(np.ldexp(np.rint(np.ldexp(mantissa, 8)), exponent - 8))


def check_storage() -> None:
    print("\nscale 1.003, that is w = 0.003, stored in bf16")
    direct, offset = bf16(1.003), 1 + bf16(0.003)
    print(f"scale = g       {direct:.6f}")
    print(f"scale = 1 + w   {offset:.6f}")
    assert direct == 1
    assert abs(offset - 1.003) < 1e-5
    assert bf16(1 + 2**-7) == 1 + 2**-7  # the next number above 1
    with np.errstate(over="ignore"):
        assert np.isinf(np.float16(256) * np.float16(256))
    # Adding up squares one by one, a bf16 sum of ones stops at 256.
    total = 0.0
    for _ in range(1000):
        total = bf16(total + 1)
    assert total == 256


if __name__ == "__main__":
    check_formula()
    check_gradient()
    check_epsilon()
    check_storage()
