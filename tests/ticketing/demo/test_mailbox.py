from datetime import UTC, datetime

from ticketing.demo.mailbox import LINE_USERS, MOST_MESSAGES, MOST_RETRY_KEYS, Mailbox

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


def mailbox() -> Mailbox:
    return Mailbox(lambda: NOW)


def test_newest_comes_first_and_the_oldest_are_forgotten() -> None:
    box = mailbox()

    for place in range(MOST_MESSAGES + 1):
        box.add_mail("hana@example.jp", f"{place}", "", None)

    messages = box.newest()
    assert len(messages) == MOST_MESSAGES
    assert [messages[0].subject, messages[-1].subject] == [str(MOST_MESSAGES), "1"]


def test_nothing_reaches_who_blocked_the_account() -> None:
    box = mailbox()
    box.blocked.add(LINE_USERS["ken"])

    box.add_line(LINE_USERS["ken"], "near")
    box.add_line(LINE_USERS["hana"], "near")

    assert [message.to for message in box.newest()] == [LINE_USERS["hana"]]


def test_retry_keys_are_remembered_within_bounds() -> None:
    box = mailbox()

    for place in range(MOST_RETRY_KEYS + 1):
        box.remember(f"key-{place}", f"request-{place}")

    assert box.accepted_as("key-0") is None
    assert box.accepted_as("key-1") == "request-1"


def test_message_does_not_show_its_contact() -> None:
    box = mailbox()

    box.add_mail("hana@example.jp", "A001", "http://127.0.0.1/t#secret", "http://127.0.0.1/u/token")

    assert repr(box.newest()) == f"[Received(id=1, channel='mail', at={NOW!r})]"
