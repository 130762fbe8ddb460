import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from tests.databases import open_again, written
from ticketing.audit import Audit, Entry
from ticketing.clock import FixedClock
from ticketing.passwords import Passwords
from ticketing.sessions import Sessions
from ticketing.staff import Account, Staff
from ticketing.storage.database import Database

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def file(main_part: Database) -> Database:
    return main_part


@pytest.fixture
def staff(file: Database) -> Staff:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    return Staff(file, FixedClock(NOW), passwords=quick)


@pytest.fixture
async def sato(staff: Staff) -> Account:
    return await staff.add("sato", PASSWORD, ["clerk", "admin"], ["ward", "branch"])


def after(**passed: float) -> datetime:
    return NOW + timedelta(**passed)


async def test_find_gives_the_account_until_the_session_expires(file: Database, sato: Account) -> None:
    sessions = Sessions(file, hours=12)

    token = await sessions.create(sato, NOW)

    found = [await sessions.find(token, at) for at in (NOW, after(hours=12, milliseconds=-1), after(hours=12))]
    assert found == [sato, sato, None]


async def test_find_does_not_stretch_the_expiry_by_its_memory(file: Database, sato: Account) -> None:
    sessions = Sessions(file, hours=1, cache_seconds=10_000)

    token = await sessions.create(sato, NOW)

    found = [await sessions.find(token, after(minutes=minutes)) for minutes in (0, 59, 60)]
    assert found == [sato, sato, None]


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é" * 43, "A" * 100_000])
async def test_find_of_an_unknown_token_is_none(file: Database, sato: Account, token: str) -> None:
    sessions = Sessions(file, hours=12)
    await sessions.create(sato, NOW)

    assert await sessions.find(token, NOW) is None


async def test_create_stores_no_token(file: Database, sato: Account) -> None:
    token = await Sessions(file, hours=12).create(sato, NOW)

    stored = await written(file)

    assert (b"sato" in stored, token.encode() in stored) == (True, False)


async def test_create_removes_expired_sessions(file: Database, sato: Account) -> None:
    sessions = Sessions(file, hours=1)
    await sessions.create(sato, NOW)

    await sessions.create(sato, after(hours=1))

    assert len(await file.fetch_all("SELECT * FROM sessions")) == 1


async def test_sessions_outlive_a_restart(file: Database) -> None:
    first = await open_again(file)
    sato = await Staff(first, FixedClock(NOW)).add("sato", PASSWORD, ["clerk"], ["ward"])
    token = await Sessions(first, hours=12).create(sato, NOW)
    await first.close()

    second = await open_again(file)
    found = await Sessions(second, hours=12).find(token, NOW)
    await second.close()

    assert found == sato


async def test_end_signs_out_at_once_and_only_this_browser(file: Database, sato: Account) -> None:
    sessions = Sessions(file, hours=12)
    ended, other = [await sessions.create(sato, NOW) for _ in range(2)]
    before = [await sessions.find(token, NOW) for token in (ended, other)]

    await sessions.end(ended)
    await sessions.end("unknown")

    assert before == [sato, sato]
    assert [await sessions.find(token, NOW) for token in (ended, other)] == [None, sato]


async def test_changes_by_another_process_are_seen_within_the_seconds(
    file: Database, staff: Staff, sato: Account
) -> None:
    sessions = Sessions(file, hours=12, cache_seconds=3)
    token = await sessions.create(sato, NOW)
    await sessions.find(token, NOW)

    await staff.disable("sato")

    found = [await sessions.find(token, after(seconds=seconds)) for seconds in (1, 2.9, 3)]
    assert found == [sato, sato, None]


async def test_session_made_from_an_outdated_sign_in_is_void(file: Database, staff: Staff, sato: Account) -> None:
    sessions = Sessions(file, hours=12)
    authenticated = await staff.authenticate("sato", PASSWORD)
    assert authenticated is not None
    await staff.set_password("sato", "a new long password")

    token = await sessions.create(authenticated, NOW)

    assert await sessions.find(token, NOW) is None


async def test_disable_while_a_find_is_under_way_leaves_nothing_in_memory(file: Database, sato: Account) -> None:
    sessions = Sessions(file, hours=12)
    staff = Staff(file, FixedClock(NOW), sessions.forget)
    token = await sessions.create(sato, NOW)

    await asyncio.gather(*(sessions.find(token, NOW) for _ in range(20)), staff.disable("sato"))

    assert await sessions.find(token, NOW) is None


async def test_create_and_end_are_recorded_in_their_own_transactions(file: Database, sato: Account) -> None:
    sessions = Sessions(file, hours=12)
    entries = [
        Entry(at=NOW, who="staff:sato", what=what, address="203.0.113.5") for what in ("session.create", "session.end")
    ]

    token = await sessions.create(sato, NOW, entries[0])
    await sessions.end(token, entries[1])

    assert [row.entry for row in await Audit(file).list()] == entries
