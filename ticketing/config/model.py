"""The parts of the configuration."""

from dataclasses import dataclass
from datetime import time
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal

from ticketing.config.secret import NO_SECRET, Secret
from ticketing.hall.office import Office

Network = IPv4Network | IPv6Network
MailTls = Literal["starttls", "tls", "off"]


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

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS, so that cookies may be Secure and ``__Host-``."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Database:
    """Where the journal lies."""

    #: ``sqlite:///`` and an absolute path.
    url: str

    @property
    def path(self) -> Path:
        """The file of the journal, accounts and audit."""
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
    channel_secret: Secret = NO_SECRET
    #: The basic id that visitors add as a friend, for example ``@sakura-city``.
    account: str = ""
    api_url: str = "https://api.line.me"
    timeout_seconds: int = 10
    #: Reference of the approval under which LINE receives contacts.
    approval: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.channel_access_token and self.channel_secret)


@dataclass(frozen=True, slots=True)
class Phone:
    """Calls and text messages; there are none yet."""

    enabled: bool = False

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
    master_key_file: Path
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

    def office(self, office_id: str) -> Office | None:
        return next((office for office in self.offices if office.id == office_id), None)
