"""Removes a day's rows from the contacts' database, and whatever it keeps of them."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ticketing.addresses import CHANNELS
from ticketing.clock import parse, rfc3339
from ticketing.storage.database import Connection, Database

#: How often the file is asked for the moment of quiet that compacting needs.
_COMPACT_ATTEMPTS = 20
_COMPACT_PAUSE_SECONDS = 0.25


class FileBusy(Exception):
    """The contacts' file is in use without a pause, so that what was removed is still in its log."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An erasure under way: what it removed so far, kept in the file until the record is written."""

    started_at: datetime
    counts: Mapping[str, int]
    key_fingerprint: str | None
    #: The day's canary, if it opened before; gone from the file when the erasure is recorded.
    canary: bytes | None = field(default=None, repr=False)


async def canary_of(file: Database, office_id: str, day: date) -> bytes | None:
    """The day's canary, its nonce and what is sealed: from its row, or from an erasure that was cut short."""
    row = await file.fetch_one(
        "SELECT nonce, sealed FROM canaries WHERE office_id = ? AND business_day = ?",
        (office_id, day.isoformat()),
    )
    if row is not None:
        return bytes(row["nonce"] + row["sealed"])
    row = await file.fetch_one(
        """
        SELECT canary
        FROM erased_days
        WHERE office_id = ? AND business_day = ? AND is_recorded = 0 AND canary IS NOT NULL
        """,
        (office_id, day.isoformat()),
    )
    return None if row is None else _turned_over(row["canary"])


async def count(file: Database, office_id: str, day: date) -> dict[str, int]:
    """How many contacts a day has, by channel."""
    rows = await file.fetch_all(
        "SELECT channel, count(*) AS many FROM contacts WHERE office_id = ? AND business_day = ? GROUP BY channel",
        (office_id, day.isoformat()),
    )
    found = {row["channel"]: row["many"] for row in rows}
    return {channel: found.get(channel, 0) for channel in CHANNELS}


async def remove(
    file: Database,
    office_id: str,
    day: date,
    ended_at: datetime,
    fingerprint: str | None,
    canary: bytes | None,
    now: datetime,
) -> Begun:
    """Remove everything registered for a day, and bar it, in one transaction; goes on with one that was cut short."""
    which = (office_id, day.isoformat())
    async with file.transaction() as connection:
        before = await _unfinished(connection, office_id, day)
        removed = await _remove_contacts(connection, office_id, day)
        await connection.execute("DELETE FROM link_codes WHERE office_id = ? AND business_day = ?", which)
        await connection.execute(
            "UPDATE phone_costs SET number_index = NULL WHERE office_id = ? AND business_day = ?", which
        )
        await connection.execute("DELETE FROM canaries WHERE office_id = ? AND business_day = ?", which)
        await connection.drop_day(office_id, day)
        await connection.execute("DELETE FROM webhook_events WHERE seen_at < ?", (rfc3339(ended_at),))
        await connection.execute(
            """
            UPDATE notices
            SET state = 'dropped', outcome = 'erased', settled_at = ?, lease_until = NULL
            WHERE office_id = ? AND business_day = ? AND state IN ('pending', 'sending')
            """,
            (rfc3339(now), *which),
        )
        begun = _together(before, Begun(now, removed, fingerprint, canary))
        await connection.execute(
            """
            INSERT INTO erased_days (office_id, business_day, started_at, counts, key_fingerprint, canary)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (office_id, business_day, started_at) DO UPDATE SET
                counts = excluded.counts,
                key_fingerprint = excluded.key_fingerprint,
                canary = excluded.canary,
                is_recorded = 0
            """,
            (
                *which,
                rfc3339(begun.started_at),
                json.dumps(begun.counts),
                begun.key_fingerprint,
                begun.canary and _turned_over(begun.canary),
            ),
        )
    return begun


async def forget_requests(file: Database, office_id: str, day: date) -> None:
    """Take the idempotency keys of a day out of the journal, with whose they were and what was answered.

    They count until the day's end only, and a browser's would tie its visits together. What was done stays.
    """
    async with file.transaction() as connection:
        await connection.execute(
            """
            UPDATE events
            SET scope = NULL, idempotency_key = NULL, body_mac = NULL, answer = NULL
            WHERE office_id = ? AND business_day = ? AND idempotency_key IS NOT NULL
            """,
            (office_id, day.isoformat()),
        )


async def compact(file: Database) -> None:
    """Leave nothing of removed rows in free pages or in the write-ahead log.

    Other processes may use the file at the same time; a moment between their transactions is enough.
    Raises FileBusy when there was none.
    """
    for _ in range(_COMPACT_ATTEMPTS):
        if await file.compact():
            return
        await asyncio.sleep(_COMPACT_PAUSE_SECONDS)
    raise FileBusy(FileBusy.__doc__)


async def note_recorded(file: Database, office_id: str, day: date, started_at: datetime) -> None:
    """The erasure is complete and its record is written."""
    async with file.transaction() as connection:
        await connection.execute(
            """
            UPDATE erased_days
            SET is_recorded = 1, canary = NULL
            WHERE office_id = ? AND business_day = ? AND started_at = ?
            """,
            (office_id, day.isoformat(), rfc3339(started_at)),
        )


async def _remove_contacts(connection: Connection, office_id: str, day: date) -> dict[str, int]:
    removed: dict[str, int] = dict.fromkeys(CHANNELS, 0)
    rows = await connection.execute_fetchall(
        "DELETE FROM contacts WHERE office_id = ? AND business_day = ? RETURNING channel",
        (office_id, day.isoformat()),
    )
    for row in rows:
        removed[row["channel"]] += 1
    return removed


async def _unfinished(connection: Connection, office_id: str, day: date) -> Begun | None:
    rows = await connection.execute_fetchall(
        """
        SELECT started_at, counts, key_fingerprint, canary
        FROM erased_days
        WHERE office_id = ? AND business_day = ? AND is_recorded = 0
        ORDER BY started_at
        LIMIT 1
        """,
        (office_id, day.isoformat()),
    )
    for row in rows:
        canary = row["canary"] and _turned_over(row["canary"])
        return Begun(parse(row["started_at"]), json.loads(row["counts"]), row["key_fingerprint"], canary)
    return None


def _together(before: Begun | None, now: Begun) -> Begun:
    if before is None:
        return now
    counts = {channel: before.counts.get(channel, 0) + many for channel, many in now.counts.items()}
    return Begun(before.started_at, counts, before.key_fingerprint or now.key_fingerprint, before.canary or now.canary)


def _turned_over(content: bytes) -> bytes:
    return bytes(each ^ 0xFF for each in content)
