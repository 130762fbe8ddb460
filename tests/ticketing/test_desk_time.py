"""A desk over time: days that turn, its start and its end."""

import asyncio
from datetime import timedelta

import pytest

from tests.ticketing.desk_given import Nodes, number, outcome
from tests.ticketing.hall.given import SATO, START, at_counter, call_next, issue
from ticketing.clock import FixedClock
from ticketing.desk import MOST_TOGETHER
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.journal.base import JournalUnavailable
from ticketing.orders import Unavailable

OPEN = at_counter(cmd.OpenCounter)
DAY = timedelta(days=1).total_seconds()


# Time


async def test_a_day_turns_in_the_append_of_the_command_that_finds_it_over(nodes: Nodes, clock: FixedClock) -> None:
    node = await nodes.open()
    await node.desk.submit(OPEN)
    await node.desk.submit(issue())
    await node.desk.submit(call_next())
    yesterday = node.desk.hall.day
    assert yesterday is not None
    node.line.sent.clear()
    clock.advance(seconds=DAY)

    answer = await node.desk.submit(issue())

    rows = await node.line.tickets("ward", yesterday)
    today = await node.line.tickets("ward", answer.day)
    assert node.line.kinds == [["DayClosed", "DayOpened", "TicketIssued"]]
    assert [(row.number, row.state, row.ended_by) for row in rows] == [("A001", "closed", "tick")]
    assert [(row.number, row.state, row.ended_by) for row in today] == [("A001", "waiting", None)]
    assert (await node.line.day("ward", yesterday), answer.day) != (None, yesterday)


async def test_a_day_that_turns_after_commands_of_the_old_one_keeps_both_days_rows(
    nodes: Nodes, clock: FixedClock
) -> None:
    node = await nodes.open()
    yesterday = node.desk.hall.day
    assert yesterday is not None
    await node.desk.submit(issue())
    await node.desk.submit(cmd.CloseDay(by=SATO))
    clock.advance(seconds=DAY)

    await asyncio.gather(node.desk.submit(cmd.Tick()), node.desk.submit(issue()))

    rows = await node.line.tickets("ward", yesterday)
    assert [(row.number, row.state, row.ended_by) for row in rows] == [("A001", "closed", SATO)]
    assert (await node.kinds())[-2:] == ["DayOpened", "TicketIssued"]


async def test_an_office_with_nothing_to_do_turns_its_day_by_itself(nodes: Nodes, clock: FixedClock) -> None:
    closes_at = START + timedelta(hours=14)  # midnight in Tokyo
    clock.set(closes_at - timedelta(seconds=0.01))
    node = await nodes.open()

    clock.set(closes_at)
    await node.line.until_sent(2)
    await node.desk.submit(cmd.Tick())

    assert node.line.kinds == [["DayOpened"], ["DayClosed", "DayOpened"]]


async def test_time_never_goes_back_in_the_journal(nodes: Nodes, clock: FixedClock) -> None:
    node = await nodes.open()
    clock.advance(seconds=60)
    await node.desk.submit(issue())
    clock.set(START - timedelta(hours=1))

    await node.desk.submit(issue())

    assert [event.at for event in await node.events()] == [START] + [START + timedelta(seconds=60)] * 2


async def test_a_desk_out_of_order_takes_nothing_and_says_why(nodes: Nodes) -> None:
    node = await nodes.open()
    node.desk.out_of_order = "The clock is wrong."

    with pytest.raises(Unavailable, match=r"The clock is wrong\."):
        await node.desk.submit(issue())
    node.desk.out_of_order = None

    assert number(await node.desk.submit(issue())) == "A001"


# Start and stop


async def test_a_hall_is_rebuilt_from_its_day_alone(nodes: Nodes, clock: FixedClock) -> None:
    node = await nodes.open()
    await node.desk.submit(issue())
    clock.advance(seconds=DAY)
    for command in (issue(), issue("tax"), OPEN, call_next(), issue(channel="web"), at_counter(cmd.Hold)):
        await node.desk.submit(command)
    await node.desk.stop()

    again = await nodes.open()

    assert again.desk.hall == node.desk.hall
    opened = next(event.seq for event in await node.events() if isinstance(event, ev.DayOpened) and event.at > START)
    assert again.published == [event for event in await node.events() if event.seq >= opened]


async def test_a_journal_that_cannot_be_read_at_the_start_is_told(nodes: Nodes) -> None:
    node = await nodes.build()
    node.line.is_readable = False

    with pytest.raises(JournalUnavailable):
        await node.desk.start()


async def test_a_journal_that_cannot_be_written_at_the_start_is_told(nodes: Nodes) -> None:
    node = await nodes.build()
    node.line.faults = ["refuse"]

    with pytest.raises(JournalUnavailable):
        await node.desk.start()


async def test_stop_answers_what_was_accepted_and_takes_no_more(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.is_open.clear()
    accepted = [asyncio.create_task(node.desk.submit(issue())) for _ in range(5)]
    await node.line.until_sent(2)

    stopping = asyncio.create_task(node.desk.stop())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await node.desk.submit(issue())
    node.line.is_open.set()
    await stopping

    assert [number(await each) for each in accepted] == [f"A00{ordinal}" for ordinal in range(1, 6)]


async def test_stop_ends_although_the_journal_is_out_of_reach(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.is_open.clear()
    node.line.faults = ["refuse"] * 10
    accepted = [asyncio.create_task(outcome(node.desk, issue())) for _ in range(3 * MOST_TOGETHER)]
    await node.line.until_sent(2)
    stopping = asyncio.create_task(node.desk.stop())
    await asyncio.sleep(0)

    node.line.is_open.set()
    async with asyncio.timeout(5):
        await stopping

    assert set(await asyncio.gather(*accepted)) == {Unavailable}
