"""What a supervisor puts right about tickets that ended wrongly."""

from datetime import timedelta
from typing import Any

import pytest

from tests.ticketing.hall.given import MORI, Scene, at_counter, call_next, office, then
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.estimate import Outlook
from ticketing.hall.verbs.clerk import step_to_undo


def correct(number: str = "A001", **fields: Any) -> cmd.Correct:
    return cmd.Correct(by=MORI, number=number, **{"reason": "papers", **fields})


def corrected(number: str = "A001", **fields: Any) -> Any:
    usual = {"service": "family", "was_state": "completed", "was_service": "family", "reason": "papers"}
    return then(ev.TicketCorrected, **{"number": number, **usual, **fields})


def after(verb: type[cmd.CounterCommand], *, waiting: int = 0, seconds: float = 60) -> Scene:
    """A visitor was at counter 2 and the clerk pressed this."""
    scene = Scene().open("2")
    scene.issue(1 + waiting)
    scene.call("2")
    scene.does(at_counter(verb, "2"), seconds=seconds)
    return scene


def test_correct_says_that_a_completed_visitor_never_came():
    scene = after(cmd.Complete)

    scene.check(correct(state="absent"), corrected(state="absent"))

    ticket = scene.ticket("A001")
    assert (ticket.state, ticket.ended_at, ticket.ended_by) == ("absent", None, None)
    assert (ticket.was_state, ticket.was_service) == ("completed", "family")
    assert (ticket.corrected_at, ticket.corrected_by, ticket.corrected_reason) == (scene.now, MORI, "papers")
    assert list(scene.hall.absent) == ["A001"]


def test_correct_says_that_an_absent_visitor_was_served():
    scene = after(cmd.NoShow)

    scene.check(correct(state="completed"), corrected(state="completed", was_state="absent"))

    ticket = scene.ticket("A001")
    assert (ticket.state, ticket.ended_at, ticket.ended_by) == ("completed", scene.now, MORI)
    assert list(scene.hall.absent) == []


@pytest.mark.parametrize("state", ["completed", "absent"])
def test_correct_takes_back_a_cancellation(state):
    scene = Scene()
    scene.issue()
    scene.does(cmd.Cancel(by=MORI, number="A001"))

    scene.check(correct(state=state), corrected(state=state, was_state="cancelled"))


def test_correct_moves_a_finished_ticket_to_the_service_that_it_was_for():
    scene = after(cmd.Complete)

    scene.check(correct(service="residence"), corrected(state="completed", service="residence"))

    assert (scene.ticket("A001").state, scene.ticket("A001").service) == ("completed", "residence")


def test_correct_again_keeps_what_stood_there_first():
    scene = after(cmd.Complete)
    scene.does(correct(service="residence"))

    scene.check(
        correct(state="absent", reason="system"),
        corrected(state="absent", service="residence", was_service="residence", reason="system"),
    )

    ticket = scene.ticket("A001")
    assert (ticket.was_state, ticket.was_service, ticket.corrected_reason) == ("completed", "family", "system")


def test_correct_of_a_web_ticket_keeps_the_count_of_open_ones():
    scene = Scene().open("4")
    scene.issue(service="tax", channel="web")
    scene.call("4")
    scene.does(at_counter(cmd.Complete, "4"))

    scene.does(correct("B501", state="absent"))
    assert scene.hall.services["tax"].web_open == 1
    scene.does(correct("B501", service="family"))
    assert (scene.hall.services["tax"].web_open, scene.hall.services["family"].web_open) == (0, 1)


def test_corrected_absence_can_be_reinstated():
    scene = after(cmd.Complete)
    scene.does(correct(state="absent"))

    scene.check(cmd.Reinstate(by=MORI, number="A001"), then(ev.TicketReinstated, number="A001"))

    assert scene.waiting() == ["A001"]


def test_correct_changes_nobodys_place():
    scene = after(cmd.Complete, waiting=3)
    before = scene.waiting()

    scene.does(correct(state="absent"))
    scene.does(correct(state="completed", service="residence"))

    assert scene.waiting() == before
    assert scene.waiting("residence") == []


# The estimate learns from measured times only


def times(scene: Scene, service: str) -> list[tuple[str, float]]:
    return list(scene.hall.services[service].times)


def test_a_visit_that_was_none_is_forgotten_by_the_estimate():
    scene = after(cmd.Complete, seconds=7)
    assert times(scene, "family") == [("A001", 7.0)]

    scene.does(correct(state="absent"))

    assert times(scene, "family") == []
    assert scene.hall.services["family"].mean_seconds == 300


