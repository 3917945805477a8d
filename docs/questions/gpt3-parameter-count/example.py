"""GPT-3's parameters, tensor by tensor, against table D.1 of its paper.

Sources: Brown et al., arXiv:2005.14165, tables 2.1 and D.1; the tensors
are those of openai/gpt-2, src/model.py, whose architecture GPT-3 keeps.
"""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Model:
    """A row of table 2.1; `listed` is table D.1, in millions."""

    name: str
    layers: int
    d: int
    heads: int
    d_k: int
    listed: int = 0
    vocabulary: int = 50_257
    context: int = 2_048


# --8<-- [start:count]
def block(d: int) -> Shapes:
    """The tensors of one block, as in GPT-2's code; no head in sight."""
    return {
        "ln_1 g": (d,),
        "ln_1 b": (d,),
        "c_attn w": (d, 3 * d),  # W_Q, W_K, W_V of all heads side by side
        "c_attn b": (3 * d,),
        "c_proj w": (d, d),  # W_O
        "c_proj b": (d,),
        "ln_2 g": (d,),
        "ln_2 b": (d,),
        "mlp fc w": (d, 4 * d),
        "mlp fc b": (4 * d,),
        "mlp proj w": (4 * d, d),
        "mlp proj b": (d,),
    }


def outside(m: Model) -> Shapes:
    """Once a model. The output layer is wte again, hence not listed."""
    return {
        "wte": (m.vocabulary, m.d),
        "wpe": (m.context, m.d),
        "ln_f g": (m.d,),
        "ln_f b": (m.d,),
    }


def size(shapes: Shapes) -> int:
    return sum(prod(shape) for shape in shapes.values())


def total(m: Model) -> int:
    return m.layers * size(block(m.d)) + size(outside(m))


# --8<-- [end:count]


def formula(m: Model) -> int:
    """L (12 d^2 + 13 d) + V d + T d + 2 d."""
    d = m.d
    return m.layers * (12 * d * d + 13 * d) + (
        m.vocabulary * d + m.context * d + 2 * d
    )


SIZES = [
    Model("Small", 12, 768, 12, 64, 125),
    Model("Medium", 24, 1024, 16, 64, 356),
    Model("Large", 24, 1536, 16, 96, 760),
    Model("XL", 24, 2048, 24, 128, 1_320),
    Model("2.7B", 32, 2560, 32, 80, 2_650),
    Model("6.7B", 32, 4096, 32, 128, 6_660),
    Model("13B", 40, 5140, 40, 128, 12_850),
    Model("175B", 96, 12288, 96, 128, 174_600),
]
GPT3 = SIZES[-1]
GPT2 = Model("GPT-2 small", 12, 768, 12, 64, context=1_024)


def parts(m: Model) -> dict[str, int]:
    """The total by component."""
    inside = block(m.d)
    flat = [prod(s) for s in inside.values() if len(s) == 1]
    attention = prod(inside["c_attn w"]) + prod(inside["c_proj w"])
    ffn = prod(inside["mlp fc w"]) + prod(inside["mlp proj w"])
    return {
        "attention matrices": m.layers * attention,
        "FFN matrices": m.layers * ffn,
        "token embedding": m.vocabulary * m.d,
        "position embedding": m.context * m.d,
        "biases, LayerNorms": m.layers * sum(flat) + 2 * m.d,
    }


def show_terms() -> None:
    d, n, inside = GPT3.d, GPT3.layers, block(GPT3.d)
    groups = [
        ("W_Q, W_K, W_V", "3 d^2", ["c_attn w"]),
        ("W_O", "d^2", ["c_proj w"]),
        ("W_1, W_2", "8 d^2", ["mlp fc w", "mlp proj w"]),
        ("attention biases", "4 d", ["c_attn b", "c_proj b"]),
        ("FFN biases", "5 d", ["mlp fc b", "mlp proj b"]),
        ("two LayerNorms", "4 d", [k for k in inside if k[:2] == "ln"]),
    ]
    print("GPT-3 175B               in one layer        in 96 layers")
    seen: list[str] = []
    for name, term, keys in groups:
        one = sum(prod(inside[key]) for key in keys)
        seen += keys
        print(f"{name:17}{term:>6}{one:14,}{n * one:20,}")
    assert sorted(seen) == sorted(inside)
    one = size(inside)
    print(f"{'a layer':23}{one:14,}{n * one:20,}")
    assert one == 12 * d * d + 13 * d == 1_812_099_072
    for name, term, count in [
        ("token embedding", "V d", GPT3.vocabulary * d),
        ("position embedding", "T d", GPT3.context * d),
        ("last LayerNorm", "2 d", 2 * d),
        ("total", "", total(GPT3)),
    ]:
        print(f"{name:19}{term:4}{count:34,}")

    print("\nby component                              share")
    for name, count in parts(GPT3).items():
        print(f"{name:19}{count:18,}{count / total(GPT3):9.2%}")
    whole = parts(GPT3)
    core = whole["attention matrices"] + whole["FFN matrices"]
    print(f"12 L d^2           {core:18,}{core / total(GPT3):9.2%}")
    assert sum(whole.values()) == total(GPT3) == formula(GPT3)
    assert total(GPT3) == 174_604_259_328
    assert core == 12 * n * d * d == 173_946_175_488
    assert whole["FFN matrices"] == 2 * whole["attention matrices"]


