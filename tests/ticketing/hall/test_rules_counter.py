"""What a clerk does at a counter, but for undo."""

import pytest

from tests.ticketing.hall.given import (
    COUNTERS,
    FAMILY,
    MORI,
    RESIDENCE,
    SATO,
    TAX,
    Scene,
    at_counter,
    call_next,
    issue,
    office,
    then,
    with_rules,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.ticket import State

#: Every verb that needs a ticket at the counter.
ON_TICKET = [
    at_counter(cmd.Recall),
    at_counter(cmd.Start),
    at_counter(cmd.Complete),
    at_counter(cmd.NoShow),
    at_counter(cmd.Hold),
    at_counter(cmd.Transfer, service="tax"),
]
AT_OPEN_COUNTER = [
    *ON_TICKET, call_next(), at_counter(cmd.Call, number="A001"), at_counter(cmd.Resume, number="A001"),
    at_counter(cmd.Undo),
]  # fmt: skip


def scene_with_call(**rules: object) -> Scene:
    """A001 is called at counter 1 and A002 waits."""
    scene = Scene(with_rules(**rules)).open("1")
    scene.issue(2)
    scene.call()
    return scene


def name(command: cmd.Command) -> str:
    return cmd.kebab(command)


# Open and close


def test_open_counter_seats_the_clerk():
    scene = Scene()

    scene.check(at_counter(cmd.OpenCounter), then(ev.CounterOpened, counter="1"))

    assert (scene.hall.counters["1"].staff, scene.hall.counters["1"].is_free) == (SATO, True)


def test_open_counter_again_changes_nothing():
    scene = Scene().open("1")

    scene.check(at_counter(cmd.OpenCounter))


def test_open_counter_lets_one_clerk_hold_several():
    scene = Scene().open("1")

    scene.check(at_counter(cmd.OpenCounter, "2"), then(ev.CounterOpened, counter="2"))


def test_open_counter_refuses_a_colleagues_a_closed_days_and_an_unknown_one():
    scene = Scene().open("1", by=MORI)

    scene.refuses(at_counter(cmd.OpenCounter), no.CounterTaken, counter="1")
    scene.refuses(at_counter(cmd.OpenCounter, "9"), no.UnknownCounter, counter="9")
    scene.does(cmd.CloseDay(by=SATO))
    scene.refuses(at_counter(cmd.OpenCounter), no.DayIsClosed)


def test_open_counter_by_force_takes_over_a_colleagues_with_the_visitor_who_is_there():
    scene = scene_with_call()

    scene.check(cmd.OpenCounter(by=MORI, counter="1", force=True), then(ev.CounterOpened, counter="1"))

    assert (scene.hall.counters["1"].staff, scene.hall.counters["1"].number) == (MORI, "A001")


def test_close_counter_leaves_it():
    scene = Scene().open("1")

    scene.check(at_counter(cmd.CloseCounter), then(ev.CounterClosed, counter="1"))
    scene.check(at_counter(cmd.CloseCounter))

    assert not scene.hall.counters["1"].is_open


def test_close_counter_refuses_a_colleagues_unless_forced():
    scene = Scene().open("1", by=MORI)

    scene.refuses(at_counter(cmd.CloseCounter), no.CounterTaken, counter="1")
    scene.check(at_counter(cmd.CloseCounter, force=True), then(ev.CounterClosed, counter="1"))


def test_close_counter_refuses_while_a_visitor_is_there():
    scene = scene_with_call()

    scene.refuses(at_counter(cmd.CloseCounter), no.CounterBusy, counter="1", number="A001")
    scene.refuses(at_counter(cmd.CloseCounter, force=True), no.CounterBusy, counter="1", number="A001")
    scene.refuses(at_counter(cmd.CloseCounter, "9"), no.UnknownCounter, counter="9")


# What every verb at a counter refuses


@pytest.mark.parametrize("command", AT_OPEN_COUNTER, ids=name)
def test_counter_verb_refuses_a_closed_counter(command):
    scene = Scene()
    scene.issue()

    scene.refuses(command, no.CounterIsClosed, counter="1")


@pytest.mark.parametrize("command", AT_OPEN_COUNTER, ids=name)
def test_counter_verb_refuses_a_colleagues_counter(command):
    scene = Scene().open("1", by=MORI)
    scene.issue()

    scene.refuses(command, no.CounterTaken, counter="1")


@pytest.mark.parametrize("command", AT_OPEN_COUNTER, ids=name)
def test_counter_verb_refuses_an_unknown_counter(command):
    fields = {key: getattr(command, key) for key in command.__dataclass_fields__}

    Scene().refuses(type(command)(**{**fields, "counter": "9"}), no.UnknownCounter, counter="9")


@pytest.mark.parametrize("command", ON_TICKET, ids=name)
def test_counter_verb_refuses_an_empty_counter(command):
    scene = Scene().open("1")
    scene.issue()

    scene.refuses(command, no.NobodyThere, counter="1")


# Call


def test_call_next_calls_the_first():
    scene = Scene().open("1")
    scene.issue(2)

    scene.check(call_next(), then(ev.TicketCalled, number="A001", counter="1"), seconds=5)

    ticket = scene.ticket("A001")
    assert (ticket.state, ticket.counter, ticket.call_count) == (State.CALLED, "1", 1)
    assert (ticket.first_called_at, ticket.called_at) == (scene.now, scene.now)
    assert scene.hall.counters["1"].number == "A001"
    assert scene.waiting() == ["A002"]


def test_call_next_with_nobody_waiting_changes_nothing():
    scene = Scene().open("1")
    scene.issue(service="residence")
    scene.issue(channel="web")

    scene.check(call_next())


def test_call_next_refuses_while_a_ticket_is_there():
    scene_with_call().refuses(call_next(), no.CounterBusy, counter="1", number="A001")


def test_call_next_completes_the_ticket_that_is_there():
    scene = scene_with_call()

    scene.check(
        call_next(finish="complete"),
        then(ev.TicketCompleted, number="A001", counter="1"),
        then(ev.TicketCalled, number="A002", counter="1"),
    )


def test_call_next_marks_the_ticket_that_is_there_absent():
    scene = scene_with_call()

    scene.check(
        call_next(finish="no_show"),
        then(ev.TicketNoShow, number="A001", counter="1"),
        then(ev.TicketCalled, number="A002", counter="1"),
    )


def test_call_next_finishes_also_when_nobody_waits():
    scene = scene_with_call()
    scene.does(cmd.Cancel(by="web", number="A002"))

    scene.check(call_next(finish="complete"), then(ev.TicketCompleted, number="A001", counter="1"))


def test_call_next_finishes_nothing_at_an_empty_counter():
    scene = Scene().open("1")
    scene.issue()

    scene.check(call_next(finish="complete"), then(ev.TicketCalled, number="A001", counter="1"))


def test_call_next_does_not_finish_with_a_no_show_that_is_not_allowed():
    served = scene_with_call()
    served.does(at_counter(cmd.Start))
    served.refuses(call_next(finish="no_show"), no.WrongState, number="A001", state="serving")

    called_once = scene_with_call(calls_before_no_show=2)
    called_once.refuses(call_next(finish="no_show"), no.RecallFirst, call_count=1)


def test_call_next_takes_only_the_services_asked_for():
    scene = Scene().open("2")
    scene.issue()
    scene.issue(service="residence")

    scene.check(call_next("2", services=("residence",)), then(ev.TicketCalled, number="A002", counter="2"))


def test_call_next_refuses_services_of_other_counters_and_unknown_ones():
    scene = Scene().open("1")

    scene.refuses(call_next(services=("tax",)), no.NotServedHere, service="tax")
    scene.refuses(call_next(services=("family", "fishing")), no.UnknownService, service="fishing")


def test_call_calls_a_chosen_number():
    scene = Scene().open("1")
    scene.issue(3)

    scene.check(at_counter(cmd.Call, number="A002"), then(ev.TicketCalled, number="A002", counter="1"))


@pytest.mark.parametrize(("finish", "kind"), [("complete", ev.TicketCompleted), ("no_show", ev.TicketNoShow)])
def test_call_finishes_the_ticket_that_is_there(finish, kind):
    scene = scene_with_call()

    scene.check(
        at_counter(cmd.Call, number="A002", finish=finish),
        then(kind, number="A001", counter="1"),
        then(ev.TicketCalled, number="A002", counter="1"),
    )


def test_call_refuses_numbers_that_cannot_be_called_here():
    scene = Scene().open("1", "2")
    scene.issue(service="residence")
    scene.issue(channel="web")
    scene.issue()
    scene.call("2", "A003")

    scene.refuses(at_counter(cmd.Call, number="A001"), no.NotServedHere, service="residence")
    scene.refuses(at_counter(cmd.Call, number="A002"), no.WrongState, number="A002", state="expected")
    scene.refuses(at_counter(cmd.Call, number="A003"), no.WrongState, number="A003", state="called")
    scene.refuses(at_counter(cmd.Call, number="A009"), no.UnknownTicket, number="A009")


def test_call_refuses_while_a_ticket_is_there():
    scene = scene_with_call()

    scene.refuses(at_counter(cmd.Call, number="A002"), no.CounterBusy, counter="1", number="A001")
    scene.refuses(at_counter(cmd.Call, number="A001", finish="complete"), no.WrongState, number="A001", state="called")


def test_recall_sounds_again():
    scene = scene_with_call()

    scene.check(at_counter(cmd.Recall), then(ev.TicketRecalled, number="A001", counter="1", call_count=2), seconds=20)

    ticket = scene.ticket("A001")
    assert (ticket.call_count, ticket.called_at) == (2, scene.now)
    assert [(call.number, call.call_count) for call in scene.hall.calls] == [("A001", 1), ("A001", 2)]


def test_recall_says_which_call_of_this_turn_it_is():
    scene = scene_with_call()
    scene.does(at_counter(cmd.Recall))
    scene.check(at_counter(cmd.Recall), then(ev.TicketRecalled, number="A001", counter="1", call_count=3))
    scene.does(at_counter(cmd.NoShow))
    scene.does(cmd.Reinstate(by=SATO, number="A001"))
    scene.call()

    scene.check(at_counter(cmd.Recall), then(ev.TicketRecalled, number="A001", counter="1", call_count=2))


# Serve


def test_start_serves():
    scene = scene_with_call()

    scene.check(at_counter(cmd.Start), then(ev.ServingStarted, number="A001", counter="1"), seconds=10)

    assert (scene.ticket("A001").state, scene.ticket("A001").serving_at) == (State.SERVING, scene.now)


@pytest.mark.parametrize("kind", [cmd.Recall, cmd.Start, cmd.NoShow])
def test_verbs_of_a_called_ticket_refuse_one_that_is_being_served(kind):
    scene = scene_with_call()
    scene.does(at_counter(cmd.Start))

    scene.refuses(at_counter(kind), no.WrongState, number="A001", state="serving")


@pytest.mark.parametrize("is_started", [True, False])
def test_complete_ends_a_ticket_that_is_called_or_served(is_started):
    scene = scene_with_call()
    if is_started:
        scene.does(at_counter(cmd.Start))

    scene.check(at_counter(cmd.Complete), then(ev.TicketCompleted, number="A001", counter="1"), seconds=90)

    ticket = scene.ticket("A001")
    assert (ticket.state, ticket.ended_at, ticket.ended_by) == (State.COMPLETED, scene.now, SATO)
    assert scene.hall.services["family"].times == (("A001", 90.0),)
    assert scene.hall.counters["1"].is_free


def test_no_show_puts_the_number_on_the_absent_list():
    scene = scene_with_call()

    scene.check(at_counter(cmd.NoShow), then(ev.TicketNoShow, number="A001", counter="1"))

    assert list(scene.hall.absent) == ["A001"]
    assert scene.hall.counters["1"].is_free


def test_no_show_needs_as_many_calls_as_the_office_says():
    scene = scene_with_call(calls_before_no_show=2)

    scene.refuses(at_counter(cmd.NoShow), no.RecallFirst, call_count=1)
    scene.does(at_counter(cmd.Recall))
    scene.check(at_counter(cmd.NoShow), then(ev.TicketNoShow, number="A001", counter="1"))


def test_no_show_comes_by_itself_after_a_time():
    scene = scene_with_call(no_show_after_seconds=120)

    assert scene.wait(119) == []
    scene.check(cmd.Tick(), then(ev.TicketNoShow, number="A001", counter="1"), seconds=1)


def test_no_show_by_itself_counts_from_the_last_call_and_not_while_served():
    scene = scene_with_call(no_show_after_seconds=120)
    scene.does(at_counter(cmd.Recall), 100)

    assert scene.wait(119) == []
    scene.does(at_counter(cmd.Start))
    assert scene.wait(3600) == []


def test_no_show_by_itself_comes_before_the_command_that_finds_it_due():
    scene = scene_with_call(no_show_after_seconds=120)

    scene.check(
        call_next(),
        then(ev.TicketNoShow, by="tick", number="A001", counter="1"),
        then(ev.TicketCalled, number="A002", counter="1"),
        seconds=120,
    )


# Hold and resume


@pytest.mark.parametrize("reason", [None, "papers"])
def test_hold_puts_the_ticket_aside(reason):
    scene = scene_with_call()

    scene.check(at_counter(cmd.Hold, reason=reason), then(ev.TicketHeld, number="A001", counter="1", reason=reason))

    ticket = scene.ticket("A001")
    assert (ticket.state, ticket.counter, ticket.reason) == (State.HELD, "1", reason)
    assert scene.hall.counters["1"].is_free


def test_hold_refuses_a_reason_that_is_not_on_the_list():
    scene_with_call().refuses(at_counter(cmd.Hold, reason="Mr Sato"), no.UnknownReason, reason="Mr Sato")


def test_resume_serves_at_any_counter():
    scene = scene_with_call()
    scene.does(at_counter(cmd.Hold, reason="papers"))
    scene.open("2")

    scene.check(
        at_counter(cmd.Resume, "2", number="A001"), then(ev.TicketResumed, number="A001", counter="2"), seconds=60
    )

    ticket = scene.ticket("A001")
    assert (ticket.state, ticket.counter, ticket.reason, ticket.serving_at) == (State.SERVING, "2", None, scene.now)
    assert (scene.hall.counters["1"].number, scene.hall.counters["2"].number) == (None, "A001")


def test_resume_refuses_what_is_not_held_and_a_busy_counter():
    scene = scene_with_call()

    scene.refuses(at_counter(cmd.Resume, number="A002"), no.WrongState, number="A002", state="waiting")
    scene.refuses(at_counter(cmd.Resume, number="A009"), no.UnknownTicket, number="A009")
    scene.does(at_counter(cmd.Hold))
    scene.call()
    scene.refuses(at_counter(cmd.Resume, number="A001"), no.CounterBusy, counter="1", number="A002")


def test_time_on_hold_is_not_service_time():
    scene = scene_with_call()
    scene.does(at_counter(cmd.Start), 10)
    scene.does(at_counter(cmd.Hold), 50)
    scene.does(at_counter(cmd.Resume, number="A001"), 1000)
    scene.does(at_counter(cmd.Complete), 40)

    assert scene.hall.services["family"].times == (("A001", 100.0),)


# Transfer


def transferred(place: str) -> Scene:
    """A001 moves from the first service to the second, where A002 and A005 wait and A003 is at the head."""
    scene = Scene(with_rules(transfer_place=place)).open("1", "2")
    scene.issue()
    scene.issue(2, service="residence")
    scene.call("2", "A003")
    scene.does(at_counter(cmd.NoShow, "2"))
    scene.does(cmd.Reinstate(by=SATO, number="A003"))
    scene.call("1")
    scene.issue()
    scene.issue(service="residence")
    scene.check(
        at_counter(cmd.Transfer, service="residence"),
        then(ev.TicketTransferred, number="A001", counter="1", service="residence"),
    )
    scene.issue(service="residence")
    return scene


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ("issue", ["A003", "A001", "A002", "A005", "A006"]),
        ("end", ["A003", "A002", "A005", "A001", "A006"]),
        ("head", ["A003", "A001", "A002", "A005", "A006"]),
    ],
)
def test_transfer_places_by_the_policy_of_the_office(place, order):
    scene = transferred(place)

    assert scene.waiting("residence") == order
    assert scene.waiting() == ["A004"]


