"""DeepNorm in PyTorch, and three tests that tell it from its usual bugs.

Source: Wang et al., DeepNet, arXiv:2203.00555, figure 2 and section 4.3.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

VOCABULARY, WIDTH, INNER, BATCH, LENGTH = 100, 64, 256, 8, 16
RATE, SEEDS = 0.01, (0, 1)
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

Pair = tuple[float, float]


# --8<-- [start:deepnorm]
def constants(encoder: int, decoder: int) -> tuple[Pair, Pair]:
    """Layers -> (alpha, beta) of the encoder and of the decoder."""
    if encoder and decoder:
        scale = (encoder**4 * decoder) ** (1 / 16)
        pair = (3 * decoder) ** 0.25, (12 * decoder) ** -0.25
        return (0.81 * scale, 0.87 / scale), pair
    n = encoder or decoder
    pair = (2 * n) ** 0.25, (8 * n) ** -0.25
    return pair, pair


class DeepNorm(nn.Module):
    def __init__(self, f: nn.Module, alpha: float) -> None:
        super().__init__()
        self.f, self.alpha = f, alpha
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, x: Tensor, *memory: Tensor) -> Tensor:
        total = self.alpha * x + self.f(x, *memory)
        output: Tensor = self.norm(total)
        return output


@torch.no_grad()
def deepnorm_init(layer: "Layer", beta: float) -> None:
    """Xavier: gain beta for V, output and FFN, gain 1 for Q and K."""
    nn.init.xavier_normal_(layer.w_1.weight, gain=beta)
    nn.init.xavier_normal_(layer.w_2.weight, gain=beta)
    for attention in layer.attentions:
        w_q, w_k, w_v = attention.qkv.weight.chunk(3)  # of (3d, d)
        nn.init.xavier_normal_(w_q, gain=1)
        nn.init.xavier_normal_(w_k, gain=1)
        nn.init.xavier_normal_(w_v, gain=beta)
        nn.init.xavier_normal_(attention.out.weight, gain=beta)


# --8<-- [end:deepnorm]


class Attention(nn.Module):
    """One head; keys and values come from the memory, if there is one."""

    def __init__(self, causal: bool) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.causal = causal

    def forward(self, x: Tensor, *memory: Tensor) -> Tensor:
        w_q, w_k, w_v = self.qkv.weight.chunk(3)
        source = memory[0] if memory else x
        q, k, v = x @ w_q.T, source @ w_k.T, source @ w_v.T
        causal = self.causal and not memory
        mixed = scaled_dot_product_attention(q, k, v, is_causal=causal)
        output: Tensor = self.out(mixed)
        return output


class Layer(nn.Module):
    """Self-attention, cross-attention if asked for, FFN; each in DeepNorm."""

    def __init__(
        self,
        pair: Pair,
        causal: bool,
        cross: bool = False,
        wrap: type[DeepNorm] = DeepNorm,
    ) -> None:
        super().__init__()
        alpha, beta = pair
        self.attentions = [Attention(causal) for _ in range(1 + cross)]
        self.w_1 = nn.Linear(WIDTH, INNER, bias=False)
        self.w_2 = nn.Linear(INNER, WIDTH, bias=False)
        deepnorm_init(self, beta)
        self.attention = wrap(self.attentions[0], alpha)
        self.cross = wrap(self.attentions[1], alpha) if cross else None
        self.ffn = wrap(nn.Sequential(self.w_1, nn.ReLU(), self.w_2), alpha)

    def forward(self, x: Tensor, *memory: Tensor) -> Tensor:
        x = self.attention(x)
        if self.cross is not None:
            x = self.cross(x, *memory)
        output: Tensor = self.ffn(x)
        return output

    def matrices(self) -> list[Tensor]:
        return [w for w in self.parameters() if w.dim() == 2]

    def gains(self) -> dict[str, tuple[Tensor, bool]]:
        """Each matrix of self-attention and FFN, and whether beta is due."""
        w_q, w_k, w_v = self.attentions[0].qkv.weight.detach().chunk(3)
        return {
            "W_Q": (w_q, False),
            "W_K": (w_k, False),
            "W_V": (w_v, True),
            "W_O": (self.attentions[0].out.weight.detach(), True),
            "W_1": (self.w_1.weight.detach(), True),
            "W_2": (self.w_2.weight.detach(), True),
        }


Build = Callable[[int], tuple[list[Layer], list[Layer]]]


def single(pair: Pair, n: int, wrap: type[DeepNorm] = DeepNorm) -> list[Layer]:
    return [Layer(pair, causal=True, wrap=wrap) for _ in range(n)]


def both(
    encoder: Pair, decoder: Pair, n: int
) -> tuple[list[Layer], list[Layer]]:
    lower = [Layer(encoder, causal=False) for _ in range(n)]
    upper = [Layer(decoder, causal=True, cross=True) for _ in range(n)]
    return lower, upper


def update(build: Build, n: int) -> float:
    """Mean change of the output (length 8) after one SGD step."""
    total = 0.0
    for seed in SEEDS:
        torch.manual_seed(seed)
        shape = BATCH, LENGTH
        source, tokens, target = torch.randint(VOCABULARY, (3, *shape))
        embedding = torch.randn(VOCABULARY, WIDTH)
        head = nn.init.xavier_normal_(torch.empty(WIDTH, VOCABULARY))
        encoder, decoder = build(n)

        def forward(
            x: Tensor = embedding[tokens],
            memory: Tensor = embedding[source],
            stacks: tuple[list[Layer], list[Layer]] = (encoder, decoder),
        ) -> Tensor:
            for layer in stacks[0]:
                memory = layer(memory)
            for layer in stacks[1]:
                x = layer(x, memory)
            return x

        weights = [w for layer in encoder + decoder for w in layer.matrices()]
        before = forward()
        loss = cross_entropy((before @ head).flatten(0, 1), target.flatten())
        with torch.no_grad():
            gradients = torch.autograd.grad(loss, weights)
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= RATE * gradient
            total += float((forward() - before).norm(dim=-1).mean())
    return total / len(SEEDS)


def specified(weight: Tensor, gain: float) -> float:
    """Standard deviation of the Xavier normal initialization."""
    return gain * math.sqrt(2 / sum(weight.shape))


def init_holds(layer: Layer, beta: float) -> bool:
    """Test 1: every matrix has the standard deviation that it should."""
    return all(
        math.isclose(w.std(), specified(w, beta if due else 1), rel_tol=0.05)
        for w, due in layer.gains().values()
    )


def forward_holds(layer: Layer, alpha: float) -> bool:
    """Test 2: a sub-layer is LN(alpha x + f(x)), to rounding."""
    x = torch.randn(LENGTH, WIDTH)
    for sublayer in layer.attention, layer.ffn:
        expected = sublayer.norm(alpha * x + sublayer.f(x))
        if not torch.allclose(sublayer(x), expected, atol=1e-12):
            return False
    return True


def check_init() -> None:
    torch.manual_seed(0)
    alpha, beta = constants(0, 24)[1]
    print(f"N = 24: alpha = {alpha:.4f}, beta = {beta:.4f}")
    layer = Layer((alpha, beta), causal=True)
    print("standard deviation    specified  sampled")
    for name, (weight, due) in layer.gains().items():
        wanted = specified(weight, beta if due else 1)
        print(f"  {name}{wanted:26.4f}{weight.std():9.4f}")
    whole = math.sqrt(2 / (3 * WIDTH + WIDTH))
    print(f"  Xavier on all of (3d, d){whole:7.4f}")
    assert init_holds(layer, beta)
    assert math.isclose(whole, 0.125 / math.sqrt(2))


def check_post_ln() -> None:
    """With alpha = 1 the layer is PyTorch's own post-LN layer."""
    torch.manual_seed(0)
    ours = Layer((1.0, 1.0), causal=False)
    theirs = nn.TransformerEncoderLayer(
        WIDTH, 1, INNER, dropout=0.0, batch_first=True, bias=False
    )
    copies = {
        "self_attn.in_proj_weight": ours.attentions[0].qkv.weight,
        "self_attn.out_proj.weight": ours.attentions[0].out.weight,
        "linear1.weight": ours.w_1.weight,
        "linear2.weight": ours.w_2.weight,
    }
    theirs.load_state_dict(copies, strict=False)
    x = torch.randn(BATCH, LENGTH, WIDTH)
    same = torch.allclose(ours(x), theirs(x), atol=1e-12)
    print(f"\nalpha = beta = 1 is nn.TransformerEncoderLayer: {same}")
    assert same
    ours.attention.alpha = 2.6
    assert not torch.allclose(ours(x), theirs(x), atol=0.1)


