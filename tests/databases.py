"""What tests do with a database of any kind, beside what the service does."""

import sqlite3

from ticketing.storage.database import Database, DatabaseFault
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import NAMESPACES, PostgresDatabase
from ticketing.storage.sqlite import SqliteFile

#: What a database answers to a row that breaks its rules.
REFUSED = (sqlite3.IntegrityError, DatabaseFault)


async def open_again(database: Database) -> Database:
    """Another process's view of the same data, with connections of its own."""
    if isinstance(database, SqliteFile):
        return await SqliteFile.open(database.path, Schema(_part_of_file(database)))
    assert isinstance(database, PostgresDatabase)
    part = next(part for part, namespace in NAMESPACES.items() if namespace == database.namespace)
    return await PostgresDatabase.open(database._connect["dsn"], Schema(part), 3)


def _part_of_file(file: SqliteFile) -> str:
    return "contacts" if file.path.name == "contacts.sqlite3" else "main"


async def written(database: Database) -> bytes:
    """Everything that lies in the database, as far as it can be seen from here."""
    if isinstance(database, SqliteFile):
        return b"".join(path.read_bytes() for path in database.path.parent.glob(f"{database.path.name}*"))
    assert isinstance(database, PostgresDatabase)
    found = b""
    for (table,) in await database.fetch_all(
        "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = ?", (database.namespace,)
    ):
        for row in await database.fetch_all(f"SELECT * FROM {table}"):
            found += b"\0".join(each if isinstance(each, bytes) else str(each).encode() for each in row) + b"\n"
    return found


async def change_unseen(database: Database, *statements: str) -> None:
    """Changes the main part as somebody would who owns the database: what refuses changes is taken away first."""
    async with database.transaction() as connection:
        if isinstance(database, SqliteFile):
            for trigger in await connection.execute_fetchall("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                await connection.execute(f"DROP TRIGGER {trigger['name']}")
        else:
            for table in ("audit", "erasures", "heads"):
                await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_refuses_change")
        for statement in statements:
            await connection.execute(statement)
