"""The caching allocator: what it holds, and what that costs."""

import time as clock
from typing import Any

import torch

from study_guide.gpu import timing
from study_guide.gpu.bench import Bench
from study_guide.gpu.decoder import Geometry

Tensor = Any
_MEMORY = "inference-gpu-memory-growth"
_LLAMA_2_7B = Geometry(32, 4096, 32, 32, 11_008, 32_000)


def allocator(bench: Bench) -> None:
    """The two requests of the page's example, with default segments."""
    _two_requests(bench, "default")
    _growth(bench)


def expandable(bench: Bench) -> None:
    """The same with expandable segments."""
    if bench.device == "cpu":
        return
    torch.cuda.init()
    new = getattr(torch._C, "_accelerator_setAllocatorSettings", None)
    choose = new or torch.cuda.memory._set_allocator_settings
    choose("expandable_segments:True")
    _two_requests(bench, "expandable")


def _two_requests(bench: Bench, way: str) -> None:
    if bench.device == "cpu":
        return
    torch.cuda.init()
    g, batch = _LLAMA_2_7B, 8
    step = 0

    def empty(size: int) -> Tensor:
        return torch.empty(size, dtype=torch.uint8, device=bench.device)

    def note(phase: str) -> None:
        nonlocal step
        step += 1
        stats = torch.cuda.memory_stats()
        free, total = torch.cuda.mem_get_info()
        bench.row(
            _MEMORY,
            "requests",
            way=way,
            phase=phase,
            steps=step,
            allocated_bytes=torch.cuda.memory_allocated(),
            reserved_bytes=torch.cuda.memory_reserved(),
            inactive_bytes=stats["inactive_split_bytes.all.current"],
            driver_bytes=total - free,
            driver_calls=stats["num_device_alloc"],
        )

    note("start")
    weights = []
    for _ in range(g.layers):
        for columns in (g.width,) * 4 + (g.inner,) * 3:
            weights.append(empty(2 * g.width * columns))
        weights += [empty(2 * g.width) for _ in range(2)]
    weights += [empty(2 * g.vocabulary * g.width) for _ in range(2)]
    weights.append(empty(2 * g.width))
    note("loaded")
    for prompt, new in (1024, 512), (1500, 512):
        cache = []
        for _ in range(g.layers):
            cache += [empty(2 * batch * prompt * g.width) for _ in range(2)]
            widths = (g.width,) * 6 + (g.inner,) * 3
            inner = [empty(2 * batch * prompt * one) for one in widths]
            note("prefill")
            while inner:  # in the order of the example
                inner.pop(0)
        logits = empty(4 * batch * prompt * g.vocabulary)
        note("logits")
        del logits
        note("prefilled")
        for length in range(prompt + 1, prompt + new + 1):
            for i in range(len(cache)):
                cache[i] = empty(2 * batch * length * g.width)
            if length % 16 == 0:
                note("decode")
        note("decoded")
        while cache:
            cache.pop(0)
        note("finished")
    torch.cuda.empty_cache()
    note("empty_cache")
    del weights


def _growth(bench: Bench) -> None:
    """A step's time where the cache grows by concatenation, and in place."""
    if bench.device == "cpu":
        return
    g, batch, prompt = _LLAMA_2_7B, 8, 1024
    new = torch.randn(
        batch, g.heads, 1, 128, dtype=torch.bfloat16, device=bench.device
    )

    def run(case: str) -> None:
        timing.clean(bench.device)
        length = prompt + (64 if case == "in place" else 0)
        shape = (batch, g.heads, length, 128)
        cache = [
            torch.zeros(shape, dtype=torch.bfloat16, device=bench.device)
            for _ in range(2 * g.layers)
        ]
        times = []
        calls = torch.cuda.memory_stats()["num_device_alloc"]
        for step in range(48):
            torch.cuda.synchronize()
            started = clock.perf_counter()
            for i, old in enumerate(cache):
                if case == "in place":
                    old[:, :, prompt + step : prompt + step + 1] = new
                else:
                    cache[i] = torch.cat((old, new), dim=2)
                    del old
            if case == "emptied":
                torch.cuda.empty_cache()
            torch.cuda.synchronize()
            if step >= 8:
                times.append(1e3 * (clock.perf_counter() - started))
        more = torch.cuda.memory_stats()["num_device_alloc"] - calls
        bench.row(
            _MEMORY,
            case,
            batch=batch,
            context=prompt,
            steps=48,
            **timing.summary(times, 1).fields(),
            driver_calls=more,
        )

    for case in ("in place", "concatenated", "emptied"):
        run(case)
    _prefill_allocations(bench)


def _prefill_allocations(bench: Bench) -> None:
    """The blocks of a prefill taken and freed, from the cache and after
    `empty_cache`; wall time, nothing is computed."""
    g, batch, prompt = _LLAMA_2_7B, 8, 1024

    def take() -> None:
        cache = []
        for _ in range(g.layers):
            sizes = (g.width,) * 8 + (g.inner,) * 3
            blocks = [
                torch.empty(
                    2 * batch * prompt * one,
                    dtype=torch.uint8,
                    device=bench.device,
                )
                for one in sizes
            ]
            cache += blocks[:2]

    for case in ("blocks cached", "blocks emptied"):
        times = []
        calls = torch.cuda.memory_stats()["num_device_alloc"]
        for repeat in range(23):
            torch.cuda.synchronize()
            started = clock.perf_counter()
            take()
            if case == "blocks emptied":
                torch.cuda.empty_cache()
            torch.cuda.synchronize()
            if repeat >= 3:
                times.append(1e3 * (clock.perf_counter() - started))
        more = torch.cuda.memory_stats()["num_device_alloc"] - calls
        bench.row(
            _MEMORY,
            case,
            batch=batch,
            context=prompt,
            steps=23,
            **timing.summary(times, 1).fields(),
            driver_calls=more,
        )
