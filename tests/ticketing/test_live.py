import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from tests.ticketing.hall.board import merge
from tests.ticketing.hall.given import COUNTERS, KIOSK, MORI, SATO, START, Scene, at_counter, call_next, issue, office
from tests.waiting import until
from ticketing.clock import FixedClock, rfc3339
from ticketing.hall import commands as cmd
from ticketing.hall.events import Event
from ticketing.hall.model import Hall
from ticketing.hall.office import Office
from ticketing.hall.view import Json, snapshot, ticket_view
from ticketing.live import COALESCE_SECONDS, SLOW_SECONDS, Feed, Live, Watcher
from ticketing.live_protocol import text_frame

DAY = START.date()


class Line:
    """A client's connection; it takes everything until it is told to take nothing."""

    def __init__(self) -> None:
        self.is_open = True
        self.frames: list[Json] = []
        self.closed: int | None = None

    def offer(self, frame: bytes) -> bool:
        if self.is_open:
            skip = {126: 4, 127: 10}.get(frame[1], 2)
            self.frames.append(msgspec.json.decode(frame[skip:]))
        return self.is_open

    def close(self, code: int) -> None:
        self.closed = code

    @property
    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def take(self) -> list[Json]:
        frames, self.frames = self.frames, []
        return frames


class Desk:
    """What the feed sees of a desk: an office and its hall."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.is_cut_off = False

    @property
    def office(self) -> Office:
        return self._scene.hall.definition

    @property
    def hall(self) -> Hall:
        return self._scene.hall


class Stage:
    """A scene with its live feed."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.clock = FixedClock(START)
        self.live = Live(self.clock)
        self.desk = Desk(self.scene)
        self.extras: dict[str, Json] = {}
        self.live.start([self.desk], self._extras)  # type: ignore[list-item]

    async def _extras(self, office_id: str, day: date, number: str) -> Json:
        return self.extras.get(number, {"contact": None, "alerts": []})

    @property
    def feed(self) -> Feed:
        feed = self.live.feed("ward")
        assert feed is not None
        return feed

    def board(self) -> tuple[Watcher, Line]:
        line = Line()
        watcher = Watcher(line)
        self.feed.join(watcher)
        return watcher, line

    async def visitor(self, number: str) -> tuple[Watcher, Line]:
        watcher, line = self.board()
        line.take()
        await self.live.follow(self.feed, watcher, DAY, number)
        return watcher, line

    def does(self, command: cmd.Command, seconds: float = 0) -> list[Event]:
        """Carries a command out and tells the feed, as a desk does."""
        decision = self.scene.decide(command, seconds)
        self.clock.set(self.scene.now)
        self.live.stored(self.desk, decision.events)  # type: ignore[arg-type]
        return decision.events

    @property
    def head(self) -> Json:
        return {"seq": self.scene.hall.seq, "now": rfc3339(self.clock.now())}

    def ticket(self, number: str, **extras: Any) -> Json:
        hall = self.scene.hall
        beside = {"contact": None, "alerts": [], **extras}
        return {"type": "ticket", **ticket_view(hall, hall.tickets[number], self.clock.now()), **beside}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    await stage.live.stop()


# Boards


async def test_a_board_gets_the_whole_picture_first(stage: Stage) -> None:
    stage.does(at_counter(cmd.OpenCounter))
    stage.does(issue())
    stage.does(call_next())

    _, line = stage.board()

    assert line.frames == [{"type": "snapshot", **stage.head, **snapshot(stage.scene.hall, START)}]


async def test_a_call_is_told_at_once_to_every_board(stage: Stage) -> None:
    stage.does(at_counter(cmd.OpenCounter))
    stage.does(issue())
    boards = [stage.board() for _ in range(3)]

    (called,) = stage.does(call_next())

    change = boards[0][1].frames[1]
    assert [line.frames[1:] for _, line in boards] == [[change]] * 3
    assert {name: change[name] for name in ("type", "seq", "now")} == {"type": "change", **stage.head}
    assert [each["id"] for each in change["counters"]] == ["1"]
    assert change["calls"] == [
        {"seq": called.seq, "number": "A001", "counter": "1", "at": rfc3339(START), "call_count": 1, "language": "ja"}
    ]


