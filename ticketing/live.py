"""The live feed: an office's changes to boards, and each visitor's own ticket, to everyone who watches."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import Any, Protocol

import msgspec

from ticketing.clock import Clock
from ticketing.desk import Desk
from ticketing.ending import end
from ticketing.hall.estimate import Outlook
from ticketing.hall.events import Event, StepUndone, TicketCalled, TicketRecalled
from ticketing.hall.ticket import Ticket
from ticketing.hall.view import Json, changes, snapshot, ticket_facts, ticket_turn, timestamp
from ticketing.live_protocol import text_frame

log = logging.getLogger(__name__)

#: A sign of life to boards and other screens of the office: a node that is silent is soon told from one where nothing
#: happens. Visitors, of whom there are many, get it with every tenth.
BEAT_SECONDS = 1.0
BEATS_A_PULSE = 10
#: Changes are gathered for this long; calls are not.
COALESCE_SECONDS = 0.2
#: A client that took nothing for this long is sent away.
SLOW_SECONDS = 30.0
#: Close codes: the connection is too slow; the secret is of another day.
TOO_SLOW, BAD_SECRET = 1013, 4401

_AT_ONCE = (TicketCalled, TicketRecalled, StepUndone)
_encode = msgspec.json.Encoder().encode

#: Office, day and number of a ticket that somebody follows.
_Followed = tuple[str, date, str]
#: What a visitor's page shows beside the queue: the contact (masked) and the alerts sent.
Extras = Callable[[str, date, str], Awaitable[Json]]


class Connection(Protocol):
    """One WebSocket, however the server writes to it."""

    def offer(self, frame: bytes) -> bool:
        """Sends a complete text frame, or says that the connection takes nothing now."""
        ...

    def close(self, code: int) -> None: ...


class Watcher:
    """Somebody who watches one office: a board, or a visitor with one ticket."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.day: date | None = None
        self.number: str | None = None
        self.extras: Json = {}
        #: A visitor's ticket as it was encoded last, without its place in the queue.
        self.ticket: Ticket | None = None
        self.facts = b""
        #: The place that a visitor was told last; empty: everything is to be told.
        self.told_turn = b""
        #: Since when it takes nothing (loop time); it needs the whole picture when it does again.
        self.behind_since: float | None = None

    def send(self, frame: bytes, now: float) -> None:
        if self.behind_since is None and not self.connection.offer(frame):
            self.behind_since = now


