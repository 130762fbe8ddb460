"""Writes what a verb decides into the draft, and what several verbs check."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.model import CounterState, Hall
from ticketing.hall.office import Counter, Service
from ticketing.hall.state import apply
from ticketing.hall.ticket import AT_COUNTER, State, Ticket


@dataclass(slots=True)
class Writer:
    """Writes events into the draft, one after the other."""

    hall: Hall
    now: datetime
    by: str
    events: list[ev.Event]

    def emit(self, kind: type[ev.Event], **fields: Any) -> None:
        event = kind(seq=self.hall.seq + 1, at=self.now, by=self.by, **fields)
        apply(self.hall, event)
        self.events.append(event)


def service_of(hall: Hall, service_id: str) -> Service:
    service = hall.office.service(service_id)
    if service is None:
        raise no.UnknownService(service=service_id)
    return service


def ticket_of(hall: Hall, number: str) -> Ticket:
    ticket = hall.tickets.get(number)
    if ticket is None:
        raise no.UnknownTicket(number=number)
    return ticket


def require(ticket: Ticket, *states: State) -> None:
    if ticket.state not in states:
        raise no.WrongState(number=ticket.number, state=str(ticket.state))


def require_reason(hall: Hall, reason: str | None) -> None:
    if reason is not None and not hall.office.has_reason(reason):
        raise no.UnknownReason(reason=reason)


def counter_of(hall: Hall, counter_id: str) -> tuple[Counter, CounterState]:
    counter = hall.office.counter(counter_id)
    if counter is None:
        raise no.UnknownCounter(counter=counter_id)
    return counter, hall.counters[counter_id]


def own_counter(hall: Hall, command: cmd.CounterCommand) -> tuple[Counter, CounterState]:
    counter, state = counter_of(hall, command.counter)
    if not state.is_open:
        raise no.CounterIsClosed(counter=counter.id)
    if state.staff != command.by:
        raise no.CounterTaken(counter=counter.id)
    return counter, state


def check_guard(command: cmd.CounterCommand, number: str) -> None:
    """A press that comes late, or from a second browser, never acts on a visitor whom the clerk did not mean."""
    if command.guard is not None and command.guard != number:
        raise no.OtherTicket(counter=command.counter, number=number)


def ticket_at(hall: Hall, command: cmd.CounterCommand) -> Ticket:
    _, state = own_counter(hall, command)
    if state.number is None:
        raise no.NobodyThere(counter=command.counter)
    check_guard(command, state.number)
    ticket = hall.tickets[state.number]
    assert ticket.state in AT_COUNTER, "a counter's ticket is called or being served"
    return ticket


#: Decides one kind of command: writes its events or raises a Refusal; answers with the ticket it was about, if any.
#: All checks come before the first event, so that a refusal leaves the hall as it was.
Decide = Callable[[Writer, Any], str | None]
