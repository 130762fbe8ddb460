import pytest

from notifier.segments import fits, with_name


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a" * 160, True),
        ("a" * 161, False),
        ("é" * 160, True),
        ("番" * 70, True),
        ("番" * 71, False),
        ("a" * 70 + "番", False),
        # Two UTF-16 units each.
        ("𠮷" * 35, True),
        ("𠮷" * 36, False),
        # In the extension of the alphabet.
        ("[" * 71, False),
    ],
)
def test_text_fits_into_one_message_by_the_letters_in_it(text: str, is_one: bool) -> None:
    assert fits(text) == is_one


def test_name_that_fits_stands_as_it_is() -> None:
    assert with_name(lambda name: f"【{name}】" + "あ" * 62, "みなと区役所") == "【みなと区役所】" + "あ" * 62


def test_name_is_cut_as_little_as_possible() -> None:
    assert with_name(lambda name: f"【{name}】" + "あ" * 62, "みなと区役所です") == "【みなと区役…】" + "あ" * 62
    assert with_name(lambda name: name + ":" + "a" * 150, "Minato Ward Office") == "Minato...:" + "a" * 150


def test_name_of_which_next_to_nothing_is_left_is_left_out() -> None:
    assert with_name(lambda name: name + "あ" * 66, "みなと区役所") is None
    assert with_name(lambda name: name + "あ" * 65, "みなと区役所") == "みなと区…" + "あ" * 65
    assert with_name(lambda name: name + "あ" * 70, "区役所") is None
