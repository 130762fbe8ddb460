"""A file to a Config."""

import tomllib
from datetime import date
from pathlib import Path

from ticketing.clock import SystemClock
from ticketing.config.line import check_line_texts, read_line
from ticketing.config.model import Config
from ticketing.config.office import LANGUAGES, read_offices
from ticketing.config.phone import read_phone
from ticketing.config.printing import read_slips
from ticketing.config.problems import ConfigError, Problem
from ticketing.config.sections import (
    read_data_dir,
    read_database,
    read_mail,
    read_notices,
    read_privacy,
    read_retention,
    read_security,
    read_server,
)
from ticketing.config.table import Reading, Table

DEMO_FILE = Path(__file__).parents[1] / "demo" / "office.toml"


def read_config(path: Path | None, data_dir: Path | None, *, today: date | None = None) -> Config:
    """The configuration in a file, or the demonstration office's.

    Args:
        path: the TOML file; None: the demonstration office.
        data_dir: goes before the file's own ``data_dir``; None for both: ``var`` in the working directory.
        today: holidays are resolved for the year before, this year and the next; the present day by default.

    Raises:
        ConfigError: the file or a secret's file cannot be read, or something in it is wrong; it holds every problem.
    """
    is_demo = path is None
    file = (path or DEMO_FILE).absolute()
    reading = Reading(folder=Path.cwd() if is_demo else file.parent)
    root = Table(_load(file), "", reading)
    year = (today or SystemClock().now().date()).year
    config = _read(root, data_dir, range(year - 1, year + 2), is_demo=is_demo)
    root.finish()
    if reading.problems:
        raise ConfigError(reading.problems)
    return config


def _read(root: Table, given: Path | None, years: range, *, is_demo: bool) -> Config:
    database = root.table("database")
    data_dir = read_data_dir(database, given)
    mail = read_mail(root.table("mail"), is_demo=is_demo)
    line_table = root.table("line")
    line = read_line(line_table, is_demo=is_demo)
    phone = read_phone(root.table("phone"), is_demo=is_demo)
    offices = root.tables("office")
    if not offices and root.value("office") in (None, []):
        root.refuse("office", "there is none; describe at least one under [[office]]")
    config = Config(
        data_dir=data_dir,
        is_demo=is_demo,
        server=read_server(root.table("server")),
        database=read_database(database, data_dir),
        mail=mail,
        line=line,
        phone=phone,
        notices=read_notices(root.table("notices")),
        retention=read_retention(root.table("retention")),
        security=read_security(root.table("security"), data_dir),
        privacy=read_privacy(root.table("privacy"), needed=(mail.is_on or line.is_on or phone.is_on) and not is_demo),
        offices=read_offices(offices, years),
        slips=read_slips(offices, LANGUAGES),
    )
    check_line_texts(line_table, config.line, config.offices)
    return config


def _load(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise ConfigError([Problem(str(file), f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(str(file), "is not UTF-8 text")]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Problem(str(file), f"is not TOML: {error}")]) from error