def half_unit(listed: int) -> float:
    """Half the last digit that table D.1 gives, in millions."""
    return 0.5 if listed < 1000 else 5.0 if listed < 100_000 else 50.0


def show_table() -> None:
    """Which reading of the configuration fits all eight rows?"""
    tables = {m.name: m.vocabulary * m.d for m in SIZES}
    print("\nmillions   table D.1   formula    untied  no positions")
    fits = {"formula": 0, "untied": 0, "no positions": 0}
    for m in [*SIZES[:6], replace(SIZES[6], d=5120), GPT3]:
        values = {
            "formula": total(m) / 1e6,
            "untied": (total(m) + m.vocabulary * m.d) / 1e6,
            "no positions": (total(m) - m.context * m.d) / 1e6,
        }
        for name, value in values.items():
            fits[name] += abs(value - m.listed) <= half_unit(m.listed)
        cells = "".join(f"{value:12,.1f}" for value in values.values())
        print(f"{m.name:9}{m.listed:11,}{cells[2:]}")
    print("rows that fit", *(f"{name} {n}" for name, n in fits.items()))
    assert fits == {"formula": 8, "untied": 0, "no positions": 2}

    thirteen, xl = SIZES[6], SIZES[3]
    printed = total(thirteen) / 1e6
    print(f"13B with d = 5140, as table 2.1 has it{printed:12,.1f}")
    assert printed - thirteen.listed > 100
    # Table 2.1 gives XL 24 heads of 128, which is 3072, not d = 2048.
    wide = 4 * xl.d * (xl.heads * xl.d_k - xl.d) * xl.layers
    print(f"XL with 24 heads of 128{(total(xl) + wide) / 1e6:27,.1f}")
    assert (total(xl) + wide) / 1e6 - xl.listed > 100
    # The vocabulary that the first row allows, tied.
    rest = total(SIZES[0]) - tables["Small"]
    low, high = ((m * 1e6 - rest) / 768 for m in (124.5, 125.5))
    print(f"V that fits the row of Small{low:11,.0f} to {high:,.0f}")
    assert low < 50_257 < high


def show_wrong_counts() -> None:
    d, n = GPT3.d, GPT3.layers
    print("\nother sums for GPT-3 175B")
    rows = [
        ("untied output layer", total(GPT3) + GPT3.vocabulary * d),
        ("attention times 96 heads", total(GPT3) + 95 * 4 * n * d * d),
        ("V padded to 51,200", total(replace(GPT3, vocabulary=51_200))),
        ("T = 4,096", total(replace(GPT3, context=4_096))),
    ]
    for name, count in rows:
        print(f"{name:25}{count:22,}")
    assert rows[0][1] == 175_221_817_344
    assert rows[3][1] - total(GPT3) == 2_048 * d


def show_cost() -> None:
    n_all, tokens = total(GPT3), 300e9
    flops = 6 * n_all * tokens
    print(f"\n6 N D, D = 300e9        {flops:.3e} FLOPs")
    print(f"                        {flops / 8.64e19:,.0f} PF-days")
    # Scores and weighted sums: 4 d a pair, (T + 1) / 2 pairs a token.
    extra = 2 * GPT3.layers * GPT3.d * (GPT3.context + 1) / (2 * n_all)
    print(f"scores, dense, causal   {extra:.2%} more")
    print(f"weights, 2 bytes each   {2 * n_all / 1e9:.1f} GB", end="")
    print(f" = {2 * n_all / 2**30:.1f} GiB")
    assert f"{flops:.2e}" == "3.14e+23" and round(flops / 8.64e19, -1) == 3640
    print(f"GPT-2 small, T = 1,024  {total(GPT2):,}")
    assert total(GPT2) == 124_439_808


