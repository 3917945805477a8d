"""FlashAttention: tiled attention equals attention; its HBM traffic, counted.

Sources: Dao et al., arXiv:2205.14135, algorithm 1; Dao, arXiv:2307.08691,
algorithm 1; Milakov and Gimelshein, arXiv:1805.02867 (online softmax).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# A reference point, a sum and an unnormalized output, one row each.
State = tuple[Array, Array, Array]


@dataclass
class HBM:
    """Counts the elements that cross between HBM and the chip."""

    moved: int = 0

    def load(self, x: Array) -> Array:
        self.moved += x.size
        return x

    store = load


# --8<-- [start:flash]
def fold(state: State, score: Array, v: Array) -> State:
    """Take one more tile of keys into (m, l, o)."""
    m, ell, o = state
    new = np.maximum(m, score.max(axis=1))
    shrink = np.exp(m - new)  # at most 1; 0 for the first tile
    p = np.exp(score - new[:, None])
    ell = shrink * ell + p.sum(axis=1)
    o = shrink[:, None] * o + p @ v
    return new, ell, o


def flash(
    q: Array, k: Array, v: Array, rows: int, cols: int, causal: bool, hbm: HBM
) -> tuple[Array, Array]:
    """Attention and each row's log-sum-exp; no n x n array anywhere."""
    n, d = q.shape
    out, lse = np.empty((n, d)), np.empty(n)
    for i in range(0, n, rows):  # one thread block each
        tile = hbm.load(q[i : i + rows]) / np.sqrt(d)
        r = np.arange(i, i + len(tile))
        state = np.full(len(tile), -np.inf), np.zeros(len(tile)), tile * 0
        for j in range(0, min(i + rows, n) if causal else n, cols):
            score = tile @ hbm.load(k[j : j + cols]).T
            if causal:
                c = np.arange(j, j + score.shape[1])
                score = np.where(c > r[:, None], -np.inf, score)
            state = fold(state, score, hbm.load(v[j : j + cols]))
        m, ell, o = state
        out[r] = hbm.store(o / ell[:, None])  # divide once, at the end
        lse[r] = hbm.store(m + np.log(ell))
    return out, lse


# --8<-- [end:flash]


def keys_outside(
    q: Array, k: Array, v: Array, rows: int, cols: int, hbm: HBM
) -> Array:
    """The order of the first paper, which divides in every step."""
    n, d = q.shape
    out, m, ell = np.zeros((n, d)), np.full(n, -np.inf), np.zeros(n)
    for j in range(0, n, cols):
        key, value = (hbm.load(x[j : j + cols]) for x in (k, v))
        for i in range(0, n, rows):
            s = slice(i, i + rows)
            score = hbm.load(q[s]) @ key.T / np.sqrt(d)
            a, b, c = (hbm.load(x[s]) for x in (m, ell, out))
            a, b, c = fold((a, b, b[:, None] * c), score, value)
            m[s], ell[s] = hbm.store(a), hbm.store(b)
            out[s] = hbm.store(c / b[:, None])
    return out


def dense(q: Array, k: Array, v: Array, causal: bool) -> tuple[Array, Array]:
    """The same with the whole n x n matrix: output and weights."""
    score = q @ k.T / np.sqrt(q.shape[1])
    if causal:
        score = np.where(np.tri(*score.shape) > 0, score, -np.inf)
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return weight @ v, weight


def sample(n: int, d: int) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=(n, d)) for _ in range(4)]


SCORES = np.array([[1.0, 3.0], [2.0, 6.0], [5.0, 4.0]])
VALUES = np.array([[1.0, 0.0], [0.0, 4.0], [2.0, 1.0]])


def check_trace() -> None:
    """One row of scores, two keys a tile, values a number each."""
    print("one row, tiles of two keys; before the division")
    print("tile  scores   values   m   exp(m_old - m)       l       o     o/l")
    state = np.array([-np.inf]), np.zeros(1), np.zeros((1, 1))
    wrong = 0.0
    for tile, (score, value) in enumerate(zip(SCORES, VALUES, strict=True)):
        before = state[0]
        state = fold(state, score[None], value[:, None])
        m, ell, o = state[0][0], state[1][0], state[2][0, 0]
        shrink = float(np.exp(before - m)[0])
        wrong += float(np.exp(score - m) @ value)  # forgets to rescale
        print(
            f"{tile:4}{score[0]:6.0f},{score[1]:2.0f}{value[0]:6.0f},"
            f"{value[1]:2.0f}{m:4.0f}{shrink:17.4f}{ell:8.4f}{o:8.4f}"
            f"{o / ell:8.4f}"
        )
    weight = np.exp(SCORES.ravel() - SCORES.max())
    exact = float(weight @ VALUES.ravel() / weight.sum())
    print(f"softmax over all six {exact:.4f}, without rescaling o", end="")
    print(f" {wrong / float(state[1][0]):.4f}")
    np.testing.assert_allclose(state[2][0, 0] / state[1][0], exact, rtol=1e-14)
    assert abs(wrong / state[1][0] - exact) > 0.05


