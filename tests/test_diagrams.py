"""Mermaid becomes SVG in the site's colours."""

import re

import pytest
from study_guide import diagrams
from study_guide.content_cache import ContentCache

GOOD = """\
flowchart TB
    accTitle: 标题
    accDescr: 说明
    a["注意力"] -->|"W_K"| b["KV 缓存"]
"""


def test_text_colours_and_ids(cache: ContentCache) -> None:
    svg = diagrams.render(GOOD, "one", cache)
    assert "<title" in svg
    assert "说明" in svg
    assert "var(--ink" in svg
    assert "注意力" in svg
    assert 'id="one' in svg
    assert 'role="img"' in svg


def test_labels_stand_in_their_places(cache: ContentCache) -> None:
    """Rules of the style sheet do not reach what is shown by `use`."""
    svg = diagrams.render(GOOD, "three", cache)
    assert "<use" not in svg
    edge = svg[svg.index('class="edgeLabels"') : svg.index('class="nodes"')]
    assert "W_K" in edge
    assert 'class="halo"' in edge
    assert "#fdfdfc" not in re.sub(r"var\([^)]*\)", "", svg)


@pytest.mark.parametrize(
    "source",
    [
        GOOD.replace("    accDescr: 说明\n", ""),
        GOOD.replace("-->", "--]"),
        "no diagram",
    ],
)
def test_mistakes_are_refused(source: str, cache: ContentCache) -> None:
    with pytest.raises(diagrams.DiagramError):
        diagrams.render(source, "two", cache)
