"""An SMTP server that follows a script, for what a friendly server does not do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

#: Instead of an answer: say nothing; hang up; one byte after the other, for ever.
SILENCE, HANG_UP, TRICKLE = "(silence)", "(hang up)", "(trickle)"

_USUAL = {
    "CONNECT": "220 mail.test",
    "EHLO": "250 mail.test",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go ahead",
    ".": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}

#: Connection (1, 2, …), the command's word and its whole line: the answer; None: the usual one.
Script = Callable[[int, str, str], str | None]


@dataclass
class Scripted:
    """The script, and what the server heard."""

    script: Script = lambda connection, word, line: None
    port: int = 0
    #: By connection, the lines of commands; a letter is ``.``.
    heard: list[list[str]] = field(default_factory=list)
    #: Letters that were taken.
    letters: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    closed: int = 0

    @property
    def count(self) -> int:
        """Connections so far."""
        return len(self.heard)

    def hang_up(self) -> None:
        """Closes every connection from this side."""
        for writer in self.writers:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append([])
        self.writers.append(writer)
        try:
            await self._talk(reader, writer, self.count)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.closed += 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        is_going_on = await _answer(writer, self._text(connection, "CONNECT", ""))
        while is_going_on and (line := (await reader.readline()).decode("ascii").rstrip("\r\n")):
            word = line.split(" ")[0].upper()
            self.heard[connection - 1].append(line)
            text = self._text(connection, word, line)
            is_going_on = await _answer(writer, text) and word != "QUIT"
            if word == "DATA" and text.startswith("354"):
                is_going_on = await self._take(reader, writer, connection)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> bool:
        letter = await reader.readuntil(b"\r\n.\r\n")
        self.heard[connection - 1].append(".")
        text = self._text(connection, ".", "")
        if text.startswith("250"):
            self.letters.append(letter.removesuffix(b".\r\n"))
        return await _answer(writer, text)

    def _text(self, connection: int, word: str, line: str) -> str:
        return self.script(connection, word, line) or _USUAL.get(word, "502 what?")


async def _answer(writer: asyncio.StreamWriter, text: str) -> bool:
    """Whether the conversation goes on."""
    if text == HANG_UP:
        return False
    if text == SILENCE:
        await asyncio.Event().wait()
    while text == TRICKLE:
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.01)
    writer.write(text.replace("\n", "\r\n").encode() + b"\r\n")
    await writer.drain()
    return True


@asynccontextmanager
async def scripted(script: Script | None = None) -> AsyncIterator[Scripted]:
    """The server, for as long as the context lasts."""
    told = Scripted(script) if script else Scripted()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        # A cancelled callback would be reported as an error.
        with suppress(asyncio.CancelledError):
            await told.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
