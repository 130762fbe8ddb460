"""Alerts by LINE, through the messaging API."""

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING

from notifier.channels.base import Message, SendError
from ticketing.config import Line
from ticketing.contacts import Contact
from ticketing.line_api import PUSH_PATH, read_answer

if TYPE_CHECKING:
    from linebot.v3.messaging import AsyncApiClient  # type: ignore[import-untyped]

#: Seconds in which nothing more is sent once LINE has said that the month's messages are used up.
QUOTA_PAUSE_SECONDS = 600.0
#: Seconds to wait when LINE was asked too often and did not say for how long.
RATE_PAUSE_SECONDS = 5.0
#: A wait that LINE asks for is never believed beyond this.
LONGEST_PAUSE_SECONDS = 3600.0

#: How long to wait for the body of an answer whose status is there.
_BODY_SECONDS = 1.0
#: Answers that mean "later": too slow, and too many.
_LATER = frozenset({408, 425, 429})
#: The token is refused, or the plan does not allow it: every visitor is concerned.
_OURS = frozenset({401, 403})
#: The request with this retry key was accepted before.
_ACCEPTED_BEFORE = 409
_TOO_MANY = 429


class LineChannel:
    """Pushes one text at a time; LINE itself drops repetitions by their retry key.

    Request and connections are the SDK's. Its own way to send follows redirects with the user id in the body, reads
    answers of any size, and fails at a garbled refusal as at a garbled acceptance; so the sending is done here.
    """

    def __init__(self, settings: Line, seconds: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._seconds = seconds
        self._client: AsyncApiClient | None = None
        self._pausing_until = -math.inf

    @property
    def deadline_seconds(self) -> float:
        return float(self._settings.timeout_seconds)

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        if self._seconds() < self._pausing_until:
            raise _quota_used_up()
        if self._client is None:
            # The SDK (and aiohttp with it) costs 45 MB and 0.6 s, and many offices never send to LINE. In a thread,
            # so that everybody else is answered meanwhile.
            await asyncio.to_thread(import_module, "linebot.v3.messaging")
        from aiohttp import ClientConnectorError, ClientError  # noqa: PLC0415

        try:
            # The library's own timeout begins anew for the connection; this one is for everything.
            async with asyncio.timeout(deadline_seconds):
                status, headers, body = await self._push(contact.address, message.text, retry_key, deadline_seconds)
        except TimeoutError:
            raise SendError("line_timeout", permanent=False) from None
        except ClientConnectorError:
            raise SendError("line_connection", permanent=False, is_outage=True) from None
        except (ClientError, OSError, ValueError):
            # "from None": the library's errors may quote what was sent.
            raise SendError("line_connection", permanent=False) from None
        if (error := refusal(status, headers, body, datetime.now(UTC))) is not None:
            if error.message == "line_quota":
                self._pausing_until = self._seconds() + QUOTA_PAUSE_SECONDS
            raise error

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _push(
        self, user_id: str, text: str, retry_key: str, deadline_seconds: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and the beginning of the body of LINE's answer."""
        from aiohttp import ClientError, ClientTimeout  # noqa: PLC0415
        from linebot.v3.messaging import PushMessageRequest, TextMessage  # noqa: PLC0415

        push = PushMessageRequest(to=user_id, messages=[TextMessage(text=text)])
        client = self._api()
        async with client.rest_client.pool_manager.post(
            f"{self._settings.api_url}{PUSH_PATH}",
            json=push.to_dict(),
            headers={**client.default_headers, "X-Line-Retry-Key": retry_key},
            timeout=ClientTimeout(total=deadline_seconds),
            allow_redirects=False,
        ) as response:
            body = b""
            # The status says nearly all, should the rest not come; a connection read to its end is used again.
            with suppress(ClientError, TimeoutError):
                async with asyncio.timeout(_BODY_SECONDS):
                    body = await read_answer(response)
            return response.status, response.headers, body

    def _api(self) -> "AsyncApiClient":
        # Made inside the running loop, because it opens its session at once; then kept.
        from linebot.v3.messaging import AsyncApiClient, Configuration  # noqa: PLC0415

        if self._client is None:
            token = self._settings.channel_access_token.reveal()
            self._client = AsyncApiClient(Configuration(host=self._settings.api_url, access_token=token))
        return self._client


def refusal(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> SendError | None:
    """What LINE's answer means; None: the message is accepted."""
    if 200 <= status < 300 or status == _ACCEPTED_BEFORE:
        # With a page somebody between LINE and us answers; LINE knows the repetition by its retry key.
        is_page = body.lstrip().startswith(b"<")
        return SendError("line_page", permanent=False, needs_operations=True) if is_page else None
    if status == _TOO_MANY and _is_about_quota(body):
        return _quota_used_up()
    pause = _retry_after(headers, now)
    if status == _TOO_MANY:
        # Nothing of it was taken, and it is not about this message.
        wait = RATE_PAUSE_SECONDS if pause is None else pause
        return SendError("line_429", permanent=False, retry_after_seconds=wait, is_outage=True)
    is_final = 400 <= status < 500 and status not in _LATER
    return SendError(f"line_{status}", is_final, retry_after_seconds=pause, needs_operations=status in _OURS)


def _quota_used_up() -> SendError:
    """No repetition helps this month, but another contact of the ticket may."""
    return SendError("line_quota", permanent=True, needs_operations=True)


def _is_about_quota(body: bytes) -> bool:
    """LINE tells the two apart by their sentences only; what is neither counts as too often."""
    with suppress(ValueError, RecursionError, AttributeError):
        message = str(json.loads(body).get("message", "")).casefold()
        return "monthly limit" in message or "quota" in message
    return False


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds, from a number or a date; None when LINE did not say."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), LONGEST_PAUSE_SECONDS)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)
