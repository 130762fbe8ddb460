"""An SQLite file: one connection that writes, one that reads, and its migrations."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import aiosqlite

from ticketing.storage.copies import copy_database
from ticketing.storage.database import CommitLost, NewerDatabase, Parameters, Row, Steps
from ticketing.storage.migrations import Schema

__all__ = ["CommitLost", "NewerDatabase", "SqliteFile"]

_T = TypeVar("_T")

#: How long a statement waits for another process's transaction before it gives up.
BUSY_SECONDS = 5.0
#: What SQLite puts behind a database's name for its own files.
_ENDS = ("", "-wal", "-shm", "-journal")
_LAST_ID = "SELECT seq FROM sqlite_sequence WHERE name = ?"


class SqliteFile:
    """One database file, open for as long as the process needs it.

    Transactions of this process take turns; those of other processes are waited for (``BUSY_SECONDS``).
    """

    def __init__(self, path: Path, writer: "SqliteConnection", reader: aiosqlite.Connection) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, schema: Schema) -> Self:
        """Opens the file, makes it when it is new, and brings its tables up to date.

        Raises NewerDatabase, and sqlite3.Error when the file cannot be read or written.
        """
        _make_file(path)
        writer = await _connect(path)
        try:
            await _migrate(writer, schema.migrations())
            reader = await _connect(path)
        except BaseException:
            await writer.close()
            raise
        return cls(path, writer, reader)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["SqliteConnection"]:
        """A writing transaction; what raises inside it leaves no trace. Raises CommitLost."""
        async with self._turn:
            try:
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
            except BaseException:
                await self._writer.rollback()
                raise
            try:
                await self._commit()
            except BaseException as error:
                await self._writer.rollback()
                if isinstance(error, sqlite3.Error | OSError):
                    raise CommitLost(CommitLost.__doc__) from error
                raise

    async def _commit(self) -> None:
        await self._writer.visit(self._commit_on)

    def _commit_on(self, connection: sqlite3.Connection) -> None:
        connection.execute("COMMIT")

    async def write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """A writing transaction that is one visit to the writing thread; ``work`` runs there.

        For what is written all the time: a busy process gets to each further visit only milliseconds later. What
        ``work`` raises leaves no trace. Raises CommitLost.
        """
        async with self._turn:
            await self._writer.visit(partial(self._write_on, work))

    def _write_on(self, work: Callable[[sqlite3.Connection], None], connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            work(connection)
        except BaseException:
            connection.rollback()
            raise
        try:
            self._commit_on(connection)
        except (sqlite3.Error, OSError) as error:
            connection.rollback()
            raise CommitLost(CommitLost.__doc__) from error

    async def carry_out(self, steps: Steps[_T]) -> _T:
        """A transaction in one visit to the writing thread. Raises CommitLost."""
        answer: list[_T] = []
        await self.write(partial(_take, steps, answer))
        return answer[0]

    @asynccontextmanager
    async def outside_transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """The writing connection for statements that cannot stand in a transaction, such as VACUUM."""
        async with self._turn:
            yield self._writer

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> Sequence[sqlite3.Row]:
        """All rows of a query, as the last commit left them."""
        # One visit to the reading thread; a cursor would take three.
        return list(await self._reader.execute_fetchall(sql, parameters))

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        return next(iter(await self.fetch_all(sql, parameters)), None)

    async def last_id(self, table: str) -> int:
        row = await self.fetch_one(_LAST_ID, (table,))
        return 0 if row is None else int(row[0])

    async def forget_removed(self) -> None:
        """Empties the write-ahead log, as far as nobody else is reading it."""
        async with self.outside_transaction() as connection:
            await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def compact(self) -> bool:
        """Leaves nothing of removed rows in free pages or in the write-ahead log."""
        async with self.outside_transaction() as connection:
            try:
                # The copy that VACUUM works on stays in memory instead of a temporary file.
                await connection.execute("PRAGMA temp_store = MEMORY")
                await connection.execute("VACUUM")
                rows = await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    return False
                raise
        return all(row[0] == 0 for row in rows)

    def turn(self, wait_seconds: float) -> None:
        return None

    @property
    def places(self) -> Sequence[Path]:
        return [self.path.with_name(self.path.name + end) for end in _ENDS]

    async def copy_to(self, target: Path) -> None:
        await asyncio.to_thread(copy_database, self.path, target)

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()


class SqliteConnection(aiosqlite.Connection):
    """aiosqlite's connection with a way to do several things in one visit to its thread."""

    async def visit(self, work: Callable[[sqlite3.Connection], None]) -> None:
        # What all of aiosqlite's own methods are made of; its version is bounded in pyproject.toml.
        await self._execute(work, self._conn)  # type: ignore[no-untyped-call]

    async def last_id(self, table: str) -> int:
        for row in await self.execute_fetchall(_LAST_ID, (table,)):
            return int(row[0])
        return 0

    async def make_day(self, office_id: str, day: date) -> None:
        """A table holds every day here."""

    async def drop_day(self, office_id: str, day: date) -> None:
        """What is left in free pages goes when the file is compacted."""


def _take(steps: Steps[_T], answer: list[_T], connection: sqlite3.Connection) -> None:
    rows: Sequence[Row] | None = None
    try:
        while True:
            sql, parameters = next(steps) if rows is None else steps.send(rows)
            rows = connection.execute(sql, parameters).fetchall()
    except StopIteration as end:
        answer.append(end.value)


#: 32 MB of pages are kept at most, so that with years behind it a command finds the inner pages of all indexes there.
_PRAGMAS = (
    "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "cache_size = -32000",
)  # fmt: skip


def _make_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS, cached_statements=512)


async def _connect(path: Path) -> SqliteConnection:
    connection = SqliteConnection(partial(_open, path), iter_chunk_size=64)
    await connection
    connection.row_factory = sqlite3.Row
    try:
        for pragma in _PRAGMAS:
            await connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        await connection.close()
        raise
    return connection


async def _migrate(connection: aiosqlite.Connection, migrations: Sequence[str]) -> None:
    # The version is read inside the transaction: of two processes that start at once, one finds nothing left to do.
    await connection.execute("BEGIN IMMEDIATE")
    try:
        async with connection.execute("PRAGMA user_version") as cursor:
            row = await cursor.fetchone()
        version = row[0] if row else 0
        if version > len(migrations):
            raise NewerDatabase(NewerDatabase.__doc__)
        for number, migration in enumerate(migrations[version:], start=version + 1):
            for statement in statements(migration):
                await connection.execute(statement)
            await connection.execute(f"PRAGMA user_version = {number}")
        await connection.execute("COMMIT")
    except BaseException:
        await connection.execute("ROLLBACK")
        raise


def statements(script: str) -> Iterable[str]:
    """The statements of an SQL script, each begun on a line of its own (triggers hold semicolons of their own)."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if any(line.strip() and not line.strip().startswith("--") for line in pending.splitlines()):
        raise ValueError("the script ends inside a statement")
