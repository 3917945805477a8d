"""Practice in Chromium, as a reader uses it: a week of reviews and more."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsrs
import pytest
from conftest import until
from playwright.sync_api import Browser, BrowserContext, Page, expect

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
STORED = "JSON.parse(localStorage.getItem('study-guide'))"
MONDAY = datetime(2026, 11, 2, 1, tzinfo=UTC)  # nine o'clock in Shanghai

Open = Callable[..., BrowserContext]


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Open]:
    """A reader's browser; at the end no page has raised an error."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda one: (
                faults.append(one.text)
                # The online site's preloaded fonts are not for a folder.
                if one.type == "error"
                and "/fonts/" not in one.text + one.location["url"]
                else None
            ),
        )
        page.on(
            "request",
            lambda one: (
                None
                if one.url.startswith((address, "file:", "data:", "blob:"))
                else faults.append(f"asks for {one.url}")
            ),
        )

    def open_browser(**options) -> BrowserContext:
        options.setdefault("viewport", {"width": 1440, "height": 900})
        context = browser.new_context(
            base_url=address, timezone_id="Asia/Shanghai", **options
        )
        context.on("page", watch)
        contexts.append(context)
        return context

    yield open_browser
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(reader: Open) -> Page:
    return reader().new_page()


def stored(page: Page) -> dict:
    return page.evaluate(STORED)


def put(page: Page, text: str) -> None:
    """Store `text` as progress; `page` shows a page of the guide."""
    page.evaluate("text => localStorage.setItem('study-guide', text)", text)


def asked(page: Page) -> str:
    """The slug of the question that is asked."""
    title = page.locator("[data-session] [data-title]").inner_text()
    return page.evaluate(
        "title => guidePractice.settings.questions"
        ".find((one) => one.title === title).slug",
        title,
    )


def answer(page: Page, grade: int) -> None:
    page.keyboard.press("Space")
    expect(page.locator("[data-back]")).to_be_visible()
    page.keyboard.press(str(grade))


class Model:
    """What FSRS makes of the reviews, computed by another implementation."""

    def __init__(self) -> None:
        ten_minutes = (timedelta(minutes=10),)
        self.scheduler = fsrs.Scheduler(
            learning_steps=ten_minutes,
            relearning_steps=ten_minutes,
            enable_fuzzing=False,
        )
        self.cards: dict[str, fsrs.Card] = {}

    def review(self, slug: str, grade: int, now: datetime) -> None:
        card = self.cards.get(slug) or fsrs.Card(due=now)
        self.cards[slug], _ = self.scheduler.review_card(
            card, fsrs.Rating(grade), now
        )

    def due(self, slug: str) -> float:
        return self.cards[slug].due.timestamp() * 1000

    def due_today(self, now: datetime) -> set[str]:
        shanghai = timedelta(hours=8)
        day = (now + shanghai).date()
        return {
            slug
            for slug, card in self.cards.items()
            if (card.due + shanghai).date() <= day
        }


# The grades of a question, review after review; the last one goes on.
GRADES = [(3,), (4,), (1, 3, 3, 1, 3), (2, 3), (3, 1, 3, 4), (3, 2, 3)]


