"""What is removed when it was kept long enough, and that others can go on meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from purge_jobs.prune import prune, prune_journal
from tests.purge_jobs.world import World
from tests.ticketing.journal.samples import batch, closed, notice, opened, row
from ticketing.devices import Devices
from ticketing.journal.base import Outcome
from ticketing.storage.database import Connection, Database, DatabaseUnavailable

FIRST = date(2026, 9, 1)
DAYS = [FIRST + timedelta(days=place) for place in range(5)]
BEFORE = DAYS[3]
AT = "2026-09-01T01:00:00.000Z"
RUN = "r" * 16

#: By table, the offices and days that have rows.
Found = dict[str, list[tuple[str, str]]]
JOURNAL = ("events", "tickets", "print_jobs", "plays")
MESSAGES = ("notices", "phone_costs", "erased_days")


async def add_days(world: World, office_id: str, days: Sequence[date]) -> None:
    """Days of an office, each with four events, a ticket, a slip and showings."""
    device = await board(world)
    for day in days:
        head = await world.journal.head(office_id)
        events = [opened(head + 1, day), notice(head + 2, day=day), notice(head + 3, day=day), closed(head + 4, day)]
        ticket = row(f"A{head + 1:03}", office_id=office_id, business_day=day)
        added = await world.journal.append([batch(head, *events, office_id=office_id, tickets=[ticket])])
        assert added == [Outcome.STORED]
        await add_slip(world, office_id, day)
        await add_showing(world, office_id, day, device)


async def board(world: World) -> str:
    devices = Devices(world.main)
    enrolled = await devices.enrol(await devices.invite("ward", "board", "", world.clock.now()), world.clock.now())
    assert enrolled is not None
    return enrolled[0].id


async def add_slip(world: World, office_id: str, day: date) -> None:
    async with world.main.transaction() as connection:
        await connection.execute(
            """
            INSERT INTO print_jobs (office_id, business_day, number, copy, printer, state, asked_by, asked_at)
            VALUES (?, ?, 'A001', 1, 'star', 'printed', 'kiosk:k1', ?)
            """,
            (office_id, day.isoformat(), AT),
        )


async def add_showing(world: World, office_id: str, day: date, device: str) -> None:
    async with world.main.transaction() as connection:
        await connection.execute(
            "INSERT INTO plays (office_id, business_day, item, device_id, run, shown) VALUES (?, ?, 'city', ?, ?, 1)",
            (office_id, day.isoformat(), device, RUN),
        )


async def add_messages(world: World, office_id: str, day: date, state: str = "sent", is_recorded: int = 1) -> None:
    """A message, what it cost, and the day's erasure."""
    settled_at = AT if state == "sent" else None
    which = (office_id, day.isoformat())
    async with world.file.transaction() as connection:
        await connection.execute(
            """
            INSERT INTO notices (
                office_id, business_day, number, kind, occurrence, seq, channel, retry_key, state,
                created_at, useful_until, next_at, settled_at
            )
            VALUES (?, ?, 'A001', 'called', '7', 7, 'phone', ?, ?, ?, ?, ?, ?)
            """,
            (*which, " ".join(which), state, AT, AT, AT, settled_at),
        )
        await connection.execute(
            "INSERT INTO phone_costs (retry_key, office_id, business_day, kind) VALUES (?, ?, ?, 'sms')",
            (" ".join(which), *which),
        )
        await connection.execute(
            """
            INSERT INTO erased_days (office_id, business_day, started_at, counts, is_recorded)
            VALUES (?, ?, ?, '{}', ?)
            """,
            (*which, AT, is_recorded),
        )


async def found(database: Database, tables: Sequence[str]) -> Found:
    rows = {
        table: await database.fetch_all(f"SELECT DISTINCT office_id, business_day FROM {table} ORDER BY 1, 2")
        for table in tables
    }
    return {table: [(each["office_id"], each["business_day"]) for each in rows[table]] for table in tables}


def of(**days: Sequence[date]) -> list[tuple[str, str]]:
    """Offices with these days."""
    return [(office_id, day.isoformat()) for office_id in sorted(days) for day in days[office_id]]


async def test_old_days_of_all_offices_go_and_an_offices_last_one_stays(world: World) -> None:
    await add_days(world, "north", DAYS)
    await add_days(world, "south", [DAYS[1], DAYS[4]])
    await add_days(world, "shut", DAYS[:2])
    await add_days(world, "young", DAYS[3:])
    # Without any event.
    await add_slip(world, "away", DAYS[0])

    await prune_journal(world.main, BEFORE)

    kept = of(north=DAYS[3:], south=[DAYS[4]], young=DAYS[3:])
    assert await found(world.main, JOURNAL) == {
        "events": sorted(kept + of(shut=[DAYS[1]])),
        "tickets": kept,
        "print_jobs": kept,
        "plays": kept,
    }
    heads = await world.journal.heads(("north", "south", "shut", "young", "away"))
    assert heads == {"north": 20, "south": 8, "shut": 8, "young": 8, "away": 0}
    # Whole days: from the first that is kept no event is missing.
    assert [each.event.seq for each in await world.journal.read("north", 0)] == list(range(13, 21))
    assert [each.event.seq for each in await world.journal.read("shut", 0)] == list(range(5, 9))


