import pytest

from ticketing.addresses import BadAddress, ChannelIsOff, check_address, has_loose_dots, mask


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sato@example.jp", "sato@example.jp"),
        ("  Sato.Hana+q@Example.JP ", "Sato.Hana+q@example.jp"),
        ("ｓａｔｏ＠ｅｘａｍｐｌｅ．ｊｐ", "sato@example.jp"),
        ("sato@窓口.example", "sato@xn--6or331g.example"),
        ("foo..bar@docomo.ne.jp", "foo..bar@docomo.ne.jp"),
        ("foo.@ezweb.ne.jp", "foo.@ezweb.ne.jp"),
        (f"{'a' * 64}@example.jp", f"{'a' * 64}@example.jp"),
    ],
)
def test_mail_address_is_taken_in_its_stored_form(text: str, address: str) -> None:
    assert check_address("email", text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sato",
        "@example.jp",
        "sato@",
        "sato@example",
        "a@b@example.jp",
        "sato@example.jp\r\nBcc: all@example.jp",
        "sa\nto@example.jp",
        "sa to@example.jp",
        "sato@example.jp\0",
        "<sato@example.jp>",
        '"sa to"@example.jp',
        "sato@[192.0.2.1]",
        "sato@192.0.2.1",
        "sato@-example.jp",
        "sato@example..jp",
        "foo..bar@example.jp",
        "foo.@example.jp",
        ".foo@docomo.ne.jp",
        "foo..bar@notdocomo.ne.jp",
        "佐藤@example.jp",
        f"{'a' * 65}@example.jp",
        f"sato@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.jp",
        "s" * 100_000,
    ],
)
def test_mail_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        check_address("email", text)


def test_line_user_id_is_taken_as_it_is() -> None:
    assert check_address("line", "U" + "0123456789abcdef" * 2) == "U" + "0123456789abcdef" * 2


@pytest.mark.parametrize("text", ["", "sato", "U123", "C" + "0" * 32, "U" + "0" * 33, "U" + "0" * 32 + "\n"])
def test_line_id_that_a_person_typed_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        check_address("line", text)


@pytest.mark.parametrize(("text", "region", "address"), [
    ("090-1234-5678", "JP", "+819012345678"), ("0912 345 678", "TW", "+886912345678"),
])  # fmt: skip
def test_phone_number_is_one_of_the_region(text: str, region: str, address: str) -> None:
    assert check_address("phone", text, region=region) == address


@pytest.mark.parametrize("channel", ["pager", ""])
def test_channel_that_there_is_not_is_refused(channel: str) -> None:
    with pytest.raises(ChannelIsOff):
        check_address(channel, "+81312345678")


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        ("email", "sato@example.jp", "s***@example.jp"),
        ("line", "U" + "0" * 32, "LINE"),
        ("phone", "+819012345678", "***678"),
        ("phone", "voice:+81312345678", "***678"),
    ],
)
def test_mask_shows_enough_to_recognise(channel: str, address: str, shown: str) -> None:
    assert mask(channel, address) == shown


@pytest.mark.parametrize(
    ("address", "is_loose"),
    [("foo..bar@docomo.ne.jp", True), ("foo.@docomo.ne.jp", True), ("foo.bar@docomo.ne.jp", False)],
)
def test_has_loose_dots_looks_before_the_at(address: str, is_loose: bool) -> None:
    assert has_loose_dots(address) is is_loose
