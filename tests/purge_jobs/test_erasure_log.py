from dataclasses import replace
from datetime import timedelta

import pytest

from purge_jobs.erasure_log import Erasure, problems_of
from tests.databases import REFUSED, change_unseen
from tests.purge_jobs.world import DAY, DUE, World
from ticketing.audit_chain import FIRST_PREVIOUS_HASH

ERASURE = Erasure(
    office_id="minato", day=DAY, counts={"email": 3, "line": 1}, key_fingerprint="0123456789abcdef", started_at=DUE,
    finished_at=DUE + timedelta(seconds=1), as_of=DUE, is_future=False, version="1.2.3", responsible="市民課長",
    handlers=("市民課",),
)  # fmt: skip


async def fill(world: World) -> None:
    for day in range(3):
        await world.erasures.append(replace(ERASURE, day=DAY + timedelta(days=day)))


async def tamper(world: World, *statements: str) -> None:
    """As somebody would who owns the file."""
    await change_unseen(world.main, *statements)


async def test_record_is_read_back_as_it_was_written(world: World) -> None:
    written = await world.erasures.append(ERASURE)

    assert await world.erasures.list() == (written,)
    assert (written.id, written.erasure, written.previous_hash) == (1, ERASURE, FIRST_PREVIOUS_HASH)


async def test_records_are_chained(world: World) -> None:
    await fill(world)

    first, second, third = await world.erasures.list()

    assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
    assert problems_of(await world.erasures.list()) == []


async def test_same_erasure_is_recorded_once(world: World) -> None:
    first = await world.erasures.append(ERASURE)
    again = await world.erasures.append(replace(ERASURE, finished_at=DUE + timedelta(hours=1)))

    assert (again, len(await world.erasures.list())) == (first, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE erasures SET counts = '{}'",
        "DELETE FROM erasures",
        "INSERT OR REPLACE INTO erasures SELECT * FROM erasures WHERE id = 1",
    ],
)
async def test_record_cannot_be_changed_through_the_database(world: World, statement: str) -> None:
    await fill(world)

    with pytest.raises(REFUSED):
        async with world.main.transaction() as connection:
            await connection.execute(statement)

    assert len(await world.erasures.list()) == 3


@pytest.mark.parametrize(
    ("statement", "problems"),
    [
        ("UPDATE erasures SET counts = '{\"email\":0}' WHERE id = 2", ["Record 2 was changed."]),
        ("UPDATE erasures SET handlers = '[]' WHERE id = 3", ["Record 3 was changed."]),
        ("DELETE FROM erasures WHERE id = 2", ["Between record 1 and record 3 something is missing."]),
        ("DELETE FROM erasures WHERE id = 1", ["Between record 0 and record 2 something is missing."]),
    ],
)
async def test_record_changed_behind_our_back_shows(world: World, statement: str, problems: list[str]) -> None:
    await fill(world)

    await tamper(world, statement)

    assert problems_of(await world.erasures.list()) == problems


async def test_record_removed_and_the_rest_renumbered_shows(world: World) -> None:
    await fill(world)

    await tamper(world, "DELETE FROM erasures WHERE id = 2", "UPDATE erasures SET id = 2 WHERE id = 3")

    assert problems_of(await world.erasures.list()) == [
        "Record 2 does not follow the record before it.",
        "Record 2 was changed.",
    ]