class OnBranch(DeepNorm):
    def forward(self, x: Tensor, *memory: Tensor) -> Tensor:
        output: Tensor = self.norm(x + self.alpha * self.f(x, *memory))
        return output


class InForward(DeepNorm):
    def forward(self, x: Tensor, *memory: Tensor) -> Tensor:
        beta = 1 / (math.sqrt(2) * self.alpha)
        output: Tensor = self.norm(self.alpha * x + beta * self.f(x, *memory))
        return output


def rescaled(layers: list[Layer], rows: slice, factor: float) -> list[Layer]:
    """The layers with some rows of the fused weight multiplied."""
    for layer in layers:
        layer.attentions[0].qkv.weight.data[rows].mul_(factor)
    return layers


DEPTHS = (4, 16, 64)
VALUE, QUERY_KEY = slice(2 * WIDTH, 3 * WIDTH), slice(0, 2 * WIDTH)
VARIANTS: dict[str, Callable[[float, float, int], list[Layer]]] = {
    "as in the paper": lambda a, b, n: single((a, b), n),
    "post-LN": lambda a, b, n: single((1, 1), n),
    "alpha on the branch": lambda a, b, n: single((a, b), n, OnBranch),
    "V misses beta": lambda a, b, n: rescaled(single((a, b), n), VALUE, 1 / b),
    "beta on Q and K too": lambda a, b, n: rescaled(
        single((a, b), n), QUERY_KEY, b
    ),
    "beta in the forward": lambda a, b, n: single((a, 1), n, InForward),
    "constants of N = 16": lambda a, b, n: single(constants(0, 16)[1], n),
}


