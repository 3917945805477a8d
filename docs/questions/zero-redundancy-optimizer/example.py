"""ZeRO's three stages on four simulated ranks, and the bytes they leave.

Source: Rajbhandari et al., ZeRO, arXiv:1910.02054, sections 3, 5 and 7.
Ring collectives count what one rank sends. Everything is float64 here; the
byte table uses the paper's mixed-precision Adam.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RANKS, LAYERS, WIDTH = 4, 2, 4
LAYER = WIDTH * WIDTH  # parameters of one layer
PSI = LAYERS * LAYER

sent = 0  # elements that one rank has sent so far


def reduce_scatter(parts: list[Array]) -> list[Array]:
    """Ring: rank r ends with slice r of the mean over the ranks."""
    global sent
    n = len(parts)
    chunks = [list(np.split(part.copy(), n)) for part in parts]
    for step in range(n - 1):
        moving = [chunks[r][(r - step - 1) % n] for r in range(n)]
        for r in range(n):  # rank r hears from its left neighbour
            chunks[r][(r - step - 2) % n] += moving[r - 1]
        sent += moving[0].size
    return [chunks[r][r] / n for r in range(n)]


def all_gather(slices: list[Array]) -> list[Array]:
    """Ring: every rank ends with the whole, built from all slices."""
    global sent
    n = len(slices)
    sent += (n - 1) * slices[0].size
    return [np.concatenate(slices) for _ in range(n)]


def all_reduce(parts: list[Array]) -> list[Array]:
    return all_gather(reduce_scatter(parts))


@dataclass
class Adam:
    """Adam for one slice: it never looks outside its own elements."""

    w: Array
    m: Array = field(init=False)
    v: Array = field(init=False)
    t: int = 0

    def __post_init__(self) -> None:
        self.m, self.v = np.zeros_like(self.w), np.zeros_like(self.w)

    def step(self, g: Array, lr: float = 0.05) -> Array:
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.95 * self.v + 0.05 * g * g
        m = self.m / (1 - 0.9**self.t)
        v = self.v / (1 - 0.95**self.t)
        self.w = self.w - lr * m / (np.sqrt(v) + 1e-8)
        return self.w


def forward(x: Array, w: Array) -> Array:
    """One layer: x is (tokens, WIDTH), w the flat WIDTH x WIDTH matrix."""
    h: Array = np.tanh(x @ w.reshape(WIDTH, WIDTH))
    return h


def backward(x: Array, h: Array, w: Array, dh: Array) -> tuple[Array, Array]:
    """d loss / d input and d loss / d w, from d loss / d output."""
    dz = dh * (1 - h * h)
    dx: Array = dz @ w.reshape(WIDTH, WIDTH).T
    return dx, (x.T @ dz).ravel()


Batch = tuple[Array, Array]


def batches(rng: np.random.Generator, micro: int) -> list[list[Batch]]:
    """micro-batches of each rank: [micro][rank] -> inputs, targets."""
    return [
        [
            (rng.normal(size=(3, WIDTH)), rng.normal(size=(3, WIDTH)))
            for _ in range(RANKS)
        ]
        for _ in range(micro)
    ]


@dataclass
class Run:
    """Training at one stage; stage 0 is plain data parallelism."""

    stage: int
    start: list[Array]  # the layers' weights, flat

    def __post_init__(self) -> None:
        self.whole = [w.copy() for w in self.start]
        self.replicated = [Adam(w) for w in self.start]  # stage 0
        self.slices = [list(np.split(w, RANKS)) for w in self.start]
        self.adam = [[Adam(w) for w in layer] for layer in self.slices]

    def weights(self, layer: int) -> Array:
        """What a rank computes with; stage 3 has to fetch it first."""
        if self.stage < 3:
            return self.whole[layer]
        return all_gather(self.slices[layer])[0]

    def gradients(self, batch: list[Batch]) -> list[list[Array]]:
        """[layer][rank] -> the rank's own full gradient, one micro-batch."""
        acts = [[x for x, _ in batch]]
        for layer in range(LAYERS):
            w = self.weights(layer)
            acts.append([forward(x, w) for x in acts[-1]])
        delta = [h - y for h, (_, y) in zip(acts[-1], batch, strict=True)]
        grads: list[list[Array]] = [[] for _ in range(LAYERS)]
        for layer in reversed(range(LAYERS)):
            w = self.weights(layer)  # stage 3: a second time
            for r in range(RANKS):
                x, h = acts[layer][r], acts[layer + 1][r]
                delta[r], g = backward(x, h, w, delta[r])
                grads[layer].append(g)
        return grads

    # --8<-- [start:zero]
    def step(self, micro_batches: list[list[Batch]]) -> None:
        """One optimizer step of ZeRO: which collective runs where."""
        kept: list[list[Array]] = [[] for _ in range(LAYERS)]
        for batch in micro_batches:
            for layer, g in enumerate(self.gradients(batch)):
                if self.stage >= 2:
                    g = reduce_scatter(g)  # a rank keeps its slice only
                kept[layer] = add(kept[layer], g)
        for layer, g in enumerate(kept):
            if self.stage == 0:
                mean = all_reduce(g)[0]
                self.whole[layer] = self.replicated[layer].step(mean)
                continue
            if self.stage == 1:
                g = reduce_scatter(g)
            owners = zip(self.adam[layer], g, strict=True)
            self.slices[layer] = [adam.step(mine) for adam, mine in owners]
            if self.stage < 3:
                self.whole[layer] = all_gather(self.slices[layer])[0]

    # --8<-- [end:zero]

    def moments(self) -> int:
        """Elements of m (and as many of v) that rank 0 has put to use."""
        every = [*self.replicated, *(layer[0] for layer in self.adam)]
        return sum(adam.m.size for adam in every if adam.t)

    def parameters(self) -> Array:
        if self.stage < 3:
            return np.concatenate(self.whole)
        return np.concatenate([np.concatenate(s) for s in self.slices])