def test_a_week_of_reviews(page: Page) -> None:
    """Day after day: what is due, and when it will be, as FSRS says."""
    model = Model()
    given: dict[str, int] = {}
    counts = []
    for day in range(8):
        # A little later each day: a day has passed by any reckoning.
        now = MONDAY + timedelta(days=day, minutes=40 * day)
        page.clock.set_fixed_time(now)
        page.goto("")
        due = model.due_today(now)
        counts.append(len(due))
        shown = page.locator("[data-today] [data-due]").inner_text()
        assert shown == (str(len(due)) if due else "")
        assert page.locator(".map .cell.due").count() == len(due)
        page.locator("[data-today] .btn").click()
        page.locator("[data-begin-today]").click()
        met = set()
        while page.locator("[data-session]").is_visible():
            slug = asked(page)
            met.add(slug)
            at = list(model.cards).index(slug) if slug in model.cards else -1
            row = GRADES[(at if at >= 0 else len(model.cards)) % len(GRADES)]
            time = given.get(slug, 0)
            given[slug] = time + 1
            grade = row[min(time, len(row) - 1)]
            now += timedelta(minutes=1)
            page.clock.set_fixed_time(now)
            answer(page, grade)
            model.review(slug, grade, now)
        assert due <= met
        records = stored(page)["questions"]
        assert records.keys() == model.cards.keys()
        for slug in records:
            schedule = records[slug]["schedule"]
            assert schedule["due"] == pytest.approx(model.due(slug), abs=1)
            assert len(records[slug]["reviews"]) == given[slug]
    assert sum(counts[1:]) > 8, "too little comes due to prove anything"
    assert max(given.values()) >= 4

    # ts-fsrs itself, given the same reviews, says the same.
    due_dates = page.evaluate(
        """(questions) => {
          const steps = {learning_steps: ['10m'], relearning_steps: ['10m']};
          const scheduler = FSRS.fsrs({enable_fuzz: false, ...steps});
          return Object.values(questions).map(({reviews, schedule}) => {
            let card = FSRS.createEmptyCard(new Date(reviews[0][0]));
            for (const [at, grade] of reviews)
              card = scheduler.next(card, new Date(at), grade).card;
            return card.due.getTime() - schedule.due;
          });
        }""",
        records,
    )
    assert set(due_dates) == {0}


def test_days_are_those_of_the_readers_clock(page: Page) -> None:
    """In Shanghai a day of UTC ends at eight in the morning."""
    page.clock.set_fixed_time(datetime(2026, 11, 2, 23, 50, tzinfo=UTC))
    page.goto("practice/?question=kv-cache")
    answer(page, 3)
    page.clock.set_fixed_time(datetime(2026, 11, 3, 0, 10, tzinfo=UTC))
    page.goto("practice/?question=kv-cache")
    answer(page, 3)
    # Ten to eight and ten past are one day: the second review hardly counts.
    # Between two days of UTC, ts-fsrs would make seven days of it.
    schedule = stored(page)["questions"]["kv-cache"]["schedule"]
    assert schedule["days"] == 3


def test_the_buttons_say_when_it_is_asked_again(page: Page) -> None:
    page.clock.set_fixed_time(MONDAY)
    page.goto("en/practice/?question=kv-cache")
    page.keyboard.press("Space")
    waits = page.locator("[data-grade] small").all_inner_texts()
    assert waits == ["10 min", "15 min", "2 days", "8 days"]
    page.keyboard.press("3")
    page.clock.set_fixed_time(MONDAY + timedelta(days=2))
    page.goto("en/practice/?question=kv-cache")
    meta = page.locator("[data-last]")
    expect(meta).to_have_text("last: 2 days ago, Good")
    page.keyboard.press("Space")
    waits = page.locator("[data-grade] small").all_inner_texts()
    assert waits == ["10 min", "8 days", "11 days", "19 days"]


def test_what_was_forgotten_comes_again_and_is_not_yet_known(
    page: Page,
) -> None:
    page.goto("practice/")
    page.locator("[data-begin-today]").click()
    first = asked(page)
    answer(page, 1)
    expect(page.locator("[data-position]")).to_contain_text("共 6 题")
    for _ in range(4):
        answer(page, 4)
    assert asked(page) == first
    answer(page, 3)
    expect(page.locator("[data-summary]")).to_be_visible()
    page.goto("")
    assert page.locator(".map .cell.known").count() == 4
    learning = page.locator(".map .cell.learning")
    expect(learning).to_have_attribute("data-question", first)
    page.goto("practice/")
    page.locator("[name=which]").select_option("wrong")
    expect(page.locator("[data-matching]")).to_have_text("符合条件的有 1 题")


# ── keeping ────────────────────────────────────────────────────────────────


