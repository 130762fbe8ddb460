"""A fast HTTP/1.1 client: kept connections, ready-made requests, and answers told apart by their length alone."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

HOST = "127.0.0.1"
_LENGTH = b"\r\ncontent-length: "
_END_OF_HEAD = b"\r\n\r\n"


def post(path: str, body: Mapping[str, Any], cookie: str = "", key: str = "") -> bytes:
    """A complete POST request."""
    return _request("POST", path, json.dumps(body).encode(), cookie, key)


def put(path: str, body: Mapping[str, Any], cookie: str = "") -> bytes:
    """A complete PUT request."""
    return _request("PUT", path, json.dumps(body).encode(), cookie, "")


def get(path: str, cookie: str = "") -> bytes:
    """A complete GET request."""
    return _request("GET", path, b"", cookie, "")


def _request(method: str, path: str, body: bytes, cookie: str, key: str) -> bytes:
    head = [
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    if cookie:
        head.append(f"Cookie: {cookie}")
    if key:
        head.append(f"Idempotency-Key: {key}")
    return "\r\n".join(head).encode() + _END_OF_HEAD + body


class Connection(asyncio.Protocol):
    """One connection; a subclass says what becomes of each answer."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received = received = self._received + data if self._received else data
        end_of_head = received.find(_END_OF_HEAD)
        if end_of_head < 0:
            return
        end = end_of_head + len(_END_OF_HEAD) + _body_length(received, end_of_head)
        if len(received) >= end:
            self._received = received[end:]
            self.answered(int(received[9:12]), received[:end_of_head], received[end_of_head + 4 : end])

    def answered(self, status: int, head: bytes, body: bytes) -> None:
        """A whole answer came; each kind of client says what it does with it."""
        raise NotImplementedError


def _body_length(received: bytes, end_of_head: int) -> int:
    at = received.find(_LENGTH, 0, end_of_head)
    if at < 0:
        return 0
    start = at + len(_LENGTH)
    return int(received[start : received.index(b"\r\n", start)])


@dataclass(slots=True)
class Run:
    """What a number of clients were answered in a window of time."""

    seconds: float = 0.0
    #: Seconds from the request to its complete answer, of the answers inside the window.
    latencies: list[float] = field(default_factory=list)
    #: Every answer, also those outside the window.
    statuses: Counter[int] = field(default_factory=Counter)
    #: The same by client.
    answers_of: list[int] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


class _Client(Connection):
    """Sends its requests one after the other, the next as soon as the one before is answered."""

    def __init__(self, run: Run, place: int, requests: Iterator[bytes], window: tuple[float, float]) -> None:
        super().__init__()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._run = run
        self._place = place
        self._requests = requests
        self._from, self._until = window
        self._sent_at = 0.0

    def send(self) -> None:
        request = next(self._requests, None)
        if request is None or self._is_over(time.perf_counter()):
            self.done.set_result(None)
            return
        assert self.transport is not None
        self._sent_at = time.perf_counter()
        self.transport.write(request)

    def answered(self, status: int, head: bytes, body: bytes) -> None:
        now = time.perf_counter()
        if self._from <= now and not self._is_over(now):
            self._run.latencies.append(now - self._sent_at)
        self._run.statuses[status] += 1
        self._run.answers_of[self._place] += 1
        self.send()

    def _is_over(self, now: float) -> bool:
        # On a machine that stands still nothing may come in time; without one answer there is nothing to tell.
        return now >= self._until and bool(self._run.latencies)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed the connection"))


async def drive(port: int, requests: Sequence[Iterator[bytes]], seconds: float, warm_up: float = 0.0) -> Run:
    """One client for each of ``requests``, in a closed loop, until the time is up or there are no more requests.

    Only what is answered after ``warm_up`` and within ``seconds`` from then on is measured. Raises OSError.
    """
    loop = asyncio.get_running_loop()
    run = Run(seconds=seconds, answers_of=[0] * len(requests))
    clients: list[_Client] = []
    # The window begins when all are connected, so it is moved there below.
    for place, each in enumerate(requests):
        _, client = await loop.create_connection(lambda p=place, r=each: _Client(run, p, r, (0, 0)), HOST, port)  # type: ignore[misc]
        clients.append(client)
    begin = time.perf_counter() + warm_up
    for client in clients:
        client._from, client._until = begin, begin + seconds
        client.send()
    await asyncio.gather(*(client.done for client in clients))
    for client in clients:
        assert client.transport is not None
        client.transport.close()
    return run


class Caller(Connection):
    """A connection for single requests that wait for their answers."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._answer: asyncio.Future[tuple[int, bytes, bytes]] | None = None

    @classmethod
    async def connect(cls, port: int) -> "Caller":
        """Raises OSError."""
        caller = cls(port)
        await caller._connect()
        return caller

    async def _connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, HOST, self._port)

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer. Raises OSError."""
        # The server closes what was quiet for long, for example while ten thousand boards connected elsewhere.
        if self.transport is None or self.transport.is_closing():
            await self._connect()
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def answered(self, status: int, head: bytes, body: bytes) -> None:
        if self._answer is not None:
            self._answer.set_result((status, head, body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()
