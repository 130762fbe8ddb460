"""Nobody waits for ever."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ticketing.hall.given import COUNTERS, FAMILY, RESIDENCE, SATO, TAX, Scene, at_counter, call_next, office
from ticketing.hall import commands as cmd
from ticketing.hall.office import Rules
from ticketing.hall.ticket import State

SERVICES = st.sampled_from(["family", "residence", "tax"])
ORDER = st.sampled_from(["merged", "listed"])


@settings(deadline=None)
@given(
    services=st.lists(SERVICES, max_size=25),
    deferrals=st.lists(st.integers(0, 24), max_size=6),
    absences=st.sets(st.integers(0, 24), max_size=4),
    max_overtakes=st.none() | st.integers(1, 5),
)
def test_everybody_is_called_when_arrivals_are_finite(services, deferrals, absences, max_overtakes):
    scene = Scene(office(rules=Rules(max_overtakes=max_overtakes))).open("1", "2", "3", "4")
    numbers = [number for service in services for number in scene.issue(service=service)]
    for index in deferrals:
        if index < len(numbers):
            scene.decide(cmd.Defer(by="web", number=numbers[index]))
    absent = {numbers[index] for index in absences if index < len(numbers)}

    for _ in range(len(numbers) + len(absent) + 1):
        for counter in ("1", "2", "3", "4"):
            called = scene.decide(call_next(counter, finish="complete")).number
            if called in absent:
                absent.remove(called)
                scene.does(at_counter(cmd.NoShow, counter))
                scene.does(cmd.Reinstate(by=SATO, number=called))

    assert [number for number in numbers if scene.ticket(number).state is not State.COMPLETED] == []


@settings(deadline=None, max_examples=60)
@given(
    max_overtakes=st.integers(1, 8),
    earlier=st.integers(0, 3),
    a_round=st.integers(1, 3),
    order=ORDER,
)
def test_nobody_waits_for_ever_behind_endless_arrivals_that_go_first(max_overtakes, earlier, a_round, order):
    urgent = replace(FAMILY, priority=9)
    counter = replace(COUNTERS[1], order=order)
    scene = Scene(
        office(services=(urgent, RESIDENCE, TAX), counters=(counter,), rules=Rules(max_overtakes=max_overtakes))
    ).open("2")
    patient = scene.issue(earlier + 1, service="residence")[-1]
    calls = 0

    while scene.ticket(patient).state is State.WAITING:
        scene.issue(a_round)
        scene.does(call_next("2", finish="complete"))
        calls += 1
        assert calls <= max_overtakes + earlier + 1, "it went before all others after so many overtakes"

    assert scene.waiting("residence") == []


def test_endless_arrivals_that_go_first_do_keep_others_waiting_where_no_limit_is_set():
    urgent = replace(FAMILY, priority=9)
    scene = Scene(office(services=(urgent, RESIDENCE, TAX), rules=Rules(max_overtakes=None))).open("2")
    patient = scene.issue(service="residence")[0]

    for _ in range(50):
        scene.issue()
        scene.does(call_next("2", finish="complete"))

    assert scene.ticket(patient).state is State.WAITING
