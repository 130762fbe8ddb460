"""A gateway over HTTP that fails on purpose: LINE's messaging API, or one for text messages."""

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from notifier.drill.sockets import MOST_BYTES, FaultServer, Hangup, Reader, Writer, go_on, hang, reset, send, trickle

#: Headers by which a repetition can be known.
_KEYS = ("x-line-retry-key", "idempotency-key")
#: How a gateway says that this month's messages are used up, and that there are too many just now.
_QUOTA = {"message": "You have reached your monthly limit."}
_RATE = {"message": "The API rate limit has been exceeded. Try again later."}
_RETRY_AFTER_SECONDS = 2
#: Kinds that take the message and say so, each in its way.
_TAKING = ("ok", "409", "wrong-json", "huge")
_PAGE = b"<!DOCTYPE html><title>Sign in</title><h1>Welcome to our network</h1>"


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    headers: dict[str, str]
    body: bytes

    @property
    def retry_key(self) -> str | None:
        return next((self.headers[name] for name in _KEYS if name in self.headers), None)

    @property
    def key(self) -> str:
        """What the message is known by; without a retry key by its very words, for the receiver is among them."""
        return self.retry_key or hashlib.sha256(self.body).hexdigest()


class HttpFaults(FaultServer):
    """Answers every POST as a push of one message; LINE knows a repetition by its key, others may not."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, knows_repetitions: bool = True) -> None:
        super().__init__(host, port)
        self._knows_repetitions = knows_repetitions

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def converse(self, reader: Reader, writer: Writer) -> None:
        while True:
            request = await _read(reader)
            if request.method != "POST":
                await send(writer, _answer(404, {"message": "Not found"}))
            elif self.behaviour.kind == "ok" and self._is_repetition(request):
                await send(writer, _answer(409, {"message": "The retry key is already accepted"}))
            else:
                if not self._is_repetition(request):
                    self.note(request.key, is_right=self.behaviour.kind in _TAKING)
                await self._answer_with(self.behaviour.kind, writer)

    def _is_repetition(self, request: _Request) -> bool:
        return self._knows_repetitions and request.retry_key is not None and request.key in self.ledger.taken

    async def _answer_with(self, kind: str, writer: Writer) -> None:
        right = _answer(200, {"sentMessages": []})
        match kind:
            case "ok":
                await send(writer, right)
            case "hang":
                await hang()
            case "close":
                raise Hangup
            case "reset":
                reset(writer)
            case "trickle":
                await trickle(writer, right)
            case "html":
                await send(writer, _head(200, "text/html", len(_PAGE)) + _PAGE)
            case "huge":
                await send(writer, _head(200, "application/json", 2**40))
                await go_on(writer)
            case "wrong-json":
                await send(writer, _answer(200, {"sentMessages": "yes", "unexpected": [1, {"two": None}]}))
            case "429-rate":
                await send(writer, _answer(429, _RATE, f"Retry-After: {_RETRY_AFTER_SECONDS}\r\n"))
            case "429-quota":
                await send(writer, _answer(429, _QUOTA))
            case code:
                await send(writer, _answer(int(code), {"message": "no"}))


async def _read(reader: Reader) -> _Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    if length > MOST_BYTES:
        raise Hangup
    return _Request(first.partition(" ")[0], headers, await reader.readexactly(length))


def _answer(status: int, body: dict[str, Any], headers: str = "") -> bytes:
    content = json.dumps(body).encode()
    return _head(status, "application/json", len(content), headers) + content


def _head(status: int, media_type: str, length: int, headers: str = "") -> bytes:
    known = status in HTTPStatus._value2member_map_
    phrase = HTTPStatus(status).phrase if known else "Unknown"
    return (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n{headers}\r\n"
    ).encode()
