"""The demonstration office with clerks at counters, and a line between them that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from tests.browser import route, shut_all
from tests.screens.stage import API, Look, Stage, stage

COUNTER = "1"
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Answers:
    """The answers to one of the counter's verbs, which come when they are let go."""

    refusal: str = ""
    may_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, route: Route) -> None:
        await self.may_go.wait()
        if self.refusal:
            problem = {"code": self.refusal}
            await route.fulfill(status=409, json=problem, content_type="application/problem+json")
        else:
            await route.continue_()

    def let_go(self, refusal: str = "") -> None:
        """What was asked is carried out and answered, or refused; what is asked later at once."""
        self.refusal = refusal
        self.may_go.set()


@dataclass
class Console:
    """One clerk's page at counter 1, and what everybody else does by HTTP."""

    stage: Stage
    page: Page
    numbers: list[str] = field(default_factory=list)

    async def queue(self) -> dict[str, Any]:
        return dict((await self.stage.clerk.get(f"{API}/queue")).raise_for_status().json())

    async def state_of(self, number: str) -> str:
        """Open tickets say; all others are completed or cancelled."""
        found = [each["state"] for each in (await self.queue())["tickets"] if each["number"] == number]
        return str(found[0]) if found else "over"

    async def take(self, *services: str, language: str = "ja") -> list[str]:
        taken = [(await self.stage.take(service, language))["number"] for service in services]
        self.numbers += taken
        for number in taken:
            await expect(self.page.get_by_test_id(f"ticket-{number}")).to_be_visible()
        return taken

    async def call(self, *services: str, language: str = "ja") -> list[str]:
        """Visitors take tickets; the clerk calls the first."""
        taken = await self.take(*services, language=language)
        await self.press("n")
        await self.shows(taken[0])
        return taken

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def shows(self, number: str) -> None:
        await expect(self.page.locator("#current-number")).to_have_text(number)

    @property
    def message(self) -> Locator:
        return self.page.locator("#message")

    async def bounce(self) -> None:
        """The same key is a press of its own again."""
        await self.page.evaluate("const now = performance.now; performance.now = () => now.call(performance) + 900")

    async def hold(self, verb: str) -> Answers:
        answers = Answers()
        await route(self.page, f"**/{verb}", answers.answer)
        return answers

    async def cut(self) -> None:
        """Nothing of the API comes through, and sockets are of no use."""
        await route(self.page, "**/api/**", lambda route: route.abort())

    async def mend(self) -> None:
        await self.page.unroute("**/api/**")


async def clear(hall: Stage) -> None:
    """Nobody waits and nobody sits at a counter."""
    queue = (await hall.clerk.get(f"{API}/queue")).raise_for_status().json()
    for counter in queue["counters"]:
        for verb in ("open", "complete", "close"):
            if verb != "open" or counter["number"]:
                await hall.clerk.post(f"{API}/counters/{counter['id']}/{verb}", json={})
    for ticket in queue["tickets"]:
        await hall.clerk.post(f"{API}/tickets/{ticket['number']}/cancel", json={})
    # The boards' and consoles' counters are closed by now, whoever had opened them.


async def sit_down(hall: Stage, context: BrowserContext | None = None, **look: Any) -> Page:
    """Signs in and opens the counter with the keyboard alone."""
    page = await hall.staff("counter", Look(**{"width": 1366, "height": 768, "language": "en", **look}))
    await expect(page.get_by_test_id(f"open-{COUNTER}")).to_be_visible()
    await page.get_by_test_id(f"open-{COUNTER}").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#desk")).to_be_visible()
    return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demonstration(tmp_path_factory: Any) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("console")
    async with stage(folder) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def console(demonstration: Stage) -> AsyncIterator[Console]:
    await clear(demonstration)
    demonstration.faults.clear()
    yield Console(demonstration, await sit_down(demonstration))
    await shut_all(demonstration.browser)
    assert demonstration.faults == []
