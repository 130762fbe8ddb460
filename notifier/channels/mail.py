"""Alerts by e-mail, through the city's relay."""

import asyncio
import re
import ssl

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from notifier.channels.base import Message, SendError
from notifier.channels.letter import BadLetter, compose, quoted
from notifier.channels.smtp_pool import Connection, SmtpPool, answer_code, is_final, refusal
from ticketing.addresses import has_loose_dots
from ticketing.config import Mail
from ticketing.contacts import Contact

#: How long a kept connection may take to answer before it counts as dead. A new one may take the whole deadline.
KEPT_ANSWERS_SECONDS = 5.0
#: Answers to an address whose dots the server does not like without quotes.
_SYNTAX_ANSWERS = frozenset({501, 553})
_ACCEPTED = frozenset({250, 251})
#: Sign in first, or use TLS: about us, not about the recipient.
_NOT_ALLOWED = frozenset({530, 534, 535, 538})
#: The extended code of a refusal by policy, such as "relaying denied".
_POLICY = re.compile(r"5\.7\.\d")


class MailChannel:
    """Sends each message over a connection that it has alone meanwhile, so that a stuck one holds up nobody else."""

    def __init__(self, settings: Mail, tls_context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._pool = SmtpPool(settings, tls_context or ssl.create_default_context(cafile=settings.ca_file))

    @property
    def deadline_seconds(self) -> float:
        return float(self._settings.timeout_seconds)

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        settings, address = self._settings, contact.address
        try:
            letter = compose(settings.sender, settings.sender_name, address, message, retry_key)
        except BadLetter:
            raise SendError("mail_form", permanent=True) from None
        connection: Connection | None = None
        try:
            # The library's own timeout is for each read; a server that trickles would never reach it.
            async with asyncio.timeout(deadline_seconds):
                connection = await self._begun()
                await _hand_over(connection.client, address, letter)
        except TimeoutError:
            raise SendError("smtp_timeout", permanent=False, is_outage=connection is None) from None
        except SMTPResponseException as error:
            raise SendError(answer_code(error.code), permanent=is_final(error.code)) from None
        except (SMTPException, OSError):
            # "from None": the library's errors may quote the address.
            raise SendError("smtp_connection", permanent=False, is_outage=connection is None) from None
        else:
            self._pool.give_back(connection)
            connection = None
        finally:
            if connection is not None:
                connection.drop()

    async def close(self) -> None:
        await self._pool.close()

    async def _begun(self) -> Connection:
        """A connection on which the relay has taken the sender's address.

        A kept one that does not is left for a new one. It may have been closed long ago, and as nothing but the
        sender's address went over it, no message can arrive twice.
        """
        kept = self._pool.take()
        if kept is not None and await self._still_works(kept):
            return kept
        fresh = await self._pool.open()
        try:
            await self._name_sender(fresh.client)
        except BaseException:
            fresh.drop()
            raise
        return fresh

    async def _still_works(self, kept: Connection) -> bool:
        try:
            async with asyncio.timeout(KEPT_ANSWERS_SECONDS):
                await self._name_sender(kept.client)
        except (SMTPException, OSError, SendError):
            kept.drop()
            return False
        except BaseException:
            kept.drop()
            raise
        return True

    async def _name_sender(self, client: SMTP) -> None:
        try:
            await client.mail(self._settings.sender)
        except SMTPResponseException as error:
            raise refusal(error.code) from None


async def _hand_over(client: SMTP, address: str, letter: bytes) -> None:
    code, text = await _name_recipient(client, address)
    if code in _SYNTAX_ANSWERS and has_loose_dots(address):
        code, text = await _name_recipient(client, quoted(address))
    if code not in _ACCEPTED:
        raise _refused(code, text)
    try:
        await client.data(letter)
    except SMTPResponseException as error:
        raise _refused(error.code, error.message) from None


async def _name_recipient(client: SMTP, address: str) -> tuple[int, str]:
    """The relay's answer. Not by the library's own ``rcpt``, which reads the address first and drops its quotes."""
    answer = await client.execute_command(b"RCPT", f"TO:<{address}>".encode("ascii"))
    return answer.code, answer.message


def _refused(code: int, text: str) -> SendError:
    """Refused with a message at hand: final by its first digit, unless it is about us and not about the recipient."""
    if code in _NOT_ALLOWED:
        return refusal(code)
    is_policy = is_final(code) and _POLICY.match(text) is not None
    return SendError(answer_code(code), permanent=is_final(code), needs_operations=is_policy)
