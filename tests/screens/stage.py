"""The demonstration office with a browser, and the states that its pages can be brought into."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.async_api import Browser, Page, Route

from tests.browser import chromium, route
from tests.processes import ROOT, Server, free_port, junban

OFFICE = "sakura"
API = f"/api/v1/offices/{OFFICE}"
#: All accounts of the demonstration have it.
PASSWORD = "sakura-no-hana"
LANGUAGES = ("ja", "ja-x-easy", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ne", "my")
STAFF_LANGUAGES = ("ja", "en")
#: The clock can be set forward, so that what a page knows grows old at once.
AHEAD = """
const now = Date.now;
globalThis.ahead = 0;
Date.now = () => now() + globalThis.ahead;
"""
#: How many of the page's own questions are not answered yet, for those who wait until a page has settled.
COUNT_QUESTIONS = """
const ask = globalThis.fetch;
globalThis.asked = 0;
globalThis.fetch = (...question) => {
  globalThis.asked += 1;
  return ask(...question).finally(() => { globalThis.asked -= 1; });
};
"""


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    width: int
    height: int
    language: str = "ja"
    scheme: Literal["light", "dark"] = "light"
    forced_colors: Literal["active", "none"] = "none"
    touch: bool = False
    reduced_motion: Literal["reduce", "no-preference"] = "reduce"


@dataclass
class Stage:
    """A server with one kiosk and one supervisor by HTTP; every page that is opened reports its faults here."""

    server: Server
    browser: Browser
    data: Path
    kiosk: httpx.AsyncClient
    clerk: httpx.AsyncClient
    #: A page that only shows a state need not be kept for a start without the server, which takes its time.
    keeps_pages: bool = True
    faults: list[str] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)

    async def take(self, service: str = "certificates", language: str = "ja") -> dict[str, Any]:
        answer = await self.kiosk.post(
            f"{API}/tickets", json={"service": service, "language": language, "via": "kiosk"}
        )
        return dict(answer.raise_for_status().json())

    async def at(self, counter: str, verb: str, **body: Any) -> httpx.Response:
        return (await self.clerk.post(f"{API}/counters/{counter}/{verb}", json=body)).raise_for_status()

    async def page(self, look: Look, script: str = "") -> Page:
        """A browser of its own, with the language remembered as by an earlier visit."""
        context = await self.browser.new_context(
            viewport={"width": look.width, "height": look.height}, locale=look.language.partition("-x-")[0],
            color_scheme=look.scheme, forced_colors=look.forced_colors, has_touch=look.touch,
            reduced_motion=look.reduced_motion, timezone_id="Asia/Tokyo",
            service_workers="allow" if self.keeps_pages else "block",
        )  # fmt: skip
        await context.add_init_script(
            f"try {{ localStorage.setItem('junban.language', '{look.language}') }} catch {{}}"
        )
        await context.add_init_script(COUNT_QUESTIONS)
        page = await context.new_page()
        if script:
            await page.add_init_script(script)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda entry: (
                self.faults.append(f"{page.url}: {entry.text}") if "Content Security Policy" in entry.text else None
            ),
        )
        return page

    async def device(self, kind: Literal["kiosk", "board"], look: Look, query: str = "", script: str = "") -> Page:
        """A page that was enrolled as a kiosk or a board."""
        page = await self.page(look, script)
        await page.goto(f"{self.server.url}/enrol#{await invite(self.data, kind)}")
        await page.click("#enrol-button")
        await page.wait_for_url(f"{self.server.url}/{kind}/{OFFICE}")
        if query:
            await page.goto(f"{self.server.url}/{kind}/{OFFICE}{query}")
        return page

    async def staff(self, where: Literal["counter", "hall"], look: Look, name: str = "yamada") -> Page:
        """A staff page of somebody who has signed in."""
        page = await self.page(look)
        await self.sign_in(page, name)
        await page.goto(f"{self.server.url}/{where}/{OFFICE}")
        return page

    async def sign_in(self, page: Page, name: str = "yamada") -> None:
        """A session of its own for this page's browser, without the way through the page of signing in."""
        client = self.server.client()
        (await client.post("/api/v1/session", json={"name": name, "password": PASSWORD})).raise_for_status()
        await lend(client, page)

    async def code(self, kind: Literal["kiosk", "board"]) -> str:
        """A link's code that is only looked at, so that one serves all."""
        if kind not in self.codes:
            self.codes[kind] = await invite(self.data, kind)
        return self.codes[kind]


async def lend(client: httpx.AsyncClient, page: Page) -> None:
    """The page's browser is then the one that the client was: the same machine, the same session."""
    url = str(client.base_url)
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in client.cookies.items()]
    )


async def alter(page: Page, url: str | re.Pattern[str], change: Callable[[dict[str, Any]], None]) -> None:
    """The page is told what the server answers there, with something changed in it."""

    async def between(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        change(body)
        await route.fulfill(response=answer, json=body)

    await route(page, url, between)


@dataclass(frozen=True)
class State:
    """One state of one page, and the size of the screen that it is usually seen on."""

    page: str
    name: str
    reach: Callable[[Stage, Look], Awaitable[Page]]
    size: tuple[int, int]
    languages: tuple[str, ...] = LANGUAGES

    def look(self, **other: Any) -> Look:
        return Look(*self.size, **other)

    @property
    def id(self) -> str:
        return f"{self.page}-{self.name}"


async def invite(data: Path, kind: str) -> str:
    """The code of a new device's link."""
    code, output, errors = await junban("device", "add", "--office", OFFICE, "--kind", kind, "--data", str(data))
    assert code == 0, errors
    return output.strip().partition("#")[2]


@asynccontextmanager
async def stage(folder: Path, keeps_pages: bool = True) -> AsyncIterator[Stage]:
    """The demonstration office, served from a process of its own."""
    data, port = folder / "data", free_port()
    with (folder / "server.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ticketing", "serve", "--data", str(data), "--port", str(port),
            cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    server = Server(process, f"http://127.0.0.1:{port}")
    try:
        await server.wait_until_ready()
        clerk = server.client()
        (await clerk.post("/api/v1/session", json={"name": "yamada", "password": PASSWORD})).raise_for_status()
        kiosk = await server.enrolled(await invite(data, "kiosk"))
        async with chromium() as browser:
            yield Stage(server, browser, data, kiosk, clerk, keeps_pages)
    finally:
        for client in server.clients:
            await client.aclose()
        await server.stop()
