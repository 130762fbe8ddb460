"""A reference for boards: a server of the `websockets` library that sends with its `broadcast()`."""

import asyncio
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

#: The path of the connection whose messages go to all others.
CONTROL_PATH = "/control"


async def run(port: int) -> None:
    """Serves until it is told to end."""
    boards: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        if connection.request.path == CONTROL_PATH:
            async for message in connection:
                broadcast(boards, message)
                await connection.send(".")
            return
        boards.add(connection)
        try:
            await connection.wait_closed()
        finally:
            boards.discard(connection)

    options = {"compression": None, "ping_interval": None, "backlog": 4096}
    async with serve(handle, "127.0.0.1", port, **options) as server:  # type: ignore[arg-type]
        await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(int(sys.argv[1])))
