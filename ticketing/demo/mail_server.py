"""A real mail server inside the demonstration; what it takes goes into the mailbox."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from ticketing.demo.mailbox import Mailbox

HOST = "127.0.0.1"
MOST_BYTES = 256 * 1024


class _Taker:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            mail = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
            body = mail.get_body(("plain",))
            text = str(body.get_content()) if body else ""
        except (LookupError, ValueError):
            return "554 This is not a mail that can be shown"
        link = str(mail.get("List-Unsubscribe", "")).strip(" <>") or None
        for recipient in envelope.rcpt_tos:
            self._mailbox.add_mail(recipient, str(mail.get("Subject", "")), text, link)
        return "250 OK"


@asynccontextmanager
async def mail_server(mailbox: Mailbox, tls: ssl.SSLContext) -> AsyncIterator[int]:
    """Listens on a free port of this machine, which it yields; takes mail only after STARTTLS."""
    # The library logs senders and recipients.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            _Taker(mailbox),
            data_size_limit=MOST_BYTES,
            hostname="mail.demonstration",
            ident="Junban demonstration",
            tls_context=tls,
            require_starttls=True,
            loop=loop,
        )

    server = await loop.create_server(session, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
