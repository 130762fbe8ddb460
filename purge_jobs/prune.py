"""Forgets what was kept long enough: settled messages, and the journal's old days."""

from datetime import date, datetime

from ticketing.clock import rfc3339
from ticketing.storage.database import Database


async def prune(file: Database, before: date) -> None:
    """Remove settled messages, counted phone messages and finished erasures of days before ``before``."""
    async with file.transaction() as connection:
        await connection.execute("DELETE FROM phone_costs WHERE business_day < ?", (before.isoformat(),))
        await connection.execute(
            "DELETE FROM notices WHERE business_day < ? AND state IN ('sent', 'failed', 'dropped')",
            (before.isoformat(),),
        )
        await connection.execute(
            "DELETE FROM erased_days WHERE business_day < ? AND is_recorded = 1", (before.isoformat(),)
        )


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
    rows = await file.fetch_all(
        """
        SELECT office_id, max(seq) AS seq
        FROM events
        WHERE kind = 'DayOpened'
        GROUP BY office_id
        """
    )
    async with file.transaction() as connection:
        for row in rows:
            await connection.execute(
                "DELETE FROM events WHERE office_id = ? AND seq < ? AND business_day < ?",
                (row["office_id"], row["seq"], before.isoformat()),
            )
        await connection.execute("DELETE FROM tickets WHERE business_day < ?", (before.isoformat(),))
        await connection.execute("DELETE FROM print_jobs WHERE business_day < ?", (before.isoformat(),))
        await connection.execute("DELETE FROM plays WHERE business_day < ?", (before.isoformat(),))
