"""Taking a web ticket and following it on a phone: bad lines, sleep, wrong clocks, several tabs, what is read out."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute, expect

from tests.browser import in_browser, route
from tests.journeys.page_hall import Hall, asked, fits_and_can_be_read, press, until_asked

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = "**/api/v1/offices/minato?*"
HEARD = """
globalThis.heard = [];
new MutationObserver(() => heard.push(document.getElementById("spoken").textContent))
  .observe(document.getElementById("spoken"), { childList: true, characterData: true, subtree: true });
"""


LARGE = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("html { font-size: 200% }");
document.adoptedStyleSheets = [sheet];
"""


async def web_ticket(hall: Hall) -> dict[str, Any]:
    ticket = await hall.visit.web_ticket(hall.server.client())
    hall.issued.append(ticket)
    return ticket


async def start_page(hall: Hall, context: BrowserContext) -> Page:
    page = await context.new_page()
    page.on("pageerror", lambda error: hall.faults.append(str(error)))
    await page.goto(hall.server.url)
    await expect(page.get_by_test_id("service-family")).to_be_visible()
    return page


async def tell(page: Page | BrowserContext, **changes: Any) -> None:
    """What the office seems to say of its first service."""

    async def between(route: Any) -> None:
        answer = await route.fetch()
        office = await answer.json()
        office["services"][0].update(changes)
        await route.fulfill(response=answer, body=json.dumps(office))

    await page.route(OFFICE, between)


