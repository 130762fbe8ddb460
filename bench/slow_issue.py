"""Tickets issued over HTTP on a disk whose fsync takes 4 ms, beside one commit a ticket on the same disk."""

import asyncio
import sys
from itertools import repeat
from pathlib import Path
from statistics import median

from bench.client import HOST, Run, drive
from bench.figures import Line, Targets, judged, milliseconds, percentile, ratios_of
from bench.halls import hall
from bench.installation import OFFICES, SERVICES, issue
from bench.scale import Scale
from bench.single_commits import sqlite_per_second
from bench.slow_disk import FSYNC_SECONDS

TARGETS: Targets = {"per_second": ("at least", 5000), "ratio": ("at least", 20)}
CLIENTS = 64
#: Tickets that the reference commits in a round: it takes 5 ms for each.
SINGLE_COMMITS = 100


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """Both sides sleep so long before each of their commits (see bench/slow_disk.py)."""
    ours: list[Run] = []
    singles: list[float] = []
    async with hall(folder, command=_command) as our_hall:
        for round_, office_id in enumerate(OFFICES[: scale.rounds]):
            tickets = min(SINGLE_COMMITS, scale.single_commits)
            file = folder / "single.sqlite3"
            singles.append(await asyncio.to_thread(sqlite_per_second, file, tickets, round_, FSYNC_SECONDS))
            request = issue(office_id, SERVICES[0], our_hall.cookies[office_id])
            kiosks = [repeat(request)] * max(CLIENTS if scale.seconds > 0.2 else 8, 1)
            ours.append(await drive(our_hall.server.port, kiosks, scale.seconds, scale.warm_up_seconds))
    line: Line = {
        "bench": "slow-disk",
        "fsync_ms": milliseconds(FSYNC_SECONDS),
        "simulated": "the writing thread sleeps before each commit, on both sides",
        "clients": CLIENTS,
        "rounds": scale.rounds,
        "per_second": round(median(run.per_second for run in ours)),
        "p50_ms": milliseconds(median(percentile(run.latencies, 0.5) for run in ours)),
        "p99_ms": milliseconds(median(percentile(run.latencies, 0.99) for run in ours)),
        "reference": "one commit a ticket, sqlite3, two rows",
        "reference_per_second": round(median(singles)),
        **ratios_of([run.per_second for run in ours], singles),
        "other_answers": sum(run.statuses.total() - run.statuses[201] for run in ours),
    }
    return [judged(line, TARGETS)]


def _command(port: int, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "bench.slow_disk", "serve", "--host", HOST, "--port", str(port), *arguments]
