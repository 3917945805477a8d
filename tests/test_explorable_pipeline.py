"""The pipeline explorable gives the numbers of the page's example."""

from itertools import pairwise, product
from pathlib import Path

import pytest
from explorable_arithmetic import arithmetic, example

call = arithmetic("pipeline")
page = example("gpipe-pipeline-parallelism")

# Backward in forwards -> what the example's units are for each kind of task.
COSTS = {
    1: (2, {"F": 2, "B": 1, "W": 1}),
    2: (1, page.SPLIT),
    3: (1, {"F": 1, "B": 2, "W": 1}),
}


def play(schedule, stages, micro, back, chunks=2):
    return call(
        "play",
        schedule,
        {"stages": stages, "micro": micro, "back": back, "chunks": chunks},
    )


def blocks(played, unit):
    """(stage, what, micro-batch, start, end) of every task."""
    return sorted(
        (
            stage,
            one["what"],
            one["micro"],
            one["start"] * unit,
            one["end"] * unit,
        )
        for stage, mine in enumerate(played["blocks"])
        for one in mine
    )


@pytest.mark.parametrize("back", [1, 2, 3])
@pytest.mark.parametrize(
    ("schedule", "orders", "last"),
    [
        ("gpipe", page.gpipe, "B"),
        ("1f1b", page.one_f_one_b, "B"),
        ("zero", page.zero_bubble, "W"),
    ],
)
def test_schedules_agree(schedule, orders, last, back) -> None:
    for p, m in product(range(1, 9), (1, 2, 3, 5, 8, 16, 32)):
        unit, cost = COSTS[back]
        if schedule != "zero":
            cost = {"F": unit, "B": back * unit}
        simulated = page.simulate(orders(p, m), cost)
        played = play(schedule, p, m, back)
        assert blocks(played, unit) == sorted(
            (one.stage, one.what, one.micro, one.start, one.end)
            for one in simulated
        )
        assert played["time"] * unit == page.length(simulated)
        assert played["held"] == page.held(simulated, p, last)
        assert played["busy"] == m * (1 + back)
        assert played["idle"] == played["time"] - played["busy"]


def recorded(name: str) -> list[str]:
    """The cells of a line of the example's output."""
    text = Path(page.__file__).with_suffix(".out").read_text(encoding="utf-8")
    return next(
        line for line in text.splitlines() if line.startswith(name)
    ).split()


@pytest.mark.parametrize(
    ("schedule", "name"),
    [("gpipe", "GPipe  "), ("1f1b", "1F1B"), ("zero", "zero bubble")],
)
def test_the_recorded_numbers_come_out(schedule, name) -> None:
    time, busy, idle, of_time, of_busy, *held = recorded(name)[
        len(name.split()) :
    ]
    played = play(schedule, 4, 8, 2)
    assert [played["time"], played["busy"], played["idle"]] == [
        int(time),
        int(busy),
        int(idle),
    ]
    assert f"{played['idle'] / played['time']:.1%}" == of_time
    assert f"{played['idle'] / played['busy']:.1%}" == of_busy
    assert played["held"] == [int(one) for one in held]


def test_interleaving_has_the_bubble_of_the_formula() -> None:
    played = play("interleaved", 4, 8, 2, 2)
    share = recorded("interleaved")[-1]
    assert f"{played['idle'] / played['busy']:.2%}" == share
    for p, groups, back, v in product(
        range(1, 9), (1, 2, 4), (1, 2, 3), (2, 3, 4)
    ):
        m = p * groups
        played = play("interleaved", p, m, back, v)
        bubble = (p - 1) * (1 + back) / v
        assert played["idle"] == pytest.approx(bubble, abs=1e-9)
        assert played["busy"] == m * (1 + back)


def test_interleaving_keeps_its_order_and_its_memory() -> None:
    """Against an account of its own: every chunk once forth and back, after
    what it depends on, no two at a time; warm-up of Narayanan et al."""
    for p, m, v in ((2, 4, 2), (4, 8, 2), (4, 4, 3), (8, 16, 4)):
        played = play("interleaved", p, m, 2, v)
        ended = {
            (one["what"], one["chunk"] * p + device, one["micro"]): one
            for device, mine in enumerate(played["blocks"])
            for one in mine
        }
        assert len(ended) == 2 * p * m * v
        for (what, stage, micro), one in ended.items():
            before = [("F", stage - 1, micro)] if what == "F" else []
            if what == "B":
                before = [("F", stage, micro), ("B", stage + 1, micro)]
            for other in before:
                if other in ended:
                    assert ended[other]["end"] <= one["start"] + 1e-9
        for device, mine in enumerate(played["blocks"]):
            for one, other in pairwise(mine):
                assert one["end"] <= other["start"] + 1e-9
            warm = 2 * (p - 1 - device) + (v - 1) * p
            most = min(warm + 1, m * v) / v
            assert played["held"][device] == pytest.approx(most)


def test_micro_batches_that_do_not_fit_are_refused() -> None:
    assert play("interleaved", 4, 6, 2) is None
    assert play("gpipe", 4, 6, 2) is not None
