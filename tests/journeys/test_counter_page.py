"""A clerk's day at the console, with the keyboard alone, on good lines and bad ones."""

import asyncio
import json
import re

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.browser import in_browser
from tests.journeys.console_hall import COUNTER, Console, console, demonstration
from tests.screens.stage import API, OFFICE, PASSWORD, Look
from tests.waiting import until

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
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)

    await expect(console.page.locator("#verb-undo")).to_contain_text(re.compile(rf"{number} \(\d+ s left\)"))
    await console.press("u")

    await expect(console.page.get_by_test_id(f"ticket-{number}")).to_be_visible()
    assert await console.state_of(number) == "waiting"


async def test_what_was_just_done_is_taken_back_before_the_lists_are_heard(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    await console.press("n")
    await console.shows(first)
    await console.page.route("**/queue", lambda route: route.abort())

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
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
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
    first, second = await console.take("certificates", "certificates")
    await console.press("n")
    await console.shows(first)
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
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
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
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
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

    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)


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


# Transfer, hold


async def test_transfer_finds_the_service_and_asks_for_the_reason(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)

    await console.press("t")
    await expect(console.page.locator("#transfer-search")).to_be_focused()
    # By its reading, in kana, on an English page.
    await console.page.keyboard.insert_text("ひっこし")
    await expect(console.page.locator("#transfer-options button")).to_have_count(1)
    await console.press("Enter")
    await expect(console.page.locator("#pick")).to_be_visible()
    await console.press("2")

    await expect(console.page.locator("#current-number")).to_have_text("Nobody is here")
    [ticket] = [each for each in (await console.queue())["tickets"] if each["number"] == number]
    reasons = (await console.stage.clerk.get(API)).json()["reasons"]
    assert (ticket["service"], ticket["reason"]) == ("move", reasons[1]["code"])
    assert ticket["transferred_from"] == "certificates"


async def test_transfer_by_arrows_and_without_a_reason(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)

    await console.press("t")
    await expect(console.page.locator("#transfer")).to_be_visible()
    await console.press("ArrowDown")
    wanted = await console.page.locator("#transfer-options .is-marked").get_attribute("value")
    await console.press("Enter")
    await expect(console.page.locator("#pick")).to_be_visible()
    await console.press("0")

    await expect(console.page.locator("#current-number")).to_have_text("Nobody is here")
    [ticket] = [each for each in (await console.queue())["tickets"] if each["number"] == number]
    assert (ticket["service"], ticket["reason"]) == (wanted, None)


async def test_transfer_by_a_number_key_and_never_mind(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)

    await console.press("t")
    await expect(console.page.locator("#transfer")).to_be_visible()
    await console.press("1")
    await expect(console.page.locator("#pick")).to_be_visible()
    await console.press("Escape")

    await console.shows(number)
    assert await console.state_of(number) == "called"


