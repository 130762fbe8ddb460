"""An ESC/POS printer on a socket: it answers questions of status, and goes away or hangs where told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ALL_WELL = {2: 0x12, 3: 0x12, 4: 0x12}
PAPER_OUT = {2: 0x32, 3: 0x12, 4: 0x72}


@dataclass
class FakePrinter:
    """What it was sent, and how it behaves."""

    port: int = 0
    status: dict[int, int] = field(default_factory=lambda: dict(ALL_WELL))
    #: Answers nothing at all.
    is_mute: bool = False
    #: Closes the connection after so many bytes of a slip.
    ends_after: int | None = None
    #: Never says that a slip is out, as when the paper ends in the middle of it.
    stands_still: bool = False
    #: The status that it has from then on.
    later_status: dict[int, int] | None = None
    connections: int = 0
    got: bytes = b""

    @property
    def cuts(self) -> int:
        return self.got.count(b"\x1dV")

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while data := await reader.read(65536):
                self.got += data
                if self.ends_after is not None and len(self.got) > self.ends_after:
                    break
                for answer in self._answers(data):
                    writer.write(answer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _answers(self, data: bytes) -> list[bytes]:
        if self.is_mute:
            return []
        if data.startswith(b"\x10\x04"):
            return [bytes([self.status[data[2]]])]
        if data.endswith(b"\x1dr\x01"):
            if self.stands_still:
                self.status = self.later_status or self.status
                return []
            return [b"\x00"]
        return []


@asynccontextmanager
async def fake_printer(**behaviour: object) -> AsyncIterator[FakePrinter]:
    printer = FakePrinter(**behaviour)  # type: ignore[arg-type]
    server = await asyncio.start_server(printer.talk, "127.0.0.1", 0)
    printer.port = server.sockets[0].getsockname()[1]
    try:
        yield printer
    finally:
        server.close()
