"""PPO with clipping, GAE and a KL penalty, beside TRPO, on a toy RLHF task.

The task: one prompt, answers of three tokens out of four, a score for each of
the 64 answers, a reference policy; all expectations can be enumerated.

Sources: Schulman et al., Proximal Policy Optimization Algorithms,
arXiv:1707.06347, equations 7 and 11 and algorithm 1; Schulman et al., Trust
Region Policy Optimization, arXiv:1502.05477, appendix C.
"""
# tolerance: 2e-2

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

TOKENS, LENGTH = 4, 3
FIRST = (0, 1, 5)  # number of the first prefix of each length
STATES = 1 + 4 + 16  # prefixes, the states of the token MDP
BETA, LAMBDA, EPS, DELTA = 0.2, 0.95, 0.2, 0.01
BATCH, ITERATIONS, SEEDS, EARLY = 256, 40, 10, 20
EPOCHS, PARTS, RATE = 4, 4, 3.0
METHODS = ("one step", "no clip", "PPO", "TRPO")


def log_softmax(theta: Array) -> Array:
    shifted = theta - theta.max(axis=-1, keepdims=True)
    result: Array = shifted - np.log(
        np.exp(shifted).sum(axis=-1, keepdims=True)
    )
    return result


def policy_gradient(theta: Array, s: Ints, a: Ints, weight: Array) -> Array:
    """Mean over tokens of weight * grad log pi(a | s); theta: (states, A)."""
    rows = -weight[:, None] * np.exp(log_softmax(theta))[s]
    rows[np.arange(len(s)), a] += weight
    gradient = np.zeros_like(theta)
    np.add.at(gradient, s, rows / len(s))
    return gradient


# --8<-- [start:ppo]
def gae(rewards: Array, values: Array, lam: float = LAMBDA) -> Array:
    """Advantages, gamma = 1; shapes (n, T), the value after the end is 0."""
    following = np.pad(values[:, 1:], ((0, 0), (0, 1)))
    delta = rewards + following - values
    advantage, running = np.zeros_like(delta), np.zeros(len(delta))
    for t in reversed(range(delta.shape[1])):
        running = delta[:, t] + lam * running
        advantage[:, t] = running
    return advantage


def slope(ratio: Array, advantage: Array, eps: float = EPS) -> Array:
    """d L^CLIP / d ratio: 0 once the ratio has gone far enough."""
    far = np.where(advantage > 0, ratio > 1 + eps, ratio < 1 - eps)
    return np.where(far, 0.0, advantage)


def ppo_step(
    old: Array, s: Ints, a: Ints, adv: Array, rng: np.random.Generator
) -> Array:
    theta, before = old.copy(), log_softmax(old)[s, a]
    for _ in range(EPOCHS):
        for part in np.array_split(rng.permutation(len(s)), PARTS):
            now = log_softmax(theta)[s[part], a[part]]
            ratio = np.exp(now - before[part])
            weight = ratio * slope(ratio, adv[part])
            theta += RATE * policy_gradient(theta, s[part], a[part], weight)
    return theta


# --8<-- [end:ppo]


def clipped(ratio: Array, advantage: Array, eps: float = EPS) -> Array:
    """L^CLIP of each token."""
    inside = np.clip(ratio, 1 - eps, 1 + eps)
    value: Array = np.minimum(ratio * advantage, inside * advantage)
    return value


# --8<-- [start:trpo]
def trpo_step(old: Array, s: Ints, a: Ints, adv: Array) -> Array:
    share = np.bincount(s, minlength=STATES)[:, None] / len(s)
    p = np.exp(log_softmax(old))

    def fisher(v: Array) -> Array:  # H v, H the Hessian of the mean KL
        inner = (p * v).sum(axis=1, keepdims=True)
        product: Array = share * p * (v - inner) + 1e-3 * v  # with damping
        return product

    gradient = policy_gradient(old, s, a, adv)
    direction = conjugate_gradient(fisher, gradient)
    curvature = (direction * fisher(direction)).sum()
    step = np.sqrt(2 * DELTA / curvature) * direction
    for halvings in range(10):  # backtracking line search
        theta = old + step / 2**halvings
        change = (log_softmax(theta) - log_softmax(old))[s, a]
        gain = ((np.exp(change) - 1) * adv).mean()
        if gain > 0 and state_kl(old, theta)[s].mean() <= DELTA:
            return theta
    return old


# --8<-- [end:trpo]


