"""What can be taken hold of in the explorables of positions, masks, gates."""

import re

import pytest
from conftest import ROOT
from playwright.sync_api import Browser, Locator, Page, expect


@pytest.fixture(scope="module")
def context(browser: Browser):
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    yield context
    context.close()


@pytest.fixture
def opened(context, address: str):
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))

    def open_page(slug: str, hash: str = "") -> Page:
        page.goto(f"{address}en/questions/{slug}/{hash}")
        return page

    yield open_page
    page.close()
    assert faults == []


def sentence(page: Page) -> Locator:
    return page.locator(".explorable.live .tell")


def drag(page: Page, to: tuple[float, float], name: str) -> None:
    """From the middle of a handle to a place in it, as shares of its size."""
    handle = page.locator(f".handle[data-handle={name}]").first
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(
        box["x"] + box["width"] * to[0],
        box["y"] + box["height"] * to[1],
        steps=4,
    )
    page.mouse.up()


@pytest.mark.parametrize(
    ("slug", "said", "recorded"),
    [
        ("rope-idea", "the score is −1.5865", "-1.5865"),
        ("rope-advantages", "first negative at distance 1,707", "1,707"),
        ("length-extrapolation-problem", "the score is −0.7", "-0.7"),
        ("length-extrapolation-solutions", "18 of 64 planes", "18"),
        ("alibi-idea", "get 11.9% in all", "0.1192"),
        ("alibi-bias-matrix", "first 8 have the sequence for 8", "12       8"),
        ("alibi-advantages", "about 174 keys", "174.0"),
        ("why-decoder-only", "of 36 pairs 21 are computed anew", "36"),
        ("prefix-lm-vs-causal-lm", "42 of 64 pairs", "42"),
        ("prefix-lm-vs-causal-lm", "4 positions have a target", "4"),
        ("ffn-formula", "Output (0.6000, 0.1500)", "0.60   0.15"),
        ("gelu-formula", "lowest at x = −0.752", "-0.7518"),
        ("swish-formula", "with −0.2785", "-0.278465"),
        ("glu-ffn-formula", "Unit 1 is −0.3655", "-0.365529"),
        ("geglu-formula", "(−1.2620, −1.1587)", "-1.262017 -1.158655"),
        ("swiglu-formula", "(−1.0966, −1.2689)", "-1.096588 -1.268941"),
        ("ppo-vs-trpo", "L = 1.20 with derivative 0.0", "1.2          +0"),
    ],
)
def test_it_starts_at_the_worked_example(opened, slug, said, recorded) -> None:
    output = ROOT / "docs" / "questions" / slug / "example.out"
    assert recorded in output.read_text(encoding="utf-8")
    expect(sentence(opened(slug))).to_contain_text(said)


def test_a_distance_is_picked_in_the_plot(opened) -> None:
    page = opened("rope-idea")
    drag(page, (0.5, 0.5), "at")
    expect(sentence(page)).to_contain_text("At distance 32 the score is")
    expect(page).to_have_url(re.compile(r"#position\?.*at=32"))


def test_controls_belong_to_the_encoding(opened) -> None:
    page = opened("rope-idea")
    slider = page.get_by_role("slider")
    expect(slider.and_(page.get_by_label("Base b"))).to_be_visible()
    expect(page.get_by_label("Heads h")).to_be_hidden()
    page.get_by_role("radio", name="ALiBi").check()
    expect(page.get_by_label("Heads h")).to_be_visible()
    expect(page.get_by_label("Base b")).to_be_hidden()
    expect(sentence(page)).to_contain_text("slope 1/16")
    # Stretching is RoPE's: asking for it goes back there.
    page.get_by_role("radio", name="stretch").check()
    expect(page.get_by_label("Base b")).to_be_visible()


def test_stretched_planes_meet_no_new_angles(opened) -> None:
    page = opened("length-extrapolation-solutions")
    expect(sentence(page)).to_contain_text("none meets a new angle")
    page.get_by_label("Stretching RoPE").select_option("ntk")
    expect(sentence(page)).to_contain_text("17 of them meet new angles")
    page.get_by_label("Stretching RoPE").select_option("none")
    expect(sentence(page)).to_contain_text(
        "18 of them meet new angles, the furthest 8.0 times"
    )


def test_a_sentence_is_typed_and_a_row_picked(opened) -> None:
    page = opened("prefix-lm-vs-causal-lm")
    page.get_by_label("Sentence").fill("<img src=x onerror=alert(1)> 天地 end")
    expect(page.locator(".explorable img")).to_have_count(0)
    expect(sentence(page)).to_contain_text("of 36 pairs")
    drag(page, (0.5, 0.99), "row")
    expect(sentence(page)).to_contain_text("Row 6, “end”")
    page.get_by_label("Mask", exact=True).select_option("full")
    page.get_by_role("checkbox", name="6", exact=True).check()
    expect(sentence(page)).to_contain_text("It is hidden")
    page.get_by_label("Sentence").fill("")
    expect(sentence(page)).to_contain_text("1 of 1 pairs")


def test_all_but_itself_leaks_from_the_second_layer_on(opened) -> None:
    page = opened("clm-vs-mlm", "#masks?kind=hollow")
    expect(sentence(page)).to_contain_text("8 positions have a target")
    page.get_by_label("Layers").press("ArrowRight")
    expect(sentence(page)).to_contain_text("the target leaks")
    expect(sentence(page)).to_contain_text("0 positions have a target")


def test_the_input_is_moved_in_the_plane(opened) -> None:
    page = opened("glu-ffn-formula")
    drag(page, (0.75, 0.5), "plane")
    # x = (1, 0): the gate is sigmoid(1), the value 0.5.
    expect(sentence(page)).to_contain_text("0.3655 at x = (1.0, 0.0)")
    page.get_by_label("Function").select_option("identity")
    expect(sentence(page)).to_contain_text("0.5000 at x = (1.0, 0.0)")


def test_the_ratio_is_moved_in_the_plot(opened) -> None:
    page = opened("ppo-vs-trpo")
    drag(page, (0.25, 0.5), "ratio")
    expect(sentence(page)).to_contain_text("L = 0.50 with derivative 1.0")
    expect(sentence(page)).to_contain_text("full push back")


def test_a_finger_scrolls_from_the_picture(browser: Browser, address) -> None:
    """Only what is near the present place is taken hold of."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    for slug in "rope-idea", "prefix-lm-vs-causal-lm", "glu-ffn-formula":
        page.goto(f"{address}en/questions/{slug}/")
        handle = page.locator(".handle").first.bounding_box()
        picture = page.locator("svg.picture").bounding_box()
        held = handle["width"] * handle["height"]
        assert held < 0.25 * picture["width"] * picture["height"], slug
        assert min(handle["width"], handle["height"]) >= 44, slug
    context.close()
