"""The notices that the benchmark plants, seen from outside the notifier."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bench.installation import OFFICES, SERVICES, Installation
from bench.processes import ServerFailed
from ticketing.clock import SystemClock, parse
from ticketing.config import read_config
from ticketing.journal.sqlite import SqliteJournal
from ticketing.notice import NewNotice, NoticeKind
from ticketing.notices import Notices
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

KINDS: tuple[NoticeKind, ...] = ("turn_near", "called")
USEFUL_FOR = timedelta(hours=1)
LONGEST_SECONDS = 600.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Ticket:
    """One that was issued, and who may change it."""

    office: str
    number: str
    secret: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """The installation's notices, seen from outside the notifier."""

    file: SqliteFile
    notices: Notices
    journal: SqliteJournal
    day: date

    async def begin_now(self) -> None:
        """What happened so far leads to no notices: only those that are planted are measured."""
        for office_id in OFFICES:
            await self.notices.start(office_id, await self.journal.head(office_id))

    async def plant(self, tickets: Sequence[Ticket], occurrence: str) -> None:
        """One notice of each kind for every ticket."""
        now = SystemClock().now()
        for office_id in OFFICES:
            numbers = [ticket.number for ticket in tickets if ticket.office == office_id]
            owed = [self._owed(number, kind, occurrence, now) for number in numbers for kind in KINDS]
            seq = await self.notices.cursor(office_id) or 0
            if not await self.notices.advance(office_id, seq, seq, owed):
                raise ServerFailed("The notifier read on in a journal in which nothing happened.")

    def _owed(self, number: str, kind: NoticeKind, occurrence: str, now: datetime) -> NewNotice:
        return NewNotice(
            day=self.day, number=number, kind=kind, occurrence=occurrence, seq=0, channel="email", created_at=now,
            useful_until=now + USEFUL_FOR, service=SERVICES[0], counter="c1", ahead=3,
        )  # fmt: skip

    async def settled(self, occurrence: str) -> float:
        """Waits until nothing is open any more; seconds from the first that was settled to the last.

        Raises TimeoutError.
        """
        async with asyncio.timeout(LONGEST_SECONDS):
            # Another process settles them; there is nothing to be woken by.
            while await self._count(occurrence, "state IN ('pending', 'sending')"):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)
        row = await self.file.fetch_one(
            "SELECT min(settled_at), max(settled_at) FROM notices WHERE occurrence = ?", (occurrence,)
        )
        assert row is not None
        return (parse(row[1]) - parse(row[0])).total_seconds()

    async def sent(self, occurrence: str) -> int:
        return await self._count(occurrence, "state = 'sent'")

    async def _count(self, occurrence: str, condition: str) -> int:
        row = await self.file.fetch_one(
            f"SELECT count(*) FROM notices WHERE {condition} AND occurrence = ?", (occurrence,)
        )
        assert row is not None
        return int(row[0])


@asynccontextmanager
async def open_outbox(installation: Installation) -> AsyncIterator[Outbox]:
    """The outbox of an installation that has begun its day."""
    config = read_config(installation.config, installation.data)
    async with AsyncExitStack() as stack:
        main_file = await SqliteFile.open(config.database.path, Schema("main"))
        stack.push_async_callback(main_file.close)
        file = await SqliteFile.open(config.database.contacts_path, Schema("contacts"))
        stack.push_async_callback(file.close)
        journal = SqliteJournal(main_file)
        opened = await journal.latest_day(OFFICES[0])
        assert opened is not None
        yield Outbox(file, Notices(file), journal, opened.day)
