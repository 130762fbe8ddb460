import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.databases import open_again, written
from ticketing.addresses import ContactChannel
from ticketing.contacts import MOST_TICKETS_AN_ADDRESS, AddressUsedTooOften, Contacts, MaskedContact
from ticketing.erased_days import DayErased
from ticketing.keys import DayKeys
from ticketing.line_links import LineLinks
from ticketing.storage.database import Database
from ticketing.ticket_ref import TicketRef

DAY = date(2026, 9, 3)
NEXT_DAY = date(2026, 9, 4)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
MAIL = "sato@example.jp"
LINE_USER = "U" + "0123456789abcdef" * 2


@pytest.fixture
def file(contacts_part: Database) -> Database:
    return contacts_part


@pytest.fixture
def keys(tmp_path: Path) -> DayKeys:
    return DayKeys(tmp_path / "keys", bytes(32))


@pytest.fixture
def contacts(file: Database, keys: DayKeys) -> Contacts:
    return Contacts(file, keys)


async def put(
    contacts: Contacts,
    number: str = "A001",
    channel: ContactChannel = "email",
    address: str = MAIL,
    day: date = DAY,
    office_id: str = "minato",
    at: datetime = AT,
) -> bool:
    return await contacts.put(office_id, day, number, channel, address, "ja", 3, None, at)


async def bar(file: Database) -> None:
    async with file.transaction() as connection:
        await connection.execute(
            "INSERT INTO erased_days (office_id, business_day, started_at, counts) VALUES (?, ?, ?, ?)",
            ("minato", "2026-09-03", "2026-09-03T15:10:00.000Z", "{}"),
        )


async def test_contact_is_read_back_as_it_was_given(contacts: Contacts) -> None:
    await put(contacts)

    (contact,) = await contacts.get("minato", DAY, "A001")

    assert (contact.channel, contact.address, contact.language, contact.ahead, contact.minutes) == (
        "email", MAIL, "ja", 3, None,
    )  # fmt: skip


async def test_contact_does_not_show_its_address(contacts: Contacts) -> None:
    await put(contacts)

    (contact,) = await contacts.get("minato", DAY, "A001")

    assert MAIL in contact.address
    assert ("sato" in repr(contact), contact.token in repr(contact)) == (False, False)
    assert await contacts.masked("minato", DAY, "A001") == [MaskedContact("email", "s***@example.jp", 3, None)]


async def test_contact_lies_sealed_on_disk(contacts: Contacts, file: Database) -> None:
    await put(contacts)

    content = await written(file)

    assert b"A001" in content
    assert b"sato" not in content


async def test_contact_takes_the_place_of_the_one_on_the_same_channel(contacts: Contacts) -> None:
    await put(contacts)
    await put(contacts, address="hana@example.jp")
    await put(contacts, channel="line", address=LINE_USER, at=AT + timedelta(seconds=1))

    found = await contacts.get("minato", DAY, "A001")

    assert [contact.address for contact in found] == [LINE_USER, "hana@example.jp"]
    assert await contacts.channels("minato", DAY) == {"A001": ["line", "email"]}
    assert await contacts.count("minato", DAY) == 2


async def test_put_tells_whether_the_channel_had_none(contacts: Contacts) -> None:
    first = [await put(contacts), await put(contacts, channel="line", address=LINE_USER), await put(contacts)]

    assert first == [True, True, False]


async def test_contact_moved_to_another_ticket_does_not_open(contacts: Contacts, file: Database) -> None:
    await put(contacts)

    async with file.transaction() as connection:
        await connection.execute("UPDATE contacts SET number = 'A002'")

    assert await contacts.get("minato", DAY, "A002") == []


async def test_contact_is_unreadable_without_the_days_key(contacts: Contacts, keys: DayKeys) -> None:
    await put(contacts)

    keys.destroy("minato", DAY)

    assert await contacts.get("minato", DAY, "A001") == []


async def test_removed_contact_leaves_nothing_in_the_file(contacts: Contacts, file: Database) -> None:
    await put(contacts)
    await put(contacts, number="A002")
    row = await file.fetch_one("SELECT sealed FROM contacts WHERE number = 'A001'")
    assert row is not None

    removed = await contacts.remove("minato", DAY, "A001")

    content = await written(file)
    assert (removed, row["sealed"] in content) == (1, False)
    assert await contacts.channels("minato", DAY) == {"A002": ["email"]}


