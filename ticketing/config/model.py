"""The parts of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, get_args

from ticketing.config.secret import NO_SECRET, Secret
from ticketing.hall.office import Office
from ticketing.line_texts import LINE_TEXTS, LineTexts

Network = IPv4Network | IPv6Network
MailTls = Literal["starttls", "tls", "off"]
PrinterKind = Literal["browser", "escpos", "cloudprnt", "epson"]
PRINTER_KINDS: tuple[PrinterKind, ...] = get_args(PrinterKind)


@dataclass(frozen=True, slots=True)
class Server:
    """Where Junban listens and who may come how."""

    host: str = "127.0.0.1"
    port: int = 8000
    #: Scheme, host and port that browsers use; no path, no slash at the end.
    public_url: str = "http://127.0.0.1:8000"
    #: Peers whose X-Forwarded-For and -Proto are believed.
    trusted_proxies: tuple[Network, ...] = ()
    #: Networks that staff pages answer to; empty: any.
    staff_networks: tuple[Network, ...] = ()
    #: Whether browsers keep pages for a start without the server; off removes what they have kept.
    service_worker: bool = True

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS, so that cookies may be Secure and ``__Host-``."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Database:
    """Where the data lie."""

    #: ``sqlite:///`` and an absolute path, or ``postgresql://`` without its password.
    url: str
    password: Secret = NO_SECRET
    #: To PostgreSQL, of one process.
    most_connections: int = 12

    @property
    def is_postgres(self) -> bool:
        return self.url.startswith("postgresql://")

    @property
    def path(self) -> Path:
        """The file of the journal, accounts and audit."""
        assert not self.is_postgres, "the data lie in no file of ours"
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def contacts_path(self) -> Path:
        """The file of the contacts and notices, beside the journal's."""
        return self.path.with_name("contacts.sqlite3")


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail relay."""

    #: Empty: no mail is sent.
    host: str = ""
    port: int = 587
    tls: MailTls = "starttls"
    username: str = ""
    password: Secret = NO_SECRET
    sender: str = ""
    sender_name: str = ""
    #: Connections to the relay that are kept, and messages on their way to it at the same time.
    connections: int = 4
    timeout_seconds: int = 20
    #: None: the machine's own list of certificate authorities.
    ca_file: Path | None = None
    #: Reference of the approval under which the relay receives contacts.
    approval: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.host)


@dataclass(frozen=True, slots=True)
class Line:
    """The LINE account."""

    channel_access_token: Secret = NO_SECRET
    #: Signs the webhooks of the channel.
    channel_secret: Secret = NO_SECRET
    #: While the channel's secret is changed: both are good.
    next_channel_secret: Secret = NO_SECRET
    #: Signs what another system of the city passes on, where the channel's secret is not shared.
    relay_secret: Secret = NO_SECRET
    #: The LIFF app that opens ``/line``, and the LINE Login channel that its ID tokens are made out to.
    liff_id: str = ""
    login_channel_id: str = ""
    liff_sdk_url: str = "https://static.line-scdn.net/liff/edge/2/sdk.js"
    #: The basic id that visitors add as a friend, for example ``@sakura-city``.
    account: str = ""
    api_url: str = "https://api.line.me"
    timeout_seconds: int = 10
    #: Reference of the approval under which LINE receives contacts.
    approval: str = ""
    #: By language and kind of notice, with ``{address}`` for the bare public address.
    texts: LineTexts = field(default_factory=lambda: LINE_TEXTS)

    @property
    def is_on(self) -> bool:
        """Messages can be sent, and there is a way in."""
        return bool(self.channel_access_token) and (self.has_webhook or self.has_liff)

    @property
    def has_webhook(self) -> bool:
        return bool(self.channel_secret or self.relay_secret)

    @property
    def has_liff(self) -> bool:
        return bool(self.liff_id and self.login_channel_id)

    @property
    def webhook_secrets(self) -> tuple[Secret, ...]:
        """Any of them may have signed a webhook."""
        return tuple(each for each in (self.channel_secret, self.next_channel_secret, self.relay_secret) if each)


@dataclass(frozen=True, slots=True)
class Gateway:
    """One HTTP request that makes a provider send a message or call a number."""

    #: Empty: there is no such gateway.
    url: str = ""
    #: What messages come from, for ``{sender}``; the provider gives it out.
    sender: str = ""
    username: str = ""
    password: Secret = NO_SECRET
    token: Secret = NO_SECRET
    #: Statuses of its answers, each ``200`` or ``200-299``. Taken: it will send.
    accepted: tuple[str, ...] = ("200-299",)
    #: Not taken, and may be asked again.
    again: tuple[str, ...] = ("408", "425", "429", "503")
    #: Not taken, and no repetition changes that. Whatever is in none of the three leaves open whether it will send.
    final: tuple[str, ...] = ("300-499",)
    #: Send again when it is open whether it was sent: only for a provider that knows a repetition by its key.
    retry_unknown: bool = False
    #: Where in a JSON answer an error's code stands, such as ``error.code``; empty: nowhere.
    error_field: str = ""
    #: Templates, see ``ticketing.phone_template``. Either ``form`` or ``json`` is the body.
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        return bool(self.url)


@dataclass(frozen=True, slots=True)
class Phone:
    """Text messages and spoken calls, through a provider's gateway."""

    enabled: bool = False
    #: As the consent names it.
    provider: str = ""
    #: Reference of the approval under which the provider receives contacts.
    approval: str = ""
    #: Countries (ISO 3166) whose numbers are taken; the first one's may be written without its code.
    countries: tuple[str, ...] = ("JP",)
    #: Messages a business day, in all offices together.
    most_per_day: int = 300
    #: Messages a business day to one number from one office.
    most_per_number: int = 10
    #: Numbers that may be registered in an hour from one address.
    registrations_per_address_hour: int = 20
    timeout_seconds: int = 15
    sms: Gateway = Gateway()
    voice: Gateway = Gateway()

    @property
    def is_on(self) -> bool:
        return self.enabled


