"""How long a call takes to the last of many boards, beside raw sockets that are written the same frame."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import cast

from bench.client import HOST, Caller
from bench.figures import Line, Targets, judged, milliseconds, percentile
from bench.installation import OFFICES, SERVICES, Console, Installation, issue
from bench.processes import Server
from bench.raw_writer import BOARD, CONTROL, READY
from bench.scale import Scale

TARGETS: Targets = {"last_ms": ("at most", 60)}
#: Boards that connect at the same time.
TOGETHER = 100
#: Between two calls, so that each finds the server at rest.
PAUSE_SECONDS = 0.08
PATIENCE_SECONDS = 20.0
#: In a change that tells of a call; other changes and pulses have an empty list or none.
_CALL = b'"calls":[{'
_CHANGE = b'"type":"change"'
#: People in the queue at first, as on a busy day.
WAITING = 60


class Gathering:
    """Waits until all boards have had a frame."""

    def __init__(self) -> None:
        self._missing = 0
        self._done: asyncio.Future[float] | None = None
        self.frame = b""

    def expect(self, boards: int) -> "asyncio.Future[float]":
        """Answers with the time at which the last board had it."""
        self._missing = boards
        self._done = asyncio.get_running_loop().create_future()
        return self._done

    def had(self, frame: bytes) -> None:
        self._missing -= 1
        if self._missing == 0 and self._done is not None and not self._done.done():
            self._done.set_result(time.perf_counter())
            self.frame = frame


class Board(asyncio.Protocol):
    """A connection that says something first, and then only listens."""

    def __init__(self, greeting: bytes, end_of_welcome: bytes, gathering: Gathering) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._greeting = greeting
        self._end_of_welcome = end_of_welcome
        self._gathering = gathering
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._greeting)

    def data_received(self, data: bytes) -> None:
        self._received = received = self._received + data if self._received else data
        if not self.ready.done():
            _, found, received = received.partition(self._end_of_welcome)
            if not found:
                return
            self.ready.set_result(None)
        while (end := _end_of_frame(received)) <= len(received):
            frame, received = received[:end], received[end:]
            if _CALL in frame and _CHANGE in frame:
                self._gathering.had(frame)
        self._received = received


def _end_of_frame(received: bytes) -> int:
    """The length of the first frame of a server, which may not be there yet."""
    if len(received) < 4:
        return 4
    match received[1]:
        case 126:
            return 4 + int.from_bytes(received[2:4])
        case 127:
            return 10 + int.from_bytes(received[2:10])
        case length:
            return 2 + length


async def _connect(port: int, count: int, make: Callable[[], Board]) -> list[Board]:
    boards: list[Board] = []
    while len(boards) < count:
        some = [
            asyncio.get_running_loop().create_connection(make, HOST, port)
            for _ in range(min(TOGETHER, count - len(boards)))
        ]
        new = [board for _, board in await asyncio.gather(*some)]
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(board.ready for board in new))
        boards += new
    return boards


def _upgrade(office_id: str) -> bytes:
    return (
        f"GET /api/v1/offices/{office_id}/live HTTP/1.1\r\nHost: {HOST}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()


@dataclass(slots=True)
class _Times:
    """Seconds, one entry a call."""

    answer: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    last_after_answer: list[float] = field(default_factory=list)

    def note(self, sent_at: float, answered_at: float, last_at: float) -> None:
        self.answer.append(answered_at - sent_at)
        self.last.append(last_at - sent_at)
        # The boards may well have it first.
        self.last_after_answer.append(max(0.0, last_at - answered_at))


class _Hall:
    """Our boards, and a clerk who calls."""

    def __init__(self, console: Console, caller: Caller, gathering: Gathering, boards: int) -> None:
        self._request = console.call_next()
        self._caller = caller
        self._gathering = gathering
        self._boards = boards
        self.times = _Times()

    async def call(self) -> bytes:
        """One call; the frame that every board had."""
        all_had_it = self._gathering.expect(self._boards)
        sent_at = time.perf_counter()
        status, _, body = await self._caller.ask(self._request)
        answered_at = time.perf_counter()
        assert status == 200, body
        async with asyncio.timeout(PATIENCE_SECONDS):
            self.times.note(sent_at, answered_at, await all_had_it)
        return self._gathering.frame


class _RawControl(asyncio.Protocol):
    """The connection that lets the reference write."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is not None and data == READY:
            self._answer.set_result(None)

    async def ask(self, frame: bytes) -> None:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(CONTROL + len(frame).to_bytes(4) + frame)
        await self._answer


