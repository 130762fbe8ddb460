from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ticketing.demo.start import Demo

TO = "+819012345678"
MESSAGE = {"to": TO, "text": "A001"}


@pytest.fixture
async def client(demo: Demo) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {demo.config.phone.sms.token.reveal()}"}
    base_url = demo.config.phone.sms.url.removesuffix("/sms")
    async with httpx.AsyncClient(base_url=base_url, headers=headers) as opened:
        yield opened


async def test_text_and_call_arrive_once_for_their_keys(demo: Demo, client: httpx.AsyncClient) -> None:
    asked = [("/sms", "key-1"), ("/sms", "key-1"), ("/voice", "key-2"), ("/voice", "key-3")]

    answers = [await client.post(path, json=MESSAGE, headers={"Idempotency-Key": key}) for path, key in asked]

    assert [answer.status_code for answer in answers] == [202] * 4
    received = [(one.channel, one.to, one.text) for one in demo.mailbox.newest()]
    assert received == [("voice", TO, "A001"), ("voice", TO, "A001"), ("sms", TO, "A001")]


async def test_wrong_token_is_refused(demo: Demo, client: httpx.AsyncClient) -> None:
    answer = await client.post("/sms", json=MESSAGE, headers={"Authorization": "Bearer wrong"})

    assert (answer.status_code, demo.mailbox.newest()) == (401, [])


@pytest.mark.parametrize(
    "body", [{}, {"to": "090", "text": "A001"}, {"to": TO, "text": ""}, {"to": TO, "text": "x" * 2000}]
)
async def test_bad_body_is_refused(demo: Demo, client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await client.post("/sms", json=body)

    assert (answer.status_code, demo.mailbox.newest()) == (400, [])
