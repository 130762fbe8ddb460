"""What a board's page holds after weeks: heap, nodes and listeners in Chromium over changes and reconnects.

Run with ``python -m bench.board_memory [CHANGES] [RECONNECTS]``; prints one JSON object a line. The frames come from a
socket inside the browser, so that weeks pass in minutes.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, WebSocketRoute

from tests.journeys.board_hall import BoardHall, board_hall

CHANGES, RECONNECTS = 10_000, 200
#: Changes before the first measurement, so that what is made once is there.
WARM_UP = 300
MEASURED = ("JSHeapUsedSize", "Nodes", "JSEventListeners", "Documents")
#: Speech and pauses take no time, so that every call is announced.
QUICK = """
const later = globalThis.setTimeout;
globalThis.setTimeout = (work, wait, ...given) => later(work, Math.min(wait ?? 0, 20), ...given);
HTMLMediaElement.prototype.play = function () { later(() => this.onended?.(), 5); return Promise.resolve(); };
"""


class Feed:
    """The hall's side of the board's socket."""

    def __init__(self) -> None:
        self.seq = 1
        self.route: WebSocketRoute | None = None
        self.connected = asyncio.Event()

    def connect(self, route: WebSocketRoute) -> None:
        self.route = route
        route.send(json.dumps({"type": "snapshot", **self.frame(), "office": "minato"}))
        self.connected.set()

    def change(self, calls: bool) -> None:
        self.seq += 1
        assert self.route is not None
        self.route.send(json.dumps({"type": "change", **self.frame(calls)}))

    async def reconnect(self) -> None:
        assert self.route is not None
        self.connected.clear()
        await self.route.close(code=1012)
        await self.connected.wait()

    def frame(self, calls: bool = False) -> dict[str, Any]:
        seq, at = self.seq, "2026-09-01T01:00:00.000Z"
        number = f"A{seq % 1000:03d}"
        call = {"seq": seq, "number": number, "counter": "c1", "at": at, "call_count": 1, "language": "en"}
        return {
            "seq": seq, "now": at,
            "services": [
                {"id": each, "name": each, "open": True, "wait_low": seq % 900, "wait_high": seq % 900 + 300,
                 "waiting": [f"A{(seq + place) % 1000:03d}" for place in range(seq % 40)]}
                for each in ("family", "tax")
            ],
            "counters": [
                {"id": each, "label": each[1:], "open": True, "calling": number if (seq + place) % 3 else None,
                 "called_at": at, "call_count": 1}
                for place, each in enumerate(("c1", "c2"))
            ],
            "absent": [f"A{(seq * 7 + place) % 1000:03d}" for place in range(seq % 12)],
            "notice": f"notice {seq}" if seq % 50 else None,
            "calls": [call] if calls else [],
        }  # fmt: skip


async def measure(session: CDPSession) -> dict[str, int]:
    await session.send("HeapProfiler.collectGarbage")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return {each["name"]: round(each["value"]) for each in metrics if each["name"] in MEASURED}


async def drain(page: Page) -> None:
    """Until every call was announced."""
    await page.locator("#spoken").wait_for(state="hidden", timeout=120_000)


async def run(hall: BoardHall, changes: int, reconnects: int, tell: Callable[[dict[str, Any]], None]) -> None:
    feed = Feed()
    context = await hall.browser.new_context(viewport={"width": 1920, "height": 1080})
    page = await context.new_page()
    await page.add_init_script(QUICK)
    await page.route_web_socket("**/live", feed.connect)
    await page.goto(f"{hall.server.url}/board/minato")
    await feed.connected.wait()
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    for done in range(1, WARM_UP + changes + 1):
        feed.change(calls=done % 10 == 0)
        if done % max(1, (WARM_UP + changes) // reconnects) == 0:
            await feed.reconnect()
        if done % 100 == 0:
            await drain(page)
        if done == WARM_UP:
            tell({"changes": 0, **await measure(session)})
        elif (done - WARM_UP) % max(1, changes // 4) == 0 and done > WARM_UP:
            tell({"changes": done - WARM_UP, **await measure(session)})


async def main(changes: int, reconnects: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with board_hall(Path(folder), 'playlist = "shown"') as hall:
            await run(hall, changes, reconnects, lambda line: print(json.dumps(line), flush=True))


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*(given + [CHANGES, RECONNECTS][len(given) :])))