def test_export_reset_and_import_are_a_round_trip(page: Page) -> None:
    page.goto("practice/?question=kv-cache")
    answer(page, 3)
    page.goto("en/questions/rope-idea/")
    page.locator("[data-mark=learning]").click()
    page.goto("en/practice/")
    before = stored(page)
    assert before["questions"].keys() == {"kv-cache", "rope-idea"}
    with page.expect_download() as download:
        page.locator("[data-transfer] [data-export]").click()
    file = download.value.path()
    name = download.value.suggested_filename
    assert re.fullmatch(r"study-guide\.\d{4}-\d\d-\d\d\.json", name)
    assert json.loads(file.read_text(encoding="utf-8")) == before

    page.locator("[data-reset]").click()
    page.get_by_role("button", name="Keep it").click()
    assert stored(page) == before
    page.locator("[data-reset]").click()
    page.get_by_role("button", name="Delete everything").click()
    note = page.locator("[data-transfer-note]")
    expect(note).to_have_text("Progress deleted.")
    assert stored(page)["questions"] == {}

    page.locator("[data-import]").set_input_files(file)
    expect(note).to_contain_text("2 records were new")
    assert stored(page)["questions"] == before["questions"]
    page.locator("[data-import]").set_input_files(file)
    expect(note).to_contain_text("0 records were new")
    page.reload()
    assert page.locator(".shelf .sq.learning").count() == 2


def test_an_import_adds_to_what_is_there(page: Page, tmp_path: Path) -> None:
    page.clock.set_fixed_time(MONDAY)
    page.goto("practice/?question=kv-cache")
    answer(page, 3)
    earlier = MONDAY.timestamp() * 1000 - 5 * 86_400_000
    reviews = {"kv-cache": {"reviews": [[earlier, 3]]}}
    file = tmp_path / "other.json"
    file.write_text(
        json.dumps({"version": 2, "begun": 7, "questions": reviews})
    )
    page.goto("practice/")
    page.locator("[data-import]").set_input_files(file)
    expect(page.locator("[data-transfer-note]")).to_contain_text("1")
    record = stored(page)["questions"]["kv-cache"]
    assert [grade for _, grade in record["reviews"]] == [3, 3]
    model = Model()
    model.review("kv-cache", 3, MONDAY - timedelta(days=5))
    model.review("kv-cache", 3, MONDAY)
    due = record["schedule"]["due"]
    assert due == pytest.approx(model.due("kv-cache"), abs=1)


def test_a_file_of_something_else_changes_nothing(
    page: Page, tmp_path: Path
) -> None:
    page.goto("practice/?question=kv-cache")
    answer(page, 3)
    page.goto("practice/")
    before = stored(page)
    file = tmp_path / "other.json"
    for text in "{", "[1]", '{"version": 99, "questions": {}}':
        file.write_text(text)
        page.locator("[data-import]").set_input_files(file)
        note = page.locator("[data-transfer-note]")
        expect(note).to_contain_text("什么也没有改")
        assert stored(page) == before


def test_the_first_schema_is_carried_over(page: Page) -> None:
    page.goto("practice/")
    first = {"version": 1, "questions": {"kv-cache": {"known": "2026-11-01"}}}
    put(page, json.dumps(first))
    page.goto("questions/kv-cache/")
    known = page.locator("[data-mark=known]")
    expect(known).to_have_attribute("aria-pressed", "true")
    page.goto("questions/rope-idea/")
    page.locator("[data-mark=known]").click()
    now = stored(page)
    assert now["version"] == 2
    at = datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000
    assert now["questions"]["kv-cache"] == {"mark": ["known", at]}
    expect(page.locator("[data-aside-notice]")).to_be_hidden()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"known"',
        '{"version": 99, "questions": {"kv-cache": "level 3"}}',
        '{"version": 2, "questions": []}',
        '{"version": 2, "questions": {"rope-idea": {"mark": ["known", 5]},'
        ' "kv-cache": {"reviews": [["yesterday", 3]]}}}',
    ],
)
def test_what_cannot_be_read_is_set_aside(page: Page, text: str) -> None:
    page.goto("questions/")
    put(page, text)
    page.goto("en/questions/kv-cache/")
    notice = page.locator("[data-aside-notice]")
    expect(notice).to_be_visible()
    # Marking works, and writes over nothing that was there.
    page.locator("[data-mark=known]").click()
    questions = stored(page)["questions"]
    assert questions["kv-cache"]["mark"][0] == "known"
    if "rope-idea" in text:
        assert questions["rope-idea"] == {"mark": ["known", 5]}
    with page.expect_download() as download:
        notice.get_by_role("button", name="Download it").click()
    assert download.value.path().read_text(encoding="utf-8") == text
    notice.get_by_role("button", name="Understood").click()
    expect(notice).to_be_hidden()
    page.goto("practice/")
    expect(notice).to_be_hidden()
    with page.expect_download() as download:
        page.locator("[data-aside-again]").click()
    assert download.value.path().read_text(encoding="utf-8") == text
    page.locator("[data-aside-delete]").click()
    expect(page.locator("[data-aside-kept]")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('study-guide.aside')") is None


def test_a_browser_that_stores_nothing_still_practises(
    browser: Browser, address: str
) -> None:
    # Not a `reader`: Material's own scripts complain.
    context = browser.new_context(base_url=address)
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " {get() { throw new DOMException('denied', 'SecurityError'); }});"
    )
    page = context.new_page()
    page.goto("practice/?question=kv-cache")
    answer(page, 3)
    expect(page.locator("[data-summary]")).to_be_visible()
    page.locator("[data-to-start]").click()
    assert page.locator(".shelf .sq.learning").count() == 1
    context.close()


