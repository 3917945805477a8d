"""`guide.py check --fix`: what has one right answer is mended, the rest left."""

import pytest
from conftest import ROOT, Project
from study_guide import catalogue, characters, mending, source


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("用KV 缓存", "用 KV 缓存"),
        ("长度4096个", "长度 4096 个"),
        ("公式$x_1$成立", "公式 $x_1$ 成立"),
        ("代码`a,b`的", "代码 `a,b` 的"),
        ("旋转 。 然后", "旋转。然后"),
        ("如此,那么", "如此，那么"),
        ("为什么?", "为什么？"),
        (
            "见[KV缓存](../kv-cache/index.md)与$x$。",
            "见 [KV 缓存](../kv-cache/index.md)与 $x$。",
        ),
        ("看[下一节](#two)的GPU", "看[下一节](#two)的 GPU"),
        ("**加粗GPU**后面", "**加粗 GPU** 后面"),
        ("是**GPU**加速", "是 **GPU** 加速"),
        ("| 用GPU | 好 |", "| 用 GPU | 好 |"),
        ("/// mistake | 用GPU就快。", "/// mistake | 用 GPU 就快。"),
        ("- 列表 ，项", "- 列表，项"),
    ],
)
def test_chinese_lines_are_mended(wrong: str, right: str) -> None:
    assert mending.spacing(wrong) == right
    assert mending.spacing(right) == right


@pytest.mark.parametrize(
    "line",
    [
        "倒推 [@su2021roformer]。",
        "### 到底说了什么？ { #decay }",
        "### 「领域」不同在哪里 { #what-differs }",
        "![图，m = 5,n = 2](rotation.zh.svg)"[:3] + "](a中b.svg)",
        "`用KV,缓存` 与 $\\text{a中b}$",
        "1. 「先」做",
        "在 2025 年（arXiv:2104.09864）",
        "2,559,196 与 10:30",
    ],
)
def test_what_is_right_or_no_text_is_left(line: str) -> None:
    assert mending.spacing(line) == line


def test_no_page_of_the_guide_would_be_changed() -> None:
    topics, _ = catalogue.load(ROOT / "docs")
    for question in topics.published:
        pages = {
            "zh": source.read(question.source("zh"), "zh"),
            "en": source.read(question.source("en"), "en"),
        }
        for language, lines in mending.mended_pages(pages).items():
            assert lines == pages[language].lines, question.slug


def test_check_fix_mends_a_copy_and_names_the_rest(project: Project) -> None:
    project.change(
        "index.zh.md", "RoPE 在投影之后、内积之前", "RoPE在投影之后、 内积之前"
    )
    project.change(
        "index.zh.md", "### 推广到多维 { #many-dimensions }", "### 推广到多维"
    )
    project.change("index.en.md", "{ #goal }", "")
    project.change("index.zh.md", "{ #goal }", "")
    project.change("index.en.md", "$d_k=2$", r"$d_k=\frac{2$")
    before = (project.question / "example.py").read_bytes()

    done = project.run("check", "--fix", "rope-idea")
    assert "mended docs/questions/rope-idea/index.zh.md" in done.stdout
    assert done.returncode == 1, "the formula cannot be mended"
    assert "[tex]" in done.stdout
    assert "[chinese-type]" not in done.stdout
    assert "[heading]" not in done.stdout
    chinese = (project.question / "index.zh.md").read_text(encoding="utf-8")
    english = (project.question / "index.en.md").read_text(encoding="utf-8")
    assert "RoPE 在投影之后、内积之前" in chinese
    assert "### 推广到多维 { #many-dimensions }" in chinese
    # The new id comes from the English heading and is the same in both.
    name = "{ #the-goal-scores-that-see }"
    assert name in english
    assert name in chinese
    assert (project.question / "example.py").read_bytes() == before

    again = project.run("check", "--fix", "rope-idea")
    assert "mended" not in again.stdout


def test_the_mended_line_passes_the_rule() -> None:
    line = "用KV缓存 ，长度$n$,即**4096**个"
    text = mending.spacing(line).replace("$n$", source.OBJECT)
    assert list(characters.chinese_spacing(text)) == []
