"""PTQ and QAT on one grid: the same scales, different integer codes.

PTQ: rounding to nearest, and error feedback on calibration data as in
GPTQ (Frantar et al., arXiv:2210.17323). QAT: straight-through estimator
(Bengio et al., arXiv:1308.3432; Jacob et al., arXiv:1712.05877).
"""

from functools import cache
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

# tolerance: 1e-2
Array = NDArray[np.float64]
SIZES = [2, 16, 16, 1]
NETWORKS, TRAIN_STEPS, QAT_STEPS, LATE = 5, 3000, 1000, 100
BITS = [8, 4, 3, 2]


# --8<-- [start:quantizers]
def quantize(w: Array, s: Array, bits: int) -> Array:
    """Round to nearest: code in -qmax..qmax, times s."""
    qmax = 2 ** (bits - 1) - 1
    result: Array = s * np.clip(np.rint(w / s), -qmax, qmax)
    return result


def error_feedback(w: Array, s: Array, bits: int, gram: Array) -> Array:
    """GPTQ: the rows not yet rounded make up for those that are."""
    w, q = w.copy(), np.zeros_like(w)
    u = np.linalg.cholesky(np.linalg.inv(gram)).T
    for i in range(len(w)):
        q[i] = quantize(w[i], s, bits)
        w[i + 1 :] -= np.outer(u[i, i + 1 :], (w[i] - q[i]) / u[i, i])
    return q


def straight_through(gradient: Array, w: Array, s: Array, bits: int) -> Array:
    """dL/dq passed on as dL/dw, except where w is clipped."""
    edge = s * (2 ** (bits - 1) - 0.5)
    result: Array = gradient * (np.abs(w) <= edge)
    return result


# --8<-- [end:quantizers]


# A network: tanh layers, trained in full precision.
def forward(
    weights: list[Array], biases: list[Array], x: Array
) -> list[Array]:
    """The input of each layer, then the output."""
    acts = [x]
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = acts[-1] @ w + b
        acts.append(np.tanh(z) if i < len(weights) - 1 else z)
    return acts


def backward(
    weights: list[Array], biases: list[Array], x: Array, y: Array
) -> tuple[float, list[Array], list[Array]]:
    """Mean squared error and its gradients."""
    acts = forward(weights, biases, x)
    delta = 2 * (acts[-1] - y) / len(x)
    by_weight: list[Array] = []
    by_bias: list[Array] = []
    for i in reversed(range(len(weights))):
        by_weight.insert(0, acts[i].T @ delta)
        by_bias.insert(0, delta.sum(0))
        if i:
            delta = delta @ weights[i].T * (1 - acts[i] ** 2)
    return float(np.mean((acts[-1] - y) ** 2)), by_weight, by_bias


class Adam:
    def __init__(self, parameters: list[Array]) -> None:
        self.parameters, self.step_count = parameters, 0
        self.mean = [np.zeros_like(p) for p in parameters]
        self.square = [np.zeros_like(p) for p in parameters]

    def step(self, gradients: list[Array], rate: float) -> None:
        self.step_count += 1
        t = self.step_count
        for p, g, m, v in zip(
            self.parameters, gradients, self.mean, self.square, strict=True
        ):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            scaled = np.sqrt(v / (1 - 0.999**t)) + 1e-8
            p -= rate * (m / (1 - 0.9**t)) / scaled
            # Seven decimals, so that every machine takes the same course.
            p[:] = p.round(7)


def task(seed: int, count: int) -> tuple[Array, Array]:
    """Two correlated inputs and a smooth target."""
    x = np.random.default_rng(seed).uniform(-1, 1, (count, 2))
    x[:, 1] = 0.8 * x[:, 0] + 0.6 * x[:, 1]
    y = np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1])
    return x, y[:, None]


@cache
def full_precision(seed: int) -> tuple[list[Array], list[Array]]:
    rng = np.random.default_rng(seed)
    weights: list[Array] = [
        rng.normal(size=(a, b)) / np.sqrt(a) for a, b in pairwise(SIZES)
    ]
    biases: list[Array] = [np.zeros(b) for b in SIZES[1:]]
    x, y = task(101, 512)
    adam = Adam(weights + biases)
    for step in range(TRAIN_STEPS):
        _, by_weight, by_bias = backward(weights, biases, x, y)
        adam.step(by_weight + by_bias, 0.01 * (1 - step / TRAIN_STEPS))
    return weights, biases


def best_scale(w: Array, bits: int) -> Array:
    """A scale per output channel: least squared error of 71 candidates."""
    qmax = 2 ** (bits - 1) - 1
    candidates = np.linspace(0.3, 1, 71)[:, None] * np.abs(w).max(0) / qmax
    errors = [((quantize(w, s, bits) - w) ** 2).sum(0) for s in candidates]
    result: Array = candidates[np.argmin(errors, 0), np.arange(w.shape[1])]
    return result


Trial = dict[str, float]


