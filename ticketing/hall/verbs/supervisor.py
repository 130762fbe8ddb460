"""The supervisor's verbs: services, quotas, the boards' message, corrections, the day."""

from datetime import timedelta

from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.passing import close_day
from ticketing.hall.ticket import State
from ticketing.hall.verbs.writer import Decide, Writer, require, require_reason, service_of, ticket_of

#: A day can be extended by this much past its planned end.
LONGEST_EXTENSION = timedelta(hours=24)
#: Where a visit is over, as far as anybody noted: what can be wrong about it is corrected. Before, the usual verbs do.
CORRECTABLE = (State.COMPLETED, State.ABSENT, State.CANCELLED, State.EXPIRED)


def _open_service(writer: Writer, command: cmd.OpenService) -> None:
    service_of(writer.hall, command.service)
    closed = writer.hall.services[command.service].closed
    if any(channel in closed for channel in command.channels):
        writer.emit(ev.ServiceOpened, service=command.service, channels=command.channels)


def _close_service(writer: Writer, command: cmd.CloseService) -> None:
    service_of(writer.hall, command.service)
    require_reason(writer.hall, command.reason)
    closed = writer.hall.services[command.service].closed
    if any(closed.get(channel, "") != command.reason for channel in command.channels):
        writer.emit(ev.ServiceClosed, service=command.service, channels=command.channels, reason=command.reason)


def _set_quota(writer: Writer, command: cmd.SetQuota) -> None:
    service = service_of(writer.hall, command.service)
    if service.web is None:
        raise no.NotOnTheWeb(service=service.id)
    if writer.hall.services[service.id].quota != command.quota:
        writer.emit(ev.QuotaSet, service=service.id, quota=command.quota)


def _set_notice(writer: Writer, command: cmd.SetNotice) -> None:
    until = command.until if command.text else None
    if until is not None and until <= writer.now:
        raise no.WrongNoticeUntil(until=until.isoformat())
    if (writer.hall.notice, writer.hall.notice_until) != (command.text, until):
        writer.emit(ev.NoticeSet, text=command.text, until=until)


def _correct(writer: Writer, command: cmd.Correct) -> str:
    hall = writer.hall
    if hall.is_closed:
        raise no.DayIsClosed()
    if command.day not in (None, hall.day):
        raise no.OtherDay(business_day=hall.day.isoformat() if hall.day else None)
    ticket = ticket_of(hall, command.number)
    seen = (command.seen_state or str(ticket.state), command.seen_service or ticket.service)
    if seen != (ticket.state, ticket.service):
        raise no.CorrectedMeanwhile(number=ticket.number, state=str(ticket.state), service=ticket.service)
    require(ticket, *CORRECTABLE)
    service = ticket.service if command.service is None else service_of(hall, command.service).id
    require_reason(hall, command.reason)
    state = command.state or str(ticket.state)
    if (state, service) == (ticket.state, ticket.service):
        raise no.NothingToCorrect(number=ticket.number)
    writer.emit(
        ev.TicketCorrected, number=ticket.number, state=state, service=service, was_state=str(ticket.state),
        was_service=ticket.service, reason=command.reason,
    )  # fmt: skip
    return ticket.number


def _end_day(writer: Writer, command: cmd.CloseDay) -> None:
    if writer.hall.is_closed:
        raise no.DayIsClosed()
    close_day(writer)


def _extend_day(writer: Writer, command: cmd.ExtendDay) -> None:
    hall = writer.hall
    assert hall.day is not None and hall.closes_at is not None
    latest = hall.office.day_end(hall.day) + LONGEST_EXTENSION
    earliest = hall.closes_at if not hall.is_closed else writer.now
    if not earliest < command.until <= latest:
        raise no.WrongUntil(closes_at=hall.closes_at.isoformat())
    writer.emit(ev.DayExtended, until=command.until)


DECIDE: dict[type[cmd.Command], Decide] = {
    cmd.OpenService: _open_service,
    cmd.CloseService: _close_service,
    cmd.SetQuota: _set_quota,
    cmd.SetNotice: _set_notice,
    cmd.Correct: _correct,
    cmd.CloseDay: _end_day,
    cmd.ExtendDay: _extend_day,
}
