"""A generative language model, exact and small: train, score, generate, err.

Sources: Bengio et al., JMLR 3, 2003 (a network trained by likelihood); the
bound on generation is Pinsker's inequality. Logarithms are natural.
"""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TEXT = "the cat sat on the mat . the dog sat on the rug ."
CORPUS = TEXT.split()
WORDS = sorted(set(CORPUS))
SEED = 7
IDS = [WORDS.index(word) for word in CORPUS]


# --8<-- [start:model]
def softmax(z: Array) -> Array:
    weight = np.exp(z - z.max(axis=-1, keepdims=True))
    result: Array = weight / weight.sum(axis=-1, keepdims=True)
    return result


def train(steps: int, rate: float = 10.0) -> tuple[Array, list[float]]:
    """Logits z[previous, next] by gradient descent on cross-entropy.

    Every position is a target at once, its context the real text.
    """
    before, after = np.array(IDS[:-1]), np.array(IDS[1:])
    logits, losses = np.zeros((len(WORDS), len(WORDS))), []
    for _ in range(steps):
        p = softmax(logits[before])
        losses.append(float(-np.log(p[range(len(after)), after]).mean()))
        p[range(len(after)), after] -= 1  # dL/dz = p - one-hot(target)
        np.add.at(logits, before, -rate * p / len(after))
    return logits, losses


def generate(table: Array, length: int, greedy: bool) -> list[str]:
    """The loop: a distribution, a choice, append. Row = previous word."""
    rng, text = np.random.default_rng(SEED), [WORDS.index("the")]
    while len(text) < length:
        p = table[text[-1]]
        if greedy:
            text.append(int(p.argmax()))
        else:
            text.append(int(np.searchsorted(p.cumsum(), rng.random())))
    return [WORDS[i] for i in text]


# --8<-- [end:model]


def check_perplexity() -> None:
    steps = np.array([0.2, 0.5, 0.25, 0.8])
    joint, mean = float(steps.prod()), float(-np.log(steps).mean())
    print("conditionals 0.2 0.5 0.25 0.8:", end=" ")
    print(f"joint {joint:.2f}, NLL {mean:.4f}, PPL {math.exp(mean):.3f}")
    np.testing.assert_allclose(math.exp(mean), joint ** (-1 / 4))


def counts() -> Array:
    """Relative frequencies of the next word, the exact bigram model."""
    table = np.zeros((len(WORDS), len(WORDS)))
    np.add.at(table, (IDS[:-1], IDS[1:]), 1)
    total: Array = table / table.sum(axis=1, keepdims=True)
    return total


def check_training() -> Array:
    exact = counts()
    nll = -sum(math.log(exact[a, b]) for a, b in pairwise(IDS))
    tokens = len(IDS) - 1
    print(f"\n{len(IDS)} tokens, {tokens} targets, {len(WORDS)} words")
    print(f"counting: NLL {nll:.4f}, a target {nll / tokens:.4f}", end=", ")
    print(f"PPL {math.exp(nll / tokens):.4f}")
    np.testing.assert_allclose(nll, 4 * math.log(4))
    np.testing.assert_allclose(math.exp(nll / tokens), 4 ** (4 / 13))
    logits, losses = train(10_000)
    print("training: loss after 0, 10, 100, 1,000, 9,999 steps")
    shown = [losses[i] for i in (0, 10, 100, 1000, 9999)]
    print("         " + "".join(f"{loss:8.4f}" for loss in shown))
    np.testing.assert_allclose(shown[0], math.log(len(WORDS)))
    # Maximum likelihood is counting; the loss cannot fall below its entropy.
    assert 0 < losses[-1] - nll / tokens < 1e-3
    np.testing.assert_allclose(softmax(logits), exact, atol=2e-3)
    return logits


