"""Crowds of clients, each in a process of its own, as the benchmark orders them about."""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench.client import HOST
from bench.processes import ROOT, ServerFailed

PATIENCE_SECONDS = 90.0
#: Lines hold frames.
MOST_LINE_BYTES = 1 << 24
#: A change that tells of a call; other changes and pulses have an empty list or none.
CALL_MARKS = ('"type":"change"', '"calls":[{')
TICKET_MARKS = ('"type":"ticket"',)
END_OF_HEAD = "\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Round:
    """When a frame was there, of all clients: ``time.perf_counter()``."""

    first: float
    last: float
    p99: float
    #: As the last client had it.
    frame: bytes


@dataclass(frozen=True, slots=True)
class Group:
    """Clients that say the same: the first thing at once, the next after each welcome."""

    greetings: tuple[bytes, ...]
    count: int = 1
    office: int = 0


class Crowd:
    """One process of clients."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def connect(
        self,
        port: int,
        groups: Sequence[Group],
        marks: Sequence[str] = CALL_MARKS,
        welcomes: Sequence[str] = (END_OF_HEAD,),
    ) -> float:
        """Answers when all are welcomed, with the seconds that it took. Raises ServerFailed."""
        clients = [
            [group.office, [base64.b64encode(each).decode() for each in group.greetings], group.count]
            for group in groups
        ]
        self._say({"do": "connect", "port": port, "clients": clients, "marks": marks, "welcomes": welcomes})
        seconds: float = (await self._answer("ready"))["seconds"]
        return seconds

    async def round(self) -> Round:
        """Answers when every client had the next frame that bears all marks. Raises ServerFailed."""
        line = await self._answer("round")
        return Round(line["first"], line["last"], line["p99"], base64.b64decode(line["frame"]))

    async def deliveries(self, calls: Sequence[Sequence[float]]) -> dict[str, Any]:
        """How soon visitors knew of the calls of their offices (see bench/crowd.py)."""
        self._say({"do": "deliveries", "calls": calls})
        return await self._answer("lasts")

    async def close(self) -> None:
        """All clients go away; the process may connect others."""
        self._say({"do": "close"})
        await self._answer("closed")

    def _say(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _answer(self, kind: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while line := await self._process.stdout.readline():
                    answer: dict[str, Any] = json.loads(line)
                    if kind in answer:
                        return answer
        except TimeoutError:
            raise ServerFailed("Not every client had its frame in time.") from None
        raise ServerFailed("The clients ended by themselves.")


@asynccontextmanager
async def crowd() -> AsyncIterator[Crowd]:
    """A crowd without clients yet."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.crowd", cwd=ROOT, limit=MOST_LINE_BYTES,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Crowd(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def upgrade(path: str, more: str = "") -> bytes:
    """The request for a WebSocket."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{more}"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()


def live(office_id: str) -> bytes:
    """The request for an office's live feed."""
    return upgrade(f"/api/v1/offices/{office_id}/live")


def client_frame(payload: bytes, is_text: bool = True) -> bytes:
    """A WebSocket frame as a client sends it; the mask is zeros."""
    first = 0x81 if is_text else 0x82
    if len(payload) < 126:
        return bytes((first, 0x80 | len(payload))) + b"\0\0\0\0" + payload
    return bytes((first, 0x80 | 126)) + len(payload).to_bytes(2) + b"\0\0\0\0" + payload
