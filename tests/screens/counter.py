"""The states of the clerk's console."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser import route
from tests.screens.stage import API, STAFF_LANGUAGES, Look, Stage, State, alter

SIZE = (1366, 768)
COUNTER = "1"
#: A busy machine is not a fault of the page.
PATIENCE = 20_000
HOUR = re.compile(r"\d\d:\d\d")


async def _clear(stage: Stage) -> None:
    """Nobody sits at the counter, and nobody waits."""
    queue = await _queue(stage)
    for ticket in queue["tickets"]:
        await stage.clerk.post(f"{API}/tickets/{ticket['number']}/cancel", json={})
    for counter in queue["counters"]:
        for verb in ("complete", "close"):
            await stage.clerk.post(f"{API}/counters/{counter['id']}/{verb}", json={})


async def _queue(stage: Stage) -> dict:  # type: ignore[type-arg]
    return dict((await stage.clerk.get(f"{API}/queue")).raise_for_status().json())


async def _services(stage: Stage) -> list[str]:
    queue = await _queue(stage)
    return list(next(each["services"] for each in queue["counters"] if each["id"] == COUNTER))


async def choose(stage: Stage, look: Look) -> Page:
    await _clear(stage)
    page = await stage.staff("counter", look)
    await expect(page.get_by_test_id(f"open-{COUNTER}")).to_be_visible(timeout=PATIENCE)
    return page


async def empty(stage: Stage, look: Look) -> Page:
    page = await choose(stage, look)
    await page.get_by_test_id(f"open-{COUNTER}").click()
    # A key that is pressed before is nobody's.
    await expect(page.locator("#desk")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("#verb-next")).to_be_enabled(timeout=PATIENCE)
    return page


async def called(stage: Stage, look: Look) -> Page:
    """A visitor who speaks Nepali is called; others wait, are held, are absent."""
    await _clear(stage)
    services = await _services(stage)
    await stage.at(COUNTER, "open")
    for service in services[:2]:
        await stage.take(service)
    await stage.at(COUNTER, "call-next")
    await stage.at(COUNTER, "hold", reason=(await _reasons(stage))[0])
    await stage.at(COUNTER, "call-next")
    await stage.at(COUNTER, "no-show")
    await stage.take(services[0], "ne")
    await asyncio.gather(*(stage.take(services[place % len(services)], ("ja", "en")[place % 2]) for place in range(12)))
    await stage.at(COUNTER, "call-next")
    page = await stage.staff("counter", look)
    await expect(page.locator("#current-language")).to_be_visible(timeout=PATIENCE)
    return page


async def _reasons(stage: Stage) -> list[str]:
    answer: httpx.Response = await stage.clerk.get(API)
    return [each["code"] for each in answer.json()["reasons"]]


async def serving(stage: Stage, look: Look) -> Page:
    """Sent here from another service, with the reason."""
    page = await called(stage, look)
    services = await _services(stage)
    await stage.at(COUNTER, "transfer", service=services[1], reason=(await _reasons(stage))[1])
    number = next(each["number"] for each in (await _queue(stage))["tickets"] if each["transferred_from"])
    await stage.at(COUNTER, "call", number=number)
    await stage.at(COUNTER, "start")
    await expect(page.locator("#current-reason")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("#now")).to_have_attribute("data-state", "serving", timeout=PATIENCE)
    return page


def _pressed(key: str, seen: str) -> Callable[[Stage, Look], Awaitable[Page]]:
    async def reach(stage: Stage, look: Look) -> Page:
        page = await called(stage, look)
        await page.keyboard.press(key)
        await expect(page.locator(seen)).to_be_visible(timeout=PATIENCE)
        return page

    return reach


async def transfer_search(stage: Stage, look: Look) -> Page:
    page = await transfer(stage, look)
    await page.keyboard.type("move")
    await expect(page.locator("#transfer-options button")).to_have_count(1, timeout=PATIENCE)
    return page


async def transfer_nothing(stage: Stage, look: Look) -> Page:
    page = await transfer(stage, look)
    await page.keyboard.type("zzz")
    await expect(page.locator("#transfer-none")).to_be_visible(timeout=PATIENCE)
    return page


async def find(stage: Stage, look: Look) -> Page:
    page = await called(stage, look)
    await page.keyboard.press("f")
    number = await page.locator("#waiting .number").first.inner_text()
    await page.keyboard.type(number)
    await expect(page.locator("#quick-deed")).to_contain_text(number)
    return page


async def cancel_ask(stage: Stage, look: Look) -> Page:
    page = await called(stage, look)
    await page.locator("#waiting [data-testid^=cancel-]").first.click()
    await expect(page.locator("#pick")).to_be_visible(timeout=PATIENCE)
    return page


async def leave_busy(stage: Stage, look: Look) -> Page:
    page = await called(stage, look)
    await page.keyboard.press("b")
    await expect(page.locator("#message")).to_be_visible(timeout=PATIENCE)
    return page


async def on_break(stage: Stage, look: Look) -> Page:
    page = await empty(stage, look)
    await page.keyboard.press("b")
    await expect(page.locator("#break-since")).to_have_text(HOUR, timeout=PATIENCE)
    return page


async def offline(stage: Stage, look: Look) -> Page:
    """The line is down, one press is on its way and another waits its turn."""
    page = await called(stage, look)
    await route(page, "**/api/**", lambda route: route.abort())
    await page.keyboard.press("r")
    await page.keyboard.press("s")
    await expect(page.locator("#pending-list li")).to_have_count(2, timeout=PATIENCE)
    await expect(page.locator("#away")).to_be_visible(timeout=PATIENCE)
    return page


async def polling(stage: Stage, look: Look) -> Page:
    page = await empty(stage, look)
    await page.route_web_socket("**/live", _refused)
    await page.reload()
    await expect(page.locator("#verb-next")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("#link-state")).to_have_text(re.compile("更新|updated"), timeout=PATIENCE)
    return page


async def _refused(socket: WebSocketRoute) -> None:
    await socket.close()


async def over_target(stage: Stage, look: Look) -> Page:
    """People wait longer than the target: what the server says is aged by 40 minutes."""
    page = await called(stage, look)
    await alter(page, "**/queue", _aged)
    await page.reload()
    await expect(page.locator("#strip")).to_have_attribute("data-level", "over", timeout=PATIENCE)
    return page


def _aged(queue: dict[str, Any]) -> None:
    for place, ticket in enumerate(queue["tickets"]):
        ticket["wait_seconds"] += 2400 - 200 * place
    for service in queue["services"]:
        service["wait_target_seconds"] = 1800


async def taken_over(stage: Stage, look: Look) -> Page:
    page = await empty(stage, look)
    await stage.at(COUNTER, "close")
    await expect(page.locator("#message")).to_be_visible(timeout=PATIENCE)
    return page


hold, transfer, help_shown = _pressed("h", "#pick"), _pressed("t", "#transfer"), _pressed("?", "#help")


def _state(name: str, reach: Callable[[Stage, Look], Awaitable[Page]]) -> State:
    return State("counter", name, reach, SIZE, STAFF_LANGUAGES)


STATES = [
    _state("choose", choose), _state("empty", empty), _state("called", called), _state("serving", serving),
    _state("hold", hold), _state("transfer", transfer), _state("transfer-search", transfer_search),
    _state("transfer-nothing", transfer_nothing), _state("find", find), _state("cancel-ask", cancel_ask),
    _state("leave-busy", leave_busy), _state("break", on_break), _state("help", help_shown),
    _state("offline", offline), _state("polling", polling), _state("over-target", over_target),
    _state("taken-over", taken_over),
]  # fmt: skip
