"""Which model uses which normalization: the page's tables as data.

Each row was read off the code or paper named in its last field. A plain name
is a folder of Hugging Face Transformers 5.23.0, src/transformers/models; one
with a year is a citation key of the page. Only models with such a source are
listed, so counts describe this list, not the whole field.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    model: str
    year: int
    norm: str  # LN: LayerNorm, RMS: RMSNorm
    place: str  # post, pre, both (before and after F), output, deepnorm
    qk: str  # norm on q and k: "", head (each head) or full (whole vector)
    note: str
    source: str


# fmt: off
ROWS = [
    Row("Transformer", 2017, "LN", "post", "", "", "vaswani2017attention"),
    Row("GPT-1", 2018, "LN", "post", "", "", "openai"),
    Row("BERT", 2018, "LN", "post", "", "embedding", "bert"),
    Row("RoBERTa", 2019, "LN", "post", "", "embedding", "roberta"),
    Row("OPT-350M", 2022, "LN", "post", "", "", "opt"),
    Row("GPT-2", 2019, "LN", "pre", "", "", "gpt2"),
    Row("GPT-3", 2020, "LN", "pre", "", "", "brown2020gpt3"),
    Row("GPT-J", 2021, "LN", "pre", "", "parallel 1", "gptj"),
    Row("GPT-NeoX", 2022, "LN", "pre", "", "parallel 2", "gpt_neox"),
    Row("PaLM", 2022, "LN", "pre", "", "parallel, no bias",
        "chowdhery2022palm"),
    Row("OPT", 2022, "LN", "pre", "", "", "opt"),
    Row("BLOOM", 2022, "LN", "pre", "", "embedding", "bloom"),
    Row("Falcon-7B", 2023, "LN", "pre", "", "parallel 1", "falcon"),
    Row("Falcon-40B", 2023, "LN", "pre", "", "parallel 2", "falcon"),
    Row("MPT", 2023, "LN", "pre", "", "no bias", "mpt"),
    Row("Phi-1", 2023, "LN", "pre", "", "parallel 1", "phi"),
    Row("Persimmon-8B", 2023, "LN", "pre", "head", "", "persimmon"),
    Row("OLMo", 2024, "LN", "pre", "", "no parameters", "olmo"),
    Row("StarCoder2", 2024, "LN", "pre", "", "", "starcoder2"),
    Row("Command R", 2024, "LN", "pre", "", "parallel 1, no bias", "cohere"),
    Row("Command A", 2025, "LN", "pre", "", "parallel 1, no bias", "cohere2"),
    Row("T5", 2019, "RMS", "pre", "", "", "t5"),
    Row("LLaMA", 2023, "RMS", "pre", "", "", "llama"),
    Row("Baichuan-7B", 2023, "RMS", "pre", "", "", "vllm2023baichuan"),
    Row("ChatGLM2-6B", 2023, "RMS", "pre", "", "", "vllm2025chatglm"),
    Row("Qwen", 2023, "RMS", "pre", "", "", "vllm2023qwen"),
    Row("Mistral 7B", 2023, "RMS", "pre", "", "", "mistral"),
    Row("Mixtral", 2023, "RMS", "pre", "", "", "mixtral"),
    Row("Gemma", 2024, "RMS", "pre", "", "1 + w", "gemma"),
    Row("Phi-3", 2024, "RMS", "pre", "", "", "phi3"),
    Row("Qwen2", 2024, "RMS", "pre", "", "", "qwen2"),
    Row("GLM-4-9B", 2024, "RMS", "pre", "", "", "glm"),
    Row("DeepSeek-V2", 2024, "RMS", "pre", "", "latents", "deepseek_v2"),
    Row("DeepSeek-V3", 2024, "RMS", "pre", "", "latents", "deepseek_v3"),
    Row("gpt-oss", 2025, "RMS", "pre", "", "", "gpt_oss"),
    Row("Kimi K2.5", 2026, "RMS", "pre", "", "latents", "kimi_k25"),
    Row("Kimi K3", 2026, "RMS", "pre", "", "latents, AttnRes",
        "nvidia2026automodelk3code"),
    Row("GLM-5", 2026, "RMS", "pre", "", "latents", "glm_moe_dsa"),
    Row("Mistral Small 4", 2026, "RMS", "pre", "", "latents", "mistral4"),
    Row("Chameleon-7B", 2024, "RMS", "pre", "head", "QK: LN", "chameleon"),
    Row("Llama 4 Scout", 2025, "RMS", "pre", "head", "no gain", "llama4"),
    Row("Qwen3", 2025, "RMS", "pre", "head", "", "qwen3"),
    Row("GLM-4.5", 2025, "RMS", "pre", "head", "", "zeng2025glm45"),
    Row("Qwen3-Next", 2025, "RMS", "pre", "head", "1 + w", "qwen3_next"),
    Row("Apertus", 2025, "RMS", "pre", "head", "", "apertus"),
    Row("MiniMax-M2", 2025, "RMS", "pre", "full", "", "minimax_m2"),
    Row("DeepSeek-V4", 2026, "RMS", "pre", "head", "mHC, 1 KV head",
        "deepseek_v4"),
    Row("Qwen3.5", 2026, "RMS", "pre", "head", "1 + w", "qwen3_5"),
    Row("MiniMax-M3", 2026, "RMS", "pre", "head", "1 + w", "minimax_m3_vl"),
    Row("Hy3", 2026, "RMS", "pre", "head", "", "hy_v3"),
    Row("Grok-1", 2024, "RMS", "both", "", "", "xai2024grok"),
    Row("Gemma 2", 2024, "RMS", "both", "", "1 + w", "gemma2"),
    Row("OLMo 2", 2024, "RMS", "output", "full", "", "olmo2"),
    Row("Gemma 3", 2025, "RMS", "both", "head", "1 + w", "gemma3"),
    Row("GLM-4-0414", 2025, "RMS", "both", "", "", "glm4"),
    Row("EXAONE 4.0", 2025, "RMS", "output", "head", "", "exaone4"),
    Row("OLMo 3", 2025, "RMS", "output", "full", "", "olmo3"),
    Row("Gemma 4", 2026, "RMS", "both", "head", "V too", "gemma4"),
    Row("GLM-130B", 2022, "LN", "deepnorm", "", "a = (2L)^(1/2)",
        "thudm2023sat"),
    Row("ChatGLM-6B", 2023, "LN", "deepnorm", "", "a = (2L)^(1/2)",
        "thudm2023sat"),
    Row("MiniMax-Text-01", 2025, "RMS", "deepnorm", "", "",
        "minimax2025minimax01"),
]
# fmt: on
PERIODS = [(2017, 2020), (2021, 2022)] + [(y, y) for y in range(2023, 2027)]


# --8<-- [start:count]
KINDS: dict[str, Callable[[Row], bool]] = {
    "LayerNorm": lambda row: row.norm == "LN",
    "RMSNorm": lambda row: row.norm == "RMS",
    "LN on skip path": lambda row: row.place in ("post", "deepnorm"),
    "norm after F": lambda row: row.place in ("both", "output"),
    "QK-norm": lambda row: bool(row.qk),
}


def norm_parameters(
    blocks: int,
    width: int,
    per_block: int = 2,
    vectors: int = 1,
    final: bool = True,
) -> int:
    """Gains (vectors = 1) or gains and biases (2) of all norms of a model."""
    return vectors * width * (per_block * blocks + final)


def tally() -> dict[str, Counter[tuple[int, int]]]:
    """How many rows of each kind fall into each period."""
    counts: dict[str, Counter[tuple[int, int]]] = {
        name: Counter() for name in KINDS
    }
    for row in ROWS:
        period = next(p for p in PERIODS if p[0] <= row.year <= p[1])
        for name, belongs in KINDS.items():
            counts[name][period] += belongs(row)
    return counts


# --8<-- [end:count]


def count_table() -> None:
    counts = tally()
    print(f"{len(ROWS)} rows".ljust(16), end="")
    for first, last in PERIODS:
        name = f"{first}-{last % 100}" if first < last else f"{first}"
        print(f"{name:>9}", end="")
    print("      all")
    for name, count in counts.items():
        cells = "".join(f"{count[period]:9}" for period in PERIODS)
        print(f"{name:16}{cells}{count.total():9}")
    assert counts["LayerNorm"].total() + counts["RMSNorm"].total() == len(ROWS)
    # One LayerNorm in this list after 2024; QK-norm from 2023 on, norms
    # after F from 2024 on.
    late = [row for row in ROWS if row.year >= 2025]
    assert [row.model for row in late if row.norm == "LN"] == ["Command A"]
    early = [row.model for row in ROWS if row.qk and row.year < 2024]
    assert early == ["Persimmon-8B"]
    assert min(r.year for r in ROWS if r.place in ("both", "output")) == 2024
    assert (sum(bool(r.qk) for r in late), len(late)) == (14, 22)
    skip = [r.model for r in ROWS if r.place == "post" and r.year > 2019]
    assert skip == ["OPT-350M"]


def parameter_table() -> None:
    print("\nparameters of the norms")
    llama = norm_parameters(32, 4096)
    gpt3 = norm_parameters(96, 12288, vectors=2)
    table = [
        ("LLaMA-2-7B", "(2L + 1) d", llama),
        ("GPT-3 175B", "2 (2L + 1) d", gpt3),
        ("GPT-J-6B", "2 (L + 1) d", norm_parameters(28, 4096, 1, 2)),
        ("Gemma 2 2B", "(4L + 1) d", norm_parameters(26, 2304, 4)),
        ("OLMo 2 7B", "(4L + 1) d", norm_parameters(32, 4096, 4)),
        ("OLMo 7B", "0", norm_parameters(32, 4096, vectors=0)),
    ]
    for model, formula, count in table:
        print(f"{model:13}{formula:14}{count:12,}")
    # LLaMA-2-7B whole: embedding and head, attention, SwiGLU, norms.
    d, inner = 4096, 11008
    total = 2 * 32_000 * d + 32 * (4 * d * d + 3 * d * inner) + llama
    print(f"share in LLaMA-2-7B: {llama:,} / {total:,} = {llama / total:.4%}")
    assert llama == 266_240 and gpt3 == 4_743_168
    assert total == 6_738_415_616


def check_rows() -> None:
    names = [row.model for row in ROWS]
    assert len(set(names)) == len(names)
    assert all(row.source and 2017 <= row.year <= 2026 for row in ROWS)
    assert {row.norm for row in ROWS} == {"LN", "RMS"}
    alpha = (2 * 80) ** 0.25
    print(f"\nDeepNorm with 80 blocks: alpha = (2 * 80)^(1/4) = {alpha:.4f}")
    assert abs(alpha - 3.5566) < 1e-4


if __name__ == "__main__":
    count_table()
    parameter_table()
    check_rows()
