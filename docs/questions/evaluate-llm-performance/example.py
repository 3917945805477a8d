"""Metrics that mislead: likelihood, overlap, pass@k, agreement, goodput.

Sources: Chen et al., arXiv:2107.03374, section 2.1 (unbiased pass@k);
Yao et al., arXiv:2406.12045 (pass^k); Guo et al., arXiv:1706.04599
(ECE); the waiting time of one server with Poisson arrivals and equal
service times is Erlang's M/D/1 formula.
"""

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:metrics]
def bits_per_byte(nll: float, tokens: int, size: int) -> float:
    """nll: mean over tokens, in nats; size: bytes of the same text."""
    return nll * tokens / (math.log(2) * size)


def pass_at_k(n: int, c: int, k: int) -> float:
    """At least one of k is right: k drawn from n samples, c right."""
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """All of k are right."""
    return math.comb(c, k) / math.comb(n, k)


def ece(confidence: Array, right: Array) -> float:
    """One bin for each distinct confidence."""
    gaps = 0.0
    for level in np.unique(confidence):
        inside = confidence == level
        gaps += inside.sum() * abs(right[inside].mean() - level)
    return float(gaps / len(right))


def kappa(table: Array) -> float:
    """Cohen: table[i, j] = share of items, judge says i, human j."""
    observed = float(np.trace(table))
    chance = float(table.sum(1) @ table.sum(0))
    return (observed - chance) / (1 - chance)


# --8<-- [end:metrics]


def check_likelihood() -> None:
    print("same 1,000 bytes   tokens  nats/token     PPL    BPB  PPL*")
    values = []
    for name, tokens, nll in (("model A", 250, 2.0), ("model B", 200, 2.3)):
        bpb = bits_per_byte(nll, tokens, 1000)
        common = math.exp(nll * tokens / 250)
        row = f"{tokens:9}{nll:12.1f}{math.exp(nll):8.2f}{bpb:7.3f}"
        print(f"{name:16}{row}{common:6.2f}")
        values.append((math.exp(nll), bpb))
    (ppl_a, bpb_a), (ppl_b, bpb_b) = values
    assert ppl_b > ppl_a and bpb_b < bpb_a  # the order turns round
    for (ppl, bpb), tokens in zip(values, (250, 200), strict=True):
        assert math.isclose(2**bpb, ppl ** (tokens / 1000))


def overlap_f1(candidate: str, reference: str) -> float:
    a, b = Counter(candidate.split()), Counter(reference.split())
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values()))


def check_overlap() -> None:
    reference = "the drug is not safe for children"
    print("\noverlap F1 with: " + reference)
    scores = []
    for text in (
        "the drug is safe for children",
        "kids should avoid this medicine",
    ):
        scores.append(overlap_f1(text, reference))
        print(f"{text:34}{scores[-1]:7.3f}")
    assert scores[0] > 0.9 and scores[1] == 0


def binomial(n: int, p: float) -> Array:
    c = range(n + 1)
    return np.array([math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in c])


def check_pass() -> None:
    n, c = 10, 3
    print("\nn = 10, c = 3   k  pass@k  plug-in  pass^k")
    for k in (1, 5, 8):
        plug = 1 - (1 - c / n) ** k
        row = f"{pass_at_k(n, c, k):8.4f}{plug:9.4f}{pass_hat_k(n, c, k):8.4f}"
        print(f"{k:17}{row}")
    p = 0.3
    weights = binomial(n, p)
    print("\naverage over c   k    true   pass@k  plug-in  pass^k  true^k")
    for k in (1, 5, 10):
        mean = weights @ [pass_at_k(n, i, k) for i in range(n + 1)]
        plug = weights @ [1 - (1 - i / n) ** k for i in range(n + 1)]
        every = weights @ [pass_hat_k(n, i, k) for i in range(n + 1)]
        true = 1 - (1 - p) ** k
        row = f"{true:8.4f}{mean:9.4f}{plug:9.4f}{every:8.4f}{p**k:8.4f}"
        print(f"{k:18}{row}")
        assert math.isclose(mean, true) and math.isclose(every, p**k)
        assert k == 1 or plug < true - 0.01


