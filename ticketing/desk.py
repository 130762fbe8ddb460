"""A desk: takes one office's commands, decides them one after the other, and answers when they are durable."""

import asyncio
import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

import msgspec

from ticketing.audit import Entry
from ticketing.clock import Clock
from ticketing.hall import commands as cmd
from ticketing.hall.events import DayClosed, DayOpened, Event
from ticketing.hall.office import Office
from ticketing.hall.rules import decide, next_due
from ticketing.hall.state import Hall, apply
from ticketing.journal.base import Batch, Journal, JournalUnavailable, Mark, Outcome, Recorded, TicketRow, rows_of
from ticketing.orders import Answer, IdempotencyKey, KeyReused, Order, Unavailable, answer_body

log = logging.getLogger(__name__)

#: Commands that wait for a decision; more are sent away at once, so that memory stays bounded.
MOST_WAITING = 5_000
#: Commands decided in one append.
MOST_TOGETHER = 512
#: How often a batch is decided again before its callers are told to try later.
MOST_ROUNDS = 20
#: Time is looked at no more often than this, and at least that often (seconds), whatever the rules say is due.
SHORTEST_TICK, LONGEST_TICK = 0.2, 60.0

#: ``body_mac(office_id, day, body)``: a keyed hash of a request's body under the day's key.
BodyMac = Callable[[str, date, bytes], bytes]
#: Told of events as soon as they are durable.
Stored = Callable[["Desk", Sequence[Event]], None]
#: Day, scope and idempotency key.
_MarkKey = tuple[date, str, str]


