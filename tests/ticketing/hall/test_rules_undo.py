"""Undo takes a counter's last call, complete or no_show back, in every field."""

from dataclasses import replace

import pytest

from tests.ticketing.hall.given import (
    MORI,
    SATO,
    Scene,
    at_counter,
    call_next,
    near,
    then,
    web,
    with_family,
    with_rules,
    without,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.model import CounterState, Hall
from ticketing.hall.state import TIMES_COUNTED
from ticketing.hall.ticket import State

UNDO = at_counter(cmd.Undo)


def undone(number: str, step: str, counter: str = "1"):
    return then(ev.StepUndone, number=number, counter=counter, step=step)


def assert_same(after: Hall, before: Hall) -> None:
    """All that the hall holds is the same, but for its seq and time, and what undo itself keeps in mind."""
    assert dict(without(after, "seq", "at", "counters")) == dict(without(before, "seq", "at", "counters"))
    assert there(after) == there(before)


def there(hall: Hall) -> dict[str, CounterState]:
    return {key: replace(state, steps=(), absence_undone_at=None) for key, state in hall.counters.items()}


def busy_hall() -> Scene:
    """Two open counters, tickets of all kinds, one expected, one overtaken."""
    scene = Scene(with_family(web=web(grace_calls=9)))
    scene.issue(channel="web")
    scene.issue(4)
    scene.issue(service="residence")
    scene.open("1", "2")
    scene.does(cmd.RequestAlert(by="web", number="A005", ahead=0))
    return scene


def test_undo_of_a_call():
    scene = busy_hall()
    before = scene.hall.copy()
    scene.call("1", "A004")
    assert [scene.ticket(number).overtakes for number in ("A002", "A003", "A005")] == [1, 1, 0]
    assert scene.ticket("A001").passed_calls == 1

    scene.check(UNDO, undone("A004", "call"), seconds=30)

    assert_same(scene.hall, before)


@pytest.mark.parametrize("kind", [cmd.Complete, cmd.NoShow])
@pytest.mark.parametrize("middle", [None, cmd.Recall, cmd.Start])
def test_undo_of_an_end_at_the_counter(kind, middle):
    if (kind, middle) == (cmd.NoShow, cmd.Start):
        return
    scene = busy_hall()
    scene.call()
    if middle is not None:
        scene.does(at_counter(middle), 5)
    before = scene.hall.copy()
    scene.does(at_counter(kind), 60)

    scene.check(UNDO, undone("A002", "complete" if kind is cmd.Complete else "no_show"), seconds=30)

    assert_same(scene.hall, before)


def test_undo_twice_after_one_key_completed_and_called():
    scene = busy_hall()
    scene.call()
    before = scene.hall.copy()
    scene.does(call_next(finish="complete"), 60)
    between = scene.hall.copy()

    scene.check(UNDO, undone("A003", "call"), seconds=5)
    assert scene.hall.counters["1"].number is None
    scene.check(UNDO, undone("A002", "complete"), seconds=5)

    assert_same(scene.hall, before)
    assert between.counters["1"].number == "A003"


def test_undo_three_times_but_not_a_fourth():
    scene = busy_hall()
    scene.call()
    scene.does(call_next(finish="complete"))
    scene.does(at_counter(cmd.Complete))

    for number, step in (("A003", "complete"), ("A003", "call"), ("A002", "complete")):
        scene.check(UNDO, undone(number, step))
    scene.refuses(UNDO, no.NothingToUndo, counter="1")


def test_undo_is_over_after_its_time():
    scene = busy_hall()
    scene.call()

    scene.refuses(UNDO, no.NothingToUndo, seconds=30.001, counter="1")


def test_undo_takes_the_time_that_the_office_gives():
    scene = Scene(with_rules(undo_seconds=5)).open("1")
    scene.issue()
    scene.call()

    scene.refuses(UNDO, no.NothingToUndo, seconds=6, counter="1")


def test_undo_refuses_where_nothing_was_done():
    Scene().open("1").refuses(UNDO, no.NothingToUndo, counter="1")


def test_undo_refuses_after_another_clerk_sat_down():
    scene = busy_hall()
    scene.call()
    scene.does(at_counter(cmd.Complete))
    scene.does(at_counter(cmd.CloseCounter))
    scene.open("1", by=MORI)

    scene.refuses(cmd.Undo(by=MORI, counter="1"), no.NothingToUndo, counter="1")


@pytest.mark.parametrize(
    "onward",
    [
        at_counter(cmd.Start),
        at_counter(cmd.Hold),
        at_counter(cmd.Transfer, service="residence"),
        cmd.Cancel(by="web", number="A002"),
    ],
    ids=cmd.kebab,
)
def test_undo_of_a_call_refuses_when_the_ticket_moved_on(onward):
    scene = busy_hall()
    scene.call()
    scene.does(onward)

    scene.refuses(UNDO, no.MovedOn, number="A002")


def test_undo_of_a_no_show_refuses_when_the_ticket_moved_on():
    scene = busy_hall()
    scene.call()
    scene.does(at_counter(cmd.NoShow))
    scene.does(cmd.Reinstate(by=SATO, number="A002"))

    scene.refuses(UNDO, no.MovedOn, number="A002")


def test_undo_of_a_no_show_refuses_when_a_colleague_marked_the_ticket_since():
    scene = busy_hall()
    scene.call()
    scene.does(at_counter(cmd.NoShow))
    scene.does(cmd.Reinstate(by=SATO, number="A002"))
    scene.call("2", "A002")
    scene.does(at_counter(cmd.NoShow, "2"))

    scene.refuses(UNDO, no.MovedOn, number="A002")
    scene.check(at_counter(cmd.Undo, "2"), undone("A002", "no_show", "2"))


@pytest.mark.parametrize("kind", [cmd.Complete, cmd.NoShow])
def test_undo_refuses_while_another_ticket_is_at_the_counter(kind):
    scene = busy_hall()
    scene.call()
    scene.does(at_counter(cmd.Hold))
    scene.call()
    scene.does(at_counter(kind))
    scene.does(at_counter(cmd.Resume, number="A002"))

    scene.refuses(UNDO, no.CounterBusy, counter="1", number="A002")


def test_undo_of_a_no_show_gives_the_visitor_the_whole_time_again():
    scene = Scene(with_rules(no_show_after_seconds=60)).open("1")
    scene.issue()
    scene.call()
    scene.wait(60)

    scene.check(UNDO, undone("A001", "no_show"), seconds=10)
    assert scene.wait(59) == []
    scene.check(cmd.Tick(), then(ev.TicketNoShow, number="A001", counter="1"), seconds=1)


def test_undo_takes_a_call_off_the_board_but_not_an_earlier_one():
    scene = Scene().open("1")
    scene.issue()
    scene.call()
    scene.does(at_counter(cmd.NoShow))
    scene.does(cmd.Reinstate(by=SATO, number="A001"))
    before = scene.hall.calls.copy()
    scene.call()
    scene.does(at_counter(cmd.Recall))

    scene.does(UNDO)

    assert scene.hall.calls == before
    assert [call.number for call in before] == ["A001"]


def test_undo_leaves_the_overtakes_of_other_calls():
    scene = busy_hall()
    scene.call("1", "A004")
    scene.call("2", "A005")
    assert scene.ticket("A002").overtakes == 2

    scene.does(UNDO)

    assert scene.ticket("A002").overtakes == 1
    assert scene.ticket("A004").overtakes == 0


def test_undo_leaves_an_overtake_taken_back_while_the_ticket_was_called():
    scene = busy_hall()
    scene.call("1", "A003")
    scene.call("2", "A002")
    assert scene.ticket("A002").overtakes == 1

    scene.does(UNDO)
    scene.does(at_counter(cmd.Undo, "2"))

    assert scene.ticket("A002").overtakes == 0


def test_undo_takes_nothing_from_a_count_that_a_deferral_started_again():
    scene = Scene(with_rules(defer_by=1)).open("1")
    scene.issue(4)
    scene.call("1", "A004")
    scene.does(cmd.Defer(by="web", number="A001"))

    scene.does(UNDO)

    assert scene.ticket("A001").overtakes == 0
    assert scene.waiting() == ["A002", "A001", "A003", "A004"]


def test_undo_takes_the_overtake_back_of_a_ticket_that_was_transferred_since():
    scene = Scene(with_rules(transfer_place="end")).open("1", "2")
    scene.issue(2)
    scene.call("1", "A002")
    scene.call("2", "A001")
    scene.does(at_counter(cmd.Transfer, "2", service="residence"))

    scene.does(UNDO)

    assert scene.ticket("A001").overtakes == 0


def test_undo_keeps_the_time_at_which_another_call_passed_an_expected_ticket():
    scene = busy_hall()
    scene.call("1")
    scene.does(call_next("2"), 20)

    scene.does(UNDO)

    ticket = scene.ticket("A001")
    assert (ticket.passed_calls, ticket.passed_at) == (1, scene.now)


def test_undo_takes_a_passing_by_an_idle_counter_back():
    scene = Scene().open("1", "4")
    scene.issue()
    scene.issue(channel="web")
    before = scene.hall.copy()
    scene.call()
    assert scene.ticket("A002").passed_at == scene.now

    scene.does(UNDO, 5)

    assert scene.ticket("A002").passed_at is None
    assert_same(scene.hall, before)


def test_undo_restores_the_service_time_to_expect_after_many():
    scene = Scene().open("1")
    scene.issue(TIMES_COUNTED + 5)
    scene.call()
    for _ in range(TIMES_COUNTED + 3):
        scene.does(call_next(finish="complete"), 60)
    before = scene.hall.copy()
    scene.does(at_counter(cmd.Complete), 1000)
    assert scene.hall.services != before.services

    scene.does(UNDO)

    assert_same(scene.hall, before)


def test_undo_keeps_an_alert_asked_for_meanwhile_and_repeats_none():
    scene = Scene().open("1")
    scene.issue()
    scene.check(
        cmd.RequestAlert(by="web", number="A001"),
        then(ev.AlertRequested, number="A001", ahead=3, minutes=None),
        near("A001", ahead=0, wait_low=0, wait_high=0),
    )
    scene.call()
    scene.does(cmd.WithdrawAlert(by="web", number="A001"))
    scene.does(cmd.RequestAlert(by="web", number="A001", ahead=5))

    scene.check(UNDO, undone("A001", "call"))

    ticket = scene.ticket("A001")
    assert (ticket.state, ticket.near) == (State.WAITING, ("family",))
    assert ticket.alert is not None and ticket.alert.ahead == 5
    scene.check(call_next(), then(ev.TicketCalled, number="A001", counter="1"))


def test_undo_counts_the_time_of_each_step_by_itself():
    scene = busy_hall()
    scene.call()
    scene.does(call_next(finish="no_show"), 29)

    scene.check(UNDO, undone("A003", "call"), seconds=30)
    scene.check(UNDO, undone("A002", "no_show"))
    scene.refuses(UNDO, no.NothingToUndo, counter="1")
