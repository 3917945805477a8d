"""Position, masks, activations and clip compute what the examples compute."""

import importlib.util
import json
import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import quickjs
from conftest import ROOT

SCRIPTS = ROOT / "docs" / "assets" / "scripts" / "explorables"


def example(slug: str) -> ModuleType:
    """`example.py` of a question."""
    path = ROOT / "docs" / "questions" / slug / "example.py"
    name = "example_" + slug.replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Arithmetic:
    """The pure functions of an explorable, run by QuickJS."""

    def __init__(self, name: str) -> None:
        self.context = quickjs.Context()
        text = (SCRIPTS / f"{name}.js").read_text(encoding="utf-8")
        self.context.eval(PRELUDE + text)
        self.context.eval(f"const arithmetic = explorables.arithmetic.{name};")

    def __call__(self, expression: str) -> Any:
        """The value of an expression in which `a` is the arithmetic."""
        flat = "(_, v) => ArrayBuffer.isView(v) ? Array.from(v) : v"
        found = self.context.eval(
            f"(() => {{ const a = arithmetic;"
            f" return JSON.stringify({expression}, {flat}); }})()"
        )
        return json.loads(found)


PRELUDE = "globalThis.explorables = {arithmetic: {}};\n"


@pytest.fixture(scope="module")
def position() -> Arithmetic:
    return Arithmetic("position")


@pytest.fixture(scope="module")
def masks() -> Arithmetic:
    return Arithmetic("masks")


@pytest.fixture(scope="module")
def activations() -> Arithmetic:
    return Arithmetic("activations")


@pytest.fixture(scope="module")
def clip() -> Arithmetic:
    return Arithmetic("clip")


# Position


@pytest.mark.parametrize("d", [8, 64, 128, 256])
@pytest.mark.parametrize("base", [1e2, 1e4, 5e5])
def test_frequencies_are_those_of_the_pages(position, d, base) -> None:
    found = position(f"a.frequencies({d}, {base})")
    expected = example("rope-idea").frequencies(d, base)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    if base == 1e4:
        sines = example("absolute-positional-encoding").frequencies(d)
        np.testing.assert_allclose(found, sines, rtol=1e-12)


@pytest.mark.parametrize("s", [1, 1.5, 2, 4, 8, 16, 32])
def test_stretched_frequencies_are_those_of_question_87(position, s) -> None:
    page = example("length-extrapolation-solutions")
    settings = f"{{d: 128, base: 1e4, trained: 4096, s: {s}}}"
    for method, expected in (
        ("none", page.frequencies()),
        ("pi", page.interpolated(s)),
        ("ntk", page.frequencies(page.ntk_base(s))),
        ("yarn", page.yarn(s)),
    ):
        found = position(f"a.stretched('{method}', {settings})")
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "fresh", "furthest"),
    [("none", 18, 8), ("pi", 0, 1), ("ntk", 17, None), ("yarn", 0, 1)],
)
def test_new_angles_are_counted_as_on_question_87(
    position, method, fresh, furthest
) -> None:
    page = example("length-extrapolation-solutions")
    theta = page.frequencies()
    schemes = {
        "none": theta,
        "pi": page.schemes(8.0)["PI"],
        "ntk": page.schemes(8.0)["NTK"],
        "yarn": page.schemes(8.0)["YaRN"],
    }
    found = position(
        "a.newAngles(a.frequencies(128, 1e4), a.stretched("
        f"'{method}', {{d: 128, base: 1e4, trained: 4096, s: 8}}), 4096, 32768)"
    )
    open_planes = page.turns(theta) < 1
    reach = (8 * schemes[method] / theta)[open_planes]
    assert found["open"] == 18
    assert found["fresh"] == int((reach > 1 + 1e-9).sum()) == fresh
    np.testing.assert_allclose(found["furthest"], reach.max())
    if furthest:
        np.testing.assert_allclose(found["furthest"], furthest)


def test_the_score_of_question_84_is_found_again(position) -> None:
    page = example("rope-idea")
    q, k = page.sample()
    found = position(
        "a.waves(a.randomContent(8), a.frequencies(8, 1e4), 2000)"
    )
    expected = [page.plane_shares(q, k, n).sum() for n in range(2000)]
    np.testing.assert_allclose(found, expected, atol=1e-7)
    # The numbers that stand on the page.
    np.testing.assert_allclose(found[3], -1.5865, atol=5e-5)
    np.testing.assert_allclose(found[5], -1.1427, atol=5e-5)


