import os
from pathlib import Path

import pytest

from ticketing import key_files


def test_created_file_is_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a.key"

    key_files.create(path, b"content")
    key_files.create(path, b"another")

    assert (path.read_bytes(), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (b"content", 0o600, [path])


def test_remainder_that_is_the_file_itself_is_not_overwritten(tmp_path: Path) -> None:
    path, draft, old = tmp_path / "a.key", tmp_path / ".a.key.0123", tmp_path / ".a.key.old.4567"
    path.write_bytes(b"content")
    os.link(path, draft)
    old.write_bytes(b"older")

    key_files.clear_remainders(path)

    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"content", [path])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_makes_belongs_to_whom_the_directory_belongs(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 1234)
    made, replaced = tmp_path / "made.key", tmp_path / "replaced.key"
    replaced.write_bytes(b"before")
    os.chown(replaced, 2345, 2345)

    key_files.create(made, b"content")
    key_files.replace(replaced, b"after")
    key_files.make_directory(tmp_path / "office")
    with key_files.locked(tmp_path, alone=True):
        pass

    owners = {path.name: path.stat().st_uid for path in tmp_path.iterdir()}
    assert owners == {"made.key": 1234, "replaced.key": 2345, "office": 1234, "keys.lock": 1234}


def test_lock_that_does_not_come_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_files, "LOCK_SECONDS", 0.02)

    both = (key_files.locked(tmp_path, alone=False), key_files.locked(tmp_path, alone=False))
    with both[0], both[1], pytest.raises(TimeoutError), key_files.locked(tmp_path, alone=True):
        pass

    with key_files.locked(tmp_path, alone=True):
        pass
