"""A decoder-only LLM in NumPy, and the parameters of nine released ones.

Configurations: Meta's llama-models, models/sku_list.py; openai/gpt-oss,
gpt_oss/torch/model.py; the others are the defaults of Transformers 5.23.0.
`counted` is what Transformers 5.23.0 counts when it builds the model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
Weights = dict[str, Array]


# --8<-- [start:decoder]
def rms_norm(x: Array, gain: Array) -> Array:
    out: Array = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * gain
    return out


def rope(x: Array) -> Array:
    """Rotate each head's planes by position; x is (heads, T, d_k)."""
    half = x.shape[-1] // 2
    theta = 10_000.0 ** (-np.arange(half) / half)
    turn = np.exp(1j * np.arange(x.shape[1])[:, None] * theta)
    pairs = (x[..., :half] + 1j * x[..., half:]) * turn
    turned: Array = np.concatenate([pairs.real, pairs.imag], axis=-1)
    return turned


def block(x: Array, w: Weights, d_k: int) -> Array:
    """x + Attn(RMSNorm(x)), then h + SwiGLU(RMSNorm(h)); x is (T, d)."""
    t = len(x)
    a = rms_norm(x, w["g1"])
    q, k, v = (
        (a @ w[name]).reshape(t, -1, d_k).swapaxes(0, 1) for name in "qkv"
    )
    share = len(q) // len(k)  # query heads to one key/value head
    k, v = np.repeat(rope(k), share, axis=0), np.repeat(v, share, axis=0)
    future = np.triu(np.full((t, t), -np.inf), 1)
    scores = rope(q) @ k.swapaxes(1, 2) / np.sqrt(d_k) + future
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    mixed = weights / weights.sum(-1, keepdims=True) @ v
    h = x + mixed.swapaxes(0, 1).reshape(t, -1) @ w["o"]
    m = rms_norm(h, w["g2"])
    gate, up = m @ w["gate"], m @ w["up"]
    out: Array = h + (gate / (1 + np.exp(-gate)) * up) @ w["down"]
    return out


def llm(tokens: Tokens, w: Weights, layers: list[Weights], d_k: int) -> Array:
    x = w["embedding"][tokens]
    for layer in layers:
        x = block(x, layer, d_k)
    return rms_norm(x, w["g"]) @ w["head"]  # logits, (T, V)


# --8<-- [end:decoder]


# --8<-- [start:count]
def attention(d: int, h: int, h_kv: int, d_k: int) -> int:
    """W_Q, W_O are d x h d_k, W_K, W_V are d x h_kv d_k."""
    return 2 * d * h * d_k + 2 * d * h_kv * d_k


def mla(d: int, h: int, r_q: int, r: int, nope: int, v: int) -> int:
    """Low-rank q and kv, each with an RMSNorm; 64 channels carry RoPE."""
    query = d * r_q + r_q + r_q * h * (nope + 64)
    return query + d * (r + 64) + r + r * h * (nope + v) + h * v * d


@dataclass(frozen=True)
class Model:
    name: str
    d: int
    layers: int
    vocabulary: int
    mixing: int  # attention or linear attention, all layers together
    d_ff: int  # of a dense FFN or of one expert, three matrices
    cache: int  # bytes that each further token adds, 2 bytes a number
    counted: int
    published: tuple[float, float]  # billions: total, active
    experts: int = 0
    chosen: int = 0
    always: int = 0  # dense FFN layers, shared experts, routers
    moe_layers: int = 0
    expert_biases: int = 0

    def parts(self, *, used: bool) -> dict[str, int]:
        """Stored, or multiplied for one token (no input embedding)."""
        one = 3 * self.d * self.d_ff + self.expert_biases
        many = self.chosen if used else self.experts
        ffn = self.layers * one if not self.experts else self.always
        return {
            "attention": self.mixing,
            "FFN": ffn + self.moe_layers * many * one,
            "embeddings": (1 if used else 2) * self.vocabulary * self.d,
            "norms": (2 * self.layers + 1) * self.d,
        }


# --8<-- [end:count]


