"""What a board, a visitor, a clerk or the world may see of a hall, as plain JSON values."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from ticketing.hall.estimate import Outlook, Range
from ticketing.hall.model import CounterState, Hall
from ticketing.hall.office import Hours, Office, Service, name_as_written, name_in
from ticketing.hall.ticket import OPEN, QUEUED, State, Ticket
from ticketing.hall.verbs.clerk import step_to_undo, why_not_undone
from ticketing.hall.verbs.visitor import why_not_issued

#: A board that connects hears of calls this young.
CALLS_TOLD_FOR = timedelta(minutes=3)
#: … and of at most so many.
CALLS_TOLD = 20
Json = dict[str, Any]


# What is told at one moment is full of the same few times.
@lru_cache(maxsize=1024)
def timestamp(at: datetime | None) -> str | None:
    """RFC 3339, UTC, milliseconds."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def office_view(hall: Hall, now: datetime, language: str) -> Json:
    """The office as anyone may see it before taking a ticket."""
    office, waits = hall.office, Outlook(hall, now)
    return {
        "id": office.id,
        "name": name_as_written(office.names, language),
        "open": not hall.is_closed and office.hours.is_open(office.local(now)),
        "languages": list(office.languages),
        "time_zone": office.time_zone,
        "business_day": hall.day.isoformat() if hall.day else None,
        "closes_at": timestamp(hall.closes_at),
        "notice": hall.notice,
        "arrival": list(office.rules.arrival),
        "deferral": {"places": office.rules.defer_by, "times": office.rules.defer_limit},
        "board": {
            "chime": office.board.chime,
            "languages": list(office.board.languages or office.languages),
            "silent": office.board.silent,
            "voice": list(office.board.voice),
            "playlist": bool(office.board.playlist),
            "directions": dict(office.board.directions),
            "groups": [
                {"id": group.id, "name": name_as_written(group.names, language), "services": list(group.services)}
                for group in office.board.groups
            ],
        },
        "kiosk": _kiosk(office, language),
        "reasons": [{"code": each.code, "name": name_as_written(each.names, language)} for each in office.reasons],
        "services": [_service_offer(hall, service, now, language, waits) for service in office.services],
        "counters": [
            {
                "id": counter.id,
                "label": counter.label,
                "open": hall.counters[counter.id].is_open,
                "services": list(counter.services),
            }
            for counter in office.counters
        ],
    }


def _kiosk(office: Office, language: str) -> Json:
    """How ticket machines arrange the services, and what the office's numbers begin with."""
    return {
        "groups": [
            {
                "id": group.id,
                "name": name_as_written(group.names, language),
                "icon": group.icon,
                "services": list(group.services),
            }
            for group in office.kiosk.groups
        ],
        "prefixes": sorted({series.prefix for series in office.series}),
    }


def _service_offer(hall: Hall, service: Service, now: datetime, language: str, waits: Outlook) -> Json:
    at_kiosk = why_not_issued(hall, service, "kiosk", now)
    on_web = why_not_issued(hall, service, "web", now)
    return {
        "id": service.id,
        "name": name_as_written(service.names, language),
        "public_name": name_as_written(service.public_names or service.names, language),
        "open": at_kiosk is None,
        "kiosk": at_kiosk is None,
        "web": on_web is None,
        "on_web": service.web is not None,
        "arrival_needed": service.web is not None and service.web.arrival_needed,
        "reason": at_kiosk.details.get("reason") or at_kiosk.code if at_kiosk else None,
        "web_reason": on_web.details.get("reason") or on_web.code if on_web else None,
        "opens_at": timestamp(_opens_at(hall, service, now)) if at_kiosk else None,
        "web_opens_at": timestamp(_opens_on_web_at(hall, service, now)) if on_web else None,
        "alert_ahead": service.alert_ahead,
        "alert_minutes": service.alert_minutes,
        "icon": service.icon,
        "waiting_count": len(hall.queues[service.id]),
        **_wait(waits.of_newcomer(service.id)),
    }


def _opens_at(hall: Hall, service: Service, now: datetime) -> datetime | None:
    """When the office and the service's kiosk hours are both open next."""
    return _next_open(hall, now, hall.office.hours, service.kiosk_hours or hall.office.hours)


def _opens_on_web_at(hall: Hall, service: Service, now: datetime) -> datetime | None:
    """When web tickets are given next, where the hour is why there are none now."""
    if service.web is None:
        return None
    hours = service.web.hours or hall.office.hours
    is_hour = hours.is_open(hall.office.local(now)) and not hall.is_closed
    return None if is_hour else _next_open(hall, now, hours)


