from datetime import date

from ticketing.clock import parse
from ticketing.devices import Devices
from ticketing.plays import Played, Plays
from ticketing.storage.database import Database

NOW = parse("2026-09-03T01:00:00Z")
DAY, NEXT_DAY = date(2026, 9, 3), date(2026, 9, 4)
RUN, OTHER_RUN = "r" * 16, "s" * 16


async def board(file: Database) -> str:
    devices = Devices(file)
    enrolled = await devices.enrol(await devices.invite("ward", "board", "", NOW), NOW)
    assert enrolled is not None
    return enrolled[0].id


async def test_the_highest_count_of_a_page_stays(main_part: Database) -> None:
    plays, device = Plays(main_part), await board(main_part)

    for count in (2, 5, 3, 5):
        await plays.note("ward", DAY, device, RUN, {"city": count, "advert": 0})

    assert await plays.between(DAY, DAY) == [Played(DAY, "ward", "city", 1, 5)]


async def test_pages_boards_and_days_are_counted_together_and_apart(main_part: Database) -> None:
    plays, one, other = Plays(main_part), await board(main_part), await board(main_part)

    await plays.note("ward", DAY, one, RUN, {"city": 2, "advert": 1})
    await plays.note("ward", DAY, one, OTHER_RUN, {"city": 4})
    await plays.note("ward", DAY, other, RUN, {"city": 8})
    await plays.note("ward", NEXT_DAY, other, RUN, {"city": 16})

    assert await plays.between(DAY, NEXT_DAY) == [
        Played(DAY, "ward", "advert", 1, 1),
        Played(DAY, "ward", "city", 2, 14),
        Played(NEXT_DAY, "ward", "city", 1, 16),
    ]
    assert await plays.between(NEXT_DAY, NEXT_DAY) == [Played(NEXT_DAY, "ward", "city", 1, 16)]
