"""One city hall and one browser for all tests of a module; each finds an empty hall."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.journeys.page_hall import Hall, hall_in


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city_hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    async with hall_in(tmp_path_factory.mktemp("city")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def hall(city_hall: Hall) -> AsyncIterator[Hall]:
    opened = replace(city_hall, faults=[], issued=[])
    yield opened
    await opened.empty()
    assert opened.faults == []
