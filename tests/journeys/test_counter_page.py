"""A clerk's day at the console, with the keyboard alone: verbs, breaks, lists, and an enlarged page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser import in_browser, route
from tests.journeys.console_hall import COUNTER, Console, console, demonstration
from tests.screens.stage import API, Look

__all__ = ["console", "demonstration"]
pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]


# Every verb by its key


async def test_a_visit_with_the_keyboard_alone(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")

    await console.press("n")
    await console.shows(first)
    await console.press("r")
    await expect(console.page.locator("#current-facts")).to_contain_text("Call no. 2")
    await console.press("s")
    await expect(console.page.locator("#now")).to_have_attribute("data-state", "serving")
    await console.press("N")

    await console.shows(second)
    assert await console.state_of(first) == "over"


async def test_keys_work_with_japanese_input_and_capital_lock(console: Console) -> None:
    [number] = await console.take("certificates")

    await console.page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'Process', code: 'KeyN', bubbles: true, cancelable: true }))"
    )
    await console.shows(number)
    await console.page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'S', code: 'KeyS', bubbles: true }))"
    )

    await expect(console.page.locator("#now")).to_have_attribute("data-state", "serving")


async def test_undo_says_what_it_takes_back_and_for_how_long(console: Console) -> None:
    [number] = await console.call("certificates")

    await expect(console.page.locator("#verb-undo")).to_contain_text(re.compile(rf"{number} \(\d+ s left\)"))
    await console.press("u")

    await expect(console.page.get_by_test_id(f"ticket-{number}")).to_be_visible()
    assert await console.state_of(number) == "waiting"


async def test_what_was_just_done_is_taken_back_before_the_lists_are_heard(console: Console) -> None:
    first, second = await console.call("certificates", "certificates")
    await route(console.page, "**/queue", lambda route: route.abort())

    await console.press("a")
    await console.shows("Nobody is here")
    await console.press("u")
    await console.shows(first)

    await console.press("c")
    await console.shows("Nobody is here")
    await console.press("n")
    await console.shows(second)
    await console.press("u")
    await console.shows("Nobody is here")
    assert [await console.state_of(number) for number in (first, second)] == ["over", "waiting"]


async def test_what_is_on_its_way_can_be_taken_back(console: Console) -> None:
    [number] = await console.call("certificates")
    await console.press("s")
    await expect(console.page.locator("#verb-undo")).to_be_disabled()
    answers = await console.hold("complete")

    await console.press("c")
    await expect(console.page.locator("#verb-undo")).to_be_enabled()
    await console.press("u")
    await expect(console.page.locator("#verb-undo")).to_have_attribute("data-pending", "next")
    answers.let_go()

    await expect(console.page.locator("#verb-undo:not([data-pending])")).to_be_disabled()
    await console.shows(number)
    assert await console.state_of(number) == "serving"


async def test_undo_behind_the_next_call_is_of_that_call_and_of_no_step_before(console: Console) -> None:
    first, second = await console.call("certificates", "certificates")
    await expect(console.page.locator("#verb-undo")).to_contain_text(f"call of {first}")
    await console.bounce()
    answers = await console.hold("call-next")

    await console.press("n")
    await expect(console.page.locator("#verb-undo-label")).to_have_text("Undo")
    await console.press("u")
    answers.let_go()

    await console.shows("Nobody is here")
    await expect(console.page.locator("#verb-undo:not([data-pending])")).to_contain_text(f"complete of {first}")
    assert [await console.state_of(number) for number in (first, second)] == ["over", "waiting"]


async def test_undo_takes_an_unsent_press_out_of_the_line_and_its_bounce_does_no_more(console: Console) -> None:
    [number] = await console.call("certificates")
    await console.cut()

    await console.press("s", "c")
    await expect(console.page.locator("#verb-complete")).to_have_attribute("data-pending", "next")
    await console.press("u", "u")
    await expect(console.message).to_have_text(f"Taken back: Complete {number}")
    await expect(console.page.locator("#pending-list li")).to_have_count(1)
    await console.mend()

    await expect(console.page.locator("#pending")).to_be_hidden()
    assert await console.state_of(number) == "serving"


async def test_undo_of_what_was_refused_is_not_done_to_the_step_before(console: Console) -> None:
    [number] = await console.call("certificates")
    answers = await console.hold("complete")

    await console.press("c", "u")
    await console.stage.at(COUNTER, "start")
    answers.let_go(refusal="other_ticket")

    await expect(console.message).to_contain_text("Not done: Undo.")
    await console.shows(number)
    assert await console.state_of(number) == "serving"


async def test_double_press_calls_once(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")

    await console.press("n", "n")
    await console.shows(first)

    assert await console.state_of(second) == "waiting"
    await console.shows(first)


async def test_keys_and_rows_follow_though_the_machines_clock_is_set_back(console: Console) -> None:
    first, second, third = await console.take("certificates", "certificates", "certificates")
    await console.page.get_by_test_id(f"ticket-{third}").hover()
    await console.press("n")
    await console.shows(first)

    await console.page.evaluate("const now = Date.now; Date.now = () => now() - 3_600_000")
    await console.bounce()
    await console.press("n")
    await console.shows(second)
    # The pointer has rested long enough by now.
    await console.page.evaluate("const now = performance.now; performance.now = () => now.call(performance) + 3000")
    await expect(console.page.get_by_test_id(f"ticket-{first}")).to_have_count(0)


async def test_help_lists_the_keys_and_gives_the_focus_back(console: Console) -> None:
    await console.press("?")
    await expect(console.page.locator("#help")).to_be_visible()
    await console.press("Escape")
    await expect(console.page.locator("#help")).to_be_hidden()

    await console.call("certificates")


async def test_visitors_language_is_very_visible_and_a_japanese_one_is_not_said(console: Console) -> None:
    [foreign] = await console.take("certificates", language="ne")
    [japanese] = await console.take("certificates")

    await console.press("n")
    await console.shows(foreign)
    await expect(console.page.locator("#current-language")).to_have_text("Speaks Nepali")
    size = await console.page.locator("#current-language").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 18
    await console.bounce()
    await console.press("n")

    await console.shows(japanese)
    await expect(console.page.locator("#current-language")).to_be_hidden()


# Break


async def test_break_and_back_with_one_key(console: Console) -> None:
    await console.press("b")
    await expect(console.page.locator("#break-since")).to_have_text(re.compile(r"On a break since \d\d:\d\d"))
    [counter] = [each for each in (await console.queue())["counters"] if each["id"] == COUNTER]
    assert (counter["open"], counter["on_break"]["staff"]) == (False, "yamada")

    await console.page.reload()
    await expect(console.page.locator("#break-since")).to_be_visible()
    await console.press("b")

    await expect(console.page.locator("#desk")).to_be_visible()
    [counter] = [each for each in (await console.queue())["counters"] if each["id"] == COUNTER]
    assert (counter["open"], counter["on_break"]) == (True, None)


async def test_another_counter_can_be_chosen_on_a_break(console: Console) -> None:
    await console.press("b")
    await expect(console.page.locator("#break-card")).to_be_visible()

    await console.press("w")
    await expect(console.page.locator("#break-card")).to_be_hidden()
    await expect(console.page.get_by_test_id(f"open-{COUNTER}")).to_contain_text("You are on a break")
    await console.page.get_by_test_id(f"open-{COUNTER}").click()

    await expect(console.page.locator("#desk")).to_be_visible()


async def test_break_is_refused_with_a_visitor_and_says_what_solves_it(console: Console) -> None:
    [number] = await console.call("certificates")

    await console.press("b")

    await expect(console.message).to_contain_text(f"{number} is still at this counter. Complete (C), hold (H)")
    await console.shows(number)


async def test_next_behind_the_opening_of_a_counter_waits_for_it(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    await console.press("q")
    await expect(console.page.locator("#choose")).to_be_visible()
    answers = await console.hold("open")

    await console.page.get_by_test_id(f"open-{COUNTER}").click()
    await console.press("n")
    answers.let_go()
    await console.shows(first)

    await console.press("c")
    await console.shows("Nobody is here")
    await console.press("b")
    await expect(console.page.locator("#break-card")).to_be_visible()
    await console.page.unroute("**/open")
    answers = await console.hold("open")
    await console.bounce()
    await console.press("b", "n")
    answers.let_go()

    await console.shows(second)


async def test_next_behind_a_counter_that_was_not_opened_is_not_done_and_says_so(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("b")
    await expect(console.page.locator("#break-card")).to_be_visible()
    answers = await console.hold("open")

    await console.press("b", "n")
    answers.let_go(refusal="counter_taken")

    await expect(console.message).to_contain_text("Not done: Call next. What was pressed before it was not done.")
    assert await console.state_of(number) == "waiting"


# Colleagues


async def test_colleague_who_takes_the_counter_over_is_named(console: Console) -> None:
    await console.stage.at(COUNTER, "close")

    await expect(console.message).to_contain_text("was closed by a colleague or on another screen")
    await expect(console.page.locator("#choose")).to_be_visible()


async def test_counter_closed_by_the_end_of_the_day_says_that(console: Console) -> None:
    clerk = console.stage.clerk
    (await clerk.post(f"{API}/day/close", json={})).raise_for_status()

    await expect(console.message).to_have_text("The office has ended its day.")
    until = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
    (await clerk.post(f"{API}/day/extend", json={"until": until})).raise_for_status()


async def test_two_clerks_see_who_sits_where(console: Console) -> None:
    colleague = await console.stage.staff("counter", Look(1366, 768, "en"), name="suzuki")

    await expect(colleague.get_by_test_id(f"open-{COUNTER}")).to_contain_text("Taken by yamada")
    await expect(colleague.get_by_test_id(f"open-{COUNTER}")).to_be_disabled()


# Lists and waits


async def test_rows_stay_under_the_pointer(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    row = console.page.get_by_test_id(f"ticket-{second}")
    box = await row.bounding_box()
    assert box
    await console.page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    await console.page.mouse.move(box["x"] + 44, box["y"] + box["height"] / 2)

    await console.stage.clerk.post(f"{API}/tickets/{first}/cancel", json={})
    await expect(console.page.get_by_test_id(f"ticket-{first}")).to_have_attribute("data-gone", "")
    assert await row.bounding_box() == box
    await console.page.mouse.move(5, 5)

    await expect(console.page.get_by_test_id(f"ticket-{first}")).to_have_count(0)


async def test_row_that_changes_under_a_pressed_pointer_keeps_the_click(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    box = await console.page.get_by_test_id(f"cancel-{second}").bounding_box()
    assert box
    await console.page.mouse.move(box["x"] + 10, box["y"] + 10)
    await console.page.mouse.down()

    await console.stage.at(COUNTER, "call-next")
    await console.shows(first)
    await console.page.mouse.up()

    await expect(console.page.locator("#pick-heading")).to_have_text(f"Cancel number {second}?")
    await expect(console.page.get_by_test_id(f"ticket-{first}")).to_have_count(0)


async def test_row_that_moves_up_keeps_the_focus(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    await console.page.get_by_test_id(f"cancel-{second}").focus()

    await console.stage.clerk.post(f"{API}/tickets/{first}/cancel", json={})

    await expect(console.page.get_by_test_id(f"ticket-{first}")).to_have_count(0)
    await expect(console.page.get_by_test_id(f"cancel-{second}")).to_be_focused()


async def test_strip_says_in_words_that_somebody_waits_too_long(console: Console) -> None:
    async def age(route: Route) -> None:
        answer = await route.fetch()
        queue = await answer.json()
        for ticket in queue["tickets"]:
            ticket["wait_seconds"] += 2400
        for service in queue["services"]:
            service["wait_target_seconds"] = 1800
        await route.fulfill(response=answer, json=queue)

    await console.take("certificates", "move")
    await route(console.page, "**/queue", age)
    await console.page.reload()

    await expect(console.page.locator("#strip-level")).to_have_text("Somebody waits longer than the target")
    await expect(console.page.locator("#strip-count")).to_have_text("2 waiting")
    await expect(console.page.locator("#strip-longest")).to_have_text("Longest 40 min")
    await expect(console.page.locator("#waiting")).to_contain_text("Over target")


# Enlarged pages on an old screen


async def bottoms(page: Page, *selectors: str) -> dict[str, float]:
    """How far down the first screen each reaches, as parts of its height."""
    found = {}
    for each in selectors:
        box = await page.locator(each).first.bounding_box()
        assert box, each
        found[each] = (box["y"] + box["height"]) / await page.evaluate("innerHeight")
    return found


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1093, 614), (911, 512), (683, 384)])
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_enlarged_page_shows_number_verbs_and_the_head_of_the_queue(
    console: Console, width: int, height: int, language: str
) -> None:
    [number] = await console.take("certificates", language="ne")
    await console.take("certificates", "move")
    await console.press("n")
    await console.shows(number)
    page = console.page
    await page.click(f"[data-testid=language-{language}]")
    await page.set_viewport_size({"width": width, "height": height})
    await expect(page.locator("#waiting tr").first).to_be_visible()

    seen = await bottoms(
        page, "#current-number", "#current-language", "#verb-next", "#verb-complete", "#verb-transfer", "#waiting tr"
    )

    assert {each: part for each, part in seen.items() if part > 1} == {}
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    small = await page.evaluate(
        "[...document.querySelectorAll('button, input')].filter((one) => one.getClientRects().length)"
        ".map((one) => [one.id, one.getBoundingClientRect()])"
        ".filter(([, box]) => box.height < 24 || box.width < 24).map(([id, box]) => [id, box.width, box.height])"
    )
    assert [each for each in small if each[0] != "all-services"] == []
