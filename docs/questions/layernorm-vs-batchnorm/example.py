"""LayerNorm and BatchNorm on token tensors: what each output depends on.

Sources: Ba, Kiros and Hinton, arXiv:1607.06450; Ioffe and Szegedy,
arXiv:1502.03167.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:norms]
def layer_norm(x: Array, eps: float = 0.0) -> Array:
    """x: (B, T, d). One mean and variance a token, over its d channels."""
    mu = x.mean(axis=-1, keepdims=True)  # (B, T, 1)
    var = x.var(axis=-1, keepdims=True)
    return np.asarray((x - mu) / np.sqrt(var + eps))


def batch_norm(x: Array, real: Array, eps: float = 0.0) -> Array:
    """One mean and variance a channel, over the real tokens of the batch.

    real: (B, T), 1 for a token, 0 for padding. Training mode.
    """
    weight = real[:, :, None] / real.sum()
    mu = (weight * x).sum(axis=(0, 1))  # (d,)
    var = (weight * (x - mu) ** 2).sum(axis=(0, 1))
    return np.asarray((x - mu) / np.sqrt(var + eps))


class RunningStats:
    """What BatchNorm has to keep for inference, and LayerNorm has not."""

    def __init__(self, d: int, momentum: float = 0.1) -> None:
        self.mu, self.var, self.momentum = np.zeros(d), np.ones(d), momentum

    def update(self, x: Array) -> None:
        """x: (B, T, d), all real; the unbiased variance, as in PyTorch."""
        m, flat = self.momentum, x.reshape(-1, x.shape[-1])
        self.mu = (1 - m) * self.mu + m * flat.mean(axis=0)
        self.var = (1 - m) * self.var + m * flat.var(axis=0, ddof=1)


# --8<-- [end:norms]


def check_hand() -> None:
    token = np.array([[[1.0, 2, 3, 4]]])
    print("LN of [1, 2, 3, 4]:    ", cells(layer_norm(token)[0, 0]))
    np.testing.assert_allclose(
        layer_norm(token)[0, 0], np.array([-3, -1, 1, 3]) / np.sqrt(5)
    )
    print("\nBN of one channel over a batch of three tokens")
    first = []
    for values in ([1.0, 3, 5], [1.0, 3, 11]):
        x = np.array(values).reshape(3, 1, 1)
        out = batch_norm(x, np.ones((3, 1))).ravel()
        name = ", ".join(f"{value:.0f}" for value in values)
        mean, deviation = x.mean(), x.std()
        print(
            f"[{name}]".ljust(12)
            + f"mean {mean:.0f}  s.d. {deviation:.4f} "
            + cells(out)
        )
        first.append(out[0])
    np.testing.assert_allclose(first, [-(1.5**0.5), -((6 / 7) ** 0.5)])
    assert abs(first[0] - first[1]) > 0.2  # its input did not change


def cells(row: Array) -> str:
    return "".join(f"{value + 0.0:9.4f}" for value in row)


def check_dependence() -> None:
    """Change one other token and look at token (0, 0)."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 5, 8))
    lengths = np.array([5, 3, 4])
    real = (np.arange(5) < lengths[:, None]).astype(float)
    print("\nchange of the output at token (0, 0)      LN       BN")
    for name, (b, t) in {
        "a later token of its sequence": (0, 4),
        "a token of another sequence": (2, 1),
        "padding, masked out": (1, 4),
    }.items():
        other = x.copy()
        other[b, t] += 3.0
        ln = np.abs(layer_norm(other) - layer_norm(x))[0, 0].max()
        bn = np.abs(batch_norm(other, real) - batch_norm(x, real))[0, 0].max()
        print(f"{name:34}{ln:10.4f}{bn:9.4f}")
        assert ln == 0
        assert (bn > 0.05) == (name != "padding, masked out")
    everything = np.ones((3, 5))
    gap = batch_norm(x * real[:, :, None], everything) - batch_norm(x, real)
    print(f"padding of zeros counted in{np.abs(gap[0, 0]).max():26.4f}")
    assert np.abs(gap[0, 0]).max() > 0.05
    # A batch of one token: BN has nothing left, LN works as ever.
    single = x[:1, :1]
    assert np.all(batch_norm(single, np.ones((1, 1)), 1e-5) == 0)
    np.testing.assert_allclose(layer_norm(single), layer_norm(x)[:1, :1])


