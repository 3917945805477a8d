"""references.bib becomes references; what is wrong with it is named."""

from pathlib import Path

from study_guide import bibliography

ENTRY = """\
@misc{su2021roformer,
  author = {Su, Jianlin and Lu, Yu},
  title  = {{RoFormer}: Enhanced},
  year   = {2021},
  eprint = {2104.09864},
  archiveprefix = {arXiv},
  note   = {Neurocomputing 568, 2024},
}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "references.bib"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_reference_links_to_arxiv(tmp_path: Path) -> None:
    references, problems = bibliography.load(write(tmp_path, ENTRY))
    assert problems == []
    one = references["su2021roformer"]
    html = bibliography.listed(one, "en")
    assert html.startswith("Su and Lu, 2021. <i>RoFormer: Enhanced</i>.")
    assert 'href="https://arxiv.org/abs/2104.09864"' in html
    assert "Neurocomputing" in html


def test_accents_of_tex_become_letters(tmp_path: Path) -> None:
    text = ENTRY.replace("Su, Jianlin", 'G{\\"u}nther, M').replace(
        "Lu, Yu", "Kydl{\\'i}{\\v{c}}ek, H"
    )
    references, _ = bibliography.load(write(tmp_path, text))
    one = references["su2021roformer"]
    assert one.authors == ("Günther", "Kydlíček")


def test_many_authors_are_shortened(tmp_path: Path) -> None:
    text = ENTRY.replace(
        "Su, Jianlin and Lu, Yu", "Su, J and Lu, Y and Pan, S and Wen, B"
    )
    references, _ = bibliography.load(write(tmp_path, text))
    one = references["su2021roformer"]
    assert bibliography.listed(one, "en").startswith("Su et al.,")
    assert bibliography.listed(one, "zh").startswith("Su 等,")


def test_a_title_that_ends_in_a_mark_gets_no_full_stop(tmp_path: Path) -> None:
    text = ENTRY.replace("{{RoFormer}: Enhanced}", "{Why?}")
    references, _ = bibliography.load(write(tmp_path, text))
    html = bibliography.listed(references["su2021roformer"], "en")
    assert "<i>Why?</i> " in html


def test_incomplete_unsorted_and_broken_files_are_named(
    tmp_path: Path,
) -> None:
    text = ENTRY.replace("  eprint = {2104.09864},\n", "")
    _, problems = bibliography.load(write(tmp_path, text))
    assert "no eprint, doi or url" in problems[0].message
    unsorted = ENTRY + "\n" + ENTRY.replace("su2021roformer", "a2020")
    _, problems = bibliography.load(write(tmp_path, unsorted))
    assert [(p.line, p.message) for p in problems] == [
        (10, "a2020 is out of order")
    ]
    _, problems = bibliography.load(write(tmp_path, ENTRY[:-3]))
    assert problems
