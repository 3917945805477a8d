"""Editing a linear memory: what one edit does, and what fifty do.

Source: Meng et al., arXiv:2202.05262 (the rank-one edit), with columns as
keys: W k = v. Random keys; the same seed gives the same memory.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDTH, KEYS, EDITS = 64, 2000, 50


# --8<-- [start:edit]
def edit(w: Array, inverse: Array, key: Array, value: Array) -> Array:
    """The change of W, least on the old keys, that gives W key = value."""
    direction = inverse @ key  # C^-1 k
    return w + np.outer(value - w @ key, direction) / (direction @ key)


def joint(w: Array, inverse: Array, keys: Array, values: Array) -> Array:
    """All edits at once, exactly: columns of keys and values."""
    residual = values - w @ keys
    gram = keys.T @ inverse @ keys
    change: Array = residual @ np.linalg.solve(gram, keys.T @ inverse)
    return w + change


def drift(old: Array, new: Array, keys: Array) -> float:
    """Relative change of what the old keys return."""
    change = np.linalg.norm((new - old) @ keys)
    return float(change / np.linalg.norm(old @ keys))


# --8<-- [end:edit]


def memory() -> tuple[Array, Array, Array, Array]:
    """W, old keys (columns), new keys (columns), new values (columns)."""
    rng = np.random.default_rng(0)
    w = rng.standard_normal((WIDTH, WIDTH)) / np.sqrt(WIDTH)
    keys = rng.standard_normal((WIDTH, KEYS))
    new_keys = rng.standard_normal((EDITS, WIDTH)).T
    values = rng.standard_normal((EDITS, WIDTH)).T
    return w, keys, new_keys, values


def sequence(protect: bool = False) -> tuple[list[float], list[float]]:
    """Drift, and error on the first edit, after 1 .. 50 edits in a row.

    protect: add each edited key to C, heavily, so later edits avoid it.
    """
    w, keys, new_keys, values = memory()
    c = keys @ keys.T
    now, drifts, errors = w, [], []
    for i in range(EDITS):
        now = edit(now, np.linalg.inv(c), new_keys[:, i], values[:, i])
        drifts.append(drift(w, now, keys))
        miss = now @ new_keys[:, 0] - values[:, 0]
        errors.append(
            float(np.linalg.norm(miss) / np.linalg.norm(values[:, 0]))
        )
        if protect:
            c = c + 1e8 * np.outer(new_keys[:, i], new_keys[:, i])
    return drifts, errors


def check_one() -> None:
    rng = np.random.default_rng(1)
    w, keys = rng.standard_normal((8, 8)), rng.standard_normal((8, 40))
    inverse = np.linalg.inv(keys @ keys.T)
    key, value = rng.standard_normal((2, 8))
    new = edit(w, inverse, key, value)
    np.testing.assert_allclose(new @ key, value, atol=1e-12)
    # A key that is orthogonal to C^-1 k is untouched; k's parallel is not.
    direction = inverse @ key
    free = rng.standard_normal(8)
    free -= direction * (direction @ free) / (direction @ direction)
    np.testing.assert_allclose(new @ free, w @ free, atol=1e-12)
    # Any other change that meets the demand disturbs the old keys more.
    least = np.linalg.norm((new - w) @ keys)
    for _ in range(200):
        other = new + rng.standard_normal((8, 8))
        other = edit(other, np.eye(8), key, value)
        np.testing.assert_allclose(other @ key, value, atol=1e-9)
        assert np.linalg.norm((other - w) @ keys) > least - 1e-9
    print("one edit, 8 x 8: W k = v exactly, an orthogonal key unchanged")
    print("of 200 other changes with W k = v, smaller on the old keys: 0")

    # Asked in other words: the key is cos(angle) k + sin(angle) noise.
    w, keys, new_keys, values = memory()
    inverse = np.linalg.inv(keys @ keys.T)
    key, value = new_keys[:, 0], values[:, 0]
    new = edit(w, inverse, key, value)
    other = rng.standard_normal((WIDTH, 400))
    other -= np.outer(key, key @ other) / (key @ key)
    other *= np.linalg.norm(key) / np.linalg.norm(other, axis=0)
    print("\nthe fact asked in other words, 64 x 64")
    print("cosine of the keys   share of the change   error of the value")
    for cosine in (1.0, 0.9, 0.7, 0.5, 0.0):
        asked = cosine * key[:, None] + np.sqrt(1 - cosine**2) * other
        weight = asked.T @ inverse @ key / (key @ inverse @ key)
        want = value - w @ key
        got = (new - w) @ asked
        error = np.linalg.norm(got - want[:, None], axis=0)
        relative = float(np.mean(error) / np.linalg.norm(want))
        share = abs(round(float(np.mean(weight)), 2))
        print(f"{cosine:18.1f}{share:22.2f}{relative:21.2f}")
        assert abs(float(np.mean(weight)) - cosine) < 0.03


def check_many() -> None:
    w, keys, new_keys, values = memory()
    inverse = np.linalg.inv(keys @ keys.T)
    drifts, errors = sequence()
    kept, kept_errors = sequence(protect=True)
    at_once = joint(w, inverse, new_keys, values)
    print("\nedits        drift of the old keys   error on the first edit")
    print("one after the other")
    for n in (1, 10, 50):
        print(f"{n:5}{drifts[n - 1]:29.3f}{errors[n - 1]:26.3f}")
    print("one after the other, edited keys protected")
    for n in (10, 50):
        print(f"{n:5}{kept[n - 1]:29.3f}{kept_errors[n - 1]:26.3f}")
    miss = np.linalg.norm(at_once @ new_keys - values, axis=0).max()
    total = drift(w, at_once, keys)
    print("all at once")
    print(f"{EDITS:5}{total:29.3f}{abs(miss):26.3f}")
    theory = float(np.sqrt(2 / WIDTH))
    print(f"expected for one edit, sqrt(2/d) = {theory:.3f}")
    assert abs(drifts[0] - theory) < 0.03
    np.testing.assert_allclose(drifts[49], 1.043, atol=2e-3)
    np.testing.assert_allclose(errors[49], 0.957, atol=2e-3)
    np.testing.assert_allclose(total, 2.08, atol=5e-3)
    assert miss < 1e-9 and errors[0] < 1e-12
    assert kept_errors[49] < 1e-4
    # Protecting edited keys one by one is the joint solution.
    np.testing.assert_allclose(kept[49], total, rtol=1e-4)
    # Room to spare: with keys in half of the space, an edit can be free.
    small = keys[:, :32]
    q, _ = np.linalg.qr(small)
    free = new_keys[:, 0] - q @ (q.T @ new_keys[:, 0])
    change = np.outer(values[:, 0] - w @ new_keys[:, 0], free)
    new = w + change / (free @ new_keys[:, 0])
    np.testing.assert_allclose(new @ new_keys[:, 0], values[:, 0], atol=1e-9)
    print(f"32 old keys in 64 dimensions: drift {drift(w, new, small):.3f}")
    assert drift(w, new, small) < 1e-9


if __name__ == "__main__":
    check_one()
    check_many()