def merge(parts: list[tuple[Array, Array]]) -> Array:
    """Attention over all keys from (output, log-sum-exp) of disjoint sets."""
    outs, lses = (np.stack(x) for x in zip(*parts, strict=True))
    share = np.exp(lses - np.logaddexp.reduce(lses, axis=0))
    result: Array = (share[..., None] * outs).sum(axis=0)
    return result


def backward(
    q: Array, k: Array, v: Array, out: Array, lse: Array, do: Array, tile: int
) -> tuple[Array, Array, Array]:
    """Causal gradients; the weights are recomputed tile by tile from lse."""
    n, d = q.shape
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    row = (do * out).sum(axis=1)
    for j in range(0, n, tile):
        s = slice(j, j + tile)
        score = q @ k[s].T / np.sqrt(d)
        hidden = np.arange(n)[:, None] < np.arange(n)[s]
        p = np.where(hidden, 0.0, np.exp(score - lse[:, None]))
        dv[s] = p.T @ do
        ds = p * (do @ v[s].T - row[:, None]) / np.sqrt(d)
        dq += ds @ k[s]
        dk[s] = ds.T @ q
    return dq, dk, dv


def check_equal() -> None:
    q, k, v, do = sample(128, 16)
    print("\nn = 128, d = 16, tiles of 32; largest difference from dense")
    for name, scale, causal in [
        ("full", 1.0, False),
        ("causal", 1.0, True),
        ("causal, scores 1,000 times as large", 1000.0, True),
    ]:
        out, _ = flash(q * scale, k, v, 32, 32, causal, HBM())
        error = np.abs(out - dense(q * scale, k, v, causal)[0]).max()
        print(f"  {name:<38}{error:7.4f}")
        assert error < 1e-12

    # Keys split among four workers, merged by their log-sum-exp.
    parts = []
    for s in range(0, 128, 32):
        score = q @ k[s : s + 32].T / 4.0
        start = np.full(128, -np.inf), np.zeros(128), np.zeros((128, 16))
        m, ell, o = fold(start, score, v[s : s + 32])
        parts.append((o / ell[:, None], m + np.log(ell)))
    plain = dense(q, k, v, False)[0]
    error = np.abs(merge(parts) - plain).max()
    mean = np.abs(np.mean([o for o, _ in parts], axis=0) - plain).max()
    print(f"  {'four parts of the keys, merged':<38}{error:7.4f}")
    print(f"  {'four parts, averaged':<38}{mean:7.4f}")
    assert error < 1e-12 and mean > 0.1

    # Gradients from lse alone, against the dense formulas.
    out, lse = flash(q, k, v, 32, 32, True, HBM())
    _, p = dense(q, k, v, True)
    dp = do @ v.T
    ds = p * (dp - (dp * p).sum(axis=1, keepdims=True)) / 4.0
    wanted = ds @ k, ds.T @ q, p.T @ do
    got = backward(q, k, v, out, lse, do, 32)
    error = max(np.abs(a - b).max() for a, b in zip(got, wanted, strict=True))
    print(f"  {'gradients, weights recomputed':<38}{error:7.4f}")
    assert error < 1e-12


def lazy(score: Array, v: Array, lag: float) -> tuple[Array, int]:
    """Fold tiles of 32, moving m only when it lags by more than lag bits."""
    n, d = len(score), v.shape[1]
    m, ell, o = np.full(n, -np.inf), np.zeros(n), np.zeros((n, d))
    moved = 0
    for j in range(0, n, 32):
        s = score[:, j : j + 32]
        peak = np.maximum(m, s.max(axis=1))
        new = np.where((peak - m) / np.log(2) > lag, peak, m)
        moved += int((new > m).sum()) if j else 0
        shrink, p = np.exp(m - new), np.exp(s - new[:, None])
        ell = shrink * ell + p.sum(axis=1)
        o = shrink[:, None] * o + p @ v[j : j + 32]
        m = new
    return o / ell[:, None], moved


def check_lazy() -> None:
    q, k, v, _ = sample(512, 64)
    print("\n512 rows, 16 tiles: how many times a row of o is rescaled")
    print("scores      m = max   lag <= 8 bits")
    for scale in (1.0, 10.0):
        plain = dense(q * scale, k, v, False)[0]
        counts = []
        for lag in (0.0, 8.0):
            out, moved = lazy(scale * q @ k.T / 8.0, v, lag)
            assert np.abs(out - plain).max() < 1e-12
            counts.append(moved)
        print(f"x {scale:<4.0f}{counts[0]:13,}{counts[1]:16,}")
        assert counts[1] < counts[0] / 2


