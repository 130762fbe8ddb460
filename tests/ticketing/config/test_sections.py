from collections.abc import Callable
from pathlib import Path

import pytest

from ticketing.config import Config

MAIL = '[privacy]\nresponsible = "X"\n[mail]\nhost = "relay"\nsender = "a@city.example"\napproval = "1"\n'
_URL = "must be http:// or https:// with a host and perhaps a port, in small ASCII letters, without a path"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[server]\nport = 65536", "server.port: 65536 must be from 0 to 65535"),
        ("[server]\nport = true", "server.port: must be a whole number, not true or false"),
        ("[server]\nport = 80.5", "server.port: must be a whole number, not a number with a point"),
        ("[server]\nhost = 1", "server.host: must be text in quotes, not a number"),
        ('[server]\nhost = "a\\nb"', "server.host: must be on one line, without control characters"),
        ("server = 1", "server: must be a table, not a number"),
        ('[server]\npublic_url = "ftp://a"', f"server.public_url: {_URL}"),
        ('[server]\npublic_url = "https://a/b"', f"server.public_url: {_URL}"),
        ('[server]\npublic_url = "https://a?b"', f"server.public_url: {_URL}"),
        ('[server]\npublic_url = "https://me@a"', f"server.public_url: {_URL}"),
        ('[server]\npublic_url = "https://a:x"', f"server.public_url: {_URL}"),
        ('[server]\npublic_url = "https://"', f"server.public_url: {_URL}"),
        ('[server]\npublic_url = ""', f"server.public_url: {_URL}"),
        (
            '[server]\ntrusted_proxies = ["10.0.0.0/8", "proxy"]',
            "server.trusted_proxies[1]: 'proxy' is not a network such as 10.1.0.0/16",
        ),
        (
            '[server]\nstaff_networks = ["10.1.2.3/8"]',
            "server.staff_networks[0]: '10.1.2.3/8' has bits behind its mask; is it 10.0.0.0/8?",
        ),
        (
            '[server]\nstaff_networks = "10.0.0.0/8"',
            'server.staff_networks: must be a list, such as ["a", "b"], not text',
        ),
        (
            '[database]\nurl = "postgresql://db/junban"',
            "database.url: must name user, host and database: postgresql://USER@HOST:PORT/NAME",
        ),
        (
            '[database]\nurl = "postgresql://junban@db/junban?password=x"',
            "database.url: must not hold the password behind the question mark; use password_file",
        ),
        (
            '[database]\nurl = "postgresql://junban:x@db/junban"\npassword = "y"',
            "database.password: there is one in the url as well; give one of the two",
        ),
        ('[database]\npassword = "y"', "database.password: only a PostgreSQL database has one"),
        (
            "[database]\nmost_connections = 5",
            "database.most_connections: 5 must be from 6 to 1000",
        ),
        (
            '[database]\nurl = "junban.db"',
            "database.url: must be sqlite:///FILE, or postgresql://USER@HOST:PORT/NAME, or empty for junban.sqlite3 in "
            "the data directory",
        ),
        (
            '[database]\nurl = "sqlite:///contacts.sqlite3"',
            "database.url: contacts.sqlite3 is the file that contacts have to themselves; choose another name",
        ),
        ("[phone]\nenabled = 1", "phone.enabled: must be true or false, not a number"),
        ('[retention]\nerase_at = "24:10"', "retention.erase_at: must be a time of day such as \"00:10\", not '24:10'"),
        ("[retention]\njournal_days = 0", "retention.journal_days: 0 must be from 2 to 36500"),
        ("[notices]\nattempts = 0", "notices.attempts: 0 must be from 1 to 20"),
        ("[security]\nsession_hours = 0", "security.session_hours: 0 must be from 1 to 168"),
        ('[privacy]\nhandlers = ["a", ""]', "privacy.handlers[1]: must not be empty"),
        ("[privacy]\nhandlers = [1]", "privacy.handlers[0]: must be text in quotes, not a number"),
    ],
)
def test_a_wrong_value_is_refused_at_its_path(
    problems: Callable[[str], list[str]], office: str, text: str, problem: str
) -> None:
    assert problems(text + "\n" + office) == [problem]


