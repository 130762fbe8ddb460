from datetime import UTC, datetime, timedelta

from ticketing.recent import Recent

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_recent_keeps_an_answer_for_its_seconds() -> None:
    recent: Recent[str] = Recent(seconds=3)

    recent.put("a", "answer", NOW, recent.epoch)

    assert [recent.get("a", at(second)) for second in (0, 2.9, 3)] == ["answer", "answer", None]


def test_recent_does_not_trust_an_answer_from_the_future() -> None:
    recent: Recent[str] = Recent(seconds=3)

    recent.put("a", "answer", NOW, recent.epoch)

    assert recent.get("a", at(-1)) is None


def test_recent_drops_what_is_meant() -> None:
    recent: Recent[str] = Recent(seconds=3)
    recent.put("a", "left", NOW, recent.epoch)
    recent.put("b", "gone", NOW, recent.epoch)

    recent.drop(lambda key, value: value == "gone")

    assert (recent.get("a", NOW), recent.get("b", NOW)) == ("left", None)


def test_recent_does_not_keep_an_answer_fetched_before_a_drop() -> None:
    recent: Recent[str] = Recent(seconds=3)
    epoch = recent.epoch

    recent.drop(lambda key, value: True)
    recent.put("a", "of the time before", NOW, epoch)

    assert recent.get("a", NOW) is None


def test_recent_holds_no_more_than_it_may() -> None:
    recent: Recent[int] = Recent(seconds=3, most=2)

    for number in range(3):
        recent.put(str(number), number, NOW, recent.epoch)

    assert [recent.get(str(number), NOW) for number in range(3)] == [None, 1, 2]
