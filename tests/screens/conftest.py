"""One demonstration office and one browser for the whole folder."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.screens.stage import Stage, stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("screens")) as ready:
        yield ready
