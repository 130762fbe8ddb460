from datetime import timedelta

import pytest

from notifier import wording
from notifier.channels.base import Message
from notifier.composer import Composer
from notifier.line_wording import LineWording
from tests.notifier.world import AT, DAY, LINE_USER, MAIL, OFFICE
from ticketing.addresses import ContactChannel
from ticketing.contacts import Contact
from ticketing.notice import Notice, NoticeKind

URL = "https://queue.city.example.jp"
SECRET = "minato.20260903.A012.abcdefghijklmnopqrstuv"


def contact(channel: ContactChannel, address: str) -> Contact:
    return Contact("minato", DAY, "A012", channel, address, "ja", None, None, "token")


def notice(channel: ContactChannel, kind: NoticeKind = "called", office_id: str = "minato") -> Notice:
    return Notice(
        day=DAY, number="A012", kind=kind, occurrence="7", seq=7, channel=channel, created_at=AT,
        useful_until=AT + timedelta(minutes=5), counter="1", id=1, office_id=office_id, retry_key="key", attempts=1,
        tried=(),
    )  # fmt: skip


@pytest.fixture
def composer() -> Composer:
    return Composer((OFFICE,), URL, lambda office_id, day, number: SECRET)


def test_mail_has_one_link_with_the_secret_behind_the_hash(composer: Composer) -> None:
    message = composer.compose(notice("email"), contact("email", MAIL))

    assert message is not None
    assert [line for line in message.text.splitlines() if "http" in line] == [f"{URL}/t#{SECRET}"]
    assert message.text.count(SECRET) == message.text.count("://") == 1
    assert (message.unsubscribe_url, SECRET in message.subject) == (f"{URL}/u/token", False)


def test_line_gets_its_own_texts(composer: Composer) -> None:
    message = composer.compose(notice("line"), contact("line", LINE_USER))

    assert message == Message(text=LineWording(URL).text("called", "ja"), created_at=AT)


def test_phone_gets_a_text_message(composer: Composer) -> None:
    of = notice("phone")

    message = composer.compose(of, contact("phone", "+819012345678"))

    assert message == Message(text=wording.sms(of, OFFICE, "ja", URL), created_at=AT)
    assert SECRET not in message.text


def test_phone_that_wants_a_call_gets_spoken_words(composer: Composer) -> None:
    of = notice("phone")

    message = composer.compose(of, contact("phone", "voice:+819012345678"))

    assert message == Message(text=wording.spoken(of, OFFICE, "ja"), created_at=AT)


@pytest.mark.parametrize("channel", ["email", "phone"])
def test_what_has_no_words_is_none(composer: Composer, channel: ContactChannel) -> None:
    to = contact(channel, MAIL)

    assert composer.compose(notice(channel, "line_linked"), to) is None
    assert composer.compose(notice(channel, office_id="gone"), to) is None


def test_no_words_show_in_a_repr(composer: Composer) -> None:
    message = composer.compose(notice("email"), contact("email", MAIL))

    assert message is not None
    assert [each for each in (SECRET, "token", "窓口") if each in repr(message)] == []
