"""What the journal can take without anything before it, beside commits of single rows in SQLite and PostgreSQL."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.figures import Line, Targets, judged, left_out, ratios_of
from bench.installation import configuration
from bench.postgres import MISSING, postgres, programs
from bench.product_postgres import open_journal
from bench.scale import Scale
from bench.single_commits import PostgresCommits, sqlite_per_second
from ticketing.hall.events import TicketIssued
from ticketing.journal.base import Batch, Journal, Mark, Outcome, Recorded, TicketRow
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

#: The journal in PostgreSQL against one statement a ticket in transactions of the same size.
POSTGRES_TARGETS: Targets = {"ratio_to_statements": ("at least", 2.5)}
#: Tickets of one append, as a desk decides so many together under load.
TOGETHER = (1, 64, 256)
TARGET_TOGETHER = 64
#: Appends of each round.
APPENDS = 40
AT = datetime(2026, 9, 3, 1, 24, 5, 120_000, UTC)
#: Connections that commit at the same time: PostgreSQL lets them share one sync.
CONNECTIONS = 64


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """One office's appends, one after the other."""
    lines = await _sqlite(scale, folder)
    if programs() is None:
        return [*lines, left_out("journal beside PostgreSQL's single commits", MISSING)]
    return [*lines, *await _postgres(scale, folder)]


async def _sqlite(scale: Scale, folder: Path) -> list[Line]:
    rates: dict[int, list[float]] = {together: [] for together in TOGETHER}
    singles: list[float] = []
    file = await SqliteFile.open(folder / "journal.sqlite3", Schema("main"))
    try:
        for round_ in range(scale.rounds):
            single = folder / "single.sqlite3"
            singles.append(await asyncio.to_thread(sqlite_per_second, single, scale.single_commits, round_))
            await _round(SqliteJournal(file), rates, round_, scale)
    finally:
        await file.close()
    return [
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


async def _postgres(scale: Scale, folder: Path) -> list[Line]:
    rates: dict[int, list[float]] = {together: [] for together in TOGETHER}
    one: list[float] = []
    many: list[float] = []
    statements: list[float] = []
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(postgres(folder))
        alone, together_ = [await PostgresCommits.connect(server.url, each) for each in (1, CONNECTIONS)]
        stack.push_async_callback(alone.close)
        stack.push_async_callback(together_.close)
        database, journal = await open_journal(folder, server.url, configuration())
        stack.push_async_callback(database.close)
        # Statements are prepared once.
        for together in TOGETHER:
            await _appends(journal, f"warm-up-{together}", together, 2)
        for round_ in range(scale.rounds):
            one.append(await alone.per_second(scale.single_commits, f"one{round_}"))
            many.append(await together_.per_second(scale.single_commits, f"many{round_}"))
            tickets = TARGET_TOGETHER * _appends_of(scale)
            statements.append(await alone.in_transactions_per_second(tickets, TARGET_TOGETHER, f"in{round_}"))
            await _round(journal, rates, round_, scale)
    line: Line = {
        "bench": "single-commits",
        "store": "postgresql",
        "rounds": scale.rounds,
        "one_connection_per_second": round(median(one)),
        "connections": CONNECTIONS,
        "many_connections_per_second": round(median(many)),
        "statements_in_batches_per_second": round(median(statements)),
    }
    return [line, *(_postgres_line(together, rates[together], many, statements) for together in TOGETHER)]


def _postgres_line(together: int, rates: list[float], singles: list[float], statements: list[float]) -> Line:
    line: Line = {
        "bench": "journal",
        "store": "postgresql",
        "together": together,
        "rounds": len(rates),
        "tickets_per_second": round(median(rates)),
        "reference": f"one commit a ticket, {CONNECTIONS} connections",
        "reference_per_second": round(median(singles)),
        **ratios_of(rates, singles),
    }
    if together != TARGET_TOGETHER:
        return line
    line["ratio_to_statements"] = round(median(our / their for our, their in zip(rates, statements)), 2)
    return judged(line, POSTGRES_TARGETS)


async def _round(journal: Journal, rates: dict[int, list[float]], round_: int, scale: Scale) -> None:
    for together in TOGETHER:
        rates[together].append(await _appends(journal, f"o{round_}x{together}", together, _appends_of(scale)))


def _appends_of(scale: Scale) -> int:
    return max(2, APPENDS * scale.single_commits // 400)


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
    return Batch(office_id, after_seq, events, rows)


ROW = TicketRow(
    office_id="", business_day=AT.date(), number="", service="s1", channel="kiosk", language="ja", state="waiting",
    issue_seq=0, issued_at=AT, position_at_issue=1, wait_low_at_issue=300, wait_high_at_issue=600, arrived_at=None,
    first_called_at=None, called_at=None, call_count=0, serving_at=None, served_seconds=0.0, counter=None,
    deferrals=0, reason=None, ended_at=None, ended_by=None,
)  # fmt: skip
