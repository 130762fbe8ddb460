"""Looks for known bytes in files, in a process of its own. Run as a script: nothing but the standard library."""

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

#: Bytes read at once.
CHUNK = 1 << 20
#: How long a search may take, in seconds.
SEARCH_SECONDS = 900.0


class SearchFailed(Exception):
    """The files could not be searched for remainders of the day."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to."""

    #: Files that were read from beginning to end.
    files: int
    #: Files and directories that could not be read.
    unread: int
    #: Files in which something was found.
    found: tuple[Path, ...]


async def search_apart(places: Iterable[Path], known: Sequence[bytes]) -> Search:
    """``search`` in another process. Raises SearchFailed.

    A process that closes any handle of an SQLite file loses the locks that SQLite holds there, and the next process to
    open the database takes the log's index away from under it (https://sqlite.org/howtocorrupt.html, 2.2). So whoever
    has databases open must not read their files.
    """
    task = json.dumps({"places": [str(place) for place in places], "known": [each.hex() for each in known]})
    # Through its standard input: a process's arguments can be read by everybody.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", __file__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(SEARCH_SECONDS):
            output, _ = await process.communicate(task.encode())
    except TimeoutError:
        raise SearchFailed(SearchFailed.__doc__) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise SearchFailed(SearchFailed.__doc__)
    answer = json.loads(output)
    return Search(answer["files"], answer["unread"], tuple(Path(path) for path in answer["found"]))


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


def _main() -> None:
    os.nice(10)
    task = json.load(sys.stdin)
    found = search([Path(place) for place in task["places"]], [bytes.fromhex(each) for each in task["known"]])
    json.dump({**asdict(found), "found": [str(path) for path in found.found]}, sys.stdout)


if __name__ == "__main__":
    _main()
