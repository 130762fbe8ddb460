from datetime import date

from purge_jobs.prune import prune
from tests.purge_jobs.world import DAY, DUE, World
from ticketing.phone_costs import PhoneCosts

NUMBER = "+819012345678"
NEXT_DAY = date(2026, 9, 4)


def costs_of(world: World) -> PhoneCosts:
    return PhoneCosts(world.file, world.keys, most_per_day=10, most_per_number=10)


async def indexes(world: World) -> dict[str, bytes | None]:
    """By retry key, the hash of the number."""
    rows = await world.file.fetch_all("SELECT retry_key, number_index FROM phone_costs")
    return {row["retry_key"]: row["number_index"] for row in rows}


async def test_erased_day_keeps_its_costs_and_no_hash_of_a_number(file_world: World) -> None:
    await file_world.open_day()
    await file_world.register(channel="phone", address=NUMBER)
    file_world.keys.key("minato", NEXT_DAY)
    await costs_of(file_world).take("minato", DAY, NUMBER, "sms", "of the day")
    await costs_of(file_world).take("minato", NEXT_DAY, NUMBER, "voice", "of the next")
    before = await indexes(file_world)
    file_world.clock.set(DUE)

    await file_world.purge.purge()

    after = await indexes(file_world)
    index = before["of the day"]
    assert index is not None
    assert after == {"of the day": None, "of the next": before["of the next"]}
    assert await costs_of(file_world).count(DAY) == {"sms": 1, "voice": 0}
    written = b"".join(each.read_bytes() for each in file_world.folder.glob("contacts.sqlite3*"))
    assert index not in written
    assert before["of the next"] in written  # type: ignore[operator]


async def test_erased_day_is_sent_nothing_more(world: World) -> None:
    await world.open_day()
    await world.register(channel="phone", address=NUMBER)
    world.clock.set(DUE)
    await world.purge.purge()

    assert await costs_of(world).take("minato", DAY, NUMBER, "sms", "late") == "erased"
    assert await indexes(world) == {}


async def test_costs_are_kept_as_long_as_the_journal(world: World) -> None:
    for day in (DAY, NEXT_DAY):
        world.keys.key("minato", day)
        await costs_of(world).take("minato", day, NUMBER, "sms", day.isoformat())

    await prune(world.file, NEXT_DAY)

    assert list(await indexes(world)) == ["2026-09-04"]
