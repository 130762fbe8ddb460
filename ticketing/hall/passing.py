"""What passing time leads to: the end of a day, unanswered calls, expiries and alerts."""

from datetime import datetime, timedelta

from ticketing.hall import events as ev
from ticketing.hall.estimate import wait_of
from ticketing.hall.model import Hall
from ticketing.hall.office import WebRules
from ticketing.hall.ticket import State, Ticket
from ticketing.hall.verbs.writer import Writer

#: How often time is looked at while an alert by minutes may come due.
ALERT_TICK = timedelta(seconds=10)
#: A visitor who has not arrived is warned when the ticket has no longer than this to live …
WARNED_BEFORE = timedelta(minutes=15)
#: … or when this part of the calls that end it have passed it.
WARNED_AFTER_PART = 0.5


def next_due(hall: Hall, now: datetime) -> datetime | None:
    """When time will have something to do next; None: never, before the first command."""
    if hall.day is None or hall.closes_at is None:
        return None
    due = [] if hall.notice_until is None else [hall.notice_until]
    if hall.is_closed:
        due.append(hall.next_day_at())
        return min(due)
    due.append(hall.closes_at)
    due.extend(at for number in hall.expected if (at := _expires_at(hall, hall.tickets[number])) is not None)
    due.extend(at for number in hall.expected if (at := _warns_at(hall, hall.tickets[number])) is not None)
    due.extend(at for _, at in _unanswered(hall))
    if any(alert.minutes is not None for number in hall.awaiting_alert if (alert := hall.tickets[number].alert)):
        due.append(now + ALERT_TICK)
    return min(due)


def run_time(writer: Writer) -> None:
    _turn_day(writer)
    _take_notice_down(writer)
    if not writer.hall.is_closed:
        _mark_unanswered(writer)
        _expire(writer)


def _take_notice_down(writer: Writer) -> None:
    until = writer.hall.notice_until
    if until is not None and writer.now >= until:
        writer.emit(ev.NoticeSet, text=None)


def _turn_day(writer: Writer) -> None:
    hall, now = writer.hall, writer.now
    if hall.closes_at is not None and now < hall.closes_at:
        return
    if hall.day is not None and not hall.is_closed:
        close_day(writer)
    definition = hall.definition
    day = definition.business_day(now)
    # After a definition moved the turn of the day back, the day that just ended must not open a second time.
    if hall.day is None or day > hall.day:
        writer.emit(ev.DayOpened, day=day, office=definition, closes_at=definition.day_end(day))


def close_day(writer: Writer) -> None:
    hall = writer.hall
    assert hall.day is not None
    numbers = tuple(number for number, ticket in hall.tickets.items() if ticket.is_open)
    writer.emit(ev.DayClosed, day=hall.day, numbers=numbers)


def _mark_unanswered(writer: Writer) -> None:
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


def _expire(writer: Writer) -> None:
    for number in list(writer.hall.expected):
        due = _expires_at(writer.hall, writer.hall.tickets[number])
        if due is not None and writer.now >= due:
            writer.emit(ev.TicketExpired, number=number)


def _expires_at(hall: Hall, ticket: Ticket) -> datetime | None:
    """When an expected ticket expires that was passed; None: it was not."""
    passed_at = ticket.passed_at
    if passed_at is None:
        return None
    web = _web_rules(hall, ticket)
    return passed_at if ticket.passed_calls >= web.grace_calls else passed_at + timedelta(seconds=web.grace_seconds)


def _warns_at(hall: Hall, ticket: Ticket) -> datetime | None:
    """When the visitor of an expected ticket that was passed is warned; None: never, as things stand."""
    expires_at = _expires_at(hall, ticket)
    if expires_at is None or ticket.alert is None or ticket.is_warned:
        return None
    is_soon_by_calls = ticket.passed_calls >= _web_rules(hall, ticket).grace_calls * WARNED_AFTER_PART
    return ticket.passed_at if is_soon_by_calls else expires_at - WARNED_BEFORE


def _web_rules(hall: Hall, ticket: Ticket) -> WebRules:
    web = hall.definition_of(ticket.service).web
    assert web is not None, "only a ticket from the web is expected"
    return web


def decide_alerts(writer: Writer) -> None:
    """Who is to be told now that the turn is near, and who that the ticket is about to expire."""
    _decide_turns(writer)
    _decide_warnings(writer)


def _decide_warnings(writer: Writer) -> None:
    hall, now = writer.hall, writer.now
    for number in list(hall.expected):
        ticket = hall.tickets[number]
        warns_at, expires_at = _warns_at(hall, ticket), _expires_at(hall, ticket)
        # Whoever has expired already needs no warning: the next tick ends the ticket.
        if warns_at is not None and expires_at is not None and warns_at <= now < expires_at:
            is_known = expires_at - now <= WARNED_BEFORE
            writer.emit(ev.ExpiryNear, number=number, expires_at=expires_at if is_known else None)


def _decide_turns(writer: Writer) -> None:
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
