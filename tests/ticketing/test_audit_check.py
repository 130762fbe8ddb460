import asyncio
import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.databases import change_unseen
from ticketing.audit import Audit, Entry
from ticketing.audit_check import check_audit
from ticketing.hall import events as ev
from ticketing.heads import sign_head
from ticketing.journal.base import Batch, Outcome, Recorded
from ticketing.journal.opening import journal_in
from ticketing.journal.sqlite import MOST_ROWS
from ticketing.signing import SigningKey
from ticketing.storage.database import Database
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

NOW = datetime(2026, 9, 3, 1, tzinfo=UTC)
ENTRY = Entry(at=NOW, who="staff:sato", what="ticket.cancel", target="A012", office_id="ward", address="203.0.113.5")
KEY, OTHER = SigningKey.of(bytes(range(32))), SigningKey.of(bytes(32))
TRUSTED = {KEY.public_key}
OLD_ROW = "INSERT INTO audit (at, who, what, result) VALUES ('2026-09-03T01:00:00.000Z', 'x', 'x', 'ok')"

ROW_6 = "INSERT INTO audit (id, at, who, what, result) VALUES (6, '2026-09-03T01:00:00.000Z', 'x', 'x', 'ok')"


@pytest.fixture
def file(main_part: Database) -> Database:
    return main_part


async def fill(file: Database, rows: int = 5) -> None:
    for number in range(rows):
        await Audit(file).record(replace(ENTRY, target=f"A{number:03}"))


async def sign(file: Database, key: SigningKey = KEY) -> None:
    async with file.transaction() as connection:
        await sign_head(connection, key, NOW)


async def tamper(file: Database, *statements: str) -> None:
    """As somebody would who owns the file."""
    await change_unseen(file, *statements)


async def problem(file: Database) -> str | None:
    return (await check_audit(file, TRUSTED)).problem


async def test_record_as_it_was_written_is_whole(file: Database) -> None:
    await fill(file)
    await sign(file)
    await fill(file, 2)

    check = await check_audit(file, TRUSTED)

    assert (check.rows, check.older, check.last_id, check.signed_id, check.problem) == (7, 0, 7, 5, None)


async def test_empty_record_is_whole(file: Database) -> None:
    assert await problem(file) is None


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET result = 'ok ' WHERE id = 3", "Operation 3 was changed, inserted or moved: it does not fit"),
        ("UPDATE audit SET address = NULL WHERE id = 1", "Operation 1 was changed, inserted or moved: it does not fit"),
        ("UPDATE audit SET hash = NULL WHERE id = 5", "Operation 5 was changed, inserted or moved: it does not fit"),
        ("DELETE FROM audit WHERE id = 3", "Operation 3 is missing."),
        ("DELETE FROM audit WHERE id IN (2, 3)", "Operations 2 to 3 are missing."),
        ("DELETE FROM audit WHERE id = 1", "Operation 1 is missing."),
        ("DELETE FROM audit WHERE id > 3", "Operations 4 to 5 are missing at the end."),
        ("DELETE FROM audit", "Operations 1 to 5 are missing at the end."),
        (ROW_6, "Operation 6 was changed, inserted or moved: it does not fit"),
    ],
)
async def test_first_broken_row_is_named(file: Database, statement: str, told: str) -> None:
    await fill(file)

    await tamper(file, statement)

    assert (await problem(file) or "").startswith(told)


async def test_removed_row_whose_followers_are_renumbered_shows(file: Database) -> None:
    await fill(file)

    await tamper(
        file, "DELETE FROM audit WHERE id = 2", *(f"UPDATE audit SET id = {n - 1} WHERE id = {n}" for n in (3, 4, 5))
    )

    assert (await problem(file) or "").startswith("Operation 2 was changed")


async def test_rows_after_a_removed_tail_do_not_hide_it(file: Database) -> None:
    await fill(file)
    await tamper(file, "DELETE FROM audit WHERE id > 3")

    await fill(file, 2)

    assert await problem(file) == "Operations 4 to 5 are missing."


async def test_chain_that_was_written_anew_does_not_fit_what_was_signed(file: Database) -> None:
    await fill(file)
    await sign(file)
    is_file = isinstance(file, SqliteFile)
    count = "DELETE FROM sqlite_sequence" if is_file else "UPDATE chains SET last_id = 0"
    await tamper(file, "DELETE FROM audit", f"{count} WHERE name = 'audit'")

    await fill(file, 4)
    too_short = await problem(file)
    await Audit(file).record(ENTRY)

    assert too_short == "Operation 5 is missing at the end."
    assert await problem(file) == "The record up to operation 5 is not the one signed at 2026-09-03T01:00:00.000Z."


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE heads SET audit_id = 1 WHERE id = 2", "Signed head 2 has a signature that does not fit it."),
        ("DELETE FROM heads WHERE id = 1", "Signed head 1 is missing."),
        ("DELETE FROM heads WHERE id = 2", "Signed head 2 is missing."),
        ("DELETE FROM heads", "Signed head 1 is missing."),
        (
            "UPDATE heads SET at = '2026-9x-03T01:00:00.000Z' WHERE id = 1",
            "Signed head 1 has a signature that does not fit it.",
        ),
    ],
)
async def test_signed_head_that_was_changed_or_removed_shows(file: Database, statement: str, told: str) -> None:
    await fill(file)
    await sign(file)
    await fill(file, 1)
    await sign(file)

    await tamper(file, statement)

    assert await problem(file) == told


async def test_head_of_a_stranger_shows(file: Database) -> None:
    await fill(file)
    await sign(file, OTHER)

    assert await problem(file) == f"Signed head 1 was signed with another key ({OTHER.public_key[:16]}…)."


async def test_rows_from_before_the_chain_are_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "junban.sqlite3"
    first = Schema("main").migrations()[0]
    with sqlite3.connect(path) as old:
        old.executescript(first)
        old.execute("PRAGMA user_version = 1")
        for _ in range(3):
            old.execute(OLD_ROW)
    old.close()
    file = await SqliteFile.open(path, Schema("main"))

    await fill(file, 2)
    whole = await check_audit(file, TRUSTED)
    await tamper(file, "DELETE FROM audit WHERE id = 4")
    cut = await problem(file)
    await file.close()

    assert (whole.rows, whole.older, whole.last_id, whole.problem) == (5, 3, 5, None)
    assert cut == "Operation 4 is missing."


async def test_journal_chains_more_rows_than_one_statement_holds(file: Database) -> None:
    event = ev.DayClosed(seq=1, at=NOW, by="tick", day=date(2026, 9, 3), numbers=())
    batch = Batch("ward", 0, [Recorded(date(2026, 9, 3), event)], [], [ENTRY] * (2 * MOST_ROWS + 1))

    await fill(file, 1)
    outcomes = await journal_in(file).append([batch])
    await fill(file, 1)

    check = await check_audit(file, TRUSTED)
    assert (outcomes, check.rows, check.problem) == ([Outcome.STORED], 2 * MOST_ROWS + 3, None)


def write_many(path: str, rows: int) -> None:
    async def write() -> None:
        file = await SqliteFile.open(Path(path), Schema("main"))
        await fill(file, rows)
        await file.close()

    asyncio.run(write())


async def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    file = await SqliteFile.open(tmp_path / "junban.sqlite3", Schema("main"))
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(str(file.path), 40)) for _ in range(3)]

    for writer in writers:
        writer.start()
    await fill(file, 40)
    await asyncio.to_thread(lambda: [writer.join() for writer in writers])

    check = await check_audit(file, TRUSTED)
    await file.close()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert (check.rows, check.problem) == (160, None)
