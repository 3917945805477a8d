"""The sampling explorable gives the numbers of the page's example."""

from itertools import product

import numpy as np
import pytest
from explorable_arithmetic import arithmetic, example

call = arithmetic("sampling")
page = example("temperature-top-p-top-k")
repetition = example("mitigate-repetition")

LOGITS = [
    page.LOGITS.tolist(),
    [6.0, 2.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0],
    [0.5, 0.4, 0.3, 0.2, 0.1, 0.0],
    page.LONG[:10].tolist(),
]
# What the engines do after the penalty, in the order of the page's table.
ORDERS = {
    "transformers": ("temperature", "top_k", "top_p", "min_p"),
    "vllm": ("temperature", "min_p", "top_k", "top_p"),
    "llamacpp": ("top_k", "top_p", "min_p", "temperature"),
}


def expected(logits, order, t, k, p, base):
    rules = {
        "temperature": page.temperature(t),
        "top_k": page.top_k(k) if k else lambda z: z,
        "top_p": page.top_p(p) if p < 1 else lambda z: z,
        "min_p": page.min_p(base) if base else lambda z: z,
    }
    with np.errstate(invalid="ignore"):
        return page.chain(
            np.array(logits), *(rules[step] for step in ORDERS[order])
        )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "logits", LOGITS, ids=["page", "sharp", "flat", "tail"]
)
def test_distributions_agree(logits, order) -> None:
    grid = product((0.5, 1, 2), (0, 2, 3), (0.5, 0.9, 1), (0, 0.1, 0.4))
    for t, k, p, base in grid:
        made = call(
            "distribution",
            {
                "logits": logits,
                "seen": [],
                "penalty": 1,
                "order": order,
                "temperature": t,
                "topK": k,
                "topP": p,
                "minP": base,
            },
        )
        np.testing.assert_allclose(
            made["after"], expected(logits, order, t, k, p, base), atol=1e-12
        )


def test_tokens_in_any_order_are_ranked_first() -> None:
    logits = LOGITS[1]
    shuffled = np.random.default_rng(0).permutation(len(logits))
    settings = {"seen": [], "penalty": 1, "order": "transformers"}
    numbers = {"temperature": 1.3, "topK": 5, "topP": 0.97, "minP": 0.01}
    sorted_, mixed = (
        call("distribution", {"logits": z, **settings, **numbers})["after"]
        for z in (logits, [logits[i] for i in shuffled])
    )
    np.testing.assert_allclose(mixed, np.array(sorted_)[shuffled])


@pytest.mark.parametrize("theta", [1, 1.2, 2])
def test_the_repetition_penalty_agrees(theta) -> None:
    for logits in LOGITS:
        seen = [0, len(logits) - 1]
        counts = np.bincount(seen, minlength=len(logits))
        np.testing.assert_allclose(
            call("penalty", logits, seen, theta),
            repetition.multiplicative(np.array(logits), counts, theta),
        )


def test_temperature_zero_is_greedy() -> None:
    made = call("temperature", [0.0, 3.0, 3.0], 0)
    assert made == [float("-inf"), 3.0, float("-inf")]


def test_draws_follow_what_is_left() -> None:
    p = [0.6, 0.0, 0.3, 0.1]
    counts = np.array(call("draws", p, 20_000, 7))
    assert counts.sum() == 20_000
    assert counts[1] == 0
    assert np.abs(counts / 20_000 - p).max() < 0.01
    assert call("draws", p, 100, 1) == call("draws", p, 100, 1)
    assert call("draws", p, 100, 1) != call("draws", p, 100, 2)


@pytest.mark.parametrize("t", [0.5, 1, 2.5])
def test_a_dragged_bar_gets_its_probability(t) -> None:
    z = LOGITS[0]
    for i, p in product(range(4), (0.01, 0.4, 0.9)):
        moved = list(z)
        moved[i] = call("logitFor", p, i, z, t)
        assert page.softmax(np.array(moved) / t)[i] == pytest.approx(p)


def test_entropy_agrees() -> None:
    for logits in LOGITS:
        p = page.softmax(np.array(logits))
        assert call("entropy", p.tolist()) == pytest.approx(page.entropy(p))
