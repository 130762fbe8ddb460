"""Desks on one journal, for the tests of desks."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ticketing.desk_given import Nodes
from tests.ticketing.hall.given import START
from ticketing.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
async def nodes(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Nodes]:
    nodes = Nodes(tmp_path, clock)
    yield nodes
    async with asyncio.timeout(10):
        await nodes.close()
