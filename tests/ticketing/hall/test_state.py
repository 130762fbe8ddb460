"""How events change the hall, beyond what the rules' tests show."""

from tests.ticketing.hall.given import SATO, START, Scene, at_counter, call_next, issue, office
from ticketing.hall import commands as cmd
from ticketing.hall.model import Hall
from ticketing.hall.rules import decide
from ticketing.hall.state import CALLS_KEPT, STEPS_KEPT, TIMES_COUNTED, TIMES_KEPT, apply
from ticketing.hall.view import office_view, queue_view, snapshot


def test_copy_is_independent():
    scene = Scene().open("1", "2")
    scene.issue(3)
    scene.issue(channel="web")
    scene.does(cmd.RequestAlert(by="web", number="A003", ahead=0))
    scene.call()
    before = scene.hall.copy()
    again = scene.hall.copy()

    for command in (
        issue(),
        issue("tax"),
        call_next(finish="no_show"),
        call_next("2"),
        at_counter(cmd.Complete, "2"),
        cmd.CloseService(by=SATO, service="tax", channels=("kiosk",)),
        cmd.SetNotice(by=SATO, text="Noon"),
        cmd.CloseDay(by=SATO),
    ):
        decide(before, command, START)

    assert again == scene.hall
    assert before != scene.hall


def test_fold_of_all_events_is_the_same_hall():
    scene = Scene().open("1")
    scene.issue(3)
    scene.call()
    scene.does(at_counter(cmd.Complete), 30)
    scene.wait(24 * 3600)
    scene.issue(2)

    hall = Hall.empty(office())
    for event in scene.events:
        apply(hall, event)

    assert hall == scene.hall
    assert hall.seq == len(scene.events)


def test_fold_may_begin_with_the_day():
    scene = Scene()
    scene.issue(3)
    scene.wait(24 * 3600)
    scene.issue(2)
    of_today = [event for event in scene.events if event.at == scene.now and event.seq != 5]

    hall = Hall.empty(office())
    for event in of_today:
        apply(hall, event)

    assert hall == scene.hall


def test_empty_hall_can_be_looked_at():
    hall = Hall.empty(office())

    assert [each["waiting"] for each in snapshot(hall, START)["services"]] == [[], [], []]
    assert office_view(hall, START, "en")["business_day"] is None
    assert queue_view(hall, START, "en")["tickets"] == []


def test_lists_of_the_past_are_bounded():
    scene = Scene().open("1")
    scene.issue(80)
    for _ in range(80):
        scene.does(call_next(finish="complete"), 10)

    family = scene.hall.services["family"]
    assert len(scene.hall.calls) == CALLS_KEPT
    assert len(family.times) == TIMES_KEPT
    assert len(scene.hall.counters["1"].steps) == STEPS_KEPT
    assert family.mean_seconds == (5 * 300 + TIMES_COUNTED * 10) / (5 + TIMES_COUNTED)


def test_absent_list_keeps_its_order_when_a_ticket_on_it_changes():
    scene = Scene().open("1")
    scene.issue(3)
    for _ in range(3):
        scene.call()
        scene.does(at_counter(cmd.NoShow))

    scene.does(cmd.RequestAlert(by="web", number="A001"))

    assert list(scene.hall.absent) == ["A001", "A002", "A003"]


def test_definition_of_the_next_day_does_not_change_this_one():
    scene = Scene()
    scene.hall.definition = office(services=office().services[:1])

    assert scene.hall.copy().office == office()
    assert scene.hall.copy().definition == scene.hall.definition
