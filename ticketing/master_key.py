"""The master key, which wraps the day keys: from a file or a command, and the next one while keys are rotated."""

import base64
import binascii
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from ticketing.config.model import Security
from ticketing.key_files import Stamp, create, make_directory, stamp_of
from ticketing.keys import KEY_BYTES, KeyFileError, unwrapped

#: How long the key command may take, in seconds.
COMMAND_SECONDS = 20.0
#: In the directory of the day keys while they are rotated: the next master key, wrapped by the present one.
NEXT = "next.wrapped"


@dataclass(slots=True)
class MasterKey:
    """Where the master key comes from. It is read again when its file, or a rotation, shows that it may be another."""

    read: Callable[[], bytes] = field(repr=False)
    key_dir: Path
    #: None: the key comes from a command.
    file: Path | None = None
    _known: tuple[tuple[Stamp | None, ...], tuple[bytes, ...]] | None = field(default=None, repr=False)

    def candidates(self) -> tuple[bytes, ...]:
        """The present master key; while keys are rotated the next one goes before it. Raises KeyFileError."""
        # Looked at before the keys are read: what changes meanwhile is noticed the next time.
        stamps = (_stamp(self.file), _stamp(self.key_dir / NEXT))
        if self._known is None or self._known[0] != stamps:
            master = self.read()
            following = next_key(self.key_dir, master)
            self._known = stamps, (master,) if following is None else (following, master)
        return self._known[1]

    def read_anew(self) -> bytes:
        """The master key as its source gives it now."""
        self._known = None
        return self.read()


def configured_master_key(security: Security, data_dir: Path) -> MasterKey:
    """Where the configuration says that the master key comes from; nothing is read yet.

    A file is made on first use, readable for its owner only. A command is for vaults and for nodes that share one.
    """
    key_dir, path = security.key_dir, security.master_key_file
    if path is None:
        return MasterKey(partial(ask_for_key, security.key_command), key_dir)
    return MasterKey(partial(load_master_key, path, key_dir, data_dir), key_dir, path)


def next_key(key_dir: Path, master: bytes) -> bytes | None:
    """The key that a rotation under way leads to; None when there is none for this master key."""
    try:
        return unwrapped((key_dir / NEXT).read_bytes(), master)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyFileError(f"The file {key_dir / NEXT} cannot be read: {error.strerror}.") from None


def wrap_next(key_dir: Path, master: bytes, following: bytes) -> None:
    """Let everybody who has the master key find the next one as well. Raises OSError."""
    create(key_dir / NEXT, aes_key_wrap(master, following))


def load_master_key(path: Path, key_dir: Path, data_dir: Path) -> bytes:
    """The master key in a file, 32 bytes; made on first use, readable for its owner only.

    It is not made where that would hide a mistake: beside day keys that another one wraps, or in a folder that does
    not exist, unless that is the data directory.
    Raises KeyFileError when the file cannot be made or read, or holds something else.
    """
    try:
        # Asked first: another process may make both files meanwhile, the master key before any day key.
        has_day_keys = any(key_dir.glob("*/*.key"))
        if not path.exists():
            if has_day_keys:
                raise KeyFileError(
                    f"The master key {path} is missing; the day keys in {key_dir} need the one that made them."
                )
            make_key_file(path, data_dir, "The master key", "master_key_file")
    except OSError as error:
        raise KeyFileError(f"The master key {path} cannot be read or made: {error.strerror}.") from None
    return read_key_file(path, "The master key")


def make_key_file(path: Path, data_dir: Path, what: str, option: str) -> None:
    """Make a file with a new random key, or leave the one that another process made first.

    Raises KeyFileError when its folder is missing and is not the data directory, and OSError.
    """
    if path.parent == data_dir.absolute():
        make_directory(path.parent)
    elif not path.parent.is_dir():
        raise KeyFileError(f"{what} {path} is missing, and so is its folder; {option} names it")
    create(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")


def read_key_file(path: Path, what: str) -> bytes:
    """The 32 bytes that stand in a file as a line of base64. Raises KeyFileError."""
    try:
        return decoded(path.read_bytes(), f"{what} {path}")
    except OSError as error:
        raise KeyFileError(f"{what} {path} cannot be read or made: {error.strerror}.") from None


def decoded(text: bytes, whose: str) -> bytes:
    """The key in a line of base64; ``whose`` begins the sentence of the KeyFileError that is raised otherwise."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raise KeyFileError(f"{whose} is not a line of base64.") from None
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{whose} has {len(key)} bytes; it needs {KEY_BYTES}.")
    return key


def ask_for_key(command: Sequence[str], timeout_seconds: float = COMMAND_SECONDS) -> bytes:
    """What the key command prints. Nothing that it prints is repeated anywhere, nor are its arguments.

    Raises KeyFileError.
    """
    whose = f"The key command {command[0]}"
    try:
        # A group of its own, so that what the program started ends with it.
        process = subprocess.Popen(  # noqa: S603
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise KeyFileError(f"{whose} cannot be run: {error.strerror}.") from None
    with process:
        try:
            printed, _ = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise KeyFileError(f"{whose} gave no answer within {timeout_seconds:g} seconds.") from None
    if process.returncode:
        raise KeyFileError(f"{whose} failed with exit code {process.returncode}.")
    return decoded(printed, f"What the key command {command[0]} printed")


def _stamp(path: Path | None) -> Stamp | None:
    if path is None:
        return None
    try:
        return stamp_of(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyFileError(f"The file {path} cannot be read: {error.strerror}.") from None
