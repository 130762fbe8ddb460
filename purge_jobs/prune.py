"""Forgets what was kept long enough: settled messages, and the journal's old days."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime

from ticketing.clock import rfc3339
from ticketing.storage.database import Database


def _days_of(table: str, is_day: str = "TRUE", is_over: str = "TRUE") -> str:
    """The offices and days before ``:before`` in a table: each is one step in the index that begins with them.

    A plain DISTINCT would read every row that was ever kept.
    """
    return f"""
        WITH RECURSIVE offices (office_id) AS (
            SELECT min(office_id) FROM {table} WHERE {is_day}
            UNION ALL
            SELECT (SELECT min(office_id) FROM {table} WHERE {is_day} AND office_id > offices.office_id)
            FROM offices
            WHERE office_id IS NOT NULL
        ),
        days (office_id, business_day) AS (
            SELECT office_id, (
                SELECT min(business_day) FROM {table} WHERE {is_day} AND office_id = offices.office_id
            )
            FROM offices
            WHERE office_id IS NOT NULL
            UNION ALL
            SELECT office_id, (
                SELECT min(business_day)
                FROM {table}
                WHERE {is_day} AND office_id = days.office_id AND business_day > days.business_day
            )
            FROM days
            WHERE business_day < :before
        )
        SELECT office_id, business_day
        FROM days
        WHERE business_day < :before AND {is_over}
    """  # noqa: S608


def _has_one(table: str, condition: str) -> str:
    """Whether a day still has such a row."""
    return f"""EXISTS (
        SELECT 1
        FROM {table} AS kept
        WHERE kept.office_id = days.office_id AND kept.business_day = days.business_day AND {condition}
    )"""  # noqa: S608


_IS_SETTLED = "state IN ('sent', 'failed', 'dropped')"
_MESSAGE_DAYS = (
    _days_of("notices", is_over=_has_one("notices", _IS_SETTLED)),
    _days_of("erased_days", is_over=_has_one("erased_days", "is_recorded = 1")),
    # The index of this one begins with the day.
    "SELECT DISTINCT office_id, business_day FROM phone_costs WHERE business_day < :before",
)
_REMOVE_MESSAGES = (
    f"DELETE FROM notices WHERE office_id = :office_id AND business_day = :day AND {_IS_SETTLED}",  # noqa: S608
    "DELETE FROM erased_days WHERE office_id = :office_id AND business_day = :day AND is_recorded = 1",
    "DELETE FROM phone_costs WHERE office_id = :office_id AND business_day = :day",
)

#: A later day was opened, so that this one is not the office's last.
_IS_FOLLOWED = """EXISTS (
    SELECT 1
    FROM events
    WHERE kind = 'DayOpened' AND office_id = days.office_id AND business_day > days.business_day
)"""
_JOURNAL_DAYS = (
    _days_of("events", is_day="kind = 'DayOpened'", is_over=_IS_FOLLOWED),
    _days_of("tickets"),
    _days_of("print_jobs"),
    _days_of("plays"),
)
_REMOVE_JOURNAL = (
    # No index finds all events of a day; they lie before the next day's first. Behind the last day there is none.
    # The lower bound says to PostgreSQL that these are few; without it, it reads all that a large office ever had.
    """
    DELETE FROM events
    WHERE office_id = :office_id AND business_day <= :day
      AND seq >= (SELECT min(seq) FROM events WHERE office_id = :office_id)
      AND seq < (
          SELECT seq
          FROM events
          WHERE kind = 'DayOpened' AND office_id = :office_id AND business_day > :day
          ORDER BY business_day
          LIMIT 1
      )
    """,
    "DELETE FROM tickets WHERE office_id = :office_id AND business_day = :day",
    "DELETE FROM print_jobs WHERE office_id = :office_id AND business_day = :day",
    "DELETE FROM plays WHERE office_id = :office_id AND business_day = :day",
)


async def prune(file: Database, before: date) -> None:
    """Remove settled messages, counted phone messages and finished erasures of days before ``before``."""
    await _remove(file, _MESSAGE_DAYS, _REMOVE_MESSAGES, before)


async def prune_webhook_events(file: Database, before: datetime, after: datetime) -> None:
    """Forget which of LINE's events were seen before a time, or after one that is still to come."""
    async with file.transaction() as connection:
        await connection.execute(
            "DELETE FROM webhook_events WHERE seen_at < ? OR seen_at > ?", (rfc3339(before), rfc3339(after))
        )


async def prune_journal(file: Database, before: date) -> None:
    """Remove events and ticket rows of days before ``before`` from the main file; an office's last day stays.

    A hall is rebuilt from its latest day, and the next seq follows the last event, so neither may go.
    """
    await _remove(file, _JOURNAL_DAYS, _REMOVE_JOURNAL, before)


async def _remove(file: Database, days: Sequence[str], removals: Sequence[str], before: date) -> None:
    """A transaction for each day of each office that has something to remove, the oldest first; otherwise none.

    While one runs nobody gets a ticket.
    """
    clock = asyncio.get_running_loop().time
    for office_id, day in await _found(file, days, before):
        began_at = clock()
        async with file.transaction() as connection:
            for removal in removals:
                await connection.execute(removal, {"office_id": office_id, "day": day})
        # Others get as long: processes that share a file do not queue for it, but look now and then whether it is free.
        await asyncio.sleep(clock() - began_at)


async def _found(file: Database, days: Sequence[str], before: date) -> list[tuple[str, str]]:
    """Offices and days that any of the questions finds, by office."""
    found = set()
    for question in days:
        rows = await file.fetch_all(question, {"before": before.isoformat()})
        found |= {(row["office_id"], row["business_day"]) for row in rows}
    return sorted(found)