def test_transfer_to_the_head_goes_before_earlier_tickets():
    scene = Scene(with_rules(transfer_place="head")).open("1")
    scene.issue(service="residence")
    scene.issue()
    scene.call()

    scene.does(at_counter(cmd.Transfer, service="residence"))

    assert scene.waiting("residence") == ["A002", "A001"]


def test_transfer_keeps_number_and_issue_and_starts_calls_and_service_time_again():
    scene = scene_with_call()
    before = scene.ticket("A001")
    scene.does(at_counter(cmd.Start), 30)
    scene.does(at_counter(cmd.Transfer, service="tax"), 60)

    ticket = scene.ticket("A001")
    assert (ticket.issue_seq, ticket.first_called_at) == (before.issue_seq, before.first_called_at)
    assert (ticket.state, ticket.service, ticket.counter, ticket.call_count) == (State.WAITING, "tax", None, 0)
    assert (ticket.serving_at, ticket.served_seconds, ticket.at_counter_since) == (None, 0.0, None)
    assert scene.hall.counters["1"].is_free
    scene.open("4")
    scene.does(call_next("4"))
    scene.does(at_counter(cmd.Complete, "4"), 25)
    assert scene.hall.services["tax"].times == (("A001", 25.0),)


def test_transfer_takes_the_priority_of_the_new_service():
    urgent = office(services=(FAMILY, RESIDENCE, TAX.__class__("tax", TAX.names, "B", priority=5)), counters=COUNTERS)
    scene = Scene(urgent).open("1", "4")
    scene.issue(2)
    scene.call("1", "A002")
    scene.does(at_counter(cmd.Transfer, service="tax"))

    scene.check(call_next("4"), then(ev.TicketCalled, number="A002", counter="4"))


def test_transfer_refuses_the_same_and_an_unknown_service():
    scene = scene_with_call()

    scene.refuses(at_counter(cmd.Transfer, service="family"), no.SameService, service="family")
    scene.refuses(at_counter(cmd.Transfer, service="fishing"), no.UnknownService, service="fishing")
    assert scene.does(issue())
