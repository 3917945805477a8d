"""Evaluation as an experiment: error bars, pairing, judges, leaks.

Sources: Miller, Adding Error Bars to Evals, arXiv:2411.00640 (standard
errors, clusters, pairing); Wilson's interval and McNemar's exact test are
textbook statistics; overlap of 13-grams after Brown et al.,
arXiv:2005.14165, section 4, without their rule for shorter items.
"""

import math

import numpy as np


# --8<-- [start:statistics]
def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The p for which |right/n - p| <= z sqrt(p (1 - p) / n)."""
    p, w = right / n, z * z / n
    centre, half = p + w / 2, z * math.sqrt(p * (1 - p) / n + w / (4 * n))
    return (centre - half) / (1 + w), (centre + half) / (1 + w)


def paired(b: int, c: int, n: int) -> tuple[float, float, float]:
    """b items only A has right, c only B: difference, its SE, exact p."""
    se = math.sqrt(b + c - (b - c) ** 2 / n) / n
    tail = sum(math.comb(b + c, i) for i in range(max(b, c), b + c + 1))
    return (b - c) / n, se, min(1.0, 2 * tail / 2 ** (b + c))


def consistent(delta: float, bias: float) -> tuple[float, float]:
    """Both orders judged: share of equal verdicts, A's share of those."""
    first, second = logistic(delta + bias), logistic(delta - bias)
    a, b = first * second, (1 - first) * (1 - second)
    return a + b, a / (a + b)


def leaked(item: str, corpus: str, n: int) -> float:
    """Share of the item's n-grams of words that the corpus contains."""
    grams = ngrams(item, n)
    return len(grams & ngrams(corpus, n)) / len(grams) if grams else 0.0


# --8<-- [end:statistics]


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def wald_half(p: float, n: int) -> float:
    return 1.96 * math.sqrt(p * (1 - p) / n)


def coverage(p: float, n: int, method: str) -> float:
    total = 0.0
    for k in range(n + 1):
        half = wald_half(k / n, n)
        low, high = k / n - half, k / n + half
        if method == "wilson":
            low, high = wilson(k, n)
        if low <= p <= high:
            total += math.comb(n, k) * p**k * (1 - p) ** (n - k)
    return total


def check_single() -> None:
    print("95% half-width, points")
    for p, n in ((0.7, 100), (0.7, 200), (0.7, 1000), (0.7, 10000)):
        print(f"p = {p:.2f}, n = {n:5}{100 * wald_half(p, n):8.2f}")
    print("\nreal coverage, n = 50   Wald  Wilson")
    for p in (0.7, 0.95, 0.98):
        wald, better = (coverage(p, 50, m) for m in ("wald", "wilson"))
        print(f"p = {p:.2f}{wald:20.3f}{better:8.3f}")
        assert better > 0.92
    assert coverage(0.98, 50, "wald") < 0.7
    low, high = wilson(50, 50)
    print(f"50 of 50: Wald 100 to 100, Wilson {100 * low:.1f} to 100.0")
    assert abs(high - 1) < 1e-12 and 0.92 < low < 0.94


P_EASY, P_HARD = 0.951, 0.449  # half the items, or passages, each


def check_items() -> None:
    p = (P_EASY + P_HARD) / 2
    between = ((P_EASY - P_HARD) / 2) ** 2
    within = (P_EASY * (1 - P_EASY) + P_HARD * (1 - P_HARD)) / 2
    assert math.isclose(between + within, p * (1 - p))
    print("\n200 items, K samples of each: SE in points")
    for k in (1, 4, 16):
        se = math.sqrt((between + within / k) / 200)
        print(f"K = {k:2}{100 * se:8.2f}")
    print(f"K = oo{100 * math.sqrt(between / 200):7.2f}")
    icc = between / (p * (1 - p))
    naive = math.sqrt(p * (1 - p) / 500)
    true = naive * math.sqrt(1 + 4 * icc)
    rng = np.random.default_rng(0)
    rates = np.where(rng.random((20_000, 100)) < 0.5, P_EASY, P_HARD)
    means = rng.binomial(5, rates).sum(1) / 500
    print("100 passages with 5 questions each: SE in points")
    print(f"as if independent{100 * naive:7.2f}")
    print(f"by passage       {100 * true:7.2f}")
    assert abs(means.std() / true - 1) < 0.02 and true > 1.4 * naive


BOTH, ONLY_A, ONLY_B, NEITHER = 330, 40, 20, 110


