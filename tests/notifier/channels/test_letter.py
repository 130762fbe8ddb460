import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels.base import Message
from notifier.channels.letter import MOST_ON_A_LINE, BadLetter, compose, words

AT = datetime(2026, 9, 3, 1, 2, 3, tzinfo=UTC)
KEY = "6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11"
SENDER = "queue@city.example.jp"
URL = "https://queue.city.example.jp/u/" + "t" * 60
MESSAGE = Message(
    text="受付番号A012のお呼び出しが近づきました。\n待ち時間の目安：5〜10分\n",
    created_at=AT,
    subject="受付番号A012 まもなくお呼びします",
    unsubscribe_url=URL,
)
#: What ends lines somewhere, what hides a line's end, and what has a meaning in headers.
TRICKS = [
    "x\r\nBcc: evil@example.com",
    "x\nBcc: evil@example.com",
    "x\rBcc: evil@example.com",
    "x\r\n\r\nanother body",
    "x\x00y",
    "x\u2028Bcc: evil@example.com",
    "x\u2029y\x85z\x0bw\x0cv",
    "=?utf-8?q?x=0D=0ABcc:_evil@example.com?=",
    "=?utf-8?B?eA0KQmNjOiBldmlsQGV4YW1wbGUuY29t?=",
    'x" <evil@example.com>, "y',
    "x, evil@example.com",
    "x <evil@example.com>",
    "\ud800 lone",
]


def letter(
    *, name: str = "窓口案内", address: str = "sato@example.jp", message: Message = MESSAGE, sender: str = SENDER
) -> bytes:
    return compose(sender, name, address, message, KEY)


def header_lines(letter: bytes) -> list[bytes]:
    return letter.partition(b"\r\n\r\n")[0].split(b"\r\n")


def headers(letter: bytes) -> list[bytes]:
    """Each header unfolded."""
    return re.sub(rb"\r\n (?=.)", b" ", letter.partition(b"\r\n\r\n")[0]).split(b"\r\n")


def parsed(letter: bytes) -> EmailMessage:
    return message_from_bytes(letter, policy=default)  # type: ignore[return-value]


def test_letter_is_these_bytes() -> None:
    message = replace(MESSAGE, text="番号A012\n", subject="受付番号A012", unsubscribe_url="https://q.example.jp/u/abc")

    assert letter(message=message) == (
        b"From: =?utf-8?B?56qT5Y+j5qGI5YaF?=\r\n"
        b" <queue@city.example.jp>\r\n"
        b"To: sato@example.jp\r\n"
        b"Subject: =?utf-8?B?5Y+X5LuY55Wq5Y+3QTAxMg==?=\r\n"
        b"Date: Thu, 03 Sep 2026 01:02:03 +0000\r\n"
        b"Message-ID: <6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11@city.example.jp>\r\n"
        b"Auto-Submitted: auto-generated\r\n"
        b"List-Unsubscribe: <https://q.example.jp/u/abc>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: base64\r\n"
        b"\r\n"
        b"55Wq5Y+3QTAxMg0K\r\n"
    )


def test_letter_is_the_same_on_every_attempt() -> None:
    assert letter() == letter()


def test_letter_has_the_links_on_one_line() -> None:
    assert f"List-Unsubscribe: <{URL}>".encode() in letter().split(b"\r\n")


def test_letter_without_a_link_has_no_list_headers() -> None:
    assert b"List-" not in letter(message=replace(MESSAGE, unsubscribe_url=None))


def test_letter_reads_as_it_was_written() -> None:
    whole = letter(name="さくら市役所 窓口案内（架空）")

    # The older parser: the newer one reads a blank between two encoded words of a name.
    read = message_from_bytes(whole)
    shown = [str(make_header(decode_header(read[name]))) for name in ("From", "Subject")]
    assert shown == [f"さくら市役所 窓口案内（架空） <{SENDER}>", MESSAGE.subject]
    assert parsed(whole).get_content() == MESSAGE.text.replace("\n", "\r\n")


