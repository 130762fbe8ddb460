from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ticketing.commands.assembly import open_node
from ticketing.commands.node import Node
from ticketing.config import read_config
from ticketing.demo.start import Demo, start_demo


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with start_demo(read_config(None, tmp_path / "data")) as started:
        yield started


@pytest.fixture
async def node(demo: Demo) -> AsyncIterator[Node]:
    async with open_node(demo.config) as opened:
        yield opened
