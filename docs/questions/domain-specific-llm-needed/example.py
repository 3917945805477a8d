"""What a domain model costs, how long it stays ahead, and how to tell.

Compute: 6 N D (LoRA 4 N D). The rest is a model of the decision, its
numbers assumed; the rules for comparing follow Jeong et al.,
arXiv:2411.04118.
"""

import math

import numpy as np

PEAK = 0.4 * 312e12  # an A100 at 40% utilization, FLOP/s
LADDER = [  # name, parameters, tokens, FLOPs per parameter and token
    ("7B, LoRA, 20M tokens", 7e9, 20e6, 4),
    ("7B, full SFT, 20M tokens", 7e9, 20e6, 6),
    ("7B, continued, 10B tokens", 7e9, 10e9, 6),
    ("7B, from scratch, 2T tokens", 7e9, 2e12, 6),
    ("50B, from scratch, 708B", 50e9, 708e9, 6),
]


# --8<-- [start:decision]
def months_ahead(general: float, domain: float, halving: float) -> float:
    """Until the general model's error falls to the domain model's."""
    return halving * math.log2(general / domain)


def error_months(general: float, domain: float, halving: float) -> float:
    """Errors saved per query, summed over the months ahead."""
    t = months_ahead(general, domain, halving)
    return (general - domain) * halving / math.log(2) - domain * t


def items_needed(gain: float, disagree: float) -> int:
    """Paired test items to detect a gain at 5%, two-sided, power 80%.

    disagree: the share of items that just one of the two gets right.
    """
    z = 1.959964 + 0.841621
    return math.ceil(z**2 * (disagree - gain**2) / gain**2)


def false_wins(base: int, domain: int, items: int = 1000) -> list[float]:
    """Two equally good models, each with the best of so many prompts,
    chosen on the test set itself. How often the domain model wins, ties,
    loses at 5%."""
    rng = np.random.default_rng(0)
    # a prompt moves a model's true accuracy of 0.6 by 2 points or so
    p = np.clip(rng.normal(0.6, 0.02, (20_000, base + domain)), 0, 1)
    right = rng.binomial(items, p) / items
    first, second = right[:, :base].max(axis=1), right[:, base:].max(axis=1)
    spread = np.sqrt((first * (1 - first) + second * (1 - second)) / items)
    z = (second - first) / spread
    wins, losses = (z > 1.96).mean(), (z < -1.96).mean()
    return [float(wins), float(1 - wins - losses), float(losses)]


# --8<-- [end:decision]


def gpu_hours(n: float, d: float, factor: float) -> float:
    return factor * n * d / PEAK / 3600


def show_ladder() -> None:
    print("A100 hours at 40% of 312 TFLOP/s")
    hours = []
    for name, n, d, factor in LADDER:
        hours.append(gpu_hours(n, d, factor))
        print(f"{name:30}{factor * n * d:10.1e}{hours[-1]:12,.1f}")
    assert hours == sorted(hours)
    assert round(hours[2]) == 935 and hours[3] / hours[2] > 199
    assert abs(hours[0] / hours[1] - 2 / 3) < 1e-12


def show_shelf_life() -> None:
    print("\ngeneral error halves every 12 months")
    print("general  domain  months ahead  error-months")
    for general, domain in ((0.2, 0.19), (0.2, 0.15), (0.2, 0.1)):
        t = months_ahead(general, domain, 12)
        area = error_months(general, domain, 12)
        print(f"{general:7.2f}{domain:8.2f}{t:14.1f}{area:14.4f}")
        # The integral of the gap, step by step.
        grid = np.linspace(0, t, 100_001)
        gap = general * 2 ** (-grid / 12) - domain
        step = float(((gap[1:] + gap[:-1]) / 2).sum() * (grid[1] - grid[0]))
        assert abs(step - area) < 1e-6 and abs(gap[-1]) < 1e-9
    area = error_months(0.2, 0.15, 12)
    print(f"100,000 queries a month, 1 a mistake: {1e5 * area:,.0f}")
    # A gain twice as large is worth more than twice as much.
    assert error_months(0.2, 0.1, 12) > 4 * area


def show_test() -> None:
    print("\npaired items needed, 10% of answers differ")
    print("gain   " + "".join(f"{g:8.0%}" for g in (0.01, 0.02, 0.05)))
    row = [items_needed(g, 0.1) for g in (0.01, 0.02, 0.05)]
    print("items  " + "".join(f"{n:8,}" for n in row))
    # Check one of them: simulate a true gain of 2 points.
    rng = np.random.default_rng(1)
    n = row[1]
    draws = rng.multinomial(n, [0.06, 0.04, 0.9], size=20_000)
    diff = (draws[:, 0] - draws[:, 1]) / n
    share = (draws[:, 0] + draws[:, 1]) / n
    z = diff / np.sqrt((share - diff**2) / n)
    power = float((z > 1.96).mean())
    print(f"detected with {n:,} items: {power:.2f}")
    assert abs(power - 0.8) < 0.02

    print("\nequal models, 1,000 items; prompts tried for each")
    print("base  domain     wins     ties   losses")
    rows = [(1, 1), (1, 5), (1, 20), (20, 20)]
    for base, domain in rows:
        cells = "".join(f"{v:9.3f}" for v in false_wins(base, domain))
        print(f"{base:4}{domain:8}{cells}")
    fair, tuned, both = (false_wins(*rows[i]) for i in (0, 2, 3))
    assert abs(fair[0] - fair[2]) < 0.01 and tuned[0] > 3 * fair[0]
    assert both[0] < 0.1 and abs(both[0] - both[2]) < 0.01


if __name__ == "__main__":
    show_ladder()
    show_shelf_life()
    show_test()
