"""Every state of "my ticket" that a visitor may meet.

Most are told to the page in place of the server's answer, so that they need no turn of the queue and disturb nobody's.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, expect

from tests.browser import route
from tests.screens.stage import Look, Stage, State, alter

PHONE, SMALLEST = (390, 844), (320, 640)
#: All at 10:41 of a day long ago; only the hour is shown.
AT = "2026-09-01T01:41:00.000Z"
CONTACT = {"channel": "email", "masked": "h***@example.jp", "ahead": 3, "minutes": None}
FAILED = {"kind": "turn_near", "channel": "email", "state": "failed", "late": False, "at": AT}
SENT = {"kind": "called", "channel": "email", "state": "sent", "late": False, "at": AT}
FAR = {"ahead": 12, "position": 13, "wait_low": 1500, "wait_high": 2700}


async def ticket_page(stage: Stage, look: Look, script: str = "", **told: Any) -> Page:
    """The page of a new ticket, of which the server seems to tell this."""
    ticket = await stage.take(language=look.language)
    page = await stage.page(look, script)

    await alter(page, "**/api/v1/ticket", lambda body: body.update(told))
    await page.route_web_socket("**/live", lambda _: None)
    await page.goto(f"{stage.server.url}/t#{ticket['secret']}")
    await expect(page.locator("#ticket-number")).to_have_text(ticket["number"])
    await expect(page.locator("#ticket-service")).not_to_be_empty()
    return page


def told(**facts: Any) -> Callable[[Stage, Look], Awaitable[Page]]:
    async def reach(stage: Stage, look: Look) -> Page:
        return await ticket_page(stage, look, **facts)

    return reach


async def setting_off(stage: Stage, look: Look) -> Page:
    page = await ticket_page(stage, look, state="expected", **FAR)
    await page.locator("#leave-travel").select_option("15")
    await expect(page.locator("#leave-at")).not_to_be_empty()
    return page


async def wrong_code(stage: Stage, look: Look) -> Page:
    page = await ticket_page(stage, look, state="expected", **FAR)
    refusal = {"status": 422, "code": "wrong_code", "title": "", "detail": ""}
    await route(
        page,
        "**/api/v1/ticket/arrive",
        lambda route: route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(refusal)),
    )
    await page.fill("#arrive-code", "0000")
    await page.click("#arrive-button")
    await expect(page.locator("#message")).to_be_visible()
    return page


async def called(stage: Stage, look: Look) -> Page:
    page = await ticket_page(stage, look, state="called", counter="1", called_at=AT, call_count=1)
    await expect(page.locator("#called")).to_be_visible()
    return page


async def ringing(stage: Stage, look: Look) -> Page:
    """Called while the page's own alerts are on."""
    state: dict[str, Any] = {**FAR}
    ticket = await stage.take(language=look.language)
    page = await stage.page(look)

    await alter(page, "**/api/v1/ticket", lambda body: body.update(state))
    await page.route_web_socket("**/live", lambda route: _answer(route, ticket))
    await page.goto(f"{stage.server.url}/t#{ticket['secret']}")
    await expect(page.locator("#page-alerts-button")).to_be_visible()
    await page.click("#page-alerts-button")
    await expect(page.locator("#page-alerts")).to_have_attribute("data-state", "on")
    route = _sockets.pop(ticket["secret"])
    frame = {**ticket, "type": "ticket", "state": "called", "counter": "1", "called_at": AT, "call_count": 1}
    route.send(json.dumps({**frame, "contacts": [], "alerts": []}))
    await expect(page.locator("#called-quiet")).to_be_visible()
    return page


_sockets: dict[str, Any] = {}


def _answer(route: Any, ticket: dict[str, Any]) -> None:
    _sockets[ticket["secret"]] = route


async def called_and_seen(stage: Stage, look: Look) -> Page:
    page = await called(stage, look)
    await page.click("#called-seen")
    await expect(page.locator("#calling")).to_be_visible()
    return page


