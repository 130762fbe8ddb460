from datetime import UTC, datetime, timedelta, timezone

import pytest

from ticketing.clock import FixedClock, SystemClock, parse, rfc3339

TOKYO = timezone(timedelta(hours=9))


def test_rfc3339_writes_utc_with_milliseconds() -> None:
    at = datetime(2026, 9, 3, 10, 24, 5, 120_999, TOKYO)

    assert rfc3339(at) == "2026-09-03T01:24:05.120Z"


def test_rfc3339_writes_a_full_second_with_its_zeros() -> None:
    assert rfc3339(datetime(2026, 9, 3, tzinfo=UTC)) == "2026-09-03T00:00:00.000Z"


def test_rfc3339_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        rfc3339(datetime(2026, 9, 3))


@pytest.mark.parametrize("text", ["2026-09-03T01:24:05.120Z", "2026-09-03T10:24:05.120999+09:00"])
def test_parse_gives_utc_in_whole_milliseconds(text: str) -> None:
    at = parse(text)

    assert (at, at.tzinfo) == (datetime(2026, 9, 3, 1, 24, 5, 120_000, UTC), UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-09-03T01:24:05", "2026-02-30T00:00:00Z"])
def test_parse_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_fixed_clock_stands_until_it_is_moved() -> None:
    clock = FixedClock(datetime(2026, 9, 3, 9, tzinfo=TOKYO))

    before = clock.now()
    advanced = clock.advance(seconds=1.5)
    clock.set(datetime(2026, 9, 4, tzinfo=UTC))

    assert [rfc3339(at) for at in (before, advanced, clock.now())] == [
        "2026-09-03T00:00:00.000Z",
        "2026-09-03T00:00:01.500Z",
        "2026-09-04T00:00:00.000Z",
    ]


def test_system_clock_tells_utc_in_whole_milliseconds() -> None:
    at = SystemClock().now()

    assert (at.tzinfo, at.microsecond % 1000) == (UTC, 0)
