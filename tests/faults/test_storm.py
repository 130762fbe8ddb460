"""Four nodes on one PostgreSQL while nodes are killed, paused and cut off and the database restarts, with a day's end
in the middle: every answer is checked against the journal, and every board against its fold."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.boards import Board, comparable
from tests.checker import faults_of
from tests.crowd import CLERK, COUNTERS, OFFICE, OFFICE_ID, Crowd
from tests.history import Historian, Wish
from tests.postgres import Line, PostgresServer, line_to, new_database, on_postgres, postgres_server
from tests.processes import Installation, Server, free_port
from tests.waiting import until
from ticketing.commands.replay import fold
from ticketing.config import read_config
from ticketing.hall.model import Hall
from ticketing.hall.view import snapshot
from ticketing.journal.base import Recorded, TicketRow, ticket_row
from ticketing.journal.opening import journal_in
from ticketing.storage.opening import open_database

SEED = int(os.environ.get("JUNBAN_STORM_SEED", "1"))
#: How long things are broken at least; JUNBAN_STORM_SECONDS=600 for a long night.
SECONDS = float(os.environ.get("JUNBAN_STORM_SECONDS", "30"))
NODES, KIOSKS, CONSOLES = 4, 4, 4
#: A board that lost its node shows by then what was true when it did (seconds).
TRUTH_WITHIN = 5.0
#: When all is well again (seconds).
LAST_ANSWER_WITHIN = 30.0
#: Between the set-up and the end of the business day, at least.
SET_UP = timedelta(seconds=30)
#: What becomes of a wish that met the end of the day: there is no such ticket any more, and the counter is closed.
AT_THE_END_OF_A_DAY = {("call", 409), ("complete", 404), ("complete", 409), ("complete", 422)}

pytestmark = [*on_postgres, pytest.mark.timeout(SECONDS + 300)]


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """A server of this test's own, for it is restarted."""
    with postgres_server() as server:
        yield server


@dataclass
class Storm:
    """What stands in it, and what was done to it."""

    database: PostgresServer
    installations: list[Installation]
    line: Line
    stack: AsyncExitStack
    random: random.Random
    urls: list[str] = field(default_factory=list)
    nodes: list[Server] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    #: When which node was killed (loop time).
    kills: list[tuple[float, str]] = field(default_factory=list)

    async def start(self, place: int) -> Server:
        port = int(self.urls[place].rpartition(":")[2])
        return await self.stack.enter_async_context(self.installations[place].serving(port))

    async def rage(self, until_time: float) -> None:
        loop = asyncio.get_running_loop()
        ways = [self.kill, self.pause, self.restart_database, self.cut_off]
        while len(self.done) < len(ways) or loop.time() < until_time:
            self.random.shuffle(ways)
            for way in ways:
                if len(self.done) == len(ways) and loop.time() >= until_time:
                    break
                await way()
                self.done[way.__name__] += 1
                await asyncio.sleep(self.random.uniform(0.2, 1))
        # Whoever starts now makes up for what was due and failed meanwhile.
        await self.kill()

    async def kill(self) -> None:
        place = self.random.randrange(NODES)
        self.kills.append((asyncio.get_running_loop().time(), self.urls[place]))
        await self.nodes[place].kill()
        # The boards' time to find another node; nothing else is broken in it.
        await asyncio.sleep(TRUTH_WITHIN)
        self.nodes[place] = await self.start(place)

    async def pause(self) -> None:
        node = self.random.choice(self.nodes)
        node.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(self.random.uniform(0.5, 9))
        node.process.send_signal(signal.SIGCONT)

    async def restart_database(self) -> None:
        await asyncio.to_thread(self.database.stop, self.random.choice(["fast", "immediate"]))
        await asyncio.sleep(self.random.uniform(0, 2))
        await asyncio.to_thread(self.database.start)
        await asyncio.sleep(2)

    async def cut_off(self) -> None:
        """The last node from the database."""
        self.line.is_cut = True
        self.line.hang_up()
        await asyncio.sleep(self.random.uniform(0.5, 4))
        self.line.is_cut = False


