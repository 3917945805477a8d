"""The explorable's scores, weights and frequencies are those of the pages' examples."""

import math

import numpy as np
import pytest
from explorable_arithmetic import example, expressions

position = expressions("position")


@pytest.mark.parametrize("d", [8, 64, 128, 256])
@pytest.mark.parametrize("base", [1e2, 1e4, 5e5])
def test_frequencies_are_those_of_the_pages(d, base) -> None:
    found = position(f"a.frequencies({d}, {base})")
    expected = example("rope-idea").frequencies(d, base)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    if base == 1e4:
        sines = example("absolute-positional-encoding").frequencies(d)
        np.testing.assert_allclose(found, sines, rtol=1e-12)


@pytest.mark.parametrize("s", [1, 1.5, 2, 4, 8, 16, 32])
def test_stretched_frequencies_are_those_of_question_87(s) -> None:
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
    method, fresh, furthest
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


def test_the_score_of_question_84_is_found_again() -> None:
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
def test_equal_content_falls_as_on_question_85(base) -> None:
    page = example("rope-advantages")
    found = position(
        f"(t => a.waves(a.equalContent(t), t, 20000))(a.frequencies(128, {base}))"
    )
    expected = page.curve(np.arange(20000.0), base)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    first = int(np.flatnonzero(np.array(found) < 0)[0])
    assert first == {1e4: 1707, 5e5: 18438}[base]


@pytest.mark.parametrize("delta", [0, 3, 1000])
def test_content_can_prefer_a_distance(delta) -> None:
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
def test_a_learned_line_runs_off_as_on_question_86(method, stretch) -> None:
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


def test_sinusoids_depend_on_the_offset_alone_only_for_some_forms() -> None:
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


def test_the_random_form_is_that_of_one_narrow_head() -> None:
    form = np.array(position("a.randomForm(128)"))
    assert np.linalg.matrix_rank(form) == 16
    assert 0.5 < form.std() * math.sqrt(128 * 8) < 2


@pytest.mark.parametrize("heads", [1, 2, 6, 8, 12, 16, 24, 40, 64])
def test_slopes_are_those_of_question_89(heads) -> None:
    expected = example("alibi-bias-matrix").slopes(heads)
    np.testing.assert_allclose(position(f"a.slopes({heads})"), expected)
    if heads & (heads - 1) == 0:
        np.testing.assert_allclose(
            example("alibi-idea").slopes(heads), expected
        )


@pytest.mark.parametrize("slope", [0.0, 1 / 256, 1 / 64, 1 / 16, 1 / 2])
def test_weights_and_keys_in_use_are_those_of_question_90(slope) -> None:
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


@pytest.mark.parametrize("slope", [1 / 256, 1 / 64, 1 / 16, 0.7071, 0.9])
def test_closed_forms_give_the_same(slope) -> None:
    page = example("alibi-advantages")
    for length in (1, 2, 64, 5000):
        prior = page.prior(slope, length)
        used = position(f"a.linearKeys({slope}, {length})")
        np.testing.assert_allclose(used, page.keys_in_use(prior), rtol=1e-9)
        weights = position(
            f"[0, 1, 60].map(n => a.linearWeight({slope}, n, {length}))"
        )
        for n, weight in zip((0, 1, 60), weights, strict=True):
            if n < length:
                np.testing.assert_allclose(weight, prior[n], rtol=1e-9)


def test_keys_in_use_bear_scores_that_rise() -> None:
    logits = np.random.default_rng(0).normal(scale=30, size=200)
    used = position(f"a.keysInUse({logits.tolist()})")
    page = example("alibi-advantages")
    for length in (1, 3, 50, 200):
        weights = np.exp(logits[:length] - logits[:length].max())
        expected = page.keys_in_use(weights / weights.sum())
        np.testing.assert_allclose(used[length - 1], expected, rtol=1e-9)
