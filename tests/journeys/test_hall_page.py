"""The supervisor's overview in a real browser: seen at a glance, changed with the keyboard alone, and true."""

import asyncio
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser import in_browser, route
from tests.journeys.overview_stage import DESK, city, office, overview, rows, serve, settled, signed_in
from tests.journeys.page_hall import press
from tests.screens.stage import API, Look, Stage, alter

__all__ = ["city", "office"]
pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]


async def test_everything_is_seen_at_a_glance_and_follows_what_happens(office: Stage) -> None:
    page = await overview(office)
    row, tile = page.get_by_test_id("service-my-number"), page.get_by_test_id("counter-6")
    await expect(row).to_contain_text("0")

    ticket = await office.take("my-number")
    await expect(row).to_contain_text("1")
    await expect(row).to_contain_text("within 30 min")
    await office.at("6", "open")
    await office.at("6", "call-next")
    await expect(tile).to_contain_text(ticket["number"])
    await expect(tile).to_contain_text("calling")
    await expect(tile).to_contain_text("yamada")

    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "it needs a scroll"
    await office.at("6", "complete")
    await expect(tile).to_contain_text("free")


async def test_wait_over_the_target_and_a_long_visit_stand_out_in_words(office: Stage) -> None:
    async def later(route: Any) -> None:
        answer = await route.fetch()
        body = await answer.json()
        body["services"][0] |= {"longest_wait_seconds": 1801, "wait_target_seconds": 1800}
        body["services"][1] |= {"longest_wait_seconds": 800, "wait_target_seconds": 900}
        body["services"][2] |= {"longest_wait_seconds": 800, "wait_target_seconds": None}
        body["counters"][4] |= {"open": True, "staff": "abe", "number": "C001", "state": "serving"}
        body["counters"][4] |= {"since": "2020-01-01T00:00:00Z", "usual_seconds": 600}
        body["counters"][6] |= {"open": True, "staff": "abe", "on_break": {"since": body["now"]}}
        await route.fulfill(response=answer, json=body)

    page = await signed_in(office, DESK)
    await page.context.route("**/queue*", later)
    await page.goto(f"{office.server.url}/hall/sakura")

    await expect(page.get_by_test_id("service-move")).to_contain_text("over 30 min")
    await expect(page.get_by_test_id("service-certificates")).to_contain_text("close to 15 min")
    await expect(page.get_by_test_id("service-family-register")).to_contain_text("no target")
    await expect(page.get_by_test_id("fact-over")).to_contain_text("1 service")
    await expect(page.get_by_test_id("counter-5")).to_contain_text("long visit")
    await expect(page.get_by_test_id("counter-7")).to_contain_text("on break")


async def test_service_is_closed_and_opened_by_keyboard_and_visitors_see_it(office: Stage) -> None:
    page, kiosk, visitor = await overview(office), await office.device("kiosk", DESK), await office.page(DESK)
    await visitor.goto(f"{office.server.url}/?office=sakura")
    await page.bring_to_front()

    await press(page, page.get_by_test_id("change-health-insurance"))
    await expect(page.get_by_test_id("switch-close-both")).to_be_checked()
    await page.select_option("#reason", "full")
    await expect(page.locator("#switch-seen")).to_contain_text("Full for today")
    await press(page, page.locator("#switch-do"))

    await expect(page.get_by_test_id("kiosk-health-insurance")).to_have_text("Kiosk Full for today")
    await expect(page.get_by_test_id("service-health-insurance").locator(".way-closed")).to_have_count(2)
    # A kiosk starts in the office's first language, whatever its browser remembers.
    await expect(kiosk.get_by_test_id("service-health-insurance")).to_contain_text("本日分の受付終了")
    offer = next(each for each in (await office.kiosk.get(API)).json()["services"] if each["id"] == "health-insurance")
    assert (offer["kiosk"], offer["web"], offer["web_reason"]) == (False, False, "full")

    await press(page, page.get_by_test_id("change-health-insurance"))
    await expect(page.get_by_test_id("switch-open-both")).to_be_checked()
    await press(page, page.locator("#switch-do"))
    await expect(page.get_by_test_id("service-health-insurance").locator(".way-closed")).to_have_count(0)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"reason": "hours", "web_reason": "quota_reached"}, ("Kiosk Outside its hours", "Web Quota used up")),
        ({"reason": "service_closed", "web_reason": "full"}, ("Kiosk Closed", "Web Full for today")),
    ],
)
async def test_reception_that_no_switch_has_closed_says_why(
    office: Stage, told: dict[str, str], words: tuple[str, str]
) -> None:
    page = await signed_in(office, DESK)

    def close(body: dict[str, Any]) -> None:
        body["services"][0].update({"open": False, "kiosk": False, "web": False, **told})

    await alter(page, re.compile(r"/offices/sakura\?"), close)
    await page.goto(f"{office.server.url}/hall/sakura")

    await expect(page.get_by_test_id("kiosk-move")).to_have_text(words[0])
    await expect(page.get_by_test_id("web-move")).to_have_text(words[1])


