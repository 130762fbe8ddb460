"""How often boards have shown the items of their playlists, for those who pay for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ticketing.storage.database import Database


@dataclass(frozen=True, slots=True)
class Played:
    """An item's showings at one office on one day, on all its boards."""

    business_day: date
    office_id: str
    item: str
    boards: int
    shown: int


class Plays:
    """The showings in the main file."""

    def __init__(self, file: Database) -> None:
        self._file = file

    async def note(self, office_id: str, day: date, device_id: str, run: str, shown: Mapping[str, int]) -> None:
        """What one opening of a board's page has shown so far; an older or repeated count changes nothing."""
        rows = [(office_id, day.isoformat(), item, device_id, run, count) for item, count in shown.items() if count]
        if not rows:
            return
        async with self._file.transaction() as connection:
            await connection.executemany(
                """
                INSERT INTO plays (office_id, business_day, item, device_id, run, shown)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (office_id, business_day, item, device_id, run)
                DO UPDATE SET shown = excluded.shown WHERE excluded.shown > plays.shown
                """,
                rows,
            )

    async def between(self, first: date, last: date) -> list[Played]:
        """By day, office and item; both days are included."""
        rows = await self._file.fetch_all(
            """
            SELECT business_day, office_id, item, count(DISTINCT device_id) AS boards,
                CAST(sum(shown) AS BIGINT) AS shown
            FROM plays
            WHERE business_day BETWEEN ? AND ?
            GROUP BY business_day, office_id, item
            ORDER BY business_day, office_id, item
            """,
            (first.isoformat(), last.isoformat()),
        )
        return [
            Played(date.fromisoformat(row["business_day"]), row["office_id"], row["item"], row["boards"], row["shown"])
            for row in rows
        ]
