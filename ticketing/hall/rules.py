"""What a command leads to: events, or a refusal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.estimate import wait_at, wait_of
from ticketing.hall.office import Channel, Counter, Service
from ticketing.hall.order import next_for, place_by_issue
from ticketing.hall.state import CounterState, Hall, Step, apply
from ticketing.hall.ticket import AT_COUNTER, OPEN, QUEUED, State, Ticket

#: How often time is looked at while an alert by minutes may come due.
ALERT_TICK = timedelta(seconds=10)
#: A day can be extended by this much past its planned end.
LONGEST_EXTENSION = timedelta(hours=24)


@dataclass(slots=True)
class Decision:
    """What happened: the events of time that was due and of the command, or the refusal of the command.

    After a refusal the only events are those of time.
    """

    events: list[ev.Event] = field(default_factory=list)
    #: How many of the events, at the front, are time's and not the command's.
    of_time: int = 0
    refusal: no.Refusal | None = None
    #: The ticket that the command was about, if any.
    number: str | None = None


def decide(draft: Hall, command: cmd.Command, now: datetime) -> Decision:
    """Decides a command at a time that is not earlier than the hall's last event.

    The draft is the caller's own copy of the hall: afterwards it stands as if all returned events were applied, and
    just as before if none are. First comes what is due by time alone: the end of a day, expired tickets, alerts.
    """
    decision = Decision()
    time = _Writer(draft, now, cmd.Tick().by, decision.events)
    _run_time(time)
    decision.of_time = len(decision.events)
    try:
        decision.number = _DECIDE[type(command)](_Writer(draft, now, command.by, decision.events), command)
    except no.Refusal as refusal:
        decision.refusal = refusal
    # A ticket at the end of a queue brings nobody nearer; everything else may, and so may time.
    if type(command) is not cmd.Issue or decision.of_time:
        _decide_alerts(time)
    return decision


def next_due(hall: Hall, now: datetime) -> datetime | None:
    """When time will have something to do next; None: never, before the first command."""
    if hall.day is None or hall.closes_at is None:
        return None
    if hall.is_closed:
        # An early close does not bring the next day nearer, nor does a definition that has moved the turn of the day.
        return max(hall.closes_at, hall.definition.day_end(hall.day))
    due = [hall.closes_at]
    due.extend(at for number in hall.expected if (at := _expires_at(hall, hall.tickets[number])) is not None)
    due.extend(at for _, at in _unanswered(hall))
    if any(alert.minutes is not None for number in hall.awaiting_alert if (alert := hall.tickets[number].alert)):
        due.append(now + ALERT_TICK)
    return min(due)


@dataclass(slots=True)
class _Writer:
    """Writes events into the draft, one after the other."""

    hall: Hall
    now: datetime
    by: str
    events: list[ev.Event]

    def emit(self, kind: type[ev.Event], **fields: Any) -> None:
        event = kind(seq=self.hall.seq + 1, at=self.now, by=self.by, **fields)
        apply(self.hall, event)
        self.events.append(event)


# Time


def _run_time(writer: _Writer) -> None:
    _turn_day(writer)
    if not writer.hall.is_closed:
        _mark_unanswered(writer)
        _expire(writer)


def _turn_day(writer: _Writer) -> None:
    hall, now = writer.hall, writer.now
    if hall.closes_at is not None and now < hall.closes_at:
        return
    if hall.day is not None and not hall.is_closed:
        _close_day(writer)
    definition = hall.definition
    day = definition.business_day(now)
    # After a definition moved the turn of the day back, the day that just ended must not open a second time.
    if hall.day is None or day > hall.day:
        writer.emit(ev.DayOpened, day=day, office=definition, closes_at=definition.day_end(day))


def _close_day(writer: _Writer) -> None:
    hall = writer.hall
    assert hall.day is not None
    numbers = tuple(number for number, ticket in hall.tickets.items() if ticket.is_open)
    writer.emit(ev.DayClosed, day=hall.day, numbers=numbers)


def _mark_unanswered(writer: _Writer) -> None:
    for ticket, due in _unanswered(writer.hall):
        if writer.now >= due:
            writer.emit(ev.TicketNoShow, number=ticket.number, counter=ticket.counter)


def _unanswered(hall: Hall) -> list[tuple[Ticket, datetime]]:
    """The tickets that are called, and when each is taken for absent."""
    limit = hall.office.rules.no_show_after_seconds
    if limit is None:
        return []
    called = []
    for state in hall.counters.values():
        ticket = hall.tickets[state.number] if state.number else None
        if ticket is not None and ticket.state is State.CALLED and ticket.called_at is not None:
            since = max(ticket.called_at, state.absence_undone_at or ticket.called_at)
            called.append((ticket, since + timedelta(seconds=limit)))
    return called


def _expire(writer: _Writer) -> None:
    for number in list(writer.hall.expected):
        due = _expires_at(writer.hall, writer.hall.tickets[number])
        if due is not None and writer.now >= due:
            writer.emit(ev.TicketExpired, number=number)


def _expires_at(hall: Hall, ticket: Ticket) -> datetime | None:
    """When an expected ticket expires that was passed; None: it was not."""
    passed_at = ticket.passed_at
    if passed_at is None:
        return None
    web = hall.definition_of(ticket.service).web
    assert web is not None, "only a ticket from the web is expected"
    return passed_at if ticket.passed_calls >= web.grace_calls else passed_at + timedelta(seconds=web.grace_seconds)


def _decide_alerts(writer: _Writer) -> None:
    hall = writer.hall
    for number in list(hall.awaiting_alert):
        ticket = hall.tickets[number]
        alert = ticket.alert
        assert alert is not None
        ahead = hall.ahead(ticket)
        is_near = alert.ahead is not None and ahead <= alert.ahead
        if not is_near and alert.minutes is None:
            continue
        wait = wait_of(hall, ticket, writer.now)
        is_soon = alert.minutes is not None and wait is not None and wait.low <= alert.minutes * 60
        if is_near or is_soon:
            low, high = (wait.low, wait.high) if wait else (None, None)
            writer.emit(ev.TurnNear, number=number, service=ticket.service, ahead=ahead, wait_low=low, wait_high=high)


# The visitor's verbs


def _issue(writer: _Writer, command: cmd.Issue) -> str:
    hall, now = writer.hall, writer.now
    service = _service(hall, command.service)
    if command.language not in hall.office.languages:
        raise no.UnknownLanguage(language=command.language)
    if why := why_not_issued(hall, service, command.channel, now):
        raise why
    series = next(each for each in hall.office.series if each.id == service.series)
    number = series.number(hall.ordinals[series.id])
    is_expected = command.channel == "web" and service.web is not None and service.web.arrival_needed
    place = place_by_issue(service.priority, hall.seq + 1)
    wait = wait_at(hall, service.id, place, number, now)
    writer.emit(
        ev.TicketIssued,
        number=number,
        service=service.id,
        series=series.id,
        channel=command.channel,
        language=command.language,
        state="expected" if is_expected else "waiting",
        position=hall.queues[service.id].ahead_of(place, number) + 1,
        wait_low=wait.low if wait else None,
        wait_high=wait.high if wait else None,
    )
    return number


def why_not_issued(hall: Hall, service: Service, channel: Channel, now: datetime) -> no.Refusal | None:
    """Why no ticket of a service can be had through a channel now; None: it can."""
    if hall.is_closed:
        return no.DayIsClosed()
    state = hall.services[service.id]
    if channel in state.closed:
        return no.ServiceIsClosed(service=service.id, reason=state.closed[channel])
    # Staff may give a ticket outside the hours: they see who stands before them.
    if channel == "staff":
        return None
    if channel == "web":
        if service.web is None:
            return no.NotOnTheWeb(service=service.id)
        if why := _web_limit(hall, service):
            return why
    hours = service.kiosk_hours if channel == "kiosk" else service.web.hours if service.web else None
    local = hall.office.local(now)
    if not hall.office.hours.is_open(local) and (channel == "kiosk" or hours is None):
        return no.OfficeClosed()
    if hours is not None and not hours.is_open(local):
        return no.ServiceIsClosed(service=service.id, reason="hours")
    return None


def _web_limit(hall: Hall, service: Service) -> no.Refusal | None:
    state, web = hall.services[service.id], service.web
    if state.quota is not None and state.web_issued >= state.quota:
        return no.QuotaReached(service=service.id, quota=state.quota)
    if web is not None and web.most_open is not None and state.web_open >= web.most_open:
        return no.TooManyOpen(service=service.id, most_open=web.most_open)
    return None


def _arrive(writer: _Writer, command: cmd.Arrive) -> str:
    ticket = _ticket(writer.hall, command.number)
    if command.way != "staff" and command.way not in writer.hall.office.rules.arrival:
        raise no.WrongArrival(way=command.way)
    # A second tap, or a kiosk and a phone at once, changes nothing.
    if ticket.state is State.WAITING:
        return ticket.number
    _require(ticket, State.EXPECTED)
    writer.emit(ev.TicketArrived, number=ticket.number, way=command.way)
    return ticket.number


def _defer(writer: _Writer, command: cmd.Defer) -> str:
    hall = writer.hall
    ticket = _ticket(hall, command.number)
    _require(ticket, *QUEUED)
    if ticket.deferrals >= hall.office.rules.defer_limit:
        raise no.DeferLimit(limit=hall.office.rules.defer_limit)
    behind = hall.queues[ticket.service].behind(hall.rank(ticket), ticket.number, hall.office.rules.defer_by)
    if not behind:
        raise no.NobodyBehind()
    writer.emit(ev.TicketDeferred, number=ticket.number, behind=behind[-1][1])
    return ticket.number


def _cancel(writer: _Writer, command: cmd.Cancel) -> str:
    ticket = _ticket(writer.hall, command.number)
    _require(ticket, *(OPEN - {State.SERVING}))
    writer.emit(ev.TicketCancelled, number=ticket.number)
    return ticket.number


def _reinstate(writer: _Writer, command: cmd.Reinstate) -> str:
    ticket = _ticket(writer.hall, command.number)
    _require(ticket, State.ABSENT)
    writer.emit(ev.TicketReinstated, number=ticket.number)
    return ticket.number


def _request_alert(writer: _Writer, command: cmd.RequestAlert) -> str:
    ticket = _ticket(writer.hall, command.number)
    _require(ticket, *OPEN)
    service = writer.hall.definition_of(ticket.service)
    ahead, minutes = command.ahead, command.minutes
    if ahead is None and minutes is None:
        ahead, minutes = service.alert_ahead, service.alert_minutes
    if ticket.alert is None or (ticket.alert.ahead, ticket.alert.minutes) != (ahead, minutes):
        writer.emit(ev.AlertRequested, number=ticket.number, ahead=ahead, minutes=minutes)
    return ticket.number


def _withdraw_alert(writer: _Writer, command: cmd.WithdrawAlert) -> str:
    ticket = _ticket(writer.hall, command.number)
    if ticket.alert is not None:
        writer.emit(ev.AlertWithdrawn, number=ticket.number)
    return ticket.number


# The clerk's verbs


def _open_counter(writer: _Writer, command: cmd.OpenCounter) -> None:
    _, state = _counter(writer.hall, command.counter)
    if writer.hall.is_closed:
        raise no.DayIsClosed()
    if state.staff == command.by:
        return
    if state.is_open and not command.force:
        raise no.CounterTaken(counter=command.counter)
    writer.emit(ev.CounterOpened, counter=command.counter)


def _close_counter(writer: _Writer, command: cmd.CloseCounter) -> None:
    _, state = _counter(writer.hall, command.counter)
    if not state.is_open:
        return
    if state.staff != command.by and not command.force:
        raise no.CounterTaken(counter=command.counter)
    if state.number is not None:
        raise no.CounterBusy(counter=command.counter, number=state.number)
    writer.emit(ev.CounterClosed, counter=command.counter)


def _call_next(writer: _Writer, command: cmd.CallNext) -> str | None:
    counter, state = _own_counter(writer.hall, command)
    for service_id in command.services or ():
        _service(writer.hall, service_id)
        if service_id not in counter.services:
            raise no.NotServedHere(service=service_id)
    _finish(writer, command.counter, state, command.finish)
    number = next_for(counter, writer.hall.queues, command.services)
    if number is not None:
        writer.emit(ev.TicketCalled, number=number, counter=counter.id)
    return number


def _call(writer: _Writer, command: cmd.Call) -> str:
    counter, state = _own_counter(writer.hall, command)
    ticket = _ticket(writer.hall, command.number)
    _require(ticket, State.WAITING)
    if ticket.service not in counter.services:
        raise no.NotServedHere(service=ticket.service)
    _finish(writer, command.counter, state, command.finish)
    writer.emit(ev.TicketCalled, number=ticket.number, counter=counter.id)
    return ticket.number


def _finish(writer: _Writer, counter_id: str, state: CounterState, finish: cmd.Finish | None) -> None:
    if state.number is None:
        return
    if finish is None:
        raise no.CounterBusy(counter=counter_id, number=state.number)
    if finish == "complete":
        writer.emit(ev.TicketCompleted, number=state.number, counter=counter_id)
    else:
        _mark_absent(writer, counter_id, writer.hall.tickets[state.number])


def _mark_absent(writer: _Writer, counter_id: str, ticket: Ticket) -> None:
    _require(ticket, State.CALLED)
    if ticket.call_count < writer.hall.office.rules.calls_before_no_show:
        raise no.RecallFirst(call_count=ticket.call_count)
    writer.emit(ev.TicketNoShow, number=ticket.number, counter=counter_id)


def _recall(writer: _Writer, command: cmd.Recall) -> str:
    ticket = _ticket_at(writer.hall, command)
    _require(ticket, State.CALLED)
    writer.emit(ev.TicketRecalled, number=ticket.number, counter=command.counter)
    return ticket.number


def _start(writer: _Writer, command: cmd.Start) -> str:
    ticket = _ticket_at(writer.hall, command)
    _require(ticket, State.CALLED)
    writer.emit(ev.ServingStarted, number=ticket.number, counter=command.counter)
    return ticket.number


def _complete(writer: _Writer, command: cmd.Complete) -> str:
    ticket = _ticket_at(writer.hall, command)
    writer.emit(ev.TicketCompleted, number=ticket.number, counter=command.counter)
    return ticket.number


def _no_show(writer: _Writer, command: cmd.NoShow) -> str:
    ticket = _ticket_at(writer.hall, command)
    _mark_absent(writer, command.counter, ticket)
    return ticket.number


def _hold(writer: _Writer, command: cmd.Hold) -> str:
    ticket = _ticket_at(writer.hall, command)
    _require_reason(writer.hall, command.reason)
    writer.emit(ev.TicketHeld, number=ticket.number, counter=command.counter, reason=command.reason)
    return ticket.number


def _resume(writer: _Writer, command: cmd.Resume) -> str:
    _, state = _own_counter(writer.hall, command)
    ticket = _ticket(writer.hall, command.number)
    _require(ticket, State.HELD)
    if state.number is not None:
        raise no.CounterBusy(counter=command.counter, number=state.number)
    writer.emit(ev.TicketResumed, number=ticket.number, counter=command.counter)
    return ticket.number


def _transfer(writer: _Writer, command: cmd.Transfer) -> str:
    hall = writer.hall
    ticket = _ticket_at(hall, command)
    _service(hall, command.service)
    if command.service == ticket.service:
        raise no.SameService(service=command.service)
    writer.emit(ev.TicketTransferred, number=ticket.number, counter=command.counter, service=command.service)
    return ticket.number


def _undo(writer: _Writer, command: cmd.Undo) -> str:
    hall = writer.hall
    _own_counter(hall, command)
    step = step_to_undo(hall, command.counter, writer.now)
    if step is None:
        raise no.NothingToUndo(counter=command.counter)
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
    if ticket.state is not _AFTER_STEP[step.kind] or ticket.counter != counter_id:
        return no.MovedOn(number=ticket.number)
    return None


_AFTER_STEP = {"call": State.CALLED, "complete": State.COMPLETED, "no_show": State.ABSENT}


def step_to_undo(hall: Hall, counter_id: str, now: datetime) -> Step | None:
    """The counter's last step, while it is young enough to be taken back."""
    steps = hall.counters[counter_id].steps
    limit = timedelta(seconds=hall.office.rules.undo_seconds)
    return steps[-1] if steps and now - steps[-1].at <= limit else None


