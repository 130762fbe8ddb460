"""What LINE tells: a visitor sent a code, or blocked the account."""

import base64
import hashlib
import hmac
import logging

import msgspec
from starlette.responses import Response

from ticketing.addresses import check_address
from ticketing.hall.refusals import Refusal
from ticketing.notices import line_linked
from ticketing.web.alerts import register_alert, withdraw_if_last
from ticketing.web.call import Call
from ticketing.web.problems import Problem
from ticketing.web.site import Site

log = logging.getLogger(__name__)

MOST_WEBHOOK_BYTES = 256 * 1024


class _Source(msgspec.Struct, rename="camel"):
    user_id: str = ""


class _Message(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Event(msgspec.Struct, rename="camel"):
    """What is used of an event; LINE may add fields and kinds at any time."""

    type: str = ""
    webhook_event_id: str = ""
    mode: str = "active"
    source: _Source = msgspec.field(default_factory=_Source)
    message: _Message = msgspec.field(default_factory=_Message)


class _Webhook(msgspec.Struct):
    events: list[msgspec.Raw] = []


_webhook = msgspec.json.Decoder(_Webhook)
_event = msgspec.json.Decoder(_Event)


async def line_webhook(call: Call) -> Response:
    """Takes a webhook whose signature over the raw body is genuine; nothing is parsed before that."""
    if not call.site.config.line.is_on:
        raise Problem(404, "unknown_path", "LINE is not used here.")
    raw = await call.raw_body(MOST_WEBHOOK_BYTES)
    secret = call.site.config.line.channel_secret.reveal()
    if not is_genuine(secret, raw, call.request.headers.get("x-line-signature")):
        raise Problem(401, "wrong_signature", "The signature does not fit the body.")
    try:
        events = _webhook.decode(raw).events
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "not_json", "The body is not a webhook.") from None
    for event in events:
        await _take(call.site, event)
    return call.json({})


def is_genuine(channel_secret: str, body: bytes, signature: str | None) -> bool:
    """Whether LINE signed the body: Base64 of HMAC-SHA256 under the channel secret.

    The SDK's own validator does the same; importing it costs 45 MB, so it is used by the test that compares the two.
    """
    expected = base64.b64encode(hmac.digest(channel_secret.encode(), body, hashlib.sha256))
    return signature is not None and hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


async def _take(site: Site, raw: msgspec.Raw) -> None:
    try:
        event = _event.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    user_id = event.source.user_id
    if not user_id:
        return
    try:
        if event.type == "unfollow":
            # Every time it is told: an erasure that failed the first time must not be taken for done.
            await _erase(site, user_id)
        elif event.type == "message" and event.message.type == "text" and event.mode == "active":
            if event.webhook_event_id and await site.line_links.seen_event(event.webhook_event_id, site.clock.now()):
                return
            await _link(site, user_id, event.message.text)
    except Refusal as refusal:
        log.info("a webhook event came to nothing: %s", refusal.code)


async def _erase(site: Site, user_id: str) -> None:
    for ref in await site.contacts.remove_line_user(user_id):
        await withdraw_if_last(site, ref)
        site.live.refresh(ref.office_id, ref.day, ref.number)


async def _link(site: Site, user_id: str, text: str) -> None:
    address = check_address("line", user_id)
    request = await site.line_links.take_code(text, site.clock.now(), source=user_id)
    if request is None or site.is_erasure_overdue:
        return
    ref = request.ref
    desk = site.desks.get(ref.office_id)
    if desk is None or desk.hall.day != ref.day:
        return
    await register_alert(site, ref, "line", address, request.language, request.ahead, request.minutes)
    await site.notices.add(ref.office_id, line_linked(ref.day, ref.number, site.clock.now()))
    site.live.refresh(ref.office_id, ref.day, ref.number)
