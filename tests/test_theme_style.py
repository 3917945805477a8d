"""What is kept of a style sheet that was written for every site."""

from study_guide import theme_style
from study_guide.theme_style import PageNames, Vocabulary

PAGE = (
    '<body class="js" dir="ltr"><p class="note key" data-x="1">'
    '<a id="top" href="#">x</a></p></body>'
)
SCRIPT = 'element.className = "made-by-script"; one.hidden = true;'


def kept(sheet: str, cache, *others: str) -> str:
    known = Vocabulary([PageNames(PAGE)], [SCRIPT])
    return theme_style.needed(
        theme_style.rules(sheet, cache), known, [*others, SCRIPT]
    )


def test_rules_stay_that_can_match(cache) -> None:
    sheet = (
        ".note{color:red}.made-by-script{color:red}p>a:hover{color:red}"
        "#top{color:red}[data-x]{color:red}[dir=ltr] p{color:red}"
        "::selection{color:red}p:not(.gone){color:red}:root{color:red}"
    )
    assert kept(sheet, cache) == sheet


def test_rules_go_that_cannot(cache) -> None:
    for selector in (
        ".gone",
        "p .gone",
        ".note.gone",
        "#gone",
        "blockquote",
        "[data-gone]",
        "[dir=rtl] p",
        ".gone:is(.note)",
    ):
        assert kept(f"{selector}{{color:red}}", cache) == "", selector
    assert kept(".gone,.note{color:red}", cache) == ".note{color:red}"


def test_groups_go_with_their_last_rule(cache) -> None:
    assert kept("@media print{.gone{color:red}}", cache) == ""
    assert (
        kept("@media print{.gone{color:red}.note{top:0}}p{top:1px}", cache)
        == "@media print{.note{top:0}}p{top:1px}"
    )


def test_variables_stay_that_are_used(cache) -> None:
    sheet = ":root{--a:1;--b:var(--a);--c:2;--d:3}p{top:var(--b)}"
    assert (
        kept(sheet, cache, "q{left:var(--d)}")
        == ":root{--a:1;--b:var(--a);--d:3}p{top:var(--b)}"
    )


def test_animations_stay_that_are_used(cache) -> None:
    moves = "@keyframes %s{to{opacity:0}}"
    sheet = f"{moves % 'fade'}{moves % 'gone'}p{{animation:fade 1s}}"
    text = kept(sheet, cache)
    assert "fade" in text
    assert "gone" not in text


def test_data_addresses_and_importance_survive(cache) -> None:
    sheet = 'p{background:url("data:image/svg+xml;a,{b}")!important}'
    assert kept(sheet, cache) == sheet
