"""Optimizing a proxy reward: the winner's curse, and why quality can fall.

An answer has quality T and excess length s, both N(0, 1) under the reference
policy. Proxy reward P = T + s; true reward G = T - c (s^2 - 1).
The functional form d (alpha - beta d) is that of Gao et al., arXiv:2210.10760.
"""

from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GRID_Z = np.linspace(-9, 12, 42_001)
STEP = GRID_Z[1] - GRID_Z[0]
PDF = np.exp(-(GRID_Z**2) / 2) / sqrt(2 * np.pi)
CDF = np.array([(1 + erf(z / sqrt(2))) / 2 for z in GRID_Z])
COST = 0.25


# --8<-- [start:goodhart]
def best_of_n_moments(n: int) -> tuple[float, float]:
    """E[z] and E[z^2] for the largest of n standard normals."""
    density = n * PDF * CDF ** (n - 1)
    moments = (density * GRID_Z, density * GRID_Z**2)
    return float(moments[0].sum() * STEP), float(moments[1].sum() * STEP)


def rewards(first: float, second: float, cost: float) -> tuple[float, float]:
    """E[P] and E[G] where z = P / sqrt(2) has these two moments.

    Given z, T and s are each N(z / sqrt(2), 1/2), so
    E[G | z] = z / sqrt(2) - cost (z^2 - 1) / 2.
    """
    return sqrt(2) * first, first / sqrt(2) - cost * (second - 1) / 2


def best_of_n(n: int, cost: float) -> tuple[float, float, float]:
    """d = sqrt(KL), E[P], E[G]; scores are continuous, so no ties."""
    kl = np.log(n) - (n - 1) / n
    return sqrt(max(kl, 0.0)), *rewards(*best_of_n_moments(n), cost)


def tilted(d: float, cost: float) -> tuple[float, float]:
    """The same for pi_ref exp(P / beta): z is shifted by sqrt(2) d."""
    shift = sqrt(2) * d  # KL = shift^2 / 2
    return rewards(shift, shift**2 + 1, cost)


# --8<-- [end:goodhart]


def check_best_of_n() -> None:
    print("best of n         true reward with")
    print("    n  sqrt(KL)  proxy  c = 0   c = 0.25")
    rng = np.random.default_rng(0)
    for n in (1, 4, 16, 64, 256, 4096, 65536):
        d, proxy, curse = best_of_n(n, 0.0)
        _, _, fall = best_of_n(n, COST)
        cells = (round(x, 2) + 0.0 for x in (proxy, curse, fall))  # no -0
        print("{:6}{:9.3f}{:8.2f}{:7.2f}{:10.2f}".format(n, d, *cells))
        # No ties: the KL of best of n is ln n - (n - 1) / n, exactly.
        power = CDF[CDF > 0] ** (n - 1)
        density = n * PDF[CDF > 0] * power
        logs = np.log(n * np.maximum(power, 1e-300))
        kl = float((density * logs).sum() * STEP)
        np.testing.assert_allclose(kl, d**2, atol=1e-4)
        # Without a bias the policy keeps exactly half of what it sees.
        np.testing.assert_allclose(curse, proxy / 2, atol=1e-9)
        if n == 16:  # once by sampling, as a check on the formulas
            t, s = rng.normal(size=(2, 200_000, n))
            pick = np.argmax(t + s, axis=1)[:, None]
            t = np.take_along_axis(t, pick, 1)
            s = np.take_along_axis(s, pick, 1)
            got = [(t + s).mean(), t.mean(), (t - COST * (s**2 - 1)).mean()]
            np.testing.assert_allclose(got, [proxy, curse, fall], atol=0.01)


def check_tilted() -> None:
    print("\npi_ref exp(P / beta)")
    print(" beta  sqrt(KL)  proxy   true, c = 0.25")
    for beta in (4.0, 1.0, 0.5, 1 / 3, 0.25):
        d = 1 / beta
        proxy, gold = tilted(d, COST)
        print(f"{beta:5.2f}{d:10.2f}{proxy:7.2f}{round(gold, 4) + 0.0:11.2f}")
        # Gao's form for best-of-n, exactly: alpha = 1, beta = cost.
        np.testing.assert_allclose(gold, d * (1 - COST * d), atol=1e-12)
        np.testing.assert_allclose(proxy, 2 * d)
        # The same by integrating over the density that was tilted.
        weight = PDF * np.exp(sqrt(2) * GRID_Z / beta)
        weight /= weight.sum()
        mean = float(weight @ GRID_Z)
        square = float(weight @ GRID_Z**2)
        np.testing.assert_allclose(
            rewards(mean, square, COST), (proxy, gold), atol=1e-6
        )
    peak = 1 / (2 * COST)
    assert tilted(peak, COST)[1] > max(
        tilted(peak * 0.9, COST)[1], tilted(peak * 1.1, COST)[1]
    )


def check_ties() -> None:
    """ln n - (n-1)/n bounds the KL of best-of-n; ties make it smaller."""
    print("\none prompt, two distinct answers, probability 1/2 each")
    print("    n  KL of best of n   ln n - (n-1)/n")
    for n in (2, 16, 256):
        good = 1 - 0.5**n
        kl = good * np.log(2 * good)
        kl += 0.5**n * np.log(2 * 0.5**n)
        bound = np.log(n) - (n - 1) / n
        print(f"{n:5}{kl:17.3f}{bound:17.3f}")
        assert kl <= min(bound, np.log(2)) + 1e-12


def check_labels() -> None:
    """Two labels, each wrong with probability e, independently."""
    print("\nagreement   e   best accuracy against one label")
    for agreement in (0.630, 0.726, 0.773):
        e = (1 - sqrt(2 * agreement - 1)) / 2
        np.testing.assert_allclose((1 - e) ** 2 + e**2, agreement)
        print(f"{agreement:9.3f}{e:6.3f}{1 - e:10.3f}")


if __name__ == "__main__":
    check_best_of_n()
    check_tilted()
    check_ties()
    check_labels()
