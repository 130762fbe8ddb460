"""The reference for boards: raw uvloop sockets that are all written the same ready frame."""

import asyncio
import sys
from typing import Final, cast

import uvloop

#: The first byte on a connection: what it is.
BOARD: Final = b"B"
CONTROL: Final = b"C"
#: Answers every control message; boards get it once, when they are known.
READY: Final = b"."


class Writer(asyncio.Protocol):
    """A board, or the connection that says what all boards are written: the frame's length (4 bytes), the frame."""

    boards: "set[asyncio.Transport]"

    def __init__(self, boards: "set[asyncio.Transport]") -> None:
        self.boards = boards
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if data == BOARD:
            self.boards.add(self._transport)
            self._transport.write(READY)
            return
        self._received += data
        frame = self._received[5:]
        if len(frame) == int.from_bytes(self._received[1:5]):
            self._received = b""
            for board in self.boards:
                board.write(frame)
            self._transport.write(READY)

    def connection_lost(self, exc: Exception | None) -> None:
        self.boards.discard(self._transport)


async def serve(port: int) -> None:
    """Serves until it is told to end."""
    boards: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: Writer(boards), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
