from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ticketing.notice import NewNotice, NoticeReport, Overtaken, line_linked
from ticketing.notices import Notices
from ticketing.storage.database import Database

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)

NEAR = NewNotice(
    day=DAY, number="A001", kind="turn_near", occurrence="family", seq=5, channel="email", created_at=AT,
    useful_until=AT + timedelta(minutes=10), service="family", ahead=3, wait_low=300, wait_high=600,
)  # fmt: skip
CALLED = NewNotice(
    day=DAY, number="A001", kind="called", occurrence="7", seq=7, channel="email", created_at=AT,
    useful_until=AT + timedelta(minutes=5), counter="1",
)  # fmt: skip
WITHDRAWN = replace(CALLED, kind="call_withdrawn", occurrence="9", seq=9)
AGAIN = replace(CALLED, kind="called_again", occurrence="8", seq=8)
OVERTAKEN = Overtaken(day=DAY, number="A001", kinds=("turn_near", "called"), seq=9, at=LATER)


@pytest.fixture
def file(contacts_part: Database) -> Database:
    return contacts_part


@pytest.fixture
async def notices(file: Database) -> Notices:
    notices = Notices(file)
    await notices.start("minato", 0)
    return notices


async def states(notices: Notices) -> list[tuple[str, str]]:
    return [(report.kind, report.state) for report in await notices.for_ticket("minato", DAY, "A001")]


async def test_cursor_is_none_before_the_start_and_starts_once(notices: Notices) -> None:
    before = await notices.cursor("kita")
    await notices.start("kita", 40)
    await notices.start("kita", 80)

    assert (before, await notices.cursor("kita")) == (None, 40)


async def test_advance_moves_the_cursor_and_adds_what_is_owed(notices: Notices) -> None:
    assert await notices.advance("minato", 0, 7, [NEAR, CALLED])

    assert await notices.cursor("minato") == 7
    assert await states(notices) == [("turn_near", "pending"), ("called", "pending")]


async def test_advance_of_the_slower_process_changes_nothing(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [NEAR])

    assert not await notices.advance("minato", 0, 8, [CALLED])
    assert (await notices.cursor("minato"), await states(notices)) == (7, [("turn_near", "pending")])


async def test_what_an_event_owes_is_not_overtaken_by_the_same_event(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [CALLED, replace(OVERTAKEN, seq=CALLED.seq)])

    assert await states(notices) == [("called", "pending")]


async def test_same_occurrence_is_owed_once(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])
    await notices.advance("minato", 5, 6, [replace(NEAR, seq=6)])

    assert len(await states(notices)) == 1


async def test_claimed_notice_is_whole_and_nobody_elses(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])

    (notice,) = await notices.claim("email", AT, 10, 30)

    assert (notice.office_id, notice.attempts, notice.tried) == ("minato", 1, ())
    assert NewNotice(**{name: getattr(notice, name) for name in NewNotice.__slots__}) == NEAR
    assert await notices.claim("email", AT, 10, 30) == []
    assert await notices.next_at("email") == AT + timedelta(seconds=30)


async def test_claim_is_by_channel_and_limit(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [NEAR, CALLED, replace(NEAR, number="A002", channel="line")])

    claimed = [await notices.claim("email", AT, 1, 30), await notices.claim("line", AT, 9, 30)]

    assert [[(notice.number, notice.kind) for notice in found] for found in claimed] == [
        [("A001", "turn_near")],
        [("A002", "turn_near")],
    ]


async def test_what_lasts_goes_before_what_was_due_earlier(notices: Notices) -> None:
    minutes = {"A001": 2, "A002": 3, "A003": 1, "A004": 5, "A005": 10}
    owed = [replace(CALLED, number=number, useful_until=AT + timedelta(minutes=m)) for number, m in minutes.items()]
    await notices.advance("minato", 0, 7, owed)

    now, lasting_until = AT + timedelta(minutes=1), AT + timedelta(minutes=4)
    claimed = [await notices.claim("email", now, 1, 600, lasting_until=lasting_until) for _ in range(6)]

    # What is of no use any more, the oldest of those that last, and what comes nearest to lasting.
    assert [notice.number for found in claimed for notice in found] == ["A003", "A004", "A005", "A002", "A001"]


