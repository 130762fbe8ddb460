"""What visitors registered to be alerted: sealed, apart from the queue, and gone the day after."""

import hmac
import secrets
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import aiosqlite

from ticketing.addresses import ContactChannel, mask
from ticketing.clock import rfc3339
from ticketing.hall.refusals import Refusal
from ticketing.keys import DayKeys
from ticketing.limits import Limiter
from ticketing.sealing import address_index, binding, code_hash, erasure_token, seal, token_hash, unseal
from ticketing.storage.sqlite import SqliteFile

LINK_CODE_LIFE = timedelta(minutes=10)
#: 32 characters that are not taken for one another; eight of them are 40 bits.
LINK_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LINK_CODE_LENGTH = 8


class DayErased(Refusal):
    """The contacts of this day were erased; no more are taken for it."""

    code = "day_erased"


@dataclass(frozen=True, slots=True, order=True)
class TicketRef:
    """A ticket, by name."""

    office_id: str
    day: date
    number: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Where one visitor wants to be alerted. Address and token never show in a log or a traceback."""

    office_id: str
    day: date
    number: str
    channel: ContactChannel
    address: str = field(repr=False)
    language: str
    #: The visitor's own thresholds; None: the service's.
    ahead: int | None
    minutes: int | None
    #: Erases this contact, and can do nothing else (``/u/{token}``).
    token: str = field(repr=False)

    @property
    def masked(self) -> str:
        return mask(self.channel, self.address)


@dataclass(frozen=True, slots=True)
class MaskedContact:
    """A contact as its visitor sees it."""

    channel: ContactChannel
    masked: str
    ahead: int | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class LinkCode:
    """What the visitor sends to the LINE account; it says nothing to anybody else."""

    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Whose LINE account it is that sent the code."""

    office_id: str
    day: date
    number: str
    language: str
    ahead: int | None
    minutes: int | None


