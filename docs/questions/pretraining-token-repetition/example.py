"""What repeated tokens are worth, and what a few hot duplicates cost.

The law and its constants are those of Muennighoff et al., "Scaling
Data-Constrained Language Models" (2023), as their repository gives them;
the duplicates are a computation of our own, tried on least squares.
"""

# tolerance: 1e-2

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

R_DATA, R_PARAMETERS = 15.387756, 5.309743
A, B, E = np.exp([6.255414, 7.3049974, 0.6254804])
ALPHA = 0.3526596  # the same for parameters and for data
G = (A / B) ** (1 / (2 * ALPHA))


# --8<-- [start:law]
def worth(excess: Array | float, constant: float) -> Array | float:
    """1 + what `excess` repeats of one unit are worth, in fresh units."""
    return 1 + constant * (1 - np.exp(-np.asarray(excess) / constant))


def loss(parameters: Array, tokens: Array, unique: float) -> Array:
    """Loss of a model trained on `tokens`, of which `unique` are new."""
    useful = np.minimum(parameters, unique * G**2)  # Chinchilla's for `unique`
    n = useful * worth(parameters / useful - 1, R_PARAMETERS)
    fresh = np.minimum(tokens, unique)
    d = fresh * worth(tokens / fresh - 1, R_DATA)
    return E + A / n**ALPHA + B / d**ALPHA


def best(compute: float, unique: float) -> tuple[float, float, float]:
    """(loss, epochs, parameters) of the best split of 6ND = `compute`."""
    parameters = np.geomspace(1e7, 1e13, 200_001)
    tokens = compute / 6 / parameters
    losses = loss(parameters, tokens, unique)
    i = int(losses.argmin())
    return losses[i], tokens[i] / unique, parameters[i]


# --8<-- [end:law]
# --8<-- [start:hot]
def averaged(share: float, copies: Array) -> Array:
    """Excess risk, all new = 1, if the model cannot single the copies out:
    the inverse of Kish's effective sample size, sum w^2 / sum w over n."""
    return 1 - share + share * copies


def memorized(n: int, width: int, share: float, copies: Array) -> Array:
    """The same where the copied examples are fewer than `width`.

    Each takes one direction, in which the rest weighs u and its copies
    weigh copies x width; the other directions have the rest alone.
    """
    u = (1 - share) * n
    hot = share * n / copies
    own = (u + copies**2 * width) / (u + copies * width) ** 2
    return ((width - hot) / u + hot * own) * n / width


# --8<-- [end:hot]


def measured(n: int, width: int, share: float, copies: int) -> float:
    """Excess risk of least squares, noise 1, in units of width / n."""
    rng = np.random.default_rng(copies)
    hot = round(share * n) // copies
    risks = []
    for _ in range(300):
        x = rng.standard_normal((n - hot * copies + hot, width))
        noise = rng.standard_normal(len(x))
        weights = np.ones(len(x))
        weights[:hot] = copies
        weighted = x.T * weights
        risks.append(
            np.sum(np.linalg.solve(weighted @ x, weighted @ noise) ** 2)
        )
    return float(np.mean(risks)) * n / width


def main() -> None:
    print("epochs  worth  mean worth  of the next")
    for epochs in (1, 2, 4, 8, 16, 40, 100):
        value = float(worth(epochs - 1, R_DATA))
        following = np.exp(-(epochs - 1) / R_DATA)
        print(
            f"{epochs:6} {value:6.2f} {value / epochs:10.1%} {following:11.1%}"
        )
    print(f"never more than {1 + R_DATA:.2f}")
    half = R_DATA * np.log(2)
    print(f"a repeat is worth 1/2 after {half:.2f}, 1/e after {R_DATA:.2f}")
    assert np.isclose(np.exp(-half / R_DATA), 0.5)
    # The derivative of the worth is the worth of the next repeat.
    step = 1e-6
    slope = (worth(4 + step, R_DATA) - worth(4.0, R_DATA)) / step
    assert abs(slope - np.exp(-4 / R_DATA)) < 1e-6
    assert worth(3, R_DATA) / 4 > 0.93 and worth(39, R_DATA) / 40 < 0.4

    unique = 25e9
    useful = unique * G**2
    base = 6 * useful * unique
    print("\n25B unique tokens; compute in units of one optimal epoch")
    print("compute  epochs  parameters, B    loss  fresh data")
    table = []
    for factor in (1, 4, 16, 64):
        found = best(factor * base, unique)
        free = best(factor * base, np.inf)[0] if factor > 1 else found[0]
        table.append((factor, *found))
        print(
            f"{factor:7} {found[1]:7.1f} {found[2] / 1e9:14.2f}"
            f" {found[0]:7.3f} {free:11.3f}"
        )
    print(f"parameters optimal for one epoch: {useful / 1e9:.2f}B")
    assert abs(table[0][2] - 1) < 0.01
    # More compute goes to epochs before it goes to parameters.
    for factor, _, epochs, parameters in table[1:]:
        assert epochs > np.sqrt(factor) > parameters / useful > 1
    # The two models of the paper's first figure.
    few = loss(np.array(8.67e9), np.array(178e9), unique)
    many = loss(np.array(6.34e9), np.array(242e9), unique)
    print(f"8.67B on 178B tokens {few:.4f}, 6.34B on 242B tokens {many:.4f}")
    assert abs(few - 2.2269634) < 1e-6 and abs(many - 2.2256441) < 1e-6

    n, width, share = 4000, 40, 0.1
    print(f"\n{n} tokens, a tenth of them copies; {width} parameters")
    print("copies  examples  measured  averaged  memorized")
    copies = np.array([1, 5, 10, 20, 40, 100, 200, 400])
    risks = np.array([measured(n, width, share, int(c)) for c in copies])
    for c, risk in zip(copies, risks, strict=True):
        hot = int(share * n / c)
        beyond = f"{memorized(n, width, share, c):10.2f}" if c >= 10 else ""
        line = f"{c:6} {hot:9} {risk:9.2f} {averaged(share, c):9.1f} {beyond}"
        print(line.rstrip())
    for c in (5, 100):  # the formula against the weights themselves
        w = np.ones(int((1 - share) * n + share * n / c))
        w[: int(share * n / c)] = c
        kish = n * np.sum(w * w) / np.sum(w) ** 2
        assert abs(kish - averaged(share, np.array(c))) < 1e-9
    few = copies <= 10
    expected = np.where(
        few,
        averaged(share, copies),
        memorized(n, width, share, copies),
    )
    assert np.all(np.abs(risks / expected - 1) < 0.15)
    # Worst in the middle, near the number of copies at which an example
    # weighs as much in its direction as the rest.
    assert copies[risks.argmax()] == 100
    assert risks[-1] < 0.8 * risks.max()
    balance = (1 - share) * n / width
    fine = np.arange(10, 401)
    peak = fine[memorized(n, width, share, fine).argmax()]
    assert abs(peak / balance - 1) < 0.1
    print(f"weights balance at {balance:.0f} copies, formula's peak at {peak}")
    # Each example once: better than its copies, however many they are.
    once = 1 / (1 - share + share / copies)
    assert np.all(once[1:] < risks[1:])
    print(f"each once: {once[1]:.2f} (of 5 copies) to {once[-1]:.2f} (of 400)")


if __name__ == "__main__":
    main()