async def cancelling(stage: Stage, look: Look) -> Page:
    page = await ticket_page(stage, look, **FAR)
    await page.click("#cancel")
    await expect(page.locator("#cancel-dialog")).to_be_visible()
    return page


async def alerting(stage: Stage, look: Look) -> Page:
    page = await ticket_page(stage, look, **FAR)
    await page.click("#page-alerts-button")
    await expect(page.locator("#page-alerts")).to_have_attribute("data-state", "on")
    return page


async def consent(stage: Stage, look: Look) -> Page:
    page = await ticket_page(stage, look, **FAR)
    await page.get_by_test_id("channel-email").click()
    await expect(page.locator("#contact-form")).to_be_visible()
    return page


async def languages_open(stage: Stage, look: Look) -> Page:
    page = await ticket_page(stage, look, **FAR)
    opener = page.locator(".languages-opener")
    if await opener.is_visible():
        await opener.click()
    return page


async def gone(stage: Stage, look: Look) -> Page:
    page = await stage.page(look)
    await page.goto(f"{stage.server.url}/t#no-such-secret")
    await expect(page.locator("#gone")).to_be_visible()
    return page


async def offline(stage: Stage, look: Look) -> Page:
    """Opened again without a connection: what was known last."""
    page = await ticket_page(stage, look, **FAR)
    await page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('junban.known.'))")
    await route(page, "**/api/**", lambda route: route.abort())
    await page.reload()
    await expect(page.locator("#away")).to_be_visible()
    await expect(page.locator("#ticket-number")).not_to_be_empty()
    return page


async def offline_unknown(stage: Stage, look: Look) -> Page:
    page = await stage.page(look)
    await route(page, "**/api/**", lambda route: route.abort())
    await page.goto(f"{stage.server.url}/t")
    await expect(page.locator("#away")).to_be_visible()
    return page


STATES = [
    State("ticket", "waiting", told(**FAR), PHONE),
    State("ticket", "waiting-small", told(**FAR), SMALLEST),
    State("ticket", "near", told(ahead=2, position=3, wait_low=120, wait_high=480), PHONE),
    State("ticket", "expected", told(state="expected", **FAR), PHONE),
    State("ticket", "setting-off", setting_off, PHONE),
    State("ticket", "no-estimate", told(state="expected", **{**FAR, "wait_low": None, "wait_high": None}), SMALLEST),
    State("ticket", "wrong-code", wrong_code, PHONE),
    State("ticket", "called", called, PHONE),
    State("ticket", "ringing", ringing, SMALLEST),
    State("ticket", "called-seen", called_and_seen, PHONE),
    State("ticket", "serving", told(state="serving", counter="1", ahead=None), PHONE),
    State("ticket", "held", told(state="held", ahead=None), PHONE),
    State("ticket", "absent", told(state="absent", called_at=AT, ahead=None), PHONE),
    State("ticket", "expired", told(state="expired", ahead=None), PHONE),
    State("ticket", "completed", told(state="completed", ahead=None), PHONE),
    State("ticket", "cancelled", told(state="cancelled", ahead=None), PHONE),
    State("ticket", "closed", told(state="closed", ahead=None), PHONE),
    State("ticket", "cancelling", cancelling, SMALLEST),
    State("ticket", "alerting", alerting, PHONE),
    State("ticket", "consent", consent, PHONE),
    State("ticket", "registered", told(contact=CONTACT, contacts=[CONTACT], alerts=[SENT], **FAR), PHONE),
    State("ticket", "undelivered", told(contact=CONTACT, contacts=[CONTACT], alerts=[FAILED], **FAR), SMALLEST),
    State("ticket", "languages", languages_open, SMALLEST),
    State("ticket", "gone", gone, PHONE),
    State("ticket", "offline", offline, PHONE),
    State("ticket", "offline-unknown", offline_unknown, PHONE),
    State("ticket", "wide", told(**FAR), (1280, 800)),
]
