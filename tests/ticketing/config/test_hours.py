from collections.abc import Callable
from datetime import date

import pytest

from ticketing.config import Config
from ticketing.config.hours import read_intervals
from ticketing.hall.office import ALWAYS

WEEK = """[office.hours]
mon = "08:30-17:15"
tue = "08:30-17:15"
wed = ["08:30-12:00", "13:00-19:00"]
thu = "08:30-17:15"
fri = "08:30-17:15"
sat = "closed"
sun = "closed"
"""
DAY = ((510, 1035),)


def with_hours(office: str, hours: str) -> str:
    return office.replace("[[office.series]]", hours + "\n[[office.series]]")


@pytest.mark.parametrize(
    ("value", "intervals"),
    [
        ("closed", ()),
        ("08:30-17:15", ((510, 1035),)),
        ("00:00-24:00", ((0, 1440),)),
        (["13:00-17:15", "08:30-13:00"], ((510, 780), (780, 1035))),
    ],
)
def test_read_intervals_gives_minutes_in_order(value: object, intervals: tuple[tuple[int, int], ...]) -> None:
    assert read_intervals(value) == intervals


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["08:30-12:00", "11:59-17:15"], "has hours that overlap"),
        ("17:15-08:30", "'17:15-08:30' ends before it begins; hours past midnight belong to the next day as well"),
        ("08:30-08:30", "'08:30-08:30' ends before it begins; hours past midnight belong to the next day as well"),
        ("08:30-24:01", "'08:30-24:01' goes past 24:00"),
        ("8:30-17:15", 'must be hours such as "08:30-17:15", a list of such, or "closed", not \'8:30-17:15\''),
        (["closed"], 'must be hours such as "08:30-17:15", a list of such, or "closed", not \'closed\''),
        ([], 'is an empty list; write "closed"'),
        (5, 'must be hours such as "08:30-17:15", a list of such, or "closed", not 5'),
    ],
)
def test_read_intervals_of_something_else_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        read_intervals(value)

    assert str(refused.value) == message


def test_hours_are_read_day_by_day(read: Callable[[str], Config], office: str) -> None:
    hours = read(with_hours(office, WEEK)).offices[0].hours

    assert hours.weekly == (DAY, DAY, ((510, 720), (780, 1140)), DAY, DAY, (), ())
    assert hours.exceptions == {}


def test_exceptions_are_dates_or_a_date_of_every_year(read: Callable[[str], Config], office: str) -> None:
    exceptions = '[office.hours.exceptions]\n12-29 = "closed"\n02-29 = "closed"\n2026-12-29 = "09:00-12:00"\n'

    hours = read(with_hours(office, WEEK + exceptions)).offices[0].hours

    assert hours.exceptions == {
        date(2025, 12, 29): (),
        date(2026, 12, 29): ((540, 720),),
        date(2027, 12, 29): (),
    }


def test_holidays_are_closed_unless_an_exception_opens_them(read: Callable[[str], Config], office: str) -> None:
    text = WEEK + 'holidays = "JP"\n[office.hours.exceptions]\n2026-11-23 = "08:30-17:15"\n'

    hours = read(with_hours(office, text)).offices[0].hours

    days = [date(2025, 1, 1), date(2026, 9, 22), date(2026, 11, 23), date(2027, 3, 22), date(2027, 3, 23)]
    assert [hours.on(day) for day in days] == [(), (), DAY, (), DAY]


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        (
            WEEK.replace('fri = "08:30-17:15"\nsat = "closed"\n', ""),
            "office[0].hours: name all seven days, also the closed ones; missing: fri, sat",
        ),
        (WEEK + "sum = 1", "office[0].hours.sum: there is no such key; is it sun?"),
        (
            WEEK.replace('"closed"', '"shut"', 1),
            'office[0].hours.sat: must be hours such as "08:30-17:15", a list of such, or "closed", not \'shut\'',
        ),
        (
            WEEK + 'holidays = "XX"',
            "office[0].hours.holidays: no holidays are known for 'XX'; it must be a country's code such as \"JP\"",
        ),
        (
            '[office.hours.exceptions]\n2026-02-30 = "closed"',
            'office[0].hours.exceptions.2026-02-30: must be a date such as "2026-12-29", or "12-29" for every year',
        ),
        (
            '[office.hours.exceptions]\n02-30 = "closed"',
            'office[0].hours.exceptions.02-30: must be a date such as "2026-12-29", or "12-29" for every year',
        ),
    ],
)
def test_a_mistake_in_the_hours_is_refused_at_its_path(
    problems: Callable[[str], list[str]], office: str, hours: str, problem: str
) -> None:
    assert problems(with_hours(office, hours)) == [problem]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('hours = "sometimes"', "office[0].hours: must be \"always\" or a table, not 'sometimes'"),
        ("hours = 5", "office[0].hours: must be a table, not a number"),
    ],
)
def test_hours_in_other_words_are_refused(
    problems: Callable[[str], list[str]], office: str, line: str, problem: str
) -> None:
    assert problems(office.replace('id = "hall"', f'id = "hall"\n{line}')) == [problem]


def test_service_hours_are_the_offices_where_they_say_nothing(read: Callable[[str], Config], office: str) -> None:
    office_hours = (
        WEEK + 'holidays = "JP"\n[office.hours.exceptions]\n2026-11-22 = "09:00-17:00"\n2026-12-29 = "closed"\n'
    )
    web = 'series = "a"\nweb.hours = { mon = "09:30-16:00", exceptions = { 2026-12-29 = "10:00-11:00" } }'

    (service,) = read(with_hours(office.replace('series = "a"', web), office_hours)).offices[0].services

    assert service.web is not None and service.web.hours is not None
    assert service.web.hours.weekly == (((570, 960),), DAY, ((510, 720), (780, 1140)), DAY, DAY, (), ())
    days = [date(2026, 11, 22), date(2026, 11, 23), date(2026, 12, 28), date(2026, 12, 29)]
    assert [service.web.hours.on(day) for day in days] == [(), (), ((570, 960),), ((600, 660),)]


def test_hours_said_in_one_word_are_the_defaults(read: Callable[[str], Config], office: str) -> None:
    text = office.replace('id = "hall"', 'id = "hall"\nhours = "always"')

    config = read(text.replace('series = "a"', 'series = "a"\nkiosk_hours = "office"'))

    assert (config.offices[0].hours, config.offices[0].services[0].kiosk_hours) == (ALWAYS, None)


def test_service_hours_in_other_words_are_refused(problems: Callable[[str], list[str]], office: str) -> None:
    assert problems(office.replace('series = "a"', 'series = "a"\nkiosk_hours = "always"')) == [
        "office[0].service[0].kiosk_hours: must be \"office\" or a table, not 'always'"
    ]
