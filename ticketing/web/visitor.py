"""What a visitor does with their own ticket."""

from contextlib import suppress
from hashlib import sha256

import msgspec
import segno
from starlette.responses import Response

from ticketing.addresses import ChannelIsOff, check_address
from ticketing.clock import rfc3339
from ticketing.config import Config
from ticketing.hall import commands as cmd
from ticketing.hall.refusals import UnknownLanguage, UnknownTicket, WrongArrival, WrongState
from ticketing.hall.view import Json, ticket_view
from ticketing.limits import Limiter
from ticketing.network import address_key
from ticketing.orders import Answer, IdempotencyKey, Unavailable
from ticketing.phone_numbers import check_number
from ticketing.web.access import Holder, browser_scope, holder, wrong_secret
from ticketing.web.alerts import register_alert, wanted_thresholds
from ticketing.web.bodies import ArriveBody, ContactBody, LineLinkBody, Nothing, Thresholds
from ticketing.web.call import Call
from ticketing.web.liff import liff_url
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


async def show_qr(call: Call) -> Response:
    """Drawn here, so that screens need no encoder of their own; the secret comes back in no other form."""
    held = await holder(call.site, call.request)
    code = segno.make(f"{call.site.config.server.public_url}/t#{held.secret}", error="m", micro=False)
    return call.json({"rows": ["".join(str(cell) for cell in row) for row in code.matrix]})


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
    language, ahead, minutes = check_registration(call, held, body, body.consent)
    address = _checked_address(call, body)
    ref = held.ref
    try:
        await register_alert(call.site, ref, body.channel, address, language, ahead, minutes)
    except UnknownTicket:
        raise wrong_secret() from None
    call.site.live.refresh(ref.office_id, ref.day, ref.number)
    extras = await call.site.extras(ref.office_id, ref.day, ref.number)
    if extras["contact"] is None:
        raise Unavailable
    return call.json(extras["contact"])


def _checked_address(call: Call, body: ContactBody) -> str:
    """The address as it is stored. Raises BadAddress and its kind, ChannelIsOff, Problem 422 and 429."""
    config = call.site.config
    if body.voice and body.channel != "phone":
        raise Problem(422, "wrong_field", "A field is missing, unknown or wrong: voice goes with the channel phone.")
    if not _is_offered(config, body):
        raise ChannelIsOff
    if body.channel == "email":
        return check_address("email", body.address)
    address = check_number(body.address, config.phone.countries, is_spoken=body.voice)
    _spend(call, call.site.limits.phones_by_address)
    return address


def _is_offered(config: Config, body: ContactBody) -> bool:
    if body.channel == "email":
        return config.mail.is_on
    gateway = config.phone.voice if body.voice else config.phone.sms
    return config.phone.is_on and gateway.is_on


def check_registration(call: Call, held: Holder, body: Thresholds, consent: bool) -> tuple[str, int | None, int | None]:
    """What holds for every way to register: the language to write in, and the thresholds to alert at.

    Raises Problem 422, 429 and 503, WrongState and UnknownLanguage.
    """
    if not consent:
        raise Problem(422, "consent_needed", "An alert can be registered only with consent to the text shown.")
    if call.site.is_erasure_overdue:
        detail = "Alerts cannot be registered at the moment; the queue goes on without them."
        raise Problem(503, "erasure_overdue", detail, headers={"Retry-After": "600"})
    if not held.ticket.is_open:
        raise WrongState(number=held.ref.number, state=str(held.ticket.state))
    if (retry_after := call.site.limits.contacts_by_ticket.take(str(held.ref), call.site.clock.now())) is not None:
        raise too_many(retry_after)
    _spend(call, call.site.limits.contacts_by_address)
    office = held.desk.hall.office
    language = body.language or held.ticket.language
    if language not in office.languages:
        raise UnknownLanguage(language=language)
    return language, *wanted_thresholds(body, office.service(held.ticket.service))


def _spend(call: Call, limit: Limiter) -> None:
    """Counts a registration against where it comes from. Raises Problem 429."""
    if (retry_after := limit.take(address_key(call.address), call.site.clock.now())) is not None:
        raise too_many(retry_after)


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
    language, ahead, minutes = check_registration(call, held, body, body.consent)
    now = call.site.clock.now()
    link = await call.site.line_links.create_code(held.ref, language, ahead, minutes, now)
    line = call.site.config.line
    answer = {"code": link.code, "expires_at": rfc3339(link.expires_at)}
    return call.json({**answer, "by_message": line.has_webhook, "liff_url": liff_url(line, link.code)}, 201)
