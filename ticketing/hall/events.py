"""What happened in a hall, in the past tense; the journal keeps these and nothing else."""

from datetime import date, datetime
from typing import Literal

from ticketing.hall.office import Channel, Office
from ticketing.hall.values import value


@value(frozen=True, slots=True, kw_only=True)
class Event:
    """Every event has its place in the office's journal, its time, and who did it.

    ``by`` is ``staff:NAME``, ``kiosk:DEVICE``, ``web``, ``tick`` or ``purge``. No event holds a contact.
    """

    seq: int
    at: datetime
    by: str


@value(frozen=True, slots=True, kw_only=True)
class DayOpened(Event):
    """A business day began under this office definition."""

    day: date
    office: Office
    closes_at: datetime


@value(frozen=True, slots=True, kw_only=True)
class DayExtended(Event):
    """The day ends later than planned, or goes on after an early close."""

    until: datetime


@value(frozen=True, slots=True, kw_only=True)
class DayClosed(Event):
    """The day ended; ``numbers`` were still open."""

    day: date
    numbers: tuple[str, ...]


@value(frozen=True, slots=True, kw_only=True)
class CounterOpened(Event):
    """A clerk sat down at a counter, or took it over from a colleague."""

    counter: str


@value(frozen=True, slots=True, kw_only=True)
class CounterClosed(Event):
    """The clerk left the counter; for a break if ``reason`` says so."""

    counter: str
    reason: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class ServiceOpened(Event):
    """A service takes tickets again through these channels."""

    service: str
    channels: tuple[Channel, ...]


@value(frozen=True, slots=True, kw_only=True)
class ServiceClosed(Event):
    """A service takes no more tickets through these channels."""

    service: str
    channels: tuple[Channel, ...]
    reason: str | None


@value(frozen=True, slots=True, kw_only=True)
class QuotaSet(Event):
    """The day's number of web tickets was changed; None: no limit."""

    service: str
    quota: int | None


@value(frozen=True, slots=True, kw_only=True)
class NoticeSet(Event):
    """The message on all boards; None takes it down."""

    text: str | None
    #: When it is taken down by itself; None: at the day's end.
    until: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class TicketEvent(Event):
    """An event of one ticket."""

    number: str


@value(frozen=True, slots=True, kw_only=True)
class TicketIssued(TicketEvent):
    """A ticket was taken; position and range (seconds) as they were told to the visitor."""

    service: str
    series: str
    channel: Channel
    language: str
    state: Literal["waiting", "expected"]
    position: int
    wait_low: int | None
    wait_high: int | None


@value(frozen=True, slots=True, kw_only=True)
class TicketArrived(TicketEvent):
    """A web ticket checked in."""

    way: str


@value(frozen=True, slots=True, kw_only=True)
class TicketCalled(TicketEvent):
    """A counter called the ticket."""

    counter: str


@value(frozen=True, slots=True, kw_only=True)
class TicketRecalled(TicketEvent):
    """The same counter called again."""

    counter: str
    #: Which call of this turn it is, 2 for the first recall; None in journals of before it was kept.
    call_count: int | None = None


@value(frozen=True, slots=True, kw_only=True)
class ServingStarted(TicketEvent):
    """The visitor stands at the counter."""

    counter: str


@value(frozen=True, slots=True, kw_only=True)
class TicketCompleted(TicketEvent):
    """The visitor was served."""

    counter: str


@value(frozen=True, slots=True, kw_only=True)
class TicketNoShow(TicketEvent):
    """The visitor did not come; the number stays on the absent list."""

    counter: str


@value(frozen=True, slots=True, kw_only=True)
class TicketReinstated(TicketEvent):
    """An absent visitor came back and waits at the head of the service."""


@value(frozen=True, slots=True, kw_only=True)
class TicketHeld(TicketEvent):
    """The ticket was put aside; the counter is free."""

    counter: str
    reason: str | None


@value(frozen=True, slots=True, kw_only=True)
class TicketResumed(TicketEvent):
    """A held ticket is served at a counter again."""

    counter: str


@value(frozen=True, slots=True, kw_only=True)
class TicketTransferred(TicketEvent):
    """The ticket waits at another service under the same number."""

    counter: str
    service: str
    #: A code of the office's list.
    reason: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class TicketDeferred(TicketEvent):
    """The visitor let others go first, up to and including ``behind``."""

    behind: str


@value(frozen=True, slots=True, kw_only=True)
class TicketCancelled(TicketEvent):
    """The visitor or the staff gave the ticket up."""


@value(frozen=True, slots=True, kw_only=True)
class TicketExpired(TicketEvent):
    """A web ticket had not arrived when its turn was long past."""


@value(frozen=True, slots=True, kw_only=True)
class TicketCorrected(TicketEvent):
    """A supervisor put right how the ticket ended, or for which service; ``was_…`` is what stood there before."""

    state: Literal["completed", "absent", "cancelled", "expired"]
    service: str
    was_state: str
    was_service: str
    reason: str


@value(frozen=True, slots=True, kw_only=True)
class StepUndone(TicketEvent):
    """The counter's last call, complete or no_show was taken back."""

    counter: str
    step: Literal["call", "complete", "no_show"]


@value(frozen=True, slots=True, kw_only=True)
class AlertRequested(TicketEvent):
    """The visitor wants to be alerted; thresholds only, never the address."""

    ahead: int | None
    minutes: int | None


@value(frozen=True, slots=True, kw_only=True)
class AlertWithdrawn(TicketEvent):
    """The visitor wants no alert any more."""


@value(frozen=True, slots=True, kw_only=True)
class TurnNear(TicketEvent):
    """The ticket crossed its alert threshold; once per ticket and service."""

    service: str
    ahead: int
    wait_low: int | None
    wait_high: int | None


@value(frozen=True, slots=True, kw_only=True)
class ExpiryNear(TicketEvent):
    """A web ticket that was passed is about to expire, and its visitor asked for an alert; once per ticket.

    ``expires_at`` is the latest time; None: it is the calls of others that will end it, and nobody knows when.
    """

    expires_at: datetime | None


#: Every kind of event by its name in the journal.
KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        DayOpened, DayExtended, DayClosed, CounterOpened, CounterClosed, ServiceOpened, ServiceClosed, QuotaSet,
        NoticeSet, TicketIssued, TicketArrived, TicketCalled, TicketRecalled, ServingStarted, TicketCompleted,
        TicketNoShow, TicketReinstated, TicketHeld, TicketResumed, TicketTransferred, TicketDeferred,
        TicketCancelled, TicketExpired, TicketCorrected, StepUndone, AlertRequested,
        AlertWithdrawn, TurnNear, ExpiryNear,
    )
}  # fmt: skip
