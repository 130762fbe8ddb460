"""A supervisor's overview of the demonstration office, and what happens there meanwhile."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import shut_all
from tests.screens.stage import API, Look, Stage, stage

DESK = Look(1366, 768, "en")
expect.set_options(timeout=20_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("city")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def office(city: Stage) -> AsyncIterator[Stage]:
    """The same office for all; everybody's windows are shut between the tests."""
    yield city
    await shut_all(city.browser)
    assert city.faults == []
    city.faults.clear()


async def overview(office: Stage, look: Look = DESK) -> Page:
    page = await signed_in(office, look)
    await page.goto(f"{office.server.url}/hall/sakura")
    await expect(page.get_by_test_id("service-certificates")).to_be_visible()
    return page


async def signed_in(office: Stage, look: Look) -> Page:
    """A browser with the supervisor's session: signing in again and again only costs time."""
    page = await office.page(look)
    cookies = [(each.name, each.value or "") for each in office.clerk.cookies.jar]
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": office.server.url} for name, value in cookies]
    )
    return page


async def serve(office: Stage, service: str = "seal", counter: str = "2", verb: str = "complete") -> str:
    """Somebody is called at a counter, and the clerk presses this; the number."""
    counters = (await office.clerk.get(f"{API}/queue")).json()["counters"]
    if not next(each for each in counters if each["id"] == counter)["open"]:
        await office.at(counter, "open")
    number = (await office.take(service))["number"]
    await office.at(counter, "call", number=number)
    await office.at(counter, verb)
    return str(number)


async def rows(office: Stage, query: str = "") -> list[dict[str, Any]]:
    day = (await office.clerk.get(API)).json()["business_day"]
    answer = await office.clerk.get(f"{API}/days/{day}/tickets{query}")
    return list(answer.raise_for_status().json()["tickets"])


async def settled(page: Page) -> None:
    """All questions are answered, and what the answers led to is drawn."""
    await page.wait_for_function("() => asked === 0")
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
