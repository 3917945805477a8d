"""Scripts lose what only people read, and nothing else."""

from pathlib import Path

import pytest
import quickjs
from study_guide import joined_assets


def joined(tmp_path: Path, *texts: str) -> str:
    names = [f"{i}.js" for i in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return joined_assets.script(tmp_path, names).text


def test_comments_and_space_go(tmp_path) -> None:
    text = joined(tmp_path, "// what\nvar a  =  1; /* why */", "var b  =  2;")
    assert "wh" not in text
    assert "  " not in text
    assert quickjs.Context().eval(text + "a + b") == 3


@pytest.mark.parametrize(
    "source",
    [
        "`a  ${1}  b // c`",
        "`a  ${true ? `  b  c  ` : ''}  d`",
        "`${[1, 2].map((n) => `  ${n} ;  `)}`",
        "`${[1].map(({ length }) => `  ${length} :  `)}`",
        "'  // a' + \"  /* b */\"",
    ],
)
def test_text_stays_as_it_is(tmp_path, source) -> None:
    plain = quickjs.Context().eval(source)
    text = joined(tmp_path, f"var said = {source};  // said")
    context = quickjs.Context()
    context.eval(text)
    assert context.eval("said") == plain
