import pytest

from ticketing.papers.lines import broken


def width_of(text: str) -> float:
    """As in the papers' font: Latin letters are half as wide as Japanese ones."""
    return sum(1 if each.isascii() else 2 for each in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("消去した", ["消去した"]),
        ("連絡先を消去した", ["連絡先を消", "去した"]),
        ("連絡先消去。した", ["連絡先消", "去。した"]),
        ("連絡先消（件）", ["連絡先消", "（件）"]),
        ("連絡先（消去）", ["連絡先（消", "去）"]),
        ("a bc defghij", ["a bc", "defghij"]),
        ("記録 erasures", ["記録", "erasures"]),
        ("一\n二", ["一", "二"]),
        ("0123456789abcdef", ["0123456789", "abcdef"]),
        ("ab 0123456789abcdef", ["ab", "0123456789", "abcdef"]),
    ],
)
def test_text_is_broken_where_japanese_is(text: str, lines: list[str]) -> None:
    assert broken(text, 10, width_of) == lines


def test_one_letter_wider_than_the_line_stands_alone() -> None:
    assert broken("消去", 1, width_of) == ["消", "去"]
