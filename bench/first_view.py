"""How soon a page can be read on a slow phone line, and what it weighs.

Run with ``junban bench --only pages`` or ``python -m bench.first_view [LANGUAGE …]``. Chromium is held to 1.6 Mbit/s
and 150 ms a round trip, with an empty cache; fonts are refused, for they come later and never keep words back.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Page

from bench.figures import Line, emit, judged
from bench.scale import Scale
from tests.screens.stage import Look, Stage, stage

BYTES_A_SECOND, LATENCY_MS = 1_600_000 / 8, 150
TARGETS = {"first_view_ms": ("at most", 1500.0), "bytes": ("at most", 150_000.0)}
#: The slowest language of each kind beside the usual one.
LANGUAGES = ("ja", "my")
KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js"}


@dataclass(frozen=True)
class Seen:
    """A page, and the element that a person came for."""

    page: str
    path: str
    element: str
    languages: tuple[str, ...] = LANGUAGES


def pages(secret: str) -> list[Seen]:
    return [
        Seen("visitor", "/?office=sakura", "#service-list button"),
        Seen("ticket", f"/t#{secret}", "#ticket-number"),
        Seen("kiosk", "/kiosk/sakura", "#services button", ("ja",)),
        Seen("board", "/board/sakura", "#calls-heading, #columns", ("ja",)),
        Seen("sign-in", "/sign-in", "#sign-in-button", ("ja",)),
        Seen("counter", "/counter/sakura", "#staff-name", ("ja",)),
        Seen("hall", "/hall/sakura", "#staff-name", ("ja",)),
    ]


#: From the start of navigation until the element is painted with words in it.
WATCH = """
(selector) => {
  const look = () => {
    const found = [...document.querySelectorAll(selector)].find(
      (each) => each.textContent.trim() && each.checkVisibility({ visibilityProperty: true }));
    if (found) requestAnimationFrame(() => setTimeout(() => { globalThis.seenAt ??= performance.now(); }));
    else requestAnimationFrame(look);
  };
  look();
}
"""


async def first_view(hall: Stage, look: Look, seen: Seen) -> dict[str, Any]:
    """One cold visit: milliseconds until the element is seen, and bytes by kind, as sent and uncompressed."""
    url = hall.server.url + seen.path
    context = await hall.browser.new_context(
        viewport={"width": look.width, "height": look.height}, locale=look.language, service_workers="block"
    )
    await context.add_init_script(f"localStorage.setItem('junban.language', '{look.language}')")
    if seen.page in ("counter", "hall"):
        await context.add_cookies(
            [{"name": each.name, "value": each.value or "", "url": hall.server.url} for each in hall.clerk.cookies.jar]
        )
    page = await context.new_page()
    await page.add_init_script(f"({WATCH})({json.dumps(seen.element)})")
    sizes, sent = await _watched(page)
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.setBlockedURLs", {"urls": ["*.woff2*"]})
    await session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False, "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND,
        },
    )  # fmt: skip
    await page.goto(url, wait_until="commit")
    await page.wait_for_function("() => globalThis.seenAt !== undefined", timeout=20_000)
    seen_ms = await page.evaluate("globalThis.seenAt")
    await page.wait_for_load_state("networkidle")
    await context.close()
    return {"ms": seen_ms, "sizes": sizes, "sent": sum(sent.values())}


async def _watched(page: Page) -> tuple[dict[str, int], dict[str, int]]:
    """Filled as answers come: uncompressed bytes by kind, and bytes on the line by request."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    sent: dict[str, int] = {}

    def answered(event: dict[str, Any]) -> None:
        url = event["response"]["url"]
        words = "words" if "/texts/" in url else "api" if "/api/" in url else "other"
        kinds[event["requestId"]] = KINDS.get(event["type"], words)

    def arrived(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "other")
        sizes[kind] = sizes.get(kind, 0) + event["dataLength"]

    session.on("Network.responseReceived", answered)
    session.on("Network.dataReceived", arrived)
    session.on("Network.loadingFinished", lambda event: sent.update({event["requestId"]: event["encodedDataLength"]}))
    return sizes, sent


async def measure_in(hall: Stage, rounds: int, languages: Sequence[str] = LANGUAGES) -> AsyncIterator[Line]:
    """A line a page and language: the median of cold visits."""
    ticket = await hall.take()
    for seen in pages(ticket["secret"]):
        for language in [each for each in seen.languages if each in languages]:
            look = Look(390, 844, language)
            visits = [await first_view(hall, look, seen) for _ in range(rounds)]
            times = [visit["ms"] for visit in visits]
            sizes = visits[-1]["sizes"]
            line = {
                "bench": "pages", "page": seen.page, "language": language, "rounds": rounds,
                "first_view_ms": round(median(times)), "slowest_ms": round(max(times)),
                "bytes": sum(sizes.get(kind, 0) for kind in ("html", "css", "js", "words")),
                "bytes_sent": visits[-1]["sent"],
                **{f"{kind}_bytes": size for kind, size in sorted(sizes.items())},
            }  # fmt: skip
            yield judged(line, TARGETS)


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """Starts the demonstration office and a browser, and measures every page."""
    folder.mkdir(parents=True, exist_ok=True)
    async with stage(folder) as hall:
        return [line async for line in measure_in(hall, 1 if scale.rounds == 1 else 3)]


async def main(languages: Sequence[str]) -> None:
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder)) as hall:
            async for line in measure_in(hall, 3, languages):
                emit(line)
    emit({"bench": "summary", "seconds": round(time.perf_counter() - begin)})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or LANGUAGES))
