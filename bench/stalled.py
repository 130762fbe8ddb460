"""Whether one client that takes nothing slows the others down."""

import asyncio
import socket
import time
from itertools import islice, repeat
from pathlib import Path
from statistics import median

from bench.client import HOST, Caller, drive
from bench.crowd import end_of_frame
from bench.crowds import Crowd, Group, crowd, live
from bench.figures import Line, Targets, judged, milliseconds, percentile
from bench.halls import Hall, hall
from bench.installation import SERVICES, Console
from bench.scale import Scale

TARGETS: Targets = {"ratio": ("at most", 1.1), "was_behind": ("at least", 1)}
PAUSE_SECONDS = 0.05
#: As little as the system lets a client take.
RECEIVE_BYTES = 2048
#: With so many in the queue a frame is long, and few fill what the system keeps for a client (2.5 MiB on loopback).
QUEUE = 1_500
SMALL_QUEUE = 60
#: Calls between two looks at what is kept, and after it grows no more: for what the server itself keeps.
CALLS = 25


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """Calls to all boards of an office while one more client is stalled, and after that one has gone; each round in
    an office of its own."""
    boards = scale.boards[0]
    with_it: list[float] = []
    without: list[float] = []
    ratios: list[float] = []
    was_behind = 0
    async with hall(folder) as our_hall, crowd() as audience:
        for round_ in range(scale.rounds):
            console = our_hall.installation.consoles[round_]
            stalled = await _stall(our_hall, console)
            caller = await Caller.connect(our_hall.server.port)
            await audience.connect(our_hall.server.port, [Group((live(console.office),), boards)])
            beside = await _calls(console, caller, audience, scale.calls)
            was_behind += await asyncio.to_thread(_was_behind, stalled)
            stalled.close()
            alone = await _calls(console, caller, audience, scale.calls)
            ratios.append(median(beside) / median(alone))
            with_it += beside
            without += alone
            await audience.close()
            caller.close()
    line: Line = {
        "bench": "stalled",
        "boards": boards,
        "rounds": scale.rounds,
        "last_ms": milliseconds(median(with_it)),
        "last_p99_ms": milliseconds(percentile(with_it, 0.99)),
        "reference": "the same without the stalled client",
        "reference_last_ms": milliseconds(median(without)),
        "reference_last_p99_ms": milliseconds(percentile(without, 0.99)),
        "ratio": round(median(ratios), 2),
        "ratios": [round(ratio, 2) for ratio in ratios],
        # The server had given up writing to it, and began again with the whole picture when it read on.
        "was_behind": was_behind / scale.rounds,
    }
    return [judged(line, TARGETS)]


async def _calls(console: Console, caller: Caller, audience: Crowd, calls: int) -> list[float]:
    lasts: list[float] = []
    for _ in range(calls):
        await asyncio.sleep(PAUSE_SECONDS)
        begin = time.perf_counter()
        (status, _, body), shown = await asyncio.gather(caller.ask(console.call_next()), audience.round())
        assert status == 200, body
        lasts.append(shown.last - begin)
    return lasts


async def _stall(our_hall: Hall, console: Console) -> socket.socket:
    """A client that greets and never reads, after all that is kept for it is full."""
    await our_hall.issue(console.office, SERVICES[0], QUEUE)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    client.connect((HOST, our_hall.server.port))
    client.sendall(live(console.office))
    left, kept, before = QUEUE, 0, -1
    while left > SMALL_QUEUE and (kept > before or not kept):
        before = kept
        left = await _drain(our_hall, [console], left, CALLS)
        kept = _kept_bytes(our_hall.server.port, client.getsockname()[1])
    left = await _drain(our_hall, [console], left, CALLS)
    everybody = [each for each in our_hall.installation.consoles if each.office == console.office]
    await _drain(our_hall, everybody, left, left - SMALL_QUEUE)
    return client


async def _drain(our_hall: Hall, consoles: list[Console], waiting: int, calls: int) -> int:
    """Calls so many of those who wait; how many then wait."""
    if calls <= 0:
        return waiting
    each = [islice(repeat(console.call_next()), max(1, calls // len(consoles))) for console in consoles]
    run = await drive(our_hall.server.port, each, seconds=120)
    assert set(run.statuses) == {200}, run.statuses
    return waiting - run.statuses[200]


def _kept_bytes(server_port: int, client_port: int) -> int:
    """What the system holds on the server's side for the client (Linux)."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        ends = [int(address.rpartition(":")[2], 16) for address in fields[1:3]]
        if ends == [server_port, client_port]:
            return int(fields[4].partition(":")[0], 16)
    return 0


def _was_behind(client: socket.socket) -> bool:
    """Whether it finds, after the snapshot at its beginning, another one at the end of what was kept for it."""
    client.settimeout(1.0)
    received = bytearray()
    try:
        while data := client.recv(1 << 20):
            received += data
    except TimeoutError:
        pass
    _, _, frames = bytes(received).partition(b"\r\n\r\n")
    snapshots = 0
    while (end := end_of_frame(frames)) <= len(frames):
        snapshots += b'"type":"snapshot"' in frames[:end]
        frames = frames[end:]
    return snapshots > 1
