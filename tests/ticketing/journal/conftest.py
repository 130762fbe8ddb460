from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ticketing.journal.stores import SqliteStore, Store
from ticketing.journal.base import Journal


@pytest.fixture(params=["sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every kind of database that a journal can lie in."""
    store: Store = {"sqlite": SqliteStore}[request.param](tmp_path)
    yield store
    await store.close()


@pytest.fixture
async def journal(store: Store) -> Journal:
    return await store.node()