class Contacts:
    """The contacts of all offices, in a file of their own.

    Every method that takes ``at`` or ``now`` is told the time; nothing here reads a clock.
    """

    def __init__(self, file: SqliteFile, keys: DayKeys) -> None:
        self._file = file
        self._keys = keys
        self._salt = secrets.token_bytes(32)
        # A guess hits one of a thousand live codes once in 10^9 tries; these limits end the guessing long before.
        self._wrong_codes = Limiter(per=10, seconds=600)
        self._all_wrong_codes = Limiter(per=1000, seconds=600)

    async def put(
        self,
        office_id: str,
        day: date,
        number: str,
        channel: ContactChannel,
        address: str,
        language: str,
        ahead: int | None,
        minutes: int | None,
        at: datetime,
    ) -> None:
        """Keep a contact; it takes the place of the ticket's earlier one on this channel. Durable on return.

        ``address`` has passed ``check_address``. Raises DayErased, and KeyFileError when the day's key is unreadable.
        """
        await self._refuse_erased(office_id, day)
        key = self._keys.key(office_id, day)
        nonce = secrets.token_bytes(12)
        bound = binding(office_id, day, number, channel)
        row = {
            "office_id": office_id,
            "business_day": day.isoformat(),
            "number": number,
            "channel": channel,
            "language": language,
            "ahead": ahead,
            "minutes": minutes,
            "nonce": nonce,
            "sealed": seal(key, nonce, address, bound),
            "address_index": address_index(key, channel, address),
            "token_hash": token_hash(erasure_token(key, nonce, bound)),
            "registered_at": rfc3339(at),
        }
        async with self._file.transaction() as connection:
            await _refuse_erased_in(connection, office_id, day)
            await connection.execute(
                """
                INSERT INTO contacts (
                    office_id, business_day, number, channel, language, ahead, minutes,
                    nonce, sealed, address_index, token_hash, registered_at
                )
                VALUES (
                    :office_id, :business_day, :number, :channel, :language, :ahead, :minutes,
                    :nonce, :sealed, :address_index, :token_hash, :registered_at
                )
                ON CONFLICT (office_id, business_day, number, channel) DO UPDATE SET
                    language = excluded.language,
                    ahead = excluded.ahead,
                    minutes = excluded.minutes,
                    nonce = excluded.nonce,
                    sealed = excluded.sealed,
                    address_index = excluded.address_index,
                    token_hash = excluded.token_hash,
                    registered_at = excluded.registered_at
                """,
                row,
            )

    async def get(self, office_id: str, day: date, number: str) -> list[Contact]:
        """The ticket's contacts, the one registered last first; none when the day's key is gone.

        Raises KeyFileError when the key is there but cannot be read.
        """
        key = self._keys.existing(office_id, day)
        if key is None:
            return []
        rows = await self._file.fetch_all(
            """
            SELECT office_id, business_day, number, channel, language, ahead, minutes, nonce, sealed
            FROM contacts
            WHERE office_id = ? AND business_day = ? AND number = ?
            ORDER BY registered_at DESC, channel
            """,
            (office_id, day.isoformat(), number),
        )
        return [contact for row in rows if (contact := _opened(key, row))]

    async def masked(self, office_id: str, day: date, number: str) -> list[MaskedContact]:
        """The ticket's contacts as its visitor may see them."""
        return [
            MaskedContact(contact.channel, contact.masked, contact.ahead, contact.minutes)
            for contact in await self.get(office_id, day, number)
        ]

    async def channels(self, office_id: str, day: date) -> dict[str, list[ContactChannel]]:
        """By number, the channels of the day's contacts, the one registered last first."""
        found: dict[str, list[ContactChannel]] = {}
        rows = await self._file.fetch_all(
            """
            SELECT number, channel
            FROM contacts
            WHERE office_id = ? AND business_day = ?
            ORDER BY number, registered_at DESC, channel
            """,
            (office_id, day.isoformat()),
        )
        for row in rows:
            found.setdefault(row["number"], []).append(row["channel"])
        return found

    async def remove(self, office_id: str, day: date, number: str, channel: ContactChannel | None = None) -> int:
        """Erase the ticket's contacts, or the one on ``channel``, at once; says how many there were."""
        async with self._file.transaction() as connection:
            cursor = await connection.execute(
                """
                DELETE FROM contacts
                WHERE office_id = ? AND business_day = ? AND number = ? AND (? IS NULL OR channel = ?)
                """,
                (office_id, day.isoformat(), number, channel, channel),
            )
            await connection.execute(
                """
                DELETE FROM link_codes
                WHERE office_id = ? AND business_day = ? AND number = ? AND (? IS NULL OR ? = 'line')
                """,
                (office_id, day.isoformat(), number, channel, channel),
            )
        if cursor.rowcount:
            await self._empty_log()
        return cursor.rowcount

    async def remove_line_user(self, user_id: str) -> list[TicketRef]:
        """Erase this LINE user's contacts in all offices and days, as when the account is blocked."""
        removed: list[TicketRef] = []
        async with self._file.transaction() as connection:
            for office_id, day in await self.days():
                key = self._keys.existing(office_id, day)
                if key is None:
                    continue
                rows = await connection.execute_fetchall(
                    """
                    DELETE FROM contacts
                    WHERE office_id = ? AND business_day = ? AND address_index = ?
                    RETURNING number
                    """,
                    (office_id, day.isoformat(), address_index(key, "line", user_id)),
                )
                removed += [TicketRef(office_id, day, row["number"]) for row in rows]
        if removed:
            await self._empty_log()
        return sorted(removed)

    async def contact_for_token(self, token: str) -> TicketRef | None:
        """Whose mail contact a one-click erasure token erases; None when the contact is gone, and the token with it."""
        row = await self._file.fetch_one(
            "SELECT office_id, business_day, number FROM contacts WHERE token_hash = ? AND channel = 'email'",
            (token_hash(token),),
        )
        return None if row is None else TicketRef(row["office_id"], _day(row), row["number"])

    async def create_link_code(
        self,
        office_id: str,
        day: date,
        number: str,
        language: str,
        ahead: int | None,
        minutes: int | None,
        at: datetime,
    ) -> LinkCode:
        """A new code for the visitor to send to the LINE account; it ends any earlier one of the ticket.

        Raises DayErased, and KeyFileError when the day's key is unreadable.
        """
        await self._refuse_erased(office_id, day)
        key = self._keys.key(office_id, day)
        code = "".join(secrets.choice(LINK_CODE_ALPHABET) for _ in range(_LINK_CODE_LENGTH))
        expires_at = at + LINK_CODE_LIFE
        ticket = (office_id, day.isoformat(), number)
        async with self._file.transaction() as connection:
            await _refuse_erased_in(connection, office_id, day)
            await connection.execute(
                """
                DELETE FROM link_codes
                WHERE expires_at <= ? OR (office_id = ? AND business_day = ? AND number = ?)
                """,
                (rfc3339(at), *ticket),
            )
            await connection.execute(
                """
                INSERT INTO link_codes
                    (code_hash, office_id, business_day, number, language, ahead, minutes, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (code_hash(key, code), *ticket, language, ahead, minutes, rfc3339(expires_at)),
            )
        return LinkCode(code, expires_at)

    async def take_link_code(self, code: str, at: datetime, source: str = "") -> LinkRequest | None:
        """Whose code this is; it counts once, so of two who send it only one gets an answer.

        ``source`` is who sent it (the LINE user id): ten wrong codes in ten minutes, and further ones are not looked
        at. Capitals, spaces and hyphens do not matter.
        """
        plain = "".join(character for character in unicodedata.normalize("NFKC", code).upper() if character not in " -")
        if len(plain) != _LINK_CODE_LENGTH or not set(plain) <= set(LINK_CODE_ALPHABET):
            return None
        who = hmac.digest(self._salt, source.encode(), "sha256").hex()
        if self._wrong_codes.take(who, at) is not None or self._all_wrong_codes.take("all", at) is not None:
            return None
        request = await self._take_code(plain, at)
        if request is not None:
            self._wrong_codes.give_back(who)
            self._all_wrong_codes.give_back("all")
        return request

    async def seen_event(self, event_id: str, at: datetime) -> bool:
        """Whether this webhook event was there before; from now on it was."""
        async with self._file.transaction() as connection:
            cursor = await connection.execute(
                "INSERT INTO webhook_events (event_id, seen_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (event_id, rfc3339(at)),
            )
        return cursor.rowcount == 0

    async def days(self) -> list[tuple[str, date]]:
        """Every office and day that has a contact, a link code, or an erasure that was begun and not recorded."""
        rows = await self._file.fetch_all(
            """
            SELECT office_id, business_day FROM contacts
            UNION
            SELECT office_id, business_day FROM link_codes
            UNION
            SELECT office_id, business_day FROM erased_days WHERE is_recorded = 0
            """
        )
        found = {(row["office_id"], _day(row)) for row in rows}
        return sorted(found, key=lambda entry: (entry[1], entry[0]))

    async def count(self, office_id: str, day: date) -> int:
        """How many contacts the day has."""
        row = await self._file.fetch_one(
            "SELECT count(*) FROM contacts WHERE office_id = ? AND business_day = ?", (office_id, day.isoformat())
        )
        return 0 if row is None else int(row[0])

    async def _take_code(self, code: str, at: datetime) -> LinkRequest | None:
        async with self._file.transaction() as connection:
            for office_id, day in await self.days():
                key = self._keys.existing(office_id, day)
                if key is None:
                    continue
                rows = await connection.execute_fetchall(
                    """
                    DELETE FROM link_codes
                    WHERE code_hash = ? AND expires_at > ?
                    RETURNING number, language, ahead, minutes
                    """,
                    (code_hash(key, code), rfc3339(at)),
                )
                for row in rows:
                    return LinkRequest(office_id, day, row["number"], row["language"], row["ahead"], row["minutes"])
        return None

    async def _refuse_erased(self, office_id: str, day: date) -> None:
        # Asked before the key, too: otherwise a late registration would make a new key for an erased day.
        row = await self._file.fetch_one(
            "SELECT 1 FROM erased_days WHERE office_id = ? AND business_day = ?", (office_id, day.isoformat())
        )
        if row is not None:
            raise DayErased

    async def _empty_log(self) -> None:
        """Take what was removed out of the write-ahead log as well, as far as nobody else is reading it."""
        async with self._file.outside_transaction() as connection:
            await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")


def _opened(key: bytes, row: sqlite3.Row) -> Contact | None:
    bound = binding(row["office_id"], _day(row), row["number"], row["channel"])
    address = unseal(key, row["nonce"], row["sealed"], bound)
    if address is None:
        return None
    return Contact(
        office_id=row["office_id"],
        day=_day(row),
        number=row["number"],
        channel=row["channel"],
        address=address,
        language=row["language"],
        ahead=row["ahead"],
        minutes=row["minutes"],
        token=erasure_token(key, row["nonce"], bound),
    )


async def _refuse_erased_in(connection: aiosqlite.Connection, office_id: str, day: date) -> None:
    parameters: Sequence[str] = (office_id, day.isoformat())
    rows = await connection.execute_fetchall(
        "SELECT 1 FROM erased_days WHERE office_id = ? AND business_day = ?", parameters
    )
    if list(rows):
        raise DayErased


def _day(row: sqlite3.Row) -> date:
    return date.fromisoformat(row["business_day"])
