"""What a visitor does with a ticket: arrive, let others go first, give it up, come back."""

import pytest

from tests.ticketing.hall.given import (
    KIOSK,
    SATO,
    Scene,
    at_counter,
    call_next,
    issue,
    office,
    then,
    web,
    with_family,
    with_rules,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.passing import next_due
from ticketing.hall.ticket import State


def arrive(number: str = "A001", way: str = "code") -> cmd.Arrive:
    return cmd.Arrive(by="web", number=number, way=way)


def defer(number: str = "A001") -> cmd.Defer:
    return cmd.Defer(by="web", number=number)


def cancel(number: str = "A001", by: str = "web") -> cmd.Cancel:
    return cmd.Cancel(by=by, number=number)


def reinstate(number: str) -> cmd.Reinstate:
    return cmd.Reinstate(by=SATO, number=number)


def absent(scene: Scene, number: str) -> None:
    scene.call("1", number)
    scene.does(at_counter(cmd.NoShow))


# Arrive


@pytest.mark.parametrize("way", ["code", "kiosk", "staff"])
def test_arrive_waits_in_the_place_by_issue(way):
    scene = Scene()
    scene.issue(channel="web")
    scene.issue()

    scene.check(arrive(way=way), then(ev.TicketArrived, number="A001", way=way))

    assert scene.waiting() == ["A001", "A002"]
    assert scene.ticket("A001").arrived_at == scene.now
    assert scene.hall.expected == {}


def test_arrive_twice_changes_nothing():
    scene = Scene()
    scene.issue(channel="web")
    scene.does(arrive())

    scene.check(arrive(way="kiosk"))


def test_arrive_refuses_a_way_that_the_office_does_not_take():
    scene = Scene(with_rules(arrival=("tap",)))
    scene.issue(2, channel="web")

    scene.refuses(arrive(way="code"), no.WrongArrival, way="code")
    scene.refuses(arrive(way="kiosk"), no.WrongArrival, way="kiosk")
    scene.check(arrive(way="tap"), then(ev.TicketArrived, number="A001", way="tap"))
    scene.check(arrive("A002", "staff"), then(ev.TicketArrived, number="A002", way="staff"))


def test_arrive_refuses_a_mere_tap_by_default():
    scene = Scene()
    scene.issue(channel="web")

    scene.refuses(arrive(way="tap"), no.WrongArrival, way="tap")


def test_arrive_refuses_tickets_that_are_past_it_and_unknown_ones():
    scene = Scene()
    scene.issue(channel="web")
    scene.does(cancel())

    scene.refuses(arrive(), no.WrongState, number="A001", state="cancelled")
    scene.refuses(arrive("A009"), no.UnknownTicket, number="A009")


# Passed and expired


def test_expected_ticket_expires_when_it_was_passed_by_so_many_calls():
    scene = Scene(with_family(web=web(grace_calls=2))).open("1")
    scene.issue(channel="web")
    scene.issue(4)
    scene.call()
    scene.does(call_next(finish="complete"), 60)

    assert next_due(scene.hall, scene.now) <= scene.now
    assert (scene.ticket("A001").passed_calls, scene.ticket("A001").passed_at) == (2, scene.now.replace(minute=0))
    scene.check(cmd.Tick(), then(ev.TicketExpired, number="A001"))
    assert scene.hall.expected == {}


def test_expected_ticket_expires_when_its_time_is_over_since_it_was_first_passed():
    scene = Scene(with_family(web=web(grace_calls=9, grace_seconds=600))).open("1")
    scene.issue(channel="web")
    scene.issue(2)
    scene.call()
    due = scene.now.replace(minute=10)

    assert next_due(scene.hall, scene.now) == due
    assert scene.wait(599) == []
    scene.check(cmd.Tick(), then(ev.TicketExpired, number="A001"), seconds=1)
    assert (scene.ticket("A001").state, scene.ticket("A001").ended_by) == (State.EXPIRED, "tick")


def test_expected_ticket_is_not_passed_by_earlier_tickets_or_other_services():
    scene = Scene().open("2")
    scene.issue()
    scene.issue(channel="web")
    scene.issue(2, service="residence")
    scene.call("2", "A001")
    scene.does(call_next("2", finish="complete"))

    assert scene.ticket("A002").passed_at is None
    assert scene.wait(3600) == []


def test_expected_ticket_is_passed_when_a_counter_for_it_is_idle():
    scene = Scene()
    scene.issue(channel="web")
    assert scene.ticket("A001").passed_at is None

    scene.open("1")

    assert scene.ticket("A001").passed_at == scene.now
    scene.check(cmd.Tick(), then(ev.TicketExpired, number="A001"), seconds=600)


def test_expected_ticket_is_passed_as_soon_as_it_is_issued_to_an_idle_hall():
    scene = Scene().open("2")

    scene.issue(channel="web")

    assert scene.ticket("A001").passed_at == scene.now


def test_expected_ticket_is_not_passed_by_a_counter_with_somebody_to_call():
    scene = Scene().open("2", "3")
    scene.issue(service="residence")

    scene.issue(channel="web")

    assert scene.ticket("A002").passed_at is None


def test_expected_ticket_is_passed_when_the_last_visitor_leaves_the_counter():
    scene = Scene().open("1")
    scene.issue()
    scene.call()
    scene.issue(channel="web")

    scene.does(at_counter(cmd.Complete), 60)

    assert scene.ticket("A002").passed_at == scene.now


def test_arrival_ends_the_time_of_grace():
    scene = Scene().open("1")
    scene.issue(channel="web")
    scene.does(arrive(), 599)

    assert scene.wait(600) == []
    assert (scene.ticket("A001").passed_at, scene.ticket("A001").passed_calls) == (None, 0)


# Defer


def test_defer_goes_directly_behind_the_third():
    scene = Scene()
    scene.issue(5)

    scene.check(defer(), then(ev.TicketDeferred, number="A001", behind="A004"))

    assert scene.waiting() == ["A002", "A003", "A004", "A001", "A005"]


def test_defer_goes_to_the_end_when_fewer_wait():
    scene = Scene()
    scene.issue(2)

    scene.check(defer(), then(ev.TicketDeferred, number="A001", behind="A002"))

    assert scene.waiting() == ["A002", "A001"]


def test_defer_goes_as_far_as_the_office_says():
    scene = Scene(with_rules(defer_by=1))
    scene.issue(4)

    scene.check(defer("A002"), then(ev.TicketDeferred, number="A002", behind="A003"))

    assert scene.waiting() == ["A001", "A003", "A002", "A004"]


def test_defer_of_two_behind_the_same_ticket_puts_the_later_one_directly_behind_it():
    scene = Scene(with_rules(defer_by=2))
    scene.issue(5)

    scene.does(defer("A001"))
    scene.check(defer("A002"), then(ev.TicketDeferred, number="A002", behind="A001"))

    assert scene.waiting() == ["A003", "A001", "A002", "A004", "A005"]


def test_defer_does_not_put_those_who_come_later_in_front():
    scene = Scene()
    scene.issue(2)
    scene.does(defer())

    scene.issue(2)

    assert scene.waiting() == ["A002", "A001", "A003", "A004"]


def test_defer_is_limited():
    scene = Scene(with_rules(defer_by=1))
    scene.issue(4)
    scene.does(defer())
    scene.does(defer())

    scene.refuses(defer(), no.DeferLimit, limit=2)
    assert scene.waiting() == ["A002", "A003", "A001", "A004"]


def test_defer_refuses_the_last_in_line():
    scene = Scene()
    scene.issue(2)

    scene.refuses(defer("A002"), no.NobodyBehind)


def test_defer_of_an_expected_ticket_counts_from_where_it_would_stand():
    scene = Scene(with_rules(defer_by=2)).open("1")
    scene.issue()
    scene.issue(channel="web")
    scene.issue(4)

    scene.check(defer("A002"), then(ev.TicketDeferred, number="A002", behind="A004"))
    scene.does(arrive("A002"))

    assert scene.waiting() == ["A001", "A003", "A004", "A002", "A005", "A006"]


def test_defer_starts_the_grace_of_an_expected_ticket_again():
    scene = Scene(with_family(web=web(grace_calls=9, grace_seconds=600))).open("1")
    scene.issue(channel="web")
    scene.issue(6)
    scene.call()
    scene.does(defer(), 60)
    assert (scene.ticket("A001").passed_at, scene.ticket("A001").passed_calls) == (None, 0)

    for _ in range(3):
        scene.does(call_next(finish="complete"))
    assert scene.ticket("A001").passed_at is None
    scene.does(call_next(finish="complete"), 60)

    assert scene.ticket("A001").passed_at == scene.now


@pytest.mark.parametrize("verb", [defer, cancel, reinstate])
def test_visitors_verbs_refuse_an_unknown_number(verb):
    Scene().refuses(verb("A009"), no.UnknownTicket, number="A009")


def test_defer_refuses_a_ticket_that_is_called():
    scene = Scene().open("1")
    scene.issue(2)
    scene.call()

    scene.refuses(defer(), no.WrongState, number="A001", state="called")


# Cancel


def test_cancel_of_a_waiting_ticket():
    scene = Scene()
    scene.issue(2)

    scene.check(cancel(), then(ev.TicketCancelled, number="A001"))

    assert scene.waiting() == ["A002"]
    assert (scene.ticket("A001").state, scene.ticket("A001").ended_by) == (State.CANCELLED, "web")


def test_cancel_of_an_expected_ticket():
    scene = Scene()
    scene.issue(channel="web")

    scene.check(cancel(by=KIOSK), then(ev.TicketCancelled, number="A001"))

    assert scene.hall.expected == {}
    assert scene.hall.services["family"].web_open == 0


def test_cancel_of_a_called_ticket_frees_its_counter():
    scene = Scene().open("1")
    scene.issue()
    scene.call()

    scene.check(cancel(), then(ev.TicketCancelled, number="A001"))

    assert scene.hall.counters["1"].is_free


def test_cancel_of_an_absent_ticket_takes_it_off_the_list():
    scene = Scene().open("1")
    scene.issue()
    absent(scene, "A001")

    scene.check(cancel(by=SATO), then(ev.TicketCancelled, number="A001"))

    assert scene.hall.absent == {}


def test_cancel_of_a_held_ticket_leaves_its_counter_to_the_next():
    scene = Scene().open("1")
    scene.issue(2)
    scene.call()
    scene.does(at_counter(cmd.Hold))
    scene.call()

    scene.check(cancel(), then(ev.TicketCancelled, number="A001"))

    assert scene.hall.counters["1"].number == "A002"


def test_cancel_refuses_a_ticket_that_is_being_served_or_over():
    scene = Scene().open("1")
    scene.issue()
    scene.call()
    scene.does(at_counter(cmd.Start))

    scene.refuses(cancel(), no.WrongState, number="A001", state="serving")
    scene.does(at_counter(cmd.Complete))
    scene.refuses(cancel(), no.WrongState, number="A001", state="completed")


# Reinstate


def test_reinstate_waits_at_the_head_of_the_service():
    scene = Scene().open("1")
    scene.issue(3)
    absent(scene, "A002")

    scene.check(reinstate("A002"), then(ev.TicketReinstated, number="A002"))

    assert scene.waiting() == ["A002", "A001", "A003"]
    ticket = scene.ticket("A002")
    assert (ticket.call_count, ticket.counter, ticket.first_called_at) == (0, None, scene.now)
    assert scene.hall.absent == {}


def test_reinstate_keeps_the_order_of_coming_back():
    scene = Scene().open("1")
    scene.issue(4)
    for number in ("A001", "A002", "A003"):
        absent(scene, number)

    for number in ("A003", "A001", "A002"):
        scene.does(reinstate(number))

    assert scene.waiting() == ["A003", "A001", "A002", "A004"]


def test_reinstate_counts_calls_from_the_beginning():
    scene = Scene().open("1")
    scene.issue()
    scene.call()
    scene.does(at_counter(cmd.Recall))
    scene.does(at_counter(cmd.NoShow))
    scene.does(reinstate("A001"))

    scene.does(call_next(), 60)

    ticket = scene.ticket("A001")
    assert (ticket.call_count, ticket.called_at) == (1, scene.now)
    assert ticket.first_called_at == scene.now.replace(minute=0)


def test_reinstate_refuses_whoever_is_not_absent():
    scene = Scene(office()).open("1")
    scene.issue()

    scene.refuses(reinstate("A001"), no.WrongState, number="A001", state="waiting")
    assert scene.does(issue())