def check_paired() -> None:
    n = BOTH + ONLY_A + ONLY_B + NEITHER
    a, b = (BOTH + ONLY_A) / n, (BOTH + ONLY_B) / n
    gap, se, exact = paired(ONLY_A, ONLY_B, n)
    loose = math.sqrt((a * (1 - a) + b * (1 - b)) / n)
    print(f"\nn = {n}: A {100 * a:.1f}, B {100 * b:.1f}")
    print("difference       SE     z   95% interval")
    for name, width in (("unpaired", loose), ("paired", se)):
        low, high = 100 * (gap - 1.96 * width), 100 * (gap + 1.96 * width)
        row = f"{100 * width:7.2f}{gap / width:6.2f}{low:8.1f} to {high:.1f}"
        print(f"{name:12}{row}")
    print(f"exact McNemar p = {exact:.4f}")
    assert gap / loose < 1.96 < gap / se and exact < 0.05
    # The same from the outcomes themselves, by the definition.
    rows = [(1, 1)] * BOTH + [(1, 0)] * ONLY_A
    rows += [(0, 1)] * ONLY_B + [(0, 0)] * NEITHER
    outcome = np.array(rows, dtype=float)
    direct = (outcome[:, 0] - outcome[:, 1]).std() / math.sqrt(n)
    assert math.isclose(direct, se)
    rho = float(np.corrcoef(outcome.T)[0, 1])
    print(f"correlation of A and B over items {rho:.2f}")
    need = 7.849 * (0.12 - 0.04**2) / 0.04**2
    print(f"items for 80% power at 4 points, 12% discordant: {need:.0f}")
    rng = np.random.default_rng(1)
    draws = rng.multinomial(round(need), [0.08, 0.04, 0.88], size=20_000)
    up, down = draws[:, 0], draws[:, 1]
    z = (up - down) / np.sqrt(up + down - (up - down) ** 2 / need)
    assert abs((z > 1.96).mean() - 0.8) < 0.02


def check_selection() -> None:
    x = np.linspace(-8, 8, 160_001)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    below = np.cumsum(density) * (x[1] - x[0])
    print("\nbest of m equal variants: gain in SE, false alarms at 5%")
    for m in (1, 5, 27):
        best = np.sum(x * m * below ** (m - 1) * density) * (x[1] - x[0])
        print(f"m = {m:2}{abs(best):8.2f}{1 - 0.95**m:8.3f}")
    two = np.sum(x * 2 * below * density) * (x[1] - x[0])
    assert abs(two - 1 / math.sqrt(math.pi)) < 1e-3
    assert abs(best - 2.0) < 0.01


def check_judge() -> None:
    delta = 0.4
    print(f"\nfair win rate of A {100 * logistic(delta):.1f}")
    print("bias   A first  A second  average  both agree  A of those")
    for bias in (0.0, 0.5, 1.0, 2.0):
        one, two = logistic(delta + bias), logistic(delta - bias)
        share, a = consistent(delta, bias)
        row = f"{100 * one:9.1f}{100 * two:10.1f}{50 * (one + two):9.1f}"
        print(f"{bias:<5}{row}{100 * share:12.1f}{100 * a:12.1f}")
        assert math.isclose(a, logistic(2 * delta))  # free of the bias
    print("half the items 1.9, half -1.1: A of the consistent verdicts")
    pooled = []
    for bias in (0.0, 0.5, 1.0, 2.0):
        pairs = [consistent(d, bias) for d in (1.9, -1.1)]
        wins = sum(share * a for share, a in pairs)
        pooled.append(wins / sum(share for share, _ in pairs))
        print(f"{bias:<5}{100 * pooled[-1]:9.1f}")
    assert pooled[3] > pooled[0] + 0.04  # no longer free of the bias
    seen, hit, reject = 0.62, 0.9, 0.8
    true = (seen + reject - 1) / (hit + reject - 1)
    print(
        f"judge says {100 * seen:.0f}, hit 0.9, reject 0.8: {100 * true:.0f}"
    )
    assert math.isclose(true * hit + (1 - true) * (1 - reject), seen)


CORPUS = (
    "a farmer sells 14 crates of apples in the morning and twice as many "
    "in the afternoon how many crates does he sell in the whole day "
    "the answer is 42 what time does the train leave at nine in the evening"
)
ITEMS = {
    "copied": "a farmer sells 14 crates of apples in the morning and twice "
    "as many in the afternoon how many crates does he sell in the whole day",
    "edited": "a farmer sells 16 crates of apples in the morning and twice "
    "as many in the evening how many crates does he sell in the whole day",
    "reworded": "before noon fourteen boxes of fruit are sold by a grower "
    "who doubles that after lunch what is his total for the day",
    "clean": "a nurse works nine hours in the morning shift how many hours "
    "does she work in the whole week",
    "short": "what time does the train leave",
}


def check_leaks() -> None:
    print("\nn-grams found     n = 3     5     8    13")
    for name, item in ITEMS.items():
        shares = [leaked(item, CORPUS, n) for n in (3, 5, 8, 13)]
        print(f"{name:15}" + "".join(f"{s:6.2f}" for s in shares))
    assert leaked(ITEMS["copied"], CORPUS, 13) == 1
    assert leaked(ITEMS["reworded"], CORPUS, 3) == 0
    assert leaked(ITEMS["clean"], CORPUS, 3) > 0
    short = ITEMS["short"]
    assert leaked(short, CORPUS, 5) == 1 and not ngrams(short, 13)


if __name__ == "__main__":
    check_single()
    check_items()
    check_paired()
    check_selection()
    check_judge()
    check_leaks()
