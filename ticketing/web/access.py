"""Who is asking, and whether they may: staff, devices, browsers and ticket holders."""

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from ticketing.audit import Entry
from ticketing.desk import Desk
from ticketing.devices import Device
from ticketing.hall.ticket import Ticket
from ticketing.hall.values import value
from ticketing.network import is_in
from ticketing.staff import Account
from ticketing.ticket_ref import TicketRef
from ticketing.tokens import new_token, token_hash
from ticketing.web.call import Call, address_of, cookie, header
from ticketing.web.problems import Problem
from ticketing.web.site import Site

BROWSER_COOKIE_SECONDS = int(timedelta(days=1).total_seconds())
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin(site: Site, connection: HTTPConnection) -> None:
    """Refuses what another site's page makes a browser do with our cookies. Raises Problem 403.

    Browsers name the page's origin on every POST and every WebSocket; without a cookie there is nothing to abuse.
    """
    if connection.scope.get("method") in _SAFE_METHODS or not _has_our_cookie(site, connection):
        return
    origin = header(connection, b"origin", None)
    if origin is None:
        is_ours = header(connection, b"sec-fetch-site") in {"", "same-origin", "none"}
    else:
        is_ours = origin == site.config.server.public_url or _host_of(origin) == _own_host(connection)
    if not is_ours:
        raise Problem(403, "wrong_origin", "This request comes from another site's page.")


def _host_of(origin: str) -> str:
    """Empty for ``null`` and for what is no origin."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _own_host(connection: HTTPConnection) -> str | None:
    return header(connection, b"host").lower() or None


def _has_our_cookie(site: Site, connection: HTTPConnection) -> bool:
    # A proxy may have split the cookies over several headers.
    ours = site.cookie("").encode()
    return any(name == b"cookie" and ours in value for name, value in connection.scope["headers"])


def check_staff_network(site: Site, connection: HTTPConnection) -> None:
    """Staff pages answer only to the configured networks. Raises Problem 403."""
    networks = site.config.server.staff_networks
    if networks and not is_in(address_of(site, connection), networks):
        raise Problem(403, "staff_network", "Staff pages can be used from the office's network only.")


async def signed_in(call: Call) -> Account:
    """The account whose session the request carries. Raises Problem 401 and 403."""
    account = await _session(call)
    try:
        check_staff_network(call.site, call.request)
    except Problem as problem:
        if account is not None:
            await _record_refused(call, account, problem.code)
        raise
    if account is None:
        raise Problem(401, "not_signed_in", "Please sign in.", headers={"WWW-Authenticate": "Cookie"})
    return account


async def _record_refused(call: Call, account: Account, code: str, office_id: str | None = None) -> None:
    await call.site.audit.record(
        Entry(
            at=call.site.clock.now(),
            who=f"staff:{account.name}",
            what="access.refused",
            target=call.operation or None,
            office_id=office_id,
            address=call.address_text,
            result=code,
        )
    )


async def not_allowed(call: Call, account: Account, role: str, office_id: str | None = None) -> Problem:
    """The problem to raise when an account lacks a role; that it tried is on record then."""
    await _record_refused(call, account, "not_allowed", office_id)
    place = " at this office" if office_id else ""
    return Problem(403, "not_allowed", f"This needs the role {role}{place}.")


async def _session(call: Call) -> Account | None:
    token = call.cookie("session")
    return await call.site.sessions.find(token, call.site.clock.now()) if token else None


async def staff(call: Call, *roles: str) -> tuple[Account, Desk]:
    """The signed-in account, with one of these roles at the office in the path. Raises Problem 401, 403 and 404."""
    account = await signed_in(call)
    desk = call.desk
    if not any(account.may(role, desk.office.id) for role in roles):
        raise await not_allowed(call, account, roles[0], desk.office.id)
    return account, desk


async def device(call: Call, *kinds: str) -> Device | None:
    """The device that the request comes from, if it is of one of these kinds and stands in the path's office."""
    token = call.cookie("device")
    if token is None:
        return None
    found = await call.site.devices.find(token, call.site.clock.now())
    return found if found and found.kind in kinds and found.office_id == call.path("office") else None


@value(frozen=True, slots=True)
class Giver:
    """Who takes a ticket or lets one arrive, and through which channel."""

    by: str
    channel: str
    #: Whose idempotency keys these are; None: the key is its own credential.
    scope: str | None


async def giver(call: Call, via: str | None) -> Giver:
    """Who acts at an office: a kiosk, staff or, with neither, a visitor on the web.

    ``via`` says which of several hats a browser wears; a hat that it does not have is refused. Raises Problem 401, 403.
    """
    if via in (None, "kiosk"):
        kiosk = await device(call, "kiosk")
        if kiosk is not None:
            return Giver(f"kiosk:{kiosk.id}", "kiosk", f"kiosk:{kiosk.id}")
        if via == "kiosk":
            raise Problem(401, "not_enrolled", "This browser is not enrolled as a kiosk of this office.")
    if via == "staff" or (via is None and await _session(call) is not None):
        account = await signed_in(call)
        if account.may("clerk", call.path("office")):
            return Giver(f"staff:{account.name}", "staff", f"staff:{account.name}")
        if via == "staff":
            raise await not_allowed(call, account, "clerk", call.path("office"))
    return Giver("web", "web", browser_scope(call))


def browser_scope(call: Call) -> str | None:
    """The browser's anonymous cookie, hashed, as the owner of its idempotency keys."""
    hashed = token_hash(call.cookie("browser") or "")
    return f"browser:{hashed[:32]}" if hashed else None


def give_browser_cookie(call: Call) -> None:
    """A browser without the anonymous cookie gets one with the answer."""
    if browser_scope(call) is None:
        call.set_cookie("browser", new_token(128), BROWSER_COOKIE_SECONDS)


@value(frozen=True, slots=True)
class Holder:
    """A ticket, shown its secret for."""

    ref: TicketRef
    desk: Desk
    secret: str

    @property
    def ticket(self) -> Ticket:
        return self.desk.hall.tickets[self.ref.number]


async def holder(site: Site, connection: HTTPConnection, secret: str | None = None) -> Holder:
    """The ticket whose secret the request carries: given, as a Bearer token, or in the browser's cookie.

    Raises Problem 401 for none, a foreign one, and one of another day.
    """
    secret = secret or _bearer(connection) or cookie(site, connection, "ticket")
    found = await _find(site, secret) if secret else None
    if found is None:
        raise wrong_secret()
    return found


def wrong_secret() -> Problem:
    detail = "This needs the secret of a ticket of today."
    return Problem(401, "wrong_secret", detail, headers={"WWW-Authenticate": "Bearer"})


def _bearer(connection: HTTPConnection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def _find(site: Site, secret: str) -> Holder | None:
    ref = site.secrets.read(secret)
    desk = site.desks.get(ref.office_id) if ref else None
    if ref is None or desk is None:
        return None
    if desk.hall.day != ref.day or ref.number not in desk.hall.tickets:
        # Another process may have issued it a moment ago.
        await desk.catch_up()
    is_there = desk.hall.day == ref.day and ref.number in desk.hall.tickets
    return Holder(ref, desk, secret) if is_there else None