async def test_call_is_seen_where_websockets_are_blocked(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context()
    await context.route_web_socket("**/live", lambda socket: socket.close())
    page = await hall.open(ticket, context)

    await hall.visit.at_counter("call-next")

    await expect(page.locator("#called")).to_be_visible(timeout=20_000)
    await expect(page.locator("#away")).to_be_hidden()


async def test_one_odd_answer_at_the_start_is_not_the_end(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context()
    await context.route("**/api/v1/ticket", lambda route: route.fulfill(status=500, json={}), times=1)

    page = await hall.open(ticket, context)

    await expect(page.locator("#actions")).to_be_visible()
    await expect(page.locator("#away")).to_be_hidden()
    hall.faults.clear()


async def test_ticket_that_is_no_more_goes_where_websockets_are_blocked(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context()
    await context.route_web_socket("**/live", lambda socket: socket.close())
    page = await hall.open(ticket, context)
    refusal = {"status": 401, "code": "wrong_secret", "title": "", "detail": ""}
    await route(page, "**/api/v1/ticket", lambda route: route.fulfill(status=401, json=refusal))

    await expect(page.locator("#gone")).to_be_visible(timeout=20_000)
    await expect(page.locator("#ticket")).to_be_hidden()
    await expect(page.locator("#away")).to_be_hidden()
    hall.faults.clear()


async def test_page_that_slept_shows_the_truth_when_it_wakes(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    session = await page.context.new_cdp_session(page)
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})

    await hall.visit.at_counter("call-next")
    await session.send("Page.setWebLifecycleState", {"state": "active"})

    await expect(page.locator("#called-counter")).to_have_text("counter 1", timeout=10_000)


@pytest.mark.parametrize("has_socket", [True, False])
async def test_page_without_a_connection_says_since_when_and_comes_back(hall: Hall, has_socket: bool) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context()
    if not has_socket:
        await context.route_web_socket("**/live", lambda socket: socket.close())
    page = await hall.open(ticket, context)
    faults = list(hall.faults)
    await page.context.set_offline(True)
    await hall.visit.at_counter("call-next")
    await expect(page.locator("#away")).to_contain_text(re.compile(r"as of \d\d:\d\d"), timeout=40_000)
    await expect(page.locator("#ticket-number")).to_have_text(ticket["number"])

    await page.context.set_offline(False)

    await expect(page.locator("#called")).to_be_visible(timeout=20_000)
    await expect(page.locator("#away")).to_be_hidden()
    hall.faults[:] = faults


async def test_closed_tab_finds_the_truth_again_and_two_tabs_agree(hall: Hall) -> None:
    first, second = await hall.tickets(2)
    context = await hall.context()
    page = await hall.open(first, context)
    await page.close()
    await hall.visit.at_counter("call-next")

    again, twin, other = [await hall.open(each, context) for each in (first, first, second)]

    for each in (again, twin):
        await expect(each.locator("#called")).to_be_visible()
    await expect(other.locator("#called")).to_be_hidden()
    await expect(other.locator("#ticket-number")).to_have_text(second["number"])
    await other.click("#cancel")
    await other.click("#cancel-yes")
    await expect(other.locator("#ticket")).to_have_attribute("data-state", "cancelled")
    await expect(again.locator("#ticket")).to_have_attribute("data-state", "called")


@pytest.mark.parametrize("hours", [-3, 0, 3])
async def test_time_to_set_off_is_right_on_a_phone_with_a_wrong_clock(hall: Hall, hours: int) -> None:
    ticket = await web_ticket(hall)
    context = await hall.context()
    await context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    wait = {"state": "expected", "wait_low": 3600, "wait_high": 5400, "ahead": 12}

    async def between(route: Any) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=json.dumps({**(await answer.json()), **wait}))

    await context.route("**/api/v1/ticket", between)
    await context.route_web_socket("**/live", lambda _: None)
    page = await hall.open(ticket, context)
    await expect(page.locator("#leave-turn")).to_contain_text("Choose how long your way takes")
    before = datetime.now(TOKYO)

    await page.locator("#leave-travel").select_option("30")

    # An hour until the earliest call, half an hour of way, five minutes to spare.
    off = [(before + timedelta(minutes=25 + late)).strftime("%H:%M") for late in (-2, -1, 0, 1)]
    turn = [(before + timedelta(minutes=60 + late)).strftime("%H:%M") for late in (-2, -1, 0, 1)]
    await expect(page.locator("#leave-at")).to_have_text(re.compile(f"Set off by ({'|'.join(off)})"))
    await expect(page.locator("#leave-turn")).to_contain_text(re.compile(f"between ({'|'.join(turn)}) and"))
    await expect(page.locator("#alert-travel")).to_have_value("30")

    await page.locator("#leave-travel").select_option("60")
    await expect(page.locator("#leave-at")).to_have_text("Set off now")


@pytest.mark.parametrize("way", ["answers", "signs of life"])
async def test_time_to_set_off_goes_with_figures_that_stay(hall: Hall, way: str) -> None:
    ticket = await web_ticket(hall)
    context = await hall.context()
    await context.clock.install()
    wait = {"state": "expected", "wait_low": 3600, "wait_high": 5400, "ahead": 12}
    later = timedelta()

    async def between(route: Route) -> None:
        if later and way != "answers":
            await route.abort()
            return
        answer = await route.fetch()
        date = format_datetime(datetime.now(UTC) + later, usegmt=True)
        await route.fulfill(json={**(await answer.json()), **wait}, headers={"Date": date})

    async def feed(socket: WebSocketRoute) -> None:
        if way == "answers":
            await socket.close()
        socket.on_message(lambda _: socket.send(json.dumps({"type": "pulse"})))

    await context.route("**/api/v1/ticket", between)
    await context.route_web_socket("**/live", feed)
    page = await hall.open(ticket, context)
    await page.locator("#leave-travel").select_option("30")
    before = datetime.now(TOKYO)
    await expect(page.locator("#leave-turn")).to_contain_text(between_from(before + timedelta(minutes=60)))

    later = timedelta(minutes=50)
    await page.clock.set_system_time(datetime.now(UTC) + later)

    await expect(page.locator("#leave-turn")).to_contain_text(
        between_from(before + timedelta(minutes=110)), timeout=40_000
    )
    await expect(page.locator("#leave-at")).to_contain_text("Set off by")
    await page.close()
    hall.faults.clear()


def between_from(at: datetime) -> re.Pattern[str]:
    minutes = [(at + timedelta(minutes=late)).strftime("%H:%M") for late in (-1, 0, 1, 2)]
    return re.compile(f"between ({'|'.join(minutes)}) and")


async def test_lateness_says_its_price_first(hall: Hall) -> None:
    ticket, *_ = await hall.tickets(5)
    page = await hall.open(ticket)
    await expect(page.locator("#defer")).to_have_text("I am a little late (3 places back)")
    await expect(page.locator("#defer-left")).to_have_text("You can do this 2 more times.")

    await page.click("#defer")

    await expect(page.locator("#ticket-ahead")).to_have_text("3 people ahead")
    await expect(page.locator("#message")).to_have_text("You were moved back in line.")
    await expect(page.locator("#defer-left")).to_have_text("You can do this once more.")
    await page.click("#defer")
    await expect(page.locator("#defer")).to_be_hidden()
    await expect(page.locator("#defer-left")).to_be_hidden()


async def test_lateness_pressed_again_without_an_answer_costs_once(hall: Hall) -> None:
    ticket, *_ = await hall.tickets(9)
    context = await hall.context()
    await context.route_web_socket("**/live", lambda _: None)
    page = await hall.open(ticket, context)
    await expect(page.locator("#defer")).to_be_visible()

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await context.route("**/api/v1/ticket/defer", lose)
    await context.route("**/api/v1/ticket", lambda route: route.abort())
    await page.click("#defer")
    await expect(page.locator("#message")).to_contain_text("did not answer", timeout=20_000)
    await context.unroute("**/api/v1/ticket/defer")
    await context.unroute("**/api/v1/ticket")
    await page.click("#defer")

    await expect(page.locator("#message")).to_have_text("You were moved back in line.")
    await expect(page.locator("#ticket-ahead")).to_have_text("3 people ahead")
    await expect(page.locator("#defer-left")).to_have_text("You can do this once more.")
    hall.faults.clear()


async def test_giving_up_waits_for_what_is_under_way_and_is_not_lost(hall: Hall) -> None:
    ticket, *_ = await hall.tickets(5)
    page = await hall.open(ticket)
    answers = asyncio.Event()

    async def wait(route: Route) -> None:
        await answers.wait()
        await route.continue_()

    await route(page, "**/api/v1/ticket/defer", wait)
    await page.click("#defer")
    await page.click("#defer")
    await expect(page.locator("#defer")).to_have_attribute("aria-busy", "true")
    await page.click("#cancel")
    await page.click("#cancel-yes")
    await expect(page.locator("#cancel")).to_have_attribute("aria-busy", "true")

    answers.set()

    await expect(page.locator("#ticket")).to_have_attribute("data-state", "cancelled")
    async with hall.server.client() as visitor:
        told = await visitor.get("/api/v1/ticket", headers={"Authorization": f"Bearer {ticket['secret']}"})
    assert (told.json()["state"], told.json()["deferrals_left"]) == ("cancelled", 1)
    await expect(page.locator("[aria-busy]")).to_have_count(0)
    await expect(page.locator("#message")).to_be_hidden()


async def test_focus_stays_at_the_ticket_when_the_pressed_button_goes(hall: Hall) -> None:
    ticket, *_ = await hall.tickets(7)
    page = await hall.open(ticket)
    for left in ("You can do this once more.", ""):
        await press(page, page.locator("#defer"))
        await expect(page.locator("#defer-left")).to_have_text(left or re.compile("0 more"))
        await expect(page.locator("#defer" if left else "#ticket")).to_be_focused()
    await press(page, page.locator("#cancel"))
    await press(page, page.locator("#cancel-yes"))
    await expect(page.locator("#another")).to_be_visible()
    await expect(page.locator("#ticket")).to_be_focused()

    other = await hall.open(await web_ticket(hall))
    code = (await hall.visit.kiosk.get("/api/v1/offices/minato/arrival-code")).json()["code"]
    await press(other, other.locator("#arrive-code"))
    await other.keyboard.type(code)
    await other.keyboard.press("Enter")
    await expect(other.locator("#message")).to_have_text("You are checked in. Please wait here.")
    await expect(other.locator("#ticket")).to_be_focused()


async def test_focus_stays_at_the_ticket_when_the_button_goes_behind_the_answer(hall: Hall) -> None:
    _, ticket = await hall.tickets(2)
    page = await hall.open(ticket)
    has_news = asyncio.Event()

    async def cancelled(route: Route) -> None:
        await has_news.wait()
        own = await page.request.get(
            f"{hall.server.url}/api/v1/ticket", headers={"Authorization": f"Bearer {ticket['secret']}"}
        )
        await route.fulfill(json={**await own.json(), "state": "cancelled"})

    await route(page, "**/api/v1/ticket/cancel", cancelled)
    await route(page, "**/api/v1/ticket", cancelled)
    await press(page, page.locator("#cancel"))
    await press(page, page.locator("#cancel-yes"))
    # What is told meanwhile says nothing of the cancellation, so the page asks once more.
    await hall.visit.at_counter("call-next")
    await expect(page.locator("#ticket-ahead")).to_have_text("0 people ahead")
    has_news.set()

    await expect(page.locator("#another")).to_be_visible()
    await expect(page.locator("#ticket")).to_be_focused()


async def test_arrival_code_stays_until_the_server_has_seen_it(hall: Hall) -> None:
    page = await hall.open(await web_ticket(hall))
    await route(page, "**/api/v1/ticket/arrive", lambda route: route.abort())
    await page.fill("#arrive-code", "0000")
    await page.click("#arrive-button")
    await expect(page.locator("#message")).to_contain_text("did not answer", timeout=20_000)
    await expect(page.locator("#arrive-code")).to_have_value("0000")

    refusal = {"status": 422, "code": "wrong_code", "title": "", "detail": ""}
    await page.unroute("**/api/v1/ticket/arrive")
    await route(page, "**/api/v1/ticket/arrive", lambda route: route.fulfill(status=422, json=refusal))
    await page.click("#arrive-button")
    await expect(page.locator("#arrive-code")).to_have_value("")
    hall.faults.clear()


async def test_question_about_giving_up_ends_when_the_turn_comes(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    await page.click("#cancel")
    await expect(page.locator("#cancel-dialog")).to_be_visible()

    await hall.visit.at_counter("call-next")
    await page.click("#called-seen")

    await expect(page.locator("#cancel-dialog")).to_be_hidden()
    await page.click("#cancel")
    await hall.visit.at_counter("start")
    await expect(page.locator("#ticket")).to_have_attribute("data-state", "serving")
    await expect(page.locator("#cancel-dialog")).to_be_hidden()
    await hall.visit.at_counter("complete")


async def test_call_can_be_silenced_and_stays_on_the_screen(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    page = await hall.open(ticket)
    await page.click("#page-alerts-button")
    await until_asked(page, tones=3)
    await hall.visit.at_counter("call-next")
    await expect(page.locator("#called-quiet")).to_be_visible()
    rung = (await asked(page))["tones"]

    await page.click("#called-quiet")

    await expect(page.locator("#called-quiet")).to_be_hidden()
    await expect(page.locator("#called")).to_be_visible()
    await expect(page.locator("#called-seen")).to_be_focused()
    assert (await asked(page))["vibrations"][-1] == 0
    await page.wait_for_timeout(6500)  # A second ring would have come by now.
    assert (await asked(page))["tones"] == rung


async def test_reader_hears_what_is_theirs_and_no_more(hall: Hall) -> None:
    *_, mine = await hall.tickets(31)
    page = await hall.open(mine)
    await expect(page.locator("#spoken")).to_have_text("Waiting 30 people ahead")
    await expect(page.locator("#ticket-number-spoken")).to_have_text(" ".join(mine["number"]))
    await page.evaluate(HEARD)

    for turn in range(31):
        await hall.visit.at_counter("call-next", **({"finish": "complete"} if turn else {}))
        await expect(page.locator("#ticket-ahead")).to_have_text(re.compile(f"^{30 - turn - 1} p|^—|^0 "))
    await expect(page.locator("#called")).to_be_visible()

    heard = await page.evaluate("heard")
    assert heard == [
        *(f"Waiting {count} people ahead" for count in (25, 20, 15, 10, 5)),
        "Waiting Your turn is near 3 people ahead",
        "Waiting Your turn is near 2 people ahead",
        "Waiting Your turn is near 1 person ahead",
        "Waiting Your turn is near 0 people ahead",
        "Called now",
    ]
    polite = await page.evaluate("[...document.querySelectorAll('[role=status], [aria-live]')].map((each) => each.id)")
    assert set(polite) <= {"away", "spoken", "page-alerts-state", "sent-spoken"}


async def test_headings_of_both_pages_go_down_step_by_step(hall: Hall) -> None:
    ticket = await web_ticket(hall)
    context = await hall.context()
    for page in (await start_page(hall, context), await hall.open(ticket)):
        levels = await page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3')].filter((each) => each.checkVisibility())"
            ".map((each) => Number(each.tagName[1]))"
        )
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


async def test_start_page_says_what_a_web_ticket_is_before_it_is_taken(hall: Hall) -> None:
    page = await start_page(hall, await hall.context())
    await expect(page.locator("#what")).to_contain_text("No name or address is needed")
    await expect(page.locator("#what")).to_contain_text("ticket machine in the office")

    await page.get_by_test_id("service-family").click()
    await expect(page.locator("#confirm-facts")).to_contain_text("0 people waiting")
    await expect(page.locator("#confirm-facts")).to_contain_text("A number that has not checked in cannot be called")
    await page.click("#confirm-no")
    await expect(page).to_have_url(re.compile(r"/(\?.*)?$"))


async def test_back_from_a_new_ticket_leads_to_a_page_that_works(hall: Hall) -> None:
    page = await start_page(hall, await hall.context())
    await page.get_by_test_id("service-tax").click()
    await page.click("#confirm-yes")
    await expect(page.locator("#ticket-number")).not_to_be_empty()
    number = await page.locator("#ticket-number").inner_text()

    await page.go_back()

    # Kept as it was left, or loaded anew: it must not be stuck in the middle of taking a number.
    mine = page.locator("#mine a, #ticket-number")
    await expect(mine.first).to_be_visible()
    if await page.locator("#mine").count():
        await expect(page.get_by_test_id("service-family")).to_be_enabled()
        await page.click("#mine a")
    await expect(page.locator("#ticket-number")).to_have_text(number)
    await page.click("#cancel")
    await page.click("#cancel-yes")


async def test_number_whose_answer_was_lost_is_given_again_after_a_reload(hall: Hall) -> None:
    context = await hall.context()
    page = await start_page(hall, context)
    numbers: list[str] = []

    async def lose(route: Route) -> None:
        """As if the line broke before the answer: the browser gets no cookie either."""
        browser = {cookie["name"]: cookie["value"] for cookie in await context.cookies()}
        async with hall.server.client() as line:
            line.cookies.update(browser)
            answer = await line.post(
                route.request.url, content=route.request.post_data_buffer, headers=await route.request.all_headers()
            )
        numbers.append(answer.json()["number"])
        await route.abort()

    await route(page, "**/tickets", lose, times=1)
    await route(page, "**/tickets", lambda route: route.abort() if numbers else route.fallback())
    await page.get_by_test_id("service-tax").click()
    await page.click("#confirm-yes")
    await expect(page.locator("#away")).to_be_visible()
    await page.unroute("**/tickets")
    await page.reload()
    await page.get_by_test_id("service-tax").click()
    await page.click("#confirm-yes")

    await expect(page.locator("#ticket-number")).to_have_text(numbers[0])
    assert await page.evaluate("sessionStorage['junban.unanswered']") == "{}"
    await page.click("#cancel")
    await page.click("#cancel-yes")
    await expect(page.locator("#another")).to_be_visible()


async def test_own_ticket_is_found_though_the_first_question_for_it_was_lost(hall: Hall) -> None:
    context = await hall.context()
    (ticket,) = await hall.tickets(1)
    await hall.open(ticket, context)
    page = await context.new_page()
    await route(page, "**/api/v1/ticket", lambda route: route.abort(), times=1)

    await page.goto(hall.server.url)
    await expect(page.locator("#ticket-number")).to_have_text(ticket["number"], timeout=10_000)

    await route(page, "**/api/v1/ticket", lambda route: route.abort(), times=1)
    await page.goto(f"{hall.server.url}/?another")
    await expect(page.locator("#mine")).to_be_visible(timeout=10_000)
    await expect(page.get_by_test_id("service-family")).to_be_enabled()
    hall.faults.clear()


async def test_names_are_in_the_language_that_was_chosen_last(hall: Hall) -> None:
    (ticket,) = await hall.tickets(1)
    context = await hall.context()
    page, home = await hall.open(ticket, context), await start_page(hall, await hall.context())
    late: list[Route] = []
    for each, name in ((page, page.locator("#ticket-service")), (home, home.get_by_test_id("service-family"))):
        await each.route("**/offices/minato?language=ja", lambda route: late.append(route))
        await choose_language(each, "ja")
        await expect(each.locator("html")).to_have_attribute("lang", "ja")
        await each.wait_for_timeout(300)
        await choose_language(each, "en")
        await expect(name).to_contain_text("Family")
        async with each.expect_response("**/offices/minato?language=ja"):
            await late.pop().continue_()
        await each.wait_for_timeout(300)

        await expect(each.locator("html")).to_have_attribute("lang", "en")
        await expect(name).to_contain_text("Family")


async def choose_language(page: Page, language: str) -> None:
    if await page.locator(".languages-opener").is_visible():
        await page.click(".languages-opener")
    await page.get_by_test_id(f"language-{language}").click()


async def test_touch_is_not_lost_when_the_figures_change_under_it(hall: Hall) -> None:
    page = await start_page(hall, await hall.context())
    family = page.get_by_test_id("service-family")
    await family.hover()
    await page.mouse.down()

    await hall.tickets(1)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(family).to_contain_text("1 person waiting")
    await page.mouse.up()

    await expect(page.locator("#confirm")).to_be_visible()
    await expect(page.locator("#confirm-facts")).to_contain_text("1 person waiting")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"web": False, "web_reason": "quota_reached"}, "The ticket machine in the office still gives numbers."),
        (
            {"web": False, "web_reason": "office_closed", "web_opens_at": "2030-09-01T23:30:00.000Z"},
            "Opens on Mon, September 2 at 08:30.",
        ),
        ({"web": False, "web_reason": "hours"}, "Not available on the web at the moment."),
        ({"web": False, "on_web": False, "web_reason": "not_on_web"}, "Please take a number for this service at the"),
        (
            {"web": False, "web_reason": "not_on_web", "on_web": False}
            | {"open": False, "reason": "hours", "opens_at": "2030-09-01T23:30:00.000Z"},
            "Closed at the moment. Opens on Mon, September 2 at 08:30.",
        ),
        ({"web": False, "web_reason": "quota_reached", "open": False, "reason": "lunch"}, "Closed at the moment."),
    ],
)
async def test_service_that_cannot_be_taken_says_why_and_until_when(
    hall: Hall, changes: dict[str, Any], words: str
) -> None:
    context = await hall.context()
    await tell(context, **changes)
    page = await start_page(hall, context)

    await expect(page.get_by_test_id("service-family")).to_be_disabled()
    await expect(page.get_by_test_id("service-family")).to_contain_text(words)


async def test_taking_a_number_is_said_while_the_answer_is_on_its_way(hall: Hall) -> None:
    page = await start_page(hall, await hall.context())
    may_answer = asyncio.Event()

    async def late(route: Route) -> None:
        await may_answer.wait()
        await route.continue_()

    await route(page, "**/tickets", late)
    await page.get_by_test_id("service-family").click()
    await page.click("#confirm-yes")

    await expect(page.locator("#message")).to_have_text("Taking your number…")
    may_answer.set()
    await page.wait_for_url("**/t#*")
    await page.click("#cancel")
    await page.click("#cancel-yes")
    await expect(page.locator("#ticket-state")).to_have_text("Cancelled")


async def test_pages_fit_the_smallest_phone_with_the_largest_text(hall: Hall) -> None:
    ticket = await web_ticket(hall)
    context = await hall.context(width=320)
    for page in (await start_page(hall, context), await hall.open(ticket, context)):
        await fits_and_can_be_read(page)
        await page.evaluate(LARGE)
        await fits_and_can_be_read(page)
