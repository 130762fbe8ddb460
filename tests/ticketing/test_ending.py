import asyncio

import pytest

from ticketing import ending
from ticketing.ending import end


async def test_tasks_that_end_with_anything_are_over() -> None:
    async def fail() -> None:
        raise OSError("lost")

    tasks = [asyncio.create_task(fail()), asyncio.create_task(asyncio.sleep(3600))]
    await asyncio.sleep(0)

    await end(*tasks)

    assert [task.done() for task in tasks] == [True, True]


async def test_a_task_that_loses_its_cancellation_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.01)
    lost = 0

    async def go_on() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    task = asyncio.create_task(go_on())
    await asyncio.sleep(0)

    await end(task)

    assert (task.cancelled(), lost) == (True, 3)
