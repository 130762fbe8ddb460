"""Every state of the page where a visitor takes a web ticket."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, expect

from tests.browser import route
from tests.screens.stage import API, OFFICE, Look, Stage, State, alter

PHONE, SMALLEST = (390, 844), (320, 640)
#: A Monday morning in Tokyo.
MONDAY = "2030-09-01T23:30:00.000Z"


async def start(stage: Stage, look: Look) -> Page:
    page = await stage.page(look)
    await page.goto(f"{stage.server.url}/?office={OFFICE}")
    await expect(page.get_by_test_id("service-certificates")).to_be_visible()
    return page


def told(**services: dict[str, Any]) -> Callable[[Stage, Look], Awaitable[Page]]:
    """The page with the services as the server seems to tell them; ``every`` is for all."""

    async def reach(stage: Stage, look: Look) -> Page:
        page = await stage.page(look)

        def tell(office: dict[str, Any]) -> None:
            for service in office["services"]:
                service.update(services.get("every", {}))
                service.update(services.get(service["id"].replace("-", "_"), {}))
            office.update(services.get("office", {}))

        await alter(page, f"**{API}?*", tell)
        await page.goto(f"{stage.server.url}/?office={OFFICE}")
        await expect(page.get_by_test_id("service-certificates")).to_be_visible()
        return page

    return reach


async def offices(stage: Stage, look: Look) -> Page:
    page = await stage.page(look)
    names = ["さくら区役所", "さくら区役所 南口サービスコーナー", "みどり台出張所"]
    listed = {"offices": [{"id": f"office-{place}", "name": name} for place, name in enumerate(names)]}
    await route(page, "**/api/v1/offices?*", lambda route: route.fulfill(json=listed))
    await page.goto(stage.server.url)
    await expect(page.get_by_test_id("office-office-0")).to_be_visible()
    return page


async def confirming(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    await page.get_by_test_id("service-certificates").click()
    await expect(page.locator("#confirm")).to_be_visible()
    return page


async def refused(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    refusal = {"status": 409, "code": "quota_reached", "title": "", "detail": ""}
    await route(
        page,
        "**/tickets",
        lambda route: route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(refusal)),
    )
    await page.get_by_test_id("service-certificates").click()
    await page.click("#confirm-yes")
    await expect(page.locator("#message")).to_be_visible()
    return page


async def another(stage: Stage, look: Look) -> Page:
    """With a ticket in this browser already."""
    page = await stage.page(look)
    ticket = await stage.take(language=look.language)
    await page.goto(f"{stage.server.url}/t#{ticket['secret']}")
    await expect(page.locator("#ticket-number")).to_have_text(ticket["number"])
    await page.goto(f"{stage.server.url}/?another&office={OFFICE}")
    await expect(page.locator("#mine")).to_be_visible()
    return page


async def offline(stage: Stage, look: Look) -> Page:
    page = await stage.page(look)
    await route(page, "**/api/**", lambda route: route.abort())
    await page.goto(stage.server.url)
    await expect(page.locator("#away")).to_be_visible()
    return page


CLOSED = {"web": False, "web_reason": "office_closed", "web_opens_at": MONDAY}
FULL = {"web": False, "web_reason": "quota_reached"}
STATES = [
    State("visitor", "start", start, PHONE),
    State("visitor", "start-small", start, SMALLEST),
    State("visitor", "wide", start, (1280, 800)),
    State("visitor", "offices", offices, PHONE),
    State("visitor", "confirm", confirming, SMALLEST),
    State("visitor", "full", told(certificates=FULL, office={"notice": "本日は窓口が大変混み合っています。"}), PHONE),
    State("visitor", "closed", told(every=CLOSED, office={"open": False}), PHONE),
    State("visitor", "refused", refused, PHONE),
    State("visitor", "another", another, PHONE),
    State("visitor", "offline", offline, PHONE),
]
