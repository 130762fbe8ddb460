from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.processes import Installation
from tests.ticketing.papers.test_certificate import changed
from ticketing.audit import Audit, Entry
from ticketing.config import Config, read_config
from ticketing.hall import events as ev
from ticketing.journal.base import Batch, Outcome, Recorded
from ticketing.journal.sqlite import SqliteJournal
from ticketing.papers.handling import ErasedDay, Recipient, Tally, erased_days, operations, recipients_of
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

DAY = date(2026, 9, 3)
#: 10:00 and midnight in Tokyo, and when the day is due to be erased.
MORNING = datetime(2026, 9, 3, 1, tzinfo=UTC)
MIDNIGHT = datetime(2026, 9, 3, 15, tzinfo=UTC)
DUE = datetime(2026, 9, 3, 15, 10, tzinfo=UTC)
GATEWAYS = """
[mail]
host = "relay.city.example"
sender = "junban@city.example"
approval = "No. 12"

[line]
channel_access_token = "token"
channel_secret = "secret"
account = "@city"
approval = "No. 13"

[privacy]
responsible = "市民課長"
"""


def config_of(folder: Path, more: str = "") -> Config:
    installation = Installation.make(folder, more)
    return read_config(installation.config, installation.data)


def entry(what: str, result: str = "ok", who: str = "staff:sato", minutes: int = 0) -> Entry:
    return Entry(at=MORNING + timedelta(minutes=minutes), who=who, what=what, result=result)


@pytest.mark.parametrize(("minutes", "delay"), [(10, None), (11, timedelta(minutes=11))])
def test_erasure_is_late_when_it_is_overdue(minutes: int, delay: timedelta | None) -> None:
    record = changed(finished_at=DUE + timedelta(minutes=minutes))

    assert (ErasedDay(record, DUE).delay, ErasedDay(record, None).delay) == (delay, None)


async def test_due_time_comes_from_the_journal_else_from_the_office(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    file = await SqliteFile.open(tmp_path / "main.sqlite3", Schema("main"))
    journal = SqliteJournal(file)
    opened = ev.DayOpened(
        seq=1, at=MORNING, by="tick", day=DAY, office=config.offices[0], closes_at=MIDNIGHT + timedelta(hours=2)
    )
    closed = ev.DayClosed(seq=2, at=MORNING + timedelta(hours=1), by="staff:sato", day=DAY, numbers=())
    batch = Batch("minato", 0, [Recorded(DAY, opened), Recorded(DAY, closed)])
    assert await journal.append([batch]) == [Outcome.STORED]
    records = [changed(), changed(day=DAY + timedelta(days=1)), changed(office_id="gone")]

    days = await erased_days(records, journal, config)

    await file.close()
    assert [(each.record.erasure.office_id, each.due_at) for each in days] == [
        ("gone", None),
        ("minato", DUE),
        ("minato", DUE + timedelta(days=1)),
    ]


async def test_day_that_was_extended_is_due_after_its_close(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    file = await SqliteFile.open(tmp_path / "main.sqlite3", Schema("main"))
    journal = SqliteJournal(file)
    opened = ev.DayOpened(
        seq=1, at=MORNING, by="tick", day=DAY, office=config.offices[0], closes_at=MIDNIGHT + timedelta(hours=2)
    )
    assert await journal.append([Batch("minato", 0, [Recorded(DAY, opened)])]) == [Outcome.STORED]

    (day,) = await erased_days([changed()], journal, config)

    await file.close()
    assert day.due_at == DUE + timedelta(days=1)


async def test_operations_are_counted_within_the_period(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketing.audit.PAGE", 2)
    file = await SqliteFile.open(tmp_path / "main.sqlite3", Schema("main"))
    audit = Audit(file)
    for each in (
        entry("session.create", minutes=-1),
        entry("session.create"),
        entry("session.create", "wrong_password", minutes=1),
        entry("session.create", minutes=2),
        entry("configuration.change", who="cli:root", minutes=3),
        entry("purge", "failed", who="purge", minutes=4),
        entry("session.create", minutes=5),
    ):
        await audit.record(each)

    found = await operations(audit, MORNING, MORNING + timedelta(minutes=5))

    await file.close()
    assert found.tallies == {
        ("staff:sato", "session.create"): Tally(2, 1, MORNING + timedelta(minutes=2)),
        ("cli:root", "configuration.change"): Tally(1, 0, MORNING + timedelta(minutes=3)),
        ("purge", "purge"): Tally(0, 1, MORNING + timedelta(minutes=4)),
    }
    assert found.failures == {
        ("session.create", "wrong_password"): Tally(0, 1, MORNING + timedelta(minutes=1)),
        ("purge", "failed"): Tally(0, 1, MORNING + timedelta(minutes=4)),
    }
    assert [row.entry.who for row in found.changes] == ["cli:root"]


def test_recipients_are_named_with_their_approvals(tmp_path: Path) -> None:
    assert recipients_of(config_of(tmp_path, GATEWAYS)) == [
        Recipient("email", "メール中継サーバー relay.city.example", "No. 12"),
        Recipient("line", "LINE（公式アカウント @city）", "No. 13"),
    ]


def test_nobody_outside_receives_contacts_unless_configured(tmp_path: Path) -> None:
    assert recipients_of(config_of(tmp_path)) == []


async def test_work_at_the_counters_is_not_counted_but_looking_at_the_queue_is(tmp_path: Path) -> None:
    file = await SqliteFile.open(tmp_path / "main.sqlite3", Schema("main"))
    audit = Audit(file)
    for each in (entry("queue.call-next"), entry("queue.call-next", "counter_busy"), entry("queue.view")):
        await audit.record(each)

    found = await operations(audit, MORNING, MORNING + timedelta(minutes=5))

    await file.close()
    assert {what for _, what in found.tallies} == {"queue.view"}
    assert found.failures == {}


async def test_what_was_begun_is_no_failure(tmp_path: Path) -> None:
    file = await SqliteFile.open(tmp_path / "main.sqlite3", Schema("main"))
    audit = Audit(file)
    for result in ("begun", "ok"):
        await audit.record(entry("keys.rotate", result, "cli:root"))

    found = await operations(audit, MORNING, MORNING + timedelta(minutes=5))

    await file.close()
    assert (found.tallies, found.failures) == ({("cli:root", "keys.rotate"): Tally(1, 0, MORNING)}, {})