class _Raw:
    """The same for the reference."""

    def __init__(self, control: _RawControl, gathering: Gathering, boards: int) -> None:
        self._control = control
        self._gathering = gathering
        self._boards = boards
        self.times = _Times()

    async def write(self, frame: bytes) -> None:
        all_had_it = self._gathering.expect(self._boards)
        sent_at = time.perf_counter()
        await self._control.ask(frame)
        answered_at = time.perf_counter()
        async with asyncio.timeout(PATIENCE_SECONDS):
            self.times.note(sent_at, answered_at, await all_had_it)


async def measure(
    scale: Scale, installation: Installation, cookies: dict[str, str], server: Server, raw_port: int
) -> list[Line]:
    """One office that the queue benchmarks did not touch much: its last one."""
    console = next(each for each in installation.consoles if each.office == OFFICES[-1])
    caller = await Caller.connect(server.port)
    gathering, raw_gathering = Gathering(), Gathering()
    await _queue_up(caller, console.office, cookies[console.office])
    before = server.resident_bytes()
    boards = await _connect(server.port, scale.boards, lambda: Board(_upgrade(console.office), b"\r\n\r\n", gathering))
    each_board_bytes = (server.resident_bytes() - before) / len(boards)
    raw_boards = await _connect(raw_port, scale.boards, lambda: Board(BOARD, READY, raw_gathering))
    _, control = await asyncio.get_running_loop().create_connection(_RawControl, HOST, raw_port)
    hall, raw = _Hall(console, caller, gathering, scale.boards), _Raw(control, raw_gathering, scale.boards)
    frame = await hall.call()
    for _ in range(scale.rounds):
        for _ in range(scale.calls):
            await asyncio.sleep(PAUSE_SECONDS)
            await raw.write(frame)
        for _ in range(scale.calls):
            await asyncio.sleep(PAUSE_SECONDS)
            frame = await hall.call()
    for board in (*boards, *raw_boards):
        board.transport.close()
    control.transport.close()
    caller.close()
    return [_line(scale, hall.times, raw.times, len(frame), each_board_bytes)]


async def _queue_up(caller: Caller, office_id: str, cookie: str) -> None:
    for place in range(WAITING):
        status, _, body = await caller.ask(issue(office_id, SERVICES[place % len(SERVICES)], cookie))
        assert status == 201, body


def _line(scale: Scale, ours: _Times, raw: _Times, frame_bytes: int, each_board_bytes: float) -> Line:
    line: Line = {
        "bench": "boards",
        "boards": scale.boards,
        "calls": len(ours.last),
        "frame_bytes": frame_bytes,
        "last_ms": milliseconds(median(ours.last)),
        "last_p99_ms": milliseconds(percentile(ours.last, 0.99)),
        "last_after_answer_ms": milliseconds(median(ours.last_after_answer)),
        "last_after_answer_p99_ms": milliseconds(percentile(ours.last_after_answer, 0.99)),
        "answer_ms": milliseconds(median(ours.answer)),
        "reference_last_ms": milliseconds(median(raw.last)),
        "reference_last_p99_ms": milliseconds(percentile(raw.last, 0.99)),
        "ratio": round(median(ours.last) / median(raw.last), 2),
        "kib_a_board": round(each_board_bytes / 1024, 1),
    }
    return judged(line, TARGETS)
