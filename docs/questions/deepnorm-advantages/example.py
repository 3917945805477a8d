"""What DeepNorm buys, and what it does not cover, against post- and pre-LN.

Source: Wang et al., DeepNet, arXiv:2203.00555, sections 3 to 5.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

VOCABULARY, WIDTH, INNER, BATCH, LENGTH = 100, 64, 256, 8, 16
DEPTHS, SEEDS = (6, 24, 96), (0, 1)
SGD_RATE, SIGN_RATE, ADAM_RATE, STEPS = 1e-2, 1e-5, 1e-3, 40
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

Tensors = list[Tensor]


@dataclass(frozen=True)
class Placement:
    alpha: float = 1.0
    beta: float = 1.0
    pre: bool = False


def placements(layers: int) -> dict[str, Placement]:
    deepnorm = Placement((2 * layers) ** 0.25, (8 * layers) ** -0.25)
    return {
        "post-LN": Placement(),
        "pre-LN": Placement(pre=True),
        "DeepNorm": deepnorm,
    }


class Decoder:
    """One head per layer, ReLU FFN, no biases; LN with gain and shift."""

    def __init__(self, layers: int, placement: Placement, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.placement = placement
        self.embedding = torch.randn(
            VOCABULARY, WIDTH, generator=self.generator
        ).requires_grad_()
        self.head = self.xavier(WIDTH, VOCABULARY, 1.0)
        beta = placement.beta
        self.matrices: list[Tensor] = []
        for _ in range(layers):
            for gain in (1.0, 1.0, beta, beta):  # W_Q, W_K, W_V, W_O
                self.matrices.append(self.xavier(WIDTH, WIDTH, gain))
            self.matrices.append(self.xavier(WIDTH, INNER, beta))
            self.matrices.append(self.xavier(INNER, WIDTH, beta))
        start = torch.stack([torch.ones(WIDTH), torch.zeros(WIDTH)])
        self.norms = [
            start.clone().requires_grad_() for _ in range(2 * layers + 1)
        ]

    def xavier(self, rows: int, columns: int, gain: float) -> Tensor:
        scale = gain * math.sqrt(2 / (rows + columns))
        values = torch.randn(rows, columns, generator=self.generator)
        return (scale * values).requires_grad_()

    def tokens(self) -> Tensor:
        shape = BATCH, LENGTH
        return torch.randint(VOCABULARY, shape, generator=self.generator)

    # --8<-- [start:placements]
    def forward(
        self, tokens: Tensor, matrices: Tensors, norms: Tensors
    ) -> Tensor:
        x = self.embedding[tokens]
        alpha, pre = self.placement.alpha, self.placement.pre
        for i in range(len(matrices) // 6):
            attention = matrices[6 * i : 6 * i + 4]
            ffn = matrices[6 * i + 4 : 6 * i + 6]
            ln_1, ln_2 = norms[2 * i : 2 * i + 2]
            if pre:
                x = x + attend(layer_norm(x, ln_1), *attention)
                x = x + feed(layer_norm(x, ln_2), *ffn)
            else:  # post-LN is alpha = 1
                x = alpha * x + attend(x, *attention)
                x = layer_norm(x, ln_1)
                x = layer_norm(alpha * x + feed(x, *ffn), ln_2)
        return layer_norm(x, norms[-1]) if pre else x

    # --8<-- [end:placements]

    def loss(self, tokens: Tensor, target: Tensor) -> Tensor:
        logits = self.forward(tokens, self.matrices, self.norms) @ self.head
        return cross_entropy(logits.flatten(0, 1), target.flatten())


def layer_norm(x: Tensor, parameters: Tensor) -> Tensor:
    x = x - x.mean(-1, keepdim=True)
    x = x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return parameters[0] * x + parameters[1]


def attend(
    x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor
) -> Tensor:
    mask = torch.full((LENGTH, LENGTH), -math.inf).triu(1)
    scores = (x @ w_q) @ (x @ w_k).mT / math.sqrt(WIDTH) + mask
    return torch.softmax(scores, dim=-1) @ (x @ w_v) @ w_o


def feed(x: Tensor, w_1: Tensor, w_2: Tensor) -> Tensor:
    return torch.relu(x @ w_1) @ w_2


@dataclass(frozen=True)
class Measurement:
    """Output change after one step of three kinds; norms of gradients.

    |dL/dW_2| by layer; all matrices together, and with gains and shifts.
    """

    sgd: float
    sgd_norms: float
    sign: float
    gradients: list[float]
    total: float
    total_norms: float


def measure_once(layers: int, placement: Placement, seed: int) -> Measurement:
    model = Decoder(layers, placement, seed)
    tokens, target = model.tokens(), model.tokens()
    matrices, norms = model.matrices, model.norms
    used = norms if placement.pre else norms[:-1]
    before = model.forward(tokens, matrices, norms)
    logits = (before @ model.head).flatten(0, 1)
    loss = cross_entropy(logits, target.flatten())
    gradients = torch.autograd.grad(loss, matrices + used)
    of_matrices = gradients[: len(matrices)]
    of_norms = gradients[len(matrices) :]

    def moved(
        old: list[Tensor], steps: tuple[Tensor, ...], rate: float
    ) -> list[Tensor]:
        return [w - rate * g for w, g in zip(old, steps, strict=True)]

    def change(new_matrices: list[Tensor], new_norms: list[Tensor]) -> float:
        after = model.forward(tokens, new_matrices, new_norms)
        return float((after - before).norm(dim=-1).mean())

    with torch.no_grad():
        stepped = moved(matrices, of_matrices, SGD_RATE)
        signs = tuple(g.sign() for g in of_matrices)
        return Measurement(
            sgd=change(stepped, norms),
            sgd_norms=change(stepped, moved(used, of_norms, SGD_RATE)),
            sign=change(moved(matrices, signs, SIGN_RATE), norms),
            gradients=[float(g.norm()) for g in of_matrices[5::6]],
            total=math.hypot(*(float(g.norm()) for g in of_matrices)),
            total_norms=math.hypot(*(float(g.norm()) for g in gradients)),
        )


def measure(layers: int, placement: Placement) -> Measurement:
    """The mean over the seeds."""
    runs = [measure_once(layers, placement, seed) for seed in SEEDS]
    return Measurement(
        sgd=sum(run.sgd for run in runs) / len(runs),
        sgd_norms=sum(run.sgd_norms for run in runs) / len(runs),
        sign=sum(run.sign for run in runs) / len(runs),
        gradients=[
            sum(norms) / len(runs)
            for norms in zip(*(run.gradients for run in runs), strict=True)
        ],
        total=sum(run.total for run in runs) / len(runs),
        total_norms=sum(run.total_norms for run in runs) / len(runs),
    )


def measure_all() -> dict[str, list[Measurement]]:
    return {
        name: [measure(n, placements(n)[name]) for n in DEPTHS]
        for name in placements(1)
    }


def train(layers: int, placement: Placement) -> list[float]:
    """Losses of Adam without warm-up; the next token is a fixed function."""
    model = Decoder(layers, placement, seed=0)
    successor = torch.randperm(VOCABULARY, generator=model.generator)
    weights = [*model.matrices, model.embedding, model.head]
    optimizer = torch.optim.Adam(weights, lr=ADAM_RATE)
    losses = []
    for _ in range(STEPS):
        tokens = model.tokens()
        loss = model.loss(tokens, successor[tokens])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def check_updates(results: dict[str, list[Measurement]]) -> None:
    print("|Delta F| after one step         N = 6   N = 24   N = 96")
    rows = {}
    for kind, title in {
        "sgd": "SGD",
        "sgd_norms": "SGD, LN too",
        "sign": "signs",
    }.items():
        for name, measurements in results.items():
            row = [float(getattr(m, kind)) for m in measurements]
            rows[kind, name] = row
            print(f"{title:14}{name:14}" + "".join(f"{x:9.4f}" for x in row))
    # Under SGD on the matrices DeepNorm does not depend on depth ...
    row = rows["sgd", "DeepNorm"]
    assert max(row) / min(row) < 1.1
    assert rows["sgd", "post-LN"][2] > 5 * rows["sgd", "post-LN"][0]
    # ... with steps of fixed size it doubles as the depth quadruples,
    row = rows["sign", "DeepNorm"]
    assert all(math.isclose(b / a, 2, rel_tol=0.1) for a, b in pairwise(row))
    # ... and gains and shifts of LN, if trained, make it grow nearly like N.
    row = rows["sgd_norms", "DeepNorm"]
    assert all(2.8 < b / a < 4 for a, b in pairwise(row))
    # Post-LN and pre-LN move more in every case.
    for (kind, name), other in rows.items():
        ours = rows[kind, "DeepNorm"]
        assert name == "DeepNorm" or all(
            a < b for a, b in zip(ours, other, strict=True)
        )


def check_other_constants() -> None:
    """GLM-130B's choice: beta / alpha falls like 1 / N, not 1 / sqrt(N)."""
    row = []
    for n in DEPTHS:
        root = math.sqrt(2 * n)
        row.append(measure(n, Placement(root, 1 / root)).sign)
    print(f"{'signs':14}{'GLM-130B':14}" + "".join(f"{x:9.4f}" for x in row))
    assert max(row) / min(row) < 1.1


