"""The edge that the tests of this folder talk to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ticketing.web.edge import Edge, config_in, edge_of


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with edge_of(config_in(tmp_path / "data")) as opened:
        yield opened
