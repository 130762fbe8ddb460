"""Every kind of message, from the event to the channel."""

from datetime import timedelta

from tests.notifier.world import AT, CALLED, DAY, LINE_USER, MAIL, NEAR, World, deliver
from ticketing.hall import events as ev

AGAIN = (ev.TicketRecalled, {"number": "A001", "counter": "1", "call_count": 2})
ABSENT = (ev.TicketNoShow, {"number": "A001", "counter": "1"})
EXPIRY = (ev.ExpiryNear, {"number": "A001", "expires_at": AT + timedelta(minutes=15)})
ARRIVED = (ev.TicketArrived, {"number": "A001", "way": "code"})
CANCELLED = (ev.TicketCancelled, {"number": "A001", "by": "staff:sato"})


async def test_visitor_who_does_not_come_hears_of_both_calls_and_of_the_absence(world: World) -> None:
    await world.register()

    for happened in (CALLED, AGAIN, ABSENT):
        await world.happen(happened)
        await world.step()

    assert [text for _, _, text in world.mail.sent] == [
        "受付番号A001 お呼び出し中です",
        "受付番号A001 再度お呼びしています",
        "受付番号A001 お呼びしましたがご不在でした",
    ]


async def test_visitor_called_twice_in_a_moment_hears_of_it_once(world: World) -> None:
    await world.register()
    await world.happen(CALLED, AGAIN)

    assert await world.step() == [("called", "dropped"), ("called_again", "sent")]


async def test_visitor_who_is_back_is_not_told_of_the_absence(world: World) -> None:
    await world.register()
    await world.happen(ABSENT, (ev.TicketReinstated, {"number": "A001"}))

    assert await world.step() == [("absent", "dropped")]


async def test_visitor_from_the_web_is_warned_in_time_instead_of_told_that_the_turn_is_near(world: World) -> None:
    await world.register()
    await world.happen(NEAR, EXPIRY)

    assert await world.step() == [("turn_near", "dropped"), ("expiry_near", "sent")]
    assert world.mail.sent == [("A001", MAIL, "受付番号A001 到着受付をお済ませください")]


async def test_visitor_who_arrived_is_not_warned(world: World) -> None:
    await world.register()
    await world.happen(EXPIRY, ARRIVED)

    assert await world.step() == [("expiry_near", "dropped")]


async def test_warning_is_dropped_when_the_ticket_has_expired(world: World) -> None:
    await world.register()
    await world.happen(EXPIRY)
    await world.notifier.follow()

    world.clock.advance(seconds=900)

    assert await world.step() == [("expiry_near", "dropped")]
    assert world.mail.retry_keys == []


async def test_everybody_left_over_is_told_once_that_the_day_was_closed(world: World) -> None:
    await world.register()
    await world.register("A002", "line", LINE_USER)
    await world.happen(CALLED, (ev.DayClosed, {"by": "staff:sato", "day": DAY, "numbers": ("A001", "A002", "A003")}))

    await world.step()
    await world.second().follow()
    await deliver(world.second())

    assert world.mail.sent == [("A001", MAIL, "受付番号A001 本日の受付は終了しました")]
    assert (await world.states(), await world.states("A002"), await world.states("A003")) == (
        [("called", "dropped"), ("closed", "sent")],
        [("closed", "sent")],
        [],
    )


async def test_visitor_is_told_that_staff_cancelled_the_ticket(world: World) -> None:
    await world.register()
    await world.happen(NEAR, CANCELLED)

    assert await world.step() == [("turn_near", "dropped"), ("cancelled", "sent")]


async def test_visitor_whose_contact_is_gone_is_told_nothing_of_the_end(world: World) -> None:
    await world.register()
    await world.happen(CANCELLED)
    await world.notifier.follow()

    await world.contacts.remove("minato", DAY, "A001")

    assert await world.step() == [("cancelled", "dropped")]
    assert world.mail.retry_keys == []