@pytest.mark.parametrize("base", [1e4, 5e5])
def test_equal_content_falls_as_on_question_85(position, base) -> None:
    page = example("rope-advantages")
    found = position(
        f"(t => a.waves(a.equalContent(t), t, 20000))(a.frequencies(128, {base}))"
    )
    expected = page.curve(np.arange(20000.0), base)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    first = int(np.flatnonzero(np.array(found) < 0)[0])
    assert first == {1e4: 1707, 5e5: 18438}[base]


@pytest.mark.parametrize("delta", [0, 3, 1000])
def test_content_can_prefer_a_distance(position, delta) -> None:
    page = example("rope-advantages")
    found = position(
        f"(t => a.waves(a.peakContent(t, {delta}), t, 1200))(a.frequencies(128, 1e4))"
    )
    far = np.exp(-1j * delta * page.frequencies(128))
    expected = [page.score(far, n) for n in range(1200)]
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert int(np.argmax(found)) == delta


@pytest.mark.parametrize(
    ("method", "stretch"), [("none", 1.0), ("pi", 4.0), ("pi", 2.0)]
)
def test_a_learned_line_runs_off_as_on_question_86(
    position, method, stretch
) -> None:
    page = example("length-extrapolation-problem")
    weights = page.fit(page.recency())
    found = np.array(
        position(
            "a.waves(a.learnedContent(a.frequencies(128, 1e4), 4096), a.stretched("
            f"'{method}', {{d: 128, base: 1e4, trained: 4096, s: {stretch}}}), 16384)"
        )
    )
    distance = np.arange(16384.0)
    expected = page.features(distance / stretch) @ weights
    np.testing.assert_allclose(found, expected, atol=1e-6)
    share = page.softmax(expected)
    mine = np.array(position(f"a.attention({found.tolist()})"))
    np.testing.assert_allclose(
        mine[4096:].sum(), share[4096:].sum(), rtol=1e-6
    )


def test_sinusoids_depend_on_the_offset_alone_only_for_some_forms(
    position,
) -> None:
    page = example("absolute-positional-encoding")
    d, count = 64, 40
    code = {m: page.code(m, d) for m in range(200)}
    random = np.array(position(f"a.randomForm({d})"))
    for name, form in (
        ("identity", np.eye(d)),
        ("shift", page.shift(3, d)),
        ("random", random),
    ):
        curves = []
        for m in (60, 150):
            found = position(
                f"(t => a.waves(a.formContent({form.tolist()}, t, {m}), t, {count}))"
                f"(a.frequencies({d}, 1e4))"
            )
            expected = [code[m] @ form @ code[m - n] for n in range(count)]
            np.testing.assert_allclose(found, expected, atol=1e-10)
            curves.append(found)
        same = np.allclose(*curves, atol=1e-9)
        assert same == (name != "random")
    # The two that need no matrix.
    for content, form in (
        ("equalContent(t)", np.eye(d)),
        ("peakContent(t, 3)", page.shift(3, d)),
    ):
        found = position(
            f"(t => a.waves(a.{content}, t, {count}))(a.frequencies({d}, 1e4))"
        )
        expected = [code[60] @ form @ code[60 - n] for n in range(count)]
        np.testing.assert_allclose(found, expected, atol=1e-10)


def test_the_random_form_is_that_of_one_narrow_head(position) -> None:
    form = np.array(position("a.randomForm(128)"))
    assert np.linalg.matrix_rank(form) == 16
    assert 0.5 < form.std() * math.sqrt(128 * 8) < 2


@pytest.mark.parametrize("heads", [1, 2, 6, 8, 12, 16, 24, 40, 64])
def test_slopes_are_those_of_question_89(position, heads) -> None:
    expected = example("alibi-bias-matrix").slopes(heads)
    np.testing.assert_allclose(position(f"a.slopes({heads})"), expected)
    if heads & (heads - 1) == 0:
        np.testing.assert_allclose(
            example("alibi-idea").slopes(heads), expected
        )


@pytest.mark.parametrize("slope", [0.0, 1 / 256, 1 / 64, 1 / 16, 1 / 2])
def test_weights_and_keys_in_use_are_those_of_question_90(
    position, slope
) -> None:
    page = example("alibi-advantages")
    logits = (-slope * np.arange(2048)).tolist()
    weights = position(f"a.attention({logits})")
    np.testing.assert_allclose(weights, page.prior(slope, 2048), atol=1e-14)
    np.testing.assert_allclose(
        weights[::-1],
        example("alibi-idea").equal_content(2048, slope),
        atol=1e-14,
    )
    used = position(f"a.keysInUse({logits})")
    for length in (1, 2, 17, 512, 2048):
        expected = page.keys_in_use(page.prior(slope, length))
        np.testing.assert_allclose(used[length - 1], expected, rtol=1e-9)