@dataclass(frozen=True, slots=True)
class Notices:
    """How long a notice is worth sending, and how often it is tried."""

    turn_near_minutes: int = 10
    called_minutes: int = 5
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept."""

    #: Local time of the office at which a closed day's contacts are erased.
    erase_at: time = time(0, 10)
    journal_days: int = 400
    #: 0: no access log.
    access_log_days: int = 0


@dataclass(frozen=True, slots=True)
class Security:
    """Keys, sessions and limits."""

    key_dir: Path
    #: None: the master key comes from the command.
    master_key_file: Path | None
    #: Signs the erasure records.
    signing_key_file: Path
    #: A program and its arguments that prints the master key; empty: there is a file.
    key_command: tuple[str, ...] = ()
    session_hours: int = 12
    tickets_per_browser_hour: int = 5
    tickets_per_address_hour: int = 60
    sign_in_attempts_minute: int = 10


@dataclass(frozen=True, slots=True)
class Privacy:
    """Who answers for the contacts; printed on records and certificates."""

    responsible: str = ""
    handlers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Printer:
    """One printer of an office."""

    id: str
    #: ``browser``: the kiosk's own; ``escpos``: reached over the network; the others fetch their jobs over HTTP.
    kind: PrinterKind
    #: Of the paper roll: 80 or 58.
    width_mm: int = 80
    #: Ids of the kiosks that print on it; empty: all that no other printer names.
    kiosks: tuple[str, ...] = ()
    #: A slip that has not left for the printer by then is not printed any more.
    wait_seconds: int = 10
    host: str = ""
    port: int = 9100
    #: Whether an escpos printer answers questions, so that it is known what became of a slip.
    has_status: bool = True
    #: What a fetching printer proves itself with.
    token: Secret = NO_SECRET

    @property
    def is_fetching(self) -> bool:
        return self.kind in ("cloudprnt", "epson")

    @property
    def confirms(self) -> bool:
        """Whether it tells when a slip is printed."""
        return self.is_fetching or (self.kind == "escpos" and self.has_status)


@dataclass(frozen=True, slots=True)
class Slip:
    """The paper slips of an office."""

    #: The small print, by language; where there is none, our own.
    note: Mapping[str, str] = field(default_factory=dict)
    printers: tuple[Printer, ...] = ()

    def printer(self, printer_id: str) -> Printer | None:
        return next((printer for printer in self.printers if printer.id == printer_id), None)


#: Of an office that prints nothing.
NO_SLIP = Slip()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured."""

    data_dir: Path
    database: Database
    security: Security
    offices: tuple[Office, ...]
    is_demo: bool = False
    server: Server = Server()
    mail: Mail = Mail()
    line: Line = Line()
    phone: Phone = Phone()
    notices: Notices = Notices()
    retention: Retention = Retention()
    privacy: Privacy = Privacy()
    #: By office; one that is not here prints nothing.
    slips: Mapping[str, Slip] = field(default_factory=dict)

    def slip(self, office_id: str) -> Slip:
        return self.slips.get(office_id, NO_SLIP)

    def office(self, office_id: str) -> Office | None:
        return next((office for office in self.offices if office.id == office_id), None)