# The supervisor's verbs


def _open_service(writer: _Writer, command: cmd.OpenService) -> None:
    _service(writer.hall, command.service)
    closed = writer.hall.services[command.service].closed
    if any(channel in closed for channel in command.channels):
        writer.emit(ev.ServiceOpened, service=command.service, channels=command.channels)


def _close_service(writer: _Writer, command: cmd.CloseService) -> None:
    _service(writer.hall, command.service)
    _require_reason(writer.hall, command.reason)
    closed = writer.hall.services[command.service].closed
    if any(closed.get(channel, "") != command.reason for channel in command.channels):
        writer.emit(ev.ServiceClosed, service=command.service, channels=command.channels, reason=command.reason)


def _set_quota(writer: _Writer, command: cmd.SetQuota) -> None:
    service = _service(writer.hall, command.service)
    if service.web is None:
        raise no.NotOnTheWeb(service=service.id)
    if writer.hall.services[service.id].quota != command.quota:
        writer.emit(ev.QuotaSet, service=service.id, quota=command.quota)


def _set_notice(writer: _Writer, command: cmd.SetNotice) -> None:
    if writer.hall.notice != command.text:
        writer.emit(ev.NoticeSet, text=command.text)


def _end_day(writer: _Writer, command: cmd.CloseDay) -> None:
    if writer.hall.is_closed:
        raise no.DayIsClosed()
    _close_day(writer)


