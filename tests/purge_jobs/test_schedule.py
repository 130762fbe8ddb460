import logging
from datetime import time

import pytest

from purge_jobs.schedule import Schedule


async def test_schedule_catches_up_before_anything_else() -> None:
    runs: list[str] = []

    async def purge() -> None:
        runs.append("purge")

    schedule = Schedule(purge, ["Asia/Tokyo"], time(0, 10))
    await schedule.start()
    await schedule.stop()

    assert runs == ["purge"]


async def test_schedule_goes_on_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def purge() -> None:
        raise OSError("disk full")

    schedule = Schedule(purge, ["Asia/Tokyo"], time(0, 10))
    with caplog.at_level(logging.ERROR):
        await schedule.start()
    await schedule.stop()

    assert [record.getMessage() for record in caplog.records] == ["the purge failed; it is tried again within the hour"]


def test_schedule_has_a_time_for_each_zone_and_every_hour() -> None:
    async def purge() -> None:
        return

    schedule = Schedule(purge, ["Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"], time(0, 10))

    triggers = [(str(job.trigger), str(getattr(job.trigger, "timezone", ""))) for job in schedule._scheduler.get_jobs()]
    assert triggers == [
        ("cron[hour='0', minute='10']", "Asia/Tokyo"),
        ("cron[hour='0', minute='10']", "Europe/Berlin"),
        ("interval[1:00:00]", "UTC"),
    ]


async def test_schedule_that_never_started_stops() -> None:
    async def purge() -> None:
        return

    await Schedule(purge, ["Asia/Tokyo"], time(0, 10)).stop()
