"""How long a clerk's key takes to the number on the console, and to the pixels of the board, in one Chromium."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Page

from bench.figures import Line, Targets, judged, percentile
from bench.scale import Scale
from tests.screens.stage import OFFICE, Look, Stage, stage

TARGETS: Targets = {"number_p50_ms": ("at most", 100), "board_p50_ms": ("at most", 150)}
COUNTER, SERVICE = "1", "certificates"
#: The console drops the bounce of a key within 0.8 s.
PAUSE_SECONDS = 0.9
#: The page's clock, comparable between pages, when what was changed has been painted: the next task after a frame.
PAINTED = """
globalThis.at = {};
const now = () => performance.timeOrigin + performance.now();
const painted = (name) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { globalThis.at[name] ??= now(); };
  channel.port2.postMessage(0);
});
"""
ON_CONSOLE = (
    PAINTED
    + """
addEventListener("keydown", (event) => { globalThis.pressed = performance.timeOrigin + event.timeStamp; }, true);
new MutationObserver(() => {
  const number = document.getElementById("current-number")?.textContent;
  if (number && !(number in at)) painted(number);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
)
ON_BOARD = (
    PAINTED
    + """
new MutationObserver(() => {
  for (const { dataset } of document.querySelectorAll("[data-testid^=call-]")) {
    const number = dataset.testid.slice(5);
    if (!(number in at)) painted(number);
  }
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
)


async def measure(scale: Scale, folder: Path) -> Line:
    folder.mkdir(parents=True, exist_ok=True)
    async with stage(folder) as opened:
        console, board = await _pages(opened)
        times = [await _call(opened, console, board) for _ in range(scale.shown_calls + 1)]
    # The first one pays for what is loaded once.
    to_number, to_board = zip(*times[1:])
    figures = {**_figures("number", to_number), **_figures("board", to_board)}
    return judged({"bench": "pixels", "calls": scale.shown_calls, **figures}, TARGETS)


async def _pages(opened: Stage) -> tuple[Page, Page]:
    look = Look(1920, 1080)
    board = await opened.page(look, ON_BOARD)
    await board.goto(f"{opened.server.url}/board/{OFFICE}")
    await board.locator(f"[data-testid=wait-{SERVICE}]").wait_for(timeout=60_000)
    console = await opened.staff("counter", Look(1366, 768))
    await console.get_by_test_id(f"open-{COUNTER}").wait_for(timeout=60_000)
    await console.add_init_script(ON_CONSOLE)
    await console.reload()
    await console.get_by_test_id(f"open-{COUNTER}").click()
    await console.locator("#verb-next").wait_for(timeout=60_000)
    return console, board


async def _call(opened: Stage, console: Page, board: Page) -> tuple[float, float]:
    """Milliseconds from the key to the number, and to the board."""
    number = (await opened.take(SERVICE))["number"]
    await console.get_by_test_id(f"ticket-{number}").wait_for(timeout=60_000)
    await asyncio.sleep(PAUSE_SECONDS)
    await console.keyboard.press("n")
    on_console, on_board = [await _painted(page, number) for page in (console, board)]
    pressed = float(await console.evaluate("pressed"))
    return on_console - pressed, on_board - pressed


async def _painted(page: Page, number: str) -> float:
    await page.wait_for_function("(number) => number in at", arg=number, timeout=60_000)
    return float(await page.evaluate("(number) => at[number]", number))


def _figures(name: str, values: Sequence[float]) -> dict[str, Any]:
    return {
        f"{name}_p50_ms": round(median(values), 1),
        f"{name}_p95_ms": round(percentile(values, 0.95), 1),
        f"{name}_most_ms": round(max(values), 1),
    }
