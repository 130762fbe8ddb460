"""What the journal can take without anything before it, beside commits of single rows in SQLite and PostgreSQL."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.figures import Line, left_out, ratios_of
from bench.postgres import MISSING, postgres, programs
from bench.scale import Scale
from bench.single_commits import PostgresCommits, sqlite_per_second
from ticketing.hall.events import TicketIssued
from ticketing.journal.base import Batch, Journal, Mark, Outcome, Recorded, TicketRow
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

#: Tickets of one append, as a desk decides so many together under load.
TOGETHER = (1, 64, 256)
#: Appends of each round.
APPENDS = 40
AT = datetime(2026, 9, 3, 1, 24, 5, 120_000, UTC)
#: Connections that commit at the same time: PostgreSQL lets them share one sync.
CONNECTIONS = 64


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """One office's appends, one after the other."""
    rates: dict[int, list[float]] = {together: [] for together in TOGETHER}
    singles: list[float] = []
    one: list[float] = []
    many: list[float] = []
    appends = max(2, APPENDS * scale.single_commits // 400)
    async with AsyncExitStack() as stack:
        file = await SqliteFile.open(folder / "journal.sqlite3", Schema("main"))
        stack.push_async_callback(file.close)
        journal = SqliteJournal(file)
        references: list[PostgresCommits] = []
        if programs():
            server = await stack.enter_async_context(postgres(folder))
            for connections in (1, CONNECTIONS):
                references.append(await PostgresCommits.connect(server.url, connections))
                stack.push_async_callback(references[-1].close)
        for round_ in range(scale.rounds):
            single = folder / "single.sqlite3"
            singles.append(await asyncio.to_thread(sqlite_per_second, single, scale.single_commits, round_))
            if references:
                one.append(await references[0].per_second(scale.single_commits, f"one{round_}"))
                many.append(await references[1].per_second(scale.single_commits, f"many{round_}"))
            for together in TOGETHER:
                rates[together].append(await _appends(journal, f"o{round_}x{together}", together, appends))
    lines: list[Line] = [
        {
            "bench": "journal",
            "store": "sqlite",
            "together": together,
            "rounds": scale.rounds,
            "tickets_per_second": round(median(rates[together])),
            "reference": "one commit a ticket, sqlite3, two rows",
            "reference_per_second": round(median(singles)),
            **ratios_of(rates[together], singles),
        }
        for together in TOGETHER
    ]
    if not references:
        return [*lines, left_out("journal beside PostgreSQL's single commits", MISSING)]
    return [
        *lines,
        {
            "bench": "single-commits",
            "store": "postgresql",
            "rounds": scale.rounds,
            "one_connection_per_second": round(median(one)),
            "connections": CONNECTIONS,
            "many_connections_per_second": round(median(many)),
            "sqlite_per_second": round(median(singles)),
        },
    ]


async def _appends(journal: Journal, office_id: str, together: int, appends: int) -> float:
    batches = [_batch(office_id, together * place, together) for place in range(appends)]
    begin = time.perf_counter()
    for batch in batches:
        (outcome,) = await journal.append([batch])
        assert outcome is Outcome.STORED
    return appends * together / (time.perf_counter() - begin)


def _batch(office_id: str, after_seq: int, together: int) -> Batch:
    day = AT.date()
    events: list[Recorded] = []
    rows: list[TicketRow] = []
    for seq in range(after_seq + 1, after_seq + together + 1):
        number = f"A{seq:04d}"
        event = TicketIssued(
            seq=seq, at=AT, by="kiosk:k1", number=number, service="s1", series="a", channel="kiosk", language="ja",
            state="waiting", position=seq, wait_low=300, wait_high=600,
        )  # fmt: skip
        events.append(Recorded(day, event, Mark(f"{office_id}-{seq}")))
        rows.append(replace(ROW, office_id=office_id, number=number, issue_seq=seq, position_at_issue=seq))
    return Batch(office_id, after_seq, events, _tuple(rows))


def _tuple(rows: list[TicketRow]) -> Sequence[TicketRow]:
    return tuple(rows)


ROW = TicketRow(
    office_id="", business_day=AT.date(), number="", service="s1", channel="kiosk", language="ja", state="waiting",
    issue_seq=0, issued_at=AT, position_at_issue=1, wait_low_at_issue=300, wait_high_at_issue=600, arrived_at=None,
    first_called_at=None, called_at=None, call_count=0, serving_at=None, served_seconds=0.0, counter=None,
    deferrals=0, reason=None, ended_at=None, ended_by=None,
)  # fmt: skip