async def test_lease_that_ran_out_is_claimed_again_with_the_same_retry_key(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])

    (first,) = await notices.claim("email", AT, 10, 30)
    (second,) = await notices.claim("email", AT + timedelta(seconds=30), 10, 30)

    assert (second.attempts, second.retry_key) == (2, first.retry_key)


async def test_loser_of_a_lease_may_still_say_sent_but_nothing_else(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])
    (first,) = await notices.claim("email", AT, 10, 30)
    await notices.claim("email", AT + timedelta(seconds=30), 10, 30)

    await notices.note_retry(first, LATER, "smtp_451")
    await notices.note_failed(first, LATER, "smtp_550")
    before = await states(notices)
    await notices.note_sent(first, LATER)

    assert (before, await states(notices)) == ([("turn_near", "sending")], [("turn_near", "sent")])


async def test_retry_is_due_at_its_time(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])
    (notice,) = await notices.claim("email", AT, 10, 30)

    await notices.note_retry(notice, LATER, "smtp_451")

    assert await notices.claim("email", LATER - timedelta(milliseconds=1), 10, 30) == []
    assert len(await notices.claim("email", LATER, 10, 30)) == 1


async def test_notice_passed_on_goes_to_the_other_channel_at_once(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])
    (notice,) = await notices.claim("email", AT, 10, 30)

    await notices.pass_on(notice, "line", LATER, "smtp_550")

    (again,) = await notices.claim("line", LATER, 10, 30)
    assert (again.channel, again.tried) == ("line", ("email",))


async def test_visitor_is_told_what_became_of_each(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [NEAR, CALLED])
    near, called = await notices.claim("email", AT, 10, 30)

    await notices.note_sent(near, LATER)
    await notices.note_failed(called, LATER, "smtp_550")

    assert await notices.for_ticket("minato", DAY, "A001") == [
        NoticeReport("turn_near", "email", "sent", LATER),
        NoticeReport("called", "email", "failed", LATER),
    ]
    assert await notices.outcomes() == {
        ("email", "turn_near", "sent", "ok"): 1,
        ("email", "called", "failed", "smtp_550"): 1,
    }


async def test_attempt_that_got_nowhere_is_not_counted(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])
    (notice,) = await notices.claim("email", AT, 10, 30)

    await notices.note_retry(notice, AT, "smtp_connection", is_counted=False)

    (again,) = await notices.claim("email", AT, 10, 30)
    assert (notice.attempts, again.attempts) == (1, 1)


async def test_oldest_open_message_is_known_by_channel(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [NEAR, replace(CALLED, created_at=LATER), replace(WITHDRAWN, channel="line")])
    before = await notices.oldest_open()
    (near, _) = await notices.claim("email", LATER, 10, 30)
    await notices.note_sent(near, LATER)

    assert (before, await notices.oldest_open()) == ({"email": AT}, {"email": LATER})


async def test_overtaken_notice_is_dropped(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])

    await notices.advance("minato", 5, 9, [OVERTAKEN])

    assert await states(notices) == [("turn_near", "dropped")]


async def test_overtaken_notice_under_way_is_not_tried_again(notices: Notices) -> None:
    await notices.advance("minato", 0, 5, [NEAR])
    await notices.claim("email", AT, 10, 30)

    await notices.advance("minato", 5, 9, [OVERTAKEN])

    (again,) = await notices.claim("email", AT + timedelta(hours=1), 10, 30)
    assert again.useful_until == LATER


async def test_later_notice_is_not_overtaken_by_an_earlier_event(notices: Notices) -> None:
    await notices.advance("minato", 0, 12, [replace(NEAR, seq=12), OVERTAKEN])

    assert await states(notices) == [("turn_near", "pending")]


async def test_withdrawal_is_owed_only_when_the_call_may_have_been_told(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [CALLED])

    await notices.advance("minato", 7, 9, [OVERTAKEN, WITHDRAWN])

    assert await states(notices) == [("called", "dropped")]


