"""A linear layer in 16 bits, in INT8 and in FP8."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from study_guide.gpu.bench import Bench, relative_error

Tensor = Any
_INT8 = "int8-vs-fp16-speed"


def products(bench: Bench) -> None:
    """A linear layer in 16 and in 8 bits, by the number of tokens."""
    powers = bench.pick(tuple(2**i for i in range(14)), (1, 32))
    for outputs, inputs in bench.pick(
        ((4096, 4096), (14336, 4096)), ((512, 1024),)
    ):
        tokens = powers if outputs == inputs else powers[::3]
        _layer_products(bench, outputs, inputs, tokens, powers[::3])


def padded_product(x8: Tensor, w8: Tensor) -> Tensor:
    """INT8 product with INT32 sums; cuBLAS wants more than 16 rows here."""
    rows = x8.shape[0]
    if rows <= 16:
        x8 = F.pad(x8, (0, 0, 0, 32 - rows))
    return torch._int_mm(x8, w8.t())[:rows]


@dataclass(frozen=True)
class Product:
    """One way to multiply: what of x and w it reads and writes, in bytes a
    number, and how x has to be given."""

    call: Callable[[Tensor, int], Tensor]
    weight: int = 1
    given: int = 2
    result: int = 2
    prepare: Callable[[Tensor], Tensor] = lambda x: x
    whole: bool = True  # gives what the layer gives, not the product alone


def _layer_products(
    bench: Bench,
    outputs: int,
    inputs: int,
    tokens: Sequence[int],
    few: Sequence[int],
) -> None:
    """All ways for each number of `tokens`, those in `few` eagerly too."""
    device, kernels = bench.device, _triton_kernels(bench.device)
    layers = bench.pick(16 if outputs == inputs else 5, 2)
    weights = [
        torch.randn(outputs, inputs, device=device) * inputs**-0.5
        for _ in range(layers)
    ]
    scales = [one.abs().amax(dim=1) / 127 for one in weights]
    codes = [
        (one / scale[:, None]).round().to(torch.int8)
        for one, scale in zip(weights, scales, strict=True)
    ]
    halves = [one.half() for one in weights]
    eighths = [one.to(torch.float8_e4m3fn) for one in weights]
    scales16 = [one.half() for one in scales]
    unit = torch.ones((), device=device)

    def w8a16_apart(x: Tensor, i: int) -> Tensor:
        return F.linear(x, codes[i] * scales16[i][:, None])

    def w8a8_eager(x: Tensor, i: int) -> Tensor:
        step = x.abs().amax(dim=1, keepdim=True).float() / 127
        x8 = (x / step).round().to(torch.int8)
        return (padded_product(x8, codes[i]) * step * scales[i]).half()

    def w8a8_kernels(x: Tensor, i: int) -> Tensor:
        x8, step = kernels.quantize_rows(x)
        return kernels.rescale(padded_product(x8, codes[i]), step, scales[i])

    def fp8(x: Tensor, i: int) -> Tensor:
        return torch._scaled_mm(
            x,
            eighths[i].t(),
            unit,
            unit,
            out_dtype=torch.bfloat16,
            use_fast_accum=True,
        )

    ways = {
        "fp16": Product(lambda x, i: F.linear(x, halves[i]), weight=2),
        "w8a16 apart": Product(w8a16_apart),
        "w8a8 eager": Product(w8a8_eager),
        "int8 product": Product(
            lambda x, i: torch._int_mm(x, codes[i].t()),
            given=1,
            result=4,
            prepare=lambda x: (20 * x).to(torch.int8),
            whole=False,
        ),
        "fp8 product": Product(
            fp8,
            given=1,
            prepare=lambda x: x.to(torch.float8_e4m3fn),
            whole=False,
        ),
    }
    if kernels is not None:
        ways["w8a16 fused"] = Product(
            lambda x, i: kernels.w8a16(x, codes[i], scales[i])
        )
        ways["w8a8 kernels"] = Product(w8a8_kernels)
    for m in tokens:
        x = torch.randn(m, inputs, device=device, dtype=torch.float16)
        wanted = F.linear(x.float(), halves[0].float())
        for case, product in ways.items():
            given = product.prepare(x)
            moved = product.weight * outputs * inputs
            moved += product.given * m * inputs + product.result * m * outputs

            def all_layers(
                product: Product = product, given: Tensor = given
            ) -> None:
                for i in range(layers):
                    product.call(given, i)

            for way in ("graph", "eager"):
                if way == "eager" and not (product.whole and m in few):
                    continue
                size: dict[str, Any] = {"way": way, "tokens": m}
                size |= {"outputs": outputs, "width": inputs}
                size["flop"] = 2.0 * m * outputs * inputs
                with bench.attempt(_INT8, case, **size):
                    error = None
                    if product.whole:
                        made = product.call(given, 0)
                        error = relative_error(made, wanted, 0.03)
                    count = bench.kernels(
                        lambda p=product, x=given: p.call(x, 0)  # type: ignore[misc]
                    )
                    bench.row(
                        _INT8,
                        case,
                        **size,
                        **bench.timed(way, all_layers, layers),
                        moved_bytes=moved,
                        error=error,
                        **count,
                    )


def _triton_kernels(device: str) -> Any:
    """The module of kernels, or None where Triton cannot run."""
    if device == "cpu" and not os.environ.get("TRITON_INTERPRET"):
        return None
    try:
        from study_guide.gpu import kernels as found
    except ImportError:
        return None
    return found
