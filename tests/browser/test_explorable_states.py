"""What single explorables do beyond what all of them do."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from test_explorables import visit  # noqa: F401


def alive(page: Page, name: str) -> Locator:
    host = page.locator(f"explorable-{name}.live").first
    expect(host).to_be_visible()
    return host


def test_a_tokenizer_learns_the_readers_own_text(visit) -> None:  # noqa: F811
    path = "en/questions/wordpiece-vs-bpe/"
    page = visit(path)
    host = alive(page, "tokenizer")
    expect(host.locator(".tell")).to_contain_text("Next it merges ##u + ##g.")
    host.locator("textarea").fill("ab×3 <b>语</b>")
    expect(host.get_by_label("Corpus", exact=True)).to_have_value("own")
    host.get_by_label("Start from").select_option("bytes")
    more = host.get_by_role("button", name="Merge once more")
    more.click()
    more.click()
    expect(host.locator(".tell")).to_contain_text("After 2 merges")
    assert host.locator(".view b").count() == 0
    expect(page).to_have_url(re.compile(r"#tokenizer\?.*text=ab"))
    said = host.locator(".tell").inner_text()
    copy = visit(path + page.url.partition(path)[2])
    expect(alive(copy, "tokenizer").locator(".tell")).to_have_text(said)


def test_merges_stop_where_none_is_left(visit) -> None:  # noqa: F811
    page = visit("en/questions/llm-tokenization/#tokenizer?text=ab&merges=40")
    host = alive(page, "tokenizer")
    expect(host.locator(".tell")).to_contain_text("No pair is left")
    expect(host.locator(".tell")).to_contain_text("After 1 merge ")


def test_the_line_over_alpha_grows_to_its_end(visit) -> None:  # noqa: F811
    page = visit("en/questions/awq-quantization/")
    host = alive(page, "quantization")
    drawn = host.locator("svg.picture")
    expect(drawn).to_contain_text("least 6.21, at α = 0.35", timeout=20_000)
    expect(drawn).to_have_attribute("aria-label", re.compile("16.58 to 24.80"))
    # Another setting starts another line, and ends the first.
    host.get_by_label("One step for").select_option("tensor")
    expect(drawn).not_to_contain_text("least 6.21")
    expect(drawn).to_contain_text("least ", timeout=20_000)


@pytest.mark.parametrize(
    ("remedy", "error"),
    [
        ("none", "1.928"),
        ("smooth", "0.264"),
        ("rotate", "0.711"),
        ("split", "0.065"),
    ],
)
def test_remedies_have_the_errors_of_the_page(visit, remedy, error) -> None:  # noqa: F811
    slug = "weight-vs-activation-quantization"
    page = visit(f"en/questions/{slug}/#quantization?remedy={remedy}")
    said = alive(page, "quantization").locator(".tell")
    expect(said).to_contain_text(f"error is {error},")
    expect(page.locator(".listing .out")).to_contain_text(error)


def test_a_layer_brings_its_own_settings(visit) -> None:  # noqa: F811
    page = visit("en/questions/ptq-vs-qat/")
    host = alive(page, "quantization")
    expect(host.locator(".tell")).to_contain_text("0.6085")
    host.get_by_label("Layer", exact=True).select_option("product")
    expect(host.locator(".tell")).to_contain_text("make 3,388")
    expect(host.get_by_label("Bits", exact=True)).to_have_attribute(
        "aria-valuetext", "8"
    )


def test_interleaving_says_what_it_needs(visit) -> None:  # noqa: F811
    path = "en/questions/gpipe-pipeline-parallelism/"
    page = visit(path + "#pipeline?schedule=interleaved&m=6")
    host = alive(page, "pipeline")
    expect(host.locator(".tell")).to_contain_text("an m that p divides: 4, 8")
    micro = host.get_by_label("Micro-batches m")
    micro.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(host.locator(".tell")).to_contain_text("idle for 4.5, 28.5 in all")
    host.get_by_role("radio", name="1F1B").check()
    expect(host.locator(".tell")).to_contain_text(
        "at most 4 of 8 micro-batches"
    )