def decoder_of(name: str) -> Build:
    def build(n: int) -> tuple[list[Layer], list[Layer]]:
        return [], VARIANTS[name](*constants(0, n)[1], n)

    return build


def with_constants() -> list[tuple[int, float, float]]:
    return [(n, *constants(0, n)[1]) for n in DEPTHS]


def check_folding() -> None:
    """LN(alpha x + f(x)) = LN(x + f(x) / alpha), but for epsilon."""
    x, f = torch.randn(2, LENGTH, WIDTH)
    norm = nn.LayerNorm(WIDTH, eps=0)
    assert torch.allclose(norm(2.6 * x + f), norm(x + f / 2.6), atol=1e-12)


def check_bugs() -> None:
    print("\n|Delta F|, decoder     N = 4   N = 16   N = 64   init  forward")
    rows, tests = {}, {}
    for name in VARIANTS:
        build = decoder_of(name)
        rows[name] = [update(build, n) for n in DEPTHS]
        alpha, beta = constants(0, 16)[1]
        layer = build(16)[1][0]
        tests[name] = init_holds(layer, beta), forward_holds(layer, alpha)
        cells = "".join(f"{x:9.4f}" for x in rows[name])
        marks = ["passes" if ok else "FAILS" for ok in tests[name]]
        print(f"{name:20}{cells}{marks[0]:>8}{marks[1]:>8}")
    growth = {name: row[2] / row[0] for name, row in rows.items()}
    # The update does not depend on depth ...
    for name in (
        "as in the paper",
        "beta on Q and K too",
        "beta in the forward",
    ):
        assert 0.8 < growth[name] < 1.25
    # ... unless alpha is on the wrong path or V was forgotten: S = 2N, and
    # S = N (1 + 3 beta^2) / alpha^2, which is 3.0 times as much at N = 64,
    assert growth["post-LN"] > 10
    assert growth["alpha on the branch"] > 10
    bounds = [n * (1 + 3 * b * b) / a**2 for n, a, b in with_constants()]
    ratio = bounds[2] / bounds[0]
    assert math.isclose(growth["V misses beta"], ratio, rel_tol=0.15)
    # ... or the constants do not follow the depth: S = N / 16.
    fixed = rows["constants of N = 16"]
    assert math.isclose(fixed[2] / fixed[0], 16, rel_tol=0.2)
    # That one only the depth test finds; all others fail init or forward.
    for name, passed in tests.items():
        blind = "as in the paper", "constants of N = 16"
        assert all(passed) == (name in blind)
    # Half the update, independent of depth: 2N put in where N belongs.
    for n, _, _ in with_constants():
        alpha, beta = constants(0, 2 * n)[1]
        assert math.isclose(4 * n * beta**2 / alpha**2, 1 / 2)


def check_encoder_decoder() -> None:
    print("\n|Delta F|, N = M           4       16       32")
    rows = {}

    def torchscale(n: int) -> tuple[Pair, Pair]:
        (alpha, _), decoder = constants(n, n)
        return (alpha, 1.15 / (n**5) ** (1 / 16)), decoder

    for name, choose in {
        "as in the paper": lambda n: constants(n, n),
        "encoder gain 1.15": torchscale,
        "single-stack values": lambda n: constants(0, n),
        "post-LN": lambda n: ((1.0, 1.0), (1.0, 1.0)),
    }.items():

        def build(
            n: int, choose: Callable[[int], tuple[Pair, Pair]] = choose
        ) -> tuple[list[Layer], list[Layer]]:
            return both(*choose(n), n)

        rows[name] = [update(build, n) for n in (4, 16, 32)]
        print(f"{name:20}" + "".join(f"{x:9.4f}" for x in rows[name]))
    for name in "as in the paper", "encoder gain 1.15", "single-stack values":
        assert max(rows[name]) / min(rows[name]) < 1.6
    assert rows["post-LN"][2] / rows["post-LN"][0] > 4
    # Three sub-layers a decoder layer instead of two: S = 3/2, not 1.
    ratio = rows["single-stack values"][2] / rows["as in the paper"][2]
    print(f"single-stack / paper at N = M = 32: {ratio:.2f}")
    assert math.isclose(ratio, 1.5, rel_tol=0.06)


if __name__ == "__main__":
    check_init()
    check_post_ln()
    check_folding()
    check_bugs()
    check_encoder_decoder()
