import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from tests.ticketing.desk_given import Nodes, body_mac, key, number, outcome
from tests.ticketing.hall.given import KIOSK, OFFICE_HOURS, SATO, START, at_counter, call_next, issue, office
from tests.waiting import until
from ticketing.audit import Audit, Entry
from ticketing.clock import FixedClock
from ticketing.desk import GIVE_UP_SECONDS, MOST_TOGETHER, MOST_WAITING, UNKNOWN_SECONDS, Desk
from ticketing.hall import commands as cmd
from ticketing.hall import refusals as no
from ticketing.hall.view import ticket_view
from ticketing.journal.base import Batch, JournalUnavailable, Outcome, Recorded
from ticketing.orders import KeyReused, Unavailable

OPEN = at_counter(cmd.OpenCounter)


class Strange(cmd.Command):
    """A command that the rules know nothing of: they raise what nobody expects."""


# Durable before it is told


async def test_nobody_is_answered_or_told_before_it_is_stored(nodes: Nodes) -> None:
    node = await nodes.open()
    node.published.clear()
    node.line.is_open.clear()

    waiting = asyncio.create_task(node.desk.submit(issue()))
    await node.line.until_sent(2)
    await asyncio.sleep(0.02)
    before = (waiting.done(), dict(node.desk.hall.tickets), list(node.published), await node.kinds())
    node.line.is_open.set()
    answer = await waiting

    assert before == (False, {}, [], ["DayOpened"])
    assert answer.body == ticket_view(node.desk.hall, node.desk.hall.tickets["A001"], START)
    assert node.published == (await node.events())[1:]


