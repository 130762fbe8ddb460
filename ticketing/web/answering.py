"""What every answer has: security headers, and a problem where something went wrong."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ticketing.web.problems import HANDLED, answer_problem


def content_security_policy(scripts_from: str = "", connects_to: tuple[str, ...] = ()) -> str:
    """Everything comes from our own host and the ones named here, nothing is inline, nobody frames us."""
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *filter(None, [scripts_from]))),
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "media-src 'self'",
            " ".join(("connect-src 'self'", *connects_to)),
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


CONTENT_SECURITY_POLICY = content_security_policy()
_POLICY_HEADER = b"content-security-policy"
_HEADERS = [
    (_POLICY_HEADER, CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    # Not no-referrer: browsers would send "Origin: null" with forms.
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
#: For what browsers take as a part of a page, and what our pages read; a page's own policy rules there.
_PART_HEADERS = [
    (_POLICY_HEADER, b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
JSON_TYPE = (b"content-type", b"application/json")
_PART_TYPES = {
    JSON_TYPE,
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"content-type", b"text/css; charset=utf-8"),
}
_HSTS = (b"strict-transport-security", b"max-age=31536000")


class Answering:
    """Adds the headers, and turns errors into answers; one layer, for it runs on every request."""

    def __init__(self, app: ASGIApp, is_secure: bool) -> None:
        self._app = app
        self._headers = [*_HEADERS, _HSTS] if is_secure else _HEADERS
        self._part_headers = [*_PART_HEADERS, _HSTS] if is_secure else _PART_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        is_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal is_begun
            # The second is a refused handshake of a WebSocket.
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                is_begun = True
                headers = message.get("headers", [])
                more = self._headers if _PART_TYPES.isdisjoint(headers) else self._part_headers
                if any(name == _POLICY_HEADER for name, _ in headers):
                    # Some have a policy of their own.
                    more = [each for each in more if each[0] != _POLICY_HEADER]
                message["headers"] = [*headers, *more]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if is_begun or scope["type"] != "http":
                raise
            response = answer_problem(Request(scope), error)
            await response(scope, receive, send_with_headers)
            if not isinstance(error, HANDLED):
                # A fault of ours: whoever runs us logs it.
                raise
