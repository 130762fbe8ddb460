"""The journal in a PostgreSQL database, shared by several nodes."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import asyncpg

from ticketing.audit import entry_row
from ticketing.hall.events import DayOpened
from ticketing.journal.base import Batch, DayRecord, JournalUnavailable, Outcome, Recorded, TicketRow
from ticketing.journal.codec import decode_event, row_from, row_values
from ticketing.journal.rows import day_from, event_values, recorded_from
from ticketing.storage.postgres import LOST, PostgresDatabase, committed, give_up

log = logging.getLogger(__name__)

CHANNEL = "junban_events"
#: How often the heads are read, whatever was heard, and how long their answer is waited for (seconds). A node that
#: hears nothing for both together is cut off; its boards ask elsewhere two seconds later.
LISTEN_SECONDS, HEADS_SECONDS = 1.0, 1.5

_APPEND = "SELECT append_batches($1, $2, $3, $4, $5)"
_NOTIFY = "SELECT pg_notify($1, message) FROM unnest($2::text[]) AS messages (message)"
_COLUMNS = tuple(TicketRow.__dataclass_fields__)
_HEADS = "SELECT id, (SELECT max(seq) FROM events WHERE office_id = id) FROM unnest($1::text[]) AS offices (id)"
_OUTCOMES = {"stored": Outcome.STORED, "conflict": Outcome.CONFLICT, "failed": Outcome.UNKNOWN}


@dataclass(slots=True, eq=False)
class _Waiting:
    batch: Batch
    done: "asyncio.Future[Outcome]"


class PostgresJournal:
    """Appends of different offices that come while a statement runs share the next one."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._told: dict[str, int] = {}
        self._telling: asyncio.Task[None] | None = None

    async def append(self, batches: Sequence[Batch]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(batch, loop.create_future()) for batch in batches]
        self._waiting += waiting
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write(), name="journal")
        outcomes = await asyncio.gather(*(each.done for each in waiting), return_exceptions=True)
        failures = [each for each in outcomes if isinstance(each, BaseException)]
        if len(failures) == len(outcomes) and failures:
            raise failures[0]
        # Others of the same call may be stored, so it cannot be said that nothing was.
        return [Outcome.UNKNOWN if isinstance(each, BaseException) else each for each in outcomes]

    async def _write(self) -> None:
        while self._waiting:
            together = self._take()
            try:
                outcomes = await self._append([each.batch for each in together])
            except Exception as error:
                unavailable = JournalUnavailable("the journal cannot be written")
                unavailable.__cause__ = error
                for each in together:
                    each.done.set_exception(unavailable)
            else:
                for each, outcome in zip(together, outcomes):
                    if isinstance(outcome, Outcome):
                        each.done.set_result(outcome)
                    else:
                        each.done.set_exception(outcome)

    def _take(self) -> list[_Waiting]:
        """The oldest batch of each office; a second one of the same office waits for what becomes of the first."""
        oldest: dict[str, _Waiting] = {}
        for each in self._waiting:
            oldest.setdefault(each.batch.office_id, each)
        together = list(oldest.values())
        self._waiting = [each for each in self._waiting if each not in together]
        return together

    async def _append(self, batches: Sequence[Batch]) -> Sequence[Outcome | JournalUnavailable]:
        arguments = (
            [batch.office_id for batch in batches],
            [batch.after_seq for batch in batches],
            [event_values(batch.office_id, recorded) for batch in batches for recorded in batch.events],
            [row_values(row) for batch in batches for row in batch.tickets],
            [(batch.office_id, *entry_row(entry)) for batch in batches for entry in batch.audit],
        )
        async with self._database.connection() as connection:
            try:
                answers = await committed(connection, connection.fetchval, _APPEND, *arguments)
            except LOST as error:
                log.warning("the connection to the journal was lost around a commit: %r", error)
                return [Outcome.UNKNOWN for _ in batches]
        self._tell({batch.office_id: batch.after_seq + len(batch.events) for batch in batches})
        return [
            JournalUnavailable("what was decided cannot be stored") if answer == "failed" else _OUTCOMES[answer]
            for answer in answers
        ]

    def _tell(self, heads: dict[str, int]) -> None:
        """Wakes other nodes soon; what is committed meanwhile goes with the same message."""
        self._told |= heads
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._notify(), name="journal notify")

    async def _notify(self) -> None:
        while self._told:
            heads, self._told = self._told, {}
            messages = [f"{office_id} {seq}" for office_id, seq in heads.items()]
            try:
                async with self._database.connection() as connection:
                    await connection.execute(_NOTIFY, CHANNEL, messages)
            except (asyncpg.PostgresError, *LOST):
                # Whoever hears nothing reads the journal.
                return

    async def read(self, office_id: str, after_seq: int, limit: int | None = None) -> list[Recorded]:
        rows = await self._fetch(
            """
            SELECT business_day, kind, data, command_id, scope, idempotency_key, body_mac, answer
            FROM events
            WHERE office_id = $1 AND seq > $2
            ORDER BY seq
            LIMIT $3
            """,
            office_id, after_seq, limit,
        )  # fmt: skip
        return [recorded_from(row) for row in rows]

    async def head(self, office_id: str) -> int:
        return (await self.heads((office_id,)))[office_id]

    async def heads(self, office_ids: Sequence[str]) -> dict[str, int]:
        return {office_id: head or 0 for office_id, head in await self._fetch(_HEADS, list(office_ids))}

    async def latest_day(self, office_id: str) -> DayRecord | None:
        return await self._day(
            office_id,
            """
            SELECT kind, data, seq
            FROM events
            WHERE office_id = $1 AND kind = 'DayOpened'
            ORDER BY business_day DESC
            LIMIT 1
            """,
        )

    async def day(self, office_id: str, day: date) -> DayRecord | None:
        return await self._day(
            office_id,
            """
            SELECT kind, data, seq
            FROM events
            WHERE office_id = $1 AND kind = 'DayOpened' AND business_day = $2
            """,
            day.isoformat(),
        )

    async def _day(self, office_id: str, sql: str, *parameters: str) -> DayRecord | None:
        found = await self._fetch(sql, office_id, *parameters)
        if not found:
            return None
        opened = decode_event(found[0]["kind"], found[0]["data"])
        assert isinstance(opened, DayOpened)
        turns = await self._fetch(
            """
            SELECT kind, data
            FROM events
            WHERE office_id = $1 AND business_day = $2 AND kind IN ('DayExtended', 'DayClosed')
            ORDER BY seq
            """,
            office_id, opened.day.isoformat(),
        )  # fmt: skip
        return day_from(opened, found[0]["seq"], turns)

    async def tickets(self, office_id: str, day: date) -> list[TicketRow]:
        # The names come from the dataclass, never from outside.
        sql = f"""
            SELECT {", ".join(_COLUMNS)}
            FROM tickets
            WHERE office_id = $1 AND business_day = $2
            ORDER BY issue_seq
        """  # noqa: S608
        return [row_from(row) for row in await self._fetch(sql, office_id, day.isoformat())]

    async def listen(self, office_ids: Iterable[str], heard: Callable[[str, int], None]) -> None:
        with _readable():
            async with self._database.connection() as connection:
                try:
                    await self._listen_on(connection, frozenset(office_ids), heard)
                finally:
                    # To end it properly would take as long again when the line loses everything.
                    give_up(connection)

    async def _listen_on(self, connection: Any, offices: frozenset[str], heard: Callable[[str, int], None]) -> None:
        def message(*given: Any) -> None:
            office_id, _, seq = str(given[-1]).rpartition(" ")
            if office_id in offices:
                heard(office_id, int(seq))

        async with asyncio.timeout(HEADS_SECONDS):
            await connection.add_listener(CHANNEL, message)
        while True:
            # After the listener is set: what was committed before it is found here.
            for office_id, head in await connection.fetch(_HEADS, list(offices), timeout=HEADS_SECONDS):
                heard(office_id, head or 0)
            await asyncio.sleep(LISTEN_SECONDS)

    async def clock_skew(self, now: datetime) -> float:
        asked_at = datetime.now(UTC)
        rows = await self._fetch("SELECT clock_timestamp()")
        took = datetime.now(UTC) - asked_at
        return float((now + took / 2 - rows[0][0]).total_seconds())

    async def _fetch(self, sql: str, *parameters: Any) -> Sequence[asyncpg.Record]:
        with _readable():
            async with self._database.connection() as connection:
                rows: Sequence[asyncpg.Record] = await connection.fetch(sql, *parameters)
                return rows


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, *LOST) as error:
        raise JournalUnavailable("the journal cannot be read") from error
