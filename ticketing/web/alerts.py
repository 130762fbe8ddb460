"""A visitor's wish to be alerted: the contact in its file, and the alert in the hall, kept in step."""

from contextlib import suppress

from ticketing.addresses import ContactChannel
from ticketing.hall import commands as cmd
from ticketing.hall.refusals import Refusal, UnknownTicket
from ticketing.ticket_ref import TicketRef
from ticketing.web.site import Site


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
