"""Which key directory goes with a database that several nodes share: each has a mark, and they must be the same.

A node with another one would issue links that the others do not know, and erase days whose keys live on elsewhere.
"""

import secrets
from pathlib import Path

from ticketing import key_files
from ticketing.keys import KeyFileError
from ticketing.storage.database import Database, Row, Steps

#: In the key directory: random, no secret.
MARK = "directory.id"
_MARK_BYTES = 16


async def check_key_place(contacts_file: Database, key_dir: Path) -> None:
    """The first node decides which directory it is. Raises KeyFileError when this is another one."""
    here, kept = _read(key_dir), await contacts_file.fetch_one("SELECT mark FROM key_directory")
    if kept is None:
        here = here or _make(key_dir)
        kept = await contacts_file.carry_out(_keep(here))
    if here != kept["mark"]:
        raise KeyFileError(
            f"The key directory {key_dir} is not the one that belongs to this database: "
            f"its mark is {here or 'missing'}, and the other nodes' is {kept['mark']}. "
            "Let [security] key_dir name the directory that all nodes share; if that one is lost for good, run "
            "junban keys adopt."
        )


async def adopt_key_place(contacts_file: Database, key_dir: Path) -> str:
    """From now on this is the directory; its mark. Raises KeyFileError."""
    here = _read(key_dir) or _make(key_dir)
    async with contacts_file.transaction() as connection:
        await connection.execute("DELETE FROM key_directory")
        await connection.execute("INSERT INTO key_directory (id, mark) VALUES (1, ?)", (here,))
    return here


def _keep(mark: str) -> Steps[Row]:
    yield "INSERT INTO key_directory (id, mark) VALUES (1, ?) ON CONFLICT DO NOTHING", (mark,)
    return (yield "SELECT mark FROM key_directory", ())[0]


def _read(key_dir: Path) -> str | None:
    try:
        return (key_dir / MARK).read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"The file {key_dir / MARK} cannot be read: {error}.") from None


def _make(key_dir: Path) -> str:
    """Of two nodes that make it at once the first one wins."""
    try:
        key_files.make_directory(key_dir)
        key_files.create(key_dir / MARK, secrets.token_hex(_MARK_BYTES).encode() + b"\n")
    except OSError as error:
        raise KeyFileError(f"The file {key_dir / MARK} cannot be made: {error.strerror}.") from None
    return _read(key_dir) or ""
