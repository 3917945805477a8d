"""The quantization explorable gives the numbers of the pages' examples."""

from itertools import product

import numpy as np
import pytest
from explorable_arithmetic import arithmetic, example

call = arithmetic("quantization")
activations = example("weight-vs-activation-quantization")
awq = example("awq-quantization")
ptq = example("ptq-vs-qat")
speed = example("int8-vs-fp16-speed")

START = {
    "layer": "layer",
    "target": "both",
    "bits": 8,
    "symmetric": True,
    "per": "line",
    "outlier": 100,
    "remedy": "none",
    "alpha": 0.5,
}


def measured(**changes):
    return call("measure", START | changes)


def test_the_layers_are_those_of_the_examples() -> None:
    drawn = np.random.default_rng(0).standard_normal(150_000)
    np.testing.assert_allclose(call("normals", 150_000), drawn, atol=1e-13)


@pytest.mark.parametrize("bits", [2, 3, 4, 6, 8])
@pytest.mark.parametrize("per", ["tensor", "line", 3, 4])
@pytest.mark.parametrize("symmetric", [True, False])
def test_grids_agree_with_the_formula(bits, per, symmetric) -> None:
    x = np.random.default_rng(1).normal(0.3, 1, (5, 12))
    made = call(
        "quantize",
        x.tolist(),
        {"bits": bits, "per": per, "symmetric": symmetric},
    )
    blocks = {
        "tensor": x.reshape(1, -1),
        "line": x,
        3: x.reshape(-1, 3),
        4: x.reshape(-1, 4),
    }[per]
    if symmetric:
        top = 2 ** (bits - 1) - 1
        step = np.abs(blocks).max(1, keepdims=True) / top
        zero, low = np.zeros_like(step), -top
    else:
        top, low = 2**bits - 1, 0
        step = np.ptp(blocks, axis=1, keepdims=True) / top
        zero = -np.rint(blocks.min(1, keepdims=True) / step)
    codes = np.clip(np.rint(blocks / step) + zero, low, top)
    np.testing.assert_array_equal(made["codes"], codes.ravel())
    np.testing.assert_allclose(made["values"], (step * (codes - zero)).ravel())


def test_halves_are_rounded_to_the_even_code() -> None:
    # A step of 1: the largest is the top code of three bits.
    made = call(
        "quantize",
        [[0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3]],
        {"bits": 3, "per": "line", "symmetric": True},
    )
    assert made["codes"] == [0, 2, 2, 0, -2, -2, 3]


def test_equal_values_and_zeros_are_exact() -> None:
    for value, symmetric in product((0.0, 0.7, -3.0), (True, False)):
        made = call(
            "quantize",
            [[value] * 4],
            {"bits": 2, "per": "line", "symmetric": symmetric},
        )
        np.testing.assert_allclose(made["values"], [value] * 4)


# ── three weights, and four products ───────────────────────────────────────


@pytest.mark.parametrize("bits", [2, 3, 4, 6, 8])
def test_three_weights(bits) -> None:
    step = np.ones(3) / (2 ** (bits - 1) - 1)
    expected = ptq.loss_of_three(ptq.quantize(ptq.WEIGHTS, step, bits))
    made = measured(layer="weights", target="weights", bits=bits, outlier=1)
    assert made["error"] == pytest.approx(expected)


def test_the_dot_product() -> None:
    (q_x, s_x), (q_w, s_w) = speed.codes(speed.X), speed.codes(speed.W)
    expected = float(q_x.astype(int) @ q_w.astype(int)) * s_x * s_w
    made = measured(layer="product", outlier=1)
    assert made["output"] == pytest.approx([expected])
    assert made["error"] == pytest.approx(abs(expected - speed.X @ speed.W))


# ── activations with outliers ──────────────────────────────────────────────

ROWS = {
    "weights only": {"target": "weights"},
    "activations only, per token": {"target": "activations"},
    "both, per tensor": {"per": "tensor"},
    "both, per token": {},
    "smoothed, per tensor": {"per": "tensor", "remedy": "smooth"},
    "smoothed, per token": {"remedy": "smooth"},
    "rotated, per token": {"remedy": "rotate"},
    "decomposed": {"remedy": "split"},
}
KINDS = {
    "none": {"layer": "layer", "outlier": 1},
    "channel": {"layer": "layer", "outlier": 100},
    "entry": {"layer": "entry", "outlier": 100},
}


