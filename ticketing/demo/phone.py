"""A phone provider's gateway inside the demonstration: its text messages and calls end in the mailbox."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ticketing.config import Gateway, Secret
from ticketing.demo.loopback import serving
from ticketing.demo.mailbox import Mailbox

#: As the consent names it.
PROVIDER = "体験版の電話会社(架空)"
MOST_BODY_BYTES = 16 * 1024


class _Message(msgspec.Struct):
    to: Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$")]
    text: Annotated[str, Meta(min_length=1, max_length=1600)]


_message = msgspec.json.Decoder(_Message)


@asynccontextmanager
async def phone_gateway(mailbox: Mailbox, token: str) -> AsyncIterator[str]:
    """Listens on a free port of this machine; yields the address that ``/sms`` and ``/voice`` are under."""
    routes = [
        Route("/sms", _taking(mailbox, "sms", token), methods=["POST"]),
        Route("/voice", _taking(mailbox, "voice", token), methods=["POST"]),
    ]
    async with serving("the demonstration's phone gateway", [*routes]) as url:
        yield url


def gateway(url: str, token: str) -> Gateway:
    """How Junban is told to use it."""
    return Gateway(
        url=url,
        token=Secret(token),
        retry_unknown=True,
        headers={"Idempotency-Key": "{idempotency_key}"},
        json={"to": "{to}", "text": "{text}"},
    )


def _taking(mailbox: Mailbox, channel: Literal["sms", "voice"], token: str) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"error": "token"}, 401)
        key = request.headers.get("idempotency-key", "")
        if key and mailbox.accepted_as(key):
            return JSONResponse({"status": "queued"}, 202)
        try:
            message = _message.decode(await _body(request))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return JSONResponse({"error": "body"}, 400)
        mailbox.remember(key, channel)
        mailbox.add_phone(channel, message.to, message.text)
        return JSONResponse({"status": "queued"}, 202)

    return take


async def _body(request: Request) -> bytes:
    """No more of it than a message can have; what is longer is no JSON any more."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BODY_BYTES:
            break
    return bytes(raw[:MOST_BODY_BYTES])
