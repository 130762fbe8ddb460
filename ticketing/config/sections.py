"""The sections beside the offices: tables to parts."""

import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from ticketing.config.model import (
    Database,
    Line,
    Mail,
    MailTls,
    Network,
    Notices,
    Phone,
    Privacy,
    Retention,
    Security,
    Server,
)
from ticketing.config.table import Table

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_BASIC_ID = re.compile(r"@[A-Za-z0-9._-]{1,30}")
_TLS: tuple[MailTls, ...] = ("starttls", "tls", "off")
_SQLITE = "sqlite:///"


def read_server(table: Table) -> Server:
    default = Server()
    return Server(
        host=table.text("host", default.host) or default.host,
        port=table.integer("port", default.port, 0, 65_535),
        public_url=_web_address(table, "public_url", default.public_url),
        trusted_proxies=tuple(_networks(table, "trusted_proxies")),
        staff_networks=tuple(_networks(table, "staff_networks")),
    )


def read_data_dir(table: Table, given: Path | None) -> Path:
    """The data directory: ``given`` on the command line, else ``data_dir``, else ``var`` where the command runs."""
    written = table.file("data_dir")
    return (given or written or Path("var")).absolute()


def read_database(table: Table, data_dir: Path) -> Database:
    url = table.text("url")
    if not url:
        return Database(f"{_SQLITE}{data_dir / 'junban.sqlite3'}")
    path = url.removeprefix(_SQLITE)
    if url.startswith(("postgresql:", "postgres:")):
        table.refuse("url", "PostgreSQL is not supported yet; use sqlite:///FILE, or leave it empty")
    elif not url.startswith(_SQLITE) or not path:
        table.refuse("url", "must be sqlite:///FILE, or empty for junban.sqlite3 in the data directory")
    elif Path(path).name == "contacts.sqlite3":
        table.refuse("url", "contacts.sqlite3 is the file that contacts have to themselves; choose another name")
    return Database(f"{_SQLITE}{(table.reading.folder / path).absolute()}")


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
        timeout_seconds=table.integer("timeout_seconds", default.timeout_seconds, 1, 300),
        ca_file=_existing(table, "ca_file"),
        approval=table.text("approval"),
    )
    if mail.is_on:
        _check_mail(table, mail)
        _need_approval(table, mail.approval, is_demo, "the mail relay")
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


def read_line(table: Table, *, is_demo: bool) -> Line:
    default = Line()
    line = Line(
        channel_access_token=table.secret("channel_access_token"),
        channel_secret=table.secret("channel_secret"),
        account=table.text("account"),
        api_url=_web_address(table, "api_url", default.api_url),
        timeout_seconds=table.integer("timeout_seconds", default.timeout_seconds, 1, 60),
        approval=table.text("approval"),
    )
    if bool(line.channel_access_token) != bool(line.channel_secret):
        missing = "channel_secret" if line.channel_access_token else "channel_access_token"
        table.refuse(missing, "LINE needs both channel_access_token and channel_secret; this one is missing")
    if line.is_on:
        _check_line(table, line)
        _need_approval(table, line.approval, is_demo, "LINE")
    return line


def _check_line(table: Table, line: Line) -> None:
    if not _BASIC_ID.fullmatch(line.account):
        table.refuse("account", "LINE is on, so visitors need its basic id, such as @sakura-city")
    url = urlsplit(line.api_url)
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        table.refuse("api_url", "must be https, or the token would travel readable")


def _need_approval(table: Table, approval: str, is_demo: bool, receiver: str) -> None:
    if not approval and not is_demo:
        table.refuse("approval", f"{receiver} receives contacts, so name the approval under which it may")


def read_phone(table: Table) -> Phone:
    if table.flag("enabled", False):
        table.refuse("enabled", "calls and text messages are not supported yet; leave it false")
    return Phone()


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
    key_dir, master = table.file("key_dir"), table.file("master_key_file")
    return Security(
        key_dir=(key_dir or data_dir / "keys").absolute(),
        master_key_file=(master or data_dir / "master.key").absolute(),
        session_hours=table.integer("session_hours", 12, 1, 168),
        tickets_per_browser_hour=table.integer("tickets_per_browser_hour", 5, 1, 1_000_000),
        tickets_per_address_hour=table.integer("tickets_per_address_hour", 60, 1, 1_000_000),
        sign_in_attempts_minute=table.integer("sign_in_attempts_minute", 10, 1, 10_000),
    )


def read_privacy(table: Table, *, needed: bool) -> Privacy:
    """Who answers for the contacts; ``needed`` when a channel that receives contacts is on."""
    privacy = Privacy(table.text("responsible"), table.texts("handlers"))
    if needed and not privacy.responsible:
        table.refuse("responsible", "contacts are collected (mail or LINE is on), so name who is responsible for them")
    return privacy


def _web_address(table: Table, key: str, default: str) -> str:
    """Scheme, host and port; a slash at the end is dropped."""
    text = table.text(key, default).removesuffix("/")
    try:
        url = urlsplit(text)
        is_bare = f"{url.scheme}://{url.netloc}" == text and url.username is None and url.port != 0
        is_good = is_bare and url.scheme in ("http", "https") and bool(url.hostname) and " " not in text
    except ValueError:
        is_good = False
    if not is_good:
        table.refuse(
            key, "must be http:// or https:// with a host and perhaps a port, in small letters, without a path"
        )
    return text if is_good else default


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


def _existing(table: Table, key: str) -> Path | None:
    path = table.file(key)
    if path and not path.is_file():
        table.refuse(key, f"there is no file {path}")
    return path.absolute() if path else None