async def test_withdrawal_follows_a_call_that_was_told(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [CALLED])
    (called,) = await notices.claim("email", AT, 10, 30)
    await notices.note_sent(called, AT)

    await notices.advance("minato", 7, 9, [OVERTAKEN, WITHDRAWN])

    assert await states(notices) == [("called", "sent"), ("call_withdrawn", "pending")]


async def test_withdrawal_follows_a_call_of_which_only_the_repetition_was_told(notices: Notices) -> None:
    await notices.advance("minato", 0, 8, [CALLED, replace(OVERTAKEN, seq=8), AGAIN])
    (again,) = await notices.claim("email", AT, 10, 30)
    await notices.note_sent(again, AT)

    await notices.advance("minato", 8, 9, [WITHDRAWN])

    assert await states(notices) == [("called", "dropped"), ("called_again", "sent"), ("call_withdrawn", "pending")]


async def test_withdrawal_follows_a_call_of_which_only_the_first_was_told(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [CALLED])
    (called,) = await notices.claim("email", AT, 10, 30)
    await notices.note_sent(called, AT)
    await notices.advance("minato", 7, 8, [AGAIN])

    await notices.advance("minato", 8, 9, [replace(OVERTAKEN, kinds=("called_again",)), WITHDRAWN])

    assert await states(notices) == [("called", "sent"), ("called_again", "dropped"), ("call_withdrawn", "pending")]


async def test_withdrawal_of_a_call_not_told_is_not_owed_for_an_earlier_call_that_was(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [CALLED])
    (called,) = await notices.claim("email", AT, 10, 30)
    await notices.note_sent(called, AT)
    later = replace(CALLED, occurrence="20", seq=20)

    await notices.advance("minato", 7, 22, [later, replace(OVERTAKEN, seq=22), replace(WITHDRAWN, seq=22)])

    assert await states(notices) == [("called", "sent"), ("called", "dropped")]


async def test_time_at_which_a_ticket_expires_is_kept(notices: Notices) -> None:
    expiry = replace(NEAR, kind="expiry_near", expires_at=LATER)
    await notices.advance("minato", 0, 5, [expiry])

    (notice,) = await notices.claim("email", AT, 10, 30)

    assert NewNotice(**{name: getattr(notice, name) for name in NewNotice.__slots__}) == expiry


async def test_confirmation_of_a_linked_account_goes_to_line(notices: Notices) -> None:
    linked = line_linked(DAY, "A001", AT)

    added = [await notices.add("minato", linked), await notices.add("minato", linked)]

    assert (added, await states(notices)) == ([True, False], [("line_linked", "pending")])
    assert [notice.kind for notice in await notices.claim("line", AT, 10, 30)] == ["line_linked"]


async def test_visitor_is_told_what_came_too_late_apart_from_what_was_overtaken(notices: Notices) -> None:
    await notices.advance("minato", 0, 7, [NEAR, CALLED])
    near, _ = await notices.claim("email", AT, 10, 30)
    await notices.note_dropped(near, LATER, "too_late")
    again = replace(CALLED, occurrence="8", seq=8)

    await notices.advance("minato", 7, 9, [again, OVERTAKEN])

    reports = await notices.for_ticket("minato", DAY, "A001")
    assert [(report.kind, report.state, report.is_late) for report in reports] == [
        ("turn_near", "dropped", True),
        ("called", "sending", False),
        ("called", "dropped", False),
    ]


async def test_listeners_hear_of_everything_that_is_new_about_a_ticket(notices: Notices) -> None:
    heard: list[tuple[str, date, str]] = []
    notices.listeners.append(lambda *ticket: heard.append(ticket))
    ticket = ("minato", DAY, "A001")

    await notices.advance("minato", 0, 7, [NEAR, CALLED])
    assert heard == [ticket]
    near, called = await notices.claim("email", AT, 10, 30)
    await notices.note_sent(near, LATER)
    assert heard == [ticket] * 2
    await notices.pass_on(called, "line", LATER, "smtp_550")
    assert heard == [ticket] * 3
    await notices.add("minato", line_linked(DAY, "A001", AT))
    assert heard == [ticket] * 4
