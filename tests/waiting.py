"""Waiting in tests for what tells nobody when it has happened."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], object], seconds: float = 5.0) -> None:
    """Returns as soon as it holds; TimeoutError when it does not in time."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.001)
