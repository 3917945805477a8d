"""INT8 against 16 bits: a roofline, and where measurements fall short of it.

Peaks: NVIDIA H100 SXM, dense. Measured: bitsandbytes 0.45.0, the table of
benchmarking/README.md in its repository.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FP16, INT8, BANDWIDTH = 989e12, 1979e12, 3.35e12  # H100 SXM
WIDTH = 4096


# --8<-- [start:roofline]
@dataclass
class Format:
    weight: int  # bytes
    rate: float  # multiplications and additions a second
    inputs: int = 2  # bytes of an activation that the product reads
    quantize: bool = False  # a pass of its own, 2 bytes in, 1 out


FORMATS = {
    "FP16": Format(2, FP16),
    "W8A16": Format(1, FP16),
    "W8A8 fused": Format(1, INT8, 1),
    "W8A8 apart": Format(1, INT8, 1, quantize=True),
}


def seconds(batch: int, form: Format, d: int = WIDTH) -> float:
    """A d x d layer on `batch` tokens: the slower of compute and traffic."""
    compute = 2 * batch * d * d / form.rate
    traffic = form.weight * d * d + (form.inputs + 2) * batch * d
    apart = 3 * batch * d / BANDWIDTH if form.quantize else 0.0
    return max(compute, traffic / BANDWIDTH) + apart


# --8<-- [end:roofline]


X = np.array([0.5, -1.2, 3.1, -0.03])
W = np.array([0.8, -0.4, 0.15, 2.0])


def codes(values: NDArray[np.float64]) -> tuple[NDArray[np.int8], float]:
    """Symmetric INT8 codes and their scale."""
    scale = float(np.abs(values).max()) / 127
    return np.rint(values / scale).astype(np.int8), scale


def dot_product() -> None:
    (q_x, s_x), (q_w, s_w) = codes(X), codes(W)
    total = int(q_x.astype(np.int32) @ q_w.astype(np.int32))
    print("1. a dot product in INT8")
    print(f"codes {q_x} and {q_w}, sum in INT32: {total}")
    print(f"times both scales: {total * s_x * s_w:.4f}   exact: {X @ W:.4f}")
    assert total > 127  # no INT8 accumulator holds it
    assert abs(total * s_x * s_w - X @ W) < 0.02
    longest = (2**31 - 1) // 127**2
    print(f"longest sum that INT32 is sure to hold: {longest:,}")


def layer() -> None:
    print(f"\n2. a {WIDTH} x {WIDTH} layer: microseconds in FP16, speed-ups")
    print("tokens    FP16" + "".join(f"{n:>12}" for n in list(FORMATS)[1:]))
    gain = {}
    for batch in (1, 32, 128, 256, 512, 2048, 8192):
        base = seconds(batch, FORMATS["FP16"])
        print(f"{batch:6}{1e6 * base:8.1f}", end="")
        for name in list(FORMATS)[1:]:
            gain[name, batch] = base / seconds(batch, FORMATS[name])
            print(f"{gain[name, batch]:12.2f}", end="")
        print()
    saved = seconds(1, FORMATS["FP16"]) - seconds(1, FORMATS["W8A16"])
    print(f"saved at 1 token: {1e6 * saved:.1f} microseconds")
    # Weight-only: twice at small batches, nothing at large ones.
    assert gain["W8A16", 1] > 1.99 and gain["W8A16", 512] == 1
    assert all(gain["W8A8 fused", b] > 1.85 for b in (1, 128, 512, 8192))
    assert gain["W8A8 apart", 512] < gain["W8A8 fused", 512]
    print("tokens at which compute takes over   weights alone   in this layer")
    for name in ("FP16", "W8A16", "W8A8 fused"):
        alone, here = ridge(FORMATS[name])
        print(f"{name:30}{alone:20.0f}{here:16.0f}")
        for shift, bound in (0.99, False), (1.01, True):
            batch, form = int(here * shift), FORMATS[name]
            by_compute = 2 * batch * WIDTH**2 / form.rate
            assert (seconds(batch, form) == by_compute) == bound


def ridge(form: Format, d: int = WIDTH) -> tuple[float, float]:
    """Tokens where compute equals traffic, without and with activations."""
    each = 2 * BANDWIDTH / form.rate  # bytes that one token's compute hides
    here = form.weight * d / (d * each - form.inputs - 2)
    return form.weight / each, here


def decode_step() -> None:
    """Llama 3.1 8B: bytes read to give each of 32 requests a token."""
    weights = 2 * 7.5e9  # without the input embedding
    cache = 2 * 32 * 8 * 128 * 2 * 4096 * 32  # K and V, 4,096 tokens each
    print("\n3. decoding, 32 requests with 4,096 tokens each")
    print(f"weights {weights / 1e9:.1f} GB, KV cache {cache / 1e9:.1f} GB")
    total = weights + cache
    for name, read in (
        ("weights in 8 bits", weights / 2 + cache),
        ("KV cache too", total / 2),
    ):
        print(f"{name:18} speed-up at most {total / read:.2f}")
    assert cache > weights
    print("matrix products twice as fast, by their share of the time:")
    for share in (0.5, 0.72, 0.9):
        print(f"{share:5.0%}{1 / (1 - share / 2):6.2f}")


def measured() -> None:
    """Milliseconds a token of Llama 3.1 8B at batch 1 and 32."""
    bound = {"RTX 4090": 15.0e9 / 1.008e12, "H100": 15.0e9 / BANDWIDTH}
    table = {
        ("RTX 4090", 1): (21.1, 22.0, 44.9),
        ("RTX 4090", 32): (30.4, 23.0, 51.2),
        ("H100", 1): (24.4, 52.2, 81.7),
        ("H100", 32): (26.1, 54.5, 86.4),
    }
    print("\n4. milliseconds a step: reading the weights, and measured")
    print("            batch  weights   BF16   INT8  LLM.int8()")
    for (gpu, batch), (full, plain, mixed) in table.items():
        print(f"{gpu:12}{batch:5}{1e3 * bound[gpu]:9.1f}", end="")
        print(f"{full:7.1f}{plain:7.1f}{mixed:12.1f}")
        assert mixed > full  # LLM.int8() is slower than BF16 throughout
    print("microseconds for each of the 224 linear layers, batch 1:")
    for gpu, read in bound.items():
        full, plain, mixed = (1e3 * t / 224 for t in table[gpu, 1])
        saved = 1e6 * read / 2 / 224
        print(f"{gpu:9} to save {saved:3.0f}   added by INT8", end="")
        print(f"{plain - full:5.0f}   by LLM.int8(){mixed - full:5.0f}")
        assert mixed - full > saved
    assert table["RTX 4090", 32][1] < table["RTX 4090", 32][0]
    assert table["H100", 1][0] > 5 * 1e3 * bound["H100"]


RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("gpu.json").read_text(encoding="utf-8")
)


def measured_row(case: str, **wanted: object) -> dict[str, Any]:
    """The one row of the measurements that is as wanted."""
    (found,) = (
        row
        for row in RECORD["rows"]
        if row["case"] == case and wanted.items() <= row.items()
    )
    return dict(found)


def gpu_speedup(case: str, tokens: int) -> float | None:
    """Over FP16, the 4096 x 4096 layer; None where PyTorch refuses."""
    what = {"way": "graph", "tokens": tokens, "outputs": WIDTH}
    row = measured_row(case, **what)
    if "refused" in row:
        return None
    return float(measured_row("fp16", **what)["ms"] / row["ms"])


GPU_CASES = {
    "W8A16": "w8a16 fused",
    "apart": "w8a16 apart",
    "W8A8": "w8a8 kernels",
    "eager": "w8a8 eager",
    "INT8": "int8 product",
    "FP8": "fp8 product",
}
GPU_TOKENS = [2**i for i in range(14)]


def check_gpu() -> None:
    rates = RECORD["ceilings"]
    print(f"\n5. {RECORD['device']['name']}, {RECORD['measured']}, ", end="")
    print(f"torch {RECORD['versions']['torch']}")
    print(f"reads {rates['read_bytes_per_s'] / 1e12:.2f} TB/s; ", end="")
    print("8,192 cubed, TFLOP/s:", end="")
    for name in ("fp16", "int8", "fp8"):
        print(f" {name} {rates[f'{name}_flop_per_s'] / 1e12:.0f}", end="")
    print("\n4096 x 4096, FP16: us, TB/s, TFLOP/s; the others: speed-up")
    print("tokens    FP16 TB/s  TF/s" + "".join(f"{n:>7}" for n in GPU_CASES))
    for tokens in GPU_TOKENS:
        row = measured_row("fp16", way="graph", tokens=tokens, outputs=WIDTH)
        print(f"{tokens:6}{1e3 * row['ms']:8.1f}", end="")
        print(f"{row['moved_bytes'] / row['ms'] / 1e9:5.2f}", end="")
        print(f"{row['flop'] / row['ms'] / 1e9:6.0f}", end="")
        for case in GPU_CASES.values():
            gain = gpu_speedup(case, tokens)
            print(f"{gain:7.2f}" if gain else "      -", end="")
        print()
    check_larger()
    what = {"way": "graph", "tokens": 1024, "outputs": WIDTH}
    for case in ("fp16", "int8 product", "fp8 product"):
        name = measured_row(case, **what)["kernel"]
        print(f"{case:13} {name.removeprefix('void cutlass::')[:30]}")
    count = measured_row("w8a8 eager", **what)["kernels"]
    print(f"W8A8 in PyTorch's operators: {count} kernels; a step of ", end="")
    times = [
        1e3 * measured_row(case, way="eager", tokens=1, outputs=WIDTH)["ms"]
        for case in ("fp16", "w8a8 eager")
    ]
    print(f"1 token\nwith launches {times[1]:.1f} us, FP16 {times[0]:.1f}")
    peak = RECORD["clocks"]["products"]
    print(
        f"clock {peak['sm_mhz'][0]:.0f} to {peak['sm_mhz'][2]:.0f} MHz, ",
        end="",
    )
    print(f"power up to {peak['power_w'][2]:.0f} W", end="")
    print(f" of {float(RECORD['device']['power_limit_w']):.0f}")
    for tokens in (1, 64, 8192):  # never twice, whatever is quantized
        gains = [gpu_speedup(case, tokens) for case in GPU_CASES.values()]
        assert max(gain or 0 for gain in gains) < 2.2
    assert (gpu_speedup("w8a16 fused", 8192) or 2) < 1
    assert (gpu_speedup("int8 product", 1024) or 2) < 1
    assert (gpu_speedup("fp8 product", 1024) or 0) > 1.8


def check_larger() -> None:
    """A layer 3.5 times as large, and what the small one's times say."""
    read = RECORD["ceilings"]["read_bytes_per_s"]
    print("14336 x 4096: tokens, FP16 us and TB/s, W8A16 TB/s; speed-ups")
    for tokens in (1, 8, 64, 512, 4096):
        what = {"way": "graph", "tokens": tokens, "outputs": 14_336}
        base, ours = (measured_row(c, **what) for c in ("fp16", "w8a16 fused"))
        print(f"{tokens:6}{1e3 * base['ms']:8.1f}", end="")
        for row in (base, ours):
            print(f"{row['moved_bytes'] / row['ms'] / 1e9:6.2f}", end="")
        for name, case in GPU_CASES.items():
            row = measured_row(case, **what)
            if "ms" in row and name not in ("eager", "apart"):
                print(f"  {name} {base['ms'] / row['ms']:.2f}", end="")
        print()
    # FP8 reads as few bytes: what holds W8A16 back is its kernel.
    fp8, ours = (gpu_speedup(c, 1) for c in ("fp8 product", "w8a16 fused"))
    assert fp8 and ours and fp8 > 1.5 > ours
    counts = [
        measured_row("fp16", way="graph", tokens=tokens, outputs=WIDTH)
        for tokens in (32, 64)
    ]
    few, many = (row["kernels"] for row in counts)
    print(f"kernels of FP16: {few} at 32 tokens, {many} at 64")
    what = {"way": "graph", "tokens": 1, "outputs": WIDTH}
    base, apart = (
        1e3 * measured_row(case, **what)["ms"]
        for case in ("fp16", "w8a16 apart")
    )
    moved = 3 * WIDTH**2  # bytes: codes read, FP16 written
    print(f"restoring apart adds {apart - base:.1f} us; ", end="")
    print(f"at full bandwidth {1e6 * moved / read:.1f}; ", end="")
    print(f"{moved / (apart - base) / 1e6:.2f} TB/s")


if __name__ == "__main__":
    dot_product()
    layer()
    decode_step()
    measured()
    check_gpu()
