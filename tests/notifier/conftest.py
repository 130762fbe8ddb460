from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.notifier.world import World, made_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with made_world(tmp_path) as world:
        yield world
