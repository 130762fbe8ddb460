import os
from pathlib import Path

import pytest

from purge_jobs import search as searching
from purge_jobs.search import Search, search

KNOWN = [b"known-bytes", b"other"]


def test_search_names_the_files_that_hold_something(tmp_path: Path) -> None:
    (tmp_path / "below" / "deep").mkdir(parents=True)
    (tmp_path / "below" / "deep" / "log").write_bytes(b"x" * 1000 + b"known-bytes" + b"y")
    (tmp_path / "clean").write_bytes(b"known-byte")

    assert search([tmp_path], KNOWN) == Search(2, 0, (tmp_path / "below" / "deep" / "log",))


@pytest.mark.parametrize("before", range(20))
def test_search_finds_what_lies_across_two_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
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
