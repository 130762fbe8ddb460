"""The journal in an SQLite file."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from ticketing.audit import entry_row
from ticketing.audit_chain import INSERT_AUDIT, LAST_HASH, chained
from ticketing.hall.events import DayOpened
from ticketing.journal.base import Batch, DayRecord, JournalUnavailable, Outcome, Recorded, TicketRow
from ticketing.journal.codec import decode_event, row_from, row_values
from ticketing.journal.rows import day_from, event_values, recorded_from
from ticketing.storage.sqlite import CommitLost, SqliteFile

log = logging.getLogger(__name__)

#: Rows in one statement.
MOST_ROWS = 64
#: How often other processes' commits are looked for.
LISTEN_SECONDS = 0.25

#: What says that another writer's row is there already; other constraints say that ours is wrong.
_TAKEN = {sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE}

_COLUMNS = tuple(TicketRow.__dataclass_fields__)
_KEY = {"office_id", "business_day", "number"}

_INSERT_EVENT = """
    INSERT INTO events (
        office_id, seq, business_day, at, kind, data,
        command_id, scope, idempotency_key, body_mac, answer
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# The names come from the dataclass, never from outside.
_UPSERT_TICKET = f"""
    INSERT INTO tickets ({", ".join(_COLUMNS)})
    VALUES ({", ".join("?" * len(_COLUMNS))})
    ON CONFLICT (office_id, business_day, number) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)}
"""  # noqa: S608
_SELECT_TICKETS = f"""
    SELECT {", ".join(_COLUMNS)}
    FROM tickets
    WHERE office_id = ? AND business_day = ?
    ORDER BY issue_seq
"""  # noqa: S608


@dataclass(slots=True)
class _Waiting:
    batches: Sequence[Batch]
    outcomes: list[Outcome] | None = None
    error: Exception | None = None


class SqliteJournal:
    """Appends of all offices that come while a transaction runs share the next one."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file
        self._waiting: list[_Waiting] = []
        self._turn = asyncio.Lock()

    async def append(self, batches: Sequence[Batch]) -> list[Outcome]:
        waiting = _Waiting(batches)
        self._waiting.append(waiting)
        async with self._turn:
            if waiting.outcomes is None and waiting.error is None:
                together, self._waiting = self._waiting, []
                await self._append_together(together)
        if waiting.outcomes is None:
            raise JournalUnavailable("the journal cannot be written") from waiting.error
        return waiting.outcomes

    async def _append_together(self, together: list[_Waiting]) -> None:
        batches = [batch for waiting in together for batch in waiting.batches]
        try:
            outcomes = iter(await self._write(batches))
        except (sqlite3.Error, OSError, ValueError) as error:
            for waiting in together:
                waiting.error = error
        else:
            for waiting in together:
                waiting.outcomes = [next(outcomes) for _ in waiting.batches]

    async def _write(self, batches: Sequence[Batch]) -> list[Outcome]:
        try:
            return await self._write_at_once(batches)
        except sqlite3.IntegrityError as error:
            if len(batches) > 1:
                # One office's command is there already; the others must not suffer from it.
                return [await self._write_alone(batch) for batch in batches]
            if error.sqlite_errorcode not in _TAKEN:
                raise
            return [Outcome.CONFLICT]

    async def _write_alone(self, batch: Batch) -> Outcome:
        try:
            return (await self._write([batch]))[0]
        except (sqlite3.Error, OSError, ValueError):
            # Others of the same call may be stored by now, so it cannot be said that nothing was.
            return Outcome.UNKNOWN

    async def _write_at_once(self, batches: Sequence[Batch]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            await self._file.write(partial(_append, [_Rows.of(batch) for batch in batches], outcomes))
        except CommitLost as error:
            log.warning("a commit to the journal failed: %s", error.__cause__)
            return [Outcome.UNKNOWN if each is Outcome.STORED else each for each in outcomes]
        return outcomes

    async def read(self, office_id: str, after_seq: int, limit: int | None = None) -> list[Recorded]:
        with _readable():
            rows = await self._file.fetch_all(
                """
                SELECT business_day, kind, data, command_id, scope, idempotency_key, body_mac, answer
                FROM events
                WHERE office_id = ? AND seq > ?
                ORDER BY seq
                LIMIT ?
                """,
                (office_id, after_seq, -1 if limit is None else limit),
            )
        return [recorded_from(row) for row in rows]

    async def head(self, office_id: str) -> int:
        return (await self.heads((office_id,)))[office_id]

    async def heads(self, office_ids: Sequence[str]) -> dict[str, int]:
        with _readable():
            rows = await self._file.fetch_all(_for_rows(_HEADS, 1, len(office_ids)), tuple(office_ids))
        return {office_id: head or 0 for office_id, head in rows}

    async def latest_day(self, office_id: str) -> DayRecord | None:
        return await self._day(
            """
            SELECT kind, data, seq
            FROM events
            WHERE office_id = ? AND kind = 'DayOpened'
            ORDER BY business_day DESC
            LIMIT 1
            """,
            (office_id,),
        )

    async def day(self, office_id: str, day: date) -> DayRecord | None:
        return await self._day(
            """
            SELECT kind, data, seq
            FROM events
            WHERE office_id = ? AND kind = 'DayOpened' AND business_day = ?
            """,
            (office_id, day.isoformat()),
        )

    async def _day(self, sql: str, parameters: tuple[str, ...]) -> DayRecord | None:
        with _readable():
            row = await self._file.fetch_one(sql, parameters)
            if row is None:
                return None
            opened = decode_event(row["kind"], row["data"])
            assert isinstance(opened, DayOpened)
            turns = await self._file.fetch_all(
                """
                SELECT kind, data
                FROM events INDEXED BY events_by_day_turn
                WHERE office_id = ? AND business_day = ?
                  AND kind IN ('DayOpened', 'DayExtended', 'DayClosed') AND kind <> 'DayOpened'
                ORDER BY seq
                """,  # in the words of that index; left to itself SQLite walks through all that the office ever had
                (parameters[0], opened.day.isoformat()),
            )
        return day_from(opened, row["seq"], turns)

    async def tickets(self, office_id: str, day: date) -> list[TicketRow]:
        with _readable():
            rows = await self._file.fetch_all(_SELECT_TICKETS, (office_id, day.isoformat()))
        return [row_from(row) for row in rows]

    async def listen(self, office_ids: Iterable[str], heard: Callable[[str, int], None]) -> None:
        offices = tuple(office_ids)
        version = -1
        while True:
            # data_version changes when another connection commits, and costs a look into shared memory only.
            with _readable():
                row = await self._file.fetch_one("PRAGMA data_version")
            if row is not None and row[0] != version:
                version = row[0]
                for office_id, head in (await self.heads(offices)).items():
                    heard(office_id, head)
            await asyncio.sleep(LISTEN_SECONDS)

    async def clock_skew(self, now: datetime) -> float:
        # The file is on this machine: there is only one clock.
        return 0.0


#: The last id that was given, also to a row that was removed since, and the hash of the last row.
_LAST_OF_CHAIN = f"""
    SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0) AS id, ({LAST_HASH}) AS hash
