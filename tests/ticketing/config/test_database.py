"""Where the data lie: a file, or PostgreSQL with a password that shows nowhere."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ticketing.config import Config
from ticketing.config.show import show

TABLE = '[database]\nurl = "{}"\n'


@pytest.mark.parametrize(
    ("written", "url", "password"),
    [
        ("postgresql://junban@db/queue", "postgresql://junban@db/queue", ""),
        ("postgresql://junban:p%40ss:w@db:5433/queue", "postgresql://junban@db:5433/queue", "p@ss:w"),
        (
            "postgresql://junban@a:1,b:2/queue?sslmode=verify-full",
            "postgresql://junban@a:1,b:2/queue?sslmode=verify-full",
            "",
        ),
        ("postgresql://junban@[::1]:5432/queue", "postgresql://junban@[::1]:5432/queue", ""),
    ],
)
def test_a_password_is_taken_out_of_the_address(
    read: Callable[[str], Config], office: str, written: str, url: str, password: str
) -> None:
    database = read(TABLE.format(written) + office).database

    assert (database.is_postgres, database.url, database.password.reveal()) == (True, url, password)


def test_a_password_may_lie_in_a_file_and_shows_nowhere(
    read: Callable[[str], Config], office: str, tmp_path: Path
) -> None:
    file = tmp_path / "database.password"
    file.write_text("hunter2\n", "utf-8")
    text = TABLE.format("postgresql://junban@db/queue") + f'password_file = "{file}"\nmost_connections = 20\n'
    config = read(text + office)

    shown = show(config)

    assert (config.database.password.reveal(), config.database.most_connections) == ("hunter2", 20)
    assert 'url = "postgresql://junban@db/queue"' in shown
    assert 'password = "***"' in shown
    assert "hunter2" not in "\n".join(shown) + repr(config)
    assert "most_connections = 20" in shown


def test_without_an_address_it_is_a_file_in_the_data_directory(read: Callable[[str], Config], office: str) -> None:
    config = read(office)

    assert not config.database.is_postgres
    assert config.database.path == config.data_dir / "junban.sqlite3"
