"""A PostgreSQL database: a pool of connections, its migrations, and queries written as for SQLite."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Self

import asyncpg

from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import NewerDatabase

#: How long a statement may take, and how long a connection is waited for (seconds).
COMMAND_SECONDS = 5.0
CONNECT_SECONDS = 3.0
#: Of connections that a process keeps.
MOST_CONNECTIONS = 8
#: Two processes that start at once bring the tables up to date one after the other.
_MIGRATION_LOCK = 0x6A756E62  # "junb"

#: A process that is paused inside a transaction must not keep others waiting.
_SESSION = {
    "application_name": "junban",
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "4s",
    "timezone": "UTC",
}


class PostgresDatabase:
    """One database, open for as long as the process needs it."""

    def __init__(self, pool: asyncpg.Pool, url: str) -> None:
        self.pool = pool
        self.url = url

    @classmethod
    async def open(cls, url: str, schema: Schema, most_connections: int = MOST_CONNECTIONS) -> Self:
        """Connects, and brings the tables up to date.

        Raises NewerDatabase, OSError when the server cannot be reached, and asyncpg.PostgresError when it refuses.
        """
        pool = await asyncpg.create_pool(
            url, min_size=1, max_size=most_connections, command_timeout=COMMAND_SECONDS, timeout=CONNECT_SECONDS,
            server_settings=_SESSION,
        )  # fmt: skip
        try:
            async with pool.acquire() as connection:
                await _migrate(connection, schema.migrations())
        except BaseException:
            await pool.close()
            raise
        return cls(pool, url)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection that was alive when it was last used. Raises OSError and TimeoutError when there is none."""
        async with self.pool.acquire(timeout=CONNECT_SECONDS) as connection:
            yield connection

    async def fetch_all(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[asyncpg.Record]:
        """All rows of a query with question marks for its parameters, as SQLite takes it."""
        async with self.connection() as connection:
            rows: Sequence[asyncpg.Record] = await connection.fetch(numbered(sql), *parameters)
        return rows

    async def fetch_one(self, sql: str, parameters: Sequence[Any] = ()) -> asyncpg.Record | None:
        return next(iter(await self.fetch_all(sql, parameters)), None)

    async def close(self) -> None:
        """Closes what answers in time, and drops the rest."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


@lru_cache(maxsize=512)
def numbered(sql: str) -> str:
    """The statement with ``$1, $2, …`` for its question marks; none of ours has one in a literal."""
    head, *rest = sql.split("?")
    return head + "".join(f"${place}{part}" for place, part in enumerate(rest, start=1))


async def _migrate(connection: Any, migrations: Sequence[str]) -> None:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
        await connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL)")
        version = await connection.fetchval("SELECT coalesce(max(version), 0) FROM schema_version")
        if version > len(migrations):
            raise NewerDatabase(NewerDatabase.__doc__)
        for number, migration in enumerate(migrations[version:], start=version + 1):
            await connection.execute(migration)
            await connection.execute("INSERT INTO schema_version VALUES ($1)", number)