def check_gradients(results: dict[str, list[Measurement]]) -> None:
    print("\n|dL/dW_2|             N = 6          N = 24         N = 96")
    print("first, last layer")
    for name, measurements in results.items():
        cells = "".join(
            f"{m.gradients[0]:8.4f}{m.gradients[-1]:7.4f}"
            for m in measurements
        )
        print(f"{name:14}{cells}")
    ends = [(m.gradients[0], m.gradients[-1]) for m in results["DeepNorm"]]
    assert all(math.isclose(a, b, rel_tol=0.05) for a, b in ends)
    # 1 / sqrt(N): half the gradient at four times the depth.
    for (_, shallow), (_, deep) in pairwise(ends):
        assert math.isclose(shallow / deep, 2, rel_tol=0.05)
    first, *_, last = results["pre-LN"][2].gradients
    assert first / last > 5
    # Over all matrices the norm stays; with gains and shifts it grows.
    print("\nDeepNorm, whole gradient         N = 6   N = 24   N = 96")
    totals = [m.total for m in results["DeepNorm"]]
    with_norms = [m.total_norms for m in results["DeepNorm"]]
    for name, row in ("matrices", totals), ("matrices and LN", with_norms):
        print(f"{name:28}" + "".join(f"{x:9.4f}" for x in row))
    assert max(totals) / min(totals) < 1.15
    assert with_norms[2] / with_norms[0] > 2


def check_training() -> None:
    print(f"\nAdam {ADAM_RATE}, no warm-up: mean loss of steps 31 to 40")
    print(f"                  N = 4   N = 24   (ln 100 = {math.log(100):.1f})")
    ends = {}
    for name in placements(1):
        for n in (4, 24):
            losses = train(n, placements(n)[name])
            ends[name, n] = sum(losses[-10:]) / 10
        print(f"{name:14}{ends[name, 4]:9.1f}{ends[name, 24]:9.1f}")
    # Shallow post-LN learns; at 24 layers it sits at the loss of guessing.
    assert ends["post-LN", 4] < 2.5
    assert abs(ends["post-LN", 24] - math.log(100)) < 0.15
    assert ends["DeepNorm", 24] < 0.8 < ends["pre-LN", 24] < 2.5


if __name__ == "__main__":
    measured = measure_all()
    check_updates(measured)
    check_other_constants()
    check_gradients(measured)
    check_training()
