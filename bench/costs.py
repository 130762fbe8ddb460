"""What each thing costs: processor time of a command and a frame, memory of a connection, rows and bytes of a ticket.

These are the figures that docs/scale.md and bench/scale_model.py reckon with.
"""

import asyncio
import json
import sqlite3
import time
from itertools import cycle, repeat
from pathlib import Path

from bench import publishers
from bench.client import Caller, drive, get
from bench.crowds import TICKET_MARKS, Crowd, Group, client_frame, crowd, live
from bench.figures import Line, left_out
from bench.halls import Hall, hall, plain, plain_request
from bench.installation import OFFICES, SERVICES, issue
from bench.open_loop import Due, drive_open, poisson
from bench.postgres import MISSING, programs
from bench.postgres_costs import measure as measure_postgres
from bench.processes import Server
from bench.scale import Scale
from ticketing.config import read_config

#: Requests a second while a command's cost is taken: few share a commit, as in a hall that is not at its limit.
RATE = 150
#: At its limit: so many clients at once.
CLIENTS = 64
#: In a queue of its own office each, of the length of a busy hall.
QUEUE = 60
PAUSE_SECONDS = 0.25


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """One line with everything, and one for PostgreSQL."""
    async with hall(folder) as our_hall, plain(folder) as reference:
        idle = await _idle(our_hall, scale)
        # Memory is taken first, while all stay: what others leave behind would be used again.
        async with crowd() as visiting, crowd() as audience:
            visitors = await _visitors(our_hall, scale, visiting)
            boards = await _boards(our_hall, scale, audience)
        rows = await _disk(our_hall, scale)
        commands = await _commands(our_hall, reference, scale)
        raw = await _raw_frames(scale, folder, boards.pop("frame"))
    line: Line = {"bench": "costs", **commands, **boards, **raw, **visitors, **idle, **rows}
    if not programs():
        return [line, left_out("costs on PostgreSQL", MISSING)]
    return [line, await measure_postgres(scale, folder)]


async def _commands(our_hall: Hall, reference: Server, scale: Scale) -> Line:
    """Processor microseconds of one request, at a leisurely rate and at the limit."""
    port, server = our_hall.server.port, our_hall.server
    same = plain_request(our_hall.cookies[OFFICES[0]])
    issues = [issue(office_id, SERVICES[1], our_hall.cookies[office_id]) for office_id in OFFICES]
    calls = [console.call_next() for console in our_hall.installation.consoles[:CLIENTS]]
    caller = await Caller.connect(port)
    _, _, body = await caller.ask(issues[0])
    caller.close()
    look = get("/api/v1/ticket", f"junban_ticket={json.loads(body)['secret']}")
    figures: Line = {}
    for name, requests in (("issue", issues), ("call_next", calls), ("look", [look]), ("plain", [same])):
        if name == "plain":
            # What a request costs that does nothing: how fast this machine is now.
            port, server = reference.port, reference
        if name == "call_next":
            many = int((RATE * scale.open_seconds + 3000 * scale.seconds) / len(OFFICES)) + 1
            await asyncio.gather(*(our_hall.issue(office_id, SERVICES[1], many) for office_id in OFFICES))
        times = poisson(RATE, scale.open_seconds, seed=1)
        cpu = server.cpu_seconds()
        await drive_open(port, [Due(at, request) for at, request in zip(times, cycle(requests))])
        figures[f"{name}_cpu_us"] = round((server.cpu_seconds() - cpu) / len(times) * 1e6)
        cpu = server.cpu_seconds()
        run = await drive(port, [repeat(request) for request, _ in zip(cycle(requests), range(CLIENTS))], scale.seconds)
        figures[f"{name}_at_the_limit_cpu_us"] = round((server.cpu_seconds() - cpu) / run.statuses.total() * 1e6)
    return figures


async def _boards(our_hall: Hall, scale: Scale, audience: Crowd) -> Line:
    """A frame's cost is what a call costs more when boards watch."""
    boards, console = scale.boards[0], our_hall.installation.consoles[1]
    await our_hall.issue(console.office, SERVICES[0], QUEUE + 4 * scale.calls)
    alone = await _calls(our_hall, 1, 2 * scale.calls)
    before = our_hall.server.resident_bytes()
    await audience.connect(our_hall.server.port, [Group((live(console.office),), boards)])
    each = (our_hall.server.resident_bytes() - before) / boards
    beside = await _calls(our_hall, 1, 2 * scale.calls)
    return {
        "board_frame_cpu_us": round((beside - alone) / boards * 1e6, 1),
        "board_bytes": round(each),
        "frame": (await audience.round()).frame,
    }


