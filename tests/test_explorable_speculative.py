"""The speculative decoding explorable gives the numbers of its page."""

from itertools import product

import numpy as np
import pytest
from explorable_arithmetic import arithmetic, example

call = arithmetic("speculative")
page = example("speculative-decoding")

ALPHAS = (0.05, 0.3, 0.6, 0.8, 0.9, 0.99)
COSTS = (0.0, 0.05, 0.2, 1.0)


def test_tokens_and_speed_agree() -> None:
    for alpha, gamma in product(ALPHAS, (0, 1, 4, 8, 16)):
        assert call("tokensPerRun", alpha, gamma) == pytest.approx(
            page.tokens_per_run(alpha, gamma)
        )
        for c in COSTS:
            assert call("speedup", alpha, gamma, c) == pytest.approx(
                page.speedup(alpha, gamma, c)
            )


def test_the_best_draft_agrees() -> None:
    for alpha, c in product((0.05, 0.3, 0.6, 0.8), COSTS[1:]):
        assert call("best", alpha, c, 40) == page.best(alpha, c)


def test_operations_agree(capsys) -> None:
    page.check_speed()
    rows = capsys.readouterr().out.splitlines()
    for alpha in (0.6, 0.7, 0.8, 0.9):
        row = next(one.split() for one in rows if one.startswith(f"{alpha:5}"))
        found = call("operations", alpha, page.GAMMA, 0.05)
        assert f"{found:.2f}" == row[3]


def test_the_speed_of_a_batch_agrees() -> None:
    for batch, context in product((1, 8, 32, 64, 128, 256), (128, 1024, 8192)):
        for alpha, c in product((0.6, 0.8), (0.05, 0.2)):
            assert call(
                "batchSpeedup", batch, context, alpha, page.GAMMA, c
            ) == pytest.approx(page.batch_speedup(batch, context, alpha, c))


@pytest.mark.parametrize("alpha", [0.3, 0.8])
def test_rounds_yield_what_is_expected(alpha: float) -> None:
    accepted = np.array(call("rounds", alpha, 4, 20_000, 3))
    assert accepted.min() == 0
    assert accepted.max() == 4
    assert (accepted + 1).mean() == pytest.approx(
        page.tokens_per_run(alpha, 4), abs=0.03
    )