def conjugate_gradient(
    product: Callable[[Array], Array], target: Array
) -> Array:
    """Solve product(x) = target; the matrix is never formed."""
    x, residual = np.zeros_like(target), target.copy()
    search, norm = residual.copy(), float((residual**2).sum())
    while norm > 1e-12 * float((target**2).sum()):
        image = product(search)
        alpha = norm / float((search * image).sum())
        x += alpha * search
        residual -= alpha * image
        last, norm = norm, float((residual**2).sum())
        search = residual + norm / last * search
    return x


def state_kl(old: Array, new: Array) -> Array:
    """KL(pi_old || pi_new) in each state."""
    before, after = log_softmax(old), log_softmax(new)
    result: Array = (np.exp(before) * (before - after)).sum(axis=1)
    return result


def prefixes(answers: Ints) -> Ints:
    """State of each token: the number of the prefix in front of it."""
    states = np.zeros_like(answers)
    states[:, 1] = FIRST[1] + answers[:, 0]
    states[:, 2] = FIRST[2] + TOKENS * answers[:, 0] + answers[:, 1]
    return states


class Task:
    """A score for each of the 64 answers, and a reference policy."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.start = rng.normal(size=(STATES, TOKENS))
        self.scores = rng.normal(size=(TOKENS,) * LENGTH)
        self.log_ref = log_softmax(self.start)
        self.answers = np.indices((TOKENS,) * LENGTH).reshape(LENGTH, -1).T
        self.states = prefixes(self.answers)

    def log_probability(self, log_policy: Array) -> Array:
        """log pi(y) of the 64 answers."""
        total: Array = log_policy[self.states, self.answers].sum(axis=1)
        return total

    def objective(self, theta: Array) -> float:
        """J = E[score] - beta KL(pi || ref), exactly."""
        log_p = self.log_probability(log_softmax(theta))
        drift = log_p - self.log_probability(self.log_ref)
        return float(np.exp(log_p) @ (self.scores.ravel() - BETA * drift))

    def optimum(self) -> tuple[float, Array]:
        """beta log Z, the value of pi* ~ ref exp(score / beta); log pi*."""
        log_ref = self.log_probability(self.log_ref)
        log_star = log_softmax(log_ref + self.scores.ravel() / BETA)
        log_z = np.log(np.exp(log_ref + self.scores.ravel() / BETA).sum())
        return BETA * float(log_z), log_star


def token_rewards(old: Array, reference: Array, score: Array) -> Array:
    """-beta * log-ratio at each token, the score added at the last one."""
    rewards = -BETA * (old - reference)  # numbers: no gradient runs through
    rewards[:, -1] += score
    return rewards


def rollout(theta: Array, rng: np.random.Generator) -> tuple[Ints, Ints]:
    cumulative = np.exp(log_softmax(theta)).cumsum(axis=1)
    answers = np.zeros((BATCH, LENGTH), dtype=np.int64)
    for t in range(LENGTH):
        limits = cumulative[prefixes(answers)[:, t], :-1]
        answers[:, t] = (rng.random(BATCH)[:, None] > limits).sum(axis=1)
    return prefixes(answers), answers


class Run(NamedTuple):
    """One training run, a row an iteration."""

    gap: Array  # share of the way from the reference to the optimum
    kl: Array  # mean over the batch's tokens of KL(old || new)
    worst: Array  # the same, of the state where it is largest
    outside: Array  # share of ratios outside [1 - eps, 1 + eps]
    largest: Array  # the largest ratio of the batch
    saturated: Array  # share of tokens without gradient, by epoch


def improve(
    method: str,
    theta: Array,
    batch: tuple[Ints, Ints, Array],
    rng: np.random.Generator,
) -> Array:
    s, a, adv = batch
    if method == "TRPO":
        return trpo_step(theta, s, a, adv)
    if method == "one step":
        return theta + RATE * policy_gradient(theta, s, a, adv)
    if method == "PPO":
        return ppo_step(theta, s, a, adv, rng)
    new = theta.copy()
    before = log_softmax(theta)[s, a]
    for _ in range(EPOCHS):
        for part in np.array_split(rng.permutation(len(s)), PARTS):
            now = log_softmax(new)[s[part], a[part]]
            weight = np.exp(now - before[part]) * adv[part]
            new += RATE * policy_gradient(new, s[part], a[part], weight)
    return new


@cache
def train(method: str, seed: int) -> Run:
    task, rng = Task(seed), np.random.default_rng(1000 + seed)
    theta, values = task.start.copy(), np.zeros(STATES)
    low, high = task.objective(theta), task.optimum()[0]
    rows = []
    for _ in range(ITERATIONS):
        states, answers = rollout(theta, rng)
        old = log_softmax(theta)[states, answers]
        score = task.scores[tuple(answers.T)]
        rewards = token_rewards(old, task.log_ref[states, answers], score)
        advantage = gae(rewards, values[states])
        target = advantage + values[states]
        for k in np.unique(states):  # the critic, half-way to its target
            values[k] += 0.5 * (target[states == k].mean() - values[k])
        adv = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        s, a, before = states.ravel(), answers.ravel(), theta
        theta = improve(method, theta, (s, a, adv.ravel()), rng)
        ratio = np.exp(log_softmax(theta)[s, a] - old.ravel())
        kl = state_kl(before, theta)[s]
        rows.append(
            [
                (task.objective(theta) - low) / (high - low),
                kl.mean(),
                kl.max(),
                (np.abs(ratio - 1) > EPS).mean(),
                ratio.max(),
                (slope(ratio, adv.ravel()) == 0).mean(),
            ]
        )
    return Run(*np.array(rows).T)


def clip_table() -> None:
    print("1. clip, eps = 0.2   ratio    A   L^CLIP  dL/d ratio")
    h = 1e-6
    for ratio, advantage in [(1.5, 1.0), (0.5, -1.0), (1.5, -1.0), (0.5, 1.0)]:
        r, adv = np.array(ratio), np.array(advantage)
        value, grad = float(clipped(r, adv)), float(slope(r, adv))
        numeric = (clipped(r + h, adv) - clipped(r - h, adv)) / (2 * h)
        np.testing.assert_allclose(grad, numeric, atol=1e-8)
        print(f"{ratio:26.1f}{advantage:+5.0f}{value:9.1f}{grad:+12.0f}")
    # The minimum is a lower bound on the unclipped surrogate, everywhere.
    r, adv = np.meshgrid(np.linspace(0, 3, 61), [-1.0, 1.0])
    assert (clipped(r, adv) <= r * adv).all()


def gae_table() -> None:
    rewards, values = np.array([[0.0, 0, 1]]), np.array([[0.5, 0.6, 0.7]])
    print("\n2. GAE, r = 0, 0, 1, V = 0.5, 0.6, 0.7     advantages")
    for lam in (0.0, 0.95, 1.0):
        advantage = gae(rewards, values, lam)[0]
        cells = "".join(f"{x:9.5f}" for x in advantage)
        print(f"   lambda = {lam:4.2f}{cells:>40}")
        if lam == 0.95:
            returns = "".join(f"{x:9.5f}" for x in advantage + values[0])
            print(f"   {'value targets A + V':>15}{returns:>34}")
            exact = [0.1 + 0.95 * 0.385, 0.1 + 0.95 * 0.3, 0.3]
            np.testing.assert_allclose(advantage, exact, atol=1e-12)
    # lambda = 1 telescopes to the return minus the value.
    np.testing.assert_allclose(gae(rewards, values, 1.0)[0], 1 - values[0])


def check_frozen_penalty() -> None:
    """J(pi) = return with the penalty frozen at old - beta KL(pi || old)."""
    task, rng = Task(0), np.random.default_rng(1)
    old = task.start + rng.normal(size=task.start.shape)
    log_old = task.log_probability(log_softmax(old))
    log_ref = task.log_probability(task.log_ref)
    frozen = task.scores.ravel() - BETA * (log_old - log_ref)
    for scale in (0.0, 0.1, 1.0):
        new = old + scale * rng.normal(size=old.shape)
        log_new = task.log_probability(log_softmax(new))
        p = np.exp(log_new)
        kl = p @ (log_new - log_old)
        np.testing.assert_allclose(
            task.objective(new), p @ frozen - BETA * kl, atol=1e-12
        )
    # DPO's identity: beta log(pi* / ref) is the score up to a constant.
    _, log_star = task.optimum()
    implicit = BETA * (log_star - log_ref) - task.scores.ravel()
    assert np.ptp(implicit) < 1e-12


def check_gradient() -> None:
    """The step's direction is the gradient of the mean L^CLIP."""
    rng = np.random.default_rng(2)
    old, theta = rng.normal(size=(2, STATES, TOKENS))
    theta = old + 0.5 * theta
    s, a = (rng.integers(n, size=60) for n in (STATES, TOKENS))
    adv = rng.normal(size=60)

    def mean(parameters: Array) -> float:
        change = (log_softmax(parameters) - log_softmax(old))[s, a]
        return float(clipped(np.exp(change), adv).mean())

    ratio = np.exp((log_softmax(theta) - log_softmax(old))[s, a])
    gradient = policy_gradient(theta, s, a, ratio * slope(ratio, adv))
    nudge = rng.normal(size=theta.shape)
    h = 1e-6
    numeric = (mean(theta + h * nudge) - mean(theta - h * nudge)) / (2 * h)
    np.testing.assert_allclose((gradient * nudge).sum(), numeric, rtol=1e-5)


