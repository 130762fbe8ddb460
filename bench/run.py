"""All benchmarks, one after the other."""

import resource
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import (
    boards,
    costs,
    day,
    environment,
    isolation,
    journal_alone,
    notices,
    process_costs,
    queue_length,
    queueing,
    slow_issue,
    stalled,
    steady,
    visitors,
    wake_up,
    with_past,
)
from bench.figures import Line, emit
from bench.scale import PARTS, Scale

Measure = Callable[[Scale, Path], Awaitable[list[Line]]]


async def _notices(scale: Scale, folder: Path) -> list[Line]:
    lines = await notices.measure(scale, folder / "notices")
    return [*lines, await isolation.measure(scale, folder / "isolation")]


async def _process(scale: Scale, folder: Path) -> list[Line]:
    return [await process_costs.measure(scale, folder)]


async def _in_browser(part: str, scale: Scale, folder: Path) -> list[Line]:
    try:
        # The browser and what drives it are tools of development.
        from bench import first_view, pixels  # noqa: PLC0415
        from tests.browser import CHROMIUM  # noqa: PLC0415
    except ImportError:
        return [{"bench": part, "left_out": "playwright is not installed, or this is no source tree"}]
    if CHROMIUM is None:
        return [{"bench": part, "left_out": "Chromium is not installed"}]
    if part == "pages":
        return await first_view.measure(scale, folder)
    return [await pixels.measure(scale, folder)]


#: Each measures in a folder of its own.
MEASURES: Mapping[str, Measure] = {
    "journal": journal_alone.measure,
    "issue": queueing.measure_issue,
    "issue-postgres": queueing.measure_issue_on_postgres,
    "open-loop": steady.measure,
    "slow-disk": slow_issue.measure,
    "call-next": queueing.measure_call_next,
    "day": day.measure,
    "boards": boards.measure,
    "stalled": stalled.measure,
    "visitors": visitors.measure,
    "wake-up": wake_up.measure,
    "start": with_past.measure_start,
    "history": with_past.measure_cost,
    "queue-length": queue_length.measure,
    "costs": costs.measure,
    "notices": _notices,
    "process": _process,
    "pages": partial(_in_browser, "pages"),
    "pixels": partial(_in_browser, "pixels"),
}
#: Files that a process has open besides the connections that are counted.
OTHER_FILES = 200


async def run(scale: Scale, parent: Path, parts: Collection[str] = PARTS) -> None:
    """Prints the environment, then the figures as they come. Works in a new folder in ``parent``, and removes it.

    Raises ServerFailed.
    """
    begin = time.perf_counter()
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="junban-bench-", dir=parent) as name:
        folder = Path(name)
        emit(environment.describe(folder))
        scale = _within_limits(scale)
        for part in (each for each in PARTS if each in parts and each in MEASURES):
            (folder / part).mkdir()
            for line in await MEASURES[part](scale, folder / part):
                emit(line)
                if not line.get("met", True):
                    missed.append(_name(line))
    emit({"bench": "summary", "seconds": round(time.perf_counter() - begin), "missed": missed})


def _name(line: Line) -> str:
    """What a line is about, in a few words."""
    return " ".join(str(line[key]) for key in ("bench", "clients", "boards", "visitors") if key in line)


def _within_limits(scale: Scale) -> Scale:
    """Allows as many open files as may be; every board or visitor takes one in its crowd and one in its server."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most == resource.RLIM_INFINITY:
        return scale
    allowed = most - OTHER_FILES
    if allowed < max(*scale.boards, scale.visitors):
        emit({"bench": "limits", "left_out": f"more than {allowed} connections (ulimit -n says {most})"})
    boards = tuple(dict.fromkeys(min(each, allowed) for each in scale.boards))
    return replace(scale, boards=boards, visitors=min(scale.visitors, allowed))
