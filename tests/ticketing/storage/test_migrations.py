import sqlite3
from pathlib import Path

import pytest

from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import NewerDatabase, SqliteFile, statements

SCHEMAS = [Schema("main"), Schema("contacts")]


async def described(file: SqliteFile) -> dict[str, object]:
    """Every object of a database with its text, and every table's columns."""
    objects = await file.fetch_all("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
    tables = [row["name"] for row in objects if row["type"] == "table"]
    columns = {name: [tuple(row) for row in await file.fetch_all(f"PRAGMA table_xinfo({name})")] for name in tables}
    return {"objects": [tuple(row) for row in objects], "columns": columns}


class WholeSchema(Schema):
    """The schema as one migration."""

    def migrations(self) -> list[str]:
        return [self.whole()]


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_migrations_lead_to_the_schema(tmp_path: Path, schema: Schema) -> None:
    migrated = await SqliteFile.open(tmp_path / "migrated.sqlite3", schema)
    whole = await SqliteFile.open(tmp_path / "whole.sqlite3", WholeSchema(schema.name))

    found, expected = await described(migrated), await described(whole)

    await migrated.close()
    await whole.close()
    assert found == expected
    assert found["columns"]


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_every_table_is_strict(tmp_path: Path, schema: Schema) -> None:
    file = await SqliteFile.open(tmp_path / "new.sqlite3", schema)

    tables = await file.fetch_all("PRAGMA table_list")

    await file.close()
    loose = [row["name"] for row in tables if not row["strict"] and not row["name"].startswith("sqlite_")]
    assert loose == []


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "newer.sqlite3"
    await (await SqliteFile.open(path, schema)).close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {len(schema.migrations()) + 1}")
    newer.close()

    with pytest.raises(NewerDatabase) as refused:
        await SqliteFile.open(path, schema)

    again = sqlite3.connect(path)
    version = again.execute("PRAGMA user_version").fetchone()[0]
    again.close()
    assert version == len(schema.migrations()) + 1
    assert str(refused.value) == NewerDatabase.__doc__


async def test_a_file_is_brought_up_to_date_one_migration_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    await (await SqliteFile.open(path, Steps("CREATE TABLE one (a INTEGER) STRICT;"))).close()

    file = await SqliteFile.open(path, Steps("this was run already", "CREATE TABLE two (b INTEGER) STRICT;"))

    names = [row["name"] for row in await file.fetch_all("SELECT name FROM sqlite_master ORDER BY name")]
    version = await file.fetch_one("PRAGMA user_version")
    await file.close()
    assert (names, tuple(version or ())) == (["one", "two"], (2,))


async def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    await (await SqliteFile.open(path, Steps("CREATE TABLE one (a INTEGER) STRICT;"))).close()

    with pytest.raises(sqlite3.OperationalError):
        await SqliteFile.open(path, Steps("", "CREATE TABLE two (b INTEGER) STRICT;\nCREATE TABLE one (a INTEGER);"))

    file = await SqliteFile.open(path, Steps("CREATE TABLE one (a INTEGER) STRICT;"))
    names = [row["name"] for row in await file.fetch_all("SELECT name FROM sqlite_master")]
    await file.close()
    assert names == ["one"]


def test_a_script_falls_into_its_statements() -> None:
    script = """
    -- A note; with a semicolon.
    CREATE TABLE a (b TEXT);
    CREATE TRIGGER c BEFORE UPDATE ON a
    BEGIN
        SELECT RAISE(ABORT, 'no; never');
    END;
    -- The end.
    """

    found = [statement.splitlines()[-1].strip() for statement in statements(script)]

    assert found == ["CREATE TABLE a (b TEXT);", "END;"]


def test_a_script_that_ends_inside_a_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="ends inside a statement"):
        list(statements("CREATE TABLE a (b TEXT);\nCREATE TABLE"))


class FirstSteps(Schema):
    """A schema as it was after so many migrations."""

    def migrations(self) -> list[str]:
        return super().migrations()[:1]


async def test_messages_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "contacts.sqlite3"
    earlier = await SqliteFile.open(path, FirstSteps("contacts"))
    message = {
        "id": 7, "office_id": "minato", "business_day": "2026-09-03", "number": "A001", "kind": "called",
        "occurrence": "12", "seq": 12, "service": None, "counter": "1", "ahead": 2, "wait_low": 300, "wait_high": 600,
        "channel": "line", "tried": "email", "retry_key": "a-key", "state": "sending", "outcome": "smtp_451",
        "attempts": 2, "created_at": "c", "useful_until": "u", "next_at": "n", "lease_until": "l", "settled_at": None,
    }  # fmt: skip
    async with earlier.transaction() as connection:
        await connection.execute(
            f"INSERT INTO notices ({', '.join(message)}) VALUES ({', '.join('?' * len(message))})",
            tuple(message.values()),
        )
    await earlier.close()

    file = await SqliteFile.open(path, Schema("contacts"))

    rows = [dict(row) for row in await file.fetch_all("SELECT * FROM notices")]
    await file.close()
    assert rows == [message | {"expires_at": None}]


class Steps(Schema):
    """Migrations given as texts."""

    def __init__(self, *migrations: str) -> None:
        super().__init__("steps")
        object.__setattr__(self, "steps", list(migrations))

    def migrations(self) -> list[str]:
        steps: list[str] = self.steps  # type: ignore[attr-defined]
        return steps
