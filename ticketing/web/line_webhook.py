"""What LINE tells, itself or through another system of the city: a visitor sent a code, or blocked the account."""

import base64
import hashlib
import hmac
import logging
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from ticketing.hall.refusals import Refusal
from ticketing.line_links import may_be_code
from ticketing.web.alerts import withdraw_if_last
from ticketing.web.call import Call
from ticketing.web.line_linking import claim_code, link_account
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
    """Takes a webhook whose signature over the raw body is genuine; nothing is parsed before that.

    Whatever is not about a code or a contact of ours leaves no trace: of an account that the city uses for other things
    too, most is not.
    """
    line = call.site.config.line
    if not (line.is_on and line.has_webhook):
        raise Problem(404, "unknown_path", "LINE is not used here.")
    raw = await call.raw_body(MOST_WEBHOOK_BYTES)
    signature = call.request.headers.get("x-line-signature")
    if not any(is_genuine(each.reveal(), raw, signature) for each in line.webhook_secrets):
        raise Problem(401, "wrong_signature", "The signature does not fit the body.")
    try:
        events = _webhook.decode(raw).events
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "not_json", "The body is not a webhook.") from None
    await _take_all(call.site, events)
    return call.json({})


def is_genuine(secret: str, body: bytes, signature: str | None) -> bool:
    """Whether the body was signed as LINE signs: Base64 of HMAC-SHA256 under the channel's secret.

    The SDK's own validator does the same; importing it costs 45 MB, so it is used by the test that compares the two.
    """
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    return signature is not None and hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


async def _take_all(site: Site, events: Sequence[msgspec.Raw]) -> None:
    """One event that cannot be dealt with now keeps no other waiting; LINE is told, and delivers all of them again."""
    failure: Exception | None = None
    for event in events:
        try:
            await _take(site, event)
        except Exception as error:
            failure = failure or error
    if failure is not None:
        raise failure


async def _take(site: Site, raw: msgspec.Raw) -> None:
    try:
        event = _event.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    user_id = event.source.user_id
    if event.type == "unfollow" and user_id:
        # Every time it is told, in whatever mode: an erasure that failed the first time must not be taken for done.
        await _erase(site, user_id)
    elif event.type == "message" and event.message.type == "text" and event.mode == "active":
        await _link(site, user_id, event.message.text, event.webhook_event_id)


async def _erase(site: Site, user_id: str) -> None:
    for ref in await site.contacts.remove_line_user(user_id):
        await withdraw_if_last(site, ref)
        site.live.refresh(ref.office_id, ref.day, ref.number)


async def _link(site: Site, user_id: str, text: str, event_id: str) -> None:
    if not may_be_code(text) or site.is_erasure_overdue:
        return
    if event_id and await site.line_links.was_seen(event_id):
        return
    request = await claim_code(site, user_id, text)
    if request is None:
        return
    try:
        await link_account(site, user_id, request)
    except Refusal as refusal:
        log.info("a code sent to LINE came to nothing: %s", refusal.code)
    # Only now: an event that failed on the way is dealt with when LINE delivers it again.
    await site.line_links.settle(request, event_id, site.clock.now())