def test_a_time_is_learnt_by_the_service_that_it_was_for():
    scene = after(cmd.Complete, seconds=600)

    scene.does(correct(service="residence"))

    assert (times(scene, "family"), times(scene, "residence")) == ([], [("A001", 600.0)])
    assert (scene.hall.services["family"].mean_seconds, scene.hall.services["residence"].mean_seconds) == (300, 200)


def test_nothing_is_learnt_from_a_visit_that_nobody_measured():
    scene = after(cmd.NoShow, waiting=1)
    before = Outlook(scene.hall, scene.now).of_newcomer("family")

    scene.does(correct(state="completed"))

    assert times(scene, "family") == []
    assert Outlook(scene.hall, scene.now).of_newcomer("family") == before


# Refusals


@pytest.mark.parametrize("verb", [None, cmd.Start, cmd.Hold])
def test_correct_refuses_a_ticket_that_is_not_over(verb):
    scene = Scene().open("2")
    scene.issue(2)
    scene.call("2")
    if verb:
        scene.does(at_counter(verb, "2"))

    scene.refuses(correct(state="completed"), no.WrongState, number="A001", state=str(scene.ticket("A001").state))
    scene.refuses(correct("A002", state="completed"), no.WrongState, number="A002", state="waiting")


@pytest.mark.parametrize("fields", [{}, {"state": "completed"}, {"service": "family"}])
def test_correct_refuses_what_changes_nothing(fields):
    after(cmd.Complete).refuses(correct(**fields), no.NothingToCorrect, number="A001")


def test_correct_refuses_what_does_not_exist():
    scene = after(cmd.Complete)

    scene.refuses(correct("A009", state="absent"), no.UnknownTicket, number="A009")
    scene.refuses(correct(service="fishing"), no.UnknownService, service="fishing")
    scene.refuses(correct(state="absent", reason="mood"), no.UnknownReason, reason="mood")


def test_correct_refuses_the_number_of_another_day():
    scene = after(cmd.Complete)
    today = scene.hall.day

    scene.refuses(correct(state="absent", day=today - timedelta(days=1)), no.OtherDay, business_day=today.isoformat())
    scene.refuses(correct("A009", day=today + timedelta(days=1)), no.OtherDay, business_day=today.isoformat())
    scene.check(correct(state="absent", day=today), corrected(state="absent"))


@pytest.mark.parametrize("seen", [{"seen_state": "absent"}, {"seen_service": "residence"}])
def test_correct_refuses_when_the_record_is_not_what_was_seen(seen):
    scene = after(cmd.Complete)

    scene.refuses(correct(state="cancelled", **seen), no.CorrectedMeanwhile, number="A001", state="completed",
                  service="family")  # fmt: skip
    scene.check(correct(state="cancelled", seen_state="completed", seen_service="family"), corrected(state="cancelled"))


def test_correct_says_that_an_absent_visitor_has_come_back_meanwhile():
    scene = after(cmd.NoShow)
    scene.does(cmd.Reinstate(by=MORI, number="A001"))

    scene.refuses(correct(state="completed", seen_state="absent"), no.CorrectedMeanwhile, number="A001",
                  state="waiting", service="family")  # fmt: skip


def test_correct_refuses_once_the_day_is_closed():
    scene = after(cmd.Complete)
    scene.does(cmd.CloseDay(by=MORI))

    scene.refuses(correct(state="absent"), no.DayIsClosed)


# Undo


@pytest.mark.parametrize("verb", [cmd.Complete, cmd.NoShow])
@pytest.mark.parametrize("fields", [{"state": "cancelled"}, {"service": "residence"}])
def test_undo_is_refused_after_a_correction(verb, fields):
    scene = after(verb)
    scene.does(correct(**fields))

    scene.refuses(at_counter(cmd.Undo, "2"), no.MovedOn, number="A001")


def test_undo_of_a_later_step_is_taken_and_keeps_the_correction():
    scene = after(cmd.Complete)
    scene.does(correct(state="absent"))
    scene.does(cmd.Reinstate(by=MORI, number="A001"))
    scene.does(call_next("2"))
    assert step_to_undo(scene.hall, "2", scene.now) is not None

    scene.does(at_counter(cmd.Undo, "2"))

    assert (scene.ticket("A001").state, scene.ticket("A001").was_state) == ("waiting", "completed")


def test_correction_is_undone_by_no_new_day():
    scene = Scene(office()).open("2")
    scene.issue()
    scene.wait(24 * 3600)

    scene.refuses(correct(state="completed"), no.UnknownTicket, number="A001")
