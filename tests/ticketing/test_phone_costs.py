import asyncio
from datetime import date
from pathlib import Path

import pytest

from tests.databases import open_again, written
from ticketing.keys import DayKeys
from ticketing.phone_costs import PhoneCosts
from ticketing.storage.database import Database

DAY = date(2026, 9, 3)
NEXT_DAY = date(2026, 9, 4)
NUMBER = "+819012345678"


@pytest.fixture
def file(contacts_part: Database) -> Database:
    return contacts_part


@pytest.fixture
def keys(tmp_path: Path) -> DayKeys:
    keys = DayKeys(tmp_path / "keys", bytes(32))
    for office in ("minato", "shiba"):
        for day in (DAY, NEXT_DAY):
            keys.key(office, day)
    return keys


@pytest.fixture
def costs(file: Database, keys: DayKeys) -> PhoneCosts:
    return PhoneCosts(file, keys, most_per_day=5, most_per_number=2)


async def test_number_is_sent_to_so_often_a_day_and_no_more(costs: PhoneCosts) -> None:
    verdicts = [await costs.take("minato", DAY, NUMBER, "sms", f"key {each}") for each in range(3)]
    others = [
        await costs.take("minato", DAY, "+819011112222", "sms", "another number"),
        await costs.take("minato", NEXT_DAY, NUMBER, "sms", "another day"),
        await costs.take("shiba", DAY, NUMBER, "sms", "another office"),
    ]

    assert verdicts == ["free", "free", "number_limit"]
    assert others == ["free", "free", "free"]


async def test_calls_and_text_messages_to_a_number_count_together(costs: PhoneCosts) -> None:
    verdicts = [
        await costs.take("minato", DAY, NUMBER, "sms", "1"),
        await costs.take("minato", DAY, NUMBER, "voice", "2"),
        await costs.take("minato", DAY, NUMBER, "voice", "3"),
    ]

    assert verdicts == ["free", "free", "number_limit"]
    assert await costs.count(DAY) == {"sms": 1, "voice": 1}


async def test_day_has_a_limit_over_all_offices(costs: PhoneCosts) -> None:
    offices = ["minato", "shiba", "minato", "shiba", "minato", "shiba"]

    verdicts = [
        await costs.take(office, DAY, f"+81901111222{place}", "sms", str(place)) for place, office in enumerate(offices)
    ]
    next_day = await costs.take("minato", NEXT_DAY, NUMBER, "sms", "next day")

    assert (verdicts, next_day) == (["free"] * 5 + ["day_limit"], "free")


async def test_repetition_is_known_and_not_counted_again(costs: PhoneCosts) -> None:
    verdicts = [await costs.take("minato", DAY, NUMBER, "sms", "same key") for _ in range(3)]

    assert verdicts == ["free", "counted", "counted"]
    assert await costs.count(DAY) == {"sms": 1, "voice": 0}


async def test_what_was_given_back_costs_nothing_and_is_free_again(costs: PhoneCosts) -> None:
    await costs.take("minato", DAY, NUMBER, "sms", "key")
    await costs.give_back("key")

    assert await costs.count(DAY) == {"sms": 0, "voice": 0}
    assert await costs.take("minato", DAY, NUMBER, "sms", "key") == "free"


async def test_limit_holds_for_two_processes_at_once(file: Database, keys: DayKeys, costs: PhoneCosts) -> None:
    beside = await open_again(file)
    others = PhoneCosts(beside, keys, most_per_day=5, most_per_number=2)

    verdicts = await asyncio.gather(
        *(each.take("minato", DAY, f"+8190111122{n:02d}", "sms", f"{n}") for n in range(10) for each in (costs, others))
    )

    await beside.close()
    assert sorted(verdicts).count("free") == 5
    assert await costs.count(DAY) == {"sms": 5, "voice": 0}


async def test_day_without_a_key_takes_nothing_and_makes_none(costs: PhoneCosts, keys: DayKeys) -> None:
    keys.destroy("minato", DAY)

    assert await costs.take("minato", DAY, NUMBER, "sms", "key") == "erased"
    assert keys.existing("minato", DAY) is None
    assert await costs.count(DAY) == {"sms": 0, "voice": 0}


async def test_erased_day_takes_nothing(costs: PhoneCosts, file: Database) -> None:
    async with file.transaction() as connection:
        await connection.execute(
            "INSERT INTO erased_days (office_id, business_day, started_at, counts) VALUES (?, ?, ?, ?)",
            ("minato", "2026-09-03", "2026-09-03T15:10:00.000Z", "{}"),
        )

    assert await costs.take("minato", DAY, NUMBER, "sms", "key") == "erased"


async def test_number_is_not_in_the_file(costs: PhoneCosts, file: Database) -> None:
    await costs.take("minato", DAY, NUMBER, "sms", "key")

    content = await written(file)
    assert b"key" in content
    assert b"9012345678" not in content
