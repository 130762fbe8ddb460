import asyncio
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.processes import ROOT
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

INSERT = "INSERT INTO webhook_events (event_id, seen_at) VALUES (?, '2026-09-03T01:00:00.000Z')"
OPEN_AND_CLOSE = """
import asyncio, sys
from pathlib import Path
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

async def main():
    sys.stdin.readline()
    await (await SqliteFile.open(Path(sys.argv[1]), Schema("main"))).close()

asyncio.run(main())
"""


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteFile]:
    file = await SqliteFile.open(tmp_path / "deep" / "contacts.sqlite3", Schema("contacts"))
    yield file
    await file.close()


async def ids(file: SqliteFile) -> list[str]:
    return [row["event_id"] for row in await file.fetch_all("SELECT event_id FROM webhook_events ORDER BY event_id")]


async def test_a_file_is_made_for_its_owner_only_with_full_durability(file: SqliteFile) -> None:
    modes = [stat.S_IMODE(each.stat().st_mode) for each in sorted(file.path.parent.iterdir())]
    async with file.outside_transaction() as writer:
        pragmas = {
            name: [tuple(row) for row in await writer.execute_fetchall(f"PRAGMA {name}")]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }

    assert modes == [0o600] * 3  # with -shm and -wal
    assert pragmas == {
        "journal_mode": [("wal",)], "synchronous": [(2,)], "foreign_keys": [(1,)], "secure_delete": [(1,)]
    }  # fmt: skip


async def test_a_transaction_is_seen_by_readers_when_it_is_over(file: SqliteFile) -> None:
    async with file.transaction() as connection:
        await connection.execute(INSERT, ("a",))
        during = await ids(file)

    assert (during, await ids(file)) == ([], ["a"])


async def test_what_raises_in_a_transaction_leaves_no_trace(file: SqliteFile) -> None:
    async def fail() -> None:
        async with file.transaction() as connection:
            await connection.execute(INSERT, ("a",))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    async with file.transaction() as connection:
        await connection.execute(INSERT, ("b",))
    assert await ids(file) == ["b"]


async def test_transactions_take_turns(file: SqliteFile) -> None:
    async def insert(event_id: str) -> None:
        async with file.transaction() as connection:
            await connection.execute(INSERT, (event_id,))
            await asyncio.sleep(0)
            await connection.execute(INSERT, (event_id + event_id,))

    await asyncio.gather(*map(insert, "abc"))

    assert await ids(file) == ["a", "aa", "b", "bb", "c", "cc"]


async def test_a_transaction_cancelled_while_it_waits_for_another_process_leaves_none_open(file: SqliteFile) -> None:
    other = sqlite3.connect(file.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(file.transaction().__aenter__())
    await asyncio.sleep(0.05)

    waiting.cancel()
    await asyncio.sleep(0)
    other.execute("ROLLBACK")
    other.close()
    await asyncio.gather(waiting, return_exceptions=True)

    async with file.transaction() as connection:
        await connection.execute(INSERT, ("a",))
    assert await ids(file) == ["a"]


async def test_a_file_that_is_no_database_is_refused_and_its_connection_closed(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)

    with pytest.raises(sqlite3.DatabaseError):
        await SqliteFile.open(path, Schema("main"))

    assert path.read_text() == "Dear Sir or Madam, " * 100


async def test_processes_that_open_a_new_file_at_once_all_find_it_ready(tmp_path: Path) -> None:
    path = tmp_path / "junban.sqlite3"
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", OPEN_AND_CLOSE, str(path), cwd=ROOT, stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip

    errors = [errors for _, errors in await asyncio.gather(*(each.communicate(b"now\n") for each in processes))]

    assert errors == [b""] * 3
    file = await SqliteFile.open(path, Schema("main"))
    version = await file.fetch_one("PRAGMA user_version")
    await file.close()
    assert tuple(version or ()) == (len(Schema("main").migrations()),)