async def test_whatever_breaks_every_answer_holds(tmp_path: Path, database: PostgresServer) -> None:
    loop = asyncio.get_running_loop()
    day_ends = next_minute(datetime.now(UTC) + SET_UP)
    async with storming(tmp_path, database, day_ends) as storm:
        crowd = await Crowd.enrol(storm.installations[0], storm.nodes[0])
        stopping = asyncio.Event()
        clients = Historian(crowd, storm.urls, random.Random(SEED + 1))
        goes_on = lambda: not stopping.is_set()  # noqa: E731
        load = [
            *(asyncio.create_task(clients.kiosk(goes_on)) for _ in range(KIOSKS)),
            *(asyncio.create_task(clients.console(each, goes_on)) for each in COUNTERS[:CONSOLES]),
        ]
        boards = [Board(storm.urls, place) for place in range(NODES)]
        watching = [asyncio.create_task(board.follow()) for board in boards]

        left = (day_ends - datetime.now(UTC)).total_seconds()
        await storm.rage(loop.time() + max(SECONDS, left + 5))

        stopping.set()
        # Who is not answered by then never will be; the checker says so.
        await asyncio.wait(load, timeout=LAST_ANSWER_WITHIN)
        after = await stored(storm.installations[0])
        journal, hall = after.journal, after.halls[-1]
        with suppress(TimeoutError):
            await until(lambda: all(board.seq == hall.seq for board in boards), LAST_ANSWER_WITHIN)
        pictures = [board.picture for board in boards]
        for task in (*load, *watching):
            task.cancel()
        await asyncio.gather(*load, *watching, return_exceptions=True)
        exits = await asyncio.gather(*map(stop, storm.nodes))

    print(f"{dict(storm.done)}; {len(journal)} events; wishes: {statuses(clients.wishes)}")
    print(f"repeated after: {Counter(each for wish in clients.wishes for each in wish.failures)}")
    assert faults_of(clients.wishes, journal) == []
    assert set(statuses(clients.wishes)) - AT_THE_END_OF_A_DAY <= {
        ("issue", 201), ("call", 200), ("call", 204), ("complete", 200), ("open", 200),
    }  # fmt: skip
    assert exits == [0] * NODES
    assert hall.at is not None
    assert pictures == [comparable(snapshot(hall, hall.at))] * NODES
    assert len(after.halls) == 2
    assert [rows_of(each) for each in after.halls] == after.rows
    assert slowest_truth(storm, boards, clients.wishes, journal) < TRUTH_WITHIN

    # What is due at a day's end was done once, by whoever it was.
    assert after.erased == [(OFFICE_ID, str(after.halls[0].day))]
    await storm.installations[0].run("audit", "verify")


@asynccontextmanager
async def storming(folder: Path, database: PostgresServer, day_ends: datetime) -> AsyncIterator[Storm]:
    url = await new_database(database)
    at = f'"{day_ends:%H:%M}"'
    office = OFFICE.replace("[[office.series]]", f'time_zone = "UTC"\nday_starts_at = {at}\n\n[[office.series]]', 1)
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(line_to(database))
        installations = []
        for place in range(NODES):
            # All share one data directory, and with it the keys.
            its_url = line.url(url, database.port) if place == NODES - 1 else url
            more = f'[database]\nurl = "{its_url}"\n[retention]\nerase_at = {at}\n'
            made = Installation.make(folder / f"node{place}", more, office)
            made.data = folder / "data"
            installations.append(made)
        await installations[0].add_staff(CLERK, "clerk")
        storm = Storm(database, installations, line, stack, random.Random(SEED))
        storm.urls = [f"http://127.0.0.1:{free_port()}" for _ in range(NODES)]
        storm.nodes = list(await asyncio.gather(*(storm.start(place) for place in range(NODES))))
        yield storm


async def stop(node: Server) -> int:
    """With what it ended when it was told to; one that does not is killed."""
    try:
        return await asyncio.wait_for(node.stop(), LAST_ANSWER_WITHIN)
    except TimeoutError:
        await node.kill()
        return -signal.SIGKILL


def next_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


@dataclass
class Stored:
    """The whole journal, what each of its days folds to and has for rows, and the days erased."""

    journal: list[Recorded]
    halls: list[Hall]
    rows: list[list[TicketRow]]
    erased: list[tuple[str, str]]


async def stored(installation: Installation) -> Stored:
    config = read_config(installation.config, installation.data)
    file = await open_database(config.database, "main")
    try:
        journal = journal_in(file)
        recorded = await journal.read(OFFICE_ID, 0)
        days = sorted({each.day for each in recorded})
        return Stored(
            recorded,
            [await fold(journal, config.offices[0], day) for day in days],
            [await journal.tickets(OFFICE_ID, day) for day in days],
            [(row[0], row[1]) for row in await file.fetch_all("SELECT office_id, business_day FROM erasures")],
        )
    finally:
        await file.close()


def rows_of(hall: Hall) -> list[TicketRow]:
    assert hall.day is not None
    return [ticket_row(OFFICE_ID, hall.day, ticket) for ticket in hall.tickets.values()]


def statuses(wishes: list[Wish]) -> Counter[tuple[str, int]]:
    return Counter((wish.kind, wish.status) for wish in wishes)


def slowest_truth(storm: Storm, boards: list[Board], wishes: list[Wish], journal: list[Recorded]) -> float:
    """How long after a kill a board that had lost its node took at most to know all that had been answered by then."""
    seqs = {
        (each.day.isoformat(), number): each.event.seq
        for each in journal
        if type(each.event).__name__ == "TicketIssued" and (number := getattr(each.event, "number", None))
    }
    slowest = 0.0
    for killed_at, url in storm.kills:
        truth = max(
            seqs[wish.ticket]
            for wish in wishes
            if wish.kind == "issue" and wish.ticket and wish.answered_at and wish.answered_at < killed_at
        )
        for board in boards:
            if any(lost_from == url and 0 <= at - killed_at < TRUTH_WITHIN for at, lost_from in board.lost):
                slowest = max(slowest, board.knew(truth, killed_at) or float("inf"))
    print(f"boards that lost their node showed the truth after {slowest:.2f} s at most")
    return slowest
