import ssl
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import trustme

from notifier.channels.base import Message, SendError
from notifier.channels.mail import MailChannel, compose
from tests.notifier.fakes import Mailbox, smtp_server
from ticketing.config import Mail, Secret
from ticketing.contacts import Contact

AT = datetime(2026, 9, 3, 1, 2, 3, tzinfo=UTC)
KEY = "6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11"
CONTACT = Contact("minato", date(2026, 9, 3), "A012", "email", "sato@example.jp", "ja", None, None, "token")
MESSAGE = Message(
    text="受付番号A012のお呼び出しが近づきました。\n",
    created_at=AT,
    subject="受付番号A012 まもなくお呼びします",
    unsubscribe_url="https://queue.city.example.jp/u/" + "t" * 60,
)
PLAIN = Mail(host="127.0.0.1", tls="off", sender="queue@city.example.jp", sender_name="窓口案内")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def refused(channel: MailChannel, contact: Contact = CONTACT, deadline_seconds: float = 5) -> tuple[str, bool]:
    with pytest.raises(SendError) as caught:
        await channel.send(contact, MESSAGE, KEY, deadline_seconds)
    assert caught.value.__cause__ is None
    assert "sato" not in str(caught.value)
    return caught.value.message, caught.value.permanent


async def test_letter_arrives_as_it_was_composed() -> None:
    async with smtp_server(Mailbox()) as mailbox:
        await MailChannel(replace(PLAIN, port=mailbox.port)).send(CONTACT, MESSAGE, KEY, 5)

    (letter,) = mailbox.messages()
    assert mailbox.recipients == ["sato@example.jp"]
    assert letter.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert {name: str(letter[name]) for name in letter if name != "Content-Transfer-Encoding"} == {
        "From": "窓口案内 <queue@city.example.jp>",
        "To": "sato@example.jp",
        "Subject": "受付番号A012 まもなくお呼びします",
        "Date": "Thu, 03 Sep 2026 01:02:03 +0000",
        "Message-ID": f"<{KEY}@city.example.jp>",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{MESSAGE.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
    }


def test_letter_is_the_same_on_every_attempt() -> None:
    assert (
        compose(PLAIN, "sato@example.jp", MESSAGE, KEY).as_bytes()
        == compose(PLAIN, "sato@example.jp", MESSAGE, KEY).as_bytes()
    )


def test_letter_keeps_its_links_on_one_line_and_is_ascii() -> None:
    lines = compose(PLAIN, "sato@example.jp", MESSAGE, KEY).as_bytes().split(b"\r\n")

    assert f"List-Unsubscribe: <{MESSAGE.unsubscribe_url}>".encode() in lines
    assert max(map(len, lines)) < 200
    assert all(line.isascii() for line in lines)


async def test_letter_goes_over_starttls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), starttls=server_tls) as mailbox:
        settings = replace(PLAIN, port=mailbox.port, tls="starttls")
        await MailChannel(settings, client_tls).send(CONTACT, MESSAGE, KEY, 5)

    assert mailbox.was_tls == [True]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_letter_goes_over_tls_with_a_password(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), tls=server_tls, password="right") as mailbox:
        settings = replace(PLAIN, port=mailbox.port, tls="tls", username="queue", password=Secret("right"))
        await MailChannel(settings, client_tls).send(CONTACT, MESSAGE, KEY, 5)

    assert len(mailbox.letters) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_wrong_password_is_for_operations_to_put_right() -> None:
    async with smtp_server(Mailbox(), password="right") as mailbox:
        settings = replace(PLAIN, port=mailbox.port, username="queue", password=Secret("wrong"))
        answer = await refused(MailChannel(settings))

    assert answer == ("smtp_535", False)


async def test_server_without_starttls_gets_nothing() -> None:
    async with smtp_server(Mailbox()) as mailbox:
        answer = await refused(MailChannel(replace(PLAIN, port=mailbox.port, tls="starttls")))

    assert (answer, mailbox.recipients) == (("smtp_connection", False), [])


async def test_server_with_a_strange_certificate_gets_nothing(server_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), starttls=server_tls) as mailbox:
        answer = await refused(MailChannel(replace(PLAIN, port=mailbox.port, tls="starttls")))

    assert (answer, mailbox.recipients) == (("smtp_connection", False), [])


@pytest.mark.parametrize(
    ("mailbox", "answer"),
    [
        (Mailbox(rcpt_answers=["550 5.1.1 <sato@example.jp> unknown"]), ("smtp_550", True)),
        (Mailbox(rcpt_answers=["451 try later"]), ("smtp_451", False)),
        (Mailbox(data_answers=["554 no"]), ("smtp_554", True)),
        (Mailbox(data_answers=["452 full"]), ("smtp_452", False)),
    ],
)
async def test_refusal_is_permanent_by_its_first_digit(mailbox: Mailbox, answer: tuple[str, bool]) -> None:
    async with smtp_server(mailbox):
        assert await refused(MailChannel(replace(PLAIN, port=mailbox.port))) == answer

    assert mailbox.letters == []


async def test_server_that_hangs_is_left_at_the_deadline() -> None:
    async with smtp_server(Mailbox(hangs=True)) as mailbox:
        answer = await refused(MailChannel(replace(PLAIN, port=mailbox.port)), deadline_seconds=0.2)

    assert answer == ("smtp_timeout", False)


async def test_server_that_is_not_there_is_tried_again() -> None:
    async with smtp_server(Mailbox()) as mailbox:
        pass

    assert await refused(MailChannel(replace(PLAIN, port=mailbox.port))) == ("smtp_connection", False)


async def test_old_carrier_address_is_quoted_when_the_server_asks_for_it() -> None:
    contact = replace(CONTACT, address="foo..bar@docomo.ne.jp")
    async with smtp_server(Mailbox(rcpt_answers=["553 syntax", ""])) as mailbox:
        await MailChannel(replace(PLAIN, port=mailbox.port)).send(contact, MESSAGE, KEY, 5)

    assert mailbox.recipients == ["foo..bar@docomo.ne.jp", '"foo..bar"@docomo.ne.jp']
    assert len(mailbox.letters) == 1
