"""The contact in its file and the alert in the hall, kept in step."""

import asyncio

from tests.ticketing.web.edge import MAIL, START, Edge
from ticketing.ticket_ref import TicketRef
from ticketing.web.alerts import register_alert, withdraw_if_last

DAY = START.date()


async def test_visitor_who_hangs_up_keeps_the_contact(edge: Edge) -> None:
    ticket, site = await edge.ticket(), edge.node.site
    ref = TicketRef("ward", DAY, ticket.number)

    async with edge.node.main_file.transaction():
        # The desk cannot append for as long as this lasts.
        registering = asyncio.create_task(register_alert(site, ref, "email", MAIL, "ja", None, None))
        async with asyncio.timeout(5):
            while await site.contacts.count("ward", DAY) == 0:
                await asyncio.sleep(0.001)
        # Whether it has come as far as the desk shows nowhere; the outcome is the same.
        await asyncio.sleep(0.05)
        registering.cancel()
        await asyncio.wait([registering])

    assert registering.cancelled()
    assert [each.address for each in await site.contacts.get("ward", DAY, ticket.number)] == [MAIL]


async def test_alert_is_withdrawn_with_the_last_contact_only(edge: Edge) -> None:
    ticket, site = await edge.ticket(), edge.node.site
    desk, ref = site.desk("ward"), TicketRef("ward", DAY, ticket.number)
    await register_alert(site, ref, "email", MAIL, "ja", None, None)

    await withdraw_if_last(site, ref)
    with_contact = desk.hall.tickets[ticket.number].alert
    await site.contacts.remove("ward", DAY, ticket.number)
    await withdraw_if_last(site, ref)

    assert with_contact is not None
    assert desk.hall.tickets[ticket.number].alert is None
