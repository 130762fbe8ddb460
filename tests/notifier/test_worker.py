import asyncio
from typing import Any

import pytest

from notifier.channels.base import SendError
from notifier.line_wording import LineWording
from tests.notifier.world import (
    CALLED,
    COMPLETED,
    DAY,
    LINE_USER,
    MAIL,
    NEAR,
    UNDONE,
    World,
    deliver,
)
from tests.waiting import until
from ticketing.hall import events as ev
from ticketing.notice import line_linked
from ticketing.storage.database import DatabaseUnavailable

#: Something that no visitor hears of.
OTHER = (ev.CounterOpened, {"counter": "1"})


async def test_visitor_is_told_that_the_turn_is_near_and_of_the_call(world: World) -> None:
    await world.register()

    await world.happen(NEAR)
    await world.step()
    await world.happen(CALLED)
    states = await world.step()

    assert world.mail.sent == [
        ("A001", MAIL, "受付番号A001 まもなくお呼びします"),
        ("A001", MAIL, "受付番号A001 お呼び出し中です"),
    ]
    assert states == [("turn_near", "sent"), ("called", "sent")]


async def test_ticket_without_a_contact_leads_to_nothing(world: World) -> None:
    await world.register("A002")

    await world.happen(CALLED)

    assert await world.step() == []


async def test_nothing_is_decided_twice_after_a_restart_or_beside_another_process(world: World) -> None:
    await world.register()
    await world.happen(NEAR, CALLED)

    await asyncio.gather(*(notifier.follow() for notifier in (world.notifier, world.second(), world.second())))
    await world.second().follow()
    await asyncio.gather(*(deliver(notifier) for notifier in (world.notifier, world.second(), world.second())))

    assert [text for _, _, text in world.mail.sent] == ["受付番号A001 お呼び出し中です"]


async def test_office_without_contacts_is_not_read(world: World) -> None:
    await world.happen(CALLED)
    await world.step()
    await world.register()

    assert await world.step() == []


@pytest.mark.parametrize("after", [[NEAR], [NEAR, OTHER, OTHER], [OTHER, NEAR, OTHER, OTHER]])
async def test_what_came_in_the_place_of_what_the_journal_lost_is_read(
    world: World, after: list[tuple[type[ev.Event], dict[str, Any]]]
) -> None:
    await world.register()
    await world.register("A002")
    await world.happen(OTHER)
    await world.step()
    await world.happen(OTHER, (ev.TurnNear, NEAR[1] | {"number": "A002"}))
    await world.step()

    await world.lose_events_behind(2)
    world.clock.advance(seconds=1)
    await world.happen(*after)

    assert await world.step() == [("turn_near", "sent")]


async def test_what_the_journal_lost_is_read_anew_for_whoever_registers_afterwards(world: World) -> None:
    await world.happen(OTHER, OTHER, OTHER)
    await world.step()
    await world.lose_events_behind(2)
    await world.register()
    await world.happen(CALLED)

    assert await world.step() == [("called", "sent")]


async def test_database_that_is_away_is_one_line_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> Any:
        raise DatabaseUnavailable("gone") from OSError(111, "Connection refused")

    monkeypatch.setattr(world.notices, "cursor", away)
    monkeypatch.setattr(world.notices, "next_at", away)
    running = asyncio.create_task(world.notifier.run())
    await until(lambda: len(caplog.records) >= 3)
    await world.notifier.stop()
    await running

    assert {(each.levelname, each.exc_info) for each in caplog.records} == {("WARNING", None)}


async def test_call_undone_after_it_was_told_is_withdrawn_and_may_be_told_again(world: World) -> None:
    await world.register()

    for happened in (CALLED, UNDONE, CALLED):
        await world.happen(happened)
        states = await world.step()

    assert states == [("called", "sent"), ("call_withdrawn", "sent"), ("called", "sent")]


async def test_call_undone_before_it_was_told_is_never_heard_of(world: World) -> None:
    await world.register()
    await world.happen(CALLED, UNDONE)

    assert await world.step() == [("called", "dropped")]
    assert world.mail.sent == []


async def test_temporary_refusal_is_tried_again_with_the_same_key(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)]
    await world.register()
    await world.happen(NEAR)

    first = await world.step()
    world.clock.advance(seconds=4.9)
    early = await world.step()
    world.clock.advance(seconds=0.1)
    last = await world.step()

    assert (first, early, last) == ([("turn_near", "pending")],) * 2 + ([("turn_near", "sent")],)
    assert len(world.mail.retry_keys) == 2
    assert len(set(world.mail.retry_keys)) == 1


async def test_attempts_end(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)] * 99
    await world.register()
    await world.happen(NEAR)

    for _ in range(20):
        states = await world.step()
        world.clock.advance(seconds=29)

    assert (states, len(world.mail.retry_keys)) == ([("turn_near", "failed")], 5)


async def test_notice_too_late_is_not_sent(world: World) -> None:
    await world.register()
    await world.happen(CALLED)
    await world.notifier.follow()

    world.clock.advance(seconds=300)

    assert await world.step() == [("called", "dropped")]
    assert world.mail.retry_keys == []


