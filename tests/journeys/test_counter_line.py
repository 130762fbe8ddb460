"""The console on bad lines: no press is lost, none is done twice, none on another visitor."""

import json

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from tests.browser import in_browser, route
from tests.journeys.console_hall import COUNTER, Console, console, demonstration
from tests.screens.stage import OFFICE, PASSWORD
from tests.waiting import until

__all__ = ["console", "demonstration"]
pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]


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

    await route(console.page, "**/call-next", lose_the_first_answer)
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

    await route(console.page, "**/call-next", carry_out_but_never_answer)
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
    first, second = await console.call("certificates", "certificates")
    await console.bounce()
    await console.cut()
    await console.press("s", "n")
    await expect(console.page.locator("#pending-list li")).to_have_count(2)
    await console.mend()
    asked: list[str] = []

    async def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort() if len(asked) == 1 else route.continue_())

    await route(console.page, "**/queue", fail_once)
    await console.page.evaluate("sessionStorage.removeItem('junban.counter')")
    await console.page.reload()

    await console.shows(second)
    await expect(console.message).to_be_hidden()
    assert [await console.state_of(number) for number in (first, second)] == ["over", "called"]


async def test_queued_verb_is_never_carried_out_on_the_next_visitor(console: Console) -> None:
    first, second = await console.call("certificates", "certificates")
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
    first, second, third = await console.call("certificates", "certificates", "certificates")
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
    [number] = await console.call("certificates")
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

    await route(console.page, "**/queue", refuse_once)
    await console.stage.take("seal")
    await expect(console.message).to_have_text("Too many tries in a short time. Please wait a little.")

    await console.stage.take("seal")
    await expect(console.message).to_be_hidden()


async def test_queued_verb_can_be_taken_back_before_it_is_sent(console: Console) -> None:
    [number] = await console.call("certificates")
    await console.cut()

    await console.press("s", "c")
    await expect(console.page.locator("#verb-complete")).to_have_attribute("data-pending", "next")
    await console.press("Escape")
    await expect(console.page.locator("#pending-list li")).to_have_count(1)
    await console.mend()

    await expect(console.page.locator("#now")).to_have_attribute("data-state", "serving")
    assert await console.state_of(number) == "serving"


async def test_what_waits_its_turn_is_done_although_the_clerk_chooses_another_counter(console: Console) -> None:
    [number] = await console.call("certificates")
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
    first, second = await console.call("certificates", "certificates")
    other = await console.page.context.new_page()
    await other.goto(console.page.url)
    await expect(other.locator("#current-number")).to_have_text(first)
    # The first tab hears nothing of what the second does.
    await route(console.page, "**/queue", lambda route: route.abort())
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
    await console.call("certificates")
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


async def test_language_chosen_while_the_line_is_down_shows_what_is_known(console: Console) -> None:
    await console.call("certificates")
    await console.press("s")
    await expect(console.page.locator("#now")).to_have_attribute("data-state", "serving")
    await console.cut()

    await console.page.get_by_test_id("language-ja").click()

    await expect(console.page.locator("#verb-next-label")).to_have_text("終了して次を呼出")
    await expect(console.page.locator("#current-state")).to_have_text("ご案内中")
    await expect(console.page.locator("#verb-absent")).to_be_disabled()
    await console.mend()
    await expect(console.page.locator("#current-service")).to_contain_text("証明書")
