"""The visit through the four pages in a real Chromium."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser import chromium, in_browser
from tests.journeys.test_visit import MAIL, SECONDS, city, traces
from tests.notifier.fakes import Mailbox
from tests.processes import PASSWORD, Installation, Server
from tests.waiting import until

pytestmark = in_browser


async def test_a_visit_through_the_pages(tmp_path: Path) -> None:
    async with city(tmp_path) as (installation, mailbox, _), chromium() as browser:
        async with installation.serving() as server:
            await installation.add_staff("sato", "clerk")
            faults: list[str] = []
            board = await open_board(browser, server, await installation.invite("board"), faults)
            kiosk = await open_kiosk(browser, server, await installation.invite("kiosk"), faults)
            counter = await open_counter(browser, server, faults)
            visitor = await take_tickets(browser, server, kiosk, board, faults)
            await register_alert(visitor)
            await call_everybody(counter, board, visitor, mailbox)
            await undo(counter, board)
            assert faults == []
        assert traces(installation) == []


async def new_page(browser: Browser, faults: list[str], width: int, height: int) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="en-US")
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    # A page that breaks its own policy would work for us and fail at the office.
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    return page


async def open_board(browser: Browser, server: Server, code: str, faults: list[str]) -> Page:
    page = await new_page(browser, faults, 1920, 1080)
    await page.goto(f"{server.url}/enrol#{code}")
    await page.click("#enrol-button")
    await page.wait_for_url("**/board/minato")
    return page


async def open_kiosk(browser: Browser, server: Server, code: str, faults: list[str]) -> Page:
    page = await new_page(browser, faults, 1080, 1600)
    await page.goto(f"{server.url}/enrol#{code}")
    await page.click("#enrol-button")
    await page.wait_for_url("**/kiosk/minato")
    return page


async def open_counter(browser: Browser, server: Server, faults: list[str]) -> Page:
    page = await new_page(browser, faults, 1366, 768)
    await page.goto(f"{server.url}/counter/minato")
    await page.fill("#name", "sato")
    await page.fill("#password", PASSWORD)
    await page.click("#sign-in-button")
    await page.click("[data-testid=open-c1]")
    await expect(page.locator("#verb-next")).to_be_visible()
    return page


async def take_tickets(browser: Browser, server: Server, kiosk: Page, board: Page, faults: list[str]) -> Page:
    # A double tap at the kiosk gives one ticket.
    await kiosk.locator("[data-testid=service-family]").dblclick()
    await expect(kiosk.locator("#issued-number")).to_have_text("A001")
    await expect(board.locator("[data-testid=wait-family]")).to_contain_text("1")

    visitor = await new_page(browser, faults, 390, 844)
    await visitor.goto(server.url)
    await visitor.click("[data-testid=service-family]")
    await visitor.click("#confirm-yes")
    await expect(visitor.locator("#ticket-number")).to_have_text("A002")
    await expect(visitor.locator("#ticket")).to_have_attribute("data-state", "expected")

    await visitor.fill("#arrive-code", await board.locator("#arrival-code").inner_text())
    await visitor.click("#arrive-button")
    await expect(visitor.locator("#ticket")).to_have_attribute("data-state", "waiting")
    return visitor


async def register_alert(visitor: Page) -> None:
    await visitor.click("[data-testid=channel-email]")
    await visitor.check("#consent-box")
    await visitor.fill("#address", MAIL)
    await visitor.click("#contact-button")
    await expect(visitor.get_by_test_id("contact-email")).to_contain_text("h***@example.jp")


async def call_everybody(counter: Page, board: Page, visitor: Page, mailbox: Mailbox) -> None:
    # A bouncing key must not send away who was just called.
    await counter.keyboard.press("n")
    await expect(counter.locator("#current-number")).to_have_text("A001")
    await counter.keyboard.press("n")
    await expect(board.locator("[data-testid=call-A001]")).to_be_visible()
    await until(lambda: len(mailbox.letters) == 1, SECONDS)
    await expect(counter.locator("#current-number")).to_have_text("A001")

    await counter.keyboard.press("c")
    await expect(counter.locator("#current-number")).not_to_have_text("A001")
    await counter.keyboard.press("n")
    await expect(counter.locator("#current-number")).to_have_text("A002")
    await expect(board.locator("[data-testid=call-A002]")).to_be_visible()
    await expect(visitor.locator("#called")).to_be_visible()
    await expect(visitor.locator("#called-counter")).to_contain_text("1")
    await until(lambda: len(mailbox.letters) == 2, SECONDS)


async def undo(counter: Page, board: Page) -> None:
    await counter.keyboard.press("a")
    await expect(counter.locator("[data-testid=ticket-A002]")).to_be_visible()
    await expect(board.locator("#absent-numbers")).to_contain_text("A002")

    await counter.keyboard.press("u")
    await expect(counter.locator("#current-number")).to_have_text("A002")
    await expect(board.locator("#absent-numbers")).not_to_contain_text("A002")

    await counter.keyboard.press("s")
    await expect(counter.locator("#current-state")).to_contain_text("Being served")
    await counter.keyboard.press("c")
    await expect(board.locator("[data-testid=call-A002]")).to_be_hidden()


async def test_the_board_says_when_it_is_stale_and_comes_back_by_itself(tmp_path: Path) -> None:
    installation = Installation.make(tmp_path / "city")
    async with chromium() as browser:
        async with installation.serving() as server:
            port = int(server.url.rpartition(":")[2])
            page = await new_page(browser, [], 1920, 1080)
            await page.goto(f"{server.url}/board/minato")
            await expect(page.locator("[data-testid=wait-family]")).to_be_visible()
            await expect(page.locator("#stale")).to_be_hidden()

            await server.kill()
            await expect(page.locator("#stale")).to_be_visible(timeout=40_000)

        async with installation.serving(port):
            await expect(page.locator("#stale")).to_be_hidden(timeout=40_000)
