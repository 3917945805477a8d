"""A reward model is only a number to the policy; which one teaches depends.

Sources: Bradley-Terry loss as in Ouyang et al., arXiv:2203.02155, eq. 1;
reward variance and flat objectives: Razin et al., arXiv:2503.15477.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Four answers to one prompt, worst to best.
GOLD = np.array([0.0, 1.0, 2.0, 3.0]) / 3
REWARDS = {
    # Orders all four correctly; hardly separates the three worst.
    "A": np.array([0.00, 0.05, 0.10, 0.50]),
    # Separates those well; swaps the two best by a hair.
    "B": np.array([0.00, 0.30, 1.00, 0.96]),
}
POLICIES = {
    "weak": np.array([0.70, 0.26, 0.03, 0.01]),
    "strong": np.array([0.01, 0.02, 0.67, 0.30]),
}


# --8<-- [start:teacher]
def pair_loss(chosen: float, rejected: float) -> float:
    """Bradley-Terry: -log sigma(r_c - r_r)."""
    return float(np.log1p(np.exp(rejected - chosen)))


def accuracy(reward: Array) -> float:
    """Share of pairs that the reward orders as gold does."""
    pairs = list(combinations(range(GOLD.size), 2))
    return sum(bool(reward[i] < reward[j]) for i, j in pairs) / len(pairs)


def gradient(policy: Array, reward: Array) -> Array:
    """d E[r] / d logits = E[r * grad log pi]; r itself is not differentiated.

    For a softmax, component k is pi_k (r_k - E[r]).
    """
    step: Array = policy * (reward - policy @ reward)
    return step


def train(
    policy: Array, reward: Array, steps: int, rate: float = 0.1
) -> Array:
    """Expected gold after 0 .. steps exact gradient steps on the logits."""
    logits, gold = np.log(policy), []
    for _ in range(steps + 1):
        policy = np.exp(logits) / np.exp(logits).sum()
        gold.append(float(policy @ GOLD))
        logits = logits + rate * gradient(policy, reward)
    return np.array(gold)


# --8<-- [end:teacher]


def spread(policy: Array, reward: Array) -> float:
    """Standard deviation of the reward over the policy's own answers."""
    mean = policy @ reward
    return float(np.sqrt(policy @ (reward - mean) ** 2))


def check_loss() -> None:
    print("   r_c    r_r  P(c > r)   loss")
    for chosen, rejected in [(2, 0.5), (0.5, 2), (1, 1), (12, 10.5)]:
        loss = pair_loss(chosen, rejected)
        cells = f"{chosen:6.1f} {rejected:6.1f}{np.exp(-loss):10.3f}"
        print(f"{cells}{loss:7.3f}")
        # Bradley-Terry: the log-odds are the difference of the scores.
        gap = pair_loss(rejected, chosen) - loss
        np.testing.assert_allclose(gap, chosen - rejected, atol=1e-12)
    # Adding 10 to both changes neither the loss ...
    np.testing.assert_allclose(pair_loss(12, 10.5), pair_loss(2, 0.5))
    # ... nor the policy gradient.
    for policy in POLICIES.values():
        for reward in REWARDS.values():
            np.testing.assert_allclose(
                gradient(policy, reward + 10), gradient(policy, reward)
            )


def print_table() -> None:
    print("\nanswer         1     2     3     4")
    rows = {"gold": GOLD}
    rows |= {f"RM {name}": values for name, values in REWARDS.items()}
    rows |= {f"{name} pi": values for name, values in POLICIES.items()}
    for name, values in rows.items():
        print(f"{name:10}" + "".join(f"{value:6.2f}" for value in values))


def check_teachers() -> None:
    print(
        "\n            pairs   std of r              its   E[gold] after steps"
    )
    print("policy  RM  right  on policy  |grad|  bound      0    400   5000")
    gold = {}
    for name, policy in POLICIES.items():
        for model, reward in REWARDS.items():
            std = spread(policy, reward)
            norm = float(np.linalg.norm(gradient(policy, reward)))
            # |E[(r - E[r]) grad log pi]| <= std(r) * rms |grad log pi|,
            # and for logits the mean of |e_y - pi|^2 is 1 - sum pi^2.
            bound = std * float(np.sqrt(1 - policy @ policy))
            assert norm <= bound
            curve = train(policy, reward, 5000)
            gold[name, model] = curve
            right = f"{accuracy(reward) * 6:.0f}/6"
            cells = "".join(f"{curve[step]:7.3f}" for step in (0, 400, 5000))
            print(
                f"{name:8}{model:2}{right:>7}{std:11.3f}{norm:8.3f}"
                f"{bound:7.3f}{cells}"
            )
    # The accurate model is the slow teacher of the weak policy, in the end
    # the better one, and at once the better one for the strong policy.
    assert accuracy(REWARDS["A"]) == 1 > accuracy(REWARDS["B"])
    assert gold["weak", "B"][400] > gold["weak", "A"][400] + 0.3
    assert gold["weak", "A"][5000] > gold["weak", "B"][5000] + 0.3
    assert gold["strong", "A"][400] > gold["strong", "B"][0]
    assert gold["strong", "B"][400] < gold["strong", "B"][0]


def check_gradient() -> None:
    """The formula against finite differences of E[r]."""
    policy, reward = POLICIES["weak"], REWARDS["B"]
    numeric = np.empty(4)
    for k in range(4):
        value = []
        for sign in (1, -1):
            logits = np.log(policy)
            logits[k] += sign * 1e-5
            shifted = np.exp(logits) / np.exp(logits).sum()
            value.append(shifted @ reward)
        numeric[k] = (value[0] - value[1]) / 2e-5
    np.testing.assert_allclose(gradient(policy, reward), numeric, atol=1e-9)


if __name__ == "__main__":
    check_loss()
    check_gradient()
    print_table()
    check_teachers()
