"""Visitors who follow their own tickets: how soon each knows of every call of its office, and what one costs."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

from bench.client import Caller
from bench.crowds import TICKET_MARKS, Group, client_frame, crowd, live, upgrade
from bench.figures import Line, Targets, judged, milliseconds, percentile
from bench.halls import Hall, hall, plain
from bench.installation import OFFICES, SERVICES, issue
from bench.processes import Server
from bench.scale import Scale

TARGETS: Targets = {
    "last_p99_ms": ("at most", 150),
    "starved": ("at most", 0),
    "kib_a_visitor": ("at most", 32),
}
SETTLE_SECONDS = 0.5
#: After the last call, until what is still under way has arrived.
DRAIN_SECONDS = 2.0


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """Each office calls the next visitor once a second, the offices one after the other within the second."""
    visitors = scale.visitors // len(OFFICES)
    async with hall(folder) as our_hall, crowd() as visiting, plain(folder) as reference:
        bare = await _bare_bytes(reference, visitors * len(OFFICES))
        queues = await asyncio.gather(*(_queue_up(our_hall, office_id, visitors) for office_id in OFFICES))
        secrets = dict(zip(OFFICES, queues))
        await asyncio.sleep(SETTLE_SECONDS)
        before = our_hall.server.resident_bytes()
        groups = [
            Group((live(office_id), client_frame(json.dumps({"ticket": secret}).encode())), office=place)
            for place, office_id in enumerate(OFFICES)
            for secret in secrets[office_id]
        ]
        connect_seconds = await visiting.connect(our_hall.server.port, groups, TICKET_MARKS)
        each_bytes = (our_hall.server.resident_bytes() - before) / len(groups)
        cpu = our_hall.server.cpu_seconds()
        calls, seconds = await _call(our_hall, scale.changes)
        cpu = our_hall.server.cpu_seconds() - cpu
        told = await visiting.deliveries(calls)
    line: Line = {
        "bench": "visitors",
        "visitors": len(groups),
        "offices": len(OFFICES),
        "changes": len(told["lasts"]),
        "deliveries": told["told"],
        "last_p50_ms": milliseconds(percentile(told["lasts"], 0.5)),
        "last_p99_ms": milliseconds(percentile(told["lasts"], 0.99)),
        "each_p50_ms": milliseconds(told["every"]["p50"]),
        "each_p99_ms": milliseconds(told["every"]["p99"]),
        "slowest_ms": milliseconds(told["every"]["p100"]),
        "starved": told["never"] + told["lost"],
        "connect_seconds": round(connect_seconds, 1),
        "cpu_us_a_delivery": round(cpu / told["told"] * 1e6, 1),
        "cpu_part_of_a_core": round(cpu / seconds, 2),
        "kib_a_visitor": round(each_bytes / 1024, 1),
        "reference": "a connection of the same server that nothing is done with",
        "reference_kib": round(bare / 1024, 1),
    }
    return [judged(line, TARGETS)]


async def _bare_bytes(server: Server, connections: int) -> float:
    async with crowd() as bare:
        before = server.resident_bytes()
        await bare.connect(server.port, [Group((upgrade("/live"),), connections)])
        return (server.resident_bytes() - before) / connections


async def _queue_up(our_hall: Hall, office_id: str, visitors: int) -> list[str]:
    request = issue(office_id, SERVICES[0], our_hall.cookies[office_id])
    caller = await Caller.connect(our_hall.server.port)
    secrets: list[str] = []
    for _ in range(visitors):
        status, _, body = await caller.ask(request)
        assert status == 201, body
        secrets.append(json.loads(body)["secret"])
    caller.close()
    return secrets


async def _call(our_hall: Hall, changes: int) -> tuple[Sequence[Sequence[float]], float]:
    """When each office's calls were to be made, and how long it all took."""
    begin = time.perf_counter() + 0.1
    planned = [[begin + second + place / len(OFFICES) for second in range(changes)] for place in range(len(OFFICES))]
    callers = [await Caller.connect(our_hall.server.port) for _ in OFFICES]

    async def office(place: int) -> None:
        request = our_hall.installation.consoles[place].call_next()
        for at in planned[place]:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            status, _, body = await callers[place].ask(request)
            assert status == 200, body

    await asyncio.gather(*(office(place) for place in range(len(OFFICES))))
    seconds = time.perf_counter() - begin
    await asyncio.sleep(DRAIN_SECONDS)
    for caller in callers:
        caller.close()
    return planned, seconds
