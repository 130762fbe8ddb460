import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from notifier.channels.base import Message, SendError
from notifier.channels.line import LineChannel
from tests.notifier.fakes import LineEndpoint, line_endpoint
from ticketing.config import Line, Secret
from ticketing.contacts import Contact

USER = "U" + "0123456789abcdef" * 2
CONTACT = Contact("minato", date(2026, 9, 3), "A012", "line", USER, "ja", None, None, "token")
MESSAGE = Message(text="まもなくお呼び出しの順番です。", created_at=datetime(2026, 9, 3, tzinfo=UTC))
KEY = "6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11"


@pytest.fixture
async def endpoint() -> AsyncIterator[LineEndpoint]:
    async with line_endpoint(LineEndpoint()) as endpoint:
        yield endpoint


@pytest.fixture
async def channel(endpoint: LineEndpoint) -> AsyncIterator[LineChannel]:
    channel = LineChannel(settings(endpoint, "line-token"))
    yield channel
    await channel.close()


def settings(endpoint: LineEndpoint, token: str) -> Line:
    return Line(channel_access_token=Secret(token), channel_secret=Secret("secret"), api_url=endpoint.url)


async def refused(channel: LineChannel, deadline_seconds: float = 5) -> tuple[str, bool]:
    with pytest.raises(SendError) as caught:
        await channel.send(CONTACT, MESSAGE, KEY, deadline_seconds)
    assert USER not in str(caught.value)
    return caught.value.message, caught.value.permanent


async def test_text_is_pushed_with_its_retry_key(channel: LineChannel, endpoint: LineEndpoint) -> None:
    await channel.send(CONTACT, MESSAGE, KEY, 5)

    (push,) = endpoint.pushes
    assert (push["to"], [message["text"] for message in push["messages"]]) == (USER, [MESSAGE.text])
    assert endpoint.retry_keys == [KEY]


async def test_repetition_that_line_knows_counts_as_sent(channel: LineChannel, endpoint: LineEndpoint) -> None:
    await channel.send(CONTACT, MESSAGE, KEY, 5)
    await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert (endpoint.retry_keys, endpoint.accepted) == ([KEY, KEY], {KEY})


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [(400, True), (401, True), (403, True), (404, True), (429, False), (500, False), (503, False)],
)
async def test_refusal_is_permanent_or_not_by_its_status(
    channel: LineChannel, endpoint: LineEndpoint, status: int, is_permanent: bool
) -> None:
    endpoint.statuses = [status]

    assert await refused(channel) == (f"line_{status}", is_permanent)


async def test_wrong_token_is_refused(endpoint: LineEndpoint) -> None:
    channel = LineChannel(settings(endpoint, "wrong"))

    answer = await refused(channel)
    await channel.close()

    assert (answer, endpoint.pushes) == (("line_401", True), [])


async def test_endpoint_that_hangs_is_left_at_the_deadline(channel: LineChannel, endpoint: LineEndpoint) -> None:
    endpoint.hangs = True

    assert await refused(channel, deadline_seconds=0.2) == ("line_timeout", False)


async def test_endpoint_that_is_not_there_is_tried_again(endpoint: LineEndpoint) -> None:
    channel = LineChannel(Line(channel_access_token=Secret("t"), api_url="http://127.0.0.1:9"))

    answer = await refused(channel)
    await channel.close()

    assert answer == ("line_connection", False)


def test_sdk_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, notifier.worker, notifier.channels.line; print('linebot' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
