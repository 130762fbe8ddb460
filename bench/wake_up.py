"""How soon another process hears that something was stored: LISTEN/NOTIFY, Redis, and two nodes over one file."""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import asyncpg

from bench.client import HOST, Caller
from bench.crowds import Group, crowd, live
from bench.figures import Line, Targets, judged, left_out, milliseconds, percentile
from bench.halls import hall
from bench.installation import SERVICES
from bench.postgres import MISSING, postgres, programs
from bench.processes import ROOT, ServerFailed, free_port, junban, serving
from bench.product_postgres import settings
from bench.scale import Scale
from bench.wake_listener import CHANNEL

#: Of nodes over PostgreSQL; over one SQLite file a node looks every 250 ms.
TARGETS: Targets = {"board_p50_ms": ("at most", 20), "board_p99_ms": ("at most", 100)}
PAUSE_SECONDS = 0.002
PATIENCE_SECONDS = 60.0


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """One wake-up after the other, each heard by a process that does nothing else."""
    lines: list[Line] = []
    if programs():
        async with postgres(folder) as server:
            connection = await asyncpg.connect(server.url)

            async def notify() -> None:
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, repr(time.perf_counter()))

            rounds = [await _heard(["postgres", server.url], notify, scale.wake_ups) for _ in range(scale.rounds)]
            lines.append(_line("PostgreSQL LISTEN/NOTIFY", rounds))
            await connection.close()
    else:
        lines.append(left_out("wake-up by PostgreSQL", MISSING))
    if shutil.which("redis-server"):
        async with _redis(folder) as port:
            caller = await asyncio.open_connection(HOST, port)

            async def publish() -> None:
                caller[1].write(f"PUBLISH {CHANNEL} {time.perf_counter()!r}\r\n".encode())
                await caller[0].readline()

            rounds = [await _heard(["redis", str(port)], publish, scale.wake_ups) for _ in range(scale.rounds)]
            lines.append(_line("redis-server pub/sub", rounds))
            caller[1].close()
    else:
        lines.append(left_out("wake-up by Redis", "not installed (Debian: apt-get install redis-server)"))
    lines.append(await _other_node(scale, folder / "sqlite", "", "sqlite"))
    if programs():
        async with postgres(folder) as server:
            line = await _other_node(scale, folder / "postgres", settings(server.url), "postgresql")
            lines.append(judged(line, TARGETS))
    else:
        lines.append(left_out("other-node on PostgreSQL", MISSING))
    return lines


def _line(way: str, rounds: list[list[float]]) -> Line:
    every = [each for heard in rounds for each in heard]
    return {
        "bench": "wake-up",
        "way": way,
        "rounds": len(rounds),
        "wake_ups": len(every),
        "p50_us": round(median(median(heard) for heard in rounds) * 1e6),
        "p50s_us": [round(median(heard) * 1e6) for heard in rounds],
        "p99_us": round(median(percentile(heard, 0.99) for heard in rounds) * 1e6),
    }


async def _heard(arguments: list[str], wake: Callable[[], Awaitable[None]], wake_ups: int) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.wake_listener", *arguments, str(wake_ups), cwd=ROOT, limit=1 << 22,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            if await process.stdout.readline() != b"ready\n":
                raise ServerFailed("The process that is to be woken did not start.")
            for _ in range(wake_ups):
                await wake()
                await asyncio.sleep(PAUSE_SECONDS)
            times: list[float] = json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    return times


@asynccontextmanager
async def _redis(folder: Path) -> AsyncIterator[int]:
    port = free_port()
    command = [
        "redis-server", "--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir", str(folder),
    ]  # fmt: skip
    async with serving(command, port, folder / "redis.log", is_http=False):
        yield port


async def _other_node(scale: Scale, folder: Path, more: str, store: str) -> Line:
    """From the answer of one node to the board of another one, both over the same journal."""
    times: list[float] = []
    async with hall(folder, more) as our_hall, crowd() as audience:
        port = free_port()
        command = junban(port, *our_hall.installation.arguments())
        async with serving(command, port, folder / "other.log"):
            console = our_hall.installation.consoles[0]
            many = max(scale.rounds * 5, 2)
            await our_hall.issue(console.office, SERVICES[0], many)
            await audience.connect(port, [Group((live(console.office),), 1)])
            caller = await Caller.connect(our_hall.server.port)
            for place in range(many):
                # Not in step with the other node's looks at the file.
                await asyncio.sleep(0.1 + 0.013 * (place % 17))
                status, _, body = await caller.ask(console.call_next())
                answered_at = time.perf_counter()
                assert status == 200, body
                times.append((await audience.round()).last - answered_at)
            caller.close()
    return {
        "bench": "other-node",
        "store": store,
        "changes": len(times),
        "board_p50_ms": milliseconds(median(times)),
        "board_p99_ms": milliseconds(percentile(times, 0.99)),
    }
