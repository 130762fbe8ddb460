"""Opening hours as they are written in the file."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from ticketing.config.holidays import closed_dates
from ticketing.config.table import Table
from ticketing.hall.office import ALWAYS, Hours, Interval

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
_EVERY_YEAR = re.compile(r"\d\d-\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_WHOLE_DAY: tuple[Interval, ...] = ((0, 1440),)


def office_hours(table: Table, key: str, years: range) -> Hours:
    """The hours of an office: ``"always"``, or a table that names all seven days.

    Holidays and yearly exceptions become dates in ``years``.
    """
    if table.value(key) in (None, "always"):
        return ALWAYS
    if isinstance(table.value(key), str):
        table.refuse(key, f'must be "always" or a table, not {table.value(key)!r}')
        return ALWAYS
    hours = table.table(key)
    named = [day for day in DAYS if hours.has(day)]
    if named and len(named) < len(DAYS):
        missing = ", ".join(day for day in DAYS if day not in named)
        table.refuse(key, f"name all seven days, also the closed ones; missing: {missing}")
    weekly = tuple(_intervals(hours, day, _WHOLE_DAY) for day in DAYS)
    return Hours(weekly, {**_holidays(hours, years), **_exceptions(hours, years)})


def service_hours(table: Table, key: str, office: Hours, years: range) -> Hours | None:
    """The hours of a service: None for ``"office"``, or a table; what it leaves out is as the office has it.

    On a date on which the office is closed the service is closed too, unless the service itself names that date.
    """
    if table.value(key) in (None, "office"):
        return None
    if isinstance(table.value(key), str):
        table.refuse(key, f'must be "office" or a table, not {table.value(key)!r}')
        return None
    hours = table.table(key)
    weekly = tuple(_intervals(hours, day, office.weekly[index]) for index, day in enumerate(DAYS))
    closed = {day: intervals for day, intervals in office.exceptions.items() if not intervals}
    return Hours(weekly, {**closed, **_holidays(hours, years), **_exceptions(hours, years)})


def _holidays(hours: Table, years: range) -> Mapping[date, tuple[Interval, ...]]:
    country = hours.text("holidays")
    try:
        return dict.fromkeys(closed_dates(country, years), ()) if country else {}
    except LookupError:
        hours.refuse("holidays", f'no holidays are known for {country!r}; it must be a country\'s code such as "JP"')
        return {}


def _exceptions(hours: Table, years: range) -> Mapping[date, tuple[Interval, ...]]:
    table = hours.table("exceptions")
    yearly: dict[date, tuple[Interval, ...]] = {}
    single: dict[date, tuple[Interval, ...]] = {}
    for key in table.written_keys():
        intervals = _intervals(table, key, ())
        if _EVERY_YEAR.fullmatch(key) and _is_date(f"2024-{key}"):
            written = [f"{year}-{key}" for year in years]
            yearly |= {date.fromisoformat(text): intervals for text in written if _is_date(text)}
        elif _DATE.fullmatch(key) and _is_date(key):
            single[date.fromisoformat(key)] = intervals
        else:
            table.refuse(key, 'must be a date such as "2026-12-29", or "12-29" for every year')
    return {**yearly, **single}


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _intervals(table: Table, key: str, default: tuple[Interval, ...]) -> tuple[Interval, ...]:
    value = table.value(key)
    try:
        return default if value is None else read_intervals(value)
    except ValueError as error:
        table.refuse(key, str(error))
        return default


def read_intervals(value: object) -> tuple[Interval, ...]:
    """The intervals of one day: ``"closed"``, ``"08:30-17:15"``, or a list of such.

    Raises:
        ValueError: it is none of these, ends before it begins, or overlaps; the text says which.
    """
    if value == "closed":
        return ()
    written = value if isinstance(value, list) else [value]
    intervals = sorted(_interval(text) for text in written)
    if not intervals:
        raise ValueError('is an empty list; write "closed"')
    for (_, end), (start, _) in pairwise(intervals):
        if start < end:
            raise ValueError("has hours that overlap")
    return tuple(intervals)


def _interval(text: object) -> Interval:
    match = _INTERVAL.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f'must be hours such as "08:30-17:15", a list of such, or "closed", not {text!r}')
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if end > 1440:
        raise ValueError(f"{text!r} goes past 24:00")
    if start >= end:
        raise ValueError(f"{text!r} ends before it begins; hours past midnight belong to the next day as well")
    return start, end
