"""The line to PostgreSQL is cut around COMMIT, again and again; a desk loses no answer and does nothing twice.

Or the line falls silent; then nobody is shown for long what may be old.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import pytest

from tests.postgres import Line, PostgresServer, line_to, new_database, on_postgres
from tests.ticketing.desk_given import body_mac
from tests.ticketing.hall.given import KIOSK, START, office
from tests.waiting import until
from ticketing.clock import FixedClock, SystemClock
from ticketing.desk import Desk
from ticketing.desks import Desks
from ticketing.hall import commands as cmd
from ticketing.hall.events import TicketIssued
from ticketing.hall.view import Json
from ticketing.journal.postgres import CHANNEL, PostgresJournal
from ticketing.live import Live, Watcher
from ticketing.orders import IdempotencyKey, Unavailable
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import PostgresDatabase

pytestmark = on_postgres

#: A thousand by hand: JUNBAN_CUTS=1000.
CUTS = int(os.environ.get("JUNBAN_CUTS", "200"))
CLIENTS = 6
FAULTS = ("before", "after", "during")
#: An append that gives out tickets, and neither a question nor the message to other nodes.
APPENDS = (b"TicketIssued", CHANNEL.encode())
#: A board that hears nothing asks elsewhere after two seconds, and five are promised for all of it.
SILENT_WITHIN = 3.0


@dataclass
class Clients:
    """Kiosks that ask again with the same key until they are answered."""

    desk: Desk
    #: The number that each key was answered with.
    numbers: dict[str, str] = field(default_factory=dict)
    told_to_wait: int = 0
    is_over: bool = False

    async def kiosk(self, name: int) -> None:
        place = 0
        while not self.is_over:
            place += 1
            await self.take(f"{name}-{place}")

    async def take(self, key: str) -> None:
        while True:
            try:
                answer = await self.desk.submit(
                    cmd.Issue(service="family", channel="kiosk", language="ja", by=KIOSK),
                    key=IdempotencyKey(KIOSK, key, b"{}"),
                )
            except Unavailable:
                self.told_to_wait += 1
                await asyncio.sleep(0.01)
                continue
            assert answer.body is not None
            self.numbers[key] = answer.body["number"]
            return


@asynccontextmanager
async def desk_on(url: str) -> AsyncIterator[tuple[Desk, PostgresJournal]]:
    database = await PostgresDatabase.open(url, Schema("main"), 3)
    journal = PostgresJournal(database)
    desk = Desk(office(), journal, FixedClock(START), body_mac, lambda _, events: None)
    await desk.start()
    try:
        yield desk, journal
    finally:
        await desk.stop()
        await database.close()


@pytest.mark.timeout(max(180, CUTS))
async def test_cuts_around_commit_lose_no_answer_and_double_no_command(postgres: PostgresServer) -> None:
    url, chance = await new_database(postgres), random.Random(5)
    struck = dict.fromkeys(FAULTS, 0)
    async with line_to(postgres) as line, desk_on(line.url(url, postgres.port)) as (desk, _):
        clients = Clients(desk)
        kiosks = [asyncio.create_task(clients.kiosk(name)) for name in range(CLIENTS)]
        for _ in range(CUTS):
            fault = chance.choice(FAULTS)
            await cut(line, fault)
            struck[fault] += 1
        clients.is_over = True
        await asyncio.gather(*kiosks)

    async with desk_on(url) as (again, journal):
        events = [each.event for each in await journal.read("ward", 0)]
        issued = [event.number for event in events if isinstance(event, TicketIssued)]
        tickets = [row.number for row in await journal.tickets("ward", START.date())]
        later = Clients(again)
        await asyncio.gather(*(later.take(key) for key in clients.numbers))

    print(f"{struck}: {len(clients.numbers)} answers, {clients.told_to_wait} times told to wait")
    assert sum(struck.values()) == CUTS
    assert min(struck.values()) > 0
    # Every answer is in the journal, once, and nothing is there that nobody was answered.
    assert sorted(clients.numbers.values()) == sorted(issued) == sorted(set(issued)) == sorted(tickets)
    # Another process knows every key and answers as before.
    assert later.numbers == clients.numbers
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def cut(line: Line, fault: str) -> None:
    """The next append meets the fault."""
    line.about, line.fault = APPENDS, fault
    while line.fault:
        await asyncio.sleep(0.001)


class Board:
    """A board's connection, and when it was given signs of life (loop time)."""

    def __init__(self) -> None:
        self.signs: list[float] = []

    def offer(self, frame: bytes) -> bool:
        if b'"pulse"' in frame:
            self.signs.append(asyncio.get_running_loop().time())
        return True

    def close(self, code: int) -> None: ...


async def no_extras(office_id: str, day: date, number: str) -> Json:
    return {}


async def test_a_node_that_hears_nothing_soon_gives_no_sign_of_life_and_comes_back(postgres: PostgresServer) -> None:
    url, board, live = await new_database(postgres), Board(), Live(FixedClock(START))
    loop = asyncio.get_running_loop()
    async with line_to(postgres) as line, desk_on(url) as (other, _):
        database = await PostgresDatabase.open(line.url(url, postgres.port), Schema("main"), 3)
        desks = Desks([office()], PostgresJournal(database), SystemClock(), body_mac)
        await desks.start()
        live.start(desks, no_extras)
        desk, feed = desks.get("ward"), live.feed("ward")
        assert desk is not None and feed is not None
        feed.join(Watcher(board))
        await until(lambda: board.signs)

        line.flows.clear()
        silent_at = loop.time()
        await Clients(other).take("elsewhere")
        await until(lambda: desk.is_cut_off, 15)
        signs = len(board.signs)
        with pytest.raises(Unavailable):
            desk.check_heard()
        await asyncio.sleep(SILENT_WITHIN)
        last, meanwhile = board.signs[-1], len(board.signs) - signs
        line.flows.set()
        await until(lambda: len(board.signs) > signs and desk.hall.seq == other.hall.seq, 15)
        desk.check_heard()

        await live.stop()
        await desks.stop()
        await database.close()

    print(f"the last sign of life {last - silent_at:.1f} s after the line fell silent")
    assert last - silent_at < SILENT_WITHIN
    assert meanwhile == 0