def _next_open(hall: Hall, now: datetime, *all_of: Hours) -> datetime | None:
    """When all hours are open next; after the day's end, not before the next day."""
    since, starts = hall.office.local(now), set[datetime]()
    if hall.is_closed and (next_day := hall.next_day_at()) > now:
        since = hall.office.local(next_day)
        starts.add(since)
    starts.update(at for hours in all_of for at in hours.openings(since))
    return next((at for at in sorted(starts) if all(hours.is_open(at) for hours in all_of)), None)


def ticket_view(hall: Hall, ticket: Ticket, now: datetime, waits: Outlook | None = None) -> Json:
    """The ticket as its visitor may see it; whoever looks at many tickets at one moment gives the outlook."""
    return {**ticket_facts(hall, ticket), **ticket_turn(hall, ticket, waits or Outlook(hall, now))}


def ticket_facts(hall: Hall, ticket: Ticket) -> Json:
    """What stays as it is while the ticket does."""
    return {
        "office": hall.office.id,
        "number": ticket.number,
        "service": ticket.service,
        "state": str(ticket.state),
        "language": ticket.language,
        "issued_at": timestamp(ticket.issued_at),
        "business_day": hall.day.isoformat() if hall.day else None,
        "counter": ticket.counter,
        "called_at": timestamp(ticket.called_at),
        "call_count": ticket.call_count,
        "deferrals_left": max(0, hall.office.rules.defer_limit - ticket.deferrals),
    }


def ticket_turn(hall: Hall, ticket: Ticket, waits: Outlook) -> Json:
    """What changes with every step of the queue."""
    ahead = hall.ahead(ticket) if ticket.state in QUEUED else None
    return {"position": None if ahead is None else ahead + 1, "ahead": ahead, **_wait(waits.of(ticket))}


def queue_view(hall: Hall, now: datetime, language: str) -> Json:
    """Every open ticket and every counter, for the clerks."""
    in_order = [number for queue in hall.queues.values() for number in queue]
    ranked = sorted(in_order, key=lambda number: (hall.rank(hall.tickets[number]), number))
    order = {number: place for place, number in enumerate(ranked, 1)}
    others = [number for number, ticket in hall.tickets.items() if ticket.state in OPEN - {State.WAITING}]
    waits = Outlook(hall, now)
    return {
        "seq": hall.seq,
        "now": timestamp(now),
        "business_day": hall.day.isoformat() if hall.day else None,
        "closed": hall.is_closed,
        "notice_until": timestamp(hall.notice_until),
        "call_number": hall.office.rules.call_number,
        "tickets": [
            {**_open_ticket(hall, hall.tickets[number], now, waits), "call_order": order.get(number)}
            for number in (*in_order, *others)
        ],
        "counters": [
            {**counter_view(hall, counter.id, now), **_visit_at(hall, counter.id)} for counter in hall.office.counters
        ],
        "services": [
            {
                "id": service.id,
                "name": name_in(service.names, language),
                "wait_target_seconds": service.wait_target_seconds,
                "longest_wait_seconds": _longest_wait(hall, service.id, now),
                **service_view(hall, service.id),
            }
            for service in hall.office.services
        ],
    }


def _visit_at(hall: Hall, counter_id: str) -> Json:
    """Since when a visitor is at a counter, and how long a visit for that service usually takes there."""
    number = hall.counters[counter_id].number
    ticket = hall.tickets[number] if number else None
    return {
        "since": timestamp(ticket.at_counter_since) if ticket else None,
        "usual_seconds": int(hall.services[ticket.service].mean_seconds) if ticket else None,
    }


def _longest_wait(hall: Hall, service_id: str, now: datetime) -> int | None:
    """How long the one who waits longest has waited; None when nobody waits."""
    waiting = [hall.tickets[number] for number in hall.queues[service_id]]
    return max((_waited(ticket, now) for ticket in waiting), default=None)


def _waited(ticket: Ticket, now: datetime) -> int:
    return int((now - (ticket.arrived_at or ticket.issued_at)).total_seconds())


def _open_ticket(hall: Hall, ticket: Ticket, now: datetime, waits: Outlook) -> Json:
    return {
        **ticket_view(hall, ticket, now, waits),
        "channel": ticket.channel,
        "arrived_at": timestamp(ticket.arrived_at),
        "first_called_at": timestamp(ticket.first_called_at),
        "serving_at": timestamp(ticket.serving_at),
        "wait_seconds": _waited(ticket, now),
        "overtakes": ticket.overtakes,
        "reason": ticket.reason,
        "transferred_from": ticket.transferred_from,
    }


