from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.purge_jobs.world import AT, World, open_world
from ticketing.clock import FixedClock


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, FixedClock(AT)) as world:
        yield world
