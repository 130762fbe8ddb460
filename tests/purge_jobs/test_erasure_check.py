import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from purge_jobs.erasure_check import check_erasures
from purge_jobs.erasure_log import Erasure, ErasureLog
from tests.databases import change_unseen
from tests.purge_jobs.world import DAY, DUE, SIGNING_KEY, World
from ticketing.signing import SigningKey
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

OTHER = SigningKey.of(bytes(32))
TRUSTED = {SIGNING_KEY.public_key}
ERASURE = Erasure(
    office_id="minato", day=DAY, counts={"email": 3, "line": 1}, key_fingerprint="0123456789abcdef", started_at=DUE,
    finished_at=DUE + timedelta(seconds=1), as_of=DUE, is_future=False, version="1.2.3", responsible="市民課長",
    handlers=("市民課",),
)  # fmt: skip
FOREIGN = f"was signed with another key ({OTHER.public_key[:16]}…)."


async def fill(log: ErasureLog, first: int = 0, last: int = 3) -> None:
    for day in range(first, last):
        await log.append(replace(ERASURE, day=DAY + timedelta(days=day)))


async def tamper(world: World, *statements: str) -> None:
    """As somebody would who owns the file."""
    await change_unseen(world.main, *statements)


async def problems(world: World) -> tuple[str, ...]:
    return (await check_erasures(world.main, TRUSTED)).problems


async def test_records_as_they_were_written_are_whole(world: World) -> None:
    await fill(world.erasures)

    check = await check_erasures(world.main, TRUSTED)

    assert (len(check.records), check.unsigned, check.problems) == (3, 0, ())


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["UPDATE erasures SET counts = '{}' WHERE id = 2"], ["Record 2 was changed."]),
        (["UPDATE erasures SET version = '9' WHERE id = 3"], ["Record 3 was changed."]),
        (
            ["UPDATE erasures SET signature = (SELECT signature FROM erasures WHERE id = 1) WHERE id = 2"],
            ["Record 2 has a signature that does not fit it."],
        ),
        (
            ["UPDATE erasures SET signature = NULL, public_key = NULL WHERE id = 2"],
            ["Record 2 is not signed, and the one before it is.", "Record 2 has lost its signature."],
        ),
        (
            ["DELETE FROM erasures WHERE id = 3"],
            [
                "Record 3 was removed: the record of operations names it.",
                "Record 3 was removed: a signed head names it.",
            ],
        ),
        (
            ["DELETE FROM erasures WHERE id = 3", "DELETE FROM heads WHERE id = 3"],
            ["Record 3 was removed: the record of operations names it.", "Signed head 3 is missing."],
        ),
        (
            [
                "DELETE FROM erasures WHERE id = 3",
                "DELETE FROM heads WHERE id = 3",
                "DELETE FROM audit WHERE id = 3",
            ],
            ["Signed head 3 is missing."],
        ),
        (["DELETE FROM heads WHERE id = 3"], ["Signed head 3 is missing.", "Record 3 has no signed head."]),
        (
            ["UPDATE erasures SET signature = NULL, public_key = NULL", "DELETE FROM heads"],
            [*(f"Record {number} has lost its signature." for number in (1, 2, 3)), "Signed head 1 is missing."],
        ),
        (
            ["UPDATE heads SET erasure_id = 1 WHERE id = 3"],
            ["Signed head 3 has a signature that does not fit it.", "Record 3 has no signed head."],
        ),
    ],
)
async def test_tampering_shows(world: World, statements: list[str], told: list[str]) -> None:
    await fill(world.erasures)

    await tamper(world, *statements)

    assert await problems(world) == tuple(told)


@pytest.mark.parametrize(
    "change",
    [
        "counts = '[1]'",
        """counts = '{"email":"many"}'""",
        "handlers = '1'",
        "business_day = '2026-9x-03'",
        "proof = '{}'",
        """proof = '{"canary":"open","files":1,"searched_for":[],"unread":0}'""",
    ],
)
async def test_record_that_cannot_be_read_is_named_and_keeps_nothing_from_being_erased(
    world: World, change: str
) -> None:
    await fill(world.erasures)

    await tamper(world, f"UPDATE erasures SET {change} WHERE id = 3")
    told = await problems(world)
    await fill(world.erasures, 3, 4)

    assert told == ("Record 3 was changed: it cannot be read.",)
    assert [record.id for record in await world.erasures.list()] == [1, 2, 4]


async def test_record_in_anothers_place_shows_although_it_is_signed(world: World) -> None:
    await fill(world.erasures)
    await tamper(world, "DELETE FROM erasures WHERE id = 3")

    await fill(world.erasures, 5, 6)

    assert await problems(world) == (
        "Record 3 was replaced: the record of operations names it with another hash.",
        "Record 3 was replaced: a signed head names it with another hash.",
    )


async def test_record_that_a_stranger_signed_shows(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await fill(world.erasures, 0, 1)

    await fill(ErasureLog(world.main, OTHER), 1, 2)

    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "erasure records are signed with another key from now on; keep its public key too"
    ]

    assert await problems(world) == (f"Record 2 {FOREIGN}", f"Signed head 2 {FOREIGN}", "Record 2 has no signed head.")


async def test_records_from_before_they_were_signed_are_no_fault(tmp_path: Path, file_world: World) -> None:
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as old:
        old.executescript(Schema("main").migrations()[0])
        old.execute("PRAGMA user_version = 1")
        await fill(file_world.erasures, 0, 2)
        for row in await file_world.main.fetch_all(
            """
            SELECT id, office_id, business_day, counts, key_fingerprint, started_at, finished_at, as_of, is_future,
                version, result, responsible, handlers, previous_hash, hash
            FROM erasures
            """
        ):
            old.execute(f"INSERT INTO erasures VALUES ({', '.join('?' * 15)})", tuple(row))
    old.close()
    file = await SqliteFile.open(path, Schema("main"))

    await fill(ErasureLog(file, SIGNING_KEY), 2, 3)
    check = await check_erasures(file, TRUSTED)
    await file.close()

    assert (len(check.records), check.unsigned, check.problems) == (3, 2, ())


async def test_log_without_a_key_writes_nothing(world: World) -> None:
    with pytest.raises(AssertionError, match="a record is signed"):
        await ErasureLog(world.main).append(ERASURE)