def compare(seed: int, bits: int) -> Trial:
    """Held-out error of each way to choose the codes."""
    weights, biases = full_precision(seed)
    scales = [best_scale(w, bits) for w in weights]
    x, y = task(101, 512)
    held_x, held_y = task(202, 1024)

    def held_out(codes: list[Array]) -> float:
        out = forward(codes, biases, held_x)[-1]
        return float(np.mean((out - held_y) ** 2))

    nearest = [
        quantize(w, s, bits) for w, s in zip(weights, scales, strict=True)
    ]

    feedback: list[Array] = []  # 128 inputs, no labels
    for i, (w, s) in enumerate(zip(weights, scales, strict=True)):
        seen = forward(feedback + weights[i:], biases, x[:128])[i]
        gram = seen.T @ seen
        gram += 0.01 * np.trace(gram) / len(gram) * np.eye(len(gram))
        feedback.append(error_feedback(w, s, bits, gram))

    shadow = [w.copy() for w in weights]  # QAT: all data, with labels
    adam, course, best = Adam(shadow), [], nearest
    late: list[float] = []  # of each of the last steps
    for step in range(QAT_STEPS):
        codes = [
            quantize(w, s, bits) for w, s in zip(shadow, scales, strict=True)
        ]
        loss, by_weight, _ = backward(codes, biases, x, y)
        course.append(loss)
        if loss <= min(course):
            best = codes
        if step >= QAT_STEPS - LATE:
            late.append(held_out(codes))
        adam.step(
            [
                straight_through(g, w, s, bits)
                for g, w, s in zip(by_weight, shadow, scales, strict=True)
            ],
            0.003 * (1 - step / QAT_STEPS),
        )
    trial = {
        "float": held_out(weights),
        "nearest": held_out(nearest),
        "feedback": held_out(feedback),
        "best": held_out(best),
        "late": float(np.exp(np.mean(np.log(late)))),
    }
    return trial


WEIGHTS = np.array([0.45, 0.35, 1.0])
PRODUCTS = np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]])  # X^T X


def loss_of_three(q: Array) -> float:
    """Squared error of the output of the three weights."""
    return float((q - WEIGHTS) @ PRODUCTS @ (q - WEIGHTS))


def three_weights() -> None:
    print("1. three weights, inputs 1 and 2 correlated, codes -1, 0, 1")
    w, one, loss = WEIGHTS, np.ones(1), loss_of_three
    nearest = quantize(w, one, 2)
    feedback = error_feedback(w[:, None], one, 2, PRODUCTS)[:, 0]
    every = [np.array(q, float) for q in product((-1, 0, 1), repeat=3)]
    optimum = min(every, key=loss)
    shadow, course = w.copy(), []
    for _ in range(201):
        q = quantize(shadow, one, 2)
        course.append(loss(q))
        shadow -= 0.01 * straight_through(
            2 * PRODUCTS @ (q - w), shadow, one, 2
        )
    reached = int(np.argmin(course))
    rows = {
        "nearest": nearest,
        "error feedback": feedback,
        "best of 27": optimum,
    }
    for name, q in rows.items():
        codes = " ".join(f"{code:2.0f}" for code in q)
        print(f"{name:15}{codes}{loss(q):9.4f}")
    print(f"STE: {course[reached]:.4f} at step {reached}, ", end="")
    print(f"{course[-1]:.4f} at step {len(course) - 1}")
    assert loss(nearest) > loss(feedback) > loss(optimum)
    assert np.isclose(course[reached], loss(optimum))
    assert course[-1] > course[reached]  # it does not stay there


def one_weight_course(steps: int, optimum: float = 0.3) -> Array:
    """Shadow weight and code of L = (q - optimum)**2 / 2, step by step."""
    w, course = optimum, np.empty((steps, 2))
    for row in course:
        row[:] = w, np.rint(w)
        w -= 0.05 * (row[1] - optimum)
    return course


def one_weight() -> None:
    print("\n2. one weight, optimum 0.3 between the codes 0 and 1")
    w, code = one_weight_course(3000)[1000:].T
    print(f"start 0.3, later between {w.min():.2f} and {w.max():.2f}")
    print(f"share of steps at code 1: {code.mean():.3f}")
    assert abs(code.mean() - 0.3) < 0.01  # the mean code is the optimum
    assert 0.46 < w.min() < w.max() < 0.52  # the threshold is at 0.5


@cache
def network_errors(bits: int) -> Trial:
    """Geometric mean of the held-out errors of all networks."""
    trials = [compare(seed, bits) for seed in range(NETWORKS)]
    return {
        name: float(np.exp(np.mean([np.log(t[name]) for t in trials])))
        for name in trials[0]
    }


def network() -> None:
    print(f"\n3. network {'-'.join(map(str, SIZES))}, held-out squared error")
    print(f"   x 1000, geometric mean of {NETWORKS} networks")
    print(f"   QAT late: mean of the last {LATE} of {QAT_STEPS} steps")
    print("bits   float  nearest  feedback  QAT best  QAT late")
    for bits in BITS:
        mean = network_errors(bits)
        full, near, feedback, best, late = (1000 * v for v in mean.values())
        print(f"{bits:4}{full:8.2f}{near:9.2f}{feedback:10.2f}", end="")
        print(f"{best:10.2f}{late:10.2f}")
        assert near > feedback > best
        if bits == 8:  # little is left to win
            assert near < 3 * full
        else:  # and STE weights do not settle on what they found
            assert feedback > 5 * best
            assert late > 1.5 * best


if __name__ == "__main__":
    three_weights()
    one_weight()
    network()
