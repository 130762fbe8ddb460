"""Wraps every day key with another master key, so that the old one is worth nothing."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from ticketing import key_files
from ticketing.keys import KeyFileError, unwrapped
from ticketing.master_key import NEXT, MasterKey, next_key, wrap_next


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did."""

    #: Day keys that are wrapped with the new master key now.
    wrapped: int
    #: Files that neither master key opens.
    unreadable: tuple[Path, ...]
    #: False: the key command still gives the old master key.
    is_complete: bool


def is_rotating(key_dir: Path) -> bool:
    """Whether a rotation was begun and not finished."""
    return (key_dir / NEXT).exists()


def rotate(master: MasterKey, following: bytes, content: bytes) -> Rotation:
    """Replace the master key with ``following``; ``content`` is what its file holds.

    May be cut short at any point: every day key opens all the time, and the same call finishes it. Servers notice.
    Raises KeyFileError; TimeoutError and OSError when keys cannot be locked or written.
    """
    with key_files.locked(master.key_dir, alone=True):
        present = master.read_anew()
        _begin(master.key_dir, present, following)
        paths = sorted(master.key_dir.glob("*/*.key"))
        _clear(master.key_dir, paths)
        unreadable = tuple(path for path in paths if not _wrap_anew(path, present, following))
        if master.file is not None:
            # Last: until here the old master key finds the new one, and with it everything.
            key_files.clear_remainders(master.file)
            if present != following:
                key_files.replace(master.file, content)
            present = following
        if present == following:
            with suppress(FileNotFoundError):
                key_files.destroy(master.key_dir / NEXT)
        return Rotation(len(paths) - len(unreadable), unreadable, is_complete=present == following)


def _begin(key_dir: Path, present: bytes, following: bytes) -> None:
    if present == following:
        return
    key_files.clear_remainders(key_dir / NEXT)
    begun = next_key(key_dir, present)
    if begun is None:
        with suppress(FileNotFoundError):
            key_files.destroy(key_dir / NEXT)
        wrap_next(key_dir, present, following)
    elif begun != following:
        raise KeyFileError("Another rotation was begun and not finished; finish it first, with the file it was given.")


def _clear(key_dir: Path, paths: Iterable[Path]) -> None:
    for path in paths:
        key_files.clear_remainders(path)
    for orphan in key_dir.glob("*/.*.key.*"):
        key_files.destroy(orphan)


def _wrap_anew(path: Path, present: bytes, following: bytes) -> bool:
    """Whether the day key is wrapped with the new master key afterwards."""
    wrapped = path.read_bytes()
    if unwrapped(wrapped, following) is not None:
        return True
    key = unwrapped(wrapped, present)
    if key is None:
        return False
    key_files.replace(path, aes_key_wrap(following, key))
    return True
