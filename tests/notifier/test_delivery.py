import asyncio
import math
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from notifier.channels.base import Message, SendError
from notifier.worker import Notifier
from tests.notifier.world import (
    AT,
    CALLED,
    DAY,
    LINE_USER,
    MAIL,
    NEAR,
    Recorder,
    World,
    deliver,
    make_notifier,
)
from tests.waiting import until
from ticketing.addresses import ContactChannel
from ticketing.clock import FixedClock
from ticketing.contacts import Contact
from ticketing.notice import NewNotice

OUTAGE = SendError("smtp_connection", permanent=False, is_outage=True)
LATER = SendError("smtp_451", permanent=False)


@dataclass
class SlowRelay(Recorder):
    """Greets after a while, once it does not fail as told; then the connection is kept."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(AT))
    greets_after: float = 2.0
    is_connected: bool = False

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        if not self.errors and not self.is_connected:
            self.clock.advance(seconds=max(0.0, min(self.greets_after, deadline_seconds)))
            self.is_connected = self.greets_after <= deadline_seconds
            if not self.is_connected:
                self.errors = [SendError("smtp_timeout", permanent=False, is_outage=True)]
        await super().send(contact, message, retry_key, deadline_seconds)


def notifier_with(world: World, relay: SlowRelay) -> Notifier:
    relay.clock = world.clock
    return make_notifier(world.journal, world.notices, world.contacts, world.clock, relay, world.line, world.attention)


async def owe(world: World, number: str, seconds: float, channel: ContactChannel = "email") -> None:
    """A call to tell, of use for so many seconds."""
    now = world.clock.now()
    useful_until = now + timedelta(seconds=seconds)
    await world.register(number)
    await world.notices.add(
        "minato",
        NewNotice(
            day=DAY, number=number, kind="called", occurrence="1", seq=1, channel=channel, created_at=now,
            useful_until=useful_until, counter="1",
        ),
    )  # fmt: skip


async def deliver_all(world: World, notifier: Notifier) -> None:
    """Turns of every channel's loop, until they change nothing."""
    before = None
    while before != (now := await outcomes(world)):
        before = now
        await deliver(notifier)


async def outcomes(world: World) -> dict[tuple[str, str, str, str | None], int]:
    return await world.notices.outcomes()


async def test_message_is_tried_again_no_earlier_than_the_other_side_asked(world: World) -> None:
    world.mail.errors = [SendError("line_429", permanent=False, retry_after_seconds=60)]
    await world.near("A001")

    await deliver(world.notifier)
    world.clock.advance(seconds=59.9)
    early = await world.step()
    world.clock.advance(seconds=0.1)

    assert (early, await world.step()) == ([("turn_near", "pending")], [("turn_near", "sent")])


async def test_message_is_not_tried_again_at_once_because_the_other_side_would_allow_it(world: World) -> None:
    world.mail.errors = [SendError("line_429", permanent=False, retry_after_seconds=0.5)]
    await world.near("A001")

    await deliver(world.notifier)
    world.clock.advance(seconds=4.9)

    assert await world.step() == [("turn_near", "pending")]


async def test_message_asked_to_wait_longer_than_it_is_of_use_is_dropped(world: World) -> None:
    world.mail.errors = [SendError("line_429", permanent=False, retry_after_seconds=600)]
    await world.near("A001")

    await deliver(world.notifier)

    assert await world.states() == [("turn_near", "dropped")]
    assert await outcomes(world) == {("email", "turn_near", "dropped", "too_late"): 1}


async def test_message_that_must_wait_too_long_goes_to_the_other_contact(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False, retry_after_seconds=600)]
    await world.register(channel="line", address=LINE_USER)
    world.clock.advance(seconds=1)
    await world.near("A001")

    for _ in range(2):
        await deliver(world.notifier)

    assert (await world.states(), len(world.line.sent)) == ([("turn_near", "sent")], 1)


async def test_message_out_of_attempts_goes_to_the_other_contact(world: World) -> None:
    world.mail.errors = [LATER] * 99
    await world.register(channel="line", address=LINE_USER)
    world.clock.advance(seconds=1)
    await world.near("A001")

    for _ in range(8):
        await deliver(world.notifier)
        world.clock.advance(seconds=60)

    assert (len(world.mail.retry_keys), len(world.line.sent)) == (5, 1)
    assert await world.states() == [("turn_near", "sent")]


