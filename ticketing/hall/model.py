"""The hall: what is held of one office on one business day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from ticketing.hall.office import Channel, Counter, Office, Service
from ticketing.hall.order import Queue, rank
from ticketing.hall.staffing import Staffing, staffing_of
from ticketing.hall.ticket import State, Ticket
from ticketing.hall.values import changed, value


@value(frozen=True, slots=True)
class Step:
    """What a counter did last, with all that is needed to take it back."""

    kind: Literal["call", "complete", "no_show"]
    seq: int
    at: datetime
    before: Ticket
    #: Tickets that the call overtook, with their deferrals then: a deferral starts the count of overtakes again.
    overtaken: tuple[tuple[str, int], ...] = ()


@value(frozen=True, slots=True)
class CounterState:
    """A counter today."""

    #: Who sits there (``staff:NAME``); None: closed.
    staff: str | None = None
    #: The ticket that is there.
    number: str | None = None
    steps: tuple[Step, ...] = ()
    #: When the clerk last took an absence back: the visitor has all the time to come again from then on.
    absence_undone_at: datetime | None = None
    #: Closed for a break: since when, and whose it is.
    break_since: datetime | None = None
    break_by: str | None = None

    @property
    def is_open(self) -> bool:
        return self.staff is not None

    @property
    def is_free(self) -> bool:
        return self.staff is not None and self.number is None


@value(frozen=True, slots=True)
class ServiceState:
    """A service today."""

    #: Channels that a supervisor closed, with the reason.
    closed: Mapping[Channel, str | None] = field(default_factory=dict)
    quota: int | None = None
    web_issued: int = 0
    web_open: int = 0
    #: The last service times: number and seconds.
    times: tuple[tuple[str, float], ...] = ()
    #: The time at the counter to expect, from the definition and the last service times.
    mean_seconds: float = 0.0


@value(frozen=True, slots=True)
class CallMade:
    """One sounding of a number."""

    seq: int
    number: str
    counter: str
    at: datetime
    call_count: int


@dataclass(slots=True)
class Hall:
    """One office on one business day.

    The containers change in place and hold only immutable values, so a copy costs a few shallow copies.
    """

    #: The definition that the next day opens with.
    definition: Office
    #: The definition that this day runs under.
    office: Office
    seq: int = 0
    at: datetime | None = None
    day: date | None = None
    closes_at: datetime | None = None
    #: The day was ended; nothing is issued until the next one opens.
    is_closed: bool = False
    notice: str | None = None
    #: When the notice is taken down by itself; None: at the day's end.
    notice_until: datetime | None = None
    tickets: dict[str, Ticket] = field(default_factory=dict)
    counters: dict[str, CounterState] = field(default_factory=dict)
    services: dict[str, ServiceState] = field(default_factory=dict)
    #: How many numbers each series has given.
    ordinals: dict[str, int] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    #: Expected tickets, absent tickets and tickets that await an alert; kept so that nothing looks at all tickets.
    expected: dict[str, None] = field(default_factory=dict)
    absent: dict[str, None] = field(default_factory=dict)
    awaiting_alert: dict[str, None] = field(default_factory=dict)
    calls: list[CallMade] = field(default_factory=list)
    #: Worked out from the above when asked for; None: a counter opened or closed since.
    _staffing: Staffing | None = field(default=None, compare=False, repr=False)

    @classmethod
    def empty(cls, office: Office) -> "Hall":
        """The hall before its first day."""
        hall = cls(definition=office, office=office)
        hall.furnish(office)
        return hall

    def furnish(self, office: Office) -> None:
        """Puts everything where it stands at the beginning of a day."""
        self.office, self.is_closed, self.notice, self.notice_until = office, False, None, None
        self.tickets, self.expected, self.absent, self.awaiting_alert, self.calls = {}, {}, {}, {}, []
        self.counters, self._staffing = {counter.id: CounterState() for counter in office.counters}, None
        self.services = {
            service.id: ServiceState(
                quota=service.web.quota if service.web else None, mean_seconds=float(service.expected_seconds)
            )
            for service in office.services
        }
        self.ordinals = {series.id: 0 for series in office.series}
        self.queues = {service.id: Queue() for service in office.services}

    def next_day_at(self) -> datetime:
        # An early close does not bring the next day nearer, nor does a definition that has moved the turn of the day.
        assert self.day is not None and self.closes_at is not None
        return max(self.closes_at, self.definition.day_end(self.day))

    def copy(self) -> "Hall":
        """An independent hall in the same state."""
        return replace(
            self,
            tickets=self.tickets.copy(),
            counters=self.counters.copy(),
            services=self.services.copy(),
            ordinals=self.ordinals.copy(),
            queues={key: queue.copy() for key, queue in self.queues.items()},
            expected=self.expected.copy(),
            absent=self.absent.copy(),
            awaiting_alert=self.awaiting_alert.copy(),
            calls=self.calls.copy(),
        )

    def rank(self, ticket: Ticket) -> tuple[int, ...]:
        return rank(ticket, self.office.rules.max_overtakes)

    def ahead(self, ticket: Ticket) -> int:
        """How many wait before it in its service, or would if it had arrived."""
        return self.queues[ticket.service].ahead_of(self.rank(ticket), ticket.number)

    def definition_of(self, service_id: str) -> Service:
        service = self.office.service(service_id)
        assert service is not None, "tickets exist only for services of the day's definition"
        return service

    @property
    def staffing(self) -> Staffing:
        """Which services the open counters take."""
        if self._staffing is None:
            is_open = {counter_id for counter_id, state in self.counters.items() if state.is_open}
            self._staffing = staffing_of(self.office, is_open)
        return self._staffing

    def is_idle(self, counter: Counter) -> bool:
        """The counter is open, has nobody, and nobody waits for it."""
        return self.counters[counter.id].is_free and not any(self.queues[each] for each in counter.services)

    def put(self, ticket: Ticket) -> None:
        """Replaces a ticket and keeps every index of it true."""
        old = self.tickets.get(ticket.number)
        if old is not None:
            self._forget(old, ticket)
        self.tickets[ticket.number] = ticket
        match ticket.state:
            case State.WAITING:
                self.queues[ticket.service].add(self.rank(ticket), ticket)
            case State.EXPECTED:
                self.expected[ticket.number] = None
            case State.ABSENT:
                self.absent[ticket.number] = None
        if ticket.awaits_alert:
            self.awaiting_alert[ticket.number] = None
        if ticket.channel == "web":
            self._count_web(old, ticket)

    def _forget(self, old: Ticket, new: Ticket) -> None:
        # Whoever stays on a list keeps the place there.
        match old.state:
            case State.WAITING:
                self.queues[old.service].remove(self.rank(old), old)
            case State.EXPECTED if new.state is not State.EXPECTED:
                del self.expected[old.number]
            case State.ABSENT if new.state is not State.ABSENT:
                del self.absent[old.number]
        if old.awaits_alert and not new.awaits_alert:
            del self.awaiting_alert[old.number]

    def _count_web(self, old: Ticket | None, new: Ticket) -> None:
        if old is not None and old.service == new.service and old.is_open == new.is_open:
            return
        if old is not None and old.is_open:
            self.change_service(old.service, web_open=self.services[old.service].web_open - 1)
        if new.is_open:
            self.change_service(new.service, web_open=self.services[new.service].web_open + 1)

    def change_service(self, service_id: str, **changes: Any) -> None:
        self.services[service_id] = changed(self.services[service_id], **changes)

    def seat(self, counter_id: str, state: CounterState) -> None:
        """Somebody sits down at a counter, or leaves it."""
        self.counters[counter_id] = state
        self._staffing = None

    def close_counters(self) -> None:
        self.counters, self._staffing = {counter_id: CounterState() for counter_id in self.counters}, None

    def change_counter(self, counter_id: str, **changes: Any) -> None:
        self.counters[counter_id] = changed(self.counters[counter_id], **changes)

    def change(self, number: str, **changes: Any) -> Ticket:
        ticket = changed(self.tickets[number], **changes)
        self.put(ticket)
        return ticket
