from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.purge_jobs.world import AT, World
from ticketing.clock import FixedClock
from ticketing.storage.database import Database
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile


@pytest.fixture
def world(tmp_path: Path, databases: dict[str, Database]) -> World:
    """On every kind of database."""
    return World(tmp_path, databases["main"], databases["contacts"], FixedClock(AT))


@pytest.fixture
async def file_world(tmp_path: Path) -> AsyncIterator[World]:
    """Where the data lie in files of ours, for what is looked for in them."""
    main = await SqliteFile.open(tmp_path / "junban.sqlite3", Schema("main"))
    file = await SqliteFile.open(tmp_path / "contacts.sqlite3", Schema("contacts"))
    yield World(tmp_path, main, file, FixedClock(AT))
    await file.close()
    await main.close()
