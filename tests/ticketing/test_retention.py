from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from ticketing.hall.office import Counter, Office, Series, Service
from ticketing.retention import due_at

JST = timezone(timedelta(hours=9))
OFFICE = Office(
    id="minato",
    names={"ja": "みなと区役所"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(Service("family", {"ja": "戸籍"}, "a"),),
    counters=(Counter("1", "1番窓口", ("family",)),),
)
BERLIN = replace(OFFICE, time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("ended_at", "due"),
    [
        (datetime(2026, 9, 3, 17, 15, tzinfo=JST), datetime(2026, 9, 4, 0, 10, tzinfo=JST)),
        (datetime(2026, 9, 4, 0, 0, tzinfo=JST), datetime(2026, 9, 4, 0, 10, tzinfo=JST)),
        (datetime(2026, 9, 4, 0, 10, tzinfo=JST), datetime(2026, 9, 4, 0, 10, tzinfo=JST)),
        (datetime(2026, 9, 4, 0, 10, 0, 1000, tzinfo=JST), datetime(2026, 9, 5, 0, 10, tzinfo=JST)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=JST), datetime(2027, 1, 1, 0, 10, tzinfo=JST)),
    ],
)
def test_erasure_is_due_at_the_first_time_at_or_after_the_end(ended_at: datetime, due: datetime) -> None:
    assert due_at(ended_at, OFFICE, time(0, 10)) == due


@pytest.mark.parametrize(
    ("ended_at", "due"),
    [
        # 29 March 2026: 02:00 becomes 03:00, so 02:30 is 03:30.
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 31, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        # 25 October 2026: 03:00 becomes 02:00, so 02:30 comes twice.
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 31, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 31, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_erasure_is_due_when_clocks_are_changed(ended_at: datetime, due: datetime) -> None:
    assert due_at(ended_at, BERLIN, time(2, 30)) == due


def test_erasure_is_never_due_before_the_end_nor_much_more_than_a_day_later() -> None:
    start = datetime.combine(date(2026, 1, 1), time(), UTC)

    delays = [
        due_at(ended_at, BERLIN, time(2, 30)) - ended_at
        for ended_at in (start + timedelta(minutes=37 * step) for step in range(14_000))
    ]

    assert (min(delays) >= timedelta(), max(delays) <= timedelta(hours=25)) == (True, True)
