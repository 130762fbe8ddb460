"""The real server over a node in this process, and clients that speak to its socket."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.ticketing.web.edge import Edge, config_in, edge_of
from ticketing.commands.serve import web_server
from ticketing.config.model import Server


@dataclass
class Served:
    """An edge that also listens."""

    edge: Edge
    port: int

    @property
    def live(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/offices/ward/live"

    def connect(self, url: str = "", **headers: str) -> connect:
        """A WebSocket as a program opens it; ``headers`` may be those of a browser."""
        return connect(url or self.live, additional_headers=headers, compression=None, proxy=None)

    async def refused(self, url: str = "", **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers of a handshake that must fail."""
        try:
            async with self.connect(url, **headers):
                raise AssertionError("the handshake was accepted")
        except InvalidStatus as refusal:
            response = refusal.response
            body = json.loads(response.body) if response.body else {}
            return response.status_code, body, {name.lower(): value for name, value in response.headers.items()}

    async def send(self, data: bytes, seconds: float = 5) -> bytes:
        """What comes back for these bytes, until the server ends the connection or is silent for so long."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        got = b""
        try:
            writer.write(data)
            async with asyncio.timeout(seconds):
                await writer.drain()
                while chunk := await reader.read(65536):
                    got += chunk
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()
        return got


@asynccontextmanager
async def served_in(folder: Path) -> AsyncIterator[Served]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        port = listening.getsockname()[1]
        server = Server(public_url=f"http://127.0.0.1:{port}")
        async with edge_of(config_in(folder, server=server)) as edge:
            site, web = edge.node.site, web_server(edge.app)
            site.live.start(site.desks, site.extras)
            task = asyncio.create_task(web.serve(sockets=[listening]))
            while not web.started:
                await asyncio.sleep(0.01)
            yield Served(edge, port)
            web.should_exit = True
            await task
            await site.live.stop()


async def close_code(connection: ClientConnection) -> int | None:
    """How the server ends the connection; frames before that are passed over."""
    try:
        async with asyncio.timeout(10):
            while True:
                await connection.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
