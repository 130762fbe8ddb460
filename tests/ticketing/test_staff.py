from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher

from tests.databases import REFUSED
from ticketing.audit import Audit, Entry
from ticketing.clock import FixedClock
from ticketing.hall.refusals import Refusal
from ticketing.passwords import Passwords
from ticketing.sessions import Sessions
from ticketing.staff import (
    Account,
    NameTaken,
    PasswordLength,
    Staff,
    UnknownAccount,
    WrongName,
    WrongOffices,
    WrongRoles,
    normal_name,
)
from ticketing.storage.database import Database

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def file(main_part: Database) -> Database:
    return main_part


@pytest.fixture
def staff(file: Database) -> Staff:
    return Staff(file, FixedClock(NOW), passwords=QUICK)


def entry(what: str, target: str | None = None) -> Entry:
    return Entry(at=NOW, who="cli:root", what=what, target=target)


async def test_add_makes_an_account_that_can_sign_in(staff: Staff) -> None:
    added = await staff.add("sato", PASSWORD, ["supervisor", "privacy"], ["ward", "branch"])

    expected = Account("sato", frozenset({"supervisor", "privacy"}), frozenset({"ward", "branch"}))
    assert (added, await staff.authenticate("sato", PASSWORD)) == (expected, expected)


async def test_add_takes_japanese_names_however_they_are_composed(staff: Staff) -> None:
    await staff.add("か\u3099た", PASSWORD, ["clerk"], ["ward"])

    found = await staff.authenticate("がた", PASSWORD)

    assert found == Account("がた", frozenset({"clerk"}), frozenset({"ward"}))


async def test_add_stores_no_password(staff: Staff, file: Database) -> None:
    await staff.add("sato", PASSWORD, ["clerk"], ["ward"])

    row = await file.fetch_one("SELECT * FROM staff")

    assert row is not None
    assert (row["password_hash"][:10], PASSWORD in str(tuple(row))) == ("$argon2id$", False)


