"""What the console rests on: guards against the wrong visitor, breaks, reasons of transfers, who may call a number."""

from datetime import UTC, datetime

import pytest

from tests.ticketing.hall.given import MORI, SATO, Scene, at_counter, call_next, then, with_rules
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.view import counter_view, queue_view
from ticketing.journal.codec import decode_event, encode_event

VERBS = (cmd.Recall, cmd.Start, cmd.Complete, cmd.NoShow, cmd.Hold)


def scene_with_two() -> Scene:
    """A001 is at the counter, A002 waits."""
    scene = Scene().open("1")
    scene.issue(2)
    scene.call()
    return scene


@pytest.mark.parametrize("verb", VERBS)
def test_verb_is_refused_when_another_ticket_is_there_than_was_meant(verb):
    scene = scene_with_two()

    scene.refuses(at_counter(verb, guard="A002"), no.OtherTicket, counter="1", number="A001")
    scene.does(at_counter(verb, guard="A001"))


def test_transfer_is_refused_when_another_ticket_is_there_than_was_meant():
    scene = scene_with_two()

    transfer = at_counter(cmd.Transfer, service="residence", guard="A002")
    scene.refuses(transfer, no.OtherTicket, counter="1", number="A001")


def test_call_next_finishes_only_whom_the_clerk_meant():
    scene = scene_with_two()

    scene.refuses(call_next(finish="complete", guard="A009"), no.OtherTicket, counter="1", number="A001")
    scene.check(
        call_next(finish="complete", guard="A001"),
        then(ev.TicketCompleted, number="A001", counter="1"),
        then(ev.TicketCalled, number="A002", counter="1"),
    )


def test_call_next_with_a_guard_calls_when_the_meant_visitor_is_gone():
    scene = scene_with_two()
    scene.does(cmd.Cancel(by="web", number="A001"))

    scene.check(call_next(finish="complete", guard="A001"), then(ev.TicketCalled, number="A002", counter="1"))


def test_call_finishes_only_whom_the_clerk_meant():
    scene = scene_with_two()

    call = at_counter(cmd.Call, number="A002", finish="complete", guard="A009")
    scene.refuses(call, no.OtherTicket, counter="1", number="A001")


def test_undo_takes_back_only_the_step_of_the_ticket_that_was_meant():
    scene = scene_with_two()

    scene.refuses(at_counter(cmd.Undo, guard="A002"), no.OtherTicket, counter="1", number="A001")
    scene.check(at_counter(cmd.Undo, guard="A001"), then(ev.StepUndone, number="A001", counter="1", step="call"))


# Breaks


def test_break_closes_the_counter_and_says_since_when():
    scene = Scene().open("1")

    scene.check(at_counter(cmd.CloseCounter, reason="break"), then(ev.CounterClosed, counter="1", reason="break"))

    view = counter_view(scene.hall, "1", scene.now)
    assert (view["open"], view["staff"]) == (False, None)
    assert view["on_break"] == {"since": "2026-09-01T01:00:00.000Z", "staff": "sato"}


def test_break_ends_when_somebody_sits_down():
    scene = Scene().open("1")
    scene.does(at_counter(cmd.CloseCounter, reason="break"))

    scene.check(cmd.OpenCounter(by=MORI, counter="1"), then(ev.CounterOpened, counter="1", by=MORI))

    assert counter_view(scene.hall, "1", scene.now)["on_break"] is None


def test_break_turns_into_going_home():
    scene = Scene().open("1")
    scene.does(at_counter(cmd.CloseCounter, reason="break"))

    scene.check(at_counter(cmd.CloseCounter, reason="break"))
    scene.refuses(cmd.CloseCounter(by=MORI, counter="1"), no.CounterTaken, counter="1")
    scene.check(at_counter(cmd.CloseCounter), then(ev.CounterClosed, counter="1"))

    assert counter_view(scene.hall, "1", scene.now)["on_break"] is None


def test_break_is_refused_while_a_visitor_is_there():
    scene = scene_with_two()

    scene.refuses(at_counter(cmd.CloseCounter, reason="break"), no.CounterBusy, counter="1", number="A001")


def test_counter_on_break_counts_as_closed_for_the_estimate():
    waits = []
    for reason in (None, "break"):
        scene = Scene().open("1", "2")
        scene.issue(5)
        scene.does(at_counter(cmd.CloseCounter, "2", reason=reason))
        waits.append([each["wait_high"] for each in queue_view(scene.hall, scene.now, "en")["tickets"]])

    assert waits[0] == waits[1]
    assert None not in waits[0]


# Reasons of transfers


def test_transfer_keeps_its_reason_and_where_the_visitor_came_from():
    scene = scene_with_two()

    scene.check(
        at_counter(cmd.Transfer, service="residence", reason="papers"),
        then(ev.TicketTransferred, number="A001", counter="1", service="residence", reason="papers"),
    )

    ticket = scene.ticket("A001")
    assert (ticket.service, ticket.reason, ticket.transferred_from) == ("residence", "papers", "family")


def test_transfer_takes_its_reason_from_the_list_only():
    scene = scene_with_two()

    transfer = at_counter(cmd.Transfer, service="residence", reason="rude")
    scene.refuses(transfer, no.UnknownReason, reason="rude")


def test_undo_of_a_call_keeps_the_reason_of_the_transfer_before_it():
    scene = scene_with_two().open("2")
    scene.does(at_counter(cmd.Transfer, service="residence", reason="papers"))
    scene.does(at_counter(cmd.Call, "2", number="A001"))

    scene.does(at_counter(cmd.Undo, "2"))

    assert (scene.ticket("A001").reason, scene.ticket("A001").transferred_from) == ("papers", "family")


def test_old_events_without_the_new_fields_are_read():
    at = datetime(2026, 9, 1, tzinfo=UTC)
    transferred = ev.TicketTransferred(seq=1, at=at, by=SATO, number="A001", counter="1", service="tax")
    closed = ev.CounterClosed(seq=2, at=at, by=SATO, counter="1")

    for event in (transferred, closed):
        old = encode_event(event).replace(',"reason":null', "")
        assert "reason" not in old
        assert decode_event(type(event).__name__, old) == event


# Who may call a chosen number


@pytest.mark.parametrize(
    ("rule", "is_supervisor", "is_allowed"),
    [
        ("clerk", False, True), ("clerk", True, True), ("supervisor", False, False),
        ("supervisor", True, True), ("off", False, False), ("off", True, False),
    ],
)  # fmt: skip
def test_call_number_is_for_whom_the_office_allows_it(rule, is_supervisor, is_allowed):
    scene = Scene(with_rules(call_number=rule)).open("1")
    scene.issue(2)
    call = at_counter(cmd.Call, number="A002", is_supervisor=is_supervisor)

    if is_allowed:
        scene.check(call, then(ev.TicketCalled, number="A002", counter="1"))
    else:
        scene.refuses(call, no.CallNotAllowed, allowed=rule)
    assert queue_view(scene.hall, scene.now, "en")["call_number"] == rule
