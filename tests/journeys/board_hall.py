"""A hall with a board, for the tests and the measurement of the board's page."""

import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page

from tests.browser import chromium
from tests.processes import OFFICE, Installation, Server

PLAYLIST = """
[[item]]
id = "spring"
file = "spring.png"
seconds = 3
weight = 2

[[item]]
id = "hours"
text = { ja = "毎週木曜日は午後七時まで開いています。", en = "Open until seven on Thursdays." }
seconds = 3
"""
GROUPS = """
[[office.board.group]]
id = "one"
name = { ja = "戸籍", en = "Family register" }
services = ["family"]

[[office.board.group]]
id = "two"
name = { ja = "税", en = "Tax" }
services = ["tax"]
"""


@dataclass
class BoardHall:
    """A server, a kiosk, a clerk, and a browser whose faults are kept."""

    installation: Installation
    server: Server
    browser: Browser
    kiosk: httpx.AsyncClient
    clerk: httpx.AsyncClient
    faults: list[str] = field(default_factory=list)

    async def take(self, service: str = "family", language: str = "ja") -> str:
        body = {"service": service, "language": language}
        answer = await self.kiosk.post("/api/v1/offices/minato/tickets", json=body)
        return str(answer.raise_for_status().json()["number"])

    async def at(self, counter: str, verb: str, **body: Any) -> httpx.Response:
        path = f"/api/v1/offices/minato/counters/{counter}/{verb}"
        return (await self.clerk.post(path, json=body)).raise_for_status()

    async def clear(self) -> None:
        """Nobody waits and nobody is at a counter."""
        queue = (await self.clerk.get("/api/v1/offices/minato/queue")).raise_for_status().json()
        for ticket in queue["tickets"]:
            if ticket["counter"]:
                await self.at(ticket["counter"], "complete")
            elif ticket["state"] == "waiting":
                path = f"/api/v1/offices/minato/tickets/{ticket['number']}/cancel"
                (await self.clerk.post(path, json={})).raise_for_status()

    async def board(self, width: int = 1920, height: int = 1080, query: str = "", script: str = "") -> Page:
        """A page that was enrolled as a board."""
        context = await self.browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP")
        page = await context.new_page()
        if script:
            await page.add_init_script(script)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console",
            lambda entry: (
                self.faults.append(f"{entry.text} {entry.location}") if entry.type in ("error", "warning") else None
            ),
        )
        await page.goto(f"{self.server.url}/enrol#{await self.installation.invite('board')}")
        await page.click("#enrol-button")
        await page.wait_for_url("**/board/minato")
        if query:
            await page.goto(f"{self.server.url}/board/minato{query}")
        await page.locator("#office-name:not(:empty)").wait_for()
        return page


def picture(width: int = 320, height: int = 180) -> bytes:
    """A PNG in two colours."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    line = b"\0" + b"\x20\x80\x60" * (width // 2) + b"\xe0\xb0\x40" * (width - width // 2)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(line * height)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@asynccontextmanager
async def board_hall(folder: Path, board: str = "", more: str = "") -> AsyncIterator[BoardHall]:
    """``board`` goes into [office.board], ``more`` after it."""
    shown = folder / "shown"
    shown.mkdir(parents=True)
    (shown / "playlist.toml").write_text(PLAYLIST, "utf-8")
    (shown / "spring.png").write_bytes(picture())
    office = f"{OFFICE}\n[office.board]\n{board}\n{more}"
    installation = Installation.make(folder, office=office)
    await installation.add_staff("sato", "clerk,supervisor")
    kiosk_code = await installation.invite("kiosk")
    async with chromium() as browser, installation.serving() as server:
        kiosk, clerk = await server.enrolled(kiosk_code), await server.signed_in("sato")
        hall = BoardHall(installation, server, browser, kiosk, clerk)
        for counter in ("c1", "c2"):
            await hall.at(counter, "open")
        yield hall