def test_keys_in_use_bear_scores_that_rise(position) -> None:
    logits = np.random.default_rng(0).normal(scale=30, size=200)
    used = position(f"a.keysInUse({logits.tolist()})")
    page = example("alibi-advantages")
    for length in (1, 3, 50, 200):
        weights = np.exp(logits[:length] - logits[:length].max())
        expected = page.keys_in_use(weights / weights.sum())
        np.testing.assert_allclose(used[length - 1], expected, rtol=1e-9)


# Masks


@pytest.mark.parametrize("size", [2, 5, 8, 12])
@pytest.mark.parametrize("prefix", [1, 3, 4, 12])
def test_level_masks_are_those_of_question_52(masks, size, prefix) -> None:
    page = example("prefix-lm-vs-causal-lm")
    prefix = min(prefix, size)
    found = masks(f"a.mask('prefix', {size}, {{prefix: {prefix}}})")
    np.testing.assert_array_equal(found, page.prefix_mask(size, prefix))
    np.testing.assert_array_equal(
        masks(f"a.mask('causal', {size})"), page.causal(size)
    )
    np.testing.assert_array_equal(
        masks(f"a.mask('full', {size})"), example("clm-vs-mlm").full(size)
    )
    honest = masks(
        f"a.honestRows(a.mask('prefix', {size}, {{prefix: {prefix}}}))"
    )
    assert sum(honest) == size - prefix
    assert masks(f"a.pairs({json.dumps(found)})") == np.sum(found)


@pytest.mark.parametrize(
    ("given", "reply", "size"), [(3, 2, 8), (2, 1, 9), (1, 4, 10), (4, 3, 7)]
)
def test_turns_are_those_of_question_30(masks, given, reply, size) -> None:
    page = example("why-decoder-only")
    turns = [(given, reply)] * (size // (given + reply) + 1)
    expected = page.turn_by_turn(turns)[:size, :size]
    options = f"{{input: {given}, reply: {reply}}}"
    found = masks(f"a.mask('turns', {size}, {options})")
    # A cut inside an input leaves a block that is smaller; it is one all the same.
    np.testing.assert_array_equal(found, expected)
    assert sum(
        masks(f"a.honestRows(a.mask('turns', {size}, {options}))")
    ) == page.trained_positions(expected)


def test_a_block_a_turn_has_the_pairs_of_question_52(masks) -> None:
    page = example("prefix-lm-vs-causal-lm")
    found = masks("a.mask('turns', 8, {input: 3, reply: 0})")
    np.testing.assert_array_equal(
        found, page.visible([0, 0, 0, 1, 1, 1, 2, 2])
    )
    assert masks(f"a.pairs({json.dumps(found)})") == 43
    assert sum(masks(f"a.honestRows({json.dumps(found)})")) == 2


@pytest.mark.parametrize("layers", [1, 2, 3, 5])
@pytest.mark.parametrize("size", [3, 6])
def test_what_reaches_a_row_is_as_on_question_33(masks, layers, size) -> None:
    page = example("clm-vs-mlm")
    hollow = page.full(size) & ~np.eye(size, dtype=bool)
    rows = np.arange(size)
    window = (rows[None, :] <= rows[:, None]) & (
        rows[None, :] > rows[:, None] - 2
    )
    for kind, mask in (
        ("hollow", hollow),
        ("causal", page.causal(size)),
        ("window", window),
    ):
        one = f"a.mask('{kind}', {size}, {{window: 2}})"
        np.testing.assert_array_equal(masks(one), mask)
        np.testing.assert_array_equal(
            masks(f"a.reach({one}, {layers})"), page.seen(mask, layers)
        )


@pytest.mark.parametrize("cached", [1, 2, 5, 8])
def test_what_stays_in_the_cache_is_as_computed(masks, cached) -> None:
    """Rows whose states do not move when the rest is appended, four layers."""
    page = example("why-decoder-only")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 16))
    weights = rng.normal(size=(4, 3, 16, 16)) / 4
    for kind, options in (
        ("causal", "{}"),
        ("prefix", "{prefix: 3}"),
        ("prefix", "{prefix: 6}"),
        ("full", "{}"),
        ("window", "{window: 3}"),
        ("turns", "{input: 3, reply: 2}"),
    ):
        mask = np.array(masks(f"a.mask('{kind}', 8, {options})"))
        found = masks(f"a.keptRows(a.mask('{kind}', 8, {options}), {cached})")
        now = page.states(x, mask, weights)
        was = page.states(x[:cached], mask[:cached, :cached], weights)
        same = np.abs(now[:cached] - was).max(axis=1) < 1e-12
        assert found[:cached] == same.tolist(), (kind, options)
        assert not any(found[cached:])


