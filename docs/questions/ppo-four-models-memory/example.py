"""The memory of PPO's four models, and what each remedy saves.

Bytes a parameter: 16 trained (bf16 weights and gradients 2 + 2, fp32 master
weights and Adam's two moments 4 + 4 + 4), 2 frozen (bf16).

Sources: Rajbhandari et al., ZeRO, arXiv:1910.02054 (the 16 bytes); Shao et
al., DeepSeekMath, arXiv:2402.03300 (GRPO, k3); Tang and Munos, On a few
pitfalls in KL divergence gradient estimation for RL, arXiv:2506.09477.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Parts = dict[str, float]

TRAINED, FROZEN = 16, 2
SIZE = 7.0  # billions of parameters, so that bytes a parameter give GB
ADAPTER = 0.005  # LoRA: share of the parameters that is trained


# --8<-- [start:ledger]
def ledger(billions: float = SIZE) -> dict[str, Parts]:
    """Model states in GB, remedy by remedy."""
    full, frozen = TRAINED * billions, FROZEN * billions
    lora = ADAPTER * full
    four = {"actor": full, "critic": full, "RM": frozen, "ref": frozen}
    return {
        "PPO": four,
        "GRPO": {"actor": full, "RM": frozen, "ref": frozen},
        "GRPO, rule reward": {"actor": full, "ref": frozen},
        "GRPO, rule, beta = 0": {"actor": full},
        "DPO": {"actor": full, "ref": frozen},
        "PPO, shared base": {
            "base": frozen,
            "actor": lora,
            "critic": lora,
            "RM": ADAPTER * frozen,
        },
        "the same, 4-bit base": {
            "base": frozen / 4,
            "actor": lora,
            "critic": lora,
            "RM": ADAPTER * frozen,
        },
    }


def moved(billions: float = SIZE) -> dict[str, float]:
    """The same four models: GB on one GPU after moving, not removing."""
    total = sum(ledger(billions)["PPO"].values())
    return {
        "ZeRO-3 over 8 GPUs": total / 8,
        "RM and ref offloaded": 2 * TRAINED * billions,
        "one at a time": TRAINED * billions,
    }


# --8<-- [end:ledger]


def ledger_table() -> None:
    print("1. model states of a 7B model, GB")
    names = ("base", "actor", "critic", "RM", "ref")
    print(" " * 22 + "".join(f"{name:>8}" for name in names) + "     all")
    for remedy, parts in ledger().items():
        cells = "".join(
            f"{parts[name]:8.2f}" if name in parts else "       -"
            for name in names
        )
        print(f"{remedy:22}{cells}{sum(parts.values()):8.2f}")
    total = {name: sum(parts.values()) for name, parts in ledger().items()}
    assert total["PPO"] == 36 * SIZE
    assert total["GRPO"] == total["PPO"] - TRAINED * SIZE
    # DPO has neither critic nor reward model.
    assert total["PPO"] - total["DPO"] == (TRAINED + FROZEN) * SIZE
    share = TRAINED / (2 * TRAINED + 2 * FROZEN)
    print(f"share of the critic in PPO: {share:.1%}")
    print("\nthe same 252 GB, moved: GB on a GPU at the peak")
    for remedy, value in moved().items():
        print(f"{remedy:22}{value:8.2f}")
    large, small = 175, 6
    equal = sum(ledger(large)["PPO"].values())
    mixed = (TRAINED + FROZEN) * (large + small)
    print(f"175B policy: all four equal {equal:,.0f} GB, ", end="")
    print(f"6B critic and RM {mixed:,.0f} GB")


def rollout_table() -> None:
    """KV cache and logits of a 7B shape: 32 layers, d_k = 128, bf16."""
    print("\n2. not in the ledger: a rollout of 64 answers x 2,048 tokens, GB")
    tokens, layers, width = 64 * 2048, 32, 128
    for name, heads in (("32 KV heads", 32), ("8 KV heads", 8)):
        cache = 2 * layers * heads * width * 2 * tokens / 1e9
        print(f"   KV cache, {name:20}{cache:8.1f}")
    print(f"   actor copy in the inference engine{FROZEN * SIZE:11.1f}")
    for vocabulary in (32_000, 128_256):
        logits = vocabulary * 4 * tokens / 1e9
        print(f"   fp32 logits, |V| = {vocabulary:<11,}{logits:8.1f}")


def compute_table() -> None:
    print("\n3. FLOPs a token of an answer, in units of the parameter count")
    print("                     rollout  scoring  training   all")
    rows = {
        "PPO": (2, 3 * 2, 2 * 6),
        "PPO, shared base": (2, 3 * 2, 2 * 4),
        "GRPO": (2, 2 * 2, 6),
        "GRPO, rule reward": (2, 2, 6),
    }
    for name, (rollout, scoring, training) in rows.items():
        total = rollout + scoring + training
        print(f"{name:19}{rollout:9}{scoring:9}{training:10}{total:6}")
    # LoRA saves the weight gradients: 6 a parameter become 4.
    assert rows["PPO, shared base"][2] * 3 == rows["PPO"][2] * 2
    ppo, grpo = (sum(rows[name]) for name in ("PPO", "GRPO"))
    print(f"GRPO with 8 answers a prompt / PPO with 1: {8 * grpo / ppo:.1f}")


# --8<-- [start:group]
def group_advantages(rewards: Array) -> dict[str, Array]:
    """Critic-free advantages of the answers to one prompt."""
    centred, size = rewards - rewards.mean(), len(rewards)
    others = (rewards.sum() - rewards) / (size - 1)
    return {
        "GRPO, population std": centred / rewards.std(),
        "GRPO, sample std": centred / rewards.std(ddof=1),
        "RLOO": rewards - others,
        "Dr. GRPO": centred,
    }


# --8<-- [end:group]


def group_table() -> None:
    rewards = np.array([1.0, 0, 0, 1, 0, 0, 0, 0])
    print("\n4. one group of 8, rewards 1 0 0 1 0 0 0 0: advantage of")
    print("                           a 1      a 0   a 0 among seven 1s")
    easy = np.array([1.0, 1, 1, 1, 1, 1, 1, 0])
    for name, values in group_advantages(rewards).items():
        # Whatever the recipe: a multiple of reward - group mean.
        factor = values / (rewards - rewards.mean())
        np.testing.assert_allclose(factor, factor[0])
        wrong = group_advantages(easy)[name][-1]
        print(f"{name:22}{values[0]:8.3f}{values[1]:9.3f}{wrong:21.3f}")
    np.testing.assert_allclose(
        group_advantages(rewards)["RLOO"],
        8 / 7 * group_advantages(rewards)["Dr. GRPO"],
    )
    print("share of groups of 8 in which all rewards are equal")
    for p in (0.05, 0.2, 0.5):
        print(f"   success rate {p:4.2f}: {p**8 + (1 - p) ** 8:6.1%}")


def check_leave_one_out() -> None:
    """RLOO is unbiased, the plain group mean shrinks by (G - 1) / G."""
    p, reward = np.array([0.5, 0.3, 0.2]), np.array([0.0, 1.0, 2.0])
    exact = p * (reward - p @ reward)  # gradient of E[r] in the logits
    size = 3
    loo, own = np.zeros(3), np.zeros(3)
    for group in product(range(3), repeat=size):
        weight = np.prod(p[list(group)])
        r = reward[list(group)]
        score = np.eye(3)[list(group)] - p
        advantages = group_advantages(r) if np.ptp(r) else None
        if advantages is None:
            continue
        loo += weight * advantages["RLOO"] @ score / size
        own += weight * advantages["Dr. GRPO"] @ score / size
    np.testing.assert_allclose(loo, exact, atol=1e-12)
    np.testing.assert_allclose(own, exact * (size - 1) / size, atol=1e-12)


def softmax(logits: Array) -> Array:
    weights = np.exp(logits - logits.max())
    result: Array = weights / weights.sum()
    return result


def kl(p: Array, q: Array) -> float:
    return float(p @ np.log(p / q))


def kl_table() -> None:
    """Expected gradients in the logits; pi = softmax(theta)."""
    p, ref = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])
    theta = np.log(p)
    score = np.eye(3) - p  # row y: gradient of log pi(y)
    log_ratio, inverse = np.log(p / ref), ref / p
    k3 = inverse - 1 - np.log(inverse)
    np.testing.assert_allclose(p @ k3, kl(p, ref))
    gradients = {
        "d KL(pi || ref)": p * (log_ratio - p @ log_ratio),
        "k1 in the reward": (p * log_ratio) @ score,
        "k1 in the loss": p @ score,
        "k3 in the loss": (p * (1 - inverse)) @ score,
        "d KL(ref || pi)": p - ref,
    }
    print("\n5. gradient of the KL term, expectation over samples of pi")
    for name, gradient in gradients.items():
        cells = "".join(f"{x + 0.0:9.4f}" for x in np.round(gradient, 10))
        print(f"   {name:18}{cells}")
    pairs = [(0, 1), (3, 4)]
    values = list(gradients.values())
    for a, b in pairs:
        np.testing.assert_allclose(values[a], values[b], atol=1e-12)
    assert (
        np.abs(values[2]).max() < 1e-12 < np.abs(values[3] - values[0]).max()
    )
    # The gradient of KL(pi || ref) itself, by finite differences.
    h = 1e-6
    numeric = [
        (kl(softmax(theta + h * e), ref) - kl(softmax(theta - h * e), ref))
        / (2 * h)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(values[0], numeric, atol=1e-8)

    ref, reward = np.array([0.5, 0.3, 0.2]), np.array([0.0, 1.0, 2.0])
    tilted = softmax(np.log(ref) + reward)
    logits = np.log(ref)
    for _ in range(5000):  # ascent with the k3 gradient, beta = 1
        p = softmax(logits)
        logits = logits + 0.2 * (p * (reward - p @ reward) - (p - ref))
    p = softmax(logits)
    np.testing.assert_allclose(p * (1 - reward + p @ reward), ref, atol=1e-10)
    print("   optimum of E[r] - KL, r = 0 1 2, ref = 0.5 0.3 0.2")
    for name, policy in (("reward KL", tilted), ("k3 loss", p)):
        cells = "".join(f"{x:9.4f}" for x in policy)
        print(f"   {name:18}{cells}")


if __name__ == "__main__":
    ledger_table()
    rollout_table()
    compute_table()
    group_table()
    check_leave_one_out()
    kl_table()
