"""An SMTP server and a LINE endpoint that speak the real protocols and remember what they were given."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """What the SMTP server answers, and what it took."""

    #: Answers to RCPT and DATA; empty means accepted. Used up one by one, the last one stays.
    rcpt_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    #: Never answer DATA.
    hangs: bool = False
    port: int = 0
    #: As they stood in the RCPT command.
    recipients: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    was_tls: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, _: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = _next(self.rcpt_answers)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hangs:
            await asyncio.Event().wait()
        answer = _next(self.data_answers)
        if answer:
            return answer
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content)
        self.was_tls.append(session.ssl is not None)
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(letter, policy=default) for letter in self.letters]  # type: ignore[misc]


class _Server(SMTP):
    async def smtp_RCPT(self, arg: str) -> None:
        self.event_handler.recipients.append(arg.removeprefix("TO:").strip("<>"))
        await super().smtp_RCPT(arg)


def _next(answers: list[str]) -> str:
    return answers.pop(0) if len(answers) > 1 else (answers[0] if answers else "")


@asynccontextmanager
async def smtp_server(
    mailbox: Mailbox,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    password: str | None = None,
    port: int = 0,
) -> AsyncIterator[Mailbox]:
    def check(_: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.password == (password or "").encode(), handled=False)

    def protocol() -> SMTP:
        return _Server(
            mailbox,
            hostname="mail.test",
            loop=asyncio.get_running_loop(),
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=password is not None,
            authenticator=check if password is not None else None,
            auth_require_tls=False,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=tls)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()


@dataclass
class LineEndpoint:
    """What LINE answers, and what it was asked."""

    token: str = "line-token"
    #: Statuses used up one by one, the last one stays.
    statuses: list[int] = field(default_factory=lambda: [200])
    hangs: bool = False
    #: Body and headers that go with the status instead of the usual ones.
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    #: Never end the body.
    trickles: bool = False
    url: str = ""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    pushes: list[dict[str, Any]] = field(default_factory=list)
    retry_keys: list[str | None] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)

    async def push(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"message": "Authentication failed"}, status=401)
        retry_key = request.headers.get("X-Line-Retry-Key")
        self.retry_keys.append(retry_key)
        self.pushes.append(await request.json())
        if self.hangs:
            await self.closing.wait()
        if retry_key in self.accepted:
            return web.json_response({"message": "The retry key is already accepted"}, status=409)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 200 and retry_key:
            self.accepted.add(retry_key)
        if self.trickles:
            return await self._trickle(request, status)
        if self.body is not None:
            return web.Response(body=self.body, status=status, headers=self.headers)
        answer = {"sentMessages": [{"id": "1", "quoteToken": "q"}]} if status == 200 else {"message": "no"}
        return web.json_response(answer, status=status, headers=self.headers)

    async def _trickle(self, request: web.Request, status: int) -> web.Response:
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        while not self.closing.is_set():
            await response.write(b" ")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await self.closing.wait()
        return response  # type: ignore[return-value]


#: Stands for LINE's script: somebody is signed in, and their token is in the address's fragment.
LIFF_SDK = """
window.liff = {
  init: async ({ liffId }) => {
    if (!/^[0-9]+-\\w+$/.test(liffId)) throw new Error("INIT_FAILED");
    const state = new URLSearchParams(location.search).get("liff.state");
    if (state) history.replaceState(null, "", location.pathname + state + location.hash);
    window.token = location.hash.slice(1);
  },
  isLoggedIn: () => window.token !== "",
  login: ({ redirectUri }) => { location.replace("/nowhere?" + new URLSearchParams({ redirectUri })); },
  logout: () => {},
  isInClient: () => true,
  getIDToken: () => window.token,
};
"""


@dataclass
class LineLogin:
    """LINE's word for whose an ID token is, and the script that hands the token out."""

    channel_id: str = "1234567890"
    #: Token to user id.
    tokens: dict[str, str] = field(default_factory=dict)
    #: Instead of the truth: status, body and headers.
    answer: tuple[int, bytes, dict[str, str]] | None = None
    hangs: bool = False
    url: str = ""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[dict[str, str]] = field(default_factory=list)

    async def verify(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        if self.hangs:
            await self.closing.wait()
        if self.answer is not None:
            status, body, headers = self.answer
            return web.Response(status=status, body=body, headers=headers)
        user_id = self.tokens.get(form.get("id_token", ""))
        if user_id is None or form.get("client_id") != self.channel_id:
            error = {"error": "invalid_request", "error_description": "Invalid IdToken."}
            return web.json_response(error, status=400)
        return web.json_response(
            {
                "iss": "https://access.line.me", "sub": user_id, "aud": self.channel_id,
                "exp": 1, "iat": 0, "amr": ["linesso"], "name": "花子",
            }
        )  # fmt: skip

    async def script(self, _: web.Request) -> web.Response:
        return web.Response(text=LIFF_SDK, content_type="text/javascript")


@asynccontextmanager
async def line_endpoint(endpoint: LineEndpoint) -> AsyncIterator[LineEndpoint]:
    async with _listening(web.post("/v2/bot/message/push", endpoint.push)) as endpoint.url:
        try:
            yield endpoint
        finally:
            endpoint.closing.set()


@asynccontextmanager
async def line_login(login: LineLogin, endpoint: LineEndpoint | None = None) -> AsyncIterator[LineLogin]:
    """With ``endpoint``: messages are taken at the same address."""
    routes = [web.post("/oauth2/v2.1/verify", login.verify), web.get("/liff/edge/2/sdk.js", login.script)]
    if endpoint is not None:
        routes.append(web.post("/v2/bot/message/push", endpoint.push))
    async with _listening(*routes) as login.url:
        try:
            yield login
        finally:
            login.closing.set()


@asynccontextmanager
async def _listening(*routes: web.RouteDef) -> AsyncIterator[str]:
    """An HTTP server on a free port; yields its address."""
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
