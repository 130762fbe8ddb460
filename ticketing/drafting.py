"""Drafts: what the commands that wait lead to, decided on a copy of the hall that runs ahead of the journal."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Protocol

import msgspec

from ticketing.audit import Entry
from ticketing.clock import Clock
from ticketing.hall import commands as cmd
from ticketing.hall.events import DayClosed, DayOpened
from ticketing.hall.model import Hall
from ticketing.hall.refusals import DayIsClosed
from ticketing.hall.rules import Decision, decide
from ticketing.hall.state import apply
from ticketing.journal.base import Mark, Recorded, TicketRow, rows_of
from ticketing.orders import Answer, KeyReused, Order, answer_body

#: Day, scope and idempotency key.
_Place = tuple[date, str, str]


class BodyMac(Protocol):
    """A keyed hash of a request's body under the day's key; None: the day has no key, and none may be made."""

    def __call__(self, office_id: str, day: date, body: bytes, *, may_make: bool) -> bytes | None: ...


@dataclass(slots=True)
class Draft:
    """What one round of decisions wants to append."""

    events: list[Recorded] = field(default_factory=list)
    audit: list[Entry] = field(default_factory=list)
    marks: dict[_Place, Mark] = field(default_factory=dict)

    def note_sent(self, orders: Sequence[Order]) -> None:
        """It may be stored or not: the orders remember what they were to be answered."""
        led_to = {each.mark.command_id: each.event for each in self.events if each.mark is not None}
        for order in orders:
            if order.answer is not None and order.command_id in led_to:
                order.sent.append((led_to[order.command_id], order.answer))


class Drafter:
    """Decides for one office; what it decided is forgotten by ``start_from``, and kept by storing it."""

    def __init__(self, office_id: str, clock: Clock, body_mac: BodyMac, hall: Hall) -> None:
        self._office_id = office_id
        self._clock = clock
        self._body_mac = body_mac
        #: Today's answers by idempotency key, as far as they are stored.
        self._marks: dict[_Place, Mark] = {}
        self.start_from(hall)

    def start_from(self, hall: Hall) -> None:
        """Decides upon this hall from now on, which goes on with what is stored."""
        self._hall, self._ahead = hall, hall.copy()

    def keep(self, recorded: Recorded) -> None:
        """This is stored: a request with the same key is answered the same."""
        if isinstance(recorded.event, DayOpened):
            self._marks.clear()
        if (mark := recorded.mark) is not None and mark.scope is not None and mark.idempotency_key is not None:
            self._marks[recorded.day, mark.scope, mark.idempotency_key] = mark

    def forget(self) -> None:
        """What was stored is not there any more."""
        self._marks.clear()

    def decide_all(self, orders: Sequence[Order]) -> Draft:
        """Decides one after the other; each order is given its answer or refusal."""
        draft, now = Draft(), self._now()
        if self.is_closing():
            # A day that is over answers no idempotency key any more.
            self._record(decide(self._ahead, cmd.Tick(), now), None, draft)
        for order in orders:
            order.answer = order.refusal = None
            if not self._answer_again(order, draft):
                self._decide(order, now, draft)
            is_repeated = order.answer is not None and order.answer.is_repeated
            if not is_repeated and (entry := order.audit_entry(self._office_id, now)) is not None:
                draft.audit.append(entry)
        return draft

    def is_closing(self) -> bool:
        """The day has an end, and it has come; a wrong clock would end it for all nodes."""
        return self._ahead.closes_at is not None and self._now() >= self._ahead.closes_at

    def _now(self) -> datetime:
        """Never before what was decided last."""
        now = self._clock.now()
        return max(now, self._ahead.at or now)

    def _answer_again(self, order: Order, draft: Draft) -> bool:
        """Whether the order's idempotency key was answered today; then its answer is that one."""
        key, day = order.key, self._ahead.day
        if key is None or day is None:
            return False
        place = (day, key.scope, key.key)
        mark = draft.marks.get(place) or self._marks.get(place)
        if mark is None:
            return False
        # An erased day gets no key again.
        mac = self._body_mac(self._office_id, day, key.body, may_make=False)
        if mac is not None and hmac.compare_digest(mark.body_mac or b"", mac):
            order.answer = Answer(msgspec.json.decode(mark.answer or b"null"), day, is_repeated=True)
        elif self._ahead.is_closed:
            # The day's key may be erased by now, and with it whether the body is the same.
            order.refusal = DayIsClosed()
        else:
            order.refusal = KeyReused()
        return True

    def _decide(self, order: Order, now: datetime, draft: Draft) -> None:
        decision = decide(self._ahead, order.command, now)
        mark = None
        if decision.refusal is not None:
            order.refusal = decision.refusal
        else:
            order.answer = Answer(answer_body(self._ahead, order.command, decision.number, now), self._today())
            mark = self._mark(order, order.answer)
        self._record(decision, mark, draft)

    def _today(self) -> date:
        assert self._ahead.day is not None, "the first decision opens a day"
        return self._ahead.day

    def _record(self, decision: Decision, mark: Mark | None, draft: Draft) -> None:
        day = self._today()
        for place, event in enumerate(decision.events):
            of_day = event.day if isinstance(event, DayOpened | DayClosed) else day
            draft.events.append(Recorded(of_day, event, mark if place == decision.of_time else None))
        if mark is not None and mark.scope and mark.idempotency_key and len(decision.events) > decision.of_time:
            draft.marks[day, mark.scope, mark.idempotency_key] = mark

    def _mark(self, order: Order, answer: Answer) -> Mark:
        # That nobody waits is no answer to keep: the next time somebody may.
        if order.key is None or answer.body is None:
            return Mark(order.command_id)
        mac = self._body_mac(self._office_id, answer.day, order.key.body, may_make=True)
        return Mark(order.command_id, order.key.scope, order.key.key, mac, msgspec.json.encode(answer.body))

    def rows(self, recorded: Sequence[Recorded]) -> list[TicketRow]:
        """The rows of the tickets that the draft's events are about."""
        rows: list[TicketRow] = []
        for day, group in groupby(recorded, key=lambda each: each.day):
            # The copy has turned to the next day when a batch closes one: the rows of the old day need their own.
            hall = self._ahead if day == self._ahead.day else self._hall_at_end_of(day, recorded)
            rows += rows_of(hall, self._office_id, day, [each.event for each in group])
        return rows

    def _hall_at_end_of(self, day: date, recorded: Sequence[Recorded]) -> Hall:
        hall = self._hall.copy()
        for each in recorded:
            if each.day == day:
                apply(hall, each.event)
        return hall
