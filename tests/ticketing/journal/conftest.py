from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.postgres import line_to, new_database, on_postgres
from tests.ticketing.journal.postgres_store import PostgresStore
from tests.ticketing.journal.stores import SqliteStore, Store
from ticketing.journal.base import Journal


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=on_postgres)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every kind of database that a journal can lie in."""
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            store: Store = SqliteStore(tmp_path)
        else:
            server = request.getfixturevalue("postgres")
            line = await stack.enter_async_context(line_to(server))
            store = PostgresStore(server, await new_database(server), line)
        stack.push_async_callback(store.close)
        yield store


@pytest.fixture
async def journal(store: Store) -> Journal:
    return await store.node()
