"""Triton kernels that the measurements of INT8 need and PyTorch lacks.

Each is the plain version that a textbook would give: no tuning beyond a
choice among a few tile sizes. Importing this module needs Triton.
"""

from typing import Any

import torch
import triton
import triton.language as tl

Tensor = Any


def _tiles() -> list[Any]:
    """Tokens, outputs and inputs of a tile; warps; loads in flight."""
    small = [(16, n, k, 4, 4) for n, k in ((16, 512), (32, 256), (32, 512))]
    large = [(64, 64, 64, 4, 4), (128, 128, 64, 8, 3), (128, 256, 64, 8, 3)]
    return [
        triton.Config(
            {"ROWS": m, "COLUMNS": n, "DEPTH": k},
            num_warps=warps,
            num_stages=stages,
        )
        for m, n, k, warps, stages in small + large
    ]


def _fitting(configs: list[Any], arguments: Any, **_: Any) -> list[Any]:
    """Tiles of 16 rows for few tokens, larger ones for many."""
    few = arguments["m"] <= 32
    return [one for one in configs if (one.kwargs["ROWS"] == 16) == few]


def _w8a16(
    x: tl.tensor,
    w: tl.tensor,
    scale: tl.tensor,
    y: tl.tensor,
    m: tl.tensor,
    n: tl.tensor,
    k: tl.tensor,
    bucket: tl.tensor,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
) -> None:
    row = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    depth = tl.arange(0, DEPTH)
    total = tl.zeros((ROWS, COLUMNS), dtype=tl.float32)
    for start in range(0, k, DEPTH):
        at = start + depth
        a = tl.load(
            x + row[:, None] * k + at[None, :],
            mask=row[:, None] < m,
            other=0.0,
        )
        # Half the bytes come from memory; FP16 exists in registers alone.
        b = tl.load(w + column[None, :] * k + at[:, None]).to(tl.float16)
        total = tl.dot(a, b, total)
    total = total * tl.load(scale + column)[None, :]
    at = y + row[:, None] * n + column[None, :]
    tl.store(at, total.to(tl.float16), mask=row[:, None] < m)


def _quantize(
    x: tl.tensor,
    codes: tl.tensor,
    scale: tl.tensor,
    k: tl.tensor,
    WIDTH: tl.constexpr,
) -> None:
    row = tl.program_id(0)
    at = tl.arange(0, WIDTH)
    value = tl.load(x + row * k + at, mask=at < k, other=0.0).to(tl.float32)
    step = tl.max(tl.abs(value), axis=0) / 127.0
    rounded = value / step + tl.where(value < 0, -0.5, 0.5)
    tl.store(codes + row * k + at, rounded.to(tl.int8), mask=at < k)
    tl.store(scale + row, step)


def _rescale(
    total: tl.tensor,
    row_scale: tl.tensor,
    scale: tl.tensor,
    y: tl.tensor,
    n: tl.tensor,
    WIDTH: tl.constexpr,
) -> None:
    row = tl.program_id(0)
    column = tl.program_id(1) * WIDTH + tl.arange(0, WIDTH)
    inside = column < n
    value = tl.load(total + row * n + column, mask=inside).to(tl.float32)
    step = tl.load(row_scale + row) * tl.load(scale + column, mask=inside)
    result = (value * step).to(tl.float16)
    tl.store(y + row * n + column, result, mask=inside)


_w8a16_kernel = triton.autotune(
    configs=_tiles(),
    key=["n", "k", "bucket"],
    prune_configs_by={"early_config_prune": _fitting},
)(triton.jit(_w8a16))
_quantize_kernel = triton.jit(_quantize)
_rescale_kernel = triton.jit(_rescale)


def w8a16(x: Tensor, codes: Tensor, scale: Tensor) -> Tensor:
    """x (m, k) in FP16 times INT8 codes (n, k), restored in registers."""
    (m, k), n = x.shape, codes.shape[0]
    y = torch.empty(m, n, dtype=x.dtype, device=x.device)
    bucket = m.bit_length()

    def grid(tile: Any) -> tuple[int, int]:
        return triton.cdiv(n, tile["COLUMNS"]), triton.cdiv(m, tile["ROWS"])

    _w8a16_kernel[grid](x, codes, scale, y, m, n, k, bucket)
    return y


def quantize_rows(x: Tensor) -> tuple[Tensor, Tensor]:
    """INT8 codes (m, k) and a scale a row, in one pass over x."""
    m, k = x.shape
    codes = torch.empty(m, k, dtype=torch.int8, device=x.device)
    scale = torch.empty(m, dtype=torch.float32, device=x.device)
    width = triton.next_power_of_2(k)
    _quantize_kernel[(m,)](x, codes, scale, k, WIDTH=width, num_warps=8)
    return codes, scale


def rescale(total: Tensor, row_scale: Tensor, scale: Tensor) -> Tensor:
    """INT32 sums (m, n) times both scales, to FP16."""
    m, n = total.shape
    y = torch.empty(m, n, dtype=torch.float16, device=total.device)
    _rescale_kernel[(m, triton.cdiv(n, 1024))](
        total, row_scale, scale, y, n, WIDTH=1024
    )
    return y