def add(total: list[Array], g: list[Array]) -> list[Array]:
    if not total:
        return g
    return [a + b for a, b in zip(total, g, strict=True)]


def train(stage: int, micro: int) -> tuple[Array, float, int]:
    """Final parameters; elements sent per rank and step over PSI; of m."""
    global sent
    rng = np.random.default_rng(0)
    start = [0.5 * rng.normal(size=LAYER) for _ in range(LAYERS)]
    run = Run(stage, start)
    sent = 0
    for _ in range(3):
        run.step(batches(rng, micro))
    volume = sent / 3 / PSI
    return run.parameters(), volume, run.moments()


def check_stages() -> None:
    parts = list(np.random.default_rng(1).normal(size=(RANKS, LAYER)))
    mean = np.mean(parts, axis=0)
    for whole in all_reduce(parts):
        np.testing.assert_allclose(whole, mean, atol=1e-15)
    print("4 ranks, 32 parameters, 3 Adam steps")
    print("stage    max |difference|  elements    sent / Psi, micro-batches:")
    print("             from stage 0      of m            1            4")
    reference = {k: train(0, k)[0] for k in (1, 4)}
    ring = (RANKS - 1) / RANKS
    for stage in range(4):
        volume = {}
        for micro in (1, 4):
            w, volume[micro], kept = train(stage, micro)
            assert np.abs(w - reference[micro]).max() < 1e-12
            assert kept == (PSI if stage == 0 else PSI // RANKS)
        cells = f"{kept:10}{volume[1]:13.2f}{volume[4]:13.2f}"
        print(f"{stage:5}{'< 1e-12':>20}{cells}")
        passes = {0: 2, 1: 2, 2: 1 + 1, 3: 3}[stage]
        assert volume[1] == passes * ring
        many = {0: 2, 1: 2, 2: 4 + 1, 3: 3 * 4}[stage]
        assert volume[4] == many * ring


def check_clipping() -> None:
    """The norm of the gradient is not local: one scalar to all-reduce."""
    g = np.random.default_rng(2).normal(size=PSI)
    slices = np.split(g, RANKS)
    squares = sum(float(part @ part) for part in slices)
    np.testing.assert_allclose(np.sqrt(squares), np.linalg.norm(g))
    local = np.concatenate([part / np.linalg.norm(part) for part in slices])
    cosine = local @ g / np.linalg.norm(local) / np.linalg.norm(g)
    print(f"clipped slice by slice: cosine with the gradient {cosine:.4f}")
    assert cosine < 0.999


def model_states(
    psi: float, n: int, stage: int, k: int = 12, p: int = 2, g: int = 2
) -> tuple[float, float, float]:
    """Bytes of parameters, gradients, optimizer states on one GPU."""
    return (
        p * psi / (n if stage >= 3 else 1),
        g * psi / (n if stage >= 2 else 1),
        k * psi / (n if stage >= 1 else 1),
    )


def check_bytes() -> None:
    print("\nPsi = 7.5e9, GB (1e9 bytes) on one GPU")
    print("stage     N = 1     N = 8    N = 64  N = 1024")
    for stage in range(4):
        row = [sum(model_states(7.5, n, stage)) for n in (1, 8, 64, 1024)]
        print(f"{stage:5}" + "".join(f"{gb:10.3f}" for gb in row))
    figures = [sum(model_states(7.5, 64, s)) for s in range(4)]
    np.testing.assert_allclose(figures, [120, 31.4, 16.6, 1.9], atol=0.05)
    print("\nbytes per parameter       not sharded  stage 1, N = 64")
    kinds = [
        ("fp16, fp16 gradients", 12, 2, 2),
        ("bf16, fp32 gradients", 12, 2, 4),
        ("all fp32", 8, 4, 4),
    ]
    for name, k, p, g in kinds:
        whole = sum(model_states(1, 1, 0, k, p, g))
        one = sum(model_states(1, 64, 1, k, p, g))
        print(f"{name:22}{whole:15.0f}{one:17.3f}")
    assert sum(model_states(1, 1, 0, 8, 4, 4)) == 16


def check_master() -> None:
    """Why there is an fp32 copy: a thousand updates of 1e-4 on 1.0."""
    half, single = np.float16(1), np.float32(1)
    for _ in range(1000):
        half = np.float16(half + np.float16(1e-4))
        single = np.float32(single + np.float32(1e-4))
    print(f"\n1 + 1000 x 0.0001 in fp16: {half:.4f}, in fp32: {single:.4f}")
    assert half == 1 and abs(single - 1.1) < 1e-4


def check_time() -> None:
    n, psi, link, speed = 64, 7.5e9, 50e9, 400e12
    print("\n7.5e9 parameters, N = 64, 2-byte elements, 50 GB/s per GPU")
    for name, passes in (("stages 0, 1, 2", 2), ("stage 3", 3)):
        volume = passes * (n - 1) / n * psi * 2
        print(f"{name:15}{volume / 1e9:8.1f} GB{volume / link:8.2f} s")
    enough = [f"{speed / b:.0f}" for b in (link, 8 * link)]
    print("tokens that hide stage 3 at 400 TFLOP/s, 50 GB/s:", enough[0])
    print("                        eight NICs together, 400:", enough[1])
    # Forward: 2 FLOP per parameter and token against 2 bytes gathered.
    # Backward: 4 FLOP against 2 bytes gathered and 2 bytes reduced.
    tokens = speed / link
    np.testing.assert_allclose(2 * psi * tokens / speed, 2 * psi / link)
    np.testing.assert_allclose(4 * psi * tokens / speed, 4 * psi / link)
    print(f"one of 32 layers whole: {2 * psi / 32 / 1e9:.2f} GB")
    # A layer of 12 d^2 on p GPUs that share n tokens, elements sent per GPU:
    # stage 3 moves weights, tensor parallelism four all-reduces of n x d.
    d, p = 4096, 8
    n_even = 4.5 * d
    weights = 3 * (p - 1) / p * 12 * d**2
    activations = 4 * 2 * (p - 1) / p * n_even * d
    assert weights == activations
    print(f"stage 3 = tensor parallel at {n_even:.0f} tokens, d = {d}")


if __name__ == "__main__":
    check_stages()
    check_clipping()
    check_bytes()
    check_master()
    check_time()
