"""The wait as an honest range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ticketing.hall.given import COUNTERS, MORI, SATO, Scene, at_counter, call_next, issue, office
from ticketing.hall import commands as cmd
from ticketing.hall.estimate import Outlook, Range, wait_of
from ticketing.hall.office import Counter


def newcomer(scene: Scene, service: str = "family") -> Range | None:
    return Outlook(scene.hall, scene.now).of_newcomer(service)


def many_counters(count: int) -> Scene:
    """The first so many of six counters of one service are open."""
    counters = (*(Counter(str(each), str(each), ("family",)) for each in range(6)), *COUNTERS[2:3])
    scene = Scene(office(counters=counters))
    return scene.open(*(str(each) for each in range(count)))


def test_wait_is_zero_when_a_counter_is_idle_and_nobody_waits():
    assert newcomer(Scene().open("1")) == Range(0, 0)


def test_wait_is_unknown_while_no_counter_is_open_for_the_service():
    scene = Scene().open("3")

    assert newcomer(scene) is None
    assert newcomer(scene, "tax") == Range(0, 0)


def test_wait_is_that_of_the_visitor_at_the_counter():
    scene = Scene().open("1")
    scene.issue()
    scene.call()

    assert newcomer(scene) == Range(120, 600)
    scene.wait(120)
    assert newcomer(scene) == Range(60, 360)


def test_wait_goes_on_when_a_visitor_takes_longer_than_usual():
    scene = Scene().open("1")
    scene.issue()
    scene.call()
    scene.wait(3600)

    assert newcomer(scene) == Range(0, 180)


def test_wait_of_a_ticket_is_none_once_it_is_called():
    scene = Scene().open("1")
    scene.issue()
    assert wait_of(scene.hall, scene.ticket("A001"), scene.now) == Range(0, 0)

    scene.call()

    assert wait_of(scene.hall, scene.ticket("A001"), scene.now) is None


def test_wait_of_an_expected_ticket_is_as_if_it_had_arrived():
    scene = Scene().open("1")
    scene.issue()
    scene.issue(channel="web")
    scene.issue()

    expected = wait_of(scene.hall, scene.ticket("A002"), scene.now)

    assert expected == Range(120, 600)


@given(ahead=st.integers(0, 12), busy=st.integers(0, 6), spent=st.integers(0, 600))
def test_wait_never_gets_shorter_with_one_more_person_ahead(ahead, busy, spent):
    scene = many_counters(6)
    scene.issue(busy)
    for each in range(busy):
        scene.call(str(each))
        scene.wait(spent / 6)
    scene.issue(ahead)
    fewer = newcomer(scene)
    scene.issue()
    more = newcomer(scene)

    assert fewer is not None and more is not None
    assert fewer.low <= more.low <= more.high
    assert fewer.high <= more.high


@given(counters=st.integers(1, 5), ahead=st.integers(0, 12), busy=st.integers(0, 5))
def test_wait_gets_no_longer_with_one_more_counter(counters, ahead, busy):
    scene = many_counters(counters)
    scene.issue(min(busy, counters))
    for each in range(min(busy, counters)):
        scene.call(str(each))
    scene.issue(ahead)
    few = newcomer(scene)
    scene.open(str(counters))
    many = newcomer(scene)

    assert few is not None and many is not None
    assert many.high <= few.high
    assert many.low + many.high <= few.low + few.high


def test_wait_is_shared_among_the_counters():
    alone, three = many_counters(1), many_counters(3)
    for scene in (alone, three):
        scene.issue(6)

    assert newcomer(alone) == Range(1320, 2520)
    assert newcomer(three) == Range(420, 840)


def test_wait_counts_other_services_at_the_same_counters():
    scene = Scene().open("2")
    scene.issue()
    before = newcomer(scene)

    scene.issue(5, service="residence")

    assert (before, newcomer(scene)) == (Range(120, 600), Range(600, 1320))


def test_wait_does_not_count_services_that_other_counters_take():
    scene = Scene().open("1", "3")

    scene.issue(9, service="tax")

    assert newcomer(scene) == Range(0, 0)


def uneven_counters() -> Scene:
    """Counter a takes everything, b only residence; ten wait for family, which a alone can serve."""
    counters = (Counter("a", "a", ("family", "residence", "tax")), Counter("b", "b", ("residence",)))
    scene = Scene(office(counters=counters)).open("a", "b")
    scene.issue(10)
    scene.call("a")
    return scene


def test_wait_is_zero_at_an_idle_counter_though_others_wait_for_its_busy_colleague():
    scene = uneven_counters()

    assert newcomer(scene, "residence") == Range(0, 0)


def test_wait_of_the_first_is_zero_at_an_idle_counter_though_others_were_there_before():
    scene = uneven_counters()
    scene.issue(service="residence")

    assert wait_of(scene.hall, scene.ticket("A011"), scene.now) == Range(0, 0)


def test_wait_is_that_of_the_counter_that_is_free_soonest():
    scene = uneven_counters()
    scene.issue(service="residence")
    scene.call("b")

    assert newcomer(scene, "residence") == Range(0, 240)


def test_wait_counts_the_share_that_falls_to_the_counters():
    scene = Scene().open("2", "3")
    scene.issue(10, service="residence")

    assert newcomer(scene) == Range(420, 900)


def test_wait_moves_with_the_measured_times_and_back_with_an_undo():
    scene = Scene().open("1")
    scene.issue(4)
    before = newcomer(scene)
    scene.call()
    called = newcomer(scene)
    scene.does(at_counter(cmd.Complete), 1500)
    completed = scene.hall.services["family"].mean_seconds
    scene.does(at_counter(cmd.Undo))

    assert completed == (5 * 300 + 1500) / 6
    assert scene.hall.services["family"].mean_seconds == 300
    assert before == Range(840, 1740)
    assert called is not None


@pytest.mark.parametrize("clerks", [(SATO, SATO), (SATO, MORI)])
def test_wait_is_of_counters_and_not_of_clerks(clerks):
    scene = Scene()
    for counter, by in zip(("1", "4"), clerks, strict=True):
        scene.open(counter, by=by)
    scene.issue(2)

    assert newcomer(scene) == Range(120, 540)


def test_wait_of_a_reinstated_ticket_is_that_of_the_first():
    scene = Scene().open("2")
    scene.issue(3)
    scene.does(call_next("2"))
    scene.does(at_counter(cmd.NoShow, "2"))
    scene.does(cmd.Reinstate(by=SATO, number="A001"))

    waits = [wait_of(scene.hall, scene.ticket(number), scene.now) for number in ("A001", "A002", "A003")]

    assert waits == [Range(0, 0), Range(120, 600), Range(300, 1020)]


def test_one_outlook_for_all_says_what_each_would_hear_alone() -> None:
    scene = Scene().open("1", "2", "3")
    for service in ("family", "tax", "residence", "family", "tax", "family", "residence") * 3:
        scene.does(issue(service), 7)
    for counter in ("1", "2", "3"):
        scene.does(call_next(counter), 20)
    scene.wait(90)
    hall, now = scene.hall, scene.now

    outlook = Outlook(hall, now)

    waits = {number: outlook.of(ticket) for number, ticket in hall.tickets.items()}
    assert waits == {number: wait_of(hall, ticket, now) for number, ticket in hall.tickets.items()}
    assert len({wait for wait in waits.values() if wait}) > 5
    for service in ("family", "tax", "residence"):
        assert outlook.of_newcomer(service) == Outlook(hall, now).of_newcomer(service)