async def test_notice_whose_next_attempt_would_be_too_late_is_dropped(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)]
    await world.register()
    await world.happen(CALLED)
    await world.notifier.follow()

    world.clock.advance(seconds=296)

    assert await world.step() == [("called", "dropped")]


async def test_permanent_refusal_shows(world: World) -> None:
    world.mail.errors = [SendError("smtp_550", permanent=True)]
    await world.register()
    await world.happen(NEAR)

    assert await world.step() == [("turn_near", "failed")]


async def test_permanent_refusal_passes_on_to_the_other_contact(world: World) -> None:
    world.line.errors = [SendError("line_403", permanent=True)]
    await world.register()
    world.clock.advance(seconds=1)
    await world.register(channel="line", address=LINE_USER)
    await world.happen(NEAR)

    await world.step()

    assert await world.step() == [("turn_near", "sent")]
    assert (world.line.sent, [address for _, address, _ in world.mail.sent]) == ([], [MAIL])


async def test_both_contacts_refused_ends_it(world: World) -> None:
    world.mail.errors = [SendError("smtp_550", permanent=True)]
    world.line.errors = [SendError("line_403", permanent=True)]
    await world.register()
    await world.register(channel="line", address=LINE_USER)
    await world.happen(NEAR)

    for _ in range(5):
        states = await world.step()

    assert (states, len(world.mail.retry_keys), len(world.line.retry_keys)) == ([("turn_near", "failed")], 1, 1)


async def test_contact_removed_in_the_meantime_gets_nothing(world: World) -> None:
    await world.register()
    await world.happen(NEAR)
    await world.notifier.follow()

    await world.contacts.remove("minato", DAY, "A001")

    assert await world.step() == [("turn_near", "dropped")]
    assert world.mail.retry_keys == []


async def test_erased_day_gets_nothing(world: World) -> None:
    await world.register()
    await world.happen(NEAR)
    await world.notifier.follow()

    world.keys.destroy("minato", DAY)

    assert await world.step() == [("turn_near", "dropped")]


async def test_served_visitor_is_not_told_of_the_call_any_more(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)]
    await world.register()
    await world.happen(CALLED)
    await world.step()

    await world.happen(COMPLETED)
    world.clock.advance(seconds=60)

    assert await world.step() == [("called", "dropped")]


async def test_linked_account_is_confirmed_in_neutral_words(world: World) -> None:
    await world.register(channel="line", address=LINE_USER)
    await world.notices.add("minato", line_linked(DAY, "A001", world.clock.now()))

    await world.step()

    text = LineWording("https://queue.city.example.jp").text("line_linked", "ja")
    assert world.line.sent == [("A001", LINE_USER, text)]


async def test_fault_in_one_notice_spares_the_others_and_shows_no_address(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.mail.errors = [RuntimeError(f"cannot write to {MAIL}")]
    await world.register()
    await world.register("A002")
    await world.happen(NEAR, (ev.TurnNear, NEAR[1] | {"number": "A002"}))

    await world.step()

    assert (len(world.mail.sent), MAIL in caplog.text, "RuntimeError" in caplog.text) == (1, False, True)
    world.clock.advance(seconds=50)
    await world.step()
    assert len(world.mail.sent) == 2


async def test_channel_that_hangs_delays_only_its_own(world: World) -> None:
    world.mail.hangs = True
    for number in range(20):
        await world.register(f"A1{number:02}")
        await world.happen((ev.TurnNear, NEAR[1] | {"number": f"A1{number:02}"}))
    await world.register("A001", "line", LINE_USER)
    await world.happen(NEAR)

    running = asyncio.create_task(world.notifier.run())
    # That it was sent is noted a moment after the channel has it.
    async with asyncio.timeout(5):
        while await world.states() != [("turn_near", "sent")]:
            await asyncio.sleep(0.005)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert (len(world.mail.retry_keys), await world.states()) == (4, [("turn_near", "sent")])


async def test_running_notifier_hears_of_a_call_and_stops_when_told(world: World) -> None:
    await world.register()
    running = asyncio.create_task(world.notifier.run())
    await asyncio.sleep(0)

    await world.happen(CALLED)
    world.notifier.wake()
    await until(lambda: bool(world.mail.sent))
    await world.notifier.stop()
    await running

    assert (world.mail.is_closed, world.line.is_closed) == (True, True)
    assert await world.states() == [("called", "sent")]


async def test_interrupted_delivery_is_done_again_after_its_lease(world: World) -> None:
    await world.register()
    await world.happen(NEAR)
    await world.notifier.follow()
    world.mail.hangs = True
    running = asyncio.create_task(world.notifier.run())
    await until(lambda: bool(world.mail.retry_keys))
    running.cancel()
    await asyncio.wait([running])

    world.mail.hangs = False
    before = await world.step()
    world.clock.advance(seconds=50)

    assert (before, await world.step()) == ([("turn_near", "sending")], [("turn_near", "sent")])
    assert len(set(world.mail.retry_keys)) == 1
