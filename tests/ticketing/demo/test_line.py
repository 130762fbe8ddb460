from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from notifier.channels.base import Message
from notifier.channels.line import LineChannel
from ticketing.contacts import Contact
from ticketing.demo.line import PUSH_PATH, text_event, unfollow_event
from ticketing.demo.mailbox import LINE_USERS
from ticketing.demo.start import Demo

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
HANA = LINE_USERS["hana"]
RETRY_KEY = "f3b6d3a4-6b7e-4a53-9d5b-0d6a6d1f7c11"
PUSH = {"to": HANA, "messages": [{"type": "text", "text": "near"}]}


@pytest.fixture
async def client(demo: Demo) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {demo.config.line.channel_access_token.reveal()}"}
    async with httpx.AsyncClient(base_url=demo.config.line.api_url, headers=headers) as opened:
        yield opened


async def test_push_arrives_once_for_its_retry_key(demo: Demo, client: httpx.AsyncClient) -> None:
    first = await client.post(PUSH_PATH, json=PUSH, headers={"X-Line-Retry-Key": RETRY_KEY})
    again = await client.post(PUSH_PATH, json=PUSH, headers={"X-Line-Retry-Key": RETRY_KEY})

    assert [first.status_code, again.status_code] == [200, 409]
    assert len(first.json()["sentMessages"]) == 1
    assert again.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert [(one.to, one.text) for one in demo.mailbox.newest()] == [(HANA, "near")]


async def test_channel_of_the_notifier_reaches_it(demo: Demo) -> None:
    channel = LineChannel(demo.config.line)
    contact = Contact("sakura", NOW.date(), "A001", "line", HANA, "ja", None, None, "token")

    await channel.send(contact, Message(text="まもなく", created_at=NOW), RETRY_KEY, 10)
    await channel.send(contact, Message(text="まもなく", created_at=NOW), RETRY_KEY, 10)
    await channel.close()

    assert [one.text for one in demo.mailbox.newest()] == ["まもなく"]


async def test_wrong_token_is_refused(demo: Demo, client: httpx.AsyncClient) -> None:
    answer = await client.post(PUSH_PATH, json=PUSH, headers={"Authorization": "Bearer other"})

    assert answer.status_code == 401
    assert demo.mailbox.newest() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"to": "hana", "messages": PUSH["messages"]},
        {"to": HANA, "messages": []},
        {"to": HANA, "messages": [{"type": "text", "text": ""}]},
        {"to": HANA, "messages": [{"type": "text", "text": "x"}] * 6},
    ],
)
async def test_bad_body_is_refused(demo: Demo, client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await client.post(PUSH_PATH, json=body, headers={"X-Line-Retry-Key": RETRY_KEY})

    assert answer.status_code == 400
    assert demo.mailbox.newest() == []
    assert demo.mailbox.accepted_as(RETRY_KEY) is None


async def test_bad_retry_key_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(PUSH_PATH, json=PUSH, headers={"X-Line-Retry-Key": "1"})

    assert answer.status_code == 400


def test_events_are_those_of_line() -> None:
    text, unfollow = text_event(HANA, "ABCD2345", NOW), unfollow_event(HANA, NOW)

    assert (text["type"], text["message"]["text"], text["source"]) == (
        "message", "ABCD2345", {"type": "user", "userId": HANA},
    )  # fmt: skip
    assert (unfollow["type"], unfollow["timestamp"]) == ("unfollow", 1788397200000)
    assert len({text["webhookEventId"], unfollow["webhookEventId"]}) == 2
    assert msgspec.json.encode([text, unfollow])
