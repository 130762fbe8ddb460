"""Day keys: one random key per office and business day, in files of their own, wrapped by a master key."""

import hashlib
import hmac
import secrets
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ticketing import key_files
from ticketing.key_files import Stamp, stamp_of

#: Of a day key and of the master key.
KEY_BYTES = 32
#: No file that holds nothing but a key is longer.
MOST_KEY_FILE_BYTES = 1024
#: How long making one waits for a rotation: meanwhile nobody at all is served (seconds).
MAKING_SECONDS = 0.1
#: How often a key is tried anew that is replaced while it is read.
_READ_ATTEMPTS = 3


class KeyFileError(Exception):
    """A key cannot be read, made or unwrapped; the message names its file or command."""


def derive(key: bytes, label: bytes) -> bytes:
    """The 32-byte subkey for one purpose: ticket, body, arrival, contact, index, ….

    HKDF-Expand (RFC 5869) with one block; a random 32-byte day key needs no extraction.
    """
    return hmac.digest(key, b"junban/" + label + b"\x01", "sha256")


def unwrapped(wrapped: bytes, master: bytes) -> bytes | None:
    """The key that was wrapped with this master key; None: it was not."""
    with suppress(InvalidUnwrap, ValueError):
        return aes_key_unwrap(master, wrapped)
    return None


class MasterKeys(Protocol):
    """Knows the master key."""

    def candidates(self) -> tuple[bytes, ...]:
        """The keys that a day key may be wrapped with, the one for new day keys first. Raises KeyFileError."""


class OneMasterKey:
    """A master key that never changes."""

    def __init__(self, key: bytes) -> None:
        self._keys = (key,)

    def candidates(self) -> tuple[bytes, ...]:
        return self._keys


class DayKeys:
    """The day keys in ``key_dir``, one file ``<office>/<YYYY-MM-DD>.key`` each, shared by all processes.

    Keys are remembered, but the file is looked at on each use: what another process destroyed is gone here too.
    """

    def __init__(self, key_dir: Path, master_key: bytes | MasterKeys) -> None:
        self._key_dir = key_dir
        self._master = OneMasterKey(master_key) if isinstance(master_key, bytes) else master_key
        self._known: dict[Path, tuple[Stamp, bytes]] = {}

    def key(self, office_id: str, day: date) -> bytes:
        """The day's key, 32 bytes; made when missing, and the first process that makes it wins.

        Raises KeyFileError.
        """
        return self.existing(office_id, day) or self._make(office_id, day)

    def existing(self, office_id: str, day: date) -> bytes | None:
        """The day's key when there is one. Raises KeyFileError when it cannot be unwrapped."""
        path = self._path(office_id, day)
        try:
            stamp = stamp_of(path)
        except FileNotFoundError:
            self._known.pop(path, None)
            return None
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be read: {error.strerror}.") from None
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        return self._read(path)

    def check(self) -> None:
        """Raises KeyFileError when there are day keys and not one of them can be opened."""
        failure = None
        for office_id, day in reversed(self.days()):
            try:
                if self.existing(office_id, day) is not None:
                    return
            except KeyFileError as error:
                failure = failure or error
        if failure is not None:
            raise failure

    def destroy(self, office_id: str, day: date) -> None:
        """Overwrite the key with random bytes and remove its file, and whatever a crash left of it beside it.

        Nothing happens when there is none. Raises KeyFileError.
        """
        path = self._path(office_id, day)
        self._known.pop(path, None)
        if not path.parent.is_dir():
            return
        try:
            with key_files.locked(self._key_dir, alone=False):
                with suppress(FileNotFoundError):
                    key_files.set_aside(path)
                for each in key_files.remainders(path):
                    with suppress(FileNotFoundError):
                        key_files.destroy(each)
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be destroyed: {error.strerror or error}.") from None

    def wrapped(self, office_id: str, day: date) -> bytes | None:
        """The bytes of the day's key file; None when there is none. Only for proving that they are gone afterwards."""
        try:
            return self._path(office_id, day).read_bytes()
        except OSError:
            return None

    def all_that_is_left(self) -> list[bytes]:
        """Every key that can be made out in the key directory, whatever its file is called; for trying what must not
        open."""
        found = []
        for path in self._key_dir.rglob("*"):
            with suppress(OSError):
                # A database that lies here must not be opened: closing it again would undo SQLite's locks.
                if not path.is_file() or path.stat().st_size > MOST_KEY_FILE_BYTES:
                    continue
                content = path.read_bytes()
                found += [content[:KEY_BYTES].ljust(KEY_BYTES, b"\0"), *filter(None, [self._unwrapped(content)])]
        return [*found, *self._master.candidates()]

    def days(self) -> list[tuple[str, date]]:
        """Every office and day that has a key, oldest first."""
        found = [(path.parent.name, _day_of(path)) for path in self._key_dir.glob("*/*.key")]
        return sorted(((office_id, day) for office_id, day in found if day), key=lambda entry: (entry[1], entry[0]))

    def fingerprint(self, office_id: str, day: date) -> str | None:
        """16 hexadecimal digits that name the key in records and tell nothing about it."""
        key = self.existing(office_id, day)
        return None if key is None else hashlib.sha256(derive(key, b"fingerprint")).hexdigest()[:16]

    def _path(self, office_id: str, day: date) -> Path:
        return _path(self._key_dir, office_id, day)

    def _make(self, office_id: str, day: date) -> bytes:
        path = self._path(office_id, day)
        try:
            # So that a rotation knows of every key: none is wrapped with the old master key behind its back.
            with key_files.locked(self._key_dir, alone=False, patience=MAKING_SECONDS):
                key_files.make_directory(path.parent)
                key_files.create(path, aes_key_wrap(self._master.candidates()[0], secrets.token_bytes(KEY_BYTES)))
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be made: {error.strerror or error}.") from None
        key = self.existing(office_id, day)
        if key is None:
            raise KeyFileError(f"The day key {path} was destroyed while it was made.")
        self._forget_destroyed()
        return key

    def _read(self, path: Path) -> bytes | None:
        try:
            for _ in range(_READ_ATTEMPTS):
                stamp = stamp_of(path)
                key = self._unwrapped(path.read_bytes())
                if key is not None:
                    self._known[path] = (stamp, key)
                    return key
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be read: {error.strerror}.") from None
        raise KeyFileError(f"The day key {path} cannot be opened with this master key.")

    def _unwrapped(self, wrapped: bytes) -> bytes | None:
        found = (unwrapped(wrapped, master) for master in self._master.candidates())
        return next((key for key in found if key is not None), None)

    def _forget_destroyed(self) -> None:
        """What another process destroyed does not stay in this one's memory until it is asked for."""
        self._known = {path: known for path, known in self._known.items() if path.exists()}


# Every ticket's secret asks for the same few, and building a path costs more than asking for its state.
@lru_cache(maxsize=4096)
def _path(key_dir: Path, office_id: str, day: date) -> Path:
    if not office_id or office_id.startswith(".") or "/" in office_id or "\0" in office_id:
        raise ValueError(f"not an office id: {office_id!r}")
    return key_dir / office_id / f"{day.isoformat()}.key"


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None
