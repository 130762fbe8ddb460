"""Reads every answer that was ever given and the journal, and says what does not go together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus

from tests.history import Kind, Wish
from ticketing.hall.events import DayClosed, DayOpened, TicketCalled, TicketCompleted, TicketIssued
from ticketing.journal.base import Recorded

#: Day and number.
Ticket = tuple[str, str]

_KINDS: dict[type, Kind] = {TicketIssued: "issue", TicketCalled: "call", TicketCompleted: "complete"}


def faults_of(wishes: Sequence[Wish], journal: Sequence[Recorded]) -> list[str]:
    """Empty when no answer was lost, nothing was done twice, and everything happened in the order of the answers."""
    places = _places(journal)
    return [
        *_in_journal(journal),
        *_each_once(places),
        *_numbers_in_order(journal),
        *_called_in_order(journal),
        *_answers_lost(wishes, journal, places),
        *_done_unasked(wishes, places),
        *_out_of_order(wishes, places),
    ]


Places = dict[Kind, dict[Ticket, list[int]]]


def _places(journal: Iterable[Recorded]) -> Places:
    """By what was done with which ticket: where it lies in the journal."""
    found: Places = {kind: defaultdict(list) for kind in _KINDS.values()}
    for each in journal:
        if (kind := _KINDS.get(type(each.event))) is not None:
            found[kind][each.day.isoformat(), each.event.number].append(each.event.seq)  # type: ignore[attr-defined]
    return found


def _in_journal(journal: Sequence[Recorded]) -> Iterator[str]:
    if [each.event.seq for each in journal] != list(range(1, len(journal) + 1)):
        yield "the journal has a gap"
    for kind in (DayOpened, DayClosed):
        days = Counter(each.event.day for each in journal if isinstance(each.event, kind))
        yield from (f"{kind.__name__} of {day} is there {times} times" for day, times in days.items() if times > 1)


def _each_once(places: Places) -> Iterator[str]:
    for kind, tickets in places.items():
        yield from (f"{kind} of {ticket} was done at {seqs}" for ticket, seqs in tickets.items() if len(seqs) > 1)


def _numbers_in_order(journal: Sequence[Recorded]) -> Iterator[str]:
    given: Counter[tuple[str, str]] = Counter()
    for each in journal:
        if isinstance(each.event, TicketIssued):
            prefix, ordinal = each.event.number[0], int(each.event.number[1:])
            given[each.day.isoformat(), prefix] += 1
            if ordinal != given[each.day.isoformat(), prefix]:
                yield f"{each.event.number} at {each.event.seq} is not the next number"


def _called_in_order(journal: Sequence[Recorded]) -> Iterator[str]:
    """Nobody is deferred, held or transferred, so a service's visitors are called as they came."""
    waiting: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in journal:
        if isinstance(each.event, TicketIssued):
            waiting[each.day.isoformat(), each.event.number[0]].append(each.event.number)
        elif isinstance(each.event, TicketCalled):
            queue = waiting[each.day.isoformat(), each.event.number[0]]
            if not queue or queue.pop(0) != each.event.number:
                yield f"{each.event.number} was called at {each.event.seq} out of its turn"


def _answers_lost(wishes: Sequence[Wish], journal: Sequence[Recorded], places: Places) -> Iterator[str]:
    counters = {
        (each.day.isoformat(), each.event.number): each.event.counter
        for each in journal
        if isinstance(each.event, TicketCalled)
    }
    told: Counter[tuple[Kind, Ticket]] = Counter()
    for wish in wishes:
        if wish.answered_at is None:
            yield f"{wish.kind} with key {wish.key} was never answered"
        elif wish.kind in places and wish.ticket is not None:
            told[wish.kind, wish.ticket] += 1
            if wish.ticket not in places[wish.kind]:
                yield f"{wish.kind} of {wish.ticket} was answered and is not in the journal"
            elif wish.kind == "call" and f"/counters/{counters[wish.ticket]}/" not in wish.path:
                yield f"call of {wish.ticket} was answered to another counter"
    yield from (f"{kind} of {ticket} was answered to {times}" for (kind, ticket), times in told.items() if times > 1)


def _done_unasked(wishes: Sequence[Wish], places: Places) -> Iterator[str]:
    """A key holds for a day: who asked before its end and was answered after it may have had two things done."""
    days = sorted({wish.ticket[0] for wish in wishes if wish.ticket})
    # Nobody is refused here but for a day's end, so a refusal may be the first that tells of it.
    refused = [_answered(wish) for wish in wishes if wish.status >= HTTPStatus.BAD_REQUEST]
    starts = [
        min([*refused, *(_answered(wish) for wish in wishes if wish.ticket and wish.ticket[0] == day)])
        for day in days[1:]
    ]
    for kind, tickets in places.items():
        answered = {wish.ticket for wish in wishes if wish.kind == kind}
        across = [
            wish
            for wish in wishes
            if wish.kind == kind and wish.failures and any(wish.asked_at < at <= _answered(wish) for at in starts)
        ]
        unasked = sorted(tickets.keys() - answered)
        if len(unasked) > len(across):
            yield f"{kind} of {unasked} was done and answered to nobody"


def _out_of_order(wishes: Sequence[Wish], places: Places) -> Iterator[str]:
    """What was asked only after something else had been answered lies behind it."""
    placed = sorted(
        (
            (places[wish.kind][wish.ticket][0], wish)
            for wish in wishes
            if wish.ticket is not None and wish.ticket in places.get(wish.kind, ())
        ),
        key=lambda each: each[0],
    )
    asked_last = 0.0
    for seq, wish in placed:
        if _answered(wish) < asked_last:
            yield f"{wish.kind} of {wish.ticket} at {seq} was answered before something that lies before it was asked"
        asked_last = max(asked_last, wish.asked_at)


def _answered(wish: Wish) -> float:
    return float("inf") if wish.answered_at is None else wish.answered_at
