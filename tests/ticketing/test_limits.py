from datetime import UTC, datetime, timedelta

import pytest

from ticketing.limits import Limiter

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


def takes(limiter: Limiter, key: str, seconds: list[float]) -> list[int | None]:
    return [limiter.take(key, NOW + timedelta(seconds=second)) for second in seconds]


def test_limiter_lets_so_many_through_at_once_and_then_says_when_to_come_back() -> None:
    limiter = Limiter(per=3, seconds=60)

    assert takes(limiter, "a", [0, 0, 0, 0]) == [None, None, None, 20]


def test_limiter_lets_one_more_through_after_each_interval() -> None:
    limiter = Limiter(per=3, seconds=60)
    takes(limiter, "a", [0, 0, 0])

    assert takes(limiter, "a", [19.5, 20, 20, 40, 59.9]) == [1, None, 20, None, 1]


def test_limiter_is_whole_again_after_its_time() -> None:
    limiter = Limiter(per=2, seconds=10)
    takes(limiter, "a", [0, 0])

    assert takes(limiter, "a", [10, 10, 10]) == [None, None, 5]


def test_limiter_does_not_punish_refused_attempts() -> None:
    limiter = Limiter(per=1, seconds=10)

    assert takes(limiter, "a", [0, 1, 2, 3, 10]) == [None, 9, 8, 7, None]


def test_limiter_counts_each_key_alone() -> None:
    limiter = Limiter(per=1, seconds=10)

    assert [limiter.take(key, NOW) for key in "aba"] == [None, None, 10]


def test_limiter_give_back_undoes_one_take() -> None:
    limiter = Limiter(per=1, seconds=10)
    limiter.take("a", NOW)

    limiter.give_back("a")
    limiter.give_back("unknown")

    assert takes(limiter, "a", [0, 0]) == [None, 10]


def test_limiter_locks_nobody_out_after_a_clock_that_was_ahead() -> None:
    limiter = Limiter(per=3, seconds=60)
    takes(limiter, "a", [0, 43_200])

    # All three count as used, and each comes back in its time.
    assert takes(limiter, "a", [10, 29.5, 30, 30, 50, 70]) == [20, 1, None, 20, None, None]


def test_limiter_gives_no_more_than_its_allowance_after_a_clock_that_was_ahead() -> None:
    limiter = Limiter(per=3, seconds=60)
    takes(limiter, "a", [43_200])
    takes(limiter, "a", [0])

    assert takes(limiter, "a", [60, 60, 60, 60]) == [None, None, None, 20]


def test_limiter_forgets_the_key_that_was_quiet_for_longest() -> None:
    limiter = Limiter(per=1, seconds=10, most_keys=2)
    takes(limiter, "a", [0])
    takes(limiter, "b", [1])
    takes(limiter, "a", [2])

    limiter.take("c", NOW + timedelta(seconds=3))

    assert (len(limiter), takes(limiter, "a", [4]), takes(limiter, "b", [4])) == (2, [6], [None])


def test_limiter_holds_no_more_keys_than_it_may() -> None:
    limiter = Limiter(per=1, seconds=10, most_keys=100)

    for number in range(10_000):
        limiter.take(str(number), NOW)

    assert len(limiter) == 100


def test_limiter_keeps_long_keys_apart_in_little_memory() -> None:
    limiter = Limiter(per=1, seconds=10)
    one, other = "a" * 100_000, "a" * 100_000 + "\ud800"

    taken = [limiter.take(key, NOW) for key in (one, other, one)]
    limiter.give_back(one)

    assert (taken, limiter.take(one, NOW)) == ([None, None, 10], None)
    assert max(len(key) for key in limiter._whole_at) == 64


@pytest.mark.parametrize(("per", "seconds", "most_keys"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_limiter_of_nothing_is_refused(per: int, seconds: float, most_keys: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        Limiter(per, seconds, most_keys)
