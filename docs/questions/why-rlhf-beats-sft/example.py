"""What RLHF can do that imitation cannot, on distributions small enough to see.

Sources: Rafailov et al., DPO, arXiv:2305.18290 (the tilted optimum); Beirami
et al., Theoretical guarantees on the best-of-n alignment policy,
arXiv:2401.01879 (its KL); Gao et al., Scaling Laws for Reward Model
Overoptimization, arXiv:2210.10760 (gold and proxy reward).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

REF, REWARD = np.array([0.5, 0.3, 0.2]), np.array([0.0, 1.0, 2.0])


# --8<-- [start:tilt]
def kl(p: Array, q: Array) -> float:
    """KL(p || q) in nats, with 0 log 0 = 0."""
    here = p > 0
    return float(p[here] @ np.log(p[here] / q[here]))


def tilt(ref: Array, reward: Array, beta: float) -> Array:
    """The maximum of E[reward] - beta KL(pi || ref)."""
    weights = ref * np.exp((reward - reward.max()) / beta)
    optimum: Array = weights / weights.sum()
    return optimum


def best_of(ref: Array, n: int) -> Array:
    """Best of n samples from ref, answers in order of reward."""
    below = np.cumsum(ref)
    chosen: Array = np.diff(np.append(0.0, below) ** n)
    return chosen


# --8<-- [end:tilt]


def entropy(p: Array) -> float:
    return kl(p, np.ones_like(p)) * -1


def row(name: str, p: Array) -> None:
    cells = "".join(f"{x:8.4f}" for x in p)
    print(
        f"   {name:14}{cells}{p @ REWARD:9.4f}{kl(p, REF):9.4f}"
        f"{entropy(p):10.4f}"
    )


def matching_tilt(target: float) -> tuple[float, Array]:
    """The beta whose optimum has this expected reward, by bisection."""
    low, high = 1e-3, 1e3
    for _ in range(200):
        beta = (low * high) ** 0.5
        if tilt(REF, REWARD, beta) @ REWARD > target:
            low = beta
        else:
            high = beta
    return beta, tilt(REF, REWARD, beta)


def tilt_table() -> None:
    print("1. three answers, rewards 0 1 2; the demonstrators' distribution")
    print("   is the reference, so perfect imitation stays on the first row")
    print(f"   {'':14}{'policy':>17}{'E[r]':>16}{'KL':>9}{'entropy':>10}")
    row("imitation", REF)
    for beta in (1.0, 0.5, 0.1):
        p = tilt(REF, REWARD, beta)
        row(f"RL, beta {beta:g}", p)
    for n in (2, 4):
        p = best_of(REF, n)
        row(f"best of {n}", p)
        bound = np.log(n) - (n - 1) / n
        beta, same = matching_tilt(float(p @ REWARD))
        print(
            f"      ln n - (n-1)/n = {bound:.4f}; the same E[r] by tilting, "
            f"beta {beta:.3f}: KL {kl(same, REF):.4f}"
        )
        assert kl(same, REF) < kl(p, REF) < bound
    # The objective is beta log Z minus beta times a reverse KL to pi*.
    rng = np.random.default_rng(0)
    for beta in (0.3, 1.0):
        log_z = np.log(REF @ np.exp(REWARD / beta))
        star = tilt(REF, REWARD, beta)
        for p in rng.dirichlet(np.ones(3), size=20):
            objective = p @ REWARD - beta * kl(p, REF)
            expected = beta * log_z - beta * kl(p, star)
            np.testing.assert_allclose(objective, expected, atol=1e-12)
    # What the reference never says, no reward brings about.
    assert tilt(np.array([0.6, 0.4, 0.0]), REWARD, 0.05)[2] == 0
    # Comparisons reveal the reward up to a constant (Bradley-Terry).
    gaps = REWARD[:, None] - REWARD
    prefer = 1 / (1 + np.exp(-gaps))
    np.testing.assert_allclose(np.log(prefer / (1 - prefer)), gaps)


def valid(x: float, y: float) -> float:
    """Two words drawn independently: chance that they agree, aa or bb."""
    return x * y + (1 - x) * (1 - y)


def restricted(x: Array, y: Array, beta: float) -> Array:
    """E[valid] - beta KL to the uniform reference, on a grid."""

    def information(p: Array) -> Array:
        result: Array = np.log(2) + p * np.log(p) + (1 - p) * np.log(1 - p)
        return result

    agreement = x * y + (1 - x) * (1 - y)
    value: Array = agreement - beta * (information(x) + information(y))
    return value


def modes_table() -> None:
    print("\n2. demonstrations aa and bb, half each; the model draws its two")
    print("   words independently: P(a) of each word, share of aa or bb")
    grid = np.linspace(0.001, 0.999, 999)
    x, y = np.meshgrid(grid, grid, indexing="ij")
    # Maximum likelihood: expected log-probability of the demonstrations.
    likelihood = 0.5 * np.log(x * y) + 0.5 * np.log((1 - x) * (1 - y))
    i, j = np.unravel_index(likelihood.argmax(), x.shape)
    print(
        f"   SFT          {grid[i]:6.3f}{grid[j]:7.3f}{valid(0.5, 0.5):8.3f}"
    )
    assert i == j == 499  # exactly 0.5: half of the output is ab or ba
    for beta in (0.6, 0.3, 0.2):
        value = restricted(x, y, beta)
        i, j = np.unravel_index(value.argmax(), x.shape)
        a, b = sorted((grid[i], 1 - grid[i])), sorted((grid[j], 1 - grid[j]))
        share = valid(a[1], b[1])
        print(f"   RL, beta {beta:3.1f}{a[1]:7.3f}{b[1]:7.3f}{share:8.3f}")
        # Below beta = 1/2 the symmetric point is no maximum: one mode wins.
        assert (share > 0.6) == (beta < 0.5)
        assert abs(share - valid(grid[i], grid[j])) < 1e-9


def survival_table() -> None:
    print("\n3. chance to stay on the demonstrated path, error 1% a token")
    for length in (10, 100, 500):
        print(f"   {length:4} tokens {0.99**length:9.4f}")


HACKS, SPREAD = 0.01, 1.6


def overoptimized(strength: Array) -> tuple[Array, Array, Array]:
    """KL, proxy and gold reward of the tilt by exp(strength * proxy).

    99% of the answers: proxy = gold, N(0, 1). 1% are hacks: gold 0 on
    average, proxy N(0, 1.6^2), unrelated to quality.
    """
    t, prior = strength, np.array([1 - HACKS, HACKS])
    variance = np.array([1.0, SPREAD**2])
    log_weights = np.log(prior) + variance * t[:, None] ** 2 / 2
    log_z = np.logaddexp(log_weights[:, 0], log_weights[:, 1])
    share = np.exp(log_weights - log_z[:, None])
    proxy = (share * variance * t[:, None]).sum(axis=1)
    gold = share[:, 0] * t
    return t * proxy - log_z, proxy, gold


def hack_table() -> None:
    print("\n4. a proxy that 1% of the answers fool: KL, proxy, gold")
    strength = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
    kls, proxies, golds = overoptimized(strength)
    for t, *values in zip(strength, kls, proxies, golds, strict=True):
        beta = "inf" if t == 0 else f"{1 / t:.2f}"
        cells = "".join(f"{value:8.2f}" for value in values)
        print(f"   beta {beta:>5}{cells}")
    assert (np.diff(proxies) > 0).all() and (np.diff(kls) > 0).all()
    assert golds.argmax() == 4 and golds[-1] < 0.5
    # Check against samples, at a strength where both kinds matter.
    rng = np.random.default_rng(0)
    size = 2_000_000
    hack = rng.random(size) < HACKS
    gold = rng.normal(size=size)
    proxy = np.where(hack, SPREAD * rng.normal(size=size), gold)
    weights = np.exp(1.5 * proxy)
    sampled = (weights * gold).sum() / weights.sum()
    np.testing.assert_allclose(sampled, golds[3], atol=0.1)


if __name__ == "__main__":
    tilt_table()
    modes_table()
    survival_table()
    hack_table()
