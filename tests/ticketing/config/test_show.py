from collections.abc import Callable
from datetime import date
from pathlib import Path

from ticketing.config import Config, read_config
from ticketing.config.show import fingerprint, show

SECRETS = """
[privacy]
responsible = "X"
[mail]
host = "relay"
username = "u"
password = "hunter2"
sender = "a@city.example"
approval = "1"
[line]
channel_access_token = "hunter2"
channel_secret = "hunter2"
account = "@hall"
approval = "1"
"""
HOURS = """
[office.hours]
mon = "08:30-17:15"
tue = "08:30-17:15"
wed = ["08:30-12:00", "13:00-19:00"]
thu = "08:30-17:15"
fri = "08:30-17:15"
sat = "closed"
sun = "closed"
holidays = "JP"
"""


def test_show_hides_every_secret(read: Callable[[str], Config], office: str) -> None:
    config = read(SECRETS + office)

    shown = show(config)

    assert [line for line in shown if "***" in line] == [
        'password = "***"',
        'channel_access_token = "***"',
        'channel_secret = "***"',
    ]
    assert config.mail.password.reveal() == "hunter2"
    assert "hunter2" not in "\n".join(shown) + repr(config) + str(config)


def test_show_can_be_read_again(read: Callable[[str], Config], office: str, tmp_path: Path) -> None:
    web = 'series = "a"\nweb.hours = { mon = "09:30-16:00" }\nweb.quota = 5'
    text = office.replace('series = "a"', web).replace("[[office.series]]", HOURS + "[[office.series]]")
    config = read(text)

    again = read("\n".join(show(config)))

    assert again == config


def test_show_of_the_demonstration_can_be_read_again(read: Callable[[str], Config], tmp_path: Path) -> None:
    demo = read_config(None, tmp_path / "data", today=date(2026, 11, 20))

    assert read("\n".join(show(demo))).offices == demo.offices


def test_show_starts_with_the_server(read: Callable[[str], Config], office: str) -> None:
    assert show(read(office))[:8] == [
        "[server]",
        'host = "127.0.0.1"',
        "port = 8000",
        'public_url = "http://127.0.0.1:8000"',
        "trusted_proxies = []",
        "staff_networks = []",
        "service_worker = true",
        "",
    ]


def test_fingerprint_changes_with_the_configuration_and_not_with_a_secret(
    read: Callable[[str], Config], office: str
) -> None:
    first = fingerprint(read(SECRETS + office))
    other_secret = fingerprint(read(SECRETS.replace("hunter2", "hunter3") + office))
    other_host = fingerprint(read(SECRETS.replace("relay", "relay2") + office))

    assert (len(first), first == other_secret, first == other_host) == (16, True, False)
