"""Day keys: one random key per office and business day, in files of their own, wrapped by a master key."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from datetime import date
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

KEY_BYTES = 32
_WRAPPED_BYTES = KEY_BYTES + 8

#: What tells one state of a key file from another: device, inode, length and time of change.
_Stamp = tuple[int, int, int, int]


class KeyFileError(Exception):
    """A key file cannot be read, made or unwrapped; the message names the file."""


def derive(key: bytes, label: bytes) -> bytes:
    """The 32-byte subkey for one purpose: ticket, body, arrival, contact, index, ….

    HKDF-Expand (RFC 5869) with one block; a random 32-byte day key needs no extraction.
    """
    return hmac.digest(key, b"junban/" + label + b"\x01", "sha256")


def load_master_key(path: Path, key_dir: Path, data_dir: Path) -> bytes:
    """The key that wraps the day keys, 32 bytes; made on first use, readable for its owner only.

    It is not made where that would hide a mistake: beside day keys that another one wraps, or in a folder that does
    not exist, unless that is the data directory.
    Raises KeyFileError when the file cannot be made or read, or holds something else.
    """
    try:
        # Asked first: another process may make both files meanwhile, the master key before any day key.
        has_day_keys = any(key_dir.glob("*/*.key"))
        if not path.exists():
            _make_master_key(path, key_dir, data_dir, has_day_keys=has_day_keys)
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except OSError as error:
        raise KeyFileError(f"The master key {path} cannot be read or made: {error.strerror}.") from None
    except binascii.Error:
        raise KeyFileError(f"The master key {path} is not a line of base64.") from None
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"The master key {path} has {len(key)} bytes; it needs {KEY_BYTES}.")
    return key


def _make_master_key(path: Path, key_dir: Path, data_dir: Path, *, has_day_keys: bool) -> None:
    if has_day_keys:
        raise KeyFileError(f"The master key {path} is missing; the day keys in {key_dir} need the one that made them.")
    if path.parent == data_dir.absolute():
        _make_directory(path.parent)
    elif not path.parent.is_dir():
        raise KeyFileError(f"The master key {path} is missing, and so is its folder; is master_key_file right?")
    _create(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")


class DayKeys:
    """The day keys in ``key_dir``, one file ``<office>/<YYYY-MM-DD>.key`` each, shared by all processes.

    Keys are remembered, but the file is looked at on each use: what another process destroyed is gone here too.
    """

    def __init__(self, key_dir: Path, master_key: bytes) -> None:
        self._key_dir = key_dir
        self._master_key = master_key
        self._known: dict[Path, tuple[_Stamp, bytes]] = {}

    def key(self, office_id: str, day: date) -> bytes:
        """The day's key, 32 bytes; made when missing, and the first process that makes it wins.

        Raises KeyFileError.
        """
        return self.existing(office_id, day) or self._make(office_id, day)

    def existing(self, office_id: str, day: date) -> bytes | None:
        """The day's key when there is one. Raises KeyFileError when it cannot be unwrapped."""
        path = self._path(office_id, day)
        try:
            stamp = _stamp(os.stat(path))
        except FileNotFoundError:
            self._known.pop(path, None)
            return None
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be read: {error.strerror}.") from None
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        return self._read(path, stamp)

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
        """Overwrite the key with random bytes and remove its file; nothing happens when there is none."""
        path = self._path(office_id, day)
        self._known.pop(path, None)
        try:
            _overwrite(path)
            path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be destroyed: {error.strerror}.") from None
        _sync_directory(path.parent)

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
            _make_directory(self._key_dir)
            _make_directory(path.parent)
            _create(path, aes_key_wrap(self._master_key, secrets.token_bytes(KEY_BYTES)))
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be made: {error.strerror}.") from None
        key = self.existing(office_id, day)
        if key is None:
            raise KeyFileError(f"The day key {path} was destroyed while it was made.")
        return key

    def _read(self, path: Path, stamp: _Stamp) -> bytes | None:
        try:
            key = aes_key_unwrap(self._master_key, path.read_bytes())
        except FileNotFoundError:
            return None
        except (InvalidUnwrap, ValueError):
            raise KeyFileError(f"The day key {path} cannot be opened with this master key.") from None
        except OSError as error:
            raise KeyFileError(f"The day key {path} cannot be read: {error.strerror}.") from None
        self._known[path] = (stamp, key)
        return key


# Every ticket's secret asks for the same few, and building a path costs more than asking for its state.
@lru_cache(maxsize=4096)
def _path(key_dir: Path, office_id: str, day: date) -> Path:
    if not office_id or office_id.startswith(".") or "/" in office_id or "\0" in office_id:
        raise ValueError(f"not an office id: {office_id!r}")
    return key_dir / office_id / f"{day.isoformat()}.key"


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None


def _make_directory(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _create(path: Path, content: bytes) -> None:
    """Write a new file whole, or leave the one that somebody else made first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        _overwrite(draft)
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _overwrite(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, secrets.token_bytes(max(_WRAPPED_BYTES, os.fstat(handle).st_size)))
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
