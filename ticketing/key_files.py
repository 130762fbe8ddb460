"""Files that hold keys: made whole or not at all, overwritten before they go."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: How long a rotation and those who destroy a day key wait for each other, in seconds.
LOCK_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.01

#: What tells one state of a file from another: device, inode, length and time of change.
Stamp = tuple[int, int, int, int]


def stamp_of(path: Path) -> Stamp:
    """The file's present state. Raises OSError."""
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def make_directory(path: Path) -> None:
    """A directory for its owner only. Raises OSError."""
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        _give_to_owner_of(path.parent, path)


def create(path: Path, content: bytes) -> None:
    """Write a new file whole, for its owner only, or leave the one that somebody else made first."""
    draft = _write_draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        overwrite(draft)
    finally:
        draft.unlink()
    sync_directory(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Put another content in a file's place at once, and overwrite the old one.

    A crash may leave a remainder beside the file; ``clear_remainders`` removes it.
    """
    old = path.with_name(f".{path.name}.old.{secrets.token_hex(8)}")
    os.link(path, old)
    draft = _write_draft(path, content)
    _give_to_owner_of(old, draft)
    os.replace(draft, path)
    sync_directory(path.parent)
    destroy(old)


def set_aside(path: Path) -> None:
    """Give a file that is to be destroyed the name of a remainder: a crash must not leave half a key in its place.

    Raises OSError.
    """
    os.rename(path, path.with_name(f".{path.name}.gone.{secrets.token_hex(8)}"))
    sync_directory(path.parent)


def destroy(path: Path) -> None:
    """Overwrite a file with random bytes and remove it. Raises OSError."""
    overwrite(path)
    path.unlink()
    sync_directory(path.parent)


def remainders(path: Path) -> list[Path]:
    """Drafts and old contents of a file that a crash left beside it."""
    return list(path.parent.glob(f".{path.name}.*"))


def clear_remainders(path: Path) -> None:
    """Remove them, overwritten unless they are a second name of the file itself. Nobody may be making it meanwhile."""
    for left in remainders(path):
        if path.exists() and left.samefile(path):
            left.unlink()
        else:
            destroy(left)


def overwrite(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, secrets.token_bytes(os.fstat(handle).st_size))
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(directory: Path, *, alone: bool, patience: float | None = None) -> Iterator[None]:
    """Keeps a rotation (``alone``) and those who make or destroy day keys apart, as far as the file system locks.

    The system frees the lock when its holder dies. Raises TimeoutError after ``patience`` (``LOCK_SECONDS`` if not
    given), and OSError.
    """
    make_directory(directory)
    lock_file = directory / "keys.lock"
    handle = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _give_to_owner_of(directory, lock_file)
        _lock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH, LOCK_SECONDS if patience is None else patience)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, kind: int, patience: float) -> None:
    give_up_at = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                raise TimeoutError("another process has kept the keys locked") from None
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def _write_draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _give_to_owner_of(path.parent, draft)
    return draft


def _give_to_owner_of(other: Path, path: Path) -> None:
    """What an administrator makes as root can be read by the service that it is made for."""
    if os.geteuid() == 0:
        status = other.stat()
        os.chown(path, status.st_uid, status.st_gid)
