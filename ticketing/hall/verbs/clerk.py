"""The clerk's verbs at a counter."""

from datetime import datetime, timedelta

from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.model import CounterState, Hall, Step
from ticketing.hall.order import next_for
from ticketing.hall.ticket import State, Ticket
from ticketing.hall.verbs.writer import (
    Decide,
    Writer,
    check_guard,
    counter_of,
    own_counter,
    require,
    require_reason,
    service_of,
    ticket_at,
    ticket_of,
)


def _open_counter(writer: Writer, command: cmd.OpenCounter) -> None:
    _, state = counter_of(writer.hall, command.counter)
    if writer.hall.is_closed:
        raise no.DayIsClosed()
    if state.staff == command.by:
        return
    if state.is_open and not command.force:
        raise no.CounterTaken(counter=command.counter)
    writer.emit(ev.CounterOpened, counter=command.counter)


def _close_counter(writer: Writer, command: cmd.CloseCounter) -> None:
    _, state = counter_of(writer.hall, command.counter)
    if not state.is_open:
        if state.break_since is None or command.reason is not None:
            return
        if state.break_by != command.by and not command.force:
            raise no.CounterTaken(counter=command.counter)
        writer.emit(ev.CounterClosed, counter=command.counter)
        return
    if state.staff != command.by and not command.force:
        raise no.CounterTaken(counter=command.counter)
    if state.number is not None:
        raise no.CounterBusy(counter=command.counter, number=state.number)
    writer.emit(ev.CounterClosed, counter=command.counter, reason=command.reason)


def _call_next(writer: Writer, command: cmd.CallNext) -> str | None:
    counter, state = own_counter(writer.hall, command)
    for service_id in command.services or ():
        service_of(writer.hall, service_id)
        if service_id not in counter.services:
            raise no.NotServedHere(service=service_id)
    _finish(writer, command, state)
    number = next_for(counter, writer.hall.queues, command.services)
    if number is not None:
        writer.emit(ev.TicketCalled, number=number, counter=counter.id)
    return number


def _call(writer: Writer, command: cmd.Call) -> str:
    counter, state = own_counter(writer.hall, command)
    allowed = writer.hall.office.rules.call_number
    if allowed == "off" or (allowed == "supervisor" and not command.is_supervisor):
        raise no.CallNotAllowed(allowed=allowed)
    ticket = ticket_of(writer.hall, command.number)
    require(ticket, State.WAITING)
    if ticket.service not in counter.services:
        raise no.NotServedHere(service=ticket.service)
    _finish(writer, command, state)
    writer.emit(ev.TicketCalled, number=ticket.number, counter=counter.id)
    return ticket.number


def _finish(writer: Writer, command: cmd.CallNext | cmd.Call, state: CounterState) -> None:
    if state.number is None:
        return
    check_guard(command, state.number)
    if command.finish is None:
        raise no.CounterBusy(counter=command.counter, number=state.number)
    if command.finish == "complete":
        writer.emit(ev.TicketCompleted, number=state.number, counter=command.counter)
    else:
        _mark_absent(writer, command.counter, writer.hall.tickets[state.number])


def _mark_absent(writer: Writer, counter_id: str, ticket: Ticket) -> None:
    require(ticket, State.CALLED)
    if ticket.call_count < writer.hall.office.rules.calls_before_no_show:
        raise no.RecallFirst(call_count=ticket.call_count)
    writer.emit(ev.TicketNoShow, number=ticket.number, counter=counter_id)


def _recall(writer: Writer, command: cmd.Recall) -> str:
    ticket = ticket_at(writer.hall, command)
    require(ticket, State.CALLED)
    call_count = ticket.call_count + 1
    writer.emit(ev.TicketRecalled, number=ticket.number, counter=command.counter, call_count=call_count)
    return ticket.number


def _start(writer: Writer, command: cmd.Start) -> str:
    ticket = ticket_at(writer.hall, command)
    require(ticket, State.CALLED)
    writer.emit(ev.ServingStarted, number=ticket.number, counter=command.counter)
    return ticket.number