async def test_other_changes_are_gathered_to_five_a_second(stage: Stage) -> None:
    _, line = stage.board()
    stage.does(issue())

    begin = asyncio.get_running_loop().time()
    for _ in range(20):
        stage.does(issue())
    during = line.kinds
    await until(lambda: len(line.frames) == 3)
    passed = asyncio.get_running_loop().time() - begin

    assert during == ["snapshot", "change"]
    assert line.frames[-1]["services"][0]["waiting"] == [f"A{ordinal:03d}" for ordinal in range(1, 22)]
    assert passed >= COALESCE_SECONDS * 0.9


async def test_a_call_takes_with_it_what_was_being_gathered(stage: Stage) -> None:
    stage.does(at_counter(cmd.OpenCounter))
    _, line = stage.board()
    stage.does(issue())
    stage.does(issue())

    stage.does(call_next())
    await asyncio.sleep(COALESCE_SECONDS * 1.5)

    assert line.kinds == ["snapshot", "change", "change"]
    assert line.frames[-1]["services"][0]["waiting"] == ["A002"]


async def test_a_board_that_comes_while_changes_are_gathered_misses_nothing(stage: Stage) -> None:
    _, first = stage.board()
    stage.does(issue())
    seq = stage.scene.hall.seq
    stage.does(issue())

    _, late = stage.board()
    await until(lambda: len(late.frames) == 2)

    assert (late.frames[0]["seq"], late.kinds) == (seq, ["snapshot", "change"])
    assert shown(late) == shown(first) == without_calls(snapshot(stage.scene.hall, START))


async def test_nothing_new_is_not_told(stage: Stage) -> None:
    _, line = stage.board()

    stage.does(cmd.OpenService(by=SATO, service="tax", channels=("web",)))
    stage.feed.publish()

    assert line.kinds == ["snapshot"]


async def test_a_pulse_comes_with_waits_that_changed_by_time_alone(stage: Stage) -> None:
    stage.does(at_counter(cmd.OpenCounter))
    stage.does(issue())
    stage.does(call_next())
    stage.does(issue())
    _, line = stage.board()
    stage.clock.advance(seconds=240)

    stage.feed.pulse()

    assert line.kinds == ["snapshot", "change", "pulse"]
    assert line.frames[-1] == {"type": "pulse", **stage.head}
    assert shown(line) == without_calls(snapshot(stage.scene.hall, stage.clock.now()))


async def test_a_day_under_another_definition_is_told_whole(stage: Stage) -> None:
    _, line = stage.board()
    stage.scene.hall.definition = replace(office(), counters=COUNTERS[:2])

    stage.does(cmd.Tick(), seconds=86_400)

    await until(lambda: len(line.frames) == 2)
    assert line.frames[1] == {"type": "snapshot", **stage.head, **snapshot(stage.scene.hall, stage.clock.now())}


async def test_nobody_is_told_anything_after_leaving(stage: Stage) -> None:
    watcher, line = stage.board()

    stage.feed.leave(watcher)
    stage.feed.leave(watcher)
    stage.does(issue())

    assert (line.kinds, stage.live.watcher_count) == (["snapshot"], 0)


