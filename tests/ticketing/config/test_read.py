from collections.abc import Callable
from datetime import date, time
from ipaddress import ip_network
from pathlib import Path

import pytest
import trustme

from ticketing.config import (
    Config,
    ConfigError,
    Database,
    Line,
    Mail,
    Notices,
    Phone,
    Privacy,
    Problem,
    Retention,
    Secret,
    Security,
    Server,
    read_config,
)
from ticketing.config.model import Slip
from ticketing.hall.office import Counter, Office, Series, Service

SECTIONS = """
[server]
host = "::"
port = 8443
public_url = "https://junban.city.example/"
trusted_proxies = ["10.1.0.4/32"]
staff_networks = ["10.0.0.0/8", "fd00::/8"]
[database]
data_dir = "/srv/junban"
url = "sqlite:///journal.sqlite3"
[mail]
host = "relay.city.example"
port = 465
tls = "tls"
username = "junban"
password_file = "mail.secret"
sender = "junban@city.example"
sender_name = "窓口案内"
connections = 6
timeout_seconds = 5
ca_file = "ca.pem"
approval = "2026-17"
[line]
channel_access_token = "token"
channel_secret_file = "line.secret"
account = "@sakura-city"
api_url = "http://127.0.0.1:9000"
timeout_seconds = 3
approval = "2026-18"
[notices]
turn_near_minutes = 8
called_minutes = 4
attempts = 3
[retention]
erase_at = 01:30:00
journal_days = 60
access_log_days = 7
[security]
key_dir = "keys"
master_key_file = "/etc/junban/master.key"
signing_key_file = "records.key"
session_hours = 8
tickets_per_browser_hour = 2
tickets_per_address_hour = 20
sign_in_attempts_minute = 5
[privacy]
responsible = "区民課長"
handlers = ["区民課"]
"""

HALL = Office(
    id="hall",
    names={"ja": "役所", "en": "Hall"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(Service("papers", {"ja": "証明", "en": "Papers"}, "a"),),
    counters=(Counter("1", "1", ("papers",)),),
)


def test_read_config_of_an_office_alone_takes_every_default(
    read: Callable[[str], Config], office: str, tmp_path: Path
) -> None:
    config = read(office)

    data = tmp_path / "data"
    assert config == Config(
        data_dir=data,
        database=Database(f"sqlite:///{data}/junban.sqlite3"),
        security=Security(data / "keys", data / "master.key", data / "signing.key"),
        offices=(HALL,),
        slips={HALL.id: Slip()},
    )
    assert (config.mail.is_on, config.line.is_on, config.phone.is_on, config.server.is_secure) == (False,) * 4


def test_read_config_takes_every_key(read: Callable[[str], Config], office: str, tmp_path: Path) -> None:
    (tmp_path / "mail.secret").write_text("hunter2\n")
    (tmp_path / "line.secret").write_text("s3cret")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    config = read(SECTIONS + office)

    assert config == Config(
        data_dir=tmp_path / "data",
        database=Database(f"sqlite:///{tmp_path}/journal.sqlite3"),
        server=Server(
            "::",
            8443,
            "https://junban.city.example",
            (ip_network("10.1.0.4/32"),),
            (ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
        ),
        mail=Mail(
            "relay.city.example",
            465,
            "tls",
            "junban",
            Secret("hunter2"),
            "junban@city.example",
            "窓口案内",
            6,
            5,
            tmp_path / "ca.pem",
            "2026-17",
        ),
        line=Line(
            channel_access_token=Secret("token"),
            channel_secret=Secret("s3cret"),
            account="@sakura-city",
            api_url="http://127.0.0.1:9000",
            timeout_seconds=3,
            approval="2026-18",
        ),
        phone=Phone(),
        notices=Notices(8, 4, 3),
        retention=Retention(time(1, 30), 60, 7),
        security=Security(tmp_path / "keys", Path("/etc/junban/master.key"), tmp_path / "records.key", (), 8, 2, 20, 5),
        privacy=Privacy("区民課長", ("区民課",)),
        offices=(HALL,),
        slips={HALL.id: Slip()},
    )
    assert (config.mail.is_on, config.line.is_on, config.server.is_secure) == (True, True, True)
    assert config.database.contacts_path == tmp_path / "contacts.sqlite3"


def test_read_config_takes_the_data_directory_of_the_file_unless_another_is_given(tmp_path: Path, office: str) -> None:
    file = tmp_path / "junban.toml"
    file.write_text('[database]\ndata_dir = "here"\n' + office, encoding="utf-8")

    dirs = [read_config(file, given).data_dir for given in (None, Path("/srv/other"))]

    assert dirs == [tmp_path / "here", Path("/srv/other")]


def test_read_config_without_a_data_directory_takes_var_in_the_working_directory(
    tmp_path: Path, office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "junban.toml").write_text(office, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    config = read_config(Path("etc/junban.toml"), None)

    assert config.data_dir == tmp_path / "var"


def test_read_config_collects_every_problem_in_the_order_of_reading(
    problems: Callable[[str], list[str]], office: str
) -> None:
    text = '[server]\nport = "8000"\nhots = "x"\n[cloud]\n' + office.replace('series = "a"', 'series = "x"')

    assert problems(text) == [
        "server.port: must be a whole number, not text",
        "office[0].service[0].series: there is no series 'x'",
        "cloud: there is no such key",
        "server.hots: there is no such key; is it host?",
    ]


def test_read_config_without_an_office_is_refused(problems: Callable[[str], list[str]]) -> None:
    assert problems("") == ["office: there is none; describe at least one under [[office]]"]


def test_read_config_of_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_config(tmp_path / "none.toml", None)

    assert refused.value.problems == [Problem(str(tmp_path / "none.toml"), "cannot be read: No such file or directory")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"port", "is not TOML: Expected '=' after a key in a key/value pair (at end of document)"),
    ],
)
def test_read_config_of_something_else_than_toml_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "junban.toml"
    file.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        read_config(file, None)

    assert refused.value.problems == [Problem(str(file), message)]


def test_read_config_takes_what_a_windows_editor_saves(
    tmp_path: Path, read: Callable[[str], Config], office: str
) -> None:
    file = tmp_path / "windows.toml"
    file.write_bytes(b"\xef\xbb\xbf" + office.replace("\n", "\r\n").encode())

    config = read_config(file, tmp_path / "data", today=date(2026, 11, 20))

    assert config == read(office)
