"""Alerts: a turn is near once, when the ticket's threshold is crossed."""

import pytest

from tests.ticketing.hall.given import (
    SATO,
    Scene,
    at_counter,
    call_next,
    near,
    office,
    then,
    web,
    with_family,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.passing import ALERT_TICK, next_due


def ask(number: str, **thresholds: int) -> cmd.RequestAlert:
    return cmd.RequestAlert(by="web", number=number, **thresholds)


def requested(number: str, ahead: int | None, minutes: int | None):
    return then(ev.AlertRequested, number=number, ahead=ahead, minutes=minutes)


def called(number: str, counter: str = "1"):
    return then(ev.TicketCalled, number=number, counter=counter)


def waiting(count: int, **family: object) -> Scene:
    """So many wait for the first service, whose one counter is open."""
    scene = Scene(with_family(**family)).open("1")
    scene.issue(count)
    return scene


def test_request_alert_takes_the_defaults_of_the_service():
    waiting(9, alert_ahead=2, alert_minutes=None).check(ask("A009"), requested("A009", 2, None))
    waiting(9, alert_ahead=2, alert_minutes=4).check(ask("A009"), requested("A009", 2, 4))


def test_request_alert_with_one_threshold_has_no_other():
    waiting(9, alert_ahead=2, alert_minutes=4).check(ask("A009", ahead=1), requested("A009", 1, None))
    waiting(9, alert_ahead=2, alert_minutes=4).check(ask("A009", minutes=1), requested("A009", None, 1))


def test_request_alert_again_changes_nothing_or_the_thresholds():
    scene = waiting(9)
    scene.does(ask("A009", ahead=2))

    scene.check(ask("A009", ahead=2))
    scene.check(ask("A009", ahead=1), requested("A009", 1, None))


def test_request_alert_refuses_a_ticket_that_is_over_and_an_unknown_one():
    scene = waiting(1)
    scene.does(cmd.Cancel(by="web", number="A001"))

    scene.refuses(ask("A001"), no.WrongState, number="A001", state="cancelled")
    scene.refuses(ask("A009"), no.UnknownTicket, number="A009")
    scene.refuses(cmd.WithdrawAlert(by="web", number="A009"), no.UnknownTicket, number="A009")


def test_turn_is_near_when_so_many_people_are_ahead():
    scene = waiting(4)
    scene.check(ask("A004", ahead=1), requested("A004", 1, None))

    scene.check(call_next(), called("A001"))
    scene.check(
        call_next(finish="complete"),
        then(ev.TicketCompleted, number="A001", counter="1"),
        called("A002"),
        near("A004", ahead=1, wait_low=240, wait_high=840),
    )
    assert scene.wait(600) == []


def test_turn_is_near_at_once_when_it_was_near_already():
    scene = waiting(2)

    scene.check(ask("A002", ahead=1), requested("A002", 1, None), near("A002", ahead=1, wait_low=120, wait_high=600))


def test_turn_is_near_with_no_counter_open():
    scene = Scene()
    scene.issue()

    scene.check(ask("A001", ahead=0), requested("A001", 0, None), near("A001", ahead=0, wait_low=None, wait_high=None))


def test_turn_is_near_for_an_expected_ticket_too():
    scene = waiting(1, web=web())
    scene.issue(channel="web")
    scene.does(ask("A002", ahead=0))

    scene.check(call_next(), called("A001"), near("A002", ahead=0, wait_low=120, wait_high=600))


def test_turn_is_near_when_somebody_ahead_gives_up_or_defers():
    scene = waiting(5)
    scene.does(ask("A003", ahead=1))
    scene.does(ask("A005", ahead=3))

    scene.check(
        cmd.Cancel(by="web", number="A001"),
        then(ev.TicketCancelled, number="A001"),
        near("A003", ahead=1, wait_low=120, wait_high=600),
        near("A005", ahead=3, wait_low=540, wait_high=1380),
    )


def test_turn_is_near_when_the_wait_may_be_so_short():
    scene = waiting(3)
    scene.check(ask("A003", minutes=4), requested("A003", None, 4))

    scene.check(call_next(), called("A001"))
    scene.check(
        call_next(finish="complete"),
        then(ev.TicketCompleted, number="A001", counter="1"),
        called("A002"),
        near("A003", ahead=0, wait_low=60, wait_high=540),
        seconds=60,
    )


def test_turn_is_near_when_time_alone_brings_it_near():
    scene = waiting(2)
    scene.call()
    scene.check(ask("A002", minutes=0), requested("A002", None, 0))

    assert next_due(scene.hall, scene.now) == scene.now + ALERT_TICK
    assert scene.wait(100) == []
    scene.check(cmd.Tick(), near("A002", ahead=0, wait_low=0, wait_high=300), seconds=60)
    assert next_due(scene.hall, scene.now) == scene.hall.closes_at


def test_turn_is_near_by_whichever_threshold_comes_first():
    by_people = waiting(3)
    by_people.does(ask("A003", ahead=1, minutes=0))
    by_people.check(call_next(), called("A001"), near("A003", ahead=1, wait_low=300, wait_high=1020))

    by_time = waiting(3)
    by_time.check(
        ask("A003", ahead=0, minutes=60), requested("A003", 0, 60), near("A003", ahead=2, wait_low=300, wait_high=1020)
    )


def test_turn_is_not_near_by_minutes_while_no_counter_is_open():
    scene = Scene()
    scene.issue(2)
    scene.check(ask("A002", minutes=60), requested("A002", None, 60))

    assert scene.wait(60) == []
    scene.check(
        at_counter(cmd.OpenCounter),
        then(ev.CounterOpened, counter="1"),
        near("A002", ahead=1, wait_low=120, wait_high=600),
    )


def test_turn_is_near_once_for_a_service():
    scene = waiting(1)
    scene.does(ask("A001"))
    scene.check(call_next(), called("A001"))
    scene.check(at_counter(cmd.NoShow), then(ev.TicketNoShow, number="A001", counter="1"))

    scene.check(cmd.Reinstate(by=SATO, number="A001"), then(ev.TicketReinstated, number="A001"))
    scene.check(cmd.WithdrawAlert(by="web", number="A001"), then(ev.AlertWithdrawn, number="A001"))
    scene.check(cmd.WithdrawAlert(by="web", number="A001"))
    scene.check(ask("A001"), requested("A001", 3, None))


def test_turn_is_near_again_after_a_transfer_but_not_back_again():
    scene = waiting(1).open("2")
    scene.does(ask("A001"))
    scene.call()

    scene.check(
        at_counter(cmd.Transfer, service="residence"),
        then(ev.TicketTransferred, number="A001", counter="1", service="residence"),
        near("A001", "residence", ahead=0, wait_low=0, wait_high=0),
    )
    scene.check(call_next("2"), called("A001", "2"))
    scene.check(
        at_counter(cmd.Transfer, "2", service="family"),
        then(ev.TicketTransferred, number="A001", counter="2", service="family"),
    )


def test_turn_is_never_near_for_a_ticket_without_alert():
    scene = waiting(2)
    scene.does(ask("A002", ahead=0))
    scene.does(cmd.WithdrawAlert(by="web", number="A002"))

    scene.check(call_next(), called("A001"))


def test_alert_asked_for_at_the_counter_counts_after_the_transfer():
    scene = waiting(1).open("2")
    scene.call()

    scene.check(ask("A001"), requested("A001", 3, None))
    scene.check(
        at_counter(cmd.Transfer, service="residence"),
        then(ev.TicketTransferred, number="A001", counter="1", service="residence"),
        near("A001", "residence", ahead=0, wait_low=0, wait_high=0),
    )


def test_refused_command_still_brings_the_alerts_of_time():
    scene = waiting(2)
    scene.call()
    scene.does(ask("A002", minutes=0))

    decision = scene.decide(call_next(), 170)

    assert type(decision.refusal) is no.CounterBusy
    assert [type(event) for event in decision.events] == [ev.TurnNear]


def test_taking_a_ticket_brings_the_alerts_of_what_time_did_before_it():
    definition = office(rules=office().rules.__class__(no_show_after_seconds=60))
    scene = Scene(definition).open("1")
    scene.issue(2)
    scene.call()
    scene.does(ask("A002", minutes=0))
    scene.now = scene.now.replace(minute=1)

    kinds = [type(event) for event in scene.does(cmd.Issue(by="web", service="tax", channel="kiosk", language="ja"))]

    assert kinds == [ev.TicketNoShow, ev.TicketIssued, ev.TurnNear]


@pytest.mark.parametrize("ahead", [0, 1, 2, 3])
def test_threshold_of_people_is_met_exactly(ahead):
    scene = waiting(6)
    scene.does(ask("A006", ahead=ahead))
    said: list[int] = []

    for _ in range(6):
        events = scene.does(call_next(finish="complete"))
        said += [event.ahead for event in events if isinstance(event, ev.TurnNear)]

    assert said == [ahead]
