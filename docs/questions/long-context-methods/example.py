"""Long input, method by method: compute, KV cache, and what is still seen.

Geometry of Llama 3 8B (Grattafiori et al., arXiv:2407.21783). Attention
counts Q K^T and the weighted sum of V; PFLOP = 1e15, GiB = 2**30 bytes.
"""

from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

L, D, D_K, KV_HEADS = 32, 4096, 128, 8
N = 8_030_261_248  # parameters
N_SEVEN = 6_738_415_616  # Llama 2 7B, same L, D and D_K, 32 KV heads
K = 1024
TEXT = 128 * K


# --8<-- [start:cost]
def pairs(n: int, window: float = inf) -> int:
    """Query-key pairs of a causal layer that sees `window` tokens."""
    w = int(min(n, window))
    return n * w - w * (w - 1) // 2


@dataclass(frozen=True)
class Cost:
    tokens: int  # tokens that the model runs over
    attention: float  # FLOPs of attention in all layers
    cache: float  # bytes of keys and values kept, at the most

    @property
    def total(self) -> float:
        return 2.0 * N * self.tokens + self.attention


def read(n: int, windows: list[float], bits: float = 16) -> Cost:
    """Prefill of n tokens; windows[l] is how far layer l sees."""
    attention = sum(4.0 * D * pairs(n, w) for w in windows)
    kept = sum(min(n, w) for w in windows)
    return Cost(n, attention, 2 * KV_HEADS * D_K * kept * bits / 8)


# --8<-- [end:cost]
FULL: list[float] = [inf] * L
SLIDING: list[float] = [4096.0] * L
MIXED: list[float] = [inf if (i + 1) % 6 == 0 else 1024.0 for i in range(L)]


