"""Sinusoidal and learned absolute position encodings.

Source: Vaswani et al., arXiv:1706.03762, sections 3.4 and 3.5.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --8<-- [start:sinusoids]
def frequencies(d: int) -> Array:
    """omega_i = 10000 ** (-2i / d) for i = 0 .. d/2 - 1."""
    omega: Array = 10_000.0 ** (-np.arange(0, d, 2) / d)
    return omega


def sinusoids(positions: Array, d: int) -> Array:
    """p_m for each m, shape (T, d): sin, cos, sin, cos, ..."""
    angle = positions[:, None] * frequencies(d)
    code: Array = np.stack([np.sin(angle), np.cos(angle)], axis=2)
    return code.reshape(-1, d)


def shift(k: float, d: int) -> Array:
    """M_k, shape (d, d), with p_{m+k}^T = M_k p_m^T for every m."""
    matrix = np.zeros((d, d))
    for i, omega in enumerate(frequencies(d)):
        cos, sin = np.cos(omega * k), np.sin(omega * k)
        block = slice(2 * i, 2 * i + 2)
        matrix[block, block] = [[cos, sin], [-sin, cos]]
    return matrix


# --8<-- [end:sinusoids]


def code(position: float, d: int) -> Array:
    """p_m as a vector of length d."""
    row: Array = sinusoids(np.array([float(position)]), d)[0]
    return row


def check_values() -> None:
    cells = "".join(f"{value:12.8f}" for value in code(1, 4))
    print(f"p_1, d = 4     {cells}")
    sine, cosine = np.sin(1), np.cos(1)
    np.testing.assert_allclose(
        code(1, 4), [sine, cosine, np.sin(0.01), np.cos(0.01)]
    )
    square = float(code(77, 512) @ code(77, 512))
    print(f"|p_m|^2, d = 512{square:12.4f}")
    np.testing.assert_allclose(square, 256)

    # One matrix moves every position by k = 5.
    error = max(
        np.abs(code(m + 5, 64) - shift(5, 64) @ code(m, 64)).max()
        for m in (0, 3, 77, 500)
    )
    print(f"|p_(m+5) - M_5 p_m|, d = 64, m = 0, 3, 77, 500{error:9.4f}")
    assert error < 1e-12
    assert np.abs(code(8, 64) - shift(4, 64) @ code(3, 64)).max() > 0.1


def check_products() -> None:
    print("\np_m . p_n, d = 8   n - m   product   sum of cos(omega_i (n - m))")
    for m, n in (3, 5), (10, 12), (5, 3), (3, 6):
        product = float(code(m, 8) @ code(n, 8))
        cosines = float(np.cos(frequencies(8) * (n - m)).sum())
        print(f"{m:4} {n:4}{n - m:15}{product:10.6f}{cosines:18.6f}")
        np.testing.assert_allclose(product, cosines, rtol=1e-12)

    print("\ndistance |p_0 - p_710|        710 radians = 113 turns, nearly")
    for name, pairs in ("pair 0 alone, d = 2", 1), ("all pairs, d = 64", 32):
        gap = float(np.linalg.norm((code(0, 64) - code(710, 64))[: 2 * pairs]))
        print(f"  {name:<22}{gap:12.6f}")
    first = np.abs(code(0, 2) - code(710, 2)).max()
    assert first < 1e-4
    assert np.linalg.norm(code(0, 64) - code(710, 64)) > 1


def spread_by_offset(scores: Array) -> float:
    """Largest max - min of scores[m, n] over pairs with equal n - m."""
    length = len(scores)
    return max(
        float(np.ptp(np.diagonal(scores, offset)))
        for offset in range(2 - length, length - 1)
    )


def check_projections() -> None:
    d, d_k, length = 64, 16, 64
    codes = sinusoids(np.arange(length, dtype=np.float64), d)
    rng = np.random.default_rng(0)
    w_q, w_k = rng.normal(size=(2, d, d_k)) / np.sqrt(d)
    few = shift(3, d)
    few[d_k:] = 0  # keeps the d_k / 2 fastest pairs
    matrices = {
        "A = I": np.eye(d),
        "A = W_Q W_K^T, random": w_q @ w_k.T,
        "A = M_3": shift(3, d),
        "A = M_3, 8 of 32 pairs": few,
    }
    print("\nscore p_m A p_n^T, d = 64   rank   spread at equal n - m")
    for name, matrix in matrices.items():
        spread = spread_by_offset(codes @ matrix @ codes.T)
        rank = np.linalg.matrix_rank(matrix)
        print(f"  {name:<24}{rank:6}{spread:14.3f}")
        assert (spread > 1) == ("random" in name), name
        # A head of width d_k reaches no rank above d_k.
        one_head = "random" in name or "8 of" in name
        assert rank == (d_k if one_head else d), name
    # A = M_3 puts every query's maximum on the key three places back.
    print("A = M_3                      query   best key")
    for name, matrix in [("all pairs", shift(3, d)), ("8 of 32 pairs", few)]:
        best = np.argmax(codes @ matrix @ codes.T, axis=1)
        np.testing.assert_array_equal(best[3:], np.arange(length - 3))
        print(f"  {name:<24}{20:8}{best[20]:11}")


def check_wavelengths() -> None:
    d = 512
    waves = 2 * np.pi / frequencies(d)
    in_code = 2 * np.pi * 10_000.0 ** (np.arange(d // 2) / (d // 2 - 1))
    print("\nwavelengths, d = 512     shortest     longest")
    print(f"  paper's formula    {waves[0]:13.2f}{waves[-1]:12,.0f}")
    print(f"  tensor2tensor      {in_code[0]:13.2f}{in_code[-1]:12,.0f}")
    np.testing.assert_allclose(waves[-1], 2 * np.pi * 10_000 ** (510 / 512))
    np.testing.assert_allclose(in_code[-1], 2 * np.pi * 10_000)


def check_sizes() -> None:
    print("\nlength of a token's vector, d = 512")
    rng = np.random.default_rng(0)
    word = rng.normal(size=(1000, 512)) / np.sqrt(512)
    lengths = {
        "embedding, entries N(0, 1/d)": np.linalg.norm(word, axis=1).mean(),
        "the same times sqrt(d)": np.linalg.norm(
            word * np.sqrt(512), axis=1
        ).mean(),
        "p_m": np.linalg.norm(code(77, 512)),
    }
    for name, length in lengths.items():
        print(f"  {name:<30}{length:8.1f}")
    np.testing.assert_allclose(list(lengths.values()), [1, 512**0.5, 16], 0.01)

    print("\nlearned table   T_max      d   parameters")
    for model, rows, d, expected in [
        ("BERT base", 512, 768, 393_216),
        ("GPT-2 small", 1024, 768, 786_432),
    ]:
        print(f"  {model:<14}{rows:5}{d:7}{rows * d:13,}")
        assert rows * d == expected


if __name__ == "__main__":
    check_values()
    check_products()
    check_projections()
    check_wavelengths()
    check_sizes()
