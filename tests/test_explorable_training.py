"""The training explorable gives the numbers of the pages it stands on."""

from itertools import product

import pytest
from explorable_arithmetic import arithmetic, example

call = arithmetic("training")
zero = example("zero-redundancy-optimizer")
ppo = example("ppo-four-models-memory")
ledger = example("memory-efficient-llm-methods")

SETTINGS = {
    "psi": 7.0,
    "method": "one",
    "train": "full",
    "adapter": 0.005,
    "precision": "mixed",
    "optimizer": "adam",
    "offload": False,
}
KINDS = {
    "mixed": {"k": 12, "p": 2, "g": 2},
    "mixed-32": {"k": 12, "p": 2, "g": 4},
    "full": {"k": 8, "p": 4, "g": 4},
}


@pytest.mark.parametrize("precision", KINDS)
def test_the_stages_of_zero_agree(precision: str) -> None:
    grid = product((0.5, 7.5, 175.0), (1, 8, 64, 1024), range(4))
    for psi, gpus, stage in grid:
        whole = call(
            "states", {**SETTINGS, "psi": psi, "precision": precision}
        )
        parts = call("onEach", whole, stage, gpus)
        found = [parts[k] for k in ("weights", "gradients", "optimizer")]
        expected = zero.model_states(psi, gpus, stage, **KINDS[precision])
        assert found == pytest.approx(expected)
        assert parts["frozen"] == 0


@pytest.mark.parametrize("stage", range(4))
@pytest.mark.parametrize("micro", [1, 4])
def test_what_is_sent_agrees(stage: int, micro: int) -> None:
    ring = (zero.RANKS - 1) / zero.RANKS
    _, volume, _ = zero.train(stage, micro)
    assert call("sent", stage, micro) * ring == pytest.approx(volume)


def test_bytes_sent_agree(capsys) -> None:
    zero.check_time()
    printed = capsys.readouterr().out
    state = {**SETTINGS, "psi": 7.5, "gpus": 64, "micro": 1}
    for stage in "0", "1", "2", "3":
        found = call("compute", {**state, "stage": stage})["gigabytes"]
        assert f"{found:.1f} GB" in printed


ROWS = {
    "PPO": {"method": "ppo"},
    "GRPO": {"method": "grpo"},
    "GRPO, rule reward": {"method": "grpo-rule"},
    "GRPO, rule, beta = 0": {"method": "grpo-free"},
    "DPO": {"method": "dpo"},
    "PPO, shared base": {"method": "ppo", "train": "lora"},
    "the same, 4-bit base": {"method": "ppo", "train": "qlora"},
}


def test_the_models_of_ppo_agree() -> None:
    for billions in 1.0, 7.0, 70.0:
        rows = ppo.ledger(billions)
        assert set(rows) == set(ROWS)
        for name, parts in rows.items():
            state = {**SETTINGS, "psi": billions, **ROWS[name]}
            found = sum(call("states", state).values())
            assert found == pytest.approx(sum(parts.values())), name


def test_moving_instead_of_removing_agrees() -> None:
    moved = ppo.moved(7.0)
    state = {**SETTINGS, "method": "ppo"}
    eight = call("onEach", call("states", state), 3, 8)
    assert sum(eight.values()) == moved["ZeRO-3 over 8 GPUs"]
    off = call("states", {**state, "offload": True})
    assert sum(off.values()) == moved["RM and ref offloaded"]


def test_bytes_a_parameter_agree(capsys) -> None:
    ledger.show_states()
    printed = capsys.readouterr().out.splitlines()
    for name, precision, optimizer in [
        ("Adam, all fp32", "full", "adam"),
        ("AdamW, mixed", "mixed", "adam"),
        ("  gradients in fp32", "mixed-32", "adam"),
        ("8-bit Adam", "mixed", "adam-8bit"),
        ("Muon, hidden layers", "mixed", "muon"),
        ("Adafactor, no m", "mixed", "adafactor"),
    ]:
        row = next(one for one in printed if one.startswith(name))
        weight, grad, master, state, total = map(int, row[20:].split()[:5])
        each = call("bytes", precision, optimizer)
        assert each["weights"] == weight
        assert each["gradients"] == grad
        assert each["optimizer"] == master + state
        assert sum(each.values()) == total
