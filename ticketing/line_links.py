"""The codes that visitors link their LINE account with, and which of LINE's webhook events are dealt with."""

import hmac
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ticketing.clock import parse, rfc3339
from ticketing.erased_days import refuse_erased, refuse_erased_in
from ticketing.keys import DayKeys
from ticketing.limits import Limiter
from ticketing.sealing import code_hash
from ticketing.storage.database import Connection, Database, Row
from ticketing.ticket_ref import TicketRef

CODE_LIFE = timedelta(minutes=10)
#: How long after a code's end whoever claimed it in time may repeat that; LINE delivers again for a while.
CLAIM_LIFE = timedelta(hours=1)
#: 32 characters that are not taken for one another; eight of them are 40 bits.
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class LinkCode:
    """What the visitor sends to the LINE account; it says nothing to anybody else."""

    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What the code that a LINE user showed was made for."""

    ref: TicketRef
    language: str
    ahead: int | None
    minutes: int | None
    #: Of the code; it tells one linking of a ticket from another.
    expires_at: datetime


def _plain(typed: str) -> str | None:
    """A code as it was made; None when it has not the form of one. Capitals, spaces and hyphens do not matter."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", typed).upper() if each not in " -")
    return plain if len(plain) == _CODE_LENGTH and set(plain) <= set(CODE_ALPHABET) else None


def may_be_code(text: str) -> bool:
    """Whether a message has the form of a code; of those that have not, nothing is looked up."""
    return _plain(text) is not None


class LineLinks:
    """The link codes of all offices, in the contacts' file.

    Every method that takes ``at`` is told the time; nothing here reads a clock.
    """

    def __init__(self, file: Database, keys: DayKeys) -> None:
        self._file = file
        self._keys = keys
        self._salt = secrets.token_bytes(32)
        # A guess hits one of a thousand live codes once in 10^9 tries; these limits end the guessing long before.
        self._wrong_codes = Limiter(per=10, seconds=600)
        self._all_wrong_codes = Limiter(per=1000, seconds=600)

    async def create_code(
        self, ref: TicketRef, language: str, ahead: int | None, minutes: int | None, at: datetime
    ) -> LinkCode:
        """A new code for the visitor to send to the LINE account; it ends any earlier one of the ticket.

        Raises DayErased, and KeyFileError when the day's key is unreadable.
        """
        await refuse_erased(self._file, ref.office_id, ref.day)
        key = self._keys.key(ref.office_id, ref.day)
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(_CODE_LENGTH))
        expires_at = at + CODE_LIFE
        ticket = (ref.office_id, ref.day.isoformat(), ref.number)
        async with self._file.transaction() as connection:
            await refuse_erased_in(connection, ref.office_id, ref.day)
            await connection.make_day(ref.office_id, ref.day)
            await connection.execute("DELETE FROM link_codes WHERE expires_at <= ?", (rfc3339(at),))
            await _end_codes(connection, ref)
            await connection.execute(
                """
                INSERT INTO link_codes
                    (code_hash, office_id, business_day, number, language, ahead, minutes, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (code_hash(key, code), *ticket, language, ahead, minutes, rfc3339(expires_at)),
            )
        return LinkCode(code, expires_at)

    async def end_codes(self, ref: TicketRef) -> None:
        """The ticket's code links nothing any more."""
        async with self._file.transaction() as connection:
            await _end_codes(connection, ref)

    async def claim(self, typed: str, at: datetime, user_id: str) -> LinkRequest | None:
        """What the code was made for; from now on it is this user's, and nothing to anybody else.

        Of two who show a code only one gets an answer, and that one again when asked again: what failed on the way can
        be repeated. Ten wrong codes in ten minutes, and further ones are not looked at.
        """
        code = _plain(typed)
        if code is None:
            return None
        who = hmac.digest(self._salt, user_id.encode(), "sha256").hex()
        if self._wrong_codes.take(who, at) is not None or self._all_wrong_codes.take("all", at) is not None:
            return None
        request = await self._claim(code, user_id, at)
        if request is not None:
            self._wrong_codes.give_back(who)
            self._all_wrong_codes.give_back("all")
        return request

    async def was_seen(self, event_id: str) -> bool:
        """Whether the webhook event was dealt with before."""
        row = await self._file.fetch_one("SELECT 1 FROM webhook_events WHERE event_id = ?", (event_id,))
        return row is not None

    async def settle(self, request: LinkRequest, event_id: str, at: datetime) -> None:
        """The code is used up, and the event dealt with, if it has an id."""
        async with self._file.transaction() as connection:
            await connection.execute(
                """
                DELETE FROM link_codes
                WHERE office_id = ? AND business_day = ? AND number = ? AND expires_at = ?
                """,
                (request.ref.office_id, request.ref.day.isoformat(), request.ref.number, rfc3339(request.expires_at)),
            )
            if event_id:
                await connection.execute(
                    "INSERT INTO webhook_events (event_id, seen_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    (event_id, rfc3339(at)),
                )

    async def _claim(self, code: str, user_id: str, at: datetime) -> LinkRequest | None:
        async with self._file.transaction() as connection:
            days = await connection.execute_fetchall("SELECT DISTINCT office_id, business_day FROM link_codes")
            for office_id, day, key in self._keys_of(days):
                # The hash of code and user takes the place of the code's own.
                claimed = code_hash(key, f"{code} {user_id}")
                rows = await connection.execute_fetchall(
                    """
                    UPDATE link_codes
                    SET code_hash = :claimed
                    WHERE (code_hash = :free AND expires_at > :now)
                        OR (code_hash = :claimed AND expires_at > :now_for_claimed)
                    RETURNING number, language, ahead, minutes, expires_at
                    """,
                    {
                        "claimed": claimed,
                        "free": code_hash(key, code),
                        "now": rfc3339(at),
                        "now_for_claimed": rfc3339(at - CLAIM_LIFE),
                    },
                )
                for row in rows:
                    return _request(office_id, day, row)
        return None

    def _keys_of(self, days: Iterable[Row]) -> Iterator[tuple[str, date, bytes]]:
        for row in days:
            office_id, day = row["office_id"], date.fromisoformat(row["business_day"])
            key = self._keys.existing(office_id, day)
            if key is not None:
                yield office_id, day, key


def _request(office_id: str, day: date, row: Row) -> LinkRequest:
    ref = TicketRef(office_id, day, row["number"])
    return LinkRequest(ref, row["language"], row["ahead"], row["minutes"], parse(row["expires_at"]))


async def _end_codes(connection: Connection, ref: TicketRef) -> None:
    await connection.execute(
        "DELETE FROM link_codes WHERE office_id = ? AND business_day = ? AND number = ?",
        (ref.office_id, ref.day.isoformat(), ref.number),
    )
