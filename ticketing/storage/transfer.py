"""Rows between SQLite files and PostgreSQL, whole tables at a time, each checked row by row."""

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ticketing.storage.copies import NOT_COPIED, finished_copy, new_copy
from ticketing.storage.database import NotEmpty, NotTheSame
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import LONG_SECONDS, NAMESPACES
from ticketing.storage.sqlite import statements

#: Rows read at once.
_PAGE = 1_000
#: Its rows lie in tables by day and office, which must be there first.
_BY_DAY = ("contacts", "link_codes", "canaries")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the schema that both kinds of database have."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def select(self, namespace: str = "") -> str:
        """All rows, in the order of the key. Names come from our own schema."""
        place = f"{namespace}.{self.name}" if namespace else self.name
        return f"SELECT {', '.join(self.columns)} FROM {place} ORDER BY {', '.join(self.key)}"  # noqa: S608

    @property
    def insert(self) -> str:
        marks = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({marks})"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a table: how many rows, and a hash over them."""

    table: str
    rows: int
    hash: str


def tables_of(connection: sqlite3.Connection) -> list[Table]:
    """The tables of a file, those that others refer to first."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ).fetchall()
    names = sorted((name for (name,) in found), key=lambda name: bool(_references(connection, name)))
    return [_table(connection, name) for name in names]


def _references(connection: sqlite3.Connection, name: str) -> list[Any]:
    return connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()


def _table(connection: sqlite3.Connection, name: str) -> Table:
    columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
    key = sorted((place, column) for _, column, _, _, _, place in columns if place)
    return Table(name, tuple(column for _, column, *_ in columns), tuple(column for _, column in key))


class _Sum:
    """Counts rows and hashes them as they pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.sha256()

    def take(self, row: Iterable[Any]) -> None:
        self.rows += 1
        values = [{"bytes": each.hex()} if isinstance(each, bytes) else each for each in row]
        self._hash.update(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def of(self, table: Table) -> Copied:
        return Copied(table.name, self.rows, self._hash.hexdigest())


# Into PostgreSQL


async def load(target: Any, part: str, source: sqlite3.Connection) -> list[Copied]:
    """Fill an empty part from a file's rows, in the transaction that is under way, and read them back.

    Raises NotEmpty, NotTheSame, asyncpg.PostgresError.
    """
    namespace = NAMESPACES[part]
    tables = tables_of(source)
    for table in tables:
        if await target.fetchval(f"SELECT EXISTS (SELECT FROM {namespace}.{table.name})"):  # noqa: S608
            raise NotEmpty(NotEmpty.__doc__)
    await target.execute(f"SET LOCAL search_path TO {namespace}")
    copied = [await _load_table(target, namespace, table, source) for table in tables]
    await _go_on_counting(target, namespace, tables, source)
    return copied


async def _load_table(target: Any, namespace: str, table: Table, source: sqlite3.Connection) -> Copied:
    if table.name in _BY_DAY:
        days = source.execute(f"SELECT DISTINCT office_id, business_day FROM {table.name}").fetchall()  # noqa: S608
        for office_id, day in days:
            await target.execute("SELECT make_day($1, $2)", office_id, day)
    given, found = _Sum(), _Sum()
    await target.copy_records_to_table(
        table.name, schema_name=namespace, columns=table.columns, timeout=LONG_SECONDS,
        records=_passing(source.execute(table.select()), given),
    )  # fmt: skip
    async for row in _rows(target, table.select(namespace)):
        found.take(row)
    if given.of(table) != found.of(table):
        raise NotTheSame(f"The table {table.name} is not what it was after it was copied; nothing was changed.")
    return found.of(table)


def _passing(rows: Iterable[Sequence[Any]], total: _Sum) -> Iterator[Sequence[Any]]:
    for row in rows:
        total.take(row)
        yield row


async def _rows(connection: Any, sql: str) -> AsyncIterator[Any]:
    async for row in connection.cursor(sql, prefetch=_PAGE, timeout=LONG_SECONDS):
        yield row


async def _go_on_counting(target: Any, namespace: str, tables: Iterable[Table], source: sqlite3.Connection) -> None:
    """No id is given twice, also not that of a row that was removed."""
    given = dict(source.execute("SELECT name, seq FROM sqlite_sequence").fetchall()) if _counts(source) else {}
    for table in tables:
        last = given.get(table.name, 0)
        if table.key != ("id",):
            continue
        if namespace == NAMESPACES["main"]:
            await target.execute("UPDATE chains SET last_id = greatest(last_id, $2) WHERE name = $1", table.name, last)
        sequence = await target.fetchval("SELECT pg_get_serial_sequence($1, 'id')", f"{namespace}.{table.name}")
        if sequence is not None:
            highest = await target.fetchval(f"SELECT max(id) FROM {namespace}.{table.name}")  # noqa: S608
            if max(last, highest or 0):
                await target.fetchval("SELECT setval($1::regclass, $2)", sequence, max(last, highest or 0))


def _counts(source: sqlite3.Connection) -> bool:
    return source.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone() is not None


# Out of PostgreSQL


async def save_main(source: Any, target: Path) -> None:
    """Copy the main part to a new SQLite file, as it is at one moment; on the disk on return.

    Raises FileExistsError, CopyFailed, OSError, sqlite3.Error, asyncpg.PostgresError.
    """
    with new_copy(target) as draft, closing(sqlite3.connect(draft, isolation_level=None)) as writing:
        _make_tables(writing)
        writing.execute("BEGIN")
        async with source.transaction(isolation="repeatable_read", readonly=True):
            for table in tables_of(writing):
                if table.name not in NOT_COPIED:
                    await _save_table(source, table, writing)
            for name, last_id in await source.fetch("SELECT name, last_id FROM chains WHERE last_id > 0"):
                _count_on(writing, name, last_id)
        writing.execute("COMMIT")
        finished_copy(writing)


def _make_tables(writing: sqlite3.Connection) -> None:
    migrations = Schema("main").migrations()
    for migration in migrations:
        for statement in statements(migration):
            writing.execute(statement)
    writing.execute(f"PRAGMA user_version = {len(migrations)}")


async def _save_table(source: Any, table: Table, writing: sqlite3.Connection) -> None:
    page: list[Sequence[Any]] = []
    async for row in _rows(source, table.select(NAMESPACES["main"])):
        page.append(tuple(row))
        if len(page) >= _PAGE:
            writing.executemany(table.insert, page)
            page.clear()
    writing.executemany(table.insert, page)


def _count_on(writing: sqlite3.Connection, name: str, last_id: int) -> None:
    changed = writing.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last_id, name))
    if not changed.rowcount:
        writing.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last_id))
