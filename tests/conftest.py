"""Databases of every kind, for the tests of whatever is stored; and whose assertions are shown in full."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.postgres import PostgresServer, empty_database, on_postgres, postgres_server
from ticketing.storage.database import Database
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import PostgresDatabase
from ticketing.storage.sqlite import SqliteFile

# Before any test imports it: then its assertions show what differs.
pytest.register_assert_rewrite("tests.ticketing.hall.given")

KINDS = ["sqlite", pytest.param("postgres", marks=on_postgres)]
FILES = {"main": "junban.sqlite3", "contacts": "contacts.sqlite3"}


@pytest.fixture(autouse=True)
def no_standstill(monkeypatch: pytest.MonkeyPatch) -> None:
    """No loop runs between a fixture and its test; a server in this process must not call that a standstill."""
    monkeypatch.setattr("ticketing.desks.MOST_STANDSTILL", float("inf"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests; whoever stops it has one of its own."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Every kind of database."""
    return str(request.param)


@pytest.fixture
async def databases(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[dict[str, Database]]:
    """Both parts of the data in a new database."""
    opened: dict[str, Database] = {}
    if kind == "sqlite":
        for part, name in FILES.items():
            opened[part] = await SqliteFile.open(tmp_path / name, Schema(part))
    else:
        url = await empty_database(request.getfixturevalue("postgres"))
        for part in FILES:
            opened[part] = await PostgresDatabase.open(url, Schema(part), 3)
    yield opened
    for database in opened.values():
        await database.close()


@pytest.fixture
def main_part(databases: dict[str, Database]) -> Database:
    return databases["main"]


@pytest.fixture
def contacts_part(databases: dict[str, Database]) -> Database:
    return databases["contacts"]
