"""How far an ALiBi head sees: the advantage and its price.

Source of the slopes: Press, Smith, Lewis, arXiv:2108.12409, section 3.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:reach]
def prior(slope: float, length: int) -> Array:
    """Weights at distances 0 .. length - 1 when all content is equal."""
    factor = np.exp(-slope * np.arange(length))
    weights: Array = factor / factor.sum()
    return weights


def window(slope: float) -> float:
    """Sum of exp(-slope * distance) over all distances."""
    return float(1 / (1 - np.exp(-slope)))


def keys_in_use(weights: Array) -> float:
    """exp(entropy): equal weights on k keys give k."""
    positive = weights[weights > 0]
    return float(np.exp(-(positive * np.log(positive)).sum()))


def needed_lead(slope: float, distance: int, share: float) -> float:
    """Lead in content score that gives one key this share of the weight.

    The others, at distances 0 .. distance - 1, have equal content.
    """
    others = np.exp(-slope * np.arange(distance)).sum()
    odds = share / (1 - share)
    return float(slope * distance + np.log(others) + np.log(odds))


# --8<-- [end:reach]

SLOPES = [2.0**-power for power in range(1, 9)]


def name(slope: float) -> str:
    return f"1/{1 / slope:g}" if slope else "none"


def show_reach() -> None:
    print("slope     window   95% within   penalty at 4,000    factor")
    for slope in SLOPES:
        inside = int(np.ceil(np.log(20) / slope))
        share = prior(slope, 20000)[:inside].sum()
        assert 0.95 <= share < 0.95 + 0.05 * slope + 1e-9
        assert abs(prior(slope, 20000)[0] * window(slope) - 1) < 1e-9
        print(
            f"{name(slope):<7}{window(slope):9.1f}{inside:13,}"
            f"{slope * 4000:19,.1f}{np.exp(-slope * 4000):10.1e}"
        )
    # 2^-8 is the last slope for any number of heads.
    for heads in 8, 16, 32, 64:
        assert 2.0 ** (-8 * heads / heads) == SLOPES[-1]


def show_lead() -> None:
    distance = 4000
    print("\nlead that one key at distance 4,000 needs for half the weight")
    for slope in 0.0, 2.0**-16, 1 / 512, 1 / 256, 1 / 64, 1 / 2:
        lead = needed_lead(slope, distance, 0.5)
        if slope <= 1 / 64:  # checked with a softmax
            scores = -slope * np.arange(distance + 1.0)
            scores[-1] += lead
            weights = np.exp(scores - scores.max())
            share = weights[-1] / weights.sum()
            assert abs(share - 0.5) < 1e-9
        print(f"  slope {name(slope):<8}{lead:10,.1f}")
    level = needed_lead(1 / 256, distance, 0.5) - np.log(window(1 / 256))
    assert abs(level - distance / 256) < 1e-3


def show_keys() -> None:
    lengths = [512, 1024, 2048, 4096, 8192]
    print("\nequal content: keys in use, exp(entropy)")
    print("length " + "".join(f"{length:9,}" for length in lengths))
    for slope in (0.0, 1 / 256, 1 / 64, 1 / 16, 1 / 2):
        used = [keys_in_use(prior(slope, length)) for length in lengths]
        print(f"{name(slope):<7}" + "".join(f"{u:9,.1f}" for u in used))
        if slope == 0:
            np.testing.assert_allclose(used, lengths)
        else:  # the limit: log(window) + slope * mean distance
            mean = window(slope) - 1
            limit = window(slope) * np.exp(slope * mean)
            assert abs(used[-1] / limit - 1) < 1e-4


def show_early_tokens() -> None:
    print("\npredictions with at most 100 tokens of context")
    for length in 1000, 2000, 4000:
        context = np.arange(1, length + 1)
        print(f"  segments of {length:,}{np.mean(context <= 100):10.1%}")
    assert np.mean(np.arange(1, 1001) <= 100) == 0.1


def show_costs() -> None:
    """Table 12 of the paper: 1.3B parameters, 50,000 updates."""
    print("\n1.3B, 50k updates: trained on, thousand hours, ppl at 2,048")
    rows = [("sinusoidal", 2048, 6.7, 8.83), ("ALiBi", 2048, 6.7, 8.84)]
    rows += [("ALiBi", 1024, 5.9, 8.92), ("ALiBi", 512, 5.5, 9.54)]
    for scheme, trained, hours, perplexity in rows:
        print(f"  {scheme:<12}{trained:7,}{hours:7.1f}{perplexity:8.2f}")
    saved = 1 - 5.9 / 6.7
    print(f"  hours saved, 1,024 instead of 2,048{saved:9.0%}")
    assert 0.11 < saved < 0.13


if __name__ == "__main__":
    show_reach()
    show_lead()
    show_keys()
    show_early_tokens()
    show_costs()
