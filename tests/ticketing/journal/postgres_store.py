"""The journal's contract on a real PostgreSQL."""

from collections.abc import Sequence
from contextlib import suppress

import asyncpg

from tests.postgres import Line, PostgresServer
from ticketing.audit import Entry
from ticketing.clock import parse
from ticketing.journal.base import Journal
from ticketing.journal.postgres import CHANNEL, PostgresJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import PostgresDatabase

#: An append for the office, and not the message to other nodes about it.
_APPENDS = (b"ward", CHANNEL.encode())


class PostgresStore:
    """A database of its own; the nodes reach it over a line that may lose things."""

    def __init__(self, server: PostgresServer, url: str, line: Line) -> None:
        self._server, self._url, self._line = server, url, line
        self._databases: list[PostgresDatabase] = []
        self._lock: asyncpg.Connection | None = None

    async def node(self) -> Journal:
        database = await PostgresDatabase.open(self._line.url(self._url, self._server.port), Schema("main"))
        self._databases.append(database)
        return PostgresJournal(database)

    def lose_reply(self) -> None:
        self._line.fault, self._line.about = "after", _APPENDS

    def lose_commit(self) -> None:
        self._line.fault, self._line.about = "before", _APPENDS

    async def lock_out(self) -> None:
        self._lock = await asyncpg.connect(self._url, server_settings={"search_path": "junban"})
        await self._lock.execute("BEGIN; LOCK TABLE events")

    async def let_in(self) -> None:
        if self._lock is not None:
            await self._lock.close()
            self._lock = None

    async def cut(self) -> None:
        self._line.is_cut = True
        self._line.hang_up()
        for database in self._databases:
            # A kept connection is found dead when it is used.
            with suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
                await database.fetch_one("SELECT 1")

    async def audit(self) -> Sequence[Entry]:
        rows = await self._ask("SELECT at, who, address, what, target, office_id, result FROM audit ORDER BY id")
        return [Entry(at=parse(at), **dict(zip(_ENTRY, rest))) for at, *rest in rows]

    async def transactions(self) -> int:
        """How many of them wrote anything."""
        rows = await self._ask("SELECT count(DISTINCT xmin::text) FROM events")
        return int(rows[0][0])

    async def _ask(self, sql: str) -> Sequence[asyncpg.Record]:
        connection = await asyncpg.connect(self._url, server_settings={"search_path": "junban"})
        try:
            rows: Sequence[asyncpg.Record] = await connection.fetch(sql)
            return rows
        finally:
            await connection.close()

    async def close(self) -> None:
        await self.let_in()
        self._line.is_cut = True
        for database in self._databases:
            await database.close()


_ENTRY = ("who", "address", "what", "target", "office_id", "result")
