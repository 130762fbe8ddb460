import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from purge_jobs import search as searching
from purge_jobs.search import Search, SearchFailed, search, search_apart

KNOWN = [b"known-bytes", b"other"]


def test_search_names_the_files_that_hold_something(tmp_path: Path) -> None:
    (tmp_path / "below" / "deep").mkdir(parents=True)
    (tmp_path / "below" / "deep" / "log").write_bytes(b"x" * 1000 + b"known-bytes" + b"y")
    (tmp_path / "clean").write_bytes(b"known-byte")

    assert search([tmp_path], KNOWN) == Search(2, 0, (tmp_path / "below" / "deep" / "log",))


@pytest.mark.parametrize("before", range(20))
def test_search_finds_what_lies_across_two_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    monkeypatch.setattr(searching, "CHUNK", 16)
    (tmp_path / "file").write_bytes(b"x" * before + b"known-bytes" + b"y" * 40)

    assert len(search([tmp_path], KNOWN).found) == 1


def test_search_reads_each_file_once_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_bytes(b"clean")
    os.link(tmp_path / "data" / "file", tmp_path / "data" / "again")
    (tmp_path / "outside").write_bytes(b"known-bytes")
    (tmp_path / "data" / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "data" / "pipe")

    found = search([tmp_path / "data", tmp_path / "data" / "file", tmp_path / "none"], KNOWN)

    assert found == Search(1, 0, ())


def test_search_counts_what_it_could_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"known-bytes")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    assert search([tmp_path], KNOWN) == Search(0, 1, ())


def test_search_for_nothing_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")

    assert search([tmp_path], []) == Search(1, 0, ())


async def test_search_apart_finds_the_same(tmp_path: Path) -> None:
    odd = tmp_path / "n\u00e4me with \n line"
    odd.write_bytes(b"known-bytes")
    (tmp_path / "clean").write_bytes(b"x")

    assert await search_apart([tmp_path], KNOWN) == search([tmp_path], KNOWN) == Search(2, 0, (odd,))


async def test_search_apart_that_fails_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")

    with pytest.raises(SearchFailed):
        await search_apart([tmp_path], KNOWN)


async def test_search_apart_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "stuck")
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(script))
    monkeypatch.setattr(searching, "SEARCH_SECONDS", 0.05)

    with pytest.raises(SearchFailed):
        await search_apart([tmp_path], KNOWN)


#: Takes the write lock, and says whether it got it.
TAKE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
    print("taken")
except sqlite3.OperationalError as error:
    print(error)
"""


async def test_search_apart_leaves_the_locks_of_open_databases_alone(tmp_path: Path) -> None:
    path = tmp_path / "open.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE one (a)")
    connection.execute("BEGIN IMMEDIATE")

    await search_apart([tmp_path], KNOWN)

    other = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", TAKE_LOCK, path], capture_output=True, text=True, check=True
    )
    connection.close()
    assert other.stdout == "database is locked\n"
