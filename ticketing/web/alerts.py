"""A visitor's wish to be alerted: when, the contact in its file, and the alert in the hall, kept in step."""

from contextlib import suppress

from ticketing.addresses import ContactChannel
from ticketing.hall import commands as cmd
from ticketing.hall.office import Service
from ticketing.hall.refusals import Refusal, UnknownTicket
from ticketing.ticket_ref import TicketRef
from ticketing.web.bodies import Thresholds
from ticketing.web.site import Site

#: Minutes to get ready in, before the way begins, where the service names no alert by minutes.
READY_MINUTES = 5


def wanted_thresholds(body: Thresholds, service: Service | None) -> tuple[int | None, int | None]:
    """People ahead and minutes of waiting at which to alert; both None: as the service has it.

    A visitor on the way needs the service's minutes and the way's on top of them; only the sum is kept. Who chose
    nothing else keeps the service's people ahead as well.
    """
    if body.travel_minutes is None:
        return body.ahead, body.minutes
    ready = (service.alert_minutes if service else None) or READY_MINUTES
    chose_nothing = body.ahead is None and body.minutes is None
    ahead = service.alert_ahead if service and chose_nothing else body.ahead
    return ahead, max(body.minutes or 0, body.travel_minutes + ready)


async def register_alert(
    site: Site,
    ref: TicketRef,
    channel: ContactChannel,
    address: str,
    language: str,
    ahead: int | None,
    minutes: int | None,
) -> None:
    """Keep the contact and have the ticket alerted.

    A refused alert leaves no contact that was not there before. Raises Refusal, and Unavailable; then the contact
    stays, for the alert may be on, and one that worked is not given up because of a bad moment.
    """
    # The contact first: an alert that is decided at once must find it.
    is_first = await site.contacts.put(
        ref.office_id, ref.day, ref.number, channel, address, language, ahead, minutes, site.clock.now()
    )
    command = cmd.RequestAlert(by="web", number=ref.number, ahead=ahead, minutes=minutes)
    try:
        await site.desk(ref.office_id).submit(command)
    except Refusal:
        if is_first:
            await site.contacts.remove(ref.office_id, ref.day, ref.number, channel)
        raise


async def withdraw_if_last(site: Site, ref: TicketRef) -> None:
    """Ends the ticket's alert when no contact is left to send it to; one of an earlier day has ended with its day."""
    if await site.contacts.masked(ref.office_id, ref.day, ref.number):
        return
    desk = site.desks.get(ref.office_id)
    if desk is None or desk.hall.day != ref.day or ref.number not in desk.hall.tickets:
        return
    # The command itself may open the next day.
    with suppress(UnknownTicket):
        await desk.submit(cmd.WithdrawAlert(by="web", number=ref.number))