def linear_hybrid(n: int) -> Cost:
    """One full layer in four; the others keep a D_K x D_K state a head."""
    full = read(n, [inf] * (L // 4))
    states = (L - L // 4) * D * D_K
    return Cost(n, full.attention + 4.0 * states * n, full.cache + 2 * states)


def selected(n: int, k: int = 2048, index: int = 128) -> Cost:
    """Top k keys a query, found by an index head of width `index`."""
    attention = 4.0 * D * L * pairs(n, k) + 2.0 * index * L * pairs(n)
    return Cost(n, attention, read(n, FULL).cache + 2.0 * index * L * n)


def chunks(n: int, size: int, overlap: int) -> int:
    return 1 + ceil(max(0, n - size) / (size - overlap))


def map_reduce(n: int, size: int = 8192, overlap: int = 512) -> Cost:
    """A note of 256 tokens a chunk, then all notes are read together."""
    count = chunks(n, size, overlap)
    one, last = read(size + 256, FULL), read(256 * count, FULL)
    return Cost(
        count * one.tokens + last.tokens,
        count * one.attention + last.attention,
        max(one.cache, last.cache),
    )


def menu(n: int) -> dict[str, Cost]:
    return {
        "full attention": read(n, FULL),
        "full, cache in 5 bits": read(n, FULL, 5),
        "window 4,096, all layers": read(n, SLIDING),
        "global in 1 of 6, else 1,024": read(n, MIXED),
        "full in 1 of 4, else linear": linear_hybrid(n),
        "top 2,048 by an index": selected(n),
        "prompt compressed 4 to 1": read(n // 4, FULL),
        "chunks of 8,192, map-reduce": map_reduce(n),
        "retrieve 8,192": read(8192, FULL),
    }


def check_menu() -> None:
    every = menu(TEXT)
    full = every["full attention"]
    print(
        "128K tokens, prefill          tokens    attn   total of full     KV"
    )
    print(
        "                                 run   PFLOP   PFLOP            GiB"
    )
    for name, cost in every.items():
        print(
            f"{name:29}{cost.tokens:7,}{cost.attention / 1e15:8.2f}"
            f"{cost.total / 1e15:8.2f}{100 * cost.total / full.total:8.1f}%"
            f"{cost.cache / 2**30:7.2f}"
        )
    assert full.cache == 16 * 2**30
    assert abs(full.attention / full.total - 0.681) < 1e-3
    assert every["window 4,096, all layers"].cache == 2**29
    assert MIXED.count(inf) == 5
    mixed = every["global in 1 of 6, else 1,024"]
    assert mixed.total < 0.5 * full.total and mixed.cache < 3 * 2**30
    hybrid = every["full in 1 of 4, else linear"]
    assert 0.25 < hybrid.cache / full.cache < 0.26
    top = every["top 2,048 by an index"]
    assert top.cache > full.cache and top.attention < 0.1 * full.attention
    short = every["prompt compressed 4 to 1"]
    assert abs(full.attention / short.attention - 16) < 1e-3
    assert every["retrieve 8,192"].total < 0.03 * full.total


def check_pairs() -> None:
    """The formula for pairs against masks."""
    for n, w in ((1, 1), (9, 4), (50, 8), (50, 99)):
        m, k = np.indices((n, n))
        assert ((k <= m) & (m - k < w)).sum() == pairs(n, w)


def check_break_even() -> None:
    print("\nattention needs as many FLOPs as the weights at n = N / (d L)")
    for name, size in (("Llama 2 7B", N_SEVEN), ("Llama 3 8B", N)):
        n = size / (D * L)
        print(f"  {name}: {n:8,.0f} tokens   12 d = {12 * D:,}")
        ratio = 4.0 * D * L * pairs(round(n)) / (2.0 * size * round(n))
        assert abs(ratio - 1) < 1e-3
    print("attention / weights, Llama 2 7B:", end="")
    for length in (4 * K, 32 * K, 128 * K):
        ratio = length * D * L / N_SEVEN
        print(f"  {length // K}K {100 * ratio:.1f}%", end="")
    print()


def check_reuse() -> None:
    """A question of 200 tokens on a text whose cache is kept."""
    new, text = 200, read(TEXT, FULL)
    extra = pairs(TEXT + new) - pairs(TEXT)
    again = Cost(new, 4.0 * D * L * extra, 0)
    ratio = text.total / again.total
    print(f"\n200 more tokens, prefix cached: 1/{ratio:.0f} of the prefill")
    assert 300 < ratio < 500
    weights = 2.0 * N
    print(
        "bytes read to decode one token, GB: "
        f"weights {weights / 1e9:.1f}, cache at 128K {text.cache / 1e9:.1f}"
    )
    assert text.cache > weights
    seven = 2 * L * D * 32 * K
    print(
        f"Llama 2 7B at 32K, KV GiB: 16 bits {2 * seven / 2**30:.1f}, "
        f"4 bits + 32 bits a group of 32 {seven * 5 / 8 / 2**30:.1f}"
    )


def together(size: int, overlap: int, distance: int) -> float:
    """Share of pairs this far apart that fall into one chunk."""
    return min(1.0, max(0.0, (size - distance) / (size - overlap)))


def check_chunks() -> None:
    size, overlap = 8192, 512
    distances = (256, 512, 1024, 2048, 4096, 8192)
    print("\nin one chunk of 8,192, by distance of the two facts")
    print("           " + "".join(f"{x:8,}" for x in distances))
    for gap in (0, overlap):
        cells = ""
        for x in distances:
            cells += f"{100 * together(size, gap, x):7.1f}%"
        print(f"overlap {gap:3}{cells}")
    stride, small, lap = 12, 16, 4
    first = np.arange(4 * small, 4 * small + 10 * stride)
    starts = np.arange(0, 40 * stride, stride)
    for x in range(20):
        m = first[:, None]
        inside = (starts <= m) & (m + x < starts + small)
        share = inside.any(axis=1).mean()
        assert abs(share - together(small, lap, x)) < 1e-12


def reach(layers: list[Mask]) -> Mask:
    """Which inputs the last position can depend on, layer by layer."""
    seen = np.eye(len(layers[0]), dtype=bool)
    for mask in layers:
        seen = (mask.astype(int) @ seen.astype(int)) > 0
    last: Mask = seen[-1]
    return last


def check_reach() -> None:
    n, w, depth = 96, 8, 6
    m, k = np.indices((n, n))
    causal = k <= m
    local = causal & (m - k < w)
    block = causal & (m // w == k // w)
    stacks = {
        "window 8": [local] * depth,
        "blocks of 8": [block] * depth,
        "5 windows, 1 global": [local] * (depth - 1) + [causal],
    }
    print("\ninputs that reach the last of 96 tokens through 6 layers")
    counts = []
    for name, stack in stacks.items():
        counts.append(int(reach(stack).sum()))
        print(f"  {name:20}{counts[-1]:3}")
    assert counts == [depth * (w - 1) + 1, w, n]
    span = L * (4096 - 1) + 1
    print(f"  32 layers of window 4,096: {span:,}")
    hops = "".join(f"{0.9**h:7.3f}" for h in (1, 2, 4, 8))
    print(f"\nrecall 0.9 a fact, all of 1, 2, 4, 8 facts found:{hops}")


if __name__ == "__main__":
    check_pairs()
    check_menu()
    check_break_even()
    check_reuse()
    check_chunks()
    check_reach()
