"""The references for boards, each with a way to say "send this frame to all"."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from websockets.asyncio.client import ClientConnection, connect

from bench.broadcast import CONTROL_PATH
from bench.client import HOST
from bench.crowds import CALL_MARKS, END_OF_HEAD, Crowd, Group, client_frame, upgrade
from bench.processes import Server, free_port, module, serving
from bench.raw_writer import BOARD, CONTROL, READY

_NATS = """\
listen: "{host}:{port}"
ping_interval: "60m"
max_connections: 65536
websocket {{ listen: "{host}:{websocket}", no_tls: true, compression: false }}
"""


@dataclass(frozen=True, slots=True)
class Publisher:
    """One server that sends frames to boards."""

    name: str
    server: Server
    #: Where boards connect, what they say, and how they are welcomed.
    port: int
    greetings: tuple[bytes, ...]
    welcomes: tuple[str, ...]
    #: Sends a payload to all boards.
    publish: Callable[[bytes, bytes], Awaitable[None]]

    async def invite(self, crowd: Crowd, boards: int) -> None:
        await crowd.connect(self.port, [Group(self.greetings, boards)], CALL_MARKS, self.welcomes)


class _RawControl(asyncio.Protocol):
    """The connection that lets the raw writer write."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is not None and data == READY:
            self._answer.set_result(None)

    async def ask(self, frame: bytes, payload: bytes) -> None:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(CONTROL + len(frame).to_bytes(4) + frame)
        await self._answer


@asynccontextmanager
async def raw(folder: Path) -> AsyncIterator[Publisher]:
    """uvloop sockets that are all written the same ready frame."""
    port = free_port()
    async with serving(module("bench.raw_writer", port), port, folder / "raw.log", is_http=False) as server:
        _, control = await asyncio.get_running_loop().create_connection(_RawControl, HOST, port)
        yield Publisher("raw", server, port, (BOARD,), (READY.decode(),), control.ask)
        control.transport.close()


@asynccontextmanager
async def broadcasting(folder: Path) -> AsyncIterator[Publisher]:
    """`websockets.broadcast()`."""
    port = free_port()
    async with AsyncExitStack() as stack:
        command = module("bench.broadcast", port)
        server = await stack.enter_async_context(serving(command, port, folder / "broadcast.log", is_http=False))
        uri = f"ws://{HOST}:{port}{CONTROL_PATH}"
        control: ClientConnection = await stack.enter_async_context(connect(uri, compression=None, ping_interval=None))

        async def publish(frame: bytes, payload: bytes) -> None:
            await control.send(payload, text=True)
            await control.recv()

        yield Publisher("broadcast", server, port, (upgrade("/"),), (END_OF_HEAD,), publish)


@asynccontextmanager
async def nats(folder: Path) -> AsyncIterator[Publisher]:
    """`nats-server`, whose subscribers come by WebSocket. Raises FileNotFoundError when it is not installed."""
    program = nats_program()
    if program is None:
        raise FileNotFoundError("nats-server")
    port, websocket = free_port(), free_port()
    config = folder / "nats.conf"
    config.write_text(_NATS.format(host=HOST, port=port, websocket=websocket), "utf-8")
    command = [program, "--config", str(config)]
    async with serving(command, websocket, folder / "nats.log", is_http=False) as server:
        reader, writer = await asyncio.open_connection(HOST, port)
        await reader.readline()
        writer.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
        await reader.readline()

        async def publish(frame: bytes, payload: bytes) -> None:
            writer.write(b"PUB board %d\r\n%b\r\n" % (len(payload), payload))
            await writer.drain()

        hello = client_frame(b'CONNECT {"verbose":false}\r\nSUB board 1\r\nPING\r\n', is_text=False)
        yield Publisher("nats", server, websocket, (upgrade("/"), hello), (END_OF_HEAD, "PONG\r\n"), publish)
        writer.close()


def nats_program() -> str | None:
    """Debian puts it where only administrators look."""
    return shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin")
