from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from notifier.rules import ON_THE_WAY, Terms, decide, retry_seconds
from ticketing.hall import events as ev
from ticketing.notice import NewNotice, NoticeKind, Overtaken

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
TERMS = Terms(
    turn_near=timedelta(minutes=10),
    called=timedelta(minutes=5),
    expiry_near=timedelta(minutes=15),
    absent=timedelta(minutes=30),
    ended=timedelta(minutes=60),
)
CHANNELS = {"A001": ["line", "email"], "A002": ["email"]}


def event(kind: type[ev.Event], **fields: Any) -> ev.Event:
    return kind(**{"seq": 9, "at": AT, "by": "staff:sato", "number": "A001", **fields})


def closed(by: str) -> ev.Event:
    return ev.DayClosed(seq=9, at=AT, by=by, day=DAY, numbers=("A001", "A002", "A003"))


def overtaken(*kinds: Any, number: str = "A001") -> Overtaken:
    return Overtaken(day=DAY, number=number, kinds=kinds, seq=9, at=AT)


def owed(kind: Any, minutes: int = 5, **fields: Any) -> NewNotice:
    usual = {"number": "A001", "channel": "line", "occurrence": "9", "useful_until": AT + timedelta(minutes=minutes)}
    return NewNotice(day=DAY, kind=kind, seq=9, created_at=AT, **{**usual, **fields})


def test_messages_on_the_way_are_all_but_the_last_and_the_confirmation() -> None:
    assert {*ON_THE_WAY, "closed", "cancelled", "line_linked"} == set(get_args(NoticeKind))


def test_turn_near_is_told_once_per_service() -> None:
    near = event(ev.TurnNear, service="family", ahead=3, wait_low=300, wait_high=600)

    assert decide(near, DAY, CHANNELS, TERMS) == [
        owed("turn_near", 10, occurrence="family", service="family", ahead=3, wait_low=300, wait_high=600)
    ]


def test_call_is_told_and_overtakes_what_was_owed_before() -> None:
    assert decide(event(ev.TicketCalled, counter="1"), DAY, CHANNELS, TERMS) == [
        overtaken(*ON_THE_WAY),
        owed("called", counter="1"),
    ]


def test_correction_is_told_to_nobody_and_overtakes_what_may_be_wrong_now() -> None:
    corrected = event(
        ev.TicketCorrected,
        state="completed",
        service="family",
        was_state="absent",
        was_service="family",
        reason="papers",
    )

    assert decide(corrected, DAY, CHANNELS, TERMS) == [overtaken(*ON_THE_WAY, "cancelled")]


def test_second_call_is_told_instead_of_the_first() -> None:
    assert decide(event(ev.TicketRecalled, counter="1", call_count=2), DAY, CHANNELS, TERMS) == [
        overtaken("called"),
        owed("called_again", counter="1"),
    ]


def test_call_that_is_undone_is_withdrawn() -> None:
    assert decide(event(ev.StepUndone, counter="1", step="call"), DAY, CHANNELS, TERMS) == [
        overtaken("called", "called_again"),
        owed("call_withdrawn", counter="1"),
    ]


def test_absence_is_told_instead_of_the_calls() -> None:
    assert decide(event(ev.TicketNoShow, counter="1"), DAY, CHANNELS, TERMS) == [
        overtaken(*ON_THE_WAY),
        owed("absent", 30, counter="1"),
    ]


@pytest.mark.parametrize("back", [event(ev.TicketReinstated), event(ev.StepUndone, counter="1", step="no_show")])
def test_absence_that_is_over_is_not_told_any_more(back: ev.Event) -> None:
    assert decide(back, DAY, CHANNELS, TERMS) == [overtaken("absent")]


def test_expiry_is_told_until_then_and_instead_of_the_turn_that_was_near() -> None:
    expires_at = AT + timedelta(minutes=7)

    assert decide(event(ev.ExpiryNear, by="tick", expires_at=expires_at), DAY, CHANNELS, TERMS) == [
        overtaken("turn_near"),
        owed("expiry_near", 7, expires_at=expires_at),
    ]


def test_expiry_at_an_unknown_time_is_told_for_some_time() -> None:
    assert decide(event(ev.ExpiryNear, by="tick", expires_at=None), DAY, CHANNELS, TERMS) == [
        overtaken("turn_near"),
        owed("expiry_near", 15),
    ]


@pytest.mark.parametrize("kept", [event(ev.TicketArrived, way="code"), event(ev.TicketDeferred, behind="A004")])
def test_ticket_that_does_not_expire_needs_no_warning_any_more(kept: ev.Event) -> None:
    assert decide(kept, DAY, CHANNELS, TERMS) == [overtaken("expiry_near")]


def test_ticket_cancelled_by_staff_is_told() -> None:
    assert decide(event(ev.TicketCancelled, by="staff:sato"), DAY, CHANNELS, TERMS) == [
        overtaken(*ON_THE_WAY),
        owed("cancelled", 60),
    ]


@pytest.mark.parametrize("by", ["web", "kiosk:k1"])
def test_visitor_who_cancelled_is_told_nothing(by: str) -> None:
    assert decide(event(ev.TicketCancelled, by=by), DAY, CHANNELS, TERMS) == [overtaken(*ON_THE_WAY)]


@pytest.mark.parametrize(
    "served",
    [
        event(ev.ServingStarted, counter="1"),
        event(ev.TicketCompleted, counter="1"),
        event(ev.TicketHeld, counter="1", reason=None),
        event(ev.TicketTransferred, counter="1", service="tax"),
        event(ev.TicketExpired),
    ],
    ids=lambda served: type(served).__name__,
)
def test_ticket_that_moved_on_needs_no_message_any_more(served: ev.Event) -> None:
    assert decide(served, DAY, CHANNELS, TERMS) == [overtaken(*ON_THE_WAY)]


def test_day_that_staff_closed_is_told_to_everybody_who_was_left_over() -> None:
    assert decide(closed("staff:sato"), DAY, CHANNELS, TERMS) == [
        overtaken(*ON_THE_WAY),
        owed("closed", 60),
        overtaken(*ON_THE_WAY, number="A002"),
        owed("closed", 60, number="A002", channel="email"),
    ]


@pytest.mark.parametrize("by", ["tick", "purge"])
def test_day_that_ended_as_planned_needs_no_messages_any_more(by: str) -> None:
    assert decide(closed(by), DAY, CHANNELS, TERMS) == [
        overtaken(*ON_THE_WAY),
        overtaken(*ON_THE_WAY, number="A002"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        event(ev.TicketCalled, counter="1", number="A003"),
        event(ev.TicketRecalled, counter="1", call_count=3),
        event(ev.TicketRecalled, counter="1"),
        event(ev.StepUndone, counter="1", step="complete"),
        event(ev.AlertRequested, ahead=3, minutes=None),
        ev.CounterOpened(seq=9, at=AT, by="staff:sato", counter="1"),
        ev.DayExtended(seq=9, at=AT, by="staff:sato", until=AT),
    ],
    ids=lambda other: type(other).__name__,
)
def test_other_events_and_tickets_without_a_contact_lead_to_nothing(other: ev.Event) -> None:
    assert decide(other, DAY, CHANNELS, TERMS) == []


def test_retry_waits_longer_each_time_up_to_five_minutes() -> None:
    assert [retry_seconds(attempts, 0.5) for attempts in (1, 2, 3, 7, 50)] == [5, 10, 20, 300, 300]
    assert [retry_seconds(1, jitter) for jitter in (0.0, 1.0)] == [2.5, 7.5]
