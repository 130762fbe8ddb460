"""A desk: takes one office's commands, decides them one after the other, and answers when they are durable."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from ticketing.clock import Clock
from ticketing.drafting import BodyMac, Draft, Drafter
from ticketing.hall import commands as cmd
from ticketing.hall.events import Event
from ticketing.hall.model import Hall
from ticketing.hall.office import Office
from ticketing.hall.passing import next_due
from ticketing.hall.state import apply
from ticketing.journal.base import (
    Batch,
    Journal,
    JournalUnavailable,
    Outcome,
    Recorded,
    check_clock,
)
from ticketing.orders import Answer, IdempotencyKey, Order, Unavailable

log = logging.getLogger(__name__)

#: Commands that wait for a decision; more are sent away at once, so that memory stays bounded.
MOST_WAITING = 5_000
#: Commands decided in one append; fewer while other processes keep getting in first.
MOST_TOGETHER = 512
#: A command that could not be stored within this is not decided again (seconds). Its caller is told to try later, or
#: has done so elsewhere: what was refused there must not be carried out here afterwards.
GIVE_UP_SECONDS = 2.5
#: Time is looked at no more often than this, and at least that often (seconds), whatever the rules say is due.
SHORTEST_TICK, LONGEST_TICK = 0.2, 60.0
#: After something went wrong it is tried again no sooner than this (seconds).
RETRY_SECONDS = 1.0
#: A commit of which it is not known whether it is stored is tried again at once; after a second one in a row no sooner
#: than this (seconds).
UNKNOWN_SECONDS = 0.05

#: Told of events as soon as they are durable.
Stored = Callable[["Desk", Sequence[Event]], None]


class Desk:
    """One office's queue in this process.

    ``hall`` is what the journal holds: readers and frames see only that. Decisions are made on a copy that runs ahead
    of it by the batch being appended. Several processes may have a desk for the same office: the journal lets one
    append at a time through, the others read on and decide again.
    """

    def __init__(self, office: Office, journal: Journal, clock: Clock, body_mac: BodyMac, stored: Stored) -> None:
        self.office = office
        self.hall = Hall.empty(office)
        #: Why commands are refused for now, for example because this machine's clock is wrong.
        self.out_of_order: str | None = None
        #: Whether other nodes' commits would not be noticed, so that nobody may take the hall for the present one.
        self.is_cut_off = False
        #: They would be noticed again, as soon as what was missed is read.
        self._hears_again = False
        #: How often it was cut off: what was read since an earlier time proves nothing.
        self._cuts = 0
        #: Loop time until which no command is taken: it may have waited while this process stood still.
        self.takes_none_before = 0.0
        self._drafter = Drafter(office.id, clock, body_mac, self.hall)
        #: The last event of the hall; None: nothing was read of the journal yet.
        self._last: Event | None = None
        #: The hall may be behind the journal, or the copy may hold what was not stored.
        self._is_behind = False
        #: How far the journal reaches, as far as others have told.
        self._heard_seq = 0
        self._has_failed = False
        #: Commits in a row of which it was not known whether they are stored.
        self._unknown = 0
        self._together = MOST_TOGETHER
        self._journal = journal
        self._clock = clock
        self._stored = stored
        self._orders: list[Order] = []
        self._wake = asyncio.Event()
        #: Answers at the end of a round whether all went well in it.
        self._round_over: asyncio.Future[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def start(self) -> None:
        """Rebuilds the hall from its day's events, and opens the day if none is open. Raises JournalUnavailable."""
        await self._catch_up()
        self._round_over = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._work(), name=f"desk {self.office.id}")
        try:
            await self.submit(cmd.Tick())
        except Unavailable as error:
            raise JournalUnavailable(f"office {self.office.id}: its day cannot be opened") from error

    async def stop(self) -> None:
        """Answers everything that was accepted; nothing is accepted any more."""
        self._is_stopping = True
        if self._timer is not None:
            self._timer.cancel()
        self._wake.set()
        if self._task is not None:
            await self._task

    async def submit(
        self, command: cmd.Command, *, key: IdempotencyKey | None = None, address: str | None = None
    ) -> Answer:
        """Carries out a command; its answer is durable. Raises Refusal and Unavailable."""
        if asyncio.get_running_loop().time() < self.takes_none_before:
            raise Unavailable
        # A caller that goes away cancels its own future only: what was accepted is carried out.
        return await self._accept(command, key, address)

    def _accept(
        self, command: cmd.Command, key: IdempotencyKey | None = None, address: str | None = None
    ) -> asyncio.Future[Answer]:
        if self._is_stopping or self.out_of_order is not None or len(self._orders) >= MOST_WAITING:
            raise Unavailable(self.out_of_order)
        loop = asyncio.get_running_loop()
        order = Order(command, loop.create_future(), loop.time() + GIVE_UP_SECONDS, key, address)
        self._orders.append(order)
        self._wake.set()
        return order.done

    def check_heard(self) -> None:
        """Raises Unavailable while other nodes' commits would not be noticed."""
        if self.is_cut_off:
            raise Unavailable

    def cut_off(self) -> None:
        """Other nodes' commits would not be noticed from now on, until something is heard."""
        self.is_cut_off, self._hears_again = True, False
        self._cuts += 1

    def heard(self, seq: int) -> None:
        """Another process may have appended up to this seq."""
        self._heard_seq = max(self._heard_seq, seq)
        # While nothing was heard the journal may even have lost what the hall holds.
        if seq > self.hall.seq or self.is_cut_off:
            self._hears_again = True
            self._is_behind = True
            self._wake.set()

    async def catch_up(self) -> None:
        """Reads on to where the journal is now, for use before something unknown is refused.

        Raises JournalUnavailable.
        """
        head = await self._journal.head(self.office.id)
        while self.hall.seq < head and not self._is_stopping and self._round_over is not None:
            self.heard(head)
            if not await asyncio.shield(self._round_over):
                raise JournalUnavailable("the journal cannot be read")

    # The work, one batch after the other

    async def _work(self) -> None:
        while not self._is_stopping or self._orders:
            await self._wake.wait()
            self._wake.clear()
            # An empty batch only reads on.
            while self._orders or (self._is_behind and not self._is_stopping):
                # The last round's answers go out first; what they lead to may come in: few large appends cost least.
                await asyncio.sleep(0)
                orders, self._orders = self._orders[: self._together], self._orders[self._together :]
                is_done = await self._carry_out(orders)
                self._end_round(is_done)
                if orders or not is_done:
                    self._has_failed = not is_done
                if not is_done and not self._orders:
                    break
            self._set_timer()
        self._end_round(False)

    def _end_round(self, is_done: bool) -> None:
        over, self._round_over = self._round_over, asyncio.get_running_loop().create_future()
        if over is not None:
            over.set_result(is_done)

    async def _carry_out(self, orders: list[Order]) -> bool:
        """Decides and appends until it is stored; if that cannot be, the callers are told and it answers False."""
        is_in_time = True
        try:
            while True:
                if orders and self._unknown > 1:
                    # A line that was cut is there again at once; a disk that is full is not.
                    await asyncio.sleep(UNKNOWN_SECONDS)
                if self._is_behind:
                    orders = await self._read_on(orders)
                given, orders = orders, self._in_time(orders)
                is_in_time = is_in_time and len(orders) == len(given)
                if await self._append(orders):
                    self._together = min(self._together * 2, MOST_TOGETHER)
                    return is_in_time
                self._together = max(1, len(orders) // 2)
        except JournalUnavailable as error:
            log.error("office %s: %s: %s", self.office.id, error, error.__cause__)
        except Exception:
            # A fault in a rule must not stop the desk, nor fail whoever happened to be in the same batch.
            log.exception("office %s: a command could not be decided", self.office.id)
            self._is_behind = True
            if len(orders) > 1:
                return all([await self._carry_out([order]) for order in orders if not order.done.done()])
        self._is_behind = True
        for order in orders:
            order.fail()
        return False

    async def _catch_up(self) -> dict[str, Event]:
        """Reads on; answers with the commands that it found, by id, and what they led to."""
        heard_seq, hears_again, cuts = self._heard_seq, self._hears_again, self._cuts
        recorded = await self._read_news()
        self._advance(recorded)
        self._drafter.start_from(self.hall)
        if cuts == self._cuts and hears_again:
            self.is_cut_off = self._hears_again = False
        if self._heard_seq == heard_seq:
            # Whoever told of more told of what is not there any more.
            self._heard_seq = self.hall.seq
        self._is_behind = self._has_news()
        return {each.mark.command_id: each.event for each in recorded if each.mark is not None}

    def _has_news(self) -> bool:
        return self._heard_seq > self.hall.seq or self._hears_again

    async def _read_news(self) -> list[Recorded]:
        """What the journal holds behind the hall; if it does not hold the hall's last event, its whole day."""
        if self._last is not None:
            recorded = await self._journal.read(self.office.id, self._last.seq - 1)
            if recorded and recorded[0].event == self._last:
                return recorded[1:]
            # A backup was restored, or a fail-over lost what no standby had.
            log.error("office %s: the journal lost event %d; the day is read anew", self.office.id, self._last.seq)
        hall = Hall.empty(self.office)
        latest = await self._journal.latest_day(self.office.id)
        if latest is not None:
            hall.seq = latest.first_seq - 1
        recorded = await self._journal.read(self.office.id, hall.seq)
        self.hall, self._last = hall, None
        self._drafter.forget()
        return recorded

    async def _read_on(self, orders: list[Order]) -> list[Order]:
        """Catches up; the orders that are still to be carried out, and now."""
        stored = await self._catch_up()
        orders, self._orders = self._without_stored(orders, stored), self._without_stored(self._orders, stored)
        # Deciding many takes long enough to be overtaken every time; some of them have a chance.
        orders, rest = orders[: self._together], orders[self._together :]
        self._orders[:0] = rest
        return orders

    def _without_stored(self, orders: list[Order], stored: dict[str, Event]) -> list[Order]:
        # After a lost connection: what is in the journal was carried out as decided then.
        for order in orders:
            if order.command_id in stored:
                order.settle_as_stored(stored[order.command_id])
        return [order for order in orders if order.command_id not in stored]

    def _in_time(self, orders: list[Order]) -> list[Order]:
        """The orders that are still decided; the callers of the others are told."""
        now = asyncio.get_running_loop().time()
        late = [order for order in orders if now >= order.decide_by]
        for order in late:
            order.fail()
        if late:
            log.error(
                "office %s: %d commands were not stored within %.1f s", self.office.id, len(late), GIVE_UP_SECONDS
            )
        return [order for order in orders if now < order.decide_by]

    async def _append(self, orders: Sequence[Order]) -> bool:
        """One round: decide all, append, publish, answer. False: not stored, or not known to be."""
        if self._drafter.is_closing():
            await check_clock(self._journal, self._clock.now())
        draft = self._drafter.decide_all(orders)
        if draft.events or draft.audit:
            batch = Batch(self.office.id, self.hall.seq, draft.events, self._drafter.rows(draft.events), draft.audit)
            self._is_behind = True
            if not await self._store(batch, draft, orders):
                return False
        elif any(map(_rests_on_the_hall, orders)) and await self._is_overtaken():
            return False
        # Told first: whatever goes wrong from here on, what is stored is never decided again.
        for order in orders:
            if order.sent and not draft.events and _rests_on_the_hall(order):
                # What it was sent with before may still be stored: nothing stands in that place yet.
                order.fail()
            else:
                order.settle()
        self._advance(draft.events)
        self._is_behind = self._has_news()
        return True

    async def _store(self, batch: Batch, draft: Draft, orders: Sequence[Order]) -> bool:
        outcome = Outcome.UNKNOWN
        try:
            (outcome,) = await self._journal.append([batch])
        finally:
            if outcome is Outcome.UNKNOWN:
                draft.note_sent(orders)
        self._unknown = self._unknown + 1 if outcome is Outcome.UNKNOWN else 0
        return outcome is Outcome.STORED

    async def _is_overtaken(self) -> bool:
        """Whether another process appended what this one does not know, or may have while nothing was heard."""
        self._is_behind = await self._journal.head(self.office.id) > self.hall.seq or self._hears_again
        return self._is_behind

    def _advance(self, recorded: Sequence[Recorded]) -> None:
        if not recorded:
            return
        # Whatever an event was half applied to is read anew.
        self._last = None
        for each in recorded:
            apply(self.hall, each.event)
            self._drafter.keep(each)
        self._last = recorded[-1].event
        self._stored(self, [each.event for each in recorded])

    # Time

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._is_stopping:
            self._timer = asyncio.get_running_loop().call_later(self._seconds_to_tick(), self._tick)

    def _seconds_to_tick(self) -> float:
        now = self._clock.now()
        try:
            self._due = next_due(self.hall, now)
        except Exception:
            log.exception("office %s: it is not known when time has something to do", self.office.id)
            self._due, self._has_failed = now, True
        if self._is_behind or self._has_failed:
            return RETRY_SECONDS
        wait = LONGEST_TICK if self._due is None else (self._due - now).total_seconds()
        return min(max(wait, SHORTEST_TICK), LONGEST_TICK)

    def _tick(self) -> None:
        if self._is_behind:
            self._wake.set()
        # Looked at again after at most a minute, for the clock may have been set.
        elif self._due is None or self._clock.now() < self._due or self.out_of_order is not None:
            self._set_timer()
        elif not self._is_stopping and not self._orders:
            self._accept(cmd.Tick()).add_done_callback(_note_failed_tick)


def _rests_on_the_hall(order: Order) -> bool:
    """What led to no event was read off the hall, which another process may have changed; time asks again by itself."""
    is_repeated = order.answer is not None and order.answer.is_repeated
    return not is_repeated and not isinstance(order.command, cmd.Tick)


def _note_failed_tick(done: asyncio.Future[Answer]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.warning("time could not be dealt with: %s", error)
