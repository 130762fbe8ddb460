"""What both fault servers do with their sockets: listen, be down, reset, trickle, go on without end."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self, TypeAlias

from notifier.drill.behaviours import Behaviour
from notifier.drill.ledger import Ledger

#: Between two bytes of an answer that trickles.
TRICKLE_SECONDS = 0.25
#: An endless answer ends nevertheless: whoever has read so much without complaint has failed already.
MOST_ENDLESS_BYTES = 256 * 2**20
_CHUNK = b"x" * 65_536
_PAUSE_SECONDS = 0.002
#: Lines and messages that are read, at most.
MOST_BYTES = 2**20

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


class Hangup(Exception):
    """The conversation is over."""


class FaultServer:
    """One port, behind which each connection is served as the behaviour of the moment says."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.behaviour = Behaviour()
        self.ledger = Ledger()
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[None], Writer] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Listens (port 0: on any free one). Raises OSError."""
        await self._listen()
        try:
            yield self
        finally:
            self._deafen()
            await self._hang_up()

    async def behave(self, behaviour: Behaviour) -> None:
        """From now on so; whoever is connected is cut off, as when a server is started anew."""
        self.behaviour = behaviour
        if behaviour.kind == "down":
            self._deafen()
        elif self._server is None:
            await self._listen()
        await self._hang_up()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._accept, self.host, self.port, limit=MOST_BYTES, backlog=1024, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _deafen(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None

    async def _hang_up(self) -> None:
        for task, writer in self._serving.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _accept(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving[task] = writer
        self.ledger.connections += 1
        try:
            with suppress(Hangup, OSError, EOFError, asyncio.LimitOverrunError, ValueError, asyncio.CancelledError):
                await self.converse(reader, writer)
        finally:
            self._serving.pop(task, None)
            writer.close()

    def note(self, key: str, *, is_right: bool) -> None:
        """Write down what becomes of a message; ``is_right``: the sender is told that it was taken.

        Called before the answer: who is told and who is not must not depend on when the sender goes away.
        """
        if is_right or self.behaviour.is_taken:
            self.ledger.take(key, is_confirmed=is_right)
        else:
            self.ledger.turn_away(key)

    async def converse(self, reader: Reader, writer: Writer) -> None:
        """Serves one connection until it ends; each protocol says how."""
        raise NotImplementedError


async def hang() -> None:
    """Until the other side has had enough."""
    await asyncio.Event().wait()


def reset(writer: Writer) -> None:
    """Ends the connection with RST: what was not read yet is lost."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise Hangup


async def trickle(writer: Writer, answer: bytes) -> None:
    """Byte by byte, so that no single read of the other side ever takes long."""
    for place in range(len(answer)):
        await send(writer, answer[place : place + 1])
        await asyncio.sleep(TRICKLE_SECONDS)


async def go_on(writer: Writer) -> None:
    """Sends and sends."""
    for _ in range(MOST_ENDLESS_BYTES // len(_CHUNK)):
        await send(writer, _CHUNK)
        # Not as fast as it can: it is the sender that is tried, and both may share a machine.
        await asyncio.sleep(_PAUSE_SECONDS)
    raise Hangup


async def send(writer: Writer, answer: bytes) -> None:
    """Sends it all. Raises Hangup when the other side is gone; the library would not tell over TLS."""
    if writer.transport.is_closing():
        raise Hangup
    writer.write(answer)
    await writer.drain()
