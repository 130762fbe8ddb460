"""All benchmarks, one after the other."""

import resource
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import boards, environment, isolation, notices, process_costs
from bench.figures import Line, emit
from bench.installation import install, open_hall
from bench.processes import free_port, junban, module, serving
from bench.queueing import Queueing
from bench.scale import Scale

PARTS = ("boards", "issue", "call-next", "notices", "process", "pages", "pixels")
#: Those that one running server is measured with.
SERVED = ("boards", "issue", "call-next")
#: Files that a process has open besides the boards' connections.
OTHER_FILES = 200


async def run(scale: Scale, parent: Path, parts: Collection[str] = PARTS) -> None:
    """Prints the environment, then the figures as they come. Works in a new folder in ``parent``, and removes it.

    Raises ServerFailed.
    """
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="junban-bench-", dir=parent) as name:
        folder = Path(name)
        emit(environment.describe(folder))
        lines = await _served(_within_limits(scale), folder, parts) if set(parts) & set(SERVED) else []
        if "notices" in parts:
            lines += _emitted(await notices.measure(scale, folder / "notices"))
            lines += _emitted([await isolation.measure(scale, folder / "isolation")])
        if "process" in parts:
            lines += _emitted([await process_costs.measure(scale, folder)])
        for part in ("pages", "pixels"):
            if part in parts:
                lines += _emitted(await _in_browser(part, scale, folder))
    missed = [f"{line['bench']} {line.get('clients', '')}".strip() for line in lines if not line.get("met", True)]
    emit({"bench": "summary", "seconds": round(time.perf_counter() - begin), "missed": missed})


def _within_limits(scale: Scale) -> Scale:
    """Allows as many open files as may be; two of them for each board here, one in each server."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most == resource.RLIM_INFINITY:
        return scale
    return replace(scale, boards=min(scale.boards, (most - OTHER_FILES) // 2))


async def _in_browser(part: str, scale: Scale, folder: Path) -> list[Line]:
    try:
        # The browser and what drives it are tools of development.
        from bench import first_view, pixels  # noqa: PLC0415
        from tests.browser import CHROMIUM  # noqa: PLC0415
    except ImportError:
        return [{"bench": part, "skipped": "playwright is not installed, or this is no source tree"}]
    if CHROMIUM is None:
        return [{"bench": part, "skipped": "Chromium is not installed"}]
    if part == "pages":
        return await first_view.measure(scale, folder / part)
    return [await pixels.measure(scale, folder / part)]


async def _served(scale: Scale, folder: Path, parts: Collection[str]) -> list[Line]:
    installation = await install(folder)
    async with AsyncExitStack() as stack:
        plain, raw, port = free_port(), free_port(), free_port()
        log = folder / "reference.log"
        await stack.enter_async_context(serving(module("bench.plain", plain), plain, log))
        await stack.enter_async_context(serving(module("bench.raw_writer", raw), raw, log, is_http=False))
        server = await stack.enter_async_context(
            serving(junban(port, *installation.arguments()), port, installation.log)
        )
        cookies = await open_hall(installation, port)
        queueing = Queueing(scale, installation, cookies, port, plain)
        measures: dict[str, Callable[[], Awaitable[list[Line]]]] = {
            "boards": partial(boards.measure, scale, installation, cookies, server, raw),
            "issue": queueing.issue,
            "call-next": queueing.call_next,
        }
        lines: list[Line] = []
        for name, measure in measures.items():
            lines += _emitted(await measure()) if name in parts else []
        return lines


def _emitted(lines: list[Line]) -> list[Line]:
    for line in lines:
        emit(line)
    return lines
