"""Looks for known bytes in files."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Bytes read at once.
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to."""

    #: Files that were read from beginning to end.
    files: int
    #: Files and directories that could not be read.
    unread: int
    #: Files in which something was found.
    found: tuple[Path, ...]


def search(places: Iterable[Path], known: Sequence[bytes]) -> Search:
    """Look for any of ``known`` in files and in all files below directories; links are not followed.

    Files that go away meanwhile are no error.
    """
    files, unread, found = 0, 0, []
    for path in _files(places):
        if path is None:
            unread += 1
            continue
        try:
            holds = _holds(path, known)
        except FileNotFoundError:
            continue
        except OSError:
            unread += 1
            continue
        files += 1
        if holds:
            found.append(path)
    return Search(files, unread, tuple(found))


def _files(places: Iterable[Path]) -> Iterator[Path | None]:
    """Every file once; None for a directory that cannot be read."""
    seen: set[tuple[int, int]] = set()
    for path in _below(places):
        if path is None:
            yield None
        elif path.is_file() and not path.is_symlink():
            status = path.stat()
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                yield path


def _below(places: Iterable[Path]) -> Iterator[Path | None]:
    for place in places:
        if not place.is_dir():
            yield place
            continue
        unreadable: list[OSError] = []
        for folder, _, names in os.walk(place, onerror=unreadable.append):
            yield from (Path(folder, name) for name in names)
        yield from (None for error in unreadable if not isinstance(error, FileNotFoundError))


def _holds(path: Path, known: Sequence[bytes]) -> bool:
    overlap = max((len(each) for each in known), default=1) - 1
    with path.open("rb", buffering=0) as file:
        before = b""
        while chunk := file.read(CHUNK):
            looked_at = before + chunk
            if any(each in looked_at for each in known):
                return True
            before = looked_at[len(looked_at) - overlap :] if overlap else b""
    return False