def test_every_error_of_the_table_comes_out() -> None:
    table = activations.errors()
    assert set(table) == set(ROWS)
    for (name, row), (kind, where) in product(ROWS.items(), KINDS.items()):
        made = measured(**where, **row)["error"]
        assert made == pytest.approx(table[name][kind], rel=1e-9), (name, kind)


def test_other_settings_agree() -> None:
    kinds, w = activations.layer()
    ordinary = np.arange(activations.TOKENS) != activations.MASSIVE
    for factor, bits, alpha in ((10, 4, 0.3), (30, 6, 0.8), (100, 8, 1.0)):
        x = kinds["none"].copy()
        x[:, activations.OUTLIER] *= factor
        for target, per in product(
            ("weights", "activations", "both"), ("tensor", "line")
        ):
            a, b = activations.smooth(x, w, alpha)
            axes = (None, None) if per == "tensor" else (1, 0)
            a_q = activations.quantize(a, axes[0], bits)
            b_q = activations.quantize(b, axes[1], bits)
            product_ = (a if target == "weights" else a_q) @ (
                b if target == "activations" else b_q
            )
            off = (product_ - x @ w)[ordinary]
            made = measured(
                outlier=factor,
                bits=bits,
                alpha=alpha,
                target=target,
                per=per,
                remedy="smooth",
            )
            assert made["error"] == pytest.approx(
                float(np.sqrt(np.mean(off**2))), rel=1e-9
            )
            power = np.mean(((x @ w)[ordinary]) ** 2)
            assert made["relative"] == pytest.approx(
                float(np.sqrt(np.mean(off**2) / power)), rel=1e-9
            )


def test_rotated_weights_alone_agree() -> None:
    """The way by the products of channels, back in the channels of X."""
    kinds, w = activations.layer()
    x, ordinary = kinds["channel"], np.arange(activations.TOKENS) != 7
    a, b = activations.rotate(x, w)
    off = (a @ activations.quantize(b, 0, 4) - x @ w)[ordinary]
    made = measured(target="weights", bits=4, remedy="rotate")
    assert made["error"] == pytest.approx(
        float(np.sqrt(np.mean(off**2))), rel=1e-9
    )


def test_what_becomes_zero_is_the_recorded_share() -> None:
    for kind, per, share in (
        ("none", "tensor", "1.1%"),
        ("none", "line", "0.7%"),
        ("channel", "tensor", "76.8%"),
        ("channel", "line", "24.0%"),
    ):
        made = measured(target="activations", per=per, **KINDS[kind])
        assert f"{made['zeros']:.1%}" == share


def test_large_channels_are_kept() -> None:
    assert measured(remedy="split")["kept"] == [activations.OUTLIER]
    assert measured(remedy="split", outlier=1)["kept"] == []


# ── AWQ ────────────────────────────────────────────────────────────────────

AWQ = {
    "layer": "salient",
    "target": "weights",
    "bits": awq.BITS,
    "symmetric": False,
    "per": awq.GROUP,
    "outlier": 20,
}


def test_awq_agrees_along_its_grid() -> None:
    w, x, _ = awq.layer()
    for alpha in awq.GRID[::3]:
        expected = awq.error(awq.awq(w, x, alpha), w, x)
        made = measured(**AWQ, remedy="awq", alpha=float(alpha))
        assert made["error"] == pytest.approx(expected, rel=1e-9)
        assert made["predicted"] == pytest.approx(awq.predicted(w, x, alpha))
        np.testing.assert_allclose(
            call("factors", "salient", 20, "awq", float(alpha)),
            awq.scale(x, alpha),
        )
    plain = measured(**AWQ)["error"]
    assert plain == pytest.approx(awq.error(awq.quantize(w), w, x), rel=1e-9)


@pytest.mark.parametrize(("bits", "group"), [(2, 32), (4, 16), (3, 64)])
def test_awq_agrees_with_other_bits_and_groups(
    bits, group, monkeypatch
) -> None:
    w, x, _ = awq.layer()
    monkeypatch.setattr(awq, "BITS", bits)
    monkeypatch.setattr(awq, "GROUP", group)
    expected = awq.error(awq.awq(w, x, 0.4), w, x)
    made = measured(
        **AWQ | {"bits": bits, "per": group}, remedy="awq", alpha=0.4
    )
    assert made["error"] == pytest.approx(expected, rel=1e-9)