async def test_old_messages_go_but_not_what_is_unfinished(world: World) -> None:
    for day in DAYS:
        await add_messages(world, "north", day)
    await add_messages(world, "south", DAYS[0], state="pending", is_recorded=0)
    await add_messages(world, "south", DAYS[1])

    await prune(world.file, BEFORE)

    kept = of(north=DAYS[3:])
    unfinished = sorted(kept + of(south=[DAYS[0]]))
    assert await found(world.file, MESSAGES) == {"notices": unfinished, "phone_costs": kept, "erased_days": unfinished}


async def test_nothing_is_written_when_nothing_is_old(world: World) -> None:
    await add_days(world, "north", DAYS)
    await add_days(world, "shut", DAYS[:1])
    await add_messages(world, "north", DAYS[0])
    await add_messages(world, "south", FIRST, state="pending", is_recorded=0)
    async with world.file.transaction() as connection:
        await connection.execute("DELETE FROM phone_costs")
    # The last day of an office is looked at again and again, and stays.
    await prune_journal(world.main, DAYS[1])
    before = await found(world.main, JOURNAL), await found(world.file, MESSAGES)

    async with world.beside() as other, other.main.transaction(), other.file.transaction(), asyncio.timeout(3):
        await prune_journal(world.main, DAYS[1])
        await prune(world.file, FIRST)

    assert (await found(world.main, JOURNAL), await found(world.file, MESSAGES)) == before


async def test_what_is_unfinished_for_long_keeps_nobody_waiting(world: World) -> None:
    await add_messages(world, "south", FIRST, state="pending", is_recorded=0)
    await prune(world.file, BEFORE)

    async with world.beside() as other, other.file.transaction(), asyncio.timeout(3):
        await prune(world.file, BEFORE)


async def test_a_transaction_holds_one_day_and_what_was_cut_short_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_days(world, "north", DAYS)
    await add_days(world, "south", DAYS)
    seen: list[Found] = []
    transaction = world.main.transaction

    @asynccontextmanager
    async def breaking() -> AsyncIterator[Connection]:
        seen.append(await found(world.main, JOURNAL))
        async with transaction() as connection:
            yield connection
            if len(seen) == 3:
                raise DatabaseUnavailable("cut")

    monkeypatch.setattr(world.main, "transaction", breaking)
    with pytest.raises(DatabaseUnavailable, match="cut"):
        await prune_journal(world.main, BEFORE)
    left = await found(world.main, JOURNAL)
    await prune_journal(world.main, BEFORE)

    for place, tables in enumerate([*seen[:3], left]):
        # Of the third day nothing went.
        expected = of(north=DAYS[min(place, 2) :], south=DAYS)
        assert tables == dict.fromkeys(JOURNAL, expected), place
    assert len(seen) == 3 + 4
    assert await found(world.main, JOURNAL) == dict.fromkeys(JOURNAL, of(north=DAYS[3:], south=DAYS[3:]))


class Spy:
    """An SQLite file that notes what it is asked."""

    def __init__(self, file: Database) -> None:
        self._file = file
        self.asked: list[tuple[str, Any]] = []

    async def fetch_all(self, sql: str, parameters: Any = ()) -> Any:
        self.asked.append((sql, parameters))
        return await self._file.fetch_all(sql, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Spy"]:
        async with self._file.transaction() as self._connection:
            yield self

    async def execute(self, sql: str, parameters: Any = ()) -> Any:
        self.asked.append((sql, parameters))
        return await self._connection.execute(sql, parameters)

    async def scans(self, tables: Sequence[str]) -> list[str]:
        """The steps of SQLite's plans that walk through a whole table or index."""
        return [
            step["detail"]
            for sql, parameters in self.asked
            for step in await self._file.fetch_all(f"EXPLAIN QUERY PLAN {sql}", parameters)
            if step["detail"].startswith(tuple(f"SCAN {table}" for table in tables))
        ]


async def test_old_days_are_found_without_a_walk_through_the_history(file_world: World) -> None:
    await add_days(file_world, "north", DAYS)
    await add_messages(file_world, "north", FIRST)
    main, file = Spy(file_world.main), Spy(file_world.file)

    await prune_journal(main, BEFORE)  # type: ignore[arg-type]
    await prune(file, BEFORE)  # type: ignore[arg-type]

    assert await main.scans(JOURNAL) == []
    assert await file.scans(MESSAGES) == []
    # Four questions, and four removals for each of three days; three, and three for one day.
    assert (len(main.asked), len(file.asked)) == (4 + 4 * 3, 3 + 3)