async def _raw_frames(scale: Scale, folder: Path, frame: bytes) -> Line:
    """The same frame by a server that does nothing else."""
    boards, frames = scale.boards[0], 2 * scale.calls
    async with publishers.raw(folder) as raw, crowd() as audience:
        await raw.invite(audience, boards)
        cpu = raw.server.cpu_seconds()
        for _ in range(frames):
            await asyncio.gather(raw.publish(frame, b""), audience.round())
        cpu = raw.server.cpu_seconds() - cpu
    return {"raw_frame_cpu_us": round(cpu / frames / boards * 1e6, 1)}


async def _visitors(our_hall: Hall, scale: Scale, visiting: Crowd) -> Line:
    """The same for visitors, each of whom has a frame of its own."""
    visitors, place = max(20, scale.visitors // 2), 2
    office_id, port = OFFICES[place], our_hall.server.port
    caller, secrets = await Caller.connect(port), []
    for _ in range(visitors):
        _, _, body = await caller.ask(issue(office_id, SERVICES[0], our_hall.cookies[office_id]))
        secrets.append(json.loads(body)["secret"])
    caller.close()
    alone = await _calls(our_hall, place, scale.calls)
    before = our_hall.server.resident_bytes()
    groups = [Group((live(office_id), client_frame(json.dumps({"ticket": each}).encode()))) for each in secrets]
    await visiting.connect(port, groups, TICKET_MARKS)
    each_bytes = (our_hall.server.resident_bytes() - before) / visitors
    beside = await _calls(our_hall, place, scale.calls)
    return {
        "visitor_frame_cpu_us": round((beside - alone) / visitors * 1e6, 1),
        "visitor_bytes": round(each_bytes),
    }


async def _calls(our_hall: Hall, place: int, calls: int) -> float:
    """Processor seconds that a call takes with all that follows from it."""
    caller = await Caller.connect(our_hall.server.port)
    request = our_hall.installation.consoles[place].call_next()
    cpu = our_hall.server.cpu_seconds()
    for _ in range(calls):
        status, _, body = await caller.ask(request)
        assert status == 200, body
        await asyncio.sleep(PAUSE_SECONDS)
    caller.close()
    return (our_hall.server.cpu_seconds() - cpu) / calls


async def _idle(our_hall: Hall, scale: Scale) -> Line:
    """A server that nobody asks anything."""
    cpu, begin = our_hall.server.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(max(0.2, scale.seconds))
    part = (our_hall.server.cpu_seconds() - cpu) / (time.perf_counter() - begin)
    return {"idle_part_of_a_core": round(part, 4), "resident_mib": round(our_hall.server.resident_bytes() / 2**20)}


async def _disk(our_hall: Hall, scale: Scale) -> Line:
    """Visitors who take a ticket, are called and served: what of them stays on the disk."""
    visits = max(50, int(scale.seconds * 2_000))
    console, path = our_hall.installation.consoles[0], _database(our_hall)
    before = _size_of(path)
    await our_hall.issue(console.office, SERVICES[0], visits)
    await drive(our_hall.server.port, [iter([console.call_next()] * visits)], seconds=600)
    after = _size_of(path)
    grown = {name: (after[name] - before[name]) / visits for name in after}
    return {
        "visits": visits,
        "events_a_ticket": round(grown["events"], 2),
        "audit_rows_a_ticket": round(grown["audit"], 2),
        "ticket_rows_a_ticket": round(grown["tickets"], 2),
        "sqlite_bytes_a_ticket": round(grown["bytes"]),
    }


def _database(our_hall: Hall) -> Path:
    return read_config(our_hall.installation.config, our_hall.installation.data).database.path


def _size_of(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    try:
        # Free pages were there before or will be used; the WAL is overwritten again and again.
        (pages,) = connection.execute(
            "SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("events", "tickets", "audit")
        }
        return {"bytes": pages * size, **counts}
    finally:
        connection.close()
