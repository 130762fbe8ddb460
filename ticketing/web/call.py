"""One HTTP request as its handler sees it: body, path, who asks, and the answer in JSON."""

import re
from typing import Any, TypeVar, overload

import msgspec
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response

from ticketing.desk import Desk
from ticketing.hall.refusals import Refusal, UnknownCounter, UnknownService, UnknownTicket
from ticketing.masking import mask
from ticketing.network import Address, client_address
from ticketing.orders import IdempotencyKey
from ticketing.web.answering import JSON_TYPE
from ticketing.web.bodies import ID_PATTERN, NUMBER_PATTERN
from ticketing.web.problems import Problem
from ticketing.web.site import Site

MOST_BODY_BYTES = 16 * 1024
#: Without a cookie the key itself is the credential, so it must not be guessable.
LEAST_KEY_BITS = 128

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_HEX = re.compile(r"[0-9A-Fa-f-]+")
#: A text that no id looks like goes no further than here, for refused commands are written into records.
_IDS: dict[str, tuple[re.Pattern[str], type[Refusal]]] = {
    "counter": (re.compile(ID_PATTERN), UnknownCounter),
    "service": (re.compile(ID_PATTERN), UnknownService),
    "number": (re.compile(NUMBER_PATTERN), UnknownTicket),
}
_encode = msgspec.json.Encoder().encode
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}

T = TypeVar("T", bound=msgspec.Struct)


class _Json(Response):
    """An answer of the API, which no cache keeps."""

    def init_headers(self, headers: Any = None) -> None:
        length = b"%d" % len(self.body)
        self.raw_headers = [(b"content-length", length), JSON_TYPE, (b"cache-control", b"no-store")]


class Call:
    """A request, with the site it came to."""

    __slots__ = ("_raw", "cookies_to_set", "operation", "request", "site")

    def __init__(self, site: Site, request: Request, operation: str = "") -> None:
        self.site = site
        #: Method and path template of an operation of the API, for records.
        self.operation = operation
        self.request = request
        self.cookies_to_set: list[tuple[str, str, int, str]] = []
        self._raw = b""

    def path(self, name: str) -> str:
        """What stands in the path. Raises UnknownCounter, UnknownService, UnknownTicket for what can be none."""
        text = str(self.request.path_params[name])
        if (known := _IDS.get(name)) is not None and not known[0].fullmatch(text):
            raise known[1]
        return text

    @property
    def desk(self) -> Desk:
        """The desk of the office in the path. Raises Problem 404."""
        return self.site.desk(self.path("office"))

    @property
    def address(self) -> Address | None:
        return address_of(self.site, self.request)

    @property
    def address_text(self) -> str | None:
        """The same for records."""
        address = self.address
        return None if address is None else str(address)

    def cookie(self, name: str) -> str | None:
        return cookie(self.site, self.request, name)

    async def body(self, kind: type[T]) -> T:
        """The request's JSON. Raises Problem 400, 413, 415 and 422; an empty body stands for an empty object."""
        self._raw = raw = await self.raw_body(MOST_BODY_BYTES)
        if raw and header(self.request, b"content-type").partition(";")[0].strip().lower() != "application/json":
            raise Problem(415, "not_json_type", "Please send the body as application/json.")
        decoder = _decoders.get(kind)
        if decoder is None:
            decoder = _decoders[kind] = msgspec.json.Decoder(kind)
        try:
            return decoder.decode(raw or b"{}")  # type: ignore[no-any-return]
        except msgspec.ValidationError as error:
            # The library quotes unknown names and values, and somebody may put an address there.
            raise Problem(422, "wrong_field", f"A field is missing, unknown or wrong: {mask(str(error))}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Problem(400, "not_json", "The body is not JSON.") from None

    async def raw_body(self, most: int) -> bytes:
        """The body's bytes, never more than ``most``. Raises Problem 413."""
        length = header(self.request, b"content-length")
        if length.isdecimal() and (len(length) > 18 or int(length) > most):
            raise _too_large(most)
        raw, is_more = b"", True
        while is_more:
            message = await self.request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            raw += message.get("body", b"")
            is_more = message.get("more_body", False)
            if len(raw) > most:
                raise _too_large(most)
        return raw

    def idempotency_key(self, scope: str | None) -> IdempotencyKey | None:
        """The request's Idempotency-Key, owned by ``scope``; call after ``body``. Raises Problem 400."""
        key = header(self.request, b"idempotency-key", None)
        if key is None:
            return None
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise Problem(400, "wrong_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
        if scope is None:
            bits = len(key.replace("-", "")) * (4 if _HEX.fullmatch(key) else 6)
            if bits < LEAST_KEY_BITS:
                raise Problem(400, "weak_idempotency_key", "Without a cookie an Idempotency-Key needs 128 random bits.")
        request = self.request
        body = b"\0".join((request.method.encode(), request.url.path.encode(), self._raw))
        return IdempotencyKey(scope or "anyone", key, body)

    def set_cookie(self, name: str, value: str, max_age: int, same_site: str = "lax") -> None:
        """Sets a cookie with the answer; a ``max_age`` of 0 removes it."""
        self.cookies_to_set.append((self.site.cookie(name), value, max_age, same_site))

    def json(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        response = _Json(_encode(value), status)
        if headers is not None:
            response.headers.update(headers)
        return self.with_cookies(response)

    def no_content(self) -> Response:
        return self.with_cookies(Response(status_code=204, headers={"Cache-Control": "no-store"}))

    def with_cookies(self, response: Response) -> Response:
        for name, value, max_age, same_site in self.cookies_to_set:
            response.set_cookie(
                name,
                value,
                max_age=max_age,
                secure=self.site.config.server.is_secure,
                httponly=True,
                samesite=same_site,  # type: ignore[arg-type]
            )
        return response


@overload
def header(connection: HTTPConnection, name: bytes) -> str: ...
@overload
def header(connection: HTTPConnection, name: bytes, default: None) -> str | None: ...
def header(connection: HTTPConnection, name: bytes, default: str | None = "") -> str | None:
    """The first header of this (lower-case) name. Starlette's mapping finds the same and takes five times as long."""
    for each, value in connection.scope["headers"]:
        if each == name:
            return str(value, "latin-1")
    return default


def cookie(site: Site, connection: HTTPConnection, name: str) -> str | None:
    """One of our cookies; none has a value that needs quotes, so this is simpler than Starlette's mapping."""
    wanted = site.cookie(name).encode()
    # A proxy may have split the cookies over several headers.
    for each, value in connection.scope["headers"]:
        if each == b"cookie" and wanted in value:
            for part in value.split(b";"):
                key, _, text = part.partition(b"=")
                if key.strip() == wanted:
                    return str(text.strip(), "latin-1")
    return None


def _too_large(most: int) -> Problem:
    return Problem(413, "too_large", f"The body is larger than {most} bytes.")


def address_of(site: Site, connection: HTTPConnection) -> Address | None:
    """Where a request or a WebSocket comes from, behind the trusted proxies."""
    return client_address(connection.scope, site.config.server.trusted_proxies)