async def test_quota_is_changed_and_says_what_is_left(office: Stage) -> None:
    page = await overview(office)
    async with office.server.client() as visitor:
        (await visitor.post(f"{API}/tickets", json={"service": "child-allowance"})).raise_for_status()
    await expect(page.get_by_test_id("quota-child-allowance")).to_have_text("1 of 40 (39 left)")

    await page.get_by_test_id("change-child-allowance").click()
    await page.fill("#quota", "1")
    await expect(page.locator("#quota-hint")).to_contain_text("none can be taken")
    await page.fill("#quota", "5")
    await expect(page.locator("#quota-hint")).to_have_text("Left after the change: 4")
    await page.keyboard.press("Enter")

    await expect(page.get_by_test_id("quota-child-allowance")).to_have_text("1 of 5 (4 left)")
    assert await page.evaluate("document.querySelector('#service-dialog').open") is False


async def test_choice_that_a_colleague_took_away_is_not_turned_into_its_opposite(office: Stage) -> None:
    page = await overview(office)
    await page.get_by_test_id("change-health-insurance").click()
    await expect(page.get_by_test_id("switch-close-both")).to_be_checked()

    (await office.clerk.post(f"{API}/services/health-insurance/close", json={"for": "both"})).raise_for_status()
    await expect(page.get_by_test_id("switch-open-both")).to_be_visible()
    await expect(page.locator("#switch-choices input:checked")).to_have_count(0)
    await expect(page.locator("#switch-do")).to_be_disabled()
    await expect(page.locator("#service-message")).to_contain_text("Somebody has changed the reception")

    await page.get_by_test_id("switch-open-both").check()
    await expect(page.locator("#service-message")).to_be_hidden()
    await page.click("#switch-do")
    await expect(page.get_by_test_id("service-health-insurance").locator(".way-closed")).to_have_count(0)


async def test_outcome_is_told_of_the_service_that_it_is_of(office: Stage) -> None:
    page = await overview(office)
    held: asyncio.Queue[Any] = asyncio.Queue()
    await route(page, "**/services/seal/close", held.put)
    await page.get_by_test_id("change-seal").click()
    await page.click("#switch-do")
    refused = await held.get()
    await page.click("#service-back")

    await page.get_by_test_id("change-move").click()
    await page.click("#switch-do")
    await expect(page.locator("#service-message")).to_contain_text("has not come yet, so this was not done")

    refusal = json.dumps({"code": "day_closed", "status": 409})
    await refused.fulfill(status=409, content_type="application/problem+json", body=refusal)
    await expect(page.locator("#message")).to_contain_text("Seal registration: ")
    await expect(page.locator("#service-dialog")).to_have_attribute("open", "")
    await expect(page.locator("#service-heading")).to_contain_text("Moving")
    await expect(page.locator("#service-message")).to_contain_text("has not come yet, so this was not done")


async def test_what_no_board_shows_is_seen_soon_too(office: Stage) -> None:
    def signs_of_life(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda frame: socket.send(frame) if json.loads(frame)["type"] == "pulse" else None)

    page = await signed_in(office, DESK)
    await page.route_web_socket("**/live", signs_of_life)
    # Without the load that comes every quarter of a minute.
    await page.add_init_script(
        "const every = setInterval; globalThis.setInterval = (work, wait) => (wait === 15000 ? 0 : every(work, wait));"
    )
    await page.goto(f"{office.server.url}/hall/sakura")
    await expect(page.get_by_test_id("quota-move")).not_to_contain_text("of 77")
    (await office.clerk.put(f"{API}/services/move/quota", json={"quota": 77})).raise_for_status()
    await expect(page.get_by_test_id("quota-move")).to_contain_text("of 77")


