"""How many messages there were in a period, for reports."""

from datetime import date

from ticketing.storage.database import Database


async def notices_between(file: Database, first: date, last: date) -> dict[tuple[str, str], int]:
    """How many messages of these days there are by channel and state; those not settled yet as ``open``."""
    rows = await file.fetch_all(
        """
        SELECT channel, CASE WHEN settled_at IS NULL THEN 'open' ELSE state END AS became, count(*) AS many
        FROM notices
        WHERE business_day BETWEEN ? AND ?
        GROUP BY channel, became
        """,
        (first.isoformat(), last.isoformat()),
    )
    return {(row["channel"], row["became"]): row["many"] for row in rows}
