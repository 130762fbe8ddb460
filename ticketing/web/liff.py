"""LINE without a webhook: the page that LINE opens (LIFF), and the ID token that says whose LINE account it is."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ticketing.config import Line
from ticketing.line_api import VERIFY_PATH, read_answer
from ticketing.network import address_key
from ticketing.web.answering import content_security_policy
from ticketing.web.bodies import LiffBody
from ticketing.web.call import Call
from ticketing.web.heads import sent_page
from ticketing.web.line_linking import claim_code, link_account
from ticketing.web.problems import RETRY_SECONDS, Problem, too_many
from ticketing.web.shelf import ASK_FIRST
from ticketing.web.site import Site

PAGE_PATH = "/line"
#: Where LINE's script asks who is there; no other page may connect anywhere.
LINE_HOSTS = ("https://api.line.me", "https://access.line.me", "https://liff.line.me", "https://liffsdk.line-scdn.net")
#: Questions to LINE at the same time; whoever comes on top is asked to try again.
MOST_AT_ONCE = 16

_ISSUER = "https://access.line.me"
_asking = asyncio.Semaphore(MOST_AT_ONCE)


class _IdToken(msgspec.Struct):
    """What LINE says about a genuine token, as far as it is used."""

    iss: str
    sub: str
    aud: str


def liff_url(line: Line, code: str) -> str | None:
    """The link that opens the page in LINE with a code; None without LIFF.

    Not as ``code``: by that name the script looks for a code of LINE Login.
    """
    return f"https://liff.line.me/{line.liff_id}?{urlencode({'link': code})}" if line.has_liff else None


def routes(site: Site) -> list[BaseRoute]:
    """The page; without LIFF there is none."""
    if not site.config.line.has_liff:
        return []
    # Loaded at the start: it takes a third of a second, in which nobody would be answered.
    import aiohttp  # noqa: F401, PLC0415

    return [Route(PAGE_PATH, _page(site))]


def _page(site: Site) -> Callable[[Request], Awaitable[Response]]:
    page = sent_page("line")
    script = urlsplit(site.config.line.liff_sdk_url)
    policy = content_security_policy(f"{script.scheme}://{script.netloc}", LINE_HOSTS)

    async def show(request: Request) -> Response:
        response = page.answer(request, ASK_FIRST)
        response.headers["Content-Security-Policy"] = policy
        return response

    return show


async def show_liff(call: Call) -> Response:
    """What the page needs to begin. Raises Problem 404."""
    line = _line(call.site)
    return call.json({"liff_id": line.liff_id, "sdk_url": line.liff_sdk_url, "account": line.account})


async def link_by_liff(call: Call) -> Response:
    """Links the account that an ID token is of. Raises Problem 401, 404, 422, 429, 503 and Refusal."""
    line = _line(call.site)
    body = await call.body(LiffBody)
    site = call.site
    if site.is_erasure_overdue:
        detail = "Alerts cannot be registered at the moment; the queue goes on without them."
        raise Problem(503, "erasure_overdue", detail, headers={"Retry-After": "600"})
    retry_after = site.limits.contacts_by_address.take(address_key(call.address), site.clock.now())
    if retry_after is not None:
        raise too_many(retry_after)
    user_id = await _user_of(line, body.id_token)
    request = await claim_code(site, user_id, body.code)
    if request is None:
        detail = "This code was used already or is too old; please ask for a new one on the page of your ticket."
        raise Problem(422, "wrong_link_code", detail)
    # The code stays this user's until it ends, so that a repeated request gets the same answer.
    await link_account(site, user_id, request)
    return call.no_content()


def _line(site: Site) -> Line:
    if not (site.config.line.is_on and site.config.line.has_liff):
        raise Problem(404, "unknown_path", "LINE is not used here.")
    return site.config.line


async def _user_of(line: Line, id_token: str) -> str:
    """Whose token it is, in LINE's own words. Raises Problem 401 and 503."""
    status, answer = await _ask_line(line, id_token)
    if status == 400:
        raise _wrong_token()
    try:
        found = msgspec.json.decode(answer, type=_IdToken) if status == 200 else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if found is None:
        raise _unreachable()
    if (found.iss, found.aud) != (_ISSUER, line.login_channel_id):
        raise _wrong_token()
    return found.sub


async def _ask_line(line: Line, id_token: str) -> tuple[int, bytes]:
    """Status and body of LINE's answer. Raises Problem 503."""
    from aiohttp import ClientError, ClientSession, ClientTimeout  # noqa: PLC0415

    form = {"id_token": id_token, "client_id": line.login_channel_id}
    timeout = ClientTimeout(total=line.timeout_seconds)
    if _asking.locked():
        raise _unreachable()
    try:
        # A redirect is not followed: it would hand the token to another host.
        async with (
            _asking,
            ClientSession(timeout=timeout, trust_env=True, auto_decompress=False) as session,
            session.post(f"{line.api_url}{VERIFY_PATH}", data=form, allow_redirects=False) as response,
        ):
            return response.status, await read_answer(response)
    except (ClientError, OSError, ValueError):
        # TimeoutError is an OSError. "from None": the library's errors may quote what was sent.
        raise _unreachable() from None


def _wrong_token() -> Problem:
    detail = "LINE does not confirm who you are; please open this page from LINE once more."
    return Problem(401, "wrong_id_token", detail, headers={"WWW-Authenticate": "LINE"})


def _unreachable() -> Problem:
    detail = "LINE does not answer at the moment; please try again shortly."
    return Problem(503, "line_unreachable", detail, headers={"Retry-After": str(RETRY_SECONDS)})
