"""What PostgreSQL does for one command and keeps of one ticket, with tables like the journal's."""

import time
from pathlib import Path
from typing import Any

import asyncpg

from bench.figures import Line
from bench.journal_alone import AT, ROW
from bench.postgres import Postgres, postgres
from bench.scale import Scale
from bench.single_commits import DATA
from ticketing.journal.codec import row_values

#: Offices that append in turn.
OFFICES = 200
#: Of a round that is measured.
COMMANDS = 1_000
#: Commands that one transaction stores when many come at once.
TOGETHER = 32

_TABLES = """
    CREATE TABLE events (
        office_id text, seq bigint, business_day date, at timestamptz, kind text, data text, command_id text,
        scope text, idempotency_key text, body_mac bytea, answer text, PRIMARY KEY (office_id, seq)
    );
    CREATE UNIQUE INDEX ON events (office_id, business_day, command_id) WHERE command_id IS NOT NULL;
    CREATE UNIQUE INDEX ON events (office_id, business_day, scope, idempotency_key) WHERE idempotency_key IS NOT NULL;
    CREATE TABLE tickets (
        office_id text, business_day text, number text, service text, channel text, language text, state text,
        issue_seq bigint, issued_at text, position_at_issue int, wait_low_at_issue int, wait_high_at_issue int,
        arrived_at text, first_called_at text, called_at text, call_count int, serving_at text, served_seconds float,
        counter text, deferrals int, reason text, ended_at text, ended_by text, corrected_at text, corrected_by text,
        corrected_reason text, was_state text, was_service text,
        PRIMARY KEY (office_id, business_day, number), UNIQUE (office_id, issue_seq)
    );
    CREATE TABLE audit (
        id bigserial PRIMARY KEY, at text, who text, address text, what text, target text, office_id text, result text,
        hash text
    );
"""
_EVENTS = "INSERT INTO events SELECT $1, unnest($2::bigint[]), $3, $4, 'TicketIssued', $5, unnest($6::text[])"
_AUDIT = "INSERT INTO audit (at, who, what, target, office_id, result, hash) VALUES ($1, $2, $3, $4, $5, 'done', $6)"


async def measure(scale: Scale, folder: Path) -> Line:
    """Issuing alone (an event and a row), then calling and completing (two of each, and a row of the record)."""
    commands = min(COMMANDS, scale.single_commits * 5)
    async with postgres(folder) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute(_TABLES)
        issue = await _run(server, connection, commands, 1, is_call=False)
        call = await _run(server, connection, commands, 1, is_call=True)
        many = await _run(server, connection, commands, TOGETHER, is_call=False)
        await connection.execute("VACUUM ANALYZE")
        sizes = await connection.fetch(
            "SELECT relname, pg_total_relation_size(oid) AS bytes, reltuples AS rows FROM pg_class"
            " WHERE relname IN ('events', 'tickets', 'audit')"
        )
        await connection.close()
    each = {row["relname"]: row["bytes"] / max(1.0, row["rows"]) for row in sizes}
    # Three events, one row, one entry in the record: what a visit leaves (see bench/costs.py).
    return {
        "bench": "costs-postgresql",
        "tables": "like the journal's, in this benchmark",
        "commands": commands,
        "issue_cpu_us": round(issue["cpu"] * 1e6),
        "issue_ms": round(issue["seconds"] * 1e3, 2),
        "issue_wal_bytes": round(issue["wal"]),
        "call_next_cpu_us": round(call["cpu"] * 1e6),
        "call_next_ms": round(call["seconds"] * 1e3, 2),
        "call_next_wal_bytes": round(call["wal"]),
        f"issue_cpu_us_in_a_batch_of_{TOGETHER}": round(many["cpu"] * 1e6),
        "event_bytes": round(each["events"]),
        "ticket_row_bytes": round(each["tickets"]),
        "audit_row_bytes": round(each["audit"]),
        "bytes_a_ticket": round(3 * each["events"] + each["tickets"] + each["audit"]),
    }


async def _run(server: Postgres, connection: Any, commands: int, together: int, is_call: bool) -> dict[str, float]:
    """A command's share: processor seconds of all of PostgreSQL's processes, time, and bytes of its log."""
    columns = ", ".join(f"${place + 1}" for place in range(len(row_values(ROW))))
    updates = "state = excluded.state, called_at = excluded.called_at, counter = excluded.counter"
    upsert = (
        f"INSERT INTO tickets VALUES ({columns}) ON CONFLICT (office_id, business_day, number) DO UPDATE SET {updates}"
    )
    kind = f"{'call' if is_call else 'issue'}-{together}"
    cpu, begin = server.cpu_seconds(), time.perf_counter()
    log = await connection.fetchval("SELECT pg_current_wal_insert_lsn()")
    rows = 2 if is_call else 1
    for place in range(commands // together):
        office_id = f"{kind}-{place % OFFICES}"
        first = place // OFFICES * together * rows + 1
        seqs = list(range(first, first + together * rows))
        async with connection.transaction():
            ids = [f"{kind}-{office_id}-{seq}-0123456789abcdef" for seq in seqs]
            await connection.execute(_EVENTS, office_id, seqs, AT.date(), AT, DATA, ids)
            await connection.executemany(upsert, [_row(office_id, seq) for seq in seqs])
            if is_call:
                hash_ = "0123456789abcdef" * 4
                await connection.execute(_AUDIT, AT.isoformat(), "staff:sato", "call-next", "c1", office_id, hash_)
            await connection.execute("SELECT pg_notify('junban', $1)", f"{office_id} {seqs[-1]}")
    seconds = time.perf_counter() - begin
    wal = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", log)
    many = commands // together * together
    return {"cpu": (server.cpu_seconds() - cpu) / many, "seconds": seconds / many, "wal": float(wal) / many}


def _row(office_id: str, seq: int) -> tuple[Any, ...]:
    office, day, _, service, channel, language, state, _, *rest = row_values(ROW)
    return (office or office_id, day, f"A{seq:04d}", service, channel, language, state, seq, *rest)
