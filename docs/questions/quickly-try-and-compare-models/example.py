"""How many prompts a quick comparison needs, and what a model occupies.

Sign test without ties, Wilson and Clopper-Pearson intervals; bits per weight
of Q4_K_M from the table of llama.cpp for Llama 2 7B.
"""

from math import comb, sqrt

Z = 1.959964  # two-sided 95%


# --8<-- [start:tests]
def tail(least: int, n: int, p: float = 0.5) -> float:
    """P(X >= least) for X ~ Binomial(n, p)."""
    return sum(
        comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(least, n + 1)
    )


def sign_test(wins: int, n: int) -> float:
    """Two-sided exact p-value of `wins` out of n decided comparisons."""
    return min(1.0, 2 * tail(max(wins, n - wins), n))


def least_wins(n: int) -> int:
    """The fewest wins that reach p < 0.05."""
    return next(w for w in range(n // 2, n + 1) if sign_test(w, n) < 0.05)


def power(n: int, rate: float) -> float:
    """Chance that the better model, winning at `rate`, is found."""
    return tail(least_wins(n), n, rate)


def best_of(models: int, n: int, rate: float) -> float:
    """Expected top score of equally good models on n items each."""
    at_least = (1 - (1 - tail(k, n, rate)) ** models for k in range(1, n + 1))
    return sum(at_least) / n


# --8<-- [end:tests]


def wilson(wins: int, n: int) -> tuple[float, float]:
    p = wins / n
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return centre - half, centre + half


def exact(wins: int, n: int) -> tuple[float, float]:
    """Clopper-Pearson, by bisection on the tails."""

    def solve(least: int, target: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            if tail(least, n, middle) < target:
                low = middle
            else:
                high = middle
        return low

    return solve(wins, 0.025), solve(wins + 1, 0.975)


def main() -> None:
    print("decided pairs   fewest wins   found if the true win rate is")
    print("                for p < 0.05     0.55    0.60    0.70")
    for n in (20, 50, 100, 200, 400):
        found = [power(n, rate) for rate in (0.55, 0.6, 0.7)]
        row = " ".join(f"{x:7.2f}" for x in found)
        print(f"{n:13} {least_wins(n):13} {row}")
        assert sign_test(least_wins(n), n) < 0.05
        assert sign_test(least_wins(n) - 1, n) >= 0.05
    assert power(50, 0.6) < 0.3 and power(200, 0.6) > 0.75

    print("\nwins        p      Wilson           exact")
    for wins, n in ((32, 50), (64, 100)):
        (a, b), (c, d) = wilson(wins, n), exact(wins, n)
        print(
            f"{wins}/{n:<4} {sign_test(wins, n):8.4f}"
            f"   {a:.3f} to {b:.3f}   {c:.3f} to {d:.3f}"
        )
        assert c < a and d > b  # the exact interval contains Wilson's
    assert wilson(32, 50)[0] > 0.5 > exact(32, 50)[0]

    print("\nequally good models at 0.70: the best one's score")
    print("models    50 items   200 items")
    for models in (1, 3, 10):
        row = [best_of(models, n, 0.7) for n in (50, 200)]
        print(f"{models:6} {row[0]:11.3f} {row[1]:11.3f}")
    assert abs(best_of(1, 50, 0.7) - 0.7) < 1e-9
    assert best_of(10, 50, 0.7) > 0.79 and best_of(10, 200, 0.7) < 0.76

    n_weights = 8e9
    print("\n8e9 weights        GB")
    for name, bits in (("bf16", 16), ("Q4_K_M", 4.84), ("4 bits", 4)):
        print(f"{name:12} {n_weights * bits / 8 / 1e9:8.2f}")
    kv = 2 * 32 * 8 * 128 * 2  # K and V, layers, KV heads, width, bytes
    print(f"KV cache of a token {kv:,} bytes; of 8,192 tokens", end=" ")
    print(f"{kv * 8192 / 1e9:.2f} GB, of 131,072 {kv * 131_072 / 1e9:.2f} GB")
    assert kv == 131_072

    tokens = 10 * 100 * 800
    print(f"\n10 models, 100 prompts, 800 tokens each: {tokens:,} tokens;")
    print(f"at 50 a second, 8 at a time: {tokens / 50 / 8 / 60:.0f} minutes")
    print(f"100 blind pairs at 40 s each: {100 * 40 / 60:.0f} minutes")


if __name__ == "__main__":
    main()