async def test_outage_costs_no_attempt_and_the_message_leaves_when_it_is_over(world: World) -> None:
    world.mail.errors = [OUTAGE] * 15
    await world.near("A001")

    tried = 0
    while len(world.mail.sent) == 0:
        await deliver(world.notifier)
        world.clock.advance(seconds=1)
        tried += 1

    # Sixteen tries with rests of 2, 4, 8, 16 and then 30 seconds each.
    assert await world.states() == [("turn_near", "sent")]
    assert len(world.mail.retry_keys) == 16
    assert len(set(world.mail.retry_keys)) == 1
    assert (world.clock.now() - AT).total_seconds() == 2 + 4 + 8 + 16 + 11 * 30 + 1


async def test_outage_is_found_out_by_one_message_at_a_time(world: World) -> None:
    world.mail.errors = [OUTAGE] * 99
    await world.near(*(f"A1{number:02}" for number in range(50)))

    many = []
    for _ in range(4):
        before = len(world.mail.retry_keys)
        await deliver(world.notifier)
        many.append(len(world.mail.retry_keys) - before)
        world.clock.advance(seconds=31)

    assert many == [4, 1, 1, 1]


async def test_messages_that_waited_out_an_outage_all_leave_once(world: World) -> None:
    numbers = [f"A1{number:02}" for number in range(50)]
    world.mail.errors = [OUTAGE] * 7
    await world.near(*numbers)

    for _ in range(100):
        await deliver(world.notifier)
        world.clock.advance(seconds=2)

    assert sorted(number for number, _, _ in world.mail.sent) == numbers


async def test_message_that_an_outage_made_useless_is_dropped(world: World) -> None:
    world.mail.errors = [OUTAGE] * 99
    await world.near("A001")

    for _ in range(700):
        await deliver(world.notifier)
        world.clock.advance(seconds=1)

    assert await world.states() == [("turn_near", "dropped")]
    assert await outcomes(world) == {("email", "turn_near", "dropped", "too_late"): 1}


async def test_outage_that_lasts_hands_over_to_the_other_contact(world: World) -> None:
    world.mail.errors = [OUTAGE] * 99
    await world.register(channel="line", address=LINE_USER)
    world.clock.advance(seconds=1)
    await world.near("A001")

    sent = []
    for _ in range(3):
        await deliver(world.notifier)
        await deliver(world.notifier)
        sent.append(len(world.line.sent))
        world.clock.advance(seconds=2)

    # The first failure may be a moment's; the second, after a rest, is believed.
    assert sent == [0, 1, 1]


async def test_outage_of_the_last_channel_is_waited_out(world: World) -> None:
    world.line.errors = [SendError("line_403", permanent=True)]
    world.mail.errors = [OUTAGE] * 3
    await world.register()
    world.clock.advance(seconds=1)
    await world.register(channel="line", address=LINE_USER)
    await world.happen(NEAR)

    for _ in range(60):
        states = await world.step()
        world.clock.advance(seconds=1)

    assert (states, len(world.mail.sent), len(world.line.retry_keys)) == ([("turn_near", "sent")], 1, 1)


async def test_channel_is_back_after_an_outage_though_the_oldest_messages_are_about_to_expire(world: World) -> None:
    # Refuses connections at 0, 2, 6, 14, 30 and 60 seconds, and is well at 90.
    relay = SlowRelay(errors=[OUTAGE] * 6)
    notifier = notifier_with(world, relay)

    # One a second, of use for 40 seconds: the oldest never has the time in which the relay greets.
    for number in range(150):
        world.clock.set(max(world.clock.now(), AT + timedelta(seconds=number)))
        await owe(world, f"A{number:03}", 40)
        await deliver_all(world, notifier)

    assert sorted(number for number, _, _ in relay.sent) == [f"A{number:03}" for number in range(53, 150)]


async def test_message_whose_own_time_runs_out_leaves_the_channel_to_the_next_at_once(world: World) -> None:
    relay = SlowRelay()
    notifier = notifier_with(world, relay)
    await owe(world, "A001", 1.5)
    await deliver(notifier)
    await owe(world, "A002", 60)

    await deliver(notifier)

    assert [number for number, _, _ in relay.sent] == ["A002"]
    assert await outcomes(world) == {
        ("email", "called", "dropped", "too_late"): 1,
        ("email", "called", "sent", "ok"): 1,
    }


