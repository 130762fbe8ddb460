"""Days gone by: a model day that real commands made, copied into the journal by SQL until there is enough of it."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.installation import COUNTERS_OF_AN_OFFICE, OFFICES, SERVICES
from ticketing.clock import Clock, FixedClock
from ticketing.desk import Desk
from ticketing.hall import commands as cmd
from ticketing.hall.office import Office
from ticketing.journal.base import Journal
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

MODEL_TICKETS = 1_000
#: Commands given at the same time.
TOGETHER = 64
_COUNTERS = [f"c{place}" for place in range(1, COUNTERS_OF_AN_OFFICE + 1)]
_TIMES = ("issued_at", "arrived_at", "first_called_at", "called_at", "serving_at", "ended_at")
_MORE = "command_id, scope, idempotency_key, body_mac, answer"


async def play_day(desk: Desk, tickets: int) -> None:
    """So many visitors take tickets, are called and served."""
    for counter in _COUNTERS:
        await desk.submit(cmd.OpenCounter(by="staff:bench", counter=counter))
    for start in range(0, tickets, TOGETHER):
        many = min(TOGETHER, tickets - start)
        issues = [
            cmd.Issue(by="kiosk:bench", service=SERVICES[place % len(SERVICES)], channel="kiosk", language="ja")
            for place in range(start, start + many)
        ]
        await asyncio.gather(*(desk.submit(command) for command in issues))
        calls = [
            cmd.CallNext(by="staff:bench", counter=_COUNTERS[place % len(_COUNTERS)], finish="complete")
            for place in range(many)
        ]
        await asyncio.gather(*(desk.submit(command) for command in calls))


def desk_for(office: Office, journal: Journal, clock: Clock) -> Desk:
    """A desk by itself: nobody watches it."""
    return Desk(office, journal, clock, lambda office_id, day, body, *, may_make: b"", lambda desk, events: None)


async def add_past(path: Path, office: Office, tickets: int, today: date) -> dict[str, int]:
    """Fills an installation's file with days before today: how many tickets and events it then holds."""
    if tickets == 0:
        return {"tickets": 0, "events": 0, "days": 0}
    each = min(MODEL_TICKETS, max(1, tickets // len(OFFICES)))
    days = max(1, round(tickets / (each * len(OFFICES))))
    model = path.with_name("model.sqlite3")
    await _make_model(model, office, each, today - timedelta(days=days + 1))
    return await asyncio.to_thread(_copy, path, model, office.id, today, days)


async def _make_model(path: Path, office: Office, tickets: int, day: date) -> None:
    file = await SqliteFile.open(path, Schema("main"))
    try:
        # Morning in Japan: the same date there and in UTC.
        clock = FixedClock(datetime.fromisoformat(f"{day}T00:30:00+00:00"))
        desk = desk_for(office, SqliteJournal(file), clock)
        await desk.start()
        await play_day(desk, tickets)
        clock.advance(seconds=24 * 3600)
        await desk.submit(cmd.Tick())
        await desk.stop()
    finally:
        await file.close()


def _copy(path: Path, model: Path, model_office: str, today: date, days: int) -> dict[str, int]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("ATTACH ? AS model", (str(model),))
        model_day, first, last = connection.execute(
            "SELECT business_day, min(seq), max(seq) FROM model.events GROUP BY business_day ORDER BY business_day"
        ).fetchone()
        columns = [row[1] for row in connection.execute("PRAGMA table_info(tickets)")]
        of_day = last - first + 1
        for office_id in OFFICES:
            connection.execute("BEGIN")
            for place in range(days):
                day = (today - timedelta(days=days - place)).isoformat()
                given = {
                    "office": office_id, "model_office": f'"{model_office}"', "its_office": f'"{office_id}"',
                    "day": day, "model_day": model_day, "ahead": place * of_day - first + 1,
                }  # fmt: skip
                connection.execute(_COPY_EVENTS, given)
                connection.execute(_copy_tickets(columns), given)
            connection.execute("COMMIT")
        tickets = connection.execute("SELECT count(*) FROM model.tickets WHERE business_day = ?", (model_day,))
        (each,) = tickets.fetchone()
        connection.execute("DETACH model")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    many = len(OFFICES) * days
    return {"tickets": each * many, "events": of_day * many, "days": days}


# The seq comes first in an event's text, and office ids are all of one length.
_COPY_EVENTS = f"""
    INSERT INTO main.events (office_id, seq, business_day, at, kind, data, {_MORE})
    SELECT :office, seq + :ahead, :day, replace(at, :model_day, :day), kind,
        '{{"seq":' || (seq + :ahead) ||
            replace(replace(substr(data, instr(data, ',')), :model_day, :day), :model_office, :its_office),
        {_MORE}
    FROM model.events
    WHERE business_day = :model_day
    ORDER BY seq
"""


def _copy_tickets(columns: Sequence[str]) -> str:
    copied: dict[str, Any] = {name: name for name in columns}
    copied |= {name: f"replace({name}, :model_day, :day)" for name in _TIMES}
    copied |= {"office_id": ":office", "business_day": ":day", "issue_seq": "issue_seq + :ahead"}
    return f"""
        INSERT INTO main.tickets ({", ".join(copied)})
        SELECT {", ".join(copied.values())}
        FROM model.tickets
        WHERE business_day = :model_day
        ORDER BY number
    """
