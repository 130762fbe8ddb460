"""The states of the kiosk's page."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from tests.browser import route
from tests.screens.stage import API, OFFICE, Look, Stage, State, alter, lend

PORTRAIT, LANDSCAPE = (1080, 1920), (1280, 800)
#: As large as the most that the page may have to show without scrolling.
MANY = 12


#: The page looks every 250 ms whether its time is over; then no time has passed, for a state is looked at for long.
STAYS = """
const every = globalThis.setInterval;
const timeless = (work) => () => {
  const now = performance.now;
  performance.now = () => 0;
  work();
  performance.now = now;
};
globalThis.setInterval = (work, pause, ...given) => every(pause === 250 ? timeless(work) : work, pause, ...given);
"""


async def start(stage: Stage, look: Look, change: Callable[[dict[str, object]], None] | None = None) -> Page:
    """The start in the look's language; ``change`` alters what the server tells of the office."""
    page = await stage.page(look, STAYS)
    # The same machine as the stage's own kiosk, so that no state has to enrol one.
    await lend(stage.kiosk, page)
    if change is not None:
        await alter(page, re.compile(rf"{API}\?language="), change)
    await page.goto(f"{stage.server.url}/kiosk/{OFFICE}")
    await expect(page.locator("#services .service").first).to_be_visible()
    await in_language(page, look.language)
    return page


async def in_language(page: Page, language: str) -> None:
    if await page.locator("html").get_attribute("lang") != language:
        async with page.expect_response(lambda answer: f"{API}?language={language}" in answer.url and answer.ok):
            await page.get_by_test_id(f"language-{language}").click()
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame)).then(() => true)")


def closed(body: dict[str, object]) -> None:
    opens_at = (datetime.now().astimezone() + timedelta(hours=1)).isoformat()
    for service in body["services"]:  # type: ignore[attr-defined]
        service |= {"open": False, "kiosk": False, "reason": "office_closed", "opens_at": opens_at}


def closed_for_days(body: dict[str, object]) -> None:
    closed(body)
    for service in body["services"]:  # type: ignore[attr-defined]
        service |= {"opens_at": "2030-11-28T04:30:00Z"}


def day_ended(body: dict[str, object]) -> None:
    closed_for_days(body)
    for service in body["services"]:  # type: ignore[attr-defined]
        service |= {"reason": "day_closed"}


def some_closed(body: dict[str, object]) -> None:
    services: list[dict[str, object]] = body["services"]  # type: ignore[assignment]
    services[0] |= {"open": False, "kiosk": False, "reason": "full"}
    opens_at = datetime.now(ZoneInfo("Asia/Tokyo")).replace(hour=13, minute=0, second=0, microsecond=0).isoformat()
    services[5] |= {"open": False, "kiosk": False, "reason": "hours", "opens_at": opens_at}


def busy(body: dict[str, object]) -> None:
    """A Monday before noon: people before everybody, and all counters open."""
    ahead = [(14, 25, 45), (3, 8, 14), (22, 40, 70), (1, 4, 7), (9, 35, 65), (3, 12, 21), (0, 0, 60), (6, 60, 115)]
    services: list[dict[str, object]] = body["services"]  # type: ignore[assignment]
    for service, (waiting, low, high) in zip(services, ahead, strict=False):
        service |= {"waiting_count": waiting, "wait_low": low * 60, "wait_high": high * 60}


def twelve(body: dict[str, object]) -> None:
    _copies(body, MANY)


def twenty(body: dict[str, object]) -> None:
    _copies(body, 20)


def _copies(body: dict[str, object], count: int) -> None:
    services: list[dict[str, object]] = body["services"]  # type: ignore[assignment]
    groups: list[dict[str, list[str]]] = body["kiosk"]["groups"]  # type: ignore[index]
    own = len(services)
    for index in range(own, count):
        services.append({**services[index % own], "id": f"more-{index}"})
        groups[index % len(groups)]["services"].append(f"more-{index}")


async def take(page: Page, service: str = "seal") -> None:
    tile = page.get_by_test_id(f"service-{service}")
    if not await tile.count():
        await page.get_by_test_id("group-papers").click()
        await asyncio.sleep(0.45)
    await tile.click()


