"""Warnings: a visitor from the web who has not arrived hears once that the ticket is about to expire."""

from datetime import datetime, timedelta

import msgspec

from tests.ticketing.hall.given import Scene, at_counter, call_next, near, then, web, with_family
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall.passing import WARNED_BEFORE, next_due
from ticketing.hall.state import apply


def expected(count: int = 3, **grace: object) -> Scene:
    """A001 is called; A002 is expected and its visitor asked for an alert; so many wait behind it."""
    scene = Scene(with_family(web=web(**grace))).open("1")
    scene.issue()
    scene.call()
    scene.issue(channel="web")
    scene.issue(count)
    scene.does(cmd.RequestAlert(by="web", number="A002"))
    return scene


def warned(expires_at: datetime | None, number: str = "A002"):
    return then(ev.ExpiryNear, by="tick", number=number, expires_at=expires_at)


def called(number: str):
    return then(ev.TicketCalled, number=number, counter="1")


def next_visitor(scene: Scene, *more, finished: str, number: str, seconds: float = 0) -> None:
    """The counter finishes with one and calls another; nothing happens but that, and what is given."""
    done = then(ev.TicketCompleted, number=finished, counter="1")
    scene.check(call_next(finish="complete"), done, called(number), *more, seconds=seconds)


def warnings(events: list[ev.Event]) -> list[tuple[str, datetime | None]]:
    return [(event.number, event.expires_at) for event in events if isinstance(event, ev.ExpiryNear)]


def test_visitor_is_warned_when_a_call_passes_the_ticket():
    scene = expected(grace_calls=5, grace_seconds=600)

    next_visitor(scene, warned(scene.now + timedelta(seconds=630)), finished="A001", number="A003", seconds=30)


def test_visitor_is_warned_when_a_counter_has_nothing_to_do():
    scene = expected(count=0, grace_calls=5, grace_seconds=600)

    scene.check(
        at_counter(cmd.Complete),
        then(ev.TicketCompleted, number="A001", counter="1"),
        warned(scene.now + timedelta(seconds=600)),
    )


def test_visitor_who_asks_when_it_was_passed_already_is_warned_at_once():
    scene = Scene(with_family(web=web(grace_seconds=600))).open("1")
    scene.issue(channel="web")

    scene.check(
        cmd.RequestAlert(by="web", number="A001"),
        then(ev.AlertRequested, number="A001", ahead=3, minutes=None),
        near("A001", ahead=0, wait_low=0, wait_high=0),
        warned(scene.now + timedelta(seconds=600), "A001"),
        seconds=60,
    )


def test_long_grace_is_warned_of_a_quarter_of_an_hour_before_its_end():
    scene = expected(grace_calls=5, grace_seconds=3600)
    next_visitor(scene, finished="A001", number="A003")
    ends = scene.now + timedelta(seconds=3600)

    assert next_due(scene.hall, scene.now) == ends - WARNED_BEFORE
    assert scene.wait(2699) == []
    scene.check(cmd.Tick(), warned(ends), seconds=1)
    assert next_due(scene.hall, scene.now) == ends
    scene.check(cmd.Tick(), then(ev.TicketExpired, number="A002"), seconds=900)


def test_long_grace_is_warned_of_without_a_time_when_half_its_calls_are_over():
    scene = expected(grace_calls=4, grace_seconds=3600)
    next_visitor(scene, finished="A001", number="A003")

    next_visitor(scene, warned(None), finished="A003", number="A004")
    next_visitor(scene, finished="A004", number="A005")


def test_call_that_ends_the_grace_warns_of_nothing():
    scene = expected(grace_calls=1, grace_seconds=600)
    next_visitor(scene, finished="A001", number="A003")

    scene.check(cmd.Tick(), then(ev.TicketExpired, number="A002"))


def test_taking_a_ticket_leaves_the_warning_to_the_tick_that_is_due():
    scene = expected(grace_calls=5, grace_seconds=1000)
    next_visitor(scene, finished="A001", number="A003")
    ends = scene.now + timedelta(seconds=1000)
    scene.now += timedelta(seconds=200)

    assert warnings(scene.does(cmd.Issue(by="web", service="tax", channel="kiosk", language="ja"))) == []
    assert next_due(scene.hall, scene.now) == ends - WARNED_BEFORE
    scene.check(cmd.Tick(), warned(ends))


def test_ticket_without_an_alert_is_warned_of_nothing():
    scene = expected()
    scene.does(cmd.WithdrawAlert(by="web", number="A002"))

    next_visitor(scene, finished="A001", number="A003")


def test_ticket_that_waits_is_warned_of_nothing():
    scene = expected()
    scene.does(cmd.Arrive(by="web", number="A002", way="code"))
    scene.does(cmd.Complete(by="staff:sato", counter="1"))

    assert warnings(scene.does(cmd.Call(by="staff:sato", counter="1", number="A003"))) == []


def test_warning_stands_once_though_its_call_is_undone_and_made_again():
    scene = expected(grace_calls=5, grace_seconds=600)
    next_visitor(scene, warned(scene.now + timedelta(seconds=600)), finished="A001", number="A003")

    scene.does(at_counter(cmd.Undo))
    assert (scene.ticket("A002").passed_at, scene.ticket("A002").is_warned) == (None, True)
    scene.check(call_next(), called("A003"))
    assert scene.ticket("A002").passed_at == scene.now


def test_warning_stands_once_though_the_visitor_defers():
    scene = expected(grace_calls=5, grace_seconds=600)
    next_visitor(scene, warned(scene.now + timedelta(seconds=600)), finished="A001", number="A003")
    scene.does(cmd.Defer(by="web", number="A002"))
    scene.issue(3)

    for finished, number in (("A003", "A004"), ("A004", "A005"), ("A005", "A006")):
        next_visitor(scene, finished=finished, number=number)

    assert scene.ticket("A002").passed_at == scene.now


def test_recall_of_an_earlier_version_still_folds():
    scene = expected()
    data = {"seq": scene.hall.seq + 1, "at": scene.now, "by": "staff:sato", "number": "A001", "counter": "1"}
    hall = scene.hall.copy()

    apply(hall, msgspec.json.decode(msgspec.json.encode(data), type=ev.TicketRecalled))

    assert hall.tickets["A001"].call_count == 2
