"""A journal, an outbox, channels that do as told, and a notifier between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from notifier.channels.base import Message
from notifier.worker import Notifier
from ticketing.addresses import ContactChannel
from ticketing.attention import Attention
from ticketing.clock import FixedClock
from ticketing.config import Notices as NoticeSettings
from ticketing.contacts import Contact, Contacts
from ticketing.hall import events as ev
from ticketing.hall.office import Counter, Office, Series, Service
from ticketing.journal.base import Batch, Outcome, Recorded
from ticketing.journal.sqlite import SqliteJournal
from ticketing.keys import DayKeys
from ticketing.notices import Notices
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
MAIL = "sato@example.jp"
LINE_USER = "U" + "0123456789abcdef" * 2
OFFICE = Office(
    id="minato",
    names={"ja": "みなと区役所"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(Service("family", {"ja": "戸籍"}, "a"),),
    counters=(Counter("1", "1番窓口", ("family",)),),
)


@dataclass
class Recorder:
    """A channel that keeps what it was given, and fails as told."""

    errors: list[Exception | None] = field(default_factory=list)
    hangs: bool = False
    deadline_seconds: float = 20.0
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    retry_keys: list[str] = field(default_factory=list)
    deadlines: list[float] = field(default_factory=list)
    is_closed: bool = False

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        self.retry_keys.append(retry_key)
        self.deadlines.append(deadline_seconds)
        if self.hangs:
            await asyncio.Event().wait()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append((contact.number, contact.address, message.subject or message.text))

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class World:
    """A journal, an outbox, and a notifier between them."""

    main: SqliteFile
    file: SqliteFile
    journal: SqliteJournal
    notices: Notices
    contacts: Contacts
    keys: DayKeys
    clock: FixedClock
    mail: Recorder
    line: Recorder
    notifier: Notifier
    attention: Attention
    seq: int = 0

    async def happen(self, *events: tuple[type[ev.Event], dict[str, Any]]) -> None:
        recorded = []
        for kind, fields in events:
            usual = {"seq": self.seq + len(recorded) + 1, "at": self.clock.now(), "by": "tick"}
            recorded.append(Recorded(DAY, kind(**usual | fields)))
        assert await self.journal.append([Batch("minato", self.seq, recorded)]) == [Outcome.STORED]
        self.seq += len(recorded)

    async def lose_events_behind(self, seq: int) -> None:
        """As a fail-over to a server that did not have them yet."""
        async with self.main.transaction() as connection:
            await connection.execute("DELETE FROM events WHERE seq > ?", (seq,))
        async with self.file.transaction() as connection:
            await connection.execute("UPDATE cursors SET seq = min(seq, ?)", (seq,))
        self.seq = seq

    async def register(self, number: str = "A001", channel: ContactChannel = "email", address: str = "") -> None:
        address = address or (MAIL if number == "A001" else f"{number.lower()}@example.jp")
        await self.contacts.put("minato", DAY, number, channel, address, "ja", None, None, self.clock.now())

    async def step(self) -> list[tuple[str, str]]:
        await self.notifier.follow()
        await deliver(self.notifier)
        return await self.states()

    async def states(self, number: str = "A001") -> list[tuple[str, str]]:
        return [(report.kind, report.state) for report in await self.notices.for_ticket("minato", DAY, number)]

    def second(self) -> Notifier:
        return make_notifier(self.journal, self.notices, self.contacts, self.clock, self.mail, self.line)

    async def near(self, *numbers: str) -> None:
        """Mail contacts whose turn is near."""
        for number in numbers:
            await self.register(number)
        await self.happen(*((ev.TurnNear, NEAR[1] | {"number": number}) for number in numbers))
        await self.notifier.follow()


def make_notifier(
    journal: SqliteJournal,
    notices: Notices,
    contacts: Contacts,
    clock: FixedClock,
    mail: Recorder,
    line: Recorder,
    attention: Attention | None = None,
) -> Notifier:
    return Notifier(
        journal=journal,
        notices=notices,
        contacts=contacts,
        channels={"email": mail, "line": line},
        offices=(OFFICE,),
        clock=clock,
        secret_for=lambda office_id, day, number: f"secret-of-{number}",
        settings=NoticeSettings(),
        public_url="https://queue.city.example.jp",
        most_at_once={"email": 4},
        attention=attention,
        jitter=lambda: 0.5,
    )


async def deliver(notifier: Notifier) -> None:
    """One turn of every channel's loop."""
    for delivery in notifier.deliveries:
        await delivery.begin_due()
    for delivery in notifier.deliveries:
        await delivery.finish()


OPENED = (ev.DayOpened, {"day": DAY, "office": OFFICE, "closes_at": AT + timedelta(hours=14)})
NEAR = (ev.TurnNear, {"number": "A001", "service": "family", "ahead": 3, "wait_low": 300, "wait_high": 600})
CALLED = (ev.TicketCalled, {"number": "A001", "counter": "1"})
UNDONE = (ev.StepUndone, {"number": "A001", "counter": "1", "step": "call"})
COMPLETED = (ev.TicketCompleted, {"number": "A001", "counter": "1"})


@asynccontextmanager
async def made_world(folder: Path) -> AsyncIterator[World]:
    main = await SqliteFile.open(folder / "junban.sqlite3", Schema("main"))
    file = await SqliteFile.open(folder / "contacts.sqlite3", Schema("contacts"))
    keys = DayKeys(folder / "keys", bytes(32))
    journal, notices, contacts = SqliteJournal(main), Notices(file), Contacts(file, keys)
    clock, mail, line, attention = FixedClock(AT), Recorder(), Recorder(), Attention()
    notifier = make_notifier(journal, notices, contacts, clock, mail, line, attention)
    world = World(main, file, journal, notices, contacts, keys, clock, mail, line, notifier, attention)
    try:
        await world.happen(OPENED)
        yield world
    finally:
        await file.close()
        await main.close()
