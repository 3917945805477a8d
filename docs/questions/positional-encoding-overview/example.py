"""Does the score depend on the offset m - n alone? A test for each scheme.

Sources: Vaswani et al., arXiv:1706.03762 (sinusoids, learned table);
Su et al., arXiv:2104.09864 (RoPE); Press et al., arXiv:2108.12409 (ALiBi).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDTH, LENGTH, SLOPE = 8, 6, 0.5
RNG = np.random.default_rng(0)
CONTENT = RNG.normal(size=WIDTH)
W_Q, W_K, W_V = (RNG.normal(size=(WIDTH, WIDTH)) for _ in range(3))
WORDS = RNG.normal(size=(LENGTH, WIDTH))
TABLE = RNG.normal(size=(200, WIDTH))  # stands for a learned table
SCHEMES = ("none", "sinusoidal", "learned", "RoPE", "ALiBi")


def angles(position: Array) -> Array:
    """position * theta_i, shape (T, d/2), theta_i = 10000 ** (-2i / d)."""
    return position[:, None] * 10_000.0 ** (-np.arange(0, WIDTH, 2) / WIDTH)


def sinusoids(position: Array) -> Array:
    angle = angles(position)
    out: Array = np.stack([np.sin(angle), np.cos(angle)], axis=2)
    return out.reshape(-1, WIDTH)


def rotate(x: Array, position: Array) -> Array:
    """RoPE on rows; plane i is the channels 2i and 2i+1."""
    pairs = x[:, 0::2] + 1j * x[:, 1::2]
    pairs = pairs * np.exp(1j * angles(position))
    out: Array = np.stack([pairs.real, pairs.imag], axis=2)
    return out.reshape(-1, WIDTH)


# --8<-- [start:schemes]
def inputs(scheme: str, x: Array, position: Array) -> Array:
    """Absolute schemes add a vector to the embedding, once."""
    if scheme == "sinusoidal":
        return x + sinusoids(position)
    if scheme == "learned":
        rows: Array = TABLE[position.astype(int)]
        return x + rows
    return x


def scores(scheme: str, x: Array, start: int = 0) -> Array:
    """Scores of x, shape (T, d), standing at start, start + 1, ..."""
    position = np.arange(start, start + len(x), dtype=np.float64)
    y = inputs(scheme, x, position)
    q, k = y @ W_Q, y @ W_K
    if scheme == "RoPE":
        q, k = rotate(q, position), rotate(k, position)
    s: Array = q @ k.T / np.sqrt(WIDTH)
    if scheme == "ALiBi":
        s = s - SLOPE * (position[:, None] - position)
    return s


# --8<-- [end:schemes]


def spread_on_diagonals(s: Array) -> float:
    """Largest max - min along a diagonal m - n = 0 .. T-2."""
    return max(
        float(np.ptp(np.diagonal(s, -offset))) for offset in range(len(s) - 1)
    )


def causal_outputs(scheme: str, x: Array) -> Array:
    """softmax over n <= m, times the values."""
    s = scores(scheme, x)
    s = np.where(np.tri(len(s), dtype=bool), s, -np.inf)
    weights = np.exp(s - s.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    position = np.arange(len(x), dtype=np.float64)
    out: Array = weights @ inputs(scheme, x, position) @ W_V
    return out


def check_schemes() -> None:
    same = np.repeat(CONTENT[None], LENGTH, axis=0)
    print("             six equal tokens: scores       outputs   six words,")
    print("             same m-n   all n <= m   differ by   moved by 100")
    table: dict[str, tuple[float, ...]] = {}
    for scheme in SCHEMES:
        s = scores(scheme, same)
        table[scheme] = (
            spread_on_diagonals(s),
            float(np.ptp(s[np.tril_indices(LENGTH)])),
            float(np.ptp(causal_outputs(scheme, same), axis=0).max()),
            float(
                np.abs(
                    scores(scheme, WORDS, 100) - scores(scheme, WORDS)
                ).max()
            ),
        )
        cells = "{:9.3f}{:13.3f}{:12.3f}{:15.3f}".format(*table[scheme])
        print(f"{scheme:<12}{cells}")

    for scheme in ("none", "RoPE", "ALiBi"):
        # Scores are a function of m - n, and a shift changes nothing.
        assert max(table[scheme][0], table[scheme][3]) < 1e-11, scheme
        # Equal values average to the same value, whatever the weights.
        assert table[scheme][2] < 1e-12, scheme
    assert table["none"][1] < 1e-12  # blind to position
    assert min(table["RoPE"][1], table["ALiBi"][1]) > 1
    for scheme in ("sinusoidal", "learned"):
        assert min(table[scheme]) > 1, scheme


def check_gram() -> None:
    code = sinusoids(np.arange(LENGTH, dtype=np.float64))
    projected = (code @ W_Q) @ (code @ W_K).T / np.sqrt(WIDTH)
    raw, mixed = (
        spread_on_diagonals(code @ code.T),
        spread_on_diagonals(projected),
    )
    print("\nspread on diagonals, sinusoids alone")
    print(f"  p_m . p_n           {raw:6.3f}")
    print(f"  p_m W_Q . p_n W_K   {mixed:6.3f}")
    # The raw products see m - n only; the projections break that.
    assert raw < 1e-12
    assert mixed > 1


if __name__ == "__main__":
    check_schemes()
    check_gram()