class Feed:
    """One office's watchers, and the picture that all boards have."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk = desk
        self._clock = clock
        self.boards: set[Watcher] = set()
        self.visitors: dict[str, set[Watcher]] = {}
        #: What all boards have been told, as of which seq, and the same as a frame for newcomers.
        self._picture: Json | None = None
        self._picture_seq = 0
        self._picture_frame: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._published_at = 0.0

    @property
    def watchers(self) -> Iterable[Watcher]:
        yield from self.boards
        for group in self.visitors.values():
            yield from group

    @property
    def watcher_count(self) -> int:
        return len(self.boards) + sum(map(len, self.visitors.values()))

    def join(self, watcher: Watcher) -> None:
        """A new board; it gets the whole picture."""
        self.boards.add(watcher)
        self._send_snapshot(watcher)

    def follow(self, watcher: Watcher, day: date, number: str) -> None:
        """The watcher turns out to be a visitor: from now on it hears of this day's ticket only."""
        self._forget_board(watcher)
        watcher.day, watcher.number = day, number
        self.visitors.setdefault(number, set()).add(watcher)
        self._tell_all(watcher)

    def leave(self, watcher: Watcher) -> None:
        self._forget_board(watcher)
        if watcher.number is not None and (group := self.visitors.get(watcher.number)) is not None:
            group.discard(watcher)
            if not group:
                del self.visitors[watcher.number]

    def _forget_board(self, watcher: Watcher) -> None:
        self.boards.discard(watcher)
        if not self.boards:
            self._picture = self._picture_frame = None

    def send_away(self, watcher: Watcher, code: int) -> None:
        self.leave(watcher)
        watcher.connection.close(code)

    def caught_up(self, watcher: Watcher) -> None:
        """A slow connection takes data again: it gets the whole picture, whatever it missed."""
        if watcher.behind_since is None:
            return
        watcher.behind_since = None
        if watcher.number is None:
            self._send_snapshot(watcher)
        else:
            self._tell_all(watcher)

    def changed(self, at_once: bool) -> None:
        """The hall has changed: publish now, or soon."""
        if not self.boards and not self.visitors:
            return
        loop = asyncio.get_running_loop()
        wait = self._published_at + COALESCE_SECONDS - loop.time()
        if at_once or wait <= 0:
            self.publish()
        elif self._timer is None:
            self._timer = loop.call_later(wait, self.publish)

    def publish(self) -> None:
        """Tells every watcher what is new to it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._published_at = asyncio.get_running_loop().time()
        if self.boards and (frame := self._change()) is not None:
            for board in self.boards:
                board.send(frame, now)
        if self.visitors:
            waits = Outlook(self.desk.hall, self._clock.now())
            for visitor in [each for group in self.visitors.values() for each in group]:
                self._tell(visitor, waits, now)

    def pulse(self) -> None:
        """A sign of life to everybody; waits that changed by time alone go with it."""
        self.publish()
        now = asyncio.get_running_loop().time()
        self._give_sign(self.watchers, now)
        for watcher in list(self.watchers):
            if watcher.behind_since is not None and now - watcher.behind_since > SLOW_SECONDS:
                self.send_away(watcher, TOO_SLOW)

    def beat(self) -> None:
        """A sign of life to boards."""
        if self.boards:
            self._give_sign(self.boards, asyncio.get_running_loop().time())

    def _give_sign(self, watchers: Iterable[Watcher], now: float) -> None:
        # Without one, boards say that what they show is old.
        if self.desk.is_cut_off:
            return
        frame = self._frame({"type": "pulse", **self._head()})
        for watcher in watchers:
            watcher.send(frame, now)

    def _change(self) -> bytes | None:
        before, picture = self._picture, self._take_picture()
        if before is None:
            return None
        if _ids(before) != _ids(picture):
            # The day opened under another definition: entries have come and gone, which no change can say.
            return self._snapshot_frame(picture)
        change = changes(before, picture)
        if not any(change.values()) and "notice" not in change and "absent" not in change:
            return None
        return self._frame({"type": "change", **self._head(), **change})

    def _take_picture(self) -> Json:
        self._picture, self._picture_frame = snapshot(self.desk.hall, self._clock.now()), None
        self._picture_seq = self.desk.hall.seq
        return self._picture

    def _send_snapshot(self, watcher: Watcher) -> None:
        # A newcomer gets the picture that the next change is reckoned from, even if the hall has moved on since.
        picture = self._picture or self._take_picture()
        watcher.send(self._picture_frame or self._snapshot_frame(picture), asyncio.get_running_loop().time())

    def _snapshot_frame(self, picture: Json) -> bytes:
        head = {**self._head(), "seq": self._picture_seq}
        self._picture_frame = self._frame({"type": "snapshot", **head, **picture})
        return self._picture_frame

    def tell(self, watcher: Watcher, extras: Json) -> None:
        """What stands beside a visitor's ticket has changed."""
        if watcher.extras != extras:
            watcher.extras = extras
            self._tell_all(watcher)

    def _tell_all(self, watcher: Watcher) -> None:
        watcher.ticket, watcher.told_turn = None, b""
        self._tell(watcher, Outlook(self.desk.hall, self._clock.now()), asyncio.get_running_loop().time())

    def _tell(self, watcher: Watcher, waits: Outlook, now: float) -> None:
        hall = self.desk.hall
        if hall.day != watcher.day:
            # Today's tickets have the numbers of yesterday's.
            self.send_away(watcher, BAD_SECRET)
            return
        ticket = hall.tickets.get(watcher.number or "")
        if ticket is None:
            return
        if ticket is not watcher.ticket:
            facts = _encode({"type": "ticket", **ticket_facts(hall, ticket), **watcher.extras})
            if facts != watcher.facts:
                watcher.facts, watcher.told_turn = facts, b""
            watcher.ticket = ticket
        turn = _encode(ticket_turn(hall, ticket, waits))
        if turn != watcher.told_turn:
            watcher.send(text_frame(_joined(watcher.facts, turn)), now)
            watcher.told_turn = turn if watcher.behind_since is None else b""

    def _head(self) -> Json:
        return {"seq": self.desk.hall.seq, "now": timestamp(self._clock.now())}

    @staticmethod
    def _frame(message: dict[str, Any]) -> bytes:
        return text_frame(_encode(message))