# ── two tabs ───────────────────────────────────────────────────────────────


def test_two_tabs_lose_no_review(reader: Open) -> None:
    context = reader()
    one, other = context.new_page(), context.new_page()
    for tab, slug in (one, "kv-cache"), (other, "rope-idea"):
        tab.goto(f"practice/?question={slug}")
        tab.keyboard.press("Space")
        expect(tab.locator("[data-back]")).to_be_visible()
    one.keyboard.press("3")
    other.keyboard.press("1")
    # A tab hears of what another has stored a moment later.
    until(one, f"{STORED}.questions['rope-idea']")
    assert stored(one)["questions"].keys() == {"kv-cache", "rope-idea"}

    # The same question in both.
    for tab in one, other:
        tab.goto("practice/?question=flash-attention")
        answer(tab, 3)
    until(one, f"{STORED}.questions['flash-attention'].reviews.length === 2")


def test_a_tab_that_writes_what_it_had_read_before_is_repaired(
    reader: Open,
) -> None:
    """Both read, both write: what the first one wrote would be gone."""
    context = reader()
    one, other = context.new_page(), context.new_page()
    other.goto("en/")
    one.goto("practice/?question=kv-cache")
    answer(one, 3)
    stale = {"kv-cache": {}, "rope-idea": {"mark": ["known", 5]}}
    put(other, json.dumps({"version": 2, "begun": 0, "questions": stale}))
    until(
        one,
        f"Object.keys({STORED}.questions['kv-cache']).includes('schedule')",
    )
    questions = stored(one)["questions"]
    assert len(questions["kv-cache"]["reviews"]) == 1
    assert questions["rope-idea"] == {"mark": ["known", 5]}


def test_a_reset_in_one_tab_holds_in_the_other(reader: Open) -> None:
    context = reader()
    one, other = context.new_page(), context.new_page()
    one.goto("practice/")
    one.locator("[data-begin-today]").click()
    answer(one, 3)
    before = json.dumps(stored(one))
    other.goto("en/practice/")
    other.locator("[data-reset]").click()
    other.get_by_role("button", name="Delete everything").click()
    expect(one.locator(".shelf .sq.learning")).to_have_count(0)
    # The session goes on, and only what comes after the reset is kept.
    second = asked(one)
    answer(one, 3)
    assert stored(one)["questions"].keys() == {second}
    # What a tab had read before the reset and writes after it is no news.
    put(one, before)
    until(other, f"{STORED}.begun > 0")
    assert second not in before
    assert stored(other)["questions"].keys() <= {second}


def test_marks_show_in_the_other_tab_at_once(reader: Open) -> None:
    context = reader()
    one, other = context.new_page(), context.new_page()
    one.goto("")
    other.goto("en/questions/kv-cache/")
    cell = one.locator(".cell[data-question=kv-cache]")
    for state in "known", "learning":
        other.locator(f"[data-mark={state}]").click()
        expect(cell).to_have_class(re.compile(rf"\b{state}\b"))
    expect(cell).to_have_accessible_name(re.compile("在学"))
    other.locator("[data-mark=new]").click()
    expect(cell).not_to_have_class(re.compile("learning"))


