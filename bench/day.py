"""A day of visitors in a few seconds: they come when they come, whatever the server does.

Each takes a ticket at a kiosk, looks at it on a phone, and is called to a counter, which completes the visitor before;
a board hangs in every office. The day is compressed, with the peaks before noon and over lunch that halls have.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.client import Caller, get
from bench.crowds import Group, crowd, live
from bench.figures import Line, milliseconds, percentile
from bench.halls import Hall, hall, plain, plain_request
from bench.installation import OFFICES, SERVICES, issue
from bench.open_loop import Due, Outcome, drive_open, latency_figures
from bench.profile import arrivals
from bench.scale import Scale

#: From taking a ticket to being called, as a part of the compressed day.
WAIT_PART = 0.1
#: Visitors of one office are called by all its counters in turn.
KINDS = ("issue", "look", "call-next")


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """One line for each number of visitors; the plain endpoint is given the first day's requests, at their times."""
    lines: list[Line] = []
    beside: Outcome | None = None
    async with plain(folder) as reference:
        for visitors in scale.day_visitors:
            at = folder / str(visitors)
            at.mkdir()
            async with hall(at) as our_hall, crowd() as boards:
                schedule = await _schedule(our_hall, visitors, visitors / scale.day_rate)
                if beside is None:
                    plain_one = plain_request(our_hall.cookies[OFFICES[0]])
                    beside = await drive_open(reference.port, [Due(due.at, plain_one, due.kind) for due in schedule])
                groups = [Group((live(office_id),)) for office_id in OFFICES]
                await boards.connect(our_hall.server.port, groups)
                cpu = our_hall.server.cpu_seconds()
                ours = await drive_open(our_hall.server.port, schedule)
                cpu = our_hall.server.cpu_seconds() - cpu
                lines.append(_line(visitors, scale.day_rate, schedule, ours, beside, cpu))
    return lines


async def _schedule(our_hall: Hall, visitors: int, seconds: float) -> list[Due]:
    """All requests of the day in order of time; whoever looks does so with a ticket of the morning."""
    chance = random.Random(visitors)
    looked_at = await _morning_tickets(our_hall)
    consoles = our_hall.installation.consoles
    schedule: list[Due] = []
    for place, at in enumerate(arrivals(visitors, seconds, seed=visitors)):
        office_id = chance.choice(OFFICES)
        schedule.append(Due(at, issue(office_id, chance.choice(SERVICES), our_hall.cookies[office_id]), "issue"))
        schedule.append(Due(at + seconds * WAIT_PART * chance.random(), chance.choice(looked_at), "look"))
        called_at = at + seconds * WAIT_PART * (0.5 + chance.random())
        schedule.append(Due(called_at, consoles[place % len(consoles)].call_next(), "call-next"))
    schedule.sort(key=lambda due: due.at)
    return schedule


async def _morning_tickets(our_hall: Hall) -> Sequence[bytes]:
    caller = await Caller.connect(our_hall.server.port)
    looks = []
    for office_id in OFFICES:
        status, _, body = await caller.ask(issue(office_id, SERVICES[0], our_hall.cookies[office_id]))
        assert status == 201, body
        looks.append(get("/api/v1/ticket", f"junban_ticket={json.loads(body)['secret']}"))
    caller.close()
    await asyncio.sleep(0)
    return looks


def _line(visitors: int, rate: int, schedule: list[Due], ours: Outcome, beside: Outcome, cpu: float) -> Line:
    statuses: Counter[int] = ours.statuses
    good = statuses[200] + statuses[201] + statuses[204]
    return {
        "bench": "day",
        "visitors": visitors,
        "offices": len(OFFICES),
        "requests": len(schedule),
        "seconds": round(schedule[-1].at, 1),
        "visitors_per_second": rate,
        "peak_requests_per_second": _peak(schedule),
        **latency_figures(ours.every),
        **{f"{kind}_p99_ms": milliseconds(percentile(ours.latencies[kind], 0.99)) for kind in KINDS},
        **latency_figures(beside.every, "reference_"),
        "finished_late_seconds": round(max(0.0, ours.seconds - schedule[-1].at), 2),
        "most_waiting": ours.most_waiting,
        "cpu_us_a_request": round(cpu / len(schedule) * 1e6),
        "cpu_part_of_a_core": round(cpu / ours.seconds, 2),
        "generator_lag_p99_ms": milliseconds(percentile(ours.lags, 0.99)) if ours.lags else None,
        "other_answers": statuses.total() - good,
    }


def _peak(schedule: Sequence[Due]) -> int:
    """Of the busiest tenth of the day."""
    length = schedule[-1].at / 10
    counts = Counter(int(due.at / length) for due in schedule)
    return round(max(counts.values()) / length)