def _joined(one: bytes, other: bytes) -> bytes:
    """Two JSON objects as one."""
    return one[:-1] + b"," + other[1:]


def _ids(picture: Json) -> list[tuple[str, str]]:
    return [(key, entry["id"]) for key in ("services", "counters") for entry in picture[key]]


async def _no_extras(office_id: str, day: date, number: str) -> Json:
    return {}


class Live:
    """The feeds of all offices."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._extras: Extras = _no_extras
        self._feeds: dict[str, Feed] = {}
        self._pulse: asyncio.Task[None] | None = None
        #: By office, day and number: what a change of contacts or alerts is being looked up for.
        self._refreshes: dict[_Followed, asyncio.Task[None]] = {}
        #: Those that have changed again since their look began.
        self._again: set[_Followed] = set()
        self._changes = 0

    def start(self, desks: Iterable[Desk], extras: Extras) -> None:
        self._extras = extras
        self._feeds = {desk.office.id: Feed(desk, self._clock) for desk in desks}
        self._pulse = asyncio.create_task(self._beat(), name="live pulse")

    async def stop(self) -> None:
        await end(*(task for task in (self._pulse, *self._refreshes.values()) if task is not None))

    def feed(self, office_id: str) -> Feed | None:
        return self._feeds.get(office_id)

    @property
    def watcher_count(self) -> int:
        return sum(feed.watcher_count for feed in self._feeds.values())

    def stored(self, desk: Desk, events: Sequence[Event]) -> None:
        """Events of an office are durable."""
        feed = self._feeds.get(desk.office.id)
        if feed is not None:
            feed.changed(at_once=any(isinstance(event, _AT_ONCE) for event in events))

    async def follow(self, feed: Feed, watcher: Watcher, day: date, number: str) -> None:
        """Lets a watcher follow one ticket."""
        changes = self._changes
        watcher.extras = await self._extras(feed.desk.office.id, day, number)
        feed.follow(watcher, day, number)
        if self._changes != changes:
            # It may have been this one's, who was not among the followers yet.
            self.refresh(feed.desk.office.id, day, number)

    def refresh(self, office_id: str, day: date, number: str) -> None:
        """A ticket's contact or alerts have changed."""
        self._changes += 1
        feed, followed = self._feeds.get(office_id), (office_id, day, number)
        if feed is None or number not in feed.visitors:
            return
        # One look at a time: of two the earlier could end last.
        self._again.add(followed)
        if followed not in self._refreshes:
            self._refreshes[followed] = asyncio.create_task(self._refresh(feed, followed))

    async def _refresh(self, feed: Feed, followed: _Followed) -> None:
        office_id, day, number = followed
        try:
            while followed in self._again:
                self._again.discard(followed)
                extras = await self._extras(office_id, day, number)
                for watcher in list(feed.visitors.get(number, ())):
                    if watcher.day == day:
                        feed.tell(watcher, extras)
        finally:
            del self._refreshes[followed]

    async def _beat(self) -> None:
        for beat in itertools.count(1):
            await asyncio.sleep(BEAT_SECONDS)
            for feed in self._feeds.values():
                try:
                    feed.beat() if beat % BEATS_A_PULSE else feed.pulse()
                except Exception:
                    # One office's fault must not silence the others' boards.
                    log.exception("office %s: the pulse failed", feed.desk.office.id)