def test_long_subject_is_cut_between_characters_into_short_lines() -> None:
    subject = "受付番号A012 まもなくお呼びします 🎫" * 6
    lines = header_lines(letter(message=replace(MESSAGE, subject=subject)))

    at = next(index for index, line in enumerate(lines) if line.startswith(b"Subject: "))
    cut = [lines[at].removeprefix(b"Subject: ")]
    cut += [line[1:] for line in lines[at + 1 : next(i for i in range(at + 1, len(lines)) if lines[i][:1] != b" ")]]
    pieces = [b64decode(word.removeprefix(b"=?utf-8?B?").removesuffix(b"?=")).decode() for word in cut]
    assert "".join(pieces) == subject
    assert len(pieces) > 5
    assert max(map(len, cut)) <= 75


@given(st.text(max_size=200), st.text(max_size=200))
def test_letter_is_seven_bit_with_short_lines_whatever_it_says(subject: str, text: str) -> None:
    whole = letter(name=subject[:80], message=replace(MESSAGE, subject=subject, text=text))

    lines = whole.split(b"\r\n")
    assert whole.isascii()
    assert whole.endswith(b"\r\n")
    assert not set(b"".join(lines)) & {*b"\r\n\0"}
    assert max(len(line) for line in lines if not line.startswith(b"List-")) <= MOST_ON_A_LINE
    assert len(headers(whole)) == 11


@pytest.mark.parametrize("trick", TRICKS)
def test_nothing_in_a_name_or_a_subject_adds_a_header_or_a_recipient(trick: str) -> None:
    read = parsed(letter(name=trick, message=replace(MESSAGE, subject=trick, text=trick)))

    assert read.keys() == parsed(letter()).keys()
    assert [address.addr_spec for address in read["From"].addresses] == [SENDER]
    assert [address.addr_spec for address in read["To"].addresses] == ["sato@example.jp"]


@pytest.mark.parametrize("trick", TRICKS)
def test_subject_shows_a_trick_as_text(trick: str) -> None:
    line = next(each for each in headers(letter(message=replace(MESSAGE, subject=trick))) if each[:8] == b"Subject:")

    written = re.findall(rb"=\?utf-8\?B\?(.*?)\?=", line)
    shown = b"".join(map(b64decode, written)).decode() if written else line.decode().removeprefix("Subject: ")
    assert shown == re.sub(r"[\x00-\x1f\x85\u2028\u2029\ud800]", " ", trick).strip()


@pytest.mark.parametrize(
    "address",
    [
        "a@b.jp\r\nBcc: evil@example.com",
        "a@b.jp\n",
        "a@b.jp\x00",
        "a@b.jp>",
        "<a@b.jp",
        "a b@c.jp",
        "a@b.jp\u2028",
        "a@b.jp, evil@example.com",
        '"a b"@c.jp',
        "a@b@c.jp",
        "さとう@example.jp",
        "=?utf-8?q?a=0D=0A?=@example.jp\r\n",
        "a",
        "",
        "@example.jp",
        "a" * 65 + "@example.jp",
    ],
)
def test_address_that_could_be_more_than_one_is_refused_without_being_quoted(address: str) -> None:
    with pytest.raises(BadLetter) as caught:
        letter(address=address)

    assert str(caught.value) == "the address cannot stand in a mail"


@pytest.mark.parametrize(
    "url", ["https://a.jp/u/x>\r\nBcc: a@b.jp", "https://a.jp/ x", "javascript:x", "https://例え.jp/u/x"]
)
def test_link_that_could_be_more_than_one_is_refused(url: str) -> None:
    with pytest.raises(BadLetter):
        letter(message=replace(MESSAGE, unsubscribe_url=url))


@pytest.mark.parametrize("address", ["foo..bar@docomo.ne.jp", "foo.@ezweb.ne.jp", "a...b.@docomo.ne.jp"])
def test_loose_dots_stand_in_quotes_in_the_header(address: str) -> None:
    local, _, domain = address.partition("@")

    assert f'To: "{local}"@{domain}'.encode() in header_lines(letter(address=address))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Your turn", "Your turn"),
        ("A012: your turn is near", "A012: your turn is near"),
        ("=?utf-8?q?x?=", "=?utf-8?B?PT91dGYtOD9xP3g/PQ==?="),
        ("番", "=?utf-8?B?55Wq?="),
        ("", ""),
    ],
)
def test_words_are_encoded_only_where_needed(text: str, written: str) -> None:
    assert words(text, 9) == written


def test_body_has_no_line_that_a_text_hides() -> None:
    read = parsed(letter(message=replace(MESSAGE, text="a\u2028b\r\nc\x00d\n")))

    assert read.get_content() == "a\r\nb\r\nc d\r\n"
