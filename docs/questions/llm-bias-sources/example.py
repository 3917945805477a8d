"""How a skew in the data travels to the output, and how it is measured.

Scores as in BBQ (Parrish et al. 2021). The rates of the stages are made up;
what is computed is how they combine in log-odds.
"""

import math

Rate = float  # share of the majority continuation


# --8<-- [start:stages]
def logit(share: Rate) -> float:
    return math.log(share / (1 - share))


def share_of(log_odds: float) -> Rate:
    return 1 / (1 + math.exp(-log_odds))


def output(
    data: Rate, kept: tuple[float, float], bonus: float, temperature: float
) -> Rate:
    """Majority share after filtering, preference tuning and sampling.

    `kept`: shares of majority and minority text that pass the filter;
    `bonus`: reward difference over the KL weight.
    """
    log_odds = logit(data) + math.log(kept[0] / kept[1]) + bonus
    return share_of(log_odds / temperature)


def bbq(biased: int, other: int, unknown: int) -> tuple[float, float]:
    """(direction among the answers given, score on ambiguous items)."""
    direction = 2 * biased / (biased + other) - 1
    accuracy = unknown / (biased + other + unknown)
    return direction, (1 - accuracy) * direction


def gap_through_proxy(gap: float, agreement: float) -> float:
    """Gap of the mean prediction between groups when the model sees, in
    place of the group, a proxy that agrees with it at this rate."""
    rate = {1: 0.5 + gap / 2, 0: 0.5 - gap / 2}
    match = {True: agreement, False: 1 - agreement}
    seen = {
        z: sum(rate[g] * match[g == z] for g in (0, 1)) for z in (0, 1)
    }  # the groups are of one size
    mean = {g: sum(seen[z] * match[g == z] for z in (0, 1)) for g in (0, 1)}
    return mean[1] - mean[0]


# --8<-- [end:stages]


def main() -> None:
    steps = {
        "corpus": ((1.0, 1.0), 0.0, 1.0),
        "+ filter 0.98 / 0.90": ((0.98, 0.9), 0.0, 1.0),
        "+ preference 0.05 / 0.1": ((0.98, 0.9), 0.5, 1.0),
        "+ temperature 0.5": ((0.98, 0.9), 0.5, 0.5),
    }
    print("stage                    log-odds   majority share")
    shares = []
    for name, (kept, bonus, temperature) in steps.items():
        share = output(0.6, kept, bonus, temperature)
        shares.append(share)
        print(f"{name:24} {logit(share):8.3f} {share:16.3f}")
    assert shares == sorted(shares)
    # Sampling multiplies whatever the earlier stages have added.
    assert abs(logit(shares[3]) - 2 * logit(shares[2])) < 1e-12
    balanced = output(0.5, (0.98, 0.9), 0.5, 0.5)
    print(f"the same stages on balanced data {balanced:17.3f}")
    assert balanced > 0.75

    print("\nmajority share in the data   T=1    T=0.5   greedy")
    for data in (0.51, 0.60, 0.80):
        row = [output(data, (1, 1), 0, t) for t in (1.0, 0.5)]
        greedy = float(data > 0.5)
        print(f"{data:26.2f} {row[0]:5.3f} {row[1]:8.3f} {greedy:8.3f}")
        assert abs(row[0] - data) < 1e-12 < row[1] - data

    print("\noutputs return as part of the corpus, sampled at T=0.5")
    last = 0.6
    for part in (0.1, 0.3, 0.6):
        x = 0.6
        for _ in range(2000):
            x = (1 - part) * 0.6 + part * output(x, (1, 1), 0, 0.5)
        print(f"  part {part:.1f}: corpus 0.600 -> {x:.3f}")
        assert last + 0.01 < x < 1
        last = x

    print("\nBBQ, 100 items      biased  other  unknown  direction  score")
    clear, _ = bbq(70, 30, 0)
    print(
        f"disambiguated       {70:6} {30:6} {0:8} {clear:10.2f} {clear:6.2f}"
    )
    for case in ((28, 12, 60), (4, 1, 95)):
        direction, score = bbq(*case)
        print(
            f"ambiguous           {case[0]:6} {case[1]:6} {case[2]:8}"
            f" {direction:10.2f} {score:6.2f}"
        )
        # Every answer but unknown is wrong there: a difference of counts.
        assert abs(score - (case[0] - case[1]) / 100) < 1e-12

    print("\nthe group is hidden, a proxy agrees with it; gap 0.20")
    for agreement in (1.0, 0.95, 0.8, 0.5):
        left = gap_through_proxy(0.2, agreement)
        print(f"  agreement {agreement:.2f}: gap left {left:.3f}")
        assert abs(left - 0.2 * (2 * agreement - 1) ** 2) < 1e-12

    he, she = {"doctor": 8, "nurse": 1}, {"doctor": 2, "nurse": 9}
    print("\nword     P(he)  log-odds   with swapped copies")
    for word in he:
        before = he[word] / (he[word] + she[word])
        corpus = ["he"] * he[word] + ["she"] * she[word]
        corpus += [{"he": "she", "she": "he"}[one] for one in corpus]
        after = corpus.count("he") / len(corpus)
        print(f"{word:8} {before:5.2f} {logit(before):9.3f} {after:13.2f}")
        assert after == 0.5


if __name__ == "__main__":
    main()