def test_marking_as_new_forgets_the_reviews(page: Page) -> None:
    page.goto("practice/?question=kv-cache")
    answer(page, 4)
    page.goto("questions/kv-cache/")
    expect(page.locator("[data-next-review]")).to_have_text("8 天后复习。")
    page.locator("[data-mark=new]").click()
    expect(page.locator("[data-next-review]")).to_be_hidden()
    page.goto("practice/?question=kv-cache")
    expect(page.locator("[data-last]")).to_have_text("第一次")
    assert "schedule" not in stored(page)["questions"]["kv-cache"]


# ── keys ───────────────────────────────────────────────────────────────────


def test_a_session_by_keyboard_alone(page: Page) -> None:
    page.goto("practice/")
    page.locator("[data-begin-today]").focus()
    page.keyboard.press("Enter")
    first = asked(page)
    back, front = page.locator("[data-back]"), page.locator("[data-front]")
    expect(front).to_be_visible()
    page.keyboard.press("1")  # there is nothing to grade yet
    expect(front).to_be_visible()
    page.keyboard.press("Space")
    expect(back).to_be_visible()
    focused = page.evaluate("document.activeElement.textContent")
    assert "简答" in focused
    page.keyboard.press("3")
    second = asked(page)
    assert second != first
    expect(page.locator("[data-say]")).to_contain_text("第 2 题")

    page.keyboard.press("ArrowLeft")
    assert asked(page) == first
    expect(page.locator("[data-grade='3']")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("4")  # on second thoughts
    reviews = stored(page)["questions"][first]["reviews"]
    assert sorted(grade for _, grade in reviews) == [0, 4]
    assert asked(page) == second
    page.keyboard.press("ArrowRight")
    third = asked(page)
    assert third not in (first, second)
    page.keyboard.press("ArrowLeft")

    answer(page, 1)
    expect(page.locator("[data-position]")).to_contain_text("共 6 题")
    page.keyboard.press("u")
    assert asked(page) == second
    expect(page.locator("[data-position]")).to_contain_text("共 5 题")
    assert not [
        grade
        for _, grade in stored(page)["questions"][second]["reviews"]
        if grade
    ]
    expect(back).to_be_visible()


def test_typing_is_no_shortcut_and_keys_can_be_turned_off(page: Page) -> None:
    page.goto("en/practice/?question=kv-cache")
    page.locator(".typed summary").click()
    page.keyboard.press("Tab")
    page.keyboard.type("store K and V: 2 of them, u 1")
    expect(page.locator("[data-front]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-yours-text]")).to_contain_text("store K and V")
    page.locator("[data-keys]").uncheck()
    page.keyboard.press("3")
    expect(page.locator("[data-back]")).to_be_visible()
    page.reload()
    expect(page.locator("[data-keys]")).not_to_be_checked()
    page.locator("[data-keys]").check()
    page.keyboard.press("3")
    expect(page.locator("[data-summary]")).to_be_visible()


def test_the_answer_page_and_back_goes_on_with_the_session(page: Page) -> None:
    page.goto("practice/")
    page.locator("[data-begin-today]").click()
    answer(page, 3)
    slug = asked(page)
    page.keyboard.press("Space")
    page.locator("[data-points] input").first.check()
    page.locator("[data-full]").click()
    page.wait_for_url(f"**/questions/{slug}/")
    page.go_back()
    assert asked(page) == slug
    expect(page.locator("[data-back]")).to_be_visible()
    expect(page.locator("[data-points] input").first).to_be_checked()
    page.locator("[data-end]").click()
    expect(page.locator("[data-answers] li")).to_have_count(1)


# ── the other ways ─────────────────────────────────────────────────────────


def test_a_mock_interview(page: Page) -> None:
    page.clock.install(time=MONDAY)
    page.goto("en/practice/")
    page.get_by_role("radio", name="Mock interview").check()
    page.get_by_label("Two-minute timer").check()
    page.locator("[data-begin]").click()
    topics, levels = set(), []
    for number in range(8):
        topics.add(page.locator("[data-topic]").inner_text())
        levels.append(page.locator("[data-level]").inner_text())
        timer = page.locator("[data-timer]")
        expect(timer).to_be_visible()
        if number == 0:
            page.clock.run_for(95_000)
            expect(timer).to_have_text("0:25 left")
            page.clock.run_for(30_000)
            expect(timer).to_have_text("Two minutes are over")
            expect(page.locator("[data-say]")).to_have_text(
                "Two minutes are over"
            )
        page.keyboard.press("Space")
        points = page.locator("[data-points] input")
        expect(points.first).to_be_visible()
        if number == 1:
            missed = page.locator("[data-points] li").nth(1).inner_text()
            points.first.check()
        page.keyboard.press("1" if number == 1 else "3")
    assert len(topics) == 8
    assert set(levels) == {"Basic", "Intermediate", "Advanced"}
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "How the interview went"
    )
    expect(page.locator("[data-reread] > li")).to_have_count(1)
    first = page.locator("[data-reread] .points li").first
    assert first.inner_text() == missed
    expect(page.locator("[data-answers] li")).to_have_count(8)
    expect(page.locator("[data-answers]")).to_contain_text("1/")
    page.locator("[data-again]").click()
    expect(page.locator("[data-position]")).to_have_text("1 of 1")


