"""The explorable's masks and what they let through are those of the pages' examples."""

import json

import numpy as np
import pytest
from explorable_arithmetic import example, expressions

masks = expressions("masks")


@pytest.mark.parametrize("size", [2, 5, 8, 12])
@pytest.mark.parametrize("prefix", [1, 3, 4, 12])
def test_level_masks_are_those_of_question_52(size, prefix) -> None:
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
def test_turns_are_those_of_question_30(given, reply, size) -> None:
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


def test_a_block_a_turn_has_the_pairs_of_question_52() -> None:
    page = example("prefix-lm-vs-causal-lm")
    found = masks("a.mask('turns', 8, {input: 3, reply: 0})")
    np.testing.assert_array_equal(
        found, page.visible([0, 0, 0, 1, 1, 1, 2, 2])
    )
    assert masks(f"a.pairs({json.dumps(found)})") == 43
    assert sum(masks(f"a.honestRows({json.dumps(found)})")) == 2


@pytest.mark.parametrize("layers", [1, 2, 3, 5])
@pytest.mark.parametrize("size", [3, 6])
def test_what_reaches_a_row_is_as_on_question_33(layers, size) -> None:
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
def test_what_stays_in_the_cache_is_as_computed(cached) -> None:
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


def test_a_sentence_falls_into_tokens() -> None:
    assert masks("a.tokens('今天 RoPE 真好')") == [
        "今",
        "天",
        "RoPE",
        "真",
        "好",
    ]
    assert masks("a.tokens('the cat sat.')") == ["the", "cat", "sat."]
    assert masks("a.tokens(' '.repeat(9))") == []
    assert len(masks("a.tokens('字'.repeat(50))")) == 12


def test_targets_are_what_a_row_cannot_see() -> None:
    def targets(kind: str, layers: int, hidden: str = "[]") -> list[int]:
        return masks(
            f"a.targets('{kind}', a.reach(a.mask('{kind}', 4), {layers}), {hidden})"
        )

    assert targets("causal", 3) == [1, 2, 3, -1]
    assert targets("full", 1, "[0, 2]") == [0, -1, 2, -1]
    # All but itself: hidden in one layer, leaked in two.
    assert targets("hollow", 1) == [0, 1, 2, 3]
    assert targets("hollow", 2) == [-1, -1, -1, -1]