async def test_commands_that_wait_share_one_append(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.is_open.clear()

    first = asyncio.create_task(node.desk.submit(issue()))
    await node.line.until_sent(2)
    others = [asyncio.create_task(node.desk.submit(issue())) for _ in range(50)]
    await asyncio.sleep(0)
    node.line.is_open.set()
    numbers = [number(answer) for answer in await asyncio.gather(first, *others)]

    assert numbers == [f"A{ordinal:03d}" for ordinal in range(1, 52)]
    assert [len(batch.events) for batch in node.line.sent] == [1, 1, 50]


async def test_a_caller_that_goes_away_takes_nothing_back(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.is_open.clear()
    waiting = asyncio.create_task(node.desk.submit(issue()))
    await node.line.until_sent(2)

    waiting.cancel()
    node.line.is_open.set()

    assert number(await node.desk.submit(issue())) == "A002"
    assert await node.kinds() == ["DayOpened", "TicketIssued", "TicketIssued"]


async def test_a_refusal_changes_nothing(nodes: Nodes) -> None:
    node = await nodes.open()

    with pytest.raises(no.CounterIsClosed):
        await node.desk.submit(call_next())

    assert await node.kinds() == ["DayOpened"]


async def test_more_commands_than_can_wait_are_sent_away_at_once(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.is_open.clear()
    accepted = [asyncio.create_task(node.desk.submit(cmd.Tick())) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable):
        await node.desk.submit(issue())

    node.line.is_open.set()
    assert len(await asyncio.gather(*accepted)) == MOST_WAITING


# Other processes


async def test_after_a_conflict_the_desk_reads_on_and_decides_again(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()

    numbers = [number(await node.desk.submit(issue())) for node in (one, other, one, one, other)]

    assert numbers == ["A001", "A002", "A003", "A004", "A005"]
    await one.desk.catch_up()
    assert other.desk.hall == one.desk.hall
    assert [event.seq for event in await one.events()] == [1, 2, 3, 4, 5, 6]
    assert other.published == await one.events()


async def test_two_desks_at_once_call_every_ticket_once(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    await one.desk.submit(OPEN)
    await one.desk.submit(at_counter(cmd.OpenCounter, "2"))
    for _ in range(20):
        await one.desk.submit(issue())

    calls = [
        node.desk.submit(call_next(counter, finish="complete"))
        for _ in range(10)
        for node, counter in ((one, "1"), (other, "2"))
    ]
    called = [number(answer) for answer in await asyncio.gather(*calls)]

    assert sorted(called) == [f"A{ordinal:03d}" for ordinal in range(1, 21)]


async def test_what_another_process_stored_is_read_when_it_is_heard_of(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    await one.desk.submit(issue())

    other.desk.heard(2)
    await until(lambda: "A001" in other.desk.hall.tickets)

    assert other.desk.hall == one.desk.hall
    assert other.published == one.published


async def test_that_nothing_is_to_be_done_is_said_of_the_present_hall(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    ask = cmd.RequestAlert(by="web", number="A001", ahead=0)
    await one.desk.submit(issue())
    await one.desk.submit(ask)
    await other.desk.catch_up()
    await one.desk.submit(cmd.WithdrawAlert(by="web", number="A001"))

    await other.desk.submit(ask)

    assert (await one.kinds())[-2:] == ["AlertWithdrawn", "AlertRequested"]


async def test_a_seq_heard_of_during_the_append_that_comes_before_it_is_read(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    append = one.line.append

    async def overtaken(batches: Sequence[Batch]) -> list[Outcome]:
        outcomes = await append(batches)
        one.line.append = append  # type: ignore[method-assign]
        await other.desk.submit(issue())
        one.desk.heard(other.desk.hall.seq)
        return outcomes

    one.line.append = overtaken  # type: ignore[method-assign]

    await one.desk.submit(issue())
    await until(lambda: one.desk.hall.seq == 3)

    assert list(one.desk.hall.tickets) == ["A001", "A002"]


async def test_catch_up_reads_to_the_end_of_the_journal(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    await one.desk.submit(issue())

    await other.desk.catch_up()

    assert other.desk.hall == one.desk.hall


async def test_catch_up_does_not_wait_for_a_busy_desk_to_fall_idle(nodes: Nodes) -> None:
    busy, other = await nodes.open(), await nodes.open()
    is_over = False

    async def go_on() -> None:
        while not is_over:
            await busy.desk.submit(issue())

    load = [asyncio.create_task(go_on()) for _ in range(4)]
    found = number(await other.desk.submit(issue(service="tax")))
    async with asyncio.timeout(5):
        await busy.desk.catch_up()
    is_there = found in busy.desk.hall.tickets
    is_over = True
    await asyncio.gather(*load)

    assert is_there


async def test_catch_up_says_when_the_journal_cannot_be_read(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    await one.desk.submit(issue())
    other.line.is_readable = False

    with pytest.raises(JournalUnavailable):
        await other.desk.catch_up()


async def test_nothing_is_refused_for_what_another_process_has_changed_already(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    await one.desk.submit(issue())

    answer = await other.desk.submit(cmd.Cancel(by="web", number="A001"))

    assert answer.body is not None
    assert answer.body["state"] == "cancelled"


async def test_a_desk_that_is_always_overtaken_with_many_commands_carries_out_fewer_at_once(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    append = one.line.append

    async def overtaken_if_large(batches: Sequence[Batch]) -> list[Outcome]:
        if len(batches[0].events) > 4:
            await other.desk.submit(issue("tax"))
        return await append(batches)

    one.line.append = overtaken_if_large  # type: ignore[method-assign]

    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(one.desk.submit(issue()) for _ in range(100)))

    assert [number(answer) for answer in answers] == [f"A{ordinal:03d}" for ordinal in range(1, 101)]
    assert [len(batch.events) for batch in one.line.sent[1:7]] == [100, 50, 25, 12, 6, 3]


# Lost connections


@pytest.mark.parametrize("fault", ["lose_reply", "lose_commit"])
async def test_a_command_whose_connection_was_lost_is_carried_out_once_and_answered(nodes: Nodes, fault: str) -> None:
    node = await nodes.open()
    node.line.faults = [fault]

    answers = await asyncio.gather(node.desk.submit(issue()), node.desk.submit(issue()))

    assert [number(answer) for answer in answers] == ["A001", "A002"]
    assert await node.kinds() == ["DayOpened", "TicketIssued", "TicketIssued"]
    assert node.published == await node.events()


async def test_after_a_lost_connection_only_what_is_missing_is_decided_again(nodes: Nodes) -> None:
    node, other = await nodes.open(), await nodes.open()
    node.line.faults = ["lose_commit", "lose_reply", "lose_commit"]

    answers = [number(await each.desk.submit(issue())) for each in (node, other, node)]

    assert answers == ["A001", "A002", "A003"]
    assert await node.kinds() == ["DayOpened"] + ["TicketIssued"] * 3


async def test_a_command_that_could_not_be_stored_in_time_is_not_carried_out_later(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By then its caller may have asked elsewhere, and have been refused there.
    node = await nodes.open()
    monkeypatch.setattr("ticketing.desk.GIVE_UP_SECONDS", 0.1)
    node.line.is_open.clear()
    node.line.faults = ["lose_commit"]

    lost = asyncio.create_task(node.desk.submit(issue()))
    await node.line.until_sent(2)
    behind = asyncio.create_task(node.desk.submit(issue()))
    await asyncio.sleep(0.2)
    node.line.is_open.set()
    outcomes = await asyncio.gather(lost, behind, return_exceptions=True)

    assert [type(each) for each in outcomes] == [Unavailable] * 2
    assert await node.kinds() == ["DayOpened"]
    assert number(await node.desk.submit(issue())) == "A001"


async def test_what_was_stored_after_all_is_answered_as_stored_and_not_as_decided_since(nodes: Nodes) -> None:
    # A database that waits for its standby may store what was given up long after.
    node = await nodes.open()
    node.line.faults = ["", "hang"]
    node.line.is_open.clear()
    zero = asyncio.create_task(node.desk.submit(issue()))
    await node.line.until_sent(2)
    late = asyncio.create_task(outcome(node.desk, issue()))
    await asyncio.sleep(0)
    one = asyncio.create_task(node.desk.submit(issue(), key=key()))
    await asyncio.sleep(0)
    first = node.desk._orders[0]
    node.line.is_open.set()
    await node.line.until_sent(3)

    # The second decision leaves the first order out, whose caller has gone elsewhere by now.
    first.decide_by = 0.0
    node.line.given_up.set()
    answers = [number(await zero), await late, number(await one)]
    again = number(await node.desk.submit(issue(), key=key()))

    assert (answers, again) == (["A001", Unavailable, "A003"], "A003")
    assert await node.kinds() == ["DayOpened"] + ["TicketIssued"] * 3


async def test_what_may_still_be_stored_is_not_refused(nodes: Nodes, clock: FixedClock) -> None:
    node = await nodes.open(office(hours=OFFICE_HOURS))
    node.line.faults = ["hang"]
    waiting = asyncio.create_task(outcome(node.desk, issue()))
    await node.line.until_sent(2)

    clock.advance(seconds=12 * 3600)
    node.line.given_up.set()

    assert await waiting is Unavailable


async def test_a_stored_command_whose_fate_stays_unknown_is_answered_to_its_key(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.faults, node.line.is_readable = ["lose_reply"], False

    with pytest.raises(Unavailable):
        await node.desk.submit(issue(), key=key())
    node.line.is_readable = True
    answer = await node.desk.submit(issue(), key=key())

    assert (number(answer), answer.is_repeated) == ("A001", True)
    assert await node.kinds() == ["DayOpened", "TicketIssued"]


async def test_commits_that_fail_one_after_the_other_are_not_tried_without_a_pause(nodes: Nodes) -> None:
    # As on a disk that is full.
    node = await nodes.open()
    sent = len(node.line.sent)
    node.line.faults = ["lose_commit"] * 10_000

    refused = await outcome(node.desk, issue())
    tried = len(node.line.sent) - sent
    node.line.faults.clear()

    assert (refused, await outcome(node.desk, issue())) == (Unavailable, "A001")
    assert tried <= GIVE_UP_SECONDS / UNKNOWN_SECONDS + 2


async def test_what_the_journal_lost_is_given_again(nodes: Nodes) -> None:
    # A backup was restored beside a running node, or a fail-over lost what no standby had.
    node = await nodes.open()
    for name in ("a", "b", "c"):
        await node.desk.submit(issue(), key=key(name))
    lose_events_behind(nodes, 3)

    answers = [number(await node.desk.submit(issue(), key=key(name))) for name in ("b", "d", "c")]

    assert answers == ["A002", "A003", "A004"]
    assert [each.seq for each in await node.events()] == [1, 2, 3, 4, 5]
    assert list(node.desk.hall.tickets) == ["A001", "A002", "A003", "A004"]


async def test_a_hall_that_the_journal_went_another_way_from_is_read_anew(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    await one.desk.submit(issue(service="tax"))
    lose_events_behind(nodes, 1)
    await other.desk.submit(issue())

    one.desk.cut_off()
    one.desk.heard(2)
    await until(lambda: not one.desk.is_cut_off and one.desk.hall == other.desk.hall)

    assert list(one.desk.hall.tickets) == ["A001"]


async def test_who_heard_nothing_is_cut_off_until_what_was_missed_is_read(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await nodes.open(), await nodes.open()
    asked, may_read, read = asyncio.Event(), asyncio.Event(), one.line.read

    async def read_late(*arguments: Any) -> list[Recorded]:
        asked.set()
        await may_read.wait()
        return await read(*arguments)

    monkeypatch.setattr(one.line, "read", read_late)
    one.desk.cut_off()
    await other.desk.submit(issue())

    one.desk.heard(2)
    await asked.wait()
    with pytest.raises(Unavailable):
        one.desk.check_heard()
    may_read.set()

    await until(lambda: not one.desk.is_cut_off)
    assert one.desk.hall == other.desk.hall


async def test_who_hears_again_while_an_append_is_under_way_is_cut_off_no_longer(nodes: Nodes) -> None:
    node = await nodes.open()
    node.desk.cut_off()
    node.line.is_open.clear()
    submitted = asyncio.create_task(node.desk.submit(issue()))
    await node.line.until_sent(2)

    node.desk.heard(1)
    node.line.is_open.set()
    await submitted

    await until(lambda: not node.desk.is_cut_off)


async def test_news_of_what_is_not_there_is_looked_for_once(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    node = await nodes.open()
    read, reads = node.line.read, []

    async def count(office_id: str, after_seq: int, limit: int | None = None) -> list[Recorded]:
        reads.append(after_seq)
        return await read(office_id, after_seq, limit)

    monkeypatch.setattr(node.line, "read", count)
    node.desk.heard(7)
    await until(lambda: reads)

    numbers = [number(await node.desk.submit(issue())) for _ in range(3)]

    assert (numbers, len(reads)) == (["A001", "A002", "A003"], 1)


def lose_events_behind(nodes: Nodes, seq: int) -> None:
    with closing(sqlite3.connect(nodes.path)) as file, file:
        file.execute("DELETE FROM events WHERE seq > ?", [seq])
        file.execute("DELETE FROM tickets WHERE issue_seq > ?", [seq])


async def test_a_journal_out_of_reach_is_told_and_forgotten_when_it_is_back(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.faults = ["refuse"]

    outcomes = [await outcome(node.desk, issue()) for _ in range(2)]

    assert outcomes == [Unavailable, "A001"]
    assert await node.kinds() == ["DayOpened", "TicketIssued"]


async def test_a_desk_that_could_not_read_on_tries_again_by_itself(nodes: Nodes) -> None:
    one, other = await nodes.open(), await nodes.open()
    await one.desk.submit(issue())
    other.line.is_readable = False
    other.desk.heard(2)
    await asyncio.sleep(0.02)

    other.line.is_readable = True
    await until(lambda: other.desk.hall.seq == 2)

    assert other.desk.hall == one.desk.hall


async def test_callers_beyond_the_batch_that_failed_are_not_left_waiting(nodes: Nodes) -> None:
    node = await nodes.open()
    node.line.is_open.clear()
    node.line.faults = ["refuse"]
    orders = [asyncio.create_task(outcome(node.desk, issue())) for _ in range(1 + MOST_TOGETHER)]
    await node.line.until_sent(2)

    node.line.is_open.set()
    async with asyncio.timeout(5):
        told = await asyncio.gather(*orders)

    assert told == [Unavailable] * MOST_TOGETHER + ["A001"]


# Faults in the rules


async def test_a_rule_that_fails_does_not_stop_the_desk(nodes: Nodes) -> None:
    node = await nodes.open()

    outcomes = [await outcome(node.desk, each) for each in (Strange(by=KIOSK), issue())]

    assert outcomes == [Unavailable, "A001"]


async def test_a_rule_that_fails_fails_nobody_else(nodes: Nodes) -> None:
    node = await nodes.open()

    outcomes = await asyncio.gather(
        *(outcome(node.desk, each) for each in (issue(), Strange(by=KIOSK), issue(), issue()))
    )

    assert outcomes == ["A001", Unavailable, "A002", "A003"]
    assert await node.kinds() == ["DayOpened"] + ["TicketIssued"] * 3


async def test_a_listener_that_fails_leads_to_nothing_twice(nodes: Nodes, clock: FixedClock) -> None:
    line = await nodes.line()

    def fail(desk: Desk, events: object) -> None:
        raise RuntimeError("a fault in a listener")

    desk = Desk(office(), line, clock, body_mac, fail)
    await desk.start()

    numbers = [number(answer) for answer in await asyncio.gather(desk.submit(issue()), desk.submit(issue()))]

    await desk.stop()
    assert (numbers, await line.head("ward")) == (["A001", "A002"], 3)


# The record of operations


async def test_what_staff_do_is_recorded_with_what_became_of_it(nodes: Nodes) -> None:
    node = await nodes.open()

    await node.desk.submit(OPEN, key=key(), address="192.0.2.7")
    await node.desk.submit(OPEN, key=key(), address="192.0.2.7")
    for refused in (at_counter(cmd.Recall), call_next(counter="9")):
        with pytest.raises(no.Refusal):
            await node.desk.submit(refused, address="192.0.2.7")
    with pytest.raises(KeyReused):
        await node.desk.submit(at_counter(cmd.CloseCounter), key=key(body=b"other"), address="192.0.2.7")

    assert await _recorded(nodes) == [
        _entry("queue.open-counter", "1", "ok"),
        _entry("queue.recall", "1", "nobody_there"),
        _entry("queue.call-next", "9", "unknown_counter"),
        _entry("queue.close-counter", "1", "idempotency_key_reused"),
    ]


async def test_what_visitors_and_devices_do_is_not_in_the_record_of_operations(nodes: Nodes) -> None:
    node = await nodes.open()

    for command in (issue(), issue(channel="web"), cmd.Cancel(by="web", number="A001")):
        await node.desk.submit(command, address="192.0.2.7")

    assert await _recorded(nodes) == []


def _entry(what: str, target: str, result: str) -> Entry:
    return Entry(at=START, who=SATO, what=what, target=target, office_id="ward", address="192.0.2.7", result=result)


async def _recorded(nodes: Nodes) -> list[Entry]:
    file = (await nodes.line())._file
    return [row.entry for row in await Audit(file).list()]
