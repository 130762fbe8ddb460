import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from notifier.drill.behaviours import Behaviour
from notifier.drill.http_server import HttpFaults

#: Longer than any answer of a server that does answer.
PATIENCE_SECONDS = 0.3


@asynccontextmanager
async def serving(behaviour: str = "ok", *, knows_repetitions: bool = True) -> AsyncIterator[HttpFaults]:
    async with HttpFaults(knows_repetitions=knows_repetitions).running() as server:
        await server.behave(Behaviour.read(behaviour, "http"))
        yield server


async def push(server: HttpFaults, key: str | None = "key-1", text: str = "hello") -> httpx.Response:
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        headers = {"X-Line-Retry-Key": key} if key else {}
        return await client.post(f"{server.url}/v2/bot/message/push", json={"text": text}, headers=headers)


async def test_server_that_is_well_takes_a_message_and_says_so() -> None:
    async with serving() as server:
        answer = await push(server)

        assert (answer.status_code, answer.json()) == (200, {"sentMessages": []})
        assert (server.ledger.taken, server.ledger.confirmed) == ({"key-1": 1}, {"key-1": 1})


async def test_server_answers_409_to_a_key_that_it_took() -> None:
    async with serving("hang+taken") as server:
        with pytest.raises(httpx.TimeoutException):
            await push(server)
        await server.behave(Behaviour())

        assert (await push(server)).status_code == 409
        assert (server.ledger.taken, server.ledger.confirmed.total()) == ({"key-1": 1}, 0)


async def test_gateway_that_knows_no_keys_takes_a_message_twice() -> None:
    async with serving(knows_repetitions=False) as server:
        await push(server)

        assert (await push(server)).status_code == 200
        assert (server.ledger.taken, server.ledger.doubled) == ({"key-1": 2}, 1)


async def test_message_without_a_key_is_known_by_its_words() -> None:
    async with serving() as server:
        for text in ("one", "two", "one"):
            await push(server, None, text)

        assert sorted(server.ledger.taken.values()) == [1, 2]


@pytest.mark.parametrize("behaviour", ["hang", "trickle"])
async def test_server_keeps_its_client_waiting(behaviour: str) -> None:
    async with serving(behaviour) as server:
        # The client's own patience begins anew with every byte.
        with pytest.raises((TimeoutError, httpx.TimeoutException)):
            async with asyncio.timeout(2 * PATIENCE_SECONDS):
                await push(server)

        assert (server.ledger.taken, server.ledger.turned_away) == ({}, {"key-1": 1})


@pytest.mark.parametrize("behaviour", ["reset", "close", "down"])
async def test_server_drops_the_connection(behaviour: str) -> None:
    async with serving(behaviour) as server:
        with pytest.raises(httpx.TransportError):
            await push(server)

        assert server.ledger.taken == {}


@pytest.mark.parametrize(
    ("behaviour", "status", "word"),
    [
        ("html", 200, "<!DOCTYPE html>"),
        ("wrong-json", 200, "unexpected"),
        ("409", 409, "no"),
        ("429-rate", 429, "rate limit"),
        ("429-quota", 429, "monthly limit"),
        ("500", 500, "no"),
        ("503", 503, "no"),
        ("400", 400, "no"),
    ],
)
async def test_server_answers_as_told(behaviour: str, status: int, word: str) -> None:
    async with serving(behaviour) as server:
        answer = await push(server)

        assert (answer.status_code, word in answer.text) == (status, True)
        assert answer.headers.get("Retry-After") == ("2" if behaviour == "429-rate" else None)


async def test_server_sends_without_end() -> None:
    async with serving("huge") as server, httpx.AsyncClient() as client:
        many = 0
        async with client.stream("POST", server.url, content=b"{}") as answer:
            async for chunk in answer.aiter_bytes():
                many += len(chunk)
                if many > 1_000_000:
                    break

        assert (answer.status_code, server.ledger.taken.total()) == (200, 1)


async def test_server_takes_only_what_is_posted() -> None:
    async with serving() as server, httpx.AsyncClient() as client:
        answer = await client.get(server.url)

        assert (answer.status_code, json.loads(answer.content), server.ledger.taken) == (
            404, {"message": "Not found"}, {},
        )  # fmt: skip