async def test_removing_one_channel_keeps_the_other(contacts: Contacts) -> None:
    await put(contacts)
    await put(contacts, channel="line", address=LINE_USER)

    assert await contacts.remove("minato", DAY, "A001", "line") == 1
    assert await contacts.channels("minato", DAY) == {"A001": ["email"]}


async def test_blocked_line_user_is_found_in_all_offices_and_days(contacts: Contacts) -> None:
    await put(contacts, channel="line", address=LINE_USER)
    await put(contacts, channel="line", address=LINE_USER, office_id="kita", number="B001", day=NEXT_DAY)
    await put(contacts, channel="line", address="U" + "f" * 32, number="A002")
    await put(contacts)

    removed = await contacts.remove_line_user(LINE_USER)

    assert removed == [TicketRef("kita", NEXT_DAY, "B001"), TicketRef("minato", DAY, "A001")]
    assert await contacts.channels("minato", DAY) == {"A001": ["email"], "A002": ["line"]}
    assert await contacts.remove_line_user(LINE_USER) == []


async def test_same_address_is_indexed_differently_each_day(contacts: Contacts, file: Database) -> None:
    await put(contacts)
    await put(contacts, number="A002")
    await put(contacts, day=NEXT_DAY)

    rows = await file.fetch_all("SELECT business_day, address_index FROM contacts")

    assert len({tuple(row) for row in rows}) == 2


async def test_token_names_its_ticket_and_dies_with_the_contact(contacts: Contacts) -> None:
    await put(contacts)
    (contact,) = await contacts.get("minato", DAY, "A001")

    before = await contacts.contact_for_token(contact.token)
    await contacts.remove("minato", DAY, "A001")
    await put(contacts)

    assert (len(contact.token), before) == (22, TicketRef("minato", DAY, "A001"))
    assert await contacts.contact_for_token(contact.token) is None


@pytest.mark.parametrize("token", ["", "x", "../..", "\ud800", "A" * 22])
async def test_token_of_nobody_is_nobodys(contacts: Contacts, token: str) -> None:
    await put(contacts)

    assert await contacts.contact_for_token(token) is None


async def test_days_are_those_with_something_to_erase(contacts: Contacts, file: Database, keys: DayKeys) -> None:
    await put(contacts, day=NEXT_DAY)
    await LineLinks(file, keys).create_code(TicketRef("kita", DAY, "A001"), "ja", None, None, AT)

    assert await contacts.days() == [("kita", DAY), ("minato", NEXT_DAY)]


async def test_erased_day_takes_nothing_and_gets_no_new_key(contacts: Contacts, file: Database, keys: DayKeys) -> None:
    await bar(file)

    with pytest.raises(DayErased):
        await put(contacts)

    assert (keys.days(), await contacts.count("minato", DAY)) == ([], 0)


async def test_contact_that_comes_while_its_day_is_being_erased_is_not_kept(contacts: Contacts, file: Database) -> None:
    eraser = await open_again(file)
    try:
        async with eraser.transaction() as connection:
            await connection.execute(
                "INSERT INTO erased_days (office_id, business_day, started_at, counts) VALUES (?, ?, ?, ?)",
                ("minato", "2026-09-03", "2026-09-03T15:10:00.000Z", "{}"),
            )
            # It has seen a day that is not erased yet, and now waits for the other process's transaction.
            putting = asyncio.create_task(put(contacts))
            await asyncio.sleep(0.1)
        with pytest.raises(DayErased):
            await putting
    finally:
        await eraser.close()

    assert await contacts.count("minato", DAY) == 0


async def test_an_address_is_registered_for_a_family_but_not_for_a_crowd(contacts: Contacts) -> None:
    family = [f"A{place:03}" for place in range(MOST_TICKETS_AN_ADDRESS)]
    for number in family:
        await put(contacts, number)

    with pytest.raises(AddressUsedTooOften):
        await put(contacts, "A100")

    # Once more for a ticket that has it, on another day, and at another office it may be used.
    await put(contacts, family[0])
    await put(contacts, "A100", day=NEXT_DAY)
    await put(contacts, "A100", office_id="honcho")
    assert sorted(await contacts.channels("minato", DAY)) == family
