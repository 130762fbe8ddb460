"""One part of the data in a PostgreSQL database: a pool of connections, its migrations, and the stores' SQL."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Self, TypeVar

import asyncpg

from ticketing.ending import end
from ticketing.storage.database import (
    CommitLost,
    DatabaseFault,
    DatabaseUnavailable,
    NewerDatabase,
    NoDatabase,
    Parameters,
    Steps,
)
from ticketing.storage.migrations import Schema

_T = TypeVar("_T")

#: How long the answer of a statement is waited for, and how long a connection (seconds).
COMMAND_SECONDS = 5.0
CONNECT_SECONDS = 3.0
#: The server gives a statement up a little earlier, unless it is at its commit: then nobody does (seconds).
STATEMENT_SECONDS = 4.5
#: What a whole table may take: copies, and giving the space of removed rows back.
LONG_SECONDS = 600.0
#: Of connections that a process keeps to one part.
MOST_CONNECTIONS = 8
#: By part: the PostgreSQL schema that holds it.
NAMESPACES = {"main": "junban", "contacts": "contacts"}

#: Advisory locks, two numbers each: "junb" and what it is for.
_LOCKS = 0x6A756E62
_MIGRATING, _WRITING, _TURN = 1, {"junban": 2, "contacts": 3}, 4
#: A process that is paused inside a transaction must not keep others waiting for longer than they wait.
_SESSION = {
    "application_name": "junban",
    "idle_in_transaction_session_timeout": "3s",
    "lock_timeout": "4s",
    "timezone": "UTC",
}
#: Whoever has the turn says so this often, or loses it (seconds): a paused process must not keep it for ever.
_TURN_BEAT_SECONDS, _TURN_LOST_SECONDS, _TURN_LOOK_SECONDS = 5, 30, 0.1

#: The connection is gone; whether the last statement was carried out is not known.
LOST: tuple[type[Exception], ...] = (
    asyncpg.InterfaceError, asyncpg.PostgresConnectionError, OSError, TimeoutError, asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError, asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.IdleSessionTimeoutError,
    # What the driver says of a connection that was lost between two of its steps.
    asyncpg.InternalClientError,
)  # fmt: skip
#: It cannot be done now, and perhaps in a moment: too many at once, or this server only follows another one.
_LATER: tuple[type[Exception], ...] = (
    asyncpg.TooManyConnectionsError, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientResourcesError,
)  # fmt: skip

_AWAY = LOST + _LATER

_NAMED = re.compile(r":([a-z_]+)")


class _PoolConnection(asyncpg.Connection):  # type: ignore[misc]
    """One that is not reset after each use: nothing of ours changes a session, and it would cost a round trip."""

    def get_reset_query(self) -> str:
        return ""


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the driver as the stores' callers know them."""
    try:
        yield
    except (DatabaseFault, FileExistsError):
        raise
    except _AWAY as error:
        raise DatabaseUnavailable(f"the database cannot be reached ({_words(error)})") from error
    except asyncpg.PostgresError as error:
        # Without the server's details, which quote rows.
        raise DatabaseFault(_words(error)) from error


def _words(error: Exception) -> str:
    first = error.args[0] if error.args else None
    return first if isinstance(first, str) and first else str(error) or type(error).__name__


@dataclass(frozen=True, slots=True)
class _Changed:
    rowcount: int


def give_up(raw: Any) -> None:
    """Drops a connection without a word to the server, which may not hear it."""
    # One that the pool has taken back already answers so to everything.
    with suppress(asyncpg.InterfaceError):
        raw.terminate()


async def committed(raw: Any, ask: Callable[..., Awaitable[_T]], *statement: Any) -> _T:
    """What a statement that commits answers. Raises one of LOST when that is not known in time.

    It is never cancelled, as the driver does with what takes too long or is not waited for any more: a server that
    waits for its standby would end the wait and show everybody what no standby has. Its client gone, it goes on
    waiting, and shows it afterwards.
    """
    asking = asyncio.ensure_future(ask(*statement, timeout=LONG_SECONDS))
    try:
        await asyncio.wait([asking], timeout=COMMAND_SECONDS)
    finally:
        if not asking.done():
            give_up(raw)
            # Whoever was cancelled does not ask for its error.
            asking.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asking


