from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from secrets import token_hex

import pytest

from tests.postgres import PostgresServer, line_to, new_database, on_postgres, postgres_server
from tests.ticketing.journal.postgres_store import PostgresStore
from tests.ticketing.journal.stores import SqliteStore, Store
from ticketing.journal.base import Journal


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=on_postgres)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every kind of database that a journal can lie in."""
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            store: Store = SqliteStore(tmp_path)
        else:
            server = request.getfixturevalue("postgres")
            line = await stack.enter_async_context(line_to(server))
            store = PostgresStore(server, await new_database(server, token_hex(8)), line)
        stack.push_async_callback(store.close)
        yield store


@pytest.fixture
async def journal(store: Store) -> Journal:
    return await store.node()
