import asyncio
from pathlib import Path

import pytest

from purge_jobs.turns import PurgeBusy, one_at_a_time


async def test_turns_are_taken_one_after_the_other(tmp_path: Path) -> None:
    lock_file = tmp_path / "keys" / "purge.lock"
    now = 0
    most = 0

    async def take_turn() -> None:
        nonlocal now, most
        async with one_at_a_time(lock_file):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(take_turn() for _ in range(3)))

    assert (most, lock_file.parent.stat().st_mode & 0o777) == (1, 0o700)


async def test_turn_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    lock_file = tmp_path / "purge.lock"
    async with one_at_a_time(lock_file):
        with pytest.raises(PurgeBusy):
            async with one_at_a_time(lock_file, wait_seconds=0.01):
                pass


async def test_turn_is_over_for_one_whose_work_failed(tmp_path: Path) -> None:
    lock_file = tmp_path / "purge.lock"
    with pytest.raises(ZeroDivisionError):
        async with one_at_a_time(lock_file):
            raise ZeroDivisionError

    async with one_at_a_time(lock_file, wait_seconds=0.01):
        assert lock_file.exists()
