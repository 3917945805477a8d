"""A decoder with the geometry of a real model and random weights.

A step takes as long as its shapes ask for, wherever it waits for memory.
Where a large product keeps the card at its power limit, the values count
too: random ones draw more power than others may, and the clock follows.

RMSNorm, RoPE, grouped-query attention, SwiGLU, no biases.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

Tensor = Any


@dataclass(frozen=True)
class Geometry:
    """Sizes of a decoder, in the symbols L, d, h, h_kv, d_ff and |V|."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    inner: int
    vocabulary: int

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def layer_parameters(self) -> int:
        """Of a layer's matrices."""
        attention = self.width * (2 * self.heads + 2 * self.kv_heads)
        return attention * self.head_width + 3 * self.width * self.inner

    @property
    def parameters(self) -> int:
        """That a step reads: all layers' and the output head's."""
        head = self.vocabulary * self.width
        return self.layers * self.layer_parameters + head

    def token_bytes(self, number: int = 2) -> int:
        """Of the cache, with `number` bytes a number."""
        return 2 * self.layers * self.kv_heads * self.head_width * number

    def flop(self, tokens: int, seen: float) -> float:
        """For `tokens` tokens that see `seen` keys each on average."""
        score = 4 * self.layers * self.heads * self.head_width * seen
        return tokens * (2 * self.parameters + score)


LLAMA_3_8B = Geometry(32, 4096, 32, 8, 14336, 128_256)
SMALL = Geometry(2, 64, 4, 2, 128, 256)


@dataclass(frozen=True)
class Layer:
    """Matrices (outputs, inputs) and the gains of the two norms."""

    qkv: Tensor
    out: Tensor
    gate_up: Tensor
    down: Tensor
    norms: tuple[Tensor, Tensor]


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of n queries that are the last n of the keys' positions.

    q (B, h, n, d_k), k and v (B, h_kv, t, d_k). Where n is neither 1 nor t
    the causal mask has to end at the lower right, which PyTorch's public
    function does not offer together with grouped queries.
    """
    n, t = q.shape[2], k.shape[2]
    if n == 1 or n == t:
        return F.scaled_dot_product_attention(
            q, k, v, is_causal=n > 1, enable_gqa=True
        )
    if q.is_cuda:
        flash = torch.ops.aten._scaled_dot_product_flash_attention
        return flash(q, k, v, 0.0, True)[0]
    seen = torch.ones(n, t, dtype=torch.bool).tril(t - n)
    return F.scaled_dot_product_attention(
        q, k, v, attn_mask=seen, enable_gqa=True
    )


def attend_folded(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """The same with the queries of a group as rows of one, so that each key
    and value is read once, as kernels made for serving do.

    For timing alone: the mask among the last n is left out, which changes
    neither bytes nor shapes.
    """
    b, h, n, d = q.shape
    rows = q.reshape(b, k.shape[1], h // k.shape[1] * n, d)
    return F.scaled_dot_product_attention(rows, k, v).reshape(b, h, n, d)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE with channels in halves."""
    one, other = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-other, one), dim=-1) * sin


