"""One city hall, or one office with a ticket machine, and one browser for all tests of a module."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser import shut_all
from tests.journeys.page_hall import Hall, hall_in
from tests.screens.stage import Stage
from tests.screens.stage import stage as opened_stage


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def the_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    expect.set_options(timeout=20_000)
    async with opened_stage(tmp_path_factory.mktemp("kiosk")) as opened:
        await opened.at("1", "open")
        yield opened
    expect.set_options(timeout=5_000)


@pytest_asyncio.fixture(loop_scope="module")
async def stage(the_stage: Stage) -> AsyncIterator[Stage]:
    the_stage.faults.clear()
    yield the_stage
    await shut_all(the_stage.browser)
    assert the_stage.faults == []
