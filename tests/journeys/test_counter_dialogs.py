"""What the console asks: where to send a visitor, why, and which number to call."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser import in_browser, route
from tests.journeys.console_hall import Console, console, demonstration
from tests.screens.stage import API

__all__ = ["console", "demonstration"]
pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]


# Transfer, hold


async def test_transfer_finds_the_service_and_asks_for_the_reason(console: Console) -> None:
    [number] = await console.call("certificates")

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


async def test_keys_pressed_at_once_each_answer_their_question(console: Console) -> None:
    [number] = await console.call("certificates")

    # Nothing but what the page itself does in between: no event of the browser's.
    await console.page.evaluate("""async () => {
        for (const [key, code] of [["t", "KeyT"], ["1", "Digit1"], ["2", "Digit2"]]) {
            const at = document.activeElement ?? document.body;
            at.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
            for (let turn = 0; turn < 20; turn++) await null;
        }
    }""")

    await console.shows("Nobody is here")
    [ticket] = [each for each in (await console.queue())["tickets"] if each["number"] == number]
    reasons = (await console.stage.clerk.get(API)).json()["reasons"]
    assert ticket["reason"] == reasons[1]["code"]


async def test_transfer_by_arrows_and_without_a_reason(console: Console) -> None:
    [number] = await console.call("certificates")

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
    [number] = await console.call("certificates")

    await console.press("t")
    await expect(console.page.locator("#transfer")).to_be_visible()
    await console.press("1")
    await expect(console.page.locator("#pick")).to_be_visible()
    await console.press("Escape")

    await console.shows(number)
    assert await console.state_of(number) == "called"


async def test_transfer_dialog_keeps_focus_and_keys_when_the_office_answers_late(console: Console) -> None:
    await console.call("certificates")
    may_answer = asyncio.Event()

    async def answer_late_that_all_are_closed(route: Route) -> None:
        await may_answer.wait()
        answer = await route.fetch()
        office = await answer.json()
        closed = [{**service, "open": False, "reason": None} for service in office["services"]]
        await route.fulfill(response=answer, json={**office, "services": closed})

    await route(console.page, "**/sakura?language=*", answer_late_that_all_are_closed)
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
    [number] = await console.call("certificates")

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
    [number] = await console.call("certificates")
    await route(console.page, "**/sakura?language=*", lambda route: route.abort())
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


async def test_hold_with_a_reason_and_resume_by_its_number(console: Console) -> None:
    [number] = await console.call("certificates")
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

    await route(console.page, "**/queue", add_one_like_it)
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
    [number] = await console.call("certificates")
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

    await route(console.page, "**/queue", forbid)
    await console.page.reload()

    await expect(console.page.get_by_test_id(f"cancel-{number}")).to_be_visible()
    await expect(console.page.get_by_test_id(f"call-{number}")).to_have_count(0)
