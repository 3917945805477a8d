"""How much a closed-book model must err, and what each defence leaves.

The share of facts seen once estimates the probability of a fact never seen
(Good-Turing, Kalai and Vempala 2023). The rates of the defences are made up;
what is computed is how they combine.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PEOPLE, DAYS = 1_000_000, 365


def popularity(exponent: float) -> Array:
    """Chance that a mention, or a question, is about person i."""
    weight = np.arange(1, PEOPLE + 1) ** -exponent
    return weight / weight.sum()


# --8<-- [start:layers]
def unseen_and_once(p: Array, mentions: int) -> tuple[float, float]:
    """Expected mass never seen; expected share of mentions seen once."""
    return float((p * (1 - p) ** mentions).sum()), float(
        (p * (1 - p) ** (mentions - 1)).sum()
    )


Outcome = tuple[float, float, float]  # right, wrong, abstained; sums to 1


def retrieval(hit: float, used: float, lucky: float, stop: float) -> Outcome:
    """Evidence found with `hit` and used well with `used`; when it is not
    found, abstain with `stop`, else right with `lucky`."""
    right = hit * used + (1 - hit) * (1 - stop) * lucky
    abstained = (1 - hit) * stop
    return right, 1 - right - abstained, abstained


def verified(before: Outcome, catch: float, alarm: float) -> Outcome:
    """Withhold what a check rejects: wrong with `catch`, right `alarm`."""
    right, wrong = before[0] * (1 - alarm), before[1] * (1 - catch)
    return right, wrong, 1 - right - wrong


# --8<-- [end:layers]


def main() -> None:
    rng = np.random.default_rng(0)
    print("a model that remembers every birthday it saw, asked of everyone")
    print(
        " mentions  seen once  never seen  wrong, guessing"
        "  one draw: once, never"
    )
    p = popularity(1.0)
    rows = []
    for mentions in (10_000, 100_000, 1_000_000):
        unseen, once = unseen_and_once(p, mentions)
        counts = rng.multinomial(mentions, p)
        draw = (counts == 1).sum() / mentions
        mass = float(p[counts == 0].sum())
        wrong = unseen * (1 - 1 / DAYS)
        rows.append(wrong)
        print(
            f"{mentions:9,} {once:10.3f} {unseen:11.3f} {wrong:16.3f}"
            f" {draw:15.3f} {mass:6.3f}"
        )
        # Seen once estimates never seen: in expectation and in one draw.
        assert 0 <= once - unseen < 1 / mentions
        assert abs(draw - mass) < 3 / mentions**0.5
    assert rows[1] > 0.5 * rows[0]  # ten times the corpus, not half the errors

    belief = np.array([0.4, 0.3, 0.2, 0.1])  # calibrated: truth ~ belief
    sampled, greedy = 1 - (belief**2).sum(), 1 - belief.max()
    print(f"\nwrong on one unsure question: T=1 {sampled:.2f},", end=" ")
    print(f"T=0 {greedy:.2f}; ten answers the same:", end=" ")
    print(f"T=1 {(belief**10).sum():.4f}, T=0 1")
    assert greedy < sampled and greedy > 0

    closed = (0.70, 0.30, 0.0)
    found = retrieval(0.85, 0.94, 0.4, 0.0)
    cautious = retrieval(0.85, 0.94, 0.4, 0.8)
    steps = {
        "closed book, guesses": closed,
        "+ retrieval": found,
        "+ abstain without evidence": cautious,
        "+ independent check": verified(cautious, 0.8, 0.05),
        "  or a check blind to half": verified(cautious, 0.4, 0.05),
    }
    print(
        "\nstep                         right   wrong abstain  wrong/answered"
    )
    for name, (right, wrong, none) in steps.items():
        share = wrong / (right + wrong)
        print(f"{name:27} {right:6.3f} {wrong:7.3f} {none:7.3f} {share:15.3f}")
        assert abs(right + wrong + none - 1) < 1e-12 and wrong > 0
    kept = list(steps.values())
    # From retrieval on each defence trades answers for errors.
    assert kept[1][0] > kept[2][0] > kept[3][0]
    assert kept[1][1] > kept[2][1] > kept[4][1] > kept[3][1]

    print("\nclaims right each   a text of 20 claims all right")
    for each in (0.90, 0.95, 0.99):
        print(f"{each:17.2f} {each**20:31.3f}")
    assert 0.95**20 < 0.5


if __name__ == "__main__":
    main()
