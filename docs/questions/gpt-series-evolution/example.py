"""The sizes of the GPT series, recomputed wherever shapes were published.

Sources: Radford et al. 2018 and 2019; Brown et al., arXiv:2005.14165;
OpenAI, arXiv:2508.10925 and gpt_oss/torch/model.py.
"""

from dataclasses import dataclass
from math import prod


# --8<-- [start:sizes]
@dataclass(frozen=True)
class Dense:
    """GPT-1, GPT-2, GPT-3: tied output matrix, d_ff = 4d, biases."""

    vocabulary: int
    window: int
    layers: int
    d: int
    final_norm: bool = True

    def block_shapes(self) -> list[tuple[int, ...]]:
        d = self.d
        return [
            *[(d, 3 * d), (3 * d,), (d, d), (d,)],  # attention
            *[(d, 4 * d), (4 * d,), (4 * d, d), (d,)],  # FFN
            *[(d,)] * 4,  # gain and bias of two LayerNorms
        ]

    def parameters(self) -> int:
        blocks = self.layers * sum(map(prod, self.block_shapes()))
        tables = (self.vocabulary + self.window) * self.d
        return tables + blocks + 2 * self.d * self.final_norm


# --8<-- [end:sizes]


@dataclass(frozen=True)
class Sparse:
    """gpt-oss: mixture of experts, grouped-query attention, untied output."""

    layers: int
    experts: int
    chosen: int = 4
    vocabulary: int = 201_088
    d: int = 2880
    heads: tuple[int, int, int] = (64, 8, 64)  # query, key/value, width

    def parameters(self, active: bool = False) -> int:
        d, (h, h_kv, width) = self.d, self.heads
        qkv = (h + 2 * h_kv) * width
        attention = d * qkv + qkv + h * width * d + d + h  # h sinks
        expert = d * 2 * d + 2 * d + d * d + d
        router = d * self.experts + self.experts
        count = self.chosen if active else self.experts
        block = attention + 2 * d + router + count * expert
        tables = 1 if active else 2  # the input table is only looked up
        return self.layers * block + tables * self.vocabulary * d + d


GPT_1 = Dense(40_478, 512, 12, 768, final_norm=False)
GPT_2 = [
    Dense(50_257, 1024, layers, d)
    for layers, d in ((12, 768), (24, 1024), (36, 1280), (48, 1600))
]
GPT_3 = Dense(50_257, 2048, 96, 12_288)
GPT_OSS = {"gpt-oss-120b": Sparse(36, 128), "gpt-oss-20b": Sparse(24, 32)}
PRINTED = [117, 345, 762, 1542]  # millions, table 2 of the GPT-2 paper
RELEASED = [124, 355, 774, 1558]  # the corrected sizes


def closed_form(model: Dense) -> int:
    """V d + T d + L (12 d^2 + 13 d) + 2 d."""
    d = model.d
    tables = (model.vocabulary + model.window) * d
    blocks = model.layers * (12 * d**2 + 13 * d)
    return tables + blocks + 2 * d * model.final_norm


def check_dense() -> None:
    print("1. dense models     V       T    L       d     parameters  blocks")
    models = {"GPT-1": GPT_1, "GPT-3": GPT_3}
    models |= {f"GPT-2, {n}M": m for n, m in zip(RELEASED, GPT_2, strict=True)}
    for name in ("GPT-1", *[n for n in models if "2," in n], "GPT-3"):
        m = models[name]
        n = m.parameters()
        assert n == closed_form(m)
        share = m.layers * sum(map(prod, m.block_shapes())) / n
        print(
            f"{name:13}{m.vocabulary:8,}{m.window:7,}{m.layers:5}{m.d:8,}"
            f"{n:16,}{share:8.1%}"
        )
    assert GPT_1.parameters() == 116_534_784
    assert GPT_3.parameters() == 174_604_259_328


def check_misprint() -> None:
    print("\n2. GPT-2, millions: counted with")
    print("V = 50,257   V = 40,478   printed in the paper")
    for model, printed, real in zip(GPT_2, PRINTED, RELEASED, strict=True):
        old = Dense(GPT_1.vocabulary, 1024, model.layers, model.d)
        right, wrong = model.parameters() / 1e6, old.parameters() / 1e6
        print(f"{right:10.2f}{wrong:13.2f}{printed:23,}")
        assert round(right) == real and round(wrong) == printed


def check_growth() -> None:
    sizes = [m.parameters() for m in (GPT_1, GPT_2[-1], GPT_3)]
    print(f"\n3. GPT-1 to GPT-2: {sizes[1] / sizes[0]:.1f} times", end="")
    print(f", GPT-2 to GPT-3: {sizes[2] / sizes[1]:.1f} times")
    flops = 6 * sizes[2] * 300e9
    print(f"GPT-3, 6 N D with 300 billion tokens: {flops / 1e23:.2f} x 10^23")
    assert 3.1e23 < flops < 3.2e23  # the paper: 3.14e23


def check_sparse() -> None:
    print("\n4. gpt-oss, billions     total   active   share")
    for name, model in GPT_OSS.items():
        total, active = model.parameters(), model.parameters(active=True)
        print(f"{name:22}{total / 1e9:8.2f}{active / 1e9:9.2f}", end="")
        print(f"{active / total:8.1%}")
    counts = [
        round(model.parameters(active) / 1e9, 1)
        for model in GPT_OSS.values()
        for active in (False, True)
    ]
    assert counts == [116.8, 5.1, 20.9, 3.6]  # as the model card has them


if __name__ == "__main__":
    check_dense()
    check_misprint()
    check_growth()
    check_sparse()