async def test_message_goes_to_the_boards_of_all_offices(office: Stage) -> None:
    board = await office.device("board", DESK)
    page = await overview(office)

    await page.click("#notice-open")
    await page.get_by_test_id("phrase-closing").click()
    await expect(page.locator("#notice-preview")).to_contain_text("本日の受付はまもなく終了します。")
    await expect(page.locator("#notice-preview")).to_contain_text("Reception closes soon for today.")
    await page.check("#notice-all")
    await page.click("#notice-show")
    await expect(page.get_by_test_id("result-sakura")).to_contain_text("shown")
    await expect(page.get_by_test_id("result-sakura-kita")).to_contain_text("shown")

    words = "本日の受付はまもなく終了します。\nReception closes soon for today."
    await expect(board.locator("#notice")).to_contain_text("Reception closes soon for today.")
    notices = [
        (await office.kiosk.get(f"/api/v1/offices/{each}")).json()["notice"] for each in ("sakura", "sakura-kita")
    ]
    assert notices == [words, words]

    refusal = json.dumps({"code": "day_closed", "status": 409})
    await route(
        page,
        "**/sakura-kita/notice",
        lambda route: route.fulfill(status=409, content_type="application/problem+json", body=refusal),
    )
    await page.click("#notice-clear")
    await expect(page.get_by_test_id("result-sakura")).to_contain_text("taken down")
    await expect(page.get_by_test_id("result-sakura-kita")).to_contain_text("not done")
    await expect(board.locator("#notice")).to_be_hidden()


async def test_message_is_changed_as_it_stands_with_its_end_and_here_only(office: Stage) -> None:
    page = await overview(office)
    await page.click("#notice-open")
    await page.check("#notice-all")
    await page.fill("#notice-text", "Lift out of order")
    await page.fill("#notice-until", "23:30")
    await page.click("#notice-show")
    await expect(page.get_by_test_id("result-sakura-kita")).to_contain_text("shown")
    ends = (await office.clerk.get(f"{API}/queue")).json()["notice_until"]
    await page.click("#notice-back")
    # What the fields said the last time is not what stands there now.
    await page.reload()
    await expect(page.locator("#notice-now")).to_contain_text("23:30")

    await page.click("#notice-open")
    await expect(page.locator("#notice-until")).to_have_value("23:30")
    await page.fill("#notice-text", "Lift works again")
    await page.click("#notice-show")
    await expect(page.locator("#notice-now")).to_contain_text("Lift works again (until 23:30)")
    assert (await office.clerk.get(f"{API}/queue")).json()["notice_until"] == ends

    await page.check("#notice-all")
    await page.click("#notice-clear")
    await expect(page.get_by_test_id("result-sakura-kita")).to_contain_text("taken down")
    await page.click("#notice-back")
    await page.click("#notice-open")
    await expect(page.locator("#notice-all")).not_to_be_checked()
    await expect(page.locator("#notice-until")).to_have_value("")


async def test_table_of_the_charts_is_the_truth(office: Stage) -> None:
    await serve(office)
    page = await overview(office)
    await page.click("#tab-charts")
    await page.select_option("#charts-service", "seal")
    await page.click("#charts-details summary")
    await expect(page.locator("#charts svg[role=img]")).to_have_count(3)
    table = page.locator("#charts-table tbody tr")

    found = [await row.locator("td").all_text_contents() for row in await table.all()]
    seal = await rows(office, "?service=seal")
    assert sum(int(each[1]) for each in found) == len(seal)
    assert sum(int(each[2]) for each in found) == sum(each["first_called_at"] is not None for each in seal)
    assert int(found[-1][0]) == sum(each["state"] == "waiting" for each in seal)
    await expect(page.locator("#chart-waits-desc")).to_contain_text("the target is 30 minutes")

    await office.take("seal")
    await expect(page.locator("#charts-table tbody tr:last-child td").first).to_have_text(
        str(int(found[-1][0]) + 1), timeout=20_000
    )


async def test_slow_answer_does_not_take_the_place_of_a_later_chart(office: Stage) -> None:
    await serve(office)
    page = await overview(office)
    await page.click("#tab-charts")
    await expect(page.locator("#charts svg[role=img]")).to_have_count(3)
    today = await page.input_value("#charts-date")
    before = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    held: asyncio.Queue[Any] = asyncio.Queue()
    await route(page, f"**/days/{today}/quarters?*", held.put)
    await page.dispatch_event("#charts-date", "change")
    late = await held.get()
    await page.fill("#charts-date", before)
    await expect(page.locator("#charts-none")).to_be_visible()

    async with page.expect_response(f"**/days/{today}/quarters?*"):
        await late.continue_()
    await settled(page)
    await expect(page.locator("#charts-none")).to_be_visible()


