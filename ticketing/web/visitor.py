"""What a visitor does with their own ticket."""

from contextlib import suppress
from hashlib import sha256

import msgspec
from starlette.responses import Response

from ticketing.addresses import ChannelIsOff, check_address
from ticketing.clock import rfc3339
from ticketing.hall import commands as cmd
from ticketing.hall.refusals import UnknownLanguage, UnknownTicket, WrongArrival, WrongState
from ticketing.hall.view import Json, ticket_view
from ticketing.orders import Answer, IdempotencyKey, Unavailable
from ticketing.web.access import Holder, browser_scope, holder, wrong_secret
from ticketing.web.alerts import register_alert
from ticketing.web.bodies import ArriveBody, ContactBody, LineLinkBody, Nothing, Thresholds
from ticketing.web.call import Call
from ticketing.web.problems import Problem, too_many
from ticketing.web.public import TICKET_COOKIE_SECONDS


async def show_ticket(call: Call) -> Response:
    held = await holder(call.site, call.request)
    body = await _view(call, held)
    # Whoever opened the link on this browser finds the ticket again at the bare public address.
    if call.cookie("ticket") != held.secret:
        call.set_cookie("ticket", held.secret, TICKET_COOKIE_SECONDS)
    etag = f'"{sha256(msgspec.json.encode(body)).hexdigest()[:32]}"'
    if _has(call, etag):
        return call.with_cookies(Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-store"}))
    return call.json(body, headers={"ETag": etag})


def _has(call: Call, etag: str) -> bool:
    # Proxies that compress make the ETag a weak one.
    known = call.request.headers.get("if-none-match", "").split(",")
    return any(each.strip().removeprefix("W/") in (etag, "*") for each in known)


async def _view(call: Call, held: Holder) -> Json:
    view = ticket_view(held.desk.hall, held.ticket, call.site.clock.now())
    return {**view, **await call.site.extras(held.desk.office.id, held.ref.day, held.ref.number)}


async def _do(call: Call, held: Holder, command: cmd.Command) -> Response:
    answer = await _submit(held, command, call.idempotency_key(browser_scope(call)))
    extras = await call.site.extras(held.desk.office.id, held.ref.day, held.ref.number)
    return call.json({**(answer.body or {}), **extras})


async def _submit(held: Holder, command: cmd.Command, key: IdempotencyKey | None = None) -> Answer:
    try:
        return await held.desk.submit(command, key=key)
    except UnknownTicket:
        # The command was the first thing to happen on a new day: the secret is of yesterday.
        raise wrong_secret() from None


async def arrive(call: Call) -> Response:
    body = await call.body(ArriveBody)
    held = await holder(call.site, call.request)
    way = "tap"
    if body.code is not None:
        _check_arrival_code(call, held, body.code)
        way = "code"
    elif "tap" not in held.desk.hall.office.rules.arrival:
        raise WrongArrival(way="tap")
    return await _do(call, held, cmd.Arrive(by="web", number=held.ref.number, way=way))  # type: ignore[arg-type]


def _check_arrival_code(call: Call, held: Holder, code: str) -> None:
    now = call.site.clock.now()
    if (retry_after := call.site.limits.arrival_codes.take(str(held.ref), now)) is not None:
        raise too_many(retry_after)
    if not call.site.secrets.is_arrival_code(held.ref.office_id, held.ref.day, now, code.strip()):
        raise Problem(422, "wrong_code", "This is not the code that is shown in the hall now.")
    call.site.limits.arrival_codes.give_back(str(held.ref))


async def defer(call: Call) -> Response:
    await call.body(Nothing)
    held = await holder(call.site, call.request)
    return await _do(call, held, cmd.Defer(by="web", number=held.ref.number))


async def cancel(call: Call) -> Response:
    await call.body(Nothing)
    held = await holder(call.site, call.request)
    return await _do(call, held, cmd.Cancel(by="web", number=held.ref.number))


async def put_contact(call: Call) -> Response:
    body = await call.body(ContactBody)
    held = await holder(call.site, call.request)
    language = _check_registration(call, held, body, body.consent)
    if body.channel != "email" or not call.site.config.mail.is_on:
        raise ChannelIsOff
    address = check_address(body.channel, body.address)
    ref = held.ref
    try:
        await register_alert(call.site, ref, body.channel, address, language, body.ahead, body.minutes)
    except UnknownTicket:
        raise wrong_secret() from None
    call.site.live.refresh(ref.office_id, ref.day, ref.number)
    extras = await call.site.extras(ref.office_id, ref.day, ref.number)
    if extras["contact"] is None:
        raise Unavailable
    return call.json(extras["contact"])


def _check_registration(call: Call, held: Holder, body: Thresholds, consent: bool) -> str:
    """What holds for every way to register; answers with the language to write in."""
    if not consent:
        raise Problem(422, "consent_needed", "An alert can be registered only with consent to the text shown.")
    if call.site.is_erasure_overdue:
        detail = "Alerts cannot be registered at the moment; the queue goes on without them."
        raise Problem(503, "erasure_overdue", detail, headers={"Retry-After": "600"})
    if not held.ticket.is_open:
        raise WrongState(number=held.ref.number, state=str(held.ticket.state))
    if (retry_after := call.site.limits.contacts_by_ticket.take(str(held.ref), call.site.clock.now())) is not None:
        raise too_many(retry_after)
    language = body.language or held.ticket.language
    if language not in held.desk.hall.office.languages:
        raise UnknownLanguage(language=language)
    return language


async def delete_contact(call: Call) -> Response:
    held = await holder(call.site, call.request)
    ref = held.ref
    # The code first: it must not bring back a contact that is gone.
    await call.site.line_links.end_codes(ref)
    await call.site.contacts.remove(ref.office_id, ref.day, ref.number)
    with suppress(UnknownTicket):
        # On the next day there is no alert to withdraw any more.
        await held.desk.submit(cmd.WithdrawAlert(by="web", number=ref.number))
    call.site.live.refresh(ref.office_id, ref.day, ref.number)
    return call.no_content()


async def line_link(call: Call) -> Response:
    body = await call.body(LineLinkBody)
    held = await holder(call.site, call.request)
    if not call.site.config.line.is_on:
        raise ChannelIsOff
    language = _check_registration(call, held, body, body.consent)
    now = call.site.clock.now()
    link = await call.site.line_links.create_code(held.ref, language, body.ahead, body.minutes, now)
    return call.json({"code": link.code, "expires_at": rfc3339(link.expires_at)}, 201)