class PostgresConnection:
    """A writing transaction that is under way."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def execute(self, sql: str, parameters: Parameters = (), /) -> _Changed:
        with translated():
            status: str = await self._raw.execute(*placed(sql, parameters))
        count = status.rpartition(" ")[2]
        return _Changed(int(count) if count.isdigit() else 0)

    async def execute_fetchall(self, sql: str, parameters: Parameters = (), /) -> Sequence[asyncpg.Record]:
        with translated():
            rows: Sequence[asyncpg.Record] = await self._raw.fetch(*placed(sql, parameters))
        return rows

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]], /) -> None:
        with translated():
            await self._raw.executemany(numbered(sql), [tuple(each) for each in parameters])

    async def last_id(self, table: str) -> int:
        # Locked until the end: the journal's appends give ids too, and take no other turns with us.
        rows = await self.execute_fetchall("SELECT last_id FROM chains WHERE name = ? FOR UPDATE", (table,))
        return int(rows[0][0])

    async def make_day(self, office_id: str, day: date) -> None:
        await self.execute_fetchall("SELECT make_day(?, ?)", (office_id, day.isoformat()))

    async def drop_day(self, office_id: str, day: date) -> None:
        await self.execute_fetchall("SELECT drop_day(?, ?)", (office_id, day.isoformat()))


class PostgresDatabase:
    """One part of the data, open for as long as the process needs it."""

    def __init__(self, pool: asyncpg.Pool, connect: Mapping[str, Any], namespace: str) -> None:
        self.pool = pool
        self.namespace = namespace
        self._connect = connect
        self._turn = asyncio.Lock()

    @classmethod
    async def open(
        cls, url: str, schema: Schema, most_connections: int = MOST_CONNECTIONS, *, password: str = "",
        begins: bool = True,
    ) -> Self:  # fmt: skip
        """Connects, and brings the tables up to date; without ``begins`` there must be some.

        Raises NewerDatabase, NoDatabase, DatabaseUnavailable, DatabaseFault.
        """
        namespace = NAMESPACES[schema.name]
        connect: dict[str, Any] = {
            "dsn": url, "password": password or None, "timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS,
            "server_settings": {
                **_SESSION, "search_path": namespace, "statement_timeout": f"{STATEMENT_SECONDS * 1000:.0f}ms",
            },
        }  # fmt: skip
        with translated():
            # Connections are made for whoever asks; a least number it would go after by itself, and log every failure.
            pool = await asyncpg.create_pool(
                **connect, min_size=0, max_size=most_connections, connection_class=_PoolConnection
            )
        try:
            with translated():
                async with pool.acquire() as connection:
                    await _begin(connection, schema, namespace, begins=begins)
        except BaseException:
            await pool.close()
            raise
        return cls(pool, connect, namespace)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection that was alive when it was last used. Raises OSError and TimeoutError when there is none."""
        async with self.pool.acquire(timeout=CONNECT_SECONDS) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresConnection]:
        """A writing transaction; what raises inside it leaves no trace. Raises CommitLost, DatabaseUnavailable."""
        # This process's wait for each other here, so that all of them together need one connection.
        async with self._turn, self._raw() as raw:
            try:
                with translated():
                    # The stores read and then write what follows from it, as BEGIN IMMEDIATE lets them on SQLite. One
                    # lock a part is as exclusive as that, holds between all nodes, and is free again when its holder
                    # dies; a holder that is paused is thrown out by idle_in_transaction_session_timeout.
                    lock = f"pg_advisory_xact_lock({_LOCKS}, {_WRITING[self.namespace]})"
                    await raw.execute(f"BEGIN; SELECT {lock}")
                yield PostgresConnection(raw)
            except BaseException:
                await _roll_back(raw)
                raise
            await _commit(raw)

    @asynccontextmanager
    async def _raw(self) -> AsyncIterator[Any]:
        with translated():
            raw = await self.pool.acquire(timeout=CONNECT_SECONDS)
        try:
            yield raw
        finally:
            # One that was lost cannot be given back properly; that changes nothing in what was done.
            with suppress(*LOST, asyncpg.PostgresError):
                await self.pool.release(raw, timeout=CONNECT_SECONDS)

    @asynccontextmanager
    async def _at_leisure(self) -> AsyncIterator[Any]:
        """A connection whose statements may take what a whole table takes; nobody else gets it afterwards."""
        async with self._raw() as raw:
            try:
                with translated():
                    await raw.execute(f"SET statement_timeout = '{LONG_SECONDS:.0f}s'")
                yield raw
            finally:
                give_up(raw)

    async def carry_out(self, steps: Steps[_T]) -> _T:
        """A transaction whose statements need nothing but each other's answers. Raises as ``transaction``."""
        async with self.transaction() as connection:
            rows: Sequence[asyncpg.Record] | None = None
            while True:
                try:
                    sql, parameters = next(steps) if rows is None else steps.send(rows)
                except StopIteration as end:
                    answer: _T = end.value
                    break
                rows = await connection.execute_fetchall(sql, parameters)
        return answer

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> Sequence[asyncpg.Record]:
        """All rows of a query, as the last commit left them. Raises DatabaseUnavailable."""
        async with self._raw() as raw:
            with translated():
                rows: Sequence[asyncpg.Record] = await raw.fetch(*placed(sql, parameters))
        return rows

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> asyncpg.Record | None:
        return next(iter(await self.fetch_all(sql, parameters)), None)

    async def last_id(self, table: str) -> int:
        row = await self.fetch_one("SELECT last_id FROM chains WHERE name = ?", (table,))
        return 0 if row is None else int(row[0])

    async def forget_removed(self) -> None:
        """Takes the dead rows of contacts away, if nobody is in the way. The server's log is not ours to empty."""
        async with self._at_leisure() as raw:
            with suppress(DatabaseFault), translated():
                await raw.execute("VACUUM (SKIP_LOCKED) contacts.contacts", timeout=LONG_SECONDS)

    async def compact(self) -> bool:
        """Removes dead rows from the tables, and lets the server write out what it holds.

        The day's own tables were dropped; these are the ones that stay. What is still in the server's log, in its
        copies and on followers cannot be taken back from here: it is sealed under a key that is gone.
        """
        async with self._at_leisure() as raw:
            with translated():
                tables = await raw.fetch(
                    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = $1",
                    self.namespace,
                )
                for (table,) in tables:
                    await raw.execute(f"VACUUM {table}", timeout=LONG_SECONDS)
                # Only a member of pg_checkpoint may.
                with suppress(asyncpg.InsufficientPrivilegeError):
                    await raw.execute("CHECKPOINT", timeout=LONG_SECONDS)
        return True

    @asynccontextmanager
    async def turn(self, wait_seconds: float) -> AsyncIterator[bool]:
        """Work that one process at a time does, whatever node it runs on."""
        with translated():
            connection = await asyncpg.connect(**_with(self._connect, idle_session_timeout=f"{_TURN_LOST_SECONDS}s"))
        beat: asyncio.Task[None] | None = None
        try:
            with translated():
                has_turn = await _take_turn(connection, wait_seconds)
            if has_turn:
                beat = asyncio.create_task(_beat(connection), name="turn")
            yield has_turn
        finally:
            if beat is not None:
                await end(beat)
            connection.terminate()

    @property
    def places(self) -> Sequence[Path]:
        return ()

    async def copy_to(self, target: Path) -> None:
        # Only whoever copies needs what copies.
        from ticketing.storage.transfer import save_main  # noqa: PLC0415

        async with self._at_leisure() as raw:
            with translated():
                await save_main(raw, target)

    async def close(self) -> None:
        """Closes what answers in time, and drops the rest."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


async def _commit(raw: Any) -> None:
    try:
        status = await committed(raw, raw.execute, "COMMIT")
    except LOST as error:
        await _roll_back(raw)
        raise CommitLost(CommitLost.__doc__) from error
    except asyncpg.PostgresError as error:
        await _roll_back(raw)
        raise DatabaseFault(_words(error)) from error
    if status != "COMMIT":
        # So it answers when a statement had failed before and somebody went on.
        raise DatabaseFault("the transaction had failed")


async def _roll_back(raw: Any) -> None:
    try:
        if not raw.is_closed():
            # Without a transaction it is a warning only.
            await raw.execute("ROLLBACK", timeout=CONNECT_SECONDS)
    except (*LOST, asyncpg.PostgresError):
        give_up(raw)


async def _take_turn(connection: Any, wait_seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + wait_seconds
    while not await connection.fetchval(f"SELECT pg_try_advisory_lock({_LOCKS}, {_TURN})"):
        if loop.time() > give_up_at:
            return False
        await asyncio.sleep(_TURN_LOOK_SECONDS)
    return True


async def _beat(connection: Any) -> None:
    while True:
        await asyncio.sleep(_TURN_BEAT_SECONDS)
        await connection.execute("SELECT 1")


def _with(connect: Mapping[str, Any], **settings: str) -> dict[str, Any]:
    return {**connect, "server_settings": {**connect["server_settings"], **settings}}


def placed(sql: str, parameters: Parameters) -> tuple[Any, ...]:
    """A statement and its parameters as PostgreSQL takes them."""
    if isinstance(parameters, Mapping):
        text, names = _by_name(sql)
        return (text, *(parameters[name] for name in names))
    return (numbered(sql), *parameters)


@lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """The statement with ``$1, $2, …`` for its question marks; none of ours has one in a literal."""
    head, *rest = sql.split("?")
    return head + "".join(f"${place}{part}" for place, part in enumerate(rest, start=1))


@lru_cache(maxsize=256)
def _by_name(sql: str) -> tuple[str, tuple[str, ...]]:
    names = tuple(dict.fromkeys(_NAMED.findall(sql)))
    return _NAMED.sub(lambda match: f"${names.index(match[1]) + 1}", sql), names


async def _begin(connection: Any, schema: Schema, namespace: str, *, begins: bool) -> None:
    if await connection.fetchval("SHOW server_encoding") != "UTF8":
        raise DatabaseFault("the database is not in UTF8; make it with ENCODING 'UTF8'")
    if not begins and not await connection.fetchval("SELECT to_regclass($1)", f"{namespace}.schema_version"):
        raise NoDatabase("There is nothing of Junban in that database; is [database] url right?")
    await _migrate(connection, Schema(f"{schema.name}_postgres").migrations(), namespace)


async def _migrate(connection: Any, migrations: Sequence[str], namespace: str) -> None:
    async with connection.transaction():
        # Processes that start at once bring the tables up to date one after the other.
        await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCKS}, {_MIGRATING})")
        if not await connection.fetchval("SELECT 1 FROM pg_namespace WHERE nspname = $1", namespace):
            await connection.execute(f"CREATE SCHEMA {namespace}")
        if not await connection.fetchval("SELECT to_regclass($1)", f"{namespace}.schema_version"):
            await connection.execute("CREATE TABLE schema_version (version bigint NOT NULL)")
        version = await connection.fetchval("SELECT coalesce(max(version), 0) FROM schema_version")
        if version > len(migrations):
            raise NewerDatabase(NewerDatabase.__doc__)
        for number, migration in enumerate(migrations[version:], start=version + 1):
            await connection.execute(migration)
            await connection.execute("INSERT INTO schema_version VALUES ($1)", number)
