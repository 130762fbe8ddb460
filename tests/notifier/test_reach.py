import logging
from datetime import UTC, datetime, timedelta

import pytest

from notifier.reach import LONGEST_REST_SECONDS, Reach
from ticketing.attention import Attention
from ticketing.clock import FixedClock

AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture
def attention() -> Attention:
    return Attention()


@pytest.fixture
def reach(clock: FixedClock, attention: Attention) -> Reach:
    return Reach("email", clock, lambda: 0.5, attention)


def test_room_is_what_is_not_under_way(reach: Reach) -> None:
    assert [reach.room(4, under_way) for under_way in (0, 3, 4, 9)] == [4, 1, 0, 0]


def test_after_a_failure_there_is_a_rest_and_then_room_for_one(reach: Reach, clock: FixedClock) -> None:
    until = reach.fails("smtp_connection")

    resting = reach.room(4, 0)
    clock.set(until)
    assert (until, resting, reach.room(4, 0), reach.room(4, 1)) == (AT + timedelta(seconds=2), 0, 1, 0)


def test_rests_double_up_to_a_limit(reach: Reach, clock: FixedClock) -> None:
    rests = []
    for _ in range(7):
        before = clock.now()
        clock.set(reach.fails("smtp_connection"))
        rests.append((clock.now() - before).total_seconds())

    assert rests == [2, 4, 8, 16, LONGEST_REST_SECONDS, LONGEST_REST_SECONDS, LONGEST_REST_SECONDS]


def test_rest_is_over_when_a_clock_that_was_ahead_is_set_back(reach: Reach, clock: FixedClock) -> None:
    clock.advance(seconds=3600)
    reach.fails("smtp_connection")
    clock.set(AT)

    assert reach.room(4, 0) == 1
    assert reach.fails("smtp_connection") == AT + timedelta(seconds=4)


def test_failures_that_were_under_way_together_count_as_one(reach: Reach) -> None:
    assert {reach.fails("smtp_connection") for _ in range(4)} == {AT + timedelta(seconds=2)}
    assert not reach.is_surely_out


def test_a_message_that_gets_through_ends_it(reach: Reach, clock: FixedClock) -> None:
    clock.set(reach.fails("smtp_connection"))
    clock.set(reach.fails("smtp_connection"))
    was_out = reach.is_surely_out

    reach.works()

    assert (was_out, reach.is_surely_out, reach.room(4, 0)) == (True, False, 4)


def test_it_is_in_doubt_from_a_failure_until_a_message_gets_through(reach: Reach) -> None:
    in_doubt = [reach.is_in_doubt]
    for happens in (lambda: reach.fails("smtp_connection"), reach.works, reach.stays_open, reach.works):
        happens()
        in_doubt.append(reach.is_in_doubt)

    assert in_doubt == [False, True, False, True, False]


def test_attempt_that_stays_open_is_no_failure(reach: Reach) -> None:
    for _ in range(3):
        reach.stays_open()

    assert (reach.room(4, 0), reach.is_surely_out) == (4, False)


def test_operations_hear_of_it_when_it_lasts_and_when_it_is_over(
    reach: Reach, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.set(reach.fails("smtp_connection"))
    before = caplog.messages.copy()
    clock.set(reach.fails("smtp_connection"))
    reach.works()

    assert (before, caplog.messages) == (
        [],
        [
            "email: notices do not get through (smtp_connection); they wait as long as they are of use; "
            "0 more failures since the last warning",
            "email: notices get through again, after 6 s",
        ],
    )


def test_short_failure_is_not_worth_a_line(reach: Reach, clock: FixedClock, caplog: pytest.LogCaptureFixture) -> None:
    clock.set(reach.fails("smtp_connection"))
    reach.works()

    assert caplog.messages == []


def test_operations_are_told_once_a_minute_and_everything_is_counted(
    reach: Reach, clock: FixedClock, attention: Attention, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(100):
        reach.needs_operations("smtp_535")
        clock.advance(seconds=1)

    assert caplog.messages == [
        "email: somebody must put something right (smtp_535); 0 more failures since the last warning",
        "email: somebody must put something right (smtp_535); 59 more failures since the last warning",
    ]
    assert attention.counts() == [("email", "smtp_535", 100)]
