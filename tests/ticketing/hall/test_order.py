"""Who is next."""

from dataclasses import replace

import pytest

from tests.ticketing.hall.given import (
    FAMILY,
    MORI,
    RESIDENCE,
    SATO,
    TAX,
    Scene,
    at_counter,
    call_next,
    office,
    with_rules,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall.model import Hall
from ticketing.hall.order import Queue, next_for, place_behind, place_by_issue


def order_of_calls(scene: Scene, counter: str = "1") -> list[str]:
    """Calls at one counter until nobody waits for it."""
    called = []
    while number := scene.decide(call_next(counter, finish="complete")).number:
        called.append(number)
    return called


def absent_and_back(scene: Scene, *numbers: str, counter: str = "1") -> None:
    for number in numbers:
        scene.call(counter, number)
        scene.does(at_counter(cmd.NoShow, counter))
    for number in numbers:
        scene.does(cmd.Reinstate(by=SATO, number=number))


def with_priority(**priorities: int) -> Scene:
    services = tuple(replace(each, priority=priorities.get(each.id, 0)) for each in (FAMILY, RESIDENCE, TAX))
    return Scene(office(services=services))


def test_next_is_by_issue_within_a_service():
    scene = Scene().open("1")
    numbers = scene.issue(3)

    assert order_of_calls(scene) == numbers


def test_next_at_a_merged_counter_is_by_issue_over_its_services():
    scene = Scene().open("2")
    numbers = scene.issue() + scene.issue(service="residence") + scene.issue() + scene.issue(service="residence")

    assert order_of_calls(scene, "2") == numbers


def test_next_at_a_listed_counter_is_of_the_first_service_with_somebody():
    scene = Scene().open("3")
    scene.issue(2, service="tax")
    scene.issue(2, service="residence")

    assert order_of_calls(scene, "3") == ["A001", "A002", "B501", "B502"]


def test_next_is_by_priority_before_issue():
    scene = with_priority(residence=1).open("2")
    scene.issue(2)
    scene.issue(2, service="residence")

    assert order_of_calls(scene, "2") == ["A003", "A004", "A001", "A002"]


def test_next_is_reinstated_before_priority_in_the_order_of_coming_back():
    scene = with_priority(residence=1).open("2")
    scene.issue(2)
    scene.issue(2, service="residence")
    absent_and_back(scene, "A002", "A003", "A001", counter="2")

    assert order_of_calls(scene, "2") == ["A002", "A003", "A001", "A004"]


def test_next_is_none_of_the_services_of_other_counters():
    scene = Scene().open("1")
    scene.issue(service="residence")

    assert order_of_calls(scene) == []


def test_next_of_chosen_services_is_in_the_order_of_the_counter():
    scene = Scene()
    scene.issue(service="tax")
    scene.issue(service="residence")
    counter = office().counters[2]

    assert next_for(counter, scene.hall.queues) == "A001"
    assert next_for(counter, scene.hall.queues, ["tax", "residence"]) == "A001"
    assert next_for(counter, scene.hall.queues, ["tax"]) == "B501"
    assert next_for(counter, scene.hall.queues, []) is None


# Overtakes


def test_overtake_is_a_call_of_a_later_ticket_at_a_counter_for_both():
    scene = Scene().open("2", "3")
    scene.issue()
    scene.issue(2, service="residence")

    scene.call("3")
    assert scene.ticket("A001").overtakes == 0
    scene.call("2", "A003")
    assert scene.ticket("A001").overtakes == 1


def test_overtake_is_not_a_call_of_an_earlier_ticket():
    scene = with_priority(family=1).open("2")
    scene.issue(service="residence")
    scene.issue()
    scene.call("2", "A001")

    assert scene.ticket("A002").overtakes == 0


def test_overtake_is_not_of_expected_tickets():
    scene = Scene().open("1")
    scene.issue(channel="web")
    scene.issue(2)
    scene.call()

    assert scene.ticket("A001").overtakes == 0


def test_overtake_is_not_what_a_deferral_lets_by():
    scene = Scene(with_rules(defer_by=2)).open("1")
    scene.issue(5)
    scene.does(cmd.Defer(by="web", number="A001"))

    scene.call()
    scene.does(call_next(finish="complete"))
    assert scene.ticket("A001").overtakes == 0
    scene.does(at_counter(cmd.Call, number="A005", finish="complete"))
    assert scene.ticket("A001").overtakes == 1


def test_ticket_overtaken_as_often_as_allowed_goes_before_all_others():
    scene = Scene(with_rules(max_overtakes=2)).open("1")
    scene.issue(6)
    absent_and_back(scene, "A003")
    for number in ("A005", "A004"):
        scene.call("1", number)
        scene.does(at_counter(cmd.Complete))

    assert [scene.ticket(number).overtakes for number in ("A001", "A002", "A003", "A006")] == [3, 3, 2, 0]
    assert order_of_calls(scene) == ["A001", "A002", "A003", "A006"]


def test_ticket_overtaken_too_often_goes_first_also_at_a_listed_counter():
    scene = Scene(with_rules(max_overtakes=2)).open("3")
    scene.issue(service="tax")
    scene.issue(4, service="residence")

    assert order_of_calls(scene, "3") == ["A001", "A002", "B501", "A003", "A004"]


def test_ticket_is_overtaken_without_end_where_no_limit_is_set():
    scene = Scene(with_rules(max_overtakes=None)).open("3")
    scene.issue(service="tax")
    scene.issue(30, service="residence")

    assert order_of_calls(scene, "3")[-1] == "B501"


def test_deferral_of_an_overtaken_ticket_counts_from_the_beginning():
    scene = Scene(with_rules(max_overtakes=1, defer_by=1)).open("1")
    scene.issue(3)
    scene.call("1", "A003")
    scene.does(cmd.Defer(by="web", number="A001"))

    assert scene.waiting() == ["A002", "A001"]


@pytest.mark.parametrize("finish", [cmd.Complete, cmd.NoShow])
def test_two_counters_never_call_the_same_ticket(finish):
    scene = Scene().open("1").open("2", by=MORI)
    scene.issue(6)
    called = []
    for _ in range(3):
        called.append(scene.call("1"))
        called.append(scene.decide(cmd.CallNext(by=MORI, counter="2")).number)
        scene.does(at_counter(finish))
        scene.does(finish(by=MORI, counter="2"))

    assert called == ["A001", "A002", "A003", "A004", "A005", "A006"]


# The queue itself


def queue_of(hall: Hall) -> Queue:
    return hall.queues["family"]


def test_queue_counts_who_is_ahead_of_a_place():
    scene = Scene()
    scene.issue(3)
    queue, second = queue_of(scene.hall), scene.ticket("A002")

    assert (len(queue), queue.ahead_of(second.place, "A002"), queue.ahead_of(place_by_issue(0, 999))) == (3, 1, 3)
    assert queue.ahead_of(place_by_issue(1, 999)) == 0


def test_queue_tells_who_is_behind_without_the_ticket_itself():
    scene = Scene()
    scene.issue(4)
    first = scene.ticket("A001")

    behind = [number for _, number in queue_of(scene.hall).behind(first.place, "A001", 2)]

    assert behind == ["A002", "A003"]


def test_place_behind_is_between_a_place_and_the_next():
    first, second = place_by_issue(0, 10), place_by_issue(0, 11)

    assert first < place_behind(first, 30) < place_behind(first, 20) < second
    assert place_behind(first, 30) < place_behind(place_behind(first, 30), 40) < place_behind(first, 20)


def test_queue_copy_is_independent():
    scene = Scene()
    scene.issue(2)
    copy = queue_of(scene.hall).copy()

    scene.issue()

    assert (list(copy), scene.waiting()) == (["A001", "A002"], ["A001", "A002", "A003"])
