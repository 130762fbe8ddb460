"""The definition of an office: numbers, hours, business days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ticketing.hall.given import OFFICE_HOURS, office
from ticketing.hall.office import ALWAYS, Hours, Series, name_as_written, name_in

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# Numbers


@pytest.mark.parametrize(
    ("series", "ordinal", "number"),
    [
        (Series("A", "A", 1, 999), 0, "A001"),
        (Series("A", "A", 1, 999), 11, "A012"),
        (Series("A", "A", 1, 999), 998, "A999"),
        (Series("A", "A", 1, 999), 999, "A1000"),
        (Series("A", "A", 1, 999), 1000, "A1001"),
        (Series("B", "B", 501, 599), 98, "B599"),
        (Series("B", "B", 501, 599), 99, "B1000"),
        (Series("C", "", 0, 99), 0, "00"),
        (Series("C", "", 0, 99), 100, "100"),
    ],
)
def test_number_is_prefix_and_digits(series, ordinal, number):
    assert series.number(ordinal) == number


@given(first=st.integers(0, 60), size=st.integers(1, 60))
def test_number_is_never_given_twice_by_a_series(first, size):
    series = Series("A", "A", first, first + size)

    assert len({series.number(ordinal) for ordinal in range(3000)}) == 3000


def test_series_knows_when_it_is_past_its_end():
    series = Series("B", "B", 501, 599)

    assert [series.is_past_end(ordinal) for ordinal in (0, 98, 99)] == [False, False, True]


# Hours


def test_hours_include_their_first_minute_and_not_their_last():
    open_at = [
        OFFICE_HOURS.is_open(datetime(2026, 9, 1, *at, tzinfo=TOKYO)) for at in ((8, 29), (8, 30), (17, 14), (17, 15))
    ]

    assert open_at == [False, True, True, False]


def test_hours_of_an_exception_replace_those_of_the_week():
    hours = Hours(OFFICE_HOURS.weekly, {date(2026, 9, 1): (), date(2026, 9, 5): ((540, 600), (660, 720))})

    assert not hours.is_open(datetime(2026, 9, 1, 10, tzinfo=TOKYO))
    assert [hours.is_open(datetime(2026, 9, 5, hour, tzinfo=TOKYO)) for hour in (9, 10, 11, 12)] == [
        True,
        False,
        True,
        False,
    ]


def test_hours_always_are_every_minute():
    assert ALWAYS.is_open(datetime(2026, 9, 6, 23, 59, 59, tzinfo=TOKYO))


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (datetime(2026, 9, 1, 7, tzinfo=TOKYO), datetime(2026, 9, 1, 8, 30, tzinfo=TOKYO)),
        (datetime(2026, 9, 1, 8, 30, tzinfo=TOKYO), datetime(2026, 9, 2, 8, 30, tzinfo=TOKYO)),
        (datetime(2026, 9, 4, 18, tzinfo=TOKYO), datetime(2026, 9, 7, 8, 30, tzinfo=TOKYO)),
    ],
)
def test_openings_begin_with_the_next_one(at, opening):
    assert next(OFFICE_HOURS.openings(at)) == opening


def test_openings_go_past_closures_but_not_for_ever():
    holidays = {date(2026, 9, 21) + timedelta(days=each): () for each in range(3)}
    hours = Hours(OFFICE_HOURS.weekly, holidays)

    assert next(hours.openings(datetime(2026, 9, 18, 18, tzinfo=TOKYO))) == datetime(2026, 9, 24, 8, 30, tzinfo=TOKYO)
    assert list(Hours(weekly=((),) * 7).openings(datetime(2026, 9, 1, tzinfo=TOKYO))) == []


def test_hours_are_by_the_wall_clock_where_clocks_are_changed():
    berlin = office(time_zone="Europe/Berlin")
    hours = Hours(weekly=(((540, 1020),),) * 7)

    before, after = berlin.local(utc(2026, 3, 28, 8)), berlin.local(utc(2026, 3, 29, 7))

    assert (before.hour, after.hour) == (9, 9)
    assert (hours.is_open(before), hours.is_open(after)) == (True, True)


# Business days


@pytest.mark.parametrize(
    ("starts_at", "at", "day"),
    [
        (time(0), utc(2026, 9, 1, 14, 59, 59), date(2026, 9, 1)),
        (time(0), utc(2026, 9, 1, 15), date(2026, 9, 2)),
        (time(4), utc(2026, 9, 1, 18, 59, 59), date(2026, 9, 1)),
        (time(4), utc(2026, 9, 1, 19), date(2026, 9, 2)),
    ],
)
def test_business_day_in_tokyo(starts_at, at, day):
    assert office(day_starts_at=starts_at).business_day(at) == day


@pytest.mark.parametrize(
    ("starts_at", "day", "start", "end"),
    [
        (time(0), date(2026, 3, 29), utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
        (time(0), date(2026, 10, 25), utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)),
        # 02:30 does not exist: the day begins at 03:30, the jump plus the half hour that was left.
        (time(2, 30), date(2026, 3, 29), utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)),
        # 02:30 comes twice: the day begins the first time.
        (time(2, 30), date(2026, 10, 25), utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
    ],
)
def test_business_day_where_clocks_are_changed(starts_at, day, start, end):
    berlin = office(time_zone="Europe/Berlin", day_starts_at=starts_at)
    before = day - timedelta(days=1)

    assert (berlin.day_start(day), berlin.day_end(day)) == (start, end)
    assert [berlin.business_day(start - timedelta(seconds=1)), berlin.business_day(start)] == [before, day]
    assert berlin.business_day(end - timedelta(seconds=1)) == day


def test_business_day_does_not_begin_again_in_the_hour_that_comes_twice():
    berlin = office(time_zone="Europe/Berlin", day_starts_at=time(2, 30))

    days = [berlin.business_day(utc(2026, 10, 25, 0, 29) + timedelta(minutes=each)) for each in range(120)]

    assert days == [date(2026, 10, 24)] + [date(2026, 10, 25)] * 119


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    minute=st.integers(0, 1439),
    zone=st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/Santiago"]),
)
def test_business_days_leave_no_gap_and_do_not_overlap(at, minute, zone):
    place = office(time_zone=zone, day_starts_at=time(minute // 60, minute % 60))

    day = place.business_day(at)

    assert place.day_start(day) <= at < place.day_end(day)


# Finding things


def test_office_finds_its_services_and_counters():
    place = office()

    assert place.service("tax") is place.services[2]
    assert place.counter("4") is place.counters[3]
    assert (place.service("fishing"), place.counter("9")) == (None, None)
    assert [counter.id for counter in place.counters_for("tax")] == ["3", "4"]
    assert (place.has_reason("papers"), place.has_reason("lunch")) == (True, False)


def test_name_in_a_language_or_english_or_the_first():
    assert name_in({"ja": "税", "en": "Tax"}, "ja") == "税"
    assert name_in({"ja": "税", "en": "Tax"}, "fr") == "Tax"
    assert name_in({"ja": "税"}, "fr") == "税"
    assert name_in({}, "ja") == ""


@pytest.mark.parametrize(
    ("language", "written", "plain"),
    [
        ("ja-x-easy", "届出《とどけで》", "届出"),
        ("ja-x-other", "届", "届"),
        ("ne", "Papers", "Papers"),
        ("zh-Hant", "登記《漢》", "登記《漢》"),
    ],
)
def test_name_in_a_language_or_its_nearest_and_without_readings(language, written, plain):
    names = {"ja": "届", "ja-x-easy": "届出《とどけで》", "en": "Papers", "zh-Hant": "登記《漢》"}

    assert (name_as_written(names, language), name_in(names, language)) == (written, plain)