@pytest.mark.parametrize("seed", range(5))
async def test_snapshot_and_changes_add_up_to_the_hall_over_random_days(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    lines = [stage.board()[1]]
    for _ in range(300):
        stage.does(anything(chance), seconds=chance.choice((0, 0, 1, 20, 400)))
        if chance.random() < 0.05:
            lines.append(stage.board()[1])
        if chance.random() < 0.1:
            stage.feed.pulse()

    stage.feed.publish()

    expected = without_calls(snapshot(stage.scene.hall, stage.clock.now()))
    assert [shown(line) for line in lines] == [expected] * len(lines)
    announced = [call["seq"] for frame in lines[0].frames for call in frame.get("calls", ())]
    calls = [each.seq for each in stage.scene.events if type(each).__name__ in ("TicketCalled", "TicketRecalled")]
    assert announced == calls


def anything(chance: random.Random) -> cmd.Command:
    """Something that somebody may try, allowed or not."""
    number, counter = f"A{chance.randint(1, 60):03d}", chance.choice("1234")
    by = chance.choice((SATO, SATO, SATO, MORI))
    service = chance.choice(("family", "residence", "tax"))
    return chance.choice(
        (
            issue(service), issue(service), issue("family", "web"), cmd.OpenCounter(by=by, counter=counter),
            cmd.CallNext(by=by, counter=counter, finish="complete"), cmd.CallNext(by=by, counter=counter),
            cmd.Recall(by=by, counter=counter), cmd.NoShow(by=by, counter=counter),
            cmd.Hold(by=by, counter=counter), cmd.Transfer(by=by, counter=counter, service=service),
            cmd.Resume(by=by, counter=counter, number=number), cmd.Reinstate(by=by, number=number),
            cmd.Arrive(by=KIOSK, number=number, way="kiosk"), cmd.Cancel(by="web", number=number),
            cmd.Defer(by="web", number=number), cmd.CloseCounter(by=by, counter=counter),
            cmd.CloseService(by=by, service=service, channels=("kiosk",)),
            cmd.OpenService(by=by, service=service, channels=("kiosk",)),
            cmd.SetNotice(by=by, text=chance.choice(("busy", None))), cmd.Undo(by=by, counter=counter),
        )
    )  # fmt: skip


def shown(line: Line) -> Json:
    """What a board shows after the frames that it got."""
    view: Json = {}
    for frame in line.frames:
        if frame["type"] == "snapshot":
            view = frame
        elif frame["type"] == "change":
            view = merge(view, frame)
    return without_calls(view)


def without_calls(view: Json) -> Json:
    return {name: value for name, value in view.items() if name not in ("type", "seq", "now", "calls")}


# Visitors


async def test_a_visitor_hears_of_the_own_ticket_only(stage: Stage) -> None:
    for _ in range(3):
        stage.does(issue())
    _, line = await stage.visitor("A002")
    stage.does(at_counter(cmd.OpenCounter))
    line.take()

    stage.does(call_next())
    first = line.take()
    stage.does(call_next(finish="complete"))
    second = line.take()
    stage.feed.publish()

    assert (first[0]["ahead"], first[0]["number"], len(first)) == (0, "A002", 1)
    assert second == [stage.ticket("A002")]
    assert (second[0]["state"], line.frames) == ("called", [])


async def test_a_node_that_cannot_hear_of_others_gives_no_pulse(stage: Stage) -> None:
    _, line = stage.board()
    line.take()

    stage.desk.is_cut_off = True
    stage.feed.pulse()
    kinds = line.kinds
    stage.desk.is_cut_off = False
    stage.feed.pulse()

    assert (kinds, line.kinds) == ([], ["pulse"])


async def test_boards_get_signs_of_life_more_often_than_visitors(stage: Stage) -> None:
    stage.does(issue())
    (_, board), (_, phone) = stage.board(), await stage.visitor("A001")
    board.take(), phone.take()

    stage.feed.beat()
    stage.desk.is_cut_off = True
    stage.feed.beat()

    assert (board.frames, phone.frames) == ([{"type": "pulse", **stage.head}], [])


async def test_a_visitor_gets_the_ticket_and_pulses_and_nothing_else(stage: Stage) -> None:
    stage.does(issue())

    _, line = await stage.visitor("A001")
    stage.feed.pulse()

    assert line.frames == [stage.ticket("A001"), {"type": "pulse", **stage.head}]


async def test_several_may_follow_one_ticket(stage: Stage) -> None:
    stage.does(issue())
    (first, line), (_, other) = await stage.visitor("A001"), await stage.visitor("A001")

    stage.feed.leave(first)
    stage.does(cmd.Cancel(by="web", number="A001"))
    stage.feed.publish()

    assert [frame["state"] for frame in line.frames] == ["waiting"]
    assert [frame["state"] for frame in other.frames] == ["waiting", "cancelled"]


async def test_a_visitors_contact_and_alerts_are_told_when_they_change(stage: Stage) -> None:
    stage.does(issue())
    stage.does(issue())
    (_, line), (_, other) = await stage.visitor("A001"), await stage.visitor("A002")
    contact = {"channel": "email", "masked": "h***@example.jp", "ahead": 3, "minutes": None}
    stage.extras["A001"] = {"contact": contact, "alerts": []}

    stage.live.refresh("ward", DAY, "A001")
    stage.live.refresh("ward", DAY - timedelta(days=1), "A001")
    stage.live.refresh("ward", DAY, "A003")
    stage.live.refresh("moon", DAY, "A001")
    await until(lambda: len(line.frames) == 2)

    assert line.frames[1:] == [stage.ticket("A001", contact=contact)]
    assert other.frames == [stage.ticket("A002")]


class SlowLook:
    """Looks for what stands beside a ticket; each sees what was so at its beginning, and ends when it is told to."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.ends: list[asyncio.Event] = []
        stage.live._extras = self.look

    async def look(self, office_id: str, day: date, number: str) -> Json:
        seen = await self._stage._extras(office_id, day, number)
        self.ends.append(asyncio.Event())
        await self.ends[-1].wait()
        return seen


async def test_of_two_changes_the_later_one_is_told_last(stage: Stage) -> None:
    stage.does(issue())
    _, line = await stage.visitor("A001")
    slow = SlowLook(stage)
    stage.extras["A001"] = {"contact": None, "alerts": [{"state": "sending"}]}
    stage.live.refresh("ward", DAY, "A001")
    await until(lambda: slow.ends)
    stage.extras["A001"] = {"contact": None, "alerts": [{"state": "failed"}]}
    stage.live.refresh("ward", DAY, "A001")
    await asyncio.sleep(0)
    looks = len(slow.ends)

    slow.ends[0].set()
    await until(lambda: len(slow.ends) == 2)
    slow.ends[1].set()
    await until(lambda: len(line.frames) == 3)

    assert looks == 1
    assert [frame["alerts"] for frame in line.frames] == [[], [{"state": "sending"}], [{"state": "failed"}]]


async def test_a_change_while_somebody_begins_to_follow_is_told(stage: Stage) -> None:
    stage.does(issue())
    slow = SlowLook(stage)
    beginning = asyncio.create_task(stage.visitor("A001"))
    await until(lambda: slow.ends)

    stage.extras["A001"] = {"contact": None, "alerts": [{"state": "failed"}]}
    stage.live.refresh("ward", DAY, "A001")
    slow.ends[0].set()
    _, line = await beginning
    await until(lambda: len(slow.ends) == 2)
    slow.ends[1].set()
    await until(lambda: len(line.frames) == 2)

    assert line.frames[1]["alerts"] == [{"state": "failed"}]


async def test_a_visitor_of_yesterday_is_sent_away_and_hears_nothing_of_todays_ticket(stage: Stage) -> None:
    stage.does(issue())
    _, line = await stage.visitor("A001")

    stage.does(issue("family", "kiosk"), seconds=86_400)
    await until(lambda: line.closed)
    stage.does(at_counter(cmd.OpenCounter))
    stage.does(call_next())

    assert (line.closed, line.kinds, stage.live.watcher_count) == (4401, ["ticket"], 0)
    assert list(stage.scene.hall.tickets) == ["A001"]


async def test_a_secret_of_a_day_that_turned_meanwhile_follows_nothing(stage: Stage) -> None:
    stage.does(issue())
    stage.does(issue(), seconds=86_400)

    _, line = await stage.visitor("A001")

    assert (line.closed, line.frames, stage.live.watcher_count) == (4401, [], 0)


# Slow clients


async def test_a_slow_board_is_skipped_and_then_gets_the_whole_picture(stage: Stage) -> None:
    (slow, line), (_, other) = stage.board(), stage.board()
    stage.does(at_counter(cmd.OpenCounter))
    line.is_open = False

    for _ in range(3):
        stage.does(issue())
        stage.does(call_next(finish="complete"))
    line.is_open = True
    skipped = line.take()
    stage.feed.caught_up(slow)
    stage.feed.caught_up(slow)

    assert [frame["type"] for frame in skipped] == ["snapshot", "change"]
    assert line.kinds == ["snapshot"]
    assert shown(line) == shown(other)
    assert [call["number"] for call in line.frames[0]["calls"]] == ["A001", "A002", "A003"]


async def test_a_slow_visitor_gets_the_ticket_as_it_is_when_taking_data_again(stage: Stage) -> None:
    stage.does(issue())
    slow, line = await stage.visitor("A001")
    stage.does(at_counter(cmd.OpenCounter))
    line.take()
    line.is_open = False
    stage.does(call_next())
    stage.does(at_counter(cmd.Recall))

    line.is_open = True
    stage.feed.caught_up(slow)

    assert line.frames == [stage.ticket("A001")]


async def test_a_client_that_takes_nothing_for_too_long_is_sent_away(stage: Stage) -> None:
    (slow, line), (_, other) = stage.board(), stage.board()
    line.is_open = False
    stage.feed.pulse()
    still_there = line.closed
    assert slow.behind_since is not None
    slow.behind_since -= SLOW_SECONDS

    stage.feed.pulse()

    assert (still_there, line.closed, other.closed, stage.live.watcher_count) == (None, 1013, None, 1)


def test_a_frame_says_its_length_in_as_few_bytes_as_it_can() -> None:
    heads = [text_frame(b"x" * length)[: -length or None] for length in (0, 125, 126, 65_535, 65_536)]

    assert heads == [
        b"\x81\x00", b"\x81\x7d", b"\x81\x7e\x00\x7e", b"\x81\x7e\xff\xff", b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"
    ]  # fmt: skip
