import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from notifier.channels import mail
from notifier.channels.base import Message, SendError
from notifier.channels.mail import MailChannel
from tests.notifier.fakes import Mailbox, smtp_server
from tests.notifier.smtp_script import HANG_UP, SILENCE, TRICKLE, scripted
from tests.waiting import until
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


@dataclass
class Strict(Mailbox):
    """Takes one way of writing the recipient only."""

    accepts: str = ""
    code: int = 501

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.recipients[-1] != self.accepts:
            return f"{self.code} 5.1.3 bad address syntax"
        return await super().handle_RCPT(server, session, envelope, address, options)


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


async def refusal(channel: MailChannel, contact: Contact = CONTACT, deadline_seconds: float = 5) -> SendError:
    with pytest.raises(SendError) as caught:
        await channel.send(contact, MESSAGE, KEY, deadline_seconds)
    await channel.close()
    assert caught.value.__cause__ is None
    assert "sato" not in str(caught.value)
    return caught.value


async def refused(channel: MailChannel, contact: Contact = CONTACT, deadline_seconds: float = 5) -> tuple[str, bool]:
    error = await refusal(channel, contact, deadline_seconds)
    return error.message, error.permanent


def kinds(error: SendError) -> tuple[str, bool, bool, bool]:
    """Code, permanent, for operations, an outage."""
    return error.message, error.permanent, error.needs_operations, error.is_outage


@asynccontextmanager
async def mail_to(port: int, context: ssl.SSLContext | None = None, **settings: Any) -> AsyncIterator[MailChannel]:
    channel = MailChannel(replace(PLAIN, port=port, **settings), context)
    try:
        yield channel
    finally:
        await channel.close()


async def test_letter_arrives_as_it_was_composed() -> None:
    async with smtp_server(Mailbox()) as mailbox, mail_to(mailbox.port) as channel:
        await channel.send(CONTACT, MESSAGE, KEY, 5)

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


async def test_letter_goes_over_starttls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with (
        smtp_server(Mailbox(), starttls=server_tls) as mailbox,
        mail_to(mailbox.port, client_tls, tls="starttls") as channel,
    ):
        await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert mailbox.was_tls == [True]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_letter_goes_over_tls_with_a_password(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), tls=server_tls, password="right") as mailbox:
        settings = {"tls": "tls", "username": "queue", "password": Secret("right")}
        async with mail_to(mailbox.port, client_tls, **settings) as channel:
            await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert len(mailbox.letters) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_wrong_password_is_for_operations_to_put_right() -> None:
    async with smtp_server(Mailbox(), password="right") as mailbox:
        settings = replace(PLAIN, port=mailbox.port, username="queue", password=Secret("wrong"))
        error = await refusal(MailChannel(settings))

    assert kinds(error) == ("smtp_535", False, True, True)


async def test_server_that_cannot_sign_in_gets_nothing() -> None:
    async with scripted() as server:
        settings = replace(PLAIN, port=server.port, username="queue", password=Secret("right"))
        error = await refusal(MailChannel(settings))

    assert (kinds(error), server.heard) == (("smtp_auth", False, True, True), [["EHLO " + socket.gethostname()]])


async def test_server_without_starttls_gets_nothing() -> None:
    async with smtp_server(Mailbox()) as mailbox:
        error = await refusal(MailChannel(replace(PLAIN, port=mailbox.port, tls="starttls")))

    assert (kinds(error), mailbox.recipients) == (("smtp_tls", False, True, True), [])


