import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from linebot.v3.messaging import AsyncApiClient, AsyncMessagingApi, Configuration, PushMessageRequest, TextMessage

from notifier.channels.base import Message, SendError
from notifier.channels.line import (
    LONGEST_PAUSE_SECONDS,
    QUOTA_PAUSE_SECONDS,
    RATE_PAUSE_SECONDS,
    LineChannel,
    refusal,
)
from tests.notifier.fakes import LineEndpoint, line_endpoint
from ticketing.config import Line, Secret
from ticketing.contacts import Contact

USER = "U" + "0123456789abcdef" * 2
CONTACT = Contact("minato", date(2026, 9, 3), "A012", "line", USER, "ja", None, None, "token")
NOW = datetime(2026, 9, 3, tzinfo=UTC)
MESSAGE = Message(text="まもなくお呼び出しの順番です。", created_at=NOW)
KEY = "6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11"
QUOTA = b'{"message":"You have reached your monthly limit."}'
RATE = b'{"message":"The API rate limit has been exceeded. Try again later."}'


@dataclass
class Seconds:
    """A clock that is set by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def endpoint() -> AsyncIterator[LineEndpoint]:
    async with line_endpoint(LineEndpoint()) as endpoint:
        yield endpoint


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def channel(endpoint: LineEndpoint, seconds: Seconds) -> AsyncIterator[LineChannel]:
    channel = LineChannel(settings(endpoint, "line-token"), seconds)
    yield channel
    await channel.close()


def settings(endpoint: LineEndpoint, token: str) -> Line:
    return Line(channel_access_token=Secret(token), channel_secret=Secret("secret"), api_url=endpoint.url)


async def refused(channel: LineChannel, deadline_seconds: float = 5) -> SendError:
    with pytest.raises(SendError) as caught:
        await channel.send(CONTACT, MESSAGE, KEY, deadline_seconds)
    assert USER not in str(caught.value)
    return caught.value


def facts(error: SendError | None) -> tuple[object, ...]:
    assert error is not None
    return error.message, error.permanent, error.retry_after_seconds, error.needs_operations, error.is_outage


async def test_text_is_pushed_with_its_retry_key(channel: LineChannel, endpoint: LineEndpoint) -> None:
    await channel.send(CONTACT, MESSAGE, KEY, 5)

    (push,) = endpoint.pushes
    assert (push["to"], [message["text"] for message in push["messages"]]) == (USER, [MESSAGE.text])
    assert endpoint.retry_keys == [KEY]


async def test_push_is_the_one_of_lines_own_library(channel: LineChannel, endpoint: LineEndpoint) -> None:
    await channel.send(CONTACT, MESSAGE, KEY, 5)
    endpoint.accepted.clear()

    async with AsyncApiClient(Configuration(host=endpoint.url, access_token="line-token")) as client:
        push = PushMessageRequest(to=USER, messages=[TextMessage(text=MESSAGE.text)])
        await AsyncMessagingApi(client).push_message(push, x_line_retry_key=KEY)

    ours, theirs = endpoint.pushes
    assert ours == theirs


async def test_repetition_that_line_knows_counts_as_sent(channel: LineChannel, endpoint: LineEndpoint) -> None:
    await channel.send(CONTACT, MESSAGE, KEY, 5)
    await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert (endpoint.retry_keys, endpoint.accepted) == ([KEY, KEY], {KEY})


@pytest.mark.parametrize(
    ("status", "is_permanent", "needs_operations"),
    [
        (302, False, False), (400, True, False), (401, True, True), (403, True, True), (404, True, False),
        (408, False, False), (413, True, False), (500, False, False), (503, False, False),
    ],
)  # fmt: skip
async def test_refusal_is_permanent_or_not_by_its_status(
    channel: LineChannel, endpoint: LineEndpoint, status: int, is_permanent: bool, needs_operations: bool
) -> None:
    endpoint.statuses = [status]

    error = await refused(channel)

    assert facts(error) == (f"line_{status}", is_permanent, None, needs_operations, False)


async def test_wrong_token_is_refused(endpoint: LineEndpoint) -> None:
    channel = LineChannel(settings(endpoint, "wrong"))

    error = await refused(channel)
    await channel.close()

    assert facts(error) == ("line_401", True, None, True, False)
    assert endpoint.pushes == []


# Too many: of a moment, or of the month


@pytest.mark.parametrize(
    ("body", "retry_after", "expected"),
    [
        (RATE, None, ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (RATE, "7", ("line_429", False, 7.0, False, True)),
        (RATE, "0", ("line_429", False, 0.0, False, True)),
        (RATE, "Thu, 03 Sep 2026 00:00:30 GMT", ("line_429", False, 30.0, False, True)),
        (RATE, "Thu, 03 Sep 2020 00:00:00 GMT", ("line_429", False, 0.0, False, True)),
        (RATE, "9" * 400, ("line_429", False, LONGEST_PAUSE_SECONDS, False, True)),
        (RATE, "soon", ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (RATE, "Thu, 03 Sep 2026 00:00:30", ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (b"", None, ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (b"\xff\x00", None, ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (b"[" * 16_000, None, ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (b'["monthly limit"]', None, ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (b'{"message":null}', None, ("line_429", False, RATE_PAUSE_SECONDS, False, True)),
        (QUOTA, None, ("line_quota", True, None, True, False)),
        (QUOTA.upper().replace(b"MESSAGE", b"message"), "7", ("line_quota", True, None, True, False)),
    ],
)
def test_too_many_of_the_moment_and_of_the_month_are_told_apart(
    body: bytes, retry_after: str | None, expected: tuple[object, ...]
) -> None:
    headers = {} if retry_after is None else {"Retry-After": retry_after}

    assert facts(refusal(429, headers, body, NOW)) == expected


async def test_used_up_month_is_not_asked_about_for_each_notice(
    channel: LineChannel, endpoint: LineEndpoint, seconds: Seconds
) -> None:
    endpoint.statuses, endpoint.body = [429], QUOTA
    errors = [await refused(channel) for _ in range(3)]

    seconds.now = QUOTA_PAUSE_SECONDS
    endpoint.statuses, endpoint.body = [200], None
    await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert {facts(error) for error in errors} == {("line_quota", True, None, True, False)}
    assert len(endpoint.pushes) == 2


async def test_rate_limit_pauses_nothing_by_itself(channel: LineChannel, endpoint: LineEndpoint) -> None:
    endpoint.statuses, endpoint.body, endpoint.headers = [429, 200], RATE, {"Retry-After": "3"}

    error = await refused(channel)
    await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert facts(error) == ("line_429", False, 3.0, False, True)
    assert len(endpoint.pushes) == 2


# A server that hangs, lies or is not there


async def test_endpoint_that_hangs_is_left_at_the_deadline(channel: LineChannel, endpoint: LineEndpoint) -> None:
    endpoint.hangs = True

    assert facts(await refused(channel, deadline_seconds=0.2)) == ("line_timeout", False, None, False, False)


@pytest.mark.parametrize("status", [200, 500])
async def test_answer_that_never_ends_counts_by_its_status(
    channel: LineChannel, endpoint: LineEndpoint, status: int
) -> None:
    endpoint.trickles, endpoint.statuses = True, [status]
    started = time.monotonic()

    sent = await asyncio.gather(channel.send(CONTACT, MESSAGE, KEY, 8), return_exceptions=True)

    assert [str(error) for error in sent] == (["None"] if status == 200 else ["line_500"])
    assert time.monotonic() - started < 6


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"nonsense", "None"),
        (200, b"\xff" * 100_000, "None"),
        (500, b"\xff\xfe", "line_500"),
        (200, b"\r\n<!DOCTYPE html><title>Sign in</title>", "line_page"),
    ],
)
async def test_garbled_answer_counts_by_its_status(
    channel: LineChannel, endpoint: LineEndpoint, status: int, body: bytes, outcome: str
) -> None:
    endpoint.statuses, endpoint.body = [status], body

    (sent,) = await asyncio.gather(channel.send(CONTACT, MESSAGE, KEY, 5), return_exceptions=True)

    assert str(sent) == outcome


async def test_redirect_takes_the_user_id_nowhere(channel: LineChannel, endpoint: LineEndpoint) -> None:
    async with line_endpoint(LineEndpoint()) as elsewhere:
        endpoint.statuses, endpoint.headers = [307], {"Location": f"{elsewhere.url}/v2/bot/message/push"}

        error = await refused(channel)

        assert (error.message, error.permanent, elsewhere.retry_keys) == ("line_307", False, [])


async def test_endpoint_that_is_not_there_is_an_outage(endpoint: LineEndpoint) -> None:
    channel = LineChannel(Line(channel_access_token=Secret("t"), api_url="http://127.0.0.1:9"))

    error = await refused(channel)
    await channel.close()

    assert facts(error) == ("line_connection", False, None, False, True)


async def test_server_that_speaks_no_http_is_tried_again(endpoint: LineEndpoint) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    channel = LineChannel(Line(channel_access_token=Secret("t"), api_url=url))

    error = await refused(channel)
    await channel.close()
    server.close()

    assert facts(error) == ("line_connection", False, None, False, False)


def test_sdk_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, notifier.worker, notifier.channels.line, ticketing.web.app;"
        "print('linebot' in sys.modules, 'aiohttp' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False False"
