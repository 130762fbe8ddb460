"""Print jobs on every kind of database."""

import asyncio
from datetime import date, timedelta

import pytest

from tests.databases import open_again
from ticketing.audit import Audit, Entry
from ticketing.clock import parse
from ticketing.config.model import Printer
from ticketing.slips.jobs import NOT_CONFIRMED, NOT_FETCHED, Job, PrintJobs
from ticketing.storage.database import Database

NOW = parse("2026-09-03T01:00:00Z")
DAY = date(2026, 9, 3)
PRINTER = Printer("p1", "cloudprnt", wait_seconds=10)
LATER = NOW + timedelta(seconds=11)


@pytest.fixture
def jobs(main_part: Database) -> PrintJobs:
    return PrintJobs(main_part)


async def add(jobs: PrintJobs, number: str = "A001", *, is_reprint: bool = False) -> Job:
    entry = Entry(at=NOW, who="staff:sato", what="slip.print", target=number) if is_reprint else None
    return await jobs.add("ward", DAY, number, PRINTER, "kiosk:k1", NOW, is_reprint=is_reprint, entry=entry)


async def test_a_ticket_has_one_slip_and_another_only_when_it_is_settled(jobs: PrintJobs, main_part: Database) -> None:
    first, again, early = await add(jobs), await add(jobs), await add(jobs, is_reprint=True)
    await jobs.send(first, True, NOW)
    await jobs.printed(first.id, PRINTER, "ward", NOW)
    second = await add(jobs, is_reprint=True)

    assert (first, first.copy, second.copy) == (again, 1, 2)
    assert early.id == first.id < second.id
    assert [row.entry.what for row in await Audit(main_part).list()] == ["slip.print"]


async def test_of_two_nodes_one_sends(jobs: PrintJobs, main_part: Database) -> None:
    job = await add(jobs)
    beside = await open_again(main_part)

    sent = await asyncio.gather(*(each.send(job, True, NOW) for each in (jobs, PrintJobs(beside)) for _ in range(3)))
    await beside.close()

    assert sent.count(True) == 1
    assert [each.id for each in await jobs.sent_to("ward", PRINTER)] == [job.id]


async def test_what_is_not_fetched_or_not_confirmed_in_time_fails(jobs: PrintJobs) -> None:
    await add(jobs, "A001")
    sent = await add(jobs, "A002")
    await jobs.send(sent, True, NOW)

    waiting = await jobs.next("ward", PRINTER, NOW)
    await jobs.expire(LATER)
    failures = {job.number: job.problem for job in await jobs.failures("ward", DAY, NOW + timedelta(minutes=2))}

    assert waiting is not None
    assert waiting.number == "A001"
    assert failures == {"A001": NOT_FETCHED, "A002": NOT_CONFIRMED}
    assert await jobs.counts([("ward", DAY)], LATER) == {
        ("ward", "p1", "failed", NOT_FETCHED): 1,
        ("ward", "p1", "failed", NOT_CONFIRMED): 1,
    }
    # A printer may say later that it was printed after all.
    assert await jobs.printed(sent.id, PRINTER, "ward", LATER)


async def test_a_job_that_has_not_left_is_taken_back(jobs: PrintJobs) -> None:
    job = await add(jobs)

    assert await jobs.void(job, NOW)
    assert not await jobs.void(job, NOW)
    assert not await jobs.send(job, True, NOW)
    assert await jobs.next("ward", PRINTER, NOW) is None
