"""Desks on a journal whose connection can be stopped and lost, as several test files need them."""

import asyncio
import hmac
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tests.ticketing.hall.given import START, office
from tests.waiting import until
from ticketing.clock import Clock, FixedClock
from ticketing.desk import Desk
from ticketing.hall import commands as cmd
from ticketing.hall import refusals as no
from ticketing.hall.events import Event
from ticketing.hall.office import Office
from ticketing.journal.base import Batch, JournalUnavailable, Outcome, Recorded
from ticketing.journal.sqlite import SqliteJournal
from ticketing.orders import Answer, IdempotencyKey, Unavailable
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile


class Line(SqliteJournal):
    """A journal at the end of a line that can be held up and lost."""

    def __init__(self, file: SqliteFile) -> None:
        super().__init__(file)
        #: Appends wait for it.
        self.is_open = asyncio.Event()
        self.is_open.set()
        #: Every batch that was sent.
        self.sent: list[Batch] = []
        #: What happens to the next appends: ``lose_commit``, ``lose_reply``, ``hang`` or ``refuse``.
        self.faults: list[str] = []
        #: Lets an append that hangs be given up; it is carried out all the same, right before the next one.
        self.given_up = asyncio.Event()
        self._hanging: list[Batch] = []
        self.is_readable = True

    async def append(self, batches: Sequence[Batch]) -> list[Outcome]:
        self.sent += batches
        await self.is_open.wait()
        match self.faults.pop(0) if self.faults else "":
            case "refuse":
                raise JournalUnavailable("refused")
            case "lose_commit":
                return [Outcome.UNKNOWN] * len(batches)
            case "hang":
                self._hanging += batches
                await self.given_up.wait()
                return [Outcome.UNKNOWN] * len(batches)
            case "lose_reply":
                await super().append(batches)
                return [Outcome.UNKNOWN] * len(batches)
        while self._hanging:
            await super().append([self._hanging.pop(0)])
        return await super().append(batches)

    async def read(self, office_id: str, after_seq: int, limit: int | None = None) -> list[Recorded]:
        if not self.is_readable:
            raise JournalUnavailable("refused")
        return await super().read(office_id, after_seq, limit)

    async def until_sent(self, count: int) -> None:
        await until(lambda: len(self.sent) >= count)

    @property
    def kinds(self) -> list[list[str]]:
        """The names of the events of each batch that was sent."""
        return [[type(each.event).__name__ for each in batch.events] for batch in self.sent]


def body_mac(office_id: str, day: date, body: bytes, *, may_make: bool) -> bytes:
    return hmac.digest(f"{office_id} {day}".encode(), body, "sha256")


def key(name: str = "key", body: bytes = b"{}", scope: str = "kiosk:k1") -> IdempotencyKey:
    return IdempotencyKey(scope, name, body)


@dataclass
class Node:
    """One process: a desk, its line to the journal, and what it published."""

    desk: Desk
    line: Line
    published: list[Event] = field(default_factory=list)

    async def events(self) -> list[Event]:
        """Everything in the journal."""
        return [each.event for each in await SqliteJournal.read(self.line, self.desk.office.id, 0)]

    async def kinds(self) -> list[str]:
        return [type(event).__name__ for event in await self.events()]


class Nodes:
    """Opens nodes on one file, and ends them."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.path = folder / "junban.sqlite3"
        self.clock = clock or FixedClock(START)
        self._stack = AsyncExitStack()

    async def line(self) -> Line:
        file = await SqliteFile.open(self.path, Schema("main"))
        self._stack.push_async_callback(file.close)
        return Line(file)

    async def build(self, definition: Office | None = None) -> Node:
        """A node that has not started."""
        line = await self.line()
        published: list[Event] = []
        desk = Desk(definition or office(), line, self.clock, body_mac, lambda _, events: published.extend(events))
        self._stack.push_async_callback(desk.stop)
        return Node(desk, line, published)

    async def open(self, definition: Office | None = None) -> Node:
        node = await self.build(definition)
        await node.desk.start()
        return node

    async def close(self) -> None:
        await self._stack.aclose()


def number(answer: Answer) -> str:
    assert answer.body is not None
    return str(answer.body["number"])


async def outcome(desk: Desk, command: cmd.Command) -> type[Exception] | str | None:
    try:
        answer = await desk.submit(command)
    except (Unavailable, no.Refusal) as error:
        return type(error)
    return answer.body["number"] if answer.body else None
