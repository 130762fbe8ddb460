from random import Random

import pytest

from ticketing.commands.node import Node
from ticketing.demo.crowd import CLERK, MOST_WAITING, Crowd, send_home
from ticketing.desk import Desk
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall.refusals import Refusal
from ticketing.hall.ticket import State

STEPS = 400


@pytest.fixture
def desk(node: Node) -> Desk:
    return node.site.desk("sakura")


async def walk(crowd: Crowd, steps: int = STEPS) -> None:
    for _ in range(steps):
        try:
            await crowd.step()
        except Refusal as refusal:
            pytest.fail(f"refused: {refusal.code}")


async def test_crowd_does_all_that_a_hall_knows_and_leaves_two_counters(node: Node, desk: Desk) -> None:
    crowd = Crowd(desk, Random(7))
    seen: set[type[ev.Event]] = set()
    waiting: list[int] = []

    def look(_: Desk, events: object) -> None:
        assert isinstance(events, list | tuple)
        seen.update(type(event) for event in events)
        waiting.append(sum(len(queue) for queue in desk.hall.queues.values()))

    node.site.desks.listeners.append(look)

    await walk(crowd)

    assert seen >= {
        ev.TicketIssued, ev.TicketArrived, ev.CounterOpened, ev.TicketCalled, ev.TicketRecalled, ev.ServingStarted,
        ev.TicketCompleted, ev.TicketNoShow, ev.TicketHeld, ev.TicketResumed, ev.TicketTransferred,
    }  # fmt: skip
    assert max(waiting) <= MOST_WAITING
    assert [counter_id for counter_id, state in desk.hall.counters.items() if not state.is_open] == ["1", "2"]


async def test_crowd_keeps_away_from_a_counter_that_somebody_holds(desk: Desk) -> None:
    await desk.submit(cmd.OpenCounter(by="staff:sato", counter="5"))

    await walk(Crowd(desk, Random(7)), 150)

    assert desk.hall.counters["5"].staff == "staff:sato"
    assert desk.hall.counters["5"].number is None


async def test_crowd_does_not_come_back_to_a_counter_that_was_taken_away(desk: Desk) -> None:
    crowd = Crowd(desk, Random(7))
    await walk(crowd, 100)
    await empty(desk, "6")
    await desk.submit(cmd.CloseCounter(by="staff:yamada", counter="6", force=True))

    await walk(crowd, 100)

    assert not desk.hall.counters["6"].is_open


async def empty(desk: Desk, counter_id: str) -> None:
    if desk.hall.counters[counter_id].number is not None:
        await desk.submit(cmd.Complete(by=f"{CLERK}{counter_id}", counter=counter_id))


async def test_crowd_plays_no_tricks_with_the_tickets_of_real_people(desk: Desk) -> None:
    numbers = []
    for _ in range(20):
        answer = await desk.submit(cmd.Issue(by="kiosk:abc", service="certificates", channel="kiosk", language="ja"))
        assert answer.body is not None
        numbers.append(answer.body["number"])

    await walk(Crowd(desk, Random(7)))

    assert {desk.hall.tickets[number].state for number in numbers} == {State.COMPLETED}


async def test_crowd_rests_on_a_closed_day(desk: Desk) -> None:
    crowd = Crowd(desk, Random(7))
    await desk.submit(cmd.CloseDay(by="staff:yamada"))
    seq = desk.hall.seq

    await walk(crowd, 50)

    assert desk.hall.seq == seq


async def test_clerks_of_the_crowd_go_home_and_others_stay(desk: Desk) -> None:
    await desk.submit(cmd.OpenCounter(by="staff:sato", counter="1"))
    await walk(Crowd(desk, Random(7)), 100)

    await send_home(desk)

    assert [counter_id for counter_id, state in desk.hall.counters.items() if state.is_open] == ["1"]
