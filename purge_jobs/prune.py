"""Forgets old outbox rows, which hold no address but are of no use for ever."""

from datetime import date

from ticketing.storage.sqlite import SqliteFile


async def prune(file: SqliteFile, before: date) -> None:
    """Remove settled messages and finished erasures of days before ``before`` from the contacts' file."""
    async with file.transaction() as connection:
        await connection.execute(
            "DELETE FROM notices WHERE business_day < ? AND state IN ('sent', 'failed', 'dropped')",
            (before.isoformat(),),
        )
        await connection.execute(
            "DELETE FROM erased_days WHERE business_day < ? AND is_recorded = 1", (before.isoformat(),)
        )
