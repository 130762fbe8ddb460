"""Links a LINE account to the ticket whose code its user showed."""

from dataclasses import replace

from ticketing.addresses import BadAddress, check_address
from ticketing.clock import rfc3339
from ticketing.hall.refusals import UnknownTicket
from ticketing.line_links import LinkRequest
from ticketing.notice import line_linked
from ticketing.web.alerts import register_alert
from ticketing.web.site import Site


async def claim_code(site: Site, user_id: str, typed: str) -> LinkRequest | None:
    """What the code was made for; None: it is no code, or not this user's."""
    try:
        check_address("line", user_id)
    except BadAddress:
        return None
    return await site.line_links.claim(typed, site.clock.now(), user_id)


async def link_account(site: Site, user_id: str, request: LinkRequest) -> None:
    """Registers the account as the ticket's contact and confirms it by a message.

    Done twice for one code it does nothing twice. Raises Refusal; and Unavailable, after which it may be tried again.
    """
    ref = request.ref
    desk = site.desks.get(ref.office_id)
    if desk is None or desk.hall.day != ref.day:
        raise UnknownTicket
    address = check_address("line", user_id)
    await register_alert(site, ref, "line", address, request.language, request.ahead, request.minutes)
    told = line_linked(ref.day, ref.number, site.clock.now())
    await site.notices.add(ref.office_id, replace(told, occurrence=rfc3339(request.expires_at)))
    site.live.refresh(ref.office_id, ref.day, ref.number)
