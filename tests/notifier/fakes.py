"""An SMTP server and a LINE endpoint that speak the real protocols and remember what they were given."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
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
        return web.json_response({"sentMessages": []} if status == 200 else {"message": "no"}, status=status)


@asynccontextmanager
async def line_endpoint(endpoint: LineEndpoint) -> AsyncIterator[LineEndpoint]:
    application = web.Application()
    application.router.add_post("/v2/bot/message/push", endpoint.push)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    endpoint.url = f"http://127.0.0.1:{port}"
    try:
        yield endpoint
    finally:
        endpoint.closing.set()
        await runner.cleanup()
