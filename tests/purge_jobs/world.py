"""A data directory with a journal, contacts, keys and a purge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

from purge_jobs.erase_contacts import Purge
from purge_jobs.erasure_log import ErasureLog
from tests.databases import open_again
from ticketing.addresses import ContactChannel
from ticketing.clock import FixedClock
from ticketing.contacts import Contacts
from ticketing.hall import events as ev
from ticketing.hall.office import Counter, Office, Series, Service
from ticketing.journal.base import Batch, Journal, Outcome, Recorded
from ticketing.journal.opening import journal_in
from ticketing.keys import DayKeys
from ticketing.notices import Notices
from ticketing.retention import Retention
from ticketing.signing import SigningKey
from ticketing.storage.database import Database

SIGNING_KEY = SigningKey.of(bytes(range(32)))
DAY = date(2026, 9, 3)
#: 10:00 in Tokyo.
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
#: Midnight and ten minutes past it in Tokyo.
MIDNIGHT = datetime(2026, 9, 3, 15, 0, tzinfo=UTC)
DUE = datetime(2026, 9, 3, 15, 10, tzinfo=UTC)
OFFICE = Office(
    id="minato",
    names={"ja": "みなと区役所"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(Service("family", {"ja": "戸籍"}, "a"),),
    counters=(Counter("1", "1番窓口", ("family",)),),
)


@dataclass
class World:
    """One process's view of the data directory."""

    folder: Path
    main: Database
    file: Database
    clock: FixedClock
    journal: Journal = field(init=False)
    keys: DayKeys = field(init=False)
    contacts: Contacts = field(init=False)
    notices: Notices = field(init=False)
    erasures: ErasureLog = field(init=False)
    retention: Retention = field(init=False)
    purge: Purge = field(init=False)

    def __post_init__(self) -> None:
        self.journal = journal_in(self.main)
        self.keys = DayKeys(self.folder / "keys", bytes(32))
        self.contacts = Contacts(self.file, self.keys)
        self.notices = Notices(self.file)
        self.erasures = ErasureLog(self.main, SIGNING_KEY)
        self.retention = Retention(self.journal, self.contacts, self.keys, [OFFICE], time(0, 10))
        self.purge = Purge(
            main_file=self.main,
            contacts_file=self.file,
            keys=self.keys,
            retention=self.retention,
            erasures=self.erasures,
            clock=self.clock,
            close_day=self.close_day,
            lock_file=self.folder / "purge.lock",
            version="1.2.3",
            responsible="市民課長",
            handlers=("市民課", "情報政策課"),
            notice_days=400,
            search_in=[self.folder],
        )

    async def open_day(self, day: date = DAY, at: datetime = AT, closes_at: datetime = MIDNIGHT) -> None:
        seq = await self.journal.head("minato") + 1
        await self._append(day, ev.DayOpened(seq=seq, at=at, by="tick", day=day, office=OFFICE, closes_at=closes_at))

    async def close_day(self, office_id: str = "minato", day: date = DAY) -> None:
        record = await self.journal.day(office_id, day)
        assert record is not None
        seq = await self.journal.head(office_id) + 1
        await self._append(
            record.day, ev.DayClosed(seq=seq, at=self.clock.now(), by="purge", day=record.day, numbers=())
        )

    async def register(
        self, number: str = "A001", channel: ContactChannel = "email", address: str = "sato@example.jp", day: date = DAY
    ) -> None:
        await self.contacts.put("minato", day, number, channel, address, "ja", None, None, self.clock.now())

    async def _append(self, day: date, event: ev.Event) -> None:
        batch = Batch("minato", event.seq - 1, [Recorded(day, event)])
        assert await self.journal.append([batch]) == [Outcome.STORED]

    @asynccontextmanager
    async def beside(self) -> AsyncIterator["World"]:
        """Another process's view of the same."""
        main, file = await open_again(self.main), await open_again(self.file)
        try:
            yield World(self.folder, main, file, self.clock)
        finally:
            await file.close()
            await main.close()
