"""The visitor's verbs: take a ticket, arrive, defer, give up, ask for an alert."""

from datetime import datetime

from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.estimate import wait_at
from ticketing.hall.model import Hall
from ticketing.hall.office import Channel, Service
from ticketing.hall.order import place_by_issue
from ticketing.hall.ticket import OPEN, QUEUED, State
from ticketing.hall.verbs.writer import Decide, Writer, require, service_of, ticket_of


def _issue(writer: Writer, command: cmd.Issue) -> str:
    hall, now = writer.hall, writer.now
    service = service_of(hall, command.service)
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


def _arrive(writer: Writer, command: cmd.Arrive) -> str:
    ticket = ticket_of(writer.hall, command.number)
    if command.way != "staff" and command.way not in writer.hall.office.rules.arrival:
        raise no.WrongArrival(way=command.way)
    # A second tap, or a kiosk and a phone at once, changes nothing.
    if ticket.state is State.WAITING:
        return ticket.number
    require(ticket, State.EXPECTED)
    writer.emit(ev.TicketArrived, number=ticket.number, way=command.way)
    return ticket.number


def _defer(writer: Writer, command: cmd.Defer) -> str:
    hall = writer.hall
    ticket = ticket_of(hall, command.number)
    require(ticket, *QUEUED)
    if ticket.deferrals >= hall.office.rules.defer_limit:
        raise no.DeferLimit(limit=hall.office.rules.defer_limit)
    behind = hall.queues[ticket.service].behind(hall.rank(ticket), ticket.number, hall.office.rules.defer_by)
    if not behind:
        raise no.NobodyBehind()
    writer.emit(ev.TicketDeferred, number=ticket.number, behind=behind[-1][1])
    return ticket.number


def _cancel(writer: Writer, command: cmd.Cancel) -> str:
    ticket = ticket_of(writer.hall, command.number)
    require(ticket, *(OPEN - {State.SERVING}))
    writer.emit(ev.TicketCancelled, number=ticket.number)
    return ticket.number


def _reinstate(writer: Writer, command: cmd.Reinstate) -> str:
    ticket = ticket_of(writer.hall, command.number)
    require(ticket, State.ABSENT)
    writer.emit(ev.TicketReinstated, number=ticket.number)
    return ticket.number


def _request_alert(writer: Writer, command: cmd.RequestAlert) -> str:
    ticket = ticket_of(writer.hall, command.number)
    require(ticket, *OPEN)
    service = writer.hall.definition_of(ticket.service)
    ahead, minutes = command.ahead, command.minutes
    if ahead is None and minutes is None:
        ahead, minutes = service.alert_ahead, service.alert_minutes
    if ticket.alert is None or (ticket.alert.ahead, ticket.alert.minutes) != (ahead, minutes):
        writer.emit(ev.AlertRequested, number=ticket.number, ahead=ahead, minutes=minutes)
    return ticket.number


def _withdraw_alert(writer: Writer, command: cmd.WithdrawAlert) -> str:
    ticket = ticket_of(writer.hall, command.number)
    if ticket.alert is not None:
        writer.emit(ev.AlertWithdrawn, number=ticket.number)
    return ticket.number


DECIDE: dict[type[cmd.Command], Decide] = {
    cmd.Issue: _issue,
    cmd.Arrive: _arrive,
    cmd.Defer: _defer,
    cmd.Cancel: _cancel,
    cmd.Reinstate: _reinstate,
    cmd.RequestAlert: _request_alert,
    cmd.WithdrawAlert: _withdraw_alert,
}
