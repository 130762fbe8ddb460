"""How SQLite finds what a start reads: by an index of days, however many days lie before."""

from pathlib import Path
from typing import Any

from tests.ticketing.journal.samples import DAY, batch, opened
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile


async def test_a_day_is_found_without_a_walk_through_the_history(tmp_path: Path) -> None:
    file = await SqliteFile.open(tmp_path / "junban.sqlite3", Schema("main"))
    try:
        journal = SqliteJournal(file)
        await journal.append([batch(0, opened(1))])
        asked: list[tuple[str, Any]] = []

        class Spy:
            async def fetch_one(self, sql: str, parameters: Any = ()) -> Any:
                asked.append((sql, parameters))
                return await file.fetch_one(sql, parameters)

            async def fetch_all(self, sql: str, parameters: Any = ()) -> Any:
                asked.append((sql, parameters))
                return await file.fetch_all(sql, parameters)

        spied = SqliteJournal(Spy())  # type: ignore[arg-type]
        latest, day = await spied.latest_day("ward"), await spied.day("ward", DAY)
        plans = [
            row["detail"]
            for sql, parameters in asked
            for row in await file.fetch_all(f"EXPLAIN QUERY PLAN {sql}", parameters)
        ]
    finally:
        await file.close()

    assert latest == day is not None
    assert len(plans) == len(asked) == 4
    assert all("USING INDEX events_by_day_" in plan for plan in plans), plans