def _extend_day(writer: _Writer, command: cmd.ExtendDay) -> None:
    hall = writer.hall
    assert hall.day is not None and hall.closes_at is not None
    latest = hall.office.day_end(hall.day) + LONGEST_EXTENSION
    earliest = hall.closes_at if not hall.is_closed else writer.now
    if not earliest < command.until <= latest:
        raise no.WrongUntil(closes_at=hall.closes_at.isoformat())
    writer.emit(ev.DayExtended, until=command.until)


def _tick(writer: _Writer, command: cmd.Tick) -> None:
    """Time has been dealt with already."""


# What several verbs need


def _service(hall: Hall, service_id: str) -> Service:
    service = hall.office.service(service_id)
    if service is None:
        raise no.UnknownService(service=service_id)
    return service


def _ticket(hall: Hall, number: str) -> Ticket:
    ticket = hall.tickets.get(number)
    if ticket is None:
        raise no.UnknownTicket(number=number)
    return ticket


def _require(ticket: Ticket, *states: State) -> None:
    if ticket.state not in states:
        raise no.WrongState(number=ticket.number, state=str(ticket.state))


def _require_reason(hall: Hall, reason: str | None) -> None:
    if reason is not None and not hall.office.has_reason(reason):
        raise no.UnknownReason(reason=reason)


