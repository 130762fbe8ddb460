"""Alerts by e-mail, through the city's relay."""

import asyncio
import socket
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import EmailPolicy

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from notifier.channels.base import Message, SendError
from ticketing.addresses import has_loose_dots
from ticketing.config import Mail
from ticketing.contacts import Contact

#: Answers to an address whose dots the server does not like without quotes.
_SYNTAX_ANSWERS = frozenset({501, 553})


class _OneLineLinks(EmailPolicy):
    """Leaves the List headers on one line: some signers and readers trip over a folded link."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name.startswith("List-") else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


_POLICY = _OneLineLinks(linesep=SMTP_POLICY.linesep, max_line_length=78)


class MailChannel:
    """Sends each message over a connection of its own, so that a stuck one holds up nobody else."""

    def __init__(self, settings: Mail, tls_context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls_context = tls_context or ssl.create_default_context(cafile=settings.ca_file)

    @property
    def deadline_seconds(self) -> float:
        return float(self._settings.timeout_seconds)

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        letter = compose(self._settings, contact.address, message, retry_key).as_bytes()
        client = self._client()
        try:
            # The library's own timeout is for each read; a server that trickles would never reach it.
            async with asyncio.timeout(deadline_seconds):
                await client.connect()
                await self._hand_over(client, contact.address, letter)
        except TimeoutError:
            raise SendError("smtp_timeout", permanent=False) from None
        except (SMTPException, OSError) as error:
            # "from None": the library's errors may quote the address.
            raise _send_error(error) from None
        else:
            await _take_leave(client)
        finally:
            client.close()

    async def close(self) -> None:
        """There is nothing to let go."""

    async def _hand_over(self, client: SMTP, address: str, letter: bytes) -> None:
        try:
            await client.sendmail(self._settings.sender, [address], letter)
        except SMTPRecipientsRefused as error:
            if not has_loose_dots(address) or _code(error) not in _SYNTAX_ANSWERS:
                raise
            local, _, domain = address.rpartition("@")
            await client.sendmail(self._settings.sender, [f'"{local}"@{domain}'], letter)

    def _client(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            # The library would ask the name server for it, and everybody would wait.
            local_hostname=socket.gethostname(),
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=None if settings.tls == "off" else self._tls_context,
            username=settings.username or None,
            password=settings.password.reveal() or None,
            timeout=settings.timeout_seconds,
        )


def compose(settings: Mail, address: str, message: Message, retry_key: str) -> EmailMessage:
    """The letter, byte for byte the same on every attempt."""
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    letter["To"] = address
    letter["Subject"] = message.subject
    letter["Date"] = message.created_at
    letter["Message-ID"] = f"<{retry_key}@{settings.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe_url is not None:
        letter["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(message.text, cte="base64")
    return letter


async def _take_leave(client: SMTP) -> None:
    """Say goodbye; the message is delivered, so nothing that happens here matters."""
    try:
        await client.quit(timeout=1)
    except (SMTPException, OSError):
        return


def _send_error(error: Exception) -> SendError:
    code = _code(error)
    if code is None:
        return SendError("smtp_connection", permanent=False)
    # A refused sign-in says nothing about the address; operations may put it right.
    return SendError(f"smtp_{code}", permanent=code >= 500 and not isinstance(error, SMTPAuthenticationError))


def _code(error: Exception) -> int | None:
    """The answer's number; None when there was no answer."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        return error.recipients[0].code
    return error.code if isinstance(error, SMTPResponseException) else None
