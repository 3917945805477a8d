"""Launches and passes over memory, unfused and fused."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from study_guide.gpu import timing
from study_guide.gpu.bench import Bench, relative_error

Tensor = Any
_FUSION = "deepspeed-inference-kernel-fusion"


@dataclass(frozen=True)
class PlainLayer:
    """A pre-LN layer with biases: (inputs, outputs) matrices, gains."""

    qkv: Tensor
    b_qkv: Tensor
    out: Tensor
    b_out: Tensor
    up: Tensor
    b_up: Tensor
    down: Tensor
    b_down: Tensor
    norms: tuple[Tensor, Tensor, Tensor, Tensor]


def _plain_layer(d: int, device: str) -> PlainLayer:
    def matrix(inputs: int, outputs: int) -> Tensor:
        made = torch.empty(inputs, outputs, device=device, dtype=torch.float16)
        return made.normal_(0, inputs**-0.5)

    def bias(size: int) -> Tensor:
        return torch.randn(size, device=device, dtype=torch.float16)

    return PlainLayer(
        matrix(d, 3 * d),
        bias(3 * d),
        matrix(d, d),
        bias(d),
        matrix(d, 4 * d),
        bias(4 * d),
        matrix(4 * d, d),
        bias(d),
        (bias(d), bias(d), bias(d), bias(d)),
    )


def one_by_one(x: Tensor, w: PlainLayer) -> Tensor:
    """The page's 18 steps, x (T, d), an operator each; no mask."""
    t, d = x.shape
    a = F.layer_norm(x, (d,), w.norms[0], w.norms[1])
    a = a @ w.qkv
    a = a + w.b_qkv
    q, k, v = a.view(t, 3, d // 128, 128).permute(1, 2, 0, 3).contiguous()
    s = torch.baddbmm(q.new_empty(()), q, k.mT, beta=0, alpha=128**-0.5)
    s = torch.softmax(s, dim=-1)
    o = s @ v
    o = o.transpose(0, 1).reshape(t, d)
    o = o @ w.out
    o = o + w.b_out
    x = o + x
    m = F.layer_norm(x, (d,), w.norms[2], w.norms[3])
    f = m @ w.up
    f = f + w.b_up
    f = F.gelu(f)
    f = f @ w.down
    f = f + w.b_down
    return f + x


def fused_attention(x: Tensor, w: PlainLayer) -> Tensor:
    """The same with attention as one operator."""
    t, d = x.shape
    a = F.layer_norm(x, (d,), w.norms[0], w.norms[1]) @ w.qkv + w.b_qkv
    q, k, v = a.view(1, t, 3, d // 128, 128).permute(2, 0, 3, 1, 4)
    o = F.scaled_dot_product_attention(q, k, v)
    o = o[0].transpose(0, 1).reshape(t, d)
    x = o @ w.out + w.b_out + x
    m = F.layer_norm(x, (d,), w.norms[2], w.norms[3])
    return F.gelu(m @ w.up + w.b_up) @ w.down + w.b_down + x


def products_only(x: Tensor, w: PlainLayer) -> Tensor:
    """The four matrix products with the weights."""
    a = x @ w.qkv
    o = a[:, : x.shape[1]] @ w.out
    return (o @ w.up) @ w.down


def stretch(
    y: Tensor, bias: Tensor, x: Tensor, gain: Tensor, shift: Tensor
) -> tuple[Tensor, Tensor]:
    """Bias, residual, LayerNorm: both results are used further on."""
    y = y + bias
    x = y + x
    return x, F.layer_norm(x, (x.shape[-1],), gain, shift)


def fusion(bench: Bench) -> None:
    """Launches and passes over memory, unfused and fused by the compiler."""
    device = bench.device
    compile_ = bench.device != "cpu"
    for d in bench.pick((1024, 4096, 2048, 8192), (128,)):
        # Weights of several times the L2 cache in turn.
        layers = max(1, math.ceil(bench.pick(600, 0) * 1e6 / (24 * d * d)))
        stack = [_plain_layer(d, device) for _ in range(layers)]
        ways: list[tuple[str, Callable[[Tensor, PlainLayer], Tensor]]] = [
            ("unfused", one_by_one),
            ("products", products_only),
        ]
        if compile_ and d in (1024, 4096):
            torch._dynamo.reset()
            ways += [
                ("attention fused", fused_attention),
                ("compiled", torch.compile(fused_attention, dynamic=False)),
            ]
        counts = bench.pick((1, 16, 4096) if d == 4096 else (1,), (1, 4))
        for tokens in counts:
            x = torch.randn(tokens, d, device=device, dtype=torch.float16)
            wanted = one_by_one(x, stack[0])
            for case, layer in ways:

                def all_layers(
                    layer: Callable[[Tensor, PlainLayer], Tensor] = layer,
                    x: Tensor = x,
                    stack: Sequence[PlainLayer] = stack,
                ) -> None:
                    for w in stack:
                        layer(x, w)

                size = {"width": d, "tokens": tokens, "layers": layers}
                with bench.attempt(_FUSION, case, **size):
                    made = layer(x, stack[0])
                    error = None
                    if case != "products":
                        error = relative_error(made, wanted)
                    count = bench.kernels(
                        lambda x=x, w=stack[0], f=layer: f(x, w)  # type: ignore[misc]
                    )
                    for way in ("graph", "eager"):
                        took = bench.timed(way, all_layers, layers)
                        bench.row(
                            _FUSION,
                            case,
                            way=way,
                            **size,
                            **took,
                            **count,
                            moved_bytes=24 * d * d,
                            flop=24.0 * tokens * d * d,
                            error=error,
                        )
        del stack
        timing.clean(device)
    _stretch(bench, compile_)


def _stretch(bench: Bench, compile_: bool) -> None:
    d, sets = bench.pick(4096, 64), 8
    for rows in bench.pick((4096, 1), (4,)):
        given = [
            [
                torch.randn(*shape, device=bench.device, dtype=torch.float16)
                for shape in ((rows, d), (d,), (rows, d), (d,), (d,))
            ]
            for _ in range(sets)
        ]
        cases: list[tuple[str, Any, int]] = [("stretch unfused", stretch, 7)]
        if compile_:
            made = torch.compile(stretch, dynamic=False)
            cases.append(("stretch compiled", made, 4))
        for case, call, passes in cases:

            def all_sets(call: Any = call, given: Any = given) -> None:
                for one in given:
                    call(*one)

            with bench.attempt(_FUSION, case, tokens=rows, width=d):
                count = bench.kernels(
                    lambda c=call, g=given[0]: c(*g)  # type: ignore[misc]
                )
                for way in ("graph", "eager"):
                    took = bench.timed(way, all_sets, sets)
                    bench.row(
                        _FUSION,
                        case,
                        way=way,
                        tokens=rows,
                        width=d,
                        **took,
                        **count,
                        moved_bytes=2 * passes * rows * d,
                    )
