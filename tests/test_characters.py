"""What cannot be printed, and spaces between Han and Latin."""

import pytest
from study_guide import characters


@pytest.mark.parametrize(
    "text", ["\u2f00", "a\u200bb", "\ufeff", "\ue000", "😀", "\ufffd", "\t"]
)
def test_unprintable_characters_are_found(text: str) -> None:
    assert characters.unprintable(text)


def test_ordinary_text_is_printable() -> None:
    text = "注意力「KV 缓存」——≤ 4096 × θ′ “quoted” é √d −1 \u00a0 ⊙ ∥"
    assert characters.unprintable(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "用KV 缓存",
        "长度4096",
        "公式\ufffc成立",
        "旋转 。然后",
        "如此,那么",
        "叫做“残差”",
        "见[KV缓存](../kv-cache/index.md)",
        "| 用GPU | a |",
    ],
)
def test_wrong_chinese_type_is_found(text: str) -> None:
    assert list(characters.chinese_spacing(text))


@pytest.mark.parametrize(
    "text",
    [
        "用 KV 缓存，长度 \ufffc。",
        "倒推 [@su2021roformer]。",
        "见 [KV 缓存](../kv-cache/index.md)与 \ufffc。",
        "- **加大底数**，让低频更慢",
        "| 模型 | 位置 |",
        "在 2025 年（arXiv:2104.09864）",
    ],
)
def test_right_chinese_type_passes(text: str) -> None:
    assert list(characters.chinese_spacing(text)) == []
