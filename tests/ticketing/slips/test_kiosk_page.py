"""The kiosk's page in a real Chromium: it prints what it was given, and says when no slip comes out."""

import asyncio
import os
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser import chromium, in_browser
from tests.processes import OFFICE, Installation

pytestmark = in_browser

BROWSER = """
[[office.slip.printer]]
id = "own"
kind = "browser"
width_mm = 58
"""
#: Nobody listens on port 9 of this machine.
AWAY = """
[[office.slip.printer]]
id = "hall"
kind = "escpos"
host = "127.0.0.1"
port = 9
wait_seconds = 2
"""
#: Notes what would be printed.
NOTE_PRINTS = """
window.printed = [];
window.print = () => {
  const picture = document.getElementById("slip-to-print");
  window.printed.push([picture.className, picture.naturalWidth]);
};
"""


async def until(page: Page, condition: str) -> None:
    """Waits for it; the pages' policy lets nothing be evaluated inside of them."""
    async with asyncio.timeout(20):
        while not await page.evaluate(condition):
            await asyncio.sleep(0.05)


async def kiosk_page(page: Page, url: str, code: str) -> None:
    await page.goto(f"{url}/enrol#{code}")
    await page.click("#enrol-button")
    await page.wait_for_url("**/kiosk/minato")
    await page.get_by_test_id("service-tax").click()
    await expect(page.locator("#issued-number")).to_have_text("B001")


async def test_browser_prints_the_slip_of_the_ticket(tmp_path: Path) -> None:
    made = Installation.make(tmp_path, office=OFFICE + BROWSER)
    code = await made.invite("kiosk")
    async with made.serving() as server, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.add_init_script(NOTE_PRINTS)

        await kiosk_page(page, server.url, code)

        await until(page, "window.printed.length === 1")
        assert await page.evaluate("window.printed") == [["slip-58", 384]]
        await expect(page.locator("#slip-failed")).to_have_count(0)


async def test_printed_page_holds_the_slip_alone(tmp_path: Path) -> None:
    made = Installation.make(tmp_path, office=OFFICE + BROWSER.replace("58", "80"))
    code = await made.invite("kiosk")
    async with made.serving() as server, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        # The slip stays where it is, so that it can be looked at as paper.
        await page.add_init_script(
            "window.print = () => { Element.prototype.remove = () => {}; window.isPrinted = true; };"
        )
        await kiosk_page(page, server.url, code)
        await until(page, "window.isPrinted === true")

        await page.emulate_media(media="print")

        shown = await page.evaluate(
            "[...document.body.children].filter((each) => each.getClientRects().length).map((each) => each.id)"
        )
        box = await page.locator("#slip-to-print").bounding_box()
        assert shown == ["slip-to-print"]
        # 72 mm at 96 to the inch.
        assert box is not None
        assert abs(box["width"] - 72 / 25.4 * 96) < 1


async def test_slip_that_does_not_come_out_is_shown_and_the_number_can_be_given_up(tmp_path: Path) -> None:
    made = Installation.make(tmp_path, office=OFFICE + AWAY)
    await made.add_staff("sato", "clerk")
    code = await made.invite("kiosk")
    async with made.serving() as server, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1080, "height": 1920})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        clerk = await server.signed_in("sato")

        await kiosk_page(page, server.url, code)
        await expect(page.locator("#slip-failed")).to_be_visible()
        await expect(page.locator("#issued-qr .qr")).to_be_visible()
        if folder := os.environ.get("JUNBAN_SCREENSHOTS"):
            await page.screenshot(path=f"{folder}/kiosk-no-slip.png")
        printers = (await clerk.get("/api/v1/offices/minato/printers")).json()
        # A tap right after something has changed counts for nothing.
        await page.wait_for_timeout(450)
        await page.locator("#slip-give-up").click()
        await page.wait_for_timeout(450)
        await page.locator("#slip-cancel").click()
        await expect(page.locator("#start")).to_be_visible()
        await until(
            page,
            "fetch('/api/v1/offices/minato').then((got) => got.json()).then((got) => !got.services[1].waiting_count)",
        )

        assert [(each["number"], each["problem"]) for each in printers["failed"]] == [("B001", "printer_away")]
        assert (await clerk.get("/api/v1/offices/minato/printers")).json()["failed"] == []
        assert faults == []