def _complete(writer: Writer, command: cmd.Complete) -> str:
    ticket = ticket_at(writer.hall, command)
    writer.emit(ev.TicketCompleted, number=ticket.number, counter=command.counter)
    return ticket.number


def _no_show(writer: Writer, command: cmd.NoShow) -> str:
    ticket = ticket_at(writer.hall, command)
    _mark_absent(writer, command.counter, ticket)
    return ticket.number


def _hold(writer: Writer, command: cmd.Hold) -> str:
    ticket = ticket_at(writer.hall, command)
    require_reason(writer.hall, command.reason)
    writer.emit(ev.TicketHeld, number=ticket.number, counter=command.counter, reason=command.reason)
    return ticket.number


def _resume(writer: Writer, command: cmd.Resume) -> str:
    _, state = own_counter(writer.hall, command)
    ticket = ticket_of(writer.hall, command.number)
    require(ticket, State.HELD)
    if state.number is not None:
        raise no.CounterBusy(counter=command.counter, number=state.number)
    writer.emit(ev.TicketResumed, number=ticket.number, counter=command.counter)
    return ticket.number


def _transfer(writer: Writer, command: cmd.Transfer) -> str:
    hall = writer.hall
    ticket = ticket_at(hall, command)
    service_of(hall, command.service)
    if command.service == ticket.service:
        raise no.SameService(service=command.service)
    require_reason(hall, command.reason)
    writer.emit(
        ev.TicketTransferred,
        number=ticket.number,
        counter=command.counter,
        service=command.service,
        reason=command.reason,
    )
    return ticket.number


def _undo(writer: Writer, command: cmd.Undo) -> str:
    hall = writer.hall
    own_counter(hall, command)
    step = step_to_undo(hall, command.counter, writer.now)
    if step is None:
        raise no.NothingToUndo(counter=command.counter)
    check_guard(command, step.before.number)
    if why := why_not_undone(hall, command.counter, step):
        raise why
    writer.emit(ev.StepUndone, number=step.before.number, counter=command.counter, step=step.kind)
    return step.before.number


def why_not_undone(hall: Hall, counter_id: str, step: Step) -> no.Refusal | None:
    """Why a counter's last step cannot be taken back any more; None: it can."""
    there, ticket = hall.counters[counter_id].number, hall.tickets[step.before.number]
    if there is not None and (there != ticket.number or step.kind != "call"):
        return no.CounterBusy(counter=counter_id, number=there)
    # A ticket that was absent, reinstated and called by a colleague may be absent again: that is the colleague's step.
    # And whoever corrected the ticket after the step has said how it was.
    is_corrected = ticket.corrected_seq is not None and ticket.corrected_seq > step.seq
    if is_corrected or ticket.state is not _AFTER_STEP[step.kind] or ticket.counter != counter_id:
        return no.MovedOn(number=ticket.number)
    return None


_AFTER_STEP = {"call": State.CALLED, "complete": State.COMPLETED, "no_show": State.ABSENT}


def step_to_undo(hall: Hall, counter_id: str, now: datetime) -> Step | None:
    """The counter's last step, while it is young enough to be taken back."""
    steps = hall.counters[counter_id].steps
    limit = timedelta(seconds=hall.office.rules.undo_seconds)
    return steps[-1] if steps and now - steps[-1].at <= limit else None


DECIDE: dict[type[cmd.Command], Decide] = {
    cmd.OpenCounter: _open_counter,
    cmd.CloseCounter: _close_counter,
    cmd.CallNext: _call_next,
    cmd.Call: _call,
    cmd.Recall: _recall,
    cmd.Start: _start,
    cmd.Complete: _complete,
    cmd.NoShow: _no_show,
    cmd.Hold: _hold,
    cmd.Resume: _resume,
    cmd.Transfer: _transfer,
    cmd.Undo: _undo,
}
