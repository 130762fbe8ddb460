from datetime import UTC, datetime
from pathlib import Path

import aiosmtplib
import pytest

from notifier.channels.base import Message
from notifier.channels.mail import MailChannel
from ticketing.contacts import Contact
from ticketing.demo.start import CERTIFICATE_FILE, Demo

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
CONTACT = Contact("sakura", NOW.date(), "A001", "email", "hana@example.jp", "ja", None, None, "token")


async def test_mail_arrives_over_tls(demo: Demo) -> None:
    channel = MailChannel(demo.config.mail)
    message = Message(
        text="まもなくです。\n", created_at=NOW, subject="受付番号A001", unsubscribe_url="http://city/u/x"
    )

    await channel.send(CONTACT, message, "f3b6d3a4-6b7e-4a53-9d5b-0d6a6d1f7c11", 10)

    received = demo.mailbox.newest()
    assert demo.config.mail.tls == "starttls"
    assert [(one.channel, one.to, one.subject, one.text.strip(), one.unsubscribe_url) for one in received] == [
        ("mail", "hana@example.jp", "受付番号A001", "まもなくです。", "http://city/u/x")
    ]


async def test_mail_without_tls_is_refused(demo: Demo) -> None:
    client = aiosmtplib.SMTP(hostname=demo.config.mail.host, port=demo.config.mail.port, start_tls=False)
    await client.connect()

    with pytest.raises(aiosmtplib.SMTPSenderRefused):
        await client.sendmail("a@city.example", ["hana@example.jp"], b"Subject: x\r\n\r\nx")

    client.close()
    assert demo.mailbox.newest() == []


async def test_private_key_is_not_kept(demo: Demo, tmp_path: Path) -> None:
    kept = (tmp_path / "data" / CERTIFICATE_FILE).read_text("ascii")

    assert "PRIVATE" not in kept
    assert [path.name for path in (tmp_path / "data").iterdir()] == [CERTIFICATE_FILE]


async def test_addresses_are_not_logged(demo: Demo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    message = Message(text="near", created_at=NOW, subject="A001")

    await MailChannel(demo.config.mail).send(CONTACT, message, "f3b6d3a4-6b7e-4a53-9d5b-0d6a6d1f7c11", 10)

    assert [one.to for one in demo.mailbox.newest()] == ["hana@example.jp"]
    assert "hana" not in caplog.text
