"""What the tests of the kiosk's page do often: a machine at its start, its server, and what the queue knows."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.codes import text_of_code
from tests.processes import ROOT
from tests.screens.stage import API, OFFICE, Look, Stage

PORTRAIT, LANDSCAPE = Look(1080, 1920, touch=True), Look(1280, 800, touch=True)
both_sizes = pytest.mark.parametrize("look", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])

#: Targets that lie outside of the screen, are covered, are too small for a finger or hold more than is seen; in low
#: reach, those too high as well.
FLAWS = """() => {
  const seen = (each) => each.getClientRects().length && getComputedStyle(each).visibility === "visible";
  const isLow = document.documentElement.dataset.reach === "low";
  const highest = isLow ? (innerHeight > innerWidth ? innerHeight / 2 : innerHeight * 0.4) : 0;
  const flaws = [];
  for (const each of [...document.querySelectorAll("button, input")].filter(seen)) {
    const { left, top, right, bottom, width, height } = each.getBoundingClientRect();
    const name = each.id || each.dataset.testid || each.textContent;
    const isInside = left >= -1 && top >= highest - 1 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
    if (!isInside) flaws.push([name, "outside", left, top, right, bottom]);
    if (width < 44 || height < 44) flaws.push([name, "small", width, height]);
    // The lines of Burmese are taller than its letters.
    const isCut = each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 14;
    if (isCut) flaws.push([name, "cut"]);
    const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (above && !each.contains(above)) flaws.push([name, "covered", above.id || above.className]);
  }
  const told = [...document.querySelectorAll("h1, h2, dt, dd, .tell p, .ticket-number, .qr")].filter(seen);
  for (const each of told) {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    const isInside = left >= -1 && top >= -1 && right <= innerWidth + 1 && bottom <= innerHeight + 2;
    if (!isInside) flaws.push([each.textContent, "text outside"]);
  }
  const page = document.scrollingElement;
  if (page.scrollHeight > innerHeight + 1 || page.scrollWidth > innerWidth + 1) flaws.push(["page", "scrolls"]);
  return flaws;
}"""


async def flaws(page: Page) -> list[Any]:
    return list(await page.evaluate(FLAWS))


async def flaws_left(page: Page) -> list[Any]:
    """What is still wrong when the page has had time to measure itself; it does so anew when words or fonts come."""
    for _ in range(30):
        if not (found := await flaws(page)):
            return []
        await asyncio.sleep(0.1)
    return found


async def flaws_seen(page: Page, milliseconds: int) -> list[Any]:
    """What was wrong on two pictures in a row, from now on: looked at after each was painted."""
    return list(
        await page.evaluate(
            """async (milliseconds) => {
              const flaws = FLAWS;
              const seen = [];
              let before = [];
              const until = performance.now() + milliseconds;
              while (performance.now() < until) {
                await new Promise(requestAnimationFrame);
                await new Promise((painted) => {
                  const channel = new MessageChannel();
                  channel.port1.onmessage = painted;
                  channel.port2.postMessage(0);
                });
                const now = flaws();
                if (now.length && before.length) seen.push(...now);
                before = now;
              }
              return seen;
            }""".replace("FLAWS", FLAWS),
            milliseconds,
        )
    )


async def waiting(stage: Stage, service: str) -> int:
    office = (await stage.kiosk.get(API)).json()
    return next(int(each["waiting_count"]) for each in office["services"] if each["id"] == service)


async def until_waiting(stage: Stage, service: str, count: int) -> None:
    async with asyncio.timeout(30):
        while await waiting(stage, service) != count:
            await asyncio.sleep(0.1)


async def web_ticket(stage: Stage, service: str = "certificates") -> dict[str, Any]:
    answer = await stage.server.client().post(f"{API}/tickets", json={"service": service})
    return dict(answer.raise_for_status().json())


async def machine(
    stage: Stage, look: Look, script: str = "", ready: Callable[[Page], Awaitable[None]] | None = None
) -> Page:
    """A kiosk of its own browser at its start; ``ready`` comes before the page is loaded."""
    page = await stage.page(look, script)
    for name, value in stage.kiosk.cookies.items():
        await page.context.add_cookies([{"name": name, "value": value, "url": stage.server.url}])
    if ready is not None:
        await ready(page)
    await page.goto(f"{stage.server.url}/kiosk/{OFFICE}")
    await expect(page.locator("#services .service").first).to_be_visible()
    # What arrivals and keyboards need is loaded after the services.
    await expect(page.locator("#keys button").first).to_be_attached()
    return page


async def issued(page: Page) -> str:
    await expect(page.locator("#issued")).to_be_visible()
    return await page.locator("#issued-number").inner_text()


async def in_english(page: Page) -> None:
    await page.get_by_test_id("language-en").tap()
    await expect(page.get_by_test_id("service-seal")).to_contain_text("Seal registration")


async def past_the_double_tap(page: Page) -> None:
    """A second touch within 400 ms of the first counts as the same one."""
    await page.wait_for_timeout(450)


async def middle(target: Locator) -> tuple[float, float]:
    box = await target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def scan(page: Page, link: str) -> None:
    """What a scanner does: it types the link and Enter."""
    await page.keyboard.type(link)
    await page.keyboard.press("Enter")


async def read_code(picture: Locator) -> str:
    return text_of_code(Image.open(io.BytesIO(await picture.screenshot())))


@asynccontextmanager
async def stopped(stage: Stage) -> AsyncIterator[None]:
    """The server is away inside of it, killed, and comes back as a new process."""
    await stage.server.kill()
    try:
        yield
    finally:
        stage.server.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ticketing", "serve", "--data", str(stage.data),
            "--port", stage.server.url.rpartition(":")[2], cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await stage.server.wait_until_ready()
