"""A city hall with one clerk and a browser, and what a page asks of that browser."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect

from tests.browser import CHROMIUM, chromium, shut_all
from tests.journeys.test_visit import Visit, city, prepare
from tests.notifier.fakes import Mailbox
from tests.processes import Server

#: The real functions stay in place; what the page asks of them is written down.
WATCH = """
globalThis.asked = { tones: 0, vibrations: [], notifications: [], wakes: 0, permissions: 0 };
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { asked.tones += 1; return start.apply(this, given); };
const vibrate = Navigator.prototype.vibrate;
Navigator.prototype.vibrate = function (pattern) {
  asked.vibrations.push(pattern);
  return vibrate.call(this, pattern);
};
globalThis.Notification = class extends Notification {
  constructor(title, options) { super(title, options); asked.notifications.push([title, options.body]); }
  static requestPermission() { asked.permissions += 1; return super.requestPermission(); }
};
const request = WakeLock.prototype.request;
WakeLock.prototype.request = function (kind) { asked.wakes += 1; return request.call(this, kind); };
"""
#: Every kind of message that a visitor may be told of.
KINDS = [
    "turn_near", "called", "called_again", "absent", "call_withdrawn",
    "expiry_near", "closed", "cancelled", "line_linked",
]  # fmt: skip


@dataclass
class Hall:
    """A city with one clerk at counter 1, and a browser."""

    visit: Visit
    mailbox: Mailbox
    browser: Browser
    server: Server
    faults: list[str] = field(default_factory=list)
    issued: list[dict[str, Any]] = field(default_factory=list)

    async def context(
        self, *, language: str = "en-US", width: int = 390, permissions: Sequence[str] | None = None
    ) -> BrowserContext:
        return await self.browser.new_context(
            viewport={"width": width, "height": 844}, locale=language, permissions=permissions, reduced_motion="reduce"
        )

    async def empty(self) -> None:
        """Everybody goes home."""
        await shut_all(self.browser)
        for ticket in self.issued:
            headers = {"Authorization": f"Bearer {ticket['secret']}"}
            await self.visit.kiosk.post("/api/v1/ticket/cancel", json={}, headers=headers)
        self.mailbox.rcpt_answers.clear()
        self.mailbox.letters.clear()

    async def open(self, ticket: dict[str, Any], context: BrowserContext | None = None) -> Page:
        """The ticket's page; everything that its console calls an error is a fault."""
        page = await (context or await self.context()).new_page()
        await page.add_init_script(WATCH)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda entry: self.faults.append(entry.text) if entry.type in ("error", "warning") else None)
        await page.goto(f"{self.server.url}/t#{ticket['secret']}")
        await expect(page.locator("#ticket-number")).to_have_text(ticket["number"])
        return page

    async def tickets(self, count: int) -> list[dict[str, Any]]:
        taken = [await self.visit.kiosk_ticket() for _ in range(count)]
        self.issued += taken
        return taken


@asynccontextmanager
async def hall_in(tmp_path: Path, executable: str | None = CHROMIUM) -> AsyncIterator[Hall]:
    async with (
        city(tmp_path) as (installation, mailbox, _),
        chromium(executable) as browser,
        installation.serving() as server,
    ):
        yield Hall(await prepare(installation, server), mailbox, browser, server)


async def asked(page: Page) -> dict[str, Any]:
    return dict(await page.evaluate("asked"))


async def until_asked(page: Page, **wanted: Any) -> None:
    for name, value in wanted.items():
        await page.wait_for_function(
            "([name, value]) => JSON.stringify(asked[name]) === value",
            arg=[name, json.dumps(value, separators=(",", ":"))],
        )


async def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Walks to an element with the tabulator alone, sees that the focus shows, and presses a key there."""
    for _ in range(60):
        if await target.evaluate("element => element === document.activeElement"):
            outline = await target.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline == "solid", "the focus cannot be seen"
            await page.keyboard.press(key)
            return
        await page.keyboard.press("Tab")
    raise AssertionError("the tabulator does not lead there")


def alert(kind: str, state: str, channel: str = "email", *, late: bool = False) -> dict[str, Any]:
    return {"kind": kind, "channel": channel, "state": state, "late": late, "at": "2026-09-01T01:41:00.000Z"}


async def show_alerts(page: Page, alerts: list[dict[str, Any]]) -> None:
    """Puts messages into what the server tells of the ticket."""

    def between(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda frame: route.send(json.dumps({**json.loads(frame), "alerts": alerts})))

    await page.route_web_socket("**/live", between)
    await page.reload()


#: What sticks out of the window, and text with less contrast than 4.5 to 1 against the colour behind it.
FLAWS = """
() => {
  const shown = [...document.querySelectorAll("body *")].filter(
    (element) => element.getClientRects().length && !element.closest(".unseen, .skip, option"));
  const name = (element) => `${element.tagName} ${element.id} ${element.className}`;
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = parts(colour).map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = element ? getComputedStyle(element).backgroundColor : "rgb(255, 255, 255)";
    return parts(colour)[3] === 0 ? behind(element.parentElement) : colour;
  };
  const contrast = (element) => {
    const [dark, bright] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const speaks = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return {
    seen: shown.filter(speaks).length > 5,
    wide: shown.filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5).map(name),
    pale: shown.filter((element) => speaks(element) && contrast(element) < 4.5).map(name),
  };
}
"""


async def fits_and_can_be_read(page: Page) -> None:
    assert await page.evaluate(FLAWS) == {"seen": True, "wide": [], "pale": []}
