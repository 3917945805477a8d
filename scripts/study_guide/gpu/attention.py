"""Attention: naive against fused, and heads that share keys and values."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from study_guide.gpu import timing
from study_guide.gpu.bench import Bench, hidden_pairs, relative_error

Tensor = Any
GIB = 2**30
_FLASH = "flash-attention"


def naive(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None) -> Tensor:
    """Scores written, read by softmax, weights written and read."""
    score = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if hidden is not None:
        score.masked_fill_(hidden, -math.inf)
    score = torch.softmax(score, dim=-1)
    return score @ v


def attention(bench: Bench) -> None:
    """Time and peak memory against length, heads of 64 and 128."""
    device, heads = bench.device, bench.pick(16, 2)
    lengths = bench.pick((512, 1024, 2048, 4096, 8192, 16384, 32768), (64,))
    for length in lengths:
        _naive_parts(bench, heads, length)
    for width in (128, 64):
        for length in lengths:
            shape = (1, heads, length, width)
            q, k, v = (
                torch.randn(shape, device=device, dtype=torch.bfloat16)
                for _ in range(3)
            )
            for causal in (False, True):
                pairs = length * (length + 1) / 2 if causal else length**2
                size = {
                    "head_width": width,
                    "length": length,
                    "heads": heads,
                    "causal": causal,
                    "flop": 4.0 * heads * width * pairs,
                }
                _naive_row(bench, (q, k, v), size)
                for case in _FUSED:
                    _fused_row(bench, case, (q, k, v), size)
    _training(bench, lengths)


_FUSED = {
    "flash": SDPBackend.FLASH_ATTENTION,
    "cudnn": SDPBackend.CUDNN_ATTENTION,
}


def _naive_row(
    bench: Bench, given: Sequence[Tensor], size: dict[str, Any]
) -> None:
    q, k, v = given

    def whole() -> Tensor:
        hidden = None
        if size["causal"]:
            hidden = hidden_pairs(size["length"], bench.device)
        return naive(q, k, v, hidden)

    with bench.attempt(_FLASH, "naive", **size):
        peak = timing.peak_bytes(whole, bench.device)
        hidden = None
        if size["causal"]:
            hidden = hidden_pairs(size["length"], bench.device)
        for way in _ways(size):
            took = bench.timed(way, lambda: naive(q, k, v, hidden))
            bench.row(
                _FLASH, "naive", way=way, **size, **took, peak_bytes=peak
            )


def _ways(size: dict[str, Any]) -> tuple[str, ...]:
    """Short lengths are timed with their launches too."""
    return ("graph", "eager") if size["length"] <= 2048 else ("graph",)


def _naive_parts(bench: Bench, heads: int, length: int) -> None:
    """The three steps of naive attention, heads of 64, no mask."""
    q, k, v = torch.randn(
        3, 1, heads, length, 64, device=bench.device, dtype=torch.bfloat16
    )
    matrix = heads * length**2 * 2
    rows = heads * length * 64 * 2
    size = {"head_width": 64, "length": length, "heads": heads}
    with bench.attempt(_FLASH, "scores", **size):
        score = q @ k.mT
        cases: dict[str, tuple[Callable[[], Tensor], int]] = {
            "scores": (lambda: q @ k.mT, matrix + 2 * rows),
            "softmax": (lambda: torch.softmax(score, dim=-1), 2 * matrix),
            "weighted sum": (lambda: score @ v, matrix + 2 * rows),
        }
        for case, (call, moved) in cases.items():
            took = bench.graph(call)
            bench.row(_FLASH, case, **size, **took, moved_bytes=moved)


def _fused_row(
    bench: Bench, case: str, given: Sequence[Tensor], size: dict[str, Any]
) -> None:
    q, k, v = given

    def run() -> Tensor:
        return F.scaled_dot_product_attention(
            q, k, v, is_causal=size["causal"]
        )

    with bench.attempt(_FLASH, case, **size), sdpa_kernel(_FUSED[case]):
        error = None
        if size["length"] <= 1024:
            hidden = None
            if size["causal"]:
                hidden = hidden_pairs(size["length"], bench.device)
            wanted = naive(q.float(), k.float(), v.float(), hidden)
            error = relative_error(run(), wanted)
        peak = timing.peak_bytes(run, bench.device)
        for way in _ways(size):
            bench.row(
                _FLASH,
                case,
                way=way,
                **size,
                **bench.timed(way, run),
                peak_bytes=peak,
                moved_bytes=4 * given[0].numel() * 2,
                error=error,
            )


def _training(bench: Bench, lengths: Sequence[int]) -> None:
    """Forward and backward, and the shape of the first paper's figure 2."""
    device = bench.device
    shapes = [
        (1, bench.pick(16, 2), n)
        for n in lengths
        if n in (64, 2048, 4096, 8192, 16384)
    ]
    shapes.append(bench.pick((64, 16, 1024), (2, 2, 64)))
    for batch, heads, length in shapes:
        shape = (batch, heads, length, 64)
        q, k, v = (
            torch.randn(
                shape, device=device, dtype=torch.bfloat16, requires_grad=True
            )
            for _ in range(3)
        )
        back = torch.randn(shape, device=device, dtype=torch.bfloat16)

        def plain(x: Any = (q, k, v)) -> Tensor:
            return naive(x[0], x[1], x[2], None)

        def flash(x: Any = (q, k, v)) -> Tensor:
            with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
                return F.scaled_dot_product_attention(*x)

        for case, call, products in ("naive", plain, 6), ("flash", flash, 7):
            size = {"head_width": 64, "length": length, "heads": heads}
            size |= {"batch": batch, "causal": False, "backward": True}
            size["flop"] = 2.0 * products * batch * heads * length**2 * 64

            def both(
                call: Callable[[], Tensor] = call,
                x: Any = (q, k, v),
                back: Tensor = back,
            ) -> object:
                return torch.autograd.grad(call(), x, back)

            with bench.attempt(_FLASH, case, **size):
                peak = timing.peak_bytes(both, device)
                took = bench.eager(both)
                bench.row(_FLASH, case, **size, **took, peak_bytes=peak)


