"""The explorable's activations and feed-forward blocks are those of the pages' examples."""

import math

import numpy as np
import pytest
from explorable_arithmetic import example, expressions

activations = expressions("activations")


POINTS = np.linspace(-8, 8, 65)


def values(name: str, part: str, beta: float) -> list[float]:
    return activations(
        f"{POINTS.tolist()}.map(x => a.FUNCTIONS.{name}.{part}(x, {beta}))"
    )


def test_gelu_and_its_approximations_are_those_of_question_100() -> None:
    page = example("gelu-formula")
    found = activations(f"{POINTS.tolist()}.map(a.normalCdf)")
    np.testing.assert_allclose(found, page.normal_cdf(POINTS), rtol=1e-13)
    for name, part, expected in (
        ("gelu", "value", page.gelu(POINTS)),
        ("gelu", "slope", page.gelu_slope(POINTS)),
        ("tanh", "value", page.gelu_tanh(POINTS)),
    ):
        found = values(name, part, 1)
        np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("beta", [0, 0.5, 1, 1.702, 10])
def test_swish_is_that_of_question_101(beta) -> None:
    page = example("swish-formula")
    np.testing.assert_allclose(
        values("swish", "value", beta),
        page.swish(POINTS, beta),
        atol=1e-13,
    )
    np.testing.assert_allclose(
        values("swish", "slope", beta),
        page.swish_slope(POINTS, beta),
        atol=1e-13,
    )


@pytest.mark.parametrize(
    "name", ["relu", "gelu", "tanh", "swish", "sigmoid", "identity"]
)
def test_each_slope_is_that_of_its_function(name) -> None:
    h = 1e-5
    for x in (-5.3, -2.1, -0.7, 0.01, 0.4, 1.9, 2.99, 3.02, 6.5):
        rise, slope = activations(
            f"[(a.FUNCTIONS.{name}.value({x + h}, 1.3)"
            f" - a.FUNCTIONS.{name}.value({x - h}, 1.3)) / {2 * h},"
            f" a.FUNCTIONS.{name}.slope({x}, 1.3)]"
        )
        assert abs(rise - slope) < 1e-8, (name, x)


def test_nothing_overflows() -> None:
    for name in "relu", "gelu", "tanh", "swish", "sigmoid", "identity":
        far = activations(
            f"[-1000, 1000].map(x => a.FUNCTIONS.{name}.value(x, 10))"
        )
        assert all(math.isfinite(one) for one in far)


@pytest.mark.parametrize("x", [(1, -1), (0.5, 2), (-2, 0.3), (0, 0)])
def test_the_plain_block_is_that_of_question_99(x) -> None:
    page = example("ffn-formula")
    found = activations(f"a.block({list(x)}, a.PLAIN, a.FUNCTIONS.relu.value)")
    at = np.array(x, dtype=float)
    expected = page.ffn(at, page.W1, page.B1, page.W2, page.B2)
    np.testing.assert_allclose(found["output"], expected, atol=1e-14)
    np.testing.assert_allclose(found["before"], at @ page.W1 + page.B1)


@pytest.mark.parametrize("x", [(1, -1), (0.5, 2), (-2, 0.3), (0, 0)])
def test_the_gated_blocks_are_those_of_questions_102_to_104(x) -> None:
    glu, geglu = example("glu-ffn-formula"), example("geglu-formula")
    swiglu = example("swiglu-formula")
    at = np.array(x, dtype=float)
    weights = (glu.W, glu.V, glu.W2)
    for name, expected in (
        ("sigmoid", glu.glu_ffn(at, weights, glu.GATES["GLU"])),
        ("identity", glu.glu_ffn(at, weights, glu.GATES["Bilinear"])),
        ("relu", glu.glu_ffn(at, weights, glu.GATES["ReGLU"])),
        ("gelu", geglu.geglu_ffn(at, weights, geglu.gelu)),
        ("tanh", geglu.geglu_ffn(at, weights, geglu.gelu_tanh)),
        ("swish", swiglu.swiglu_ffn(at, weights)),
    ):
        found = activations(
            f"a.block({list(x)}, a.GATED, v => a.FUNCTIONS.{name}.value(v, 1))"
        )
        np.testing.assert_allclose(found["output"], expected, atol=1e-13)
        np.testing.assert_allclose(found["other"], at @ glu.V, atol=1e-14)


def test_the_lowest_points_are_those_of_the_pages() -> None:
    gelu = activations("a.lowest(x => a.FUNCTIONS.gelu.value(x))")
    np.testing.assert_allclose(
        list(gelu.values()), [-0.7518, -0.17], atol=5e-5
    )
    page = example("swish-formula")
    for beta in (0.5, 1, 1.702, 10):
        found = activations(
            f"a.lowest(x => a.FUNCTIONS.swish.value(x, {beta}))"
        )
        np.testing.assert_allclose(found["x"], -(1 + page.W) / beta, atol=1e-6)
        np.testing.assert_allclose(found["value"], -page.W / beta, atol=1e-9)


def test_the_largest_gaps_are_those_of_question_100() -> None:
    page = example("gelu-formula")
    for one, gate, constant in (
        ("tanh.value(x)", page.tanh_gate, 0.044715),
        ("swish.value(x, 1.702)", page.sigmoid_gate, 1.702),
    ):
        found = activations(
            f"a.largestGap(x => a.FUNCTIONS.{one}, a.FUNCTIONS.gelu.value)"
        )
        expected = page.gelu_error(gate, constant)
        np.testing.assert_allclose(found["value"], expected, rtol=1e-9)


def test_level_lines_lie_on_their_level() -> None:
    page = example("glu-ffn-formula")
    chains = activations(
        "a.levelLines((x, y) => a.FUNCTIONS.sigmoid.value(x) * (x / 2 + y),"
        " 0.5, 2, 48)"
    )
    ends = np.concatenate([np.array(chain) for chain in chains])
    w, v = page.W[:, 0], page.V[:, 0]
    heights = page.sigmoid(ends @ w) * (ends @ v)
    np.testing.assert_allclose(heights, 0.5, atol=2e-3)
    # One line from edge to edge, in steps no longer than a cell's diagonal.
    assert len(chains) == 1
    steps = np.linalg.norm(np.diff(np.array(chains[0]), axis=0), axis=1)
    assert steps.max() < 4 / 48 * 1.5
    assert all(np.abs(one).max() > 1.99 for one in (ends[0], ends[-1]))


def test_a_closed_level_line_is_one_chain() -> None:
    chains = activations("a.levelLines((x, y) => x * x + y * y, 1, 2, 48)")
    assert len(chains) == 1
    assert chains[0][0] == chains[0][-1]
    radii = np.linalg.norm(np.array(chains[0]), axis=1)
    np.testing.assert_allclose(radii, 1, atol=2e-3)
