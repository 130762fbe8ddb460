from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.databases import REFUSED
from ticketing.audit import Audit, AuditRow, Entry, entry_row
from ticketing.audit_chain import INSERT_AUDIT, chained
from ticketing.storage.database import Database

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
ENTRY = Entry(
    at=NOW,
    who="staff:sato",
    what="ticket.cancel",
    target="A012",
    office_id="ward",
    address="203.0.113.5",
    result="ok",
)

#: What each kind of database says.
UNCHANGEABLE = r'record of operations cannot be|rows of audit can only be added|near "(OR|REPLACE)"'


@pytest.fixture
def file(main_part: Database) -> Database:
    return main_part


async def test_record_keeps_every_field(file: Database) -> None:
    audit = Audit(file)
    sparse = Entry(at=NOW, who="tick", what="day.close")

    await audit.record(ENTRY)
    await audit.record(sparse)

    assert await audit.list() == (AuditRow(1, ENTRY), AuditRow(2, sparse))


async def test_entry_row_goes_into_somebody_elses_transaction(file: Database) -> None:
    with pytest.raises(REFUSED):
        async with file.transaction() as connection:
            await connection.executemany(INSERT_AUDIT, chained([entry_row(ENTRY), (None,) * 7], 0, None))
    async with file.transaction() as connection:
        await connection.executemany(INSERT_AUDIT, chained([entry_row(ENTRY), entry_row(ENTRY)], 0, None))

    assert [row.entry for row in await Audit(file).list()] == [ENTRY, ENTRY]


@pytest.mark.parametrize(
    "contact",
    [
        "taro@example.jp",
        "mail taro@example.jp please",
        "U0123456789abcdef0123456789abcdef",
        "090-1234-5678",
        "09012345678",
        "+819012345678",
    ],
)
def test_entry_row_never_holds_a_contact(contact: str) -> None:
    row = entry_row(replace(ENTRY, target=contact, result=contact))

    masked = "mail *** please" if contact.startswith("mail") else "***"
    assert row == ("2026-09-03T01:00:00.000Z", "staff:sato", "203.0.113.5", "ticket.cancel", masked, "ward", masked)


@pytest.mark.parametrize(
    "target", ["A012", "2026-09-03", "3f9a1c02de", "佐藤", "2026-09-03T01:00:00.000Z", "window-12"]
)
def test_entry_row_keeps_what_is_no_contact(target: str) -> None:
    assert entry_row(replace(ENTRY, target=target))[4] == target


def test_entry_row_is_short_and_on_one_line() -> None:
    row = entry_row(replace(ENTRY, who="staff:\nsato", target="x" * 1000))

    assert (row[1], row[4]) == ("staff:\ufffdsato", "x" * 200)


FIRST_ROW = "audit (id, at, who, what, result) VALUES (1, '2026-09-03T01:00:00.000Z', 'x', 'x', 'x')"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        f"INSERT OR REPLACE INTO {FIRST_ROW}",
        f"REPLACE INTO {FIRST_ROW}",
        f"INSERT INTO {FIRST_ROW} ON CONFLICT (id) DO UPDATE SET who = 'nobody'",
    ],
)
async def test_audit_cannot_be_changed(file: Database, statement: str) -> None:
    await Audit(file).record(ENTRY)

    with pytest.raises(
        REFUSED, match=r'record of operations cannot be|rows of audit can only be added|near "(OR|REPLACE)"'
    ):
        async with file.transaction() as connection:
            await connection.execute(statement)

    assert await Audit(file).list() == (AuditRow(1, ENTRY),)


async def test_list_is_from_a_time_to_before_another(file: Database) -> None:
    audit = Audit(file)
    for minute in range(4):
        await audit.record(replace(ENTRY, at=NOW + timedelta(minutes=minute)))

    rows = await audit.list(since=NOW + timedelta(minutes=1), until=NOW + timedelta(minutes=3))

    assert [row.id for row in rows] == [2, 3]


async def test_list_is_of_one_person(file: Database) -> None:
    audit = Audit(file)
    for who in ("staff:sato", "staff:tanaka", "staff:sato"):
        await audit.record(replace(ENTRY, who=who))

    assert [row.id for row in await audit.list(who="staff:sato")] == [1, 3]


async def test_list_goes_on_after_a_page(file: Database) -> None:
    audit = Audit(file)
    for _ in range(5):
        await audit.record(ENTRY)

    pages = [[row.id for row in await audit.list(limit=2, after=after)] for after in (0, 2, 4, 5)]

    assert pages == [[1, 2], [3, 4], [5], []]


@pytest.mark.parametrize(
    ("office_ids", "ids"), [(None, [1, 2, 3]), (["ward"], [1, 3]), (["ward", "branch"], [1, 2, 3]), ([], [3])]
)
async def test_list_is_limited_to_offices(file: Database, office_ids: list[str] | None, ids: list[int]) -> None:
    audit = Audit(file)
    for office_id in ("ward", "branch", None):
        await audit.record(replace(ENTRY, office_id=office_id))

    assert [row.id for row in await audit.list(office_ids=office_ids)] == ids