def check_natural_step() -> None:
    """TRPO's step u solves g = mu H u and has u H u / 2 = delta.

    H, the Hessian of the mean KL, is taken from the KL itself, by
    differences; the damping is added as the step adds it.
    """
    rng = np.random.default_rng(3)
    old = rng.normal(size=(STATES, TOKENS))
    s, a = (rng.integers(n, size=4000) for n in (STATES, TOKENS))
    adv = rng.normal(size=4000)
    g, u = policy_gradient(old, s, a, adv), trpo_step(old, s, a, adv) - old
    h = 1e-3

    def even(v: Array) -> float:  # v H v; both signs, so no cubic term
        both = state_kl(old, old + h * v) + state_kl(old, old - h * v)
        return float(both[s].mean() / h**2)

    def along(v: Array, w: Array) -> float:  # v H w, with damping
        return (even(v + w) - even(v - w)) / 4 + 1e-3 * float((v * w).sum())

    mu = []
    for _ in range(5):
        v = rng.normal(size=old.shape)
        v -= v.mean(axis=1, keepdims=True)  # a shift of logits changes none
        mu.append((g * v).sum() / along(u, v))
    np.testing.assert_allclose(mu, mu[0], rtol=1e-4)
    # Each halving of the line search divides u H u by 4.
    halvings = np.log(DELTA / (along(u, u) / 2)) / np.log(4)
    assert abs(halvings - round(halvings)) < 1e-4 and halvings > -1e-4


