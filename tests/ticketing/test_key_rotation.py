import base64
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Event

import pytest

from ticketing import key_files
from ticketing.config.model import Security
from ticketing.key_rotation import Rotation, is_rotating, rotate
from ticketing.keys import DayKeys, KeyFileError
from ticketing.master_key import MasterKey, configured_master_key

OLD, NEW, OTHER = bytes(range(32)), bytes(32), b"o" * 32
DAY = date(2026, 9, 3)
DAYS = [("kita", DAY), ("minato", DAY), ("minato", DAY + timedelta(days=1))]


def line(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The configured file of the master key."""
    path = tmp_path / "master.key"
    path.write_bytes(line(OLD))
    path.chmod(0o600)
    return path


def master_of(path: Path) -> MasterKey:
    """As another process reads it."""
    folder = path.parent
    return configured_master_key(Security(folder / "keys", path, folder / "signing.key"), folder)


def keys_of(path: Path) -> DayKeys:
    return DayKeys(path.parent / "keys", master_of(path))


def made(path: Path) -> list[bytes]:
    keys = keys_of(path)
    return [keys.key(office_id, day) for office_id, day in DAYS]


def opened(keys: DayKeys) -> list[bytes | None]:
    return [keys.existing(office_id, day) for office_id, day in DAYS]


def files_below(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


ALL_FILES = [
    "keys/keys.lock", "keys/kita/2026-09-03.key", "keys/minato/2026-09-03.key", "keys/minato/2026-09-04.key",
    "master.key",
]  # fmt: skip


def test_rotation_wraps_every_day_key_anew_and_leaves_nothing_behind(path: Path) -> None:
    day_keys = made(path)

    rotation = rotate(master_of(path), NEW, line(NEW))

    key_dir = path.parent / "keys"
    assert rotation == Rotation(3, (), is_complete=True)
    assert opened(DayKeys(key_dir, NEW)) == day_keys
    with pytest.raises(KeyFileError):
        opened(DayKeys(key_dir, OLD))
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (line(NEW), 0o600)
    assert files_below(path.parent) == ALL_FILES


def test_what_the_old_master_key_opened_is_overwritten(path: Path) -> None:
    made(path)
    targets = [path, *(path.parent / "keys").glob("*/*.key")]
    witnesses = [path.parent / f"witness{place}" for place in range(len(targets))]
    before = []
    for target, witness in zip(targets, witnesses, strict=True):
        os.link(target, witness)
        before.append(witness.read_bytes())

    rotate(master_of(path), NEW, line(NEW))

    after = [witness.read_bytes() for witness in witnesses]
    assert [len(each) for each in after] == [len(each) for each in before]
    assert not set(after) & set(before)


def test_running_server_notices(path: Path) -> None:
    day_keys = made(path)
    server = keys_of(path)
    opened(server)

    rotate(master_of(path), NEW, line(NEW))
    late = server.key("minato", DAY + timedelta(days=2))

    assert opened(server) == day_keys
    assert DayKeys(path.parent / "keys", NEW).existing("minato", DAY + timedelta(days=2)) == late


STEPS = ["create", "replace", "destroy", "overwrite", "link", "os.replace", "unlink"]


def cut_short(monkeypatch: pytest.MonkeyPatch, step: str, times: int) -> Callable[[], int]:
    """The power goes at the n-th of these steps; answers how many there were."""
    owner, name = (os, step.removeprefix("os.")) if step in ("link", "os.replace") else (key_files, step)
    owner = Path if step == "unlink" else owner
    whole = getattr(owner, name)
    count = 0

    def broken(*arguments: object, **more: object) -> object:
        nonlocal count
        count += 1
        if count == times:
            raise InterruptedError("the power went")
        return whole(*arguments, **more)

    monkeypatch.setattr(owner, name, broken)
    return lambda: count


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("times", range(1, 9))
def test_rotation_cut_short_anywhere_leaves_every_key_open_and_is_finished(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str, times: int
) -> None:
    day_keys = made(path)
    server = keys_of(path)
    opened(server)

    with monkeypatch.context() as power:
        count = cut_short(power, step, times)
        try:
            rotate(master_of(path), NEW, line(NEW))
        except InterruptedError:
            assert count() == times
    half_way = (opened(server), opened(keys_of(path)))
    late = keys_of(path).key("minato", DAY + timedelta(days=2))
    rotation = rotate(master_of(path), NEW, line(NEW))

    assert half_way == (day_keys, day_keys)
    assert (rotation.wrapped, rotation.is_complete) == (4, True)
    assert opened(DayKeys(path.parent / "keys", NEW)) == opened(server) == day_keys
    assert server.existing("minato", DAY + timedelta(days=2)) == late
    assert files_below(path.parent) == sorted([*ALL_FILES, "keys/minato/2026-09-05.key"])


def test_another_rotation_waits_until_the_first_is_finished(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day_keys = made(path)
    with monkeypatch.context() as power:
        cut_short(power, "replace", 2)
        with pytest.raises(InterruptedError):
            rotate(master_of(path), NEW, line(NEW))

    with pytest.raises(KeyFileError, match="Another rotation was begun and not finished"):
        rotate(master_of(path), OTHER, line(OTHER))

    assert (opened(keys_of(path)), is_rotating(path.parent / "keys")) == (day_keys, True)


def test_key_command_is_waited_for(path: Path) -> None:
    key_dir = path.parent / "keys"
    given = OLD
    master = MasterKey(lambda: given, key_dir)
    server = DayKeys(key_dir, MasterKey(lambda: given, key_dir))
    day_keys = [server.key(office_id, day) for office_id, day in DAYS]

    first = rotate(master, NEW, line(NEW))
    meanwhile = server.key("minato", DAY + timedelta(days=2))
    given = NEW
    from_start = opened(DayKeys(key_dir, MasterKey(lambda: given, key_dir)))
    second = rotate(master, NEW, line(NEW))

    assert (first.is_complete, second.is_complete, is_rotating(key_dir)) == (False, True, False)
    assert opened(server) == from_start == day_keys
    assert DayKeys(key_dir, NEW).existing("minato", DAY + timedelta(days=2)) == meanwhile


def test_key_that_neither_opens_is_left_as_it_is(path: Path) -> None:
    made(path)
    foreign = path.parent / "keys" / "kita" / "2026-09-03.key"
    foreign.write_bytes(b"x" * 40)

    rotation = rotate(master_of(path), NEW, line(NEW))

    assert (rotation, foreign.read_bytes()) == (Rotation(2, (foreign,), is_complete=True), b"x" * 40)


def test_day_destroyed_while_keys_are_rotated_does_not_come_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(path)
    key_dir = path.parent / "keys"
    write_draft = key_files._write_draft
    is_half_way, is_destroyed = Event(), Event()

    def slowly(target: Path, content: bytes) -> Path:
        if target.suffix == ".key" and target.stem == DAY.isoformat():
            is_half_way.set()
            is_destroyed.wait(0.2)
        return write_draft(target, content)

    monkeypatch.setattr(key_files, "_write_draft", slowly)
    with ThreadPoolExecutor(2) as pool:
        rotating = pool.submit(rotate, master_of(path), NEW, line(NEW))
        is_half_way.wait(5)
        destroying = pool.submit(keys_of(path).destroy, "kita", DAY)
        destroying.add_done_callback(lambda _: is_destroyed.set())
        rotating.result()
        destroying.result()

    assert list(key_dir.glob("kita/*")) == []


def test_destroyed_day_leaves_nothing_of_a_rotation_that_was_cut_short(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(path)
    with monkeypatch.context() as power:
        # The first one is of the next master key, which is not there yet.
        cut_short(power, "overwrite", 2)
        with pytest.raises(InterruptedError):
            rotate(master_of(path), NEW, line(NEW))
    left = list((path.parent / "keys" / "kita").iterdir())

    keys_of(path).destroy("kita", DAY)

    assert len(left) == 2
    assert list((path.parent / "keys" / "kita").iterdir()) == []
