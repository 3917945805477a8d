"""Stretching RoPE: position interpolation, NTK-aware, YaRN, Llama 3.1.

Sources: Chen et al., arXiv:2306.15595; Peng et al. (YaRN), arXiv:2309.00071,
and github.com/jquesnelle/yarn; Meta, llama-models, models/llama3/model.py.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

D_K, BASE, TRAINED = 128, 10_000.0, 4096


def frequencies(base: float = BASE) -> Array:
    return base ** (-np.arange(0, D_K, 2) / D_K)


def interpolated(s: float) -> Array:
    """PI: every plane slower by s."""
    return frequencies() / s


def turns(theta: Array, trained: int = TRAINED) -> Array:
    """r_i: turns that plane i makes over the trained window."""
    return trained * theta / (2 * np.pi)


# --8<-- [start:stretch]
def ntk_base(s: float, base: float = BASE) -> float:
    return float(base * s ** (D_K / (D_K - 2)))


def by_parts(theta: Array, s: float, keep: Array) -> Array:
    """keep = 1: the plane as it was; keep = 0: slower by s."""
    return (1 - keep) * theta / s + keep * theta


def yarn(s: float, alpha: float = 1, beta: float = 32) -> Array:
    """The paper: a ramp linear in the number of turns."""
    theta = frequencies()
    keep = np.clip((turns(theta) - alpha) / (beta - alpha), 0, 1)
    return by_parts(theta, s, keep)


def yarn_code(s: float, alpha: float = 1, beta: float = 32) -> Array:
    """The reference code: a ramp linear in the index i."""
    ends = [
        D_K * math.log(TRAINED / (r * 2 * math.pi)) / (2 * math.log(BASE))
        for r in (beta, alpha)
    ]
    low, high = math.floor(ends[0]), math.ceil(ends[1])
    keep = 1 - np.clip((np.arange(D_K // 2) - low) / (high - low), 0, 1)
    return by_parts(frequencies(), s, keep)


# --8<-- [end:stretch]


def llama31() -> tuple[Array, Array]:
    """Frequencies of Llama 3 and of Llama 3.1 (factor 8, 1 to 4 turns)."""
    theta = frequencies(5e5)
    keep = np.clip((turns(theta, 8192) - 1) / (4 - 1), 0, 1)
    return theta, by_parts(theta, 8.0, keep)


def schemes(s: float) -> dict[str, Array]:
    return {
        "PI": interpolated(s),
        "NTK": frequencies(ntk_base(s)),
        "YaRN": yarn(s),
        "YaRN code": yarn_code(s),
    }


def count(theta: Array, changed: Array, s: float) -> tuple[int, int, int]:
    """Planes kept, in between, slower by the full s."""
    ratio = theta / changed
    kept = int(np.isclose(ratio, 1).sum())
    full = int(np.isclose(ratio, s).sum())
    return kept, len(theta) - kept - full, full


def check_bases() -> None:
    print("   s   NTK base b'   YaRN sqrt(1/t)   on the logits")
    expected = {2: 20_221, 4: 40_890, 8: 82_685}
    for s in (2, 4, 8, 16, 32):
        scale = 0.1 * math.log(s) + 1
        print(f"{s:4}{ntk_base(s):14,.0f}{scale:17.4f}{scale**2:16.4f}")
        assert s not in expected or round(ntk_base(s)) == expected[s]
        # The slowest plane is slower by s, the fastest as it was, and
        # plane i by s ** (i / 63).
        ratio = frequencies() / frequencies(ntk_base(s))
        np.testing.assert_allclose(ratio, s ** (np.arange(64) / 63))


def check_planes() -> None:
    s = 8.0
    theta, found = frequencies(), schemes(s)
    print("\ns = 8, stretch theta_i / theta_i'")
    print("plane     turns" + "".join(f"{name:>11}" for name in found))
    for i in (0, 10, 20, 21, 33, 45, 46, 55, 63):
        cells = "".join(f"{theta[i] / new[i]:11.2f}" for new in found.values())
        print(f"{i:5}{turns(theta)[i]:10.3f}{cells}")

    print("\nplanes of 64           kept  between  full 8")
    for name, new in found.items():
        row = count(theta, new, s)
        print(f"{name:<21}{row[0]:6}{row[1]:9}{row[2]:8}")
    old, new = llama31()
    row = count(old, new, 8.0)
    print(f"{'Llama 3.1, b = 500K':<21}{row[0]:6}{row[1]:9}{row[2]:8}")
    assert row == (29, 6, 29)
    # The window grew by 16: slow planes still go twice as far as trained.
    slow = turns(old, 8192) < 1
    reach = (131_072 / 8192 * new / old)[slow].max()
    print(f"Llama 3.1 at length 131,072, furthest {reach:.2f}")
    assert round(float(reach), 6) == 2
    assert count(theta, found["YaRN"], s) == (21, 25, 18)
    assert count(theta, found["NTK"], s) == (1, 62, 1)
    # Same ends, another middle.
    for part in (slice(0, 21), slice(46, 64)):
        np.testing.assert_allclose(
            found["YaRN"][part], found["YaRN code"][part]
        )
    stretch = theta[33] / found["YaRN"][33], theta[33] / found["YaRN code"][33]
    assert [round(float(v), 2) for v in stretch] == [3.90, 1.78]
    assert round(float(theta[45] / found["YaRN code"][45]), 2) == 6.30


def check_range() -> None:
    """New angles at 8 times the window, and how neighbours stay apart."""
    s = 8.0
    theta = frequencies()
    open_planes = turns(theta) < 1  # the others have seen every angle
    print("\nat length 32,768         new angles   furthest   neighbours")
    for name, new in {"unchanged": theta, **schemes(s)}.items():
        reach = s * new / theta  # largest angle over the largest trained
        out = int((reach[open_planes] > 1 + 1e-9).sum())
        apart = (1 - np.cos(new)).sum()
        print(
            f"{name:<25}{out:7}{reach[open_planes].max():14.2f}{apart:12.3f}"
        )
        expected = {"unchanged": 18, "NTK": 17}.get(name, 0)
        assert out == expected
    enough = s ** (63 / 46)
    print(f"NTK: s that stretches plane 46 by 8: {enough:.1f}")
    wide = frequencies() / frequencies(ntk_base(enough))
    np.testing.assert_allclose(wide[46], s)
    assert not (wide[46:] < s - 1e-9).any()
    # PI loses what tells neighbours apart; the others keep most of it.
    close = {k: (1 - np.cos(v)).sum() for k, v in schemes(s).items()}
    whole = (1 - np.cos(theta)).sum()
    assert close["PI"] < 0.02 * whole and close["YaRN"] > 0.99 * whole


def self_extend(m: int, n: int, group: int, near: int) -> int:
    """Relative position of Self-Extend: exact when near, else by groups."""
    if m - n < near:
        return m - n
    return m // group - n // group + near - near // group


def check_remapping() -> None:
    group, near = 8, 1024
    limit = (TRAINED - near) * group + near
    farthest = self_extend(limit - 1, 0, group, near)
    print(f"\nSelf-Extend, groups of 8, 1,024 exact: length {limit:,}")
    print(f"largest relative position used {farthest:,}")
    assert farthest == TRAINED - 1
    assert self_extend(limit + group, 0, group, near) >= TRAINED
    # The two parts meet: at the seam the step is 1 or 2, for every query.
    for m in range(20_000, 20_016):
        near_side = self_extend(m, m - near + 1, group, near)
        assert self_extend(m, m - near, group, near) - near_side in (1, 2)
    # Dynamic NTK as in Transformers, factor 2: s = 2 n / T_0 - 1.
    print("dynamic NTK, factor 2:  n      b'")
    for n in (4096, 8192, 16_384):
        base = ntk_base(2 * n / TRAINED - 1)
        print(f"{n:25,}{base:9,.0f}")
    assert ntk_base(2 * 4096 / TRAINED - 1) == BASE


if __name__ == "__main__":
    check_bases()
    check_planes()
    check_range()
    check_remapping()