async def test_day_is_extended_and_its_end_says_whose_numbers_end(office: Stage) -> None:
    page = await overview(office)
    before = (await office.clerk.get(API)).json()["closes_at"]
    await page.click("#day-open")
    await page.click("#extend-day")
    await expect(page.locator("#message")).to_contain_text("Changed")
    assert (await office.clerk.get(API)).json()["closes_at"] > before

    await office.take("advice")
    queue = (await office.clerk.get(f"{API}/queue")).json()
    waiting = sum(each["state"] == "waiting" for each in queue["tickets"])
    await page.click("#day-open")
    await page.click("#close-day")
    await expect(page.locator("#close-what")).to_contain_text(f"{waiting} waiting")
    await page.keyboard.press("Escape")
    assert (await office.clerk.get(f"{API}/queue")).json()["closed"] is False


async def test_offline_is_said_and_the_overview_comes_back(office: Stage) -> None:
    page = await overview(office)
    await expect(page.locator("#link-state")).not_to_have_class("link-state is-off")
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    await expect(page.locator("#link-state")).to_have_class("link-state is-off", timeout=30_000)

    ticket = await office.take("advice")
    await page.context.set_offline(False)
    await expect(page.locator("#link-state")).to_have_class("link-state", timeout=30_000)
    waiting = sum(each["service"] == "advice" and each["state"] == "waiting" for each in await rows(office))
    await expect(page.get_by_test_id("service-advice")).to_contain_text(str(waiting), timeout=20_000)
    assert ticket["service"] == "advice"


async def test_line_says_that_the_overview_hears_nothing_though_the_socket_is_open(office: Stage) -> None:
    page = await overview(office)
    line = page.locator("#link-state")
    await expect(line).to_have_text("Connected")
    body = json.dumps({"code": "unavailable", "status": 503})
    problem = {"status": 503, "content_type": "application/problem+json", "body": body}
    await route(page, "**/queue?*", lambda route: route.fulfill(**problem))
    await office.take("advice")
    await expect(line).to_contain_text("Not connected (shown as of")

    await page.unroute("**/queue?*")
    await expect(line).to_have_text("Connected")


async def test_overview_whose_session_has_ended_leads_to_signing_in(office: Stage) -> None:
    page = await overview(office)
    await page.context.clear_cookies()
    await office.take("advice")
    await page.wait_for_url("**/sign-in?next=%2Fhall%2Fsakura")


@pytest.mark.parametrize("look", [Look(320, 640, "ja"), Look(683, 384, "ja")], ids=["narrow", "zoomed to 200 %"])
async def test_nothing_sticks_out_where_there_is_little_room(office: Stage, look: Look) -> None:
    page = await overview(office, look)
    for view in ("list", "charts", "now"):
        await page.click(f"#tab-{view}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
    await page.get_by_test_id("change-certificates").click()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.locator("#switch-do")).to_be_visible()


@pytest.mark.parametrize("look", [Look(1093, 614, "en"), Look(683, 384, "en")], ids=["125 %", "200 %"])
async def test_change_of_a_service_is_in_sight_where_there_is_little_room(office: Stage, look: Look) -> None:
    page = await overview(office, look)
    seen = await page.evaluate(
        """() => [...document.querySelectorAll("#services button")].map((button) => {
          button.scrollIntoView({ block: "center", inline: "nearest" });
          document.querySelector(".services").closest(".scroll").scrollLeft = 0;
          const { left, right, top, height } = button.getBoundingClientRect();
          return [left + 2, right - 2].every((x) => document.elementFromPoint(x, top + height / 2) === button);
        })"""
    )
    assert seen == [True] * len(seen)
    assert len(seen) > 3


async def test_tabs_are_walked_with_the_arrows(office: Stage) -> None:
    page = await overview(office)

    await press(page, page.locator("#tab-now"))
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-list")).to_be_focused()
    await expect(page.locator("#view-list")).to_be_visible()
    await page.keyboard.press("End")
    await expect(page.locator("#view-charts")).to_be_visible()
    await page.reload()
    await expect(page.locator("#view-charts")).to_be_visible()
