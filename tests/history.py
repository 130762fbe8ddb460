"""Clients that write down whatever they ask and are answered, for the tests that break things meanwhile."""

import asyncio
import random
import ssl
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from tests.crowd import ISSUE, OFFICE_ID, SERVICES, Crowd
from tests.processes import WORLD

Kind = Literal["issue", "call", "complete", "open"]
#: What a client is told that is to ask again with the same key.
AWAY = frozenset({502, 503, 504})
#: How long a client waits for one answer (longer than any node takes before it gives up, as pages and proxies do), and
#: before it asks again; how long it thinks between two wishes (seconds).
PATIENCE, PAUSE, THOUGHT = 7.0, 0.1, 0.03


@dataclass
class Wish:
    """One thing that a client wanted, asked for until it was answered."""

    kind: Kind
    path: str
    body: dict[str, str]
    key: str
    #: Loop times: before the first request left, and when the answer was there; None: never.
    asked_at: float
    answered_at: float | None = None
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    #: How the attempts before ended: a status, or the error's name.
    failures: list[str] = field(default_factory=list)

    @property
    def ticket(self) -> tuple[str, str] | None:
        """Day and number in the answer."""
        return (self.answer["business_day"], self.answer["number"]) if "business_day" in self.answer else None


@dataclass
class Historian:
    """Runs clients with one crowd's cookies, and keeps what they were answered."""

    crowd: Crowd
    #: Where a client may ask next; another one after each failure.
    urls: Sequence[str]
    random: random.Random
    trust: ssl.SSLContext = WORLD
    wishes: list[Wish] = field(default_factory=list)

    async def kiosk(self, goes_on: Callable[[], bool]) -> None:
        async with self._client() as client:
            while goes_on():
                await self._insist(client, "issue", ISSUE, {"service": self.random.choice(SERVICES), "via": "kiosk"})
                await asyncio.sleep(self.random.random() * THOUGHT)

    async def console(self, counter: str, goes_on: Callable[[], bool]) -> None:
        """Calls whoever is next and completes the visit, again and again."""
        place = f"/api/v1/offices/{OFFICE_ID}/counters/{counter}"
        async with self._client() as client:
            while goes_on():
                call = await self._insist(client, "call", f"{place}/call-next", {})
                if call.ticket is not None:
                    await self._insist(client, "complete", f"{place}/complete", {"number": call.ticket[1]})
                elif call.status == 409:
                    # A new day has begun.
                    await self._insist(client, "open", f"{place}/open", {})
                await asyncio.sleep(self.random.random() * THOUGHT)

    async def _insist(self, client: httpx.AsyncClient, kind: Kind, path: str, body: dict[str, str]) -> Wish:
        loop = asyncio.get_running_loop()
        wish = Wish(kind, path, body, str(uuid.UUID(int=self.random.getrandbits(128))), loop.time())
        self.wishes.append(wish)
        while True:
            url = self.random.choice(self.urls)
            headers = {"Idempotency-Key": wish.key, "Origin": url}
            try:
                answer = await client.post(url + path, json=body, headers=headers)
            except httpx.TransportError as error:
                wish.failures.append(type(error).__name__)
            else:
                if answer.status_code not in AWAY:
                    wish.answered_at, wish.status = loop.time(), answer.status_code
                    wish.answer = answer.json() if answer.content else {}
                    return wish
                wish.failures.append(str(answer.status_code))
            await asyncio.sleep(PAUSE)

    def _client(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=self.trust)
        client.cookies.update(self.crowd.kiosk_cookies)
        client.cookies.update(self.crowd.clerk_cookies)
        return client