def _counter(hall: Hall, counter_id: str) -> tuple[Counter, CounterState]:
    counter = hall.office.counter(counter_id)
    if counter is None:
        raise no.UnknownCounter(counter=counter_id)
    return counter, hall.counters[counter_id]


def _own_counter(hall: Hall, command: cmd.CounterCommand) -> tuple[Counter, CounterState]:
    counter, state = _counter(hall, command.counter)
    if not state.is_open:
        raise no.CounterIsClosed(counter=counter.id)
    if state.staff != command.by:
        raise no.CounterTaken(counter=counter.id)
    return counter, state


def _ticket_at(hall: Hall, command: cmd.CounterCommand) -> Ticket:
    _, state = _own_counter(hall, command)
    if state.number is None:
        raise no.NobodyThere(counter=command.counter)
    ticket = hall.tickets[state.number]
    assert ticket.state in AT_COUNTER, "a counter's ticket is called or being served"
    return ticket


_DECIDE: dict[type[cmd.Command], Callable[[_Writer, Any], str | None]] = {
    cmd.Tick: _tick,
    cmd.Issue: _issue,
    cmd.Arrive: _arrive,
    cmd.Defer: _defer,
    cmd.Cancel: _cancel,
    cmd.Reinstate: _reinstate,
    cmd.RequestAlert: _request_alert,
    cmd.WithdrawAlert: _withdraw_alert,
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
    cmd.OpenService: _open_service,
    cmd.CloseService: _close_service,
    cmd.SetQuota: _set_quota,
    cmd.SetNotice: _set_notice,
    cmd.CloseDay: _end_day,
    cmd.ExtendDay: _extend_day,
}
