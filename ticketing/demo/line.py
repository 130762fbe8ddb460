"""A LINE endpoint inside the demonstration, and the webhooks that its made-up users cause."""

import asyncio
import base64
import hashlib
import hmac
import http.client
import re
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ticketing.demo.loopback import HOST, serving
from ticketing.demo.mailbox import Mailbox

PUSH_PATH = "/v2/bot/message/push"
WEBHOOK_PATH = "/webhooks/line"
#: The account's own user id, which every webhook names.
ACCOUNT_ID = f"U{'0' * 32}"
MOST_BODY_BYTES = 64 * 1024
WEBHOOK_SECONDS = 10

_USER_ID = re.compile(r"U[0-9a-f]{32}")


class _Text(msgspec.Struct):
    type: Literal["text"]
    text: Annotated[str, Meta(min_length=1, max_length=5000)]


class _Push(msgspec.Struct):
    to: str
    messages: Annotated[list[_Text], Meta(min_length=1, max_length=5)]


_push = msgspec.json.Decoder(_Push)


@asynccontextmanager
async def line_endpoint(mailbox: Mailbox, token: str) -> AsyncIterator[str]:
    """Listens on a free port of this machine; yields the address that stands for https://api.line.me."""
    routes = [Route(PUSH_PATH, _pushing(mailbox, token), methods=["POST"])]
    async with serving("the demonstration's LINE endpoint", [*routes]) as url:
        yield url


def _pushing(mailbox: Mailbox, token: str) -> Callable[[Request], Awaitable[Response]]:
    async def push(request: Request) -> Response:
        request_id = str(uuid.uuid4())
        headers = {"X-Line-Request-Id": request_id}
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return _refused(401, "Authentication failed due to the following reason: invalid token", headers)
        retry_key = request.headers.get("x-line-retry-key")
        if retry_key is not None and not _is_uuid(retry_key):
            return _refused(400, "The retry key is not a UUID", headers)
        if retry_key is not None and (first := mailbox.accepted_as(retry_key)) is not None:
            headers["X-Line-Accepted-Request-Id"] = first
            return _refused(409, "The retry key is already accepted", headers)
        body = await _read(request)
        if body is None:
            return _refused(400, "The request body has 1 error(s)", headers)
        if retry_key is not None:
            mailbox.remember(retry_key, request_id)
        for message in body.messages:
            mailbox.add_line(body.to, message.text)
        return JSONResponse({"sentMessages": [_message_ids() for _ in body.messages]}, headers=headers)

    return push


async def _read(request: Request) -> _Push | None:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BODY_BYTES:
            return None
    try:
        body = _push.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return body if _USER_ID.fullmatch(body.to) else None


def _refused(status: int, message: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"message": message}, status, headers)


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def text_event(user_id: str, text: str, at: datetime) -> dict[str, Any]:
    """What LINE tells when a user writes to the account."""
    message = {"type": "text", "text": text, **_message_ids()}
    return _event("message", user_id, at, replyToken=secrets.token_hex(16), message=message)


def unfollow_event(user_id: str, at: datetime) -> dict[str, Any]:
    """What LINE tells when a user blocks the account."""
    return _event("unfollow", user_id, at)


def _message_ids() -> dict[str, str]:
    return {"id": str(secrets.randbelow(10**18)), "quoteToken": secrets.token_urlsafe(12)}


def _event(kind: str, user_id: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "mode": "active",
        "timestamp": int(at.timestamp() * 1000),
        "source": {"type": "user", "userId": user_id},
        "webhookEventId": secrets.token_hex(13).upper(),
        "deliveryContext": {"isRedelivery": False},
        **more,
    }


async def post_webhook(site_url: str, channel_secret: str, event: dict[str, Any]) -> int:
    """Delivers an event over HTTP as LINE does, signed; answers with the status. Raises OSError."""
    body = msgspec.json.encode({"destination": ACCOUNT_ID, "events": [event]})
    signature = base64.b64encode(hmac.digest(channel_secret.encode(), body, hashlib.sha256)).decode()
    return await asyncio.to_thread(_post, site_url, body, signature)


def _post(site_url: str, body: bytes, signature: str) -> int:
    url = urlsplit(site_url)
    connection = http.client.HTTPConnection(url.hostname or HOST, url.port, timeout=WEBHOOK_SECONDS)
    try:
        headers = {"Content-Type": "application/json", "X-Line-Signature": signature}
        connection.request("POST", WEBHOOK_PATH, body, headers)
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError("the webhook was not answered") from error
    finally:
        connection.close()
