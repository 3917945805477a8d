"""Why knowledge has to be reworded, and how much replay protects.

A toy model, to see the mechanism; the evidence on language models is
Allen-Zhu and Li, arXiv:2309.14316, and Yang et al., arXiv:2409.07431.
Replay: two quadratic losses; cf. Ibrahim et al., arXiv:2403.08763.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FACTS, ANSWERS = 40, 20


# --8<-- [start:wordings]
def train(n: int, kappa: float, repeats: int = 1) -> tuple[Array, Array]:
    """Softmax regression on each fact in n wordings, each seen `repeats`
    times an epoch. Returns logits for trained and for unseen wordings.

    A sentence has a feature of length 1 that belongs to the fact, and one
    of length sqrt(kappa) that belongs to this wording alone.
    """
    rng = np.random.default_rng(0)
    new, old = np.arange(FACTS) % ANSWERS, (np.arange(FACTS) + 7) % ANSWERS
    by_fact = np.zeros((FACTS, ANSWERS))  # weights on the shared feature
    by_fact[np.arange(FACTS), old] = rng.uniform(0, 4, FACTS)  # prior belief
    by_wording = np.zeros((FACTS, n, ANSWERS))
    target = np.eye(ANSWERS)[new]
    rate = 0.5 / (repeats * (n + kappa))
    while True:
        logits = by_fact[:, None] + np.sqrt(kappa) * by_wording
        p = np.exp(logits - logits.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        if p[np.arange(FACTS), :, new].min() > 0.99:
            return logits[:, 0], by_fact
        error = repeats * (target[:, None] - p)
        by_fact += rate * error.sum(1)
        by_wording += rate * np.sqrt(kappa) * error


# --8<-- [end:wordings]


def accuracy(logits: Array) -> float:
    return float((logits.argmax(-1) == np.arange(FACTS) % ANSWERS).mean())


def prior() -> Array:
    rng = np.random.default_rng(0)
    start = np.zeros((FACTS, ANSWERS))
    old = (np.arange(FACTS) + 7) % ANSWERS
    start[np.arange(FACTS), old] = rng.uniform(0, 4, FACTS)
    return start


COUNTS = (1, 3, 10, 30, 100, 300)
KAPPAS = (10.0, 30.0, 100.0)


def show_wordings() -> None:
    print("accuracy on a wording not trained on; on trained ones always 1")
    print("wordings n    " + "".join(f"{n:7}" for n in COUNTS))
    for kappa in KAPPAS:
        row = []
        for n in COUNTS:
            seen, unseen = train(n, kappa)
            assert accuracy(seen) == 1
            row.append(accuracy(unseen))
            # The change of the logits carries over by n / (n + kappa).
            rho = n / (n + kappa)
            moved = rho * (seen - prior())
            np.testing.assert_allclose(unseen - prior(), moved, atol=1e-9)
            # Right where n M > kappa c, M the margin that training reached.
            facts = np.arange(FACTS)
            new, old = facts % ANSWERS, (facts + 7) % ANSWERS
            reached = seen[facts, new] - seen[facts, old]
            enough = n * reached > kappa * prior()[facts, old]
            assert np.array_equal(enough, unseen.argmax(-1) == new)
        print(f"kappa = {kappa:5.0f} " + "".join(f"{v:7.3f}" for v in row))
        assert row == sorted(row) and row[0] <= 0.2 and row[-1] == 1
    kappa = 30.0
    row = [accuracy(train(1, kappa, m)[1]) for m in COUNTS]
    print("the same wording, n times, kappa = 30")
    print("              " + "".join(f"{v:7.3f}" for v in row))
    assert len(set(row)) == 1 and row[0] < 0.2
    print("carried over  " + "".join(f"{n / (n + 30):7.3f}" for n in COUNTS))


def carried_by_adam(n: int, kappa: float, single: bool) -> float:
    """Unseen over trained change of a fact's logit if Adam trains; with
    single, each step sees one of the n wordings, otherwise all of them."""
    rng = np.random.default_rng(0)
    x = np.hstack([np.ones((n, 1)), np.sqrt(kappa) * np.eye(n)])
    w, target = np.zeros((n + 1, ANSWERS)), np.eye(ANSWERS)[0]
    w[0, 7] = 2.0  # the old belief
    start, m, v, step = w.copy(), 0 * w, 0 * w, 0
    while True:
        logits = x @ w
        p = np.exp(logits - logits.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        if p[:, 0].min() > 0.99:
            moved = w - start
            return float(moved[0, 0] / (x @ moved)[:, 0].mean())
        seen = rng.integers(n, size=1) if single else np.arange(n)
        g = x[seen].T @ (p[seen] - target)
        step += 1
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        size = np.sqrt(v / (1 - 0.999**step)) + 1e-12
        w -= 0.002 * m / (1 - 0.9**step) / size


def show_adam() -> None:
    counts = (1, 3, 10, 30, 100)
    print("carried over by Adam, kappa = 30")
    rows = []
    for name, single in (("all at once", False), ("one a step", True)):
        row = [carried_by_adam(n, 30.0, single) for n in counts]
        print(f"{name:14}" + "".join(f"{v:7.2f}" for v in row))
        rows.append(row)
    # Adam moves both weights alike, whatever n is: 1 / (1 + sqrt kappa).
    np.testing.assert_allclose(rows[0], 1 / (1 + 30**0.5), atol=1e-3)
    assert rows[1] == sorted(rows[1]) and rows[1][-1] > 0.6


def forgetting(replay: float, steep: float) -> float:
    """General loss left at the optimum of the mixture, relative to none.

    (1 - r) (w - 1)^2 / 2 + r steep w^2 / 2: the domain wants w = 1, general
    data w = 0 and mind `steep` times as much.
    """
    moved = (1 - replay) / (1 - replay + replay * steep)
    return moved**2


def show_replay() -> None:
    ratios = (1, 10, 100, 1000)
    print("\nforgetting left, by h_gen / h_dom")
    print("replay" + "".join(f"{r:9}" for r in ratios))
    for replay in (0.0, 0.01, 0.05, 0.25, 0.5):
        cells = "".join(f"{forgetting(replay, r):9.4f}" for r in ratios)
        print(f"{replay:6.0%}{cells}")
    for replay in (0.01, 0.25):
        for steep in ratios:
            w = np.linspace(-0.5, 1.5, 200_001)
            loss = (1 - replay) * (w - 1) ** 2 + replay * steep * w**2
            best = w[loss.argmin()]
            assert abs(best**2 - forgetting(replay, steep)) < 1e-4
    assert forgetting(0.01, 1000) < 0.01 < 0.9 < forgetting(0.01, 1)


def show_cost() -> None:
    peak = 0.4 * 312e12
    print("\n6 N D, A100 hours at 40% of 312 TFLOP/s")
    for name, n, d in (
        ("7B, 10M tokens", 7e9, 10e6),
        ("8B, 1.3M tokens, as they are", 8e9, 1.3e6),
        ("8B, 455M tokens, rewritten", 8e9, 455e6),
        ("7B, 10B tokens", 7e9, 10e9),
    ):
        c = 6 * n * d
        print(f"{name:30}{c:10.2e}{c / peak / 3600:9.2f}")
    print(f"455M / 1.3M = {455 / 1.3:.0f}")

    lora = 39_976_960
    bits = np.log2(128_256)
    print("\ncapacity at 2 bits a parameter")
    print(f"7B{14e9 / 1e9:17.0f} Gbit = {14e9 / 8e9:.2f} GB")
    print(f"LoRA, {lora:,}{2 * lora / 1e6:5.0f} Mbit", end="")
    print(f" = {2 * lora / 8e6:.0f} MB")
    print(f"1.3M tokens of {bits:.1f} bits at most", end="")
    print(f"{1.3e6 * bits / 1e6:7.0f} Mbit")
    assert 1.3e6 * bits < 2 * lora < 14e9


if __name__ == "__main__":
    show_wordings()
    show_adam()
    show_replay()
    show_cost()
