from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from notifier.rules import Terms, decide, retry_seconds
from ticketing.hall import events as ev
from ticketing.notices import NewNotice, Overtaken

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
TERMS = Terms(turn_near=timedelta(minutes=10), called=timedelta(minutes=5))
CHANNELS = {"A001": ["line", "email"], "A002": ["email"]}
ALL = ("turn_near", "called", "call_withdrawn")


def event(kind: type[ev.Event], **fields: Any) -> ev.Event:
    return kind(**{"seq": 9, "at": AT, "by": "staff:sato", "number": "A001", **fields})


def overtaken(*kinds: Any, number: str = "A001") -> Overtaken:
    return Overtaken(day=DAY, number=number, kinds=kinds, seq=9, at=AT)


def owed(kind: Any, **fields: Any) -> NewNotice:
    return NewNotice(
        day=DAY, number="A001", kind=kind, seq=9, channel="line", created_at=AT,
        **{"occurrence": "9", "useful_until": AT + timedelta(minutes=5), **fields},
    )  # fmt: skip


def test_turn_near_is_told_once_per_service() -> None:
    near = event(ev.TurnNear, service="family", ahead=3, wait_low=300, wait_high=600)

    assert decide(near, DAY, CHANNELS, TERMS) == [
        owed(
            "turn_near",
            occurrence="family",
            useful_until=AT + timedelta(minutes=10),
            service="family",
            ahead=3,
            wait_low=300,
            wait_high=600,
        )
    ]


def test_call_is_told_and_overtakes_that_the_turn_is_near() -> None:
    assert decide(event(ev.TicketCalled, counter="1"), DAY, CHANNELS, TERMS) == [
        overtaken("turn_near", "call_withdrawn"),
        owed("called", counter="1"),
    ]


def test_call_that_is_undone_is_withdrawn() -> None:
    assert decide(event(ev.StepUndone, counter="1", step="call"), DAY, CHANNELS, TERMS) == [
        overtaken("called"),
        owed("call_withdrawn", counter="1"),
    ]


@pytest.mark.parametrize(
    "served",
    [
        event(ev.ServingStarted, counter="1"),
        event(ev.TicketCompleted, counter="1"),
        event(ev.TicketHeld, counter="1", reason=None),
        event(ev.TicketTransferred, counter="1", service="tax"),
        event(ev.TicketCancelled),
        event(ev.TicketExpired),
    ],
    ids=lambda served: type(served).__name__,
)
def test_ticket_that_moved_on_needs_no_message_any_more(served: ev.Event) -> None:
    assert decide(served, DAY, CHANNELS, TERMS) == [overtaken(*ALL)]


def test_day_that_closed_needs_no_messages_any_more() -> None:
    closed = ev.DayClosed(seq=9, at=AT, by="tick", day=DAY, numbers=("A001", "A002", "A003"))

    assert decide(closed, DAY, CHANNELS, TERMS) == [overtaken(*ALL), overtaken(*ALL, number="A002")]


@pytest.mark.parametrize(
    "other",
    [
        event(ev.TicketCalled, counter="1", number="A003"),
        event(ev.TicketRecalled, counter="1"),
        event(ev.StepUndone, counter="1", step="complete"),
        event(ev.TicketNoShow, counter="1"),
        event(ev.AlertRequested, ahead=3, minutes=None),
        ev.CounterOpened(seq=9, at=AT, by="staff:sato", counter="1"),
    ],
    ids=lambda other: type(other).__name__,
)
def test_other_events_and_tickets_without_a_contact_lead_to_nothing(other: ev.Event) -> None:
    assert decide(other, DAY, CHANNELS, TERMS) == []


def test_retry_waits_longer_each_time_up_to_five_minutes() -> None:
    assert [retry_seconds(attempts, 0.5) for attempts in (1, 2, 3, 7, 50)] == [5, 10, 20, 300, 300]
    assert [retry_seconds(1, jitter) for jitter in (0.0, 1.0)] == [2.5, 7.5]
