"""What a notice is: one message owed to one contact about one ticket. It never holds an address."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from ticketing.addresses import ContactChannel
from ticketing.clock import rfc3339

NoticeKind = Literal[
    "turn_near",
    "called",
    "called_again",
    "absent",
    "call_withdrawn",
    "expiry_near",
    "closed",
    "cancelled",
    "line_linked",
]
NoticeState = Literal["pending", "sending", "sent", "failed", "dropped"]

#: A confirmation that comes later than this confuses more than it tells.
LINK_TOLD_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A message that is owed from now on."""

    day: date
    number: str
    kind: NoticeKind
    #: What makes it this one: the event's seq, or for turn_near the service.
    occurrence: str
    #: The event that it comes from; 0: none.
    seq: int
    channel: ContactChannel
    created_at: datetime
    #: After this it is worthless and is dropped.
    useful_until: datetime
    service: str | None = None
    counter: str | None = None
    ahead: int | None = None
    #: Seconds.
    wait_low: int | None = None
    wait_high: int | None = None
    #: When a web ticket that has not arrived expires at the latest; None: it is not about that, or nobody knows.
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """Messages of these kinds about a ticket have lost their point and are not sent any more."""

    day: date
    number: str
    kinds: tuple[NoticeKind, ...]
    #: The seq of the event that overtook them.
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(NewNotice):
    """A message with its place in the outbox."""

    id: int
    office_id: str
    #: A UUID, the same on every attempt.
    retry_key: str
    #: Attempts so far, the one that was just claimed included.
    attempts: int
    #: Channels that refused it for good.
    tried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeReport:
    """What the visitor is told about a message."""

    kind: NoticeKind
    channel: ContactChannel
    state: NoticeState
    #: When it was sent or given up; before that, when it was decided.
    at: datetime
    #: It was dropped because it could not go out in time, and not because something else overtook it.
    is_late: bool = False


def line_linked(day: date, number: str, at: datetime) -> NewNotice:
    """The message that confirms a LINE account was linked; owed once for each linking."""
    return NewNotice(
        day=day,
        number=number,
        kind="line_linked",
        occurrence=rfc3339(at),
        seq=0,
        channel="line",
        created_at=at,
        useful_until=at + LINK_TOLD_WITHIN,
    )
