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

    def send(self, due: Due) -> None:
        assert self.transport is not None
        self.due = due
        self.transport.write(due.request)

    def answered(self, status: int, head: bytes, body: bytes) -> None:
        self.loop.answered(self, status, time.perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:
        if self.due is not None:
            self.loop.answered(self, 0, time.perf_counter())


class _Loop:
    def __init__(self, schedule: Sequence[Due]) -> None:
        self.outcome = Outcome()
        self.free: list[_Sender] = []
        self._schedule = schedule
        self._next = 0
        self._open = len(schedule)
        self._waiting: deque[Due] = deque()
        self._done = asyncio.get_running_loop().create_future()
        self._begin = 0.0

    async def run(self) -> None:
        self._begin = time.perf_counter()
        while self._next < len(self._schedule):
            self._send_due(time.perf_counter() - self._begin)
            await asyncio.sleep(STEP_SECONDS)
        if self._open:
            await self._done
        self.outcome.seconds = time.perf_counter() - self._begin

    def _send_due(self, now: float) -> None:
        while self._next < len(self._schedule) and self._schedule[self._next].at <= now:
            due = self._schedule[self._next]
            self._next += 1
            if self.free:
                self.outcome.lags.append(now - due.at)
                self.free.pop().send(due)
            else:
                self._waiting.append(due)
                self.outcome.most_waiting = max(self.outcome.most_waiting, len(self._waiting))

    def answered(self, sender: _Sender, status: int, now: float) -> None:
        due, sender.due = sender.due, None
        assert due is not None
        self.outcome.latencies.setdefault(due.kind, []).append(now - self._begin - due.at)
        self.outcome.statuses[status] += 1
        self._open -= 1
        if status and self._waiting:
            sender.send(self._waiting.popleft())
        elif status:
            self.free.append(sender)
        if self._open == 0 and not self._done.done():
            self._done.set_result(None)


async def drive_open(port: int, schedule: Sequence[Due], connections: int = CONNECTIONS) -> Outcome:
    """Sends each request of a schedule (in order of time) when it is due. Raises OSError."""
    driver = _Loop(schedule)
    running = asyncio.get_running_loop()
    senders: list[_Sender] = []
    for _ in range(min(connections, len(schedule))):
        _, sender = await running.create_connection(lambda: _Sender(driver), HOST, port)
        senders.append(sender)
    driver.free = list(senders)
    try:
        await driver.run()
    finally:
        for sender in senders:
            assert sender.transport is not None
            sender.transport.close()
    return driver.outcome


def latency_figures(latencies: Sequence[float], prefix: str = "") -> Line:
    """p50, p99 and p99.9 in milliseconds."""
    return {f"{prefix}p{part * 100:g}_ms": milliseconds(percentile(latencies, part)) for part in PARTS}