class Decoder:
    """Random weights of one geometry and a buffer to hold caches."""

    def __init__(
        self, geometry: Geometry, device: str, dtype: Any, room: int = 0
    ) -> None:
        """`room` is the number of cached tokens, over all sequences."""
        self.geometry, self.device, self.dtype = geometry, device, dtype
        self.attend = attend
        g, d = geometry, geometry.width
        qkv = (g.heads + 2 * g.kv_heads) * g.head_width
        self.layers = [
            Layer(
                self._matrix(qkv, d),
                self._matrix(d, d),
                self._matrix(2 * g.inner, d),
                self._matrix(d, g.inner),
                (self._gain(), self._gain()),
            )
            for _ in range(g.layers)
        ]
        self.final = self._gain()
        self.head = self._matrix(g.vocabulary, d)
        numbers = room * g.token_bytes(1)
        self.room = self._random(numbers) if room else None

    def _random(self, *shape: int) -> Tensor:
        made = torch.empty(*shape, device=self.device, dtype=self.dtype)
        return made.normal_(0, 1)

    def _matrix(self, outputs: int, inputs: int) -> Tensor:
        return self._random(outputs, inputs).mul_(inputs**-0.5)

    def _gain(self) -> Tensor:
        one = torch.ones(self.geometry.width, device=self.device)
        return one.to(self.dtype)

    def cache(self, batch: int, length: int) -> list[tuple[Tensor, Tensor]]:
        """Keys and values a layer, (B, h_kv, length, d_k), in the room."""
        g = self.geometry
        shape = (g.layers, 2, batch, g.kv_heads, length, g.head_width)
        size = 1
        for one in shape:
            size *= one
        assert self.room is not None
        both = self.room[:size].view(shape)
        return [(layer[0], layer[1]) for layer in both]

    def angles(self, start: int, count: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of positions, (count, d_k)."""
        width = self.geometry.head_width
        rate = 500_000.0 ** -(torch.arange(0, width, 2) / width)
        angle = torch.arange(start, start + count)[:, None] * rate
        angle = torch.cat((angle, angle), dim=-1).to(self.device)
        return angle.cos().to(self.dtype), angle.sin().to(self.dtype)

    def project(
        self, x: Tensor, layer: Layer, angles: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of x (B, n, d), heads second."""
        g = self.geometry
        b, n, d = x.shape
        y = F.rms_norm(x, (d,), layer.norms[0], 1e-5)
        qkv = F.linear(y, layer.qkv)
        qkv = qkv.view(b, n, g.heads + 2 * g.kv_heads, g.head_width)
        q, k, v = qkv.transpose(1, 2).split(
            (g.heads, g.kv_heads, g.kv_heads), dim=1
        )
        return rotate(q, *angles), rotate(k, *angles), v

    def finish(self, x: Tensor, o: Tensor, layer: Layer) -> Tensor:
        """From the heads' outputs o (B, h, n, d_k) to the block's output."""
        b, n, d = x.shape
        x = x + F.linear(o.transpose(1, 2).reshape(b, n, d), layer.out)
        y = F.rms_norm(x, (d,), layer.norms[1], 1e-5)
        gate, up = F.linear(y, layer.gate_up).chunk(2, dim=-1)
        return x + F.linear(F.silu(gate) * up, layer.down)

    def block(
        self,
        x: Tensor,
        layer: Layer,
        cache: tuple[Tensor, Tensor],
        start: int,
        angles: tuple[Tensor, Tensor],
    ) -> Tensor:
        """x (B, n, d) at positions from `start`; writes into the cache."""
        q, k, v = self.project(x, layer, angles)
        keys, values = cache
        end = start + x.shape[1]
        keys[:, :, start:end] = k
        values[:, :, start:end] = v
        o = self.attend(q, keys[:, :, :end], values[:, :, :end])
        return self.finish(x, o, layer)

    def compile(self) -> None:
        """Let the compiler fuse what lies between products and attention."""
        for name in ("project", "finish"):
            fused = torch.compile(getattr(self, name), dynamic=False)
            setattr(self, name, fused)

    def hidden(
        self,
        x: Tensor,
        caches: list[tuple[Tensor, Tensor]],
        start: int,
        angles: tuple[Tensor, Tensor],
    ) -> Tensor:
        """x (B, n, d) through all layers."""
        for layer, cache in zip(self.layers, caches, strict=True):
            x = self.block(x, layer, cache, start, angles)
        return x

    def next_tokens(
        self,
        tokens: Tensor,
        caches: list[tuple[Tensor, Tensor]],
        start: int,
        angles: tuple[Tensor, Tensor],
        last_only: bool,
    ) -> Tensor:
        """The most likely token behind each of (B, n), or behind the last.

        Rows of the output head serve as embedding, as in models that tie the
        two.
        """
        x = self.hidden(self.head[tokens], caches, start, angles)
        if last_only:
            x = x[:, -1:]
        width = (self.geometry.width,)
        x = F.rms_norm(x, width, self.final, 1e-5)
        return F.linear(x, self.head).argmax(dim=-1)