# Activations and gates

POINTS = np.linspace(-8, 8, 65)


def values(activations: Arithmetic, name: str, part: str, beta: float) -> Any:
    return activations(
        f"{POINTS.tolist()}.map(x => a.FUNCTIONS.{name}.{part}(x, {beta}))"
    )


def test_gelu_and_its_approximations_are_those_of_question_100(
    activations,
) -> None:
    page = example("gelu-formula")
    found = activations(f"{POINTS.tolist()}.map(a.normalCdf)")
    np.testing.assert_allclose(found, page.normal_cdf(POINTS), rtol=1e-13)
    for name, part, expected in (
        ("gelu", "value", page.gelu(POINTS)),
        ("gelu", "slope", page.gelu_slope(POINTS)),
        ("tanh", "value", page.gelu_tanh(POINTS)),
    ):
        found = values(activations, name, part, 1)
        np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("beta", [0, 0.5, 1, 1.702, 10])
def test_swish_is_that_of_question_101(activations, beta) -> None:
    page = example("swish-formula")
    np.testing.assert_allclose(
        values(activations, "swish", "value", beta),
        page.swish(POINTS, beta),
        atol=1e-13,
    )
    np.testing.assert_allclose(
        values(activations, "swish", "slope", beta),
        page.swish_slope(POINTS, beta),
        atol=1e-13,
    )


@pytest.mark.parametrize(
    "name", ["relu", "gelu", "tanh", "swish", "sigmoid", "identity"]
)
def test_each_slope_is_that_of_its_function(activations, name) -> None:
    h = 1e-5
    for x in (-5.3, -2.1, -0.7, 0.01, 0.4, 1.9, 2.99, 3.02, 6.5):
        rise, slope = activations(
            f"[(a.FUNCTIONS.{name}.value({x + h}, 1.3)"
            f" - a.FUNCTIONS.{name}.value({x - h}, 1.3)) / {2 * h},"
            f" a.FUNCTIONS.{name}.slope({x}, 1.3)]"
        )
        assert abs(rise - slope) < 1e-8, (name, x)


def test_nothing_overflows(activations) -> None:
    for name in "relu", "gelu", "tanh", "swish", "sigmoid", "identity":
        far = activations(
            f"[-1000, 1000].map(x => a.FUNCTIONS.{name}.value(x, 10))"
        )
        assert all(math.isfinite(one) for one in far)


@pytest.mark.parametrize("x", [(1, -1), (0.5, 2), (-2, 0.3), (0, 0)])
def test_the_plain_block_is_that_of_question_99(activations, x) -> None:
    page = example("ffn-formula")
    found = activations(f"a.block({list(x)}, a.PLAIN, a.FUNCTIONS.relu.value)")
    at = np.array(x, dtype=float)
    expected = page.ffn(at, page.W1, page.B1, page.W2, page.B2)
    np.testing.assert_allclose(found["output"], expected, atol=1e-14)
    np.testing.assert_allclose(found["before"], at @ page.W1 + page.B1)


@pytest.mark.parametrize("x", [(1, -1), (0.5, 2), (-2, 0.3), (0, 0)])
def test_the_gated_blocks_are_those_of_questions_102_to_104(
    activations, x
) -> None:
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


# The clip


@pytest.mark.parametrize("advantage", [-2.0, -1.0, -0.3, 0.0, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("eps", [0.05, 0.2, 0.5])
def test_the_clip_is_that_of_question_15(clip, advantage, eps) -> None:
    page = example("ppo-vs-trpo")
    ratios = np.linspace(0, 3, 62)
    at = np.full_like(ratios, advantage)
    found = clip(
        f"{ratios.tolist()}.map(r => [a.clipped(r, {advantage}, {eps}),"
        f" a.slope(r, {advantage}, {eps})])"
    )
    value, slope = np.array(found).T
    np.testing.assert_allclose(value, page.clipped(ratios, at, eps))
    np.testing.assert_allclose(slope, page.slope(ratios, at, eps))