"""  # noqa: S608
_HEADS = """
    WITH offices (id) AS (VALUES (?))
    SELECT id, (SELECT max(seq) FROM events WHERE office_id = offices.id)
    FROM offices
"""


@dataclass(frozen=True, slots=True)
class _Rows:
    """A batch as rows of its tables."""

    office_id: str
    after_seq: int
    events: list[tuple[Any, ...]]
    tickets: list[tuple[Any, ...]]
    audit: list[tuple[Any, ...]]

    @classmethod
    def of(cls, batch: Batch) -> "_Rows":
        return cls(
            batch.office_id,
            batch.after_seq,
            [event_values(batch.office_id, recorded) for recorded in batch.events],
            [row_values(row) for row in batch.tickets],
            [entry_row(entry) for entry in batch.audit],
        )


def _append(batches: Sequence[_Rows], outcomes: list[Outcome], connection: sqlite3.Connection) -> None:
    """Judges and inserts in a transaction, in the writing thread; one outcome for each batch."""
    office_ids = list({batch.office_id for batch in batches})
    heads = {key: head or 0 for key, head in connection.execute(_for_rows(_HEADS, 1, len(office_ids)), office_ids)}
    fitting = []
    for batch in batches:
        fits = heads[batch.office_id] == batch.after_seq
        outcomes.append(Outcome.STORED if fits else Outcome.CONFLICT)
        if fits:
            heads[batch.office_id] += len(batch.events)
            fitting.append(batch)
    _insert(connection, _INSERT_EVENT, [row for batch in fitting for row in batch.events])
    _insert(connection, _UPSERT_TICKET, [row for batch in fitting for row in batch.tickets])
    audit = [row for batch in fitting for row in batch.audit]
    if audit:
        last_id, last_hash = connection.execute(_LAST_OF_CHAIN).fetchone()
        _insert(connection, INSERT_AUDIT, chained(audit, last_id, last_hash))


def _insert(connection: sqlite3.Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    # This thread waits for the interpreter lock once for each of these statements; in executemany once for each row.
    for start in range(0, len(rows), MOST_ROWS):
        some = rows[start : start + MOST_ROWS]
        connection.execute(_for_rows(sql, len(some[0]), len(some)), list(chain.from_iterable(some)))


@lru_cache(maxsize=4 * MOST_ROWS)
def _for_rows(sql: str, columns: int, rows: int) -> str:
    """The statement for one row, made for several."""
    row = f"({', '.join('?' * columns)})"
    return sql.replace(row, ", ".join([row] * rows))


@contextmanager
def _readable() -> Iterator[None]:
    # aiosqlite answers ValueError when its connection was closed.
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        raise JournalUnavailable("the journal cannot be read") from error
