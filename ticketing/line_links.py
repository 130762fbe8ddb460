"""The codes that visitors link their LINE account with, and which of LINE's webhook events were there before."""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import aiosqlite

from ticketing.clock import rfc3339
from ticketing.erased_days import refuse_erased, refuse_erased_in
from ticketing.keys import DayKeys
from ticketing.limits import Limiter
from ticketing.sealing import code_hash
from ticketing.storage.sqlite import SqliteFile
from ticketing.ticket_ref import TicketRef

CODE_LIFE = timedelta(minutes=10)
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
    """Whose LINE account it is that sent the code."""

    ref: TicketRef
    language: str
    ahead: int | None
    minutes: int | None


def _plain(typed: str) -> str | None:
    """A code as it was made; None when it has not the form of one. Capitals, spaces and hyphens do not matter."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", typed).upper() if each not in " -")
    return plain if len(plain) == _CODE_LENGTH and set(plain) <= set(CODE_ALPHABET) else None


class LineLinks:
    """The link codes of all offices, in the contacts' file.

    Every method that takes ``at`` is told the time; nothing here reads a clock.
    """

    def __init__(self, file: SqliteFile, keys: DayKeys) -> None:
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

    async def take_code(self, typed: str, at: datetime, source: str = "") -> LinkRequest | None:
        """Whose code this is; it counts once, so of two who send it only one gets an answer.

        ``source`` is who sent it (the LINE user id): ten wrong codes in ten minutes, and further ones are not looked
        at.
        """
        code = _plain(typed)
        if code is None:
            return None
        who = hmac.digest(self._salt, source.encode(), "sha256").hex()
        if self._wrong_codes.take(who, at) is not None or self._all_wrong_codes.take("all", at) is not None:
            return None
        request = await self._find_and_end(code, at)
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

    async def _find_and_end(self, code: str, at: datetime) -> LinkRequest | None:
        async with self._file.transaction() as connection:
            days = await connection.execute_fetchall("SELECT DISTINCT office_id, business_day FROM link_codes")
            for office_id, day in [(row["office_id"], date.fromisoformat(row["business_day"])) for row in days]:
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
                    ref = TicketRef(office_id, day, row["number"])
                    return LinkRequest(ref, row["language"], row["ahead"], row["minutes"])
        return None


async def _end_codes(connection: aiosqlite.Connection, ref: TicketRef) -> None:
    await connection.execute(
        "DELETE FROM link_codes WHERE office_id = ? AND business_day = ? AND number = ?",
        (ref.office_id, ref.day.isoformat(), ref.number),
    )
