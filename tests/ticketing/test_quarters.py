"""The course of a day, against one that is counted by looking at every ticket for every quarter."""

import random
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from ticketing.journal.base import TicketRow
from ticketing.quarters import QUARTER, Course, Wait, course_of, starts_of, wait_of_row

NINE = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
TARGETS = {"family": 600, "tax": None}


def row(**changes: Any) -> TicketRow:
    usual: dict[str, Any] = {
        "office_id": "ward", "business_day": date(2026, 9, 1), "number": "A001", "service": "family",
        "channel": "kiosk", "language": "ja", "state": "waiting", "issue_seq": 2, "issued_at": NINE,
        "position_at_issue": 1, "wait_low_at_issue": None, "wait_high_at_issue": None, "arrived_at": None,
        "first_called_at": None, "called_at": None, "call_count": 0, "serving_at": None, "served_seconds": 0.0,
        "counter": None, "deferrals": 0, "reason": None, "ended_at": None, "ended_by": None,
    }  # fmt: skip
    return TicketRow(**{**usual, **changes})


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (0, None, None)),
        ({"first_called_at": minutes(5)}, (0, 5, 5)),
        ({"state": "cancelled", "ended_at": minutes(9)}, (0, 9, None)),
        ({"channel": "web", "arrived_at": minutes(3), "first_called_at": minutes(5)}, (3, 5, 5)),
        ({"channel": "web", "service": "tax"}, (0, None, None)),
        ({"channel": "web", "state": "expected"}, None),
        ({"channel": "web", "state": "expired", "ended_at": minutes(9)}, None),
        ({"channel": "web", "state": "cancelled", "ended_at": minutes(9)}, None),
        ({"channel": "web", "state": "closed", "ended_at": minutes(9)}, None),
    ],
)
def test_wait_of_row_is_from_the_arrival_to_the_first_call(changes: Any, expected: Any) -> None:
    wait = wait_of_row(row(**changes), {"family"})

    times = [wait.since, wait.until, wait.called] if wait else None
    assert times == ([at if at is None else minutes(at) for at in expected] if expected else None)


def test_nothing_happened_on_a_day_without_visitors() -> None:
    assert starts_of([], NINE) == []
    assert course_of([], [], NINE, TARGETS) == Course([], [], [], [], 0, 0)


def test_quarters_reach_from_the_first_wait_to_now_while_somebody_waits() -> None:
    waits = [Wait("tax", minutes(20), minutes(31), minutes(31)), Wait("tax", minutes(29), None, None)]

    assert starts_of(waits, minutes(61)) == [minutes(each) for each in (15, 30, 45, 60)]
    assert starts_of(waits[:1], minutes(600)) == [minutes(15), minutes(30)]


def test_a_day_by_hand() -> None:
    waits = [
        Wait("family", minutes(1), minutes(9), minutes(9)),
        Wait("family", minutes(2), minutes(31), minutes(31)),
        Wait("tax", minutes(14), minutes(16), minutes(16)),
        Wait("family", minutes(16), minutes(17), None),
        Wait("family", minutes(29), None, None),
    ]

    assert course_of(waits, starts_of(waits, minutes(33)), minutes(33), TARGETS) == Course(
        waiting=[2, 2, 1], arrivals=[3, 2, 0], calls=[1, 1, 1], median_wait_seconds=[480, 120, 1740],
        measured=2, within_target=1,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_course_is_what_looking_at_every_ticket_finds(seed: int) -> None:
    chance = random.Random(seed)
    now = minutes(chance.randint(200, 300)) + timedelta(seconds=chance.randint(0, 899))
    waits = [made_up(chance, now) for _ in range(chance.choice([1, 5, 300]))]
    starts = starts_of(waits, now)

    assert starts[0] <= min(each.since for each in waits) < starts[0] + QUARTER
    assert course_of(waits, starts, now, TARGETS) == looked_at(waits, starts, now)


def made_up(chance: random.Random, now: datetime) -> Wait:
    since = NINE + timedelta(seconds=chance.choice([chance.randint(0, 12_000), 900 * chance.randint(0, 12)]))
    until = since + timedelta(seconds=chance.choice([0, 900, chance.randint(1, 6_000)]))
    if until > now or chance.random() < 0.1:
        return Wait(chance.choice(["family", "tax"]), since, None, None)
    return Wait(chance.choice(["family", "tax"]), since, until, until if chance.random() < 0.8 else None)


def looked_at(waits: list[Wait], starts: list[datetime], now: datetime) -> Course:
    def called_in(start: datetime) -> list[int]:
        called = [each for each in waits if each.called is not None and start <= each.called < start + QUARTER]
        return [int((each.called - each.since).total_seconds()) for each in called if each.called is not None]

    def waits_behind(wait: Wait, start: datetime) -> bool:
        return wait.since < start + QUARTER and (wait.until is None or wait.until >= start + QUARTER)

    measured = [each for each in waits if each.called is not None and TARGETS[each.service] is not None]
    return Course(
        waiting=[sum(waits_behind(each, start) for each in waits) for start in starts],
        arrivals=[sum(start <= each.since < start + QUARTER for each in waits) for start in starts],
        calls=[len(called_in(start)) for start in starts],
        median_wait_seconds=[int(median(called_in(start))) if called_in(start) else None for start in starts],
        measured=len(measured),
        within_target=sum(each.called - each.since <= timedelta(seconds=600) for each in measured if each.called),
    )