async def test_transfer_dialog_keeps_focus_and_keys_when_the_office_answers_late(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    may_answer = asyncio.Event()

    async def answer_late_that_all_are_closed(route: Route) -> None:
        await may_answer.wait()
        answer = await route.fetch()
        office = await answer.json()
        closed = [{**service, "open": False, "reason": None} for service in office["services"]]
        await route.fulfill(response=answer, json={**office, "services": closed})

    await console.page.route("**/sakura?language=*", answer_late_that_all_are_closed)
    await console.press("t")
    await expect(console.page.locator("#transfer-search")).to_be_focused()
    await console.press("Tab", "Tab")
    focused = await console.page.evaluate("document.activeElement.dataset.testid")
    may_answer.set()
    await expect(console.page.get_by_test_id(focused)).to_have_attribute("data-closed", "")
    await expect(console.page.get_by_test_id(focused)).to_be_focused()
    await console.press("Enter")

    await expect(console.page.locator("#pick-heading")).to_contain_text("sent on")
    assert f"pick-{await console.page.locator('#transfer').evaluate('one => one.returnValue')}" == focused


async def test_keys_answer_a_dialog_after_a_click_beside_its_buttons(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)

    await console.press("t")
    await expect(console.page.locator("#transfer-search")).to_be_focused()
    await console.page.mouse.click(5, 700)
    await expect(console.page.locator("#transfer-search")).not_to_be_focused()
    await console.press("ArrowDown", "Enter")
    await expect(console.page.locator("#pick")).to_be_visible()
    await console.page.mouse.click(5, 700)
    await console.press("1")

    await console.shows("Nobody is here")
    [ticket] = [each for each in (await console.queue())["tickets"] if each["number"] == number]
    assert ticket["reason"] is not None


async def test_office_that_was_not_heard_at_once_is_asked_for_again(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    await console.page.route("**/sakura?language=*", lambda route: route.abort())
    await console.page.reload()
    await console.shows(number)

    await console.press("h")
    await expect(console.message).to_contain_text("The server did not answer.")
    assert await console.state_of(number) == "called"
    await console.press("t")
    await expect(console.page.locator("#transfer-none")).to_have_text("The server cannot be reached. Trying again…")
    await console.page.unroute("**/sakura?language=*")

    await expect(console.page.locator("#transfer-options button").first).to_be_visible()
    await expect(console.page.locator("#transfer-none")).to_be_hidden()
    await console.press("Escape")
    await expect(console.page.locator("#transfer")).to_be_hidden()
    await console.press("h")
    await expect(console.page.get_by_test_id("pick--")).to_be_focused()


async def test_language_chosen_while_the_line_is_down_shows_what_is_known(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    await console.press("s")
    await expect(console.page.locator("#now")).to_have_attribute("data-state", "serving")
    await console.cut()

    await console.page.get_by_test_id("language-ja").click()

    await expect(console.page.locator("#verb-next-label")).to_have_text("終了して次を呼出")
    await expect(console.page.locator("#current-state")).to_have_text("ご案内中")
    await expect(console.page.locator("#verb-absent")).to_be_disabled()
    await console.mend()
    await expect(console.page.locator("#current-service")).to_contain_text("証明書")


async def test_hold_with_a_reason_and_resume_by_its_number(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    await console.press("h")
    await expect(console.page.locator("#pick")).to_be_visible()
    await console.press("1")
    await expect(console.page.locator("#held")).to_contain_text(number)

    await console.press("f")
    await console.page.keyboard.type(number.lower())
    await expect(console.page.locator("#quick-deed")).to_have_text(f"Enter: resume {number}")
    await console.press("Enter")

    await console.shows(number)
    assert await console.state_of(number) == "serving"


# A number by hand


async def test_typed_number_is_called_and_says_so_before(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")

    await console.press("/")
    await expect(console.page.locator("#quick-number")).to_be_focused()
    # Full width, as it comes with Japanese input on.
    await console.page.keyboard.insert_text("".join(chr(ord(each) + 0xFEE0) for each in second))
    await expect(console.page.locator("#quick-deed")).to_have_text(f"Enter: call {second}")
    await console.press("Enter")

    await console.shows(second)
    assert await console.state_of(first) == "waiting"


async def test_choice_between_numbers_keeps_the_focus_whatever_happens_in_the_hall(console: Console) -> None:
    [number] = await console.take("certificates")
    like = "Z" + number[1:]

    async def add_one_like_it(route: Route) -> None:
        answer = await route.fetch()
        queue = await answer.json()
        same = [{**ticket, "number": like} for ticket in queue["tickets"] if ticket["number"] == number]
        await route.fulfill(response=answer, json={**queue, "tickets": [*queue["tickets"], *same]})

    await console.page.route("**/queue", add_one_like_it)
    await console.page.reload()
    await expect(console.page.get_by_test_id(f"ticket-{like}")).to_be_visible()
    await console.press("f")
    await console.page.keyboard.type(number[1:])
    await console.press("Tab")
    await expect(console.page.get_by_test_id(f"quick-{number}")).to_be_focused()

    await console.take("certificates")
    await expect(console.page.get_by_test_id(f"quick-{number}")).to_be_focused()
    await console.press("Enter")

    await console.shows(number)


async def test_typed_number_of_an_absent_visitor_is_put_back(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    await console.press("a")
    await expect(console.page.locator("#absent")).to_contain_text(number)

    await console.press("f")
    await console.page.keyboard.type(number)
    await expect(console.page.locator("#quick-deed")).to_contain_text("back at the head")
    await console.press("Enter")

    await expect(console.page.locator("#waiting")).to_contain_text(number)


async def test_calling_a_number_is_hidden_where_the_office_does_not_allow_it(console: Console) -> None:
    async def forbid(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "call_number": "off"})

    [number] = await console.take("certificates")
    await expect(console.page.get_by_test_id(f"call-{number}")).to_be_visible()

    await console.page.route("**/queue", forbid)
    await console.page.reload()

    await expect(console.page.get_by_test_id(f"cancel-{number}")).to_be_visible()
    await expect(console.page.get_by_test_id(f"call-{number}")).to_have_count(0)


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
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)

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


# Bad lines


async def test_press_while_the_line_is_down_is_carried_out_once(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    await console.cut()

    await console.press("n")
    await expect(console.page.locator("#pending-list")).to_contain_text("being sent")
    await expect(console.page.locator("#verb-next")).to_have_attribute("data-pending", "sent")
    await expect(console.page.locator("#away")).to_contain_text("The lists are of")
    await console.press("n", "n")
    assert await console.state_of(first) == "waiting"
    await console.mend()

    await console.shows(first)
    await expect(console.page.locator("#away")).to_be_hidden()
    await expect(console.page.locator("#pending")).to_be_hidden()
    assert await console.state_of(second) == "waiting"


async def test_lost_answer_is_asked_for_again_and_nothing_is_done_twice(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    keys: list[str] = []

    async def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        answer = await route.fetch()
        await (route.abort() if len(keys) == 1 else route.fulfill(response=answer))

    await console.page.route("**/call-next", lose_the_first_answer)
    await console.press("n")

    await console.shows(first)
    await until(lambda: len(keys) == 2, 20)
    await expect(console.page.locator("#verb-next:not([data-pending])")).to_be_enabled()
    assert len(set(keys)) == 1
    assert await console.state_of(second) == "waiting"


async def test_reload_while_pending_sends_the_same_press_again(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    keys: list[str] = []

    async def carry_out_but_never_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await console.page.route("**/call-next", carry_out_but_never_answer)
    async with console.page.expect_request_finished(lambda one: "queue" in one.url):
        await console.press("n")
    kept = json.loads(await console.page.evaluate("sessionStorage.getItem('junban.presses') ?? '[]'"))
    await console.page.reload()

    await console.shows(first)
    await expect(console.page.locator("#verb-next")).to_be_enabled()
    assert [each["verb"] for each in kept] == ["next"]
    assert set(keys) == {kept[0]["key"]}
    assert await console.state_of(second) == "waiting"
    assert await console.page.evaluate("sessionStorage.getItem('junban.presses')") is None


async def test_presses_and_the_counter_are_kept_over_a_reload_that_does_not_hear_the_queue_at_once(
    console: Console,
) -> None:
    first, second = await console.take("certificates", "certificates")
    await console.press("n")
    await console.shows(first)
    await console.bounce()
    await console.cut()
    await console.press("s", "n")
    await expect(console.page.locator("#pending-list li")).to_have_count(2)
    await console.mend()
    asked: list[str] = []

    async def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort() if len(asked) == 1 else route.continue_())

    await console.page.route("**/queue", fail_once)
    await console.page.evaluate("sessionStorage.removeItem('junban.counter')")
    await console.page.reload()

    await console.shows(second)
    await expect(console.message).to_be_hidden()
    assert [await console.state_of(number) for number in (first, second)] == ["over", "called"]


async def test_queued_verb_is_never_carried_out_on_the_next_visitor(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    await console.press("n")
    await console.shows(first)
    await console.bounce()
    await console.cut()

    # The clerk sees the first; "complete" is about them, and the press before it will have finished them.
    await console.press("n", "c")
    await expect(console.page.locator("#pending-list li")).to_have_count(2)
    await console.mend()

    await console.shows(second)
    await expect(console.message).to_contain_text(f"Not done: Complete {first}")
    assert await console.state_of(second) == "called"


async def test_what_was_not_done_stands_until_a_later_press_is_answered(console: Console) -> None:
    first, second, third = await console.take("certificates", "certificates", "certificates")
    await console.press("n")
    await console.shows(first)
    await console.bounce()
    await console.cut()

    await console.press("c", "r", "n", "f")
    await console.page.keyboard.type(third)
    await console.press("Enter")
    await expect(console.page.locator("#pending-list li")).to_have_count(4)
    await console.mend()

    await console.shows(third)
    await expect(console.page.locator("#pending")).to_be_hidden()
    await expect(console.message).to_contain_text(f"Not done: Recall {first}.")
    await expect(console.message).to_contain_text(f"Not done: Complete and call next {first}.")
    await console.page.get_by_test_id("language-ja").click()
    await expect(console.message).to_contain_text(f"「{first}：再呼出」は行いませんでした。")
    await console.press("s")
    await expect(console.message).to_be_hidden()
    assert await console.state_of(second) == "waiting"


async def test_answer_does_not_wipe_what_was_said_after_its_press(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    answers = await console.hold("complete")

    await console.press("c", "b")
    await expect(console.message).to_contain_text(f"{number} is still at this counter.")
    answers.let_go()

    await console.shows("Nobody is here")
    await expect(console.message).to_contain_text(f"{number} is still at this counter.")


async def test_refused_question_is_said_until_the_next_is_answered(console: Console) -> None:
    asked: list[str] = []

    async def refuse_once(route: Route) -> None:
        asked.append(route.request.url)
        await (route.fulfill(status=429, json={"code": "too_many"}) if len(asked) == 1 else route.continue_())

    await console.page.route("**/queue", refuse_once)
    await console.stage.take("seal")
    await expect(console.message).to_have_text("Too many tries in a short time. Please wait a little.")

    await console.stage.take("seal")
    await expect(console.message).to_be_hidden()


async def test_queued_verb_can_be_taken_back_before_it_is_sent(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    await console.cut()

    await console.press("s", "c")
    await expect(console.page.locator("#verb-complete")).to_have_attribute("data-pending", "next")
    await console.press("Escape")
    await expect(console.page.locator("#pending-list li")).to_have_count(1)
    await console.mend()

    await expect(console.page.locator("#now")).to_have_attribute("data-state", "serving")
    assert await console.state_of(number) == "serving"


async def test_what_waits_its_turn_is_done_although_the_clerk_chooses_another_counter(console: Console) -> None:
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    await console.cut()

    await console.press("r", "s", "w")
    await expect(console.page.locator("#choose")).to_be_visible()
    await expect(console.page.locator("#pending-list li")).to_have_count(2)
    await console.mend()

    await expect(console.page.locator("#pending")).to_be_hidden()
    assert await console.state_of(number) == "serving"
    await expect(console.message).to_be_hidden()
    await console.page.get_by_test_id(f"open-{COUNTER}").click()
    await console.shows(number)


async def test_server_itself_refuses_a_verb_for_another_visitor(console: Console) -> None:
    first, second = await console.take("certificates", "certificates")
    await console.press("n")
    await console.shows(first)
    other = await console.page.context.new_page()
    await other.goto(console.page.url)
    await expect(other.locator("#current-number")).to_have_text(first)
    # The first tab hears nothing of what the second does.
    await console.page.route("**/queue", lambda route: route.abort())
    await other.keyboard.press("n")
    await expect(other.locator("#current-number")).to_have_text(second)

    await console.press("c")

    await expect(console.message).to_contain_text("Another number is at this counter")
    assert await console.state_of(second) == "called"
    await expect(other.locator("#shared")).to_be_visible()


async def test_blocked_sockets_are_polled_around_and_are_no_fault(console: Console) -> None:
    async def refuse(socket: WebSocketRoute) -> None:
        await socket.close()

    await console.page.route_web_socket("**/live", refuse)
    await console.page.reload()

    await expect(console.page.locator("#link-state")).to_have_text("Online (updated every few seconds)")
    [number] = await console.take("certificates")
    await console.press("n")
    await console.shows(number)
    await expect(console.page.locator("#away")).to_be_hidden()


async def test_ended_session_leads_back_with_the_press_carried_out(console: Console) -> None:
    [number] = await console.take("certificates")
    cookies = await console.page.context.cookies()
    await console.page.context.clear_cookies()

    await console.press("n")
    await console.page.wait_for_url("**/sign-in**")
    assert cookies
    await console.page.fill("#name", "yamada")
    await console.page.fill("#password", PASSWORD)
    await console.page.keyboard.press("Enter")

    await console.page.wait_for_url(f"**/counter/{OFFICE}")
    await console.shows(number)


async def test_colleague_who_takes_the_counter_over_is_named(console: Console) -> None:
    await console.stage.at(COUNTER, "close")

    await expect(console.message).to_contain_text("was closed by a colleague or on another screen")
    await expect(console.page.locator("#choose")).to_be_visible()


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
    await console.page.route("**/queue", age)
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


async def test_two_clerks_see_who_sits_where(console: Console) -> None:
    colleague = await console.stage.staff("counter", Look(1366, 768, "en"), name="suzuki")

    await expect(colleague.get_by_test_id(f"open-{COUNTER}")).to_contain_text("Taken by yamada")
    await expect(colleague.get_by_test_id(f"open-{COUNTER}")).to_be_disabled()
