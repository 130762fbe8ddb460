"""Alerts by text message and spoken call: one HTTP request to a provider's gateway for each."""

import asyncio
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING

from notifier.channels.base import Message, SendError
from notifier.channels.gateway import Exchange, NotSent, body_of, headers_of, judge, values_of
from ticketing.config import Gateway, Phone
from ticketing.contacts import Contact
from ticketing.phone_costs import PhoneCosts, PhoneKind
from ticketing.phone_numbers import dialled_number, goes_to_voice

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

#: Bytes of an answer that are looked at for an error's code.
MOST_ANSWER_BYTES = 64 * 1024
#: Seconds that a gateway may ask to be left alone.
LONGEST_RETRY_AFTER = 3_600


class PhoneChannel:
    """Sends a message or has a number called, within the limits of cost.

    A message is handed over at most once: when it stays open whether the gateway took it (no answer, a server's error,
    a crash of ours), it is not repeated unless ``retry_unknown`` says that the provider knows a repetition by its key.
    """

    def __init__(self, settings: Phone, costs: PhoneCosts) -> None:
        self._settings = settings
        self._costs = costs
        self._session: ClientSession | None = None

    @property
    def deadline_seconds(self) -> float:
        return float(self._settings.timeout_seconds)

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        kind: PhoneKind = "voice" if goes_to_voice(contact.address) else "sms"
        gateway = self._settings.voice if kind == "voice" else self._settings.sms
        if not gateway.is_on:
            raise NotSent("phone_off", permanent=True)
        await self._count(contact, kind, retry_key, gateway)
        try:
            exchange = await self._exchange(gateway, values_of(gateway, contact, message, retry_key), deadline_seconds)
            judge(gateway, exchange)
        except NotSent:
            await self._costs.give_back(retry_key)
            raise

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _count(self, contact: Contact, kind: PhoneKind, retry_key: str, gateway: Gateway) -> None:
        number = dialled_number(contact.address)
        verdict = await self._costs.take(contact.office_id, contact.day, number, kind, retry_key)
        if verdict == "counted" and not gateway.retry_unknown:
            raise SendError("phone_unknown", permanent=True)
        if verdict not in ("free", "counted"):
            raise SendError(f"phone_{verdict}", permanent=True, needs_operations=verdict == "day_limit")

    async def _exchange(self, gateway: Gateway, values: Mapping[str, str], deadline_seconds: float) -> Exchange:
        # Imported where it is needed: many offices never send to a phone.
        from aiohttp import ClientError  # noqa: PLC0415

        exchange = Exchange()
        try:
            async with asyncio.timeout(deadline_seconds):
                await self._post(gateway, values, exchange)
        except (ClientError, OSError):
            # Whatever the gateway did, or failed to do, shows in how far it came; TimeoutError is an OSError too.
            return exchange
        return exchange

    async def _post(self, gateway: Gateway, values: Mapping[str, str], exchange: Exchange) -> None:
        request = self._opened().post(
            gateway.url,
            data=body_of(gateway, values),
            headers=headers_of(gateway, values),
            allow_redirects=False,
            trace_request_ctx=exchange,
        )
        async with request as response:
            exchange.retry_after_seconds = _retry_after(response)
            exchange.status = response.status
            if gateway.error_field:
                await _read(response, exchange)

    def _opened(self) -> "ClientSession":
        # Made inside the running loop; then kept.
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, TraceConfig  # noqa: PLC0415

        if self._session is None:
            trace = TraceConfig()
            trace.on_request_headers_sent.append(_note_begun)
            self._session = ClientSession(
                # A connection for each message: one kept open may end just when the next message is written to it,
                # and then nobody knows whether that was sent.
                connector=TCPConnector(force_close=True),
                cookie_jar=DummyCookieJar(),
                # The whole request has a deadline.
                timeout=ClientTimeout(total=None),
                auto_decompress=False,
                # Offices reach the internet through a proxy that the environment names.
                trust_env=True,
                trace_configs=[trace],
            )
        return self._session


def _retry_after(response: "ClientResponse") -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(min(int(text), LONGEST_RETRY_AFTER)) if re.fullmatch("[0-9]{1,9}", text) else None


async def _read(response: "ClientResponse", exchange: Exchange) -> None:
    while len(exchange.body) < MOST_ANSWER_BYTES:
        chunk = await response.content.read(MOST_ANSWER_BYTES - len(exchange.body))
        if not chunk:
            return
        exchange.body += chunk


async def _note_begun(_: "ClientSession", context: SimpleNamespace, __: object) -> None:
    exchange: Exchange = context.trace_request_ctx
    exchange.is_begun = True
