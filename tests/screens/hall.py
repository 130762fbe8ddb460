"""The states of the supervisor's overview."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page

from tests.screens.stage import AHEAD, API, STAFF_LANGUAGES, Look, Stage, State, alter

SIZE = (1366, 768)


async def overview(stage: Stage, look: Look) -> Page:
    """The overview with somebody waiting and somebody at a counter."""
    await busy(stage)
    page = await stage.staff("hall", look)
    await page.get_by_test_id("service-certificates").wait_for()
    return page


async def busy(stage: Stage) -> None:
    """A visitor at counter 1, others waiting; what is there already is left alone."""
    queue = (await stage.clerk.get(f"{API}/queue")).raise_for_status().json()
    counter = queue["counters"][0]
    if not counter["open"]:
        await stage.at("1", "open")
    if sum(ticket["state"] == "waiting" for ticket in queue["tickets"]) < 3:
        for service in ("certificates", "move", "certificates", "my-number"):
            await stage.take(service)
    if counter["number"] is None or not counter["open"]:
        await stage.at("1", "call-next")


async def finished(stage: Stage) -> None:
    """Somebody was served today."""
    await busy(stage)
    await stage.at("1", "complete")


async def now(stage: Stage, look: Look) -> Page:
    return await overview(stage, look)


async def late(stage: Stage, look: Look) -> Page:
    """Waits beyond the target, a long visit, a break and a service that is closed, as the server would tell of them."""
    await busy(stage)
    page = await stage.page(look)

    def older(body: dict[str, Any]) -> None:
        for place, service in enumerate(body["services"]):
            service["longest_wait_seconds"] = [None, 1560, 760, 300, 2900, 1500, None, 420][place % 8]
        body["services"][1]["closed"] = {"web": "system"}
        for counter in body["counters"]:
            if counter["number"]:
                counter["since"] = datetime.now(UTC).replace(hour=0, minute=0).isoformat()
                counter["usual_seconds"] = 300
        body["counters"][3] |= {"open": True, "staff": "suzuki", "on_break": {"since": body["now"]}}

    await alter(page, "**/queue*", older)
    return await signed_in(stage, page)


async def signed_in(stage: Stage, page: Page) -> Page:
    """The overview after signing in, on a page of which something was altered before."""
    await stage.sign_in(page)
    await page.goto(f"{stage.server.url}/hall/sakura")
    await page.get_by_test_id("service-certificates").wait_for()
    return page


async def service(stage: Stage, look: Look) -> Page:
    page = await overview(stage, look)
    await page.get_by_test_id("change-certificates").click()
    return page


async def notice(stage: Stage, look: Look) -> Page:
    page = await overview(stage, look)
    await page.click("#notice-open")
    await page.get_by_test_id("phrase-crowded").click()
    return page


async def day(stage: Stage, look: Look) -> Page:
    page = await overview(stage, look)
    await page.click("#day-open")
    return page


async def close_day(stage: Stage, look: Look) -> Page:
    page = await day(stage, look)
    await page.click("#close-day")
    return page


async def day_list(stage: Stage, look: Look) -> Page:
    await finished(stage)
    page = await overview(stage, look)
    await page.click("#tab-list")
    await page.locator("#list-rows tr").first.wait_for()
    return page


async def correction(stage: Stage, look: Look) -> Page:
    page = await day_list(stage, look)
    await page.locator("[data-testid^=correct-]").first.click()
    return page


async def corrected(stage: Stage, look: Look) -> Page:
    page = await correction(stage, look)
    await page.select_option("#correct-state", index=1)
    await page.select_option("#correct-reason", "system")
    await page.click("#correct-do")
    await page.locator(".corrected").first.wait_for()
    return page


async def list_empty(stage: Stage, look: Look) -> Page:
    page = await day_list(stage, look)
    await page.fill("#list-number", "Z999")
    await page.click("#list-show")
    await page.wait_for_function("() => document.querySelectorAll('#list-rows tr').length === 0")
    return page


async def charts(stage: Stage, look: Look) -> Page:
    await finished(stage)
    page = await overview(stage, look)
    await page.click("#tab-charts")
    await page.locator("#chart-waits-title").wait_for(state="attached")
    return page


async def charts_day(stage: Stage, look: Look) -> Page:
    """A whole day, as the server would tell of it: most come before noon, and over lunch fewer counters call."""
    await finished(stage)
    page = await stage.page(look)

    def whole(body: dict[str, Any]) -> None:
        opened = datetime.fromisoformat(f"{body['business_day']}T08:30:00+09:00")
        arrivals = [4, 9, 14, 19, 23, 24, 22, 20, 19, 17, 15, 13, 14, 16, 18, 19, 17, 14, 12, 11, 10]
        arrivals += [10, 11, 12, 12, 11, 10, 9, 8, 7, 6, 5, 3]
        calls, waiting, waits = [], [], []
        for place in range(len(arrivals)):
            calls.append(min(sum(arrivals[: place + 1]) - sum(calls), 11 if 14 <= place < 18 else 15))
            waiting.append(sum(arrivals[: place + 1]) - sum(calls))
            waits.append(60.0 * (2 + waiting[-1] // 2))
        body["starts"] = [(opened + timedelta(minutes=15 * place)).isoformat() for place in range(len(arrivals))]
        for course in (body["all"], *body["services"]):
            course |= {
                "arrivals": arrivals, "calls": calls, "waiting": waiting, "median_wait_seconds": waits,
                "measured": sum(calls), "within_target": round(0.83 * sum(calls)),
            }  # fmt: skip

    await alter(page, "**/quarters*", whole)
    page = await signed_in(stage, page)
    await page.click("#tab-charts")
    await page.locator("#chart-waits-title").wait_for(state="attached")
    return page


async def charts_table(stage: Stage, look: Look) -> Page:
    page = await charts(stage, look)
    await page.click("#charts-details summary")
    return page


async def charts_none(stage: Stage, look: Look) -> Page:
    page = await charts(stage, look)
    await page.fill("#charts-date", "2020-01-01")
    await page.locator("#charts-none").wait_for()
    return page


async def offline(stage: Stage, look: Look) -> Page:
    page = await stage.page(look, AHEAD)
    await page.route_web_socket("**/live", lambda socket: None)
    page = await signed_in(stage, page)
    await page.context.set_offline(True)
    await page.evaluate("globalThis.ahead = 30000")
    await page.locator("#link-state.is-off").wait_for()
    return page


STATES = [
    State("hall", name, reach, SIZE, STAFF_LANGUAGES)
    for name, reach in (
        ("now", now), ("late", late), ("service", service), ("notice", notice), ("day", day), ("close", close_day),
        ("list", day_list), ("list-empty", list_empty), ("correct", correction), ("corrected", corrected),
        ("charts", charts), ("charts-day", charts_day), ("charts-table", charts_table), ("charts-none", charts_none),
        ("offline", offline),
    )
]  # fmt: skip