@pytest.mark.parametrize(
    ("replaced", "by", "problem"),
    [
        (
            'sender = "a@city.example"\n',
            "",
            "mail.sender: mail is on (host is set), so it needs the address it comes from",
        ),
        (
            'approval = "1"\n',
            'approval = " "\n',
            "mail.approval: must not be blank",
        ),
        ("[mail]\n", '[mail]\nca_file = "none.pem"\n', "mail.ca_file: there is no file {folder}/none.pem"),
        (
            "[mail]\n",
            '[mail]\nca_file = "junban.toml"\n',
            "mail.ca_file: {folder}/junban.toml cannot be read, or holds no certificate in PEM",
        ),
        ("a@city.example", "A <a@b>", "mail.sender: must be a bare mail address such as junban@city.example"),
        (
            'approval = "1"\n',
            "",
            "mail.approval: the mail relay receives contacts, so name the approval under which it may",
        ),
        (
            "[mail]\n",
            '[mail]\nusername = "u"\n',
            "mail.username: username and password go together; one of them is missing",
        ),
        (
            "[mail]\n",
            '[mail]\nusername = "u"\npassword = "p"\ntls = "off"\n',
            "mail.tls: without TLS the password would travel readable; use starttls or tls, or no username",
        ),
        ("[mail]\n", '[mail]\ntls = "maybe"\n', "mail.tls: 'maybe' is not one of 'starttls', 'tls', 'off'"),
        ("[mail]\n", "[mail]\nport = 0\n", "mail.port: 0 must be from 1 to 65535"),
        ("[mail]\n", "[mail]\nconnections = 0\n", "mail.connections: 0 must be from 1 to 32"),
        ("[mail]\n", "[mail]\nconnections = 33\n", "mail.connections: 33 must be from 1 to 32"),
        (
            'responsible = "X"',
            "",
            "privacy.responsible: contacts are collected (mail, LINE or phone is on), so name who is responsible",
        ),
    ],
)
def test_mail_that_could_not_or_must_not_be_sent_is_refused(
    problems: Callable[[str], list[str]], office: str, tmp_path: Path, replaced: str, by: str, problem: str
) -> None:
    assert problems(MAIL.replace(replaced, by) + office) == [problem.format(folder=tmp_path)]


def test_mail_through_a_relay_on_this_machine_needs_neither_tls_nor_account(
    read: Callable[[str], Config], office: str
) -> None:
    config = read(MAIL + 'tls = "off"\n' + office)

    assert (config.mail.is_on, config.mail.tls, config.mail.username) == (True, "off", "")


def test_a_master_key_comes_from_a_file_or_a_command(
    read: Callable[[str], Config], problems: Callable[[str], list[str]], office: str, tmp_path: Path
) -> None:
    command = '[security]\nkey_command = ["/bin/vault", "get"]\n'

    config = read(command + office)

    assert (config.security.master_key_file, config.security.key_command) == (None, ("/bin/vault", "get"))
    assert config.security.signing_key_file == tmp_path / "data" / "signing.key"
    assert problems(command + 'master_key_file = "master.key"\n' + office) == [
        "security.key_command: give master_key_file or key_command, not both"
    ]


def test_a_secret_file_that_cannot_be_read_stops(
    problems: Callable[[str], list[str]], office: str, tmp_path: Path
) -> None:
    text = '[mail]\npassword_file = "none"\n' + office

    assert problems(text) == [f"mail.password_file: {tmp_path}/none cannot be read: No such file or directory"]


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"x" * 20_000])
def test_a_secret_file_without_one_secret_stops(
    problems: Callable[[str], list[str]], office: str, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "secret").write_bytes(content)

    assert problems('[mail]\npassword_file = "secret"\n' + office) == [
        f"mail.password_file: {tmp_path}/secret must hold the secret alone, on one line"
    ]


def test_a_secret_file_that_is_not_text_stops(
    problems: Callable[[str], list[str]], office: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\x00")

    assert problems('[mail]\npassword_file = "secret"\n' + office) == [
        f"mail.password_file: {tmp_path}/secret cannot be read: it is not UTF-8 text"
    ]


def test_a_secret_given_twice_is_refused_without_being_repeated(
    problems: Callable[[str], list[str]], office: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("hunter2")

    assert problems('[mail]\npassword = "hunter2"\npassword_file = "secret"\n' + office) == [
        "mail.password_file: give password or password_file, not both"
    ]