async def test_server_that_stops_offering_starttls_gets_nothing_more(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with smtp_server(Mailbox(), starttls=server_tls) as before:
        channel = MailChannel(replace(PLAIN, port=before.port, tls="starttls"), client_tls)
        await channel.send(CONTACT, MESSAGE, KEY, 5)
        await channel.close()
    async with smtp_server(Mailbox(), port=before.port) as after:
        error = await refusal(channel)

    assert (before.was_tls, kinds(error)) == ([True], ("smtp_tls", False, True, True))
    assert (after.recipients, after.letters) == ([], [])


async def test_server_that_answers_starttls_with_readable_text_gets_nothing(client_tls: ssl.SSLContext) -> None:
    def script(connection: int, word: str, line: str) -> str | None:
        return {"EHLO": "250-mail.test\n250 STARTTLS", "STARTTLS": "454 not now"}.get(word)

    async with scripted(script) as server:
        error = await refusal(MailChannel(replace(PLAIN, port=server.port, tls="starttls"), client_tls))

    assert kinds(error) == ("smtp_tls", False, True, True)
    assert [line.split(" ")[0] for line in server.heard[0]] == ["EHLO", "STARTTLS"]


async def test_server_with_a_strange_certificate_gets_nothing(server_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), starttls=server_tls) as mailbox:
        error = await refusal(MailChannel(replace(PLAIN, port=mailbox.port, tls="starttls")))

    assert (kinds(error), mailbox.recipients) == (("smtp_tls", False, True, True), [])


async def test_server_with_a_strange_certificate_from_the_start_gets_nothing(server_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), tls=server_tls) as mailbox:
        error = await refusal(MailChannel(replace(PLAIN, port=mailbox.port, tls="tls")))

    assert (kinds(error), mailbox.recipients) == (("smtp_tls", False, True, True), [])


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


@pytest.mark.parametrize(
    ("word", "answer", "expected"),
    [
        ("CONNECT", "421 too busy", ("smtp_421", False, False, True)),
        ("CONNECT", "554 go away", ("smtp_554", False, True, True)),
        ("CONNECT", HANG_UP, ("smtp_connection", False, False, True)),
        ("CONNECT", "hello", ("smtp_garbled", False, False, True)),
        ("EHLO", "421 no", ("smtp_421", False, False, True)),
        ("MAIL", "450 slowly", ("smtp_450", False, False, True)),
        ("MAIL", "530 sign in first", ("smtp_530", False, True, True)),
        ("MAIL", "553 not your address", ("smtp_553", False, True, True)),
        ("MAIL", HANG_UP, ("smtp_connection", False, False, True)),
        ("RCPT", "450 grey", ("smtp_450", False, False, False)),
        ("RCPT", "421 bye", ("smtp_421", False, False, False)),
        ("RCPT", "550 5.1.1 unknown", ("smtp_550", True, False, False)),
        ("RCPT", "554 5.7.1 relaying denied", ("smtp_554", True, True, False)),
        ("RCPT", "530 5.7.0 sign in first", ("smtp_530", False, True, True)),
        ("RCPT", "354 what", ("smtp_354", False, False, False)),
        ("RCPT", "999 what", ("smtp_garbled", False, False, False)),
        ("RCPT", "ok", ("smtp_garbled", False, False, False)),
        ("RCPT", HANG_UP, ("smtp_connection", False, False, False)),
        ("DATA", "550 5.7.1 spam", ("smtp_550", True, True, False)),
        ("DATA", "250 ok", ("smtp_250", False, False, False)),
        ("DATA", HANG_UP, ("smtp_connection", False, False, False)),
        (".", "552 too large", ("smtp_552", True, False, False)),
        (".", "451 later", ("smtp_451", False, False, False)),
        (".", HANG_UP, ("smtp_connection", False, False, False)),
    ],
)
async def test_answer_says_whose_fault_it_is(word: str, answer: str, expected: tuple[str, bool, bool, bool]) -> None:
    async with scripted(lambda _, heard, line: answer if heard == word else None) as server:
        error = await refusal(MailChannel(replace(PLAIN, port=server.port)))

    assert (kinds(error), server.letters, server.count) == (expected, [], 1)