def test_follow_ups_are_drilled_and_not_scheduled(page: Page) -> None:
    page.goto("practice/?topic=positional-encoding")
    page.get_by_role("radio", name="追问").check()
    page.get_by_role("radio", name="5", exact=True).check()
    page.locator("[data-begin]").click()
    for number in range(5):
        title = page.locator("[data-title]")
        expect(title).not_to_be_empty()
        expect(page.locator("[data-topic]")).to_have_text("位置编码与长上下文")
        page.keyboard.press("Space")
        expect(page.locator("[data-short]")).not_to_be_empty()
        expect(page.locator("[data-grade]:visible")).to_have_count(2)
        page.keyboard.press("1" if number == 0 else "2")
    page.keyboard.press("Space")
    page.keyboard.press("2")
    expect(page.locator("[data-answers] li")).to_have_count(6)
    assert page.evaluate("localStorage.getItem('study-guide')") is None


def test_choices_narrow_what_is_asked(page: Page) -> None:
    page.goto("en/practice/")
    matching = page.locator("[data-matching]")
    expect(matching).to_have_text("104 questions match")
    page.locator("[name=level][value=advanced]").check()
    page.locator("[data-topics] summary").click()
    page.locator("[name=topic][value=inference-serving]").check()
    expect(page.locator("[data-topics-chosen]")).to_have_text("1 topic")
    expect(matching).to_have_text("3 questions match")
    page.locator("[name=which]").select_option("due")
    expect(page.locator("[data-begin]")).to_be_disabled()
    page.locator("[name=which]").select_option("new")
    page.locator("[data-begin]").click()
    expect(page.locator("[data-position]")).to_have_text("1 of 3")
    expect(page.locator("[data-topic]")).to_have_text("Inference and serving")
    expect(page.locator("[data-level]")).to_have_text("Advanced")


def test_a_plan_has_its_order_and_progress(page: Page) -> None:
    page.goto("plans/week/")
    items = page.locator("ol.list > .item")
    expect(items).to_have_count(40)
    expect(page.locator("h2.plan-part")).to_have_count(7)
    start = page.locator("[data-read-on]")
    expect(start).to_contain_text("从第一题开始")
    start.click()
    page.locator("[data-mark=known]").click()
    page.goto("plans/week/")
    expect(page.locator(".meta")).to_contain_text("已掌握 1 题")
    expect(page.locator("h2.plan-part").first).to_contain_text("1/6")
    second = items.nth(1).get_by_role("link")
    expect(start).to_contain_text(second.inner_text())
    assert start.get_attribute("href") == second.get_attribute("href")
    page.get_by_role("link", name="练这份计划").click()
    expect(page.locator("[data-matching]")).to_have_text("符合条件的有 40 题")


# ── everywhere ─────────────────────────────────────────────────────────────


def test_from_a_folder(reader: Open, site: Path) -> None:
    page = reader().new_page()
    page.goto(f"{site.as_uri()}/en/practice/index.html?question=kv-cache")
    answer(page, 3)
    expect(page.locator("[data-answers] li")).to_have_count(1)
    page.locator("[data-answers] a").click()
    page.wait_for_url("**/en/questions/kv-cache/index.html")
    expect(page.locator("[data-next-review]")).to_have_text(
        "Next review in 2 days."
    )