def check_calibration() -> None:
    right = np.array([1, 1, 1, 0, 0] * 2, dtype=float)
    print("\n10 answers, 6 right      ECE  Brier")
    varied = np.array([0.9] * 5 + [0.6] * 5)
    flat = np.full(10, 0.6)
    sharp = np.full(10, 0.4)  # on 2 right answers of 5
    sharp[[0, 1, 2, 5, 3]] = 0.8  # on 4 of 5
    rows = []
    for name, confidence in (
        ("0.9 and 0.6", varied),
        ("always 0.6", flat),
        ("0.8 and 0.4", sharp),
    ):
        brier = float(((confidence - right) ** 2).mean())
        rows.append((ece(confidence, right), brier))
        print(f"{name:20}{rows[-1][0]:8.3f}{brier:7.3f}")
    assert abs(rows[0][0] - 0.15) < 1e-12 and rows[1][0] < 1e-12
    # Both are calibrated; Brier tells the one that discriminates.
    assert rows[2][0] < 1e-12 and rows[2][1] < rows[1][1] - 0.03


def check_agreement() -> None:
    print("\njudge against human   agreement  chance  kappa")
    able = np.array([[0.5, 0.1], [0.05, 0.35]])
    lazy = np.array([[0.9, 0.1], [0.0, 0.0]])
    for name, table in (("reads the answers", able), ("always says A", lazy)):
        chance = float(table.sum(1) @ table.sum(0))
        print(
            f"{name:20}{np.trace(table):11.2f}{chance:8.2f}{kappa(table):7.3f}"
        )
    assert abs(kappa(able) - 0.694) < 5e-4 and abs(kappa(lazy)) < 1e-12


PREFILL, SLO = 0.1, 0.4  # seconds


def waits_below(x: float, rate: float) -> float:
    """P(W <= x), one server, Poisson arrivals, each served in PREFILL."""
    total = 0.0
    for k in range(int(x / PREFILL + 1e-9) + 1):
        gap = rate * (x - k * PREFILL)
        total += (-gap) ** k / math.factorial(k) * math.exp(gap)
    return (1 - rate * PREFILL) * total


def quantile(q: float, rate: float) -> float:
    """TTFT = waiting + PREFILL, by bisection."""
    low, high = 0.0, 2.5
    for _ in range(50):
        middle = (low + high) / 2
        if waits_below(middle, rate) < q:
            low = middle
        else:
            high = middle
    return high + PREFILL


def attainment(rate: float) -> float:
    return waits_below(SLO - PREFILL, rate)


def check_serving() -> None:
    print("\nrequests/s   mean    p50    p95  within SLO  goodput")
    for rate in (4.0, 6.0, 7.0, 8.0, 9.0):
        rho = rate * PREFILL
        mean = PREFILL + rho * PREFILL / (2 * (1 - rho))
        p50, p95 = quantile(0.5, rate), quantile(0.95, rate)
        met = attainment(rate)
        row = f"{mean:10.3f}{p50:7.3f}{p95:7.3f}{met:12.3f}{rate * met:9.2f}"
        print(f"{rate:7.1f}{row}")
    rates = np.arange(1, 1000) / 100
    good = np.array([r * attainment(r) for r in rates])
    most = rates[[attainment(r) >= 0.9 for r in rates]].max()
    best = rates[good.argmax()]
    print(f"goodput is largest at {best:.1f}/s: {good.max():.2f}/s")
    print(f"largest rate with 90% within the SLO: {most:.1f}/s")
    assert good[-1] < 1 < good.max() < best < 9
    # A simulation of the queue agrees with the formula.
    rng = np.random.default_rng(0)
    gaps = rng.exponential(1 / 8, size=200_000)
    wait, met = 0.0, 0
    for gap in gaps:
        wait = max(0.0, wait + PREFILL - gap)
        met += wait <= SLO - PREFILL
    assert abs(met / len(gaps) - attainment(8.0)) < 0.01


if __name__ == "__main__":
    check_likelihood()
    check_overlap()
    check_pass()
    check_calibration()
    check_agreement()
    check_serving()
