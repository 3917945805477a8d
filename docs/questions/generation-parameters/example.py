"""What unset parameters do, which temperature is best, how long is enough.

Sources: default values and order of the engines as cited on the page;
pass@k: Chen et al., arXiv:2107.03374. The question set is a toy.
"""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:settings]
def softmax(z: Array) -> Array:
    weight = np.exp(z - z.max(axis=-1, keepdims=True))
    result: Array = weight / weight.sum(axis=-1, keepdims=True)
    return result


def right(gap: Array, t: float) -> Array:
    """P(correct) at temperature t; gap: its logit minus the best rival's.

    One rival at 0, and 1,000 other answers 8 below it.
    """
    others = 1 + 1000 * math.exp(-8 / t)
    weight: Array = np.exp(np.minimum(gap / t, 500))
    result: Array = weight / (weight + others)
    return result


GAPS = np.linspace(-4, 6, 1001)  # on 60% of the questions it leads


def pass_at(k: int, t: float) -> float:
    """Share of questions solved by at least one of k samples."""
    return float((1 - (1 - right(GAPS, t)) ** k).mean())


def truncated(limit: int, median: float, spread: float) -> float:
    """P(length > limit) if the logarithm of the length is normal."""
    return 1 - NormalDist(math.log(median), spread).cdf(math.log(limit))


# --8<-- [end:settings]

# Defaults without a generation_config.json: temperature, top-k, top-p, min-p.
ENGINES = {
    "Transformers": (1.0, 50, 1.0, 0.0),
    "vLLM": (1.0, 0, 1.0, 0.0),
    "llama.cpp": (0.8, 40, 0.95, 0.05),
}


def remain(p: Array, top_k: int, top_p: float, min_p: float) -> Array:
    """Truncate sorted probabilities, in this order, without temperature."""
    if top_k:
        p = p[:top_k]
    p = p / p.sum()
    p = p[np.cumsum(p) - p < top_p]
    kept: Array = p[p >= min_p * p[0]]
    return kept / kept.sum()


LONG = softmax(-1.1 * np.log(np.arange(1, 50_001)))


def drawn_from(engine: str) -> Array:
    """What is left of LONG under the engine's default values."""
    t, k, top_p, min_p = ENGINES[engine]
    # Temperature last: for T = 1 the place does not matter.
    kept: Array = remain(LONG, k, top_p, min_p) ** (1 / t)
    return kept / kept.sum()


def check_defaults() -> None:
    print("50,000 tokens, z_i = -1.1 ln i, sampling with default values")
    print("engine          T  top-k  top-p  min-p    kept  p(first)")
    firsts, sizes = [], []
    for name, (t, k, top_p, min_p) in ENGINES.items():
        kept = drawn_from(name)
        firsts.append(float(kept[0]))
        sizes.append(kept.size)
        cells = f"{t:4}{k:7}{top_p:7}{min_p:7}{kept.size:8,}{firsts[-1]:10.3f}"
        print(f"{name:13}{cells}")
    assert sizes[1] > 100 * sizes[0] > 100 * sizes[2]
    assert firsts[2] > 2 * firsts[1]


def best(k: int) -> float:
    grid = np.arange(0.2, 3.001, 0.05)
    return float(grid[np.argmax([pass_at(k, float(t)) for t in grid])])


def check_temperature() -> None:
    print("\nshare solved   T = 0.2    0.4    0.7    1.0    1.5   best T")
    for k in (1, 4, 16, 64):
        row = [pass_at(k, t) for t in (0.2, 0.4, 0.7, 1.0, 1.5)]
        cells = "".join(f"{x:7.3f}" for x in row)
        print(f"pass@{k:<9}{cells}{best(k):9.2f}")
    # One sample: the lower the better. More samples: a higher optimum.
    assert best(1) == 0.2  # the lowest that was tried
    assert best(1) < best(4) < best(16) < best(64)
    # What one sample loses at T = 1.5 goes to the tail of 1,000 answers.
    rival = float((1 / (1 + np.exp(-GAPS / 1.5))).mean())
    assert pass_at(1, 0.2) - rival < 0.2 * (pass_at(1, 0.2) - pass_at(1, 1.5))
    # Near T = 0 samples are copies, and more of them are no help.
    assert abs(pass_at(64, 0.05) - pass_at(1, 0.05)) < 0.03
    rng = np.random.default_rng(0)
    p = right(GAPS, 1.0)
    draws = (rng.random((200, 16, p.size)) < p).any(axis=1).mean()
    assert abs(draws - pass_at(16, 1.0)) < 0.005


def check_calibrated() -> None:
    """Answers right as often as they are probable: cooling never hurts."""
    rng = np.random.default_rng(3)
    for p in rng.dirichlet(np.full(8, 0.5), 200):
        q = [softmax(np.log(p) / t) for t in np.linspace(0.1, 3, 59)]
        assert (np.diff(np.array(q) @ p) < 1e-12).all()


def check_length() -> None:
    print("\ntokens of thought and answer: median 3,000, log spread 0.8")
    print("limit        4,096   8,192  16,384  32,768")
    shares = [truncated(4096 * 2**i, 3000, 0.8) for i in range(4)]
    print("cut off  " + "".join(f"{x:8.4f}" for x in shares))
    draws = np.random.default_rng(1).lognormal(math.log(3000), 0.8, 400_000)
    assert abs(float((draws > 4096).mean()) - shares[0]) < 0.005
    # Unfinished counts as wrong: a limit only removes correct answers.
    print(
        f"with 0.80 right when complete, at 4,096: {0.8 * (1 - shares[0]):.2f}"
    )
    limit = math.exp(NormalDist(math.log(3000), 0.8).inv_cdf(0.99))
    print(f"for 1% cut off: {limit:,.0f} tokens")


def check_sample_size() -> None:
    print("\naccuracy 0.70: standard error, answers a setting to tell")
    print("answers   error          difference   needed")
    needed = {}
    for n, d in (100, 0.05), (500, 0.03), (2000, 0.02):
        error = math.sqrt(0.7 * 0.3 / n)
        needed[d] = 2 * 0.7 * 0.3 * ((1.96 + 0.84) / d) ** 2
        print(f"{n:7,}{error:8.4f}{d:20.2f}{needed[d]:9,.0f}")
    # Simulated power at that size: about 80%.
    n = round(needed[0.05])
    rng = np.random.default_rng(2)
    a = rng.binomial(n, 0.70, 4000) / n
    b = rng.binomial(n, 0.75, 4000) / n
    error = np.sqrt(a * (1 - a) / n + b * (1 - b) / n)
    power = float((np.abs(b - a) > 1.96 * error).mean())
    assert 0.76 < power < 0.88, power


if __name__ == "__main__":
    check_defaults()
    check_temperature()
    check_calibrated()
    check_length()
    check_sample_size()
