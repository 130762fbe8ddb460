"""Which event leads to which message, how long a message is worth sending, and when it is tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ticketing.addresses import ContactChannel
from ticketing.hall import events as ev
from ticketing.notices import NewNotice, NoticeKind, Overtaken

#: By number, the channels of its contacts, the preferred one first.
Channels = Mapping[str, Sequence[ContactChannel]]
Decided = NewNotice | Overtaken

FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 300.0

_ALL_KINDS: tuple[NoticeKind, ...] = ("turn_near", "called", "call_withdrawn")


@dataclass(frozen=True, slots=True)
class Terms:
    """How long messages are worth sending."""

    turn_near: timedelta = timedelta(minutes=10)
    #: Also for a call withdrawn.
    called: timedelta = timedelta(minutes=5)


def decide(event: ev.Event, day: date, channels: Channels, terms: Terms) -> list[Decided]:
    """What an event means for the visitors who registered: messages owed, and messages that have lost their point."""
    if isinstance(event, ev.DayClosed):
        return [_overtaken(event, day, number, _ALL_KINDS) for number in event.numbers if number in channels]
    if not isinstance(event, ev.TicketEvent) or not channels.get(event.number):
        return []
    number, channel = event.number, channels[event.number][0]
    match event:
        case ev.TurnNear():
            return [_turn_near(event, day, channel, terms)]
        case ev.TicketCalled():
            return [
                _overtaken(event, day, number, ("turn_near", "call_withdrawn")),
                _about_call("called", event, day, event.counter, channel, terms),
            ]
        case ev.StepUndone(step="call"):
            return [
                _overtaken(event, day, number, ("called",)),
                _about_call("call_withdrawn", event, day, event.counter, channel, terms),
            ]
        case (
            ev.ServingStarted()
            | ev.TicketCompleted()
            | ev.TicketHeld()
            | ev.TicketTransferred()
            | ev.TicketCancelled()
            | ev.TicketExpired()
        ):
            return [_overtaken(event, day, number, _ALL_KINDS)]
        case _:
            return []


def retry_seconds(attempts: int, jitter: float) -> float:
    """How long to wait after so many attempts (1, 2, …); ``jitter`` from 0 to 1 spreads it from half to one and a half.

    It doubles each time, up to five minutes, so that a server which comes back is not met by everybody at once.
    """
    seconds = min(FIRST_RETRY_SECONDS * 2.0 ** (attempts - 1), LONGEST_RETRY_SECONDS)
    return float(seconds * (0.5 + jitter))


def _turn_near(event: ev.TurnNear, day: date, channel: ContactChannel, terms: Terms) -> NewNotice:
    return NewNotice(
        day=day,
        number=event.number,
        kind="turn_near",
        occurrence=event.service,
        seq=event.seq,
        channel=channel,
        created_at=event.at,
        useful_until=event.at + terms.turn_near,
        service=event.service,
        ahead=event.ahead,
        wait_low=event.wait_low,
        wait_high=event.wait_high,
    )


def _about_call(
    kind: NoticeKind, event: ev.TicketEvent, day: date, counter: str, channel: ContactChannel, terms: Terms
) -> NewNotice:
    return NewNotice(
        day=day,
        number=event.number,
        kind=kind,
        occurrence=str(event.seq),
        seq=event.seq,
        channel=channel,
        created_at=event.at,
        useful_until=event.at + terms.called,
        counter=counter,
    )


def _overtaken(event: ev.Event, day: date, number: str, kinds: tuple[NoticeKind, ...]) -> Overtaken:
    return Overtaken(day=day, number=number, kinds=kinds, seq=event.seq, at=event.at)
