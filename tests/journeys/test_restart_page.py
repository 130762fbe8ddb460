"""The server is killed while all five screens are open; each says so, and goes on by itself when it is back."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import chromium, in_browser
from tests.processes import PASSWORD, Installation, Server, free_port

pytestmark = in_browser
PATIENCE = 40_000


async def page_of(browser: Browser) -> Page:
    context = await browser.new_context(locale="en", viewport={"width": 1366, "height": 900})
    await context.add_init_script("localStorage.setItem('junban.language', 'en')")
    return await context.new_page()


async def device(browser: Browser, server: Server, installation: Installation, kind: str) -> Page:
    page = await page_of(browser)
    await page.goto(f"{server.url}/enrol#{await installation.invite(kind)}")
    await page.click("#enrol-button")
    await page.wait_for_url(f"**/{kind}/minato")
    return page


async def staff(browser: Browser, server: Server, where: str) -> Page:
    page = await page_of(browser)
    await page.goto(f"{server.url}/sign-in?next=/{where}/minato")
    await page.fill("#name", "sato")
    await page.fill("#password", PASSWORD)
    await page.click("#sign-in-button")
    await page.wait_for_url(f"**/{where}/minato")
    return page


@pytest.mark.timeout(300)
async def test_every_screen_outlives_the_server(tmp_path: Path) -> None:
    expect.set_options(timeout=PATIENCE)
    installation, port = Installation.make(tmp_path), free_port()
    await installation.add_staff("sato", "clerk,supervisor")
    async with chromium() as browser:
        async with installation.serving(port) as server:
            machine = await server.enrolled(await installation.invite("kiosk"))
            path = "/api/v1/offices/minato/tickets"
            first, second = [(await machine.post(path, json={"service": "family"})).json() for _ in range(2)]
            kiosk = await device(browser, server, installation, "kiosk")
            board = await device(browser, server, installation, "board")
            counter, hall = await staff(browser, server, "counter"), await staff(browser, server, "hall")
            visitor = await page_of(browser)
            await visitor.goto(f"{server.url}/t#{first['secret']}")
            await counter.get_by_test_id("open-c1").click()
            await expect(counter.locator("#desk")).to_be_visible()
            await expect(visitor.locator("#ticket-ahead")).to_contain_text("0")
            await expect(board.get_by_test_id("wait-family")).to_be_visible()
            await expect(hall.get_by_test_id("counter-c1")).to_be_visible()

            await server.kill()

            for page in (counter, hall):
                await expect(page.locator("#link-state")).to_contain_text("Not connected")
            await expect(visitor.locator("#away")).to_be_visible()
            await expect(board.locator("#stale")).to_be_visible()
            await expect(kiosk.locator("#away")).to_be_visible()
            await kiosk.get_by_test_id("service-family").click(force=True)
            await counter.keyboard.press("n")
            await expect(counter.locator("#pending")).to_be_visible()
            await expect(kiosk.locator("#issued")).to_be_hidden()
            await expect(counter.locator("#current-number")).not_to_have_text(first["number"])

        async with installation.serving(port) as again:
            await expect(counter.locator("#current-number")).to_have_text(first["number"])
            await expect(board.get_by_test_id(f"call-{first['number']}").first).to_be_visible()
            await expect(visitor.locator("#called")).to_be_visible()
            await expect(hall.get_by_test_id("counter-c1")).to_contain_text(first["number"])
            for page in (counter, hall):
                await expect(page.locator("#link-state")).to_contain_text("Connected")
            for page, sign in ((visitor, "#away"), (board, "#stale"), (kiosk, "#away")):
                await expect(page.locator(sign)).to_be_hidden()
            await expect(kiosk.get_by_test_id("service-family")).to_be_enabled()
            clerk = await again.signed_in("sato")
            tickets = (await clerk.get("/api/v1/offices/minato/queue")).json()["tickets"]

    states = {each["number"]: each["state"] for each in tickets}
    assert states == {first["number"]: "called", second["number"]: "waiting"}
