import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ticketing.erased_days import DayErased
from ticketing.keys import DayKeys
from ticketing.line_links import LineLinks, LinkRequest
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile
from ticketing.ticket_ref import TicketRef

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
REF = TicketRef("minato", DAY, "A001")


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteFile]:
    file = await SqliteFile.open(tmp_path / "contacts.sqlite3", Schema("contacts"))
    yield file
    await file.close()


@pytest.fixture
def keys(tmp_path: Path) -> DayKeys:
    return DayKeys(tmp_path / "keys", bytes(32))


@pytest.fixture
def links(file: SqliteFile, keys: DayKeys) -> LineLinks:
    return LineLinks(file, keys)


async def test_link_code_is_taken_once(links: LineLinks) -> None:
    link = await links.create_code(REF, "en", None, 20, AT)
    typed = f" {link.code[:4].lower()}-{link.code[4:]}"

    taken = await asyncio.gather(*(links.take_code(typed, AT, source) for source in ("U1", "U2")))

    assert sorted(taken, key=str) == [LinkRequest(REF, "en", None, 20), None]
    assert (len(link.code), link.expires_at) == (8, AT + timedelta(minutes=10))


async def test_link_code_ends_after_ten_minutes(links: LineLinks) -> None:
    link = await links.create_code(REF, "en", None, None, AT)

    assert await links.take_code(link.code, link.expires_at) is None


async def test_link_code_ends_the_tickets_earlier_one(links: LineLinks, file: SqliteFile) -> None:
    first = await links.create_code(REF, "ja", None, None, AT)
    second = await links.create_code(REF, "en", None, None, AT)

    assert await links.take_code(first.code, AT) is None
    assert await links.take_code(second.code, AT) is not None
    assert await file.fetch_all("SELECT * FROM link_codes") == []


async def test_link_code_is_not_written_down(links: LineLinks, file: SqliteFile) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)

    written = b"".join(path.read_bytes() for path in file.path.parent.glob("contacts.sqlite3*"))

    assert (link.code.encode() in written, link.code in repr(link)) == (False, False)


@pytest.mark.parametrize("code", ["", "hello", "OOOOIIII", "222222222", "\0" * 8, "🎫" * 8])
async def test_link_code_of_another_form_is_nobodys(links: LineLinks, code: str) -> None:
    assert await links.take_code(code, AT) is None


async def test_guessing_link_codes_ends_after_ten_tries(links: LineLinks) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)

    for _ in range(10):
        await links.take_code("22222222", AT, "guesser")

    assert await links.take_code(link.code, AT, "guesser") is None
    assert await links.take_code(link.code, AT, "visitor") is not None


async def test_webhook_event_is_new_once(links: LineLinks) -> None:
    seen = [
        await links.seen_event("01H", AT),
        await links.seen_event("01H", AT),
        await links.seen_event("02", AT),
    ]

    assert seen == [False, True, False]


async def test_ended_code_links_nothing_and_spares_other_tickets(links: LineLinks) -> None:
    mine = await links.create_code(REF, "ja", None, None, AT)
    other = await links.create_code(TicketRef("minato", DAY, "A002"), "ja", None, None, AT)

    await links.end_codes(REF)

    assert await links.take_code(mine.code, AT) is None
    assert await links.take_code(other.code, AT) is not None


async def test_code_of_a_day_without_its_key_links_nothing(links: LineLinks, keys: DayKeys) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)

    keys.destroy("minato", DAY)

    assert await links.take_code(link.code, AT) is None


async def test_erased_day_gives_no_code_and_gets_no_new_key(links: LineLinks, file: SqliteFile, keys: DayKeys) -> None:
    async with file.transaction() as connection:
        await connection.execute(
            "INSERT INTO erased_days (office_id, business_day, started_at, counts) VALUES (?, ?, ?, ?)",
            ("minato", "2026-09-03", "2026-09-03T15:10:00.000Z", "{}"),
        )

    with pytest.raises(DayErased):
        await links.create_code(REF, "ja", None, None, AT)

    assert keys.days() == []