def sample(
    rng: np.random.Generator, sequences: int, tokens: int, rho: float
) -> Array:
    """Unit-variance channel, correlation rho within a sequence."""
    shared = rng.normal(size=(sequences, 1))
    own = rng.normal(size=(sequences, tokens))
    return np.asarray(np.sqrt(rho) * shared + np.sqrt(1 - rho) * own)


def noise(b: int, t: int, rho: float) -> float:
    """Standard deviation of the batch mean of one channel, by formula."""
    return float(np.sqrt((1 + (t - 1) * rho) / (b * t)))


def measured(b: int, t: int, rho: float, trials: int = 4000) -> float:
    rng = np.random.default_rng(1)
    means = [sample(rng, b, t, rho).mean() for _ in range(trials)]
    return float(np.std(means))


def check_noise() -> None:
    print("\ns.d. of BN's batch mean, T = 128 tokens, channel s.d. 1")
    print("   B   correlation    measured     formula   effective tokens")
    for b in (1, 4, 16):
        for rho in (0.0, 0.2):
            formula, found = noise(b, 128, rho), measured(b, 128, rho)
            print(
                f"{b:4}{rho:14.1f}{found:12.4f}{formula:12.4f}"
                f"{formula**-2:19.1f}"
            )
            np.testing.assert_allclose(found, formula, rtol=0.06)
    # Unequal correlations enter through their average alone.
    gaps = np.abs(np.subtract.outer(np.arange(128), np.arange(128)))
    covariance = 0.9**gaps
    average = (covariance.sum() - 128) / (128 * 127)
    exact = float(np.sqrt(covariance.sum() / 128**2 / 4))
    np.testing.assert_allclose(noise(4, 128, average), exact)
    # Eight micro-batches of 2 are no batch of 16: BN sees 2 at a time.
    np.testing.assert_allclose(
        noise(2, 128, 0.2) / noise(16, 128, 0.2), np.sqrt(8)
    )


def check_accumulation() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(8, 1, 4))
    real = np.ones((8, 1))
    halves = [batch_norm(part, real[:4]) for part in (x[:4], x[4:])]
    bn = np.abs(np.concatenate(halves) - batch_norm(x, real)).max()
    parts = np.concatenate([layer_norm(x[:4]), layer_norm(x[4:])])
    ln = np.abs(parts - layer_norm(x)).max()
    print(f"\nbatch of 8 as two micro-batches of 4: LN {ln:.4f}, BN {bn:.4f}")
    assert ln == 0
    assert bn > 0.1


def check_running() -> None:
    """The same token, in training mode and in inference mode."""
    rng = np.random.default_rng(5)
    shape = 4, 16, 4

    def batch() -> Array:
        channels = [sample(rng, *shape[:2], 0.2) for _ in range(shape[2])]
        return 1 + 2 * np.stack(channels, axis=-1)

    stats = RunningStats(4)
    for _ in range(200):
        stats.update(batch())
    assert np.abs(stats.mu - 1).max() < 0.5  # near the population's
    assert np.abs(np.sqrt(stats.var) - 2).max() < 0.5
    x = batch()
    training = batch_norm(x, np.ones(shape[:2]))
    inference = (x - stats.mu) / np.sqrt(stats.var)
    bn = np.abs(training - inference)[0, 0].max()
    ln = np.abs(layer_norm(x) - layer_norm(x[:1, :1]))[0, 0].max()
    print(f"same token, training and inference: LN {ln:.4f}, BN {bn:.4f}")
    assert ln < 1e-12
    assert bn > 0.1


if __name__ == "__main__":
    check_hand()
    check_dependence()
    check_noise()
    check_accumulation()
    check_running()
