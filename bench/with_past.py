"""What years of history cost: a start in the middle of a day, and each command."""

import asyncio
import time
from collections.abc import Sequence
from itertools import islice, repeat
from pathlib import Path
from statistics import median

from bench.client import Run, drive
from bench.figures import Line, Targets, judged, milliseconds, percentile
from bench.halls import Hall, hall
from bench.installation import OFFICES, SERVICES, Installation, install, issue
from bench.past import add_past, desk_for, play_day
from bench.scale import Scale
from ticketing.clock import SystemClock
from ticketing.config import read_config
from ticketing.hall.office import Office
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

START_TARGETS: Targets = {"rebuild_ms": ("at most", 150)}
#: Processor time of one command, with the history and without.
COST_TARGETS: Targets = {"cost_ratio": ("at most", 1.1), "call_cost_ratio": ("at most", 1.1)}
#: Issued, called and completed.
EVENTS_OF_A_TICKET = 3
CLIENTS = 16
LONGEST_SECONDS = 120.0


async def measure_start(scale: Scale, folder: Path) -> list[Line]:
    """The day of one office is read again from a journal with a long past, and from one with none."""
    new, old, past = await _two(scale, folder)
    times: dict[Path, list[float]] = {new.data: [], old.data: []}
    events = 0
    for installation in (new, old):
        events = await _begin_day(installation, scale.day_events // EVENTS_OF_A_TICKET)
    for _ in range(max(scale.rounds, 1)):
        for installation in (new, old):
            times[installation.data].append(await _rebuild(installation))
    ours, references = times[old.data], times[new.data]
    line: Line = {
        "bench": "start",
        "events_of_the_day": events,
        "events_in_the_journal": past["events"],
        "rounds": len(ours),
        "rebuild_ms": milliseconds(median(ours)),
        "worst_ms": milliseconds(max(ours)),
        "reference": "the same day in a journal with nothing before it",
        "reference_ms": milliseconds(median(references)),
        "ratio": round(median(our / reference for our, reference in zip(ours, references)), 2),
        "file_mib": round(_database(old).stat().st_size / 2**20),
    }
    return [judged(line, START_TARGETS)]


async def measure_cost(scale: Scale, folder: Path) -> list[Line]:
    """Issuing and calling on two servers in turn, one with a history and one with none."""
    new, old, past = await _two(scale, folder)
    async with hall(folder, installation=new) as new_hall, hall(folder, installation=old) as old_hall:
        issues: list[list[_Cost]] = [[], []]
        calls: list[list[_Cost]] = [[], []]
        for round_ in range(scale.rounds):
            # The second is always measured beside the first, and each goes first every other time.
            halls = [(0, new_hall), (1, old_hall)]
            for which, each in halls if round_ % 2 else reversed(halls):
                issues[which].append(await _issue(each, scale, OFFICES[round_]))
                calls[which].append(await _call(each, scale, round_))
    line: Line = {
        "bench": "history",
        "history_tickets": past["tickets"],
        "events_in_the_journal": past["events"],
        "clients": CLIENTS,
        "rounds": scale.rounds,
        **_figures(issues, ""),
        **_figures(calls, "call_"),
        "reference": "the same server with nothing before today",
        "file_mib": round(_database(old).stat().st_size / 2**20),
    }
    return [judged(line, COST_TARGETS)]


async def _two(scale: Scale, folder: Path) -> tuple[Installation, Installation, dict[str, int]]:
    (folder / "new").mkdir()
    (folder / "old").mkdir()
    new, old = await install(folder / "new"), await install(folder / "old")
    office = _office(old)
    today = office.local(SystemClock().now()).date()
    past = await add_past(_database(old), office, scale.history, today)
    return new, old, past


def _office(installation: Installation) -> Office:
    return read_config(installation.config, installation.data).offices[0]


def _database(installation: Installation) -> Path:
    return read_config(installation.config, installation.data).database.path


async def _begin_day(installation: Installation, tickets: int) -> int:
    """How many events the day then has."""
    file = await SqliteFile.open(_database(installation), Schema("main"))
    try:
        journal = SqliteJournal(file)
        before = await journal.head(OFFICES[0])
        desk = desk_for(_office(installation), journal, SystemClock())
        await desk.start()
        await play_day(desk, tickets)
        await desk.stop()
        return await journal.head(OFFICES[0]) - before
    finally:
        await file.close()


async def _rebuild(installation: Installation) -> float:
    office = _office(installation)
    file = await SqliteFile.open(_database(installation), Schema("main"))
    try:
        desk = desk_for(office, SqliteJournal(file), SystemClock())
        begin = time.perf_counter()
        await desk.start()
        seconds = time.perf_counter() - begin
        await desk.stop()
        return seconds
    finally:
        await file.close()


class _Cost:
    """One measurement of one server."""

    def __init__(self, run: Run, seconds: float, cpu_seconds: float) -> None:
        self.per_second = len(run.latencies) / seconds
        self.p99 = percentile(run.latencies, 0.99)
        self.cpu = cpu_seconds / run.statuses.total()


async def _issue(each: Hall, scale: Scale, office_id: str) -> _Cost:
    request = issue(office_id, SERVICES[0], each.cookies[office_id])
    return await _drive(each, [request] * CLIENTS, scale)


async def _call(each: Hall, scale: Scale, round_: int) -> _Cost:
    # Every office has a queue of the same length before each round.
    wanted = max(20, _requests(scale) // len(OFFICES) * 2)
    await asyncio.gather(*(each.issue(office_id, SERVICES[0], wanted) for office_id in OFFICES))
    consoles = each.installation.consoles[:CLIENTS]
    return await _drive(each, [console.call_next() for console in consoles], scale)


async def _drive(each: Hall, requests: Sequence[bytes], scale: Scale) -> _Cost:
    cpu, begin = each.server.cpu_seconds(), time.perf_counter()
    shared = [islice(repeat(request), _requests(scale) // CLIENTS) for request in requests]
    run = await drive(each.server.port, shared, LONGEST_SECONDS)
    return _Cost(run, time.perf_counter() - begin, each.server.cpu_seconds() - cpu)


def _requests(scale: Scale) -> int:
    """Of one measurement."""
    return max(CLIENTS, int(scale.seconds * 1500))


def _figures(costs: list[list[_Cost]], prefix: str) -> Line:
    new, old = costs
    ratios = [with_past.cpu / without.cpu for with_past, without in zip(old, new)]
    speeds = [with_past.per_second / without.per_second for with_past, without in zip(old, new)]
    return {
        f"{prefix}per_second": round(median(each.per_second for each in old)),
        f"{prefix}reference_per_second": round(median(each.per_second for each in new)),
        f"{prefix}speed_ratio": round(median(speeds), 3),
        f"{prefix}p99_ms": milliseconds(median(each.p99 for each in old)),
        f"{prefix}reference_p99_ms": milliseconds(median(each.p99 for each in new)),
        f"{prefix}cpu_us": round(median(each.cpu for each in old) * 1e6),
        f"{prefix}reference_cpu_us": round(median(each.cpu for each in new) * 1e6),
        f"{prefix}cost_ratio": round(median(ratios), 3),
        f"{prefix}cost_ratios": [round(ratio, 3) for ratio in ratios],
    }