@pytest.mark.parametrize("behaviour", [SILENCE, TRICKLE])
@pytest.mark.parametrize("word", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_server_that_is_silent_or_trickles_is_left_at_the_deadline(word: str, behaviour: str) -> None:
    async with scripted(lambda _, heard, line: behaviour if heard == word else None) as server:
        started = time.monotonic()
        error = await refusal(MailChannel(replace(PLAIN, port=server.port)), deadline_seconds=0.2)
        took = time.monotonic() - started
        await until(lambda: server.closed or behaviour == SILENCE)

    assert kinds(error) == ("smtp_timeout", False, False, word in ("CONNECT", "EHLO", "MAIL"))
    assert 0.19 < took < 2


async def test_server_that_is_not_there_is_tried_again() -> None:
    async with smtp_server(Mailbox()) as mailbox:
        pass

    error = await refusal(MailChannel(replace(PLAIN, port=mailbox.port)))

    assert kinds(error) == ("smtp_connection", False, False, True)


OLD = replace(CONTACT, address="foo..bar@docomo.ne.jp")


async def test_old_carrier_address_is_quoted_when_the_server_asks_for_it() -> None:
    async with smtp_server(Mailbox(rcpt_answers=["553 syntax", ""])) as mailbox, mail_to(mailbox.port) as channel:
        await channel.send(OLD, MESSAGE, KEY, 5)

    assert mailbox.recipients == ["foo..bar@docomo.ne.jp", '"foo..bar"@docomo.ne.jp']
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    ("accepts", "code", "heard"),
    [
        ('"foo..bar"@docomo.ne.jp', 501, ["foo..bar@docomo.ne.jp", '"foo..bar"@docomo.ne.jp']),
        ('"foo..bar"@docomo.ne.jp', 553, ["foo..bar@docomo.ne.jp", '"foo..bar"@docomo.ne.jp']),
        ("foo..bar@docomo.ne.jp", 501, ["foo..bar@docomo.ne.jp"]),
        ("foo..bar@docomo.ne.jp", 553, ["foo..bar@docomo.ne.jp"]),
    ],
)
async def test_old_carrier_address_reaches_servers_that_take_one_form_only(
    accepts: str, code: int, heard: list[str]
) -> None:
    async with smtp_server(Strict(accepts=accepts, code=code)) as mailbox, mail_to(mailbox.port) as channel:
        await channel.send(OLD, MESSAGE, KEY, 5)

    (letter,) = mailbox.letters
    assert mailbox.recipients == heard
    assert b'\r\nTo: "foo..bar"@docomo.ne.jp\r\n' in letter


async def test_old_carrier_address_that_no_form_helps_is_refused_for_good() -> None:
    async with smtp_server(Strict(accepts="nobody", code=553)) as mailbox:
        answer = await refused(MailChannel(replace(PLAIN, port=mailbox.port)), OLD)

    assert (answer, len(mailbox.recipients)) == (("smtp_553", True), 2)


async def test_ordinary_address_is_never_quoted() -> None:
    async with smtp_server(Mailbox(rcpt_answers=["553 no"])) as mailbox:
        answer = await refused(MailChannel(replace(PLAIN, port=mailbox.port)))

    assert (answer, mailbox.recipients) == (("smtp_553", True), ["sato@example.jp"])


@pytest.mark.parametrize("address", ["a!#$%&'*+/=?^_`{|}~.-b@example.jp", "1@xn--wgv71a.jp", "foo.@ezweb.ne.jp"])
async def test_address_travels_as_it_is(address: str) -> None:
    async with scripted() as server, mail_to(server.port) as channel:
        await channel.send(replace(CONTACT, address=address), MESSAGE, KEY, 5)

    assert server.heard[0][2] == f"RCPT TO:<{address}>"


@pytest.mark.parametrize(
    "address", ["a@b.jp>\r\nRCPT TO:<evil@example.com", "a@b.jp> SIZE=1", "a@b.jp\n", "a@b.jp\0", "a\u2028@b.jp", ""]
)
async def test_address_that_could_be_a_command_never_leaves(address: str) -> None:
    async with scripted() as server:
        error = await refusal(MailChannel(replace(PLAIN, port=server.port)), replace(CONTACT, address=address))

    assert (kinds(error), server.heard) == (("mail_form", True, False, False), [])


async def test_dots_at_the_start_of_lines_do_not_end_a_letter() -> None:
    message = replace(MESSAGE, text=".\r\n.\r\nQUIT\r\n")
    async with smtp_server(Mailbox()) as mailbox, mail_to(mailbox.port) as channel:
        await channel.send(CONTACT, message, KEY, 5)

    (letter,) = mailbox.messages()
    assert letter.get_content() == ".\r\n.\r\nQUIT\r\n"


async def test_second_message_goes_over_the_kept_connection() -> None:
    async with scripted() as server, mail_to(server.port) as channel:
        for _ in range(3):
            await channel.send(CONTACT, MESSAGE, KEY, 5)

    (lines,) = server.heard
    once = ["MAIL", "RCPT", "DATA", "."]
    assert [line.split(" ")[0] for line in lines] == ["EHLO", *once * 3, "QUIT"]


