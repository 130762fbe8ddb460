from datetime import timedelta
from pathlib import Path

import pytest

from purge_jobs import removal
from purge_jobs.erase_contacts import ErasureFailed
from purge_jobs.proof import Proof
from tests.purge_jobs.world import DAY, DUE, World
from ticketing.canary import open_canary
from ticketing.keys import DayKeys


async def fill(world: World) -> None:
    await world.open_day()
    await world.register()
    world.clock.set(DUE)


async def the_canary(world: World) -> bytes:
    canary = await removal.canary_of(world.file, "minato", DAY)
    assert canary is not None
    return canary


async def opened(world: World, canary: bytes) -> str:
    address = open_canary(world.keys.key("minato", DAY), "minato", DAY, canary)
    assert address is not None
    return address


async def failure(world: World) -> str:
    with pytest.raises(ErasureFailed) as failed:
        await world.purge.purge()
    assert await world.erasures.list() == ()
    return str(failed.value).removeprefix("Not erased: minato 2026-09-03: ")


async def test_day_has_one_canary_that_counts_for_nothing(world: World) -> None:
    await world.open_day()
    await world.register("A001")
    first = await the_canary(world)
    await world.register("A002")

    address = await opened(world, first)

    assert await the_canary(world) == first
    assert address.endswith("@canary.invalid")
    assert await world.contacts.count("minato", DAY) == 2
    assert await world.contacts.channels("minato", DAY) == {"A001": ["email"], "A002": ["email"]}
    assert await removal.count(world.file, "minato", DAY) == {"email": 2, "line": 0, "phone": 0}


async def test_day_whose_contacts_were_all_withdrawn_is_still_erased(world: World) -> None:
    await fill(world)
    await world.contacts.remove("minato", DAY, "A001")

    (erasure,) = await world.purge.purge()

    assert (sum(erasure.counts.values()), erasure.proof and erasure.proof.canary) == (0, "closed")
    assert await world.contacts.days() == []


async def test_day_without_a_contact_has_no_canary(world: World) -> None:
    world.keys.key("minato", DAY)
    world.clock.set(DUE)

    (erasure,) = await world.purge.purge()

    assert erasure.proof == Proof(canary="none", searched_for=("key",), files=erasure.proof.files, unread=0)


async def test_key_that_was_left_under_another_name_is_found_by_the_canary(world: World) -> None:
    await fill(world)
    path = world.folder / "keys" / "minato" / "2026-09-03.key"
    kept = path.with_name("old-copy")
    kept.write_bytes(path.read_bytes())

    assert await failure(world) == "the day's canary still opens"

    kept.unlink()
    assert len(await world.purge.purge()) == 1


@pytest.mark.parametrize("what", ["key", "wrapped", "address"])
async def test_what_is_known_of_the_day_is_found_in_any_file(world: World, what: str) -> None:
    await fill(world)
    known = {
        "key": world.keys.key("minato", DAY),
        "wrapped": (world.folder / "keys" / "minato" / "2026-09-03.key").read_bytes(),
        "address": (await opened(world, await the_canary(world))).encode(),
    }[what]
    log = world.folder / "logs" / "trace.log"
    log.parent.mkdir()
    log.write_bytes(b"sent to " + known + b" at 10:41\n")

    assert await failure(world) == f"something of the day is still in {log}"


async def test_canary_that_never_opened_proves_nothing(world: World) -> None:
    await fill(world)
    async with world.file.transaction() as connection:
        await connection.execute("UPDATE canaries SET sealed = ?", (bytes(272),))

    (erasure,) = await world.purge.purge()

    assert erasure.proof is not None
    assert (erasure.proof.canary, erasure.proof.searched_for) == ("none", ("key",))


async def test_canary_does_not_outlive_the_record(file_world: World) -> None:
    await fill(file_world)
    canary = await the_canary(file_world)
    turned_over = bytes(each ^ 0xFF for each in canary)

    await file_world.purge.purge()
    async with file_world.file.outside_transaction() as connection:
        await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    row = await file_world.file.fetch_one("SELECT canary, is_recorded FROM erased_days")
    contents = [path.read_bytes() for path in file_world.folder.rglob("*") if path.is_file()]
    assert tuple(row or ()) == (None, 1)
    assert not any(canary[12:60] in content or turned_over[12:60] in content for content in contents)


async def test_canary_of_another_day_does_not_open(world: World) -> None:
    await fill(world)
    canary = await the_canary(world)
    key = world.keys.key("minato", DAY)

    assert [open_canary(key, "minato", DAY + timedelta(days=1), canary), open_canary(key, "kita", DAY, canary)] == [
        None,
        None,
    ]


def test_all_that_is_left_is_every_key_whatever_its_name(tmp_path: Path) -> None:
    keys = DayKeys(tmp_path, bytes(32))
    key = keys.key("minato", DAY)
    (tmp_path / "minato" / "2026-09-03.key").rename(tmp_path / "elsewhere")

    assert key in keys.all_that_is_left()


def test_proof_is_read_as_it_was_written() -> None:
    proof = Proof(canary="closed", searched_for=("key", "row", "text"), files=7, unread=1)

    assert Proof.from_json(proof.as_json()) == proof
