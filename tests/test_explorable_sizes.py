"""No explorable is heavy."""

import gzip

import pytest
from explorable_arithmetic import SCRIPTS
from study_guide import explorables

DOCS = SCRIPTS.parents[2]


@pytest.mark.parametrize("name", explorables.names(DOCS))
def test_an_explorable_takes_at_most_12_kilobytes(name: str) -> None:
    text = (SCRIPTS / f"{name}.js").read_bytes()
    assert len(gzip.compress(text)) <= 12 * 1024
