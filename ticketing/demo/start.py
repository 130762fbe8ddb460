"""The demonstration: servers for mail, LINE and phone beside the offices, staff, pages and a crowd."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.routing import BaseRoute

from ticketing.clock import SystemClock
from ticketing.config import Config, Line, Mail, Phone, Secret
from ticketing.demo.certificate import make_tls
from ticketing.demo.crowd import crowding, send_home
from ticketing.demo.furniture import add_accounts, welcome
from ticketing.demo.line import line_endpoint
from ticketing.demo.mail_server import HOST, mail_server
from ticketing.demo.mailbox import Mailbox
from ticketing.demo.pages import demo_routes
from ticketing.demo.phone import PROVIDER, gateway, phone_gateway
from ticketing.web.site import Site

CERTIFICATE_FILE = "demo-mail-server.pem"
LINE_ACCOUNT = "@sakura-demo"
SENDER = "junban@sakura.example"
SENDER_NAME = "さくら区役所(架空)"
CROWD_SEED = 1


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demonstration."""

    #: With mail, LINE and phone led to the servers inside the demonstration.
    config: Config
    mailbox: Mailbox

    def routes(self, site: Site) -> list[BaseRoute]:
        """The pages that only the demonstration has."""
        return demo_routes(site, self.mailbox)

    async def furnish(self, site: Site) -> str:
        """Adds staff accounts that are missing and makes fresh invitations; answers with what to print."""
        for desk in site.desks:
            await send_home(desk)
        await add_accounts(site)
        return await welcome(site)

    def crowd(self, site: Site) -> AbstractAsyncContextManager[None]:
        """Made-up visitors and clerks for as long as the context lasts."""
        return crowding(site.desks, CROWD_SEED)


@asynccontextmanager
async def start_demo(config: Config) -> AsyncIterator[Demo]:
    """Starts the mail server, the LINE endpoint and the phone gateway, for as long as the context lasts."""
    clock = SystemClock()
    mailbox = Mailbox(clock.now)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    certificate_file = config.data_dir / CERTIFICATE_FILE
    async with AsyncExitStack() as stack:
        tls = make_tls(HOST, certificate_file, clock.now())
        mail_port = await stack.enter_async_context(mail_server(mailbox, tls))
        line = _line()
        line_url = await stack.enter_async_context(line_endpoint(mailbox, line.channel_access_token.reveal()))
        phone_token = secrets.token_urlsafe(32)
        phone_url = await stack.enter_async_context(phone_gateway(mailbox, phone_token))
        mail, line = _mail(mail_port, certificate_file), replace(line, api_url=line_url)
        phone = _phone(phone_url, phone_token)
        yield Demo(replace(config, mail=mail, line=line, phone=phone), mailbox)


def _mail(port: int, certificate_file: Path) -> Mail:
    return Mail(
        host=HOST, port=port, tls="starttls", ca_file=certificate_file, sender=SENDER, sender_name=SENDER_NAME
    )  # fmt: skip


def _phone(url: str, token: str) -> Phone:
    sms, voice = gateway(f"{url}/sms", token), gateway(f"{url}/voice", token)
    return Phone(enabled=True, provider=PROVIDER, sms=sms, voice=voice)


def _line() -> Line:
    token, secret = Secret(secrets.token_urlsafe(32)), Secret(secrets.token_hex(16))
    return Line(channel_access_token=token, channel_secret=secret, account=LINE_ACCOUNT)