def runs(method: str, field: str) -> Array:
    """(seeds, iterations) of one column."""
    return np.array([getattr(train(method, k), field) for k in range(SEEDS)])


def training_table() -> None:
    print(f"\n3. training, mean of {SEEDS} tasks: share of the way from the")
    print("   reference policy to the exact optimum of score - beta KL")
    shown = [1, 5, 10, 20, 40]
    print("   iteration" + "".join(f"{k:7}" for k in shown))
    for method in METHODS:
        gap = runs(method, "gap").mean(axis=0)
        cells = "".join(f"{gap[k - 1]:7.2f}" for k in shown)
        print(f"   {method:9}{cells}")
    early = slice(EARLY)
    print(f"\n4. the first {EARLY} updates, old against new policy")
    print("             mean KL  largest  worst state  ratios  largest")
    print("                      mean KL      mean KL outside    ratio")
    for method in METHODS:
        kl = runs(method, "kl")[:, early]
        worst = runs(method, "worst")[:, early].mean()
        outside = runs(method, "outside")[:, early].mean()
        largest = np.median(runs(method, "largest")[:, early])
        print(
            f"   {method:9}{kl.mean():8.3f}{kl.max():9.3f}{worst:13.3f}"
            f"{outside:8.0%}{largest:9.1f}"
        )
    saturated = runs("PPO", "saturated")[:, early].mean()
    print(f"   PPO, tokens whose gradient is clipped away: {saturated:.0%}")

    end = {m: runs(m, "gap")[:, -1] for m in METHODS}
    # The same steps without the clip run away; with it they converge.
    assert end["PPO"].min() > 0.95 and end["TRPO"].min() > 0.95
    assert end["no clip"].mean() < 0.7
    # One small step a batch is safe and slow.
    fifth = {m: runs(m, "gap")[:, 4].mean() for m in METHODS}
    assert fifth["one step"] < 0.75 * fifth["PPO"]
    # TRPO keeps the mean KL below delta, not that of each state.
    assert runs("TRPO", "kl").max() <= DELTA < runs("TRPO", "worst").mean()
    # PPO keeps neither: ratios leave the clip range, mean KL has no bound.
    assert runs("PPO", "kl").max() > DELTA
    assert (runs("PPO", "largest") > 1 + EPS).mean() > 0.5
    assert saturated < runs("PPO", "outside")[:, early].mean()


if __name__ == "__main__":
    clip_table()
    gae_table()
    check_frozen_penalty()
    check_gradient()
    check_natural_step()
    training_table()
