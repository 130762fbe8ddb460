"""Copies of the main file while it is in use, and back again; without what must not be usable in a copy."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ticketing.storage.migrations import Schema

#: What a copy does not hold: a signed-in browser or an unused invitation must not live in two places.
NOT_COPIED = ("sessions", "enrolments")


class CopyFailed(Exception):
    """The copy cannot be made; the message says why and names the file."""


def copy_database(source: Path, target: Path) -> None:
    """Copy a database to a new file, whole and on the disk on return; others may write to the source meanwhile.

    Raises FileExistsError, CopyFailed when it is no database of ours, OSError, sqlite3.Error.
    """
    address = f"{source.absolute().as_uri()}?mode=ro"
    with new_copy(target) as draft, closing(sqlite3.connect(address, uri=True)) as reading:
        _check(source, reading)
        with closing(sqlite3.connect(draft, isolation_level=None)) as writing:
            reading.backup(writing)
            finished_copy(writing)


def _check(source: Path, reading: sqlite3.Connection) -> None:
    try:
        (version,) = reading.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError:
        raise CopyFailed(f"{source} is no database, or a damaged one.") from None
    if not {"events", "tickets", "audit", "erasures"} <= tables:
        raise CopyFailed(f"{source} is no backup of Junban.")
    if version > len(Schema("main").migrations()):
        raise CopyFailed(f"{source} was written by a newer version of Junban; upgrade Junban first.")


def finished_copy(writing: sqlite3.Connection) -> None:
    """Takes out what no copy holds, and looks whether it is whole. Raises CopyFailed."""
    writing.execute("PRAGMA secure_delete = ON")
    # One file, without a log beside it.
    writing.execute("PRAGMA journal_mode = DELETE")
    for table in NOT_COPIED:
        writing.execute(f"DELETE FROM {table}")  # noqa: S608
    writing.execute("PRAGMA temp_store = MEMORY")
    writing.execute("VACUUM")
    (found,) = writing.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise CopyFailed("The database is damaged, so no copy of it was made.")


@contextmanager
def new_copy(target: Path) -> Iterator[Path]:
    """A draft that takes the target's name when all went well, and goes when not. Raises FileExistsError."""
    if target.exists():
        raise FileExistsError(17, os.strerror(17), str(target))
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
        _sync(draft)
        _name(draft, target)
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(f"{draft.name}-journal").unlink(missing_ok=True)
    _sync(target.parent)


def _name(draft: Path, target: Path) -> None:
    """Raises FileExistsError when somebody made the target meanwhile."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without second names, such as a memory stick's: take the name, then fill it.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        os.replace(draft, target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