def norm(x: Array, gain: Array, bias: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    out: Array = centred / spread * gain + bias
    return out


def forward(w: dict[str, Array], m: Model, heads: int) -> Array:
    """Logits of six tokens; `w` maps names, 'h0 ln_1 g', to tensors."""
    tokens = np.arange(6) * 7 % m.vocabulary
    x = w["wte"][tokens] + w["wpe"][:6]
    mask = np.triu(np.full((6, 6), -np.inf), 1)
    for i in range(m.layers):
        p = {k[3:]: v for k, v in w.items() if k.startswith(f"h{i} ")}
        a = norm(x, p["ln_1 g"], p["ln_1 b"])
        qkv = a @ p["c_attn w"] + p["c_attn b"]
        q, k, v = qkv.reshape(6, 3, heads, -1).transpose(1, 2, 0, 3)
        scores = q @ k.swapaxes(1, 2) / np.sqrt(m.d / heads) + mask
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ v).transpose(1, 0, 2).reshape(6, m.d)
        x = x + mixed @ p["c_proj w"] + p["c_proj b"]
        inner = norm(x, p["ln_2 g"], p["ln_2 b"]) @ p["mlp fc w"]
        inner = np.tanh(inner + p["mlp fc b"])  # any activation will do
        x = x + inner @ p["mlp proj w"] + p["mlp proj b"]
    logits: Array = norm(x, w["ln_f g"], w["ln_f b"]) @ w["wte"].T
    return logits


def check_forward() -> None:
    """The listed tensors suffice, and each moves the logits, bar b_K."""
    m = Model("tiny", 2, 8, 2, 4, vocabulary=11, context=6)
    rng = np.random.default_rng(0)
    names = {f"h{i} {k}": s for i in range(2) for k, s in block(m.d).items()}
    names |= outside(m)
    w = {name: rng.normal(size=s) for name, s in names.items()}
    assert sum(v.size for v in w.values()) == total(m)
    base = forward(w, m, heads=2)
    for name, tensor in w.items():
        change = tensor + 0.1 * rng.normal(size=tensor.shape)
        assert np.abs(forward(w | {name: change}, m, 2) - base).max() > 1e-3
    # Other heads, same tensors, another function.
    assert np.abs(forward(w, m, heads=4) - base).max() > 1e-3

    name, d = "h0 c_attn b", m.d
    by_key, by_value = w[name].copy(), w[name].copy()
    by_key[d : 2 * d] += rng.normal(size=d)
    by_value[2 * d :] = 0
    moved = w["h0 c_proj b"] + w[name][2 * d :] @ w["h0 c_proj w"]
    key = np.abs(forward(w | {name: by_key}, m, 2) - base).max()
    shifted = w | {name: by_value, "h0 c_proj b": moved}
    value = np.abs(forward(shifted, m, 2) - base).max()
    folded = dict(w)
    for ln, matrix in (("ln_1", "c_attn"), ("ln_2", "mlp fc")):
        gain, bias = w[f"h0 {ln} g"], w[f"h0 {ln} b"]
        weight = w[f"h0 {matrix} w"]
        folded[f"h0 {matrix} w"] = gain[:, None] * weight
        folded[f"h0 {matrix} b"] = w[f"h0 {matrix} b"] + bias @ weight
        folded[f"h0 {ln} g"], folded[f"h0 {ln} b"] = np.ones(d), np.zeros(d)
    fold = np.abs(forward(folded, m, 2) - base).max()
    print("\na tiny model: largest change of a logit")
    print(f"key bias changed              {key:.6f}")
    print(f"value bias moved into b_O     {value:.6f}")
    print(f"LayerNorms moved into W, b    {fold:.6f}")
    print(f"GPT-3: key biases {GPT3.layers * GPT3.d:,}", end="")
    print(f", 6 d a layer {6 * GPT3.layers * GPT3.d:,}")
    assert max(key, value, fold) < 1e-9


if __name__ == "__main__":
    show_terms()
    show_table()
    show_wrong_counts()
    show_cost()
    check_forward()