def counter_view(hall: Hall, counter_id: str, now: datetime) -> Json:
    """A counter as the clerks see it."""
    counter = hall.office.counter(counter_id)
    assert counter is not None
    state = hall.counters[counter_id]
    return {
        "id": counter.id,
        "label": counter.label,
        "open": state.is_open,
        "services": list(counter.services),
        "order": counter.order,
        "staff": state.staff.removeprefix("staff:") if state.staff else None,
        "number": state.number,
        "state": str(hall.tickets[state.number].state) if state.number else None,
        "undo": undo_view(hall, counter_id, now),
        "on_break": _break(state),
    }


def undo_view(hall: Hall, counter_id: str, now: datetime) -> Json | None:
    """What a counter can take back, and until when."""
    step = step_to_undo(hall, counter_id, now)
    if step is None or why_not_undone(hall, counter_id, step) is not None:
        return None
    until = step.at + timedelta(seconds=hall.office.rules.undo_seconds)
    return {"step": step.kind, "number": step.before.number, "until": timestamp(until)}


def _break(state: CounterState) -> Json | None:
    if state.break_since is None:
        return None
    staff = state.break_by.removeprefix("staff:") if state.break_by else None
    return {"since": timestamp(state.break_since), "staff": staff}


def service_view(hall: Hall, service_id: str) -> Json:
    """What a supervisor switched for a service, and its web tickets today."""
    state = hall.services[service_id]
    return {
        "service": service_id,
        "closed": dict(state.closed),
        "quota": state.quota,
        "web_issued": state.web_issued,
        "web_open": state.web_open,
    }


def day_view(hall: Hall) -> Json:
    """The business day."""
    return {
        "business_day": hall.day.isoformat() if hall.day else None,
        "closes_at": timestamp(hall.closes_at),
        "closed": hall.is_closed,
        "notice": hall.notice,
        "notice_until": timestamp(hall.notice_until),
    }


def snapshot(hall: Hall, now: datetime) -> Json:
    """Everything a board shows, without its type, seq and time."""
    waits = Outlook(hall, now)
    return {
        "office": hall.office.id,
        "services": [_board_service(hall, service, now, waits) for service in hall.office.services],
        "counters": [_board_counter(hall, counter.id, counter.label) for counter in hall.office.counters],
        "absent": list(hall.absent),
        "notice": hall.notice,
        "calls": [
            {
                "seq": call.seq,
                "number": call.number,
                "counter": call.counter,
                "at": timestamp(call.at),
                "call_count": call.call_count,
                "language": hall.tickets[call.number].language,
            }
            for call in hall.calls[-CALLS_TOLD:]
            if now - call.at <= CALLS_TOLD_FOR
        ],
    }


def _board_service(hall: Hall, service: Service, now: datetime, waits: Outlook) -> Json:
    names = service.public_names or service.names
    return {
        "id": service.id,
        "name": name_in(names, hall.office.languages[0]),
        "open": why_not_issued(hall, service, "kiosk", now) is None,
        "waiting": list(hall.queues[service.id]),
        **_wait(waits.of_newcomer(service.id)),
    }


def _board_counter(hall: Hall, counter_id: str, label: str) -> Json:
    state = hall.counters[counter_id]
    ticket = hall.tickets[state.number] if state.number else None
    return {
        "id": counter_id,
        "label": label,
        "open": state.is_open,
        "calling": ticket.number if ticket else None,
        "called_at": timestamp(ticket.called_at) if ticket else None,
        "call_count": ticket.call_count if ticket else 0,
    }


def changes(before: Json, after: Json) -> Json:
    """What turns one snapshot into a later one: changed entries whole, lists that changed, and new calls."""
    frame: Json = {}
    for key in ("services", "counters"):
        old = {entry["id"]: entry for entry in before[key]}
        frame[key] = [entry for entry in after[key] if old.get(entry["id"]) != entry]
    for key in ("absent", "notice"):
        if before[key] != after[key]:
            frame[key] = after[key]
    told = before["calls"][-1]["seq"] if before["calls"] else 0
    frame["calls"] = [call for call in after["calls"] if call["seq"] > told]
    return frame


def _wait(wait: Range | None) -> Json:
    return {"wait_low": wait.low if wait else None, "wait_high": wait.high if wait else None}