async def issued(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    await take(page)
    await expect(page.locator(".qr")).to_be_visible()
    return page


async def working(stage: Stage, look: Look) -> Page:
    """The server does not answer, so the page waits and says so."""
    page = await start(stage, look)
    await route(page, "**/tickets", lambda route: route.abort())
    await take(page)
    await expect(page.locator("#give-up")).to_be_visible()
    return page


async def away(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    await route(page, re.compile(API), lambda route: route.abort())
    # A change of language asks the server at once.
    await page.get_by_test_id("language-en" if look.language != "en" else "language-ja").click()
    await expect(page.locator("#away")).to_be_visible()
    await page.get_by_test_id(f"language-{look.language}").click()
    await expect(page.locator("html")).to_have_attribute("lang", look.language)
    return page


async def no_slip(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    job = {"state": "failed", "problem": "no_paper", "settled": True, "kind": "escpos", "width_mm": 80}
    await route(page, "**/print", lambda route: route.fulfill(json=job))
    await take(page)
    await expect(page.locator("#slip-failed")).to_be_visible()
    await expect(page.locator(".qr")).to_be_visible()
    return page


async def arrival(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    await page.click("#to-arrival")
    await expect(page.get_by_test_id("key-A")).to_be_visible()
    return page


async def arrival_wrong(stage: Stage, look: Look) -> Page:
    page = await arrival(stage, look)
    await page.fill("#arrival-number", "A999")
    await asyncio.sleep(0.45)
    await page.click("#arrival-button")
    await expect(page.locator("#message")).to_be_visible()
    return page


async def web_ticket(stage: Stage, service: str = "certificates") -> dict[str, str]:
    visitor = stage.server.client()
    answer = await visitor.post(f"{API}/tickets", json={"service": service})
    return dict(answer.raise_for_status().json())


async def scan(page: Page, secret: str) -> None:
    await page.keyboard.type(f"https://kiosk.example/t#{secret}")
    await page.keyboard.press("Enter")


async def arrived(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    await scan(page, (await web_ticket(stage))["secret"])
    await expect(page.locator("#arrived")).to_be_visible()
    return page


async def refused(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    await scan(page, f"elsewhere.20261128.A001.{'x' * 22}")
    await expect(page.locator("#refused")).to_be_visible()
    return page


async def group(stage: Stage, look: Look) -> Page:
    page = await start(stage, look, twenty)
    await page.get_by_test_id("group-papers").click()
    await expect(page.locator("#to-groups")).to_be_visible()
    return page


async def by_keyboard(stage: Stage, look: Look) -> Page:
    page = await start(stage, look)
    await page.keyboard.press("ArrowDown")
    return page


Reach = Callable[[Stage, Look], Awaitable[Page]]


def helped(reach: Reach, *buttons: str) -> Reach:
    """The same, in one of the ways of the help bar."""

    async def with_help(stage: Stage, look: Look) -> Page:
        page = await reach(stage, look)
        for button in buttons:
            await page.click(f"#help-{button}")
        return page

    return with_help


def changed(change: Callable[[dict[str, object]], None]) -> Reach:
    return lambda stage, look: start(stage, look, change)


_REACHED: tuple[tuple[str, Reach], ...] = (
    ("start", start),
    ("start-busy", changed(busy)),
    ("start-closed", changed(closed)),
    ("start-closed-for-days", changed(closed_for_days)),
    ("start-some-closed", changed(some_closed)),
    ("start-twelve", changed(twelve)),
    ("groups", changed(twenty)),
    ("group", group),
    ("keyboard", by_keyboard),
    ("away", away),
    ("working", working),
    ("issued", issued),
    ("no-slip", no_slip),
    ("arrival", arrival),
    ("arrival-wrong", arrival_wrong),
    ("arrived", arrived),
    ("refused", refused),
    ("start-low", helped(start, "low")),
    ("start-large", helped(start, "large")),
    ("start-contrast", helped(start, "contrast")),
    ("issued-low", helped(issued, "low")),
    ("issued-large", helped(issued, "large")),
    ("no-slip-low", helped(no_slip, "low")),
    ("arrival-low", helped(arrival, "low")),
    ("arrival-low-large", helped(arrival, "low", "large")),
    ("start-low-large-contrast", helped(start, "low", "large", "contrast")),
)
STATES: list[State] = [
    State("kiosk", f"{name}{suffix}", reach, size)
    for suffix, size in (("", PORTRAIT), ("-wide", LANDSCAPE))
    for name, reach in _REACHED
]
