"""What visitors registered to be alerted: sealed, apart from the queue, and gone the day after."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ticketing.addresses import ContactChannel, mask
from ticketing.canary import plant_canary
from ticketing.clock import rfc3339
from ticketing.erased_days import refuse_erased, refuse_erased_in
from ticketing.hall.refusals import Refusal
from ticketing.keys import DayKeys
from ticketing.sealing import address_index, binding, erasure_token, seal, token_hash, unseal
from ticketing.storage.database import Connection, Database, Row
from ticketing.ticket_ref import TicketRef

#: Tickets of one office and day that one address can be registered for; a family may share one.
MOST_TICKETS_AN_ADDRESS = 6


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


class AddressUsedTooOften(Refusal):
    """This address is registered for other tickets of today already, as often as one may be."""

    code = "address_used_too_often"
    status = 409


class Contacts:
    """The contacts of all offices, in a file of their own.

    Every method that takes ``at`` or ``now`` is told the time; nothing here reads a clock.
    """

    def __init__(self, file: Database, keys: DayKeys) -> None:
        self._file = file
        self._keys = keys

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
    ) -> bool:
        """Keep a contact; it takes the place of the ticket's earlier one on this channel. Durable on return.

        Answers whether it is the ticket's first one there.
        ``address`` has passed ``check_address``. Raises AddressUsedTooOften, DayErased, and KeyFileError when the
        day's key is unreadable.
        """
        await refuse_erased(self._file, office_id, day)
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
            await refuse_erased_in(connection, office_id, day)
            await connection.make_day(office_id, day)
            await plant_canary(connection, key, office_id, day)
            await _refuse_used_too_often(connection, row)
            earlier = await connection.execute_fetchall(
                "SELECT 1 FROM contacts WHERE office_id = ? AND business_day = ? AND number = ? AND channel = ?",
                (office_id, day.isoformat(), number, channel),
            )
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
        return not list(earlier)

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
                WHERE office_id = ? AND business_day = ? AND number = ? AND channel = coalesce(?, channel)
                """,
                (office_id, day.isoformat(), number, channel),
            )
        if cursor.rowcount:
            await self._file.forget_removed()
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
            await self._file.forget_removed()
        return sorted(removed)

    async def contact_for_token(self, token: str) -> TicketRef | None:
        """Whose mail contact a one-click erasure token erases; None when the contact is gone, and the token with it."""
        row = await self._file.fetch_one(
            "SELECT office_id, business_day, number FROM contacts WHERE token_hash = ? AND channel = 'email'",
            (token_hash(token),),
        )
        return None if row is None else TicketRef(row["office_id"], _day(row), row["number"])

    async def days(self) -> list[tuple[str, date]]:
        """Every office and day that has a contact, a link code, a canary, or an erasure begun and not recorded."""
        rows = await self._file.fetch_all(
            """
            SELECT office_id, business_day FROM contacts
            UNION
            SELECT office_id, business_day FROM link_codes
            UNION
            SELECT office_id, business_day FROM canaries
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


async def _refuse_used_too_often(connection: Connection, row: Mapping[str, object]) -> None:
    # Nobody shall be able to fill a stranger's mailbox by registering it for ticket after ticket.
    found = await connection.execute_fetchall(
        """
        SELECT count(*) AS many
        FROM contacts
        WHERE office_id = :office_id AND business_day = :business_day AND address_index = :address_index
          AND number <> :number
        """,
        row,
    )
    if next(iter(found))["many"] >= MOST_TICKETS_AN_ADDRESS:
        raise AddressUsedTooOften


def _opened(key: bytes, row: Row) -> Contact | None:
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


def _day(row: Row) -> date:
    return date.fromisoformat(row["business_day"])
