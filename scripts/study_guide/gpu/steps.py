"""Forward passes of a decoder: by batch, by length, by tokens in a pass;
a block on the GPU and on the CPU.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from study_guide.gpu import timing
from study_guide.gpu.bench import Bench, WrongResult, relative_error
from study_guide.gpu.decoder import (
    LLAMA_3_8B,
    SMALL,
    Decoder,
    attend_folded,
)

Tensor = Any
_CACHE, _SPEED = "kv-cache", "llm-inference-speed-gpu-vs-cpu"
_PAGED, _DRAFTS = "paged-attention", "speculative-decoding"


class Steps:
    """Forward passes of a decoder with Llama 3 8B's geometry."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.geometry = bench.pick(LLAMA_3_8B, SMALL)
        self.room = bench.pick(512 * 1024, 4096)
        if bench.device != "cpu":  # weights and activations besides
            free, _ = torch.cuda.mem_get_info()
            spare = free - 2 * self.geometry.parameters - 8 * 10**9
            self.room = min(self.room, spare // self.geometry.token_bytes())
        self.exact = _check_decoder(bench)
        self.model = Decoder(
            self.geometry, bench.device, torch.bfloat16, self.room
        )

    def step(
        self, batch: int, context: int, tokens: int
    ) -> Callable[[], Tensor]:
        """`tokens` new tokens a sequence; they are the last of `context`."""
        model, device = self.model, self.bench.device
        start = context - tokens
        ids = torch.randint(
            self.geometry.vocabulary, (batch, tokens), device=device
        )
        caches = model.cache(batch, context)
        angles = model.angles(start, tokens)
        # A prompt's logits are needed at its end, drafts' everywhere.
        last = tokens == context
        return lambda: model.next_tokens(ids, caches, start, angles, last)

    def work(self, batch: int, context: int, tokens: int) -> dict[str, Any]:
        """Operations and bytes that the pass needs."""
        geometry, prompt = self.geometry, tokens == context
        flop = geometry.flop(
            batch * tokens, context / 2 if prompt else context
        )
        if prompt:  # logits of the last position only
            head = geometry.vocabulary * geometry.width
            flop -= 2.0 * batch * (tokens - 1) * head
        cache = 0 if prompt else batch * context * geometry.token_bytes()
        moved = 2 * geometry.parameters + cache
        return {"flop": float(flop), "moved_bytes": int(moved)}

    def measure(
        self,
        slugs: Sequence[str],
        case: str,
        batch: int,
        context: int,
        tokens: int = 1,
        way: str = "graph",
    ) -> None:
        """A row on each page of `slugs`; none where the cache is too large."""
        if batch * context > self.room:
            return
        size = {"way": way, "batch": batch, "context": context}
        size["tokens"] = tokens
        with self.bench.attempt(slugs[0], case, **size):
            call = self.step(batch, context, tokens)
            took = self.bench.timed(way, call)
            more = self.work(batch, context, tokens)
            if way == "eager":
                more |= self.bench.kernels(call)
            for slug in slugs:
                self.bench.row(slug, case, **size, **took, **more)


def launches(bench: Bench) -> None:
    """Steps whose kernels are issued one by one."""
    steps, short = Steps(bench), bench.pick(512, 16)
    for batch in bench.pick((1, 8, 64, 512), (1,)):
        steps.measure([_SPEED], "decode", batch, short, way="eager")
    context = bench.pick(1024, 64)
    steps.measure([_CACHE], "with cache", 1, context, way="eager")


def batches(bench: Bench) -> None:
    """Decoding steps by batch and context."""
    steps, short = Steps(bench), bench.pick(512, 16)
    powers = bench.pick((1, 2, 4, 8, 16, 32, 64, 128, 256, 384, 512), (1, 4))
    for batch in powers:
        slugs = [_SPEED] + ([_PAGED] if batch in (8, 32, 128, 512) else [])
        steps.measure(slugs, "decode", batch, short)
    steps.measure([_PAGED], "decode", bench.pick(20, 2), short)
    for batch in bench.pick((1, 4, 8, 16, 32, 59), (1,)):
        steps.measure([_SPEED], "decode", batch, bench.pick(8192, 256))
    if bench.device != "cpu":
        steps.model.compile()
        for batch in (1, 32):
            steps.measure([_SPEED], "compiled", batch, short)


def lengths(bench: Bench) -> None:
    """A token with a cache and by running the whole prefix again."""
    steps = Steps(bench)
    for length in bench.pick((128, 512, 1024, 2048, 4096, 8192, 16384), (64,)):
        steps.measure([_CACHE], "with cache", 1, length)
        slugs = [_CACHE, _SPEED]
        steps.measure(slugs, "whole prefix", 1, length, length)
    _cache_bytes(bench)


def drafting(bench: Bench) -> None:
    """A step of one token and passes that verify several."""
    steps, context = Steps(bench), bench.pick(1024, 64)
    grid = [
        (batch, context)
        for context in bench.pick((128, 1024, 8192), (64,))
        for batch in bench.pick((1, 8, 32, 64, 128, 256), (1, 4))
    ]
    for batch, length in grid:
        steps.measure([_DRAFTS], "step", batch, length)
        if steps.exact:
            steps.measure([_DRAFTS], "step", batch, length, 5)
    # The same with a group's queries as rows of one tile.
    steps.model.attend = attend_folded
    for batch, length in grid:
        steps.measure([_DRAFTS], "folded", batch, length, 5)
    for tokens in bench.pick((2, 3, 9, 17), (2,)):
        steps.measure([_DRAFTS], "folded", 1, context, tokens)


def _check_decoder(bench: Bench) -> bool:
    """Whether several tokens behind a cache give what one pass gives; that
    one token does is taken for granted, and raises WrongResult if not."""
    geometry = replace(bench.pick(LLAMA_3_8B, SMALL), layers=2, vocabulary=64)
    model = Decoder(geometry, bench.device, torch.bfloat16, 64)
    x = model.head[torch.arange(64, device=bench.device)][None]

    def passes(*sizes: int) -> Tensor:
        start, parts, caches = 0, [], model.cache(1, 64)
        for size in sizes:
            part = x[:, start : start + size]
            angles = model.angles(start, size)
            parts.append(model.hidden(part, caches, start, angles))
            start += size
        return torch.cat(parts, dim=1)

    whole = passes(64)
    one_each = (58, *(1,) * 6)
    print(f"cache: relative error {relative_error(passes(*one_each), whole)}")
    try:
        error = relative_error(passes(50, 8, 5, 1), whole)
    except (RuntimeError, WrongResult) as wrong:
        print(f"several tokens behind a cache: {wrong}")
        return False
    print(f"several tokens behind a cache: relative error {error}")
    return True


def _cache_bytes(bench: Bench) -> None:
    """What PyTorch counts as allocated for caches, against the formula."""
    if bench.device == "cpu":
        return
    base = replace(LLAMA_3_8B, vocabulary=64)
    for kv_heads in (32, 8, 1):
        for tokens in (1000, 4096):
            timing.clean(bench.device)
            shape = (1, kv_heads, tokens, base.head_width)
            before = torch.cuda.memory_allocated()
            held_before = torch.cuda.memory_reserved()
            held = [
                torch.empty(shape, dtype=torch.bfloat16, device=bench.device)
                for _ in range(2 * base.layers)
            ]
            geometry = replace(base, kv_heads=kv_heads)
            bench.row(
                _CACHE,
                "bytes",
                kv_heads=kv_heads,
                tokens=tokens,
                allocated_bytes=torch.cuda.memory_allocated() - before,
                reserved_bytes=torch.cuda.memory_reserved() - held_before,
                formula_bytes=tokens * geometry.token_bytes(),
            )
            del held


def block(bench: Bench) -> None:
    """One decoder block of Llama 3 8B on the GPU and on the CPU."""
    geometry = replace(bench.pick(LLAMA_3_8B, SMALL), layers=1, vocabulary=16)
    context = bench.pick(512, 16)
    devices = (
        [bench.device] if bench.device == "cpu" else [bench.device, "cpu"]
    )
    for device in devices:
        for name, dtype in (
            ("bf16", torch.bfloat16),
            ("fp32", torch.float32),
            ("fp16", torch.float16),
        ):
            torch.set_float32_matmul_precision("highest")
            model = Decoder(geometry, device, dtype, 64 * context)
            for case, batch, tokens in (
                ("block", 1, 1),
                ("block", 64, 1),
                ("block prefill", 1, context),
            ):
                start = context - tokens
                x = torch.randn(
                    batch, tokens, geometry.width, device=device, dtype=dtype
                )
                caches = model.cache(batch, context)
                angles = model.angles(start, tokens)

                def call(
                    model: Decoder = model,
                    x: Tensor = x,
                    caches: Any = caches,
                    start: int = start,
                    angles: Any = angles,
                ) -> Tensor:
                    return model.hidden(x, caches, start, angles)

                number = 4 if name == "fp32" else 2
                moved = number * geometry.layer_parameters
                seen = context / 2 if tokens > 1 else context
                flop = batch * tokens * 2.0 * geometry.layer_parameters
                flop += 4.0 * batch * tokens * geometry.width * seen
                if tokens == 1:
                    moved += batch * context * geometry.token_bytes(number)
                size = {"batch": batch, "tokens": tokens, "context": context}
                where = "cpu" if device == "cpu" else "gpu"
                with bench.attempt(
                    _SPEED, case, device=where, dtype=name, **size
                ):
                    took = (
                        timing.time(call, "cpu")
                        if device == "cpu"
                        else timing.time_graph(call, device)
                    )
                    bench.row(
                        _SPEED,
                        case,
                        device=where,
                        dtype=name,
                        way="eager" if device == "cpu" else "graph",
                        **size,
                        **took.fields(),
                        moved_bytes=moved,
                        flop=flop,
                    )
            del model
            timing.clean(bench.device)
