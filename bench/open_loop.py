"""Requests at times that were fixed before: a slow answer delays no other request, and its delay is counted in full.

A closed loop waits with its next request while the server is slow, and so leaves out the very answers that visitors
would have waited for ("coordinated omission"). Here latency is counted from the intended time.
"""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.client import HOST, Connection
from bench.figures import Line, milliseconds, percentile

#: One request at a time each; more wait until one is free, which counts as latency.
CONNECTIONS = 256
#: A connection that was quiet for so long is not used again, as a good proxy does: the server closes it after 5 s.
MOST_QUIET_SECONDS = 4.0
#: How often it is looked which requests are due; uvloop's clock has no finer steps.
STEP_SECONDS = 0.001
PARTS = (0.5, 0.99, 0.999)


@dataclass(frozen=True, slots=True)
class Due:
    """A request, and when it is to be sent (seconds from the start)."""

    at: float
    request: bytes
    kind: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of a schedule."""

    #: By kind of request: seconds from the intended time to the whole answer.
    latencies: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    #: How late a request was sent although a connection was free: the generator's own fault.
    lags: list[float] = field(default_factory=list)
    #: The most requests that waited for a free connection.
    most_waiting: int = 0
    seconds: float = 0.0

    @property
    def every(self) -> list[float]:
        return [each for latencies in self.latencies.values() for each in latencies]


def poisson(per_second: float, seconds: float, seed: int) -> list[float]:
    """Times at which independent visitors come."""
    chance, at, times = random.Random(seed), 0.0, []
    while (at := at + chance.expovariate(per_second)) < seconds:
        times.append(at)
    return times


class _Sender(Connection):
    def __init__(self, loop: "_Loop") -> None:
        super().__init__()
        self.loop = loop
        self.due: Due | None = None
        self.free_since = 0.0

    def send(self, due: Due) -> None:
        assert self.transport is not None
        self.due = due
        self.transport.write(due.request)

    def answered(self, status: int, head: bytes, body: bytes) -> None:
        self.loop.answered(self, status, time.perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:
        self.loop.lost(self, time.perf_counter())


class _Loop:
    def __init__(self, port: int, schedule: Sequence[Due], connections: int) -> None:
        self.outcome = Outcome()
        self._port = port
        self._schedule = schedule
        self._next = 0
        self._unanswered = len(schedule)
        self._most = min(connections, len(schedule))
        self._senders: set[_Sender] = set()
        self._free: list[_Sender] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._waiting: deque[Due] = deque()
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._begin = 0.0

    async def run(self) -> None:
        try:
            for _ in range(self._most):
                await self._open()
            self._begin = time.perf_counter()
            while self._next < len(self._schedule) and not self._done.done():
                self._send_due(time.perf_counter() - self._begin)
                await asyncio.sleep(STEP_SECONDS)
            if self._schedule:
                await self._done
            self.outcome.seconds = time.perf_counter() - self._begin
        finally:
            self._waiting.clear()
            for task in self._opening:
                task.cancel()
            for sender in list(self._senders):
                self._close(sender)

    async def _open(self) -> None:
        _, sender = await asyncio.get_running_loop().create_connection(lambda: _Sender(self), HOST, self._port)
        self._senders.add(sender)
        self._use(sender)

    def _open_another(self) -> None:
        if len(self._senders) + len(self._opening) < self._most:
            task = asyncio.create_task(self._open())
            self._opening.add(task)
            task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        if not task.cancelled() and (fault := task.exception()) and not self._done.done():
            self._done.set_exception(fault)

    def _send_due(self, now: float) -> None:
        while self._next < len(self._schedule) and self._schedule[self._next].at <= now:
            due = self._schedule[self._next]
            self._next += 1
            if (sender := self._take_free()) is not None:
                self.outcome.lags.append(now - due.at)
                sender.send(due)
            else:
                self._waiting.append(due)
                self.outcome.most_waiting = max(self.outcome.most_waiting, len(self._waiting))
                self._open_another()

    def _take_free(self) -> _Sender | None:
        """The one that was used last: a server closes those that nobody uses for a while."""
        while self._free:
            sender = self._free.pop()
            if time.perf_counter() - sender.free_since < MOST_QUIET_SECONDS:
                return sender
            self._close(sender)
        return None

    def _close(self, sender: _Sender) -> None:
        assert sender.transport is not None
        self._senders.discard(sender)
        sender.transport.close()

    def _use(self, sender: _Sender) -> None:
        if self._waiting:
            sender.send(self._waiting.popleft())
        else:
            sender.free_since = time.perf_counter()
            self._free.append(sender)

    def answered(self, sender: _Sender, status: int, now: float) -> None:
        self._count(sender, status, now)
        self._use(sender)

    def lost(self, sender: _Sender, now: float) -> None:
        """The server closed a connection; a request under way there counts as answered with status 0."""
        self._senders.discard(sender)
        if sender in self._free:
            self._free.remove(sender)
        if sender.due is not None:
            self._count(sender, 0, now)
        if self._waiting:
            self._open_another()

    def _count(self, sender: _Sender, status: int, now: float) -> None:
        due, sender.due = sender.due, None
        assert due is not None
        self.outcome.latencies.setdefault(due.kind, []).append(now - self._begin - due.at)
        self.outcome.statuses[status] += 1
        self._unanswered -= 1
        if self._unanswered == 0 and not self._done.done():
            self._done.set_result(None)


async def drive_open(port: int, schedule: Sequence[Due], connections: int = CONNECTIONS) -> Outcome:
    """Sends each request of a schedule (in order of time) when it is due. Raises OSError."""
    driver = _Loop(port, schedule, connections)
    await driver.run()
    return driver.outcome


def latency_figures(latencies: Sequence[float], prefix: str = "") -> Line:
    """p50, p99 and p99.9 in milliseconds."""
    return {f"{prefix}p{part * 100:g}_ms": milliseconds(percentile(latencies, part)) for part in PARTS}
