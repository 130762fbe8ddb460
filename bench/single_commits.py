"""The reference for durable writes: one ticket, one transaction, one row in each of two tables."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

EVENTS = (
    "CREATE TABLE IF NOT EXISTS single_events (office TEXT, seq BIGINT, at TEXT, data TEXT, PRIMARY KEY (office, seq))"
)
TICKETS = (
    "CREATE TABLE IF NOT EXISTS single_tickets (office TEXT, number TEXT, data TEXT, PRIMARY KEY (office, number))"
)
AT = "2026-09-03T01:24:05.120Z"
DATA = f'{{"seq":1,"at":"{AT}","by":"kiosk:k1","number":"A0001","service":"s1","series":"a","position":1}}'


def sqlite_per_second(file: Path, tickets: int, round_: int, fsync_seconds: float = 0.0) -> float:
    """Tickets a second through the standard library, in this thread; a commit may be made slower."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(EVENTS)
        connection.execute(TICKETS)
        office = f"r{round_}"
        begin = time.perf_counter()
        for seq in range(1, tickets + 1):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO single_events VALUES (?, ?, ?, ?)", (office, seq, AT, DATA))
            connection.execute("INSERT INTO single_tickets VALUES (?, ?, ?)", (office, f"A{seq}", DATA))
            if fsync_seconds:
                time.sleep(fsync_seconds)
            connection.execute("COMMIT")
        return tickets / (time.perf_counter() - begin)
    finally:
        connection.close()


_INSERT = (
    "WITH event AS (INSERT INTO single_events VALUES ($1, $2, $3, $4)) INSERT INTO single_tickets VALUES ($1, $5, $4)"
)


class PostgresCommits:
    """The same on PostgreSQL: one statement, one commit a ticket, over a number of connections."""

    def __init__(self, connections: Sequence[Any]) -> None:
        self._connections = connections

    @classmethod
    async def connect(cls, url: str, connections: int) -> "PostgresCommits":
        opened = [await asyncpg.connect(url) for _ in range(connections)]
        await opened[0].execute(EVENTS)
        await opened[0].execute(TICKETS)
        return cls(opened)

    async def per_second(self, tickets: int, round_: str) -> float:
        seqs = iter(range(1, tickets + 1))

        async def one(connection: Any) -> None:
            insert = await connection.prepare(_INSERT)
            for seq in seqs:
                await insert.fetch(round_, seq, AT, DATA, f"A{seq}")

        begin = time.perf_counter()
        await asyncio.gather(*(one(connection) for connection in self._connections))
        return tickets / (time.perf_counter() - begin)

    async def in_transactions_per_second(self, tickets: int, together: int, round_: str) -> float:
        """One statement a ticket, and a commit for several of them, over the first connection."""
        connection = self._connections[0]
        insert = await connection.prepare(_INSERT)
        begin = time.perf_counter()
        for first in range(1, tickets + 1, together):
            async with connection.transaction():
                for seq in range(first, first + together):
                    await insert.fetch(round_, seq, AT, DATA, f"A{seq}")
        return tickets / (time.perf_counter() - begin)

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()