@dataclass(slots=True)
class _Draft:
    """What one round of decisions wants to append."""

    events: list[Recorded] = field(default_factory=list)
    audit: list[Entry] = field(default_factory=list)
    marks: dict[_MarkKey, Mark] = field(default_factory=dict)


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
        self._ahead = self.hall.copy()
        #: The hall may be behind the journal, or the copy may hold what was not stored.
        self._is_behind = False
        self._journal = journal
        self._clock = clock
        self._body_mac = body_mac
        self._stored = stored
        self._marks: dict[_MarkKey, Mark] = {}
        self._orders: list[Order] = []
        self._wake = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._due: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def start(self) -> None:
        """Rebuilds the hall from its day's events, and opens the day if none is open. Raises JournalUnavailable."""
        latest = await self._journal.latest_day(self.office.id)
        if latest is not None:
            self.hall.seq = latest.first_seq - 1
        await self._catch_up()
        self._task = asyncio.create_task(self._work(), name=f"desk {self.office.id}")
        await self.submit(cmd.Tick())

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
        # A caller that goes away does not take back what was accepted.
        return await asyncio.shield(self._accept(command, key, address))

    def _accept(
        self, command: cmd.Command, key: IdempotencyKey | None = None, address: str | None = None
    ) -> asyncio.Future[Answer]:
        if self._is_stopping or self.out_of_order is not None or len(self._orders) >= MOST_WAITING:
            raise Unavailable(self.out_of_order)
        order = Order(command, asyncio.get_running_loop().create_future(), key, address)
        self._orders.append(order)
        self._wake.set()
        return order.done

    def heard(self, seq: int) -> None:
        """Another process may have appended up to this seq."""
        if seq > self.hall.seq:
            self._is_behind = True
            self._wake.set()

    async def catch_up(self) -> None:
        """Reads on to where the journal is now; for use before something unknown is refused."""
        self.heard(await self._journal.head(self.office.id))
        if self._is_behind and not self._is_stopping:
            self._caught_up.clear()
            self._wake.set()
            await self._caught_up.wait()

    # The work, one batch after the other

    async def _work(self) -> None:
        while not self._is_stopping or self._orders:
            await self._wake.wait()
            self._wake.clear()
            # An empty batch only reads on.
            while self._orders or self._is_behind:
                orders, self._orders = self._orders[:MOST_TOGETHER], self._orders[MOST_TOGETHER:]
                if not await self._carry_out(orders):
                    break
            self._caught_up.set()
            self._set_timer()

    async def _carry_out(self, orders: list[Order]) -> bool:
        """Decides and appends until it is stored; if that cannot be, the callers are told and it answers False."""
        try:
            for _ in range(MOST_ROUNDS):
                if self._is_behind:
                    orders = self._without_stored(orders, await self._catch_up())
                if await self._append(orders):
                    return True
            log.error("office %s: gave up after %d conflicts in a row", self.office.id, MOST_ROUNDS)
        except JournalUnavailable:
            log.exception("office %s: the journal is out of reach", self.office.id)
        except Exception:
            # A fault in a rule must not stop the desk: this batch is told, the next is tried on a fresh copy.
            log.exception("office %s: a command could not be decided", self.office.id)
        self._is_behind = True
        for order in orders:
            order.fail()
        return False

    async def _catch_up(self) -> set[str]:
        """Reads on; answers with the ids of the commands that it found."""
        recorded = await self._journal.read(self.office.id, self.hall.seq)
        self._advance(recorded)
        self._ahead = self.hall.copy()
        self._is_behind = False
        return {each.mark.command_id for each in recorded if each.mark is not None}

    def _without_stored(self, orders: list[Order], command_ids: set[str]) -> list[Order]:
        # After a lost connection: what is in the journal was carried out as decided then.
        for order in orders:
            if order.command_id in command_ids:
                order.settle()
        return [order for order in orders if order.command_id not in command_ids]

    async def _append(self, orders: Sequence[Order]) -> bool:
        """One round: decide all, append, publish, answer. False: not stored, or not known to be."""
        draft = self._decide_all(orders)
        if draft.events or draft.audit:
            batch = Batch(self.office.id, self.hall.seq, draft.events, self._rows(draft.events), draft.audit)
            self._is_behind = True
            (outcome,) = await self._journal.append([batch])
            if outcome is not Outcome.STORED:
                return False
            self._is_behind = False
            self._advance(draft.events)
        for order in orders:
            order.settle()
        return True

    def _advance(self, recorded: Sequence[Recorded]) -> None:
        for each in recorded:
            if isinstance(each.event, DayOpened):
                self._marks.clear()
            apply(self.hall, each.event)
            if (mark := each.mark) is not None and mark.scope is not None and mark.idempotency_key is not None:
                self._marks[each.day, mark.scope, mark.idempotency_key] = mark
        if recorded:
            self._stored(self, [each.event for each in recorded])

    # Deciding

    def _decide_all(self, orders: Sequence[Order]) -> _Draft:
        draft = _Draft()
        now = max(self._clock.now(), self._ahead.at or self._clock.now())
        for order in orders:
            order.answer = order.refusal = None
            if not self._answer_again(order, draft):
                self._decide(order, now, draft)
        return draft

    def _answer_again(self, order: Order, draft: _Draft) -> bool:
        """Whether the order's idempotency key was answered today; then its answer is that one."""
        key, day = order.key, self._ahead.day
        if key is None or day is None:
            return False
        place = (day, key.scope, key.key)
        mark = draft.marks.get(place) or self._marks.get(place)
        if mark is None:
            return False
        if hmac.compare_digest(mark.body_mac or b"", self._body_mac(self.office.id, day, key.body)):
            order.answer = Answer(msgspec.json.decode(mark.answer or b"null"), day, is_repeated=True)
        else:
            order.refusal = KeyReused()
        return True

    def _decide(self, order: Order, now: datetime, draft: _Draft) -> None:
        decision = decide(self._ahead, order.command, now)
        day = self._ahead.day
        assert day is not None, "the first decision opens a day"
        mark = None
        if decision.refusal is not None:
            order.refusal = decision.refusal
        else:
            order.answer = Answer(answer_body(self._ahead, order.command, decision.number, now), day)
            mark = self._mark(order, order.answer)
        for place, event in enumerate(decision.events):
            of_day = event.day if isinstance(event, DayOpened | DayClosed) else day
            draft.events.append(Recorded(of_day, event, mark if place == decision.of_time else None))
        if order.key is not None and mark is not None and len(decision.events) > decision.of_time:
            draft.marks[day, order.key.scope, order.key.key] = mark
        if (entry := order.audit_entry(self.office.id, now)) is not None:
            draft.audit.append(entry)

    def _mark(self, order: Order, answer: Answer) -> Mark:
        if order.key is None:
            return Mark(order.command_id)
        mac = self._body_mac(self.office.id, answer.day, order.key.body)
        return Mark(order.command_id, order.key.scope, order.key.key, mac, msgspec.json.encode(answer.body))

    def _rows(self, recorded: Sequence[Recorded]) -> list[TicketRow]:
        rows: list[TicketRow] = []
        for day, group in groupby(recorded, key=lambda each: each.day):
            # The copy has turned to the next day when a batch closes one: the rows of the old day need their own.
            hall = self._ahead if day == self._ahead.day else self._hall_at_end_of(day, recorded)
            rows += rows_of(hall, self.office.id, day, [each.event for each in group])
        return rows

    def _hall_at_end_of(self, day: date, recorded: Sequence[Recorded]) -> Hall:
        hall = self.hall.copy()
        for each in recorded:
            if each.day == day:
                apply(hall, each.event)
        return hall

    # Time

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._is_stopping:
            return
        now = self._clock.now()
        self._due = next_due(self.hall, now)
        wait = LONGEST_TICK if self._due is None else (self._due - now).total_seconds()
        wait = min(max(wait, SHORTEST_TICK), LONGEST_TICK)
        self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        # Looked at again after at most a minute, for the clock may have been set.
        if self._due is None or self._clock.now() < self._due or self.out_of_order is not None:
            self._set_timer()
        elif not self._is_stopping:
            self._accept(cmd.Tick()).add_done_callback(_note_failed_tick)


def _note_failed_tick(done: asyncio.Future[Answer]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.warning("time could not be dealt with: %s", error)
