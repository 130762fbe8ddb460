import pytest

from ticketing.voice.reading import MOST_WINDOW, SPOKEN, reading
from ticketing.voice.speaker import parts_of


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("12", ["last-12"]),
        ("A012", ["letter-A", "pause", "last-12"]),
        ("A000", ["letter-A", "pause", "last-0"]),
        ("A152", ["letter-A", "pause", "hundred-1", "last-52"]),
        ("A300", ["letter-A", "pause", "last-hundred-3"]),
        ("AB1005", ["letter-A", "letter-B", "pause", "thousand-1", "last-5"]),
        ("A2000", ["letter-A", "pause", "last-thousand-2"]),
        ("A9999", ["letter-A", "pause", "thousand-9", "hundred-9", "last-99"]),
        ("10234", ["digit-1", "digit-0", "digit-2", "digit-3", "digit-4", "person"]),
    ],
)
def test_reading_of_a_number_is_a_clerks(number: str, parts: list[str]) -> None:
    assert reading("ja", number, "3", False) == ["open", "pause", *parts, "pause", "pause", "window-3"]


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("3", ["window-3"]),
        ("50", ["window-50"]),
        ("51", ["digit-5", "digit-1", "window"]),
        ("a1", ["letter-A", "digit-1", "window"]),
        ("03", ["digit-0", "digit-3", "window"]),
        ("相談", ["window-shown"]),
    ],
)
def test_reading_of_a_window_follows_its_label(label: str, parts: list[str]) -> None:
    assert reading("ja", "7", label, False)[5:] == parts


def test_reading_of_a_recall_says_so_first() -> None:
    assert reading("ja", "7", "3", True)[:4] == ["again", "pause", "pause", "last-7"]
    assert reading("en", "7", "3", True)[:5] == ["again", "pause", "pause", "open", "last-7"]


def test_reading_in_english_puts_the_counter_first() -> None:
    assert reading("en", "A152", "B", False) == [
        "open", "letter-A", "pause", "hundred-1", "last-52", "pause", "pause", "window", "letter-B",
    ]  # fmt: skip


def test_reading_knows_no_other_language() -> None:
    with pytest.raises(KeyError):
        reading("ko", "7", "3", False)


@pytest.mark.parametrize("language", SPOKEN)
def test_every_part_that_a_call_can_need_is_recorded(language: str) -> None:
    numbers = [*range(1200), 2000, 5000, 9999, 1234567890]
    labels = [*map(str, range(MOST_WINDOW + 2)), *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "相談"]
    calls = [(f"A{number}", "1") for number in numbers] + [("A1", label) for label in labels]

    needed = {
        part for number, label in calls for again in (True, False) for part in reading(language, number, label, again)
    }

    assert needed - set(parts_of(language)) == set()
