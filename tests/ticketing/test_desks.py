import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.ticketing.desk_given import Line, Nodes, body_mac, number, outcome
from tests.ticketing.hall.given import START, issue, office
from tests.waiting import until
from ticketing.clock import FixedClock
from ticketing.desk import Desk
from ticketing.desks import Desks
from ticketing.hall.events import Event
from ticketing.journal.base import ClockIsOff, JournalUnavailable
from ticketing.orders import Unavailable

OFFICES = (office(), office(id="north"))


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    nodes = Nodes(tmp_path)
    yield nodes
    await nodes.close()


@pytest.fixture
async def line(nodes: Nodes) -> Line:
    return await nodes.line()


@pytest.fixture
async def desks(line: Line) -> AsyncIterator[Desks]:
    desks = desks_on(line)
    yield desks
    await desks.stop()


def desks_on(line: Line) -> Desks:
    return Desks(OFFICES, line, FixedClock(START), body_mac)


def desk(desks: Desks, office_id: str = "ward") -> Desk:
    found = desks.get(office_id)
    assert found is not None
    return found


def kinds(events: Sequence[Event]) -> list[str]:
    return [type(each).__name__ for each in events]


async def test_every_office_has_a_desk(desks: Desks) -> None:
    await desks.start()

    assert [each.office.id for each in desks] == ["ward", "north"]
    assert [each.hall.day for each in desks] == [START.date()] * 2
    assert desks.get("moon") is None


async def test_listeners_hear_of_every_office(desks: Desks) -> None:
    heard: list[tuple[str, list[str]]] = []
    desks.listeners.append(
        lambda desk, events: heard.append((desk.office.id, [type(each).__name__ for each in events]))
    )

    await desks.start()
    await desk(desks, "north").submit(issue())

    assert sorted(heard) == [("north", ["DayOpened"]), ("north", ["TicketIssued"]), ("ward", ["DayOpened"])]


async def test_after_a_standstill_nothing_is_taken_for_a_moment(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is in the sockets by then may have been asked elsewhere meanwhile.
    monkeypatch.setattr("ticketing.desks.MOST_STANDSTILL", 0.5)
    await desks.start()

    time.sleep(1)  # noqa: ASYNC251 - the whole process stands still
    await until(lambda: desk(desks).takes_none_before)

    with pytest.raises(Unavailable):
        await desk(desks).submit(issue())
    await until(lambda: asyncio.get_running_loop().time() > desk(desks).takes_none_before)
    await desk(desks).submit(issue())


async def test_a_listener_that_fails_is_nobody_elses_trouble(desks: Desks, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Event] = []

    def fail(desk: Desk, events: Sequence[Event]) -> None:
        raise RuntimeError("a fault in a listener")

    desks.listeners += [fail, lambda desk, events: heard.extend(events)]
    await desks.start()

    answer = await desk(desks).submit(issue())

    assert answer.body is not None
    assert kinds(heard) == ["DayOpened", "DayOpened", "TicketIssued"]
    assert {record.message for record in caplog.records} == {
        "office ward: a listener failed", "office north: a listener failed"
    }  # fmt: skip


async def test_what_another_node_stores_is_heard_of(nodes: Nodes, desks: Desks) -> None:
    await desks.start()
    other = await nodes.open()

    await other.desk.submit(issue())

    await until(lambda: "A001" in desk(desks).hall.tickets, 20)
    assert desk(desks).hall == other.desk.hall


async def test_nodes_that_could_not_be_heard_for_a_while_are_heard_again(nodes: Nodes) -> None:
    line = Flaky((await nodes.line())._file)
    desks = desks_on(line)
    await desks.start()
    other = await nodes.open()

    await other.desk.submit(issue())

    await until(lambda: "A001" in desk(desks).hall.tickets, 20)
    await desks.stop()
    assert line.listened == 3


class Flaky(Line):
    """A journal that first cannot be listened to."""

    listened = 0
    faults_of_listening = (JournalUnavailable("refused"), RuntimeError("of nobody's making"))

    async def listen(self, office_ids, heard):  # type: ignore[no-untyped-def]
        self.listened += 1
        if self.listened <= 2:
            raise self.faults_of_listening[self.listened - 1]
        await super().listen(office_ids, heard)


class OtherClock(Line):
    """A journal on a machine with a clock of its own."""

    skew = 0.0

    async def clock_skew(self, now: datetime) -> float:
        return self.skew


@pytest.mark.parametrize("skew", [-5.1, 5.1])
async def test_a_node_with_a_wrong_clock_takes_no_commands_until_it_is_right(nodes: Nodes, skew: float) -> None:
    line = OtherClock((await nodes.line())._file)
    desks = desks_on(line)
    await desks.start()

    line.skew = skew
    await desks.check_clock()
    with pytest.raises(Unavailable, match="clock is wrong"):
        await desk(desks).submit(issue())
    line.skew = skew / 2
    await desks.check_clock()
    answer = await desk(desks).submit(issue())

    await desks.stop()
    assert answer.body is not None


async def test_a_node_with_a_wrong_clock_does_not_start(nodes: Nodes) -> None:
    line = OtherClock((await nodes.line())._file)
    line.skew = 86400.0
    desks = desks_on(line)

    with pytest.raises(ClockIsOff, match=r"86400.0 s ahead of the journal's"):
        await desks.start()

    await desks.stop()
    assert line.sent == []


async def test_a_clock_that_jumps_ends_no_day(nodes: Nodes) -> None:
    line, clock = OtherClock((await nodes.line())._file), FixedClock(START)
    desks = Desks([office()], line, clock, body_mac)
    await desks.start()
    await desk(desks).submit(issue())

    clock.advance(seconds=86400)
    line.skew = 86400.0
    told = await outcome(desk(desks), issue())
    clock.set(START)
    line.skew = 0.0
    answer = await desk(desks).submit(issue())

    await desks.stop()
    assert (told, number(answer)) == (Unavailable, "A002")


async def test_a_clock_that_cannot_be_compared_changes_nothing(nodes: Nodes) -> None:
    line = OtherClock((await nodes.line())._file)
    desks = desks_on(line)
    await desks.start()
    line.skew = 60.0
    await desks.check_clock()

    async def refuse(now: datetime) -> float:
        raise JournalUnavailable("refused")

    line.clock_skew = refuse  # type: ignore[method-assign]
    await desks.check_clock()

    async def fail(now: datetime) -> float:
        raise RuntimeError("of nobody's making")

    line.clock_skew = fail  # type: ignore[method-assign]
    await desks.check_clock()

    await desks.stop()
    assert [each.out_of_order is not None for each in desks] == [True, True]


async def test_a_start_without_the_journal_is_told_and_can_be_stopped(desks: Desks, line: Line) -> None:
    line.is_readable = False

    with pytest.raises(JournalUnavailable):
        await desks.start()

    async with asyncio.timeout(5):
        await desks.stop()


async def test_a_definition_that_changed_waits_for_the_next_day(nodes: Nodes, line: Line) -> None:
    await (await nodes.open()).desk.stop()
    changed = replace(office(), counters=office().counters[:1])
    desks = Desks([changed], line, FixedClock(START), body_mac)

    await desks.start()

    hall = desk(desks).hall
    await desks.stop()
    assert (hall.office, hall.definition) == (office(), changed)
