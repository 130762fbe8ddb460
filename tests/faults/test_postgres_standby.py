"""The standby that every commit must reach is away, and comes back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.postgres import PostgresServer, demand_standby, new_database, on_postgres, postgres_server, standby
from tests.ticketing.desk_given import body_mac, key, number
from tests.ticketing.hall.given import KIOSK, START, office
from ticketing.clock import FixedClock
from ticketing.desk import Desk
from ticketing.hall import commands as cmd
from ticketing.hall.events import TicketIssued
from ticketing.journal.postgres import PostgresJournal
from ticketing.orders import Unavailable
from ticketing.storage.database import CommitLost
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import PostgresDatabase

pytestmark = on_postgres

ISSUE = cmd.Issue(service="family", channel="kiosk", language="ja", by=KIOSK)
#: What the server says when a commit's wait for the standby was ended from outside.
ENDED = "canceling wait for synchronous replication"
#: By then the standby has what waited for it (seconds).
THERE_WITHIN = 20.0


@dataclass
class Replicated:
    """A server of the test's own, and what two nodes have open there."""

    server: PostgresServer
    database: PostgresDatabase
    other: PostgresDatabase

    @property
    def log(self) -> str:
        return (self.server.folder / "log").read_text()


@pytest.fixture
async def replicated(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Replicated]:
    # Nobody need wait here as long as a clerk.
    monkeypatch.setattr("ticketing.storage.postgres.COMMAND_SECONDS", 1.0)
    with postgres_server() as server:
        url = await new_database(server)
        opened = [await PostgresDatabase.open(url, Schema("main"), 4) for _ in range(2)]
        yield Replicated(server, *opened)
        for each in opened:
            await each.close()


async def take(desk: Desk, name: str) -> str | None:
    """The number that a kiosk is answered with; None: to come later."""
    try:
        return number(await desk.submit(ISSUE, key=key(name)))
    except Unavailable:
        return None


async def test_what_no_standby_has_is_answered_to_nobody(replicated: Replicated) -> None:
    journal = PostgresJournal(replicated.other)
    desk = Desk(office(), PostgresJournal(replicated.database), FixedClock(START), body_mac, lambda *_: None)
    await desk.start()
    before = await journal.head("ward")
    await demand_standby(replicated.server)

    answers = [*await asyncio.gather(take(desk, "one"), take(desk, "two")), await take(desk, "one")]
    seen = await journal.head("ward")
    async with standby(replicated.server), asyncio.timeout(THERE_WITHIN):
        numbers = []
        for name in ("one", "two"):
            while (taken := await take(desk, name)) is None:
                await asyncio.sleep(0.01)
            numbers.append(taken)
        await desk.stop()

    events = [each.event for each in await journal.read("ward", before)]
    assert (answers, seen) == ([None, None, None], before)
    assert [event.number for event in events if isinstance(event, TicketIssued)] == numbers
    assert ENDED not in replicated.log


@pytest.mark.parametrize("ends", ["its time is over", "its caller goes"])
async def test_a_commit_that_waits_is_seen_when_the_standby_has_it_and_not_before(
    replicated: Replicated, ends: str
) -> None:
    async def write() -> None:
        async with replicated.database.transaction() as connection:
            await connection.execute("INSERT INTO chains VALUES ('x', 1)")

    await demand_standby(replicated.server)

    writing = asyncio.create_task(write())
    if ends == "its caller goes":
        await asyncio.sleep(0.5)
        writing.cancel()
    (outcome,) = await asyncio.gather(writing, return_exceptions=True)
    # What was said to the server by then has been heard.
    await asyncio.sleep(0.5)
    seen = await replicated.other.last_id("x")
    async with standby(replicated.server), asyncio.timeout(THERE_WITHIN):
        while await replicated.other.last_id("x") != 1:
            await asyncio.sleep(0.01)

    assert isinstance(outcome, asyncio.CancelledError if ends == "its caller goes" else CommitLost)
    assert seen == 0
    assert ENDED not in replicated.log