async def test_messages_at_the_same_time_have_a_connection_each() -> None:
    async with scripted() as server, mail_to(server.port) as channel:
        for _ in range(3):
            await asyncio.gather(*(channel.send(CONTACT, MESSAGE, KEY, 5) for _ in range(4)))

    assert (server.count, len(server.letters)) == (4, 12)


async def test_stuck_connection_holds_up_nobody_else() -> None:
    def script(connection: int, word: str, line: str) -> str | None:
        return SILENCE if (connection, word) == (1, "RCPT") else None

    async with scripted(script) as server, mail_to(server.port) as channel:
        stuck = asyncio.create_task(channel.send(CONTACT, MESSAGE, KEY, 1))
        await until(lambda: server.heard and server.heard[0] and "RCPT" in server.heard[0][-1])
        started = time.monotonic()
        for _ in range(5):
            await channel.send(CONTACT, MESSAGE, KEY, 5)
        took = time.monotonic() - started
        with pytest.raises(SendError):
            await stuck

    assert (len(server.letters), server.count, took < 0.5) == (5, 2, True)


async def test_connection_closed_while_idle_costs_no_attempt() -> None:
    async with scripted() as server, mail_to(server.port) as channel:
        await channel.send(CONTACT, MESSAGE, KEY, 5)
        server.hang_up()
        await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert (server.count, len(server.letters)) == (2, 2)


@pytest.mark.parametrize("answer", ["421 idle for too long", HANG_UP, "451 a hundred messages are enough", "hm"])
async def test_kept_connection_that_fails_before_the_message_costs_no_attempt(answer: str) -> None:
    def script(connection: int, word: str, line: str) -> str | None:
        is_second = connection == 1 and word == "MAIL" and len(server.letters) == 1
        return answer if is_second else None

    async with scripted(script) as server, mail_to(server.port) as channel:
        for _ in range(2):
            await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert [[line.split(" ")[0] for line in lines] for lines in server.heard] == [
        ["EHLO", "MAIL", "RCPT", "DATA", ".", "MAIL"],
        ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"],
    ]
    assert len(server.letters) == 2


async def test_kept_connection_that_has_gone_silent_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def script(connection: int, word: str, line: str) -> str | None:
        return SILENCE if connection == 1 and word == "MAIL" and server.letters else None

    monkeypatch.setattr(mail, "KEPT_ANSWERS_SECONDS", 0.1)
    async with scripted(script) as server, mail_to(server.port) as channel:
        for _ in range(2):
            await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert (server.count, len(server.letters)) == (2, 2)


@pytest.mark.parametrize("word", ["RCPT", "DATA", "."])
async def test_kept_connection_that_fails_later_counts_so_that_nothing_is_doubled(word: str) -> None:
    def script(connection: int, heard: str, line: str) -> str | None:
        return HANG_UP if heard == word and server.letters else None

    async with scripted(script) as server, mail_to(server.port) as channel:
        await channel.send(CONTACT, MESSAGE, KEY, 5)
        with pytest.raises(SendError) as caught:
            await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert kinds(caught.value) == ("smtp_connection", False, False, False)
    assert server.count == 1


async def test_connection_on_which_something_was_refused_is_not_used_again() -> None:
    def script(connection: int, word: str, line: str) -> str | None:
        return "550 5.1.1 unknown" if (connection, word) == (1, "RCPT") else None

    async with scripted(script) as server, mail_to(server.port) as channel:
        with pytest.raises(SendError):
            await channel.send(CONTACT, MESSAGE, KEY, 5)
        await channel.send(CONTACT, MESSAGE, KEY, 5)

    assert (server.count, len(server.letters)) == (2, 1)


async def test_recipient_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    async with scripted(lambda _, word, line: "550 <sato@example.jp> no" if word == "RCPT" else None) as server:
        error = await refusal(MailChannel(replace(PLAIN, port=server.port)))

    assert ("sato" in caplog.text, "sato" in repr(error), "sato" in repr(MESSAGE)) == (False, False, False)
