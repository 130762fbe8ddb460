"""Staff accounts: who may sign in, in which roles and for which offices."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal, get_args

from ticketing.audit import Entry, write_entry
from ticketing.clock import Clock, rfc3339
from ticketing.hall.refusals import Refusal
from ticketing.passwords import Passwords
from ticketing.storage.database import Connection, Database, Row

Role = Literal["clerk", "supervisor", "admin", "privacy"]
ROLES: tuple[Role, ...] = get_args(Role)

#: In an account's offices: every office there is and will be.
EVERY_OFFICE = "*"
#: Characters, after normalisation.
LEAST_PASSWORD = 12
MOST_PASSWORD = 1024

_NAME = re.compile(r"[\w.-]{1,64}")


class WrongName(Refusal):
    """A name has 1 to 64 letters, digits, dots, hyphens and underscores."""

    code = "wrong_name"
    status = 422


class PasswordLength(Refusal):
    """A password has 12 to 1024 characters."""

    code = "password_length"
    status = 422


class WrongRoles(Refusal):
    """An account needs at least one of the roles clerk, supervisor, admin, privacy."""

    code = "wrong_roles"
    status = 422


class WrongOffices(Refusal):
    """An account needs at least one office, or * for every office."""

    code = "wrong_offices"
    status = 422


class NameTaken(Refusal):
    """There is an account of this name already."""

    code = "name_taken"


class UnknownAccount(Refusal):
    """There is no account of this name."""

    code = "unknown_account"
    status = 404


@dataclass(frozen=True, slots=True)
class Account:
    """One person of the staff."""

    name: str
    roles: frozenset[str]
    #: Office ids, or ``*``.
    offices: frozenset[str]
    is_disabled: bool = False
    #: Which of the account's passwords is meant; sessions of an older generation are void.
    generation: int = field(default=1, compare=False, repr=False)

    def may(self, role: str, office_id: str) -> bool:
        """Whether the account has this role at this office; ``*`` asks for every office.

        A supervisor is also a clerk. No other role holds another one: an administrator who is to see the queue or the
        record of operations is given that role too, so that the list of accounts shows it.
        """
        has_role = role in self.roles or (role == "clerk" and "supervisor" in self.roles)
        return has_role and not self.is_disabled and bool(self.offices & {office_id, EVERY_OFFICE})


def normal_name(name: str) -> str | None:
    """The name as it is stored (NFC); None when no account can have it."""
    normal = unicodedata.normalize("NFC", name) if len(name) <= 256 else ""
    return normal if _NAME.fullmatch(normal) else None


def accounts_from(rows: Iterable[Row]) -> tuple[Account, ...]:
    """Folds rows of name, disabled_at, generation, kind and value, one for each grant, in the order of names."""
    return tuple(_account(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row["name"]))


def _account(rows: list[Row]) -> Account:
    return Account(
        name=rows[0]["name"],
        roles=frozenset(row["value"] for row in rows if row["kind"] == "role"),
        offices=frozenset(row["value"] for row in rows if row["kind"] == "office"),
        is_disabled=rows[0]["disabled_at"] is not None,
        generation=rows[0]["generation"],
    )


def _checked_name(name: str) -> str:
    normal = normal_name(name)
    if normal is None:
        raise WrongName
    return normal


def _check_password(password: str) -> None:
    if not LEAST_PASSWORD <= len(unicodedata.normalize("NFC", password)) <= MOST_PASSWORD:
        raise PasswordLength


class Staff:
    """The accounts of the main file.

    Whoever holds sessions in memory is told by ``sessions_ended(name)`` after they have ended in the database. Every
    change takes an ``entry`` that goes into the record of operations in the same transaction.
    """

    def __init__(
        self,
        file: Database,
        clock: Clock,
        sessions_ended: Callable[[str], None] = lambda name: None,
        passwords: Passwords | None = None,
    ) -> None:
        self._file = file
        self._clock = clock
        self._sessions_ended = sessions_ended
        self._passwords = passwords or Passwords()

    async def add(
        self,
        name: str,
        password: str,
        roles: Collection[str],
        offices: Collection[str],
        entry: Entry | None = None,
    ) -> Account:
        """A new account. Raises WrongName, PasswordLength, WrongRoles, WrongOffices, NameTaken."""
        account = Account(_checked_name(name), frozenset(roles), frozenset(offices))
        _check_password(password)
        if not account.roles or not account.roles <= set(ROLES):
            raise WrongRoles
        if not account.offices or "" in account.offices:
            raise WrongOffices
        password_hash = await self._passwords.hash(password)
        async with self._file.transaction() as connection:
            await self._insert(connection, account, password_hash)
            await write_entry(connection, entry)
        return account

    async def _insert(self, connection: Connection, account: Account, password_hash: str) -> None:
        cursor = await connection.execute(
            """
            INSERT INTO staff (name, password_hash, created_at)
            VALUES (?, ?, ?)
            ON CONFLICT (name) DO NOTHING
            """,
            (account.name, password_hash, rfc3339(self._clock.now())),
        )
        if cursor.rowcount != 1:
            raise NameTaken
        grants = [("role", role) for role in account.roles] + [("office", office) for office in account.offices]
        await connection.executemany(
            """
            INSERT INTO staff_grants (name, kind, value)
            VALUES (?, ?, ?)
            """,
            [(account.name, kind, value) for kind, value in sorted(grants)],
        )

    async def authenticate(self, name: str, password: str) -> Account | None:
        """The account when name and password belong together and it is not disabled.

        Takes the same time whether the name exists or not. Raises TooManySignIns (503).
        """
        normal = normal_name(name)
        rows = await self._rows(normal) if normal else []
        stored = rows[0]["password_hash"] if rows else None
        matches = await self._passwords.matches(stored, password)
        if stored is None or not matches or rows[0]["disabled_at"] is not None:
            return None
        if self._passwords.is_outdated(stored):
            await self._rehash(rows[0]["name"], stored, password)
        return accounts_from(rows)[0]

    async def _rehash(self, name: str, stored: str, password: str) -> None:
        password_hash = await self._passwords.hash(password)
        async with self._file.transaction() as connection:
            await connection.execute(
                """
                UPDATE staff
                SET password_hash = ?
                WHERE name = ? AND password_hash = ?
                """,
                (password_hash, name, stored),
            )

    async def find(self, name: str) -> Account | None:
        """The account of this name, also a disabled one.

        For the record of a refused sign-in: only a name that exists is written down, for people also type addresses and
        passwords into that field.
        """
        normal = normal_name(name)
        accounts = accounts_from(await self._rows(normal)) if normal else ()
        return accounts[0] if accounts else None

    async def _rows(self, name: str) -> Sequence[Row]:
        return await self._file.fetch_all(
            """
            SELECT s.name, s.password_hash, s.disabled_at, s.generation, g.kind, g.value
            FROM staff s
            LEFT JOIN staff_grants g ON g.name = s.name
            WHERE s.name = ?
            """,
            (name,),
        )

    async def set_password(self, name: str, password: str, entry: Entry | None = None) -> None:
        """Also ends the account's sessions. Raises UnknownAccount, PasswordLength."""
        normal = normal_name(name)
        _check_password(password)
        password_hash = await self._passwords.hash(password)
        await self._change(
            """
            UPDATE staff
            SET password_hash = ?, generation = generation + 1
            WHERE name = ?
            """,
            (password_hash, normal),
            normal,
            entry,
        )

    async def disable(self, name: str, entry: Entry | None = None) -> None:
        """Ends the account's sessions and lets nobody sign in to it; again: no change. Raises UnknownAccount."""
        normal = normal_name(name)
        await self._change(
            """
            UPDATE staff
            SET disabled_at = COALESCE(disabled_at, ?), generation = generation + 1
            WHERE name = ?
            """,
            (rfc3339(self._clock.now()), normal),
            normal,
            entry,
        )

    async def enable(self, name: str, entry: Entry | None = None) -> None:
        """Lets a disabled account sign in again, with the password it had. Raises UnknownAccount."""
        normal = normal_name(name)
        await self._change(
            """
            UPDATE staff
            SET disabled_at = NULL, generation = generation + 1
            WHERE name = ?
            """,
            (normal,),
            normal,
            entry,
        )

    async def _change(
        self, update: str, parameters: tuple[str | None, ...], name: str | None, entry: Entry | None
    ) -> None:
        async with self._file.transaction() as connection:
            cursor = await connection.execute(update, parameters)
            if name is None or cursor.rowcount != 1:
                raise UnknownAccount
            await connection.execute(
                """
                DELETE FROM sessions
                WHERE name = ?
                """,
                (name,),
            )
            await write_entry(connection, entry)
        self._sessions_ended(name)

    async def list(self) -> tuple[Account, ...]:
        """Every account, by name, disabled ones too."""
        return accounts_from(
            await self._file.fetch_all(
                """
                SELECT s.name, s.password_hash, s.disabled_at, s.generation, g.kind, g.value
                FROM staff s
                LEFT JOIN staff_grants g ON g.name = s.name
                ORDER BY s.name
                """
            )
        )
