import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.databases import written
from ticketing.erased_days import DayErased
from ticketing.keys import DayKeys
from ticketing.line_links import CLAIM_LIFE, LineLinks, LinkRequest
from ticketing.storage.database import Database
from ticketing.ticket_ref import TicketRef

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
REF = TicketRef("minato", DAY, "A001")


@pytest.fixture
def file(contacts_part: Database) -> Database:
    return contacts_part


@pytest.fixture
def keys(tmp_path: Path) -> DayKeys:
    return DayKeys(tmp_path / "keys", bytes(32))


@pytest.fixture
def links(file: Database, keys: DayKeys) -> LineLinks:
    return LineLinks(file, keys)


async def test_link_code_is_one_users(links: LineLinks) -> None:
    link = await links.create_code(REF, "en", None, 20, AT)
    typed = f" {link.code[:4].lower()}-{link.code[4:]}"

    taken = await asyncio.gather(*(links.claim(typed, AT, user) for user in ("U1", "U2")))

    assert sorted(taken, key=str) == [LinkRequest(REF, "en", None, 20, link.expires_at), None]
    assert (len(link.code), link.expires_at) == (8, AT + timedelta(minutes=10))


async def test_link_code_ends_after_ten_minutes(links: LineLinks) -> None:
    link = await links.create_code(REF, "en", None, None, AT)

    assert await links.claim(link.code, link.expires_at, "U1") is None


async def test_link_code_ends_the_tickets_earlier_one(links: LineLinks, file: Database) -> None:
    first = await links.create_code(REF, "ja", None, None, AT)
    second = await links.create_code(REF, "en", None, None, AT)

    assert await links.claim(first.code, AT, "U1") is None
    assert await links.claim(second.code, AT, "U1") is not None
    assert len(await file.fetch_all("SELECT * FROM link_codes")) == 1


async def test_link_code_is_not_written_down(links: LineLinks, file: Database) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)

    content = await written(file)

    assert (link.code.encode() in content, link.code in repr(link)) == (False, False)


@pytest.mark.parametrize("code", ["", "hello", "OOOOIIII", "222222222", "\0" * 8, "🎫" * 8])
async def test_link_code_of_another_form_is_nobodys(links: LineLinks, code: str) -> None:
    assert await links.claim(code, AT, "U1") is None


async def test_guessing_link_codes_ends_after_ten_tries(links: LineLinks) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)

    for _ in range(10):
        await links.claim("22222222", AT, "guesser")

    assert await links.claim(link.code, AT, "guesser") is None
    assert await links.claim(link.code, AT, "visitor") is not None


async def test_claimed_code_stays_its_users_also_after_a_restart(
    links: LineLinks, file: Database, keys: DayKeys
) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)
    first = await links.claim(link.code, AT, "U1")

    later = AT + timedelta(minutes=30)
    again = LineLinks(file, keys)
    answers = [await again.claim(link.code, later, user) for user in ("U1", "U2")]

    assert first is not None
    assert answers == [first, None]
    assert await again.claim(link.code, link.expires_at + CLAIM_LIFE, "U1") is None


async def test_settled_code_is_used_up_and_its_event_seen(links: LineLinks, file: Database) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)
    request = await links.claim(link.code, AT, "U1")
    assert request is not None

    before = await links.was_seen("01H")
    await links.settle(request, "01H", AT)
    await links.settle(request, "01H", AT)

    assert [before, await links.was_seen("01H"), await links.was_seen("02")] == [False, True, False]
    assert await links.claim(link.code, AT, "U1") is None
    assert await file.fetch_all("SELECT * FROM link_codes") == []


async def test_settling_spares_a_code_asked_for_meanwhile(links: LineLinks) -> None:
    first = await links.create_code(REF, "ja", None, None, AT)
    request = await links.claim(first.code, AT, "U1")
    assert request is not None
    second = await links.create_code(REF, "ja", None, None, AT + timedelta(seconds=1))

    await links.settle(request, "", AT)

    assert await links.claim(second.code, AT, "U2") is not None


async def test_user_of_a_claimed_code_is_not_written_down(links: LineLinks, file: Database) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)
    user = "U" + "0123456789abcdef" * 2
    await links.claim(link.code, AT, user)

    content = await written(file)

    assert (link.code.encode() in content, user.encode() in content) == (False, False)


async def test_ended_code_links_nothing_and_spares_other_tickets(links: LineLinks) -> None:
    mine = await links.create_code(REF, "ja", None, None, AT)
    other = await links.create_code(TicketRef("minato", DAY, "A002"), "ja", None, None, AT)

    await links.end_codes(REF)

    assert await links.claim(mine.code, AT, "U1") is None
    assert await links.claim(other.code, AT, "U1") is not None


async def test_code_of_a_day_without_its_key_links_nothing(links: LineLinks, keys: DayKeys) -> None:
    link = await links.create_code(REF, "ja", None, None, AT)

    keys.destroy("minato", DAY)

    assert await links.claim(link.code, AT, "U1") is None


async def test_erased_day_gives_no_code_and_gets_no_new_key(links: LineLinks, file: Database, keys: DayKeys) -> None:
    async with file.transaction() as connection:
        await connection.execute(
            "INSERT INTO erased_days (office_id, business_day, started_at, counts) VALUES (?, ?, ?, ?)",
            ("minato", "2026-09-03", "2026-09-03T15:10:00.000Z", "{}"),
        )

    with pytest.raises(DayErased):
        await links.create_code(REF, "ja", None, None, AT)

    assert keys.days() == []
