"""DeepNorm: one SGD step changes the output by about 4 N beta^2 / alpha^2.

Source: Wang et al., DeepNet, arXiv:2203.00555, sections 4.2 and 4.3.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

VOCABULARY, WIDTH, INNER = 100, 64, 256
SHAPE, UNMIXED = (8, 16), (128, 1)  # sequences, tokens in each
RATE, SEEDS = 0.01, (0, 1, 2)
torch.set_num_threads(1)

Shape = tuple[int, int]


# --8<-- [start:bound]
@dataclass(frozen=True)
class Constants:
    """alpha: skip path; beta: initial gain of V, O and FFN."""

    alpha: float
    beta: float

    def bound(self, layers: int) -> float:
        """S: sum of (v^2 + w^2) / alpha^2, v = w = beta."""
        return 2 * layers * 2 * self.beta**2 / self.alpha**2


def deepnorm(layers: int, bound: float = 1.0) -> Constants:
    """Factor split evenly over alpha and beta; S = bound."""
    alpha_squared = math.sqrt(2 * layers / bound)
    return Constants(
        math.sqrt(alpha_squared), 1 / math.sqrt(2 * alpha_squared)
    )


def update(
    layers: int, c: Constants, seed: int, rate: float, shape: Shape
) -> float:
    """How far one SGD step moves the output, of norm 8."""
    data, weights = sample(layers, c.beta, seed, shape)
    before = forward(data, weights, c.alpha)
    logits = (before @ data.head).flatten(0, 1)
    loss = cross_entropy(logits, data.target)
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        pairs = zip(weights, gradients, strict=True)
        moved = [w - rate * g for w, g in pairs]
        change = forward(data, moved, c.alpha) - before
    return float(change.norm(dim=-1).mean())


# --8<-- [end:bound]


@dataclass(frozen=True)
class Data:
    """Embedded tokens, random targets and the output matrix; not trained."""

    embedded: Tensor
    target: Tensor
    head: Tensor


def sample(
    layers: int, beta: float, seed: int, shape: Shape = SHAPE
) -> tuple[Data, list[Tensor]]:
    """Random data and, a layer, W_Q, W_K, W_V, W_O, W_1, W_2 (Xavier)."""
    generator = torch.Generator().manual_seed(seed)

    def normal(rows: int, columns: int) -> Tensor:
        size = rows, columns
        return torch.randn(size, generator=generator, dtype=torch.float64)

    def xavier(rows: int, columns: int, gain: float) -> Tensor:
        return normal(rows, columns) * (gain * math.sqrt(2 / (rows + columns)))

    tokens = torch.randint(VOCABULARY, shape, generator=generator)
    target = torch.randint(VOCABULARY, shape, generator=generator)
    embedding = normal(VOCABULARY, WIDTH)
    head = xavier(WIDTH, VOCABULARY, 1.0)
    weights = []
    for _ in range(layers):
        for gain in (1.0, 1.0, beta, beta):  # W_Q, W_K, W_V, W_O
            weights.append(xavier(WIDTH, WIDTH, gain).requires_grad_())
        weights.append(xavier(WIDTH, INNER, beta).requires_grad_())
        weights.append(xavier(INNER, WIDTH, beta).requires_grad_())
    return Data(embedding[tokens], target.flatten(), head), weights


def layer_norm(x: Tensor) -> Tensor:
    x = x - x.mean(-1, keepdim=True)
    return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()


def forward(data: Data, weights: list[Tensor], alpha: float) -> Tensor:
    """A decoder of one head per layer without biases: (B, T, d)."""
    x = data.embedded
    length = x.shape[1]
    mask = torch.full((length, length), -math.inf, dtype=x.dtype).triu(1)
    for i in range(0, len(weights), 6):
        w_q, w_k, w_v, w_o, w_1, w_2 = weights[i : i + 6]
        scores = (x @ w_q) @ (x @ w_k).mT / math.sqrt(WIDTH) + mask
        attention = torch.softmax(scores, dim=-1) @ (x @ w_v) @ w_o
        x = layer_norm(alpha * x + attention)
        x = layer_norm(alpha * x + torch.relu(x @ w_1) @ w_2)
    return x


def mean_update(
    layers: int, c: Constants, rate: float = RATE, shape: Shape = SHAPE
) -> float:
    updates = [update(layers, c, seed, rate, shape) for seed in SEEDS]
    return sum(updates) / len(updates)


def likeness(layers: int, c: Constants) -> float:
    """Mean cosine of the output vectors of two tokens."""
    total = 0.0
    for seed in SEEDS:
        data, weights = sample(layers, c.beta, seed)
        with torch.no_grad():
            x = forward(data, weights, c.alpha).flatten(0, 1)
        x = x / x.norm(dim=-1, keepdim=True)
        pairs = len(x) * (len(x) - 1)
        total += float((x @ x.T).sum() - len(x)) / pairs
    return total / len(SEEDS)


def check_constants() -> None:
    print("one stack      N   alpha    beta  beta/alpha       S   GLM's S")
    for n in (6, 12, 24, 48, 70, 100, 200, 1000):
        c = deepnorm(n)
        glm = Constants(math.sqrt(2 * n), 1 / math.sqrt(2 * n))
        row = f"{c.alpha:8.3f}{c.beta:8.3f}{c.beta / c.alpha:12.4f}"
        print(f"{n:16}{row}{c.bound(n):8.3f}{glm.bound(n):10.4f}")
        # The closed forms of the paper, and what holds for every depth.
        assert math.isclose(c.alpha, (2 * n) ** 0.25)
        assert math.isclose(c.beta, (8 * n) ** -0.25)
        assert math.isclose(c.bound(n), 1)
        assert math.isclose(c.alpha * c.beta, 1 / math.sqrt(2))
        assert math.isclose(c.alpha / c.beta, 2 * math.sqrt(n))
        assert math.isclose(glm.bound(n), 1 / n)
        # The other two splits; alpha on the branch; W_Q and W_K together.
        assert math.isclose(Constants(2 * math.sqrt(n), 1).bound(n), 1)
        assert math.isclose(Constants(1, 0.5 / math.sqrt(n)).bound(n), 1)
        on_branch = 4 * n * c.alpha**2 * c.beta**2
        assert math.isclose(on_branch, 2 * n)
        query_key = 2 * n * (c.beta**2 / c.alpha) ** 2
        assert math.isclose(query_key, c.beta**2 / 2)
        # The factor that the theorem drops: 2N of them, all in phase.
        branch = c.beta**2
        dropped = (c.alpha + branch) / math.hypot(c.alpha, branch)
        ceiling = math.exp(2**-0.75 * n**0.25)
        assert math.isclose(branch / c.alpha, 2**-1.75 * n**-0.75)
        assert dropped ** (2 * n) < ceiling
    assert round(ceiling) == 28  # of N = 1000
    for name, n, power in (
        ("GLM-130B", 70, 1 / 2),
        ("ChatGLM-6B", 28, 1 / 2),
        ("MiniMax-Text-01", 80, 1 / 4),
    ):
        alpha = (2 * n) ** power
        print(f"{name:16}N = {n}, alpha = {2 * n}^{power} = {alpha:.4f}")
    assert math.isclose(alpha, 3.5565588200778455)  # its config.json


def check_encoder_decoder() -> None:
    a, b = 27 ** (-1 / 16), 27 ** (1 / 16) / math.sqrt(2)
    print(f"\n27^(-1/16) = {a:.4f}   27^(1/16)/sqrt(2) = {b:.4f}")
    assert (round(a, 2), round(b, 2)) == (0.81, 0.87)
    print(
        "  N    M   alpha_e  beta_e  alpha_d  beta_d  decoder's  encoder's S"
    )
    for n, m in (6, 6), (18, 18), (12, 3), (500, 500):
        scale = (n**4 * m) ** (1 / 16)
        encoder = Constants(a * scale, b / scale)
        decoder = Constants((3 * m) ** 0.25, (12 * m) ** -0.25)
        own = 3 * m * 2 * decoder.beta**2 / decoder.alpha**2
        through = m * decoder.beta**2 / decoder.alpha * encoder.bound(n)
        row = f"{encoder.alpha:10.3f}{encoder.beta:8.3f}{decoder.alpha:9.3f}"
        row += f"{decoder.beta:8.3f}{own:11.3f}{through:13.3f}"
        print(f"{n:3}{m:5}{row}")
        assert math.isclose(own, 1)
        assert math.isclose(through, 1)


SMALL = RATE / 1000  # so small that the update is linear in it


def check_update() -> list[float]:
    """Returns S = 16 against the line, at the small learning rate."""
    print("\n|Delta F|    S = 1/4       1       4      16  post-LN: S = 4N")
    rows = []
    for n in (6, 24, 96):
        row = [mean_update(n, deepnorm(n, s)) for s in (0.25, 1, 4, 16)]
        row.append(mean_update(n, Constants(1, 1)))
        rows.append(row)
        cells = f"{row[0]:10.5f}" + "".join(f"{x:8.4f}" for x in row[1:4])
        print(f"N = {n:3}    {cells}{row[4]:10.2f}{4 * n:6}")
    print("\ntimes the line through S = 1       small learning rate")
    print("           S = 16  post-LN          S = 16  post-LN")
    ratios = []
    for n, row in zip((6, 24, 96), rows, strict=True):
        unit = row[1] * SMALL / RATE
        ratio = [row[3] / (16 * row[1]), row[4] / (4 * n * row[1])]
        for c in deepnorm(n, 16), Constants(1, 1):
            ratio.append(mean_update(n, c, SMALL) / (c.bound(n) * unit))
        ratios.append(ratio)
        at_rate, at_small = (
            f"{ratio[i]:10.1f}{ratio[i + 1]:9.1f}" for i in (0, 2)
        )
        print(f"N = {n:3}{at_rate}      {at_small}")
        # S = 16 is off the line, but not because of the step's size.
        assert math.isclose(ratio[0], ratio[2], rel_tol=0.02)
    # Post-LN at 24 and 96 layers is off by more, but the update saturates.
    assert math.isclose(ratios[0][1], ratios[0][3], rel_tol=0.02)
    assert all(r[3] > 1.8 * r[1] and r[3] > 10 for r in ratios[1:])
    # For S up to 1 the update is S times one constant, whatever the depth ...
    for column, s in ((0, 0.25), (1, 1.0)):
        for row in rows:
            assert math.isclose(row[column] / s, 0.0056, rel_tol=0.03)
    # ... at 4 it is within a fifth of that line, at 16 well above it.
    for row in rows:
        assert math.isclose(row[2] / 4, 0.0062, rel_tol=0.15)
        assert row[3] / 16 > 1.3 * row[1]
    # Post-LN: 4 times 0.0056 * S at 6 layers, 7 times at 24.
    assert math.isclose(ratios[0][1], 4, rel_tol=0.2)
    assert math.isclose(ratios[1][1], 7, rel_tol=0.2)
    return [ratio[2] for ratio in ratios]


def check_mixing(mixed: list[float]) -> None:
    """One token a sequence: attention has nothing to mix."""
    print("\none token a sequence   mean cosine of two tokens, as above")
    print("           S = 16          S = 1  S = 16  post-LN")
    ratios, alike = [], []
    for n in (6, 24, 96):
        one, more = deepnorm(n), deepnorm(n, 16)
        unit = mean_update(n, one, SMALL, UNMIXED)
        ratios.append(mean_update(n, more, SMALL, UNMIXED) / (16 * unit))
        alike.append([likeness(n, c) for c in (one, more, Constants(1, 1))])
        cells = "".join(f"{x:8.3f}" for x in alike[-1])
        print(f"N = {n:3}{ratios[-1]:10.1f}       {cells}")
    # A half of the excess or more is gone, and tokens are more alike.
    left = [(r - 1) / (m - 1) for r, m in zip(ratios, mixed, strict=True)]
    assert max(left[:2]) < 0.45 and 0.4 < left[2] < 0.6, left
    assert all(a < b / 4 and b < c for a, b, c in alike)


def check_split() -> None:
    print("\nN = 24, S = 1, split      alpha    beta  branch/skip  |Delta F|")
    half = math.sqrt(24) * 2
    results = []
    for name, c in {
        "all into alpha": Constants(half, 1.0),
        "half and half": deepnorm(24),
        "all into beta": Constants(1.0, 1 / half),
    }.items():
        assert math.isclose(c.bound(24), 1)
        results.append(mean_update(24, c))
        share = c.beta**2 / c.alpha
        row = f"{c.alpha:8.3f}{c.beta:8.3f}{share:13.4f}{results[-1]:11.4f}"
        print(f"{name:23}{row}")
    # The bound sees beta / alpha alone, and so, nearly, does the update.
    assert max(results) / min(results) < 1.4


if __name__ == "__main__":
    check_constants()
    check_encoder_decoder()
    check_mixing(check_update())
    check_split()
