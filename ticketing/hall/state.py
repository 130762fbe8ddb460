"""How each event changes the hall."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ticketing.hall import events as ev
from ticketing.hall.model import CallMade, CounterState, Hall, Step
from ticketing.hall.order import place_at_head, place_behind, place_by_issue
from ticketing.hall.ticket import AT_COUNTER, Alert, State, Ticket
from ticketing.hall.values import changed

#: How many calls are remembered: those that a board may be told of, and spare ones for when calls are undone.
CALLS_KEPT = 60
#: How many service times the estimate counts, and how many are remembered so that an undo loses none that counted.
TIMES_COUNTED = 20
TIMES_KEPT = 60
#: As how many measured times the expected time of the definition counts.
EXPECTED_WEIGHT = 5
#: How many steps of a counter can be undone one after the other.
STEPS_KEPT = 3


def apply(hall: Hall, event: ev.Event) -> None:
    """Advances the hall by one event. Events of a day are applied in the order of their seq, without a gap."""
    _APPLY[type(event)](hall, event)
    hall.seq = event.seq
    hall.at = event.at
    if hall.expected:
        _note_passed_by_idleness(hall, event)


def _note_passed_by_idleness(hall: Hall, event: ev.Event) -> None:
    # An expected ticket is passed, too, when it would be first and a counter for it has nothing to do. Nobody waits
    # for any service of an idle counter, so there every expected ticket would be first.
    idle = {each for counter in hall.office.counters if hall.is_idle(counter) for each in counter.services}
    if not idle:
        return
    for number in hall.expected:
        ticket = hall.tickets[number]
        if ticket.passed_idle is None and not ticket.passed_by and ticket.service in idle:
            hall.tickets[number] = changed(ticket, passed_idle=(event.seq, event.at))


def _day_opened(hall: Hall, event: ev.DayOpened) -> None:
    hall.day, hall.closes_at = event.day, event.closes_at
    hall.furnish(event.office)


def _day_extended(hall: Hall, event: ev.DayExtended) -> None:
    hall.closes_at, hall.is_closed = event.until, False


def _day_closed(hall: Hall, event: ev.DayClosed) -> None:
    for number in event.numbers:
        _end(hall, event, number, State.CLOSED)
    hall.close_counters()
    hall.is_closed, hall.notice, hall.notice_until = True, None, None


def _counter_opened(hall: Hall, event: ev.CounterOpened) -> None:
    state = changed(hall.counters[event.counter], staff=event.by, break_since=None, break_by=None)
    hall.seat(event.counter, state)


def _counter_closed(hall: Hall, event: ev.CounterClosed) -> None:
    is_break = event.reason == "break"
    whose = hall.counters[event.counter].staff
    hall.seat(event.counter, CounterState(break_since=event.at, break_by=whose) if is_break else CounterState())


def _service_opened(hall: Hall, event: ev.ServiceOpened) -> None:
    closed = {key: why for key, why in hall.services[event.service].closed.items() if key not in event.channels}
    hall.change_service(event.service, closed=closed)


def _service_closed(hall: Hall, event: ev.ServiceClosed) -> None:
    closed = {**hall.services[event.service].closed, **dict.fromkeys(event.channels, event.reason)}
    hall.change_service(event.service, closed=closed)


def _quota_set(hall: Hall, event: ev.QuotaSet) -> None:
    hall.change_service(event.service, quota=event.quota)


def _notice_set(hall: Hall, event: ev.NoticeSet) -> None:
    hall.notice, hall.notice_until = event.text, event.until


def _issued(hall: Hall, event: ev.TicketIssued) -> None:
    hall.ordinals[event.series] += 1
    if event.channel == "web":
        hall.change_service(event.service, web_issued=hall.services[event.service].web_issued + 1)
    hall.put(
        Ticket(
            number=event.number,
            service=event.service,
            issue_seq=event.seq,
            channel=event.channel,
            language=event.language,
            state=State(event.state),
            issued_at=event.at,
            position_at_issue=event.position,
            wait_low_at_issue=event.wait_low,
            wait_high_at_issue=event.wait_high,
            place=place_by_issue(hall.definition_of(event.service).priority, event.seq),
            yields_to_seq=event.seq,
        )
    )


def _arrived(hall: Hall, event: ev.TicketArrived) -> None:
    hall.change(event.number, state=State.WAITING, arrived_at=event.at, passed_by=(), passed_idle=None)


def _called(hall: Hall, event: ev.TicketCalled) -> None:
    before = hall.tickets[event.number]
    counter = hall.office.counter(event.counter)
    assert counter is not None, "a call names a counter of the day's definition"
    overtaken = tuple(
        (number, hall.tickets[number].deferrals)
        for service_id in counter.services
        for number in hall.queues[service_id].overtaken_by(before.issue_seq)
        if number != event.number
    )
    for number, _ in overtaken:
        hall.change(number, overtakes=hall.tickets[number].overtakes + 1)
    for number in hall.expected:
        ticket = hall.tickets[number]
        if _is_passed_by(ticket, before):
            hall.tickets[number] = changed(ticket, passed_by=(*ticket.passed_by, (event.seq, event.at)))
    ticket = hall.change(
        event.number,
        state=State.CALLED,
        counter=event.counter,
        first_called_at=before.first_called_at or event.at,
        called_at=event.at,
        call_count=1,
        serving_at=None,
        at_counter_since=event.at,
    )
    step = Step("call", event.seq, event.at, before, overtaken)
    _take_step(hall, event.counter, step, number=event.number)
    _sound(hall, event, ticket)


def _is_passed_by(expected: Ticket, called: Ticket) -> bool:
    return expected.service == called.service and expected.yields_to_seq < called.issue_seq


def _take_step(hall: Hall, counter_id: str, step: Step, number: str | None) -> None:
    steps = (*hall.counters[counter_id].steps, step)[-STEPS_KEPT:]
    hall.change_counter(counter_id, steps=steps, number=number)


def _sound(hall: Hall, event: ev.TicketCalled | ev.TicketRecalled, ticket: Ticket) -> None:
    hall.calls.append(CallMade(event.seq, event.number, event.counter, event.at, ticket.call_count))
    del hall.calls[:-CALLS_KEPT]


def _recalled(hall: Hall, event: ev.TicketRecalled) -> None:
    call_count = hall.tickets[event.number].call_count + 1
    _sound(hall, event, hall.change(event.number, called_at=event.at, call_count=call_count))


def _started(hall: Hall, event: ev.ServingStarted) -> None:
    hall.change(event.number, state=State.SERVING, serving_at=event.at)


def _leave_counter(hall: Hall, number: str, at: datetime, **changes: Any) -> Ticket:
    ticket = hall.tickets[number]
    here = (at - ticket.at_counter_since).total_seconds() if ticket.at_counter_since else 0.0
    return hall.change(number, served_seconds=ticket.served_seconds + here, at_counter_since=None, **changes)


def _completed(hall: Hall, event: ev.TicketCompleted) -> None:
    before = hall.tickets[event.number]
    ticket = _leave_counter(hall, event.number, event.at, state=State.COMPLETED, ended_at=event.at, ended_by=event.by)
    times = (*hall.services[ticket.service].times, (ticket.number, ticket.served_seconds))[-TIMES_KEPT:]
    _remember_times(hall, ticket.service, times)
    _take_step(hall, event.counter, Step("complete", event.seq, event.at, before), number=None)


def _remember_times(hall: Hall, service_id: str, times: tuple[tuple[str, float], ...]) -> None:
    expected = hall.definition_of(service_id).expected_seconds
    counted = [seconds for _, seconds in times[-TIMES_COUNTED:]]
    total = expected * EXPECTED_WEIGHT + sum(counted)
    hall.change_service(service_id, times=times, mean_seconds=total / (EXPECTED_WEIGHT + len(counted)))


def _no_show(hall: Hall, event: ev.TicketNoShow) -> None:
    before = hall.tickets[event.number]
    _leave_counter(hall, event.number, event.at, state=State.ABSENT)
    _take_step(hall, event.counter, Step("no_show", event.seq, event.at, before), number=None)


def _reinstated(hall: Hall, event: ev.TicketReinstated) -> None:
    hall.change(event.number, state=State.WAITING, place=place_at_head(event.seq), call_count=0, counter=None)


def _held(hall: Hall, event: ev.TicketHeld) -> None:
    _leave_counter(hall, event.number, event.at, state=State.HELD, reason=event.reason)
    hall.change_counter(event.counter, number=None)


def _resumed(hall: Hall, event: ev.TicketResumed) -> None:
    hall.change(
        event.number, state=State.SERVING, counter=event.counter, reason=None, at_counter_since=event.at,
        serving_at=hall.tickets[event.number].serving_at or event.at,
    )  # fmt: skip
    hall.change_counter(event.counter, number=event.number)


def _transferred(hall: Hall, event: ev.TicketTransferred) -> None:
    ticket = hall.tickets[event.number]
    by_issue = place_by_issue(hall.definition_of(event.service).priority, ticket.issue_seq)
    match hall.office.rules.transfer_place:
        case "issue":
            place, yields_to = by_issue, ticket.yields_to_seq
        case "end":
            place, yields_to = (*by_issue[:-1], event.seq), event.seq
        case "head":
            place, yields_to = place_at_head(event.seq), ticket.yields_to_seq
    _leave_counter(
        hall, event.number, event.at, state=State.WAITING, service=event.service, place=place,
        yields_to_seq=yields_to, counter=None, call_count=0, serving_at=None,
        reason=event.reason, transferred_from=ticket.service,
    )  # fmt: skip
    hall.change(event.number, served_seconds=0.0)
    hall.change_counter(event.counter, number=None)


def _deferred(hall: Hall, event: ev.TicketDeferred) -> None:
    ticket = hall.tickets[event.number]
    behind = hall.tickets[event.behind]
    let_by = hall.queues[ticket.service].between(hall.rank(ticket), hall.rank(behind))
    yields_to = max(hall.tickets[number].issue_seq for number in (*let_by, event.behind))
    hall.change(
        event.number,
        place=place_behind(hall.rank(behind), event.seq),
        yields_to_seq=max(ticket.yields_to_seq, yields_to),
        overtakes=0,
        deferrals=ticket.deferrals + 1,
        passed_by=(),
        passed_idle=None,
    )


def _cancelled(hall: Hall, event: ev.TicketCancelled) -> None:
    _end(hall, event, event.number, State.CANCELLED)


def _expired(hall: Hall, event: ev.TicketExpired) -> None:
    _end(hall, event, event.number, State.EXPIRED)


def _end(hall: Hall, event: ev.Event, number: str, state: State) -> None:
    ticket = hall.tickets[number]
    if ticket.state in AT_COUNTER and ticket.counter:
        hall.change_counter(ticket.counter, number=None)
    _leave_counter(hall, number, event.at, state=state, ended_at=event.at, ended_by=event.by)


def _corrected(hall: Hall, event: ev.TicketCorrected) -> None:
    before, state = hall.tickets[event.number], State(event.state)
    _correct_times(hall, before, event)
    has_ended = state is not State.ABSENT
    hall.change(
        event.number,
        state=state,
        service=event.service,
        ended_at=(before.ended_at or event.at) if has_ended else None,
        ended_by=(before.ended_by or event.by) if has_ended else None,
        corrected_seq=event.seq,
        corrected_at=event.at,
        corrected_by=event.by,
        corrected_reason=event.reason,
        was_state=before.was_state or event.was_state,
        was_service=before.was_service or event.was_service,
    )


def _correct_times(hall: Hall, before: Ticket, event: ev.TicketCorrected) -> None:
    # A time that was measured goes to the service that it was for; one that was no service is forgotten. A correction
    # never adds a time, for nobody measured one.
    measured = hall.services[before.service].times
    moved = tuple(each for each in measured if each[0] == event.number)
    if not moved:
        return
    _remember_times(hall, before.service, tuple(each for each in measured if each[0] != event.number))
    if event.state == "completed":
        _remember_times(hall, event.service, (*hall.services[event.service].times, *moved)[-TIMES_KEPT:])


def _undone(hall: Hall, event: ev.StepUndone) -> None:
    state = hall.counters[event.counter]
    step = state.steps[-1]
    after = hall.tickets[event.number]
    if step.kind == "complete":
        times = hall.services[after.service].times
        _remember_times(hall, after.service, tuple(each for each in times if each[0] != event.number))
    # What happened to the ticket meanwhile by others' doing stays: its alert, and overtakes that were taken back.
    hall.put(changed(step.before, alert=after.alert, near=after.near, overtakes=after.overtakes))
    _take_back_overtakes(hall, step)
    if step.kind == "call":
        hall.calls = [call for call in hall.calls if call.number != event.number or call.seq < step.seq]
        hall.change_counter(event.counter, steps=state.steps[:-1], number=None)
    else:
        hall.change_counter(event.counter, steps=state.steps[:-1], number=event.number)
    if step.kind == "no_show":
        hall.change_counter(event.counter, absence_undone_at=event.at)


def _take_back_overtakes(hall: Hall, step: Step) -> None:
    for number, deferrals in step.overtaken:
        ticket = hall.tickets[number]
        if ticket.deferrals == deferrals:
            hall.change(number, overtakes=ticket.overtakes - 1)
    for number in hall.expected:
        ticket = hall.tickets[number]
        by = tuple(each for each in ticket.passed_by if each[0] != step.seq)
        idle = None if ticket.passed_idle and ticket.passed_idle[0] == step.seq else ticket.passed_idle
        if (by, idle) != (ticket.passed_by, ticket.passed_idle):
            hall.tickets[number] = changed(ticket, passed_by=by, passed_idle=idle)


def _alert_requested(hall: Hall, event: ev.AlertRequested) -> None:
    hall.change(event.number, alert=Alert(event.ahead, event.minutes))


def _alert_withdrawn(hall: Hall, event: ev.AlertWithdrawn) -> None:
    hall.change(event.number, alert=None)


def _turn_near(hall: Hall, event: ev.TurnNear) -> None:
    hall.change(event.number, near=(*hall.tickets[event.number].near, event.service))


def _expiry_near(hall: Hall, event: ev.ExpiryNear) -> None:
    hall.change(event.number, is_warned=True)


_APPLY: dict[type[ev.Event], Callable[[Hall, Any], None]] = {
    ev.DayOpened: _day_opened,
    ev.DayExtended: _day_extended,
    ev.DayClosed: _day_closed,
    ev.CounterOpened: _counter_opened,
    ev.CounterClosed: _counter_closed,
    ev.ServiceOpened: _service_opened,
    ev.ServiceClosed: _service_closed,
    ev.QuotaSet: _quota_set,
    ev.NoticeSet: _notice_set,
    ev.TicketIssued: _issued,
    ev.TicketArrived: _arrived,
    ev.TicketCalled: _called,
    ev.TicketRecalled: _recalled,
    ev.ServingStarted: _started,
    ev.TicketCompleted: _completed,
    ev.TicketNoShow: _no_show,
    ev.TicketReinstated: _reinstated,
    ev.TicketHeld: _held,
    ev.TicketResumed: _resumed,
    ev.TicketTransferred: _transferred,
    ev.TicketDeferred: _deferred,
    ev.TicketCancelled: _cancelled,
    ev.TicketExpired: _expired,
    ev.TicketCorrected: _corrected,
    ev.StepUndone: _undone,
    ev.AlertRequested: _alert_requested,
    ev.AlertWithdrawn: _alert_withdrawn,
    ev.TurnNear: _turn_near,
    ev.ExpiryNear: _expiry_near,
}
