"""The explorable's clipped objective are those of the pages' examples."""

import numpy as np
import pytest
from explorable_arithmetic import example, expressions

clip = expressions("clip")


@pytest.mark.parametrize("advantage", [-2.0, -1.0, -0.3, 0.0, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("eps", [0.05, 0.2, 0.5])
def test_the_clip_is_that_of_question_15(advantage, eps) -> None:
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