def traffic_dense(n: int, d: int) -> int:
    """Read Q, K, V, write O; write and read S, write and read P."""
    return 4 * n * d + 4 * n * n


def traffic_fa1(n: int, d: int, on_chip: int) -> int:
    """Keys outside: each of their tiles reads Q and O, writes O, m, l."""
    cols = -(-on_chip // (4 * d))
    passes = -(-n // cols)
    return 2 * n * d + passes * (3 * n * d + 4 * n)


def traffic_fa2(n: int, d: int, rows: int) -> int:
    """Queries outside: each of their tiles reads all of K and V."""
    return 2 * n * d + -(-n // rows) * 2 * n * d + n


def check_traffic() -> None:
    hbm = HBM()
    q, k, v, _ = sample(256, 16)
    flash(q, k, v, 64, 32, False, hbm)
    assert hbm.moved == traffic_fa2(256, 16, 64)
    hbm = HBM()
    out = keys_outside(q, k, v, 64, 32, hbm)
    assert hbm.moved == traffic_fa1(256, 16, 4 * 16 * 32)
    assert np.abs(out - dense(q, k, v, False)[0]).max() < 1e-12

    n, on_chip = 4096, 192 * 1024 // 2
    print(f"\nn = {n:,}, one head, forward, no mask; M = {on_chip:,} elements")
    print("                          elements    of dense  FLOP a byte")
    rows = [
        (64, "dense", traffic_dense(n, 64)),
        (64, "keys outside", traffic_fa1(n, 64, on_chip)),
        (64, "queries outside, 128", traffic_fa2(n, 64, 128)),
        (256, "dense", traffic_dense(n, 256)),
        (256, "keys outside", traffic_fa1(n, 256, on_chip)),
        (256, "queries outside, 64", traffic_fa2(n, 256, 64)),
    ]
    for d, name, moved in rows:
        share = moved / traffic_dense(n, d)
        flop = 4 * n * n * d / (2 * moved)
        print(f"d = {d:<4}{name:<21}{moved:12,}{share:8.3f}{flop:11.1f}")
    assert rows[1][2] < rows[2][2] < rows[0][2] / 3
    assert min(rows[4][2], rows[5][2]) > rows[3][2]  # d = 256: more, not less
    d = 64
    print(f"3 d^2 / M = {3 * d * d / on_chip:.3f}", end="")
    print(f"   d^2 / M = {d * d / on_chip:.4f}")
    print(f"K and V of the head {2 * n * d * 2 / 2**20:.1f} MiB", end="")
    gib = n * n * 32 * 2 / 2**30
    print(f"   S of 32 heads {gib:.1f} GiB")

    # Figure 2 of the paper: GPT-2 medium, 64 sequences of 16 heads.
    print("\nn = 1,024, d = 64, 64 x 16 heads, GB of HBM traffic, forward")
    for cols in (64, 512):
        moved = traffic_fa1(1024, 64, 4 * 64 * cols)
        print(f"  keys outside, tiles of {cols:<4}{moved * 2048 / 1e9:6.2f}")
    print(f"  dense{traffic_dense(1024, 64) * 2048 / 1e9:28.2f}")
    # Forward 2 matrix products of 2 n^2 d; backward 4, or 5 with S again.
    product = 2 * 1024**2 * 64 * 1024 / 1e9
    print(f"GFLOP forward and backward: dense {6 * product:.0f}, ", end="")
    print(f"flash {7 * product:.0f}")

    # Decoding: one query row, n keys.
    keys, scores = 2 * n * d, 4 * n
    print(
        f"one query row, n = {n:,}: K, V {keys:,}, S and P {scores:,}", end=""
    )
    print(f" = {scores / keys:.3f} of it")


RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("gpu.json").read_text(encoding="utf-8")
)


def measured_row(case: str, **wanted: object) -> dict[str, Any]:
    """The one row of the measurements that is as wanted."""
    (found,) = (
        row
        for row in RECORD["rows"]
        if row["case"] == case and wanted.items() <= row.items()
    )
    return dict(found)


def check_gpu() -> None:
    """Measured: 16 heads of 64, batch 1, bf16."""
    name, day = RECORD["device"]["name"], RECORD["measured"]
    copy = RECORD["ceilings"]["copy_bytes_per_s"]
    print(f"\n{name}, {day}, torch {RECORD['versions']['torch']}")
    print(f"copies {copy / 1e12:.2f} TB/s, multiplies in bf16 ", end="")
    print(f"{RECORD['ceilings']['bf16_flop_per_s'] / 1e12:.0f} TFLOP/s")
    print("16 heads of 64, no mask, us; MiB beyond q, k, v")
    print("length  traffic    naive    flash    cuDNN  naive MiB  flash")
    for n in (512, 1024, 2048, 4096, 8192, 16_384, 32_768):
        what = {"way": "graph", "head_width": 64, "causal": False}
        cases = ("naive", "flash", "cudnn")
        rows = [measured_row(case, length=n, **what) for case in cases]
        bound = 16 * 2 * traffic_dense(n, 64) / copy
        times = [1e6 * bound, *(1e3 * row["ms"] for row in rows)]
        peaks = [row["peak_bytes"] / 2**20 for row in rows[:2]]
        print(f"{n:6}" + "".join(f"{one:9.0f}" for one in times), end="")
        print(f"{peaks[0]:11,.0f}{peaks[1]:7.0f}")
        assert times[0] < times[1] > times[2] > times[3]
        assert peaks[0] >= 4 * 16 * n * n / 2**20 > peaks[1]
    top = rows[0]["flop"] / 1e9
    rates = [top / row["ms"] for row in rows]
    print("TFLOP/s at 32,768" + "".join(f"{rate:9.0f}" for rate in rates))

    wide = [
        measured_row(
            case, way="graph", head_width=128, causal=False, length=32_768
        )
        for case in ("flash", "cudnn")
    ]
    rates = [row["flop"] / row["ms"] / 1e9 for row in wide]
    print(f"  heads of 128   {rates[0]:18.0f}{rates[1]:9.0f}")

    print("steps of the naive way at 4,096 and 16,384: us, TB/s")
    for case in ("scores", "softmax", "weighted sum"):
        print(f"  {case:13}", end="")
        for n in (4096, 16_384):
            row = measured_row(case, length=n)
            rate = row["moved_bytes"] / row["ms"] / 1e9
            print(f"{1e3 * row['ms']:9.0f}{rate:6.1f}", end="")
        print()
    print("softmax, TB/s:", end="")
    for n in (1024, 2048, 8192, 32_768):
        row = measured_row("softmax", length=n)
        rate = row["moved_bytes"] / row["ms"] / 1e9
        print(f"  {n:,} {rate:.1f}", end="")
    check_short()
    what = {"way": "graph", "head_width": 64, "length": 32_768}
    for case in ("flash", "cudnn"):
        pair = [
            measured_row(case, causal=causal, **what)["ms"]
            for causal in (False, True)
        ]
        print(f"causal mask, 32,768, {case}: {pair[0] / pair[1]:.2f} times")
    what = {"way": "eager", "head_width": 64, "causal": False}
    print("with launches from Python, length 512:", end="")
    for case in ("naive", "flash"):
        row = measured_row(case, length=512, **what)
        print(f" {case} {1e3 * row['ms']:.0f} us", end="")
    print("\nforward and backward, ms: naive, flash")
    for name, n, batch in [
        ("1 x 16 x 16,384", 16_384, 1),
        ("64 x 16 x 1,024", 1024, 64),
    ]:
        times = [
            measured_row(case, length=n, batch=batch, backward=True)["ms"]
            for case in ("naive", "flash")
        ]
        print(f"  {name}{times[0]:8.2f}{times[1]:8.2f}", end="")
        print(f"   {times[0] / times[1]:.1f} times")
        assert times[0] > 2 * times[1]  # though it computes more


def check_short() -> None:
    """Length 512: what a replay costs, and what splitting the keys takes."""
    cases = ("scores", "softmax", "weighted sum")
    steps = [1e3 * measured_row(case, length=512)["ms"] for case in cases]
    what = {"way": "graph", "head_width": 64, "causal": False, "length": 512}
    whole = 1e3 * measured_row("naive", **what)["ms"]
    print(
        f"\nlength 512, each step replayed alone: {sum(steps):.0f} us", end=""
    )
    print(f", all in one graph {whole:.0f}")
    assert sum(steps) > whole  # a replay has a price of its own
    device = RECORD["device"]
    print(f"  S and P {2 * 16 * 512**2 * 2 / 2**20:.0f} MiB, ", end="")
    print(f"L2 {device['l2_bytes'] / 2**20:.0f} MiB, ", end="")
    print(f"{device['multiprocessors']} SMs")
    # Beyond the output and lse: two outputs in fp32, from halves of the keys.
    rows = 16 * 512
    partial = measured_row("flash", **what)["peak_bytes"] - rows * (2 * 64 + 4)
    print(f"  flash beyond output and lse {partial / 2**20:.1f} MiB, ", end="")
    print(f"in fp32 outputs {partial / (rows * 64 * 4):.1f}")
    assert 2 <= partial / (rows * 64 * 4) < 2.1


if __name__ == "__main__":
    check_trace()
    check_equal()
    check_lazy()
    check_traffic()
    check_gpu()