def llama(
    name: str,
    shape: tuple[int, int, int, int, int, int],
    counted: int,
    published: float,
) -> Model:
    d, layers, h, h_kv, d_ff, vocabulary = shape
    return Model(
        name,
        d,
        layers,
        vocabulary,
        layers * attention(d, h, h_kv, d // h),
        d_ff,
        2 * 2 * layers * h_kv * (d // h),
        counted,
        (published, published),
    )


def gpt_oss() -> Model:
    """36 layers, 128 experts; biases and a learned sink in each head."""
    d, layers, h, h_kv = 2880, 36, 64, 8
    biases = (h + 2 * h_kv) * 64 + d + h
    return Model(
        "gpt-oss-120b",
        d,
        layers,
        201_088,
        layers * (attention(d, h, h_kv, 64) + biases),
        2880,
        2 * 2 * (layers // 2) * h_kv * 64,  # the other half is a window
        116_829_156_672,
        (116.8, 5.1),
        experts=128,
        chosen=4,
        always=layers * (d * 128 + 128),
        moe_layers=layers,
        expert_biases=2 * 2880 + d,
    )


def deepseek_v3() -> Model:
    d, layers = 7168, 61
    return Model(
        "DeepSeek-V3",
        d,
        layers,
        129_280,
        layers * mla(d, 128, 1536, 512, 128, 128),
        2048,
        2 * layers * (512 + 64),
        671_026_404_352,
        (671, 37),
        experts=256,
        chosen=8,
        always=3 * 3 * d * 18432 + 58 * (3 * d * 2048 + d * 256),
        moe_layers=58,
    )


def qwen3_next() -> Model:
    """12 layers of gated attention, 36 of Gated DeltaNet."""
    d, layers = 2048, 48
    full = attention(d, 16, 2, 256) + d * 16 * 256 + 2 * 256  # gate, QK-norm
    q_k, v, heads = 2 * 16 * 128, 32 * 128, 32
    delta = d * (q_k + 2 * v + 2 * heads) + 4 * (q_k + v) + v * d
    delta += 2 * heads + 128  # decay, its bias, norm of the output
    return Model(
        "Qwen3-Next-80B",
        d,
        layers,
        151_936,
        12 * full + 36 * delta,
        512,
        2 * 2 * 12 * 2 * 256,
        79_674_391_296,
        (80, 3),
        experts=512,
        chosen=10,
        always=layers * (3 * d * 512 + d + d * 512),
        moe_layers=layers,
    )


def glm_5() -> Model:
    """MLA, and an indexer that picks 2048 keys, in each layer."""
    d, layers = 6144, 78
    indexer = 2048 * 32 * 128 + d * 128 + 2 * 128 + d * 32
    return Model(
        "GLM-5",
        d,
        layers,
        154_880,
        layers * (mla(d, 64, 2048, 512, 192, 256) + indexer),
        2048,
        2 * layers * (512 + 64 + 128),
        743_911_199_232,
        (744, 40),
        experts=256,
        chosen=8,
        always=3 * 3 * d * 12288 + 75 * (3 * d * 2048 + d * 256),
        moe_layers=75,
    )


MIXTRAL = Model(
    "Mixtral 8x7B",
    4096,
    32,
    32_000,
    32 * attention(4096, 32, 8, 128),
    14336,
    2 * 2 * 32 * 8 * 128,
    46_702_792_704,
    (47, 13),
    experts=8,
    chosen=2,
    always=32 * 4096 * 8,
    moe_layers=32,
)
MODELS = [
    llama("LLaMA-7B", (4096, 32, 32, 32, 11008, 32_000), 6_738_415_616, 6.7),
    llama("Llama 2 70B", (8192, 80, 64, 8, 28672, 32_000), 68_976_648_192, 70),
    llama("Llama 3 8B", (4096, 32, 32, 8, 14336, 128_256), 8_030_261_248, 8),
    llama(
        "Llama 3.1 405B",
        (16384, 126, 128, 8, 53248, 128_256),
        405_853_388_800,
        405,
    ),
    MIXTRAL,
    deepseek_v3(),
    gpt_oss(),
    qwen3_next(),
    glm_5(),
]


def total(model: Model, *, used: bool = False) -> int:
    return sum(model.parts(used=used).values())


def show_totals() -> None:
    print("                       parameters  used by a token  cache, bytes")
    print("                           stored  count      said  a token more")
    for m in MODELS:
        stored, used = total(m), total(m, used=True) / 1e9
        said = f"{m.published[1]:g}B" if m.experts else ""
        row = f"{m.name:14}{stored:19,}{used:8.2f}{said:>9}"
        print(f"{row}{m.cache:14,}")
        assert stored == m.counted, m.name
        # Names round: Llama 2 70B has 69.0 billion.
        assert abs(stored / 1e9 - m.published[0]) < 1.1, m.name
    by_name = {m.name: m for m in MODELS}
    for name in ("Mixtral 8x7B", "DeepSeek-V3", "GLM-5", "gpt-oss-120b"):
        m = by_name[name]
        assert abs(total(m, used=True) / 1e9 - m.published[1]) < 0.9
    # gpt-oss's model card, table 1, in billions.
    oss = by_name["gpt-oss-120b"].parts(used=False)
    card = [round(oss[k] / 1e9, 2) for k in ("FFN", "attention", "embeddings")]
    assert card == [114.71, 0.96, 1.16]
    assert round(total(by_name["gpt-oss-120b"], used=True) / 1e9, 2) == 5.13


def show_shares() -> None:
    print("\npercent        stored: attn   FFN  emb    used: attn   FFN  emb")
    for m in MODELS:
        row = ""
        for used, gap in ((False, 13), (True, 13)):
            whole = m.parts(used=used)
            keys = ("attention", "FFN", "embeddings")
            share = [100 * whole[k] / total(m, used=used) for k in keys]
            row += f"{share[0]:{gap}.1f}{share[1]:6.1f}{share[2]:5.1f}"
        print(f"{m.name:14}{row}")
    ffn = [m.parts(used=False)["FFN"] / total(m) for m in MODELS]
    assert min(ffn) > 0.64 and ffn[4] > 0.96
    for m in MODELS[5:]:  # what is stored in experts, is used elsewhere too
        mixing = m.parts(used=True)["attention"] / total(m, used=True)
        assert mixing > 8 * m.mixing / total(m)


def show_compute() -> None:
    by_name = {m.name: m for m in MODELS}
    print("\n6 N D            N, billions  D, trillions     FLOPs")
    for name, tokens in (("Llama 3.1 405B", 15.6), ("DeepSeek-V3", 14.8)):
        m = by_name[name]
        n = total(m, used=bool(m.experts))
        flops = 6 * n * tokens * 1e12
        print(f"{name:17}{n / 1e9:11.1f}{tokens:14}{flops:10.2e}")
        if name == "Llama 3.1 405B":  # the paper has 3.8e25
            assert f"{flops:.1e}" == "3.8e+25"


def check_registry() -> None:
    """Meta's sku_list.py on Llama 2 7B: 8 KV heads and a factor of 1.3."""
    shape = (4096, 32, 32, 8, 14336, 32_000)
    other = total(llama("registry", shape, 0, 0))
    print(f"\nLlama 2 7B as in Meta's sku_list.py  {other:,}")
    assert abs(other / 1e9 - 6.7) > 0.5


def attention_by_pairs(a: Array, w: Weights, d_k: int) -> Array:
    """One pair of tokens at a time; position enters as m - n alone."""
    t, half = len(a), d_k // 2
    q, k, v = ((a @ w[name]).reshape(t, -1, d_k) for name in "qkv")
    share = q.shape[1] // k.shape[1]
    theta = 10_000.0 ** (-np.arange(half) / half)
    out = np.zeros(q.shape)
    for m, i in np.ndindex(q.shape[:2]):
        j = i // share
        scores = np.empty(m + 1)
        for n in range(m + 1):
            qm = q[m, i, :half] + 1j * q[m, i, half:]
            kn = k[n, j, :half] + 1j * k[n, j, half:]
            turned = qm * kn.conj() * np.exp(1j * (m - n) * theta)
            scores[n] = turned.real.sum() / np.sqrt(d_k)
        weights = np.exp(scores - scores.max())
        out[m, i] = weights / weights.sum() @ v[: m + 1, j]
    result: Array = out.reshape(t, -1) @ w["o"]
    return result


def check_decoder() -> None:
    """Causal; as many weights as the formula says; RoPE and GQA in place."""
    d, d_k, h, h_kv, d_ff, vocabulary, depth = 16, 4, 4, 2, 24, 11, 2
    rng = np.random.default_rng(0)
    shapes = {
        "g1": (d,),
        "q": (d, h * d_k),
        "k": (d, h_kv * d_k),
        "v": (d, h_kv * d_k),
        "o": (h * d_k, d),
        "g2": (d,),
        "gate": (d, d_ff),
        "up": (d, d_ff),
        "down": (d_ff, d),
    }
    layers = [
        {name: rng.normal(size=s) / 2 for name, s in shapes.items()}
        for _ in range(depth)
    ]
    w = {
        "embedding": rng.normal(size=(vocabulary, d)),
        "g": rng.normal(size=d),
        "head": rng.normal(size=(d, vocabulary)),
    }
    weights = sum(v.size for layer in layers for v in layer.values())
    weights += sum(v.size for v in w.values())
    shape = (d, depth, h, h_kv, d_ff, vocabulary)
    assert weights == total(llama("tiny", shape, weights, 0))

    tokens = rng.integers(vocabulary, size=8)
    logits = llm(tokens, w, layers, d_k)
    changed = tokens.copy()
    changed[5] = (changed[5] + 1) % vocabulary
    moved = np.abs(llm(changed, w, layers, d_k) - logits).max(axis=1)
    print(f"\nweights of the tiny decoder {weights:,}")
    print(f"logits {logits.shape}; token 5 changed: rows that change", end=" ")
    print(np.flatnonzero(moved > 1e-9))
    assert np.flatnonzero(moved > 1e-9).tolist() == [5, 6, 7]
    # RoPE, mask, shared heads: the same as pair by pair.
    x = w["embedding"][tokens]
    still = layers[0] | {"down": np.zeros((d_ff, d))}  # attention alone
    slow = x + attention_by_pairs(rms_norm(x, still["g1"]), still, d_k)
    assert np.abs(block(x, still, d_k) - slow).max() < 1e-10


if __name__ == "__main__":
    show_totals()
    show_shares()
    show_compute()
    check_registry()
    check_decoder()
