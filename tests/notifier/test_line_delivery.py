"""What becomes of a notice whose LINE account does not take it, through the real channel."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notifier.channels.line import QUOTA_PAUSE_SECONDS, LineChannel
from notifier.worker import Notifier
from tests.notifier.fakes import LineEndpoint, line_endpoint
from tests.notifier.world import LINE_USER, NEAR, World, deliver, made_world, make_notifier
from ticketing.config import Line, Secret

QUOTA = b'{"message":"You have reached your monthly limit."}'


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with made_world(tmp_path) as world:
        yield world


@pytest.fixture
async def endpoint() -> AsyncIterator[LineEndpoint]:
    async with line_endpoint(LineEndpoint()) as endpoint:
        yield endpoint


@pytest.fixture
async def notifier(world: World, endpoint: LineEndpoint) -> AsyncIterator[Notifier]:
    channel = LineChannel(Line(channel_access_token=Secret("line-token"), api_url=endpoint.url))
    yield make_notifier(
        world.journal,
        world.notices,
        world.contacts,
        world.clock,
        world.mail,
        channel,
        world.attention,  # type: ignore[arg-type]
    )
    await channel.close()


async def near(world: World, notifier: Notifier, *numbers: str) -> None:
    """The turn of these is near; each has registered mail, and LINE after it."""
    for number in numbers:
        await world.register(number)
        world.clock.advance(seconds=1)
        await world.register(number, "line", LINE_USER)
    await world.happen(*((NEAR[0], NEAR[1] | {"number": number}) for number in numbers))
    await notifier.follow()


async def test_used_up_month_passes_every_notice_on_and_asks_once(
    world: World, notifier: Notifier, endpoint: LineEndpoint
) -> None:
    endpoint.statuses, endpoint.body = [429], QUOTA
    await near(world, notifier, "A001")
    await deliver(notifier)
    await near(world, notifier, "A002", "A003")

    for _ in range(3):
        await deliver(notifier)

    states = [state for number in ("A001", "A002", "A003") for state in await world.states(number)]
    assert (states, len(world.mail.sent), len(endpoint.pushes)) == ([("turn_near", "sent")] * 3, 3, 1)
    assert QUOTA_PAUSE_SECONDS == 600


async def test_too_many_at_a_time_wait_as_long_as_line_says(
    world: World, notifier: Notifier, endpoint: LineEndpoint
) -> None:
    endpoint.statuses, endpoint.body, endpoint.headers = [429, 200], b"{}", {"Retry-After": "30"}
    await near(world, notifier, "A001")
    await deliver(notifier)

    world.clock.advance(seconds=29)
    await deliver(notifier)
    too_early = len(endpoint.pushes)
    world.clock.advance(seconds=2)
    await deliver(notifier)

    assert (too_early, await world.states()) == (1, [("turn_near", "sent")])
    assert (len(set(endpoint.retry_keys)), len(endpoint.retry_keys), world.mail.sent) == (1, 2, [])


async def test_answer_that_was_lost_is_not_sent_twice(world: World, notifier: Notifier, endpoint: LineEndpoint) -> None:
    await near(world, notifier, "A001")
    (notice,) = await world.notices.claim("line", world.clock.now(), 1, 1.0)
    endpoint.accepted.add(notice.retry_key)

    world.clock.advance(seconds=2)
    await deliver(notifier)

    assert (await world.states(), endpoint.retry_keys) == ([("turn_near", "sent")], [notice.retry_key])
