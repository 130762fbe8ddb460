"""A desk and Idempotency-Keys: the same key gives the same answer, and nothing is carried out twice."""

import asyncio
from datetime import timedelta

import pytest

from tests.ticketing.desk_given import Nodes, key, number
from tests.ticketing.hall.given import at_counter, call_next, issue, web, with_family
from ticketing.clock import FixedClock
from ticketing.hall import commands as cmd
from ticketing.hall import refusals as no
from ticketing.orders import Answer, KeyReused

OPEN = at_counter(cmd.OpenCounter)
DAY = timedelta(days=1).total_seconds()


async def test_a_key_with_the_same_body_gives_the_first_answer_again(nodes: Nodes, clock: FixedClock) -> None:
    node = await nodes.open()
    first = await node.desk.submit(issue(), key=key())
    await node.desk.submit(OPEN)
    await node.desk.submit(call_next())
    clock.advance(seconds=60)

    again = await node.desk.submit(issue(), key=key())

    assert again == Answer(first.body, first.day, is_repeated=True)
    assert (await node.kinds()).count("TicketIssued") == 1


async def test_one_key_twice_in_one_append_is_carried_out_once(nodes: Nodes) -> None:
    node = await nodes.open()

    answers = await asyncio.gather(*(node.desk.submit(issue(), key=key()) for _ in range(3)))

    assert [(number(answer), answer.is_repeated) for answer in answers] == [
        ("A001", False), ("A001", True), ("A001", True)
    ]  # fmt: skip
    assert await node.kinds() == ["DayOpened", "TicketIssued"]


async def test_a_key_is_remembered_over_a_restart(nodes: Nodes) -> None:
    node = await nodes.open()
    first = await node.desk.submit(issue(), key=key())
    await node.desk.stop()

    again = await (await nodes.open()).desk.submit(issue(), key=key())

    assert again == Answer(first.body, first.day, is_repeated=True)


async def test_a_key_is_known_to_other_processes(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    first = await one.desk.submit(issue(), key=key())

    again = await other.desk.submit(issue(), key=key())
    with pytest.raises(KeyReused):
        await other.desk.submit(issue(), key=key(body=b'{"service":"tax"}'))

    assert again == Answer(first.body, first.day, is_repeated=True)
    assert await one.kinds() == ["DayOpened", "TicketIssued"]


async def test_a_key_of_another_process_goes_before_a_refusal_that_is_out_of_date(nodes: Nodes) -> None:
    definition = with_family(web=web(most_open=1))
    one, other = await nodes.open(definition), await nodes.open(definition)
    await one.desk.submit(issue(channel="web"))
    await other.desk.catch_up()
    await one.desk.submit(cmd.Cancel(by="web", number="A001"))
    first = await one.desk.submit(issue(channel="web"), key=key())

    again = await other.desk.submit(issue(channel="web"), key=key())

    assert again == Answer(first.body, first.day, is_repeated=True)


async def test_a_key_with_another_body_is_refused(nodes: Nodes) -> None:
    node = await nodes.open()
    await node.desk.submit(issue(), key=key())

    with pytest.raises(KeyReused):
        await node.desk.submit(issue(), key=key(body=b'{"service":"tax"}'))

    assert await node.kinds() == ["DayOpened", "TicketIssued"]


async def test_a_key_belongs_to_its_scope(nodes: Nodes) -> None:
    node = await nodes.open()

    answers = [await node.desk.submit(issue(), key=key(scope=scope)) for scope in ("kiosk:k1", "kiosk:k2")]

    assert [number(answer) for answer in answers] == ["A001", "A002"]


async def test_a_refusal_is_decided_afresh_for_the_same_key(nodes: Nodes) -> None:
    node = await nodes.open()
    await node.desk.submit(issue())
    with pytest.raises(no.CounterIsClosed):
        await node.desk.submit(call_next(), key=key())
    await node.desk.submit(OPEN)

    answer = await node.desk.submit(call_next(), key=key())

    assert (number(answer), answer.is_repeated) == ("A001", False)


@pytest.mark.parametrize("finish", [None, "complete"])
async def test_that_nobody_waits_is_decided_afresh_for_the_same_key(nodes: Nodes, finish: cmd.Finish | None) -> None:
    node = await nodes.open()
    await node.desk.submit(OPEN)
    if finish:
        await node.desk.submit(issue())
        await node.desk.submit(call_next())
    command = call_next(finish=finish)

    nobody = await node.desk.submit(command, key=key())
    await node.desk.submit(issue())
    somebody = await node.desk.submit(command, key=key())

    assert (nobody.body, somebody.is_repeated) == (None, False)
    assert number(somebody) == ("A002" if finish else "A001")


async def test_a_key_is_free_again_on_the_next_day(nodes: Nodes, clock: FixedClock) -> None:
    node = await nodes.open()
    await node.desk.submit(issue(), key=key())
    clock.advance(seconds=DAY)

    answer = await node.desk.submit(issue("tax"), key=key(body=b'{"service":"tax"}'))

    assert (number(answer), answer.is_repeated) == ("B501", False)


async def test_a_key_belongs_to_its_day_after_a_restart_too(nodes: Nodes, clock: FixedClock) -> None:
    node = await nodes.open()
    await node.desk.submit(issue(), key=key())
    await node.desk.stop()
    clock.advance(seconds=DAY)

    answer = await (await nodes.open()).desk.submit(issue("tax"), key=key(body=b"{}"))

    assert (number(answer), answer.is_repeated) == ("B501", False)