_SHARED = "mha-gqa-mqa"


def sharing(bench: Bench) -> None:
    """Attention of a decoding step, and of prefill, by KV heads."""
    heads, width = bench.pick(32, 4), bench.pick(128, 16)
    for length in bench.pick((1024, 8192), (64,)):
        for kv_heads in bench.pick((32, 8, 4, 2, 1), (4, 2, 1)):
            size = {
                "heads": heads,
                "kv_heads": kv_heads,
                "length": length,
                "head_width": width,
            }
            _shared_decode(bench, bench.pick(32, 2), size)
            _shared_prefill(bench, size)


def _shared_decode(bench: Bench, batch: int, size: dict[str, int]) -> None:
    heads, kv_heads = size["heads"], size["kv_heads"]
    length, width = size["length"], size["head_width"]
    one = 2 * batch * kv_heads * length * width * 2
    # As many layers in turn as fill 2 GiB, but at most 16.
    layers = max(1, min(16, 2 * GIB // one))

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, device=bench.device, dtype=torch.bfloat16)

    with bench.attempt(_SHARED, "decode", batch=batch, **size):
        caches = normal(layers, 2, batch, kv_heads, length, width)
        q = normal(batch, heads, 1, width)

        def grouped() -> Tensor:
            for k, v in caches:
                o = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
            return o

        def repeated() -> Tensor:
            for both in caches:
                k, v = both.repeat_interleave(heads // kv_heads, dim=2)
                o = F.scaled_dot_product_attention(q, k, v)
            return o

        backends = [SDPBackend.FLASH_ATTENTION]
        if bench.device == "cpu":
            backends.append(SDPBackend.MATH)
        for case, call in ("decode", grouped), ("repeated", repeated):
            with sdpa_kernel(backends):
                error = relative_error(grouped(), repeated())
                count = bench.kernels(call)
                if count["kernels"]:
                    count["kernels"] //= layers
                bench.row(
                    _SHARED,
                    case,
                    batch=batch,
                    **size,
                    **bench.graph(call, layers),
                    moved_bytes=one,
                    flop=4.0 * batch * heads * width * length,
                    peak_bytes=timing.peak_bytes(call, bench.device),
                    error=error,
                    **count,
                )


def _shared_prefill(bench: Bench, size: dict[str, int]) -> None:
    heads, length, width = size["heads"], size["length"], size["head_width"]

    def normal(heads: int) -> Tensor:
        shape = (1, heads, length, width)
        return torch.randn(shape, device=bench.device, dtype=torch.bfloat16)

    with bench.attempt(_SHARED, "prefill", batch=1, **size):
        q, k, v = (normal(n) for n in (heads, *(size["kv_heads"],) * 2))
        took = bench.graph(
            lambda: F.scaled_dot_product_attention(
                q, k, v, is_causal=True, enable_gqa=True
            )
        )
        pairs = length * (length + 1) / 2
        flop = 4.0 * heads * width * pairs
        bench.row(_SHARED, "prefill", batch=1, **size, **took, flop=flop)
