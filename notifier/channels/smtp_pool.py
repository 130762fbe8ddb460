"""SMTP connections that are kept between messages; the library has no such pool."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import cast

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from notifier.channels.base import SendError
from ticketing.config import Mail

#: A connection that nobody needed for so many seconds is closed; relays close theirs after minutes.
IDLE_SECONDS = 30.0
#: Messages over one connection; relays allow a hundred or more before they hang up.
MOST_MESSAGES = 100
#: How long the relay may take to answer a goodbye. Nothing waits for it but the end of the service.
GOODBYE_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class Connection:
    """A connection that takes one message after the other."""

    client: SMTP
    #: Messages that it has taken.
    taken: int = 0
    #: When it was given back; the loop's time.
    idle_since: float = 0.0

    def drop(self) -> None:
        """Ends it at once, whatever is under way."""
        if self.client.transport is not None:
            # The library only closes it, which first waits for what the relay has not read.
            cast(asyncio.WriteTransport, self.client.transport).abort()
        self.client.close()


class SmtpPool:
    """Keeps connections that work. Whoever takes one has it alone, and gives it back only when all went well.

    It never makes anybody wait: when none is idle, a new one is opened.
    """

    def __init__(self, settings: Mail, tls_context: ssl.SSLContext, idle_seconds: float = IDLE_SECONDS) -> None:
        self._settings = settings
        self._tls_context = tls_context
        self._idle_seconds = idle_seconds
        #: The one given back last stands last and is taken first, so that those too many grow old.
        self._idle: list[Connection] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._next_look: asyncio.TimerHandle | None = None

    @property
    def idle_count(self) -> int:
        """Connections that wait for a message."""
        return len(self._idle)

    def take(self) -> Connection | None:
        """An idle connection; None: there is none. The relay may have closed it a moment ago."""
        while self._idle:
            connection = self._idle.pop()
            if connection.client.is_connected:
                return connection
        return None

    async def open(self) -> Connection:
        """A new connection, with TLS and signed in as configured.

        Raises SendError when the relay does not take it; none of its errors is about the message.
        """
        client = _client(self._settings, self._tls_context)
        try:
            await _connected(client)
            if self._settings.tls == "starttls":
                await _secured(client)
            if self._settings.username:
                await _signed_in(client, self._settings)
        except BaseException:
            Connection(client).drop()
            raise
        return Connection(client)

    def give_back(self, connection: Connection) -> None:
        """It has taken a message and may take another."""
        connection.taken += 1
        if connection.taken >= MOST_MESSAGES or len(self._idle) >= self._settings.connections:
            self._say_goodbye(connection)
        elif connection.client.is_connected:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
            self._look_later()

    async def close(self) -> None:
        """Closes what is idle; what is given back later is kept again."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        idle, self._idle = self._idle, []
        for connection in idle:
            self._say_goodbye(connection)
        await asyncio.gather(*self._leaving)

    def _look_later(self) -> None:
        if self._next_look is None and self._idle:
            loop = asyncio.get_running_loop()
            self._next_look = loop.call_at(self._idle[0].idle_since + self._idle_seconds, self._close_old)

    def _close_old(self) -> None:
        self._next_look = None
        since = asyncio.get_running_loop().time() - self._idle_seconds
        old = [each for each in self._idle if each.idle_since <= since]
        self._idle = [each for each in self._idle if each.idle_since > since]
        for connection in old:
            self._say_goodbye(connection)
        self._look_later()

    def _say_goodbye(self, connection: Connection) -> None:
        task = asyncio.create_task(_leave(connection))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


def _client(settings: Mail, tls_context: ssl.SSLContext) -> SMTP:
    return SMTP(
        hostname=settings.host,
        port=settings.port,
        # The library would ask the name server for it, and everybody would wait.
        local_hostname=socket.gethostname(),
        use_tls=settings.tls == "tls",
        # Never by what the server offers: see _secured.
        start_tls=False,
        tls_context=None if settings.tls == "off" else tls_context,
        timeout=settings.timeout_seconds,
    )


async def _connected(client: SMTP) -> None:
    try:
        await client.connect()
    except SMTPResponseException as error:
        raise refusal(error.code) from None
    except (SMTPException, OSError) as error:
        raise _unreached(error) from None


async def _secured(client: SMTP) -> None:
    """TLS, or nothing: a relay that stops offering it gets no message and no password."""
    try:
        await client.starttls()
    except (ConnectionError, TimeoutError) as error:
        raise _unreached(error) from None
    except (SMTPException, OSError):
        raise SendError("smtp_tls", permanent=False, needs_operations=True, is_outage=True) from None


async def _signed_in(client: SMTP, settings: Mail) -> None:
    try:
        await client.login(settings.username, settings.password.reveal())
    except SMTPAuthenticationError as error:
        raise refusal(error.code, needs_operations=True) from None
    except SMTPResponseException as error:
        raise refusal(error.code) from None
    except (ConnectionError, TimeoutError) as error:
        raise _unreached(error) from None
    except SMTPException:
        # The relay offers no way to sign in.
        raise SendError("smtp_auth", permanent=False, needs_operations=True, is_outage=True) from None


def refusal(code: int, *, needs_operations: bool = False) -> SendError:
    """The relay takes nothing from us, whoever it is for; a 5xx will not change by itself."""
    return SendError(
        answer_code(code), permanent=False, needs_operations=needs_operations or is_final(code), is_outage=True
    )


def answer_code(code: int) -> str:
    """An answer's number as an outcome."""
    return f"smtp_{code}" if 200 <= code <= 599 else "smtp_garbled"


def is_final(code: int) -> bool:
    """Whether the same again would be refused again."""
    return 500 <= code <= 599


def _unreached(error: Exception) -> SendError:
    """No connection; a certificate or a version that does not fit is for operations."""
    is_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
    if is_tls:
        return SendError("smtp_tls", permanent=False, needs_operations=True, is_outage=True)
    code = "smtp_timeout" if isinstance(error, TimeoutError) else "smtp_connection"
    return SendError(code, permanent=False, is_outage=True)


async def _leave(connection: Connection) -> None:
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await connection.client.quit()
    except (SMTPException, OSError):
        return
    finally:
        connection.drop()