def check_generation(logits: Array) -> None:
    sample = generate(softmax(logits), 20, greedy=False)
    print(f"sampled: {' '.join(sample)}")
    greedy = generate(counts(), 17, greedy=True)  # ties: first in the list
    print(f"greedy:  {' '.join(greedy)}")
    assert greedy[:13] == greedy[4:]  # a loop of four words
    new = [" ".join(sample[i : i + 5]) for i in range(16)]
    unseen = sum(part not in TEXT for part in new)
    print(f"5-word pieces of the sample not in the corpus: {unseen} of 16")
    assert unseen > 0

    # Greedy is not the most probable text: 0.6 leads to an even split.
    first, second = {"a": 0.6, "b": 0.4}, {"a": 0.5, "b": 1.0}
    print("best path after a:", f"{first['a'] * second['a']:.2f},", end=" ")
    print("after b:", f"{first['b'] * second['b']:.2f}")
    assert first["a"] * second["a"] < first["b"] * second["b"]


TRUE = np.array([[0.80, 0.15, 0.05], [0.05, 0.80, 0.15], [0.15, 0.05, 0.80]])
MODEL = 0.9 * TRUE + 0.1 / 3


def texts(rows: Array, length: int) -> Array:
    """p of every text of this length, first token uniform."""
    table = np.full(3, 1 / 3)
    for _ in range(length - 1):
        table = table[..., None] * rows
    return table.ravel()


def distance(n: int) -> tuple[float, float, float]:
    """Total variation after n generated tokens; its two upper bounds."""
    length = n + 1  # the first token is given to both
    exact = np.abs(texts(TRUE, length) - texts(MODEL, length)).sum() / 2
    excess = float((TRUE * np.log(TRUE / MODEL)).sum(axis=1).mean())
    step = float(np.abs(TRUE - MODEL).sum(axis=1).max() / 2)
    pinsker = math.sqrt(n * excess / 2)
    return float(exact), pinsker, 1 - (1 - step) ** n


def check_distance() -> None:
    excess = float((TRUE * np.log(TRUE / MODEL)).sum(axis=1).mean())
    step = float(np.abs(TRUE - MODEL).sum(axis=1).max() / 2)
    print(
        f"\nexcess loss {excess:.4f} nats a token, distance a token", end=" "
    )
    print(f"{step:.4f}")
    print("     n   exact  sqrt(n eps/2)  1-(1-e)^n")
    for n in (1, 3, 7, 11):
        exact, pinsker, coupling = distance(n)
        print(f"{n:6}{exact:8.4f}{pinsker:15.4f}{coupling:11.4f}")
        assert exact <= min(pinsker, coupling) + 1e-12
        # The chain rule of KL: a text's excess is the sum over its tokens.
        p, q = texts(TRUE, n + 1), texts(MODEL, n + 1)
        total = float((p * np.log(p / q)).sum())
        np.testing.assert_allclose(total, n * excess)


def check_recovery() -> None:
    error, back = 0.01, 0.1
    print("\non track, 1% slip a token: never back, back with 10% a token")
    for n in (10, 100, 1000):
        alone = (1 - error) ** n
        settled = back / (error + back)
        fading = (1 - settled) * (1 - error - back) ** n
        print(f"{n:6,}{alone:12.5f}{settled + fading:12.5f}")
    rows = np.array([[1 - error, error], [back, 1 - back]])
    after = np.linalg.matrix_power(rows, 1000)[0, 0]
    np.testing.assert_allclose(after, settled + fading)


def check_order() -> None:
    values = [np.float32(v) for v in np.random.default_rng(0).normal(size=512)]
    forward = backward = np.float32(0)
    for a, b in zip(values, reversed(values), strict=True):
        forward, backward = forward + a, backward + b
    gap = abs(float(forward) - float(backward))
    print(f"\none logit, 512 float32 terms in two orders: differ by {gap:.1e}")
    rival = (float(forward) + float(backward)) / 2
    winners = [float(z) > rival for z in (forward, backward)]
    print(f"beats a rival in between: {winners[0]}, {winners[1]}")
    assert winners[0] != winners[1]


if __name__ == "__main__":
    check_perplexity()
    trained = check_training()
    check_generation(trained)
    check_distance()
    check_recovery()
    check_order()
