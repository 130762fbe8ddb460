"""The journal: what every store of events must do, and what it is given and gives back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from operator import attrgetter
from typing import Protocol

from ticketing.audit import Entry
from ticketing.hall.events import DayClosed, Event, TicketEvent
from ticketing.hall.model import Hall
from ticketing.hall.ticket import Ticket
from ticketing.hall.values import value

#: A machine whose clock differs from the journal's by more takes no commands, ends no day and erases nothing.
MOST_SKEW_SECONDS = 5.0


class Outcome(Enum):
    """What became of one office's batch."""

    #: All of it lies in the journal, directly behind ``after_seq``.
    STORED = "stored"
    #: None of it does: another writer was first.
    CONFLICT = "conflict"
    #: The connection was lost around COMMIT: it may or may not be there.
    UNKNOWN = "unknown"


class JournalUnavailable(Exception):
    """The journal cannot be read or written now; nothing was stored."""


class ClockIsOff(JournalUnavailable):
    """This machine's clock is not the journal's; the message says by how much."""


@value(frozen=True, slots=True)
class Mark:
    """Which command an event is the first of, and how its answer is found again."""

    command_id: str
    #: Whose idempotency key it is, for example ``staff:sato`` or ``kiosk:k1``; None: no key was sent.
    scope: str | None = None
    idempotency_key: str | None = None
    #: A keyed hash of the request's body, so that a key is not answered for another request.
    body_mac: bytes | None = None
    #: The first answer as JSON; it holds no secret and no contact.
    answer: bytes | None = None


@value(frozen=True, slots=True)
class Recorded:
    """An event in its place, with the business day it belongs to."""

    day: date
    event: Event
    mark: Mark | None = None


# Not frozen: one is made for every event, and a frozen one of so many fields takes four times as long.
@dataclass(slots=True)
class TicketRow:
    """A ticket as reports read it: its own facts, without what others' moves did to it."""

    office_id: str
    business_day: date
    number: str
    service: str
    channel: str
    language: str
    state: str
    issue_seq: int
    issued_at: datetime
    position_at_issue: int
    wait_low_at_issue: int | None
    wait_high_at_issue: int | None
    arrived_at: datetime | None
    first_called_at: datetime | None
    called_at: datetime | None
    call_count: int
    serving_at: datetime | None
    served_seconds: float
    counter: str | None
    deferrals: int
    reason: str | None
    ended_at: datetime | None
    ended_by: str | None
    corrected_at: datetime | None = None
    corrected_by: str | None = None
    corrected_reason: str | None = None
    was_state: str | None = None
    was_service: str | None = None


@value(frozen=True, slots=True)
class Batch:
    """What one office appends at once, all or nothing."""

    office_id: str
    #: The seq of the office's last event that the batch was decided upon.
    after_seq: int
    events: Sequence[Recorded]
    tickets: Sequence[TicketRow] = ()
    audit: Sequence[Entry] = ()


@value(frozen=True, slots=True)
class DayRecord:
    """One business day in the journal."""

    day: date
    first_seq: int
    #: The end as planned when the day opened, or as last extended.
    closes_at: datetime
    #: None: still open.
    closed_at: datetime | None


class Journal(Protocol):
    """The only truth. Every method may raise JournalUnavailable."""

    async def append(self, batches: Sequence[Batch]) -> list[Outcome]:
        """Stores batches of different offices; one outcome each, in order. One's conflict never fails another's."""
        ...

    async def read(self, office_id: str, after_seq: int, limit: int | None = None) -> list[Recorded]:
        """An office's events behind ``after_seq``, in order."""
        ...

    async def head(self, office_id: str) -> int:
        """The seq of an office's last event; 0 before the first."""
        ...

    async def heads(self, office_ids: Sequence[str]) -> dict[str, int]:
        """The same of several offices, in one question."""
        ...

    async def latest_day(self, office_id: str) -> DayRecord | None:
        """The day that opened last; None before the first."""
        ...

    async def day(self, office_id: str, day: date) -> DayRecord | None:
        """One business day; None when it never opened."""
        ...

    async def tickets(self, office_id: str, day: date) -> list[TicketRow]:
        """The day's tickets in the order they were issued."""
        ...

    async def listen(self, office_ids: Iterable[str], heard: Callable[[str, int], None]) -> None:
        """Until cancelled, tells of seqs that other processes stored. Some may be missed; whoever must know reads."""
        ...

    async def clock_skew(self, now: datetime) -> float:
        """How many seconds ``now`` is ahead of the store's own clock."""
        ...


async def check_clock(journal: Journal, now: datetime) -> None:
    """Raises ClockIsOff when ``now`` is not what the journal's own clock says, and JournalUnavailable."""
    skew = await journal.clock_skew(now)
    if abs(skew) > MOST_SKEW_SECONDS:
        raise ClockIsOff(
            f"this machine's clock is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} the journal's"
        )


def ticket_row(office_id: str, day: date, ticket: Ticket) -> TicketRow:
    """The row of a ticket."""
    return TicketRow(office_id, day, *_own_fields(ticket))


#: The row's other fields are the ticket's own, by the same names.
_own_fields = attrgetter(
    *(name for name in TicketRow.__dataclass_fields__ if name not in {"office_id", "business_day"})
)


def rows_of(hall: Hall, office_id: str, day: date, events: Iterable[Event]) -> list[TicketRow]:
    """The rows of the tickets that these events of one day are about, as the hall has them now."""
    numbers: dict[str, None] = {}
    for event in events:
        match event:
            case TicketEvent():
                numbers[event.number] = None
            case DayClosed():
                numbers |= dict.fromkeys(event.numbers)
    return [ticket_row(office_id, day, hall.tickets[number]) for number in numbers]
