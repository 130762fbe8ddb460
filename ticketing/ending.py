"""The end of tasks that run for as long as their process does."""

import asyncio
from typing import Any

#: How often a task that goes on is told again (seconds).
AGAIN_SECONDS = 1.0


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancels tasks, and returns when all are over; what they raise is nobody's any more.

    Once is not enough: a library that gives its lost connection back while it is cancelled raises that connection's
    error instead, and whoever waits for better times after such an error then does so for ever.
    """
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
