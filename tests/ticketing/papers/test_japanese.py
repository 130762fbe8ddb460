import re
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.processes import ROOT
from ticketing.papers.japanese import OPERATIONS, in_era, moment, month_in_era, operation, period, short_moment, span


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 9, 3), "令和8年9月3日（木）"),
        (date(2019, 5, 1), "令和元年5月1日（水）"),
        (date(2019, 4, 30), "2019年4月30日（火）"),
    ],
)
def test_day_is_written_with_its_era(day: date, text: str) -> None:
    assert in_era(day) == text


def test_month_is_written_with_its_era() -> None:
    assert month_in_era(date(2026, 12, 31)) == "令和8年12月"


def test_moment_is_in_the_offices_time() -> None:
    at = datetime(2026, 9, 3, 15, 10, 5, 999_000, tzinfo=UTC)

    assert moment(at, "Asia/Tokyo") == "2026年9月4日 0時10分05秒"
    assert short_moment(at, "Asia/Tokyo") == "2026-09-04 00:10"


def test_period_names_the_second_day_only_when_it_is_another() -> None:
    begin = datetime(2026, 9, 3, 14, 59, 59, tzinfo=UTC)

    assert period(begin, begin, "Asia/Tokyo") == "2026年9月3日 23時59分59秒 から 23時59分59秒 まで"
    assert period(begin, begin + timedelta(seconds=1), "Asia/Tokyo") == (
        "2026年9月3日 23時59分59秒 から 2026年9月4日 0時00分00秒 まで"
    )


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(days=1, hours=2, minutes=5, seconds=59), "1日2時間5分"),
        (timedelta(hours=3), "3時間"),
        (timedelta(seconds=59), "1分未満"),
    ],
)
def test_length_of_time_is_written_in_days_hours_and_minutes(length: timedelta, text: str) -> None:
    assert span(length) == text


def test_operation_without_a_japanese_name_is_written_as_it_is() -> None:
    assert (operation("session.create"), operation("moon.land")) == ("サインイン", "moon.land")


def test_every_operation_on_record_has_a_japanese_name() -> None:
    source = "".join(
        file.read_text("utf-8") for folder in ("ticketing", "purge_jobs") for file in (ROOT / folder).rglob("*.py")
    )

    recorded = set(
        re.findall(r'carry_out\(\s*args,\s*\w+,\s*"([\w.-]+)"|\bwhat="([\w.-]+)"|^MENTION = "([\w.-]+)"', source, re.M)
    )

    assert {next(filter(None, groups)) for groups in recorded} - OPERATIONS.keys() == set()
    assert len(recorded) > 20
