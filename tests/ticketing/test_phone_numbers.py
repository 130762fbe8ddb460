import pytest

from ticketing.hall.refusals import Refusal
from ticketing.phone_numbers import (
    BadNumber,
    ForeignNumber,
    NotMobile,
    check_number,
    dialled_number,
    goes_to_voice,
    national_number,
)


@pytest.mark.parametrize(
    "text",
    [
        "09012345678",
        "090-1234-5678",
        "090 1234 5678",
        "(090) 1234-5678",
        "０９０－１２３４－５６７８",
        "０９０ー１２３４ー５６７８",
        "090‐1234−5678",
        "\u3000０９０\u3000１２３４\u3000５６７８ ",
        "+819012345678",
        "+81 90-1234-5678",
        "+81 (0)90 1234 5678",
        "＋８１９０１２３４５６７８",
        "010 81 90 1234 5678",
    ],
)
def test_number_is_stored_in_one_form_however_it_is_written(text: str) -> None:
    assert check_number(text) == "+819012345678"


@pytest.mark.parametrize("text", ["060-1234-5678", "070-1234-5678", "080-1234-5678"])
def test_every_mobile_number_takes_text_messages(text: str) -> None:
    assert check_number(text) == f"+81{text[1:].replace('-', '')}"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("03-1234-5678", "voice:+81312345678"),
        ("090-1234-5678", "voice:+819012345678"),
        ("050-1234-5678", "voice:+815012345678"),
    ],
)
def test_calls_go_to_landlines_too(text: str, address: str) -> None:
    assert check_number(text, is_spoken=True) == address


@pytest.mark.parametrize("text", ["03-1234-5678", "050-1234-5678"])
def test_text_message_to_a_landline_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(NotMobile) as refused:
        check_number(text)

    assert str(refused.value) == "Text messages go to mobile phones only; please choose a spoken call for this number."


@pytest.mark.parametrize("is_spoken", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        *["110", "119", "118", "171", "177", "188", "+81110", "+81119"],
        *["0570-000-123", "0990-123-456", "0120-123-456", "0800-123-4567", "020-1234-5678", "+81570000123"],
        *["", "   ", "0", "090-1234-567", "090-1234-56789", "000-0000-0000", "+", "+81", "++819012345678"],
        *["sato@example.jp", "090-1234-5678x2", "090-1234-5678;ext=5", "tel:09012345678", "0120-FLOWERS"],
        *[
            "#31#09012345678",
            "*09012345678",
            "184,09012345678",
            "09012345678\r\nTo: +1",
            "090\n12345678",
            "٠٩٠١٢٣٤٥٦٧٨",
        ],
        *["0" * 100_000, "090" + " " * 41 + "12345678", "ﷺ" * 41],
    ],
)
def test_what_is_no_persons_number_is_refused(text: str, is_spoken: bool) -> None:
    with pytest.raises(BadNumber):
        check_number(text, is_spoken=is_spoken)


def test_foreign_number_is_taken_only_where_it_is_configured() -> None:
    with pytest.raises(ForeignNumber):
        check_number("+886 912 345 678")

    assert check_number("+886 912 345 678", ("JP", "TW")) == "+886912345678"
    assert check_number("0912 345 678", ("TW",)) == "+886912345678"
    assert check_number("+1 202 555 0123", ("US",)) == "+12025550123"


@pytest.mark.parametrize("text", ["+870 773 111 632", "+1 900 555 0123", "+1 800 234 5678"])
def test_satellite_premium_and_toll_free_numbers_abroad_are_refused(text: str) -> None:
    with pytest.raises((BadNumber, ForeignNumber)):
        check_number(text, ("JP", "US"), is_spoken=True)


def test_refusal_never_holds_the_number() -> None:
    for text in ("0312345678", "+886912345678", "12345678"):
        with pytest.raises(Refusal) as refused:
            check_number(text)
        shown = f"{refused.value!r} {refused.value} {refused.value.details} {refused.value.__context__}"
        assert text[-8:] not in shown


def test_stored_form_tells_number_and_way() -> None:
    assert [goes_to_voice(each) for each in ("voice:+81312345678", "+819012345678")] == [True, False]
    assert [dialled_number(each) for each in ("voice:+81312345678", "+819012345678")] == [
        "+81312345678",
        "+819012345678",
    ]


def test_national_number_is_as_dialled_at_home() -> None:
    assert [national_number(each) for each in ("+819012345678", "+81312345678", "+12025550123")] == [
        "09012345678",
        "0312345678",
        "2025550123",
    ]
