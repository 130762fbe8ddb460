"""Which event leads to which message, how long a message is worth sending, and when it is tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ticketing.addresses import ContactChannel
from ticketing.hall import events as ev
from ticketing.notice import NewNotice, NoticeKind, Overtaken

#: By number, the channels of its contacts, the preferred one first.
Channels = Mapping[str, Sequence[ContactChannel]]
Decided = NewNotice | Overtaken

FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 300.0

#: Messages about the course of a ticket. What moves it on overtakes them all.
ON_THE_WAY: tuple[NoticeKind, ...] = (
    "turn_near", "called", "called_again", "absent", "call_withdrawn", "expiry_near",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """How long messages are worth sending."""

    turn_near: timedelta = timedelta(minutes=10)
    #: Also for a second call and a call withdrawn.
    called: timedelta = timedelta(minutes=5)
    #: For a ticket about to expire nobody knows when; otherwise until it does.
    expiry_near: timedelta = timedelta(minutes=15)
    absent: timedelta = timedelta(minutes=30)
    #: For a ticket that was cancelled or closed: whoever is on the way can still turn back.
    ended: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class _Case:
    """An event and a ticket that it concerns, whose visitor registered."""

    event: ev.Event
    day: date
    number: str
    channel: ContactChannel

    def owes(self, kind: NoticeKind, useful_until: datetime, *, once_for: str = "", **about: Any) -> NewNotice:
        """A message; one for each event unless it is owed only once for something else."""
        return NewNotice(
            day=self.day,
            number=self.number,
            kind=kind,
            occurrence=once_for or str(self.event.seq),
            seq=self.event.seq,
            channel=self.channel,
            created_at=self.event.at,
            useful_until=useful_until,
            **about,
        )

    def overtakes(self, *kinds: NoticeKind) -> Overtaken:
        return Overtaken(day=self.day, number=self.number, kinds=kinds, seq=self.event.seq, at=self.event.at)


def decide(event: ev.Event, day: date, channels: Channels, terms: Terms) -> list[Decided]:
    """What an event means for the visitors who registered: messages owed, and messages that have lost their point."""
    cases = [_Case(event, day, number, channels[number][0]) for number in _numbers(event) if channels.get(number)]
    return [decided for case in cases for decided in _decide(case, terms)]


def _numbers(event: ev.Event) -> tuple[str, ...]:
    match event:
        case ev.DayClosed():
            return event.numbers
        case ev.TicketEvent():
            return (event.number,)
        case _:
            return ()


def _decide(case: _Case, terms: Terms) -> list[Decided]:
    match case.event:
        case ev.TurnNear() as event:
            return [_turn_near(case, event, terms)]
        case ev.ExpiryNear(at=at, expires_at=expires_at):
            # Whoever was passed has had the turn that was near.
            useful_until = expires_at or at + terms.expiry_near
            return [case.overtakes("turn_near"), case.owes("expiry_near", useful_until, expires_at=expires_at)]
        case ev.TicketArrived() | ev.TicketDeferred():
            return [case.overtakes("expiry_near")]
        case ev.TicketExpired():
            return [case.overtakes(*ON_THE_WAY)]
        case ev.TicketCancelled(at=at, by=by) | ev.DayClosed(at=at, by=by):
            return _ended(case, at, by, terms)
        case _:
            return _at_the_counter(case, terms)


def _turn_near(case: _Case, event: ev.TurnNear, terms: Terms) -> NewNotice:
    return case.owes(
        "turn_near",
        event.at + terms.turn_near,
        once_for=event.service,
        service=event.service,
        ahead=event.ahead,
        wait_low=event.wait_low,
        wait_high=event.wait_high,
    )


def _ended(case: _Case, at: datetime, by: str, terms: Terms) -> list[Decided]:
    """Visitors know what they did themselves, and when a day is over; what the staff did, they are told."""
    overtaken = case.overtakes(*ON_THE_WAY)
    if not by.startswith("staff:"):
        return [overtaken]
    kind: NoticeKind = "closed" if isinstance(case.event, ev.DayClosed) else "cancelled"
    return [overtaken, case.owes(kind, at + terms.ended)]


def _at_the_counter(case: _Case, terms: Terms) -> list[Decided]:
    match case.event:
        case ev.TicketCalled(at=at, counter=counter):
            return [case.overtakes(*ON_THE_WAY), case.owes("called", at + terms.called, counter=counter)]
        case ev.TicketRecalled(at=at, counter=counter, call_count=2):
            return [case.overtakes("called"), case.owes("called_again", at + terms.called, counter=counter)]
        case ev.StepUndone(at=at, counter=counter, step="call"):
            withdrawn = case.owes("call_withdrawn", at + terms.called, counter=counter)
            return [case.overtakes("called", "called_again"), withdrawn]
        case ev.TicketNoShow(at=at, counter=counter):
            return [case.overtakes(*ON_THE_WAY), case.owes("absent", at + terms.absent, counter=counter)]
        case ev.StepUndone(step="no_show") | ev.TicketReinstated():
            return [case.overtakes("absent")]
        case ev.TicketCorrected():
            # It is about what is over, so nobody is told; but what was still to be told about it may be wrong now.
            return [case.overtakes(*ON_THE_WAY, "cancelled")]
        case ev.ServingStarted() | ev.TicketCompleted() | ev.TicketHeld() | ev.TicketTransferred():
            return [case.overtakes(*ON_THE_WAY)]
        case _:
            return []


def retry_seconds(attempts: int, jitter: float) -> float:
    """How long to wait after so many attempts (1, 2, …); ``jitter`` from 0 to 1 spreads it from half to one and a half.

    It doubles each time, up to five minutes, so that a server which comes back is not met by everybody at once.
    """
    seconds = min(FIRST_RETRY_SECONDS * 2.0 ** (attempts - 1), LONGEST_RETRY_SECONDS)
    return float(seconds * (0.5 + jitter))