async def test_outage_is_found_out_though_the_oldest_messages_are_about_to_expire(world: World) -> None:
    relay = SlowRelay(greets_after=math.inf)
    notifier = notifier_with(world, relay)
    for number in range(20):
        await owe(world, f"A1{number:02}", 1 + number)
    await owe(world, "A002", 600)

    tries = []
    for _ in range(3):
        before = len(relay.retry_keys)
        await deliver(notifier)
        tries.append(len(relay.retry_keys) - before)

    # The four oldest, whose time runs out; then four of which one lasts, and there is a rest.
    assert tries == [4, 4, 0]


async def test_message_about_to_expire_that_is_refused_a_connection_tells_of_an_outage(world: World) -> None:
    world.mail.errors = [OUTAGE] * 99
    await owe(world, "A001", 1)
    await deliver(world.notifier)
    await owe(world, "A002", 60)

    await deliver(world.notifier)

    assert (len(world.mail.retry_keys), await world.states("A002")) == (1, [("called", "pending")])


async def test_outage_still_hands_each_message_over_in_turn(world: World) -> None:
    world.mail.errors = [OUTAGE] * 99
    await owe(world, "A001", 3_600)
    for number in ("A002", "A003"):
        await world.register(number, "line", LINE_USER)
        world.clock.advance(seconds=1)
        await owe(world, number, 300)

    for _ in range(120):
        await deliver(world.notifier)
        world.clock.advance(seconds=1)

    assert sorted(number for number, _, _ in world.line.sent) == ["A002", "A003"]


async def test_what_operations_must_put_right_is_counted_and_logged_without_an_address(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.mail.errors = [SendError("smtp_535", permanent=False, needs_operations=True, is_outage=True)] * 99
    await world.near("A001", "A002", "A003")

    for _ in range(30):
        await deliver(world.notifier)
        world.clock.advance(seconds=1)

    ((channel, code, count),) = world.attention.counts()
    assert (channel, code, count >= 6) == ("email", "smtp_535", True)
    assert len(caplog.messages) == 1
    assert MAIL not in caplog.text


async def test_refusal_that_operations_caused_is_counted_and_shown(world: World) -> None:
    world.mail.errors = [SendError("smtp_554", permanent=True, needs_operations=True)]
    await world.near("A001")

    await deliver(world.notifier)

    assert (await world.states(), world.attention.counts()) == ([("turn_near", "failed")], [("email", "smtp_554", 1)])
    assert await outcomes(world) == {("email", "turn_near", "failed", "smtp_554"): 1}


async def test_two_processes_never_send_the_same_message(world: World) -> None:
    numbers = [f"A1{number:02}" for number in range(30)]
    await world.near(*numbers)
    second = world.second()

    for _ in range(20):
        await asyncio.gather(deliver(world.notifier), deliver(second))

    assert sorted(number for number, _, _ in world.mail.sent) == numbers


async def test_two_processes_running_never_send_the_same_message(world: World) -> None:
    numbers = [f"A1{number:02}" for number in range(30)]
    notifiers = [world.notifier, world.second()]
    running = [asyncio.create_task(notifier.run()) for notifier in notifiers]

    await world.near(*numbers)
    for notifier in notifiers:
        notifier.wake()
    await until(lambda: len(world.mail.sent) >= 30)
    for notifier in notifiers:
        await notifier.stop()
    await asyncio.gather(*running)

    assert sorted(number for number, _, _ in world.mail.sent) == numbers


async def test_deadline_is_never_longer_than_the_message_is_of_use(world: World) -> None:
    await world.register()
    await world.happen(CALLED)
    await world.notifier.follow()
    world.clock.advance(seconds=297)

    await deliver(world.notifier)

    assert world.mail.deadlines == [3.0]


async def test_oldest_message_that_waits_is_known(world: World) -> None:
    world.mail.errors = [LATER] * 99
    await world.near("A001")
    world.clock.advance(seconds=1)
    await world.near("A002")
    before = await world.notices.oldest_open()

    await deliver(world.notifier)

    assert before == await world.notices.oldest_open() == {"email": AT}
    assert await outcomes(world) == {("email", "turn_near", "pending", "smtp_451"): 2}
