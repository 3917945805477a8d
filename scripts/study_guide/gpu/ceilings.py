"""What the card and the memory beside it can do, at best."""

from collections.abc import Callable
from typing import Any

import torch

from study_guide.gpu.timing import time, time_graph

Tensor = Any
MIB, GIB = 2**20, 2**30


def ceilings(device: str, tiny: bool) -> dict[str, float]:
    """Rates a second that the other measurements are held against."""
    found: dict[str, float] = {}
    bulk = MIB if tiny else 4 * GIB

    def rate(name: str, amount: float, call: Callable[[], object]) -> None:
        try:
            found[name] = amount / time(call, device).ms * 1e3
        except (RuntimeError, NotImplementedError) as error:
            print(f"{name}: {str(error).splitlines()[0]}", flush=True)

    source = torch.empty(bulk, dtype=torch.uint8, device=device).random_()
    target = torch.empty_like(source)
    rate("copy_bytes_per_s", 2 * bulk, lambda: target.copy_(source))
    floats = source.view(torch.int32)
    rate("read_bytes_per_s", bulk, lambda: floats.amax())

    n = 128 if tiny else 8192
    a = torch.randn(n, n, device=device)
    b = torch.randn(n, n, device=device)
    for name, dtype in ("bf16", torch.bfloat16), ("fp16", torch.float16):
        x, y = a.to(dtype), b.to(dtype)
        rate(f"{name}_flop_per_s", 2.0 * n**3, lambda x=x, y=y: x @ y)  # type: ignore[misc]
    rate("fp32_flop_per_s", 2.0 * n**3, lambda: a @ b)
    torch.set_float32_matmul_precision("high")
    rate("tf32_flop_per_s", 2.0 * n**3, lambda: a @ b)
    torch.set_float32_matmul_precision("highest")
    x8 = torch.randint(-127, 128, (n, n), dtype=torch.int8, device=device)
    w8 = torch.randint(-127, 128, (n, n), dtype=torch.int8, device=device)
    rate("int8_flop_per_s", 2.0 * n**3, lambda: torch._int_mm(x8, w8.t()))
    xf, wf = (one.to(torch.float8_e4m3fn) for one in (a, b))
    unit = torch.ones((), device=device)

    def fp8() -> Tensor:
        return torch._scaled_mm(
            xf,
            wf.t(),
            unit,
            unit,
            out_dtype=torch.bfloat16,
            use_fast_accum=True,
        )

    rate("fp8_flop_per_s", 2.0 * n**3, fp8)

    one = torch.zeros(1, device=device)
    many = 50 if tiny else 500

    def launches() -> None:
        for _ in range(many):
            one.add_(1)

    found["launch_ms"] = time(launches, device, inside=many).ms
    found["graph_launch_ms"] = time_graph(launches, device, many).ms
    if device != "cpu":
        size = MIB if tiny else GIB
        host = torch.empty(size, dtype=torch.uint8, pin_memory=True)
        host.random_()
        there = target[:size]
        rate("to_device_bytes_per_s", size, lambda: there.copy_(host))
        rate("from_device_bytes_per_s", size, lambda: host.copy_(there))
        plain = host.clone()
        rate(
            "to_device_pageable_bytes_per_s", size, lambda: there.copy_(plain)
        )
    return {name: float(f"{value:.5g}") for name, value in found.items()}


def cpu_ceilings(tiny: bool) -> dict[str, float]:
    """Copying and reading in main memory, with all threads."""
    size = MIB if tiny else 2 * GIB
    source = torch.ones(size // 4)
    target = torch.zeros(size // 4)
    copy = time(lambda: target.copy_(source), "cpu").ms
    read = time(lambda: source.sum(), "cpu").ms
    return {
        "cpu_copy_bytes_per_s": float(f"{2 * size / copy * 1e3:.5g}"),
        "cpu_read_bytes_per_s": float(f"{size / read * 1e3:.5g}"),
    }
