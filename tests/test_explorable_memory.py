"""The memory calculator gives the numbers of the pages that it stands on."""

from itertools import product

import pytest
from explorable_arithmetic import arithmetic, example

call = arithmetic("memory")
cache_page = example("kv-cache")
heads_page = example("mha-gqa-mqa")
gpt_page = example("gpt3-parameter-count")
budget_page = example("inference-gpu-memory-growth")
ledger_page = example("memory-efficient-llm-methods")
survey_page = example("llm-architecture-overview")
GIB = 2**30


def model(name: str, **changes):
    return call("model", name) | changes


def test_the_cache_of_a_token_agrees() -> None:
    names = {
        "Llama 2 7B": "llama-2-7b",
        "Llama 3 8B": "llama-3-8b",
        "Llama 3 70B": "llama-3-70b",
        "DeepSeek-V3": "deepseek-v3",
    }
    assert set(names) == set(cache_page.MODELS)
    for listed, name in names.items():
        found = call("cacheToken", model(name), 16)
        assert found == cache_page.MODELS[listed]
    grid = product((1, 32, 80), (1, 8, 64), (64, 128))
    for layers, shared, width in grid:
        shape = {"layers": layers, "kv_heads": shared, "head_width": width}
        assert call(
            "cacheToken", model("llama-2-7b", **shape), 16
        ) == cache_page.kv_bytes(layers, shared, width)


@pytest.mark.parametrize("number", range(4))
def test_schemes_of_attention_agree(number: int) -> None:
    scheme = heads_page.SCHEMES[number]
    name = ["mha", "gqa", "mqa", "mla"][number]
    changed = call("scheme", name, model("llama-3-8b"))
    assert call("cached", changed) == scheme.values
    assert call("cacheToken", changed, 16) == scheme.cache()
    for gpus in heads_page.GPUS:
        here = call("cacheToken", changed, 16) * call("held", changed, gpus)
        found = here * heads_page.TOKENS / GIB
        assert found == pytest.approx(scheme.per_gpu(gpus))


def test_parameters_of_gpt_3_agree() -> None:
    for one in gpt_page.SIZES:
        if one.heads * one.d_k != one.d:
            continue  # two rows of the paper's table contradict themselves
        shape = {
            "layers": one.layers,
            "width": one.d,
            "heads": one.heads,
            "kv_heads": one.heads,
            "head_width": one.d_k,
            "ffn": 4 * one.d,
            "vocabulary": one.vocabulary,
        }
        found = call("parameters", model("gpt-3", **shape))
        assert found["total"] == gpt_page.total(one), one.name
    whole = call("parameters", call("model", "gpt-3"))
    assert whole["total"] == gpt_page.total(gpt_page.GPT3)
    parts = gpt_page.parts(gpt_page.GPT3)
    assert whole["inAttention"] == parts["attention matrices"]
    ffn = whole["linear"] - whole["inAttention"]
    assert ffn == parts["FFN matrices"]


def test_parameters_of_the_others_agree() -> None:
    whole = call("parameters", call("model", "llama-2-7b"))
    assert whole["total"] == ledger_page.TOTAL
    assert whole["linear"] == ledger_page.LINEAR
    assert call("parameters", model("llama-3-8b"))["total"] == 8_030_261_248
    assert call("parameters", model("llama-3-70b"))["total"] == 70_553_706_496
    counted = survey_page.deepseek_v3().parts(used=False)
    found = call("parameters", model("deepseek-v3"))
    assert found["total"] == sum(counted.values())


def test_the_budget_of_inference_agrees(capsys) -> None:
    budget_page.check_budget()
    printed = capsys.readouterr().out
    name = "llama-2-7b"
    weights = sum(call("weights", model(name), 16).values())
    cache = 8 * 4096 * call("cacheToken", model(name), 16)
    assert f"{weights / GIB:.4f}" in printed
    assert f"{cache / GIB:.4f}" in printed
    logits = call("activations", model(name), 1, 4096)
    assert f"{logits / GIB:.4f}" in printed
    tokens = 8 * 1024
    inner = 2 * tokens * (6 * budget_page.WIDTH + 3 * budget_page.INNER)
    assert call("activations", model(name), tokens, 1) == inner
    three = call("activations", model("llama-3-8b"), 1, 8192)
    assert three == 8192 * 128_256 * 4


def test_quantized_weights_and_cache_agree(capsys) -> None:
    ledger_page.show_ledger()
    printed = capsys.readouterr().out
    name = "llama-2-7b"
    for weight_bits, cache_bits in (16, 16), (4, 16), (4, 4):
        weights = call("weights", model(name), weight_bits)
        weights = sum(weights.values()) / 1e9
        cache = 8192 * call("cacheToken", model(name), cache_bits) / 1e9
        row = f"{weights:6.2f} +{cache:5.2f} ={weights + cache:6.2f}"
        assert row in printed