def test_without_scripts_it_says_what_it_needs(reader: Open) -> None:
    page = reader(java_script_enabled=False).new_page()
    for path, words in (("practice/", "需要"), ("en/practice/", "needs")):
        page.goto(path)
        text = page.locator(".no-script")
        expect(text).to_contain_text(f"{words}")
        expect(text).to_contain_text("JavaScript")
        expect(page.locator("[data-begin-today]")).to_be_hidden()
        text.get_by_role("link").last.click()
        assert page.locator("table.all tbody tr").count() == 104
        page.goto(path)


def test_a_card_that_does_not_load_can_be_fetched_again(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.route("**/assets/practice/**", lambda route: route.abort())
    page.goto("practice/?question=kv-cache")
    page.keyboard.press("Space")
    expect(page.locator("p[data-failed]")).to_be_visible()
    page.unroute("**/assets/practice/**")
    page.locator("[data-retry]").click()
    expect(page.locator("[data-short]")).not_to_be_empty()
    expect(page.locator("p[data-failed]")).to_be_hidden()
    context.close()


def views(page: Page, path: str) -> Iterator[str]:
    """Brings one view of the practice page after the other."""
    page.goto(f"{path}practice/")
    page.locator("[data-topics] summary").click()
    yield "start"
    page.locator("[name=way][value=mock]").check()
    page.locator("[data-begin]").click()
    yield "question"
    page.keyboard.press("Space")
    expect(page.locator("[data-points] li").first).to_be_visible()
    for summary in page.locator("[data-follow] summary").all():
        summary.click()
    yield "answer"
    page.keyboard.press("1")
    page.locator("[data-end]").click()
    yield "summary"
    page.goto(f"{path}practice/")
    page.locator("[name=way][value=follow]").check()
    page.locator("[data-begin]").click()
    page.keyboard.press("Space")
    expect(page.locator("[data-short]")).not_to_be_empty()
    yield "follow-up"
    page.goto(f"{path}plans/week/")
    yield "plan"
    page.goto(f"{path}questions/kv-cache/")
    page.locator(".known-bar").scroll_into_view_if_needed()
    yield "marks"


@pytest.mark.parametrize(
    ("path", "scheme", "width"),
    [("", "light", 1440), ("en/", "dark", 390)],
)
def test_axe_finds_nothing(
    reader: Open, path: str, scheme: str, width: int
) -> None:
    context = reader(
        color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    program = AXE.read_text(encoding="utf-8")
    for view in views(page, path):
        if view == "marks":
            break
        page.evaluate(program)
        # KaTeX draws a struck-out or coloured piece as plain spans.
        found = page.evaluate(
            "axe.run({resultTypes: ['violations']}).then(({violations}) => violations.map("
            "one => [one.id, ...one.nodes.map(node => node.html)]))"
        )
        assert found == [], view


@pytest.mark.parametrize("path", ["", "en/"])
def test_nothing_scrolls_sideways_at_360_px(reader: Open, path: str) -> None:
    page = reader(viewport={"width": 360, "height": 740}).new_page()
    for view in views(page, path):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == 360, view


def test_nothing_moves_when_progress_is_shown(reader: Open) -> None:
    context = reader()
    page = context.new_page()
    page.goto("practice/")
    days = [[MONDAY.timestamp() * 1000, 3]]
    due = {"due": days[0][0], "days": 2, "state": 2}
    slugs = "kv-cache", "rope-idea", "flash-attention"
    record = {"reviews": days, "schedule": due}
    questions = dict.fromkeys(slugs, record)
    document = {"version": 2, "begun": 0, "questions": questions}
    put(page, json.dumps(document))
    context.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => {"
        " for (const one of list.getEntries()) window.moved += one.value;"
        "}).observe({type: 'layout-shift', buffered: true});"
    )
    for path in "", "en/practice/", "en/plans/week/", "questions/kv-cache/":
        page.goto(path, wait_until="networkidle")
        page.wait_for_timeout(100)
        assert page.evaluate("window.moved") < 0.01, path
