"""A ticket: everything that is known of it, as one immutable value."""

from datetime import datetime
from enum import StrEnum

from ticketing.hall.office import Channel
from ticketing.hall.values import value

#: Where a ticket stands in its queue; the smaller goes first (see order.py).
Place = tuple[int, ...]


class State(StrEnum):
    """Where a ticket is in its life."""

    EXPECTED = "expected"
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    ABSENT = "absent"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    CLOSED = "closed"


#: The visitor may still be served.
OPEN = frozenset({State.EXPECTED, State.WAITING, State.CALLED, State.SERVING, State.HELD, State.ABSENT})
#: The visitor stands in a queue or would if they had arrived.
QUEUED = frozenset({State.EXPECTED, State.WAITING})
#: The ticket occupies a counter.
AT_COUNTER = frozenset({State.CALLED, State.SERVING})


@value(frozen=True, slots=True)
class Alert:
    """When the visitor wants to be alerted: by people ahead, by minutes ahead, or whichever comes first."""

    ahead: int | None
    minutes: int | None


@value(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One visitor's turn on one business day."""

    number: str
    service: str
    #: The place in the office's journal at which it was issued; the order of issue, never the clock.
    issue_seq: int
    channel: Channel
    language: str
    state: State
    issued_at: datetime
    position_at_issue: int
    wait_low_at_issue: int | None
    wait_high_at_issue: int | None
    place: Place
    #: Calls of tickets issued after this seq overtake this one; the issue seq until the visitor lets others go first.
    yields_to_seq: int
    overtakes: int = 0
    deferrals: int = 0
    arrived_at: datetime | None = None
    #: Where it is, was called last, or was put on hold.
    counter: str | None = None
    first_called_at: datetime | None = None
    called_at: datetime | None = None
    call_count: int = 0
    serving_at: datetime | None = None
    #: Since when it has occupied the counter.
    at_counter_since: datetime | None = None
    #: Time at counters for its present service before ``at_counter_since``; time on hold is not in it.
    served_seconds: float = 0.0
    #: Why it was held or transferred last: a code of the office's list.
    reason: str | None = None
    #: The service that it was transferred from last.
    transferred_from: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    #: The calls that passed an expected ticket: their seq and time.
    passed_by: tuple[tuple[int, datetime], ...] = ()
    #: The event that first left it to an idle counter, if no call had passed it before: its seq and time.
    passed_idle: tuple[int, datetime] | None = None
    alert: Alert | None = None
    #: Services for which TurnNear was decided.
    near: tuple[str, ...] = ()
    #: The last correction: where in the journal, when, by whom and why; None: it was never corrected.
    corrected_seq: int | None = None
    corrected_at: datetime | None = None
    corrected_by: str | None = None
    corrected_reason: str | None = None
    #: How it had ended, and for which service, before the first correction.
    was_state: str | None = None
    was_service: str | None = None
    #: ExpiryNear was decided.
    is_warned: bool = False

    @property
    def passed_at(self) -> datetime | None:
        """When an expected ticket was first passed."""
        first = self.passed_idle or next(iter(self.passed_by), None)
        return first[1] if first else None

    @property
    def passed_calls(self) -> int:
        return len(self.passed_by)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def awaits_alert(self) -> bool:
        """Has asked for an alert that was not decided yet for the service it waits for."""
        return self.alert is not None and self.state in QUEUED and self.service not in self.near