@pytest.mark.parametrize(
    ("name", "password", "roles", "offices", "refusal"),
    [
        ("", PASSWORD, ["clerk"], ["ward"], WrongName),
        ("sato taro", PASSWORD, ["clerk"], ["ward"], WrongName),
        ("taro@example.jp", PASSWORD, ["clerk"], ["ward"], WrongName),
        ("a" * 65, PASSWORD, ["clerk"], ["ward"], WrongName),
        ("sato\n", PASSWORD, ["clerk"], ["ward"], WrongName),
        ("sato", "elevenchars", ["clerk"], ["ward"], PasswordLength),
        ("sato", "x" * 1025, ["clerk"], ["ward"], PasswordLength),
        ("sato", PASSWORD, [], ["ward"], WrongRoles),
        ("sato", PASSWORD, ["clerk", "mayor"], ["ward"], WrongRoles),
        ("sato", PASSWORD, ["clerk"], [], WrongOffices),
        ("sato", PASSWORD, ["clerk"], [""], WrongOffices),
    ],
)
async def test_add_of_something_wrong_is_refused(
    staff: Staff, name: str, password: str, roles: list[str], offices: list[str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await staff.add(name, password, roles, offices, entry("staff.add"))

    assert await staff.list() == ()


async def test_add_of_a_name_in_use_is_refused_and_changes_nothing(staff: Staff, file: Database) -> None:
    before = await staff.add("sato", PASSWORD, ["clerk"], ["ward"])

    with pytest.raises(NameTaken):
        await staff.add("sato", "another password", ["admin"], ["branch"], entry("staff.add"))

    assert await staff.list() == (before,)
    assert await staff.authenticate("sato", PASSWORD) == before
    assert await Audit(file).list() == ()


async def test_schema_refuses_a_role_that_does_not_exist(staff: Staff, file: Database) -> None:
    await staff.add("sato", PASSWORD, ["clerk"], ["ward"])

    with pytest.raises(REFUSED):
        async with file.transaction() as connection:
            await connection.execute("INSERT INTO staff_grants VALUES ('sato', 'role', 'mayor')")


@pytest.mark.parametrize(
    ("name", "password"),
    [("sato", "wrong password"), ("sato", ""), ("tanaka", PASSWORD), ("", PASSWORD), ("\ud800", PASSWORD)],
)
async def test_authenticate_with_a_wrong_name_or_password_is_none(staff: Staff, name: str, password: str) -> None:
    await staff.add("sato", PASSWORD, ["clerk"], ["ward"])

    assert await staff.authenticate(name, password) is None


async def test_authenticate_renews_a_hash_of_older_parameters(staff: Staff, file: Database) -> None:
    await staff.add("sato", PASSWORD, ["clerk"], ["ward"])
    stronger = Staff(
        file, FixedClock(NOW), passwords=Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    )

    await stronger.authenticate("sato", PASSWORD)

    row = await file.fetch_one("SELECT password_hash FROM staff")
    assert row is not None
    assert row["password_hash"].startswith("$argon2id$v=19$m=64,t=2,p=1$")
    assert await stronger.authenticate("sato", PASSWORD) is not None


async def test_disable_lets_nobody_sign_in_until_enabled(staff: Staff) -> None:
    account = await staff.add("sato", PASSWORD, ["clerk"], ["ward"])

    await staff.disable("sato")
    while_disabled = await staff.authenticate("sato", PASSWORD)
    listed = await staff.list()
    await staff.enable("sato")

    assert (while_disabled, listed) == (None, (Account("sato", account.roles, account.offices, is_disabled=True),))
    assert await staff.authenticate("sato", PASSWORD) == account


async def test_set_password_replaces_the_old_one(staff: Staff) -> None:
    account = await staff.add("sato", PASSWORD, ["clerk"], ["ward"])

    await staff.set_password("sato", "a new long password")

    assert await staff.authenticate("sato", PASSWORD) is None
    assert await staff.authenticate("sato", "a new long password") == account


async def test_set_password_that_is_too_short_is_refused(staff: Staff) -> None:
    account = await staff.add("sato", PASSWORD, ["clerk"], ["ward"])

    with pytest.raises(PasswordLength, match=r"^A password has 12 to 1024 characters\.$"):
        await staff.set_password("sato", "short")

    assert await staff.authenticate("sato", PASSWORD) == account


@pytest.mark.parametrize("name", ["tanaka", "no such name", ""])
async def test_changes_of_an_unknown_account_are_refused(staff: Staff, file: Database, name: str) -> None:
    for change in (staff.disable(name, entry("x")), staff.enable(name), staff.set_password(name, PASSWORD)):
        with pytest.raises(UnknownAccount):
            await change

    assert await Audit(file).list() == ()


@pytest.mark.parametrize("change", ["disable", "enable", "set_password"])
async def test_changes_end_the_sessions_of_that_account_only(file: Database, change: str) -> None:
    sessions = Sessions(file, hours=12)
    staff = Staff(file, FixedClock(NOW), sessions.forget, QUICK)
    sato = await staff.add("sato", PASSWORD, ["clerk"], ["ward"])
    tanaka = await staff.add("tanaka", PASSWORD, ["clerk"], ["ward"])
    tokens = [await sessions.create(account, NOW) for account in (sato, tanaka)]
    before = [await sessions.find(token, NOW) for token in tokens]

    await (
        staff.set_password("sato", "a new long password")
        if change == "set_password"
        else getattr(staff, change)("sato")
    )

    after = [await sessions.find(token, NOW) for token in tokens]
    assert (before, after) == ([sato, tanaka], [None, tanaka])


async def test_changes_are_recorded_in_their_own_transaction(staff: Staff, file: Database) -> None:
    await staff.add("sato", PASSWORD, ["clerk"], ["ward"], entry("staff.add", "sato"))
    await staff.set_password("sato", "a new long password", entry("staff.password", "sato"))
    await staff.disable("sato", entry("staff.disable", "sato"))

    recorded = [row.entry for row in await Audit(file).list()]

    assert recorded == [entry(what, "sato") for what in ("staff.add", "staff.password", "staff.disable")]


async def test_find_knows_disabled_accounts_and_no_others(staff: Staff) -> None:
    account = await staff.add("sato", PASSWORD, ["clerk"], ["ward"])
    await staff.disable("sato")

    found = [await staff.find(name) for name in ("sato", "tanaka", "taro@example.jp")]

    assert found == [Account("sato", account.roles, account.offices, is_disabled=True), None, None]


async def test_list_is_in_order_of_names(staff: Staff) -> None:
    for name in ("tanaka", "abe", "sato"):
        await staff.add(name, PASSWORD, ["clerk", "admin"], ["ward", "branch"])

    assert [account.name for account in await staff.list()] == ["abe", "sato", "tanaka"]


def account(*roles: str, offices: tuple[str, ...] = ("ward",), is_disabled: bool = False) -> Account:
    return Account("sato", frozenset(roles), frozenset(offices), is_disabled)


@pytest.mark.parametrize(
    ("held", "may"),
    [
        ("clerk", {"clerk"}),
        ("supervisor", {"clerk", "supervisor"}),
        ("admin", {"admin"}),
        ("privacy", {"privacy"}),
    ],
)
def test_may_follows_the_roles(held: str, may: set[str]) -> None:
    roles = ("clerk", "supervisor", "admin", "privacy")

    assert {role for role in roles if account(held).may(role, "ward")} == may


def test_may_is_limited_to_the_offices() -> None:
    limited, everywhere = account("clerk"), account("clerk", offices=("*",))

    assert [limited.may("clerk", office) for office in ("ward", "branch", "*")] == [True, False, False]
    assert [everywhere.may("clerk", office) for office in ("ward", "branch", "*")] == [True, True, True]


def test_may_of_a_disabled_account_is_nothing() -> None:
    assert not account("clerk", is_disabled=True).may("clerk", "ward")


def test_normal_name_of_an_endless_text_is_none() -> None:
    assert normal_name("a" * 1_000_000) is None
