"""Bounds on decoding and prefill from bandwidth and compute alone.

Sources: GPU peaks, Austin et al., How to Scale Your Model, chapter on GPUs,
and NVIDIA's data sheets (A100, GeForce); CPU bandwidth: channels x 8 bytes
x transfers; measurements: llama.cpp, discussion 4167, issue 34 and pull
request 6017.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Device:
    """Peak bytes/s and FLOP/s (GPUs: 16 bits); None where none is used."""

    name: str
    bandwidth: float
    flops: float | None

    @property
    def ridge(self) -> float | None:
        return self.flops / self.bandwidth if self.flops else None


@dataclass(frozen=True)
class Model:
    """A dense decoder; `cache` is bytes of keys and values a token."""

    parameters: int
    layers: int
    width: int
    cache: int
    bytes_each: float = 2.0


def ddr5(channels: int, mega_transfers: int) -> float:
    return channels * 8 * mega_transfers * 1e6


def pcie(giga_transfers: float, lanes: int = 16) -> float:
    return giga_transfers * 1e9 * lanes * 128 / 130 / 8


# A 64-core server: two 512-bit FMA units at 2.5 GHz, in 32 bits. The
# desktop's 1 TFLOP/s is an assumption; its measured prefill is 0.74.
DEVICES = [
    Device("B200", 8.0e12, 2250e12),
    Device("H100 SXM", 3.35e12, 990e12),
    Device("A100 80GB", 2.039e12, 312e12),
    Device("RTX 5090", 512 * 28e9 / 8, None),
    Device("RTX 4090", 384 * 21e9 / 8, 165e12),
    Device("12 ch. DDR5-6400", ddr5(12, 6400), 64 * 2 * 32 * 2.5e9),
    Device("8 ch. DDR5-4800", ddr5(8, 4800), None),
    Device("2 ch. DDR5-5600", ddr5(2, 5600), 1e12),
]
LLAMA2 = Model(6_738_415_616, 32, 4096, 524_288)
LLAMA3 = Model(8_030_261_248, 32, 4096, 131_072)


# --8<-- [start:bounds]
def step(model: Model, device: Device, batch: int, context: int) -> float:
    """Least seconds of a decoding step of `batch` sequences."""
    read = model.bytes_each * model.parameters + batch * context * model.cache
    work = 2 * model.parameters + 4 * model.layers * model.width * context
    times = [read / device.bandwidth]
    if device.flops:
        times.append(batch * work / device.flops)
    return max(times)


def tokens_per_second(
    model: Model, device: Device, batch: int = 1, context: int = 0
) -> float:
    return batch / step(model, device, batch, context)


def prefill(model: Model, device: Device, tokens: int) -> float:
    """Least seconds to the first token of a prompt, causal attention."""
    linear = 2 * model.parameters * tokens
    attention = 2 * model.layers * model.width * tokens**2
    assert device.flops
    return (linear + attention) / device.flops


# --8<-- [end:bounds]


def find(name: str) -> Device:
    return next(device for device in DEVICES if device.name == name)


def bits(model: Model, each: float) -> Model:
    return Model(
        model.parameters, model.layers, model.width, model.cache, each / 8
    )


def check_devices() -> None:
    print("Llama-2-7B, one sequence, KV cache ignored")
    print(
        "                              FLOP/B  16 bits  4.84 bits  prompt of"
    )
    print("device             GB/s ridge   tok/s    tok/s    4,096, s")
    small = bits(LLAMA2, 4.84)
    for device in DEVICES:
        ridge = f"{device.ridge:6.0f}" if device.ridge else "     -"
        wait = f"{prefill(LLAMA2, device, 4096):12.3f}" if device.flops else ""
        rates = f"{tokens_per_second(LLAMA2, device):9.1f}"
        rates += f"{tokens_per_second(small, device):9.1f}"
        print(
            f"{device.name:17}{device.bandwidth / 1e9:6.0f}{ridge}{rates}{wait}"
        )
    h100, a100 = find("H100 SXM"), find("A100 80GB")
    speed = tokens_per_second(LLAMA2, h100) / tokens_per_second(LLAMA2, a100)
    assert h100.flops and a100.flops
    print(f"A100 to H100: decode {speed:.2f}, compute ", end="")
    print(f"{h100.flops / a100.flops:.2f}")
    # At batch 1 the gain is that of the bandwidth.
    np.testing.assert_allclose(speed, h100.bandwidth / a100.bandwidth)
    desktop = find("2 ch. DDR5-5600")
    assert desktop.flops
    print(
        f"H100 to desktop: decode {h100.bandwidth / desktop.bandwidth:.0f}",
        end="",
    )
    print(f", compute {h100.flops / desktop.flops:.0f}")


def check_batch() -> None:
    device = find("H100 SXM")
    print("\nLlama-3-8B on H100   ms a step      tok/s  KV share  held, GB")
    for context, batches in ((512, (1, 32, 256, 512)), (8192, (1, 32, 59))):
        for batch in batches:
            seconds = step(LLAMA3, device, batch, context)
            weights = 2 * LLAMA3.parameters
            cache = batch * context * LLAMA3.cache
            cells = f"{1e3 * seconds:9.2f}{batch / seconds:11,.0f}"
            cells += f"{cache / (cache + weights):10.2f}"
            cells += f"{(cache + weights) / 1e9:10.1f}"
            print(f"{context:6} x B = {batch:4} {cells}")
            assert cache + weights < 80e9
    # One sequence more would not fit.
    assert weights + 60 * 8192 * LLAMA3.cache > 80e9
    # Weights alone: batching is nearly free below the ridge point.
    short = step(LLAMA3, device, 32, 512) / step(LLAMA3, device, 1, 512)
    long = step(LLAMA3, device, 32, 8192) / step(LLAMA3, device, 1, 8192)
    print(f"B = 32 costs {short:.2f} steps at 512, {long:.2f} at 8,192")
    assert short < 1.2 < 2.5 < long
    # Attention over the cache: 4 h d_k T FLOPs on 2 h_kv d_k T numbers.
    work, read = 4 * 32 * 128 * 8192, 2 * 8 * 128 * 8192 * 2
    assert work / read == 32 / 8


def check_measured() -> None:
    print("\nmeasured, 7B, one sequence     GB read    tok/s  bound  share")
    for name, bandwidth, width, measured in [
        ("M1 Pro, 200 GB/s, F16", 200e9, 16.0, 12.75),
        ("M1 Pro, 200 GB/s, Q8_0", 200e9, 8.5, 21.95),
        ("M1 Pro, 200 GB/s, Q4_0", 200e9, 4.5, 35.52),
        ("M3 Pro, 150 GB/s, F16", 150e9, 16.0, 9.89),
        ("M3 Pro, 150 GB/s, Q4_0", 150e9, 4.5, 30.74),
    ]:
        device = Device(name, bandwidth, None)
        model = bits(LLAMA2, width)
        bound = tokens_per_second(model, device)
        read = model.bytes_each * model.parameters / 1e9
        print(f"{name:28}{read:10.2f}{measured:9.2f}{bound:7.1f}", end="")
        print(f"{measured / bound:7.2f}")
        assert measured < bound
    print("prefill of 512 tokens            tok/s   TFLOP/s")
    for name, measured in [
        ("A100, F16", 8237.93),
        ("M1 Pro, F16", 262.65),
        ("i9-13900K, 32 threads", 55.21),
    ]:
        rate = measured * 2 * LLAMA2.parameters / 1e12
        print(f"{name:28}{measured:10.2f}{rate:10.2f}")


def check_offload() -> None:
    weights = 2 * LLAMA2.parameters
    print("\nweights streamed for every token    GB/s    tok/s")
    links = [
        ("PCIe 4.0 x16", pcie(16)),
        ("PCIe 5.0 x16", pcie(32)),
        ("desktop memory", ddr5(2, 5600)),
        ("12-channel memory", ddr5(12, 6400)),
    ]
    for name, bandwidth in links:
        rate = bandwidth / weights
        print(f"{name:33}{bandwidth / 1e9:7.1f}{rate:9.2f}")
    speeds = [bandwidth for _, bandwidth in links]
    assert speeds == sorted(speeds)


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


def check_gpu() -> None:
    """Measured: steps of Llama 3 8B's shape, a block on GPU and CPU."""
    rates = RECORD["ceilings"]
    read, flops = rates["read_bytes_per_s"], rates["bf16_flop_per_s"]
    print(f"\n{RECORD['device']['name']}, {RECORD['measured']}: ", end="")
    print(f"reads {read / 1e12:.2f} TB/s, bf16 {flops / 1e12:.0f} TFLOP/s")
    print("on paper       4.80 TB/s       990 TFLOP/s")
    print("ms a step       bound  by part  measured     tok/s")
    for context, batches in (
        (512, (1, 2, 8, 32, 64, 128, 256, 512)),
        (8192, (1, 32, 59)),
    ):
        for batch in batches:
            row = measured_row(
                "decode", way="graph", batch=batch, context=context
            )
            bound, parts = gpu_bounds(row)
            print(f"{context:6} x {batch:3}{bound:9.2f}{parts:9.2f}", end="")
            print(f"{row['ms']:10.2f}{1e3 * batch / row['ms']:10,.0f}")
            assert bound <= 1.0001 * parts < row["ms"]
    few, many = (
        measured_row("decode", way="graph", batch=batch, context=8192)
        for batch in (1, 59)
    )
    more = (many["moved_bytes"] - few["moved_bytes"]) / 1e9
    rate = more / (many["ms"] - few["ms"])
    print(f"8192 x 59 less 8192 x 1: {rate:.2f} TB/s of cache")
    assert 0.9 * read / 1e12 < rate < read / 1e12
    print("launched one by one, 512 x B:", end="")
    for batch in (1, 64, 512):
        row = measured_row("decode", way="eager", batch=batch)
        print(f"  {batch}: {row['ms']:.2f}", end="")
    one = measured_row("decode", way="eager", batch=1)
    print(f"\nkernels in a step: {one['kernels']}, ", end="")
    launch = 1e3 * rates["graph_launch_ms"]
    print(f"the least of them {launch:.1f} us each in a graph")
    fused = measured_row("compiled", batch=1)
    print(f"fused by the compiler, 512 x 1: {fused['ms']:.2f}")

    prompt = measured_row("whole prefix", context=4096)
    print(f"prefill of 4,096: {prompt['ms']:.0f} ms, ", end="")
    print(f"{prompt['flop'] / prompt['ms'] / 1e9:.0f} TFLOP/s")
    clocks = RECORD["clocks"]["lengths"]
    slow, usual, fast = clocks["sm_mhz"]
    print(
        f"  clock {slow:.0f} to {fast:.0f} MHz, median {usual:.0f}, ", end=""
    )
    print(f"power up to {max(clocks['power_w']):.0f} W")
    threads, cpu = RECORD["host"]["threads"], rates["cpu_read_bytes_per_s"]
    print(f"a block, context 512, ms; CPU: {threads} threads, ", end="")
    print(f"reads {cpu / 1e9:.0f} GB/s, {read / cpu:.0f} times less")
    print("                 GPU bf16  GPU fp32  CPU bf16  CPU fp32  bf16")
    for name, case, batch in [
        ("step, B = 1", "block", 1),
        ("step, B = 64", "block", 64),
        ("prefill, 512", "block prefill", 1),
    ]:
        times = [
            measured_row(case, device=device, dtype=dtype, batch=batch)["ms"]
            for device in ("gpu", "cpu")
            for dtype in ("bf16", "fp32")
        ]
        cells = "".join(f"{one:10.2f}" for one in times)
        print(f"{name:15}{cells}{times[2] / times[0]:6.0f}")
        assert times[2] > 30 * times[0]
    print("step, B = 1, read at")
    for dtype in ("bf16", "fp16", "fp32"):
        gpu, host = (
            measured_row("block", device=device, dtype=dtype, batch=1)
            for device in ("gpu", "cpu")
        )
        rates_here = [row["moved_bytes"] / row["ms"] for row in (gpu, host)]
        print(f"  {dtype}  GPU {rates_here[0] / 1e9:.2f} TB/s", end="")
        print(f"  CPU {rates_here[1] / 1e6:3.0f} GB/s", end="")
        print(f"  {host['ms']:.2f} ms, {host['ms'] / gpu['ms']:.0f} times")
    for name, key in [
        ("main memory to GPU, pinned", "to_device_bytes_per_s"),
        ("  pageable", "to_device_pageable_bytes_per_s"),
        ("copy in main memory, read and write", "cpu_copy_bytes_per_s"),
    ]:
        print(f"{name:36}{rates[key] / 1e9:5.0f} GB/s")
    assert rates["to_device_bytes_per_s"] < cpu


def gpu_bounds(row: dict[str, Any]) -> tuple[float, float]:
    """ms of a measured step: one maximum, and one for each part."""
    rates = RECORD["ceilings"]
    read, flops = rates["read_bytes_per_s"], rates["bf16_flop_per_s"]
    cache = row["batch"] * row["context"] * LLAMA3.cache
    weights = row["moved_bytes"] - cache  # 2 bytes each, 2 FLOP a token
    linear = max(weights / read, row["batch"] * weights / flops)
    bound = max(row["moved_bytes"] / read, row["flop"] / flops)
    return 1e3 * bound, 1e3 * (linear + cache / read)


if __name__ == "__main__":
    check_devices()
    check_batch()
    check_measured()
    check_offload()
    check_gpu()
