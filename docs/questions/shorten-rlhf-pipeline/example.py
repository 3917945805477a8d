"""What DPO saves, what it loses, and what asynchronous rollouts gain.

Sources: Rafailov et al., arXiv:2305.18290, eqs. 4-7 (DPO); the displaced
likelihood follows Razin et al., arXiv:2410.08847, in the smallest model.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BETA = 0.1


# --8<-- [start:dpo]
def softmax(logits: Array) -> Array:
    weight = np.exp(logits - logits.max())
    return np.asarray(weight / weight.sum())


def log_sigmoid(x: float) -> float:
    return float(-np.logaddexp(0.0, -x))


def dpo_margin(logp: Array, ref: Array, w: int, loser: int) -> float:
    """beta times the difference of the two log-ratios."""
    ratio = logp - ref
    return float(BETA * (ratio[w] - ratio[loser]))


def train_pair(features: Array, ref: Array, steps: int, rate: float) -> Array:
    """DPO on the single pair (0 beats 1); logits = features @ theta + ref.

    Returns the policy after 0 .. steps gradient steps, (steps + 1, answers).
    """
    theta = np.zeros(features.shape[1])
    policies = []
    for _ in range(steps + 1):
        policy = softmax(features @ theta + ref)
        policies.append(policy)
        margin = dpo_margin(np.log(policy), ref, 0, 1)
        weight = np.exp(log_sigmoid(-margin))  # 0.5 at the start
        # The normalizer cancels: grad log pi_w - grad log pi_l = f_w - f_l.
        theta = theta + rate * BETA * weight * (features[0] - features[1])
    return np.array(policies)


# --8<-- [end:dpo]

# Answers: chosen, rejected, and one that the data never shows.
REF = np.log(np.array([0.50, 0.40, 0.10]))
FEATURES = {
    # Three unrelated answers: each has a parameter of its own.
    "separate": np.eye(3),
    # Chosen and rejected are almost alike; what tells them apart is what
    # the third is made of.
    "similar": np.array([[1.0, 0.2], [1.0, 0.0], [0.0, 1.2]]),
}
# The squared distances of f_w and f_l are 2 and 0.04: with these rates the
# margin, hence the loss, takes the same course in both cases.
RATES = {"separate": 0.1, "similar": 5.0}


def check_step() -> None:
    logp = np.array([-42.0, -50.0])
    ref = np.array([-45.0, -46.0])
    print("one pair      log-ratio w  log-ratio l  margin    loss  weight")
    for name, now in (("at the start", ref), ("later", logp)):
        margin = dpo_margin(now, ref, 0, 1)
        ratio = now - ref
        weight = np.exp(log_sigmoid(-margin))
        print(
            f"{name:14}{ratio[0]:11.1f}{ratio[1]:13.1f}{margin:8.2f}"
            f"{-log_sigmoid(margin):8.4f}{weight:8.4f}"
        )
    np.testing.assert_allclose(-log_sigmoid(0.0), np.log(2))


def check_equivalence() -> None:
    """With every pair in the data, DPO finds what RM plus RL would."""
    reference = np.array([0.5, 0.3, 0.2])
    reward = np.array([0.0, 1.0, 2.0])
    beta = 0.5
    target = softmax(np.log(reference) + reward / beta)
    wins = 1 / (1 + np.exp(reward[None, :] - reward[:, None]))  # P(i beats j)
    logits = np.log(reference)
    for _ in range(4000):
        implicit = beta * (logits - np.log(reference))
        model = 1 / (1 + np.exp(implicit[None, :] - implicit[:, None]))
        logits = logits + beta * (wins - model).sum(axis=1)
    found = softmax(logits)
    print("\nthree answers, all pairs, beta = 0.5")
    print("pi_ref exp(r / beta) / Z " + "".join(f"{p:8.4f}" for p in target))
    print("DPO, trained to the end  " + "".join(f"{p:8.4f}" for p in found))
    np.testing.assert_allclose(found, target, atol=1e-8)


def check_displacement() -> None:
    print("\none pair for training     step  margin  chosen  rejected  unseen")
    for name, features in FEATURES.items():
        policies = train_pair(features, REF, 200, RATES[name])
        for step in (0, 20, 80, 200):
            policy = policies[step]
            margin = dpo_margin(np.log(policy), REF, 0, 1)
            print(
                f"{name:24}{step:6}{margin:8.3f}{policy[0]:8.3f}"
                f"{policy[1]:10.3f}{policy[2]:8.3f}"
            )
    runs = {
        name: train_pair(FEATURES[name], REF, 200, rate)
        for name, rate in RATES.items()
    }
    margins = {
        name: [dpo_margin(np.log(p), REF, 0, 1) for p in policies]
        for name, policies in runs.items()
    }
    np.testing.assert_allclose(margins["separate"], margins["similar"])
    # Each step is one of gradient descent on the loss, whose slope in the
    # margin is taken here by differences: margins move along |f_w - f_l|^2.
    for name, features in FEATURES.items():
        m, h = np.array(margins[name]), 1e-6
        slope = [log_sigmoid(x + h) - log_sigmoid(x - h) for x in m[:-1]]
        gap = features[0] - features[1]
        step = RATES[name] * BETA**2 * (gap @ gap) * np.array(slope) / (2 * h)
        np.testing.assert_allclose(np.diff(m), step, rtol=1e-6)
    assert np.all(np.diff(margins["separate"]) > 0)
    assert np.all(np.diff(runs["separate"][:, 0]) > 0)
    # The loss is the same; here the chosen answer itself loses.
    assert np.all(np.diff(runs["similar"][:, 0]) < 0)
    assert runs["similar"][-1, 2] > 0.9


def iteration_time(generate: float, learn: float, overlap: bool) -> float:
    """Time of one iteration on two pools, which wait unless they overlap."""
    return max(generate, learn) if overlap else generate + learn


def check_schedule() -> None:
    print("\nshare of generation     waiting  overlapped  speed-up")
    for share in (0.5, 0.7, 0.9):
        wait = iteration_time(share, 1 - share, overlap=False)
        both = iteration_time(share, 1 - share, overlap=True)
        print(f"{share:19.1f}{wait:12.2f}{both:12.2f}{wait / both:10.2f}")
        assert both >= 0.5 * wait  # at most 2, and that only when balanced


def check_stragglers() -> None:
    """A synchronous batch ends with its longest response."""
    rng = np.random.default_rng(0)
    print("\nbatch   mean length / longest   (log-normal, sigma = 1)")
    for batch in (8, 64, 512):
        lengths = rng.lognormal(0.0, 1.0, size=(4000, batch))
        used = (lengths.mean(1) / lengths.max(1)).mean()
        print(f"{batch:5}{used:16.2f}")


if __name__ == "__main__":
    check_step()
    check_equivalence()
    check_displacement()
    check_schedule()
    check_stragglers()
