"""Scripts lose what only people read, and nothing else."""

from pathlib import Path

import pytest
import quickjs
from study_guide import joined_assets
from study_guide.content_cache import ContentCache
from study_guide.minified_scripts import ScriptError


def joined(tmp_path: Path, *texts: str) -> str:
    names = [f"{i}.js" for i in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    cache = ContentCache(tmp_path / "cache.sqlite")
    return joined_assets.script(tmp_path, names, cache).text


def test_comments_and_space_go(tmp_path) -> None:
    text = joined(tmp_path, "// what\nvar a  =  1; /* why */", "var b  =  2;")
    assert "wh" not in text
    assert "  " not in text
    assert quickjs.Context().eval(text + "a + b") == 3


def test_names_in_functions_are_short_and_those_at_the_top_stay(
    tmp_path,
) -> None:
    one = "var shared = (() => { const counted = 20; return counted + 1; })();"
    text = joined(tmp_path, one, "var doubled = 2 * shared;")
    assert "counted" not in text
    assert quickjs.Context().eval(text + "shared + doubled") == 63


def test_a_licence_stays(tmp_path) -> None:
    assert "Ours" in joined(tmp_path, "/*! Ours */ var a = 1;")


def test_a_script_with_a_mistake_is_named(tmp_path) -> None:
    with pytest.raises(ScriptError, match=r"1\.js: .*line 2"):
        joined(tmp_path, "var a = 1;", "var b = 2;\nvar = 3;")


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
