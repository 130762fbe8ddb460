"""The sections beside the offices: tables to parts."""

import ipaddress
import re
import ssl
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from ticketing.config.checks import need_approval, web_address
from ticketing.config.model import (
    Database,
    Mail,
    MailTls,
    Network,
    Notices,
    Privacy,
    Retention,
    Security,
    Server,
)
from ticketing.config.secret import Secret
from ticketing.config.table import Table

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_TLS: tuple[MailTls, ...] = ("starttls", "tls", "off")
_SQLITE, _POSTGRES = "sqlite:///", "postgresql://"


def read_server(table: Table) -> Server:
    default = Server()
    return Server(
        host=table.text("host", default.host) or default.host,
        port=table.integer("port", default.port, 0, 65_535),
        public_url=web_address(table, "public_url", default.public_url),
        trusted_proxies=tuple(_networks(table, "trusted_proxies")),
        staff_networks=tuple(_networks(table, "staff_networks")),
        service_worker=table.flag("service_worker", default.service_worker),
    )


def read_data_dir(table: Table, given: Path | None) -> Path:
    """The data directory: ``given`` on the command line, else ``data_dir``, else ``var`` where the command runs."""
    written = table.file("data_dir")
    return (given or written or Path("var")).absolute()


def read_database(table: Table, data_dir: Path) -> Database:
    url = table.text("url")
    password = table.secret("password")
    most_connections = table.integer("most_connections", Database("").most_connections, 6, 1_000)
    if url.startswith(_POSTGRES):
        return _read_postgres(table, url, password, most_connections)
    if password:
        table.refuse("password", "only a PostgreSQL database has one")
    if not url:
        return Database(f"{_SQLITE}{data_dir / 'junban.sqlite3'}", most_connections=most_connections)
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not path:
        table.refuse(
            "url",
            "must be sqlite:///FILE, or postgresql://USER@HOST:PORT/NAME, or empty for junban.sqlite3 in the data "
            "directory",
        )
    elif Path(path).name == "contacts.sqlite3":
        table.refuse("url", "contacts.sqlite3 is the file that contacts have to themselves; choose another name")
    return Database(f"{_SQLITE}{(table.reading.folder / path).absolute()}", most_connections=most_connections)


def _read_postgres(table: Table, url: str, password: Secret, most_connections: int) -> Database:
    """The password goes out of the address, so that the address can be shown."""
    rest = url.removeprefix(_POSTGRES)
    authority, slash, name = rest.partition("/")
    account, at, hosts = authority.rpartition("@")
    user, colon, written = account.partition(":")
    if not user or not hosts or not name.partition("?")[0]:
        table.refuse("url", "must name user, host and database: postgresql://USER@HOST:PORT/NAME")
    if "password=" in name:
        table.refuse("url", "must not hold the password behind the question mark; use password_file")
    if colon and password:
        table.refuse("password", "there is one in the url as well; give one of the two")
    bare = f"{_POSTGRES}{user}{at}{hosts}{slash}{name}"
    return Database(bare, Secret(unquote(written)) if colon else password, most_connections)


def read_mail(table: Table, *, is_demo: bool) -> Mail:
    default = Mail()
    mail = Mail(
        host=table.text("host"),
        port=table.integer("port", default.port, 1, 65_535),
        tls=table.choice("tls", default.tls, _TLS),
        username=table.text("username"),
        password=table.secret("password"),
        sender=table.text("sender"),
        sender_name=table.text("sender_name"),
        connections=table.integer("connections", default.connections, 1, 32),
        timeout_seconds=table.integer("timeout_seconds", default.timeout_seconds, 1, 300),
        ca_file=_authority(table, "ca_file"),
        approval=table.text("approval"),
    )
    if mail.is_on:
        _check_mail(table, mail)
        need_approval(table, mail.approval, is_demo, "the mail relay")
    return mail


def _check_mail(table: Table, mail: Mail) -> None:
    if not mail.sender:
        table.refuse("sender", "mail is on (host is set), so it needs the address it comes from")
    elif not _ADDRESS.fullmatch(mail.sender):
        table.refuse("sender", "must be a bare mail address such as junban@city.example")
    if bool(mail.username) != bool(mail.password):
        table.refuse("username", "username and password go together; one of them is missing")
    if mail.username and mail.tls == "off":
        table.refuse("tls", "without TLS the password would travel readable; use starttls or tls, or no username")


def read_notices(table: Table) -> Notices:
    default = Notices()
    return Notices(
        turn_near_minutes=table.integer("turn_near_minutes", default.turn_near_minutes, 1, 120),
        called_minutes=table.integer("called_minutes", default.called_minutes, 1, 120),
        attempts=table.integer("attempts", default.attempts, 1, 20),
    )


def read_retention(table: Table) -> Retention:
    default = Retention()
    return Retention(
        erase_at=table.time_of_day("erase_at", default.erase_at),
        journal_days=table.integer("journal_days", default.journal_days, 2, 36_500),
        access_log_days=table.integer("access_log_days", default.access_log_days, 0, 36_500),
    )


def read_security(table: Table, data_dir: Path) -> Security:
    key_dir, master, signing = (table.file(key) for key in ("key_dir", "master_key_file", "signing_key_file"))
    command = table.texts("key_command")
    if master and command:
        table.refuse("key_command", "give master_key_file or key_command, not both")
    return Security(
        key_dir=(key_dir or data_dir / "keys").absolute(),
        master_key_file=None if command else (master or data_dir / "master.key").absolute(),
        signing_key_file=(signing or data_dir / "signing.key").absolute(),
        key_command=command,
        session_hours=table.integer("session_hours", 12, 1, 168),
        tickets_per_browser_hour=table.integer("tickets_per_browser_hour", 5, 1, 1_000_000),
        tickets_per_address_hour=table.integer("tickets_per_address_hour", 60, 1, 1_000_000),
        sign_in_attempts_minute=table.integer("sign_in_attempts_minute", 10, 1, 10_000),
    )


def read_privacy(table: Table, *, needed: bool) -> Privacy:
    """Who answers for the contacts; ``needed`` when a channel that receives contacts is on."""
    privacy = Privacy(table.text("responsible"), table.texts("handlers"))
    if needed and not privacy.responsible:
        table.refuse("responsible", "contacts are collected (mail, LINE or phone is on), so name who is responsible")
    return privacy


def _networks(table: Table, key: str) -> Iterable[Network]:
    for index, text in enumerate(table.texts(key)):
        try:
            yield ipaddress.ip_network(text)
        except ValueError:
            table.refuse(f"{key}[{index}]", _network_problem(text))


def _network_problem(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return f"{text!r} is not a network such as 10.1.0.0/16"
    return f"{text!r} has bits behind its mask; is it {network}?"


def _authority(table: Table, key: str) -> Path | None:
    """A file with certificates."""
    path = table.file(key)
    if path and not path.is_file():
        table.refuse(key, f"there is no file {path}")
    elif path:
        try:
            ssl.create_default_context(cafile=path)
        except OSError:
            table.refuse(key, f"{path} cannot be read, or holds no certificate in PEM")
    return path.absolute() if path else None
